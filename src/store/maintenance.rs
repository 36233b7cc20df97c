//! Maintenance after a commit: segments are merged so that they stay few, and large ones get their graphs.
//!
//! It is no part of the commit and doesn't change what can be found: if it is stopped nothing is lost, and a later run goes
//! on with it.

use std::fmt;
use std::path::Path;

use tantivy::SegmentMeta;
use tantivy::index::SegmentId;

use super::graph::{SHAPE, build::build, file};
use super::merge::{self, SegmentSize};
use super::segment::Segment;
use super::snapshot::Snapshot;
use super::strategy::FEWEST_WITH_GRAPH;
use super::{IndexInfo, disk, layout, plugin};
use crate::error::{Error, Result};

/// How many passages get a graph for each that came or went since the last one was built.
///
/// So building adds little to what embedding took, and small changes stay fast. Until then a segment is scanned.
const GRAPH_PASSAGES_PER_CHANGE: u64 = 50;

/// The options of the maintenance after a commit.
pub struct Maintenance<'a> {
    /// Whether all segments become one, without the passages that are gone, and with a graph if it is large.
    pub(super) optimize: bool,
    /// Hears of each step, before it is taken and while it is, and decides whether it goes on.
    pub(super) watch: &'a dyn Fn(Step) -> bool,
    /// The number of passages from which a segment has a graph.
    pub(super) fewest: usize,
}

/// The result of a commit.
#[derive(Debug)]
pub struct Committed {
    /// The description of the index now.
    pub info: IndexInfo,
    /// Why some of the maintenance couldn't be done; a later commit tries again.
    pub put_off: Option<Error>,
}

/// A step of the maintenance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// This many passages become one segment.
    Merging(u64),
    /// A graph over passages is being built.
    BuildingGraph {
        /// How many passages are in it.
        done: u64,
        /// How many there will be.
        all: u64,
    },
}

impl Default for Maintenance<'_> {
    /// The maintenance that is due, unwatched.
    fn default() -> Self {
        Self::new(false, &|_| true)
    }
}

impl fmt::Debug for Maintenance<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Maintenance").field("optimize", &self.optimize).finish_non_exhaustive()
    }
}

impl<'a> Maintenance<'a> {
    /// The maintenance that is due or, to `optimize`, all that can be done. `watch` hears of each step, before it is taken and while
    /// it is, and decides whether it goes on.
    pub fn new(optimize: bool, watch: &'a dyn Fn(Step) -> bool) -> Self {
        Self { optimize, watch, fewest: FEWEST_WITH_GRAPH }
    }

    /// The segments to be merged, each list into one; none if all is well, or if whoever watches has enough.
    ///
    /// The segments that one run has made, however often it was broken off, become one: then an index doesn't depend on
    /// when the run committed.
    pub(super) fn plan(&self, segments: &[SegmentMeta], before: &[String]) -> Vec<Vec<SegmentId>> {
        let (new, old): (Vec<_>, Vec<_>) = segments.iter().partition(|meta| is_new(&meta.id(), before));
        let mut groups: Vec<Vec<&SegmentMeta>> = old.into_iter().map(|meta| vec![meta]).collect();
        groups.extend((!new.is_empty()).then_some(new));
        let sizes: Vec<SegmentSize> = groups.iter().map(|group| size(group)).collect();
        let plan = if self.optimize { merge::all(&sizes) } else { merge::plan(&sizes) };
        let mut merges: Vec<Vec<&SegmentMeta>> = Vec::new();
        if !plan.is_empty() {
            merges.push(plan.iter().flat_map(|&at| groups[at].iter().copied()).collect());
        }
        let left = (0..groups.len()).filter(|at| !plan.contains(at) && groups[*at].len() > 1);
        merges.extend(left.map(|at| groups[at].clone()));
        let passages = |merge: &Vec<&SegmentMeta>| merge.iter().map(|meta| u64::from(meta.num_docs())).sum();
        merges.retain(|merge| (self.watch)(Step::Merging(passages(merge))));
        merges.into_iter().map(|merge| merge.into_iter().map(SegmentMeta::id).collect()).collect()
    }

    /// Whether an index needs maintenance though nothing has changed: a run ended before it was done.
    pub(super) fn is_due(&self, snapshot: &Snapshot, before: &[String]) -> bool {
        let segments = snapshot.segments().iter();
        let new = segments.filter(|segment| is_new(&segment.reader.segment_id(), before)).count();
        let changes = snapshot.manifest().changes;
        new > 1 || self.graphs_due(snapshot, changes).next().is_some()
    }

    /// The segments of an index, to which so many passages ever came or went, that are due for a graph.
    fn graphs_due<'s>(
        &self,
        snapshot: &'s Snapshot,
        changes: u64,
    ) -> impl Iterator<Item = &'s Segment> + use<'s> {
        let latest = snapshot.segments().iter().filter_map(Segment::graph_built_at).max().unwrap_or(0);
        let due = GRAPH_PASSAGES_PER_CHANGE.saturating_mul(changes.saturating_sub(latest));
        let (fewest, optimize) = (self.fewest as u64, self.optimize);
        // What has no vector yet is nowhere.
        let segments = if snapshot.info().pending == 0 { snapshot.segments() } else { &[] };
        segments.iter().filter(move |segment| {
            let living = u64::from(segment.reader.num_docs());
            let has_no_graph =
                || segment.graph_built_at().is_none() || (optimize && segment.wrong_with_graph().is_some());
            living >= fewest && (optimize || living <= due) && has_no_graph()
        })
    }

    /// Builds the graphs that are due in an index of so many passages, to which so many ever came or went.
    pub(super) fn build_graphs(&self, dir: &Path, passages: u64, changes: u64) -> Result<()> {
        if passages < self.fewest as u64 {
            return Ok(());
        }
        let snapshot = Snapshot::open(dir)?;
        for segment in self.graphs_due(&snapshot, changes) {
            if !self.build_graph(dir, segment, snapshot.info().fingerprint.dim, changes)? {
                break;
            }
        }
        Ok(())
    }

    /// Gives a segment its graph; false if whoever watches has enough.
    fn build_graph(&self, dir: &Path, segment: &Segment, dim: usize, changes: u64) -> Result<bool> {
        let (reader, mut goes_on) = (&segment.reader, true);
        let mut built = |done: usize| {
            goes_on =
                (self.watch)(Step::BuildingGraph { done: done as u64, all: u64::from(reader.num_docs()) });
            goes_on
        };
        if !built(0) {
            return Ok(false);
        }
        let living = segment.accept(None).all(reader.max_doc());
        let graph = segment.vectors(|vectors| build(vectors, living, SHAPE, &mut built))?;
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

/// The segments that a run begins with: those of the index, or, if the run before hasn't come to its end, those that it
/// began with.
pub(super) fn before(snapshot: &Snapshot) -> Vec<String> {
    let (manifest, segments) = (snapshot.manifest(), snapshot.segments().iter());
    let names: Vec<String> = segments.map(|segment| segment.reader.segment_id().uuid_string()).collect();
    let is_complete =
        snapshot.info().waiting == 0 && !Maintenance::default().is_due(snapshot, &manifest.before);
    if is_complete { names } else { manifest.before.clone() }
}

/// The segments among those of the run to be merged into one while it goes on; none if there are few.
pub(super) fn among_new(segments: &[SegmentMeta], before: &[String]) -> Vec<SegmentId> {
    let new: Vec<&SegmentMeta> = segments.iter().filter(|meta| is_new(&meta.id(), before)).collect();
    let sizes: Vec<SegmentSize> = new.iter().map(|meta| size(&[meta])).collect();
    merge::plan(&sizes).into_iter().map(|at| new[at].id()).collect()
}

/// Whether a segment wasn't there before the run.
fn is_new(id: &SegmentId, before: &[String]) -> bool {
    !before.contains(&id.uuid_string())
}

/// The size that some segments have as one.
fn size(segments: &[&SegmentMeta]) -> SegmentSize {
    SegmentSize {
        documents: segments.iter().map(|meta| meta.max_doc()).sum(),
        deleted: segments.iter().map(|meta| meta.num_deleted_docs()).sum(),
    }
}
