//! What `check --json` prints.

use std::path::Path;

use serde::Serialize;

use crate::recheck::Recheck;
use crate::store::{self, Checkup};

/// What a look at every byte of an index came to.
#[derive(Debug, Serialize)]
pub struct Check {
    /// The folder of the index.
    index: String,
    /// Whether nothing is wrong with it; the exit status is 0 if so, else 2.
    sound: bool,
    /// How many files were read.
    files: u64,
    /// How many bytes they have.
    bytes: u64,
    /// How many segments there are.
    segments: u64,
    /// How many notes the table of files has.
    notes: u64,
    /// How many passages were read.
    passages: u64,
    /// What is wrong, a thousand things at most.
    findings: Vec<Finding>,
    /// How many more things are wrong.
    more: u64,
    /// What came of reading all documents again, with `--deep`; else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    deep: Option<Deep>,
    /// Whether a run is writing the index; what was checked is its last commit.
    writing: bool,
    /// Files that don't belong to the index any more; the next `qsearch index` removes them. None are named while a run
    /// is writing, for some may be its own.
    leftovers: Vec<String>,
}

/// Something that is wrong with an index.
#[derive(Debug, Serialize)]
struct Finding {
    /// The file of the index.
    file: String,
    /// The note that it is about, as `root/path`; `null` if it is about none.
    note: Option<String>,
    /// What is wrong, as a sentence.
    what: String,
}

/// What came of reading all documents again.
#[derive(Debug, Serialize)]
struct Deep {
    /// How many notes were compared.
    notes: u64,
    /// How many passages they have.
    passages: u64,
    /// How many documents have changed since, or can't be read now.
    changed: u64,
    /// The notes of which a reader makes something else now.
    differ: Vec<Differing>,
}

/// A note of which a reader makes something else now.
#[derive(Debug, Serialize)]
struct Differing {
    /// The note, as `root/path`.
    note: String,
    /// What differs, as a sentence.
    what: String,
}

impl Deep {
    fn new(recheck: &Recheck) -> Self {
        let Recheck { notes, passages, changed, differ } = recheck;
        let differing =
            |(note, what): &(String, String)| Differing { note: note.clone(), what: what.clone() };
        Self {
            notes: *notes,
            passages: *passages,
            changed: *changed,
            differ: differ.iter().map(differing).collect(),
        }
    }
}

impl Check {
    /// Describes what was found in an index, and of its documents if they were read again.
    pub fn new(index: &Path, checkup: &Checkup, recheck: Option<&Recheck>) -> Self {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let finding = |found: &store::Finding| Finding {
            file: path(&found.file),
            note: found.note.clone(),
            what: found.what.clone(),
        };
        Self {
            index: path(index),
            sound: checkup.findings.is_empty() && recheck.is_none_or(|recheck| recheck.differ.is_empty()),
            deep: recheck.map(Deep::new),
            files: checkup.files,
            bytes: checkup.bytes,
            segments: checkup.segments,
            notes: checkup.notes,
            passages: checkup.passages,
            findings: checkup.findings.iter().map(finding).collect(),
            more: checkup.more,
            writing: checkup.writing,
            leftovers: checkup.leftovers.iter().map(|file| path(file)).collect(),
        }
    }
}
