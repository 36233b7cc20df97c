//! What an index in a database says of itself: its roots, and what is counted of them.

use std::collections::BTreeMap;

use super::tables::FORMAT;
use crate::document::Root;
use crate::store::bm25f::{FIELDS, FieldLength};
use crate::store::{Fingerprint, IndexInfo};
use crate::words::Language;

/// The description of an index in a database, with what is counted over all roots that may be seen.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// The description.
    pub(super) info: IndexInfo,
    /// How long the fields are.
    pub(super) lengths: [FieldLength; FIELDS],
    /// The languages of notes that have passages, but for English; in their order.
    pub(super) languages: Vec<Language>,
}

/// The statement that tells a state, in the order in which [`State::read`] takes it: the index, then its roots.
pub(super) const TELL: [&str; 2] = [
    "select format, model, chunking, dim, model_source, commits from meta",
    "select root, machine, description, commits, indexed_at, waiting, files, passages, \
     array_to_string(lengths, ' '), array_to_string(languages, ' '), array_to_string(of_languages, ' ') \
     from roots where commits > 0 order by root",
];

/// A row as text.
pub(super) type Texts = Vec<Option<String>>;

/// Why a state can't be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoState {
    /// There is no index.
    Nothing,
    /// It has another format.
    Format(u32),
    /// It isn't what it should be.
    Damaged(&'static str),
}

impl State {
    /// Reads what [`TELL`] gave. Roots of this `machine` are here, the others elsewhere.
    pub(super) fn read(meta: &[Texts], roots: &[Texts], machine: &str) -> Result<Self, NoState> {
        let meta = meta.first().ok_or(NoState::Nothing)?;
        let format: u32 = number(meta, 0).ok_or(NoState::Damaged("the table `meta` can't be read"))?;
        if format != FORMAT as u32 {
            return Err(NoState::Format(format));
        }
        let dropped: u64 = number(meta, 5).unwrap_or(0);
        let info = IndexInfo {
            format,
            fingerprint: Fingerprint::new(
                said(meta, 1),
                said(meta, 2),
                number(meta, 3).ok_or(NoState::Damaged("the table `meta` has no dimensions"))?,
            ),
            model_source: said(meta, 4).to_owned(),
            roots: Vec::new(),
            files: 0,
            passages: 0,
            indexed_at: 0,
            waiting: 0,
            pending: 0,
            commit: dropped,
        };
        let mut state = Self { info, lengths: Default::default(), languages: Vec::new() };
        let mut languages: BTreeMap<Language, i64> = BTreeMap::new();
        for row in roots {
            state
                .add(row, machine, &mut languages)
                .ok_or(NoState::Damaged("the table `roots` can't be read"))?;
        }
        let living =
            languages.into_iter().filter(|(language, count)| *count > 0 && *language != Language::English);
        state.languages = living.map(|(language, _)| language).collect();
        Ok(state)
    }

    fn add(&mut self, row: &Texts, machine: &str, languages: &mut BTreeMap<Language, i64>) -> Option<()> {
        let mut root: Root = serde_json::from_str(said(row, 2)).ok()?;
        root.machine = Some(said(row, 1).to_owned()).filter(|on| on != machine);
        let info = &mut self.info;
        info.roots.push(root);
        info.commit += number::<u64>(row, 3)?;
        info.indexed_at = info.indexed_at.max(number(row, 4)?);
        info.waiting += number::<u64>(row, 5)?;
        info.files += number::<u64>(row, 6)?;
        info.passages += number::<u64>(row, 7)?;
        let lengths: Vec<u64> = numbers(said(row, 8))?;
        for (length, of_root) in self.lengths.iter_mut().zip(lengths.as_chunks::<2>().0) {
            length.passages += of_root[0];
            length.words += of_root[1];
        }
        let counts: Vec<i64> = numbers(said(row, 10))?;
        for (code, count) in said(row, 9).split_whitespace().zip(counts) {
            *languages.entry(Language::by_code(code)?).or_default() += count;
        }
        Some(())
    }
}

fn said(row: &Texts, at: usize) -> &str {
    row.get(at).and_then(Option::as_deref).unwrap_or_default()
}

fn number<T: std::str::FromStr>(row: &Texts, at: usize) -> Option<T> {
    said(row, at).parse().ok()
}

fn numbers<T: std::str::FromStr>(text: &str) -> Option<Vec<T>> {
    text.split_whitespace().map(|number| number.parse().ok()).collect()
}
