//! Things that were asked for and aren't there.

use std::path::PathBuf;

use crate::document::LineSpan;

/// An error names no more notes that would be lost.
const MOST_LOST: usize = 3;

/// What wasn't found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotFound {
    /// A file or folder isn't there.
    #[error("there is no file or folder {}", .path.display())]
    Path {
        /// The file or folder.
        path: PathBuf,
    },
    /// A note lies on another machine, where this one can't open it.
    #[error("{} lies on {machine}, and can't be opened here", .path.display())]
    Elsewhere {
        /// The note, or a file that it shows, by the name of its root.
        path: PathBuf,
        /// The machine.
        machine: String,
    },
    /// A folder has no notes.
    #[error("there are no notes in {}{}", .folder.display(), besides(.left_out))]
    NoNotes {
        /// The folder.
        folder: PathBuf,
        /// What was left out, as phrases.
        left_out: Vec<String>,
    },
    /// The index has no note at a path.
    #[error("the index has no notes at {}", .path.display())]
    NotesAt {
        /// The path.
        path: PathBuf,
    },
    /// The index has no note of this name.
    #[error("the index has no note {typed}")]
    Note {
        /// The name, as it was typed.
        typed: String,
    },
    /// The index has no passage with this id.
    #[error("the index has no passage #{id}")]
    Passage {
        /// The id, as it was typed.
        id: String,
    },
    /// No passage of a file touches a place.
    #[error("no passage of {path} touches {typed}")]
    Place {
        /// The file's path in its root.
        path: String,
        /// The place, as it was typed.
        typed: String,
        /// The first place of the file that says something.
        first: String,
        /// The last one.
        last: String,
    },
    /// No passage of a note covers a line.
    #[error("no passage of {path} covers line {lines}")]
    Lines {
        /// The note's path in its root.
        path: String,
        /// The lines.
        lines: LineSpan,
        /// The lines of the nearest passages.
        near: Vec<LineSpan>,
    },
    /// The index has no passage in a row.
    #[error("there is no passage {row} in the index")]
    Row {
        /// The row.
        row: String,
    },
    /// The index has no file of this path.
    #[error("{path} isn't in the index")]
    File {
        /// The path in its root.
        path: String,
    },
    /// No index was found in any of the places where one is looked for.
    #[error("{}", no_index(.own.as_deref()))]
    IndexHere {
        /// The place of the user's own index, if there is such a place.
        own: Option<PathBuf>,
    },
    /// The first run over an index is at work and has committed nothing yet.
    #[error("the index at {} is just being made, by {writer}", .index.display())]
    BeingMade {
        /// The index.
        index: PathBuf,
        /// Who makes it, as a phrase.
        writer: String,
    },
    /// A rebuild would lose the notes of a root.
    #[error("the index isn't made anew, for it would lose the notes of {}: {why}", .root.display())]
    LostRoot {
        /// The root.
        root: PathBuf,
        /// Why its notes can't be read, as a phrase.
        why: String,
    },
    /// A rebuild would lose notes that can't be read.
    #[error(
        "the index isn't made anew, for it {} lose what can't be read now: {}",
        if *.certain { "would" } else { "might" },
        listed(.notes, MOST_LOST)
    )]
    LostNotes {
        /// The notes, or files and folders that may be notes, each with the reason.
        notes: Vec<String>,
        /// Whether the old index is known to have them.
        certain: bool,
    },
    /// No model has a name.
    #[error("there is no model called `{name}`, and no such file or folder")]
    Model {
        /// The name.
        name: String,
    },
    /// A folder holds no model.
    #[error("{} holds no model: neither model.onnx nor model.safetensors", .folder.display())]
    ModelIn {
        /// The folder.
        folder: PathBuf,
    },
    /// The model of an index isn't where it was.
    #[error("the model that this index was made with isn't at {} any more", .path.display())]
    ModelMoved {
        /// Where it was.
        path: PathBuf,
    },
    /// No reranker has a name.
    #[error("there is no reranker called `{name}`, and no such file or folder")]
    Reranker {
        /// The name.
        name: String,
    },
    /// A model was named that is no reranker.
    #[error("`{name}` turns texts into vectors, it can't rerank")]
    NotAReranker {
        /// The name.
        name: String,
    },
    /// A folder holds no reranker.
    #[error("{} holds no reranker: there is no model.onnx in it", .folder.display())]
    RerankerIn {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder holds no test set.
    #[error("there is no test set in {}", .dir.display())]
    TestSet {
        /// The folder.
        dir: PathBuf,
    },
    /// The folder of a test set isn't there.
    #[error("there is no folder {}", .dir.display())]
    TestFolder {
        /// The folder.
        dir: PathBuf,
    },
    /// A test set has no judgments.
    #[error("there is neither qrels.tsv nor qrels/test.tsv in {}", .dir.display())]
    Judgments {
        /// The folder.
        dir: PathBuf,
    },
}

fn besides(kinds: &[String]) -> String {
    if kinds.is_empty() { String::new() } else { format!("; left out were {}", kinds.join(", ")) }
}

fn no_index(own: Option<&std::path::Path>) -> String {
    match own {
        Some(own) => format!("there is no index here, in a folder above, or at {}", own.display()),
        None => "there is no index here or in a folder above".to_owned(),
    }
}

/// The first few notes, and how many more there are.
fn listed(notes: &[String], most: usize) -> String {
    let named = notes.iter().take(most).cloned().collect::<Vec<_>>().join("; ");
    match notes.len().checked_sub(most) {
        None | Some(0) => named,
        Some(more) => format!("{named}; and {more} more"),
    }
}
