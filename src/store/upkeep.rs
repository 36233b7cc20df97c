//! What follows a commit: segments are merged so that they stay few, and large ones get their graphs.
//!
//! None of it is part of the commit or changes what can be found: whoever stops it loses nothing, and a later run goes on.

use std::fmt;
use std::path::Path;

use tantivy::SegmentMeta;
use tantivy::index::SegmentId;

use super::dense;
use super::graph::{SHAPE, build::build, file};
use super::merge::{self, Size};
use super::segment::Segment;
use super::snapshot::Snapshot;
use super::{IndexInfo, disk, layout, plugin};
use crate::error::{Error, Result};

/// How many passages are linked for each that came or went since the last graph was built: building adds little to what
/// embedding took, and small changes take no longer than before. Until then a segment without its graph is scanned.
const LINKED_PER_CHANGE: u64 = 50;

/// What a commit does besides, and who watches.
pub struct Upkeep<'a> {
    /// Whether all segments become one, without the passages that are gone, and with a graph if it is large.
    pub(super) optimize: bool,
    /// Hears of each step, before it is taken and while it is; what it says decides whether it goes on.
    pub(super) watch: &'a dyn Fn(Step) -> bool,
    /// The number of passages from which a segment has a graph.
    pub(super) fewest: usize,
}

/// What a commit came to.
#[derive(Debug)]
pub struct Committed {
    /// What the index says of itself now.
    pub info: IndexInfo,
    /// Why some of the upkeep couldn't be done; a later commit tries again.
    pub put_off: Option<Error>,
}

/// A step of the upkeep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many passages become one segment.
    Merging(u64),
    /// A graph over passages is being built.
    Linking {
        /// How many are linked.
        done: u64,
        /// How many there are.
        all: u64,
    },
}

impl Default for Upkeep<'_> {
    /// What is needed, unwatched.
    fn default() -> Self {
        Self::new(false, &|_| true)
    }
}

impl fmt::Debug for Upkeep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upkeep").field("optimize", &self.optimize).finish_non_exhaustive()
    }
}

impl<'a> Upkeep<'a> {
    /// What is needed, or, to `optimize`, all that can be done. `watch` hears of each step, before it is taken and while
    /// it is, and decides whether it goes on.
    pub fn new(optimize: bool, watch: &'a dyn Fn(Step) -> bool) -> Self {
        Self { optimize, watch, fewest: dense::FEWEST_WITH_GRAPH }
    }

    /// The segments to be merged into one; none if all is well, or if whoever watches has enough.
    pub(super) fn plan(&self, segments: &[SegmentMeta]) -> Vec<SegmentId> {
        let size = |meta: &SegmentMeta| Size { documents: meta.max_doc(), deleted: meta.num_deleted_docs() };
        let sizes: Vec<Size> = segments.iter().map(size).collect();
        let plan = if self.optimize { merge::all(&sizes) } else { merge::plan(&sizes) };
        let passages = plan.iter().map(|&at| u64::from(segments[at].num_docs())).sum();
        if plan.is_empty() || !(self.watch)(Step::Merging(passages)) {
            return Vec::new();
        }
        plan.iter().map(|&at| segments[at].id()).collect()
    }

    /// Builds the graphs that are due in an index of so many passages, to which so many ever came or went.
    pub(super) fn link(&self, dir: &Path, passages: u64, changes: u64) -> Result<()> {
        if passages < self.fewest as u64 {
            return Ok(());
        }
        let snapshot = Snapshot::open(dir)?;
        let latest = snapshot.segments().iter().filter_map(Segment::linked_at).max().unwrap_or(0);
        let due = LINKED_PER_CHANGE.saturating_mul(changes.saturating_sub(latest));
        for segment in snapshot.segments() {
            let living = u64::from(segment.reader.num_docs());
            let is_unlinked =
                || segment.linked_at().is_none() || (self.optimize && segment.wrong_with_graph().is_some());
            if living >= self.fewest as u64
                && (self.optimize || living <= due)
                && is_unlinked()
                && !self.link_segment(dir, segment, snapshot.info().dim, changes)?
            {
                break;
            }
        }
        Ok(())
    }

    /// Gives a segment its graph; false if whoever watches has enough.
    fn link_segment(&self, dir: &Path, segment: &Segment, dim: usize, changes: u64) -> Result<bool> {
        let (reader, mut goes_on) = (&segment.reader, true);
        let mut linked = |done: usize| {
            goes_on = (self.watch)(Step::Linking { done: done as u64, all: u64::from(reader.num_docs()) });
            goes_on
        };
        if !linked(0) {
            return Ok(false);
        }
        let living = segment.accept(None).all(reader.max_doc());
        let graph = segment.vectors(|vectors| build(vectors, living, SHAPE, &mut linked))?;
        let Some(graph) = graph else { return Ok(goes_on) };
        let folder = dir.join(layout::SEGMENTS);
        let name = plugin::file_name(reader.segment_id(), plugin::GRAPH);
        let of = file::Origin { segment: segment.graph_id(), dim, rows: reader.max_doc(), changes };
        let written =
            disk::replace_by(&folder, &name.to_string_lossy(), |to| file::write(to, &graph, of, SHAPE));
        written.map_err(Error::io("write", folder.join(name)))?;
        Ok(goes_on)
    }
}
