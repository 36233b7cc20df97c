//! Milliseconds to find passages, by the size of the index, beside a plain scan of 32-bit floats.
//!
//! Run with `cargo bench --bench retrieval`. The passages have words of skewed frequency and random vectors, as the time
//! of a search doesn't depend on what they mean. Each figure is the median of 50 questions, with the index in the page
//! cache. `plain scan` is what a simple script does: the same vectors as `f32` in memory, one dot product each, on as
//! many threads, and as many of the best kept.

#![expect(clippy::print_stdout, reason = "a benchmark reports to the terminal")]
#![expect(clippy::unwrap_used, reason = "a benchmark that can't run stops")]

use std::path::Path;
use std::time::Instant;

use qsearch::ask::{Question, Stopwatch, ask};
use qsearch::calendar::Day;
use qsearch::chunk::{self, Limits};
use qsearch::document::{ByteSpan, ContentHash, EmbeddedHash, LineSpan, NotePath, Passage, PassageId, Root};
use qsearch::embed::{Embedder, Encoder};
use qsearch::files::Stamp;
use qsearch::random::SplitMix64;
use qsearch::store::{
    FileRecord, Fingerprint, Maintenance, NewFile, NewPassage, PartVectors, Snapshot, Vector, Writer,
};
use qsearch::words::Language;
use rayon::prelude::*;

const QUESTION: &str = "how does w17 share memory with w230 and w4";
const WANTED: usize = 100;
const PASSAGES_OF_A_NOTE: usize = 10;

fn main() {
    let encoder = Encoder::bundled().unwrap();
    println!("passages   open  nearest  plain scan  matching  ask, warm");
    for size in [1_000, 10_000, 100_000] {
        let folder = tempfile::tempdir().unwrap();
        let mut random = Random(SplitMix64::new(size as u64));
        let vectors: Vec<Vec<f32>> = (0..size).map(|_| random.vector(encoder.dim())).collect();
        make(folder.path(), &encoder, &vectors, &mut random);

        let query = encoder.embed_query(QUESTION).unwrap();
        let snapshot = Snapshot::open(folder.path()).unwrap();
        let question = Question::new(QUESTION, 5, Day::of(0));
        let prepare =
            |vector: Option<&[f32]>| snapshot.question(question.query(), vector, &question.filter).unwrap();
        println!(
            "{size:>8}{:>7.2}{:>9.2}{:>12.2}{:>10.2}{:>11.2}",
            median(|| Snapshot::open(folder.path()).unwrap()),
            median(|| prepare(Some(&query)).search_vectors(WANTED).unwrap()),
            median(|| plain_scan(&vectors, &query)),
            median(|| prepare(None).search_words(WANTED).unwrap()),
            median(|| ask(&snapshot, &encoder, &question, &mut Stopwatch::default()).unwrap()),
        );
    }
}

/// The rows with the greatest dot products, best first.
fn plain_scan(vectors: &[Vec<f32>], query: &[f32]) -> Vec<(usize, f32)> {
    let dot = |vector: &Vec<f32>| vector.iter().zip(query).map(|(a, b)| a * b).sum::<f32>();
    let mut scores: Vec<(usize, f32)> =
        vectors.par_iter().enumerate().map(|(row, vector)| (row, dot(vector))).collect();
    let last = WANTED.min(scores.len()) - 1;
    scores.select_nth_unstable_by(last, |a, b| b.1.total_cmp(&a.1));
    scores.truncate(WANTED);
    scores.sort_by(|a, b| b.1.total_cmp(&a.1));
    scores
}

/// The median time of 50 runs in milliseconds, after 5 that don't count.
fn median<T>(mut run: impl FnMut() -> T) -> f64 {
    let mut times: Vec<f64> = (0..55)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(run());
            start.elapsed().as_secs_f64() * 1e3
        })
        .skip(5)
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// An index of notes with one passage for each vector.
fn make(dir: &Path, encoder: &Encoder, vectors: &[Vec<f32>], random: &mut Random) {
    let limits = Limits { max_tokens: encoder.max_tokens(), ..Limits::default() };
    let chunking = chunk::fingerprint(&limits);
    let mut writer =
        Writer::open(dir, &Fingerprint::new(encoder.fingerprint(), &chunking, encoder.dim())).unwrap();
    writer.set_roots(vec![Root::new("notes", "/notes")]);
    for (number, vectors) in vectors.chunks(PASSAGES_OF_A_NOTE).enumerate() {
        let path = NotePath::from_encoded(format!("{number}.md"));
        let passages = (0..).zip(vectors).map(|(at, vector)| passage(&path, at, vector, random)).collect();
        let record = FileRecord {
            root: "notes".into(),
            path: path.clone(),
            size: 1,
            stamp: Stamp { modified_ns: 1, ..Stamp::default() },
            hash: ContentHash::of(path.as_str().as_bytes()),
            date_order: qsearch::calendar::DateOrder::default(),
            passages: 0,
            warnings: Vec::new(),
            unread: None,
            pending: false,
        };
        writer
            .put(NewFile {
                record,
                title: None,
                aliases: Vec::new(),
                tags: Vec::new(),
                date: None,
                properties: Vec::new(),
                language: Language::English,
                passages,
            })
            .unwrap();
    }
    writer.commit(&Maintenance::default()).unwrap();
}

fn passage(path: &NotePath, at: u32, vector: &[f32], random: &mut Random) -> NewPassage {
    let words: Vec<String> = (0..120).map(|_| format!("w{}", random.word())).collect();
    let text = words.join(" ");
    let start = u64::from(at) * 1000;
    let span = ByteSpan { start, end: start + text.len() as u64 };
    let lines = LineSpan { first: at + 1, last: at + 1 };
    let passage = Passage {
        heading: vec!["A heading".into()],
        context: "A heading".into(),
        ..Passage::new(text, span, lines)
    };
    let embedded = passage.embedded_text();
    NewPassage {
        id: PassageId::new("notes", path, &embedded, at),
        embedded: EmbeddedHash::of(embedded.as_bytes()),
        vector: Vector::quantise(vector),
        part_vectors: PartVectors::quantise(&Vector::quantise(vector), &vec![vector.to_vec(); 6], &[]),
        passage,
    }
}

/// Random vectors and words.
struct Random(SplitMix64);

impl Random {
    /// A vector of unit length.
    fn vector(&mut self, dim: usize) -> Vec<f32> {
        let vector: Vec<f32> = (0..dim).map(|_| self.0.unit() - 0.5).collect();
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        vector.into_iter().map(|value| value / length).collect()
    }

    /// A word's number; small ones are common, as in language.
    fn word(&mut self) -> u32 {
        (20_000.0 * self.0.unit().powi(4)) as u32
    }
}
