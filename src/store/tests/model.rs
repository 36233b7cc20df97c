//! Whatever is done to an index, it holds and answers what a plain map of its notes says.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

use super::fixture::{self, DIM, note, open};
use crate::calendar::Day;
use crate::document::{NotePath, PassageId};
use crate::hit::Candidate;
use crate::query::{Filter, Query};
use crate::store::layout::SEGMENTS;
use crate::store::{self, FileRecord, Maintenance, NewFile, NewPassage, Snapshot, Writer};

/// No two are alike enough for one to be a typo of the other.
const WORDS: [&str; 6] = ["granite", "thunder", "cobweb", "pilgrim", "saffron", "walrus"];
const TAGS: [&str; 3] = ["red", "green", "blue"];
/// A segment with so many passages has a graph.
const FEWEST: usize = 40;
/// So many of the nearest are compared.
const NEAREST: usize = 10;
/// The share of the nearest that graphs have to find.
const RECALL: f64 = 0.9;

/// Something that is done to an index.
#[derive(Clone, Debug)]
enum Step {
    Put {
        file: u8,
        passages: Vec<u8>,
        tag: usize,
        day: u8,
    },
    Remove {
        file: u8,
    },
    Commit,
    Optimize,
    /// Goes on with a new writer, which loses what wasn't committed.
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    // 0 stands for no date.
    let put = (0..8u8, prop::collection::vec(any::<u8>(), 0..70), 0..TAGS.len(), 0..5u8);
    prop_oneof![
        8 => put.prop_map(|(file, passages, tag, day)| Step::Put { file, passages, tag, day }),
        2 => (0..8u8).prop_map(|file| Step::Remove { file }),
        4 => Just(Step::Commit),
        1 => Just(Step::Optimize),
        1 => Just(Step::Reopen),
    ]
}

fn path(file: u8) -> String {
    format!("{}/{file}.md", ["even", "odd"][usize::from(file % 2)])
}

/// A note whose passages have one word or two.
fn build(file: u8, passages: &[u8], tag: usize, day: u8) -> NewFile {
    let word = |at: u8| WORDS[usize::from(at) % WORDS.len()];
    let text = |(at, &bits): (usize, &u8)| format!("{} {} {at}", word(bits), word(bits / 16));
    let texts: Vec<String> = passages.iter().enumerate().map(text).collect();
    let mut new = note("a", &path(file), &texts.iter().map(String::as_str).collect::<Vec<_>>());
    new.tags = vec![TAGS[tag].into()];
    new.date = Day::new(2024, 3, u64::from(day));
    // Without a question, which would say the words once more.
    new.passages.iter_mut().for_each(|new| new.passage.question = None);
    new
}

/// A vector of whole numbers that a question keeps as they are.
fn question(seed: u8) -> Vec<f32> {
    let mut question: Vec<f32> =
        fixture::query(&seed.to_string()).iter().map(|value| 200.0 * value).collect();
    question[usize::from(seed) % DIM] = f32::from(i16::MAX);
    question
}

/// The cosine of a question and a passage, as the index must give it to the bit.
fn cosine(question: &[f32], new: &NewPassage) -> f32 {
    let codes = || new.vector.codes.iter().map(|&code| f64::from(code));
    let dot: f64 = codes().zip(question).map(|(code, &value)| code * f64::from(value)).sum();
    let squares: f64 = codes().map(|code| code * code).sum();
    let length: f64 = question.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
    let inverse = if squares > 0.0 { (1.0 / squares.sqrt()) as f32 } else { 0.0 };
    (dot * (1.0 / length) * f64::from(inverse)) as f32
}

/// What an index must hold.
#[derive(Clone, Default)]
struct Model(BTreeMap<u8, NewFile>);

impl Model {
    /// All passages of notes that are wanted.
    fn passages(&self, wanted: impl Fn(&NewFile) -> bool) -> impl Iterator<Item = &NewPassage> {
        self.0.values().filter(move |file| wanted(file)).flat_map(|file| &file.passages)
    }

    /// The best passages of such notes for a question.
    fn nearest(
        &self,
        question: &[f32],
        k: usize,
        wanted: impl Fn(&NewFile) -> bool,
    ) -> Vec<(PassageId, f32)> {
        let mut all: Vec<_> = self.passages(wanted).map(|new| (new.id, cosine(question, new))).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all.truncate(k);
        all
    }

    /// The notes' records, sorted.
    fn records(&self) -> Vec<FileRecord> {
        let record =
            |file: &NewFile| FileRecord { passages: file.passages.len() as u32, ..file.record.clone() };
        let mut records: Vec<FileRecord> = self.0.values().map(record).collect();
        records.sort_by(|a, b| a.path.cmp(&b.path));
        records
    }
}

/// Whether a note's passages may be found.
type Wanted = fn(&NewFile) -> bool;

/// Filters, and which notes they let through.
fn filters() -> Vec<(Filter, Wanted)> {
    let day = |day| Day::new(2024, 3, day);
    let filter = Filter::default;
    let odd = || vec!["odd".to_owned()];
    vec![
        (filter(), |_| true),
        (Filter { paths: odd(), ..filter() }, |file| file.record.path.as_str().starts_with("odd")),
        (Filter { tags: vec!["#Red".into()], ..filter() }, |file| file.tags == ["red"]),
        (Filter { since: day(2), ..filter() }, |file| file.date >= Day::new(2024, 3, 2)),
        (Filter { before: day(3), ..filter() }, |file| {
            file.date.is_some() && file.date < Day::new(2024, 3, 3)
        }),
        (Filter { paths: odd(), tags: vec!["green".into()], since: day(1), before: day(4) }, |file| {
            file.record.path.as_str().starts_with("odd")
                && file.tags == ["green"]
                && file.date.is_some()
                && file.date < Day::new(2024, 3, 4)
        }),
    ]
}

/// How much of what is nearest graphs have found.
#[derive(Default)]
struct Recall {
    wanted: Cell<usize>,
    found: Cell<usize>,
    /// How many segments with graphs were asked.
    graphs: Cell<usize>,
}

fn ids(snapshot: &Snapshot, found: &[Candidate]) -> Vec<(PassageId, f32)> {
    found.iter().map(|found| (fixture::passage(snapshot, found.row).id, found.score)).collect()
}

/// Compares an index with what it must hold.
fn check(snapshot: &Snapshot, model: &Model, recall: &Recall) -> Result<(), TestCaseError> {
    prop_assert_eq!(snapshot.files().unwrap(), model.records());
    let stored = snapshot.with_prefix("", usize::MAX).unwrap();
    let mut passages: Vec<&NewPassage> = model.passages(|_| true).collect();
    passages.sort_by_key(|new| new.id);
    prop_assert_eq!(snapshot.info().passages, passages.len() as u64);
    prop_assert!(
        stored.iter().map(|one| (one.id, &one.passage)).eq(passages.iter().map(|new| (new.id, &new.passage)))
    );
    let files = std::fs::read_dir(snapshot.dir().join(SEGMENTS)).unwrap().map(|entry| entry.unwrap().path());
    let graphs = files.filter(|path| path.extension().is_some_and(|end| end == "graph")).count();
    recall.graphs.set(recall.graphs.get() + graphs);
    for (seed, (filter, wanted)) in (0..).zip(filters()) {
        let expected = model.passages(wanted).count();
        let selected = snapshot.question(&Query::default(), None, &filter).unwrap().selected();
        prop_assert_eq!(selected.unwrap_or(expected), expected, "{:?}", filter);
        check_nearest(snapshot, model, recall, seed, &filter, wanted)?;
        for word in WORDS {
            let having = model.passages(wanted).filter(|new| new.passage.text.contains(word));
            let mut expected: Vec<PassageId> = having.map(|new| new.id).collect();
            expected.sort();
            let found = fixture::ask(snapshot, word, "x", &filter).search_words(usize::MAX).unwrap();
            prop_assert!(found.is_sorted_by(|a, b| a.score >= b.score));
            let mut found: Vec<PassageId> = ids(snapshot, &found).into_iter().map(|(id, _)| id).collect();
            found.sort();
            prop_assert_eq!(found, expected, "{} {:?}", word, filter);
        }
    }
    Ok(())
}

/// Compares what is nearest to a question, exactly and through graphs.
fn check_nearest(
    snapshot: &Snapshot,
    model: &Model,
    recall: &Recall,
    seed: u8,
    filter: &Filter,
    wanted: Wanted,
) -> Result<(), TestCaseError> {
    let question = question(seed);
    let search = |strategy, k| {
        let asked = snapshot.question(&Query::default(), Some(&question), filter).unwrap();
        asked.by(strategy).search_vectors(k).unwrap()
    };
    for k in [1, NEAREST, 1000] {
        let exact = search(store::Strategy::Exact, k);
        prop_assert_eq!(ids(snapshot, &exact), model.nearest(&question, k, wanted));
        prop_assert_eq!(&search(store::Strategy::Fastest, k), &exact, "what is few is scanned");
    }
    let truth = model.nearest(&question, NEAREST, wanted);
    let graph = store::Strategy::Graph { ef_search: 2 * NEAREST };
    let found = ids(snapshot, &search(graph, NEAREST));
    prop_assert_eq!(found.len(), truth.len());
    prop_assert!(found.is_sorted_by(|a, b| a.1 > b.1 || a.1.total_cmp(&b.1).is_eq() && a.0 < b.0));
    let all = model.nearest(&question, usize::MAX, wanted);
    prop_assert!(found.iter().all(|one| all.contains(one)), "a passage with another score");
    recall.wanted.set(recall.wanted.get() + truth.len());
    recall.found.set(recall.found.get() + found.iter().filter(|one| truth.contains(one)).count());
    Ok(())
}

/// Commits, with graphs however small the segments are.
fn commit(writer: Writer, optimize: bool) {
    writer.commit(&Maintenance { fewest: FEWEST, ..Maintenance::new(optimize, &|_| true) }).unwrap();
}

/// Does some steps, and compares after each commit. Gives what the index must hold in the end.
fn live(dir: &Path, steps: &[Step], recall: &Recall) -> Result<Model, TestCaseError> {
    let (mut model, mut writer) = (Model::default(), fixture::writer(dir));
    let mut committed = model.clone();
    for step in steps {
        match step {
            Step::Put { file, passages, tag, day } => {
                let new = build(*file, passages, *tag, *day);
                writer.put(new.clone()).unwrap();
                model.0.insert(*file, new);
            }
            Step::Remove { file } => {
                writer.remove("a", &NotePath::from_encoded(path(*file))).unwrap();
                model.0.remove(file);
            }
            Step::Commit | Step::Optimize => {
                commit(writer, matches!(step, Step::Optimize));
                check(&open(dir), &model, recall)?;
                committed = model.clone();
                writer = fixture::writer(dir);
            }
            Step::Reopen => {
                drop(writer);
                model = committed.clone();
                writer = fixture::writer(dir);
            }
        }
    }
    commit(writer, true);
    check(&open(dir), &model, recall)?;
    Ok(model)
}

/// All that can be asked of an index with a graph.
fn answers(snapshot: &Snapshot) -> Vec<Vec<(PassageId, f32)>> {
    let mut answers = Vec::new();
    let graph = store::Strategy::Graph { ef_search: NEAREST };
    for (seed, (filter, _)) in (0..).zip(filters()) {
        for strategy in [store::Strategy::Exact, graph] {
            let asked = snapshot.question(&Query::default(), Some(&question(seed)), &filter).unwrap();
            answers.push(ids(snapshot, &asked.by(strategy).search_vectors(NEAREST).unwrap()));
        }
        for words in ["granite", "walrus of thunder", "heading cobwed"] {
            let asked = fixture::ask(snapshot, words, "x", &filter);
            answers.push(ids(snapshot, &asked.search_words(100).unwrap()));
        }
    }
    answers
}

#[test]
fn an_index_is_what_a_map_of_its_notes_says() {
    let recall = Recall::default();
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() });
    let run = runner.run(&prop::collection::vec(step(), 1..24), |steps| {
        let (dir, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let model = live(dir.path(), &steps, &recall)?;
        let mut writer = fixture::writer(fresh.path());
        model.0.values().rev().for_each(|file| writer.put(file.clone()).unwrap());
        commit(writer, true);
        prop_assert_eq!(answers(&open(dir.path())), answers(&open(fresh.path())));
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    assert!(recall.graphs.get() > 20, "hardly any graph was asked");
    let share = recall.found.get() as f64 / recall.wanted.get() as f64;
    assert!(share >= RECALL, "graphs found only {share} of the nearest");
}
