//! What `ask --jsonl` prints.

use serde::{Serialize, Serializer};

use super::reply::{Answer, confidence};
use super::written::Sentence;
use super::{Reply, Result, Show, results};
use crate::ask::{self, Question};
use crate::hit::{self, Hit};
use crate::written;

/// What `ask --jsonl` prints: one on each line, in this order.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
    /// The sources, best first.
    Sources(Sources<'a>),
    /// The answer in the notes' own words, as soon as it is found; left out where the notes don't seem to answer.
    Answer(Box<Answer<'a>>),
    /// A sentence that the language model wrote, and a source says.
    Sentence(Sentence<'a>),
    /// The language model wrote a sentence that no source says.
    LeftOut,
    /// All of it, as `--json` prints it.
    Done(Box<Reply<'a>>),
}

/// The sources of a reply.
#[derive(Debug, Serialize)]
pub struct Sources<'a> {
    /// The question as it was asked.
    question: &'a str,
    /// How far an answer can be trusted.
    confidence: &'static str,
    /// The sources.
    results: Vec<Result<'a>>,
}

/// An [`Event`] without its name, for callers that have that elsewhere.
#[derive(Debug)]
pub struct Unnamed<'e, 'a>(pub &'e Event<'a>);

impl Serialize for Unnamed<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0 {
            Event::Sources(sources) => sources.serialize(serializer),
            Event::Answer(answer) => answer.serialize(serializer),
            Event::Sentence(sentence) => sentence.serialize(serializer),
            Event::LeftOut => serializer.collect_map::<&str, (), _>([]),
            Event::Done(reply) => reply.serialize(serializer),
        }
    }
}

impl<'a> Event<'a> {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sources(_) => "sources",
            Self::Answer(_) => "answer",
            Self::Sentence(_) => "sentence",
            Self::LeftOut => "left_out",
            Self::Done(_) => "done",
        }
    }

    /// The sources of a reply.
    pub fn sources(question: &'a Question, reply: &'a ask::Reply, show: &Show<'_>) -> Self {
        let confidence = confidence(reply.confidence);
        Self::Sources(Sources { question: question.text(), confidence, results: results(&reply.hits, show) })
    }

    /// The answer of a reply, if it has one.
    pub fn answer(reply: &'a ask::Reply, show: &Show<'_>) -> Option<Self> {
        let answer: &hit::Answer = reply.answer.as_ref()?;
        Some(Self::Answer(Box::new(Answer::new(answer, &reply.hits, show))))
    }

    /// A sentence that is taken from these hits.
    pub fn sentence(sentence: &'a written::WrittenSentence, hits: &'a [Hit], show: &Show<'_>) -> Self {
        Self::Sentence(Sentence::new(sentence, hits, show))
    }
}
