//! Whenever the power goes, the index is in the state before a commit or in the one after it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::fixture::{DIM, note, optimize, query, write, writer};
use super::journal::{Change, Disk, Journal, Loss};
use crate::document::{NotePath, PassageId};
use crate::error::{Error, Result};
use crate::hit::Candidate;
use crate::query::{Filter, Query};
use crate::random::SplitMix64;
use crate::store::layout::{MARKER, SEGMENTS};
use crate::store::lock::LOCK;
use crate::store::{FileRecord, Fingerprint, Maintenance, Snapshot, Strategy, Writer, check};

/// A folder whose disk is fast to sync, where there is one.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// All that a state of an index says.
#[derive(Clone, Debug, PartialEq)]
struct State {
    /// Path, id and text of each passage, in the order of ids.
    passages: Vec<(String, PassageId, String)>,
    files: Vec<FileRecord>,
    waiting: u64,
    /// The best by a vector and by some words, with the bits of their scores.
    found: [Vec<(PassageId, u32)>; 2],
}

/// The state of an index; `None` if there is none.
fn state(dir: &Path) -> Result<Option<State>> {
    let snapshot = match Snapshot::open(dir) {
        Err(Error::NoIndex { .. }) => return Ok(None),
        opened => opened?,
    };
    let found = |candidates: Vec<Candidate>| -> Result<Vec<_>> {
        let of = |found: Candidate| Ok((snapshot.passages(&[found.row])?[0].id, found.score.to_bits()));
        candidates.into_iter().map(of).collect()
    };
    // Broad enough to find all, through a graph where there is one.
    let (words, all) = (Query::words("common changed 3"), Filter::default());
    let question =
        snapshot.question(&words, Some(&query("x")), &all)?.by(Strategy::Graph { ef_search: 1000 });
    let all = snapshot.with_prefix("", 1000)?;
    for stored in &all {
        assert!(snapshot.passages_of(&stored.root, &stored.path)?.contains(stored));
    }
    Ok(Some(State {
        found: [found(question.search_vectors(50)?)?, found(question.search_words(50)?)?],
        passages: all.into_iter().map(|one| (one.path.to_string(), one.id, one.passage.text)).collect(),
        files: snapshot.files()?,
        waiting: snapshot.info().waiting,
    }))
}

/// Adds a note with so many passages.
fn put(writer: &mut Writer, path: &str, word: &str, passages: usize) {
    let texts: Vec<String> = (0..passages).map(|at| format!("{word} {at} of {path}, common")).collect();
    writer.put(note("a", path, &texts.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
}

/// A history: what it did to the disk, and each state with how much had been done when its commit came back.
fn history() -> (Vec<Change>, Vec<(usize, Option<State>)>) {
    let dir = folder();
    let journal = Journal::of(dir.path());
    let steps: [&dyn Fn(&mut Writer); 5] = [
        &|writer| ["one.md", "two.md", "three.md"].iter().for_each(|path| put(writer, path, "first", 6)),
        &|writer| put(writer, "four.md", "added", 12),
        &|writer| put(writer, "three.md", "changed", 1),
        &|writer| writer.remove("a", &NotePath::from_encoded("three.md")).unwrap(),
        &|writer| {
            put(writer, "one.md", "changed", 7);
            writer.remove("a", &NotePath::from_encoded("two.md")).unwrap();
        },
    ];
    let mut states = vec![(0, None)];
    for step in steps {
        write(dir.path(), step);
        states.push((journal.changes().len(), state(dir.path()).unwrap()));
    }
    let mut long = writer(dir.path());
    for (waiting, path) in [(3, "five.md"), (2, "four.md"), (1, "six.md")] {
        put(&mut long, path, "read at last", 4);
        long.checkpoint(waiting).unwrap();
        states.push((journal.changes().len(), state(dir.path()).unwrap()));
    }
    long.commit(&Maintenance::default()).unwrap();
    states.push((journal.changes().len(), state(dir.path()).unwrap()));
    let mut rebuilding = Writer::rebuild(dir.path(), &Fingerprint::new("model", "chunking", DIM)).unwrap();
    put(&mut rebuilding, "one.md", "anew", 5);
    rebuilding.commit(&Maintenance::default()).unwrap();
    states.push((journal.changes().len(), state(dir.path()).unwrap()));
    optimize(dir.path(), |writer| put(writer, "two.md", "anew", 9));
    states.push((journal.changes().len(), state(dir.path()).unwrap()));
    (journal.changes(), states)
}

/// A disk after a crash.
struct Wreck {
    /// When and how it came about.
    how: String,
    files: BTreeMap<PathBuf, Option<Vec<u8>>>,
    /// The states that it may show.
    states: Vec<Option<State>>,
}

/// All different disks that crashes leave of a history, if the system `heeds` these of its changes.
fn wrecks(
    changes: &[Change],
    states: &[(usize, Option<State>)],
    heeds: impl Fn(&Change) -> bool,
) -> Vec<Wreck> {
    let mut generator = SplitMix64::new(1);
    let mut random = |below: usize| generator.below(below);
    let (mut disk, mut wrecks, mut seen) = (Disk::default(), Vec::new(), BTreeSet::new());
    // What isn't recorded, since it is no part of the index: that somebody is writing.
    disk.apply(&Change::Create(LOCK.into()));
    for done in 0..=changes.len() {
        let last = states.iter().rposition(|(end, _)| *end <= done).unwrap();
        let next = if states[last].0 == done { last } else { last + 1 };
        for loss in [Loss::Nothing, Loss::All, Loss::Some, Loss::Some] {
            let files = disk.after(loss, &mut random);
            let sums = files.iter().map(|(path, content)| {
                (path.clone(), content.as_ref().map(|content| crc32fast::hash(content)))
            });
            if seen.insert((last, next, sums.collect::<Vec<_>>())) {
                let how =
                    format!("after {done} changes, losing {loss:?}: {:?}", changes.get(done.wrapping_sub(1)));
                let states = states[last..=next].iter().map(|(_, state)| state.clone()).collect();
                wrecks.push(Wreck { how: how.chars().take(200).collect(), files, states });
            }
        }
        changes.get(done).into_iter().filter(|change| heeds(change)).for_each(|change| disk.apply(change));
    }
    wrecks
}

impl Wreck {
    /// The disk as a folder.
    fn folder(&self) -> tempfile::TempDir {
        let dir = folder();
        for (path, content) in &self.files {
            let path = dir.path().join(path);
            match content {
                Some(content) => fs::write(path, content).unwrap(),
                None => fs::create_dir(path).unwrap(),
            }
        }
        dir
    }

    /// Whether the index is there, in one of the states it may have.
    fn is_whole(&self) -> bool {
        state(self.folder().path()).is_ok_and(|state| self.states.contains(&state))
    }

    fn check(&self) {
        let dir = self.folder();
        let found = state(dir.path()).unwrap_or_else(|error| panic!("{}: {error}", self.how));
        assert!(self.states.contains(&found), "{}: {found:#?}", self.how);
        let is_sound = || check(dir.path()).unwrap().findings.is_empty();
        assert!(found.is_none() || is_sound(), "{}", self.how);
        let mut again = writer(dir.path());
        put(&mut again, "again.md", "again", 2);
        again.commit(&Maintenance::default()).unwrap();
        let after = state(dir.path()).unwrap().unwrap();
        let (new, old): (Vec<_>, Vec<_>) =
            after.passages.into_iter().partition(|(path, _, _)| path == "again.md");
        let files: Vec<FileRecord> =
            after.files.into_iter().filter(|record| record.path.as_str() != "again.md").collect();
        let before = found.map_or((vec![], vec![]), |found| (found.passages, found.files));
        assert_eq!((new.len(), old, files), (2, before.0, before.1), "{}", self.how);
        assert_eq!(leftovers(dir.path()), Vec::<String>::new(), "{}", self.how);
        assert!(is_sound(), "{}", self.how);
    }
}

/// The files that no part of the index's state needs.
fn leftovers(dir: &Path) -> Vec<String> {
    let snapshot = Snapshot::open(dir).unwrap();
    let table = snapshot.manifest().table.name();
    let names = |folder: &Path| -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let known = [MARKER, LOCK, SEGMENTS, table.as_str()];
    let mut left = names(dir);
    left.retain(|name| !known.contains(&name.as_str()));
    left.extend(names(&dir.join(SEGMENTS)).into_iter().filter(|name| !snapshot.owns(name)));
    left
}

#[test]
fn every_crash_leaves_the_state_before_or_after() {
    let (changes, states) = history();
    assert_eq!(states.len(), 12);
    let count = |kind: fn(&Change) -> bool| changes.iter().filter(|change| kind(change)).count();
    let meta = Path::new(SEGMENTS).join("meta.json");
    let switches = changes.iter().filter(|change| matches!(change, Change::Rename { to, .. } if *to == meta));
    // Each commit replaces it, and each merge once more; that of the last step is one of them.
    assert!(switches.count() > states.len(), "no segments were merged");
    assert!(count(|change| matches!(change, Change::Remove(_))) > 8);
    let wrecks = wrecks(&changes, &states, |_| true);
    assert!(wrecks.len() > changes.len(), "{} of {}", wrecks.len(), changes.len());
    wrecks.par_iter().for_each(Wreck::check);
}

#[test]
fn without_syncing_crashes_do_harm() {
    let (changes, states) = history();
    let harm = |heeds: fn(&Change) -> bool| {
        let wrecks = wrecks(&changes, &states, heeds);
        wrecks.par_iter().any(|wreck| !wreck.is_whole())
    };
    assert!(harm(|change| !matches!(change, Change::Sync(_))));
    assert!(harm(|change| !matches!(change, Change::SyncFolder(path) if path == Path::new(""))));
    assert!(harm(|change| !matches!(change, Change::SyncFolder(path) if path == Path::new(SEGMENTS))));
}
