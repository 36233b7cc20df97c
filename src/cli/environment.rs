//! What surrounds the process: the one place where the environment is read.

use std::env;
use std::path::PathBuf;

use qsearch::error::{Error, Result};

/// The parts of the environment that qsearch looks at. Variables that are empty count as unset.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// The current directory, absolute.
    pub(crate) cwd: PathBuf,
    /// `QSEARCH_INDEX`: the folder of the index.
    pub(crate) index: Option<PathBuf>,
    /// `QSEARCH_CPU`: the instructions to use instead of the best that the processor has.
    pub(crate) cpu: Option<String>,
    /// `QSEARCH_LOG`: a filter for what is told on stderr.
    pub(crate) log: Option<String>,
    /// The user's home.
    pub(crate) home: Option<PathBuf>,
    /// Where the user's settings are: `XDG_CONFIG_HOME`, else `~/.config`.
    pub(crate) config_home: Option<PathBuf>,
    /// Where the user's data are: `XDG_DATA_HOME`, else `~/.local/share`.
    pub(crate) data_home: Option<PathBuf>,
    /// The machine's name, for links to files; empty if it has none.
    pub(crate) host: String,
}

impl Environment {
    /// Reads it.
    pub(crate) fn read() -> Result<Self> {
        let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let said = |name| env::var(name).ok().filter(|value| !value.is_empty());
        // The XDG specification: "If an implementation encounters a relative path […] ignore it."
        let xdg = |name| path(name).filter(|path| path.is_absolute());
        let home = path("HOME").or_else(|| path("USERPROFILE"));
        let at_home = |relative| home.as_ref().map(|home| home.join(relative));
        Ok(Self {
            cwd: env::current_dir().map_err(Error::io("open", "the current folder"))?,
            index: path("QSEARCH_INDEX"),
            cpu: said("QSEARCH_CPU"),
            log: said("QSEARCH_LOG"),
            config_home: xdg("XDG_CONFIG_HOME").or_else(|| at_home(".config")),
            data_home: xdg("XDG_DATA_HOME").or_else(|| at_home(".local/share")),
            host: host(),
            home,
        })
    }
}

/// The machine's name as the kernel has it, if that can be read without a system call of our own.
fn host() -> String {
    let read = |path| std::fs::read_to_string(path).ok();
    let name = read("/proc/sys/kernel/hostname").or_else(|| read("/etc/hostname")).unwrap_or_default();
    name.trim().chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect()
}
