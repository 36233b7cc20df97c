//! Best-first search on one level of a graph, for building and for asking.

use super::super::checksummed_file::BlockError;
use super::super::dense::Compared;

/// The nodes of a graph by their vectors, or by their sketches, which give estimates of cosines.
pub(in super::super) trait Nodes: Sync {
    /// The codes of a node, as the bytes of `i8`s, or its sketch.
    fn codes(&self, node: u32) -> Result<&[u8], BlockError>;
    /// Asks for a node's codes before they are read.
    fn fetch(&self, _node: u32) {}
    /// The factor of a node with these codes: 1 / their length, or the factor of the sketch; 0 for a node of zeros.
    fn number(&self, node: u32, codes: &[u8]) -> Result<f32, BlockError>;
}

/// The links between the nodes of a graph.
pub(in super::super) trait GraphLinks: Sync {
    /// Hands on the neighbours that a node has on a level.
    fn neighbours(&self, level: usize, node: u32, see: impl FnMut(u32)) -> Result<(), BlockError>;
    /// Announces that a node's neighbours on the lowest level may be read next.
    fn fetch_neighbours(&self, _node: u32) {}
}

/// A graph has at most so many nodes, since a node's number has 30 bits in [`Near`].
pub(super) const MOST_NODES: usize = 1 << 30;

/// A node with its cosine, in one number. The greater of two is the nearer one or, of equals, that with the smaller
/// number. Its lowest bits are two marks of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Near(u64);

impl Near {
    /// The mark of a node whose neighbours have been looked at.
    const EXPANDED: u64 = 1;
    /// The mark of a node that may be found.
    const ACCEPTED: u64 = 2;

    /// A node with its cosine, which isn't NaN, without marks.
    #[inline]
    pub(super) fn new(score: f32, node: u32) -> Self {
        let bits = score.to_bits();
        // The order of floats is that of these integers.
        let ordered = if bits >> 31 == 0 { bits | 1 << 31 } else { !bits };
        Self(u64::from(ordered) << 32 | u64::from(!node << 2))
    }

    /// The node.
    #[inline]
    pub(super) fn node(self) -> u32 {
        !(self.0 as u32) >> 2
    }

    /// Its cosine.
    pub(super) fn score(self) -> f32 {
        let ordered = (self.0 >> 32) as u32;
        f32::from_bits(if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered })
    }

    /// The same node with a mark.
    fn marked(self, mark: u64) -> Self {
        Self(self.0 | mark)
    }

    /// Whether the node has a mark.
    fn has(self, mark: u64) -> bool {
        self.0 & mark != 0
    }

    /// The same node without marks.
    fn unmarked(self) -> Self {
        Self(self.0 & !(Self::EXPANDED | Self::ACCEPTED))
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
    beam: Beam,
    /// Those that are compared now.
    around: Vec<u32>,
    /// Those that are compared next.
    coming: Vec<u32>,
}

impl Searcher {
    /// An empty state for a graph of so many nodes.
    pub(in super::super) fn new(nodes: usize) -> Self {
        Self { visited: Visited::new(nodes), beam: Beam::default(), around: Vec::new(), coming: Vec::new() }
    }

    /// The nodes from which the search of a level begins: the nearest that can be reached from the entry on the levels
    /// above it by always going to a nearer neighbour, and the entry, from which all can be reached.
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
        let mut nearest = entries[0];
        for level in levels {
            loop {
                let from = nearest;
                self.around.clear();
                links.neighbours(level, from.node(), |node| self.around.push(node))?;
                compare(nodes, query, &self.around, |near| nearest = nearest.max(near))?;
                if nearest == from {
                    break;
                }
            }
        }
        if nearest != entries[0] {
            entries.insert(0, nearest);
        }
        Ok(entries)
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
        let Self { visited, beam, around, coming } = self;
        visited.clear();
        beam.clear(effort.ef);
        around.clear();
        around.extend(from.iter().map(|near| near.node()));
        visited.keep_new(around);
        // While some nodes are compared, the neighbours of the next are on their way to the caches.
        loop {
            if visited.members > effort.most {
                return Ok(None);
            }
            coming.clear();
            if let Some(nearest) = beam.expand() {
                if level == 0
                    && let Some(after) = beam.waiting()
                {
                    links.fetch_neighbours(after);
                }
                links.neighbours(level, nearest, |node| coming.push(node))?;
                visited.keep_new(coming);
                for &node in &*coming {
                    nodes.fetch(node);
                }
            } else if around.is_empty() {
                return Ok(Some(beam.accepted()));
            }
            let mut damage = Ok(());
            compare(nodes, query, around, |near| {
                if beam.has_room_for(near) {
                    match accept(near.node()) {
                        Ok(accepted) => beam.insert(near, accepted),
                        Err(what) => damage = Err(what),
                    }
                }
            })?;
            damage?;
            std::mem::swap(around, coming);
        }
    }
}

/// The nearest nodes that a search has found so far, best first: as many as reach from the best to the `ef`-th accepted one.
#[derive(Debug, Default)]
struct Beam {
    nodes: Vec<Near>,
    ef: usize,
    /// How many are accepted.
    accepted: usize,
    /// All before this place are expanded.
    next: usize,
}

impl Beam {
    /// Forgets all nodes; of those that come, `ef` accepted ones are kept.
    fn clear(&mut self, ef: usize) {
        self.nodes.clear();
        (self.ef, self.accepted, self.next) = (ef, 0, 0);
    }

    /// Whether a node is near enough.
    #[inline]
    fn has_room_for(&self, near: Near) -> bool {
        self.accepted < self.ef || self.nodes.last().is_some_and(|&farthest| near > farthest)
    }

    /// Adds a node that is near enough.
    fn insert(&mut self, near: Near, accepted: bool) {
        let place = self.nodes.partition_point(|&other| other > near);
        self.next = self.next.min(place);
        self.nodes.insert(place, if accepted { near.marked(Near::ACCEPTED) } else { near });
        self.accepted += usize::from(accepted);
        if self.accepted > self.ef {
            self.nodes.pop();
            self.accepted -= 1;
        }
        // What is farther than the last accepted one leads nowhere.
        while self.accepted == self.ef && self.nodes.last().is_some_and(|last| !last.has(Near::ACCEPTED)) {
            self.nodes.pop();
        }
    }

    /// Marks the nearest node that isn't yet expanded.
    fn expand(&mut self) -> Option<u32> {
        self.waiting()?;
        let nearest = &mut self.nodes[self.next];
        *nearest = nearest.marked(Near::EXPANDED);
        Some(nearest.node())
    }

    /// The nearest node that isn't yet expanded.
    fn waiting(&mut self) -> Option<u32> {
        let rest = &self.nodes[self.next..];
        let place = rest.iter().position(|near| !near.has(Near::EXPANDED));
        self.next += place.unwrap_or(rest.len());
        self.nodes.get(self.next).map(|near| near.node())
    }

    /// The accepted nodes.
    fn accepted(&self) -> Vec<Near> {
        self.nodes.iter().filter(|near| near.has(Near::ACCEPTED)).map(|near| near.unmarked()).collect()
    }
}

/// The nodes that a search has come upon: a bit for each node of the graph.
#[derive(Debug)]
struct Visited {
    words: Vec<u64>,
    members: usize,
}

impl Visited {
    /// None of so many nodes.
    fn new(nodes: usize) -> Self {
        Self { words: vec![0; nodes.div_ceil(64)], members: 0 }
    }

    /// Forgets all.
    fn clear(&mut self) {
        self.words.fill(0);
        self.members = 0;
    }

    /// Adds some nodes, and keeps those that weren't there already.
    #[inline]
    fn keep_new(&mut self, nodes: &mut Vec<u32>) {
        // Whether a node is new can't be foreseen, so nothing branches on it.
        let mut kept = 0;
        for at in 0..nodes.len() {
            let node = nodes[at];
            let (word, bit) = (&mut self.words[node as usize / 64], 1 << (node % 64));
            nodes[kept] = node;
            kept += usize::from(*word & bit == 0);
            *word |= bit;
        }
        nodes.truncate(kept);
        self.members += kept;
    }
}
