//! Which names are one to a system.
//!
//! To Linux a name is its bytes. macOS finds `ü.md` whether `ü` is one character (NFC) or two (NFD), and has listed names as
//! they were made, so what a person types and what a folder lists may differ. macOS and Windows find `Notes` by `notes`
//! as well. An index keeps a name once: as the folder lists it, and composed (NFC) where both forms are one, as git does.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::words::composed;

/// What a system takes for the same name, as its file systems do unless told otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Naming {
    /// Whether `A.md` and `a.md` are one file.
    pub any_case: bool,
    /// Whether a name is the same composed and decomposed.
    pub any_form: bool,
}

impl Naming {
    /// The system that this is built for.
    const HERE: Self = Self {
        any_case: cfg!(any(windows, target_vendor = "apple")),
        any_form: cfg!(target_vendor = "apple"),
    };

    /// A path as the index keeps it.
    fn spelled(self, path: &Path) -> Cow<'_, Path> {
        match path.to_str().filter(|_| self.any_form).map(composed) {
            Some(Cow::Owned(path)) => Cow::Owned(PathBuf::from(path)),
            Some(Cow::Borrowed(_)) | None => Cow::Borrowed(path),
        }
    }
}

/// What this system takes for the same name.
pub fn naming() -> Naming {
    #[cfg(test)]
    if let Some(pretended) = pretended::NAMING.get() {
        return pretended;
    }
    Naming::HERE
}

/// A path as the index keeps it, of one that a folder lists or a person types.
pub fn spelled(path: &Path) -> Cow<'_, Path> {
    naming().spelled(path)
}

/// Has this thread take names as another system does, until the guard is dropped. What the disk takes for the same name
/// stays as it is.
#[cfg(test)]
#[must_use]
pub(crate) fn pretend(naming: Naming) -> impl Drop {
    struct Restored;
    impl Drop for Restored {
        fn drop(&mut self) {
            pretended::NAMING.set(None);
        }
    }
    pretended::NAMING.set(Some(naming));
    Restored
}

#[cfg(test)]
impl Naming {
    pub(crate) const LINUX: Self = Self { any_case: false, any_form: false };
    pub(crate) const MACOS: Self = Self { any_case: true, any_form: true };
    pub(crate) const WINDOWS: Self = Self { any_case: true, any_form: false };
}

#[cfg(test)]
mod pretended {
    use std::cell::Cell;

    use super::Naming;

    thread_local! {
        pub(super) static NAMING: Cell<Option<Naming>> = const { Cell::new(None) };
    }
}
