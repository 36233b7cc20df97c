//! What `eval --json` prints for questions with character spans.

use serde::Serialize;

use super::{Warning, warnings};
use crate::eval::{self, PUBLISHED};
use crate::wire::number::Number;

/// What is printed for questions with character spans.
#[derive(Debug, Serialize)]
pub struct Chunking<'a> {
    /// `chunking`.
    form: &'static str,
    /// The fingerprint of the model.
    model: &'a str,
    /// How many files there are.
    files: u64,
    /// How many passages they have.
    passages: u64,
    /// How many questions count.
    queries: u64,
    /// The figures of each search after 5 and after 10 passages.
    figures: Vec<Spans>,
    /// The best rows of the published table, after 5 passages.
    published: Vec<Published>,
    /// What is odd about the set.
    warnings: Vec<Warning<'a>>,
}

/// Means over the questions, in characters.
#[derive(Debug, Serialize)]
struct Spans {
    /// `lexical`, `dense` or `hybrid`.
    search: &'static str,
    /// After how many passages.
    passages: usize,
    recall: Number,
    precision: Number,
    iou: Number,
    /// How many characters these passages have.
    chars: Number,
}

/// A row of the published table.
#[derive(Debug, Serialize)]
struct Published {
    chunker: &'static str,
    recall: Number,
    precision: Number,
    iou: Number,
}

impl<'a> Chunking<'a> {
    /// Describes what was measured.
    pub fn new(of: &'a eval::Chunking, model: &'a str) -> Self {
        let figures = of.figures.iter().map(|figures| Spans {
            search: figures.search.name(),
            passages: figures.depth,
            recall: Number(figures.recall),
            precision: Number(figures.precision),
            iou: Number(figures.iou),
            chars: Number(figures.chars),
        });
        let published = PUBLISHED.iter().map(|row| Published {
            chunker: row.chunker,
            recall: Number(row.recall),
            precision: Number(row.precision),
            iou: Number(row.iou),
        });
        Self {
            form: "chunking",
            model,
            files: of.files,
            passages: of.passages,
            queries: of.queries,
            figures: figures.collect(),
            published: published.collect(),
            warnings: warnings(&of.warnings),
        }
    }
}
