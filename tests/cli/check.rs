//! `qsearch check`: a sound index passes, and a flipped byte in any file is named.

use serde_json::Value;

use crate::support::{BREAD, LOCK, Vault};

#[test]
fn a_sound_index_passes_whatever_became_of_it() {
    let vault = Vault::new();
    vault.run(&["check"]).expect(2).says("there is no index").says("hint:");
    let vault = Vault::indexed(&[("a.md", LOCK), ("b.md", BREAD)]);
    let run = vault.run(&["check"]).expect(0);
    assert!(run.stdout.starts_with("sound     ") && run.stdout.contains("2 notes, 2 passages"), "{run:?}");
    for round in 0..5 {
        vault.write("a.md", format!("# Round {round}\n\nThis is round {round}.\n"));
        vault.write(format!("{round}.md"), format!("# More\n\nMore of {round}.\n"));
        vault.run(&["index"]).expect(0);
        vault.run(&["check"]).expect(0);
    }
    vault.run(&["index", "--optimize"]).expect(0);
    std::fs::write(vault.path("index/files-999.bin"), "half").unwrap();
    let run = vault.run(&["check", "--json"]).expect(0).says("1 file that a run left which was stopped");
    let checked: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(
        (&checked["sound"], &checked["notes"], &checked["passages"]),
        (&true.into(), &7.into(), &7.into())
    );
    assert_eq!((&checked["segments"], checked["findings"].as_array().unwrap().len()), (&1.into(), 0));
    assert!(checked["leftovers"][0].as_str().unwrap().ends_with("files-999.bin"));
}

#[test]
fn what_a_run_is_writing_is_not_left_over() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    std::fs::write(vault.path("index/files-999.bin"), "half").unwrap();
    let path = vault.path("index/writer.lock");
    let lock = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    lock.lock().unwrap();
    let holder = std::fs::read(&path).unwrap();
    let run = vault.run(&["check", "--json"]).expect(0).says("a run is writing the index");
    assert!(!run.stderr.contains("stopped"), "{run:?}");
    let checked: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&checked["writing"], checked["leftovers"].as_array().unwrap().len()), (&true.into(), 0));
    assert_eq!(std::fs::read(&path).unwrap(), holder);
    drop(lock);
    let run = vault.run(&["check"]).expect(0).says("1 file that a run left which was stopped");
    assert!(!run.stderr.contains("is writing"), "{run:?}");
}

#[test]
fn a_flipped_byte_is_named_and_mended() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("b.md", BREAD)]);
    let folders = ["index", "index/segments"].map(|folder| std::fs::read_dir(vault.path(folder)).unwrap());
    let files =
        folders.into_iter().flatten().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    for file in files.filter(|file| !file.ends_with("writer.lock")) {
        let whole = std::fs::read(&file).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 3] ^= 1;
        std::fs::write(&file, flipped).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        let run = vault.run(&["check"]).expect(2).says("hint:").says("`qsearch index --rebuild`");
        assert!(run.stdout.starts_with("damaged   ") && run.stdout.contains(name), "{name}: {run:?}");
        let run = vault.run(&["check", "--json"]).expect(2);
        let checked: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(checked["sound"], false);
        assert!(checked["findings"][0]["file"].as_str().unwrap().ends_with(name), "{name}: {checked}");
        std::fs::write(&file, whole).unwrap();
    }
    vault.run(&["check"]).expect(0);
}
