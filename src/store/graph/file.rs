//! A graph on the disk, searched in place.
//!
//! A file is, in little-endian order, inside a [`ChecksummedFile`]:
//!
//! ```text
//! magic "qsgraph\0" · version u32 · dimensions u32 · rows of the segment u32 · nodes u32
//! segment id u128 · M u32 · M of the lowest level u32 · ef_construction u32 · entry u32 · twins u32
//! nodes of each level above the lowest u32 × 7 · passages that had ever come or gone u64 · zeros up to 128 bytes
//! groups of 256 nodes, the last of which may be smaller: the sketch of each node, then the neighbours of each on the
//!   lowest level u32 × M of it, the rest filled with 2³² - 1
//! row of each node u32, its highest bit set if the node has twins
//! twins: node u32 · row u32, in ascending order of nodes
//! each level above the lowest: its nodes u32 in ascending order · neighbours of each u32 × M
//! ```

use std::io::{self, Write};

use rayon::prelude::*;

use super::super::accept::Accept;
use super::super::checksummed_file::{BlockError, ChecksummedFile, ChecksummedWriter};
use super::super::dense::DenseQuery;
use super::super::header::{self, FileKind};
use super::super::row::Address;
use super::super::top::{Scored, Top};
use super::super::vectors::VectorFile;
use super::Shape;
use super::build::Graph;
use super::search::{AT_ONCE, Effort, GraphLinks, MOST_NODES, Nodes, Searcher, compare};
use super::sketch::{self, SketchQuery};

/// The kind of file, with the version of the structure above.
const KIND: FileKind = FileKind { magic: b"qsgraph\0", version: 2, of: "neighbours" };
/// The bytes before the groups.
const HEADER: usize = 128;
/// The most levels above the lowest.
const ABOVE: usize = 7;
/// The place of the changes, behind the sizes of all levels.
const CHANGES: usize = header::BYTES + 16 + 4 * (5 + ABOVE);
/// The nodes of a group.
const GROUP: usize = 256;
/// The filling of lists that aren't full.
const NONE: u32 = u32::MAX;
/// The bit of a row that says that its node has twins. tantivy's segments have fewer rows than that.
const HAS_TWINS: u32 = 1 << 31;

/// The segment that a graph was built of.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Origin {
    /// The segment's id.
    pub(in super::super) segment: u128,
    /// How many numbers a vector has.
    pub(in super::super) dim: usize,
    /// How many rows the segment has, dead ones included.
    pub(in super::super) rows: u32,
    /// How many passages had ever come to the index or gone.
    pub(in super::super) changes: u64,
}

/// Writes a graph.
pub(in super::super) fn write(to: impl Write, graph: &Graph, of: Origin, shape: Shape) -> io::Result<()> {
    let mut to = ChecksummedWriter::new(to);
    let mut header = KIND.header(of.dim, of.rows as usize, graph.rows.len())?;
    header.extend_from_slice(&of.segment.to_le_bytes());
    let above = graph.levels.iter().skip(1).map(|level| level.members().count() as u32);
    let numbers = [shape.m, shape.m0, shape.ef_construction, graph.entry, graph.twins.len() as u32];
    for number in numbers.into_iter().chain(above) {
        header.extend_from_slice(&number.to_le_bytes());
    }
    header.resize(CHANGES, 0);
    header.extend_from_slice(&of.changes.to_le_bytes());
    header.resize(HEADER, 0);
    to.write_all(&header)?;
    let write_list = |to: &mut ChecksummedWriter<_>, list: &[u32], most: u32| {
        let filled = list.iter().copied().chain(std::iter::repeat(NONE)).take(most as usize);
        let bytes: Vec<u8> = filled.flat_map(u32::to_le_bytes).collect();
        to.write_all(&bytes)
    };
    if let Some(lowest) = graph.levels.first() {
        let nodes: Vec<u32> = lowest.members().collect();
        for (group, nodes) in nodes.chunks(GROUP).enumerate() {
            to.write_all(graph.sketches.run(group * GROUP..group * GROUP + nodes.len()))?;
            for &node in nodes {
                write_list(&mut to, lowest.neighbours(node), shape.m0)?;
            }
        }
    }
    let mut twins = graph.twins.iter().map(|&(node, _)| node).peekable();
    for (node, &row) in (0..).zip(&graph.rows) {
        let mut row = row;
        while twins.next_if_eq(&node).is_some() {
            row |= HAS_TWINS;
        }
        to.write_all(&row.to_le_bytes())?;
    }
    for (node, row) in &graph.twins {
        to.write_all(&[node.to_le_bytes(), row.to_le_bytes()].concat())?;
    }
    for level in graph.levels.iter().skip(1) {
        for node in level.members() {
            to.write_all(&node.to_le_bytes())?;
        }
        for node in level.members() {
            write_list(&mut to, level.neighbours(node), shape.m)?;
        }
    }
    to.end()
}

/// A level above the lowest, in a file.
#[derive(Clone, Copy, Debug)]
struct LevelPlace {
    nodes: usize,
    /// The place of its nodes.
    members: usize,
    /// The place of their neighbours.
    lists: usize,
}

/// A graph in its file.
#[derive(Clone, Debug)]
pub(in super::super) struct GraphFile {
    file: ChecksummedFile,
    nodes: usize,
    segment_rows: usize,
    m: usize,
    m0: usize,
    entry: u32,
    twins: usize,
    /// The bytes of a sketch.
    sketch: usize,
    /// The place of the rows of the nodes, behind the groups.
    rows: usize,
    above: Vec<LevelPlace>,
    changes: u64,
}

impl GraphFile {
    /// Opens a file by its header. Checks that its length fits the header, but not its content.
    pub(in super::super) fn open(
        file: ChecksummedFile,
        segment: u128,
        dim: usize,
        rows: u32,
    ) -> Result<Self, String> {
        let nodes = KIND.check(&file, dim, rows as usize)?;
        let wrong = |what: &str| Err(format!("{what} can't be"));
        if file.array(header::BYTES)? != segment.to_le_bytes() {
            return Err("it is that of another segment".into());
        }
        let numbers: &[[u8; 4]] = file.get(header::BYTES + 16..HEADER)?.as_chunks().0;
        let number = |at: usize| u32::from_le_bytes(numbers[at]) as usize;
        let [m, m0, entry, twins] = [0, 1, 3, 4].map(number);
        let sizes: Vec<usize> = (5..5 + ABOVE).map(number).take_while(|&nodes| nodes > 0).collect();
        if m == 0 || m > 1 << 10 || m0 == 0 || m0 > 1 << 10 {
            return wrong("its number of neighbours");
        }
        if nodes.saturating_add(twins) > rows as usize
            || nodes > MOST_NODES
            || sizes.iter().any(|&size| size > nodes)
            || entry >= nodes.max(1)
        {
            return wrong("its number of nodes");
        }
        // In u64 no product overflows: there are fewer than 2³² nodes with at most 2¹⁰ neighbours on 8 levels, and vectors
        // have fewer than 2³² numbers.
        let bytes = |count: usize, each: usize| count as u64 * each as u64;
        let sketch = sketch::bytes(dim);
        let groups = HEADER as u64 + bytes(nodes, sketch + 4 * m0);
        let mut end = groups + bytes(nodes, 4) + bytes(twins, 8);
        let mut above = Vec::new();
        for nodes in sizes {
            // If the length is right in the end, all places are inside of the file.
            let members = end as usize;
            above.push(LevelPlace { nodes, members, lists: members.saturating_add(nodes.saturating_mul(4)) });
            end += bytes(nodes, 4 + 4 * m);
        }
        if end != file.len() as u64 {
            return Err(format!("it has {} bytes instead of {end}", file.len()));
        }
        let (entry, changes) = (entry as u32, u64::from_le_bytes(file.array(CHANGES)?));
        let segment_rows = rows as usize;
        let rows = groups as usize;
        Ok(Self { file, nodes, segment_rows, m, m0, entry, twins, sketch, rows, above, changes })
    }

    /// How many passages had ever come to the index or gone when it was built.
    pub(in super::super) fn changes(&self) -> u64 {
        self.changes
    }

    /// How many rows can be found through it.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.nodes + self.twins
    }

    /// The `k` accepted rows nearest to the query, or some that are hardly farther; `None` if that takes more
    /// comparisons than the effort allows.
    ///
    /// # Errors
    ///
    /// What is wrong with the graph or the vectors, where they were read.
    pub(in super::super) fn nearest(
        &self,
        vectors: &VectorFile,
        query: &DenseQuery,
        k: usize,
        effort: Effort,
        segment: u32,
        accept: Accept<'_>,
    ) -> Result<Option<Top>, BlockError> {
        let mut top = Top::new(k);
        if self.nodes == 0 || k == 0 {
            return Ok(Some(top));
        }
        let sketch = SketchQuery::new(query);
        let mut search = Searcher::new(self.nodes);
        let from = search.descend(self, self, &sketch, self.entry, (1..=self.above.len()).rev())?;
        let accepts = |node| {
            if accept.is_all() {
                return Ok(true);
            }
            for row in self.rows_of(node)? {
                if accept.contains(row?) {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        let Some(found) = search.on_level(self, self, 0, &sketch, &from, effort, accepts)? else {
            return Ok(None);
        };
        // Sketches tell roughly which nodes are near; the vectors tell which are.
        let nodes = Placed { graph: self, vectors };
        for some in found.chunks(AT_ONCE) {
            let least = top.threshold();
            if some[0].score() + sketch::doubt(vectors.dim(), least) < least {
                break;
            }
            let (some, mut near) = (some.iter().map(|near| near.node()).collect::<Vec<_>>(), Vec::new());
            compare(&nodes, query, &some, |node| near.push(node))?;
            for node in near.into_iter().filter(|node| node.score() >= least) {
                for doc in self.rows_of(node.node())? {
                    let (score, doc) = (node.score(), doc?);
                    if accept.contains(doc) {
                        top.push(Scored {
                            score,
                            id: vectors.id(doc as usize)?,
                            row: Address { segment, doc }.into(),
                        });
                    }
                }
            }
        }
        Ok(Some(top))
    }

    /// Checks all of it, and that all living rows are in it. An error says what is wrong.
    pub(in super::super) fn check(
        &self,
        vectors: &VectorFile,
        living: impl Iterator<Item = u32>,
    ) -> Result<(), String> {
        let mut has = vec![false; self.segment_rows];
        (0..self.nodes as u32)
            .into_par_iter()
            .try_for_each_init(Vec::new, |sketch, node| self.check_sketch(vectors, node, sketch))?;
        for node in 0..self.nodes as u32 {
            for row in self.rows_of(node)? {
                if std::mem::replace(&mut has[row? as usize], true) {
                    return Err("it has a passage twice".into());
                }
            }
            self.neighbours(0, node, |_| ())?;
        }
        for (level, place) in (1..).zip(&self.above) {
            for slot in 0..place.nodes {
                self.neighbours(level, self.number_at(place.members + 4 * slot)?, |_| ())?;
            }
        }
        for row in living {
            if !has[row as usize] {
                return Err("it lacks a passage".into());
            }
        }
        Ok(())
    }

    /// Compares a node's sketch with one made again, in room for it.
    fn check_sketch(&self, vectors: &VectorFile, node: u32, sketch: &mut Vec<u8>) -> Result<(), String> {
        let in_file = Nodes::codes(self, node)?;
        // What is wrong with the vectors is said of them.
        let Ok(codes) = vectors.codes(self.row(node)?.0 as usize) else { return Ok(()) };
        sketch.clear();
        sketch::push(sketch, codes);
        if in_file == sketch {
            Ok(())
        } else {
            Err("the sketch of a passage isn't that of its vector".into())
        }
    }

    /// The places of a node's sketch and of its neighbours on the lowest level.
    #[inline]
    fn place(&self, node: u32) -> (usize, usize) {
        let (first, list) = (node as usize / GROUP * GROUP, 4 * self.m0);
        let (start, at) = (HEADER + first * (self.sketch + list), node as usize - first);
        let lists = start + GROUP.min(self.nodes.saturating_sub(first)) * self.sketch;
        (start + at * self.sketch, lists + at * list)
    }

    /// The number at a place that `open` found to lie inside the file.
    fn number_at(&self, at: usize) -> Result<u32, BlockError> {
        Ok(u32::from_le_bytes(self.file.array(at)?))
    }

    /// A node's row, and whether the node has twins.
    #[inline]
    fn row(&self, node: u32) -> Result<(u32, bool), BlockError> {
        if node as usize >= self.nodes {
            return Err(BlockError::Beyond);
        }
        let row = self.number_at(self.rows + 4 * node as usize)?;
        let (row, has_twins) = (row & !HAS_TWINS, row & HAS_TWINS != 0);
        if (row as usize) < self.segment_rows { Ok((row, has_twins)) } else { Err(BlockError::Beyond) }
    }

    /// All rows of a node.
    fn rows_of(&self, node: u32) -> Result<impl Iterator<Item = Result<u32, BlockError>>, BlockError> {
        let (row, has_twins) = self.row(node)?;
        let twins = self.rows + 4 * self.nodes;
        let first = if has_twins { self.search(twins, 8, self.twins, node)? } else { self.twins };
        let twin = move |at: usize| {
            let (of, row) = (self.number_at(twins + 8 * at), self.number_at(twins + 8 * at + 4));
            match (of, row) {
                (Ok(of), _) if of != node => None,
                (Ok(_), Ok(row)) if row as usize >= self.segment_rows => Some(Err(BlockError::Beyond)),
                (Err(damage), _) => Some(Err(damage)),
                (_, row) => Some(row),
            }
        };
        Ok(std::iter::once(Ok(row)).chain((first..self.twins).map_while(twin)))
    }

    /// The first of some records, in ascending order of their first number, that isn't smaller than a node.
    fn search(&self, start: usize, step: usize, count: usize, node: u32) -> Result<usize, BlockError> {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low.midpoint(high);
            if self.number_at(start + step * middle)? < node {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

impl GraphLinks for GraphFile {
    #[inline]
    fn fetch_neighbours(&self, node: u32) {
        let (_, start) = self.place(node);
        self.file.fetch(start..start + 4 * self.m0);
    }

    fn neighbours(&self, level: usize, node: u32, mut see: impl FnMut(u32)) -> Result<(), BlockError> {
        let (start, most) = if level == 0 {
            (self.place(node).1, self.m0)
        } else {
            let place = self.above[level - 1];
            let slot = self.search(place.members, 4, place.nodes, node)?;
            if slot == place.nodes || self.number_at(place.members + 4 * slot)? != node {
                return Err(BlockError::Beyond);
            }
            (place.lists + 4 * self.m * slot, self.m)
        };
        let list = self.file.get(start..start + 4 * most)?;
        for number in list.as_chunks().0 {
            match u32::from_le_bytes(*number) {
                NONE => break,
                node if (node as usize) < self.nodes => see(node),
                _ => return Err(BlockError::Beyond),
            }
        }
        Ok(())
    }
}

/// The nodes of a graph by their sketches.
impl Nodes for GraphFile {
    #[inline]
    fn codes(&self, node: u32) -> Result<&[u8], BlockError> {
        if node as usize >= self.nodes {
            return Err(BlockError::Beyond);
        }
        let (start, _) = self.place(node);
        self.file.get(start..start + self.sketch)
    }

    #[inline]
    fn fetch(&self, node: u32) {
        let (start, _) = self.place(node);
        self.file.fetch(start..start + self.sketch);
    }

    #[inline]
    fn number(&self, _: u32, sketch: &[u8]) -> Result<f32, BlockError> {
        Ok(sketch::factor(sketch))
    }
}

/// The nodes of a graph by the vectors of their rows.
struct Placed<'a> {
    graph: &'a GraphFile,
    vectors: &'a VectorFile,
}

impl Nodes for Placed<'_> {
    #[inline]
    fn codes(&self, node: u32) -> Result<&[u8], BlockError> {
        self.vectors.codes(self.graph.row(node)?.0 as usize)
    }

    #[inline]
    fn number(&self, node: u32, _: &[u8]) -> Result<f32, BlockError> {
        self.vectors.inverse_length(self.graph.row(node)?.0 as usize)
    }
}
