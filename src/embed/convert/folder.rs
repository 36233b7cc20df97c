//! The folder of a sentence-transformers model: which of its files is where.

use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::embed::read::{read_if_there, wrong};
use crate::error::Result;
use crate::sys;

/// An entry of `modules.json`.
#[derive(Deserialize)]
struct Module {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    path: String,
}

/// A model's folder.
pub(super) struct ModelFolder {
    path: PathBuf,
    /// The folder of the transformer's own files; older versions have them in a folder inside.
    transformer: PathBuf,
    /// The path of the pooling's folder below this one; `None` if the model has no pooling.
    pub(super) pooling: Option<String>,
}

impl ModelFolder {
    /// A folder with a model of a kind that can be run.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut folder =
            Self { path: path.into(), transformer: path.into(), pooling: Some("1_Pooling".into()) };
        if let Some(modules) = read_json::<Vec<Module>>(&path.join("modules.json"))? {
            folder.pooling = None;
            for module in modules {
                let inside = Path::new(&module.path);
                if !inside.components().all(|part| matches!(part, Component::Normal(_))) {
                    let what = format!("`{}` leads out of the folder", module.path);
                    return Err(wrong(&path.join("modules.json"), what));
                }
                match module.kind.rsplit('.').next() {
                    Some("Transformer") => folder.transformer = path.join(inside),
                    Some("Pooling") => folder.pooling = Some(module.path),
                    Some("Normalize") => {}
                    _ => {
                        let what = format!("it wants a `{}`, which qsearch can't run", module.kind);
                        return Err(wrong(&path.join("modules.json"), what));
                    }
                }
            }
        }
        if !folder.file("config.json").is_file() {
            return Err(wrong(path, "it has no config.json, so it isn't a model's folder"));
        }
        Ok(folder)
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// One of the transformer's files.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.transformer.join(name)
    }

    /// One of the transformer's settings files, if it is there.
    pub(super) fn json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        read_json(&self.file(name))
    }

    /// The file of the weights.
    pub(super) fn weights(&self) -> Result<PathBuf> {
        let path = self.file("model.safetensors");
        if path.is_file() {
            return Ok(path);
        }
        let has = |name: &str| self.file(name).is_file();
        let what = if has("model.safetensors.index.json") {
            "its weights are in several files; save it as one model.safetensors, with a larger max_shard_size"
        } else if has("pytorch_model.bin") {
            "its weights are in pytorch_model.bin, which qsearch doesn't read; save them as model.safetensors, \
             for example with SentenceTransformer(FOLDER).save(NEW_FOLDER) in Python"
        } else {
            "it has no model.safetensors"
        };
        Err(wrong(&self.path, what))
    }

    /// The model's name: the folder's, or the model's own in a cache of the Hugging Face hub, where folders are
    /// `models--OWNER--NAME/snapshots/COMMIT`.
    pub(super) fn name(&self) -> String {
        let path = sys::resolved(&self.path).unwrap_or_else(|_| self.path.clone());
        let name = |path: &Path| Some(path.file_name()?.to_string_lossy().into_owned());
        let cached = path.parent().filter(|parent| parent.ends_with("snapshots")).and_then(Path::parent);
        let cached = cached.and_then(name).filter(|name| name.starts_with("models--"));
        let name = match &cached {
            Some(cached) => cached.rsplit("--").next().map(str::to_owned),
            None => name(&path),
        };
        let name = name.unwrap_or_default().replace(|c: char| c.is_whitespace() || c.is_control(), "-");
        if name.is_empty() { "model".into() } else { name }
    }
}

/// A settings file, or nothing if it isn't there.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let Some(bytes) = read_if_there(path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| wrong(path, error.to_string()))
}
