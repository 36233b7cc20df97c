//! The terms of a field of a segment.
//!
//! tantivy's dictionary is a finite state transducer, a graph that is walked in place. In one that is damaged behind
//! sound checksums, walks may go round in circles or branch without end; so a walk has no more steps than its terms could
//! need. Terms and their postings come in the order of the terms' numbers; any other order is damage.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use tantivy::Term;
use tantivy::index::InvertedIndexReader;
use tantivy::postings::TermInfo;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::termdict::TermStreamer;
use tantivy_fst::Automaton;
use tantivy_fst::automaton::AlwaysMatch;

use super::checksummed_file::ChecksummedFile;
use super::inverted::Inverted;
use super::postings::Postings;
use super::structure::{Cursor, inconsistent};

/// The greatest length of a term in tantivy.
const LONGEST_TERM: u64 = u16::MAX as u64;
/// The bytes behind a dictionary: the length of its list of postings, and two versions.
const END: usize = 16;
/// The least size of a transducer: version and kind, number of terms, place of the root.
const TRANSDUCER: usize = 32;
/// The number of terms that share an entry of the list of postings.
const GROUP: u64 = 256;
/// The bytes of such an entry.
const GROUP_ENTRY: u64 = 39;

/// The terms of a field.
pub(super) struct Dictionary<'a> {
    segment: &'a Inverted,
    field: Field,
    index: Arc<InvertedIndexReader>,
}

impl<'a> Dictionary<'a> {
    /// Opens the dictionary of a field; that of a field that no document has is empty.
    pub(super) fn open(segment: &'a Inverted, field: Field) -> tantivy::Result<Self> {
        let terms = &segment.files.terms;
        if let Some(part) = terms.part(field)
            && segment.is_new(field)
        {
            check(&terms.file, &part).map_err(|what| segment.damage("term", what))?;
        }
        Ok(Self { segment, field, index: segment.reader.inverted_index(field)? })
    }

    /// The place of a term's postings, if a document has it.
    pub(super) fn get(&self, term: &Term) -> tantivy::Result<Option<TermInfo>> {
        Ok(self.index.get_term_info(term)?)
    }

    /// The documents of a term, deleted ones included.
    pub(super) fn postings(
        &self,
        info: &TermInfo,
        option: IndexRecordOption,
    ) -> tantivy::Result<Postings<'a>> {
        Postings::open(self.segment, &self.index, self.field, info, option)
    }

    /// Visits the terms from one on and before another, in their order, until a visit says that it was enough.
    pub(super) fn walk(
        &self,
        from: &[u8],
        before: Option<&[u8]>,
        visit: impl FnMut(&[u8], &TermInfo) -> tantivy::Result<bool>,
    ) -> tantivy::Result<()> {
        // Every state that is reached leads to a term.
        let steps = Steps { left: Cell::new(LONGEST_TERM), for_next: LONGEST_TERM };
        let terms = self.index.terms().search(Bounded { automaton: AlwaysMatch, steps: &steps }).ge(from);
        let terms = if let Some(before) = before { terms.lt(before) } else { terms };
        self.visit(terms.into_stream()?, &steps, visit)
    }

    /// Visits the terms that begin so, in their order, until a visit says that it was enough.
    pub(super) fn walk_beginning(
        &self,
        begin: &[u8],
        mut visit: impl FnMut(&[u8], &TermInfo) -> tantivy::Result<bool>,
    ) -> tantivy::Result<()> {
        self.walk(begin, None, |term, info| Ok(term.starts_with(begin) && visit(term, info)?))
    }

    /// Visits the terms that an automaton accepts, none of which is longer than so many bytes.
    pub(super) fn search<A: Automaton<State: Clone>>(
        &self,
        automaton: A,
        longest: usize,
        visit: impl FnMut(&[u8], &TermInfo) -> tantivy::Result<bool>,
    ) -> tantivy::Result<()> {
        let terms = self.index.terms().num_terms() as u64;
        let most = (terms + 1).saturating_mul(longest as u64 + 1);
        let steps = Steps { left: Cell::new(most), for_next: 0 };
        let terms = self.index.terms().search(Bounded { automaton, steps: &steps });
        self.visit(terms.into_stream()?, &steps, visit)
    }

    fn visit<A: Automaton>(
        &self,
        mut terms: TermStreamer<'_, A>,
        steps: &Steps,
        mut visit: impl FnMut(&[u8], &TermInfo) -> tantivy::Result<bool>,
    ) -> tantivy::Result<()> {
        let mut last: Option<(u64, TermInfo)> = None;
        while terms.advance() {
            let (number, info) = (terms.term_ord(), terms.value());
            let follows = last.as_ref().is_none_or(|(before, last)| {
                number > *before
                    && info.postings_range.start >= last.postings_range.end
                    && info.positions_range.start >= last.positions_range.end
            });
            if !follows {
                return Err(self.segment.damage("term", inconsistent()));
            }
            last = Some((number, info.clone()));
            if !visit(terms.key(), info)? {
                return Ok(());
            }
            steps.left.set(steps.left.get().max(steps.for_next));
        }
        if steps.left.get() == 0 {
            return Err(self.segment.damage("term", inconsistent()));
        }
        Ok(())
    }
}

/// The steps that a walk may still take.
struct Steps {
    left: Cell<u64>,
    /// The steps from each term to the next.
    for_next: u64,
}

/// An automaton that gives up after a number of steps, and at a depth.
struct Bounded<'a, A> {
    automaton: A,
    steps: &'a Steps,
}

impl<A: Automaton> Automaton for Bounded<'_, A> {
    /// How deep it is, and the state of the automaton.
    type State = (u64, A::State);

    fn start(&self) -> Self::State {
        (0, self.automaton.start())
    }

    fn is_match(&self, (_, state): &Self::State) -> bool {
        self.automaton.is_match(state)
    }

    fn can_match(&self, (_, state): &Self::State) -> bool {
        self.steps.left.get() > 0 && self.automaton.can_match(state)
    }

    fn accept(&self, (depth, state): &Self::State, byte: u8) -> Self::State {
        let left = self.steps.left.get().saturating_sub(1);
        self.steps.left.set(if *depth < LONGEST_TERM { left } else { 0 });
        (depth + 1, self.automaton.accept(state, byte))
    }
}

/// Checks the end of a dictionary, and what it points to.
fn check(file: &ChecksummedFile, part: &Range<usize>) -> Result<(), String> {
    let inner = |length: usize| part.end.checked_sub(length).filter(|at| *at >= part.start);
    let end = inner(END).ok_or_else(inconsistent)?;
    let mut numbers = Cursor(file.get(end..part.end)?);
    let known = numbers.u64().and_then(|length| usize::try_from(length).ok());
    let is_transducer = (numbers.u32(), numbers.u32()) == (Some(1), Some(1));
    let known = known.filter(|_| is_transducer).and_then(|known| inner(END.checked_add(known)?));
    let known = known.ok_or_else(inconsistent)?;
    let length = known - part.start;
    if length < TRANSDUCER || end - known < 16 {
        return Err(inconsistent());
    }
    let mut numbers = Cursor(file.get(part.start..part.start + 16)?);
    let (version, kind) = (numbers.u64(), numbers.u64());
    let mut numbers = Cursor(file.get(known - 16..known)?);
    let (terms, root) = (numbers.u64(), numbers.u64());
    let mut numbers = Cursor(file.get(known..known + 16)?);
    let (groups, terms_known) = (numbers.u64(), numbers.u64());
    let root_is_last = root == Some(length as u64 - 17) || (root == Some(0) && length == TRANSDUCER);
    let entries = terms.map(|terms| terms.div_ceil(GROUP).saturating_mul(GROUP_ENTRY));
    let fits = groups.is_some_and(|groups| groups <= (end - known - 16) as u64);
    let is_right = (version, kind) == (Some(2), Some(0))
        && root_is_last
        && fits
        && (terms, entries) == (terms_known, groups);
    is_right.then_some(()).ok_or_else(inconsistent)
}
