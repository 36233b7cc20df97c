//! Errors as people read them: `error: what happened`, then `hint: what to type next`.

use std::io;

#[cfg(test)]
use qsearch::error::Saved;
use qsearch::error::{Error, Kind};

use super::page::{ERROR, HINT, Page};
use super::sanitize;

/// Lays out an error. Its message may name a note, so it is made harmless.
pub(crate) fn render(page: &Page, error: &Error) -> String {
    let message = sanitize::name(&error.to_string()).into_owned();
    let mut out = format!("{} {message}", page.paint(ERROR, "error:"));
    if let Some(hint) = error.hint() {
        out.push('\n');
        out.push_str(&page.paint(HINT, "hint:"));
        out.push(' ');
        out.push_str(&sanitize::name(&hint));
    }
    out
}

/// What it means that stdout can't be written.
pub(crate) fn output(error: io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space, or write elsewhere",
        _ => "check where the output goes",
    };
    let what = Error::io("write to", "standard output")(error).to_string();
    Error::Usage { what, hint: hint.to_owned() }
}

/// The exit status of a command that failed: 130 where the user stopped it, as shells have it, else 2.
pub(crate) fn status(error: &Error) -> u8 {
    if error.kind() == Kind::Interrupted { 130 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_harmless_and_end_in_a_hint() {
        let error = Error::NoIndex { path: "/tmp/\u{1b}[2Jindex\n".into() };
        assert_eq!(
            render(&Page::default(), &error),
            "error: there is no index at /tmp/␛[2Jindex␊\nhint: make one with `qsearch index FOLDER`"
        );
        assert_eq!(status(&error), 2);
        assert_eq!(status(&Error::Interrupted(Saved::Nothing)), 130);
    }

    #[test]
    fn a_full_disk_behind_stdout_is_told() {
        let error = output(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(error.to_string(), "can't write to standard output: no storage space");
        assert_eq!(error.hint().unwrap(), "free some space, or write elsewhere");
    }
}
