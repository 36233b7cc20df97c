//! Where a model comes from: what a user means by a name, file or folder, and how it is opened.

use std::path::{Path, PathBuf};

use super::embedder::Embedder;
use super::encoder::Encoder;
use super::listed_model::{ListedModel, ModelKind};
use super::onnx;
use super::places::Places;
use super::reranker::Reranker;
use crate::document::NotePath;
use crate::error::{Error, ModelRole, NotFound, Result, Usage};
use crate::sys;

/// The name of the bundled model.
const BUNDLED_NAME: &str = "all-MiniLM-L6-v2";
/// The extension of imported models.
pub const EXTENSION: &str = "qsm";

/// Where an embedder comes from. An index stores it as [text](Self::to_text), so that a question finds the model that
/// its notes were embedded with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ModelSource {
    /// This program.
    #[default]
    Bundled,
    /// A model file of our own format.
    File(PathBuf),
    /// A model that ONNX Runtime runs.
    Onnx(OnnxSource),
}

/// Where a model that ONNX Runtime runs comes from: an embedder or a reranker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnnxSource {
    /// A file on disk.
    File(PathBuf),
    /// A model that fastembed downloads, by fastembed's name.
    Named(String),
}

impl ModelSource {
    /// What a user means by the name, file or folder that was typed.
    ///
    /// # Errors
    ///
    /// When nothing has this name, or what is there isn't a model that can be run.
    pub fn find(typed: &str, places: &Places) -> Result<Self> {
        // Names come before files and folders: what lies in the current folder under a model's name may be anybody's.
        // `./name` means the file.
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
            return Ok(if is_onnx { Self::Onnx(OnnxSource::File(path)) } else { Self::File(path) });
        }
        Err(NotFound::Model { name: typed.to_owned() }.into())
    }

    /// The model that has this name, whatever lies in the current folder: the bundled one, an imported one, or one that
    /// fastembed knows.
    pub fn called(name: &str, places: &Places) -> Option<Self> {
        if name.strip_prefix("sentence-transformers/").unwrap_or(name).eq_ignore_ascii_case(BUNDLED_NAME) {
            return Some(Self::Bundled);
        }
        let known = || onnx::embedder_called(name).map(|name| Self::Onnx(OnnxSource::Named(name)));
        imported(name, places).map(Self::File).or_else(known)
    }

    /// Whether opening it needs no download.
    pub fn is_here(&self, places: &Places) -> bool {
        match self {
            Self::Bundled | Self::File(_) => true,
            Self::Onnx(source) => source.is_here(places),
        }
    }

    /// The ONNX model in a folder.
    fn in_folder(folder: &Path) -> Result<Self> {
        if let Some(model) = onnx_in(folder, ModelRole::Embedder)? {
            return Ok(Self::Onnx(OnnxSource::File(absolute(&model)?)));
        }
        let has_weights = folder.join("model.safetensors").is_file();
        let folder = folder.to_path_buf();
        Err(if has_weights {
            Usage::ImportFirst { folder }.into()
        } else {
            NotFound::ModelIn { folder }.into()
        })
    }

    /// The text that an index stores.
    pub fn to_text(&self) -> String {
        let encoded = |path: &Path| NotePath::from_relative(path).as_str().to_owned();
        match self {
            Self::Bundled => String::new(),
            Self::File(path) => format!("file:{}", encoded(path)),
            Self::Onnx(OnnxSource::File(path)) => format!("onnx:{}", encoded(path)),
            Self::Onnx(OnnxSource::Named(name)) => format!("fastembed:{name}"),
        }
    }

    /// The inverse of [`to_text`](Self::to_text); `None` for a text that this version doesn't know.
    pub fn from_text(text: &str) -> Option<Self> {
        let path = |encoded: &str| NotePath::from_encoded(encoded).to_relative();
        match text.split_once(':') {
            None if text.is_empty() => Some(Self::Bundled),
            Some(("file", rest)) => Some(Self::File(path(rest))),
            Some(("onnx", rest)) => Some(Self::Onnx(OnnxSource::File(path(rest)))),
            Some(("fastembed", rest)) => Some(Self::Onnx(OnnxSource::Named(rest.to_owned()))),
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
            Self::Onnx(OnnxSource::File(path)) => onnx::embedder_in(path, places),
            Self::Onnx(OnnxSource::Named(name)) => onnx::embedder_named(name, places),
        }
    }
}

impl OnnxSource {
    /// The reranker that a user means by the name, file or folder that was typed.
    ///
    /// # Errors
    ///
    /// When nothing has this name, or what is there isn't a model that can be run.
    pub fn find_reranker(typed: &str) -> Result<Self> {
        if !onnx::AVAILABLE {
            return Err(Usage::WithoutFastembed.into());
        }
        // Names come first, as in `ModelSource::find`.
        if let Some(called) = Self::reranker_called(typed) {
            return Ok(called);
        }
        let path = Path::new(typed);
        if path.is_dir() {
            let model = onnx_in(path, ModelRole::Reranker)?
                .ok_or_else(|| NotFound::RerankerIn { folder: path.to_path_buf() })?;
            return Ok(Self::File(absolute(&model)?));
        }
        if path.is_file() {
            return Ok(Self::File(absolute(path)?));
        }
        let name = typed.to_owned();
        Err(match onnx::embedder_called(typed) {
            Some(_) => NotFound::NotAReranker { name }.into(),
            None => NotFound::Reranker { name }.into(),
        })
    }

    /// The reranker that has this name, whatever lies in the current folder.
    pub fn reranker_called(name: &str) -> Option<Self> {
        onnx::reranker_called(name).map(Self::Named)
    }

    /// Whether opening it needs no download.
    pub fn is_here(&self, places: &Places) -> bool {
        match self {
            Self::File(_) => true,
            Self::Named(name) => {
                onnx::listed(places).iter().any(|listed| listed.name == *name && listed.is_here)
            }
        }
    }

    /// Opens the model as a reranker.
    ///
    /// # Errors
    ///
    /// When it isn't there any more, is damaged, isn't a cross-encoder, or needs something that isn't there.
    pub fn open_reranker(&self, places: &Places) -> Result<Box<dyn Reranker>> {
        match self {
            Self::File(path) => onnx::reranker_in(path, places),
            Self::Named(name) => onnx::reranker_named(name, places),
        }
    }
}

/// The encoder on the kernel that was asked for.
fn on_kernel(encoder: Encoder, places: &Places) -> Result<Encoder> {
    let Some(kernel) = places.kernel else { return Ok(encoder) };
    encoder.with_kernel(kernel).ok_or_else(|| Usage::Kernel { name: kernel.name() }.into())
}

/// The file of the imported model that has this name.
fn imported(name: &str, places: &Places) -> Option<PathBuf> {
    let file = places.models.as_ref()?.join(format!("{name}.{EXTENSION}"));
    (!name.contains(['/', '\\']) && file.is_file()).then_some(file)
}

/// The path of a file or folder from the root, with all links resolved.
fn absolute(path: &Path) -> Result<PathBuf> {
    sys::resolved(path).map_err(Error::io("read", path))
}

/// The ONNX file in a folder: `model.onnx`, in it or in `onnx/`, or the only one there is.
fn onnx_in(folder: &Path, role: ModelRole) -> Result<Option<PathBuf>> {
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

/// The models that can be named: the bundled one, the imported ones, and those that fastembed knows, rerankers last.
pub fn list(places: &Places) -> Vec<ListedModel> {
    let kind = ModelKind::Embedder { dim: 384 };
    let bundled = ListedModel { name: BUNDLED_NAME.into(), from: "bundled".into(), kind, is_here: true };
    let mut listed = vec![bundled];
    let entries = places.models.as_ref().and_then(|models| std::fs::read_dir(models).ok());
    let mut files: Vec<PathBuf> = entries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == EXTENSION));
    files.sort();
    for file in files {
        // A file that can't be read is listed as damaged; using it says why.
        let dim = Encoder::from_file(&file).map_or(0, |encoder| encoder.dim());
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let kind = ModelKind::Embedder { dim };
        listed.push(ListedModel { name, from: file.display().to_string(), kind, is_here: dim > 0 });
    }
    listed.extend(onnx::listed(places));
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_stored_as_text() {
        for source in [
            ModelSource::Bundled,
            ModelSource::File("/a b/c:d.qsm".into()),
            ModelSource::Onnx(OnnxSource::File("/models/x/model.onnx".into())),
            ModelSource::Onnx(OnnxSource::Named("BGESmallENV15".into())),
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
        let named = |name: &str| ModelSource::Onnx(OnnxSource::Named(name.into()));
        for typed in ["bgesmallenv15", "BAAI/bge-small-en-v1.5", "bge-small-en-v1.5"] {
            assert_eq!(find(typed), named("BGESmallENV15"));
        }
        assert_eq!(find("sentence-transformers/all-MiniLM-L6-v2"), ModelSource::Bundled);
        assert_eq!(find("intfloat/multilingual-e5-small"), named("MultilingualE5Small"));
        assert!(list(&places).len() > 40);
        assert!(!find("bge-small-en-v1.5").is_here(&places) && ModelSource::Bundled.is_here(&places));
        assert_eq!(ModelSource::called("./BGESmallENV15", &places), None);
    }

    #[cfg(feature = "fastembed")]
    #[test]
    fn rerankers_are_found_by_name_by_repository_and_on_disk() {
        use crate::error::ErrorKind;

        for typed in ["bgererankerbase", "BAAI/bge-reranker-base", "bge-reranker-base"] {
            assert_eq!(
                OnnxSource::find_reranker(typed).unwrap(),
                OnnxSource::Named("BGERerankerBase".into())
            );
        }
        let at = tempfile::tempdir().unwrap();
        let folder = at.path().to_str().unwrap();
        let refused = |typed: &str, what: &str| {
            let error = OnnxSource::find_reranker(typed).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
            assert_eq!(error.kind(), ErrorKind::NotFound);
        };
        refused(folder, "holds no reranker");
        refused("nobody/such", "there is no reranker called `nobody/such`");
        refused("BGESmallENV15", "`BGESmallENV15` turns texts into vectors");
        let model = at.path().join("model.onnx");
        std::fs::write(&model, "").unwrap();
        let found = OnnxSource::File(model.canonicalize().unwrap());
        assert_eq!(OnnxSource::find_reranker(folder).unwrap(), found);
        assert_eq!(OnnxSource::find_reranker(model.to_str().unwrap()).unwrap(), found);
        std::fs::rename(&model, at.path().join("a.onnx")).unwrap();
        std::fs::write(at.path().join("b.onnx"), "").unwrap();
        assert!(matches!(
            OnnxSource::find_reranker(folder),
            Err(Error::Usage(Usage::SeveralModels { role: ModelRole::Reranker, .. }))
        ));
    }
}
