//! Passages whose vectors are pending are found by their words, and by nothing else.

use std::path::Path;

use super::fixture::{
    DIM, ask, ids, note, open, optimize, passage, query, search_vectors, search_words, write,
};
use super::*;
use crate::hit::{Candidate, Row};

/// The same note before anything of it is embedded.
fn pending(note: NewFile) -> NewFile {
    let without = |new: NewPassage| NewPassage::pending(new.id, new.passage, DIM);
    NewFile { passages: note.passages.into_iter().map(without).collect(), ..note }
}

fn notes() -> [NewFile; 3] {
    [
        note("a", "one.md", &["alpha beta", "gamma"]),
        note("a", "two.md", &["alpha delta"]),
        note("b", "three.md", &["alpha", "epsilon"]),
    ]
}

#[test]
fn what_has_no_vector_is_found_by_its_words_alone() {
    let dir = tempfile::tempdir().unwrap();
    let [one, two, three] = notes();
    let hash = two.passages[0].embedded;
    let info = write(dir.path(), |writer| {
        writer.put(one.clone()).unwrap();
        writer.put(pending(two)).unwrap();
        writer.put(three).unwrap();
    });
    assert_eq!((info.files, info.passages, info.pending), (3, 5, 1));
    let snapshot = open(dir.path());
    assert_eq!((snapshot.info(), ids(&snapshot, "alpha").len()), (&info, 3));
    let delta = search_words(&snapshot, "delta", 9);
    let nearest = search_vectors(&snapshot, &query("alpha delta"), 9);
    let rows = |found: &[Candidate]| found.iter().map(|found| found.row).collect::<Vec<Row>>();
    assert_eq!((delta.len(), nearest.len()), (1, 4));
    assert!(!rows(&nearest).contains(&delta[0].row));
    let question = ask(&snapshot, "delta", "alpha delta", &Filter::default());
    let looks = question.look(&[delta[0].row, nearest[0].row]).unwrap();
    assert!(looks[0].pending && looks[0].words.coverage > 0.9 && !looks[1].pending);
    let filter = Filter { paths: vec!["two.md".into()], ..Filter::default() };
    let filtered = ask(&snapshot, "delta", "alpha delta", &filter);
    assert_eq!((filtered.search_words(9).unwrap().len(), filtered.search_vectors(9).unwrap()), (1, vec![]));
    let sample = snapshot.sample(9).unwrap();
    assert!(sample.len() == 4 && !sample.contains(&delta[0].row));
    assert_eq!(snapshot.vector_of(&hash).unwrap(), None);
    let stored = snapshot.stored_vectors(&rows(&delta)).unwrap();
    assert_eq!(snapshot.vector_of(&stored[0].embedded).unwrap(), None);
    assert_eq!(passage(&snapshot, delta[0].row).path.as_str(), "two.md");
    assert_eq!(crate::store::check(dir.path()).unwrap().findings, []);
}

#[test]
fn once_its_vectors_are_there_an_index_is_as_if_they_had_never_been_missing() {
    let (dir, whole) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    optimize(whole.path(), |writer| notes().into_iter().for_each(|note| writer.put(note).unwrap()));
    let info = optimize(dir.path(), |writer| {
        for note in notes() {
            writer.put(pending(note)).unwrap();
        }
        writer.checkpoint(3).unwrap();
        writer.put(notes()[1].clone()).unwrap();
        writer.checkpoint(2).unwrap();
    });
    // What has no vector is no part of a graph.
    assert_eq!((info.waiting, info.pending), (0, 2));
    assert!(open(dir.path()).segments().iter().all(|segment| segment.graph_built_at().is_none()));
    let found = |dir: &Path| {
        let snapshot = open(dir);
        let found = [search_words(&snapshot, "alpha", 9), search_vectors(&snapshot, &query("gamma"), 9)];
        found.map(|found| {
            let of = |found: &Candidate| (passage(&snapshot, found.row).id, found.score.to_bits());
            found.iter().map(of).collect::<Vec<_>>()
        })
    };
    assert_eq!(found(dir.path())[1].len(), 1);
    let [one, _, three] = notes();
    let info = optimize(dir.path(), |writer| {
        writer.put(one).unwrap();
        writer.put(three).unwrap();
    });
    assert_eq!((info.files, info.passages, info.pending), (3, 5, 0));
    assert_eq!(found(dir.path()), found(whole.path()));
    let snapshot = open(dir.path());
    assert!(snapshot.segments().len() == 1 && snapshot.segments()[0].graph_built_at().is_some());
    assert!(snapshot.files().unwrap().iter().all(|record| !record.pending));
}
