//! What can be typed after `qsearch eval`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{ModelChoice, WriteChoice};

/// `qsearch eval`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qsearch eval scifact                           how good each search is
  qsearch eval scifact --json > before.json      then, after a change:
  qsearch eval scifact --compare before.json     what is better or worse
  qsearch eval scifact --foreign nfcorpus        are its questions refused?
  qsearch eval corpus                            notes with `golden.jsonl`
  qsearch eval --golden questions.jsonl ~/notes  your own questions
  qsearch eval corpus --write=ollama:qwen3   how good a language model writes

A test set is a folder with one of these:
  corpus.jsonl {\"_id\", \"title\", \"text\"}, queries.jsonl {\"_id\", \"text\"}, and
    qrels.tsv (or qrels/test.tsv) with a query's id, a document's id and a grade
    on each line, as BEIR has them; answers.jsonl {\"_id\", \"answers\"}, if there
    are known answers to the queries
  notes, and golden.jsonl
    {\"question\", \"accept\": [{\"file\", \"first_line\", \"last_line\"}]}; nothing in
    `accept` where the notes don't answer
  corpora/, queries.jsonl, and spans.jsonl
    {\"query_id\", \"file\", \"start\", \"end\", \"content\"}, in characters

With --write, each question is answered by a language model, one after the other: how many sentences are quoted, near or left out, how good their citations are, whether unanswerable questions are refused, and how long it takes.

Documents become notes in the cache and are indexed once. No index of yours is read or written.")]
pub(crate) struct EvalArgs {
    /// The test set; with --golden, the notes
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
    /// Ask the questions of this file about the notes in DIR
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) golden: Option<PathBuf>,
    /// More questions that the notes don't answer, one on each line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) unanswerable: Option<PathBuf>,
    /// Ask the queries of another test set, too, which this one's documents don't answer
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) foreign: Option<PathBuf>,
    /// Compare with what an earlier run printed with --json
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) compare: Option<PathBuf>,
    /// Write the figures of each query to FILE, one JSON object a line, and the rankings to FILE.lexical.run,
    /// FILE.dense.run and FILE.hybrid.run, in TREC's form
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) per_query: Option<PathBuf>,
    /// Write what is known of each candidate of each question to FILE, as a table to learn the ranking from
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) features: Option<PathBuf>,
    /// Whether a language model answers.
    #[command(flatten)]
    pub(crate) write: WriteChoice,
    /// With --write: ask only N of the questions, evenly spaced
    #[arg(long, value_name = "N")]
    pub(crate) questions: Option<NonZeroUsize>,
    /// Where notes and indexes are kept [default: qsearch/eval in your cache folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) cache: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
    /// The model.
    #[command(flatten)]
    pub(crate) model: ModelChoice,
}
