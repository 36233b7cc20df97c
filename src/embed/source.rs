//! Which model is meant, and how to open it.

use std::path::{Path, PathBuf};

use super::{Embedder, Encoder, Kernel};
use crate::document::NotePath;
use crate::error::{Error, ModelRole, NotFound, Result, Usage};

/// What the bundled model is called.
pub const BUNDLED: &str = "all-MiniLM-L6-v2";
/// The extension of imported models.
pub const EXTENSION: &str = "qsm";

/// Where models are looked for and what they need; whoever reads the environment fills it in.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The folder of imported models.
    pub models: Option<PathBuf>,
    /// The folder of downloaded models.
    pub cache: Option<PathBuf>,
    /// Where ONNX Runtime may be.
    pub runtime: RuntimePlaces,
    /// Whether downloads may show their progress on stderr.
    pub shows_progress: bool,
    /// How many threads a model may use; all cores, if it isn't said.
    pub threads: Option<usize>,
    /// The instructions that our own models run on; the best there are, if it isn't said.
    pub kernel: Option<Kernel>,
}

/// Where ONNX Runtime may be.
#[derive(Clone, Debug, Default)]
pub struct RuntimePlaces {
    /// The library itself; then nothing else is looked at.
    pub library: Option<PathBuf>,
    /// Folders in which Python may be installed, with the `onnxruntime` wheel among its packages.
    pub prefixes: Vec<PathBuf>,
    /// Folders of shared libraries.
    pub folders: Vec<PathBuf>,
}

impl Places {
    /// How many threads a model may use.
    #[cfg(feature = "fastembed")]
    pub(super) fn threads(&self) -> usize {
        self.threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get))
    }
}

/// Where a model comes from. An index remembers it as [text](Self::to_text), so that a question finds the model that
/// its notes were embedded with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ModelSource {
    /// This program.
    #[default]
    Bundled,
    /// A model file of our own format.
    File(PathBuf),
    /// An ONNX model on disk.
    Onnx(PathBuf),
    /// A model that fastembed downloads, by fastembed's name.
    Named(String),
}

impl ModelSource {
    /// What a user means by the name, file or folder that was typed.
    ///
    /// # Errors
    ///
    /// When nothing is called so, or what is there isn't a model that can be run.
    pub fn find(typed: &str, places: &Places) -> Result<Self> {
        // Before files and folders, for what lies here under a model's name may be somebody else's; `./name` is that.
        if let Some(called) = Self::called(typed, places) {
            return Ok(called);
        }
        let path = Path::new(typed);
        if path.is_dir() {
            return Self::in_folder(path);
        }
        if path.is_file() {
            let path = absolute(path)?;
            let is_onnx = path.extension().is_some_and(|extension| extension == "onnx");
            return Ok(if is_onnx { Self::Onnx(path) } else { Self::File(path) });
        }
        Err(NotFound::Model { name: typed.to_owned() }.into())
    }

    /// The model that has this name, whatever lies in the current folder: the bundled one, an imported one, or one that
    /// fastembed knows.
    pub fn called(name: &str, places: &Places) -> Option<Self> {
        if name.strip_prefix("sentence-transformers/").unwrap_or(name).eq_ignore_ascii_case(BUNDLED) {
            return Some(Self::Bundled);
        }
        imported(name, places).map(Self::File).or_else(|| known_by(name).map(Self::Named))
    }

    /// Whether opening it needs no download.
    pub fn is_here(&self, places: &Places) -> bool {
        match self {
            Self::Named(name) => is_downloaded(name, places),
            Self::Bundled | Self::File(_) | Self::Onnx(_) => true,
        }
    }

    fn in_folder(folder: &Path) -> Result<Self> {
        if let Some(model) = onnx_in(folder, ModelRole::Embedder)? {
            return Ok(Self::Onnx(absolute(&model)?));
        }
        let has_weights = folder.join("model.safetensors").is_file();
        let folder = folder.to_path_buf();
        Err(if has_weights {
            Usage::ImportFirst { folder }.into()
        } else {
            NotFound::ModelIn { folder }.into()
        })
    }

    /// As an index remembers it.
    pub fn to_text(&self) -> String {
        let encoded = |path: &Path| NotePath::from_relative(path).as_str().to_owned();
        match self {
            Self::Bundled => String::new(),
            Self::File(path) => format!("file:{}", encoded(path)),
            Self::Onnx(path) => format!("onnx:{}", encoded(path)),
            Self::Named(name) => format!("fastembed:{name}"),
        }
    }

    /// The inverse of [`to_text`](Self::to_text); `None` for what this program doesn't know.
    pub fn from_text(text: &str) -> Option<Self> {
        let path = |encoded: &str| NotePath::from_encoded(encoded).to_relative();
        match text.split_once(':') {
            None if text.is_empty() => Some(Self::Bundled),
            Some(("file", rest)) => Some(Self::File(path(rest))),
            Some(("onnx", rest)) => Some(Self::Onnx(path(rest))),
            Some(("fastembed", rest)) => Some(Self::Named(rest.to_owned())),
            _ => None,
        }
    }

    /// Opens the model.
    ///
    /// # Errors
    ///
    /// When it isn't there any more, is damaged, or needs something that isn't there.
    pub fn open(&self, places: &Places) -> Result<Box<dyn Embedder>> {
        match self {
            Self::Bundled => Ok(Box::new(on_kernel(Encoder::bundled()?, places)?)),
            Self::File(path) => Ok(Box::new(on_kernel(Encoder::from_file(path)?, places)?)),
            #[cfg(feature = "fastembed")]
            Self::Onnx(path) => Ok(Box::new(super::onnx::Onnx::file(path, places)?)),
            #[cfg(feature = "fastembed")]
            Self::Named(name) => Ok(Box::new(super::onnx::Onnx::named(name, places)?)),
            #[cfg(not(feature = "fastembed"))]
            Self::Onnx(_) | Self::Named(_) => Err(without_fastembed()),
        }
    }
}

fn on_kernel(encoder: Encoder, places: &Places) -> Result<Encoder> {
    let Some(kernel) = places.kernel else { return Ok(encoder) };
    encoder.with_kernel(kernel).ok_or_else(|| Usage::Kernel { name: kernel.name() }.into())
}

/// The file of the imported model that is called so.
fn imported(name: &str, places: &Places) -> Option<PathBuf> {
    let file = places.models.as_ref()?.join(format!("{name}.{EXTENSION}"));
    (!name.contains(['/', '\\']) && file.is_file()).then_some(file)
}

pub(super) fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(Error::io("read", path))
}

/// The model in a folder: `model.onnx`, in it or in `onnx/`, or the only one there is.
pub(super) fn onnx_in(folder: &Path, role: ModelRole) -> Result<Option<PathBuf>> {
    for folder in [folder.to_path_buf(), folder.join("onnx")] {
        let model = folder.join("model.onnx");
        if model.is_file() {
            return Ok(Some(model));
        }
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut models: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "onnx"))
            .collect();
        models.sort();
        match &models[..] {
            [] => {}
            [only] => return Ok(Some(only.clone())),
            [first, ..] => {
                let (count, first) = (models.len(), first.clone());
                return Err(Usage::SeveralModels { folder, count, first, role }.into());
            }
        }
    }
    Ok(None)
}

/// Whether a model that fastembed knows by this name has been downloaded.
pub(super) fn is_downloaded(name: &str, places: &Places) -> bool {
    list_known(places).iter().any(|known| known.name == name && known.is_here)
}

#[cfg(feature = "fastembed")]
pub(super) use super::onnx::find as known_by;

/// Without fastembed, no name is known.
#[cfg(not(feature = "fastembed"))]
pub(super) fn known_by(_: &str) -> Option<String> {
    None
}

/// Why a model that needs ONNX Runtime can't be opened.
pub(super) fn without_fastembed() -> Error {
    Usage::WithoutFastembed.into()
}

/// What a model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelKind {
    /// It turns texts into vectors.
    Embedder {
        /// Numbers in a vector; 0 if the model can't be read.
        dim: usize,
    },
    /// It reads a question with a passage; see [`Reranker`](super::Reranker).
    Reranker,
}

/// A model that can be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What to type after `--model`, or after `--rerank`.
    pub name: String,
    /// Where it comes from: `bundled`, a file, or a repository.
    pub from: String,
    /// What it does.
    pub kind: ModelKind,
    /// Whether it is on this machine already.
    pub is_here: bool,
}

/// The models that can be named: the bundled one, the imported ones, and those that fastembed knows, rerankers last.
pub fn list(places: &Places) -> Vec<Listed> {
    let kind = ModelKind::Embedder { dim: 384 };
    let bundled = Listed { name: BUNDLED.into(), from: "bundled".into(), kind, is_here: true };
    let mut listed = vec![bundled];
    let entries = places.models.as_ref().and_then(|models| std::fs::read_dir(models).ok());
    let mut files: Vec<PathBuf> = entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == EXTENSION));
    files.sort();
    for file in files {
        // What can't be read can't be used; using it says why.
        let dim = Encoder::from_file(&file).map_or(0, |encoder| encoder.dim());
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let kind = ModelKind::Embedder { dim };
        listed.push(Listed { name, from: file.display().to_string(), kind, is_here: dim > 0 });
    }
    listed.extend(list_known(places));
    listed
}

/// The models that fastembed knows.
#[cfg(feature = "fastembed")]
fn list_known(places: &Places) -> Vec<Listed> {
    use super::onnx;
    let is_here = |known: &_| places.cache.as_deref().is_some_and(|cache| onnx::is_downloaded(cache, known));
    let known = onnx::embedders().into_iter().chain(onnx::rerankers());
    known
        .map(|known| Listed {
            is_here: is_here(&known),
            name: known.name,
            from: known.repository,
            kind: known.kind,
        })
        .collect()
}

/// Without fastembed, there are none.
#[cfg(not(feature = "fastembed"))]
fn list_known(_: &Places) -> Vec<Listed> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_remembered_as_text() {
        for source in [
            ModelSource::Bundled,
            ModelSource::File("/a b/c:d.qsm".into()),
            ModelSource::Onnx("/models/x/model.onnx".into()),
            ModelSource::Named("BGESmallENV15".into()),
        ] {
            assert_eq!(ModelSource::from_text(&source.to_text()), Some(source));
        }
        assert_eq!(ModelSource::from_text("later:x"), None);
    }

    #[test]
    fn names_files_and_folders_are_told_apart() {
        let at = tempfile::tempdir().unwrap();
        let places = Places { models: Some(at.path().join("models")), ..Places::default() };
        let find = |typed: &str| ModelSource::find(typed, &places);
        assert_eq!(find("all-minilm-l6-v2").unwrap(), ModelSource::Bundled);
        std::fs::create_dir(at.path().join("models")).unwrap();
        let imported = at.path().join("models/mine.qsm");
        std::fs::write(&imported, "x").unwrap();
        assert_eq!(find("mine").unwrap(), ModelSource::File(imported));
        let missing = find("nobody/such-a-model").unwrap_err();
        assert!(matches!(missing, Error::NotFound(NotFound::Model { .. })));
        let folder = at.path().join("folder");
        std::fs::create_dir(&folder).unwrap();
        assert!(find(folder.to_str().unwrap()).unwrap_err().to_string().contains("holds no model"));
        std::fs::write(folder.join("model.safetensors"), "").unwrap();
        let found = find(folder.to_str().unwrap());
        assert!(matches!(found, Err(Error::Usage(Usage::ImportFirst { .. }))));
    }

    #[cfg(feature = "fastembed")]
    #[test]
    fn fastembeds_models_are_found_by_name_and_by_repository() {
        let places = Places::default();
        let find = |typed: &str| ModelSource::find(typed, &places).unwrap();
        for typed in ["bgesmallenv15", "BAAI/bge-small-en-v1.5", "bge-small-en-v1.5"] {
            assert_eq!(find(typed), ModelSource::Named("BGESmallENV15".into()));
        }
        assert_eq!(find("sentence-transformers/all-MiniLM-L6-v2"), ModelSource::Bundled);
        assert_eq!(find("intfloat/multilingual-e5-small"), ModelSource::Named("MultilingualE5Small".into()));
        assert!(list(&places).len() > 40);
        assert!(!find("bge-small-en-v1.5").is_here(&places) && ModelSource::Bundled.is_here(&places));
        assert_eq!(ModelSource::called("./BGESmallENV15", &places), None);
    }
}
