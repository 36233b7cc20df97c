//! What surrounds the process: the one place where the environment is read.

use std::env;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use qsearch::embed::RuntimePlaces;
use qsearch::error::{Error, Result};
use qsearch::generate::Access;
#[cfg(feature = "hub")]
use qsearch::hub::HubAccess;
use qsearch::surroundings::{Surroundings, Variables};

/// The parts of the environment that qsearch looks at. Variables that are empty count as unset.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// The current folder, the user's folders as XDG has them, and `SUDO_UID`.
    pub(crate) around: Surroundings,
    /// `QSEARCH_INDEX`: the folder of the index.
    pub(crate) index: Option<PathBuf>,
    /// `QSEARCH_CPU`: the instructions to use instead of the best that the processor has.
    pub(crate) cpu: Option<String>,
    /// `QSEARCH_MODEL`: the model of new indexes.
    pub(crate) model: Option<String>,
    /// `QSEARCH_RERANK`: the reranker of questions.
    pub(crate) rerank: Option<String>,
    /// `QSEARCH_LLM`: the language model of written answers, where `--write` names none.
    pub(crate) llm: Option<String>,
    /// How language models are reached, with the keys for them.
    pub(crate) access: Access,
    /// How the hub is reached that models are downloaded from.
    #[cfg(feature = "hub")]
    pub(crate) hub: HubAccess,
    /// `VISUAL`, or else `EDITOR`: the command that opens a file.
    pub(crate) editor: Option<String>,
    /// `QSEARCH_LOG`: a filter for the log on stderr.
    pub(crate) log: Option<String>,
    /// `RAYON_NUM_THREADS`: how many threads calculate, where `--threads` doesn't say.
    pub(crate) threads: Option<NonZeroUsize>,
    /// Where what was done is remembered: `XDG_STATE_HOME`, else `~/.local/state`.
    pub(crate) state_home: Option<PathBuf>,
    /// Where what can be made again is kept: `XDG_CACHE_HOME`, else `~/.cache`.
    pub(crate) cache_home: Option<PathBuf>,
    /// Where downloaded models are kept: `HF_HOME`, which fastembed would take anyway, else `qsearch/models` in
    /// `XDG_CACHE_HOME` or `~/.cache`.
    pub(crate) downloads: Option<PathBuf>,
    /// Where ONNX Runtime may be: `ORT_DYLIB_PATH`, Python's folders, the folders of libraries.
    pub(crate) runtime: RuntimePlaces,
    /// The arguments behind `--` that are a word with a dash before it: there it is part of the word.
    pub(crate) escaped: Vec<String>,
    /// The machine's name, for links to files; empty if it has none.
    pub(crate) host: String,
}

impl Environment {
    /// Reads it.
    pub(crate) fn read() -> Result<Self> {
        let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let said = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        // The XDG specification: "If an implementation encounters a relative path […] ignore it."
        let xdg = |name| path(name).filter(|path| path.is_absolute());
        let home = path("HOME").or_else(|| path("USERPROFILE"));
        let at_home = |relative| home.as_ref().map(|home| home.join(relative));
        let caches = xdg("XDG_CACHE_HOME").or_else(|| at_home(".cache"));
        let host = host();
        Ok(Self {
            index: path("QSEARCH_INDEX"),
            cpu: said("QSEARCH_CPU"),
            model: said("QSEARCH_MODEL"),
            rerank: said("QSEARCH_RERANK"),
            llm: said("QSEARCH_LLM"),
            access: Access::from_variables(&said),
            #[cfg(feature = "hub")]
            hub: HubAccess::from_variables(&said),
            editor: said("VISUAL").or_else(|| said("EDITOR")),
            log: said("QSEARCH_LOG"),
            threads: said("RAYON_NUM_THREADS").and_then(|threads| threads.parse().ok()),
            state_home: xdg("XDG_STATE_HOME").or_else(|| at_home(".local/state")),
            downloads: path("HF_HOME").or_else(|| Some(caches.as_ref()?.join("qsearch/models"))),
            cache_home: caches,
            runtime: RuntimePlaces {
                library: path("ORT_DYLIB_PATH"),
                prefixes: prefixes(home.as_deref()),
                folders: libraries(),
            },
            escaped: escaped(env::args_os()),
            around: Surroundings {
                cwd: env::current_dir().map_err(Error::io("open", "the current folder"))?,
                config_home: xdg("XDG_CONFIG_HOME").or_else(|| at_home(".config")),
                data_home: xdg("XDG_DATA_HOME").or_else(|| at_home(".local/share")),
                sudo_user: said("SUDO_UID").and_then(|user| user.parse().ok()),
                machine: host.clone(),
                variables: variables(),
                home,
            },
            host,
        })
    }
}

/// The variables that say how databases are reached: those of PostgreSQL's own programs, and what they fall back on.
fn variables() -> Variables {
    let all = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let others = ["HOME", "APPDATA", "USER", "LOGNAME", "USERNAME"];
    let wanted = |name: &str| name.starts_with("PG") || others.contains(&name);
    all.filter(|(name, value)| wanted(name) && !value.is_empty()).collect()
}

/// The time zone, by `TZ` or the system's settings. Where `TZ` says nothing it is read as it is: to find out its name, all
/// time zones would be listed.
pub(crate) fn time_zone() -> TimeZone {
    let read = || TimeZone::tzif("local", &std::fs::read("/etc/localtime").ok()?).ok();
    let is_named = env::var_os("TZ").is_some() || cfg!(not(unix));
    let zone = if is_named { None } else { read() };
    zone.unwrap_or_else(TimeZone::system)
}

/// Where Python may be installed: an active environment, whatever `PATH` leads to, and what pip and pyenv make in the
/// user's home. Nothing relative: what lies in the current folder may be a stranger's, and a library is a program.
fn prefixes(home: Option<&Path>) -> Vec<PathBuf> {
    let active = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(env::var_os).map(PathBuf::from);
    let mut prefixes: Vec<PathBuf> = active.collect();
    let path = env::var_os("PATH").unwrap_or_default();
    prefixes.extend(env::split_paths(&path).filter_map(|folder| Some(folder.parent()?.to_path_buf())));
    if let Some(home) = home {
        prefixes.push(home.join(".local"));
        prefixes.push(home.join(".pyenv/versions/*"));
    }
    prefixes.extend(["/usr/local".into(), "/usr".into(), "/opt/homebrew".into()]);
    prefixes.retain(|prefix| prefix.is_absolute());
    prefixes
}

/// The folders in which shared libraries are looked for.
fn libraries() -> Vec<PathBuf> {
    let named = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"].into_iter().filter_map(env::var_os);
    let mut folders: Vec<PathBuf> =
        named.flat_map(|paths| env::split_paths(&paths).collect::<Vec<_>>()).collect();
    folders.extend(["/usr/local/lib", "/usr/lib", "/usr/lib64", "/opt/homebrew/lib"].map(PathBuf::from));
    folders.push(format!("/usr/lib/{}-linux-gnu", env::consts::ARCH).into());
    folders.retain(|folder| folder.is_absolute());
    folders
}

/// The arguments of the program; bytes that aren't UTF-8 are replaced.
pub(crate) fn arguments() -> Vec<String> {
    env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect()
}

/// Whether the arguments ask for JSON. What is behind `--` is none of them.
pub(crate) fn wants_json() -> bool {
    env::args_os()
        .skip(1)
        .take_while(|argument| argument != "--")
        .any(|argument| argument == "--json" || argument == "--jsonl")
}

/// Those of some arguments behind `--` that are a word with a dash before it.
fn escaped(arguments: impl Iterator<Item = OsString>) -> Vec<String> {
    let behind = arguments.skip_while(|argument| argument != "--").skip(1);
    let words = behind.filter_map(|argument| argument.into_string().ok());
    words.filter(|word| word.starts_with('-') && !word.contains(char::is_whitespace)).collect()
}

/// The machine's name as the kernel has it, if that can be read without a system call of our own.
fn host() -> String {
    let read = |path| std::fs::read_to_string(path).ok();
    let name = read("/proc/sys/kernel/hostname").or_else(|| read("/etc/hostname")).unwrap_or_default();
    name.trim().chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect()
}
