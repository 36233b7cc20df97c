//! `--open N`: the note of a source, in the user's editor or in whatever the system opens it with.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::Command;

use qsearch::error::{Error, NotFound, Usage};
use qsearch::hit::{Answer, Hit};
use qsearch::library::Library;
use qsearch::sys;

use super::page::Page;
use super::spot::Spot;
use super::{Context, Failure, hint};

/// Opens the note of the source with this number, at the line that answers, and waits until the editor is closed.
pub(crate) fn source(
    context: &Context,
    library: &Library,
    page: &Page,
    (hits, answer): (&[Hit], Option<&Answer>),
    number: usize,
) -> Result<(), Failure> {
    let Some(hit) = number.checked_sub(1).and_then(|at| hits.get(at)) else {
        return Err(Failure::refused(
            format!("there is no source {number} to open"),
            hint::no_source(hits.len()),
        ));
    };
    let plain = Page { color: false, host: None, ..page.clone() };
    let path = plain.note(&hit.source.root, &hit.source.path);
    let gone = || Failure::refused(format!("{path} isn't there any more"), hint::GONE);
    if let Some(machine) = hit.machine.clone() {
        return Err(Error::from(NotFound::Elsewhere { path: path.into(), machine }).into());
    }
    let root = page.roots.iter().find(|root| root.name == hit.source.root).ok_or_else(gone)?;
    // What an index from elsewhere names is neither read nor opened.
    if context.trust(library.shown()).reach(library.shown()).refuses(&root.path) {
        return Err(Error::from(Usage::Unconfirmed { path: root.path.clone() }).into());
    }
    let file = page.file(&hit.source.root, &hit.source.path).ok_or_else(gone)?;
    if !file.symlink_metadata().is_ok_and(|found| found.is_file()) {
        return Err(gone());
    }
    let line = Spot::of(page, hit, answer).map(|spot| spot.line);
    // Editors are for text.
    let editor = context.environment.editor.as_ref().filter(|_| hit.source.passage.extract.is_none());
    let (program, mut command) = match editor {
        Some(editor) => (editor.clone(), in_editor(editor, &file, line)),
        None => (sys::OPENER.to_owned(), with_system(&file)),
    };
    if !io::stdin().is_terminal()
        && let Ok(terminal) = File::open("/dev/tty")
    {
        // The question was read from a pipe; an editor wants a keyboard.
        command.stdin(terminal);
    }
    let failed =
        |why: String| Failure::refused(format!("`{program}` can't open {path}: {why}"), hint::EDITOR);
    let status = command.status().map_err(|error| failed(error.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(status.to_string())) }
}

/// Shows a page in the browser. What comes of it isn't waited for.
#[cfg(feature = "serve")]
pub(crate) fn address(url: &str) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::refused(format!("`{}` can't open {url}: {error}", sys::OPENER), hint::serve::BROWSER)
    };
    let nothing = std::process::Stdio::null;
    let quiet = Command::new(sys::OPENER).arg(url).stdin(nothing()).stdout(nothing()).spawn();
    quiet.map(drop).map_err(failed)
}

/// The system's way to open a file.
fn with_system(file: &Path) -> Command {
    let mut command = Command::new(sys::OPENER);
    command.arg(file);
    command
}

/// The command that opens a file in an editor, which may have arguments of its own, quoted as for a shell.
fn in_editor(editor: &str, file: &Path, line: Option<u32>) -> Command {
    let arguments = arguments(editor, file, line);
    let mut command = sys::written_command(editor);
    command.args(arguments);
    command
}

/// What an editor is told to open a file at a line, each in its own way; one that isn't known gets the file alone.
fn arguments(editor: &str, file: &Path, line: Option<u32>) -> Vec<OsString> {
    let word = editor.split_whitespace().next().unwrap_or_default().trim_matches(['\'', '"']);
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(".exe").to_lowercase();
    let behind = |line: u32| {
        let mut place = file.as_os_str().to_owned();
        place.push(format!(":{line}"));
        place
    };
    let plain = file.as_os_str().to_owned();
    let Some(line) = line else { return vec![plain] };
    match name.as_str() {
        "vi" | "vim" | "nvim" | "view" | "gvim" | "mvim" | "nvi" | "elvis" | "vis" | "nano" | "pico"
        | "emacs" | "emacsclient" | "mg" | "jed" | "joe" | "jmacs" | "jstar" | "ne" | "kak" | "micro"
        | "mcedit" | "gedit" | "bbedit" | "kwrite" | "ex" => vec![format!("+{line}").into(), plain],
        "code" | "code-insiders" | "codium" | "vscodium" | "cursor" | "windsurf" => {
            vec!["--goto".into(), behind(line)]
        }
        "hx" | "helix" | "zed" | "zeditor" | "subl" | "sublime_text" | "lapce" | "fleet" => {
            vec![behind(line)]
        }
        "idea" | "pycharm" | "clion" | "goland" | "rustrover" | "webstorm" | "phpstorm" | "rubymine"
        | "kate" | "mate" => vec!["--line".into(), line.to_string().into(), plain],
        _ => vec![plain],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editors_are_told_the_line_in_their_own_way() {
        let file = Path::new("/notes/a b.md");
        for (editor, expected) in [
            ("vim", &["+7", "/notes/a b.md"][..]),
            ("/usr/bin/nvim -p", &["+7", "/notes/a b.md"]),
            ("emacsclient -n", &["+7", "/notes/a b.md"]),
            ("code --wait", &["--goto", "/notes/a b.md:7"]),
            ("hx", &["/notes/a b.md:7"]),
            ("kate", &["--line", "7", "/notes/a b.md"]),
            ("my-editor", &["/notes/a b.md"]),
            ("C:\\Tools\\Code.exe", &["--goto", "/notes/a b.md:7"]),
        ] {
            assert_eq!(arguments(editor, file, Some(7)), expected, "{editor}");
            assert_eq!(arguments(editor, file, None), ["/notes/a b.md"], "{editor}");
        }
    }
}
