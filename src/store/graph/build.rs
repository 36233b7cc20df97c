//! Building a graph: the same one on any number of threads.
//!
//! Nodes come in batches. All nodes of a batch look for their neighbours at the same time, in the graph as it was
//! before the batch and among the batch's earlier nodes, which are compared one by one; so nothing is missed that a
//! node could have found alone. Then all are linked, and the lists that have become too long are cut back at the same
//! time, each by itself.
//!
//! The neighbours of a node are chosen as in algorithm 4 of the paper: a candidate that is nearer to one that was chosen
//! before than to the node itself is left out, since it can be reached through the other.
//!
//! A node looks for its neighbours by sketches, as a question does; those that are found are compared by their vectors.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use rayon::prelude::*;

use super::super::checksummed_file::BlockError;
use super::super::dense::DenseQuery;
use super::super::vectors::VectorFile;
use super::Shape;
use super::level::Level;
use super::order::{order, places};
use super::rows::Rows;
use super::search::{Effort, Near, Searcher, compare};
use super::sketch::SketchQuery;
use super::sketches::Sketches;

/// The nodes that look for their neighbours at the same time.
const BATCH: u32 = 512;
/// The highest level.
const HIGHEST: u32 = 7;

/// A graph that is complete.
#[derive(Debug)]
pub(in super::super) struct Graph {
    /// The row of each node: of the copies with the same codes, the one whose passage has the smallest id.
    pub(super) rows: Vec<u32>,
    /// The other copies, each with its node, in ascending order of nodes and of ids.
    pub(super) twins: Vec<(u32, u32)>,
    /// The lowest first; empty if there are no nodes.
    pub(super) levels: Vec<Level>,
    /// The node where a search begins, on the highest level.
    pub(super) entry: u32,
    pub(super) sketches: Sketches,
}

/// Builds the graph of some rows. `linked` hears after each batch how many nodes are linked, and decides whether building
/// goes on; `None` if it doesn't.
pub(in super::super) fn build(
    vectors: &VectorFile,
    rows: impl Iterator<Item = u32>,
    shape: Shape,
    linked: &mut dyn FnMut(usize) -> bool,
) -> Result<Option<Graph>, BlockError> {
    let mut all: Vec<(u128, u32)> =
        rows.map(|row| Ok((vectors.id(row as usize)?, row))).collect::<Result<_, BlockError>>()?;
    all.par_sort_unstable();
    let (rows, twins) = without_copies(vectors, &all)?;
    let tops = rows.iter().map(|&row| Ok(top_level(vectors.id(row as usize)?, shape)));
    let tops: Vec<usize> = tops.collect::<Result<_, BlockError>>()?;
    drop(all);
    let nodes = Rows { vectors, rows: &rows };
    let sketches = Sketches::of(vectors, &rows)?;
    let mut building =
        Building { nodes: &nodes, sketches: &sketches, tops, shape, levels: Vec::new(), entry: 0 };
    let (count, mut start) = (rows.len() as u32, 0);
    while start < count {
        let end = count.min(start + BATCH);
        building.insert(start..end)?;
        start = end;
        if !linked(start as usize) {
            return Ok(None);
        }
    }
    building.cut_back()?;
    if !building.reach_all()? {
        return Ok(None);
    }
    let mut goes_on = || linked(count as usize);
    let Building { levels, entry, .. } = building;
    let Some(order) = order(&nodes, &sketches, &levels, entry, &mut goes_on)? else { return Ok(None) };
    Ok(Some(Graph { rows, twins, levels, entry, sketches }.renumbered(&order)))
}

impl Graph {
    /// The same graph with its nodes numbered in another order.
    fn renumbered(mut self, order: &[u32]) -> Self {
        let places = places(order, order.len());
        let place = |node: u32| places[node as usize];
        self.rows = order.iter().map(|&node| self.rows[node as usize]).collect();
        self.twins.iter_mut().for_each(|twin| twin.0 = place(twin.0));
        // By a stable sort, copies stay in the order of their ids.
        self.twins.sort_by_key(|&(node, _)| node);
        self.sketches = self.sketches.renumbered(order);
        for level in &mut self.levels {
            *level = level.renumbered(order, place);
        }
        self.entry = if order.is_empty() { 0 } else { place(self.entry) };
        self
    }
}

/// The rows that become nodes, and all others with the node whose codes they share.
#[expect(clippy::type_complexity, reason = "the two lists of a graph")]
fn without_copies(
    vectors: &VectorFile,
    all: &[(u128, u32)],
) -> Result<(Vec<u32>, Vec<(u32, u32)>), BlockError> {
    let mut known: HashMap<&[u8], u32> = HashMap::with_capacity(all.len());
    let (mut rows, mut twins) = (Vec::new(), Vec::new());
    for &(_, row) in all {
        let node = *known.entry(vectors.codes(row as usize)?).or_insert(rows.len() as u32);
        if node as usize == rows.len() {
            rows.push(row);
        } else {
            twins.push((node, row));
        }
    }
    Ok((rows, twins))
}

/// The highest level on which a passage's node stands: 0 for most, and one more with a probability of 1 in M. Ids are
/// hashes, so their bits are as good as thrown dice.
fn top_level(id: u128, shape: Shape) -> usize {
    // Ids in tests may be anything: their bits are mixed once more (the finaliser of MurmurHash3).
    let mut bits = (id ^ id >> 64) as u64;
    for multiplier in [0xFF51_AFD7_ED55_8CCD, 0xC4CE_B9FE_1A85_EC53] {
        bits = (bits ^ bits >> 33).wrapping_mul(multiplier);
    }
    ((bits ^ bits >> 33).trailing_zeros() / shape.m.ilog2().max(1)).min(HIGHEST) as usize
}

/// Chooses neighbours for a node from candidates that stand with the nearest first.
fn choose(nodes: &Rows<'_>, candidates: &[Near], most: usize) -> Result<Vec<u32>, BlockError> {
    let mut chosen: Vec<u32> = Vec::with_capacity(most);
    let mut query = DenseQuery::new(&[]);
    for &candidate in candidates {
        if chosen.len() == most {
            break;
        }
        let node = candidate.node();
        nodes.become_node(&mut query, node)?;
        let mut hidden = false;
        // Most are hidden by one of the first.
        for some in chosen.chunks(8) {
            let mut see = |other: Near| hidden |= other.score() > candidate.score();
            compare(nodes, &query, some, &mut see)?;
            if hidden {
                break;
            }
        }
        if !hidden {
            chosen.push(node);
        }
    }
    Ok(chosen)
}

/// A graph in progress.
struct Building<'a> {
    nodes: &'a Rows<'a>,
    sketches: &'a Sketches,
    /// The highest level of each node.
    tops: Vec<usize>,
    shape: Shape,
    levels: Vec<Level>,
    entry: u32,
}

impl Building<'_> {
    /// Adds the next nodes.
    fn insert(&mut self, batch: Range<u32>) -> Result<(), BlockError> {
        let find = |search: &mut Searcher, node| self.find(search, batch.start, node);
        let found: Vec<Vec<Vec<u32>>> = batch
            .clone()
            .into_par_iter()
            .map_init(|| Searcher::new(self.tops.len()), find)
            .collect::<Result<_, _>>()?;
        let mut links: Vec<Vec<(u32, u32)>> = Vec::new();
        for (node, lists) in batch.zip(found) {
            for (level, list) in lists.iter().enumerate() {
                if level == self.levels.len() {
                    self.levels.push(Level::new(level, self.shape.most(level)));
                    self.entry = node;
                }
                self.levels[level].add(node, list);
                links.resize_with(links.len().max(level + 1), Vec::new);
                links[level].extend(list.iter().map(|&to| (to, node)));
            }
        }
        (0..).zip(links).try_for_each(|(level, links)| self.link_back(level, links))
    }

    /// The neighbours of a new node on each of its levels, the lowest first.
    fn find(&self, search: &mut Searcher, first: u32, node: u32) -> Result<Vec<Vec<u32>>, BlockError> {
        let (top, query) = (self.tops[node as usize], self.nodes.query(node)?);
        let mut mates = Vec::new();
        let earlier: Vec<u32> = (first..node).collect();
        compare(self.nodes, &query, &earlier, |near| mates.push(near))?;
        let (sketch, links) = (SketchQuery::new(&query), &self.levels[..]);
        let mut from = Vec::new();
        if !links.is_empty() {
            let above = (top + 1..links.len()).rev();
            from = search.descend(self.sketches, links, &sketch, self.entry, above)?;
        }
        let effort = Effort { ef: self.shape.ef_construction as usize, most: usize::MAX };
        let mut lists = vec![Vec::new(); top + 1];
        for level in (0..=top).rev() {
            let mut candidates = Vec::new();
            // On a new level there are only the batch's own nodes.
            if level < links.len() {
                let found =
                    search.on_level(self.sketches, links, level, &sketch, &from, effort, |_| Ok(true))?;
                from = found.unwrap_or_default();
                let found: Vec<u32> = from.iter().map(|near| near.node()).collect();
                compare(self.nodes, &query, &found, |near| candidates.push(near))?;
            }
            candidates.extend(mates.iter().filter(|mate| self.tops[mate.node() as usize] >= level));
            candidates.sort_unstable_by(|a, b| b.cmp(a));
            candidates.truncate(effort.ef);
            lists[level] = choose(self.nodes, &candidates, self.shape.most(level) as usize)?;
        }
        Ok(lists)
    }

    /// Adds the links that lead back to new nodes, each a pair of where it begins and where it leads.
    fn link_back(&mut self, level: usize, mut links: Vec<(u32, u32)>) -> Result<(), BlockError> {
        links.par_sort_unstable();
        let of_node: Vec<&[(u32, u32)]> = links.chunk_by(|a, b| a.0 == b.0).collect();
        let this = &self.levels[level];
        let extended = |links: &[(u32, u32)]| {
            let node = links[0].0;
            let mut list = this.neighbours(node).to_vec();
            list.extend(links.iter().map(|&(_, to)| to));
            Ok((node, if list.len() > this.room() { self.cut(node, &list, this.most)? } else { list }))
        };
        let lists: Vec<(u32, Vec<u32>)> =
            of_node.into_par_iter().map(extended).collect::<Result<_, BlockError>>()?;
        for (node, list) in lists {
            self.levels[level].set(node, &list);
        }
        Ok(())
    }

    /// The neighbours that a node keeps, of too many.
    fn cut(&self, node: u32, list: &[u32], most: usize) -> Result<Vec<u32>, BlockError> {
        let mut candidates = Vec::with_capacity(list.len());
        let put = |near| candidates.push(near);
        compare(self.nodes, &self.nodes.query(node)?, list, put)?;
        candidates.sort_unstable_by(|a, b| b.cmp(a));
        choose(self.nodes, &candidates, most)
    }

    /// Cuts all lists back to what they may hold in the end.
    fn cut_back(&mut self) -> Result<(), BlockError> {
        for level in 0..self.levels.len() {
            let this = &self.levels[level];
            let long: Vec<u32> =
                this.members().filter(|&node| this.neighbours(node).len() > this.most).collect();
            let cut = |&node: &u32| Ok((node, self.cut(node, this.neighbours(node), this.most)?));
            let lists: Vec<(u32, Vec<u32>)> = long.par_iter().map(cut).collect::<Result<_, BlockError>>()?;
            for (node, list) in lists {
                self.levels[level].set(node, &list);
            }
        }
        Ok(())
    }

    /// Makes sure that every node can be reached on the lowest level: a node that can't be is linked from the nearest one
    /// that can and has room for it. False if all lists are full, which happens only with made-up vectors; then there is no
    /// graph.
    fn reach_all(&mut self) -> Result<bool, BlockError> {
        let count = self.tops.len();
        let mut reached = vec![false; count];
        let mut search = Searcher::new(count);
        self.spread(&mut reached, self.entry);
        for node in 0..count as u32 {
            if reached[node as usize] {
                continue;
            }
            let query = SketchQuery::new(&self.nodes.query(node)?);
            let above = (1..self.levels.len()).rev();
            let from = search.descend(self.sketches, &self.levels[..], &query, self.entry, above)?;
            // Everything that is found can be reached; sooner or later something has room.
            let mut ef = self.shape.ef_construction as usize;
            loop {
                let (effort, links) = (Effort { ef, most: usize::MAX }, &self.levels[..]);
                let found = search.on_level(self.sketches, links, 0, &query, &from, effort, |_| Ok(true))?;
                let found = found.unwrap_or_default();
                let lowest = &mut self.levels[0];
                let has_room = |near: &&Near| lowest.neighbours(near.node()).len() < lowest.most;
                if let Some(near) = found.iter().find(has_room).copied() {
                    let mut list = lowest.neighbours(near.node()).to_vec();
                    list.push(node);
                    lowest.set(near.node(), &list);
                    self.spread(&mut reached, node);
                    break;
                }
                if found.len() < ef {
                    return Ok(false);
                }
                ef *= 4;
            }
        }
        Ok(true)
    }

    /// Marks all that can be reached from a node on the lowest level.
    fn spread(&self, reached: &mut [bool], from: u32) {
        let mut waiting = VecDeque::from([from]);
        while let Some(node) = waiting.pop_front() {
            if reached.get(node as usize) == Some(&false) {
                reached[node as usize] = true;
                waiting.extend(self.levels[0].neighbours(node));
            }
        }
    }
}
