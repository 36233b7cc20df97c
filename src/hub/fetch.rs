//! All files of a model, in a folder as sentence-transformers saves it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::access::HubAccess;
use super::download::{Downloader, HubFile, is_commit};
use super::http::Http;
use super::repository::{Repository, is_plain};
use super::watcher::HubWatcher;
use crate::error::{Error, HubError, Result};

/// No file with weights is larger.
const MOST_WEIGHTS: u64 = 4 << 30;
/// No vocabulary is larger.
const MOST_VOCABULARY: u64 = 128 << 20;
/// No file with settings is larger, and no page: some list hundreds of results.
const MOST_SETTINGS: u64 = 16 << 20;
/// The most parts that a model is made of.
const MOST_MODULES: usize = 8;

/// The file that names the commit.
const COMMIT: &str = "commit";
/// The file that is locked while a model is downloaded.
const LOCK: &str = "lock";
/// The folder of the model's files.
const MODEL: &str = "model";

/// A model that has been downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The folder with its files.
    pub folder: PathBuf,
    /// The commit that they are of, if the hub says it.
    pub commit: Option<String>,
    /// Its licence, as its page says; `None` if it doesn't.
    pub license: Option<String>,
    /// The files, in the order in which they came.
    pub files: Vec<HubFile>,
}

/// Where a download is kept until it is imported, and that nobody else writes there.
#[derive(Debug)]
pub struct Download {
    folder: PathBuf,
    _lock: File,
}

impl Download {
    /// Takes the folder of a repository's download below `downloads`.
    ///
    /// # Errors
    ///
    /// When another process has it, or it can't be made.
    pub fn open(downloads: &Path, repository: &Repository) -> Result<Self> {
        let folder = downloads.join(repository.folder());
        fs::create_dir_all(folder.join(MODEL)).map_err(Error::io("create", &folder))?;
        let lock = folder.join(LOCK);
        let file = File::create(&lock).map_err(Error::io("create", &lock))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { folder, _lock: file }),
            Err(TryLockError::WouldBlock) => Err(HubError::Busy { folder }.into()),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", &lock)(error)),
        }
    }

    /// Downloads what an import reads, and goes on where an earlier run was interrupted.
    ///
    /// Small files come first, so that what can't be imported is found before its weights are downloaded. All are of one
    /// commit: the newest, or that of the run before.
    ///
    /// # Errors
    ///
    /// When the hub can't be reached or doesn't have the model, when what comes isn't what it says, or when it is
    /// interrupted; what has come by then stays.
    pub fn fetch(
        &self,
        repository: &Repository,
        access: &HubAccess,
        watcher: &dyn HubWatcher,
    ) -> Result<Fetched> {
        let server = access.endpoint()?;
        let model = self.folder.join(MODEL);
        let commit_file = self.folder.join(COMMIT);
        let commit = fs::read_to_string(&commit_file).ok().filter(|commit| is_commit(commit));
        if commit.is_none() {
            // Nobody knows what these are of.
            fs::remove_dir_all(&model).map_err(Error::io("remove", &model))?;
            fs::create_dir(&model).map_err(Error::io("create", &model))?;
        }
        let downloader = Downloader {
            http: Http::new(access),
            server: &server,
            repository: repository.to_string(),
            folder: model,
            commit,
            watcher,
        };
        let mut coming = Coming { downloader, commit_file, here: Vec::new() };
        let all = coming.all();
        if let Err(Error::Hub(HubError::Changed { .. })) = &all {
            // The next run begins anew.
            match fs::remove_file(&coming.commit_file) {
                // It is noted once a first file is whole.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                removed => removed.map_err(Error::io("remove", &coming.commit_file))?,
            }
        }
        all?;
        let license = fs::read_to_string(coming.downloader.folder.join("README.md"));
        let license = license.ok().and_then(|page| license_of(&page));
        let Coming { downloader, here: files, .. } = coming;
        Ok(Fetched { folder: downloader.folder, commit: downloader.commit, license, files })
    }

    /// Removes what was downloaded.
    ///
    /// # Errors
    ///
    /// When it can't be removed.
    pub fn remove(self) -> Result<()> {
        fs::remove_dir_all(&self.folder).map_err(Error::io("remove", &self.folder))
    }
}

/// The files of a model, as they come.
struct Coming<'a> {
    downloader: Downloader<'a>,
    /// Where the commit is noted.
    commit_file: PathBuf,
    here: Vec<HubFile>,
}

/// An entry of `modules.json`.
#[derive(Deserialize)]
struct Module {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    path: String,
}

impl Coming<'_> {
    /// Downloads all.
    fn all(&mut self) -> Result<()> {
        let modules = self.modules()?;
        let folder_of = |kind: &str| {
            let module = modules.iter().find(|module| module.kind.rsplit('.').next() == Some(kind))?;
            Some(if module.path.is_empty() { String::new() } else { format!("{}/", module.path) })
        };
        let transformer = folder_of("Transformer").unwrap_or_default();
        let pooling = folder_of("Pooling").unwrap_or_else(|| "1_Pooling/".to_owned());
        let config = format!("{transformer}config.json");
        if !self.optional(&config, MOST_SETTINGS)? {
            return Err(self.lacks(&config));
        }
        self.optional(&format!("{pooling}config.json"), MOST_SETTINGS)?;
        for name in ["sentence_bert_config.json", "tokenizer_config.json", "special_tokens_map.json"] {
            self.optional(&format!("{transformer}{name}"), MOST_SETTINGS)?;
        }
        self.optional("config_sentence_transformers.json", MOST_SETTINGS)?;
        self.optional("README.md", MOST_SETTINGS)?;
        let pieces = self.optional(&format!("{transformer}vocab.txt"), MOST_VOCABULARY)?;
        let tokenizer = self.optional(&format!("{transformer}tokenizer.json"), MOST_VOCABULARY)?;
        if !pieces && !tokenizer {
            return Err(self.lacks("tokenizer.json"));
        }
        let weights = format!("{transformer}model.safetensors");
        if !self.optional(&weights, MOST_WEIGHTS)? {
            return Err(self.lacks(&weights));
        }
        self.optional(&format!("{transformer}word_projection.safetensors"), MOST_VOCABULARY)?;
        Ok(())
    }

    /// The parts of the model. Their folders are names that somebody else has written.
    fn modules(&mut self) -> Result<Vec<Module>> {
        const NAME: &str = "modules.json";
        if !self.optional(NAME, MOST_SETTINGS)? {
            return Ok(Vec::new());
        }
        let bad = |what: String| Error::from(HubError::BadReply { file: NAME.to_owned(), what });
        let path = self.downloader.folder.join(NAME);
        let text = fs::read(&path).map_err(Error::io("read", &path))?;
        let modules: Vec<Module> = serde_json::from_slice(&text).map_err(|error| bad(error.to_string()))?;
        if modules.len() > MOST_MODULES {
            return Err(bad(format!("it has more than {MOST_MODULES} parts")));
        }
        match modules.iter().find(|module| !module.path.is_empty() && !is_plain(&module.path)) {
            Some(module) => Err(bad(format!("{:?} is no name of a folder", module.path))),
            None => Ok(modules),
        }
    }

    /// Downloads a file, if the repository has it; whether it does.
    fn optional(&mut self, name: &str, most: u64) -> Result<bool> {
        let known = self.downloader.commit.is_some();
        let file = self.downloader.file(name, most)?;
        if let (false, Some(commit)) = (known, &self.downloader.commit) {
            fs::write(&self.commit_file, commit).map_err(Error::io("write", &self.commit_file))?;
        }
        let is_there = file.is_some();
        self.here.extend(file);
        Ok(is_there)
    }

    /// The error for a file that has to be there.
    fn lacks(&self, file: &str) -> Error {
        HubError::NoFile { repository: self.downloader.repository.clone(), file: file.to_owned() }.into()
    }
}

/// The licence that a model's page names in its front matter.
fn license_of(page: &str) -> Option<String> {
    /// No name of one is longer.
    const LONGEST: usize = 64;
    let front = page.trim_start_matches('\u{feff}').strip_prefix("---")?.split("\n---").next()?;
    let value = |key: &str| {
        let line = front.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
        Some(line.trim().trim_matches(['"', '\'']).to_owned()).filter(|value| !value.is_empty())
    };
    let license = value("license").filter(|license| license != "other").or_else(|| value("license_name"));
    license.filter(|license| license.len() <= LONGEST && license.chars().all(|c| !c.is_control()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_read_from_the_page() {
        for (page, license) in [
            ("---\nlanguage: en\nlicense: mit\n---\n# Model\n", Some("mit")),
            ("---\r\nlicense: 'apache-2.0'\r\n---\r\n", Some("apache-2.0")),
            ("---\nlicense: other\nlicense_name: gemma\n---\n", Some("gemma")),
            ("---\nlicense:\n---\n", None),
            ("# Model\nlicense: mit\n", None),
            ("---\nx: y\n---\nlicense: mit\n", None),
            ("", None),
        ] {
            assert_eq!(license_of(page).as_deref(), license, "{page}");
        }
        assert_eq!(license_of(&format!("---\nlicense: {}\n---\n", "x".repeat(65))), None);
    }
}
