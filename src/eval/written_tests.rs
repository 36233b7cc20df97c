//! Models whose answers are known: one copies, one makes things up, one declines, one fails.

use std::fs;

use super::*;
use crate::embed::{ModelSource, Places};
use crate::error::LlmError;
use crate::generate::{Ending, LanguageModel, Stop, Task};
use crate::progress::Silent;

/// What a model writes of what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writes {
    /// A sentence of a source that has a word of the question.
    Copies,
    /// Something that no source says.
    MakesUp,
    /// That the sources don't answer.
    Declines,
    /// Nothing, for its server fails.
    Fails,
}

#[derive(Debug)]
struct Model(Writes);

impl LanguageModel for Model {
    fn name(&self) -> &'static str {
        "test"
    }

    fn server(&self) -> &'static str {
        "http://localhost:1"
    }

    fn is_local(&self) -> bool {
        true
    }

    fn write(&self, task: &Task, take: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Result<Ending> {
        let told = &task.messages.last().unwrap().text;
        let text = match self.0 {
            Writes::Copies => SENTENCES.iter().find(|sentence| told.contains(**sentence)).unwrap_or(&""),
            Writes::MakesUp => "Submarines resurface near Zanzibar in 1789. Penguins govern Mars.",
            Writes::Declines => "The notes do not answer this.",
            Writes::Fails => return Err(LlmError::NoServer.into()),
        };
        for piece in text.split_inclusive(' ') {
            if take(piece).is_break() {
                break;
            }
        }
        Ok(Ending { stop: Stop::Done, read: None, written: None, cut: false })
    }
}

const SENTENCES: [&str; 2] =
    ["Owls hunt at night and hear a mouse under the snow.", "Feed the sourdough starter twice a day."];

/// Measures two questions that notes answer and one that they don't.
fn golden(writes: Writes, most: usize) -> Result<WrittenAnswers> {
    let at = tempfile::tempdir().unwrap();
    let notes = at.path().join("notes");
    fs::create_dir(&notes).unwrap();
    fs::write(notes.join("owls.md"), format!("# Owls\n\n{}\n", SENTENCES[0])).unwrap();
    fs::write(notes.join("bread.md"), format!("# Bread\n\n{}\n", SENTENCES[1])).unwrap();
    let questions = at.path().join("golden.jsonl");
    let accept = |file: &str| format!("[{{\"file\":\"{file}\",\"first_line\":3,\"last_line\":3}}]");
    let lines = [
        format!("{{\"question\":\"when do owls hunt\",\"accept\":{}}}", accept("owls.md")),
        format!(
            "{{\"question\":\"how often do I feed the sourdough starter\",\"accept\":{}}}",
            accept("bread.md")
        ),
        "{\"question\":\"who repairs violins in Cremona\"}".to_owned(),
    ];
    fs::write(&questions, lines.join("\n")).unwrap();
    measured_in(at.path(), |bench| {
        let model = Model(writes);
        let writing = Writing { llm: &model, strict: false };
        written_golden(bench, &GoldenSet::read(&questions)?, &notes, &writing, most)
    })
}

fn measured_in<T>(at: &Path, measure: impl FnOnce(&Bench<'_>) -> Result<T>) -> Result<T> {
    let source = ModelSource::default();
    let embedder = source.open(&Places::default())?;
    measure(&Bench { cache: at.join("cache"), embedder: &*embedder, model: source, progress: &Silent })
}

#[test]
fn copies_are_quoted_and_cite_what_answers() {
    let of = golden(Writes::Copies, usize::MAX).unwrap();
    assert_eq!((of.answerable, of.unanswerable, of.written, of.gated), (2, 1, 2, 1), "{of:?}");
    assert_eq!((of.quoted, of.near, of.left_out, of.gold), (2, 0, 0, 2), "{of:?}");
    assert_eq!((of.recall(), of.precision()), (1.0, 1.0));
    assert_eq!((of.exact.exact, of.exact.total), (2, 2));
    assert!(of.uncited.is_empty() && of.wrongly_answered.is_empty() && of.refused == 0, "{of:?}");
    assert!(of.first_word.median <= of.in_all.median && of.in_all.median <= of.in_all.worst);
    assert_eq!((of.model.as_str(), of.known), ("test", None));
    let one = golden(Writes::Copies, 1).unwrap();
    assert_eq!((one.answerable, one.unanswerable), (1, 0));
}

#[test]
fn what_is_made_up_is_left_out_and_the_notes_answer_instead() {
    let of = golden(Writes::MakesUp, usize::MAX).unwrap();
    assert_eq!((of.written, of.instead, of.quoted + of.near), (0, 2, 0), "{of:?}");
    assert!(of.left_out >= 2, "{of:?}");
    assert_eq!((of.recall(), of.precision()), (0.0, 0.0));
}

#[test]
fn a_model_that_declines_is_counted() {
    let of = golden(Writes::Declines, usize::MAX).unwrap();
    assert_eq!((of.written, of.declined), (0, 2), "{of:?}");
}

#[test]
fn a_model_that_is_not_there_is_an_error_and_not_a_figure() {
    assert!(matches!(golden(Writes::Fails, usize::MAX), Err(Error::Llm(LlmError::NoServer))));
}

#[test]
fn answers_are_compared_with_known_ones() {
    let at = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(at.path().join(name), text).unwrap();
    let document =
        |id: &str, text: &str| format!("{{\"_id\":\"{id}\",\"title\":\"\",\"text\":\"{text}\"}}\n");
    put("corpus.jsonl", &(document("o", SENTENCES[0]) + &document("b", SENTENCES[1])));
    put("queries.jsonl", "{\"_id\":\"1\",\"text\":\"when do owls hunt\"}\n");
    put("qrels.tsv", "1\to\t1\n");
    put("answers.jsonl", "{\"_id\":\"1\",\"answers\":[\"at night\"]}\n");
    let of = measured_in(at.path(), |bench| {
        let model = Model(Writes::Copies);
        written_known(bench, at.path(), Some(at.path()), &Writing { llm: &model, strict: false }, 9)
    })
    .unwrap();
    assert_eq!((of.answerable, of.gold, of.unanswerable), (1, 1, 1), "{of:?}");
    // The other set is the same, so its question is answered.
    assert_eq!(of.wrongly_answered, ["when do owls hunt"]);
    let known = of.known.unwrap();
    assert_eq!((known.questions, known.contained), (1, 1.0));
    // 2 words of 10 are the known ones, articles aside.
    assert!((known.f1 - 2.0 * 0.2 / 1.2).abs() < 0.05, "{known:?}");
}
