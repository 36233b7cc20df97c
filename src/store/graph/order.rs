//! The order of the nodes of a graph in its file.
//!
//! A search looks at nodes that are near to each other. If they also stand near to each other, it touches fewer pages of
//! the file, which is most of what the first question to a large graph costs. So each node stands with those that have
//! the same nearest node on the level above; those nodes, in turn, are in such an order themselves.

use rayon::prelude::*;

use super::super::checksummed_file::BlockError;
use super::level::Level;
use super::rows::Rows;
use super::search::Searcher;
use super::sketch::SketchQuery;
use super::sketches::Sketches;

/// The nodes that are placed before `goes_on` is asked again.
const AT_ONCE: usize = 1 << 15;

/// All nodes of a graph, in an order that follows from the graph alone; `None` once `goes_on` says no.
pub(super) fn order(
    nodes: &Rows<'_>,
    sketches: &Sketches,
    levels: &[Level],
    entry: u32,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Option<Vec<u32>>, BlockError> {
    let mut order: Vec<u32> = levels.last().map_or(Vec::new(), |top| top.members().collect());
    for level in (0..levels.len().saturating_sub(1)).rev() {
        let places = places(&order, nodes.rows.len());
        let above = level + 1..levels.len();
        let with_parent = |search: &mut Searcher, &node: &u32| {
            let nearest = search.descend(
                sketches,
                levels,
                &SketchQuery::new(&nodes.query(node)?),
                entry,
                above.clone().rev(),
            )?;
            let parent = nearest.first().map_or(entry, |nearest| nearest.node());
            Ok((places[parent as usize], node))
        };
        let members: Vec<u32> = levels[level].members().collect();
        let mut by_parent: Vec<(u32, u32)> = Vec::with_capacity(members.len());
        for some in members.chunks(AT_ONCE) {
            if !goes_on() {
                return Ok(None);
            }
            let found = some.par_iter().map_init(|| Searcher::new(nodes.rows.len()), with_parent);
            by_parent.extend(found.collect::<Result<Vec<_>, BlockError>>()?);
        }
        by_parent.par_sort_unstable();
        order = by_parent.into_iter().map(|(_, node)| node).collect();
    }
    Ok(Some(order))
}

/// The place of each of so many nodes in an order; 0 for one that isn't in it.
pub(super) fn places(order: &[u32], nodes: usize) -> Vec<u32> {
    let mut places = vec![0; nodes];
    for (place, &node) in (0..).zip(order) {
        places[node as usize] = place;
    }
    places
}
