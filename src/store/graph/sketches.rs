//! The sketches of all nodes of a graph that is being built.

use std::ops::Range;

use rayon::prelude::*;

use super::super::checksummed_file::BlockError;
use super::super::kernel;
use super::super::vectors::VectorFile;
use super::search::Nodes;
use super::sketch;

/// The sketches that one task makes at least.
const AT_ONCE: usize = 512;

/// The sketches of nodes, one after the other.
#[derive(Debug)]
pub(super) struct Sketches {
    bytes: Vec<u8>,
    /// The bytes of a sketch.
    each: usize,
}

impl Sketches {
    /// Those of the vectors of some rows.
    pub(super) fn of(vectors: &VectorFile, rows: &[u32]) -> Result<Self, BlockError> {
        let each = sketch::bytes(vectors.dim());
        let mut bytes = vec![0; rows.len() * each];
        let places = bytes.par_chunks_mut(each).zip(rows).with_min_len(AT_ONCE);
        places.try_for_each_init(Vec::new, |sketch, (place, &row)| {
            sketch.clear();
            sketch::push(sketch, vectors.codes(row as usize)?);
            place.copy_from_slice(sketch);
            Ok(())
        })?;
        Ok(Self { bytes, each })
    }

    /// The sketches of some nodes that follow each other, without gaps.
    pub(super) fn run(&self, nodes: Range<usize>) -> &[u8] {
        &self.bytes[nodes.start * self.each..nodes.end * self.each]
    }

    /// The same in another order of the nodes.
    pub(super) fn renumbered(&self, order: &[u32]) -> Self {
        let sketch = |&node: &u32| self.run(node as usize..node as usize + 1);
        Self { bytes: order.iter().flat_map(sketch).copied().collect(), each: self.each }
    }
}

impl Nodes for Sketches {
    #[inline]
    fn codes(&self, node: u32) -> Result<&[u8], BlockError> {
        Ok(self.run(node as usize..node as usize + 1))
    }

    #[inline]
    fn fetch(&self, node: u32) {
        kernel::fetch(self.run(node as usize..node as usize + 1));
    }

    #[inline]
    fn number(&self, _: u32, sketch: &[u8]) -> Result<f32, BlockError> {
        Ok(sketch::factor(sketch))
    }
}
