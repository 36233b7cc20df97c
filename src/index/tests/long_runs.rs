//! Long runs: words come first, vectors follow, and whatever is committed stays when a run is stopped.

use super::*;
use crate::hit::Candidate;
use crate::status::status;
use crate::trust::Trust;

/// The options of a run that commits after each note.
fn often() -> IndexOptions {
    IndexOptions { checkpoint: Duration::ZERO, ..IndexOptions::default() }
}

/// So many notes of eight passages each.
fn notes_of(count: usize) -> Vault {
    let section = |note: usize, at: usize| format!("# Heading {at}\n\nText {at} of note {note}.\n\n");
    let note = |note: usize| (0..8).map(|at| section(note, at)).collect::<String>();
    let notes: Vec<(String, String)> = (0..count).map(|at| (format!("notes/{at:03}.md"), note(at))).collect();
    Vault::new(&notes.iter().map(|(path, text)| (&**path, &**text)).collect::<Vec<_>>())
}

/// What is found for a question, by words and by vectors.
fn answers(vault: &Vault) -> [Vec<(crate::document::PassageId, u32)>; 2] {
    let snapshot = Snapshot::open(&vault.path("index")).unwrap();
    let (words, vector) = (Query::words("note 77 text"), vault.model.embed_query("x").unwrap());
    let question = snapshot.question(&words, Some(&vector), &Filter::default()).unwrap();
    let of = |found: &Candidate| (snapshot.passages(&[found.row]).unwrap()[0].id, found.score.to_bits());
    [question.search_words(50).unwrap(), question.search_vectors(50).unwrap()]
        .map(|found| found.iter().map(of).collect())
}

/// Wants to stop once more than so many passages are embedded.
struct Stubborn {
    embedded: AtomicU64,
    most: u64,
}

impl Progress for Stubborn {
    fn on(&self, event: Event) {
        if let Event::Embedded { passages } = event {
            self.embedded.fetch_add(passages, Ordering::Relaxed);
        }
    }

    fn cancelled(&self) -> bool {
        self.embedded.load(Ordering::Relaxed) > self.most
    }
}

/// Remembers for how many notes vectors are pending once all words are there, and wants to stop then.
#[derive(Default)]
struct OnlyWords(AtomicU64);

impl OnlyWords {
    /// Indexes until the words are there. Gives how many notes lack vectors, if words came first.
    fn index(&self, vault: &Vault) -> Option<u64> {
        let result = index(&vault.place(), &[vault.path("notes")], &often(), &vault.model, self);
        let pending = self.0.load(Ordering::Relaxed).checked_sub(1);
        assert_eq!(pending.is_some(), matches!(result, Err(Error::Interrupted(_))), "{result:?}");
        pending
    }
}

impl Progress for OnlyWords {
    fn on(&self, event: Event) {
        if let Event::Words { files } = event {
            self.0.store(files + 1, Ordering::Relaxed);
        }
    }

    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}

#[test]
fn a_long_run_that_is_stopped_keeps_the_notes_it_has_committed() {
    let (vault, whole) = (notes_of(150), notes_of(150));
    whole.index(&["notes"]);
    let dir = vault.path("index");
    let info = || Snapshot::open(&dir).unwrap().info().clone();
    let stopped = |stop: &dyn Progress| {
        let result = index(&vault.place(), &[vault.path("notes")], &often(), &vault.model, stop);
        let error = result.unwrap_err();
        let Error::Interrupted(Saved::Part { waiting, pending }) = error else { panic!("{error}") };
        assert_eq!((info().files, info().waiting, info().pending), (150, waiting, pending));
        assert_eq!(waiting, pending, "all are found by their words");
        assert!(
            error.to_string().contains(&format!("{waiting} notes are found by their words only")),
            "{error}"
        );
        waiting
    };
    assert!(stopped(&Impatient(AtomicU64::new(0))) > 0);
    let waiting = stopped(&Stubborn { embedded: AtomicU64::new(0), most: 700 });
    assert!((1..150).contains(&waiting), "{waiting}");
    let before = vault.model.texts.load(Ordering::Relaxed);
    let (report, _) = vault.index(&["notes"]);
    assert_eq!((report.added, report.unchanged), (waiting, 150 - waiting));
    assert_eq!(vault.model.texts.load(Ordering::Relaxed) - before, 8 * waiting, "nothing is embedded twice");
    assert_eq!((info().waiting, info().pending), (0, 0));
    assert_eq!(answers(&vault), answers(&whole));
}

#[test]
fn all_notes_are_found_by_their_words_before_anything_is_embedded() {
    let vault = notes_of(40);
    // So that the notes' times tell that they stay as they are.
    std::thread::sleep(Duration::from_millis(2100));
    assert_eq!(OnlyWords::default().index(&vault), Some(40));
    let snapshot = Snapshot::open(&vault.path("index")).unwrap();
    assert_eq!((snapshot.info().files, snapshot.info().passages, snapshot.info().pending), (40, 320, 40));
    let [words, vectors] = answers(&vault);
    assert_eq!((words.len(), vectors.len()), (50, 0));
    assert_eq!(vault.model.texts.load(Ordering::Relaxed), 0);
    let found = status(&vault.place(), &snapshot, &Trust::default()).unwrap();
    assert!(found.drift.changed.is_empty() && found.drift.new.is_empty(), "{:?}", found.drift);
    assert_eq!(vault.place().check().unwrap().findings, []);
    // The next run goes on, and has no words to read first.
    let mut others = OnlyWords::default();
    assert_eq!(others.index(&vault), None, "{:?}", others.0.get_mut());
    let whole = notes_of(40);
    let (report, _) = whole.index(&["notes"]);
    assert_eq!((report.added, report.embedded), (40, 320));
    assert_eq!(vault.model.texts.load(Ordering::Relaxed), 320);
    assert_eq!(answers(&vault), answers(&whole));
}

#[test]
fn vectors_that_are_known_are_there_with_the_words() {
    let vault = notes_of(20);
    vault.index(&["notes"]);
    let before = answers(&vault);
    fs::rename(vault.path("notes"), vault.path("moved")).unwrap();
    fs::create_dir(vault.path("notes")).unwrap();
    fs::rename(vault.path("moved"), vault.path("notes/moved")).unwrap();
    let note = fs::read_to_string(vault.path("notes/moved/007.md")).unwrap();
    vault.write("notes/moved/007.md", &note.replace("Text 3", "Other text"));
    assert_eq!(OnlyWords::default().index(&vault), Some(1));
    let snapshot = Snapshot::open(&vault.path("index")).unwrap();
    assert_eq!((snapshot.info().files, snapshot.info().pending), (20, 1));
    let same = |found: &[(crate::document::PassageId, u32)]| {
        found.iter().map(|(_, score)| *score).collect::<Vec<_>>()
    };
    let now = answers(&vault);
    assert_eq!(same(&now[1])[..8], same(&before[1])[..8]);
    let (report, embedded) = vault.index(&[]);
    assert_eq!((report.added, report.unchanged, report.embedded, report.reused, embedded), (1, 19, 1, 7, 1));
}

#[test]
fn a_long_run_reports_each_note_once() {
    let (vault, short) = (notes_of(30), notes_of(30));
    for vault in [&vault, &short] {
        vault.write("notes/odd.md", "---\ntitle: never closed\n\nText 1 of note 1.\n");
        vault.write("notes/0.md", "\0");
    }
    let report = index(&vault.place(), &[vault.path("notes")], &often(), &vault.model, &Silent).unwrap();
    assert_eq!(report, short.index(&["notes"]).0);
    assert_eq!((report.added, report.skipped.len(), report.warnings.len()), (31, 1, 1));
}

#[test]
#[cfg(feature = "office")]
fn notes_of_an_archive_are_committed_together() {
    let note = |at: usize| {
        let content = format!("<en-note><div>Text {at} of the archive.</div></en-note>");
        format!("<note><title>Note {at}</title><content><![CDATA[{content}]]></content></note>")
    };
    let notes: String = (0..300).map(note).collect();
    let archive = format!("<en-export>{notes}</en-export>");
    let vault = Vault::new(&[("notes/a.md", "A note."), ("notes/old.enex", &archive)]);
    let dir = vault.path("index");
    let stop = Stubborn { embedded: AtomicU64::new(0), most: 100 };
    index(&vault.place(), &[vault.path("notes")], &often(), &vault.model, &stop).unwrap_err();
    let kept = Snapshot::open(&dir).map_or(0, |snapshot| snapshot.info().files - snapshot.info().pending);
    assert!(kept <= 1, "a part of an archive would count as all of it: {kept}");
    let (report, _) = vault.index(&["notes"]);
    assert_eq!(report.added + kept, 301);
}
