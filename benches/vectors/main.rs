//! Vector search: how fast the store builds, opens, finds and changes, and how often what it finds is right.
//!
//! Run with `cargo bench --bench vectors`, or `-- SET…` to measure only these sets. `QSEARCH_BENCH_MILLION=1` adds a
//! set of a million vectors, which takes long, and `QSEARCH_BENCH_NOTES=FOLDER` the passages of real notes. The sets are
//! written to `target/bench-vectors/`, where `benches/peers` finds them, and all figures to `results.jsonl` there.
//!
//! recall@10 is the share of the ten vectors found that are no farther from the query than the tenth nearest by an exact
//! search over 32-bit floats. Searches per second are of one thread, the best of three passes over 1,000 queries. Each step
//! runs in a process of its own: this program starts itself again.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark reports to the terminal")]

mod content;
mod data;
mod exact;
mod memory;
mod notes;
mod raw;
mod report;
mod sets;
mod shape;
mod steps;

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use serde::de::DeserializeOwned;

use self::raw::Rows;
use self::report::{Figures, Point};
use self::sets::{Filter, Folders, K, Set, Source};
use self::shape::Shape;
use self::steps::{Built, Opened, Searched, Searches, Updated};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The first argument of a process that measures one step.
const STEP: &str = "step";
/// How many processes open the index; the median counts.
const OPENINGS: usize = 11;
/// An update is measured in an index of so many notes.
const NOTES_TO_UPDATE: usize = 10_000;

fn main() -> Outcome<()> {
    // cargo adds a flag of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [marker, step, index, set] = &arguments[..]
        && marker == STEP
    {
        return steps::run(step, index.as_ref(), set.as_ref());
    }
    let mut sources = vec![Source::Generated(10_000), Source::Generated(100_000)];
    match std::env::var_os("QSEARCH_BENCH_MILLION") {
        Some(_) => sources.push(Source::Generated(1_000_000)),
        None => println!("NOT MEASURED: a million vectors; set QSEARCH_BENCH_MILLION=1\n"),
    }
    match std::env::var_os("QSEARCH_BENCH_NOTES") {
        Some(folder) => sources.push(Source::Notes(folder.into())),
        None => println!("NOT MEASURED: real passages; set QSEARCH_BENCH_NOTES to a folder of notes\n"),
    }
    let known = |name: &String| sources.iter().any(|source| source.name() == *name);
    if let Some(unknown) = arguments.iter().find(|name| !known(name)) {
        return Err(format!("there is no set `{unknown}` to measure").into());
    }
    for source in sources {
        if arguments.is_empty() || arguments.contains(&source.name()) {
            measure(&Set::of(&source)?)?;
        } else {
            println!("NOT MEASURED: {}, as it wasn't asked for\n", source.name());
        }
    }
    Ok(())
}

/// Measures all steps on a set, and reports.
fn measure(set: &Set) -> Outcome<()> {
    report::introduce(set, &Shape::of(&set.base), &Shape::around(&set.base, &set.queries));
    let index = set.folder.join("index");
    if index.exists() {
        std::fs::remove_dir_all(&index)?;
    }
    let built: Built = step("build", &index, set, None)?;
    let bytes = report::vector_bytes(&index)? as f64 / set.rows() as f64;
    let opened = (0..OPENINGS).map(|_| step("open", &index, set, None)).collect::<Outcome<Vec<Opened>>>()?;
    let searches: Searches = step("search", &index, set, Some(1))?;
    let mut points = Vec::new();
    let folders = Folders::new(&mut Rows::open(&set.folder.join("base.f32"))?)?;
    for ways in searches.ways.chunk_by(|a, b| a.filter == b.filter) {
        points.extend(judge(set, &folders, ways)?);
    }
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let figures = Figures { set, built, bytes, opened, peak_mib: searches.peak_mib, points, run: seconds };
    figures.print();
    figures.save()?;
    if set.rows().div_ceil(data::PASSAGES_OF_A_NOTE) == NOTES_TO_UPDATE {
        // Last, for it changes the index.
        let updated: Updated = step("update", &index, set, None)?;
        report::update(set, &updated, seconds)?;
    } else {
        println!("NOT MEASURED: an update, which is measured in an index of {NOTES_TO_UPDATE} notes\n");
    }
    Ok(())
}

/// Runs a step in a process of its own, on so many threads or on all.
fn step<T: DeserializeOwned>(step: &str, index: &Path, set: &Set, threads: Option<usize>) -> Outcome<T> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([STEP, step]).args([index, &set.folder]).stderr(std::process::Stdio::inherit());
    if let Some(threads) = threads {
        command.env("RAYON_NUM_THREADS", threads.to_string());
    }
    let output = command.output()?;
    if !output.status.success() {
        return Err(format!("the step `{step}` on {} failed", set.name).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// How good the searches with one filter are.
fn judge(set: &Set, folders: &Folders, ways: &[Searched]) -> Outcome<Vec<Point>> {
    let Some(first) = ways.first() else { return Ok(Vec::new()) };
    let filter = Filter::ALL[first.filter];
    let passes = |row: usize| filter.lets_through(row, folders);
    let left = (0..set.rows()).filter(|&row| passes(row)).count();
    let truth: Vec<Vec<u32>> = if filter == Filter::None {
        set.truth.chunks_exact(K).map(<[u32]>::to_vec).collect()
    } else {
        let nearest = exact::nearest(&set.base, &set.queries, K, passes);
        nearest.into_iter().map(|found| found.into_iter().map(|(row, _)| row).collect()).collect()
    };
    let point = |way: &Searched| {
        if let Some(row) = way.found.iter().flatten().find(|&&row| !passes(row as usize)) {
            return Err(format!("passage {row} was found though it isn't in {:?}", filter.name()).into());
        }
        Ok(Point {
            filter: filter.name(),
            left: left as f64 / set.rows() as f64,
            way: way.way.clone(),
            ef: way.ef,
            recall: exact::recall(&set.base, &set.queries, &truth, &way.found),
            rate: way.rate,
            select_ms: way.select_ms,
        })
    };
    ways.iter().map(point).collect()
}
