//! Opening a PDF, and saying what is wrong with one that can't be opened.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use super::super::Damaged;
use super::budget;

/// A PDF begins within so many bytes; some programs write others before it.
const HEAD: usize = 1024;

/// Opens a PDF, one that is encrypted with an empty password too.
pub(super) fn open(file: &[u8]) -> Result<Pdf, Damaged> {
    let damaged = |reason: &str| Err(Damaged(reason.to_owned()));
    if file.is_empty() {
        return damaged("it is empty");
    }
    if budget::has_too_large_objects(file) {
        return damaged("it unpacks to more than is read of a PDF");
    }
    let Ok(opened) = catch_unwind(AssertUnwindSafe(|| Pdf::new(file.to_vec()))) else {
        return damaged("the library that reads PDFs has failed on it");
    };
    match opened {
        Ok(pdf) if pdf.pages().is_empty() => damaged("it has no page that can be read"),
        Ok(pdf) => Ok(pdf),
        Err(LoadPdfError::Decryption(error)) => damaged(match error {
            DecryptionError::PasswordProtected => "it is encrypted; a password isn't asked for",
            DecryptionError::UnsupportedAlgorithm => "it is encrypted in a way that can't be read",
            DecryptionError::MissingIDEntry | DecryptionError::InvalidEncryption => {
                "it is encrypted, and what says how is damaged"
            }
        }),
        Err(LoadPdfError::Invalid) => damaged(reason(file)),
    }
}

/// What is wrong with a file that isn't a PDF that can be read.
fn reason(file: &[u8]) -> &'static str {
    let has = |part: &[u8], text: &[u8]| part.windows(text.len()).any(|window| window == text);
    if !has(&file[..file.len().min(HEAD)], b"%PDF-") {
        return "it doesn't begin as a PDF does";
    }
    if !has(&file[file.len().saturating_sub(2 * HEAD)..], b"%%EOF") {
        return "its end is missing: it was cut off";
    }
    "its list of pages can't be found"
}
