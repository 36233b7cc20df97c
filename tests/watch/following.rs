//! The index follows what happens to notes, and nothing else.

use std::fs;
use std::time::Duration;

use super::vault::{Vault, holds};

#[test]
fn edits_new_folders_renames_and_deletions_are_followed() {
    let vault = Vault::new();
    let watch = vault.watch(&[]);
    vault.write("notes/bread.md", "# Bread\n\nBake it in an iron pot.\n");
    vault.says("notes/bread.md", "iron pot");

    // Files that are there before the folder can be watched, and one that comes later.
    vault.write("notes/new/a/b/c/first.md", "# First\n\nA tern flies far.\n");
    vault.becomes(&["notes/bread.md", "notes/deep/er/owls.md", "notes/new/a/b/c/first.md"]);
    vault.write("notes/new/a/b/second.md", "# Second\n\nA wren is small.\n");
    vault.becomes(&[
        "notes/bread.md",
        "notes/deep/er/owls.md",
        "notes/new/a/b/c/first.md",
        "notes/new/a/b/second.md",
    ]);

    vault.rename("notes/new", "notes/deep/moved");
    let moved = [
        "notes/bread.md",
        "notes/deep/er/owls.md",
        "notes/deep/moved/a/b/c/first.md",
        "notes/deep/moved/a/b/second.md",
    ];
    vault.becomes(&moved);
    vault.write("notes/deep/moved/a/b/second.md", "# Second\n\nA wren sings.\n");
    vault.says("notes/deep/moved/a/b/second.md", "sings");

    // The same name again, with another folder behind it.
    vault.write("notes/new/third.md", "# Third\n\nA swift sleeps in the air.\n");
    vault.becomes(&[&moved[..], &["notes/new/third.md"]].concat());
    vault.write("notes/new/third.md", "# Third\n\nA swift never lands.\n");
    vault.says("notes/new/third.md", "never lands");

    fs::remove_dir_all(vault.path("notes/deep")).unwrap();
    fs::remove_file(vault.path("notes/bread.md")).unwrap();
    vault.becomes(&["notes/new/third.md"]);
    drop(watch);
}

#[test]
fn an_editor_that_replaces_files_is_followed() {
    let vault = Vault::new();
    let watch = vault.watch(&[]);
    for (number, temporary) in ["notes/.bread.md.swp", "notes/4913", "notes/bread.md~"].iter().enumerate() {
        let text = format!("# Bread\n\nVersion {number} of it.\n");
        vault.write(temporary, &text);
        vault.rename(temporary, "notes/bread.md");
        vault.says("notes/bread.md", &format!("Version {number}"));
    }
    vault.becomes(&["notes/bread.md", "notes/deep/er/owls.md"]);
    drop(watch);
}

#[test]
fn an_index_inside_of_the_notes_wakes_nobody() {
    let vault = Vault::empty();
    vault.write("notes/a.md", "# A\n\nAn auk dives.\n");
    let watch = vault.watch(&["--index", "notes/index", "notes"]);
    watch.settles(Duration::from_secs(3));
    vault.write("notes/b.md", "# B\n\nA bittern booms.\n");
    watch.changes(1);
    let before = watch.settles(Duration::from_secs(3));
    for command in [&["ask", "what booms?"][..], &["search", "auk"], &["check"], &["status"]] {
        vault.run(&[&["--index", "notes/index"], command].concat());
    }
    // What isn't a note, or is left out.
    vault.write("notes/.hidden/x.md", "# X\n");
    vault.write("notes/x.exe", "MZ");
    vault.write("notes/.a.md.swp", "text");
    assert_eq!(watch.settles(Duration::from_secs(3)), before, "{}", watch.log());
}

#[test]
fn what_ignore_files_leave_out_wakes_nobody_until_they_change() {
    let vault = Vault::new();
    vault.write("notes/.gitignore", "build/\n*.log.md\n");
    vault.write("notes/build/out.md", "# Out\n\nBuilt.\n");
    let watch = vault.watch(&[]);
    let before = watch.settles(Duration::from_secs(2));
    for number in 0..20 {
        vault.write("notes/build/out.md", &format!("# Out\n\nBuilt {number} times.\n"));
        vault.write("notes/x.log.md", "# Log\n");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(watch.settles(Duration::from_secs(3)), before, "{}", watch.log());
    vault.write("notes/.gitignore", "*.log.md\n");
    vault.becomes(&["notes/bread.md", "notes/build/out.md", "notes/deep/er/owls.md"]);
    vault.write("notes/build/more.md", "# More\n\nWatched now.\n");
    vault.becomes(&["notes/bread.md", "notes/build/more.md", "notes/build/out.md", "notes/deep/er/owls.md"]);
    vault.write("notes/.qsearchignore", "build\n");
    vault.becomes(&["notes/bread.md", "notes/deep/er/owls.md"]);
}

#[test]
fn a_burst_is_a_few_refreshes() {
    let vault = Vault::new();
    let watch = vault.watch(&[]);
    let before = watch.settles(Duration::from_secs(2));
    // As a checkout does: many files in many folders at once, and half of them gone again.
    for number in 0..400 {
        vault.write(
            &format!("notes/lib{}/f{number}.md", number % 20),
            &format!("# F{number}\n\nNumber {number}.\n"),
        );
    }
    for number in (0..400).filter(|number| number % 20 < 10) {
        fs::remove_file(vault.path(format!("notes/lib{}/f{number}.md", number % 20))).unwrap();
    }
    assert!(holds(|| vault.notes().len() == 202));
    let after = watch.settles(Duration::from_secs(3));
    assert!(after - before <= 6, "{} refreshes", after - before);
}

#[test]
fn a_root_that_goes_keeps_its_notes_and_is_found_again() {
    let vault = Vault::new();
    let watch = vault.watch(&[]);
    watch.settles(Duration::from_secs(1));
    vault.rename("notes", "elsewhere");
    let gone = watch.hear("refreshed");
    assert_eq!(gone["kept"][0]["root"], "notes", "{gone}");
    assert_eq!(vault.notes().len(), 2);
    vault.write("elsewhere/new.md", "# New\n\nWritten meanwhile.\n");
    vault.rename("elsewhere", "notes");
    vault.becomes(&["notes/bread.md", "notes/deep/er/owls.md", "notes/new.md"]);
    vault.write("notes/deep/er/late.md", "# Late\n\nWatched again.\n");
    vault.becomes(&["notes/bread.md", "notes/deep/er/late.md", "notes/deep/er/owls.md", "notes/new.md"]);
}

#[test]
fn a_root_can_be_one_file_or_behind_a_link() {
    let vault = Vault::empty();
    vault.write("todo.md", "# Todo\n\nBuy flour.\n");
    vault.write("far/away/x.md", "# X\n\nA knot wades.\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("far", vault.path("link")).unwrap();
    let link = if cfg!(unix) { "link/away" } else { "far/away" };
    let watch = vault.watch(&["todo.md", link]);
    vault.write("todo.md.tmp", "# Todo\n\nBuy salt.\n");
    vault.rename("todo.md.tmp", "todo.md");
    vault.says("todo.md/todo.md", "Buy salt");
    vault.write("far/away/deep/y.md", "# Y\n\nA ruff struts.\n");
    vault.becomes(&["away/deep/y.md", "away/x.md", "todo.md/todo.md"]);
    drop(watch);
}

#[test]
fn folders_that_others_index_are_watched_too() {
    let vault = Vault::new();
    let watch = vault.watch(&[]);
    watch.settles(Duration::from_secs(1));
    vault.write("wiki/a.md", "# A\n\nA gannet plunges.\n");
    vault.run(&["index", "wiki"]);
    let watching = watch.hear("watching");
    assert_eq!(watching["roots"].as_array().unwrap().len(), 2, "{watching}");
    vault.write("wiki/b.md", "# B\n\nA shag dries its wings.\n");
    vault.becomes(&["notes/bread.md", "notes/deep/er/owls.md", "wiki/a.md", "wiki/b.md"]);
}
