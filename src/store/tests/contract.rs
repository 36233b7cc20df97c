//! What every store that can be asked has in common: the one on disk and the one in memory.

use super::fixture::{note, open, query, word_vector, write};
use super::memory::MemoryStore;
use crate::calendar::Day;
use crate::document::{EmbeddedHash, NotePath, PassageId};
use crate::hit::{Candidate, Look, Row, UnknownWord};
use crate::query::{Filter, Query};
use crate::store::{NewFile, Store};
use crate::word_vector::QuestionWord;

const TEXTS: [&[&str]; 5] = [
    &["the state of the art", "owls hunt mice at night", "a DataFrame of owls"],
    &["art of the state", "call my_func now"],
    &["call my func now", "sourdough bread and bred horses", "the state of the art"],
    &["night trains to the north", "owls, owls, owls", "copy-on-write"],
    &["a dataframe", "the café in Paris", "mice hunt many red big owls"],
];

/// Notes with tags, dates, titles and words that they share.
fn files() -> Vec<NewFile> {
    let file = |(number, texts): (usize, &&[&str])| {
        let folder = ["birds", "code"][number % 2];
        let mut file = note("a", &format!("{folder}/{number}.md"), texts);
        file.tags.push(["Red", "green"][number / 3].into());
        file.date = Day::new(2024, number as u64 + 1, 15).filter(|_| number != 3);
        file.title = (number > 0).then(|| format!("Owls and mice {number}"));
        file
    };
    TEXTS.iter().enumerate().map(file).collect()
}

/// Checks something of both stores, which hold the same.
fn each(check: impl Fn(&dyn Store)) {
    let dir = tempfile::tempdir().unwrap();
    for file in files() {
        write(dir.path(), |writer| writer.put(file).unwrap());
    }
    let snapshot = open(dir.path());
    check(&snapshot);
    check(&MemoryStore::new(&snapshot, &files()));
    #[cfg(feature = "live-postgres")]
    check(
        &*crate::store::postgres::tests::TestDatabase::new()
            .with(&snapshot.info().fingerprint, &files())
            .open(),
    );
}

/// The texts of what was found, best first.
fn texts(store: &dyn Store, found: &[Candidate]) -> Vec<String> {
    let rows: Vec<Row> = found.iter().map(|found| found.row).collect();
    store.passages(&rows).unwrap().into_iter().map(|stored| stored.passage.text).collect()
}

#[test]
fn what_goes_in_comes_out() {
    each(|store| {
        assert_eq!(store.info().passages, 14);
        for file in files() {
            let stored = store.passages_of("a", &file.record.path).unwrap();
            let said: Vec<PassageId> = stored.iter().map(|stored| stored.id).collect();
            assert!(said.iter().eq(file.passages.iter().map(|new| &new.id)), "{}", file.record.path);
            for (at, id) in said.iter().enumerate() {
                let near = store.stretch("a", &file.record.path, *id, 1).unwrap();
                let start = stored.iter().position(|stored| stored.id == near.passages[0].id).unwrap();
                let end = start + near.passages.len();
                assert_eq!(near.passages, stored[start..end]);
                assert_eq!((near.before, near.after), (start > 0, end < stored.len()));
                assert!(start <= at.saturating_sub(1) && stored.len().min(at + 2) <= end);
            }
            let short = store.short_ids(&said).unwrap();
            assert!(
                short.iter().zip(&said).all(|(short, id)| short.len() == 8 && id.digits().starts_with(short))
            );
        }
        assert_eq!(store.passages_of("a", &NotePath::from_encoded("no.md")).unwrap(), []);
        assert_eq!(store.short_ids(&[]).unwrap(), [""; 0]);
    });
}

#[test]
fn all_of_it_can_be_read_to_be_written_elsewhere() {
    each(|store| {
        let server = store.server().unwrap();
        assert!(store.is_current() && server.is_none_or(|server| !server.version.is_empty()));
        let known = store.files().unwrap();
        assert!(known.is_sorted_by(|a, b| (&a.root, &a.path) < (&b.root, &b.path)));
        for file in files() {
            let record = known.iter().find(|known| known.path == file.record.path).unwrap();
            assert_eq!((record.passages as usize, record.hash), (file.passages.len(), file.record.hash));
            let rows = store.rows_of("a", &record.path).unwrap();
            let passages = store.passages(&rows).unwrap();
            for (stored, vectors) in passages.iter().zip(store.stored_vectors(&rows).unwrap()) {
                let new = file.passages.iter().find(|new| new.id == stored.id).unwrap();
                assert_eq!((&vectors.embedded, &vectors.vector), (&new.embedded, &new.vector));
                assert_eq!((&vectors.part_vectors, &stored.passage), (&new.part_vectors, &new.passage));
            }
            let mut hashes: Vec<EmbeddedHash> = file.passages.iter().map(|new| new.embedded).collect();
            hashes.insert(1, EmbeddedHash::of(b"nothing of the kind"));
            let found = store.vectors_of(&hashes).unwrap();
            let has = found.iter().map(Option::is_some);
            assert!(has.eq((0..hashes.len()).map(|at| at != 1)), "{}", record.path);
            assert_eq!(found[0].as_ref().unwrap().0, file.passages[0].vector);
            let digits = file.passages[0].id.digits();
            let found = store.with_prefix(&format!("#{}", digits[..9].to_ascii_uppercase()), 5).unwrap();
            assert_eq!(found.iter().map(|stored| stored.id).collect::<Vec<_>>(), [file.passages[0].id]);
        }
        let all = store.with_prefix("", 100).unwrap();
        assert!(all.len() == 14 && all.is_sorted_by(|a, b| a.id.digits() < b.id.digits()));
        assert_eq!(store.with_prefix("", 3).unwrap(), all[..3]);
        assert!(
            store.vectors_of(&[]).unwrap().is_empty() && store.passages_linking("owls").unwrap().is_empty()
        );
        store.expect(&[("a", &known[0].path)], &["owls"], 5).unwrap();
    });
}

#[test]
fn vectors_are_found_by_their_cosine() {
    each(|store| {
        let question =
            store.question(&Query::default(), Some(&query("a dataframe")), &Filter::default()).unwrap();
        let found = question.search_vectors(100).unwrap();
        assert_eq!((found.len(), &*texts(store, &found)[0]), (14, "a dataframe"));
        assert!(found[0].score > 0.999 && found.is_sorted_by(|a, b| a.score >= b.score));
        let rows: Vec<Row> = found.iter().map(|found| found.row).collect();
        for (vector, found) in store.vectors(&rows).unwrap().iter().zip(&found) {
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            let (asked, length) = (query("a dataframe"), dot(vector, vector).sqrt());
            assert!((dot(&asked, vector) / (dot(&asked, &asked).sqrt() * length) - found.score).abs() < 0.01);
        }
        assert_eq!(question.search_vectors(3).unwrap(), found[..3]);
    });
}

#[test]
fn words_are_found_and_looks_agree_with_searches() {
    each(|store| {
        let find = |words: &str| {
            let question =
                store.question(&Query::words(words), Some(&query("x")), &Filter::default()).unwrap();
            let found = question.search_words(100).unwrap();
            let rows: Vec<Row> = found.iter().rev().map(|found| found.row).collect();
            let looks = question.look(&rows).unwrap();
            assert!(
                looks.iter().rev().map(|look| look.words.score).eq(found.iter().map(|found| found.score))
            );
            texts(store, &found)
        };
        assert_eq!(find("bread")[..], ["sourdough bread and bred horses"]);
        assert_eq!(find("sourdoguh")[..], ["sourdough bread and bred horses"]);
        assert_eq!(find("pariz")[..], ["the café in Paris"]);
        assert_eq!(find("copy on write")[0], "copy-on-write");
        assert_eq!(find("owls").len(), 13, "titles count");
        assert!(find("?!").is_empty() && find("").is_empty() && find("zzzzzz").is_empty());
    });
}

#[test]
fn demands_and_filters_select() {
    each(|store| {
        let count = |question: &str, filter: &Filter| {
            let parsed = Query::parse(question, Day::of(0));
            let question = store.question(&parsed, Some(&query("x")), filter).unwrap();
            question.search_vectors(100).unwrap().len()
        };
        let all = Filter::default();
        for (question, expected) in [
            ("x \"state of the art\"", 2),
            ("\"call my func now\"", 2),
            ("\"call my_func now\"", 1),
            ("x -\"state of the art\"", 12),
            ("owls path:birds", 9),
            ("owls -path:birds", 5),
            ("owls tag:#GREEN -owls", 0),
            ("night tag:green -title:mice", 0),
            ("since:2024-03 owls", 6),
            ("before:2024-03 owls", 5),
            ("title:\"mice 4\" owls", 3),
            ("\"nowhere to be found\"", 0),
            ("what is \"nowhere to be found\" in it", 14),
        ] {
            assert_eq!(count(question, &all), expected, "{question}");
        }
        let paths = vec!["birds/*.md".into(), "1.md".into()];
        assert_eq!(count("x", &Filter { paths, ..Filter::default() }), 11);
        let tags = vec!["red".into(), "#all".into()];
        assert_eq!(count("x", &Filter { tags, ..Filter::default() }), 8);
        let (since, before) = (Day::new(2024, 2, 1), Day::new(2024, 5, 15));
        assert_eq!(count("x", &Filter { since, before, ..Filter::default() }), 5);
    });
}

#[test]
fn what_makes_no_sense_is_refused() {
    each(|store| {
        let (words, all) = (Query::words("owls"), Filter::default());
        assert!(store.question(&words, Some(&[1.0]), &all).is_err());
        let broken = Filter { paths: vec!["a[".into()], ..Filter::default() };
        assert!(store.question(&words, None, &broken).is_err());
        let by_words = store.question(&words, None, &all).unwrap();
        assert!(by_words.search_words(5).is_ok() && by_words.search_vectors(5).is_err());
        let outside = [Row::new(1 << 40)];
        let question = store.question(&words, Some(&query("x")), &all).unwrap();
        assert!(question.look(&outside).is_err() && by_words.look(&[]).is_err());
        assert!(store.passages(&outside).is_err() && store.vectors(&outside).is_err());
        assert_eq!(question.look(&[]).unwrap(), [] as [Look; 0]);
    });
}

#[test]
fn words_of_a_question_match_those_of_passages() {
    each(|store| {
        let asked = Query::words("dataframe or zzyzx, and bred horses");
        let question = store.question(&asked, Some(&query("x")), &Filter::default()).unwrap();
        let words: Vec<QuestionWord> = ["dataframe", "zzyzx", "horses"]
            .map(|text| QuestionWord { text: text.into(), vector: word_vector(text) })
            .into();
        let rows: Vec<Row> = question.search_vectors(100).unwrap().iter().map(|found| found.row).collect();
        let matches = question.match_words(&words, &rows).unwrap();
        for (passage, matches) in store.passages(&rows).unwrap().iter().zip(&matches) {
            let text = &passage.passage.text;
            assert_eq!(matches.words(), text.split_whitespace().count(), "{text}");
            let best: Vec<(f32, f32)> = matches.best_in(0..matches.words()).collect();
            for (word, (weight, cosine)) in words.iter().zip(best) {
                assert_eq!(cosine > 0.7, text.split_whitespace().any(|other| other == word.text), "{text}");
                assert!(weight > 0.0);
            }
        }
        let weights = &matches[0].weights;
        assert!(weights[1] >= weights[0], "what no passage has is rarest: {weights:?}");
        let unknown = UnknownWord { word: "zzyzx".into(), may_be_typo: false };
        assert_eq!(question.unknown_words().unwrap(), [unknown]);
        assert!(question.match_words(&words, &[Row::new(1 << 40)]).is_err());
        assert!(question.match_words(&[], &rows).unwrap().iter().all(|matches| matches.interaction() == 0.0));
    });
}
