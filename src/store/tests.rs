//! The store as its users see it: what goes in comes out, and nothing but that.

mod crashes;
mod rebuild;
mod check;
mod contract;
mod damage;
pub(crate) mod fixture;
mod history;
pub(super) mod journal;
pub(crate) mod memory;
mod model;
mod pending;
mod single_writer;

use self::fixture::{DIM, ask, ids, note, open, passage, query, search_vectors, search_words, write};
use super::*;
use std::path::PathBuf;

use crate::calendar::Day;
use crate::document::{EmbeddedHash, NotePath, PassageId, Root};
use crate::hit::Row;
use crate::query::{Filter, Query};

#[test]
fn what_goes_in_comes_out() {
    let dir = tempfile::tempdir().unwrap();
    let file = note("a", "x/gil.md", &["The global interpreter lock.", "Reference counting."]);
    let info = write(dir.path(), |writer| {
        writer.set_roots(vec![Root::new("a", "/notes/\u{e9}")]);
        writer.put(file.clone()).unwrap();
    });
    let snapshot = Snapshot::open(dir.path()).unwrap();
    assert_eq!(snapshot.info(), &info);
    assert_eq!((info.files, info.passages, info.fingerprint.dim), (1, 2, DIM));
    assert_eq!(info.roots[0].path, PathBuf::from("/notes/\u{e9}"));
    assert_eq!(snapshot.files().unwrap(), [FileRecord { passages: 2, ..file.record.clone() }]);
    let stored = snapshot.passages_of("a", &file.record.path).unwrap();
    assert_eq!(stored.len(), 2);
    for (stored, new) in stored.iter().zip(&file.passages) {
        assert_eq!(stored.passage, new.passage);
        assert_eq!((stored.id, &stored.tags, &stored.date), (new.id, &file.tags, &file.date));
        assert_eq!(
            (&stored.title, &stored.root, &stored.path),
            (&file.title, &"a".into(), &file.record.path)
        );
        assert_eq!(
            snapshot.vector_of(&new.embedded).unwrap().as_ref(),
            Some(&(new.vector.clone(), new.part_vectors.clone()))
        );
    }
    assert!(snapshot.size_bytes().unwrap() > 1000);
    assert_eq!(snapshot.vector_of(&EmbeddedHash::of(b"something else")).unwrap(), None);
}

#[test]
fn files_are_replaced_touched_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), |writer| {
        writer.put(note("a", "one.md", &["alpha beta", "gamma"])).unwrap();
        writer.put(note("a", "two.md", &["delta"])).unwrap();
        // The second of two in one commit stands.
        writer.put(note("a", "two.md", &["epsilon"])).unwrap();
    });
    assert_eq!(ids(&open(dir.path()), "delta"), []);
    assert_eq!(ids(&open(dir.path()), "epsilon").len(), 1);
    write(dir.path(), |writer| {
        writer.put(note("a", "one.md", &["zeta"])).unwrap();
        writer.remove("a", &NotePath::from_encoded("two.md")).unwrap();
        writer.remove("a", &NotePath::from_encoded("never-there.md")).unwrap();
    });
    let snapshot = open(dir.path());
    for gone in ["alpha", "gamma", "epsilon"] {
        assert_eq!(ids(&snapshot, gone), [], "{gone}");
    }
    assert_eq!(ids(&snapshot, "zeta").len(), 1);
    assert_eq!((snapshot.info().files, snapshot.info().passages), (1, 1));
    let mut record = snapshot.files().unwrap().remove(0);
    record.stamp.modified_ns += 1;
    write(dir.path(), |writer| writer.touch(record.clone()).unwrap());
    assert_eq!(open(dir.path()).files().unwrap(), [record.clone()]);
    assert_eq!(ids(&open(dir.path()), "zeta").len(), 1);
    record.path = NotePath::from_encoded("elsewhere.md");
    let mut writer = fixture::writer(dir.path());
    assert_eq!(writer.touch(record).unwrap_err().kind(), crate::error::ErrorKind::NotFound);
}

#[test]
fn without_changes_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let first = write(dir.path(), |writer| writer.put(note("a", "one.md", &["alpha"])).unwrap());
    let before = fixture::listing(dir.path());
    let record = open(dir.path()).files().unwrap().remove(0);
    let again = write(dir.path(), |writer| {
        writer.touch(record).unwrap();
        writer.set_roots(vec![]);
        assert!(!writer.changed());
    });
    assert_eq!(again, first);
    assert_eq!(fixture::listing(dir.path()), before);
}

#[test]
fn each_change_has_a_greater_number() {
    let dir = tempfile::tempdir().unwrap();
    let mut last = 0;
    for text in ["alpha", "beta", "gamma"] {
        let info = write(dir.path(), |writer| writer.put(note("a", "one.md", &[text])).unwrap());
        assert!(info.commit > last && open(dir.path()).info().commit == info.commit);
        last = info.commit;
    }
    assert_eq!(write(dir.path(), |_| {}).commit, last, "nothing has changed");
    assert_eq!(fixture::optimize(dir.path(), |_| {}).commit, last, "a merge changes nothing");
}

#[test]
fn an_empty_index_answers() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), |writer| assert!(writer.changed()));
    let snapshot = open(dir.path());
    assert_eq!(search_vectors(&snapshot, &query("x"), 5), []);
    assert_eq!(search_words(&snapshot, "x", 5), []);
    assert_eq!(snapshot.with_prefix("", 5).unwrap(), []);
    assert!(snapshot.passages(&[Row::new(0)]).is_err());
}

#[test]
fn filters_select_by_path_and_tag() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), |writer| {
        for (root, path, tag) in
            [("a", "python/gil.md", "python"), ("a", "rust.md", "rust"), ("b", "python/x.md", "rust")]
        {
            let mut file = note(root, path, &["shared words"]);
            file.tags.push(tag.into());
            writer.put(file).unwrap();
        }
    });
    let snapshot = open(dir.path());
    let check = |paths: &[&str], tags: &[&str], expected: &[&str]| {
        let strings = |these: &[&str]| these.iter().map(|&this| this.to_owned()).collect();
        let filter = Filter { paths: strings(paths), tags: strings(tags), ..Filter::default() };
        let question = ask(&snapshot, "shared", "x", &filter);
        assert_eq!(question.selected(), Some(expected.len()));
        for found in [question.search_words(9).unwrap(), question.search_vectors(9).unwrap()] {
            let stored = found.iter().map(|found| passage(&snapshot, found.row));
            let mut files: Vec<String> =
                stored.map(|stored| format!("{}/{}", stored.root, stored.path)).collect();
            files.sort();
            assert_eq!(files, expected, "{filter:?}");
        }
    };
    check(&["python"], &[], &["a/python/gil.md", "b/python/x.md"]);
    check(&["a"], &[], &["a/python/gil.md", "a/rust.md"]);
    check(&["a/python/*.md", "rust.md"], &[], &["a/python/gil.md", "a/rust.md"]);
    check(&[], &["#Rust"], &["a/rust.md", "b/python/x.md"]);
    check(&["python"], &["rust"], &["b/python/x.md"]);
    check(&[], &["rust", "python"], &[]);
    check(&["nowhere"], &[], &[]);
    assert_eq!(ask(&snapshot, "shared", "x", &Filter::default()).selected(), None);
}

#[test]
fn filters_select_by_date() {
    let dir = tempfile::tempdir().unwrap();
    for (path, date) in [
        ("a.md", Day::new(2023, 12, 31)),
        ("b.md", Day::new(2024, 1, 1)),
        ("c.md", Day::new(2024, 6, 30)),
        ("d.md", None),
    ] {
        write(dir.path(), |writer| {
            writer.put(NewFile { date: Day::new(2024, 1, 1), ..note("a", path, &["gone"]) }).unwrap();
            writer.put(NewFile { date, ..note("a", path, &["words"]) }).unwrap();
        });
    }
    let snapshot = open(dir.path());
    let check = |since: Option<Day>, before: Option<Day>, expected: &[&str]| {
        let question = ask(&snapshot, "words", "x", &Filter { since, before, ..Filter::default() });
        let found = question.search_words(9).unwrap();
        let mut paths: Vec<String> =
            found.iter().map(|found| passage(&snapshot, found.row).path.to_string()).collect();
        paths.sort();
        assert_eq!(
            (paths, question.selected()),
            (expected.iter().map(ToString::to_string).collect(), Some(expected.len()))
        );
    };
    let new_year = Day::new(2024, 1, 1);
    check(new_year, None, &["b.md", "c.md"]);
    check(None, new_year, &["a.md"]);
    check(new_year, Day::new(2024, 6, 30), &["b.md"]);
    check(Day::new(2025, 1, 1), new_year, &[]);
    check(Day::new(0, 1, 1), None, &["a.md", "b.md", "c.md"]);
}

#[test]
fn ids_are_found_by_their_first_digits() {
    let dir = tempfile::tempdir().unwrap();
    let twin = |last: u128| PassageId((0xABCD_EF01_2345_6789_ABCD << 48) | last);
    write(dir.path(), |writer| {
        let mut file = note("a", "one.md", &["alpha", "beta", "gamma"]);
        file.passages[0].id = twin(0);
        file.passages[1].id = twin(1);
        writer.put(file).unwrap();
    });
    let snapshot = open(dir.path());
    assert_eq!(snapshot.short_ids(&[twin(0)]).unwrap().remove(0), twin(0).digits());
    let other =
        snapshot.with_prefix("", 9).unwrap().into_iter().find(|stored| stored.passage.text == "gamma");
    let short = snapshot.short_ids(&[other.unwrap().id]).unwrap().remove(0);
    assert_eq!(short.len(), 8);
    let found = snapshot.with_prefix(&format!("#{}", short.to_uppercase()), 9).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].passage.text, "gamma");
    let twins = snapshot.with_prefix(&twin(0).digits()[..20], 9).unwrap();
    assert_eq!(twins.iter().map(|stored| stored.id).collect::<Vec<_>>(), [twin(0), twin(1)]);
    assert_eq!(snapshot.with_prefix(&twin(0).digits()[..20], 1).unwrap().len(), 1);
    assert_eq!(snapshot.with_prefix("zz%", 9).unwrap(), []);
}

#[test]
fn any_text_is_a_question() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), |writer| {
        writer.put(note("a", "one.md", &["call __init__ of np.array AND \"quotes\""])).unwrap();
    });
    let snapshot = open(dir.path());
    for nothing in ["", " \n", "?!…", "() AND: +-", "\u{0}"] {
        let expected = usize::from(nothing.contains("AND"));
        assert_eq!(search_words(&snapshot, nothing, 5).len(), expected, "{nothing:?}");
    }
    for something in ["__init__", "init", "np.array", "ARRAY?", "body:quotes\"", "the quote"] {
        assert_eq!(search_words(&snapshot, something, 5).len(), 1, "{something:?}");
    }
    let long = "unknown words ".repeat(8_000) + "quotes";
    assert_eq!(search_words(&snapshot, &long, 5).len(), 1);
}

#[test]
fn scores_of_given_rows_are_those_of_the_searches() {
    let dir = tempfile::tempdir().unwrap();
    for text in ["alpha beta", "beta gamma beta", "gamma delta"] {
        write(dir.path(), |writer| writer.put(note("a", text, &[text, "padding", "beta"])).unwrap());
    }
    let snapshot = open(dir.path());
    for k in [1, 4, 20] {
        let question = ask(&snapshot, "beta delta", "alpha", &Filter::default());
        let dense = question.search_vectors(k).unwrap();
        let rows: Vec<Row> = dense.iter().rev().map(|found| found.row).collect();
        let looks = question.look(&rows).unwrap();
        assert!(looks.iter().rev().map(|look| look.cosine).eq(dense.iter().map(|found| found.score)));
        let lexical = question.search_words(k).unwrap();
        let rows: Vec<Row> = lexical.iter().rev().map(|found| found.row).collect();
        let looks = question.look(&rows).unwrap();
        assert!(looks.iter().rev().map(|look| look.words.score).eq(lexical.iter().map(|found| found.score)));
    }
    let (words, all) = (Query::words("x"), Filter::default());
    assert!(snapshot.question(&words, Some(&[1.0]), &all).is_err());
    let by_words = snapshot.question(&words, None, &all).unwrap();
    assert!(
        by_words.search_words(1).is_ok()
            && by_words.search_vectors(1).is_err()
            && by_words.look(&[]).is_err()
    );
    assert!(ask(&snapshot, "x", "x", &all).look(&[Row::new(1000)]).is_err());
}

/// The texts of the passages that a question's demands leave.
fn left(snapshot: &Snapshot, question: &str) -> Vec<String> {
    let asked = Query::parse(question, Day::of(0));
    let question = snapshot.question(&asked, Some(&query("x")), &Filter::default()).unwrap();
    let found = question.search_vectors(99).unwrap();
    let mut texts: Vec<String> =
        found.iter().map(|found| passage(snapshot, found.row).passage.text).collect();
    texts.sort();
    texts
}

#[test]
fn phrases_and_exclusions_select() {
    let dir = tempfile::tempdir().unwrap();
    let texts = [
        "the state of the art",
        "art of the state",
        "call my_func now",
        "call my func now",
        "a DataFrame",
        "a dataframe",
    ];
    write(dir.path(), |writer| writer.put(note("a", "one.md", &texts)).unwrap());
    write(dir.path(), |writer| {
        writer.put(note("a", "two.md", &["the state of the art"])).unwrap();
        writer.put(note("a", "two.md", &["gone"])).unwrap();
    });
    let snapshot = open(dir.path());
    let check = |question: &str, expected: &[&str]| {
        let mut expected: Vec<&str> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(left(&snapshot, question), expected, "{question}");
    };
    check("\"state of the art\"", &["the state of the art"]);
    check("\"State of THE art\"", &["the state of the art"]);
    check("\"state of the arts\"", &[]);
    check("\"of the\"", &["the state of the art", "art of the state"]);
    check("\"state-of-the-art\"", &["the state of the art"]);
    check("\"my_func\"", &["call my_func now"]);
    check("\"call my_func now\"", &["call my_func now"]);
    check("\"call my func now\"", &["call my_func now", "call my func now"]);
    check("\"a DataFrame\"", &["a DataFrame", "a dataframe"]);
    check("\"a data frame\"", &["a DataFrame"]);
    check("\"dataframe\"", &["a DataFrame", "a dataframe"]);
    check("x -call -state -gone", &["a DataFrame", "a dataframe"]);
    check("\"the\" -\"state of\"", &["art of the state"]);
    check("\"nowhere\"", &[]);
    check(&format!("\"{}\"", "x".repeat(200)), &[]);
}

#[test]
fn typos_find_what_was_meant_at_a_cost() {
    let dir = tempfile::tempdir().unwrap();
    let texts = ["a decorator wraps", "painted rooms", "sourdough bread", "the café in Paris"];
    write(dir.path(), |writer| writer.put(note("a", "one.md", &texts)).unwrap());
    let snapshot = open(dir.path());
    for (typo, meant) in [
        ("sourdoguh", "sourdough"),
        ("bred", "bread"),
        ("pariz", "paris"),
        ("decoratr", "decorator"),
        ("soudrouhg", "sourdough"),
    ] {
        let found = search_words(&snapshot, typo, 9);
        let exact = search_words(&snapshot, meant, 9);
        assert_eq!(found.len(), 1, "{typo}");
        assert_eq!(found[0].row, exact[0].row, "{typo}");
        assert!(found[0].score <= 0.51 * exact[0].score, "{typo}");
        let looks = ask(&snapshot, typo, "x", &Filter::default()).look(&[found[0].row]).unwrap();
        let coverage = looks[0].words.coverage;
        assert!(coverage > 0.2 && coverage < 0.51, "{typo} {coverage}");
    }
    for none in ["cat", "pa1is", "par_iss", "then", "zzzzzz"] {
        assert!(search_words(&snapshot, none, 9).is_empty(), "{none}");
    }
}

#[test]
fn features_tell_how_a_passage_has_the_words() {
    let dir = tempfile::tempdir().unwrap();
    let texts = ["red owls hunt mice", "mice hunt many red big owls", "nothing of it"];
    write(dir.path(), |writer| {
        let mut file = note("a", "one.md", &texts);
        file.title = Some("mice".into());
        writer.put(file).unwrap();
    });
    let snapshot = open(dir.path());
    let features = |question: &str, text: &str| {
        let question = ask(&snapshot, question, "x", &Filter::default());
        let rows: Vec<Row> = question.search_vectors(9).unwrap().iter().map(|found| found.row).collect();
        let at = rows.iter().position(|row| passage(&snapshot, *row).passage.text == text).unwrap();
        question.look(&rows).unwrap()[at].words
    };
    let exact = features("do red owls hunt?", texts[0]);
    assert!((exact.coverage, exact.body_coverage, exact.context_coverage) == (1.0, 1.0, 0.0), "{exact:?}");
    assert!((exact.adjacency, exact.proximity) == (1.0, 1.0), "{exact:?}");
    let loose = features("do red owls hunt?", texts[1]);
    assert!((loose.coverage, loose.adjacency, loose.proximity) == (1.0, 0.0, 0.6), "{loose:?}");
    let above = features("mice", texts[2]);
    assert!((above.coverage, above.context_coverage, above.body_coverage) == (1.0, 1.0, 0.0), "{above:?}");
    let nothing = crate::hit::LexicalFeatures { missing: 1.0, ..Default::default() };
    assert_eq!(features("zebra", texts[0]), nothing);
    assert!(exact.missing == 0.0 && (features("zebra mice", texts[0]).missing - 1.0).abs() < 1e-6);
}
