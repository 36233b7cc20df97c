//! What a second run does: as little as possible, and never a wrong thing.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::{BREAD, LOCK, Vault};

const LEEKS: &str = "# Leeks\n\nBoil the leeks for soup.\n";

/// The number before `word` in the summary of a run, or 0.
fn count(stderr: &str, word: &str) -> u64 {
    let words: Vec<&str> = stderr.split(|c: char| c.is_whitespace() || "(),;".contains(c)).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let at = words.iter().position(|found| *found == word);
    at.and_then(|at| words[..at].iter().rev().find_map(|word| word.parse().ok())).unwrap_or(0)
}

/// Makes a file look old, so that the next run may trust its time.
fn age(vault: &Vault, path: &str) {
    let file = std::fs::OpenOptions::new().write(true).open(vault.path("notes").join(path)).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_hours(1)).unwrap();
}

#[test]
fn an_unchanged_vault_embeds_nothing() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("b.md", BREAD)]);
    let run = vault.run(&["index"]).expect(0);
    run.says("nothing changed");
    assert_eq!(vault.totals(), (2, 2));
}

#[test]
fn a_changed_note_embeds_its_changed_passages_alone() {
    let note =
        |last: &str| format!("# One\n\nBake sourdough.\n\n# Two\n\nBoil leeks.\n\n# Three\n\n{last}\n");
    let vault = Vault::indexed(&[("a.md", &note("Roast beets.")), ("b.md", LOCK)]);
    assert_eq!(vault.totals(), (2, 4));
    vault.write("a.md", note("Grill aubergines."));
    let run = vault.run(&["index"]).expect(0);
    assert_eq!(count(&run.stderr, "embedded"), 1, "{}", run.stderr);
    assert_eq!(vault.totals(), (2, 4));
    let reply = vault.ask("grilling aubergines");
    assert_eq!(reply["results"][0]["first_line"], 9);
    assert!(!vault.run(&["get", "notes/a.md"]).stdout.contains("beets"));
}

#[test]
fn a_moved_note_is_found_where_it_is_without_embedding() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("b.md", BREAD)]);
    std::fs::create_dir(vault.path("notes/sub")).unwrap();
    std::fs::rename(vault.path("notes/b.md"), vault.path("notes/sub/c.md")).unwrap();
    let run = vault.run(&["index"]).expect(0);
    assert_eq!(count(&run.stderr, "embedded"), 0, "{}", run.stderr);
    assert_eq!(vault.first_path("baking sourdough"), "sub/c.md");
    assert_eq!(vault.totals(), (2, 2));
}

#[test]
fn a_touched_note_is_not_parsed_into_anything_new() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    age(&vault, "a.md");
    let run = vault.run(&["index"]).expect(0);
    run.says("nothing changed");
    assert_eq!(vault.ask("GIL")["results"][0]["stale"], false);
}

#[test]
fn a_vanished_note_is_removed() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("b.md", BREAD)]);
    std::fs::remove_file(vault.path("notes/b.md")).unwrap();
    vault.run(&["index"]).expect(0);
    assert_eq!(vault.totals(), (1, 1));
    assert!(!vault.run(&["ask", "--json", "sourdough"]).stdout.contains("sourdough starter"));
}

#[test]
fn an_edit_that_is_not_indexed_yet_makes_its_sources_stale() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("b.md", BREAD)]);
    vault.write("a.md", format!("A new first line.\n\n{LOCK}"));
    let reply = vault.ask("what is the GIL");
    assert_eq!(reply["results"][0]["stale"], true);
    assert!(vault.run(&["ask", "what is the GIL"]).expect(0).stdout.contains("stale"));
    let status: Value = serde_json::from_str(&vault.run(&["status", "--json"]).expect(0).stdout).unwrap();
    assert!(status["changed"].to_string().contains("a.md"), "{status}");
    vault.run(&["index"]).expect(0);
    let reply = vault.ask("what is the GIL");
    assert_eq!(reply["results"][0]["stale"], false);
    assert_eq!(reply["results"][0]["first_line"], 3);
}

#[test]
fn a_second_root_is_added_and_touched_alone() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    std::fs::create_dir(vault.path("recipes")).unwrap();
    std::fs::write(vault.path("recipes/b.md"), BREAD).unwrap();
    vault.write("c.md", LEEKS);
    vault.run(&["index", "recipes"]).expect(0);
    assert_eq!(vault.totals().0, 2, "notes/c.md isn't looked at");
    assert_eq!(vault.ask("sourdough")["results"][0]["root"], "recipes");
    vault.run(&["index"]).expect(0);
    assert_eq!(vault.totals().0, 3);
    vault.run(&["forget", "recipes"]).expect(0);
    assert_eq!(vault.totals().0, 2);
    vault.run(&["index"]).expect(0);
    assert_eq!(vault.totals().0, 2, "a forgotten root isn't walked again");
}

#[test]
fn a_note_that_is_a_root_of_its_own_is_taken_once() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("b.md", BREAD)]);
    vault.run(&["index", "notes/a.md"]).expect(0);
    vault.run(&["index"]).expect(0);
    assert_eq!(vault.totals().0, 2);
    vault.run(&["get", "notes/a.md"]).expect(0);
}

#[test]
fn a_root_that_became_an_index_keeps_no_other_from_being_read() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    std::fs::create_dir(vault.path("recipes")).unwrap();
    std::fs::write(vault.path("recipes/b.md"), BREAD).unwrap();
    vault.run(&["index", "recipes"]).expect(0);
    vault.write("qsearch.json", "{}");
    std::fs::write(vault.path("recipes/c.md"), LEEKS).unwrap();
    vault.run(&["index"]).expect(2).says("notes wasn't refreshed").says("hint:");
    assert_eq!(vault.totals().0, 3);
}

#[test]
fn a_part_of_a_root_is_refreshed_in_it() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("sub/b.md", BREAD)]);
    vault.write("a.md", LEEKS);
    vault.write("sub/c.md", LEEKS);
    vault.run(&["index", "notes/sub"]).expect(0);
    assert_eq!(vault.totals(), (3, 3));
    assert_eq!(vault.first_path("what is the GIL"), "a.md");
    vault.run(&["index", "notes/sub/c.md"]).expect(0);
    vault.run(&["index", "."]).expect(0);
    assert_eq!(vault.totals().0, 3, "what lies in a root inside is indexed once");
}

#[test]
fn a_part_of_a_root_keeps_the_rules_of_the_root() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("sub/b.md", BREAD)]);
    vault.write(".gitignore", "/sub/private/\n");
    vault.write("sub/private/c.md", LEEKS);
    vault.write("sub/d.exe", LEEKS);
    vault.run(&["index", "notes/sub"]).expect(0);
    vault.run(&["index", "notes/sub/d.exe"]).expect(0).says("not a kind of note yet");
    vault.run(&["index", "notes/sub/private"]).expect(0).says("left out by an ignore rule");
    assert_eq!(vault.totals(), (2, 2));
    vault.write(".gitignore", "/sub/b.md\n");
    vault.run(&["index", "notes/sub"]).expect(0);
    assert_eq!(vault.totals(), (2, 2), "c.md is there and b.md isn't any more");
}

#[test]
fn a_root_that_vanished_or_emptied_keeps_its_passages() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    std::fs::rename(vault.path("notes"), vault.path("away")).unwrap();
    vault
        .run(&["index"])
        .expect(2)
        .says("notes")
        .says("the index keeps its 1 file")
        .says("hint: once its notes are there again");
    assert_eq!(vault.totals(), (1, 1));
    assert_eq!(vault.ask("what is the GIL")["results"][0]["stale"], true);
    std::fs::create_dir(vault.path("notes")).unwrap();
    vault
        .run(&["index"])
        .expect(2)
        .says("the index keeps its 1 file")
        .says("hint: once its notes are there again");
    assert_eq!(vault.totals(), (1, 1));
    vault.run(&["forget", "notes"]).expect(0);
    assert_eq!(vault.totals(), (0, 0));
    vault.run(&["ask", "--json", "what is the GIL"]).expect(1);
}

#[test]
fn the_order_of_updates_changes_no_answer() {
    let notes =
        [("a.md", LOCK), ("b.md", BREAD), ("c.md", LEEKS), ("d/e.md", "# Beets\n\nRoast the beets.\n")];
    let fresh = Vault::indexed(&notes);
    let other = Vault::new();
    for (path, text) in notes.iter().rev() {
        other.write(path, format!("# Something else\n\nThe GIL bakes leeks.\n\n{text}"));
        other.write("gone.md", LEEKS);
        other.run(&["index", "notes"]).expect(0);
        other.write(path, text);
        std::fs::remove_file(other.path("notes/gone.md")).unwrap();
        other.run(&["index"]).expect(0);
    }
    for question in ["what is the GIL", "boil leeks", "roast or bake", "soup"] {
        assert_eq!(fresh.ask(question), other.ask(question), "{question}");
    }
}

#[test]
fn threads_change_no_answer() {
    let note: String =
        (0..40).map(|n| format!("## Topic {n}\n\nText about number {n} and more.\n\n")).collect();
    let answers = ["1", "2", "5"].map(|threads| {
        let vault = Vault::new();
        vault.write("a.md", &note);
        vault.write("b.md", LOCK);
        vault.run(&["index", "notes", "--threads", threads]).expect(0);
        vault.ask_with(&["--threads", threads, "number 17"])
    });
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[test]
fn asking_writes_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    let list = || {
        let mut list = Vec::new();
        let mut folders = vec![vault.path("index")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let metadata = entry.metadata().unwrap();
                if metadata.is_dir() {
                    folders.push(entry.path());
                }
                list.push((entry.path(), metadata.len(), metadata.modified().unwrap()));
            }
        }
        list.sort();
        list
    };
    let before = list();
    for folder in ["index/segments", "index"] {
        std::fs::set_permissions(vault.path(folder), std::fs::Permissions::from_mode(0o555)).unwrap();
    }
    vault.ask("what is the GIL");
    vault.run(&["search", "GIL"]).expect(0);
    vault.run(&["status"]).expect(0);
    vault.run(&["check"]).expect(0);
    vault.run(&["get", "notes/a.md"]).expect(0);
    assert_eq!(list(), before);
    for folder in ["index/segments", "index"] {
        std::fs::set_permissions(vault.path(folder), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}
