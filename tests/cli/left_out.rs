//! What isn't taken from a folder of notes, and what is told of it; and what takes the place of a note.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{BREAD, LOCK, Run, Vault, finish};

fn status(vault: &Vault) -> Value {
    serde_json::from_str(&vault.run(&["status", "--json"]).expect(0).stdout).unwrap()
}

#[test]
fn a_rule_that_cannot_be_used_closes_its_folder_and_the_index_keeps_what_it_has() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("sub/b.md", BREAD)]);
    let bottomless = format!("private/\n{}{}", "{a,".repeat(260), "}".repeat(260));
    vault.write("sub/.gitignore", &bottomless);
    vault.write("sub/private/pin.md", "# Pin\n\nThe pin of the vault is 1234.\n");
    vault.run(&["index"]).expect(2).says("notes/sub: not entered").says(".gitignore").says("hint: mend");
    assert_eq!(vault.totals(), (2, 2));
    assert_eq!(status(&vault)["vanished"], Value::Array(vec![]));
    vault.run(&["index", "notes/sub"]).expect(2).says("not entered");
    vault.write(".gitignore", &bottomless);
    vault
        .run(&["index"])
        .expect(2)
        .says("notes/.gitignore can't be used")
        .says("the index keeps its 2 files");
    vault.run(&["index", "--rebuild"]).expect(2).says(".gitignore can't be used");
    assert_eq!(vault.totals(), (2, 2));
    vault.write(".gitignore", "");
    vault.write("sub/.gitignore", "private/\n");
    vault.run(&["index"]).expect(0).says("left out 1 folder by notes/sub/.gitignore");
    assert_eq!(vault.totals(), (2, 2));

    let fresh = Vault::new();
    fresh.write("a.md", LOCK);
    fresh.write(".gitignore", &bottomless);
    fresh.run(&["index", "notes"]).expect(2).says(".gitignore can't be used").says("hint: mend");
    assert!(!fresh.path("index").exists());
}

#[test]
fn notes_that_ignore_files_leave_out_are_counted() {
    let vault = Vault::new();
    for path in ["a.md", "draft-1.md", "draft-2.md", "journal/b.md", "run.log"] {
        vault.write(path, format!("# {path}\n\nSome text about {path}.\n"));
    }
    vault.write(".gitignore", "draft-*\njournal/\n*.log\n");
    vault.run(&["index", "notes"]).expect(0).says("left out 2 notes and 1 folder by notes/.gitignore");
    assert_eq!(vault.totals().0, 1);
    let only = Vault::new();
    only.write("b.md", BREAD);
    only.write(".ignore", "b.md\n");
    only.run(&["index", "notes"]).expect(2).says("there are no notes").says("what ignore files name");
}

#[test]
fn a_note_that_a_sync_tool_took_away_stays_in_the_index() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("sub/b.md", BREAD)]);
    std::fs::rename(vault.path("notes/a.md"), vault.path("notes/.a.md.icloud")).unwrap();
    std::fs::rename(vault.path("notes/sub/b.md"), vault.path("notes/sub/b.md.nextcloud")).unwrap();
    let run =
        vault.run(&["index"]).expect(2).says("the index keeps its 2 files").says("hint: have the sync tool");
    assert!(run.stderr.contains("a.md: not downloaded; there is only the placeholder .a.md.icloud"));
    vault.write("c.md", "# Leeks\n\nBoil the leeks for soup.\n");
    vault.run(&["index"]).expect(2).says("b.md: not downloaded");
    assert_eq!(vault.totals().0, 3);
    assert_eq!(status(&vault)["vanished"], Value::Array(vec![]));
    assert_eq!(vault.ask("what is the GIL")["results"][0]["stale"], true);
    std::fs::rename(vault.path("notes/.a.md.icloud"), vault.path("notes/a.md")).unwrap();
    std::fs::remove_file(vault.path("notes/sub/b.md.nextcloud")).unwrap();
    vault.run(&["index"]).expect(0);
    assert_eq!(vault.totals().0, 2);
}

#[test]
fn an_edit_that_keeps_size_and_time_is_seen() {
    let vault = Vault::new();
    let write = |path: &str, pin: &str| {
        vault.write(path, format!("# Note\n\nThe pin is {pin}.\n"));
        let file = std::fs::File::options().write(true).open(vault.path("notes").join(path)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).unwrap();
    };
    write("a.md", "1111");
    write("b.md", "2222");
    // Stamps are trusted once clocks have moved on.
    std::thread::sleep(Duration::from_millis(2100));
    vault.run(&["index", "notes"]).expect(0);
    vault.run(&["index"]).expect(0).says("nothing changed");
    assert_eq!(status(&vault)["stale"], false);
    write("a.md", "3333");
    assert_eq!(status(&vault)["changed"][0]["path"], "a.md");
    let run = vault.run(&["index"]).expect(0).says("1 changed");
    assert!(run.stderr.contains("1 passage embedded"), "{}", run.stderr);
    let at = |path: &str| vault.path("notes").join(path);
    std::fs::rename(at("a.md"), vault.path("x")).unwrap();
    std::fs::rename(at("b.md"), at("a.md")).unwrap();
    std::fs::rename(vault.path("x"), at("b.md")).unwrap();
    vault.run(&["index"]).expect(0).says("2 changed").says("0 passages embedded, 2 reused");
    let found = vault.run(&["search", "--json", "\"3333\""]).expect(0).stdout;
    assert_eq!(serde_json::from_str::<Value>(&found).unwrap()[0]["path"], "b.md");
}

/// Runs the program with little memory, if there is a program for that.
fn run_in_a_gibibyte(vault: &Vault, args: &[&str]) -> Run {
    if !std::path::Path::new("/usr/bin/prlimit").exists() {
        return vault.run(args);
    }
    let mut command = std::process::Command::new("/usr/bin/prlimit");
    command.arg("--as=1073741824").arg(env!("CARGO_BIN_EXE_qsearch")).args(args);
    finish(command.current_dir(vault.path("")).env_clear().env("HOME", vault.path("home")))
}

#[cfg(target_os = "linux")]
#[test]
fn whatever_takes_the_place_of_a_note_is_stale_and_has_an_end() {
    use std::os::unix::fs::symlink;
    let note = "notes/sub/a.md";
    let put = |vault: &Vault, what: &str| {
        let at = vault.path(note);
        std::fs::remove_file(&at).unwrap();
        match what {
            "a pipe" => {
                let made = std::process::Command::new("mkfifo").arg(&at).status().unwrap();
                assert!(made.success());
            }
            "a large file" => std::fs::File::create(&at).unwrap().set_len(1 << 40).unwrap(),
            "a folder of somebody else's" => {
                std::fs::rename(vault.path("notes/sub"), vault.path("outside")).unwrap();
                std::fs::write(vault.path("outside/a.md"), LOCK).unwrap();
                symlink(vault.path("outside"), vault.path("notes/sub")).unwrap();
            }
            target => symlink(target, &at).unwrap(),
        }
    };
    let kinds = ["/proc/self/pagemap", "/dev/zero", "a pipe", "a large file", "a folder of somebody else's"];
    for root in ["notes", note] {
        // Whoever names a root means what its path leads to.
        let kinds = if root == "notes" { &kinds[..] } else { &kinds[..4] };
        for kind in kinds {
            let vault = Vault::new();
            vault.write("sub/a.md", LOCK);
            vault.run(&["index", root]).expect(0);
            put(&vault, kind);
            let begun = Instant::now();
            for args in
                [&["ask", "--json", "what is the GIL"][..], &["search", "--json", "GIL"], &["get", "a.md"]]
            {
                let run = run_in_a_gibibyte(&vault, args).expect(0);
                let is_stale = run.stdout.replace(' ', "").contains("\"stale\":true")
                    || run.stderr.contains("has changed or is gone")
                    || run.stderr.contains("nothing is read in");
                assert!(is_stale, "{root}, {kind}: {args:?}: {run:?}");
            }
            let run = run_in_a_gibibyte(&vault, &["index"]);
            assert!(run.status == 0 || run.status == 2, "{root}, {kind}: {run:?}");
            run_in_a_gibibyte(&vault, &["status"]).expect(0);
            assert!(begun.elapsed() < Duration::from_secs(30), "{root}, {kind}: {:?}", begun.elapsed());
        }
    }
}
