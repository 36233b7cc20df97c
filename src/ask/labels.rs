//! More labels of candidates: the other names of their notes, and the texts of links that lead to them.
//!
//! What a note is called tells what it is about, as its title does. The passages that either search found first are looked
//! at. An alias of their note counts for them as a title of its own, and so does the text of a link for the passages that it
//! leads to; these become candidates, if they aren't yet.

use std::collections::BTreeMap;

use crate::answer;
use crate::document::NotePath;
use crate::error::Result;
use crate::hit::{Examined, LexicalFeatures, Row, StoredPassage};
use crate::link::{Link, links};
use crate::resolve::Resolver;
use crate::store::{Prepared, Store};

/// How many of the first passages of each search are looked at.
const FIRST: u32 = 10;
/// The share of the question's words that the text of a link must have.
const LEAST_COVERAGE: f32 = 0.5;
/// The most links of one question that are followed.
const MOST_FOLLOWED: usize = 16;
/// The most passages of a note to which a link lends its text.
const MOST_PASSAGES: usize = 64;
/// What a link's text counts, against 1 for the note's own title.
const SHARE: f32 = 0.9;

/// What a question and a label have in common.
#[derive(Clone, Copy, Default)]
struct Label {
    words: LexicalFeatures,
    /// The likeness in meaning, as far as it is known: that of a passage which is little else than links.
    likeness: f32,
    /// How well the words of the question are matched there.
    interaction: f32,
}

impl Label {
    /// Adds another label of the same passage.
    fn add(&mut self, other: &Self) {
        self.words.or_label(&other.words);
        self.likeness = self.likeness.max(other.likeness);
        self.interaction = self.interaction.max(other.interaction);
    }
}

/// A link that speaks for a note.
struct Lead {
    /// Its root and its path there.
    note: (String, NotePath),
    heading: Option<String>,
    label: Label,
    /// The row of the passage that the link stands in.
    from: Row,
}

/// Adds their labels to the candidates, and candidates that only links speak for.
pub(super) fn add(index: &dyn Store, prepared: &dyn Prepared, examined: &mut Vec<Examined>) -> Result<()> {
    let is_first = |rank: Option<u32>| rank.is_some_and(|rank| rank <= FIRST);
    let first = |found: &&Examined| is_first(found.dense_rank) || is_first(found.lexical_rank);
    let rows: Vec<Row> = examined.iter().filter(first).map(|found| found.row).collect();
    let rows = index.labelled(&rows)?;
    if rows.is_empty() {
        return Ok(());
    }
    let mut passages: Vec<(StoredPassage, Row)> = index.passages(&rows)?.into_iter().zip(rows).collect();
    passages.sort_by(|(a, _), (b, _)| a.sort_key().cmp(&b.sort_key()));
    let mut labels: BTreeMap<Row, Label> = BTreeMap::new();
    for (stored, row) in &passages {
        for alias in &stored.aliases {
            let label = Label { words: prepared.label(alias)?, ..Label::default() };
            labels.entry(*row).or_default().add(&label);
        }
    }
    let mut notes = Notes::default();
    for lead in leads(index, prepared, &passages, examined)? {
        for row in notes.meant(index, &lead)? {
            if row != lead.from && prepared.may_find(row) {
                labels.entry(row).or_default().add(&lead.label);
            }
        }
    }
    if labels.is_empty() {
        return Ok(());
    }
    let known = |row: &Row| examined.iter().any(|examined| examined.row == *row);
    let new: Vec<Row> = labels.keys().copied().filter(|row| !known(row)).collect();
    let looks = if new.is_empty() { Vec::new() } else { prepared.look(&new)? };
    examined.extend(new.into_iter().zip(looks).map(|(row, look)| Examined::new(row, look)));
    for examined in examined {
        if let Some(label) = labels.get(&examined.row) {
            examined.features.lexical.or_label(&label.words);
            examined.features.context = examined.features.context.max(label.likeness);
            examined.features.interaction = examined.features.interaction.max(label.interaction);
        }
    }
    Ok(())
}

/// The links in some passages whose text has enough of the question's words.
fn leads(
    index: &dyn Store,
    prepared: &dyn Prepared,
    passages: &[(StoredPassage, Row)],
    examined: &[Examined],
) -> Result<Vec<Lead>> {
    let mut resolver = Resolver::new(index);
    let mut fitting = passages.iter().flat_map(|passage| {
        let links = links(&passage.0.passage.text, &passage.0.passage.blocks).into_iter();
        let words = move |link: Link| {
            let words = prepared.label(&link.text);
            let is_enough = |words: &LexicalFeatures| words.coverage >= LEAST_COVERAGE;
            words.map(|words| is_enough(&words).then_some((passage, link, words))).transpose()
        };
        links.filter_map(words)
    });
    let first = fitting.by_ref().take(2 * MOST_FOLLOWED).collect::<Result<Vec<_>>>()?;
    if !first.is_empty() {
        resolver.expect(first.iter().map(|((stored, _), link, _)| (link, &*stored.root, &stored.path)))?;
    }
    let mut leads = Vec::new();
    for found in first.into_iter().map(Ok).chain(fitting) {
        if leads.len() == MOST_FOLLOWED {
            break;
        }
        let (&(ref stored, from), link, mut words) = found?;
        let known = examined.iter().find(|examined| examined.row == from);
        let points = !answer::says_something(&stored.passage);
        let known = known.filter(|_| points).map(|known| known.features).unwrap_or_default();
        let (likeness, interaction) = (known.likeness(), known.interaction);
        (words.score, words.label_overlap) = (SHARE * words.score, SHARE * words.label_overlap);
        let label = Label { words, likeness, interaction };
        if let Some(note) = resolver.note(&link, &stored.root, &stored.path)? {
            let (note, heading) = ((stored.root.clone(), note), link.heading);
            leads.push(Lead { note, heading, label, from });
        }
    }
    Ok(leads)
}

/// The passages of notes that were read, in their order.
#[derive(Default)]
struct Notes(BTreeMap<(String, NotePath), Vec<(StoredPassage, Row)>>);

impl Notes {
    /// The passages that a link leads to: those under its heading or with its block, all of the note if there are none.
    fn meant(&mut self, index: &dyn Store, Lead { note, heading, .. }: &Lead) -> Result<Vec<Row>> {
        if !self.0.contains_key(note) {
            let rows = index.rows_of(&note.0, &note.1)?;
            if heading.is_none() && rows.len() <= MOST_PASSAGES {
                return Ok(rows);
            }
            let mut passages: Vec<_> = index.passages(&rows)?.into_iter().zip(rows.iter().copied()).collect();
            passages.sort_by(|(a, _), (b, _)| a.sort_key().cmp(&b.sort_key()));
            self.0.insert(note.clone(), passages);
        }
        let is_meant = |stored: &StoredPassage| {
            let (passage, Some(heading)) = (&stored.passage, heading) else { return false };
            passage.heading.iter().chain(&passage.question).any(|title| Link::is_anchor_of(heading, title))
                || passage.text.contains(&format!("^{heading}"))
        };
        let passages = &self.0[note];
        let mut rows: Vec<Row> =
            passages.iter().filter(|(stored, _)| is_meant(stored)).map(|(_, row)| *row).collect();
        if rows.is_empty() {
            rows = passages.iter().map(|(_, row)| *row).collect();
        }
        rows.truncate(MOST_PASSAGES);
        Ok(rows)
    }
}
