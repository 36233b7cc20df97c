//! One level of a graph that is being built: which nodes stand on it, and the neighbours of each.

use super::super::checksummed_file::BlockError;
use super::search::GraphLinks;

/// The factor by which lists may be too long on the way, so that few links cause them to be cut back.
const SLACK: usize = 2;

/// One level.
#[derive(Debug)]
pub(super) struct Level {
    /// Its nodes in ascending order; on the lowest level all, which needs no list.
    members: Option<Vec<u32>>,
    /// The most neighbours of a node in the end.
    pub(super) most: usize,
    /// The most neighbours on the way.
    room: usize,
    /// The neighbours of all nodes, with [`room`](Self::room) places for each node.
    lists: Vec<u32>,
    lengths: Vec<u32>,
}

impl Level {
    /// The lowest level (0) or another one, empty.
    pub(super) fn new(level: usize, most: u32) -> Self {
        let members = (level > 0).then(Vec::new);
        let most = most as usize;
        Self { members, most, room: most * SLACK, lists: Vec::new(), lengths: Vec::new() }
    }

    /// The most neighbours of a node on the way.
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// Its nodes, in ascending order.
    pub(super) fn members(&self) -> impl Iterator<Item = u32> {
        (0..self.lengths.len() as u32)
            .map(|slot| self.members.as_ref().map_or(slot, |members| members[slot as usize]))
    }

    /// The neighbours of a node; none for one that doesn't stand here.
    pub(super) fn neighbours(&self, node: u32) -> &[u32] {
        let Some(slot) = self.slot(node) else { return &[] };
        &self.lists[slot * self.room()..][..self.lengths[slot] as usize]
    }

    /// Adds a node that is greater than all that are there.
    pub(super) fn add(&mut self, node: u32, neighbours: &[u32]) {
        if let Some(members) = &mut self.members {
            members.push(node);
        }
        self.lists.extend(std::iter::repeat_n(u32::MAX, self.room()));
        self.lengths.push(0);
        self.set(node, neighbours);
    }

    /// Replaces the neighbours of a node that stands here.
    pub(super) fn set(&mut self, node: u32, neighbours: &[u32]) {
        let Some(slot) = self.slot(node) else { return };
        let start = slot * self.room();
        self.lists[start..][..neighbours.len()].copy_from_slice(neighbours);
        self.lengths[slot] = neighbours.len() as u32;
    }

    /// The same level, complete, with other numbers for the nodes. `order` has all nodes of the graph in the order of their
    /// new numbers, and `number` gives the new number of each.
    pub(super) fn renumbered(&self, order: &[u32], number: impl Fn(u32) -> u32) -> Self {
        let members = self.members.is_some().then(Vec::new);
        let (most, lists) = (self.most, Vec::with_capacity(self.most * self.lengths.len()));
        let mut other = Self { members, most, room: most, lists, lengths: Vec::new() };
        for &node in order.iter().filter(|&&node| self.slot(node).is_some()) {
            let list: Vec<u32> = self.neighbours(node).iter().map(|&to| number(to)).collect();
            other.add(number(node), &list);
        }
        other
    }

    fn slot(&self, node: u32) -> Option<usize> {
        match &self.members {
            None => Some(node as usize).filter(|&slot| slot < self.lengths.len()),
            Some(members) => members.binary_search(&node).ok(),
        }
    }
}

/// All levels, the lowest first.
impl GraphLinks for [Level] {
    fn neighbours(&self, level: usize, node: u32, see: impl FnMut(u32)) -> Result<(), BlockError> {
        self[level].neighbours(node).iter().copied().for_each(see);
        Ok(())
    }
}
