use super::*;

use std::cell::Cell;

use crate::error::ErrorKind;

pub(super) fn root(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    root
}

/// The bytes of a file that was found.
pub(super) fn read(found: &FoundFile, max_bytes: u64) -> std::result::Result<Vec<u8>, Reason> {
    super::read(found, Some(max_bytes), FORMATS).map(|file| file.bytes)
}

pub(super) fn run(root: &Path, options: &WalkOptions) -> Result<Walk> {
    walk(root, None, options, &mut |_| {}, &|| false)
}

pub(super) fn names(walk: &Walk) -> Vec<&str> {
    walk.files.iter().map(|found| found.path.as_str()).collect()
}

pub(super) fn check(root: &Path, options: &WalkOptions, want: &[&str]) -> Walk {
    let walk = run(root, options).unwrap();
    assert_eq!(names(&walk), want);
    walk
}

pub(super) fn globs_of(include: &[&str], exclude: &[&str]) -> WalkOptions {
    let owned = |globs: &[&str]| globs.iter().map(ToString::to_string).collect();
    let rules = Rules { include: owned(include), exclude: owned(exclude), ..Rules::default() };
    WalkOptions { rules, ..WalkOptions::default() }
}

#[test]
fn takes_notes_sorted_and_reports_other_kinds() {
    let root = root(&[
        ("b/z.MD", b"z"),
        ("a.md", b"a"),
        ("a b.txt", b""),
        ("README", b"r"),
        ("b/2. Setup", b"s"),
        ("plan 2024.05", b"p"),
        ("paper.EXE", b"%PDF-"),
        ("b/x.png", b"\x89PNG"),
        (".hidden.md", b"h"),
        (".git/notes.md", b"g"),
        (".obsidian/x.md", b"h"),
    ]);
    let mut counts = Vec::new();
    let walk = walk(root.path(), None, &WalkOptions::default(), &mut |n| counts.push(n), &|| false).unwrap();
    assert_eq!(names(&walk), ["README", "a b.txt", "a.md", "b/2. Setup", "b/z.MD", "plan 2024.05"]);
    assert_eq!(counts, [1, 2, 3, 4, 5, 6]);
    let kind = |kind: &str| Reason::Kind(kind.into());
    let skipped: Vec<_> = walk.skipped.iter().map(|s| (s.path.as_str(), s.reason.clone())).collect();
    assert_eq!(skipped, [("b/x.png", kind(".png")), ("paper.EXE", kind(".exe"))]);
    assert_eq!(skipped[1].1.to_string(), "not a kind of note yet");
    assert!(walk.files.iter().all(|found| found.stamp.modified_ns > 1_600_000_000_000_000_000));
    assert_eq!(read(&walk.files[4], 100).unwrap(), b"z");
}

#[test]
fn ignore_files_count_without_git_and_only_from_the_root_on() {
    let root = root(&[
        (".gitignore", b"notes/"),
        ("notes/.gitignore", b"*.txt\n!keep.txt\n"),
        ("notes/.qsearchignore", b"/drafts\n"),
        ("notes/.ignore", b"old.md"),
        ("notes/a.md", b""),
        ("notes/a.txt", b""),
        ("notes/sub/keep.txt", b""),
        ("notes/sub/old.md", b""),
        ("notes/drafts/d.md", b""),
        ("notes/sub/drafts/e.md", b""),
    ]);
    let walk = check(
        &root.path().join("notes"),
        &WalkOptions::default(),
        &["a.md", "sub/drafts/e.md", "sub/keep.txt"],
    );
    assert_eq!(walk.skipped, []);
    check(root.path(), &WalkOptions::default(), &[]);
}

#[test]
fn includes_select_and_excludes_win() {
    let root = root(&[
        ("a.md", b""),
        ("a.txt", b""),
        ("x.exe", b""),
        ("py/b.md", b""),
        ("py/old/c.md", b""),
        (".h.md", b""),
        ("!odd.md", b""),
        ("skip.md", b""),
        (".gitignore", b"skip.md"),
    ]);
    check(root.path(), &globs_of(&["*.md"], &[]), &["!odd.md", "a.md", "py/b.md", "py/old/c.md"]);
    check(root.path(), &globs_of(&["*.md"], &["old/", "!odd.md"]), &["a.md", "py/b.md"]);
    check(root.path(), &globs_of(&["/py"], &["c.*"]), &["py/b.md"]);
    let walk = check(root.path(), &globs_of(&["a.*"], &["*.txt"]), &["a.md"]);
    assert_eq!(walk.skipped, [], "what wasn't asked for isn't reported");
    for bad in ["[", " ", "a{b"] {
        let error = run(root.path(), &globs_of(&[bad], &[])).unwrap_err();
        assert!(error.to_string().contains(&format!("`{bad}`")), "{error}");
        assert_eq!(error.kind(), ErrorKind::Usage);
    }
}

#[test]
fn indexes_are_never_entered() {
    let root = root(&[
        ("a.md", b""),
        ("index/qsearch.json", b"{}"),
        ("index/b.md", b""),
        ("deep/mine/qsearch.json", b"{}"),
        ("deep/mine/c.md", b""),
        ("new/d.md", b""),
    ]);
    let skip = vec![root.path().join("deep/../new"), root.path().join("none")];
    check(root.path(), &WalkOptions { skip, ..WalkOptions::default() }, &["a.md"]);
    let error = run(&root.path().join("index"), &WalkOptions::default()).unwrap_err();
    assert!(error.to_string().ends_with("index is an index, not a folder of notes"), "{error}");
}

#[test]
fn a_root_can_be_a_file_of_any_kind() {
    let root = root(&[("notes.log", b"text"), ("big.md", b"12345")]);
    let walk = check(&root.path().join("notes.log"), &WalkOptions::default(), &["notes.log"]);
    assert_eq!(read(&walk.files[0], 100).unwrap(), b"text");
    let options =
        WalkOptions { rules: Rules { max_bytes: Some(4), ..Rules::default() }, ..WalkOptions::default() };
    let walk = check(&root.path().join("big.md"), &options, &[]);
    assert_eq!(walk.skipped[0].reason, Reason::TooLarge { size: 5, limit: 4 });
}

#[test]
fn a_root_that_is_not_there_is_an_error() {
    let root = root(&[]);
    check(root.path(), &WalkOptions::default(), &[]);
    let missing = root.path().join("gone");
    let error = run(&missing, &WalkOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), format!("can't read {}: no such file or directory", missing.display()));
}

#[test]
fn size_is_checked_again_when_a_file_is_read() {
    let root = root(&[("a.md", b"1234"), ("b.md", b"12345"), ("c.md", b"1"), ("d.md", b"1")]);
    let options =
        WalkOptions { rules: Rules { max_bytes: Some(4), ..Rules::default() }, ..WalkOptions::default() };
    let walk = check(root.path(), &options, &["a.md", "c.md", "d.md"]);
    assert_eq!(walk.skipped[0].reason, Reason::TooLarge { size: 5, limit: 4 });
    assert_eq!(walk.skipped[0].reason.to_string(), "too large (5 B, the limit is 4 B)");
    assert_eq!(read(&walk.files[0], 4).unwrap(), b"1234");
    let at = |file: usize| root.path().join(walk.files[file].path.to_relative());
    fs::write(at(1), b"grown!").unwrap();
    assert_eq!(read(&walk.files[1], 4), Err(Reason::TooLarge { size: 6, limit: 4 }));
    fs::remove_file(at(2)).unwrap();
    assert_eq!(read(&walk.files[2], 4), Err(Reason::Vanished));
    fs::create_dir(at(2)).unwrap();
    assert_eq!(read(&walk.files[2], 4), Err(Reason::Unreadable("it is no file any more".into())));
    fs::write(at(0), b"a\0b").unwrap();
    assert_eq!(read(&walk.files[0], 4), Err(Reason::Binary));
}

#[test]
fn a_walk_can_be_cancelled() {
    let root = root(&[("a.md", b""), ("b.md", b""), ("c.md", b"")]);
    let seen = Cell::new(0);
    let result = walk(root.path(), None, &WalkOptions::default(), &mut |n| seen.set(n), &|| seen.get() == 2);
    assert!(matches!(result, Err(Error::Interrupted(_))));
    assert_eq!(seen.get(), 2);
}

/// What a walk of a part finds and skips, as paths and reasons.
pub(super) fn part_of(root: &Path, part: &str, options: &WalkOptions) -> (Vec<String>, Vec<String>) {
    let part = NotePath::from_encoded(part);
    let walk = walk(root, Some(&part), options, &mut |_| {}, &|| false).unwrap();
    let skipped = walk.skipped.iter().map(|skipped| format!("{}: {}", skipped.path, skipped.reason));
    (names(&walk).into_iter().map(str::to_owned).collect(), skipped.collect())
}

#[test]
fn a_part_has_the_rules_of_its_root() {
    let root = root(&[
        (".gitignore", b"/a/private/\n*.log.md\n/a/sub/no.md\n"),
        ("a/x.md", b""),
        ("a/x.log.md", b""),
        ("a/x.exe", b""),
        ("a/sub/y.md", b""),
        ("a/sub/no.md", b""),
        ("a/.ignore", b"deep"),
        ("a/sub/deep/z.md", b""),
        ("a/private/p.md", b""),
        ("a/.hidden/h.md", b""),
        ("a/index/qsearch.json", b"{}"),
        ("a/index/i.md", b""),
        ("ab/other.md", b""),
        ("b/other.md", b""),
        ("b/other.exe", b""),
    ]);
    let none = WalkOptions::default();
    let check = |part: &str, options: &WalkOptions, files: &[&str], skipped: &[&str]| {
        let found = part_of(root.path(), part, options);
        assert_eq!((&found.0[..], &found.1[..]), (&owned(files)[..], &owned(skipped)[..]), "{part}");
    };
    check("a", &none, &["a/sub/y.md", "a/x.md"], &["a/x.exe: not a kind of note yet"]);
    check("a/sub", &none, &["a/sub/y.md"], &[]);
    check("a/x.md", &none, &["a/x.md"], &[]);
    check("a/x.exe", &none, &[], &["a/x.exe: not a kind of note yet"]);
    for out in ["a/private", "a/private/p.md", "a/x.log.md", "a/sub/no.md", "a/sub/deep", "a/.hidden/h.md"] {
        check(out, &none, &[], &[&format!("{out}: left out by an ignore rule, or hidden")]);
    }
    let index = "a/index/i.md: left out by the rule that an index is never entered";
    check("a/index/i.md", &none, &[], &[index]);
    check("a", &globs_of(&["/a/sub"], &["/a/sub/y.*"]), &[], &[]);
    check("a/sub/y.md", &globs_of(&[], &["/a"]), &[], &["a/sub/y.md: left out by an exclude glob"]);
    check("a/sub/y.md", &globs_of(&["*.txt"], &[]), &[], &["a/sub/y.md: left out by the include globs"]);
    check("a/sub/y.md", &globs_of(&["/a"], &[]), &["a/sub/y.md"], &[]);
    for gone in ["gone", "a/x.md/gone"] {
        let part = NotePath::from_encoded(gone);
        let error = walk(root.path(), Some(&part), &none, &mut |_| {}, &|| false).unwrap_err();
        assert!(matches!(error, Error::Io { .. }) && error.to_string().contains(gone), "{error}");
    }
    let whole = check_parts_make_the_whole(root.path());
    assert_eq!(whole, ["a/sub/y.md", "a/x.md", "ab/other.md", "b/other.md"]);
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

/// Walks each entry of a root as a part, and checks that together they give what the whole does.
fn check_parts_make_the_whole(root: &Path) -> Vec<String> {
    let whole = run(root, &WalkOptions::default()).unwrap();
    let mut files = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let name = entry.unwrap().file_name();
        files.extend(part_of(root, &name.to_string_lossy(), &WalkOptions::default()).0);
    }
    files.sort();
    assert_eq!(files, names(&whole));
    files
}

/// `Übung.md` with two characters for its first letter, as macOS has listed it, and composed, as it is typed.
const DECOMPOSED: &str = "U\u{308}bung.md";
const COMPOSED: &str = "\u{dc}bung.md";

#[test]
fn a_note_that_is_listed_decomposed_is_found_composed_and_once() {
    let root = root(&[(DECOMPOSED, b"old"), ("U\u{308}ber/x.md", b"x")]);
    let _guard = sys::pretend(sys::Naming::MACOS);
    let walk = check(root.path(), &WalkOptions::default(), &["\u{dc}ber/x.md", COMPOSED]);
    // Here only a name that is the same byte for byte is there, as on a server of files.
    assert_eq!(read(&walk.files[1], 9).unwrap(), b"old");
    assert_eq!(read(&walk.files[0], 9).unwrap(), b"x");
    fs::write(root.path().join(COMPOSED), b"new").unwrap();
    let walk = check(root.path(), &WalkOptions::default(), &["\u{dc}ber/x.md", COMPOSED]);
    assert_eq!(read(&walk.files[1], 9).unwrap(), b"new");
    for (glob, want) in [("\u{dc}bung*", COMPOSED), ("U\u{308}BUNG*", COMPOSED)] {
        check(root.path(), &globs_of(&[glob], &[]), &[want]);
    }
}

#[test]
fn rules_leave_out_a_name_however_it_is_written_where_that_is_one_name() {
    let rules = format!("private/\n/{COMPOSED}\n");
    let files =
        [(".gitignore", rules.as_bytes()), ("Private/x.md", b"x"), (DECOMPOSED, b"y"), ("z.md", b"z")];
    let root = root(&files);
    let all = ["Private/x.md", DECOMPOSED, "z.md"];
    check(root.path(), &WalkOptions::default(), &all);
    for (naming, want) in [(sys::Naming::MACOS, &all[2..]), (sys::Naming::WINDOWS, &all[1..])] {
        let _guard = sys::pretend(naming);
        check(root.path(), &WalkOptions::default(), want);
        let concerned =
            |path: &str| concerns(root.path(), Path::new(path), Thing::File, &WalkOptions::default());
        assert!(!concerned("private/x.md") && !concerned("PRIVATE/new.md") && concerned("z.md"));
    }
}

#[cfg(unix)]
mod unix {
    use super::*;

    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    #[test]
    fn links_are_reported_and_not_followed() {
        let root = root(&[("a.md", b"a"), ("sub/b.md", b"")]);
        symlink("..", root.path().join("sub/loop")).unwrap();
        symlink("a.md", root.path().join("link.md")).unwrap();
        symlink("nowhere", root.path().join("dangling.md")).unwrap();
        let _socket = UnixListener::bind(root.path().join("socket.md")).unwrap();
        let walk = check(root.path(), &WalkOptions::default(), &["a.md", "sub/b.md"]);
        let skipped: Vec<_> = walk.skipped.iter().map(|s| (s.path.as_str(), &s.reason)).collect();
        assert_eq!(
            skipped,
            [
                ("dangling.md", &Reason::Symlink),
                ("link.md", &Reason::Symlink),
                ("socket.md", &Reason::Special),
                ("sub/loop", &Reason::Symlink),
            ]
        );
        // The root itself may be named through a link.
        let there = root.path().join("sub/loop");
        check(&there, &WalkOptions::default(), &["a.md", "sub/b.md"]);
        let walk = check(&root.path().join("link.md"), &WalkOptions::default(), &["link.md"]);
        assert_eq!(read(&walk.files[0], 9).unwrap(), b"a");
    }

    #[test]
    fn a_part_behind_a_link_is_not_reached() {
        let root = root(&[("a/b.md", b"")]);
        symlink("a", root.path().join("link")).unwrap();
        for part in ["link", "link/b.md"] {
            let found = part_of(root.path(), part, &WalkOptions::default());
            assert_eq!(found, (Vec::new(), vec![format!("{part}: not followed")]));
        }
    }

    #[test]
    fn any_name_is_read_back() {
        let root = root(&[("two\nlines .md", b"1"), ("back\\slash.md", b"2")]);
        let odd = root.path().join(OsStr::from_bytes(b"caf\xE9.md"));
        fs::write(&odd, b"3").unwrap();
        let walk = check(
            root.path(),
            &WalkOptions::default(),
            &["back\\\\slash.md", "caf\\xE9.md", "two\nlines .md"],
        );
        for (found, content) in walk.files.iter().zip([b"2", b"3", b"1"]) {
            assert_eq!(read(found, 9).unwrap(), content);
            let real = root.path().canonicalize().unwrap();
            assert_eq!(*found.root, *real);
        }
    }

    /// Permissions stop nobody when tests run as root. A path over the system's limit stops everyone: two halves
    /// that are each short enough are joined by a rename.
    #[test]
    fn an_unreadable_folder_is_reported_and_the_rest_goes_on() {
        let root = root(&[("a.md", b""), ("z.md", b"")]);
        let part = "d".repeat(200);
        let chain = |from: &Path, times| (0..times).fold(from.to_path_buf(), |path, _| path.join(&part));
        let (outer, inner) = (chain(&root.path().join("m"), 15), chain(&root.path().join("n"), 10));
        fs::create_dir_all(&outer).unwrap();
        fs::create_dir_all(&inner).unwrap();
        fs::rename(root.path().join("n"), outer.join("n")).unwrap();
        let walk = check(root.path(), &WalkOptions::default(), &["a.md", "z.md"]);
        let [skipped] = walk.skipped.as_slice() else { panic!("{:?}", walk.skipped) };
        assert!(skipped.path.as_str().starts_with("m/ddd"));
        // A little above, it is the folder's ignore files that can't be named.
        assert!(skipped.reason.to_string().contains("file name too long"), "{}", skipped.reason);
        assert!(skipped.reason.is_failure());
    }

    /// Reading a process's memory from its start fails even for root, after opening it has succeeded.
    #[cfg(target_os = "linux")]
    #[test]
    fn an_unreadable_file_is_a_reason() {
        let found = FoundFile {
            path: NotePath::from_encoded("mem"),
            root: Path::new(&format!("/proc/{}", std::process::id())).into(),
            size: 0,
            stamp: Stamp::default(),
        };
        let reason = read(&found, 100).unwrap_err();
        assert_eq!(reason.to_string(), "it couldn't be read: input/output error");
    }
}
