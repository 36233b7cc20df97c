//! What `eval --write --json` prints.

use serde::Serialize;

use super::super::number::Number;
use crate::eval::{self, Times};

/// What is printed of answers that a language model wrote.
#[derive(Debug, Serialize)]
pub struct Written<'a> {
    /// `written`.
    form: &'static str,
    /// The fingerprint of the model that finds.
    model: &'a str,
    /// The language model, as its server has it.
    llm: &'a str,
    /// The address of its server.
    server: &'a str,
    /// Whether it was held to sentences of the sources.
    strict: bool,
    /// How many questions were asked.
    questions: u64,
    /// How many of them the notes answer.
    answerable: u64,
    /// How many they don't.
    unanswerable: u64,
    /// How many got a written answer, the notes' own words instead, or none without the model being asked.
    answers: Answers,
    /// The sentences.
    sentences: Sentences,
    /// The citations of sentences that are shown.
    citations: Citations,
    /// Answers and known ones; `null` if the set has none.
    known: Option<Known>,
    /// How many unanswerable questions were answered.
    unanswerable_answered: u64,
    /// How many answerable questions weren't.
    refused: u64,
    /// Seconds from a question to the first of the model's text.
    seconds_to_first_word: Seconds,
    /// Seconds from a question to the end of its answer.
    seconds: Seconds,
    /// The unanswerable questions that were answered.
    wrongly_answered: &'a [String],
    /// The answerable questions whose written answer cites nothing that is known to answer.
    uncited: &'a [String],
    /// What is odd about the questions.
    warnings: Vec<super::Warning<'a>>,
}

/// What became of questions.
#[derive(Debug, Serialize)]
struct Answers {
    /// How many answers have a sentence of the model's.
    written: u64,
    /// How many are the notes' own words, since nothing remained of the model's.
    instead: u64,
    /// How many questions the model wasn't asked.
    gated: u64,
    /// How many times it wrote that the sources don't answer.
    declined: u64,
    /// How many texts broke off.
    broken_off: u64,
    /// How many times the server failed.
    failed: u64,
}

/// The sentences that the model wrote.
#[derive(Debug, Serialize)]
struct Sentences {
    /// How many are quoted.
    quoted: u64,
    /// How many are near.
    near: u64,
    /// How many were left out.
    left_out: u64,
    /// The share of quoted ones.
    quoted_share: Number,
    /// The share of near ones.
    near_share: Number,
    /// The share of those left out.
    left_out_share: Number,
}

/// The citations.
#[derive(Debug, Serialize)]
struct Citations {
    /// How many there are.
    total: u64,
    /// How many are what the file says at their bytes and lines.
    exact: u64,
    /// The share of sentences shown that are quoted.
    recall: Number,
    /// The share of citations that a quoted sentence has.
    precision: Number,
    /// The share of written answers to answerable questions that cite what is known to answer.
    gold: Number,
    /// The share of these answers' citations that do.
    gold_precision: Number,
}

/// Answers and known ones.
#[derive(Debug, Serialize)]
struct Known {
    /// How many questions have known answers.
    questions: u64,
    /// The mean F1 of words.
    f1: Number,
    /// The share of answers that have a known one in them.
    contained: Number,
    /// The mean F1 of the notes' own words.
    extracted_f1: Number,
    /// The share of these that have a known one in them.
    extracted_contained: Number,
}

/// How long something takes.
#[derive(Debug, Serialize)]
struct Seconds {
    median: Number,
    worst: Number,
}

impl<'a> Written<'a> {
    /// Describes what was measured.
    pub fn new(of: &'a eval::WrittenAnswers, model: &'a str, strict: bool) -> Self {
        let share = |part: u64, all: u64| Number(part as f64 / all.max(1) as f64);
        let sentences = of.shown() + of.left_out;
        let seconds = |times: Times| Seconds {
            median: Number(times.median.as_secs_f64()),
            worst: Number(times.worst.as_secs_f64()),
        };
        let known = |known: eval::KnownAnswers| Known {
            questions: known.questions,
            f1: Number(known.f1),
            contained: Number(known.contained),
            extracted_f1: Number(known.extracted_f1),
            extracted_contained: Number(known.extracted_contained),
        };
        Self {
            form: "written",
            model,
            llm: &of.model,
            server: &of.server,
            strict,
            questions: of.answerable + of.unanswerable,
            answerable: of.answerable,
            unanswerable: of.unanswerable,
            answers: Answers {
                written: of.written,
                instead: of.instead,
                gated: of.gated,
                declined: of.declined,
                broken_off: of.broken_off,
                failed: of.failed,
            },
            sentences: Sentences {
                quoted: of.quoted,
                near: of.near,
                left_out: of.left_out,
                quoted_share: share(of.quoted, sentences),
                near_share: share(of.near, sentences),
                left_out_share: share(of.left_out, sentences),
            },
            citations: Citations {
                total: of.exact.total,
                exact: of.exact.exact,
                recall: Number(of.recall()),
                precision: Number(of.precision()),
                gold: share(of.gold, of.answerable_written),
                gold_precision: share(of.gold_citations, of.answerable_citations),
            },
            known: of.known.map(known),
            unanswerable_answered: of.wrongly_answered.len() as u64,
            refused: of.refused,
            seconds_to_first_word: seconds(of.first_word),
            seconds: seconds(of.in_all),
            wrongly_answered: &of.wrongly_answered,
            uncited: &of.uncited,
            warnings: super::warnings(&of.warnings),
        }
    }
}
