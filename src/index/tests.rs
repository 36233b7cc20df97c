mod long_runs;

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::*;
use crate::calendar::DateOrder;
use crate::document::{ContentHash, Tokens};
use crate::embed::{Embedding, Input};
use crate::files::Stamp;
use crate::progress::Silent;
use crate::query::{Filter, Query};
use crate::store::Snapshot;

/// A model that knows nothing and counts the texts it is given.
#[derive(Debug, Default)]
struct Counting {
    texts: AtomicU64,
}

impl Embedder for Counting {
    fn fingerprint(&self) -> &'static str {
        "counting"
    }

    fn dim(&self) -> usize {
        8
    }

    fn max_tokens(&self) -> usize {
        64
    }

    fn tokens(&self, text: &str) -> Tokens {
        let ends = text.match_indices(char::is_whitespace).map(|(at, _)| at as u32);
        Tokens { ends: ends.chain([text.len() as u32]).collect(), ids: Vec::new() }
    }

    fn embed_passages(&self, passages: &[Input<'_>]) -> Result<Vec<Embedding>> {
        self.texts.fetch_add(passages.len() as u64, Ordering::Relaxed);
        passages.iter().map(|passage| self.embed_query(passage.text).map(Embedding::from)).collect()
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        let hash = ContentHash::of(text.as_bytes()).0;
        Ok(hash[..8].iter().map(|&byte| f32::from(byte) - 127.5).collect())
    }
}

/// A folder of notes with an index beside it.
struct Vault {
    folder: tempfile::TempDir,
    model: Counting,
}

impl Vault {
    fn place(&self) -> Place {
        self.path("index").into()
    }

    fn new(notes: &[(&str, &str)]) -> Self {
        let vault = Self { folder: tempfile::tempdir().unwrap(), model: Counting::default() };
        for (path, text) in notes {
            vault.write(path, text);
        }
        vault
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(path)
    }

    /// Writes a note that looks an hour old.
    fn write(&self, path: &str, text: &str) {
        self.write_at(path, text, SystemTime::now() - Duration::from_hours(1));
    }

    fn write_at(&self, path: &str, text: &str, time: SystemTime) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    }

    /// Indexes, and counts the texts that were embedded.
    fn index(&self, paths: &[&str]) -> (IndexReport, u64) {
        let paths: Vec<PathBuf> = paths.iter().map(|path| self.path(path)).collect();
        let before = self.model.texts.load(Ordering::Relaxed);
        let report = index(&self.place(), &paths, &IndexOptions::default(), &self.model, &Silent).unwrap();
        (report, self.model.texts.load(Ordering::Relaxed) - before)
    }

    /// Every note of the index, as `root/path`.
    fn notes(&self) -> Vec<String> {
        let files = Snapshot::open(&self.path("index")).unwrap().files().unwrap();
        files.into_iter().map(|file| format!("{}/{}", file.root, file.path)).collect()
    }
}

const TWO_TOPICS: &str = "# Leeks\n\nBoil them.\n\n# Beets\n\nRoast them.\n";

#[test]
fn a_passage_is_embedded_once() {
    let vault = Vault::new(&[("n/a.md", TWO_TOPICS), ("n/b.md", "# Bread\n\nBake it.\n")]);
    let (report, embedded) = vault.index(&["n"]);
    assert_eq!((report.added, report.passages, report.embedded, embedded), (2, 3, 3, 3));

    let (report, embedded) = vault.index(&[]);
    assert_eq!((report.unchanged, report.added + report.changed + report.removed), (2, 0));
    assert_eq!((report.embedded, report.reused, embedded), (0, 0, 0));

    vault.write_at("n/b.md", "# Bread\n\nBake it.\n", SystemTime::now() - Duration::from_mins(1));
    let (report, embedded) = vault.index(&[]);
    assert_eq!((report.unchanged, report.changed, embedded), (2, 0, 0), "a touched note is as before");

    vault.write("n/a.md", &TWO_TOPICS.replace("Roast", "Pickle"));
    let (report, embedded) = vault.index(&[]);
    assert_eq!((report.changed, report.embedded, report.reused, embedded), (1, 1, 1, 1));

    fs::create_dir(vault.path("n/deep")).unwrap();
    fs::rename(vault.path("n/b.md"), vault.path("n/deep/c.md")).unwrap();
    let (report, embedded) = vault.index(&[]);
    assert_eq!((report.added, report.removed, report.reused, embedded), (1, 1, 1, 0));
    assert_eq!(vault.notes(), ["n/a.md", "n/deep/c.md"]);
}

#[test]
fn a_time_that_says_nothing_is_not_trusted() {
    let vault = Vault::new(&[]);
    vault.write_at("n/a.md", "one", SystemTime::UNIX_EPOCH);
    vault.index(&["n"]);
    vault.write_at("n/a.md", "two", SystemTime::UNIX_EPOCH);
    assert_eq!(vault.index(&[]).0.changed, 1);
}

#[test]
fn a_stamp_that_is_trusted_spares_reading_and_tells_every_change() {
    let vault = Vault::new(&[]);
    let hour_ago = SystemTime::now() - Duration::from_hours(1);
    let write = |path: &str, text: &str| vault.write_at(path, text, hour_ago);
    write("n/a.md", "one");
    write("n/b.md", "two");
    let stamps = || {
        let files = Snapshot::open(&vault.path("index")).unwrap().files().unwrap();
        files.into_iter().map(|file| file.stamp).collect::<Vec<_>>()
    };
    vault.index(&["n"]);
    assert_eq!(stamps(), [Stamp::default(); 2], "what has just been written may be written again");
    std::thread::sleep(Duration::from_millis(2100));
    assert_eq!(vault.index(&[]).0.unchanged, 2);
    assert!(stamps().iter().all(|stamp| stamp.modified_ns != 0));

    write("n/a.md", "six");
    assert_eq!(vault.index(&[]).0.changed, 1);
    // A copy that was put back, with the content and the time of what was there.
    write("n/copy", "two");
    fs::rename(vault.path("n/copy"), vault.path("n/b.md")).unwrap();
    let (report, embedded) = vault.index(&[]);
    assert_eq!((report.unchanged, report.reused, embedded), (2, 0, 0));
}

#[test]
fn a_root_inside_another_keeps_its_notes() {
    let vault = Vault::new(&[("n/a.md", "a"), ("n/private/p.md", "p"), ("n/deep/d.md", "d")]);
    fs::write(vault.path("n/.gitignore"), "private/\n").unwrap();
    vault.index(&["n/private"]);
    vault.index(&["n/deep"]);
    let (report, _) = vault.index(&["n"]);
    assert_eq!((report.added, report.unchanged, report.removed), (1, 2, 0));
    assert_eq!(vault.notes(), ["deep/d.md", "n/a.md", "private/p.md"]);
    vault.write("n/deep/e.md", "e");
    assert_eq!(vault.index(&["n"]).0.added, 1, "what lies below a path is refreshed with it");
    assert_eq!(vault.index(&["n/deep"]).0.unchanged, 2);
    assert_eq!(forget(&vault.place(), &vault.path("n"), &vault.path(""), &Silent).unwrap(), 4);
}

#[test]
fn a_folder_of_roots_is_no_root_itself() {
    let vault = Vault::new(&[("n/a/a.md", "a"), ("n/b/b.md", "b")]);
    vault.index(&["n/a", "n/b"]);
    vault.index(&["n"]);
    let roots = Snapshot::open(&vault.path("index")).unwrap().info().roots.clone();
    assert_eq!(roots.iter().map(|root| root.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_first_run_without_notes_makes_nothing() {
    let vault = Vault::new(&[("n/a.exe", "MZ")]);
    let dir = vault.path("index");
    let error = index(&vault.place(), &[vault.path("n")], &IndexOptions::default(), &vault.model, &Silent)
        .unwrap_err();
    assert!(error.to_string().contains(".exe"), "{error}");
    assert!(!dir.exists());
}

#[test]
fn a_run_that_was_stopped_can_be_typed_again() {
    struct Stop;
    impl Progress for Stop {
        fn on(&self, _: Event) {}
        fn cancelled(&self) -> bool {
            true
        }
    }
    struct StopLate(AtomicU64);
    impl Progress for StopLate {
        fn on(&self, event: Event) {
            if let Event::Parsed { files, .. } = event {
                self.0.fetch_add(files, Ordering::Relaxed);
            }
        }
        fn cancelled(&self) -> bool {
            self.0.load(Ordering::Relaxed) > 0
        }
    }
    let vault = Vault::new(&[("n/a.md", "a")]);
    let dir = vault.path("index");
    let stopped: [&dyn Progress; 2] = [&Stop, &StopLate(AtomicU64::new(0))];
    for progress in stopped {
        let error =
            index(&vault.place(), &[vault.path("n")], &IndexOptions::default(), &vault.model, progress);
        assert!(matches!(error, Err(Error::Interrupted(_))), "{error:?}");
        assert!(matches!(Snapshot::open(&dir), Err(Error::NoIndex { .. })));
        assert!(!dir.join(crate::store::MARKER).exists(), "what was never committed is no index");
    }
    assert_eq!(vault.index(&["n"]).0.added, 1);
}

#[test]
fn a_note_of_many_batches_keeps_its_passages_in_order_and_texts_that_come_again_are_known() {
    let section = |at: usize| format!("# Heading {at}\n\nWhat is said of {at}, and of nothing else.\n\n");
    let note: String = (0..1500).map(section).collect();
    let vault = Vault::new(&[("notes/a.md", &note), ("notes/b.md", &note)]);
    let (report, texts) = vault.index(&["notes"]);
    assert_eq!((report.passages, report.embedded, report.reused, texts), (3000, 1500, 1500, 1500));
    let snapshot = Snapshot::open(&vault.path("index")).unwrap();
    let passages = snapshot.passages_of("notes", &NotePath::from_encoded("a.md")).unwrap();
    let lines: Vec<u32> = passages.iter().map(|stored| stored.passage.lines.first).collect();
    assert_eq!(lines, (0..1500).map(|at| 4 * at + 1).collect::<Vec<u32>>());
}

/// Remembers how many passages were merged; wants to stop from the beginning, or never.
#[derive(Default)]
struct Watching {
    merged: AtomicU64,
    stops: bool,
}

impl Progress for Watching {
    fn on(&self, event: Event) {
        if let Event::Merging { passages } = event {
            self.merged.fetch_add(passages, Ordering::Relaxed);
        }
    }

    fn cancelled(&self) -> bool {
        self.stops
    }
}

#[test]
fn forgetting_is_watched_and_can_be_stopped() {
    let notes: Vec<(String, String)> =
        (0..40).map(|at| (format!("n/{at:02}.md"), format!("# Note {at}\n"))).collect();
    let notes: Vec<(&str, &str)> = notes.iter().map(|(path, text)| (&**path, &**text)).collect();
    let vault = Vault::new(&notes);
    vault.index(&["n"]);
    let forget = |path: &str, watch: &Watching| {
        let forgotten = forget(&vault.place(), &vault.path(path), &vault.path(""), watch);
        (forgotten, watch.merged.load(Ordering::Relaxed))
    };
    let (stopped, _) = forget("n/00.md", &Watching { stops: true, ..Watching::default() });
    assert!(matches!(stopped, Err(Error::Interrupted(_))), "{stopped:?}");
    assert_eq!(vault.notes().len(), 40);
    let merged = notes.iter().take(30).map(|(path, _)| forget(path, &Watching::default()).1);
    assert!(merged.max() > Some(0), "a segment most of which is gone is rewritten");
    assert_eq!(vault.notes().len(), 10);
}

/// Wants to stop once so many passages are embedded.
struct Impatient(AtomicU64);

impl Progress for Impatient {
    fn on(&self, event: Event) {
        if let Event::Embedded { passages } = event {
            self.0.fetch_add(passages, Ordering::Relaxed);
        }
    }

    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

#[test]
fn a_run_that_is_stopped_in_the_middle_of_a_note_leaves_the_index_as_it_was() {
    let vault = Vault::new(&[("notes/a.md", "# A\n\nOne.\n")]);
    vault.index(&["notes"]);
    let section = |at: usize| format!("# Heading {at}\n\nText of {at}.\n\n");
    let long: String = (0..5000).map(section).collect();
    vault.write("notes/b.md", &long);
    let stop = Impatient(AtomicU64::new(0));
    let options = IndexOptions::default();
    let result = index(&vault.place(), &[], &options, &vault.model, &stop);
    assert!(matches!(result, Err(Error::Interrupted(_))), "{result:?}");
    assert_eq!(vault.notes(), ["notes/a.md"]);
    assert_eq!(vault.index(&[]).0.passages, 5001);
}

#[test]
fn passages_of_the_same_text_have_ids_of_their_own() {
    // The same text three times, cut into other sentences each time because of what stands around it.
    let line = |at: usize| format!("value_{at} = compute({at}, other)\n");
    let lines: String = (0..22).map(line).collect();
    let paragraph =
        "## P\n\nThe lock is taken by one thread at a time. Nobody else may run meanwhile.\n\n---\n\n";
    let note =
        format!("# T\n\nIntro.\n\n{paragraph}## Z\n\nOther.\n\n{paragraph}```\n{lines}```\n\n{paragraph}");
    let vault = Vault::new(&[("notes/n.md", &note), ("notes/m.md", &note)]);
    let (report, _) = vault.index(&["notes"]);
    let snapshot = Snapshot::open(&vault.path("index")).unwrap();
    let stored = snapshot.with_prefix("", 10_000).unwrap();
    let ids: std::collections::BTreeSet<_> = stored.iter().map(|stored| stored.id).collect();
    assert_eq!((stored.len() as u64, ids.len() as u64), (report.passages, report.passages));
    assert_eq!(crate::store::check(&vault.path("index")).unwrap().findings, []);
}

#[test]
fn a_root_that_nobody_confirmed_is_kept_as_it_is() {
    let vault = Vault::new(&[("vault/a.md", "a"), ("private/p.md", "p")]);
    let place = Place::from(vault.path("vault/index"));
    let run = |paths: &[PathBuf], trust: Trust| {
        let options = IndexOptions { trust, ..IndexOptions::default() };
        index(&place, paths, &options, &vault.model, &Silent).unwrap()
    };
    let private = vault.path("private");
    run(&[vault.path("vault"), private.clone()], Trust::default());
    for note in ["vault/b.md", "private/q.md"] {
        vault.write(note, note);
    }
    fs::remove_file(private.join("p.md")).unwrap();
    let report = run(&[], Trust::default());
    assert_eq!((report.added, report.removed, report.files, report.partial()), (1, 0, 3, true));
    assert_eq!((&report.kept[0].why, report.kept[0].files), (&WhyKept::Unconfirmed, 1));
    let rebuilt = rebuild(&place, &[], &IndexOptions::default(), &vault.model, &Silent).unwrap_err();
    assert!(matches!(rebuilt, Error::Usage(Usage::LosesUnconfirmed { .. })), "{rebuilt}");
    let report = run(&[], Trust::Confirmed(vec![private.clone()]));
    assert_eq!((report.added, report.removed, report.partial()), (1, 1, false));
    vault.write("private/r.md", "r");
    // What is named is confirmed, and so is what lies below.
    assert_eq!(run(&[vault.path("")], Trust::default()).added, 1);
    vault.write("private/s.md", "s");
    assert_eq!(run(&[], Trust::All).added, 1);
}

#[test]
fn dates_are_read_in_the_order_that_is_set() {
    let vault = Vault::new(&[
        ("n/a.md", "---\ndate: 03/11/2026\n---\nowls"),
        ("n/03-11-2026.md", "bread"),
        ("n/c.md", "trains"),
    ]);
    let dated = |day: &str| {
        let snapshot = Snapshot::open(&vault.path("index")).unwrap();
        let day = crate::calendar::Day::parse(day, crate::calendar::Day::of(0));
        let before = day.and_then(|day| day.days_after(1));
        let filter = Filter { since: day, before, ..Filter::default() };
        let query = Query::words("owls bread trains");
        let question = snapshot.question(&query, None, &filter).unwrap();
        question.search_words(9).unwrap().len()
    };
    assert_eq!((vault.index(&["n"]).0.added, dated("2026-11-03"), dated("2026-03-11")), (3, 0, 0));
    let index_by = |date_order| {
        let rules = Rules { date_order, ..Rules::default() };
        let options = IndexOptions::with_rules(rules, None);
        index(&vault.place(), &[vault.path("n")], &options, &vault.model, &Silent).unwrap()
    };
    // Notes that haven't changed are read again, since they say something else.
    assert_eq!(index_by(DateOrder::DayFirst).changed, 3);
    assert_eq!((dated("2026-11-03"), dated("2026-03-11")), (2, 0));
    assert_eq!(index_by(DateOrder::DayFirst).changed, 0);
    assert_eq!(index_by(DateOrder::MonthFirst).changed, 3);
    assert_eq!((dated("2026-11-03"), dated("2026-03-11")), (0, 2));
    // A part that sets the order for its root is read by it at once, the other notes when they are looked at.
    let run = |paths: &[PathBuf], options: &IndexOptions| {
        index(&vault.place(), paths, options, &vault.model, &Silent).unwrap().changed
    };
    let rules = Rules { date_order: DateOrder::DayFirst, ..Rules::default() };
    let options = IndexOptions { apply_rules: true, ..IndexOptions::with_rules(rules, None) };
    assert_eq!(run(&[vault.path("n/a.md")], &options), 1);
    assert_eq!((dated("2026-11-03"), dated("2026-03-11")), (1, 1));
    assert_eq!(run(&[], &IndexOptions::default()), 2);
    assert_eq!((dated("2026-11-03"), dated("2026-03-11")), (2, 0));
}

#[test]
fn a_folder_may_have_rules_of_its_own() {
    let vault =
        Vault::new(&[("n/a.md", "a"), ("n/x.md", "x"), ("m/a.md", "a"), ("m/x.md", "x"), ("mm/x.md", "x")]);
    let without = |name: &str| Rules { exclude: vec![name.into()], ..Rules::default() };
    let options = IndexOptions {
        rules: without("a.md"),
        local: Some((vault.path("m"), Rules { max_bytes: Some(1 << 40), ..without("x.md") })),
        ..IndexOptions::default()
    };
    let paths = ["n", "m", "mm"].map(|path| vault.path(path));
    index(&vault.place(), &paths, &options, &vault.model, &Silent).unwrap();
    assert_eq!(vault.notes(), ["m/a.md", "mm/x.md", "n/x.md"]);
    // Whoever refreshes them later, and from wherever: roots keep the rules that they were indexed with.
    let report = index(&vault.place(), &[], &IndexOptions::default(), &vault.model, &Silent).unwrap();
    assert_eq!((report.removed, report.added, report.kept_rules.len()), (0, 0, 3));
    let report = rebuild(&vault.place(), &[], &IndexOptions::default(), &vault.model, &Silent).unwrap();
    assert_eq!((report.files, report.kept_rules.len()), (3, 3));
    let named = [vault.path("n")];
    let report = index(&vault.place(), &named, &IndexOptions::default(), &vault.model, &Silent).unwrap();
    assert_eq!((report.added, report.kept_rules.len()), (1, 0));
    assert_eq!(vault.notes(), ["m/a.md", "mm/x.md", "n/a.md", "n/x.md"]);
    let all = IndexOptions { apply_rules: true, ..IndexOptions::default() };
    index(&vault.place(), &[], &all, &vault.model, &Silent).unwrap();
    assert_eq!(vault.notes(), ["m/a.md", "m/x.md", "mm/x.md", "n/a.md", "n/x.md"]);
}
