//! Notes that have changed since they were indexed: counted beside the answer, and read first if that is wanted.

use std::fs;

use serde_json::{Value, json};

use crate::support::{BREAD, LOCK, Run, Vault, forge};

/// How many notes a reply says have changed. On a machine that is busy that may not be known the first time.
fn stale(vault: &Vault) -> u64 {
    let known = |_| vault.json(&["ask", "what is the GIL"])["stale_notes"].as_u64();
    (0..100).find_map(known).unwrap()
}

/// A run that says something on stderr, which it may not do each time.
fn until_said(vault: &Vault, args: &[&str]) -> Run {
    (0..100).map(|_| vault.run(args).expect(0)).find(|run| !run.stderr.is_empty()).unwrap()
}

#[test]
fn what_has_changed_is_counted() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("b.md", BREAD), ("sub/c.md", BREAD)]);
    // Its time is too near to tell anything, so it is read.
    assert_eq!(stale(&vault), 0);
    vault.write("sub/new.md", "# Owls\n\nThey hunt at night.\n");
    vault.write("sub/none.md", b"\0\x01\x02\0");
    assert_eq!(stale(&vault), 1);
    let said = "1 note changed since; --refresh reads it first\n";
    for args in [&["ask", "what is the GIL"][..], &["search", "GIL"], &["search", "--json", "GIL"]] {
        assert_eq!(until_said(&vault, args).stderr, said, "{args:?}");
        assert_eq!(vault.run(&[args, &["--quiet"]].concat()).stderr, "");
    }
    vault.write("b.md", BREAD.to_uppercase());
    fs::remove_file(vault.path("notes/sub/c.md")).unwrap();
    // Touched, but the same.
    vault.write("a.md", LOCK);
    assert_eq!(stale(&vault), 3);
    assert_eq!(
        until_said(&vault, &["ask", "what is the GIL"]).stderr,
        "3 notes changed since; --refresh reads them first\n"
    );
    vault.run(&["index"]).expect(0);
    assert_eq!(stale(&vault), 0);
}

#[test]
fn what_cant_be_compared_is_not_counted() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("b.md", BREAD)]);
    fs::create_dir(vault.path("gone")).unwrap();
    fs::write(vault.path("gone/c.md"), BREAD).unwrap();
    vault.run(&["index", "gone"]).expect(0);
    fs::remove_dir_all(vault.path("gone")).unwrap();
    assert_eq!(stale(&vault), 0);
    // Nor is a root looked at that nobody has confirmed.
    let mut roots = json!([{ "name": "notes", "path": "/", "samples": [] }]);
    let elsewhere = Vault::indexed(&[("a.md", LOCK)]);
    elsewhere.write("new.md", BREAD);
    roots[0]["path"] = elsewhere.path("notes").to_str().unwrap().into();
    forge(&vault.path("index"), "roots", &roots);
    assert_eq!(stale(&vault), 0);
    let trusted = |_| vault.json(&["ask", "--trust", "what is the GIL"])["stale_notes"].as_u64();
    assert_eq!((0..100).find_map(trusted), Some(2), "new.md is new, b.md isn't there");
}

#[test]
fn notes_are_read_first_if_that_is_wanted() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    vault.write("b.md", BREAD);
    let run = vault.run(&["ask", "--refresh", "how often is the sourdough starter fed"]).expect(0);
    assert!(run.stdout.contains("twice a day"), "{run:?}");
    assert!(run.stderr.starts_with("indexed 2 files, 2 passages (1 new; "), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1);
    vault.write("c.md", "# Owls\n\nThey hunt at night.\n");
    fs::write(vault.path("qsearch.toml"), "refresh = true\n").unwrap();
    let run = vault.run(&["search", "--json", "what do owls do at night"]).expect(0);
    assert_eq!(serde_json::from_str::<Value>(&run.stdout).unwrap()[0]["path"], "c.md");
    assert_eq!(stale(&vault), 0);
    assert_eq!(vault.run(&["ask", "what is the GIL"]).expect(0).stderr, "", "there is nothing to tell");
    // A project has no say about an index that isn't its own.
    fs::create_dir(vault.path("other")).unwrap();
    fs::write(vault.path("other/qsearch.toml"), "refresh = true\n").unwrap();
    fs::remove_file(vault.path("qsearch.toml")).unwrap();
    vault.write("d.md", "# Beets\n\nRoast them.\n");
    let index = vault.path("index");
    let mut command = vault.command();
    command.current_dir(vault.path("other")).args(["search", "beets", "--index"]).arg(index);
    crate::support::finish(&mut command);
    assert_eq!(vault.totals().0, 3);
}

#[test]
fn an_answer_comes_also_where_the_index_cant_be_written() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    vault.write("b.md", BREAD);
    let lock = fs::File::open(vault.path("index/writer.lock")).unwrap();
    lock.lock().unwrap();
    vault.run(&["ask", "--refresh", "what is the GIL"]).expect(2).says("is being written").says("hint:");
    fs::write(vault.path("qsearch.toml"), "refresh = true\n").unwrap();
    let run = vault.run(&["ask", "what is the GIL"]).expect(0);
    assert!(run.stdout.starts_with("A mutex"), "{run:?}");
    run.says("warning: notes that have changed aren't read: the index at");
    // What can be read is read, and what can't is told.
    drop(lock);
    fs::rename(vault.path("notes"), vault.path("away")).unwrap();
    let run = vault.run(&["ask", "what is the GIL"]).expect(0).says("wasn't refreshed");
    assert!(run.stdout.starts_with("A mutex"), "{run:?}");
}
