//! Which part of which root is to be refreshed?

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::IndexOptions;
use crate::document::{NotePath, Root};
use crate::error::{Error, NotFound, Result};
use crate::files;
use crate::sys;

/// A part of the notes that one run refreshes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// The root it is in.
    pub root: Root,
    /// The folder or file in the root; `None` for all of it.
    pub part: Option<NotePath>,
    /// Whether the index doesn't know the root yet.
    pub new: bool,
    /// Whether the root itself was named, and not only a part of it, or a folder above it, or nothing.
    pub named: bool,
}

impl Scope {
    /// Where to walk.
    pub(super) fn path(&self) -> PathBuf {
        self.part
            .as_ref()
            .map_or_else(|| self.root.path.clone(), |part| self.root.path.join(part.to_relative()))
    }

    /// The notes of the root that lie in this scope.
    pub(super) fn of<'a, T>(
        &self,
        notes: &'a BTreeMap<NotePath, T>,
    ) -> impl Iterator<Item = (&'a NotePath, &'a T)> + use<'a, T> {
        // In the order of paths, `a/x` stands between `a` and `a0`.
        let start = self.part.clone().unwrap_or_else(|| NotePath::from_encoded(""));
        let end = self.part.as_ref().map(|part| NotePath::from_encoded(format!("{part}0")));
        let part = self.part.clone();
        notes
            .range(start..)
            .take_while(move |(path, _)| end.as_ref().is_none_or(|end| *path < end))
            .filter(move |(path, _)| part.as_ref().is_none_or(|part| path.is_in(part)))
    }
}

/// What one run refreshes, and the roots that the index has afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scopes {
    /// What to walk.
    pub refresh: Vec<Scope>,
    /// Every root afterwards.
    pub roots: Vec<Root>,
}

/// Decides what to refresh: the given paths, or all known roots if none are given.
///
/// A path inside a known root refreshes that part of it; any other path becomes a new root. Known roots below
/// a path are refreshed too, and stay roots of their own. Roots on other machines stay as they are. Fails if a path doesn't
/// exist.
pub(super) fn scopes(known: &[Root], paths: &[PathBuf]) -> Result<Scopes> {
    let mut scopes = Scopes { refresh: Vec::new(), roots: known.to_vec() };
    let whole = |root: &Root| Scope { root: root.clone(), part: None, new: false, named: false };
    if paths.is_empty() {
        scopes.refresh = known.iter().filter(|root| root.is_here()).map(whole).collect();
        return Ok(scopes);
    }
    let mut paths = paths.iter().map(|path| resolve(path)).collect::<Result<Vec<_>>>()?;
    paths.sort();
    // A path inside another one stands right behind it.
    paths.dedup_by(|inside, path| inside.starts_with(path));
    for path in paths {
        let is_below = |root: &&Root| root.is_here() && root.path != path && root.path.starts_with(&path);
        let below = known.iter().filter(is_below);
        scopes.refresh.extend(below.map(whole));
        let scope = scopes.scope_of(path);
        scopes.refresh.push(scope);
    }
    Ok(scopes)
}

/// Decides what an index is rebuilt from: the given paths and nothing else, or all known roots if none are given.
///
/// A known root that is one of the paths or lies below one keeps its name, even if it isn't there now: its notes may come
/// back. Roots on other machines stay as they are. Fails if a path doesn't exist.
pub(super) fn rebuilt(remembered: &[Root], paths: &[PathBuf]) -> Result<Scopes> {
    if paths.is_empty() {
        return scopes(remembered, paths);
    }
    let resolved = paths.iter().map(|path| resolve(path)).collect::<Result<Vec<_>>>()?;
    let stays = |root: &&Root| !root.is_here() || resolved.iter().any(|path| root.path.starts_with(path));
    scopes(&remembered.iter().filter(stays).cloned().collect::<Vec<_>>(), paths)
}

impl Scopes {
    /// Gives rules to the roots that are named, or to all if that is wanted; the others keep theirs. Looks at the disk to
    /// see which are files.
    pub(super) fn with_rules(mut self, options: &IndexOptions) -> Self {
        for scope in &mut self.refresh {
            if scope.named || options.apply_rules {
                scope.root.rules = options.rules_at(&scope.root.path).clone();
            }
            // A new root doesn't say yet, nor does one of an older format.
            scope.root.is_file = scope.root.path.metadata().map_or(scope.root.is_file, |at| at.is_file());
            let same = self.roots.iter_mut().filter(|root| root.name == scope.root.name);
            same.for_each(|root| root.clone_from(&scope.root));
        }
        self
    }

    /// The roots that keep rules other than they would be given if they were named.
    pub(super) fn kept_rules(&self, options: &IndexOptions) -> Vec<Root> {
        let keeps =
            |scope: &&Scope| scope.part.is_none() && scope.root.rules != *options.rules_at(&scope.root.path);
        self.refresh.iter().filter(keeps).map(|scope| scope.root.clone()).collect()
    }

    /// The size above which no file of them is a note, in bytes; `None` for what its format may have.
    pub(super) fn most_bytes(&self) -> Option<u64> {
        let sizes: Option<Vec<u64>> = self.refresh.iter().map(|scope| scope.root.rules.max_bytes).collect();
        sizes?.into_iter().max()
    }

    fn scope_of(&mut self, path: PathBuf) -> Scope {
        let homes = self.roots.iter().filter(|root| root.is_here() && path.starts_with(&root.path));
        if let Some(root) = homes.max_by_key(|root| root.path.as_os_str().len()).cloned() {
            let part = path.strip_prefix(&root.path).unwrap_or(Path::new(""));
            let part = (!part.as_os_str().is_empty()).then(|| NotePath::from_relative(part));
            return Scope { root, named: part.is_none(), part, new: false };
        }
        let root = Root::new(name_for(&path, &self.roots), path);
        self.roots.push(root.clone());
        Scope { root, part: None, new: true, named: true }
    }

    /// The names of the roots that are refreshed.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.refresh.iter().map(|scope| scope.root.name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// How many of the roots lie on other machines.
    pub(super) fn elsewhere(&self) -> u64 {
        self.roots.iter().filter(|root| !root.is_here()).count() as u64
    }

    /// The roots inside a scope's root, whose notes are theirs.
    pub(super) fn inside<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = PathBuf> + 'a {
        scope.root.inner(&self.roots).map(|root| root.path.clone())
    }
}

/// A root, or a part of one.
pub(super) type Target = (String, Option<NotePath>);

/// The roots and parts of roots that a path may name, one list for each way to read it: on disk, seen from
/// `cwd`; as `root/path`; and both once more for a path that is written as a [`NotePath`] is.
pub(super) fn readings(roots: &[Root], path: &Path, cwd: &Path) -> Vec<Vec<Target>> {
    let printed = path.to_str().map(|text| NotePath::from_encoded(text).to_relative());
    let ways = [Some(path.to_path_buf()), printed];
    ways.into_iter().flatten().flat_map(|path| [on_disk(roots, &path, cwd), by_name(roots, &path)]).collect()
}

fn on_disk(roots: &[Root], path: &Path, cwd: &Path) -> Vec<Target> {
    let path = cwd.join(path);
    let path = sys::resolved(&path).unwrap_or_else(|_| sys::spelled(&files::normalised(&path)).into_owned());
    let target = |root: &Root| match path.strip_prefix(&root.path) {
        Ok(rest) => Some((root.name.clone(), part(rest))),
        Err(_) => root.path.starts_with(&path).then(|| (root.name.clone(), None)),
    };
    roots.iter().filter(|root| root.is_here()).filter_map(target).collect()
}

fn by_name(roots: &[Root], path: &Path) -> Vec<Target> {
    let named = |root: &&Root| path.starts_with(NotePath::from_encoded(root.name.as_str()).to_relative());
    let target = |root: &Root| (root.name.clone(), part(&path.components().skip(1).collect::<PathBuf>()));
    roots.iter().filter(named).map(target).collect()
}

fn part(rest: &Path) -> Option<NotePath> {
    (!rest.as_os_str().is_empty()).then(|| NotePath::from_relative(&sys::spelled(rest)))
}

fn resolve(path: &Path) -> Result<PathBuf> {
    sys::resolved(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => NotFound::Path { path: path.to_path_buf() }.into(),
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
        Root::new(name, path)
    }

    #[test]
    fn a_path_is_a_new_root_or_a_part_of_one() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        for sub in ["a/sub", "b", "c/a"] {
            std::fs::create_dir_all(base.join(sub)).unwrap();
        }
        let known = [root("a", base.join("a"))];

        let all = scopes(&known, &[]).unwrap();
        assert_eq!(all.refresh, [Scope { root: known[0].clone(), part: None, new: false, named: false }]);

        let new = scopes(&known, &[base.join("b"), base.join("b")]).unwrap();
        assert_eq!(
            new.refresh,
            [Scope { root: root("b", base.join("b")), part: None, new: true, named: true }]
        );
        assert_eq!(new.roots.len(), 2);

        let part = scopes(&known, &[base.join("a/sub")]).unwrap();
        assert_eq!(part.refresh[0].part, Some(NotePath::from_encoded("sub")));
        assert_eq!(part.refresh[0].path(), base.join("a/sub"));
        assert_eq!(part.roots, known);
        let whole = scopes(&known, &[base.join("a/sub"), base.join("a")]).unwrap();
        assert_eq!(whole.refresh, [Scope { named: true, ..all.refresh[0].clone() }]);

        let twin = scopes(&known, &[base.join("c/a")]).unwrap();
        assert_eq!(twin.roots[1].name, "a-2");

        let above = scopes(&known, std::slice::from_ref(&base)).unwrap();
        let paths: Vec<_> = above.refresh.iter().map(|scope| (scope.root.path.clone(), scope.new)).collect();
        assert_eq!(paths, [(base.join("a"), false), (base.clone(), true)]);
        assert_eq!(above.inside(&above.refresh[1]).collect::<Vec<_>>(), [base.join("a")]);
        let inner = scopes(&above.roots, &[base.join("a/sub")]).unwrap();
        assert_eq!(inner.refresh[0].root, known[0], "the innermost root has the note");

        let missing = scopes(&known, &[base.join("gone")]).unwrap_err();
        assert!(matches!(missing, Error::NotFound(NotFound::Path { .. })));
    }

    #[test]
    fn roots_on_other_machines_keep_their_names_and_match_no_path() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(base.join("a/sub")).unwrap();
        let there = Root { machine: Some("pc".into()), ..root("a", base.join("a")) };
        let known = [there.clone(), root("b", base.join("b"))];
        let all = scopes(&known, &[]).unwrap();
        assert_eq!((all.names(), all.elsewhere(), &all.roots[..]), (vec!["b".to_owned()], 1, &known[..]));
        for path in ["a", "a/sub"] {
            let named = scopes(&known, &[base.join(path)]).unwrap();
            let new = &named.refresh[0];
            assert!(new.new && new.root.path == base.join(path), "{new:?}");
            assert!(named.roots.contains(&there) && new.root.name != "a", "{new:?}");
        }
        let above = scopes(&known, std::slice::from_ref(&base)).unwrap();
        assert_eq!(above.inside(&above.refresh[1]).collect::<Vec<_>>(), [base.join("b")]);
        assert_eq!(rebuilt(&known, &[base.join("a")]).unwrap().roots[0], there);
        let forgotten = |path: &Path| readings(&known, path, Path::new("/")).concat();
        assert!(forgotten(&base.join("a/x.md")).is_empty());
        assert_eq!(forgotten(Path::new("a")), [("a".to_owned(), None), ("a".to_owned(), None)]);
    }

    #[test]
    fn an_index_is_made_anew_of_what_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        for sub in ["a/sub", "b"] {
            std::fs::create_dir_all(base.join(sub)).unwrap();
        }
        let known = [root("a-2", base.join("a")), root("b", base.join("b")), root("gone", base.join("gone"))];
        let roots = |paths: &[PathBuf]| rebuilt(&known, paths).unwrap().roots;
        assert_eq!(roots(&[]), known);
        assert_eq!(roots(&[base.join("a")]), known[..1]);
        assert_eq!(roots(&[base.join("a/sub")]), [root("sub", base.join("a/sub"))]);
        let above = roots(std::slice::from_ref(&base));
        assert_eq!(above[..3], known, "a root that isn't there may come back");
        assert_eq!(above[3].path, base);
        assert!(rebuilt(&known, &[base.join("gone")]).is_err());
    }

    #[test]
    fn what_to_forget_is_named_on_disk_or_as_in_results() {
        let roots = [root("a", "/notes/a".into()), root("b", "/notes/b".into())];
        let part = |name: &str, path: &str| (name.to_owned(), Some(NotePath::from_encoded(path)));
        let check = |path: &str, cwd: &str, expect: &[Target]| {
            let readings = readings(&roots, Path::new(path), Path::new(cwd));
            assert!(readings.iter().any(|reading| reading == expect), "{path} from {cwd}: {readings:?}");
        };
        check("/notes/a", "/", &[("a".into(), None)]);
        check("sub/x.md", "/notes/a", &[part("a", "sub/x.md")]);
        check("../b/x.md", "/notes/a", &[part("b", "x.md")]);
        check("a/x.md", "/elsewhere", &[part("a", "x.md")]);
        check("a/x.md", "/notes/a", &[part("a", "x.md")]);
        check("b/", "/elsewhere", &[("b".into(), None)]);
        check("/notes", "/", &[("a".into(), None), ("b".into(), None)]);
        check("a/caf\\xE9.md", "/elsewhere", &[part("a", "caf\\xE9.md")]);
        check("caf\\xE9.md", "/notes/a", &[part("a", "caf\\xE9.md")]);
        assert!(readings(&roots, Path::new("c/x.md"), Path::new("/elsewhere")).iter().all(Vec::is_empty));
    }

    #[test]
    fn a_scope_holds_its_part() {
        let root = root("a", "/a".into());
        let path = NotePath::from_encoded;
        let part = Scope { root, part: Some(path("sub")), new: false, named: false };
        let notes = ["sub", "sub b/x.md", "sub/a.md", "sub/x/y.md", "sub0", "submarine.md", "a.md"];
        let notes: BTreeMap<NotePath, &str> = notes.into_iter().map(|name| (path(name), name)).collect();
        let held: Vec<&str> = part.of(&notes).map(|(_, name)| *name).collect();
        assert_eq!(held, ["sub", "sub/a.md", "sub/x/y.md"]);
    }
}
