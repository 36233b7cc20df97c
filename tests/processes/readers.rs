//! While one process writes, others read, and each answer is that of one committed state.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use qsearch::error::{Error, Result};
use qsearch::store::{Maintenance, Snapshot, Writer};

use super::history::{Dice, History, folder, number, rebuilder, writer};
use super::{command, start, tell, told, variable};

/// How many processes read.
const READERS: usize = 8;
/// How many states each of them keeps open.
const KEPT: usize = 4;

/// Says how many commits there are, for processes that look there: at least so many (`done`), or at most (`begun`).
fn note(dir: &Path, name: &str, number: u32) {
    let new = dir.join(format!("{name}.new"));
    fs::write(&new, number.to_string()).unwrap();
    fs::rename(new, dir.join(name)).unwrap();
}

/// How many commits there are, as was noted.
fn noted(dir: &Path, name: &str) -> u32 {
    fs::read_to_string(dir.join(name)).unwrap().parse().unwrap()
}

/// Opens an index for writing as soon as nobody else does.
fn patiently(open: impl Fn() -> Result<Writer>) -> Writer {
    loop {
        match open() {
            Err(Error::Busy { .. }) => std::thread::sleep(Duration::from_millis(1)),
            opened => return opened.unwrap(),
        }
    }
}

/// Makes the next state the index's.
fn commit(dir: &Path, history: &History, number: u32) {
    let (index, state) = (dir.join("index"), history.state(number));
    note(dir, "begun", number);
    if number % 5 == 3 {
        // What is never committed must never be seen.
        let mut dropped = patiently(|| writer(&index));
        history.state(number + 7).write(&history.state(number - 1), &mut dropped).unwrap();
    }
    let anew = number % 11 == 10;
    let mut writer = patiently(|| if anew { rebuilder(&index) } else { writer(&index) });
    state.write(&history.state(if anew { 0 } else { number - 1 }), &mut writer).unwrap();
    writer.commit(&Maintenance::new(number.is_multiple_of(4), &|_| true)).unwrap();
    note(dir, "done", number);
}

/// What the process that writes does, for so many seconds: one commit after the other.
pub(crate) fn write(orders: &str) {
    let (seconds, dir) = orders.split_once('\n').unwrap();
    let (history, dir) = (History::new(false), Path::new(dir));
    let end = Instant::now() + Duration::from_secs(seconds.parse().unwrap());
    let mut number = noted(dir, "done");
    while Instant::now() < end {
        number += 1;
        commit(dir, &history, number);
    }
    tell("commits", number);
}

/// What a process that reads does, for so many seconds: it asks the index as it is now, and as it was.
pub(crate) fn read(orders: &str) {
    let [seed, seconds, dir] = orders.split('\n').collect::<Vec<_>>().try_into().unwrap();
    let (history, dir) = (History::new(false), Path::new(dir));
    let mut dice = Dice::new(seed.parse().unwrap());
    let end = Instant::now() + Duration::from_secs(seconds.parse().unwrap());
    let (mut kept, mut answers, mut states): (Vec<Snapshot>, u32, Vec<u32>) = (Vec::new(), 0, Vec::new());
    while Instant::now() < end {
        let least = noted(dir, "done");
        let snapshot = Snapshot::open(&dir.join("index")).unwrap();
        let most = noted(dir, "begun");
        let state = number(&snapshot);
        assert!((least..=most).contains(&state), "state {state} is seen between {least} and {most}");
        states.push(state);
        kept.push(snapshot);
        for asked in [kept.len() - 1, dice.below(kept.len())] {
            let snapshot = &kept[asked];
            history.state(number(snapshot)).check(snapshot);
            answers += 1;
        }
        if kept.len() > KEPT {
            kept.swap_remove(dice.below(kept.len()));
        }
    }
    assert!(states.is_sorted(), "a reader went back in time: {states:?}");
    states.dedup();
    tell("answers", answers);
    tell("states", states.len() as u32);
}

/// What a process has told when it has ended well.
fn outcome(process: Child) -> Vec<(String, u32)> {
    let output = process.wait_with_output().unwrap();
    let (said, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{errors}");
    said.lines().filter_map(told).map(|(what, number)| (what.to_owned(), number)).collect()
}

#[test]
fn every_answer_is_that_of_a_committed_state() {
    let dir = folder();
    commit(dir.path(), &History::new(false), 1);
    let seconds = variable("QSEARCH_READING_SECONDS", 3).to_string();
    let path = dir.path().to_str().unwrap();
    let mut writing = start("writer", &[&seconds, path]);
    let reading: Vec<Child> =
        (0..READERS).map(|seed| start("reader", &[&seed.to_string(), &seconds, path])).collect();
    let (mut refused, named) = (Vec::new(), format!("process {} (since ", writing.id()));
    while writing.try_wait().unwrap().is_none() {
        match writer(&dir.path().join("index")) {
            Ok(second) => drop(second),
            Err(Error::Busy { holder, .. }) => refused.push(holder),
            Err(error) => panic!("a second writer is told: {error}"),
        }
        std::thread::sleep(Duration::from_millis(15));
    }
    assert!(refused.iter().any(|holder| holder.starts_with(&named)), "{refused:?}");
    let commits = outcome(writing);
    let answers: Vec<_> = reading.into_iter().map(outcome).collect();
    println!("{commits:?} {answers:?}");
    let total =
        |what: &str| answers.iter().flatten().filter(|told| told.0 == what).map(|told| told.1).sum::<u32>();
    assert!(total("answers") >= 2 * READERS as u32 && total("states") > READERS as u32);
    let last = noted(dir.path(), "done");
    History::new(false).state(last).check_answers(&Snapshot::open(&dir.path().join("index")).unwrap());
}

/// Gives a folder and all that lies in it these permissions.
fn set_mode(path: &Path, folder: u32, file: u32) {
    for entry in fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            set_mode(&entry, folder, file);
        } else {
            fs::set_permissions(entry, fs::Permissions::from_mode(file)).unwrap();
        }
    }
    fs::set_permissions(path, fs::Permissions::from_mode(folder)).unwrap();
}

#[test]
fn an_index_that_nobody_may_write_can_be_asked() {
    let dir = tempfile::tempdir().unwrap();
    for number in 1..=3 {
        commit(dir.path(), &History::new(false), number);
    }
    let program = dir.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    set_mode(dir.path(), 0o555, 0o444);
    fs::set_permissions(&program, fs::Permissions::from_mode(0o555)).unwrap();
    let mut reader = command(&program, "reader", &["1", "1", dir.path().to_str().unwrap()]);
    if fs::metadata(dir.path()).unwrap().uid() == 0 {
        // Modes don't bind root.
        reader.uid(65534).gid(65534);
    }
    let told = outcome(reader.spawn().unwrap());
    assert!(told.iter().any(|(what, answers)| what == "answers" && *answers > 0), "{told:?}");
    set_mode(dir.path(), 0o755, 0o644);
}
