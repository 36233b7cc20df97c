//! The vectors of a segment by the nodes of its graph.

use super::super::checksummed_file::BlockError;
use super::super::dense::DenseQuery;
use super::super::vectors::VectorFile;
use super::search::Nodes;

/// The vectors of a segment by the nodes of a graph.
pub(super) struct Rows<'a> {
    pub(super) vectors: &'a VectorFile,
    pub(super) rows: &'a [u32],
}

impl Rows<'_> {
    /// A node's vector as a query.
    pub(super) fn query(&self, node: u32) -> Result<DenseQuery, BlockError> {
        let mut query = DenseQuery::new(&[]);
        self.become_node(&mut query, node)?;
        Ok(query)
    }

    /// Makes a query the vector of a node.
    pub(super) fn become_node(&self, query: &mut DenseQuery, node: u32) -> Result<(), BlockError> {
        let codes = self.codes(node)?;
        query.become_row(codes, self.number(node, codes)?);
        Ok(())
    }
}

impl Nodes for Rows<'_> {
    fn codes(&self, node: u32) -> Result<&[u8], BlockError> {
        self.vectors.codes(self.rows[node as usize] as usize)
    }

    fn number(&self, node: u32, _: &[u8]) -> Result<f32, BlockError> {
        self.vectors.inverse_length(self.rows[node as usize] as usize)
    }
}
