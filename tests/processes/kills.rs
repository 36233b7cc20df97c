//! A writer that is killed at any moment leaves the state before its commit or the one after it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use qsearch::error::Error;
use qsearch::store::{self, Maintenance, Snapshot, Step};

use super::history::{Dice, History, folder, number, writer};
use super::{start, tell, told, variable};

/// What a writer does one after the other.
const PHASES: [&str; 5] = ["open", "change", "commit", "merge", "link"];

/// What a writer does until it is killed: one commit after the other.
pub(crate) fn victim(orders: &str) {
    let [size, before, dir] = orders.split('\n').collect::<Vec<_>>().try_into().unwrap();
    let history = History::new(size == "large");
    for number in before.parse::<u32>().unwrap() + 1.. {
        tell("open", number);
        let mut writer = writer(Path::new(dir)).unwrap();
        tell("change", number);
        history.state(number).write(&history.state(number - 1), &mut writer).unwrap();
        tell("commit", number);
        let watch = |step| {
            match step {
                Step::Merging(_) => tell("merge", number),
                Step::BuildingGraph { done: 0, .. } => tell("link", number),
                Step::BuildingGraph { .. } => {}
            }
            true
        };
        writer.commit(&Maintenance::new(number.is_multiple_of(2), &watch)).unwrap();
        tell("done", number);
    }
}

/// An index, and the writers that were killed on it.
struct Field {
    size: &'static str,
    dir: tempfile::TempDir,
    history: History,
    dice: Dice,
    /// How many commits the index has seen.
    number: u32,
    /// How long each phase took when it was last seen whole.
    lengths: BTreeMap<String, Duration>,
    /// How often a writer was killed in each phase.
    kills: BTreeMap<String, u32>,
}

impl Field {
    fn new(size: &'static str) -> Self {
        let (history, dice) = (History::new(size == "large"), Dice::new(3));
        let (lengths, kills) = (BTreeMap::new(), BTreeMap::new());
        Self { size, dir: folder(), history, dice, number: 0, lengths, kills }
    }

    /// Starts a writer and kills it, some time after it has begun with a phase; tells which commit it last said that
    /// it had made.
    fn kill(&mut self, phase: &str) -> u32 {
        let before = self.number.to_string();
        let mut victim = start("victim", &[self.size, &before, self.dir.path().to_str().unwrap()]);
        let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
        let (mut at, mut done) = (None::<(String, Instant)>, self.number);
        let mut note = |line: &str, lengths: &mut BTreeMap<String, Duration>| {
            let Some((what, number)) = told(line) else { return };
            if let Some((phase, begun)) = at.replace((what.into(), Instant::now())) {
                lengths.insert(phase, begun.elapsed());
            }
            done = if what == "done" { number } else { done };
        };
        for line in lines.by_ref() {
            note(&line, &mut self.lengths);
            if told(&line).is_some_and(|(what, _)| what == phase) {
                break;
            }
        }
        let length = self.lengths.get(phase).copied().unwrap_or(Duration::from_millis(20));
        let share = self.dice.below(1100) as u32;
        std::thread::sleep(length * share / 1000);
        victim.kill().unwrap();
        // What it said in the meantime isn't timed.
        lines.for_each(|line| note(&line, &mut BTreeMap::new()));
        let status = victim.wait().unwrap();
        let mut said = String::new();
        victim.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(status.code(), None, "the writer failed by itself: {said}");
        let (phase, _) = at.unwrap();
        *self.kills.entry(phase).or_default() += 1;
        done
    }

    /// Looks at what a kill has left after so many commits.
    fn check(&mut self, done: u32) {
        self.number = match Snapshot::open(self.dir.path()) {
            Err(Error::NoIndex { .. }) if done == 0 => 0,
            opened => {
                let snapshot = opened.unwrap();
                let number = number(&snapshot);
                assert!(
                    (done..=done + 1).contains(&number),
                    "{number} commits are there, and {done} were told"
                );
                let state = self.history.state(number);
                state.check(&snapshot);
                state.check_answers(&snapshot);
                assert_eq!(store::check(self.dir.path()).unwrap().findings, []);
                number
            }
        };
    }

    /// Makes one more commit, in peace.
    fn go_on(&self) {
        let mut writer = writer(self.dir.path()).unwrap();
        let next = self.history.state(self.number + 1);
        next.write(&self.history.state(self.number), &mut writer).unwrap();
        writer.commit(&Maintenance::new(true, &|_| true)).unwrap();
        next.check(&Snapshot::open(self.dir.path()).unwrap());
        let segments = std::fs::read_dir(self.dir.path().join("segments")).unwrap();
        let mut ends: Vec<String> = segments
            .map(|entry| entry.unwrap().path().extension().unwrap().to_string_lossy().into_owned())
            .collect();
        ends.sort();
        let graph = if self.size == "large" { &["graph"][..] } else { &[] };
        let expected =
            [&["fast", "fieldnorm"], graph, &["idx", "json", "pos", "store", "term", "vec", "win"]].concat();
        assert_eq!(ends, expected, "something was left behind");
    }
}

/// Kills writers of an index, in each of these phases in turn.
fn survives(size: &'static str, phases: &[&str], kills: u32) {
    let mut field = Field::new(size);
    for phase in phases.iter().cycle().take(kills as usize) {
        let done = field.kill(phase);
        field.check(done);
    }
    field.go_on();
    println!("{size}: {:?} after {} commits", field.kills, field.number);
    // The others are too short for a busy machine to hit.
    let long = ["commit", phases[phases.len() - 1]];
    let is_hit = |phase| field.kills.contains_key(phase);
    assert!(kills < 40 || long.into_iter().all(is_hit), "nobody was killed in the phases that take long");
}

#[test]
fn small_indexes_survive_kills() {
    survives("small", &PHASES[..4], variable("QSEARCH_KILLS", 50) * 9 / 10);
}

#[test]
fn indexes_with_graphs_survive_kills() {
    survives("large", &PHASES, variable("QSEARCH_KILLS", 50) / 10);
}
