//! An index with damaged files gives the right answers or an error that names the file; it never panics, hangs or asks
//! for more memory than there may be.
//!
//! `QSEARCH_DAMAGE_ROUNDS` says how often, 500 times by default.

#![expect(clippy::unwrap_used, reason = "what a test can't do fails it")]
// The one way to see how much memory is asked for; it does what the system's allocator does.
#![expect(unsafe_code, reason = "an allocator is unsafe")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use qsearch::calendar::Day;
use qsearch::document::{ByteSpan, ContentHash, EmbeddedHash, LineSpan, NotePath, Passage, PassageId};
use qsearch::error::{Error, Result};
use qsearch::files::Stamp;
use qsearch::hit::Row;
use qsearch::query::{Filter, Query};
use qsearch::random::SplitMix64;
use qsearch::store::{
    FileRecord, Fingerprint, MARKER, Maintenance, NewFile, NewPassage, PartVectors, Snapshot, Strategy,
    Vector, Writer, check,
};
use qsearch::word_vector::{QuestionWord, WordVector};
use qsearch::words::Language;

const DIM: usize = 64;
const MOST_MEMORY: usize = 256 << 20;
const MOST_TIME: Duration = Duration::from_secs(1);
const WORDS: [&str; 12] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "thread", "lock", "vector", "number", "owls",
    "hunt",
];

/// Counts what is allocated and the most that ever was.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size(), Ordering::Relaxed);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Held by the test that is being run: what is counted is of all threads.
static TURN: Mutex<()> = Mutex::new(());

/// Random notes and random damage.
struct Dice(SplitMix64);

impl Dice {
    /// The sequence of a seed.
    fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0.below(end)
    }

    fn vector(&mut self) -> Vec<f32> {
        (0..DIM).map(|_| self.below(255) as f32 - 127.0).collect()
    }

    fn text(&mut self) -> String {
        let words: Vec<&str> = (0..30).map(|_| WORDS[self.below(WORDS.len())]).collect();
        words.join(" ") + &format!(" item{}", self.below(10_000))
    }

    fn note(&mut self, path: &str, passages: u32) -> NewFile {
        let path = NotePath::from_encoded(path);
        let passages = (0..passages).map(|at| {
            let text = self.text();
            let span =
                ByteSpan { start: u64::from(at) * 1000, end: u64::from(at) * 1000 + text.len() as u64 };
            let lines = LineSpan { first: at + 1, last: at + 1 };
            let passage = Passage {
                heading: vec!["Heading".into()],
                question: (at % 3 == 1).then(|| "What is alpha?".into()),
                context: "Heading".into(),
                ..Passage::new(text, span, lines)
            };
            let vector = Vector::quantise(&self.vector());
            NewPassage {
                id: PassageId::new("a", &path, &passage.text, at),
                embedded: EmbeddedHash::of(passage.embedded_text().as_bytes()),
                part_vectors: PartVectors::quantise(
                    &vector,
                    &[self.vector(), self.vector()],
                    &[word_vector(at)],
                ),
                vector,
                passage,
            }
        });
        NewFile {
            passages: passages.collect(),
            record: FileRecord {
                root: "a".into(),
                size: 1,
                stamp: Stamp { modified_ns: 1, ..Stamp::default() },
                hash: ContentHash::of(path.as_str().as_bytes()),
                date_order: qsearch::calendar::DateOrder::default(),
                path,
                passages: 0,
                warnings: Vec::new(),
                unread: None,
                pending: false,
            },
            title: Some("Some title".into()),
            tags: vec!["tag".into()],
            date: Day::new(2024, 2, 29),
            aliases: Vec::new(),
            properties: Vec::new(),
            language: Language::English,
        }
    }

    /// Flips some bytes, or cuts the rest off.
    fn damage(&mut self, bytes: &mut Vec<u8>) -> String {
        if self.below(4) == 0 {
            bytes.truncate(self.below(bytes.len()));
            return format!("cut at {}", bytes.len());
        }
        let (at, many) = (self.below(bytes.len()), 1 + self.below(8));
        for byte in bytes[at..].iter_mut().take(many) {
            *byte ^= 1 + self.below(255) as u8;
        }
        format!("{many} bytes flipped at {at}")
    }
}

/// The vector of a word.
fn word_vector(number: u32) -> WordVector {
    WordVector(std::array::from_fn(
        |at| if (at as u32).wrapping_mul(number + 3) % 7 < 3 { 1.0 } else { -1.0 },
    ))
}

/// Opens an index for writing.
fn writer(dir: &Path) -> Result<Writer> {
    Writer::open(dir, &Fingerprint::new("model", "chunking", DIM))
}

/// An index of several segments, in some of which passages are deleted.
fn index(dice: &mut Dice) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for commit in 0..5 {
        let mut writer = writer(dir.path()).unwrap();
        for file in 0..8 {
            writer.put(dice.note(&format!("folder{commit}/{file}.md"), 10)).unwrap();
        }
        if commit > 0 {
            writer.remove("a", &NotePath::from_encoded(format!("folder{}/3.md", commit - 1))).unwrap();
        }
        writer.commit(&Maintenance::default()).unwrap();
    }
    dir
}

/// Asks all there is to ask; the answers in words.
fn ask(dir: &Path) -> Result<Vec<String>> {
    let snapshot = Snapshot::open(dir)?;
    let mut answers = vec![format!("{:?}", snapshot.info()), format!("{:?}", snapshot.files()?)];
    let (paths, tags) = (vec!["folder[12]".into()], vec!["tag".into()]);
    let filter = Filter { paths, tags, since: Day::new(2024, 1, 1), before: None };
    let questions = [
        ("what is alpha", Filter::default()),
        ("gama -beta", filter.clone()),
        ("\"owls hunt\"", filter),
        ("tag:tag title:title path:folder3 vector", Filter::default()),
    ];
    let words = [QuestionWord { text: "alpha".into(), vector: word_vector(1) }];
    for (at, (text, filter)) in questions.into_iter().enumerate() {
        let query = Query::parse(text, Day::of(0));
        let question = snapshot.question(&query, Some(&Dice::new(at as u64 + 1).vector()), &filter)?;
        let (nearest, matching) = (question.search_vectors(20)?, question.search_words(20)?);
        let rows: Vec<Row> = nearest.iter().chain(&matching).map(|found| found.row).collect();
        answers.push(format!(
            "{nearest:?} {matching:?} {:?} {:?}",
            question.look(&rows)?,
            question.match_words(&words, &rows)?
        ));
        answers.push(format!("{:?}", snapshot.vectors(&rows)?));
        for stored in snapshot.passages(&rows)? {
            answers.push(format!("{stored:?} {:?}", snapshot.short_ids(&[stored.id])?));
            answers.push(format!("{:?}", snapshot.passages_of(&stored.root, &stored.path)?));
            let embedded = EmbeddedHash::of(stored.passage.embedded_text().as_bytes());
            answers.push(format!("{:?}", snapshot.vector_of(&embedded)?));
        }
    }
    answers.push(format!("{:?}", snapshot.with_prefix("", 1000)?));
    Ok(answers)
}

/// Whether an error tells of a damaged file by its name. Only `qsearch.json` may be taken for that of another program's
/// index, if its number is what was damaged.
fn names(error: &Error, file: &Path) -> bool {
    let name = file.file_name().unwrap().to_str().unwrap();
    error.to_string().contains(name) || name == MARKER && matches!(error, Error::IndexVersion { .. })
}

/// Runs something, which mustn't take long or much memory.
fn within_limits<T>(how: &str, run: impl Fn() -> T) -> T {
    let before = LIVE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let begun = Instant::now();
    let mut outcome = run();
    if begun.elapsed() > MOST_TIME {
        // The machine may have had something else to do.
        let again = Instant::now();
        outcome = run();
        assert!(again.elapsed() < MOST_TIME, "{how}: {:?}", again.elapsed());
    }
    let taken = PEAK.load(Ordering::Relaxed).saturating_sub(before);
    assert!(taken < MOST_MEMORY, "{how}: {taken} bytes");
    outcome
}

/// The files below a folder, but for the lock's, in the order of their names.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.file_name().unwrap() != "writer.lock" {
            files.push(path);
        }
    }
    // Segments have random names, but as many files of each kind in every run.
    files.sort_by_key(|path| (path.extension().map(ToOwned::to_owned), fs::metadata(path).unwrap().len()));
    files
}

/// A copy of an index.
fn copy(dir: &Path) -> tempfile::TempDir {
    let target = tempfile::tempdir().unwrap();
    for file in files(dir) {
        let path = target.path().join(file.strip_prefix(dir).unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(file, path).unwrap();
    }
    target
}

fn rounds() -> usize {
    std::env::var("QSEARCH_DAMAGE_ROUNDS").map_or(500, |rounds| rounds.parse().unwrap())
}

#[test]
fn damage_is_named_or_does_no_harm() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut dice = Dice::new(7);
    let dir = index(&mut dice);
    let right = ask(dir.path()).unwrap();
    let files = files(dir.path());
    assert!(files.len() > 40, "{files:?}");
    let mut noticed = 0;
    for round in 0..rounds() {
        let file = &files[round % files.len()];
        let whole = fs::read(file).unwrap();
        let mut bytes = whole.clone();
        let how = format!("round {round}, {}: {}", file.display(), dice.damage(&mut bytes));
        fs::write(file, &bytes).unwrap();
        match within_limits(&how, || ask(dir.path())) {
            Ok(answers) => assert!(answers == right, "{how}: wrong answers"),
            Err(error) => {
                assert!(names(&error, file), "{how}: {error}");
                noticed += 1;
            }
        }
        fs::write(file, whole).unwrap();
    }
    assert!(noticed > rounds() / 2, "only {noticed} were noticed");
    assert!(ask(dir.path()).unwrap() == right);
}

#[test]
fn a_damaged_graph_only_takes_longer() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut dice = Dice::new(10);
    let dir = tempfile::tempdir().unwrap();
    let mut writer = writer(dir.path()).unwrap();
    // As many as it takes for a segment to have a graph.
    for file in 0..84 {
        writer.put(dice.note(&format!("{file}.md"), 100)).unwrap();
    }
    writer.commit(&Maintenance::default()).unwrap();
    let graph = files(dir.path()).into_iter().find(|path| path.extension().is_some_and(|end| end == "graph"));
    let graph = graph.expect("no graph was built");
    let search = |strategy| -> Result<Vec<String>> {
        let snapshot = Snapshot::open(dir.path())?;
        let vectors = (0..5).map(|at| Dice::new(at + 20).vector());
        let search = |vector: Vec<f32>| {
            let question = snapshot.question(&Query::default(), Some(&vector), &Filter::default())?;
            Ok(format!("{:?}", question.by(strategy).search_vectors(10)?))
        };
        vectors.map(search).collect()
    };
    let through = Strategy::Graph { ef_search: 40 };
    let (found, exact) = (search(through).unwrap(), search(Strategy::Exact).unwrap());
    let whole = fs::read(&graph).unwrap();
    for round in 0..rounds() / 5 {
        let mut bytes = whole.clone();
        let how = format!("round {round}: {}", dice.damage(&mut bytes));
        fs::write(&graph, &bytes).unwrap();
        let answers = within_limits(&how, || search(through)).unwrap();
        for (at, answer) in answers.into_iter().enumerate() {
            assert!(answer == found[at] || answer == exact[at], "{how}: {answer}");
        }
        // Reading all of it takes long.
        if round % 25 == 0 {
            let told = check(dir.path()).unwrap().findings;
            assert!(told.iter().any(|finding| finding.file == graph), "{how}: {told:?}");
        }
    }
}

#[test]
fn damage_is_never_written_on() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut dice = Dice::new(8);
    let dir = index(&mut dice);
    // Enough goes for segments to be merged.
    let change = |dir: &Path| -> Result<()> {
        let mut writer = writer(dir)?;
        for file in [0, 1, 2] {
            writer.remove("a", &NotePath::from_encoded(format!("folder2/{file}.md")))?;
        }
        writer.put(Dice::new(9).note("folder1/1.md", 4))?;
        writer.commit(&Maintenance::default()).map(drop)
    };
    // Rows have other numbers where the merge was put off; passages and files are the same.
    let content = |dir: &Path| -> Result<String> {
        ask(dir)?;
        let snapshot = Snapshot::open(dir)?;
        let mut passages = Vec::new();
        for stored in snapshot.with_prefix("", 1000)? {
            let embedded = EmbeddedHash::of(stored.passage.embedded_text().as_bytes());
            passages.push(format!(
                "{:?} {:?} {:?}",
                stored.id,
                stored.passage,
                snapshot.vector_of(&embedded)?
            ));
        }
        Ok(format!("{:?} {passages:?}", snapshot.files()?))
    };
    let sound = copy(dir.path());
    let before = content(sound.path()).unwrap();
    change(sound.path()).unwrap();
    let after = content(sound.path()).unwrap();
    let is_left = |file: &PathBuf| sound.path().join(file.strip_prefix(dir.path()).unwrap()).exists();
    let segments: Vec<PathBuf> = files(dir.path())
        .into_iter()
        .filter(|file| file.extension().is_some_and(|end| end == "vec"))
        .collect();
    assert!(!segments.iter().all(is_left), "no segments were merged");
    for round in 0..rounds() / 5 {
        let copied = copy(dir.path());
        let files = files(copied.path());
        let file = &files[dice.below(files.len())];
        let mut bytes = fs::read(file).unwrap();
        let how = format!("round {round}, {}: {}", file.display(), dice.damage(&mut bytes));
        fs::write(file, &bytes).unwrap();
        let changed = within_limits(&how, || change(copied.path()));
        if let Err(error) = &changed {
            assert!(names(error, file), "{how}: changing: {error}");
        }
        match content(copied.path()) {
            Ok(found) if changed.is_ok() => assert!(found == after, "{how}: wrong content"),
            Ok(found) => assert!(found == before || found == after, "{how}: wrong content"),
            Err(error) => assert!(names(&error, file), "{how}: after {changed:?}: {error}"),
        }
    }
}
