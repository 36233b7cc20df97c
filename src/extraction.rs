//! The spine of `qsearch extract`: what a file says, as an index would have it.

use std::path::Path;

use crate::document::{About, Extract, Extracted};
use crate::error::{Error, Result, Saved, Usage};
use crate::extract::{Content, Damaged, Failure, Launch, Readers};
use crate::files::{self, Links};
use crate::format::{self, FORMATS, Format, Reader};
use crate::parse;

/// What a file says, or a note in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extraction {
    /// The note's path in the file, if the file is an archive of notes.
    pub path: Option<String>,
    /// What it says of itself.
    pub about: About,
    /// Its text: Markdown, if a reader has made it.
    pub text: String,
    /// Where each place begins in the text, if the text isn't the file's own.
    pub extract: Option<Extract>,
    /// What is odd about it, or couldn't be read of it.
    pub warnings: Vec<String>,
}

impl Extraction {
    fn of(path: Option<String>, extracted: Extracted) -> Self {
        let Extracted { text, extract, about, warnings } = extracted;
        Self { path, about, text, extract: Some(extract), warnings }
    }
}

/// Reads a file of at most `max_bytes`, or as many as its format may have. `launch` says how a process is started that reads
/// what isn't text, and `cancelled` is asked all the while.
///
/// # Errors
///
/// When the file isn't there, is too large, is of no kind that can be read, or isn't what it should be.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let file = folder.path().join("run.ipynb");
/// # std::fs::write(&file, br##"{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "Owls"}]}"##)?;
/// let found = qsearch::extraction::extraction(&file, None, None, &|| false)?;
/// assert_eq!(found[0].text, "Owls\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn extraction(
    path: &Path,
    max_bytes: Option<u64>,
    launch: Option<&Launch>,
    cancelled: &dyn Fn() -> bool,
) -> Result<Vec<Extraction>> {
    let name = path.file_name().unwrap_or_default();
    let most = max_bytes.unwrap_or_else(|| format::most_bytes(FORMATS, name));
    let bytes = files::read_at(path, Links::Follow, most).map_err(Error::io("read", path))?;
    let unknown = || Usage::NotADocument { path: path.to_path_buf() };
    let format: &Format = format::detect(FORMATS, name, &bytes).ok_or_else(unknown)?;
    let Reader::Extract(extractor) = format.reader else {
        let text = parse::decode(&bytes).as_str().to_owned();
        let (about, warnings) = (About::default(), Vec::new());
        return Ok(vec![Extraction { path: None, about, text, extract: None, warnings }]);
    };
    match Readers::new(launch.cloned()).read(extractor, bytes, cancelled) {
        Ok(Content::Note(note)) => Ok(vec![Extraction::of(None, note)]),
        Ok(Content::Notes(notes)) => {
            Ok(notes.into_iter().map(|note| Extraction::of(Some(note.path), note.extracted)).collect())
        }
        Err(Failure::Damaged(Damaged(why))) => {
            Err(Usage::Damaged { path: path.to_path_buf(), format: format.name, why }.into())
        }
        Err(Failure::Failed(why)) => Err(Error::io("read", path)(std::io::Error::other(why))),
        Err(Failure::NoProcess(source)) => Err(Error::io("start the reader of", path)(source)),
        Err(Failure::Cancelled) => Err(Error::Interrupted(Saved::Nothing)),
    }
}
