//! Questions about a day, a week or a month: notes of that date come first.
//!
//! The words of the date needn't stand in such a note: its own date says them. So the passages of these notes are compared
//! with the rest of the question. What the notes of other days say stays among the candidates.

use std::collections::BTreeSet;

use super::question::Question;
use crate::embed::Embedder;
use crate::error::Result;
use crate::fuse::fuse;
use crate::hit::{Examined, Features, Fused, Row, StoredPassage};
use crate::query::{Clause, Period, Query};
use crate::store::Store;
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
pub(super) struct AskedDays {
    period: Period,
    /// The rest of the question, for notes of these days only.
    rest: Query,
    /// Whether the rest asks for anything.
    alone: bool,
}

/// The date that a question asks for, if any note that it may find has it.
pub(super) fn of_notes(index: &dyn Store, question: &Question) -> Result<Option<AskedDays>> {
    let Some(date) = &question.query().date else { return Ok(None) };
    for &period in &date.periods {
        let mut rest = question.query().clone();
        rest.text.clone_from(&date.rest);
        rest.required.extend([Clause::Since(period.since), Clause::Before(period.before)]);
        if !index.question(&rest, None, &question.filter)?.notes()?.is_empty() {
            let asks = |word: &str| !is_stop_word(word) && !ANYTHING.contains(&word);
            let lower = date.rest.to_lowercase();
            let mut words =
                lower.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| word.len() > 1);
            let alone = !words.any(asks);
            return Ok(Some(AskedDays { period, rest, alone }));
        }
    }
    Ok(None)
}

impl AskedDays {
    /// The candidates of a question, with passages of notes of these days, which come before others.
    pub(super) fn prefer(
        &self,
        index: &dyn Store,
        embedder: &dyn Embedder,
        question: &Question,
        candidates: Vec<Fused>,
    ) -> Result<Vec<Fused>> {
        // Without a word left, the whole question is as good as any.
        let text = if self.alone { &question.query().text } else { &self.rest.text };
        let vector = embedder.embed_query(text)?;
        let prepared = index.question(&self.rest, Some(&vector), &question.filter)?;
        let mut rows: Vec<Row> =
            prepared.search_vectors(CANDIDATES)?.iter().map(|candidate| candidate.row).collect();
        rows.extend(prepared.search_words(CANDIDATES)?.iter().map(|candidate| candidate.row));
        rows.sort_unstable();
        rows.dedup();
        let dated: BTreeSet<Row> = rows.iter().copied().collect();
        let looks = prepared.look(&rows)?;
        let of_days = rows.into_iter().zip(looks).map(|(row, look)| Examined {
            row,
            dense_rank: None,
            lexical_rank: None,
            features: Features::from(&look),
            evidence: look.evidence,
        });
        let mut examined: Vec<Examined> = of_days.collect();
        for Fused { row, signals, evidence, .. } in candidates {
            let (dense_rank, lexical_rank) = (signals.dense_rank, signals.lexical_rank);
            match examined.iter_mut().find(|found| found.row == row) {
                Some(found) => (found.dense_rank, found.lexical_rank) = (dense_rank, lexical_rank),
                None => examined.push(Examined {
                    row,
                    dense_rank,
                    lexical_rank,
                    features: signals.features,
                    evidence,
                }),
            }
        }
        let is_near = self.period.since.days_after(NEAR).is_none_or(|end| self.period.before <= end);
        let bonus = match (self.alone, is_near) {
            (true, _) => BONUS_ALONE,
            (false, true) => BONUS_NEAR,
            (false, false) => BONUS,
        };
        let mut fused = fuse(examined);
        for found in &mut fused {
            let bonus = if dated.contains(&found.row) { bonus } else { 0.0 };
            found.score = (found.score + bonus) / (1.0 + BONUS_ALONE);
        }
        fused.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
        Ok(fused)
    }

    /// How likely it is that a passage answers, by its likelihood without regard to its date.
    pub(super) fn raise(&self, likelihood: f32, source: &StoredPassage) -> f32 {
        let certainty = if self.alone { CERTAINTY_ALONE } else { CERTAINTY };
        let is_meant = source.date.is_some_and(|date| self.period.has(date));
        if is_meant { likelihood + (1.0 - likelihood) * certainty } else { likelihood }
    }
}
