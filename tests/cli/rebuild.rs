//! `qsearch index --rebuild` and `--optimize`: an index in any state becomes one as good as new, or stays as it is.

use std::path::PathBuf;

use crate::support::{BREAD, LOCK, Vault};

const LEEKS: &str = "# Leeks\n\nBoil the leeks for soup.\n";

/// The files of the index whose names end so.
fn files(vault: &Vault, end: &str) -> Vec<PathBuf> {
    let folders = ["index", "index/segments"].map(|folder| vault.path(folder));
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.to_str().unwrap().ends_with(end)).collect()
}

fn damage(vault: &Vault, end: &str) {
    for path in files(vault, end) {
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.iter_mut().step_by(7).for_each(|byte| *byte ^= 0x55);
        std::fs::write(path, bytes).unwrap();
    }
}

/// Checks that an index is what a fresh one of the same notes would be.
#[track_caller]
fn is_as_new(vault: &Vault, notes: &[(&str, &str)]) {
    let fresh = Vault::indexed(notes);
    for question in ["what is the GIL", "sourdough", "boil leeks"] {
        assert_eq!(vault.ask(question), fresh.ask(question), "{question}");
    }
    let count = |end: &str| files(vault, end).len();
    assert_eq!(
        (count(".vec"), count(".store"), count(".bin"), count(".tmp"), count(".del")),
        (1, 1, 1, 0, 0)
    );
    vault.run(&["index"]).expect(0).says("nothing changed");
}

#[test]
fn a_damaged_index_is_made_anew() {
    let notes = [("a.md", LOCK), ("b.md", BREAD)];
    let vault = Vault::indexed(&notes);
    vault.run(&["index", "--rebuild"]).expect(0).says("2 new; 2 passages embedded");
    is_as_new(&vault, &notes);
    for end in [".store", ".vec", ".bin", ".term", "qsearch.json"] {
        damage(&vault, end);
        vault.run(&["index"]).expect(2).says("is damaged").says("hint:").says("`qsearch index --rebuild`");
        vault.run(&["index", "--rebuild"]).expect(0);
        is_as_new(&vault, &notes);
    }
    for path in files(&vault, ".idx") {
        std::fs::remove_file(path).unwrap();
    }
    vault.run(&["index", "--rebuild"]).expect(0);
    is_as_new(&vault, &notes);
}

#[test]
fn a_copy_of_an_index_without_its_lock_is_made_anew() {
    let notes = [("a.md", LOCK), ("b.md", BREAD)];
    let vault = Vault::indexed(&notes);
    let (marker, lock) = (vault.path("index/qsearch.json"), vault.path("index/writer.lock"));
    for damaged in [&["qsearch.json"][..], &["qsearch.json", "meta.json"], &[]] {
        for file in damaged {
            damage(&vault, file);
        }
        if damaged.is_empty() {
            std::fs::remove_file(&marker).unwrap();
        }
        std::fs::remove_file(&lock).unwrap();
        vault.run(&["index", "--rebuild", "notes"]).expect(0);
        is_as_new(&vault, &notes);
    }
    // A broken file of that name isn't all that an index is.
    std::fs::create_dir(vault.path("photos")).unwrap();
    std::fs::write(vault.path("photos/qsearch.json"), "meow").unwrap();
    std::fs::write(vault.path("photos/cat.jpg"), "meow").unwrap();
    let run = vault.run(&["index", "--rebuild", "notes", "--index", "photos"]).expect(2);
    assert_eq!(std::fs::read_dir(vault.path("photos")).unwrap().count(), 2, "{run:?}");
}

#[test]
fn an_index_of_another_format_is_made_anew() {
    let notes = [("a.md", LOCK), ("b.md", BREAD)];
    let vault = Vault::indexed(&notes);
    // As format 2 had it: without a checksum behind the list of segments, and without what has come since.
    let list = vault.path("index/segments/meta.json");
    let text = std::fs::read_to_string(&list).unwrap();
    let (text, _) = text.trim_end().rsplit_once('\n').unwrap();
    std::fs::write(&list, text.replace(r#"{\"format\":11,"#, r#"{\"format\":2,"#)).unwrap();
    std::fs::write(vault.path("index/qsearch.json"), "{\"format\":2}\n").unwrap();
    vault.run(&["ask", "x"]).expect(2).says("has format 2").says("hint: make it anew").says("--rebuild`");
    vault.run(&["index", "--rebuild"]).expect(0);
    is_as_new(&vault, &notes);
    assert_eq!(std::fs::read_to_string(vault.path("index/qsearch.json")).unwrap(), "{\"format\":11}\n");
    // As a crash between the commit and the marker leaves it.
    std::fs::write(vault.path("index/qsearch.json"), "{\"format\":2}\n").unwrap();
    vault.run(&["ask", "x"]).expect(2).says("has format 2").says("--rebuild`");
    vault.run(&["index", "--rebuild"]).expect(0);
    is_as_new(&vault, &notes);
    std::fs::write(vault.path("index/qsearch.json"), "{\"format\":99}\n").unwrap();
    vault.run(&["ask", "x"]).expect(2).says("hint: install a newer qsearch").says("--rebuild`");
}

#[test]
fn what_would_be_lost_is_named_and_kept() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    std::fs::create_dir(vault.path("disk")).unwrap();
    std::fs::write(vault.path("disk/b.md"), BREAD).unwrap();
    vault.run(&["index", "disk"]).expect(0);
    let refused = || {
        vault
            .run(&["index", "--rebuild"])
            .expect(2)
            .says("it would lose the notes of")
            .says("disk: ")
            .says("hint:");
        assert_eq!(vault.totals(), (2, 2));
        assert_eq!(vault.first_path("baking sourdough"), "b.md");
    };
    std::fs::rename(vault.path("disk"), vault.path("away")).unwrap();
    refused();
    std::fs::create_dir(vault.path("disk")).unwrap();
    refused();
    vault.run(&["index", "--rebuild", "nowhere"]).expect(2).says("nowhere");
    assert_eq!(vault.totals(), (2, 2));
    vault
        .run(&["index", "--rebuild", "notes"])
        .expect(0)
        .says("the index doesn't hold")
        .says("disk any more");
    assert_eq!(vault.totals(), (1, 1));
}

#[test]
fn a_root_inside_the_one_that_is_named_may_be_away() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("disk/b.md", BREAD)]);
    vault.run(&["index", "--rebuild", "notes/disk"]).expect(0);
    vault.run(&["index", "notes"]).expect(0);
    let refused = || {
        vault
            .run(&["index", "--rebuild", "notes"])
            .expect(2)
            .says("it would lose the notes of")
            .says("disk: ")
            .says("`qsearch forget ");
        is_sound(&vault, 2);
    };
    std::fs::rename(vault.path("notes/disk"), vault.path("away")).unwrap();
    refused();
    std::fs::create_dir(vault.path("notes/disk")).unwrap();
    refused();
    vault.run(&["forget", "notes/disk"]).expect(0);
    vault.run(&["index", "--rebuild", "notes"]).expect(0);
    is_sound(&vault, 1);
}

#[test]
fn a_note_that_cannot_be_taken_any_more_is_named_and_kept() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("deep/long.md", BREAD), ("gone.md", LEEKS)]);
    std::fs::remove_file(vault.path("notes/gone.md")).unwrap();
    let limit = (LOCK.len() - 1).to_string();
    let lost = [&["index", "--rebuild", "--max-size", &*limit][..], &["notes"]];
    for args in [lost[0].to_vec(), lost.concat()] {
        let run = vault.run(&args).expect(2).says("it would lose what can't be read now").says("--max-size");
        assert!(run.stderr.contains("notes/a.md: too large"), "{run:?}");
        assert!(!run.stderr.contains("gone.md"), "a note that is gone isn't lost: {run:?}");
        assert_eq!(vault.totals(), (3, 3));
    }
    // What the index never had isn't lost, unless nobody knows what it had.
    vault.write("new.md", BREAD.repeat(9));
    let limit = (9 * BREAD.len() - 1).to_string();
    let rebuild = ["index", "--rebuild", "--max-size", &limit];
    damage(&vault, ".bin");
    vault.run(&rebuild).expect(2).says("it might lose").says("notes/new.md: too large").says("--exclude");
    vault.run(&[&rebuild[..], &["--exclude", "new.md"]].concat()).expect(0);
    assert_eq!(vault.totals(), (2, 2));
    vault.run(&rebuild).expect(2).says("notes/new.md: too large").says("2 new");
    is_sound(&vault, 2);
}

#[cfg(unix)]
#[test]
fn notes_that_cannot_be_opened_any_more_are_named_and_kept() {
    use crate::bad_input::as_nobody;
    use std::os::unix::fs::PermissionsExt;

    let vault = Vault::new();
    vault.write("a.md", LOCK);
    vault.write("cellar/b.md", BREAD);
    let mode = |path: &str, mode| {
        std::fs::set_permissions(vault.path(path), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("", 0o777);
    as_nobody(&vault, &["index", "notes"]).expect(0);
    // The index is nobody's, so it is nobody who looks into it.
    let is_sound = || {
        as_nobody(&vault, &["check"]).expect(0);
        let status = as_nobody(&vault, &["status", "--json"]).expect(0).stdout;
        let status: serde_json::Value = serde_json::from_str(&status).unwrap();
        assert_eq!(status["files"], 2);
    };
    let refused = |note: &str| {
        for args in [&["index", "--rebuild"][..], &["index", "--rebuild", "notes"]] {
            let run = as_nobody(&vault, args).expect(2).says(note).says("permission denied").says("hint:");
            assert!(run.stderr.contains("it would lose what can't be read now"), "{run:?}");
        }
        is_sound();
    };
    mode("notes/cellar", 0o000);
    refused("cellar/b.md");
    mode("notes/cellar", 0o755);
    // The files are listed as ever.
    mode("notes/a.md", 0o000);
    mode("notes/cellar/b.md", 0o000);
    refused("a.md");
    mode("notes/a.md", 0o644);
    refused("cellar/b.md");
    mode("notes/cellar/b.md", 0o644);
    as_nobody(&vault, &["index", "--rebuild"]).expect(0);
    is_sound();
}

/// Checks that an index is sound and has so many notes.
#[track_caller]
fn is_sound(vault: &Vault, notes: u64) {
    vault.run(&["check"]).expect(0);
    assert_eq!(vault.totals().0, notes);
}

#[test]
fn a_root_of_which_the_index_has_nothing_is_not_lost() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    std::fs::create_dir(vault.path("disk")).unwrap();
    std::fs::write(vault.path("disk/b.md"), BREAD).unwrap();
    vault.run(&["index", "disk"]).expect(0);
    std::fs::remove_file(vault.path("disk/b.md")).unwrap();
    vault.run(&["forget", "disk/b.md"]).expect(0);
    vault.run(&["index", "--rebuild"]).expect(0);
    is_sound(&vault, 1);
    damage(&vault, ".bin");
    vault.run(&["index", "--rebuild"]).expect(2).says("it would lose the notes of").says("disk: ");
}

#[test]
fn an_index_that_remembers_nothing_asks_for_folders() {
    let notes = [("a.md", LOCK)];
    let vault = Vault::indexed(&notes);
    damage(&vault, "meta.json");
    vault.run(&["index", "--rebuild"]).expect(2).says("can't be read from it").says("hint: name the folders");
    vault.run(&["index", "--rebuild", "notes"]).expect(0);
    is_as_new(&vault, &notes);
    std::fs::remove_dir_all(vault.path("index/segments")).unwrap();
    vault.run(&["index", "--rebuild"]).expect(2).says("hint:");
    vault.run(&["index", "--rebuild", "notes"]).expect(0);
    is_as_new(&vault, &notes);
}

#[test]
fn what_a_damaged_list_remembers_is_named() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    let list = vault.path("index/segments/meta.json");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, text.replace(r#"\"name\":\"notes\""#, r#"\"name\":\"nodes\""#)).unwrap();
    vault.run(&["index", "--rebuild"]).expect(0).says("notes is called `nodes`, as a damaged file");
    vault.run(&["forget", "notes"]).expect(0);
    vault.run(&["index", "notes"]).expect(0);
    let run = vault.run(&["index", "--rebuild"]).expect(0);
    assert!(!run.stderr.contains("damaged"), "{run:?}");
    is_as_new(&vault, &[("a.md", LOCK)]);
}

#[test]
fn where_there_is_no_index_one_is_made_and_other_folders_are_left_alone() {
    let vault = Vault::new();
    vault.write("a.md", LOCK);
    vault.run(&["index", "--rebuild"]).expect(2).says("hint:");
    std::fs::create_dir(vault.path("photos")).unwrap();
    std::fs::write(vault.path("photos/cat.jpg"), "meow").unwrap();
    vault.run(&["index", "--rebuild", "notes", "--index", "photos"]).expect(2).says("photos").says("hint:");
    assert_eq!(std::fs::read_dir(vault.path("photos")).unwrap().count(), 1);
    vault.run(&["index", "--rebuild", "notes"]).expect(0);
    is_as_new(&vault, &[("a.md", LOCK)]);
}

#[test]
fn an_optimised_index_is_one_segment_without_the_dead() {
    let notes = [("a.md", LOCK), ("b.md", BREAD), ("c.md", LEEKS)];
    let vault = Vault::indexed(&[("c.md", "# Beets\n\nRoast the beets.\n"), ("d.md", LEEKS)]);
    for (path, text) in notes {
        vault.write(path, text);
        vault.run(&["index"]).expect(0);
    }
    std::fs::remove_file(vault.path("notes/d.md")).unwrap();
    vault.run(&["index"]).expect(0);
    assert!(files(&vault, ".vec").len() > 1);
    vault.run(&["index", "--optimize"]).expect(0).says("nothing changed");
    is_as_new(&vault, &notes);
    vault.write("e.md", "# Beets\n\nRoast the beets.\n");
    vault.run(&["index", "--optimize"]).expect(0).says("1 new");
    assert_eq!(files(&vault, ".vec").len(), 1);
    vault.run(&["index", "--optimize"]).expect(0).says("nothing changed");
    assert_eq!(vault.totals(), (4, 4));
}
