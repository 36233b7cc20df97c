//! The sample notes and their questions, through the real model and the real program.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::Vault;

/// The index of `corpus/`, made once for all tests of this file.
fn corpus() -> &'static Vault {
    static VAULT: OnceLock<Vault> = OnceLock::new();
    VAULT.get_or_init(|| {
        let vault = Vault::new();
        for entry in std::fs::read_dir(folder()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|kind| kind != "jsonl") {
                vault.write(path.file_name().unwrap(), std::fs::read(&path).unwrap());
            }
        }
        vault.run(&["index", "notes"]).expect(0);
        vault
    })
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn questions() -> Vec<Value> {
    let text = std::fs::read_to_string(folder().join("golden.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Whether a source cites one of the accepted spans, and not much more.
fn right(source: &Value, question: &Value) -> bool {
    let number = |value: &Value, name: &str| value[name].as_u64().unwrap();
    let (first, last) = (number(source, "first_line"), number(source, "last_line"));
    question["accept"].as_array().unwrap().iter().any(|span| {
        let (from, to) = (number(span, "first_line"), number(span, "last_line"));
        let (cited, accepted) = (last - first + 1, to - from + 1);
        span["file"] == source["path"] && first <= to && from <= last && !(cited > 12 && cited > 3 * accepted)
    })
}

#[test]
fn the_right_passage_comes_first() {
    let (mut first, mut third, mut all, mut missed) = (0, 0, 0, Vec::new());
    for question in questions().iter().filter(|question| !question["accept"].as_array().unwrap().is_empty()) {
        let reply = corpus().ask(question["question"].as_str().unwrap());
        let results = reply["results"].as_array().unwrap();
        all += 1;
        first += usize::from(results.first().is_some_and(|source| right(source, question)));
        third += usize::from(results.iter().take(3).any(|source| right(source, question)));
        if !results.first().is_some_and(|source| right(source, question)) {
            missed.push(question["question"].to_string());
        }
    }
    assert!(all >= 40);
    let (first, third) = (f64::from(first as u32) / f64::from(all), f64::from(third as u32) / f64::from(all));
    assert!(first >= 0.90 && third >= 0.96, "hit@1 {first:.3}, hit@3 {third:.3}; not first: {missed:#?}");
}

#[test]
fn what_the_notes_do_not_answer_is_refused_more_often_than_not() {
    let questions = questions();
    let answered = |question: &Value| {
        let reply = corpus().ask(question["question"].as_str().unwrap());
        assert_eq!(reply["answered"] == true, reply["answer"] != Value::Null);
        reply["answered"] == true
    };
    let (known, unknown): (Vec<&Value>, Vec<&Value>) =
        questions.iter().partition(|question| !question["accept"].as_array().unwrap().is_empty());
    let wrongly_refused: Vec<_> = known.iter().filter(|question| !answered(question)).collect();
    let wrongly_answered: Vec<_> = unknown.iter().filter(|question| answered(question)).collect();
    assert!(unknown.len() >= 10);
    assert!(wrongly_refused.len() * 20 <= known.len(), "{wrongly_refused:#?}");
    assert!(wrongly_answered.len() * 3 <= unknown.len(), "{wrongly_answered:#?}");
}

#[test]
fn one_question_finds_every_view() {
    let reply = corpus().ask("what is the GIL");
    let mut files: Vec<&str> =
        reply["results"].as_array().unwrap().iter().map(|source| source["path"].as_str().unwrap()).collect();
    files.sort_unstable();
    files.dedup();
    assert!(files.len() >= 4, "{files:?}");
    let answer = reply["answer"]["text"].as_str().unwrap();
    assert!(answer.contains("thread") || answer.contains("lock"), "{answer}");
}

#[test]
fn every_citation_equals_the_file_at_its_lines() {
    for question in questions().iter().step_by(3) {
        let reply = corpus().ask(question["question"].as_str().unwrap());
        for source in reply["results"].as_array().unwrap() {
            assert_eq!(source["stale"], false);
            let bytes = std::fs::read(folder().join(source["path"].as_str().unwrap())).unwrap();
            let note = qsearch::parse::decode(&bytes);
            let lines: Vec<&str> = note.as_str().split('\n').collect();
            let number = |name: &str| source[name].as_u64().unwrap() as usize;
            let cited = lines[number("first_line") - 1..number("last_line")].join("\n");
            let text = source["text"].as_str().unwrap();
            assert!(cited.contains(text), "{question}: {cited:?} doesn't hold {text:?}");
            // Nothing is cited beyond the lines that the text touches.
            assert_eq!(text.split('\n').count(), number("last_line") + 1 - number("first_line"));
        }
        for part in reply["answer"]["parts"].as_array().into_iter().flatten() {
            let bytes = std::fs::read(folder().join(part["path"].as_str().unwrap())).unwrap();
            let number = |name: &str| part[name].as_u64().unwrap() as usize;
            let cited = &bytes[number("first_byte")..number("last_byte")];
            assert_eq!(qsearch::parse::decode(cited).as_str(), part["text"].as_str().unwrap());
            let line = bytes[..number("first_byte")].split(|&byte| byte == b'\n').count();
            assert_eq!(line, number("first_line"));
        }
    }
}

#[test]
fn mojibake_is_repaired_for_reading() {
    for question in questions().iter().take(20) {
        let reply = corpus().ask(question["question"].as_str().unwrap()).to_string();
        for broken in ["â€", "â†", "ðŸ", "\u{f8ff}"] {
            assert!(!reply.contains(broken), "{question}: {reply}");
        }
    }
}
