//! The parts of the library that the commands call.

pub(crate) use qsearch::ask::{ask, search};
pub(crate) use qsearch::cite::Checker;
pub(crate) use qsearch::embed::{Embedder, Encoder, Kernel};
pub(crate) use qsearch::index::{IndexOptions, forget, index};
pub(crate) use qsearch::parse::decode;
pub(crate) use qsearch::progress::Progress;
pub(crate) use qsearch::store::{FileRecord, Snapshot};
pub(crate) use qsearch::walk::{Found, Walk, WalkOptions, read, walk};
#[cfg(test)]
pub(crate) use qsearch::walk::{Reason, Skipped};
