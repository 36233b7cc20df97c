//! Whatever lies in a folder of notes: the rest is indexed, nothing hangs, and what is left out is named.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;

use crate::support::{BREAD, LOCK, Run, Vault, finish};

/// Indexes one odd file beside a good note; the good note must be found afterwards.
fn beside_a_good_note(name: &str, content: impl AsRef<[u8]>, status: i32) -> (Vault, Run) {
    let vault = Vault::new();
    vault.write("good.md", LOCK);
    vault.write(name, content);
    let run = vault.run(&["index", "notes"]).expect(status);
    assert_eq!(vault.first_path("what is the GIL"), "good.md");
    (vault, run)
}

#[test]
fn an_empty_file_and_a_blank_one_have_passages_only_by_their_names() {
    for (name, content, passages) in
        [("Call Anna.md", "", 2), ("blank.txt", " \n\n\t\n", 2), ("n.md", "", 1), ("2024-05-01.md", "\n", 1)]
    {
        let (vault, _) = beside_a_good_note(name, content, 0);
        assert_eq!(vault.totals(), (2, passages), "{name}");
    }
}

#[test]
fn a_file_over_the_limit_is_named_and_the_rest_goes_on() {
    let vault = Vault::new();
    vault.write("good.md", LOCK);
    vault.write("big.md", "word ".repeat(10_000));
    let run = vault.run(&["index", "notes", "--max-size", "10KiB"]).expect(2).says("big.md");
    assert!(run.stderr.contains("too large"), "{}", run.stderr);
    assert_eq!(vault.first_path("what is the GIL"), "good.md");
}

#[test]
fn a_note_that_grew_over_the_limit_keeps_what_was_indexed() {
    let vault = Vault::indexed(&[("good.md", LOCK), ("bread.md", BREAD)]);
    vault.write("bread.md", BREAD.repeat(1000));
    vault.run(&["index", "--max-size", "10KiB"]).expect(2).says("bread.md");
    let reply = vault.ask("how to bake sourdough");
    assert_eq!(reply["results"][0]["path"], "bread.md");
}

#[test]
fn binary_files_and_other_kinds_are_reported() {
    let (vault, run) = beside_a_good_note("nul.md", b"a note\0with\0NUL bytes\0\x01\x02", 0);
    assert!(run.stderr.contains("nul.md") && run.stderr.contains("binary"), "{}", run.stderr);
    assert_eq!(vault.totals().0, 1);
    let (_, run) = beside_a_good_note("paper.pdf", "%PDF-1.7\n", 0);
    assert!(run.stderr.contains(".pdf"), "{}", run.stderr);
}

#[test]
fn invalid_utf8_is_read_as_far_as_it_goes() {
    let (vault, _) =
        beside_a_good_note("bad.md", b"# Bread\n\nBake sourdough \xff\xfe\x80 in an iron pot.\n", 0);
    assert_eq!(vault.first_path("baking sourdough"), "bad.md");
}

#[test]
fn windows_1252_and_utf16_are_read() {
    let (vault, _) =
        beside_a_good_note("cafe.txt", b"The caf\xe9 na\xefvet\xe9: d\xe9j\xe0 vu at the bakery", 0);
    assert!(vault.ask("café bakery")["results"][0]["text"].as_str().unwrap().contains("café naïveté"));
    for little in [true, false] {
        let units = "\u{feff}# Bread\r\n\r\nBake sourdough in an iron pot, naïvely.\r\n".encode_utf16();
        let bytes: Vec<u8> =
            units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect();
        let (vault, _) = beside_a_good_note("wide.md", bytes, 0);
        let reply = vault.ask("baking sourdough");
        assert_eq!(reply["results"][0]["path"], "wide.md");
        assert_eq!(reply["results"][0]["last_line"], 3);
        assert_eq!(reply["results"][0]["stale"], false);
    }
}

#[test]
fn ten_megabytes_in_one_line() {
    let sentence = "A loaf of sourdough bread wants a long rest in a cool place. ";
    let (vault, _) = beside_a_good_note("line.txt", sentence.repeat(10_000_000 / sentence.len()), 0);
    let reply = vault.ask("where does sourdough rest");
    assert_eq!(reply["results"][0]["first_line"], 1);
}

#[test]
fn ten_megabytes_of_base64() {
    let (vault, _) = beside_a_good_note("blob.txt", "QUFB".repeat(2_500_000), 0);
    assert!(vault.totals().1 >= 10_000_000 / 8192);
    beside_a_good_note("lines.txt", format!("{}\n", "QUFB".repeat(19)).repeat(130_000), 0);
}

#[test]
fn a_hundred_thousand_nested_lists_and_quotes() {
    beside_a_good_note("quotes.md", format!("{}deep", "> ".repeat(100_000)), 0);
    beside_a_good_note("lists.md", format!("{}deep", "- ".repeat(100_000)), 0);
    let stairs: String = (0..1_000).map(|depth| format!("{}- x\n", "  ".repeat(depth))).collect();
    beside_a_good_note("stairs.md", stairs, 0);
    beside_a_good_note("brackets.md", "[".repeat(100_000), 0);
    beside_a_good_note("stars.md", "*a **a ".repeat(20_000), 0);
}

#[test]
fn unclosed_front_matter_and_fences() {
    let (vault, _) = beside_a_good_note("front.md", "---\ntitle: Bread\nBake sourdough in a pot.\n", 0);
    assert_eq!(vault.first_path("baking sourdough"), "front.md");
    let (vault, _) = beside_a_good_note("fence.md", "# Bread\n\n```\nbake sourdough in a pot\n", 0);
    assert_eq!(vault.first_path("baking sourdough"), "fence.md");
    beside_a_good_note("bomb.md", format!("---\na: {}\n---\nx\n", "[".repeat(50_000)), 0);
}

#[test]
fn every_kind_of_line_end_counts_as_one() {
    for end in ["\n", "\r\n", "\r"] {
        let text =
            ["# Bread", "", "Bake sourdough in an iron pot.", "", "# Soup", "", "Boil leeks.", ""].join(end);
        let (vault, _) = beside_a_good_note("ends.md", text, 0);
        let reply = vault.ask("boiling leeks for soup");
        let source = &reply["results"][0];
        assert_eq!(
            (source["first_line"].as_u64(), source["last_line"].as_u64()),
            (Some(5), Some(7)),
            "{end:?}"
        );
    }
}

#[test]
fn names_with_spaces_newlines_and_bytes_that_are_no_text() {
    let vault = Vault::new();
    vault.write("good.md", LOCK);
    vault.write("two words/new\nline.md", BREAD);
    let odd = std::ffi::OsStr::from_bytes(b"caf\xe9.md");
    vault.write(odd, "# Leeks\n\nBoil the leeks for soup.\n");
    vault.run(&["index", "notes"]).expect(0);
    assert_eq!(vault.first_path("baking sourdough"), "two words/new\nline.md");
    let reply = vault.ask("boiling leeks");
    assert_eq!(reply["results"][0]["path"], "caf\\xE9.md");
    assert_eq!(reply["results"][0]["stale"], false);
    let shown = vault.run(&["ask", "baking sourdough"]).expect(0).stdout;
    assert!(!shown.contains("new\nline"), "{shown}");
    vault.run(&["get", "notes/caf\\xE9.md"]).expect(0);
}

#[test]
fn control_and_bidi_characters_are_shown_harmlessly() {
    let text = "# Bread \u{1b}]0;title\u{7}\n\nBake \u{202e}sourdough\u{202c} in \u{1b}[31ma pot\u{9b}0m.\n";
    let (vault, _) = beside_a_good_note("evil.md", text, 0);
    for args in [&["ask", "baking sourdough"][..], &["search", "baking sourdough"], &["get", "notes/evil.md"]]
    {
        let run = vault.run(args).expect(0);
        let raw =
            |c: char| (c.is_control() && c != '\n' && c != '\t') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!run.stdout.contains(raw), "{:?}", run.stdout);
    }
}

#[test]
fn symlinks_are_not_followed() {
    let vault = Vault::new();
    vault.write("good.md", LOCK);
    symlink("..", vault.path("notes/loop")).unwrap();
    symlink("good.md", vault.path("notes/again.md")).unwrap();
    symlink("nowhere", vault.path("notes/dangling.md")).unwrap();
    vault.run(&["index", "notes"]).expect(0);
    assert_eq!(vault.totals(), (1, 1));
}

/// Runs the program as somebody whom file modes bind, since the tests may run as root.
pub(crate) fn as_nobody(vault: &Vault, args: &[&str]) -> Run {
    let program = vault.path("qsearch");
    if !program.exists() {
        std::fs::copy(env!("CARGO_BIN_EXE_qsearch"), &program).unwrap();
    }
    let mut command = std::process::Command::new(program);
    command.args(args).current_dir(vault.path("")).env_clear().env("HOME", vault.path("home"));
    let root = std::fs::metadata(vault.path("")).unwrap();
    if std::os::unix::fs::MetadataExt::uid(&root) == 0 {
        command.uid(65534).gid(65534);
    }
    finish(&mut command)
}

#[test]
fn unreadable_files_and_folders_are_named_and_keep_what_was_indexed() {
    let vault = Vault::new();
    vault.write("good.md", LOCK);
    vault.write("secret.md", BREAD);
    vault.write("cellar/leeks.md", "# Leeks\n\nBoil the leeks for soup.\n");
    let mode = |path: &str, mode| {
        std::fs::set_permissions(vault.path(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("", 0o777);
    as_nobody(&vault, &["index", "notes"]).expect(0);
    // Another change, so that the run has something to do.
    vault.write("good.md", LOCK.replace("A mutex", "The one mutex"));
    mode("notes/secret.md", 0o000);
    mode("notes/cellar", 0o000);
    let run = as_nobody(&vault, &["index"]).expect(2).says("secret.md").says("cellar");
    assert!(run.stderr.contains("permission denied"), "{}", run.stderr);
    for (question, path) in [("baking sourdough", "secret.md"), ("boiling leeks", "cellar/leeks.md")] {
        let run = as_nobody(&vault, &["ask", "--json", question]);
        let reply: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(reply["results"][0]["path"], path);
        assert_eq!(reply["results"][0]["stale"], true);
    }
    mode("notes/cellar", 0o755);
}

#[cfg(unix)]
#[test]
fn an_ignore_file_without_an_end_closes_its_folder() {
    let vault = Vault::new();
    vault.write("a.md", LOCK);
    vault.write("private/b.md", BREAD);
    std::os::unix::fs::symlink("/dev/zero", vault.path("notes/private/.gitignore")).unwrap();
    vault.run(&["index", "notes"]).expect(2).says("notes/private: not entered").says("symbolic link");
    assert_eq!(vault.totals().0, 1);
    std::os::unix::fs::symlink("/dev/zero", vault.path("notes/.qsearchignore")).unwrap();
    vault.run(&["index"]).expect(2).says(".qsearchignore").says("the index keeps its 1 file");
}

#[test]
fn an_ignore_file_that_cannot_be_read_closes_its_folder() {
    let vault = Vault::new();
    vault.write("good.md", LOCK);
    vault.write("secret.md", BREAD);
    vault.write(".gitignore", "secret.md\n");
    let path = vault.path("notes/.gitignore");
    std::fs::set_permissions(vault.path(""), std::fs::Permissions::from_mode(0o777)).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o000)).unwrap();
    let run = as_nobody(&vault, &["index", "notes"]).expect(2).says("notes/.gitignore can't be used");
    assert!(run.stderr.contains("permission denied"), "{}", run.stderr);
    vault.write("sub/.gitignore", "secret.md\n");
    vault.write("sub/secret.md", BREAD);
    std::fs::remove_file(vault.path("notes/.gitignore")).unwrap();
    std::fs::set_permissions(vault.path("notes/sub/.gitignore"), std::fs::Permissions::from_mode(0o000))
        .unwrap();
    as_nobody(&vault, &["index", "notes"]).expect(2).says("notes/sub: not entered").says("permission denied");
    assert!(as_nobody(&vault, &["get", "sub/secret.md"]).status > 0);
}

#[test]
fn a_folder_without_notes_says_what_would_be_one() {
    let vault = Vault::new();
    let run = vault.run(&["index", "notes"]).expect(2).says("there are no notes in");
    assert!(run.stderr.contains("hint:") && run.stderr.contains(".md"), "{}", run.stderr);
    vault.run(&["ask", "anything"]).expect(2).says("qsearch index");
}
