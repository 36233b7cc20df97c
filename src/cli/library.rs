//! The parts of the library that the commands call.

pub(crate) use qsearch::ask::{ask, search};
pub(crate) use qsearch::cite::Checker;
pub(crate) use qsearch::embed::{Embedder, Encoder, Input, Kernel};
pub(crate) use qsearch::index::{IndexOptions, KeptRoot, forget, index, plan};
pub(crate) use qsearch::parse::decode;
pub(crate) use qsearch::progress::Progress;
pub(crate) use qsearch::store::{FileRecord, Snapshot};
#[cfg(test)]
pub(crate) use qsearch::walk::Skipped;
pub(crate) use qsearch::walk::{Found, Reason, Walk, WalkOptions, read, walk};
