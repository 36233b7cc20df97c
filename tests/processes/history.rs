//! A history of an index that is the same in every process: which notes it has after each commit, and what they say.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use qsearch::document::{ByteSpan, ContentHash, EmbeddedHash, LineSpan, NotePath, Passage, PassageId};
use qsearch::error::Result;
use qsearch::files::Stamp;
use qsearch::hit::Candidate;
use qsearch::query::{Filter, Query};
use qsearch::random::SplitMix64;
use qsearch::store::{
    FileRecord, Fingerprint, Maintenance, NewFile, NewPassage, PartVectors, Snapshot, Strategy, Vector,
    Writer,
};
use qsearch::words::Language;

/// Few numbers, so that a graph over thousands of vectors is made in a moment.
pub(crate) const DIM: usize = 8;
/// The note that says how many commits there were.
const NUMBER: &str = "number.md";
/// As many of the nearest passages are compared.
const NEAREST: usize = 30;
/// A cosine may be off by so much: a question's vector is rounded.
const ROUNDING: f32 = 1e-4;
const WORDS: [&str; 8] =
    ["granite", "thunder", "cobweb", "pilgrim", "saffron", "lantern", "walrus", "hexagon"];

/// Random changes, vectors and words.
pub(crate) struct Dice(SplitMix64);

impl Dice {
    /// The sequence of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.below(end)
    }

    /// A vector of whole numbers, the greatest of which is 127, so that rounding leaves it as it is.
    fn vector(&mut self) -> Vec<f32> {
        let mut vector: Vec<f32> = (0..DIM).map(|_| self.below(253) as f32 - 126.0).collect();
        vector[self.below(DIM)] = 127.0;
        vector
    }
}

/// How large an index is.
#[derive(Clone, Copy, Debug)]
struct Size {
    notes: usize,
    /// So many of them are never removed.
    lasting: usize,
    /// How many passages each has.
    passages: usize,
}

/// One whose segments never have a graph.
const SMALL: Size = Size { notes: 12, lasting: 3, passages: 6 };
/// One that always has more passages than a segment needs for a graph.
const LARGE: Size = Size { notes: 24, lasting: 20, passages: 420 };

/// The notes after a commit, each with the number of the commit that wrote it.
type Notes = BTreeMap<String, u32>;

/// All states of an index. Before the first commit there is none.
pub(crate) struct History {
    size: Size,
    states: RefCell<Vec<Rc<Notes>>>,
}

/// A state of an index.
pub(crate) struct State {
    size: Size,
    number: u32,
    notes: Rc<Notes>,
}

impl History {
    /// That of an index that is `large`, or of a small one.
    pub(crate) fn new(large: bool) -> Self {
        Self { size: if large { LARGE } else { SMALL }, states: RefCell::default() }
    }

    /// The state after so many commits.
    pub(crate) fn state(&self, number: u32) -> State {
        let (size, mut states) = (self.size, self.states.borrow_mut());
        while states.len() <= number as usize {
            let next = states.last().map_or_else(Notes::new, |last| size.after(last, states.len() as u32));
            states.push(Rc::new(next));
        }
        State { size, number, notes: states[number as usize].clone() }
    }
}

impl Size {
    /// The notes after another commit.
    fn after(self, notes: &Notes, number: u32) -> Notes {
        let (mut dice, mut notes) = (Dice::new(number.into()), notes.clone());
        let path = |note: usize| format!("folder{}/{note}.md", note % 3);
        notes.insert(NUMBER.into(), number);
        if number == 1 {
            notes.extend((0..self.lasting).map(|note| (path(note), number)));
        }
        for _ in 0..=dice.below(4) {
            let note = dice.below(self.notes);
            if note >= self.lasting && dice.below(3) == 0 {
                notes.remove(&path(note));
            } else {
                notes.insert(path(note), number);
            }
        }
        notes
    }
}

/// Opens an index for writing.
pub(crate) fn writer(dir: &Path) -> Result<Writer> {
    Writer::open(dir, &Fingerprint::new("model", "chunking", DIM))
}

/// The same, to make it anew.
pub(crate) fn rebuilder(dir: &Path) -> Result<Writer> {
    Writer::rebuild(dir, &Fingerprint::new("model", "chunking", DIM))
}

/// How many commits an index has seen, by what it says itself.
pub(crate) fn number(snapshot: &Snapshot) -> u32 {
    let said = snapshot.passages_of("a", &NotePath::from_encoded(NUMBER)).unwrap();
    said[0].passage.text.rsplit(' ').next().unwrap().parse().unwrap()
}

impl State {
    /// Changes an index that is in another state so that it comes into this one.
    pub(crate) fn write(&self, before: &Self, writer: &mut Writer) -> Result<()> {
        for path in before.notes.keys().filter(|path| !self.notes.contains_key(*path)) {
            writer.remove("a", &NotePath::from_encoded(path.as_str()))?;
        }
        for (path, version) in
            self.notes.iter().filter(|(path, version)| before.notes.get(*path) != Some(version))
        {
            writer.put(self.note(path, *version))?;
        }
        Ok(())
    }

    /// All of its notes.
    fn files(&self) -> Vec<NewFile> {
        self.notes.iter().map(|(path, version)| self.note(path, *version)).collect()
    }

    /// A note as some commit wrote it.
    fn note(&self, path: &str, version: u32) -> NewFile {
        let hash = ContentHash::of(format!("{version} {path}").as_bytes());
        let mut dice = Dice::new(hash.0.iter().fold(0, |seed, &byte| (seed << 7) ^ u64::from(byte)) >> 1);
        let path = NotePath::from_encoded(path);
        let count = if path.as_str() == NUMBER { 1 } else { self.size.passages };
        let passages: Vec<NewPassage> =
            (0..count as u32).map(|at| passage(&path, at, version, &mut dice)).collect();
        NewFile {
            record: FileRecord {
                root: "a".into(),
                size: u64::from(version),
                stamp: Stamp { modified_ns: i64::from(version), ..Stamp::default() },
                hash,
                date_order: qsearch::calendar::DateOrder::default(),
                path,
                passages: passages.len() as u32,
                warnings: Vec::new(),
                unread: None,
                pending: false,
            },
            title: None,
            aliases: Vec::new(),
            tags: vec![format!("tag{}", version % 3)],
            date: None,
            properties: Vec::new(),
            language: Language::English,
            passages,
        }
    }

    /// Compares what an index holds with what it must hold: all passages, the table of notes, the nearest vectors
    /// with their cosines, and the passages that have a word.
    pub(crate) fn check(&self, snapshot: &Snapshot) {
        let (files, number) = (self.files(), self.number);
        let records: Vec<&FileRecord> = files.iter().map(|file| &file.record).collect();
        assert!(snapshot.files().unwrap().iter().eq(records), "{number}: another table of notes");
        let mut expected: Vec<(PassageId, &NotePath, &Passage, &Vector)> = Vec::new();
        for file in &files {
            let path = &file.record.path;
            expected.extend(file.passages.iter().map(|new| (new.id, path, &new.passage, &new.vector)));
        }
        expected.sort_by_key(|(id, ..)| *id);
        assert_eq!(snapshot.info().passages, expected.len() as u64, "{number}");
        let stored = snapshot.with_prefix("", usize::MAX).unwrap();
        let said = stored.iter().map(|stored| (stored.id, &stored.path, &stored.passage));
        assert!(
            said.eq(expected.iter().map(|(id, path, passage, _)| (*id, *path, *passage))),
            "{number}: other passages"
        );
        let question = Dice::new(7).vector();
        let asked = Vector::quantise(&question);
        let cosines: BTreeMap<PassageId, f32> =
            expected.iter().map(|(id, .., vector)| (*id, asked.cosine(vector))).collect();
        let exact = search_vectors(snapshot, &question, Strategy::Exact);
        assert_eq!(
            right(snapshot, &exact, &cosines),
            expected.len().min(NEAREST),
            "{number}: not the nearest"
        );
        let nearest = search_vectors(snapshot, &question, Strategy::Fastest);
        assert_eq!(nearest.len(), exact.len(), "{number}: too few are found");
        assert!(
            right(snapshot, &nearest, &cosines) * 10 >= 9 * exact.len(),
            "{number}: the graph leads astray"
        );
        let matching = search_words(snapshot, WORDS[0], expected.len());
        let having = expected.iter().filter(|(_, _, passage, _)| passage.text.contains(WORDS[0]));
        let mut found: Vec<PassageId> = ids(snapshot, &matching).map(|(id, _)| id).collect();
        found.sort();
        assert!(found.iter().eq(having.map(|(id, ..)| id)), "{number}: other passages have the word");
    }

    /// Whether an index answers, to the bit, as one that was made in one step.
    pub(crate) fn check_answers(&self, snapshot: &Snapshot) {
        let fresh = folder();
        let mut writer = writer(fresh.path()).unwrap();
        self.files().into_iter().for_each(|file| writer.put(file).unwrap());
        writer.commit(&Maintenance::default()).unwrap();
        let fresh = Snapshot::open(fresh.path()).unwrap();
        assert!(answers(snapshot) == answers(&fresh), "{}: other answers than a fresh index", self.number);
    }
}

/// A folder whose disk is fast to sync, where there is one.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// A passage as some commit wrote it.
fn passage(path: &NotePath, at: u32, version: u32, dice: &mut Dice) -> NewPassage {
    let words: Vec<&str> = (0..5).map(|_| WORDS[dice.below(WORDS.len())]).collect();
    let text = format!("{} written {version}", words.join(" "));
    let start = u64::from(at) * 100;
    let (span, lines) =
        (ByteSpan { start, end: start + text.len() as u64 }, LineSpan { first: at + 1, last: at + 1 });
    let passage = Passage::new(text, span, lines);
    let vector = Vector::quantise(&dice.vector());
    NewPassage {
        id: PassageId::new("a", path, &passage.text, at),
        embedded: EmbeddedHash::of(passage.embedded_text().as_bytes()),
        part_vectors: PartVectors::quantise(&vector, &[dice.vector()], &[]),
        vector,
        passage,
    }
}

/// What is nearest to a vector.
fn search_vectors(snapshot: &Snapshot, vector: &[f32], strategy: Strategy) -> Vec<Candidate> {
    let question = snapshot.question(&Query::default(), Some(vector), &Filter::default()).unwrap();
    question.by(strategy).search_vectors(NEAREST).unwrap()
}

/// What matches some words.
fn search_words(snapshot: &Snapshot, words: &str, k: usize) -> Vec<Candidate> {
    snapshot.question(&Query::words(words), None, &Filter::default()).unwrap().search_words(k).unwrap()
}

/// The ids of what was found, with the bits of the scores.
fn ids(snapshot: &Snapshot, found: &[Candidate]) -> impl Iterator<Item = (PassageId, u32)> {
    found.iter().map(|found| (snapshot.passages(&[found.row]).unwrap()[0].id, found.score.to_bits()))
}

/// How many of the passages found are among the nearest; each must have the cosine that it has.
fn right(snapshot: &Snapshot, found: &[Candidate], cosines: &BTreeMap<PassageId, f32>) -> usize {
    let mut best: Vec<f32> = cosines.values().copied().collect();
    best.sort_by(|a, b| b.total_cmp(a));
    let last = best.get(found.len().wrapping_sub(1)).map_or(f32::INFINITY, |last| last - ROUNDING);
    let mut seen: Vec<PassageId> = Vec::new();
    for (id, score) in ids(snapshot, found) {
        let score = f32::from_bits(score);
        assert!((score - cosines[&id]).abs() < ROUNDING, "{score} instead of {}", cosines[&id]);
        assert!(!seen.contains(&id), "a passage is found twice");
        seen.push(id);
    }
    seen.iter().filter(|id| cosines[id] >= last).count()
}

/// What is found by vectors and words.
fn answers(snapshot: &Snapshot) -> Vec<Vec<(PassageId, u32)>> {
    let mut answers = Vec::new();
    for (seed, words) in (0..).zip(["lantern", "walrus cobweb", "written 3", "hexgon of granite"]) {
        let question = Dice::new(seed).vector();
        let nearest = search_vectors(snapshot, &question, Strategy::Exact);
        let matching = search_words(snapshot, words, NEAREST);
        answers.extend([&nearest, &matching].map(|found| ids(snapshot, found).collect()));
    }
    answers
}
