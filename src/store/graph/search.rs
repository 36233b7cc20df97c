//! Best-first search on one level of a graph, for building and for asking.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::checksummed_file::BlockError;
use super::super::dense::Compared;

/// The nodes of a graph by their vectors, or by their sketches, which give estimates of cosines.
pub(in super::super) trait Nodes: Sync {
    /// The codes of a node, as the bytes of `i8`s, or its sketch.
    fn codes(&self, node: u32) -> Result<&[u8], BlockError>;
    /// Announces that a node's codes will be read.
    fn fetch(&self, _node: u32) {}
    /// The factor of a node with these codes: 1 / their length, or the factor of the sketch; 0 for a node of zeros.
    fn number(&self, node: u32, codes: &[u8]) -> Result<f32, BlockError>;
}

/// The links between the nodes of a graph.
pub(in super::super) trait GraphLinks: Sync {
    /// Appends the neighbours that a node has on a level.
    fn neighbours(&self, level: usize, node: u32, to: &mut Vec<u32>) -> Result<(), BlockError>;
    /// Announces that a node's neighbours on the lowest level may be read next.
    fn fetch_neighbours(&self, _node: u32) {}
}

/// A node with its cosine, in one number. The greater of two is the nearer one or, of equals, that with the smaller
/// number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Near(u64);

impl Near {
    /// A node with its cosine, which isn't NaN.
    pub(super) fn new(score: f32, node: u32) -> Self {
        let bits = score.to_bits();
        // The order of floats is that of these integers.
        let ordered = if bits >> 31 == 0 { bits | 1 << 31 } else { !bits };
        Self(u64::from(ordered) << 32 | u64::from(!node))
    }

    /// The node.
    pub(super) fn node(self) -> u32 {
        !(self.0 as u32)
    }

    /// Its cosine.
    pub(super) fn score(self) -> f32 {
        let ordered = (self.0 >> 32) as u32;
        f32::from_bits(if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered })
    }
}

/// The most nodes that are compared at once.
pub(super) const AT_ONCE: usize = 32;

/// Compares a query with nodes, and hands on each with its cosine, in the order given.
pub(super) fn compare(
    nodes: &impl Nodes,
    query: &impl Compared,
    some: &[u32],
    mut put: impl FnMut(Near),
) -> Result<(), BlockError> {
    for some in some.chunks(AT_ONCE) {
        for &node in some {
            nodes.fetch(node);
        }
        let (mut rows, mut sums) = ([&[][..]; AT_ONCE], [0; AT_ONCE]);
        for (row, &node) in rows.iter_mut().zip(some) {
            *row = nodes.codes(node)?;
        }
        query.sums(&rows[..some.len()], &mut sums[..some.len()]);
        for ((&node, row), sum) in some.iter().zip(rows).zip(sums) {
            put(Near::new(query.scale(sum, nodes.number(node, row)?), node));
        }
    }
    Ok(())
}

/// The effort of a search.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Effort {
    /// The number of nearest nodes that are kept on the way (`ef` of the paper).
    pub(in super::super) ef: usize,
    /// The most comparisons before the search is given up.
    pub(in super::super) most: usize,
}

/// The state of searches, reused from one to the next.
#[derive(Debug)]
pub(in super::super) struct Searcher {
    visited: Visited,
    /// Still to be expanded, the nearest first.
    candidates: BinaryHeap<Near>,
    /// The nearest so far, the farthest first.
    results: BinaryHeap<Reverse<Near>>,
    around: Vec<u32>,
}

impl Searcher {
    /// An empty state, which grows with the searches and not with the graph.
    pub(in super::super) fn new() -> Self {
        let (candidates, results) = (BinaryHeap::new(), BinaryHeap::new());
        Self { visited: Visited::new(), candidates, results, around: Vec::new() }
    }

    /// The nodes from which the search of a level begins: the nearest that can be reached from the entry on the levels
    /// above it, and the entry, from which all can be reached.
    pub(super) fn descend(
        &mut self,
        nodes: &impl Nodes,
        links: &(impl GraphLinks + ?Sized),
        query: &impl Compared,
        entry: u32,
        levels: impl Iterator<Item = usize>,
    ) -> Result<Vec<Near>, BlockError> {
        let mut entries = Vec::new();
        compare(nodes, query, &[entry], |near| entries.push(near))?;
        let mut nearest = entries.clone();
        let effort = Effort { ef: 1, most: usize::MAX };
        for level in levels {
            let found = self.on_level(nodes, links, level, query, &nearest, effort, |_| Ok(true))?;
            nearest = found.unwrap_or(nearest);
        }
        nearest.extend(entries);
        nearest.dedup();
        Ok(nearest)
    }

    /// The accepted nodes nearest to a query that can be reached on a level from some others, best first, `ef` at most;
    /// `None` if that costs too much.
    ///
    /// A node that isn't accepted leads on to others like any node.
    #[expect(clippy::too_many_arguments, reason = "the graph, where to begin, what to look for")]
    pub(super) fn on_level(
        &mut self,
        nodes: &impl Nodes,
        links: &(impl GraphLinks + ?Sized),
        level: usize,
        query: &impl Compared,
        from: &[Near],
        effort: Effort,
        accept: impl Fn(u32) -> Result<bool, BlockError>,
    ) -> Result<Option<Vec<Near>>, BlockError> {
        let Self { visited, candidates, results, around } = self;
        visited.clear();
        candidates.clear();
        results.clear();
        around.clear();
        around.extend(from.iter().map(|near| near.node()));
        let mut found = Vec::with_capacity(AT_ONCE);
        loop {
            around.retain(|&node| visited.insert(node));
            if visited.members > effort.most {
                return Ok(None);
            }
            found.clear();
            compare(nodes, query, around, |near| found.push(near))?;
            for &near in &found {
                if results.len() < effort.ef || results.peek().is_some_and(|farthest| near > farthest.0) {
                    if level == 0 && candidates.peek().is_none_or(|nearest| near > *nearest) {
                        links.fetch_neighbours(near.node());
                    }
                    candidates.push(near);
                    if accept(near.node())? {
                        results.push(Reverse(near));
                        if results.len() > effort.ef {
                            results.pop();
                        }
                    }
                }
            }
            let Some(nearest) = candidates.pop() else { break };
            if results.len() >= effort.ef && results.peek().is_some_and(|farthest| nearest < farthest.0) {
                break;
            }
            around.clear();
            links.neighbours(level, nearest.node(), around)?;
        }
        let mut nearest: Vec<Near> = results.drain().map(|near| near.0).collect();
        nearest.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Some(nearest))
    }
}

/// The nodes that a search has come upon: a hash set by open addressing, small enough to stay in the nearest caches.
#[derive(Debug)]
struct Visited {
    slots: Vec<u32>,
    members: usize,
}

/// A slot without a node, which is no node's number.
const FREE: u32 = u32::MAX;

impl Visited {
    fn new() -> Self {
        Self { slots: vec![FREE; 1 << 12], members: 0 }
    }

    fn clear(&mut self) {
        self.slots.fill(FREE);
        self.members = 0;
    }

    /// Adds a node; false if it is there already.
    #[inline]
    fn insert(&mut self, node: u32) -> bool {
        let mask = self.slots.len() - 1;
        // Fibonacci hashing; the high bits are the good ones.
        let mut at = (node.wrapping_mul(0x9E37_79B1) >> 7) as usize & mask;
        while self.slots[at] != FREE {
            if self.slots[at] == node {
                return false;
            }
            at = (at + 1) & mask;
        }
        self.slots[at] = node;
        self.members += 1;
        if 2 * self.members > self.slots.len() {
            self.grow();
        }
        true
    }

    #[cold]
    fn grow(&mut self) {
        let larger = vec![FREE; 4 * self.slots.len()];
        self.members = 0;
        for node in std::mem::replace(&mut self.slots, larger).into_iter().filter(|&node| node != FREE) {
            self.insert(node);
        }
    }
}
