//! The notes themselves, read to see whether they still say what the index has.

use std::collections::HashMap;
use std::ops::Range;

use crate::cite::Checker;
use crate::document::{ByteSpan, LineSpan, Root};
use crate::hit::StoredPassage;
use crate::parse;
use crate::store::Store;
use crate::trust::Trust;

/// The notes of an index, as far as they may be read.
pub(crate) struct Notes<'a> {
    checker: Checker<'a>,
    /// The roots that may be read. Below them no links are followed, so a note is where its root is.
    roots: HashMap<&'a str, &'a Root>,
    /// The machines of the roots that lie on others than this.
    machines: HashMap<&'a str, &'a str>,
}

impl<'a> Notes<'a> {
    /// The notes that somebody who trusts these folders may read.
    pub(crate) fn new(index: &'a dyn Store, trust: &Trust) -> Self {
        let reach = trust.reach(index.dir());
        let all = &index.info().roots;
        let roots = all.iter().filter(|root| root.is_here() && reach.allows(&root.path));
        let roots = roots.map(|root| (root.name.as_str(), root)).collect();
        let machine = |root: &'a Root| Some((root.name.as_str(), root.machine.as_deref()?));
        let machines = all.iter().filter_map(machine).collect();
        Self { checker: Checker::new(&parse::decode), roots, machines }
    }

    /// The machine that the note of a passage lies on, if that is another one than this.
    pub(crate) fn machine(&self, source: &StoredPassage) -> Option<&'a str> {
        self.machines.get(source.root.as_str()).copied()
    }

    /// Whether the note of a passage is gone or doesn't say it any more. Of one on another machine that isn't known.
    pub(crate) fn is_stale(&mut self, source: &StoredPassage) -> bool {
        if self.machine(source).is_some() {
            return false;
        }
        let root = self.roots.get(source.root.as_str());
        root.is_none_or(|root| self.checker.is_stale(root, &source.path, &source.passage))
    }

    /// The text of a span of the passage's note, if it can be read.
    pub(crate) fn text(&mut self, source: &StoredPassage, span: ByteSpan) -> Option<String> {
        let root = self.roots.get(source.root.as_str())?;
        self.checker.text(root, &source.path, &source.passage, span)
    }

    /// The place in its note of a range of the passage's text, if the note still says it.
    pub(crate) fn locate(
        &mut self,
        source: &StoredPassage,
        range: &Range<usize>,
    ) -> Option<(ByteSpan, LineSpan)> {
        let root = self.roots.get(source.root.as_str())?;
        self.checker.locate(root, &source.path, &source.passage, range)
    }
}
