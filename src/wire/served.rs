//! What `qsearch serve` sends: documents of other commands with what a page needs besides, and some of its own.

use serde::Serialize;

use super::{Note, Result, Status};

/// Whether the server is there.
#[derive(Debug, Serialize)]
pub struct Health {
    /// `ok`.
    pub status: &'static str,
    /// The version of qsearch.
    pub version: &'static str,
}

/// What a search found.
#[derive(Debug, Serialize)]
pub struct Found<'a> {
    /// The query as it was typed.
    pub query: &'a str,
    /// The passages, best first.
    pub results: Vec<Result<'a>>,
}

/// The state of an index that is served; its fields are those of [`Status`] and these.
#[derive(Debug, Serialize)]
pub struct ServedStatus<'a> {
    /// The state of the index.
    #[serde(flatten)]
    pub status: Status<'a>,
    /// The version of qsearch.
    pub version: &'static str,
    /// The name of the index.
    pub name: &'a str,
    /// The names of all indexes that are served.
    pub indexes: Vec<&'a str>,
    /// The language model that writes answers; `null` if none will.
    pub llm: Option<Llm>,
}

/// A language model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Llm {
    /// Its name, as its server has it.
    pub model: String,
    /// The address of its server, without credentials.
    pub server: String,
}

/// A note as it is shown; its fields are those of [`Note`] and these.
#[derive(Debug, Serialize)]
pub struct ServedNote<'a> {
    /// The note as it is indexed.
    #[serde(flatten)]
    pub note: Note<'a>,
    /// Which lines `text` has; `null` if it has none.
    pub lines: Option<Seen>,
    /// The kind of file: `markdown`, `text`, `html`, `pdf`, ….
    pub kind: &'static str,
    /// What the file says now, or those lines of it that were asked for; what was extracted of it, if it isn't text; `null` if
    /// it can't be read.
    pub text: Option<String>,
    /// Whether `text` was cut because it is long.
    pub truncated: bool,
    /// The places of a file that isn't text, in their order.
    pub places: Vec<SeenPlace>,
    /// Whether `?file=1` gives the file itself.
    pub file: bool,
    /// Addresses that open the note in programs on the machine where it is; `null` if its path can't be written.
    pub links_to: Option<Links>,
}

/// Some lines, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// The first one.
    pub first: u32,
    /// The last one.
    pub last: u32,
}

/// A place, and the lines of the extract that stand there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenPlace {
    /// As it is typed behind a path: `p12`.
    pub text: String,
    /// What it is called: the number printed on a page, the name of a sheet; `null` if it isn't called anything else.
    pub label: Option<String>,
    /// The first line.
    pub first_line: u32,
    /// The last line.
    pub last_line: u32,
}

/// Addresses that open a note in programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Links {
    /// In Obsidian; `null` if the note lies in no vault.
    pub obsidian: Option<String>,
    /// In Visual Studio Code; `null` if the file isn't text.
    pub vscode: Option<String>,
    /// In whatever opens such files.
    pub file: String,
}
