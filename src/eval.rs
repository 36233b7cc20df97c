//! The spine of `qsearch eval`: how good are rankings and answers? Questions whose answers are known go through `index`
//! and `ask`, and the replies are compared with the known answers.
//!
//! There are three forms of test sets, which [`Form::of`] recognises by the files in a folder:
//!
//! - [`Set`], the layout of BEIR (Thakur et al. 2021): documents, queries and judgments of relevance. [`retrieval`]
//!   measures the rankings of the three searches, by the definitions of `trec_eval`, and the answers of `ask` where the
//!   set knows the right ones.
//! - [`golden`]: questions about notes, with the lines that answer them.
//! - [`chunking`]: questions with character spans in long files, by the definitions of Smith and Troynikov (2024).
//!
//! The first two can be answered by a language model as well: [`written_known`] and [`written_golden`] measure what it
//! writes.
//!
//! Indexes are kept in a cache and brought up to date by the ordinary spine `index`, so the figures are those of what
//! users get. All figures but the times are the same in each run: samples are evenly spaced, permutations are seeded.

mod bench;
mod set_warning;
mod lines;
mod set;
mod golden;
mod form;
mod cache;
mod cached_embedder;
mod indexed_set;
mod metrics;
mod ranges;
mod citation;
mod answers;
mod foreign;
mod features;
mod retrieval;
mod overlap;
mod probe;
mod written;
mod chunking;
mod compare;

pub use answers::Answers;
pub use bench::{Bench, SEARCHES};
pub use chunking::{Chunking, PUBLISHED, Published, SpanFigures, SpanSet, chunking};
pub use citation::Citations;
pub use compare::{Change, Comparison, PERMUTATIONS, Previous, compare};
pub use features::FeatureTable;
pub use foreign::{BINS, Bin, Foreign};
pub use form::Form;
pub use golden::{Golden, GoldenSet, Miss, WrongReply, golden, plain_questions};
pub use metrics::Figures;
pub use retrieval::{Measured, Ranking, Retrieval, retrieval};
pub use set::{Set, TestQuery};
pub use set_warning::SetWarning;
pub use written::{KnownAnswers, Times, WrittenAnswers, written_golden, written_known};
