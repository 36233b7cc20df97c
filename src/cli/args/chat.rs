//! What can be typed after `qsearch chat`.

use std::num::NonZeroUsize;

use clap::Args;

use super::find::sources;
use super::{Filter, ModelChoice, RerankChoice, WriteChoice};

/// `qsearch chat`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch chat                       answers in the notes' own words
  qsearch chat --write               written by a model on this machine
  qsearch chat --tag work --since 30d
  qsearch chat < questions.txt       one question a line

A question that goes on from the one before (\"and in Go?\", \"why?\", \"who wrote it?\") is asked as it is meant; what was \
asked is said on stderr.

In a talk:
  /sources     the passages of the last answer
  /open 2      the note of its source 2, in your editor
  /new         forget what was said
  /help, /quit

What begins with `//` is a question. Ctrl-C stops an answer; at an empty prompt it ends the talk, as Ctrl-D does.

Exit status: 0 from a terminal; where questions come from a file or a pipe that of `ask` for the last one: 0 answered, \
1 the notes don't seem to answer, 2 an error.")]
pub(crate) struct ChatArgs {
    /// Show N sources [default: at most 5, and none whose score is less than half of the first's]
    #[arg(short = 'n', long = "sources", alias = "limit", value_name = "N", value_parser = sources)]
    pub(crate) sources: Option<NonZeroUsize>,
    /// Whether a language model writes the answers.
    #[command(flatten)]
    pub(crate) write: WriteChoice,
    /// Print the passages, too, and not only where they stand
    #[arg(long)]
    pub(crate) full: bool,
    /// Answer only where the answer can be trusted; what would be printed with `Perhaps:` counts as not answered
    #[arg(long)]
    pub(crate) strict: bool,
    /// Read the notes that have changed first
    #[arg(long)]
    pub(crate) refresh: bool,
    /// Which passages may be found.
    #[command(flatten)]
    pub(crate) filter: Filter,
    /// The model.
    #[command(flatten)]
    pub(crate) model: ModelChoice,
    /// The reranker.
    #[command(flatten)]
    pub(crate) rerank: RerankChoice,
}
