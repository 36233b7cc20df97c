//! Errors as people read them: `error: what happened`, then `hint: what to type next`. Programs get a line of JSON.

use std::io;

use qsearch::error::{Error, ErrorKind};
use qsearch::wire;

use super::hint::{self, hint};
use super::page::{ERROR, HINT, Page};
use super::{Failure, json, sanitize};

/// What happened, and what to do about it.
pub(crate) fn told(failure: &Failure) -> (String, Option<String>) {
    let (what, hint) = typed(failure);
    let shown = |text: String| sanitize::without_passwords(&text).into_owned();
    (shown(what), hint.map(shown))
}

/// The same, with what may have been typed.
fn typed(failure: &Failure) -> (String, Option<String>) {
    match failure {
        Failure::Library(error) => (error.to_string(), hint(error)),
        Failure::Named(by, error) => (format!("{by}: {error}"), hint(error)),
        Failure::Refused(what, hint) => (what.clone(), Some(hint.clone())),
        Failure::Output(error) => (unwritable(error), Some(output_hint(error).to_owned())),
    }
}

/// What happened, in a sentence.
pub(crate) fn message(failure: &Failure) -> String {
    told(failure).0
}

/// What happened, who is to blame, and what to do about it.
pub(crate) fn parts(failure: &Failure) -> (String, ErrorKind, Option<String>) {
    let (what, hint) = told(failure);
    let kind = match failure {
        Failure::Library(error) | Failure::Named(_, error) => error.kind(),
        Failure::Refused(..) => ErrorKind::Usage,
        Failure::Output(_) => ErrorKind::Io,
    };
    (what, kind, hint)
}

/// Why a command failed, as a line of JSON without its end.
pub(crate) fn document(failure: &Failure) -> String {
    let (what, kind, hint) = parts(failure);
    line(&what, wire::kind(kind), hint.as_deref())
}

/// A line of JSON for an error, without its end.
pub(crate) fn line(what: &str, kind: &str, hint: Option<&str>) -> String {
    json::document(&wire::Failure::new(what, kind, hint)).trim_end().to_owned()
}

/// What clap says about the arguments, as a line of JSON without its end. `hint` is what we know better.
pub(crate) fn usage(error: &clap::Error, hint: Option<&str>) -> String {
    let typed = error.render().to_string();
    let plain = sanitize::without_passwords(&typed);
    let first = plain.split("\n\n").next().unwrap_or_default();
    let what = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let hint = hint.unwrap_or_else(|| hint::refused(&plain));
    line(what.strip_prefix("error: ").unwrap_or(&what), wire::kind(ErrorKind::Usage), Some(hint))
}

/// Lays out why a command failed. The message may name a note, so it is made harmless.
pub(crate) fn render(page: &Page, failure: &Failure) -> String {
    let (what, hint) = told(failure);
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
    use clap::Parser;
    use qsearch::error::Saved;

    use super::*;

    #[test]
    fn errors_are_harmless_and_end_in_a_hint() {
        let failure = Failure::Library(Error::NoIndex { path: "/tmp/\u{1b}[2Jindex\n".into() });
        assert_eq!(
            render(&Page::default(), &failure),
            "error: there is no index at /tmp/␛[2Jindex␊\nhint: make one with `qsearch index FOLDER`"
        );
        assert_eq!(
            document(&failure),
            r#"{"error":"there is no index at /tmp/\u001b[2Jindex\n","kind":"not_found","hint":"make one with `qsearch index FOLDER`"}"#
        );
        assert_eq!(status(&failure), 2);
        assert_eq!(status(&Failure::Library(Error::Interrupted(Saved::Nothing))), 130);
    }

    #[test]
    fn programs_are_told_what_clap_says() {
        let cli = |line: &str| super::super::args::Cli::try_parse_from(line.split(' ')).unwrap_err();
        assert_eq!(
            usage(&cli("qsearch ask --json"), None),
            r#"{"error":"the following required arguments were not provided: <QUESTION>...","kind":"usage","hint":"type the command with `--help`"}"#
        );
        assert_eq!(
            usage(&cli("qsearch ask --jsn x"), Some("ours")),
            r#"{"error":"unexpected argument '--jsn' found","kind":"usage","hint":"ours"}"#
        );
        let similar = usage(&cli("qsearch status --jsn"), None);
        assert!(similar.contains("a similar argument exists: '--json'"), "{similar}");
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
