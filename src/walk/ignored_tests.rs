//! What ignore files leave out, and what becomes of a folder whose ignore files can't be used.

use std::fs;
use std::path::Path;

use ignore::WalkBuilder;
use proptest::prelude::*;

use super::tests::{check, globs_of, names, part_of, read, root, run};
use super::*;
use crate::error::ErrorKind;

/// A rule that is one, but too large for any set of rules.
fn oversized() -> String {
    "?".repeat(250_000)
}

/// What is told of a root: each path, and why.
fn told(walk: &Walk) -> Vec<(&str, String)> {
    walk.skipped.iter().map(|skipped| (skipped.path.as_str(), skipped.reason.to_string())).collect()
}

#[test]
fn a_folder_is_closed_by_each_ignore_file_that_cannot_be_used() {
    let unusable: [(&[u8], &str); 8] = [
        (b"private/\na{b\n", "line 2: error parsing glob 'a{b': unclosed alternate group"),
        (b"private/\n}\n", "line 2"),
        (b"private/\n[z-a]\n", "line 2"),
        (b"private/\n[[:alpha:]]\n", "line 2: classes"),
        (b"private/\n\n\xff\xfe\n", "line 3 isn't UTF-8"),
        (
            &[&b"private/\n"[..], "{".repeat(100_000).as_bytes(), "}".repeat(100_000).as_bytes()].concat(),
            "braces",
        ),
        (&[&b"private/\n"[..], oversized().as_bytes()].concat(), "can't be used together"),
        (&b"private/\n".repeat(40_000), "too large"),
    ];
    for name in [".gitignore", ".ignore", ".qsearchignore", ".git/info/exclude"] {
        for (content, why) in &unusable {
            let root = root(&[
                (&format!("sub/deep/{name}"), content),
                ("sub/deep/private/s.md", b"secret"),
                ("sub/deep/b.md", b"b"),
                ("sub/deep/other/c.md", b"c"),
                ("sub/a.md", b"a"),
            ]);
            let walk = check(root.path(), &WalkOptions::default(), &["sub/a.md"]);
            let [skipped] = walk.skipped.as_slice() else { panic!("{name}: {:?}", walk.skipped) };
            let said = skipped.reason.to_string();
            assert_eq!(skipped.path.as_str(), "sub/deep");
            assert!(said.contains(name) && said.contains(why) && said.len() < 400, "{said}");
            assert!(skipped.reason.is_failure());
            // A part behind it is told the same way.
            let (files, skipped) = part_of(root.path(), "sub/deep/b.md", &WalkOptions::default());
            assert!(files.is_empty() && skipped == [format!("sub/deep: {said}")], "{skipped:?}");
            // The root itself is an error.
            let error = run(&root.path().join("sub/deep"), &WalkOptions::default()).unwrap_err();
            assert!(error.to_string().contains(&format!("deep/{name} can't be used")), "{error}");
            assert!(error.to_string().contains(why) && error.kind() == ErrorKind::Usage);
            // What isn't entered anyway isn't looked at.
            let walk = check(root.path(), &globs_of(&[], &["deep/"]), &["sub/a.md"]);
            assert_eq!(walk.skipped, []);
        }
    }
}

#[test]
fn ignore_files_on_the_way_are_not_too_large_together() {
    let rules = b"nothing\n".repeat(8000);
    let files: Vec<String> = (0..8).map(|depth| "d/".repeat(depth)).collect();
    let rules: Vec<(String, &[u8])> =
        files.iter().map(|folder| (format!("{folder}.gitignore"), &rules[..])).collect();
    let mut tree: Vec<(&str, &[u8])> = rules.iter().map(|(path, rules)| (&**path, *rules)).collect();
    tree.extend([
        ("d/d/d/a.md", &b""[..]),
        ("d/d/d/d/b.md", b""),
        ("e/.gitignore", b"nothing"),
        ("e/c.md", b""),
    ]);
    let walk = check(root(&tree).path(), &WalkOptions::default(), &["d/d/d/a.md", "e/c.md"]);
    assert!(matches!(&told(&walk)[..], [("d/d/d/d", why)] if why.contains("too large")), "{:?}", told(&walk));
}

#[test]
fn a_rule_that_matches_nothing_is_told_and_the_others_count() {
    let root = root(&[
        ("a.md", b""),
        (".gitignore", b"# {\\\n\nb.md\nc\\\n!d\\\nblank\\ \ntwo\\\\ \nthree\\  \n"),
        ("b.md", b""),
        ("c", b""),
        ("blank ", b""),
        ("two\\", b""),
        ("three ", b""),
        ("other/.ignore/f.md", b""),
        ("hidden/.ignore", b"*"),
    ]);
    let walk = check(root.path(), &WalkOptions::default(), &["a.md", "c"]);
    let idle = |line: u32| (".gitignore", format!("line {line}: a rule that ends in \\ matches nothing"));
    assert_eq!(told(&walk), [idle(4), idle(5)]);
    assert!(!walk.skipped[0].reason.is_failure());
    let (_, skipped) = part_of(root.path(), "a.md", &WalkOptions::default());
    assert_eq!(skipped.len(), 2, "the rules of the folders above count as well: {skipped:?}");
    assert_eq!(part_of(root.path(), "hidden", &WalkOptions::default()).0, [""; 0]);
}

#[test]
fn what_ignore_files_leave_out_is_counted() {
    let root = root(&[
        (".gitignore", b"journal/\nnode_modules\n*.log\n/a?.md\n"),
        ("journal/x.md", b""),
        ("node_modules/y/z.md", b""),
        ("sub/node_modules/y.md", b""),
        ("a1.md", b""),
        ("a2.md", b""),
        ("run.log", b""),
        (".hidden/x.md", b""),
        ("sub/.qsearchignore", b"*.txt\n.secret.md\n"),
        ("sub/b.txt", b""),
        ("sub/c.md", b""),
        ("sub/.secret.md", b""),
    ]);
    let walk = check(root.path(), &WalkOptions::default(), &["sub/c.md"]);
    let counted = |walk: &Walk| -> Vec<(String, u64, u64)> {
        walk.ignored.iter().map(|file| (file.by.as_str().to_owned(), file.notes, file.folders)).collect()
    };
    let (above, below) = (".gitignore".to_owned(), "sub/.qsearchignore".to_owned());
    assert_eq!(counted(&walk), [(above.clone(), 2, 3), (below.clone(), 1, 0)]);
    assert_eq!(walk.skipped, []);
    let walk = check(root.path(), &globs_of(&["*.txt"], &["journal"]), &[]);
    assert_eq!(
        counted(&walk),
        [(above.clone(), 0, 2), (below.clone(), 1, 0)],
        "what isn't asked for isn't told"
    );
    let part = NotePath::from_encoded("sub");
    let walk =
        super::walk(root.path(), Some(&part), &WalkOptions::default(), &mut |_| {}, &|| false).unwrap();
    assert_eq!(counted(&walk), [(above, 0, 1), (below, 1, 0)]);
}

#[test]
fn a_placeholder_stands_for_its_note() {
    let root = root(&[
        (".a.md.icloud", b"bplist00"),
        ("sub/b.txt.nextcloud", b" "),
        ("sub/c.owncloud", b" "),
        (".photo.png.icloud", b""),
        ("photo.png.nextcloud", b""),
        (".d.md.icloud", b""),
        ("d.md", b"it is here as well"),
        ("sub/.gitignore", b"private.md\n"),
        ("sub/.private.md.icloud", b""),
        ("..hidden.md.icloud", b""),
        (".gone/.e.md.icloud", b""),
        (".f.md.icloud/g.md", b""),
    ]);
    let away = |path: &'static str, name: &str| {
        (path, format!("not downloaded; there is only the placeholder {name}"))
    };
    let walk = check(root.path(), &WalkOptions::default(), &["d.md"]);
    let want = [
        away("a.md", ".a.md.icloud"),
        ("photo.png.nextcloud", "not a kind of note yet".to_owned()),
        away("sub/b.txt", "b.txt.nextcloud"),
        away("sub/c", "c.owncloud"),
    ];
    assert_eq!(told(&walk), want);
    assert!(walk.skipped[0].reason.is_failure());
    let walk = check(root.path(), &globs_of(&["*.txt"], &[]), &[]);
    assert_eq!(told(&walk), want[2..3]);
    let walk = check(root.path(), &globs_of(&[], &["a.md", "sub/"]), &["d.md"]);
    assert_eq!(told(&walk), want[1..2]);
}

#[test]
fn one_glob_of_many_that_cannot_be_used_is_named() {
    let root = root(&[("a.md", b"")]);
    let error = |globs: &[String]| {
        let rules = Rules { exclude: globs.to_vec(), ..Rules::default() };
        let options = WalkOptions { rules, ..WalkOptions::default() };
        let error = run(root.path(), &options).unwrap_err();
        assert!(error.to_string().len() < 500 && error.kind() == ErrorKind::Usage, "{error}");
        error.to_string()
    };
    let many: Vec<String> = (0..40_000).map(|number| format!("/a/{number}/*/b?*")).collect();
    let mut globs = many.clone();
    globs.insert(700, oversized());
    assert!(error(&globs).starts_with("the glob `?????"), "{}", error(&globs));
    assert!(error(&many).starts_with("a set of 40000 globs can't be used"), "{}", error(&many));
    assert!(error(&["a".repeat(100_000) + "{"]).starts_with("the glob `aaaa"));
    assert!(error(&["{".repeat(100_000)]).contains("braces"));
}

/// Lines of ignore files that mean something in a tree of the names below.
const RULES: [&str; 24] = [
    "a",
    "b/",
    "/a",
    "/a/",
    "a/b",
    "**/b",
    "a/**",
    "*",
    "*/",
    "!a",
    "!b/",
    "!/a/b",
    "!*.md",
    "*.md",
    "x.md",
    "/x.md",
    "!x.md",
    "!.h.md",
    "{a,b}/x.md",
    "[ab]",
    "#a",
    "\\!x.md",
    "!*/",
    "?.md ",
];

fn tree() -> impl Strategy<Value = Vec<(String, String)>> {
    let folder = prop::sample::select(vec!["", "a/", "b/", "a/a/", "a/b/", "b/a/", "b/b/", "a/b/a/", ".h/"]);
    let note = prop::sample::select(vec!["x.md", "a", "b.md", ".h.md", "!x.md"]);
    let file = prop::sample::select(vec![".gitignore", ".ignore", ".qsearchignore", ".git/info/exclude"]);
    let rules = prop::collection::vec(prop::sample::select(RULES.to_vec()), 1..4);
    let notes = prop::collection::vec((folder.clone(), note), 4..16);
    let ignores = prop::collection::vec((folder, file, rules), 0..6);
    (notes, ignores).prop_map(|(notes, ignores)| {
        let notes = notes.into_iter().map(|(folder, name)| (format!("{folder}{name}"), String::new()));
        let ignores =
            ignores.into_iter().map(|(folder, file, rules)| (format!("{folder}{file}"), rules.join("\n")));
        notes.chain(ignores).collect()
    })
}

proptest! {
    /// The `ignore` crate's own walk knows the same rules, but not what to do if it can't use them.
    #[test]
    fn rules_leave_out_what_another_walk_leaves_out(tree in tree()) {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in &tree {
            let path = root.path().join(path);
            // A note may stand where a folder should be.
            if fs::create_dir_all(path.parent().unwrap()).is_ok() && !path.is_dir() {
                fs::write(path, content).unwrap();
            }
        }
        let mut builder = WalkBuilder::new(root.path());
        builder.require_git(false).git_global(false).parents(false).add_custom_ignore_filename(".qsearchignore");
        let relative = |path: &Path| NotePath::from_relative(path.strip_prefix(root.path()).unwrap());
        let mut other: Vec<String> = builder
            .build()
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().unwrap().is_file() && Reason::of_name(entry.file_name(), FORMATS).is_none())
            .map(|entry| relative(entry.path()).as_str().to_owned())
            .collect();
        other.sort();
        let walk = run(root.path(), &WalkOptions::default()).unwrap();
        prop_assert_eq!(names(&walk), other);
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;

    use super::*;

    fn pipe(at: &Path) {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        mknodat(CWD, at, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    }

    #[test]
    fn links_pipes_and_files_without_an_end_close_their_folder() {
        for name in [".gitignore", ".ignore", ".qsearchignore"] {
            let root =
                root(&[("a.md", b""), ("l/b.md", b""), ("p/b.md", b""), ("rules", b"b.md"), ("d/b.md", b"")]);
            symlink("../rules", root.path().join("l").join(name)).unwrap();
            symlink("nowhere", root.path().join("d").join(name)).unwrap();
            pipe(&root.path().join("p").join(name));
            let walk = check(root.path(), &WalkOptions::default(), &["a.md", "rules"]);
            let closed =
                |why: &str| format!("not entered, for nobody knows what its {name} leaves out: {why}");
            let link = || closed("it is a symbolic link, or behind one");
            assert_eq!(told(&walk), [("d", link()), ("l", link()), ("p", closed("it isn't a regular file"))]);
        }
        for target in ["/dev/zero", "/proc/self/pagemap"] {
            let root = root(&[("a.md", b""), ("sub/b.md", b""), ("sub/.git/info/x", b"")]);
            symlink(target, root.path().join("sub/.git/info/exclude")).unwrap();
            let walk = check(root.path(), &WalkOptions::default(), &["a.md"]);
            assert_eq!(walk.skipped.len(), 1, "{:?}", walk.skipped);
        }
    }

    #[test]
    fn the_exclude_file_of_a_repository_elsewhere_counts() {
        let root = root(&[
            ("notes/.git", b"gitdir: ../main/.git/worktrees/notes\n"),
            ("main/.git/worktrees/notes/commondir", b"../..\n"),
            ("main/.git/info/exclude", b"private.md\n"),
            ("notes/a.md", b""),
            ("notes/private.md", b""),
            ("module/.git", b"gitdir: ../main/.git\n"),
            ("module/private.md", b""),
            ("linked/private.md", b""),
            ("odd/.git", b"what is this\n"),
            ("odd/b.md", b""),
            ("lost/.git", b"gitdir: /no/such/folder\n"),
            ("lost/c.md", b""),
        ]);
        symlink("../main/.git", root.path().join("linked/.git")).unwrap();
        let walk = check(root.path(), &WalkOptions::default(), &["lost/c.md", "notes/a.md", "odd/b.md"]);
        assert_eq!(walk.skipped, []);
        assert_eq!(walk.ignored.len(), 3, "{:?}", walk.ignored);
    }

    #[test]
    fn notes_are_not_read_through_links_that_appear_later() {
        let outside = root(&[("b.md", b"secret"), ("c.md", b"secret")]);
        let root = root(&[
            ("sub/deep/b.md", b"b"),
            ("sub/c.md", b"c"),
            ("e.md", b"e"),
            ("f.md", b"f"),
            ("g/h.md", b""),
        ]);
        let found = run(root.path(), &WalkOptions::default()).unwrap().files;
        let at = |path: &str| root.path().join(path);
        fs::rename(at("sub"), at("was")).unwrap();
        symlink(outside.path(), at("sub")).unwrap();
        fs::remove_file(at("e.md")).unwrap();
        symlink(outside.path().join("b.md"), at("e.md")).unwrap();
        fs::remove_file(at("f.md")).unwrap();
        pipe(&at("f.md"));
        fs::remove_dir_all(at("g")).unwrap();
        fs::write(at("g"), "a file").unwrap();
        let reasons: Vec<_> =
            found.iter().map(|note| (note.path.as_str(), read(note, 100).unwrap_err())).collect();
        let link = || Reason::Unreadable("it has become a symbolic link, or lies behind one".into());
        let want = [
            ("e.md", link()),
            ("f.md", Reason::Unreadable("it is no file any more".into())),
            ("g/h.md", Reason::Vanished),
            ("sub/c.md", link()),
            ("sub/deep/b.md", link()),
        ];
        assert!(want.iter().all(|(_, reason)| reason.is_failure() || *reason == Reason::Vanished));
        assert_eq!(reasons, want);
    }
}
