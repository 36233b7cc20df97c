//! Where the lines of a talk come from: a line editor with a history on a terminal, or else standard input as it is.

use std::cell::Cell;
use std::fs;
use std::io::{self, BufRead, IsTerminal, Read};
use std::path::{Path, PathBuf};

use qsearch::error::Error;
use qsearch::owner;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Editor, Helper};

use super::super::{Context, Failure, printer, trust};
use super::commands;

/// What a line is typed behind.
const PROMPT: &str = "> ";
/// How many lines are remembered.
const REMEMBERED: usize = 1000;
/// A larger history isn't one of ours.
const MOST_BYTES: u64 = 16 << 20;
/// The most bytes of a line.
const LONGEST: u64 = 1 << 20;

/// Something that gives lines.
pub(super) enum Lines {
    /// The line editor, with the file of its history.
    Edited(Box<Editor<Typing, FileHistory>>, Option<PathBuf>),
    /// Standard input; whether there is somebody to be shown a prompt.
    Plain(bool),
}

/// What comes of waiting for a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line, without its end.
    Typed(String),
    /// It was given up; the next one is waited for.
    GivenUp,
    /// There are no more.
    End,
}

impl Lines {
    /// The lines of standard input. They are edited and remembered if a person sits at both ends.
    pub(super) fn open(context: &Context) -> Self {
        let (input, output) = (io::stdin().is_terminal(), io::stdout().is_terminal());
        if !(input && output) {
            return Self::Plain(input && io::stderr().is_terminal());
        }
        let config = Config::builder()
            .max_history_size(REMEMBERED)
            .and_then(|config| config.history_ignore_dups(true))
            .map(|config| config.history_ignore_space(true).build());
        let editor = config.and_then(|config| {
            let history = FileHistory::with_config(&config);
            Editor::with_history(config, history)
        });
        let Ok(mut editor) = editor else { return Self::Plain(true) };
        editor.set_helper(Some(Typing::default()));
        let history = history(context);
        if let Some(file) = history.as_ref().filter(|file| file.exists()) {
            // What can't be read is replaced.
            drop(editor.load_history(file));
        }
        Self::Edited(Box::new(editor), history)
    }

    /// Waits for the next line.
    pub(super) fn next(&mut self) -> Result<Line, Failure> {
        let (editor, history) = match self {
            Self::Edited(editor, history) => (editor, history),
            Self::Plain(prompts) => {
                if *prompts {
                    printer::prompt(PROMPT);
                }
                return plain(&mut io::stdin().lock());
            }
        };
        if let Some(typing) = editor.helper() {
            typing.has_text.set(false);
        }
        match editor.readline(PROMPT) {
            Ok(line) => {
                remember(editor, history.as_deref(), &line);
                Ok(Line::Typed(line))
            }
            Err(ReadlineError::Interrupted) => {
                let has_text = editor.helper().is_some_and(|typing| typing.has_text.get());
                Ok(if has_text { Line::GivenUp } else { Line::End })
            }
            Err(ReadlineError::Eof) => Ok(Line::End),
            Err(ReadlineError::Io(error)) => Err(Error::io("read", "standard input")(error).into()),
            Err(error) => {
                Err(Error::io("read", "standard input")(io::Error::other(error.to_string())).into())
            }
        }
    }
}

/// Adds a line to the history, in memory and on disk, so that talks at the same time don't lose each other's lines.
fn remember(editor: &mut Editor<Typing, FileHistory>, history: Option<&Path>, line: &str) {
    let is_new = editor.add_history_entry(line).unwrap_or(false);
    if let Some(file) = history.filter(|_| is_new) {
        // The talk goes on without.
        drop(editor.append_history(file));
    }
}

/// The file of the history, in a folder that is the user's alone; `None` if there can't be one.
fn history(context: &Context) -> Option<PathBuf> {
    let folder = context.environment.state_home.as_ref()?.join("qsearch");
    trust::make_private(&folder).ok()?;
    let file = folder.join("chat_history");
    let user = context.environment.around.sudo_user;
    let is_ours = |path: &Path| owner::foreign(path, user).is_none();
    let is_good = match fs::symlink_metadata(&file) {
        Ok(found) => found.is_file() && found.len() <= MOST_BYTES && is_ours(&file),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    (is_good && is_ours(&folder)).then_some(file)
}

/// The next line of an input that nobody edits; bytes that aren't UTF-8 are replaced.
fn plain(input: &mut impl BufRead) -> Result<Line, Failure> {
    let mut bytes = Vec::new();
    let read = input.take(LONGEST).read_until(b'\n', &mut bytes);
    let length = read.map_err(Error::io("read", "standard input"))?;
    if length as u64 == LONGEST && bytes.last() != Some(&b'\n') {
        return Err(Failure::refused("a line is longer than 1 MiB", "type one question a line"));
    }
    Ok(if length == 0 { Line::End } else { Line::Typed(String::from_utf8_lossy(&bytes).trim().to_owned()) })
}

/// What the line editor asks while something is typed.
#[derive(Debug, Default)]
pub(super) struct Typing {
    /// Whether the line has any text; where the editor gives a line up, it doesn't say which.
    has_text: Cell<bool>,
}

impl Hinter for Typing {
    type Hint = String;

    fn hint(&self, line: &str, _: usize, _: &rustyline::Context<'_>) -> Option<String> {
        self.has_text.set(!line.is_empty());
        None
    }
}

impl Completer for Typing {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        Ok((0, commands::completions(line.get(..at).unwrap_or_default())))
    }
}

impl Highlighter for Typing {}
impl Validator for Typing {}
impl Helper for Typing {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_end_where_they_end() {
        let mut input = &b"what is\xff the GIL\r\n\nlast"[..];
        let mut next = || plain(&mut input).unwrap();
        assert_eq!(next(), Line::Typed("what is\u{fffd} the GIL".to_owned()));
        assert_eq!([next(), next()], [Line::Typed(String::new()), Line::Typed("last".to_owned())]);
        assert_eq!(next(), Line::End);
    }

    #[test]
    fn an_endless_line_is_refused() {
        let mut endless = io::BufReader::new(io::repeat(b'a'));
        assert!(matches!(plain(&mut endless), Err(Failure::Refused(..))));
    }
}
