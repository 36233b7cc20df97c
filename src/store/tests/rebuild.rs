//! An index that is made anew takes the place of the old one in one step, whatever state that was in.

use std::fs;
use std::path::Path;

use super::fixture::{DIM, ids, listing, note, open, write};
use crate::document::Root;
use crate::error::{Error, ErrorKind};
use crate::store::layout::{MARKER, SEGMENTS};
use crate::store::{Fingerprint, Maintenance, Salvage, Snapshot, Writer};

fn index() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), |writer| {
        writer.set_roots(vec![Root::new("a", "/notes/a")]);
        writer.set_model_source("somewhere");
        writer.put(note("a", "one.md", &["alpha", "beta"])).unwrap();
    });
    write(dir.path(), |writer| writer.put(note("a", "one.md", &["alpha"])).unwrap());
    dir
}

fn rebuild(dir: &Path) -> Writer {
    Writer::rebuild(dir, &Fingerprint::new("other model", "other chunking", DIM + 1)).unwrap()
}

#[test]
fn the_old_index_stays_until_the_commit() {
    let dir = index();
    let before = listing(dir.path());
    let mut writer = rebuild(dir.path());
    assert!(writer.snapshot().is_none());
    assert_eq!(
        Writer::rebuild(dir.path(), &Fingerprint::new("m", "c", DIM)).unwrap_err().kind(),
        ErrorKind::Busy
    );
    let mut file = note("a", "two.md", &["gamma"]);
    file.passages[0].vector = crate::store::Vector::quantise(&[1.0; DIM + 1]);
    file.passages[0].part_vectors = crate::store::PartVectors::default();
    writer.put(file.clone()).unwrap();
    let old = open(dir.path());
    assert_eq!((ids(&old, "alpha").len(), ids(&old, "gamma")), (1, vec![]));
    drop(writer);
    let after = listing(dir.path());
    assert!(
        before.iter().all(|(name, content)| after.get(name) == Some(content)),
        "a dropped one changes nothing"
    );
    let mut writer = rebuild(dir.path());
    writer.put(file).unwrap();
    let info = writer.commit(&Maintenance::default()).unwrap().info;
    let new = open(dir.path());
    assert_eq!((new.info(), ids(&new, "alpha"), ids(&new, "gamma").len()), (&info, vec![], 1));
    assert_eq!((&*info.fingerprint.model, info.fingerprint.dim, info.passages), ("other model", DIM + 1, 1));
    assert_eq!(ids(&old, "alpha").len(), 1, "what is open stays so");
    let kept = before.keys().filter(|name| listing(dir.path()).contains_key(*name));
    let kept: Vec<&str> = kept.map(|name| name.rsplit('/').next().unwrap()).collect();
    assert_eq!(kept, [MARKER, "meta.json"]);
}

#[test]
fn whatever_is_wrong_with_the_old_one_the_new_one_is_right() {
    let files: Vec<String> = listing(index().path()).into_keys().collect();
    for at in 0..files.len() {
        for rest in [None, Some(&b""[..]), Some(b"rubbish that is longer than sixteen bytes")] {
            let dir = index();
            let path = listing(dir.path()).into_keys().nth(at).unwrap();
            match rest {
                Some(rest) => fs::write(&path, rest).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            rebuild(dir.path()).commit(&Maintenance::default()).unwrap();
            let snapshot = open(dir.path());
            assert_eq!(
                (snapshot.info().passages, &*snapshot.info().fingerprint.model),
                (0, "other model"),
                "{path}"
            );
            assert_eq!(listing(dir.path()).len(), 3, "{path}: marker, list and table are left");
        }
    }
}

/// What an index remembers, with another list of segments if one is given.
fn remembered_or(dir: &tempfile::TempDir, list: Option<&str>) -> Salvage {
    if let Some(list) = list {
        fs::write(dir.path().join(SEGMENTS).join("meta.json"), list).unwrap();
    }
    Salvage::of(dir.path()).unwrap()
}

#[test]
fn what_an_index_remembers_is_read_from_what_is_left() {
    let dir = index();
    let remembered = Salvage::of(dir.path()).unwrap();
    assert_eq!((remembered.roots.len(), &*remembered.model_source), (1, "somewhere"));
    for path in listing(dir.path()).into_keys().filter(|path| !path.ends_with("meta.json")) {
        fs::write(path, "rubbish").unwrap();
    }
    assert_eq!(Salvage::of(dir.path()), Some(remembered));
    let list = dir.path().join(SEGMENTS).join("meta.json");
    let text = fs::read_to_string(&list).unwrap();
    assert!(!remembered_or(&dir, None).damaged);
    let renamed = text.replace(r#"\"name\":\"a\""#, r#"\"name\":\"c\""#);
    assert!(remembered_or(&dir, Some(&renamed)).damaged);
    let (without, _) = text.trim_end().rsplit_once('\n').unwrap();
    assert!(!remembered_or(&dir, Some(without)).damaged, "older formats have no checksum");
    fs::write(&list, &text[..text.len() / 2]).unwrap();
    assert_eq!(Salvage::of(dir.path()), None);
    assert_eq!(Salvage::of(Path::new("/no/such")), None);
}

#[test]
fn a_first_run_writes_no_list_before_its_commit() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = super::fixture::writer(dir.path());
    writer.put(note("a", "one.md", &["alpha"])).unwrap();
    assert!(!listing(dir.path()).keys().any(|name| name.ends_with("meta.json")));
    assert!(matches!(Snapshot::open(dir.path()), Err(Error::NoIndex { .. })));
    writer.commit(&Maintenance::default()).unwrap();
    assert_eq!(ids(&open(dir.path()), "alpha").len(), 1);
}
