//! Hierarchical navigable small world graphs (Malkov and Yashunin 2018, arXiv:1603.09320) over the vectors of a segment:
//! the nearest rows are found by looking at some thousand of them.
//!
//! A graph is derived from the vectors and never changes. It is built from the living rows in the order of their
//! passages' ids ([`build`]), so that the same passages give the same graph, whatever order they came in and on however
//! many threads; its nodes are put in an [`order`] in which near ones stand together; it is written flat ([`mod@file`]); and
//! searched in place ([`search`]), without being loaded, by [sketches](`sketch`) of the vectors.
//!
//! Rows with the same codes are one node: copies would fill each other's lists of neighbours and lead nowhere else.

pub(super) mod build;
pub(super) mod file;
mod level;
mod order;
mod rows;
pub(super) mod search;
mod sketch;
mod sketches;

/// The shape of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// The most neighbours of a node above the lowest level (M of the paper). A power of two, because one node in so many
    /// stands on the next level.
    pub(super) m: u32,
    /// The most neighbours of a node on the lowest level.
    pub(super) m0: u32,
    /// The number of nearest nodes that are considered as neighbours of a new one.
    pub(super) ef_construction: u32,
}

impl Shape {
    /// The most neighbours of a node on a level.
    fn most(self, level: usize) -> u32 {
        if level == 0 { self.m0 } else { self.m }
    }
}

/// The shape of all graphs. `benches/README.md` compares it with others.
pub(super) const SHAPE: Shape = Shape { m: 16, m0: 32, ef_construction: 200 };

#[cfg(test)]
mod tests;
