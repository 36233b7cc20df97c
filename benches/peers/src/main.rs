//! Vector search by others, on the vectors that `cargo bench --bench vectors` has written.
//!
//! `qsearch-peers [--engine NAME] [SET…]` measures all sets that are there, or those named, with the engines whose
//! names begin so, and adds lines to `results.jsonl` beside the sets; `peers.py` does the same for engines from PyPI, and `table.py` makes tables of it all. As there, each step
//! runs in a process of its own: this program starts itself again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};
use std::{env, fs};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

mod engines;
#[path = "../../vectors/exact.rs"]
#[expect(dead_code, reason = "the truth is there already")]
mod exact;
#[path = "../../vectors/memory.rs"]
mod memory;
#[path = "../../vectors/raw.rs"]
#[expect(dead_code, reason = "the vectors are there already")]
mod raw;

use engines::{ENGINES, Engine, Searcher};
use raw::{DIM, Rows};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The first argument of a process that measures one step.
const STEP: &str = "step";
/// Neighbours that are searched for.
const K: usize = 10;
/// Breadths of the search (ef).
const BREADTHS: [usize; 15] = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536];
/// Passes over the queries, of which the best counts.
const PASSES: usize = 3;
/// After so many seconds no further pass is begun.
const SECONDS: f64 = 20.0;
/// How many processes open the index; the median counts.
const OPENINGS: usize = 5;

/// How an index came about.
#[derive(Serialize, Deserialize)]
struct Built {
    seconds: f64,
    /// The greatest resident memory, the vectors given included.
    peak_mib: Option<f64>,
}

/// Until the first answer of a process.
#[derive(Serialize, Deserialize)]
struct Opened {
    milliseconds: f64,
    /// Memory beyond the pages of files that this has taken.
    anonymous_mib: Option<f64>,
}

/// The queries, searched for.
#[derive(Serialize, Deserialize)]
struct Searches {
    /// The greatest resident memory, pages of files included.
    peak_mib: Option<f64>,
    /// For each breadth the searches per second, and the rows found.
    sweep: Vec<(usize, f64, Vec<Vec<u32>>)>,
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [marker, step, engine, set] = &arguments[..]
        && marker == STEP
    {
        let engine = ENGINES.iter().find(|known| known.name() == *engine).ok_or("no such engine")?;
        return run(step, engine, set.as_ref());
    }
    let (wanted, sets) = match &arguments[..] {
        [flag, name, sets @ ..] if flag == "--engine" => (name.as_str(), sets),
        sets => ("", sets),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench-vectors");
    let sets = if sets.is_empty() { all(&root)? } else { sets.to_vec() };
    let engines: Vec<&Engine> = ENGINES.iter().filter(|engine| engine.name().starts_with(wanted)).collect();
    if engines.is_empty() {
        return Err(format!("no engine's name begins with `{wanted}`").into());
    }
    for set in sets {
        for engine in &engines {
            measure(&root, &set, engine)?;
        }
    }
    Ok(())
}

/// The names of the sets that are there.
fn all(root: &Path) -> Outcome<Vec<String>> {
    let listed =
        fs::read_dir(root).map_err(|_| "run `cargo bench --bench vectors` first: it writes the vectors")?;
    let mut sets = Vec::new();
    for entry in listed {
        let entry = entry?;
        if entry.path().join("truth.u32").exists() {
            sets.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    sets.sort();
    Ok(sets)
}

/// Measures all steps of an engine on a set, and adds the results to the file of all results.
fn measure(root: &Path, name: &str, engine: &Engine) -> Outcome<()> {
    let set = root.join(name);
    let built: Built = step("build", engine, &set, None)?;
    let opened =
        (0..OPENINGS).map(|_| step("open", engine, &set, Some(1))).collect::<Outcome<Vec<Opened>>>()?;
    let searches: Searches = step("search", engine, &set, Some(1))?;
    let (base, queries) =
        (Rows::open(&set.join("base.f32"))?.all()?, Rows::open(&set.join("queries.f32"))?.all()?);
    let truth = raw::read_numbers(&set.join("truth.u32"))?;
    let truth: Vec<Vec<u32>> = truth.chunks_exact(K).map(<[u32]>::to_vec).collect();
    let rows = base.len() / DIM;
    let bytes = fs::read_dir(folder(&set, engine))?
        .map(|entry| Ok(entry?.metadata()?.len()))
        .sum::<std::io::Result<u64>>()?;
    let run = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let median = |figure: &dyn Fn(&Opened) -> Option<f64>| {
        let mut values: Vec<f64> = opened.iter().filter_map(figure).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    let parameters = [Some(engine.parameters.to_owned()), engine.instructions()];
    let parameters = parameters.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let mut lines = String::new();
    for (ef, rate, found) in &searches.sweep {
        let recall = exact::recall(&base, &queries, &truth, found);
        let line = json!({
            "engine": engine.engine, "set": name, "run": run, "rows": rows, "parameters": parameters,
            "filter": null, "left": 1.0, "ef": ef, "recall": recall, "qps": rate, "build_s": built.seconds,
            "bytes": bytes as f64 / rows as f64, "open_ms": median(&|opened| Some(opened.milliseconds)),
            "build_mib": built.peak_mib, "rss_mib": searches.peak_mib,
            "anonymous_mib": median(&|opened| opened.anonymous_mib),
        });
        println!("{name} {:<44} ef {ef:<4} recall {recall:.4} {rate:>8.0}/s", engine.name());
        lines += &format!("{line}\n");
    }
    let mut file = fs::OpenOptions::new().create(true).append(true).open(root.join("results.jsonl"))?;
    Ok(file.write_all(lines.as_bytes())?)
}

/// Runs a step in a process of its own, on so many threads or on all.
fn step<T: DeserializeOwned>(step: &str, engine: &Engine, set: &Path, threads: Option<usize>) -> Outcome<T> {
    let mut command = Command::new(env::current_exe()?);
    command.args([STEP, step, &engine.name()]).arg(set).stderr(Stdio::inherit());
    if let Some(threads) = threads {
        command.env("RAYON_NUM_THREADS", threads.to_string());
    }
    let output = command.output()?;
    // hnsw_rs prints, too; what was measured is the last line.
    let printed = String::from_utf8_lossy(&output.stdout);
    let last = printed.lines().last().filter(|_| output.status.success());
    Ok(serde_json::from_str(last.ok_or_else(|| format!("`{step}` of {} failed", engine.name()))?)?)
}

/// Where an engine keeps its files.
fn folder(set: &Path, engine: &Engine) -> PathBuf {
    set.join("peers").join(engine.name().replace([' ', ','], "-"))
}

fn run(step: &str, engine: &Engine, set: &Path) -> Outcome<()> {
    let folder = folder(set, engine);
    let measured = match step {
        "build" => {
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            fs::create_dir_all(&folder)?;
            let base = Rows::open(&set.join("base.f32"))?.all()?;
            let seconds = engine.build(&base, &folder)?;
            serde_json::to_string(&Built { seconds, peak_mib: memory::peak() })?
        }
        "open" => {
            let query = Rows::open(&set.join("queries.f32"))?.read(0, 1)?;
            let before = memory::anonymous();
            let start = Instant::now();
            let milliseconds = engine.open(&folder, |searcher| {
                searcher.search(&query, K, BREADTHS[5])?;
                Ok(start.elapsed().as_secs_f64() * 1e3)
            })?;
            let anonymous_mib = memory::anonymous().zip(before).map(|(after, before)| after - before);
            serde_json::to_string(&Opened { milliseconds, anonymous_mib })?
        }
        "search" => {
            let queries = Rows::open(&set.join("queries.f32"))?.all()?;
            let sweep =
                |searcher: &dyn Searcher| BREADTHS.iter().map(|&ef| pass(searcher, &queries, ef)).collect();
            let sweep = engine.open(&folder, sweep)?;
            serde_json::to_string(&Searches { peak_mib: memory::peak(), sweep })?
        }
        _ => return Err(format!("there is no step `{step}`").into()),
    };
    println!("\n{measured}");
    Ok(())
}

/// The breadth, searches per second, and what was found.
fn pass(searcher: &dyn Searcher, queries: &[f32], ef: usize) -> Outcome<(usize, f64, Vec<Vec<u32>>)> {
    let (mut best, mut found) = (f64::INFINITY, Vec::new());
    let begun = Instant::now();
    for pass in 0..PASSES {
        if pass > 0 && begun.elapsed().as_secs_f64() > SECONDS {
            break;
        }
        let start = Instant::now();
        found =
            queries.chunks_exact(DIM).map(|query| searcher.search(query, K, ef)).collect::<Outcome<_>>()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok((ef, found.len() as f64 / best, found))
}
