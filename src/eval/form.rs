//! Which kind of test set a folder holds.

use std::path::Path;

use super::golden;
use crate::error::{NotFound, Result};

/// A form of test set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`.
    Retrieval,
    /// Notes, and `golden.jsonl` among them.
    Golden,
    /// `corpora/`, `queries.jsonl`, `spans.jsonl`.
    Chunking,
}

impl Form {
    /// Recognises a test set by its files.
    ///
    /// # Errors
    ///
    /// [`NotFound::TestSet`] if the folder holds none, or isn't there.
    pub fn of(dir: &Path) -> Result<Self> {
        let has = |name: &str| dir.join(name).exists();
        if has("corpus.jsonl") {
            return Ok(Self::Retrieval);
        }
        if has("spans.jsonl") {
            return Ok(Self::Chunking);
        }
        if has(golden::FILE) {
            return Ok(Self::Golden);
        }
        let (dir, is_there) = (dir.to_path_buf(), dir.is_dir());
        Err(if is_there { NotFound::TestSet { dir } } else { NotFound::TestFolder { dir } }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_known_by_its_files() {
        let at = tempfile::tempdir().unwrap();
        let error = Form::of(at.path()).unwrap_err();
        assert!(error.to_string().starts_with("there is no test set in "), "{error}");
        assert!(Form::of(&at.path().join("x")).unwrap_err().to_string().starts_with("there is no folder "));
        for (name, form) in [
            ("golden.jsonl", Form::Golden),
            ("spans.jsonl", Form::Chunking),
            ("corpus.jsonl", Form::Retrieval),
        ] {
            std::fs::write(at.path().join(name), "").unwrap();
            assert_eq!(Form::of(at.path()).unwrap(), form);
        }
    }
}
