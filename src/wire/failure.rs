//! What a command with `--json` prints on stderr, as one line, when it fails.

use serde::Serialize;

use crate::error::ErrorKind;

/// Why a command failed.
#[derive(Debug, Serialize)]
pub struct Failure<'a> {
    /// What went wrong, as one sentence.
    error: &'a str,
    /// Who or what is to blame: `usage`, `not_found`, `busy`, `incompatible`, `corrupt`, `model`, `interrupted`, `io`, or
    /// `defect` for a mistake of qsearch.
    kind: &'a str,
    /// What to do about it; `null` if nothing is known to help.
    hint: Option<&'a str>,
}

impl<'a> Failure<'a> {
    /// Describes a failure.
    pub fn new(error: &'a str, kind: &'a str, hint: Option<&'a str>) -> Self {
        Self { error, kind, hint }
    }
}

/// The name of a kind of error in documents.
pub fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Usage => "usage",
        ErrorKind::NotFound => "not_found",
        ErrorKind::Busy => "busy",
        ErrorKind::Incompatible => "incompatible",
        ErrorKind::Corrupt => "corrupt",
        ErrorKind::Model => "model",
        ErrorKind::Interrupted => "interrupted",
        ErrorKind::Io => "io",
    }
}
