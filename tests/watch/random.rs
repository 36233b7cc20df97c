//! A thousand edits, renames, moves and deletions, after which the index is as a fresh one.
//!
//! `QSEARCH_WATCH_SECONDS=300 cargo test --release --test watch random -- --nocapture` takes as long as it says for them,
//! instead of 20 seconds, and tells how many refreshes there were, how soon the index was right, and what the processor did
//! meanwhile; `QSEARCH_WATCH_IDLE=60` has it look for so long how much that is while nothing happens.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use qsearch::library::Library;
use qsearch::store::Snapshot;

use super::vault::{Vault, holds};

/// How many things happen.
const STEPS: u32 = 1000;

/// A number from the environment.
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Numbers that are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }
}

/// What is below a folder: files, or folders.
fn below(folder: &Path, wants_folders: bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_path_buf()];
    while let Some(at) = left.pop() {
        for entry in fs::read_dir(&at).unwrap().map(Result::unwrap) {
            let is_dir = entry.file_type().unwrap().is_dir();
            if is_dir {
                left.push(entry.path());
            }
            if is_dir == wants_folders {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// Does one of the things that happen to notes.
fn step(root: &Path, dice: &mut Dice, number: u32) {
    let pick = |list: &[PathBuf], dice: &mut Dice| list.get(dice.below(list.len().max(1))).cloned();
    let text = format!(
        "# Note {number}\n\nSomething new, for the {number}th time.\n\n## More\n\nThere are {number} owls.\n"
    );
    let folders = below(root, true);
    let folder = pick(&folders, dice).unwrap_or_else(|| root.to_path_buf());
    let file = pick(&below(root, false), dice);
    match (dice.below(20), file) {
        (0..=4, _) => fs::write(folder.join(format!("n{number}.md")), text).unwrap(),
        (5..=8, Some(file)) => fs::write(file, text).unwrap(),
        (9, Some(file)) => {
            let temporary = file.with_file_name(format!(".tmp{number}"));
            fs::write(&temporary, text).unwrap();
            fs::rename(temporary, file).unwrap();
        }
        (10 | 11, Some(file)) => fs::remove_file(file).unwrap(),
        (12, Some(file)) => fs::rename(file, folder.join(format!("r{number}.md"))).unwrap(),
        (13 | 14, _) if folders.len() < 60 => {
            let new = folder.join(format!("d{number}/e"));
            fs::create_dir_all(&new).unwrap();
            fs::write(new.join("first.md"), text).unwrap();
        }
        (15, _) if folder != root => {
            fs::rename(&folder, folder.with_file_name(format!("m{number}"))).unwrap();
        }
        (16, _) => {
            let into = pick(&folders, dice).unwrap_or_else(|| root.to_path_buf());
            if folder != root && !into.starts_with(&folder) && into.components().count() < 16 {
                fs::rename(&folder, into.join(format!("i{number}"))).unwrap();
            }
        }
        (17, _) if folder != root && below(&folder, false).len() < 6 => fs::remove_dir_all(folder).unwrap(),
        (18, _) => {
            let rules = ["", "n1*.md\n", "/d1*/\n!d17*\n", "e\n"][dice.below(4)];
            fs::write(folder.join(".gitignore"), rules).unwrap();
        }
        _ => fs::write(root.join(format!("top{}.md", dice.below(30))), text).unwrap(),
    }
}

/// All that an index says of each note.
fn content(index: &Path) -> BTreeMap<String, String> {
    let snapshot = Snapshot::open(index).unwrap();
    let library = Library::open(index);
    let note = |record: qsearch::store::FileRecord| {
        let name = format!("{}/{}", record.root, record.path);
        let said = record.unread.clone().unwrap_or_else(|| format!("{:?}", library.get(&name).unwrap()));
        (name, format!("{:?} {} {said}", record.hash, record.passages))
    };
    snapshot.files().unwrap().into_iter().map(note).collect()
}

#[test]
fn after_a_thousand_steps_the_index_is_as_a_fresh_one() {
    let seconds = setting("QSEARCH_WATCH_SECONDS", 20);
    let vault = Vault::new();
    let (root, index) = (vault.path("notes"), vault.path("index"));
    for number in 0..60 {
        let text = format!("# Begin {number}\n\nThere were {number} owls at first.\n");
        vault.write(&format!("notes/begin{}/b{number}.md", number % 7), &text);
    }
    let watch = vault.watch(&[]);
    watch.settles(Duration::from_secs(2));
    let (before, began) = (watch.refreshes(), Instant::now());
    let mut dice = Dice(0x5eed_0f0e_1234_5678);
    for number in 0..STEPS {
        step(&root, &mut dice, number);
        let due = Duration::from_secs(seconds) * (number + 1) / STEPS;
        std::thread::sleep(due.saturating_sub(began.elapsed()));
    }
    // A root without notes keeps those that it had.
    fs::write(root.join("last.md"), "# Last\n\nThe last note.\n").unwrap();
    let ended = Instant::now();
    vault.run(&["index", "--index", "fresh", "notes"]);
    let fresh = content(&vault.path("fresh"));
    assert!(fresh.len() > 30, "there is too little left to compare: {}", fresh.len());
    let mut found = BTreeMap::new();
    let is_same = holds(|| {
        found = content(&index);
        found == fresh
    });
    let after = ended.elapsed();
    let mut names = fresh.keys().chain(found.keys());
    let differs = names.find(|note| fresh.get(*note) != found.get(*note));
    let both = differs.map(|note| (note, fresh.get(note), found.get(note)));
    assert!(is_same, "{both:#?}\n{}", watch.log());
    for question in ["the owls of note 7", "what is the last note?"] {
        let asked = |index: &str| vault.run(&["search", "--json", "--index", index, question]);
        assert_eq!(asked("index"), asked("fresh"), "{question}");
    }
    let refreshes = watch.refreshes() - before;
    let whole = began.elapsed();
    assert!(refreshes as u64 <= whole.as_secs() + 1, "{refreshes} refreshes in {whole:?}");
    eprintln!(
        "{STEPS} steps in {seconds} s: {refreshes} refreshes ({:.2} a second), the same as a fresh index after {:.1} s",
        refreshes as f64 / whole.as_secs_f64(),
        after.as_secs_f64()
    );
    watch.settles(Duration::from_secs(2));
    let time = Duration::from_secs(setting("QSEARCH_WATCH_IDLE", 5));
    let spent = spent_idly(&watch, time);
    eprintln!("idle for {time:?}: {spent:?} of the processor's time");
    // Whoever waits busily spends all of it.
    assert!(spent < time / 5, "{spent:?} of {time:?}");
}

/// How much of the processor's time is spent while nothing happens for some time.
#[cfg(target_os = "linux")]
fn spent_idly(watch: &super::vault::Watch, time: Duration) -> Duration {
    let before = watch.processor_time();
    std::thread::sleep(time);
    watch.processor_time().saturating_sub(before)
}

/// Elsewhere it isn't known.
#[cfg(not(target_os = "linux"))]
fn spent_idly(_watch: &super::vault::Watch, _time: Duration) -> Duration {
    Duration::ZERO
}
