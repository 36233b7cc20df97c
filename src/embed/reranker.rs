//! Which model reads a passage beside its question, and how to open it.

use std::path::{Path, PathBuf};

#[cfg(feature = "fastembed")]
use super::onnx::find_reranker;
use super::source::{Places, absolute, is_downloaded, known_by, onnx_in, without_fastembed};
use crate::error::{ModelRole, NotFound, Result};

/// A cross-encoder: what reads a question and a passage together and says how well the one answers the other.
pub trait Reranker: Send + Sync + std::fmt::Debug {
    /// What it is called, or where it is.
    fn name(&self) -> &str;

    /// A score for each passage, in their order: the model's logit, any number, higher is better. It depends on the
    /// question and on that passage alone. Of what is too long only the beginning counts.
    ///
    /// # Errors
    ///
    /// Fails if the model can't be run.
    fn scores(&self, question: &str, passages: &[&str]) -> Result<Vec<f32>>;
}

/// Where a reranker comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RerankerSource {
    /// An ONNX model on disk.
    Onnx(PathBuf),
    /// A model that fastembed downloads, by fastembed's name.
    Named(String),
}

impl RerankerSource {
    /// What a user means by the name, file or folder that was typed.
    ///
    /// # Errors
    ///
    /// When nothing is called so, or what is there isn't a model that can be run.
    pub fn find(typed: &str) -> Result<Self> {
        if cfg!(not(feature = "fastembed")) {
            return Err(without_fastembed());
        }
        // Before files and folders, for what lies here under a model's name may be somebody else's; `./name` is that.
        if let Some(called) = Self::called(typed) {
            return Ok(called);
        }
        let path = Path::new(typed);
        if path.is_dir() {
            let model = onnx_in(path, ModelRole::Reranker)?
                .ok_or_else(|| NotFound::RerankerIn { folder: path.to_path_buf() })?;
            return Ok(Self::Onnx(absolute(&model)?));
        }
        if path.is_file() {
            return Ok(Self::Onnx(absolute(path)?));
        }
        let name = typed.to_owned();
        Err(match known_by(typed) {
            Some(_) => NotFound::NotAReranker { name }.into(),
            None => NotFound::Reranker { name }.into(),
        })
    }

    /// The reranker that has this name, whatever lies in the current folder.
    pub fn called(name: &str) -> Option<Self> {
        find_reranker(name).map(Self::Named)
    }

    /// Whether opening it needs no download.
    pub fn is_here(&self, places: &Places) -> bool {
        match self {
            Self::Named(name) => is_downloaded(name, places),
            Self::Onnx(_) => true,
        }
    }

    /// Opens the model.
    ///
    /// # Errors
    ///
    /// When it isn't there any more, is damaged, isn't a cross-encoder, or needs something that isn't there.
    #[cfg_attr(not(feature = "fastembed"), expect(unused_variables, reason = "there is nothing to open"))]
    pub fn open(&self, places: &Places) -> Result<Box<dyn Reranker>> {
        match self {
            #[cfg(feature = "fastembed")]
            Self::Onnx(path) => Ok(Box::new(super::onnx::CrossEncoder::file(path, places)?)),
            #[cfg(feature = "fastembed")]
            Self::Named(name) => Ok(Box::new(super::onnx::CrossEncoder::named(name, places)?)),
            #[cfg(not(feature = "fastembed"))]
            Self::Onnx(_) | Self::Named(_) => Err(without_fastembed()),
        }
    }
}

/// Without fastembed, no name is known.
#[cfg(not(feature = "fastembed"))]
fn find_reranker(_: &str) -> Option<String> {
    None
}

#[cfg(all(test, feature = "fastembed"))]
mod tests {
    use super::*;
    use crate::error::{Error, ErrorKind, Usage};

    #[test]
    fn rerankers_are_found_by_name_by_repository_and_on_disk() {
        for typed in ["bgererankerbase", "BAAI/bge-reranker-base", "bge-reranker-base"] {
            assert_eq!(RerankerSource::find(typed).unwrap(), RerankerSource::Named("BGERerankerBase".into()));
        }
        let at = tempfile::tempdir().unwrap();
        let folder = at.path().to_str().unwrap();
        let refused = |typed: &str, what: &str| {
            let error = RerankerSource::find(typed).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
            assert_eq!(error.kind(), ErrorKind::NotFound);
        };
        refused(folder, "holds no reranker");
        refused("nobody/such", "there is no reranker called `nobody/such`");
        refused("BGESmallENV15", "`BGESmallENV15` turns texts into vectors");
        let model = at.path().join("model.onnx");
        std::fs::write(&model, "").unwrap();
        let found = RerankerSource::Onnx(model.canonicalize().unwrap());
        assert_eq!(RerankerSource::find(folder).unwrap(), found);
        assert_eq!(RerankerSource::find(model.to_str().unwrap()).unwrap(), found);
        std::fs::rename(&model, at.path().join("a.onnx")).unwrap();
        std::fs::write(at.path().join("b.onnx"), "").unwrap();
        assert!(matches!(
            RerankerSource::find(folder),
            Err(Error::Usage(Usage::SeveralModels { role: ModelRole::Reranker, .. }))
        ));
    }
}
