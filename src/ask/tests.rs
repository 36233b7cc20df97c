mod once;
mod second_store;

use std::path::PathBuf;
use std::sync::Mutex;

use super::*;
use crate::calendar::Day;
use crate::embed::{Encoder, Reranker};
use crate::hit::probability;
use crate::index::{IndexOptions, index};
use crate::progress::Silent;
use crate::rerank::RERANKED;
use crate::store::Snapshot;

/// A reranker that likes passages with a word, and remembers what it was given.
#[derive(Debug, Default)]
struct Likes {
    word: &'static str,
    read: Mutex<Vec<String>>,
}

const LIKED: f32 = 3.0;
const OTHER: f32 = -4.0;

impl Reranker for Likes {
    fn name(&self) -> &'static str {
        "likes"
    }

    fn scores(&self, question: &str, passages: &[&str]) -> Result<Vec<f32>> {
        assert_eq!(question, "what do owls eat");
        self.read.lock().unwrap().extend(passages.iter().map(|&passage| passage.to_owned()));
        Ok(passages.iter().map(|passage| if passage.contains(self.word) { LIKED } else { OTHER }).collect())
    }
}

/// A reranker that says too little.
#[derive(Debug)]
struct Silence;

impl Reranker for Silence {
    fn name(&self) -> &'static str {
        "silence"
    }

    fn scores(&self, _: &str, _: &[&str]) -> Result<Vec<f32>> {
        Ok(Vec::new())
    }
}

struct Vault {
    folder: tempfile::TempDir,
    encoder: Encoder,
}

impl Vault {
    fn new(notes: &[(&str, &str)]) -> Self {
        let vault = Self { folder: tempfile::tempdir().unwrap(), encoder: Encoder::bundled().unwrap() };
        std::fs::create_dir(vault.path("notes")).unwrap();
        for (name, text) in notes {
            let path = vault.path("notes").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let options = IndexOptions::default();
        index(&vault.path("index").into(), &[vault.path("notes")], &options, &vault.encoder, &Silent)
            .unwrap();
        vault
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::open(&self.path("index")).unwrap()
    }

    fn ask(&self, reranker: Option<&dyn Reranker>, sources: usize) -> Result<Reply> {
        let question = Question::new("what do owls eat", sources, Day::of(0));
        let models = Models { embedder: &self.encoder, reranker };
        ask(&self.snapshot(), models, &question, &mut Stopwatch::default())
    }
}

/// The paths of the sources.
fn paths(reply: &Reply) -> Vec<&str> {
    reply.hits.iter().map(|hit| hit.source.path.as_str()).collect()
}

const NOTES: [(&str, &str); 3] = [
    ("eat.md", "Owls eat mice and voles, which they swallow whole.\n"),
    ("fly.md", "Owls fly without a sound, for their feathers have soft edges.\n"),
    ("trains.md", "Trains were late again in November.\n"),
];

#[test]
fn a_reranker_decides_on_order_score_and_answer() {
    let vault = Vault::new(&NOTES);
    let without = vault.ask(None, 3).unwrap();
    assert_eq!(paths(&without), ["eat.md", "fly.md", "trains.md"]);
    assert!(without.hits.iter().all(|hit| (hit.signals.rerank, hit.signals.fused_rank) == (None, None)));

    let likes = Likes { word: "feathers", ..Likes::default() };
    let reply = vault.ask(Some(&likes), 3).unwrap();
    assert_eq!(paths(&reply), ["fly.md", "eat.md", "trains.md"], "equals keep their order");
    assert!(reply.answer.unwrap().text.starts_with("Owls fly"));
    let scores: Vec<f32> = reply.hits.iter().map(|hit| hit.score).collect();
    assert_eq!(scores, [LIKED, OTHER, OTHER].map(probability));
    let before: Vec<_> = reply.hits.iter().map(|hit| hit.signals.fused_rank.unwrap()).collect();
    assert_eq!(before, [2, 1, 3]);

    // What it takes for nothing is no answer.
    let reply = vault.ask(Some(&Likes { word: "zebra", ..Likes::default() }), 3).unwrap();
    assert_eq!((reply.answer.is_none(), paths(&reply)), (true, paths(&without)));
}

#[test]
fn the_best_few_are_read_and_the_others_stay_behind() {
    let texts: Vec<(String, String)> = (0..RERANKED + 9)
        .map(|at| (format!("{at:02}.md"), format!("Owls eat{}.\n", " voles and mice".repeat(1 + at))))
        .collect();
    let notes: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (&**name, &**text)).collect();
    let vault = Vault::new(&notes);
    let likes = Likes { word: "no such word", ..Likes::default() };
    vault.ask(Some(&likes), 1).unwrap();
    let read = likes.read.into_inner().unwrap();
    assert_eq!(read.len(), RERANKED);
    // Each is in the index, as the embedder read it.
    assert!(read.iter().all(|text| texts.iter().any(|(_, whole)| text.ends_with(whole.trim_end()))));
}

#[test]
fn copies_are_read_once_and_come_in_the_order_of_their_paths() {
    let notes: Vec<String> = (0..RERANKED + 9).map(|at| format!("{at:02}.md")).collect();
    let text = "# Owls\n\nOwls eat mice and voles, which they swallow whole.\n";
    let mut notes: Vec<(&str, &str)> = notes.iter().map(|name| (&**name, text)).collect();
    notes.push(NOTES[2]);
    let vault = Vault::new(&notes);
    let likes = Likes { word: "voles", ..Likes::default() };
    let reply = vault.ask(Some(&likes), 2).unwrap();
    assert_eq!(paths(&reply), ["00.md", "trains.md"]);
    assert_eq!(likes.read.into_inner().unwrap().len(), 1);
    let also: Vec<&str> = reply.hits[0].also.iter().map(|other| other.path.as_str()).collect();
    assert_eq!(also, ["01.md", "02.md", "03.md", "04.md", "05.md"]);
    assert_eq!(reply.hits[0].also_more, RERANKED + 9 - 6);
    assert_eq!((reply.hits[1].signals.rerank, reply.hits[1].signals.fused_rank), (None, Some(40)));
}

#[test]
fn a_reranker_that_says_too_little_is_named() {
    let error = Vault::new(&NOTES).ask(Some(&Silence), 3).unwrap_err().to_string();
    assert_eq!(error, "the model silence can't be used: it gives 0 scores for 3 passages");
}

#[test]
fn each_part_of_a_question_is_answered() {
    let vault = Vault::new(&NOTES);
    let ask = |text: &str, sources: usize| {
        let question = Question::new(text, sources, Day::of(0));
        ask(&vault.snapshot(), &vault.encoder, &question, &mut Stopwatch::default()).unwrap()
    };
    for sources in [3, 2, 1] {
        let reply = ask("What do owls eat, and how do they fly without a sound?", sources);
        let answer = reply.answer.unwrap();
        assert!(answer.text.contains("mice and voles") && answer.text.contains("soft edges"), "{answer:?}");
        assert_eq!(answer.citations.len(), 2);
        for part in &answer.parts {
            let source = &reply.hits[part.citation as usize - 1].source;
            assert_eq!(source.passage.text[part.range.clone()], part.text);
        }
        // What is cited is there, however few are wanted.
        assert_eq!(reply.hits.len(), sources.max(2));
    }
    // A part that the notes don't answer is named, and the rest isn't certain.
    let reply = ask("What do owls eat? What is the capital of Mongolia?", 3);
    assert!(reply.answer.unwrap().text.contains("mice and voles"));
    assert_eq!(reply.confidence, Confidence::Low);
    assert!(
        reply.missing.iter().any(|missing| missing.contains("capital of Mongolia")),
        "{:?}",
        reply.missing
    );
    let mut strict = Question::new("What do owls eat? What is the capital of Mongolia?", 3, Day::of(0));
    strict.strict = true;
    let reply = super::ask(&vault.snapshot(), &vault.encoder, &strict, &mut Stopwatch::default()).unwrap();
    assert_ne!(reply.confidence, Confidence::Low, "half an answer isn't one that can be trusted");
}

#[test]
fn a_name_that_no_note_has_is_named() {
    let vault = Vault::new(&NOTES);
    let question = Question::new("what do owls eat in Kyrgyzstan", 3, Day::of(0));
    let reply = ask(&vault.snapshot(), &vault.encoder, &question, &mut Stopwatch::default()).unwrap();
    assert_eq!(reply.missing, ["Kyrgyzstan"]);
    assert_ne!(reply.confidence, Confidence::High);
}
