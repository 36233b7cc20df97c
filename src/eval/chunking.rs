//! Do the passages found contain what is relevant, and little else? Questions with character spans in long files.
//!
//! The measures are those of Smith and Troynikov, "Evaluating Chunking Strategies for Retrieval" (Chroma, 2024), as
//! their program `chunking_evaluation` computes them, in characters. For one question with relevant spans S and the
//! first k passages R, wherever they come from:
//!
//! - recall is |S ∩ R| / |S|;
//! - precision is |S ∩ R| / |R|, where |R| is the sum of the passages' lengths: what two passages share counts twice;
//! - IoU is |S ∩ R| / (|R| + |S \ R|).
//!
//! As in their program, all files are in one index. The figures are means over the questions.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;

use super::bench::{Bench, SEARCHES, question};
use super::set_warning::SetWarning;
use super::{cache, lines, ranges};
use crate::ask::{Search, rank};
use crate::document::Passage;
use crate::error::{Error, Result, Usage, Wanted};
use crate::files::{self, Links};
use crate::hit::Row;

const QUERY: &str = "`{\"_id\": \"q1\", \"text\": \"…\"}`";
const SPAN: &str =
    "`{\"query_id\": \"q1\", \"file\": \"a.md\", \"start\": 0, \"end\": 9, \"content\": \"…\"}`";
/// How many passages are retrieved: the k of the measures.
const DEPTHS: [usize; 2] = [5, 10];

/// Figures of a chunker in the report: 5 passages, embedded by text-embedding-3-large.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// The chunker's name, and the mean or greatest size of its passages in tokens.
    pub chunker: &'static str,
    /// The mean recall.
    pub recall: f64,
    /// The mean precision.
    pub precision: f64,
    /// The mean intersection over union.
    pub iou: f64,
}

/// The best rows of the report's table: by recall, by precision and IoU, and by both.
pub const PUBLISHED: [Published; 3] = [
    Published { chunker: "LLMSemanticChunker, 240", recall: 0.919, precision: 0.039, iou: 0.039 },
    Published { chunker: "ClusterSemanticChunker, 200", recall: 0.873, precision: 0.080, iou: 0.080 },
    Published { chunker: "RecursiveCharacterTextSplitter, 200", recall: 0.881, precision: 0.070, iou: 0.069 },
];

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunking {
    /// How many files there are.
    pub files: u64,
    /// How many passages they have.
    pub passages: u64,
    /// How many questions were asked.
    pub queries: u64,
    /// The figures of each search after 5 passages, then after 10.
    pub figures: Vec<SpanFigures>,
    /// What is odd about the set, and what couldn't be indexed.
    pub warnings: Vec<SetWarning>,
}

/// Means over the questions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpanFigures {
    /// The search.
    pub search: Search,
    /// How many passages were retrieved.
    pub depth: usize,
    /// Mean recall.
    pub recall: f64,
    /// Mean precision.
    pub precision: f64,
    /// Mean intersection over union.
    pub iou: f64,
    /// Mean number of characters retrieved.
    pub chars: f64,
}

/// A set of questions with spans.
#[derive(Clone, Debug)]
pub struct SpanSet {
    /// The folder with the files.
    corpora: PathBuf,
    queries: Vec<SpanQuery>,
    /// The text of each file that has spans.
    files: HashMap<String, CharMap>,
    warnings: Vec<SetWarning>,
}

/// A question with the spans that are relevant.
#[derive(Clone, Debug)]
struct SpanQuery {
    text: String,
    spans: Vec<CharSpan>,
}

/// A range of a file's characters, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
struct CharSpan {
    file: String,
    range: Range<u64>,
}

/// A line of `queries.jsonl`.
#[derive(Deserialize)]
struct QueryLine {
    #[serde(rename = "_id", deserialize_with = "lines::id")]
    id: String,
    text: String,
}

/// A line of `spans.jsonl`.
#[derive(Deserialize)]
struct SpanLine {
    #[serde(deserialize_with = "lines::id")]
    query_id: String,
    file: String,
    start: u64,
    end: u64,
    content: Option<String>,
}

/// A text with a map between its bytes and its characters.
#[derive(Clone, Debug)]
struct CharMap {
    text: String,
    /// The byte at which each [`STEP`]th character begins.
    marks: Vec<usize>,
}

/// How many characters lie between two marks.
const STEP: usize = 64;

impl CharMap {
    fn new(text: String) -> Self {
        let marks = text.char_indices().step_by(STEP).map(|(at, _)| at).collect();
        Self { text, marks }
    }

    /// The number of the character at a byte; of the next one, if the byte is inside of a character.
    fn char_at(&self, byte: u64) -> u64 {
        let byte = (byte as usize).min(self.text.len());
        let mark = self.marks.partition_point(|&mark| mark <= byte).saturating_sub(1);
        let from = self.marks.get(mark).copied().unwrap_or(0);
        let begin = self.text.as_bytes()[from..byte].iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        (mark * STEP + begin) as u64
    }

    /// The characters of a range.
    fn get(&self, range: &Range<u64>) -> Option<&str> {
        let byte = |number: u64| {
            let from = *self.marks.get(number as usize / STEP)?;
            let rest = &self.text[from..];
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.take(STEP + 1).nth(number as usize % STEP).map(|at| from + at)
        };
        let end = byte(range.end).or_else(|| (range.end == self.len()).then_some(self.text.len()))?;
        self.text.get(byte(range.start)?..end)
    }

    fn len(&self) -> u64 {
        self.char_at(self.text.len() as u64)
    }
}

impl SpanSet {
    /// Reads a set: `queries.jsonl`, `spans.jsonl` and the files in `corpora/`, which have to be UTF-8.
    ///
    /// # Errors
    ///
    /// When a file is missing, a line isn't what it should be, or no question has a span.
    pub fn read(dir: &Path) -> Result<Self> {
        let (mut queries, mut places) = (Vec::new(), HashMap::new());
        lines::each(&dir.join("queries.jsonl"), QUERY, |lines, QueryLine { id, text }| {
            if places.insert(id, queries.len()).is_some() {
                return Err(lines.bad("the id stands in an earlier line already", Wanted::OwnIds));
            }
            queries.push(SpanQuery { text, spans: Vec::new() });
            Ok(())
        })?;
        let corpora = dir.join("corpora");
        let mut files: HashMap<String, CharMap> = HashMap::new();
        let (mut unknown, mut other) = (0, 0);
        lines::each(&dir.join("spans.jsonl"), SPAN, |lines, span: SpanLine| {
            let Some(&query) = places.get(&span.query_id) else {
                unknown += 1;
                return Ok(());
            };
            if !files.contains_key(&span.file) {
                files.insert(span.file.clone(), CharMap::new(read_text(lines, &corpora, &span.file)?));
            }
            let range = span.start..span.end;
            let said = files[&span.file].get(&range).filter(|_| span.start < span.end);
            let Some(said) = said else {
                let what = format!("{} has no characters {} to {}", span.file, span.start, span.end);
                return Err(lines.bad(&what, Wanted::Offsets));
            };
            other += u64::from(span.content.is_some_and(|content| content != said));
            queries[query].spans.push(CharSpan { file: span.file, range });
            Ok(())
        })?;
        let all = queries.len();
        queries.retain(|query| !query.spans.is_empty());
        if queries.is_empty() {
            let what = format!("no question in {} has a span", dir.display());
            return Err(Usage::TestSet { what, wanted: Wanted::SpannedIds }.into());
        }
        let warnings = SetWarning::list([
            ((all - queries.len()) as u64, "queries without a span, which don't count"),
            (unknown, "spans of queries that aren't in queries.jsonl, which don't count"),
            (other, "spans whose content isn't what the file has there"),
        ]);
        Ok(Self { corpora, queries, files, warnings })
    }
}

/// No file of a set is larger.
const MOST_BYTES: u64 = 1 << 30;

/// Reads a file that a span names, below the folder of files and nowhere else.
fn read_text(lines: &lines::LineReader, corpora: &Path, name: &str) -> Result<String> {
    let wanted = Wanted::CorpusFile;
    let relative = Path::new(name);
    let is_inside = relative.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !is_inside || !corpora.join(relative).is_file() {
        return Err(lines.bad(&format!("there is no file `{name}` in {}", corpora.display()), wanted));
    }
    let path = corpora.join(relative);
    let bytes = files::read_at(&path, Links::Follow, MOST_BYTES).map_err(Error::io("read", &path))?;
    String::from_utf8(bytes).map_err(|_| lines.bad(&format!("{} isn't UTF-8", path.display()), wanted))
}

/// Measures how well the passages found fit the spans of the set in `dir`.
///
/// # Errors
///
/// When the set can't be read or its files can't be indexed, or the user interrupts.
pub fn chunking(bench: &Bench<'_>, dir: &Path) -> Result<Chunking> {
    let set = SpanSet::read(dir)?;
    let indexed = cache::folder(bench, &set.corpora)?;
    let snapshot = &*indexed.snapshot;
    let indexed_files: HashSet<String> =
        snapshot.files()?.into_iter().map(|file| file.path.as_str().to_owned()).collect();
    let lost = set.files.keys().filter(|name| !indexed_files.contains(*name)).count() as u64;
    let mut figures = Vec::new();
    for search in SEARCHES {
        bench.asking(set.queries.len() as u64);
        let most = DEPTHS.into_iter().max().unwrap_or(0);
        let measure = |query: &SpanQuery| -> Result<Vec<SpanMeasures>> {
            bench.asked()?;
            let found = rank(snapshot, bench.embedder, &question(&query.text), search, most)?;
            let rows: Vec<Row> = found.iter().take(most).map(|found| found.row).collect();
            let passages = snapshot.passages(&rows)?;
            let retrieved: Vec<CharSpan> =
                passages.iter().map(|stored| set.chars_of(stored.path.as_str(), &stored.passage)).collect();
            Ok(DEPTHS.map(|depth| measure(&query.spans, &retrieved[..depth.min(retrieved.len())])).to_vec())
        };
        let all = set.queries.par_iter().map(measure).collect::<Result<Vec<_>>>()?;
        for (at, depth) in DEPTHS.into_iter().enumerate() {
            let mean = |value: fn(&SpanMeasures) -> f64| {
                all.iter().map(|of| value(&of[at])).sum::<f64>() / all.len() as f64
            };
            let (recall, precision) = (mean(|of| of.recall), mean(|of| of.precision));
            let (iou, chars) = (mean(|of| of.iou), mean(|of| of.chars));
            figures.push(SpanFigures { search, depth, recall, precision, iou, chars });
        }
    }
    let (info, mut warnings) = (snapshot.info(), set.warnings);
    warnings.extend(SetWarning::list([(lost, "files with spans that aren't in the index")]));
    warnings.extend(indexed.warnings);
    let queries = set.queries.len() as u64;
    Ok(Chunking { files: info.files, passages: info.passages, queries, figures, warnings })
}

impl SpanSet {
    /// The characters of a passage; in a file without spans only their number is right.
    fn chars_of(&self, file: &str, passage: &Passage) -> CharSpan {
        let range = match self.files.get(file) {
            Some(map) => map.char_at(passage.span.start)..map.char_at(passage.span.end),
            None => 0..passage.text.chars().count() as u64,
        };
        CharSpan { file: file.to_owned(), range }
    }
}

/// The measures of one question at one depth.
#[derive(Clone, Copy, Debug, PartialEq)]
struct SpanMeasures {
    recall: f64,
    precision: f64,
    iou: f64,
    /// The number of retrieved characters.
    chars: f64,
}

/// Measures how well retrieved passages fit the relevant spans.
fn measure(spans: &[CharSpan], retrieved: &[CharSpan]) -> SpanMeasures {
    let (mut found, mut missed) = (0, 0);
    let files: HashSet<&str> = spans.iter().map(|span| span.file.as_str()).collect();
    for file in files {
        let mut both = Vec::new();
        for span in spans.iter().filter(|span| span.file == file) {
            let parts: Vec<Range<u64>> = retrieved
                .iter()
                .filter(|passage| passage.file == file)
                .filter_map(|passage| ranges::shared(&passage.range, &span.range))
                .collect();
            missed += ranges::total([&span.range]) - ranges::covered(&parts);
            both.extend(parts);
        }
        found += ranges::covered(&both);
    }
    let relevant = ranges::total(spans.iter().map(|span| &span.range));
    let chars = ranges::total(retrieved.iter().map(|passage| &passage.range));
    let share = |of: u64| found as f64 / of.max(1) as f64;
    SpanMeasures {
        recall: share(relevant),
        precision: share(chars),
        iou: share(chars + missed),
        chars: chars as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    fn at(file: &str, range: Range<u64>) -> CharSpan {
        CharSpan { file: file.into(), range }
    }

    fn values(of: SpanMeasures) -> [f64; 4] {
        [of.recall, of.precision, of.iou, of.chars]
    }

    fn close(got: SpanMeasures, want: [f64; 4]) {
        let got = values(got);
        assert!(got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-12), "{got:?} {want:?}");
    }

    #[test]
    fn hand_computed_values() {
        let spans = [at("a", 10..20), at("a", 50..60)];
        // 5 of 20 characters found, in passages of 15 and 30, the second elsewhere.
        let got = measure(&spans, &[at("a", 0..15), at("b", 0..30)]);
        close(got, [5.0 / 20.0, 5.0 / 45.0, 5.0 / (45.0 + 15.0), 45.0]);
        // What is retrieved twice counts twice in the length, once in what is found.
        let got = measure(&spans, &[at("a", 0..15), at("a", 5..65)]);
        close(got, [1.0, 20.0 / 75.0, 20.0 / 75.0, 75.0]);
        close(measure(&spans, &[]), [0.0; 4]);
        close(measure(&spans, &[at("a", 10..20), at("a", 50..60)]), [1.0, 1.0, 1.0, 20.0]);
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        let map = CharMap::new("aé漢🦀".repeat(50));
        let starts: Vec<usize> = map.text.char_indices().map(|(at, _)| at).collect();
        assert_eq!(map.len(), 200);
        for (number, &byte) in starts.iter().enumerate() {
            assert_eq!(map.char_at(byte as u64), number as u64);
        }
        assert_eq!(map.get(&(1..3)), Some("é漢"));
        assert_eq!(map.get(&(196..200)), Some("aé漢🦀"));
        assert_eq!(map.get(&(0..200)), Some(map.text.as_str()));
        assert_eq!(map.get(&(199..201)), None);
        assert_eq!(CharMap::new("a".repeat(64)).get(&(0..64)).map(str::len), Some(64));
        assert_eq!(CharMap::new(String::new()).get(&(0..0)), None);
        assert_eq!(map.get(&(u64::MAX - 1..u64::MAX)), None);
    }

    #[test]
    fn a_span_must_lie_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("corpora")).unwrap();
        std::fs::write(folder.path().join("corpora/a.md"), "Owls hunt at night.").unwrap();
        std::fs::write(folder.path().join("queries.jsonl"), "{\"_id\":\"q\",\"text\":\"who\"}").unwrap();
        let read = |file: &str, start: u64, end: u64| {
            let span =
                format!(r#"{{"query_id":"q","file":"{file}","start":{start},"end":{end},"content":"Owls"}}"#);
            std::fs::write(folder.path().join("spans.jsonl"), span).unwrap();
            SpanSet::read(folder.path())
        };
        assert!(read("a.md", 0, 4).unwrap().warnings.is_empty());
        assert_eq!(read("a.md", 0, 5).unwrap().warnings.len(), 1);
        for (file, start, end) in [
            ("a.md", 5, 99),
            ("a.md", 5, 5),
            ("a.md", 9, 5),
            ("b.md", 0, 1),
            ("../queries.jsonl", 0, 1),
            ("", 0, 1),
        ] {
            let error = read(file, start, end).unwrap_err().to_string();
            assert!(error.contains("spans.jsonl:1: "), "{error}");
        }
        std::fs::write(folder.path().join("spans.jsonl"), "").unwrap();
        assert!(SpanSet::read(folder.path()).unwrap_err().to_string().contains("has a span"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn values_are_shares_and_iou_is_the_least(
            spans in proptest::collection::vec((0u64..60, 1u64..20), 1..5),
            retrieved in proptest::collection::vec((0u64..60, 1u64..20), 0..6),
        ) {
            let located = |list: &[(u64, u64)]| -> Vec<CharSpan> {
                list.iter().map(|&(start, len)| at("a", start..start + len)).collect()
            };
            let (spans, mut retrieved) = (located(&spans), located(&retrieved));
            let got = values(measure(&spans, &retrieved));
            prop_assert!(got[..3].iter().all(|value| (0.0..=1.0).contains(value)), "{:?}", got);
            prop_assert!(got[2] <= got[1]);
            retrieved.reverse();
            let turned = values(measure(&spans, &retrieved));
            prop_assert_eq!(got.map(f64::to_bits), turned.map(f64::to_bits));
        }
    }
}
