//! The name of a repository of the hub.

use std::fmt;

/// A repository: `BAAI/bge-small-en-v1.5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    owner: String,
    name: String,
}

impl Repository {
    /// Reads `owner/name`, each of which is fit for the name of a folder.
    pub fn parse(typed: &str) -> Option<Self> {
        let (owner, name) = typed.split_once('/')?;
        (is_plain(owner) && is_plain(name)).then(|| Self { owner: owner.to_owned(), name: name.to_owned() })
    }

    /// What the model in it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of its folder among downloads.
    #[cfg(any(feature = "hub", test))]
    pub(super) fn folder(&self) -> String {
        format!("{}--{}", self.owner, self.name)
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// Whether a name is that of a file or folder, and of nothing else anywhere: no hidden file, no option, no path.
pub(super) fn is_plain(name: &str) -> bool {
    /// The hub allows no longer ones.
    const LONGEST: usize = 96;
    (1..=LONGEST).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && !name.starts_with(['.', '-'])
        && !name.ends_with('.')
        && !name.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_an_owner_and_a_name() {
        let repository = Repository::parse("BAAI/bge-small-en-v1.5").unwrap();
        assert_eq!(repository.to_string(), "BAAI/bge-small-en-v1.5");
        assert_eq!(
            (repository.name(), repository.folder()),
            ("bge-small-en-v1.5", "BAAI--bge-small-en-v1.5".to_owned())
        );
        for typed in [
            "", "a", "/", "a/", "/a", "a/b/c", "../a", "a/..", ".a/b", "a/-b", "a b/c", "a/b?c", "a/b\\c",
            "a/b..c", "ä/b",
        ] {
            assert_eq!(Repository::parse(typed), None, "{typed}");
        }
        assert_eq!(Repository::parse(&format!("a/{}", "b".repeat(97))), None);
    }
}
