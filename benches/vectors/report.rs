//! What was measured, as tables in Markdown and as lines of JSON for `benches/peers/table.py`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::Outcome;
use super::sets::{self, Set};
use super::shape::Shape;
use super::steps::{Built, Opened, Updated, median};

/// What this engine is called in the tables.
const ENGINE: &str = "qsearch";
/// Extensions of a segment's files that aren't for finding the nearest passages: tantivy's, and sentences.
const OTHER_FILES: [&str; 9] = ["term", "idx", "pos", "store", "fast", "fieldnorm", "del", "json", "win"];

/// A way of searching, and how good it is.
pub(super) struct Point {
    pub(super) filter: Option<String>,
    /// The share of the passages that the filter leaves.
    pub(super) left: f64,
    pub(super) way: String,
    pub(super) ef: Option<usize>,
    /// recall@10.
    pub(super) recall: f64,
    /// Searches per second.
    pub(super) rate: f64,
    /// Milliseconds to find what the filter leaves.
    pub(super) select_ms: f64,
}

/// All that was measured on a set, updates aside.
pub(super) struct Figures<'a> {
    pub(super) set: &'a Set,
    pub(super) built: Built,
    /// Bytes of vectors, and of what makes searching them fast, by passage.
    pub(super) bytes: f64,
    /// One for each process.
    pub(super) opened: Vec<Opened>,
    /// Of searching.
    pub(super) peak_mib: Option<f64>,
    pub(super) points: Vec<Point>,
    /// When this was, in seconds since 1970.
    pub(super) run: u64,
}

/// Says which set it is, and how its vectors lie.
pub(super) fn introduce(set: &Set, passages: &Shape, queries: &Shape) {
    println!("## {}: {} vectors\n", set.name, set.rows());
    println!("| | intrinsic dimension | cosine of neighbour 1 | 10 | 100 |\n|---|---|---|---|---|");
    for (name, shape) in [("passages", passages), ("queries", queries)] {
        let [first, tenth, hundredth] = shape.cosines;
        println!("| {name} | {:.1} | {first:.3} | {tenth:.3} | {hundredth:.3} |", shape.dimension);
    }
    println!();
}

/// The bytes of an index's vectors and of what makes searching them fast.
pub(super) fn vector_bytes(index: &Path) -> Outcome<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(index.join("segments"))? {
        let path = entry?.path();
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        if !OTHER_FILES.contains(&&*extension) && !extension.is_empty() {
            bytes += fs::metadata(&path)?.len();
        }
    }
    Ok(bytes)
}

impl Figures<'_> {
    /// A figure of the processes that opened the index.
    fn opening(&self, figure: impl Fn(&Opened) -> f64) -> f64 {
        median(&self.opened.iter().map(figure).collect::<Vec<_>>())
    }

    /// MiB beyond the pages of files that opening and one answer take; not a number if that isn't known.
    fn beyond_mib(&self) -> f64 {
        self.opening(|opened| match (opened.anonymous_mib, opened.anonymous_before_mib) {
            (Some(after), Some(before)) => after - before,
            _ => f64::NAN,
        })
    }

    /// Prints two tables.
    pub(super) fn print(&self) {
        println!(
            "| add, s | commit, s | graph, s | peak of all three, MiB | bytes a vector | open, ms | first answer, ms | \
             beyond mapped pages, MiB | peak of searching, MiB |\n|---|---|---|---|---|---|---|---|---|"
        );
        println!(
            "| {:.1} | {:.1} | {:.1} | {} | {:.0} | {:.2} | {:.2} | {:.1} | {} |\n",
            self.built.put_s,
            self.built.commit_s,
            self.built.graph_s,
            whole(self.built.peak_mib),
            self.bytes,
            self.opening(|opened| opened.open_ms),
            self.opening(|opened| opened.first_ms),
            self.beyond_mib(),
            whole(self.peak_mib),
        );
        println!("| filter | leaves, % | search | recall@10 | queries/s | ms | selecting, ms |");
        println!("|---|---|---|---|---|---|---|");
        for point in &self.points {
            println!(
                "| {} | {:.1} | {} | {:.4} | {:.0} | {:.3} | {:.2} |",
                point.filter.as_deref().unwrap_or("–"),
                100.0 * point.left,
                point.ef.map_or(point.way.clone(), |ef| format!("{}, ef {ef}", point.way)),
                point.recall,
                point.rate,
                1e3 / point.rate,
                point.select_ms,
            );
        }
        println!();
    }

    /// Adds the figures to the file of all results, a line for each way of searching.
    pub(super) fn save(&self) -> Outcome<()> {
        let line = |point: &Point| {
            json!({
                "engine": ENGINE, "set": self.set.name, "run": self.run, "rows": self.set.rows(),
                "parameters": format!("version {}", env!("CARGO_PKG_VERSION")),
                "filter": point.filter, "left": point.left, "way": point.way, "ef": point.ef,
                "recall": point.recall, "qps": point.rate, "select_ms": point.select_ms,
                "add_s": self.built.put_s, "commit_s": self.built.commit_s, "build_s": self.built.graph_s, "bytes": self.bytes,
                "open_ms": self.opening(|opened| opened.open_ms + opened.first_ms),
                "build_mib": self.built.peak_mib, "rss_mib": self.peak_mib, "anonymous_mib": self.beyond_mib(),
            })
        };
        append(self.points.iter().map(line))
    }
}

/// Prints what an update takes, and adds it to the file of all results.
pub(super) fn update(set: &Set, updated: &Updated, run: u64) -> Outcome<()> {
    println!("| one passage changed in {} notes, ms | median | worst |\n|---|---|---|", updated.notes);
    let steps = [
        ("open, look up, add", updated.put_ms),
        ("commit, merges included", updated.commit_ms),
        ("together", updated.total_ms),
    ];
    for (name, [median, worst]) in steps {
        println!("| {name} | {median:.1} | {worst:.1} |");
    }
    println!();
    append([json!({
        "engine": ENGINE, "set": set.name, "run": run, "notes": updated.notes,
        "update_ms": updated.total_ms[0], "update_worst_ms": updated.total_ms[1],
    })])
}

fn append(lines: impl IntoIterator<Item = Value>) -> Outcome<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(sets::root().join("results.jsonl"))?;
    for line in lines {
        writeln!(file, "{line}")?;
    }
    Ok(())
}

fn whole(mib: Option<f64>) -> String {
    mib.map_or("–".to_owned(), |mib| format!("{mib:.0}"))
}
