//! `check` finds whatever is wrong, and nothing where nothing is.

use std::fs;
use std::path::Path;

use super::fixture::{DIM, listing, note, open, optimize, write};
use crate::document::{EmbeddedHash, PassageId};
use crate::error::{Error, ErrorKind};
use crate::store::layout::{MARKER, META, SEGMENTS};
use crate::store::manifest::{Commit, Manifest, TableRef};
use crate::store::{Checkup, FileRecord, NewFile, PartVectors, Vector, check, meta};

/// An index with a history: several segments, some with deleted passages.
fn index() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..4 {
        write(dir.path(), |writer| {
            let texts: Vec<String> = (0..9).map(|at| format!("alpha {at} of {}", round % 3)).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut file = note("a", &format!("{round}.md"), &texts);
            file.tags = vec!["Twice".into(), "twice".into(), "b".into()];
            writer.put(file).unwrap();
            writer
                .put(NewFile { date: None, tags: vec![], ..note("b/c", "one.md", &["x"][..round % 2]) })
                .unwrap();
        });
    }
    dir
}

/// What is wrong, as `file name: note: what`.
fn found(dir: &Path) -> Vec<String> {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let checkup = check(dir).unwrap();
    let findings = checkup.findings.iter();
    findings.map(|finding| format!("{}: {:?}: {}", name(&finding.file), finding.note, finding.what)).collect()
}

#[test]
fn an_index_with_a_history_is_sound() {
    let dir = index();
    let before = listing(dir.path());
    let checkup = check(dir.path()).unwrap();
    assert_eq!((&checkup.findings[..], &checkup.leftovers[..], checkup.more), (&[][..], &[][..], 0));
    assert_eq!((checkup.notes, checkup.passages), (5, 4 * 9 + 1));
    assert!(checkup.segments > 1 && checkup.files == before.len() as u64, "{checkup:?}");
    assert_eq!(checkup.bytes, before.values().map(|content| content.len() as u64).sum::<u64>());
    assert_eq!(listing(dir.path()), before, "nothing is changed");
    optimize(dir.path(), |_| {});
    let optimised = check(dir.path()).unwrap();
    assert_eq!((optimised.segments, optimised.passages, found(dir.path())), (1, 37, vec![]));
}

#[test]
fn an_empty_index_is_sound_and_none_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(check(dir.path()), Err(Error::NoIndex { .. })));
    write(dir.path(), |_| {});
    assert_eq!(check(dir.path()).unwrap(), Checkup { files: 3, ..bytes(dir.path()) });
    fs::write(dir.path().join(MARKER), r#"{"format":1}"#).unwrap();
    assert_eq!(check(dir.path()).unwrap_err().kind(), ErrorKind::Incompatible);
}

fn bytes(dir: &Path) -> Checkup {
    let bytes = listing(dir).values().map(|content| content.len() as u64).sum();
    Checkup { bytes, ..Checkup::default() }
}

#[test]
fn a_flipped_byte_in_any_file_is_found() {
    let dir = index();
    for (path, whole) in listing(dir.path()) {
        let name = Path::new(&path).file_name().unwrap().to_str().unwrap().to_owned();
        let at = |percent: usize| (whole.len() - 1) * percent / 100;
        for at in [0, 30, 60, 90, 100].map(at) {
            let mut flipped = whole.clone();
            flipped[at] ^= 0x20;
            fs::write(&path, flipped).unwrap();
            let named = found(dir.path()).iter().any(|finding| finding.starts_with(&name));
            // A blank more or less changes nothing in the marker, and no other format is damage.
            let read = name == MARKER && at + 2 >= whole.len();
            assert!(named || read, "{name} at {at}: {:?}", found(dir.path()));
        }
        for rest in [&whole[..whole.len() / 2], b""] {
            fs::write(&path, rest).unwrap();
            assert!(found(dir.path()).iter().any(|finding| finding.starts_with(&name)), "{name} cut");
        }
        fs::remove_file(&path).unwrap();
        match name.as_str() {
            MARKER => assert!(matches!(check(dir.path()), Err(Error::NoIndex { .. }))),
            _ => assert!(found(dir.path()).iter().any(|finding| finding.starts_with(&name)), "{name} gone"),
        }
        fs::write(&path, &whole).unwrap();
    }
    assert_eq!(found(dir.path()), Vec::<String>::new());
}

#[test]
fn a_graph_is_looked_at_and_may_be_missing() {
    let dir = index();
    optimize(dir.path(), |_| {});
    let is_graph = |path: &&String| Path::new(path).extension().is_some_and(|extension| extension == "graph");
    let files = listing(dir.path());
    let (path, whole) = files.iter().find(|(path, _)| is_graph(path)).unwrap();
    for at in [0, whole.len() / 2, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(path, flipped).unwrap();
        let findings = found(dir.path());
        assert!(findings.len() == 1 && findings[0].contains(".graph: None: "), "{findings:?}");
        let checkup = check(dir.path()).unwrap();
        assert!(checkup.only_graphs() && checkup.passages == 37, "its passages are looked at: {checkup:?}");
    }
    // Passages that don't belong to what the table says are found beside it.
    replace_table(dir.path(), |records| records[0].passages += 1, Some([5, 38]));
    let checkup = check(dir.path()).unwrap();
    assert!(checkup.findings.len() == 2 && !checkup.only_graphs(), "{checkup:?}");
    fs::remove_file(path).unwrap();
    assert!(found(dir.path()).iter().all(|finding| finding.starts_with("files-")), "{:?}", found(dir.path()));
}

#[test]
fn what_is_left_over_is_told_and_no_damage() {
    let dir = index();
    let segments = dir.path().join(SEGMENTS);
    let mut leftovers = vec![
        dir.path().join("files-99.bin"),
        dir.path().join("qsearch.json.tmp"),
        segments.join("0123456789abcdef0123456789abcdef.store"),
    ];
    for path in &leftovers {
        fs::write(path, "half a fi").unwrap();
    }
    leftovers.sort();
    let checkup = check(dir.path()).unwrap();
    assert_eq!((checkup.leftovers, checkup.findings), (leftovers, vec![]));
}

/// Commits another table of files, and other totals if they are given, to an index.
fn replace_table(dir: &Path, change: impl FnOnce(&mut Vec<FileRecord>), totals: Option<[u64; 2]>) {
    let snapshot = open(dir);
    let mut records = snapshot.files().unwrap();
    change(&mut records);
    let number = snapshot.manifest().table.number + 1;
    let records: Vec<&FileRecord> = records.iter().collect();
    let table = TableRef::write(dir, number, &records).unwrap();
    let mut info = snapshot.info().clone();
    if let Some([files, passages]) = totals {
        (info.files, info.passages) = (files, passages);
    }
    let folder = dir.join(SEGMENTS);
    let mut list: serde_json::Value = serde_json::from_slice(&meta::read(&folder).unwrap()).unwrap();
    let commit = Commit { changes: 0, before: &[], table, records: &records };
    list["payload"] = Manifest::new(dir, &info, commit).to_payload().unwrap().into();
    fs::write(folder.join(META), meta::seal(list.to_string().as_bytes())).unwrap();
}

#[test]
fn a_table_that_does_not_fit_the_passages_is_found() {
    let dir = index();
    replace_table(dir.path(), |records| records[0].passages += 1, None);
    assert_eq!(
        found(dir.path()),
        [
            "files-5.bin: None: it has 38 passages, and the list of segments says 37",
            "files-5.bin: Some(\"a/0.md\"): it says 10 passages, and the segments have 9",
        ]
    );
    let dir = index();
    replace_table(dir.path(), |records| drop(records.remove(1)), None);
    assert_eq!(found(dir.path()).len(), 3, "{:?}", found(dir.path()));
    assert!(found(dir.path())[2].contains("it doesn't have this note, of which the segments have 9"));
    let dir = index();
    replace_table(dir.path(), |records| records.swap(0, 1), None);
    assert_eq!(found(dir.path()), ["files-5.bin: Some(\"a/0.md\"): it stands in the wrong place or twice"]);
    let dir = index();
    replace_table(dir.path(), |_| {}, Some([6, 37]));
    assert_eq!(found(dir.path()), ["files-5.bin: None: it has 5 files, and the list of segments says 6"]);
}

#[test]
fn passages_that_do_not_fit_each_other_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let twice = |text: &str| {
        let mut file = note("a", "one.md", &[text, text]);
        file.passages[1].id = file.passages[0].id;
        file
    };
    write(dir.path(), |writer| writer.put(twice("alpha")).unwrap());
    let findings = found(dir.path());
    assert!(findings.len() == 1 && findings[0].contains("is in the index twice"), "{findings:?}");
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), |writer| {
        let mut file = note("a", "one.md", &["alpha"]);
        file.passages[0].passage.content = 0..99;
        writer.put(file).unwrap();
    });
    assert!(found(dir.path())[0].contains("has parts beyond its text"), "{:?}", found(dir.path()));
}

/// Puts the files of one index's only segment that end so in place of another's.
fn transplant(from: &Path, to: &Path, end: &str) {
    let file = |dir: &Path| listing(dir).into_keys().find(|name| name.ends_with(end)).unwrap();
    fs::copy(file(from), file(to)).unwrap();
}

/// What makes a note another.
type Change = fn(&mut NewFile);

#[test]
fn files_that_belong_to_other_passages_are_found() {
    let made = |change: Change| {
        let dir = tempfile::tempdir().unwrap();
        let mut file = note("a", "one.md", &["alpha", "beta"]);
        change(&mut file);
        write(dir.path(), |writer| writer.put(file).unwrap());
        dir
    };
    let checked = |change: Change, ends: &[&str]| {
        let (dir, other) = (made(|_| {}), made(change));
        for end in ends {
            transplant(other.path(), dir.path(), end);
        }
        found(dir.path())
    };
    let other_ids: Change = |file| file.passages[1].id = PassageId(7);
    assert!(checked(other_ids, &[".vec"])[0].contains("isn't found by its id"));
    let terms = [".term", ".idx", ".pos"];
    let fields: [(&str, Change); 9] = [
        ("title", |file| file.title = Some("Other Title".into())),
        ("headings", |file| file.passages[1].passage.heading.clear()),
        ("question", |file| file.passages[1].passage.question = None),
        ("text", |file| file.passages[0].passage.text.push_str(" alpha")),
        ("id", other_ids),
        ("tags", |file| file.tags = vec!["other".into()]),
        ("date", |file| file.date = None),
        ("properties", |file| file.properties.clear()),
        ("file", |file| file.record.path = crate::document::NotePath::from_encoded("two.md")),
    ];
    for (name, change) in fields {
        let findings = checked(change, &terms);
        let says = |finding: &String| finding.contains(&format!("isn't found by its {name}"));
        assert!(findings.iter().any(says), "{name}: {findings:?}");
    }
    let more: Change = |file| {
        let mut third = file.passages[0].clone();
        (third.id, third.embedded) = (PassageId(9), EmbeddedHash::of(b"9"));
        third.vector = Vector::quantise(&[1.0; DIM]);
        third.part_vectors = PartVectors::default();
        file.passages.push(third);
    };
    for (change, end) in [(more, ".vec"), (more, ".win"), (more, ".idx")] {
        assert!(!checked(change, &[end]).is_empty(), "{end}");
    }
}
