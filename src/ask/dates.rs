//! Questions about a day, a week or a month: notes of that date come first.
//!
//! The words of the date needn't stand in such a note: its own date says them. So the passages of these notes are compared
//! with the rest of the question. What the notes of other days say stays among the candidates.

use std::collections::BTreeSet;

use super::question::Question;
use crate::embed::Embedder;
use crate::error::Result;
use crate::hit::{Examined, Fused, Row, StoredPassage};
use crate::query::{Clause, Period};
use crate::store::{Prepared, Store};
use crate::words::is_stop_word;

/// The most passages of such notes that each search contributes.
const CANDIDATES: usize = 50;
/// What is added to the fused score, which reaches from 0 to 1, of a passage of such a note: as much as divides good
/// candidates from bad ones.
const BONUS: f32 = 0.5;
/// The same where a day or a week is asked for: few notes are of those days.
const BONUS_NEAR: f32 = 1.0;
/// The most days that are near each other.
const NEAR: u64 = 7;
/// What is added where nothing but the date is asked for: no other note can be meant.
const BONUS_ALONE: f32 = 1.5;
/// The share of the doubt about a passage that its date removes.
const CERTAINTY: f32 = 0.3;
/// The same where nothing but the date is asked for.
const CERTAINTY_ALONE: f32 = 0.6;
/// Words that ask for whatever a note says.
const ANYTHING: [&str; 34] = [
    "happen",
    "happened",
    "happening",
    "went",
    "going",
    "done",
    "do",
    "did",
    "doing",
    "plan",
    "planned",
    "plans",
    "scheduled",
    "note",
    "notes",
    "noted",
    "entry",
    "entries",
    "journal",
    "diary",
    "log",
    "daily",
    "write",
    "wrote",
    "written",
    "anything",
    "everything",
    "thing",
    "things",
    "show",
    "list",
    "summary",
    "summarize",
    "date",
];

/// A date that notes have and a question asks for.
pub(super) struct AskedDays<'a> {
    period: Period,
    /// The rest of the question, for notes of these days only.
    rest: Box<dyn Prepared + 'a>,
    text: String,
    /// Whether the rest asks for nothing.
    alone: bool,
    /// The passages of these notes among the candidates.
    rows: BTreeSet<Row>,
}

/// The date that a question asks for, if any note that it may find has it.
pub(super) fn of_notes<'a>(index: &'a dyn Store, question: &Question) -> Result<Option<AskedDays<'a>>> {
    let Some(date) = &question.query().date else { return Ok(None) };
    for &period in &date.periods {
        let mut rest = question.query().clone();
        rest.text.clone_from(&date.rest);
        rest.required.extend([Clause::Since(period.since), Clause::Before(period.before)]);
        let rest = index.question(&rest, None, &question.filter)?;
        if rest.selected() != Some(0) {
            let asks = |word: &str| !is_stop_word(word) && !ANYTHING.contains(&word);
            let lower = date.rest.to_lowercase();
            let mut words =
                lower.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| word.len() > 1);
            let (text, alone) = (date.rest.clone(), !words.any(asks));
            return Ok(Some(AskedDays { period, rest, text, alone, rows: BTreeSet::new() }));
        }
    }
    Ok(None)
}

impl AskedDays<'_> {
    /// Adds passages of notes of these days to the candidates; they are compared with the rest of the question. `vector` is
    /// that of the whole.
    pub(super) fn add(
        &mut self,
        embedder: &dyn Embedder,
        vector: &[f32],
        examined: &mut Vec<Examined>,
    ) -> Result<()> {
        // Without a word left, the whole question is as good as any.
        if self.alone {
            self.rest.set_vector(vector)?;
        } else {
            self.rest.set_vector(&embedder.embed_query(&self.text)?)?;
        }
        let found = [self.rest.search_vectors(CANDIDATES)?, self.rest.search_words(CANDIDATES)?];
        self.rows = found.iter().flatten().map(|candidate| candidate.row).collect();
        let rows: Vec<Row> = self.rows.iter().copied().collect();
        for (row, look) in rows.iter().copied().zip(self.rest.look(&rows)?) {
            let dated = Examined::new(row, look);
            match examined.iter_mut().find(|found| found.row == row) {
                Some(found) => {
                    let (dense_rank, lexical_rank) = (found.dense_rank, found.lexical_rank);
                    *found = Examined { dense_rank, lexical_rank, ..dated };
                }
                None => examined.push(dated),
            }
        }
        Ok(())
    }

    /// Puts the passages of these notes before the others.
    pub(super) fn put_first(&self, fused: &mut [Fused]) {
        let is_near = self.period.since.days_after(NEAR).is_none_or(|end| self.period.before <= end);
        let bonus = match (self.alone, is_near) {
            (true, _) => BONUS_ALONE,
            (false, true) => BONUS_NEAR,
            (false, false) => BONUS,
        };
        for found in fused.iter_mut() {
            let bonus = if self.rows.contains(&found.row) { bonus } else { 0.0 };
            found.score = (found.score + bonus) / (1.0 + BONUS_ALONE);
        }
        fused.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
    }

    /// How likely it is that a passage answers, by its likelihood without regard to its date.
    pub(super) fn raise(&self, likelihood: f32, source: &StoredPassage) -> f32 {
        let certainty = if self.alone { CERTAINTY_ALONE } else { CERTAINTY };
        let is_meant = source.date.is_some_and(|date| self.period.has(date));
        if is_meant { likelihood + (1.0 - likelihood) * certainty } else { likelihood }
    }
}
