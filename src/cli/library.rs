//! The parts of the library that the commands call.

pub(crate) use qsearch::answer::{ANSWER_CHARS, ANSWER_SENTENCES};
pub(crate) use qsearch::ask::{Models, ask, search};
pub(crate) use qsearch::cite::Checker;
pub(crate) use qsearch::embed::convert::{
    ConvertOptions, Converted, FoundSetting as Setting, Pooling, convert,
};
pub(crate) use qsearch::embed::{EXTENSION, ListedModel as Listed, ModelKind, list as list_models};
pub(crate) use qsearch::embed::{Embedder, Input, Kernel, ModelSource, Places, RuntimePlaces};
pub(crate) use qsearch::embed::{OnnxSource, Reranker};
pub(crate) use qsearch::eval::{
    Answers, BINS, Bench, Bin, Change, Chunking, Citations, Comparison, FeatureTable, Figures, Foreign, Form,
    Golden, GoldenSet, Measured, Miss, PERMUTATIONS, PUBLISHED, Previous, Retrieval, SetWarning as Warning,
    WrongReply as Wrong, chunking, compare, golden, plain_questions, retrieval,
};
pub(crate) use qsearch::index::{IndexOptions, KeptRoot, forget, index, plan, rebuild};
pub(crate) use qsearch::parse::decode;
pub(crate) use qsearch::progress::Progress;
pub(crate) use qsearch::store::{Checkup, FileRecord, Finding, Salvage, Snapshot, check};
#[cfg(test)]
pub(crate) use qsearch::walk::Skipped;
pub(crate) use qsearch::walk::{Found, Reason, Walk, WalkOptions, read, walk};
