//! What the user has confirmed.
//!
//! An index that came from elsewhere names what others wanted: folders to read, models to run. What the user has named to
//! qsearch is remembered, with the hosts of which it was said that questions and passages go there, in `$XDG_STATE_HOME/qsearch/trusted.json`:
//!
//! ```json
//! {"roots":[{"index":"/home/ada/.local/share/qsearch/index","root":"/home/ada/notes"}],"models":["onnx:/m/model.onnx"],"hosts":[]}
//! ```
//!
//! Paths are written like a [`NotePath`], models as an index remembers them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use qsearch::document::NotePath;
use qsearch::files::{self, Links};
use qsearch::owner;
use qsearch::sys;
use serde::{Deserialize, Serialize};

use super::environment::Environment;

/// No file of confirmations is larger.
const MOST_BYTES: u64 = 16 << 20;
/// So many roots and so many models are remembered, the latest.
const MOST: usize = 10_000;
/// How often the lock of another process is tried.
const TRIES: u32 = 100;
/// How long to wait before it is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// What has been confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Confirmed {
    /// Roots, each for one index.
    #[serde(default)]
    roots: Vec<Pair>,
    /// Models that ONNX Runtime may be given, or that may be downloaded.
    #[serde(default)]
    models: Vec<String>,
    /// Servers of language models on other machines of which the user has been told what they get.
    #[serde(default)]
    hosts: Vec<String>,
}

/// An index and a root that it may read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Pair {
    index: String,
    root: String,
}

fn encoded(path: &Path) -> String {
    NotePath::from_relative(path).as_str().to_owned()
}

/// What stands for an index here: the address of a database, or its folder with all links resolved.
fn resolved(index: &Path) -> Option<PathBuf> {
    if files::is_address(index) { Some(index.to_path_buf()) } else { files::resolve(index).ok() }
}

impl Confirmed {
    /// Reads what the user has confirmed. If that can't be read, it warns, and nothing counts as confirmed.
    pub(crate) fn load(environment: &Environment, warn: &dyn Fn(&str)) -> Self {
        let Some(file) = place(environment) else { return Self::default() };
        let trouble = |why: &str| {
            let shown = file.display();
            warn(&format!(
                "{shown} can't be used, so nothing counts as confirmed: {why}; `qsearch index PATH` confirms anew"
            ));
            Self::default()
        };
        if let Some(user) = owner::foreign(&file, environment.around.sudo_user) {
            return trouble(&format!("it belongs to user {user}"));
        }
        read(&file).unwrap_or_else(|error| trouble(&error.to_string()))
    }

    /// Adds roots of an index that it doesn't have yet.
    pub(crate) fn add_roots(&mut self, index: &Path, roots: &[PathBuf]) {
        let Some(index) = resolved(index) else { return };
        for root in roots.iter().filter_map(|root| sys::resolved(root).ok()) {
            let pair = Pair { index: encoded(&index), root: encoded(&root) };
            if !self.roots.contains(&pair) {
                self.roots.push(pair);
            }
        }
    }

    /// Adds a model, as an index remembers it.
    pub(crate) fn add_model(&mut self, model: String) {
        if !self.models.contains(&model) {
            self.models.push(model);
        }
    }

    /// Adds a server of which the user has been told what it gets.
    pub(crate) fn add_host(&mut self, host: &str) {
        if !self.has_host(host) {
            self.hosts.push(host.to_owned());
        }
    }

    /// Whether the user has been told what a server gets.
    pub(crate) fn has_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| known == host)
    }

    /// The roots that were confirmed for an index.
    pub(crate) fn roots_of(&self, index: &Path) -> Vec<PathBuf> {
        let Some(index) = resolved(index) else { return Vec::new() };
        let index = encoded(&index);
        let roots = self.roots.iter().filter(|pair| pair.index == index);
        roots.map(|pair| NotePath::from_encoded(pair.root.as_str()).to_relative()).collect()
    }

    /// The models that were confirmed, as an index remembers them.
    pub(crate) fn models(&self) -> &[String] {
        &self.models
    }

    /// Whether a model was confirmed.
    pub(crate) fn has_model(&self, model: &str) -> bool {
        self.models.iter().any(|known| known == model)
    }

    /// Changes what is remembered, also if another process does that at the same time.
    pub(crate) fn change(environment: &Environment, change: impl FnOnce(&mut Self)) -> io::Result<()> {
        let file = place(environment).ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, "neither HOME nor XDG_STATE_HOME is set")
        })?;
        let folder = file.parent().unwrap_or(Path::new("/"));
        make_private(folder)?;
        let _lock = lock(&folder.join("trusted.lock"))?;
        // A damaged file is replaced; reading it has warned of it.
        let before = read(&file).unwrap_or_default();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        after.roots.drain(..after.roots.len().saturating_sub(MOST));
        after.models.drain(..after.models.len().saturating_sub(MOST));
        after.hosts.drain(..after.hosts.len().saturating_sub(MOST));
        replace(&file, &serde_json::to_vec(&after)?)
    }
}

/// The file of confirmations.
fn place(environment: &Environment) -> Option<PathBuf> {
    environment.state_home.as_ref().map(|state| state.join("qsearch/trusted.json"))
}

/// Reads the file; nothing is confirmed where there is none.
fn read(file: &Path) -> io::Result<Confirmed> {
    match files::read_at(file, Links::Follow, MOST_BYTES) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Confirmed::default()),
        bytes => Ok(serde_json::from_slice(&bytes?)?),
    }
}

/// Waits for other processes that write the file, but not for ever: losing a line of theirs is better than stopping.
fn lock(path: &Path) -> io::Result<File> {
    let file = sys::private_file(OpenOptions::new().write(true).create(true).truncate(false)).open(path)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Err(fs::TryLockError::WouldBlock) => thread::sleep(PAUSE),
            // Some file systems have no locks.
            Ok(()) | Err(fs::TryLockError::Error(_)) => break,
        }
    }
    Ok(file)
}

/// Writes a file as a whole or not at all.
fn replace(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = file.with_extension(format!("{}.new", std::process::id()));
    let write = || {
        drop(fs::remove_file(&unfinished));
        let mut new = sys::private_file(OpenOptions::new().write(true).create_new(true)).open(&unfinished)?;
        new.write_all(bytes)?;
        new.sync_all()?;
        file.parent().into_iter().for_each(|folder| sys::keep_owner(&new, folder));
        fs::rename(&unfinished, file)
    };
    // Nothing is lost if it stays.
    write().inspect_err(|_| drop(fs::remove_file(&unfinished)))
}

/// Makes a folder, and those above it, that are the user's alone; those that are there stay as they are.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    sys::private_folder(&mut DirBuilder::new()).recursive(true).create(folder)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn environment(at: &Path) -> Environment {
        Environment { state_home: Some(at.join("state")), ..Environment::default() }
    }

    fn load(environment: &Environment) -> (Confirmed, Vec<String>) {
        let warnings = RefCell::new(Vec::new());
        let confirmed = Confirmed::load(environment, &|what| warnings.borrow_mut().push(what.to_owned()));
        (confirmed, warnings.into_inner())
    }

    #[test]
    fn what_was_confirmed_is_remembered_once_and_privately() {
        let at = tempfile::tempdir().unwrap();
        let base = at.path().canonicalize().unwrap();
        let environment = environment(&base);
        fs::create_dir_all(base.join("notes")).unwrap();
        for _ in 0..2 {
            Confirmed::change(&environment, |all| {
                all.add_roots(&base.join("new/index"), &[base.join("notes"), base.join("none")]);
                all.add_model("onnx:/m".into());
            })
            .unwrap();
        }
        let (confirmed, warnings) = load(&environment);
        assert!(warnings.is_empty());
        assert_eq!(confirmed.roots.len(), 1);
        assert_eq!(confirmed.roots_of(&base.join("new/index")), [base.join("notes")]);
        assert!(confirmed.roots_of(&base.join("other")).is_empty());
        assert!(confirmed.has_model("onnx:/m") && !confirmed.has_model("onnx:/n"));
        #[cfg(unix)]
        for (path, mode) in [("state/qsearch", 0o40700), ("state/qsearch/trusted.json", 0o100_600)] {
            use std::os::unix::fs::MetadataExt;
            assert_eq!(base.join(path).metadata().unwrap().mode(), mode, "{path}");
        }
    }

    #[test]
    fn what_cannot_be_read_confirms_nothing_and_is_replaced() {
        let at = tempfile::tempdir().unwrap();
        let environment = environment(at.path());
        let folder = at.path().join("state/qsearch");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("trusted.json");
        for bytes in [&b"{\"roots\":[{\"ind"[..], b"7", b"", &[0xff; 100]] {
            fs::write(&file, bytes).unwrap();
            let (confirmed, warnings) = load(&environment);
            assert_eq!((confirmed, warnings.len()), (Confirmed::default(), 1), "{bytes:?}");
        }
        Confirmed::change(&environment, |all| all.add_model("m".into())).unwrap();
        assert!(load(&environment).0.has_model("m"));
        File::create(&file).unwrap().set_len(1 << 40).unwrap();
        assert!(load(&environment).1[0].contains("too large"));
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(load(&environment).1[0].contains("isn't a regular file"));
        assert!(Confirmed::change(&environment, |all| all.add_model("m".into())).is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing unfinished is left");
        assert!(Confirmed::change(&Environment::default(), |_| ()).is_err());
        assert!(load(&Environment::default()).1.is_empty());
    }

    #[test]
    fn those_who_write_at_the_same_time_keep_each_others_lines() {
        let at = tempfile::tempdir().unwrap();
        let environment = environment(at.path());
        thread::scope(|scope| {
            for writer in 0..8 {
                let environment = &environment;
                scope.spawn(move || {
                    for line in 0..5 {
                        Confirmed::change(environment, |all| all.add_model(format!("{writer}.{line}")))
                            .unwrap();
                    }
                });
            }
        });
        assert_eq!(load(&environment).0.models.len(), 40);
    }

    #[test]
    fn only_the_latest_are_remembered() {
        let at = tempfile::tempdir().unwrap();
        let environment = environment(at.path());
        let add = |all: &mut Confirmed| all.models.extend((0..MOST + 5).map(|model| model.to_string()));
        Confirmed::change(&environment, add).unwrap();
        let confirmed = load(&environment).0;
        assert!(confirmed.models.len() == MOST && !confirmed.has_model("4") && confirmed.has_model("5"));
    }
}
