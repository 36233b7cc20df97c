//! Which part of which root is to be refreshed?

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::document::{NotePath, Root};
use crate::error::{Error, Result};

/// A part of the notes that one run refreshes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// The root it is in.
    pub root: Root,
    /// The folder or file in the root; `None` for all of it.
    pub part: Option<NotePath>,
    /// Whether the index doesn't know the root yet.
    pub new: bool,
}

impl Scope {
    /// Where to walk.
    pub(super) fn path(&self) -> PathBuf {
        self.part
            .as_ref()
            .map_or_else(|| self.root.path.clone(), |part| self.root.path.join(part.to_relative()))
    }

    /// Whether a note of the root lies in this scope.
    pub(super) fn holds(&self, path: &NotePath) -> bool {
        self.part.as_ref().is_none_or(|part| path.is_in(part))
    }
}

/// What one run refreshes, and the roots that the index has afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scopes {
    /// What to walk, in the order of the roots.
    pub refresh: Vec<Scope>,
    /// Every root afterwards.
    pub roots: Vec<Root>,
    /// Known roots that a new root contains; their notes become the new root's.
    pub swallowed: Vec<Root>,
}

/// Decides what to refresh: the given paths, or all known roots if none are given.
///
/// A path inside a known root refreshes that part of it; a path that contains known roots takes their place;
/// any other path becomes a new root. Fails if a path doesn't exist.
pub(super) fn scopes(known: &[Root], paths: &[PathBuf]) -> Result<Scopes> {
    let mut scopes = Scopes { refresh: Vec::new(), roots: known.to_vec(), swallowed: Vec::new() };
    if paths.is_empty() {
        scopes.refresh =
            known.iter().map(|root| Scope { root: root.clone(), part: None, new: false }).collect();
        return Ok(scopes);
    }
    for path in paths {
        let path = resolve(path)?;
        let scope = scopes.scope_of(path);
        if !scopes.refresh.contains(&scope) {
            scopes.refresh.push(scope);
        }
    }
    // A folder that is refreshed as a part and as a whole is walked once.
    let whole: Vec<Root> =
        scopes.refresh.iter().filter(|scope| scope.part.is_none()).map(|scope| scope.root.clone()).collect();
    let roots = scopes.roots.clone();
    scopes.refresh.retain(|scope| {
        roots.contains(&scope.root) && (scope.part.is_none() || !whole.contains(&scope.root))
    });
    Ok(scopes)
}

impl Scopes {
    fn scope_of(&mut self, path: PathBuf) -> Scope {
        let home = self.roots.iter().find(|root| path.starts_with(&root.path)).cloned();
        if let Some(root) = home {
            let part = path.strip_prefix(&root.path).unwrap_or(Path::new(""));
            let part = (!part.as_os_str().is_empty()).then(|| NotePath::from_relative(part));
            let new = self.refresh.iter().any(|scope| scope.new && scope.root == root);
            return Scope { root, part, new };
        }
        let (inside, mut roots): (Vec<Root>, Vec<Root>) =
            self.roots.drain(..).partition(|root| root.path.starts_with(&path));
        self.swallowed.extend(inside);
        let root = Root { name: name_for(&path, &roots), path };
        roots.push(root.clone());
        self.roots = roots;
        Scope { root, part: None, new: true }
    }
}

/// The roots, or parts of roots, that a path names: on disk, seen from `cwd`, or else as `root/path`.
pub(super) fn targets(roots: &[Root], path: &str, cwd: &Path) -> Vec<(String, Option<NotePath>)> {
    let on_disk = cwd.join(path);
    let on_disk = on_disk.canonicalize().unwrap_or_else(|_| normalise(&on_disk));
    let part = |rest: &Path| (!rest.as_os_str().is_empty()).then(|| NotePath::from_relative(rest));
    let mut targets: Vec<_> = roots
        .iter()
        .filter_map(|root| match on_disk.strip_prefix(&root.path) {
            Ok(rest) => Some((root.name.clone(), part(rest))),
            Err(_) => root.path.starts_with(&on_disk).then(|| (root.name.clone(), None)),
        })
        .collect();
    let (name, rest) = path.trim_end_matches('/').split_once('/').unwrap_or((path.trim_end_matches('/'), ""));
    if targets.is_empty() && roots.iter().any(|root| root.name == name) {
        let part = (!rest.is_empty()).then(|| NotePath::from_encoded(rest));
        targets.push((name.to_owned(), part));
    }
    targets
}

/// Resolves `.` and `..` without asking the disk, for paths that may be gone.
fn normalise(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => (),
            Component::ParentDir => drop(normal.pop()),
            part => normal.push(part),
        }
    }
    normal
}

fn resolve(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::NotFound {
            what: format!("there is no file or folder {}", path.display()),
            hint: format!(
                "check the path; if its notes are gone for good, type `qsearch forget {}`",
                path.display()
            ),
        },
        _ => Error::io("read", path)(error),
    })
}

/// The last part of the path, with a number if another root has that name already.
fn name_for(path: &Path, roots: &[Root]) -> String {
    let name = NotePath::from_relative(Path::new(path.file_name().unwrap_or(OsStr::new("root"))));
    let taken = |name: &str| roots.iter().any(|root| root.name == name);
    if !taken(name.as_str()) {
        return name.as_str().to_owned();
    }
    let numbered = |number: usize| format!("{name}-{number}");
    // One of these is free: there are fewer roots.
    (2..roots.len() + 3).map(numbered).find(|name| !taken(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(name: &str, path: PathBuf) -> Root {
        Root { name: name.into(), path }
    }

    #[test]
    fn a_path_is_a_new_root_a_part_of_one_or_takes_the_place_of_one() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        for sub in ["a/sub", "b", "c/a"] {
            std::fs::create_dir_all(base.join(sub)).unwrap();
        }
        let known = [root("a", base.join("a"))];

        let all = scopes(&known, &[]).unwrap();
        assert_eq!(all.refresh, [Scope { root: known[0].clone(), part: None, new: false }]);

        let new = scopes(&known, &[base.join("b"), base.join("b")]).unwrap();
        assert_eq!(new.refresh, [Scope { root: root("b", base.join("b")), part: None, new: true }]);
        assert_eq!(new.roots.len(), 2);

        let part = scopes(&known, &[base.join("a/sub")]).unwrap();
        assert_eq!(part.refresh[0].part, Some(NotePath::from_encoded("sub")));
        assert_eq!(part.refresh[0].path(), base.join("a/sub"));
        assert_eq!(part.roots, known);
        let whole = scopes(&known, &[base.join("a/sub"), base.join("a")]).unwrap();
        assert_eq!(whole.refresh.len(), 1);
        assert_eq!(whole.refresh[0].part, None);

        let twin = scopes(&known, &[base.join("c/a")]).unwrap();
        assert_eq!(twin.roots[1].name, "a-2");

        let above = scopes(&known, std::slice::from_ref(&base)).unwrap();
        assert_eq!(above.swallowed, known);
        assert_eq!(above.roots.len(), 1);

        let missing = scopes(&known, &[base.join("gone")]).unwrap_err();
        assert!(missing.hint().unwrap().contains("qsearch forget"));
    }

    #[test]
    fn what_to_forget_is_named_on_disk_or_as_in_results() {
        let roots = [root("a", "/notes/a".into()), root("b", "/notes/b".into())];
        let part = |name: &str, path: &str| (name.to_owned(), Some(NotePath::from_encoded(path)));
        let check = |path: &str, cwd: &str, expect: &[(String, Option<NotePath>)]| {
            assert_eq!(targets(&roots, path, Path::new(cwd)), expect, "{path} from {cwd}");
        };
        check("/notes/a", "/", &[("a".into(), None)]);
        check("sub/x.md", "/notes/a", &[part("a", "sub/x.md")]);
        check("../b/x.md", "/notes/a", &[part("b", "x.md")]);
        check("a/x.md", "/elsewhere", &[part("a", "x.md")]);
        check("b/", "/elsewhere", &[("b".into(), None)]);
        check("/notes", "/", &[("a".into(), None), ("b".into(), None)]);
        check("c/x.md", "/elsewhere", &[]);
    }

    #[test]
    fn a_scope_holds_its_part() {
        let root = root("a", "/a".into());
        let path = NotePath::from_encoded;
        let part = Scope { root, part: Some(path("sub")), new: false };
        assert!(
            part.holds(&path("sub/x.md")) && part.holds(&path("sub")) && !part.holds(&path("submarine.md"))
        );
    }
}
