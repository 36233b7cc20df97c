//! The steps that are measured, each in a process of its own, so that its memory is its own, too.
//!
//! A step gets the folders of the index and of the set, and prints what it measured as JSON.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use qsearch::error::Result;
use qsearch::hit::Candidate;
use qsearch::query::{self, Query};
use qsearch::store::{Fingerprint, Maintenance, PreparedQuestion, Snapshot, Step, Strategy, Writer};
use serde::{Deserialize, Serialize};

use super::content::{Content, MODEL};
use super::raw::{DIM, Rows};
use super::sets::{Filter, K};
use super::{Outcome, memory};

/// The breadths with which graphs are searched, besides the store's own choice.
const EF_SEARCH: [usize; 13] = [16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536];
/// Passes over the queries, of which the best counts.
const PASSES: usize = 3;
/// After so many seconds no further pass is begun.
const SECONDS: f64 = 20.0;
/// How often a note is changed.
const UPDATES: usize = 30;

/// Seconds and MiB to write an index.
#[derive(Serialize, Deserialize)]
pub(super) struct Built {
    /// To add all passages.
    pub(super) put_s: f64,
    /// To commit them, and to merge the segments.
    pub(super) commit_s: f64,
    /// To build the graphs.
    pub(super) graph_s: f64,
    /// The greatest resident memory.
    pub(super) peak_mib: Option<f64>,
}

/// Milliseconds and MiB until the first answer of a process.
#[derive(Serialize, Deserialize)]
pub(super) struct Opened {
    pub(super) open_ms: f64,
    pub(super) first_ms: f64,
    /// Memory that isn't pages of files, after the answer.
    pub(super) anonymous_mib: Option<f64>,
    /// Memory that isn't pages of files, before the index was opened.
    pub(super) anonymous_before_mib: Option<f64>,
}

/// The queries, searched for in one way.
#[derive(Serialize, Deserialize)]
pub(super) struct Searched {
    /// The place in [`Filter::ALL`].
    pub(super) filter: usize,
    /// Its name.
    pub(super) way: String,
    /// The breadth of a graph's search, if it was chosen.
    pub(super) ef: Option<usize>,
    /// Milliseconds to find what the filter lets through, once.
    pub(super) select_ms: f64,
    /// Searches per second.
    pub(super) rate: f64,
    /// The numbers of the passages found, for each query.
    pub(super) found: Vec<Vec<u32>>,
}

/// All searches of a process.
#[derive(Serialize, Deserialize)]
pub(super) struct Searches {
    /// Without a filter first.
    pub(super) ways: Vec<Searched>,
    /// The greatest resident memory, pages of files included, once the searches without a filter are done.
    pub(super) peak_mib: Option<f64>,
}

/// Milliseconds to change a passage of one note, the median first, then the worst.
#[derive(Serialize, Deserialize)]
pub(super) struct Updated {
    pub(super) notes: usize,
    /// To open the writer, look up the vectors that stay, and add the note.
    pub(super) put_ms: [f64; 2],
    /// To commit.
    pub(super) commit_ms: [f64; 2],
    /// Both together.
    pub(super) total_ms: [f64; 2],
}

/// Runs a step and prints what it measured.
pub(super) fn run(step: &str, index: &Path, set: &Path) -> Outcome<()> {
    let measured = match step {
        "build" => serde_json::to_string(&build(index, set)?)?,
        "open" => serde_json::to_string(&open(index, set)?)?,
        "search" => serde_json::to_string(&search(index, set)?)?,
        "update" => serde_json::to_string(&update(index, set)?)?,
        _ => return Err(format!("there is no step `{step}`").into()),
    };
    println!("{measured}");
    Ok(())
}

fn build(index: &Path, set: &Path) -> Outcome<Built> {
    let mut content = Content::of(set)?;
    let start = Instant::now();
    let mut writer = Writer::open(index, &Fingerprint::new(MODEL, "bench", DIM))?;
    writer.set_roots(vec![Content::root()]);
    let mut reading = 0.0;
    for note in 0..content.notes() {
        let since = Instant::now();
        let file = content.note(note, None)?;
        reading += since.elapsed().as_secs_f64();
        writer.put(file)?;
    }
    let put_s = start.elapsed().as_secs_f64() - reading;
    let (start, linking) = (Instant::now(), Cell::new(None));
    let watch = |step| {
        if matches!(step, Step::BuildingGraph { .. }) {
            linking.set(linking.get().or_else(|| Some(start.elapsed().as_secs_f64())));
        }
        true
    };
    writer.commit(&Maintenance::new(false, &watch))?;
    let all = start.elapsed().as_secs_f64();
    let commit_s = linking.get().unwrap_or(all);
    Ok(Built { put_s, commit_s, graph_s: all - commit_s, peak_mib: memory::peak() })
}

fn open(index: &Path, set: &Path) -> Outcome<Opened> {
    let query = Rows::open(&set.join("queries.f32"))?.read(0, 1)?;
    let anonymous_before_mib = memory::anonymous();
    let start = Instant::now();
    let snapshot = Snapshot::open(index)?;
    let open_ms = milliseconds(start);
    let start = Instant::now();
    snapshot.question(&Query::default(), Some(&query), &query::Filter::default())?.search_vectors(K)?;
    let first_ms = milliseconds(start);
    Ok(Opened { open_ms, first_ms, anonymous_mib: memory::anonymous(), anonymous_before_mib })
}

fn search(index: &Path, set: &Path) -> Outcome<Searches> {
    let queries = Rows::open(&set.join("queries.f32"))?.all()?;
    let snapshot = Snapshot::open(index)?;
    let (mut ways, mut peak_mib) = (Vec::new(), None);
    for (number, filter) in Filter::ALL.into_iter().enumerate() {
        let start = Instant::now();
        let mut question = snapshot.question(&Query::default(), None, &demand(filter))?;
        let select_ms = milliseconds(start);
        let mut strategies = vec![("default", None, Strategy::Fastest), ("exact", None, Strategy::Exact)];
        if filter == Filter::None {
            let graph = |ef_search| ("graph", Some(ef_search), Strategy::Graph { ef_search });
            strategies.extend(EF_SEARCH.map(graph));
        }
        for (way, ef, strategy) in strategies {
            question = question.by(strategy);
            let (rate, found) = pass(&snapshot, &queries, &mut question)?;
            ways.push(Searched { filter: number, way: way.into(), ef, select_ms, rate, found });
        }
        peak_mib = peak_mib.or_else(memory::peak);
    }
    Ok(Searches { ways, peak_mib })
}

/// The filter that finds the passages.
fn demand(filter: Filter) -> query::Filter {
    let mut demand = query::Filter::default();
    match filter {
        Filter::None => {}
        Filter::Every(notes) => demand.tags.push(Content::tag(notes)),
        Filter::Folder => demand.paths.push(Content::folder(0)),
    }
    demand
}

/// Searches per second, and what was found.
fn pass(
    snapshot: &Snapshot,
    queries: &[f32],
    question: &mut PreparedQuestion<'_>,
) -> Outcome<(f64, Vec<Vec<u32>>)> {
    let (mut best, mut found) = (f64::INFINITY, Vec::new());
    let begun = Instant::now();
    for pass in 0..PASSES {
        if pass > 0 && begun.elapsed().as_secs_f64() > SECONDS {
            break;
        }
        let start = Instant::now();
        let searched = queries.chunks_exact(DIM).map(|query| {
            question.set_vector(query)?;
            question.search_vectors(K)
        });
        found = searched.collect::<Result<Vec<_>>>()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    let number = |candidate: &Candidate| Ok(Content::number(&snapshot.passages(&[candidate.row])?[0]));
    let numbers = found.iter().map(|found| found.iter().map(number).collect::<Result<_>>());
    Ok((found.len() as f64 / best, numbers.collect::<Result<_>>()?))
}

fn update(index: &Path, set: &Path) -> Outcome<Updated> {
    let mut content = Content::of(set)?;
    let notes = content.notes();
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for round in 0..UPDATES {
        let file = content.note(round * 487 % notes, Some(round))?;
        let start = Instant::now();
        let mut writer = Writer::open(index, &Fingerprint::new(MODEL, "bench", DIM))?;
        // As indexing does it: passages that are as before keep their vectors.
        let before = writer.snapshot().ok_or("there is no index")?;
        let known = file.passages.iter().map(|passage| before.vector_of(&passage.embedded));
        let known = known.collect::<Result<Vec<_>>>()?;
        if known.iter().filter(|known| known.is_none()).count() != 1 {
            return Err("not one passage of a note was changed".into());
        }
        writer.put(file)?;
        let put = milliseconds(start);
        writer.commit(&Maintenance::default())?;
        let total = milliseconds(start);
        for (name, time) in [("put", put), ("commit", total - put), ("total", total)] {
            times.entry(name).or_default().push(time);
        }
    }
    let mut of = |name: &str| {
        let times = times.get_mut(name).map(std::mem::take).unwrap_or_default();
        [median(&times), times.iter().copied().fold(0.0, f64::max)]
    };
    Ok(Updated { notes, put_ms: of("put"), commit_ms: of("commit"), total_ms: of("total") })
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// The middle one of some numbers.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
