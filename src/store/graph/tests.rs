//! What a graph promises: nearly the exact answer, the same one whatever the order and the threads, copies and filters
//! included, and no harm from any bytes.

use proptest::prelude::*;
use tantivy::directory::OwnedBytes;

use super::super::accept::Accept;
use super::super::checksummed_file::{BlockError, ChecksummedFile, ChecksummedWriter};
use super::super::dense::DenseQuery;
use super::super::part_vectors::PartVectors;
use super::super::row::Address;
use super::super::scan::Scan;
use super::super::top::Top;
use super::super::vector_field::{split_field, to_field};
use super::super::vectors::{Columns, Vector, VectorFile};
use super::file::{GraphFile, Origin};
use super::search::Effort;
use super::{SHAPE, Shape, build::build, file};

const DIM: usize = 32;
const SEGMENT: u128 = 7;
/// All the comparisons that a search wants.
const ANY: usize = usize::MAX;

/// Numbers that look random, from -1 to 1.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let bits = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB)
    }

    fn number(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    /// A vector near one of forty places, of which those of a `seed` are always the same.
    fn vector(&mut self, seed: u64) -> Vec<f32> {
        let mut place = Random(seed ^ (self.bits() % 40));
        (0..DIM).map(|_| place.number() + 0.5 * self.number()).collect()
    }
}

/// An id and a vector each.
type Passages = Vec<(u128, Vec<f32>)>;

fn passages(count: usize, seed: u64) -> Passages {
    let mut random = Random(seed);
    (0..count).map(|_| (u128::from(random.bits()), random.vector(seed))).collect()
}

fn vectors(passages: &Passages) -> VectorFile {
    let mut columns = Columns::new(DIM);
    for (id, values) in passages {
        let field = to_field(*id, &Vector::quantise(values), &PartVectors::default());
        columns.push_field(split_field(&field, DIM).0).unwrap();
    }
    let mut bytes = Vec::new();
    columns.write(&mut bytes).unwrap();
    VectorFile::open(ChecksummedFile::verified(OwnedBytes::new(bytes)), DIM, passages.len() as u32).unwrap()
}

/// The content of the file of a graph over all rows.
fn content(vectors: &VectorFile, shape: Shape) -> Vec<u8> {
    let graph = build(vectors, 0..vectors.rows() as u32, shape, &mut |_| true).unwrap().unwrap();
    let mut bytes = Vec::new();
    file::write(&mut bytes, &graph, origin(vectors.rows()), shape).unwrap();
    bytes
}

fn origin(rows: usize) -> Origin {
    Origin { segment: SEGMENT, dim: DIM, rows: rows as u32, changes: 77 }
}

fn open(content: Vec<u8>, rows: usize) -> Result<GraphFile, String> {
    GraphFile::open(ChecksummedFile::open(OwnedBytes::new(content))?, SEGMENT, DIM, rows as u32)
}

fn graph(vectors: &VectorFile, shape: Shape) -> GraphFile {
    open(content(vectors, shape), vectors.rows()).unwrap()
}

/// The ids and scores found, best first.
fn ids(passages: &Passages, top: Top) -> Vec<(u128, f32)> {
    let found = top.into_candidates();
    found.iter().map(|found| (passages[Address::from(found.row).doc as usize].0, found.score)).collect()
}

fn nearest(graph: &GraphFile, vectors: &VectorFile, query: &DenseQuery, k: usize, ef: usize) -> Top {
    graph.nearest(vectors, query, k, Effort { ef, most: ANY }, 0, Accept::default()).unwrap().unwrap()
}

fn exact(vectors: &VectorFile, query: &DenseQuery, k: usize, accept: Accept<'_>) -> Top {
    Scan { segment: 0, vectors }.nearest(query, k, accept).unwrap()
}

/// The share of the ten nearest that is found, over some queries.
fn recall(passages: &Passages, seed: u64, mut find: impl FnMut(&DenseQuery) -> (Top, Top)) -> f64 {
    let mut random = Random(seed + 1);
    let mut hits = 0;
    for _ in 0..100 {
        let (found, truth) = find(&DenseQuery::new(&random.vector(seed)));
        let truth = ids(passages, truth);
        hits += ids(passages, found).iter().filter(|found| truth.contains(found)).count();
    }
    f64::from(hits as u32) / 1000.0
}

#[test]
fn nearly_all_of_the_nearest_are_found() {
    let passages = passages(6_000, 3);
    let vectors = vectors(&passages);
    let graph = graph(&vectors, SHAPE);
    let of = |ef| {
        recall(&passages, 3, |query| {
            (nearest(&graph, &vectors, query, 10, ef), exact(&vectors, query, 10, Accept::default()))
        })
    };
    assert!(of(100) >= 0.99, "{}", of(100));
    assert!(of(20) >= 0.8, "{}", of(20));
}

#[test]
fn the_reference_finds_no_more() {
    use hnsw_rs::prelude::{DistCosine, Hnsw};
    let passages = passages(6_000, 15);
    let vectors = vectors(&passages);
    let graph = graph(&vectors, SHAPE);
    let reference = Hnsw::<f32, DistCosine>::new(16, passages.len(), 16, 200, DistCosine);
    for (at, (_, values)) in passages.iter().enumerate() {
        reference.insert((values, at));
    }
    let (mut random, mut ours, mut theirs) = (Random(16), 0, 0);
    for _ in 0..200 {
        let values = random.vector(15);
        let query = DenseQuery::new(&values);
        let truth = ids(&passages, exact(&vectors, &query, 10, Accept::default()));
        let is_true = |id: u128| truth.iter().any(|&(other, _)| other == id);
        // What is searched by sketches needs a greater breadth.
        let found = ids(&passages, nearest(&graph, &vectors, &query, 10, 60));
        ours += found.iter().filter(|found| is_true(found.0)).count();
        let found = reference.search(&values, 10, 20);
        theirs += found.iter().filter(|found| is_true(passages[found.d_id].0)).count();
    }
    assert!(ours + 20 >= theirs, "{ours} and {theirs} of 2000");
}

#[test]
fn filters_leave_as_many_results() {
    let passages = passages(6_000, 4);
    let vectors = vectors(&passages);
    let graph = graph(&vectors, SHAPE);
    for every in [2, 10, 100] {
        let mut some = tantivy::BitSet::with_max_value(6_000);
        for row in (1..6_000).step_by(every) {
            some.insert(row);
        }
        let accept = Accept::selected(&some);
        let effort = Effort { ef: 100, most: ANY };
        let share = recall(&passages, 4, |query| {
            let found = graph.nearest(&vectors, query, 10, effort, 0, accept).unwrap().unwrap();
            (found, exact(&vectors, query, 10, accept))
        });
        assert!(share >= 0.99, "{share} where one in {every} counts");
    }
}

#[test]
fn too_much_work_is_given_up() {
    let passages = passages(3_000, 5);
    let vectors = vectors(&passages);
    let nothing = tantivy::BitSet::with_max_value(3_000);
    let (query, effort) = (DenseQuery::new(&passages[0].1), Effort { ef: 10, most: 500 });
    let found = graph(&vectors, SHAPE).nearest(&vectors, &query, 10, effort, 0, Accept::selected(&nothing));
    assert!(found.unwrap().is_none());
}

#[test]
fn neither_order_nor_threads_change_the_graph() {
    let passages = passages(2_500, 6);
    let (mut turned, vectors_) = (passages.clone(), vectors(&passages));
    turned.reverse();
    let threads = |count| rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap();
    let first = threads(1).install(|| content(&vectors_, SHAPE));
    assert!(first == threads(3).install(|| content(&vectors_, SHAPE)));
    let other = vectors(&turned);
    let (a, b) = (open(first, 2_500).unwrap(), graph(&other, SHAPE));
    let mut random = Random(8);
    for _ in 0..100 {
        let query = DenseQuery::new(&random.vector(6));
        let found = ids(&passages, nearest(&a, &vectors_, &query, 20, 20));
        assert_eq!(found, ids(&turned, nearest(&b, &other, &query, 20, 20)));
    }
}

#[test]
fn every_passage_can_be_found_copies_included() {
    let mut passages = passages(1_500, 9);
    // Some hundred passages say the same, some say nothing, and some are alone and far away.
    for at in 0..400 {
        passages[at * 2].1 = passages[0].1.clone();
        passages[at * 2 + 601].1 = vec![0.0; DIM];
    }
    passages[1_450].1 = passages[1].1.iter().map(|number| -3.0 * number).collect();
    let vectors = vectors(&passages);
    let graph = graph(&vectors, Shape { m: 4, m0: 6, ef_construction: 20 });
    assert_eq!((graph.count(), graph.check(&vectors, 0..1_500), graph.changes()), (1_500, Ok(()), 77));
    let query = DenseQuery::new(&passages[0].1);
    let all = ids(&passages, nearest(&graph, &vectors, &query, 1_500, 1_500));
    assert_eq!(all, ids(&passages, exact(&vectors, &query, 1_500, Accept::default())));
    // The copies come in the order of their ids, though they are one node.
    assert_eq!(ids(&passages, nearest(&graph, &vectors, &query, 300, 10)), all[..300]);
}

#[test]
fn dead_rows_are_no_nodes() {
    let passages = passages(300, 10);
    let vectors = vectors(&passages);
    let living = (0..300).filter(|row| row % 3 != 0);
    let graph = build(&vectors, living, SHAPE, &mut |_| true).unwrap().unwrap();
    let mut bytes = Vec::new();
    file::write(&mut bytes, &graph, origin(300), SHAPE).unwrap();
    let graph = open(bytes, 300).unwrap();
    assert_eq!((graph.count(), graph.check(&vectors, (0..300).filter(|row| row % 3 != 0))), (200, Ok(())));
    assert_eq!(graph.check(&vectors, 0..300), Err("it lacks a passage".into()));
}

#[test]
fn what_is_compared_again_is_enough() {
    let passages = passages(3_000, 18);
    let vectors = vectors(&passages);
    let graph = graph(&vectors, SHAPE);
    let mut random = Random(19);
    let (mut same, mut all) = (0, 0);
    for _ in 0..100 {
        let query = DenseQuery::new(&random.vector(18));
        // To give all that a search found, all of it has to be compared.
        let every = ids(&passages, nearest(&graph, &vectors, &query, 200, 200));
        let few = ids(&passages, nearest(&graph, &vectors, &query, 10, 200));
        same += few.iter().zip(&every).filter(|(few, every)| few == every).count();
        all += few.len();
    }
    assert!(all == 1_000 && same >= 995, "{same} of {all}");
}

#[test]
fn sketches_of_other_vectors_are_noticed() {
    let (few, mut others) = (passages(50, 17), passages(50, 17));
    others[7].1[3] += 5.0;
    let graph = graph(&vectors(&few), SHAPE);
    assert_eq!(graph.check(&vectors(&few), 0..50), Ok(()));
    let wrong = graph.check(&vectors(&others), 0..50);
    assert_eq!(wrong, Err("the sketch of a passage isn't that of its vector".into()));
}

#[test]
fn few_rows_and_none_are_graphs() {
    for count in [0, 1, 2, 40] {
        let passages = passages(count, 11);
        let vectors = vectors(&passages);
        let graph = graph(&vectors, SHAPE);
        let query = DenseQuery::new(&[1.0; DIM]);
        let found = ids(&passages, nearest(&graph, &vectors, &query, 50, 50));
        assert_eq!(found, ids(&passages, exact(&vectors, &query, 50, Accept::default())));
    }
}

#[test]
fn building_can_be_stopped() {
    let passages = passages(2_000, 12);
    let stopped = build(&vectors(&passages), 0..2_000, SHAPE, &mut |linked| linked < 1_000).unwrap();
    assert!(stopped.is_none());
}

#[test]
fn the_graph_of_another_segment_is_refused() {
    let passages = passages(20, 13);
    let content = content(&vectors(&passages), SHAPE);
    let file = || ChecksummedFile::open(OwnedBytes::new(content.clone())).unwrap();
    assert!(GraphFile::open(file(), SEGMENT, DIM, 20).is_ok());
    assert!(GraphFile::open(file(), SEGMENT + 1, DIM, 20).is_err());
    assert!(GraphFile::open(file(), SEGMENT, DIM, 21).is_err());
    assert!(GraphFile::open(file(), SEGMENT, DIM + 1, 20).is_err());
}

proptest! {
    /// Whatever a file holds, with checksums that match: an answer of existing rows, or a word of damage.
    #[test]
    fn hostile_content_does_no_harm(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u32>()), 1..12),
        ef in 1usize..50,
    ) {
        let passages = passages(400, 14);
        let vectors = vectors(&passages);
        let sealed = content(&vectors, Shape { m: 4, m0: 8, ef_construction: 20 });
        let length = ChecksummedFile::open(OwnedBytes::new(sealed.clone())).unwrap().len();
        let mut bytes = sealed[..length].to_vec();
        for (at, value) in changes {
            let at = at.index(length / 4) * 4;
            // Small numbers are nodes, so they lead farther.
            let value = if value % 2 == 0 { value % 500 } else { value };
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        let mut writer = ChecksummedWriter::new(Vec::new());
        std::io::Write::write_all(&mut writer, &bytes).unwrap();
        writer.end().unwrap();
        let Ok(graph) = open(std::mem::take(writer.get_mut()), 400) else { return Ok(()) };
        let effort = Effort { ef, most: ANY };
        graph.check(&vectors, 0..400).ok();
        match graph.nearest(&vectors, &DenseQuery::new(&passages[5].1), 10, effort, 0, Accept::default()) {
            Ok(top) => prop_assert!(top.unwrap().into_candidates().iter().all(|found| Address::from(found.row).doc < 400)),
            Err(damage) => prop_assert_eq!(damage, BlockError::Beyond),
        }
    }
}
