//! Errors as people read them: `error: what happened`, then `hint: what to type next`.

use std::io;

use qsearch::error::{Error, ErrorKind};

use super::hint::hint;
use super::page::{ERROR, HINT, Page};
use super::{Failure, sanitize};

/// Lays out why a command failed. The message may name a note, so it is made harmless.
pub(crate) fn render(page: &Page, failure: &Failure) -> String {
    let (what, hint) = match failure {
        Failure::Library(error) => (error.to_string(), hint(error)),
        Failure::Named(by, error) => (format!("{by}: {error}"), hint(error)),
        Failure::Refused(what, hint) => (what.clone(), Some(hint.clone())),
        Failure::Output(error) => (unwritable(error), Some(output_hint(error).to_owned())),
    };
    let mut out = format!("{} {}", page.paint(ERROR, "error:"), sanitize::name(&what));
    if let Some(hint) = hint {
        out.push('\n');
        out.push_str(&page.paint(HINT, "hint:"));
        out.push(' ');
        out.push_str(&sanitize::name(&hint));
    }
    out
}

/// The message where stdout can't be written.
fn unwritable(error: &io::Error) -> String {
    let copy = io::Error::new(error.kind(), error.to_string());
    Error::io("write to", "standard output")(copy).to_string()
}

/// What to do where stdout can't be written.
fn output_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space, or write elsewhere",
        _ => "check where the output goes",
    }
}

/// The exit status of a command that failed: 130 where the user stopped it, as shells have it, else 2.
pub(crate) fn status(failure: &Failure) -> u8 {
    match failure {
        Failure::Library(error) if error.kind() == ErrorKind::Interrupted => 130,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use qsearch::error::Saved;

    use super::*;

    #[test]
    fn errors_are_harmless_and_end_in_a_hint() {
        let failure = Failure::Library(Error::NoIndex { path: "/tmp/\u{1b}[2Jindex\n".into() });
        assert_eq!(
            render(&Page::default(), &failure),
            "error: there is no index at /tmp/␛[2Jindex␊\nhint: make one with `qsearch index FOLDER`"
        );
        assert_eq!(status(&failure), 2);
        assert_eq!(status(&Failure::Library(Error::Interrupted(Saved::Nothing))), 130);
    }

    #[test]
    fn a_full_disk_behind_stdout_is_told() {
        let failure = Failure::Output(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(
            render(&Page::default(), &failure),
            "error: can't write to standard output: no storage space\nhint: free some space, or write elsewhere"
        );
    }
}
