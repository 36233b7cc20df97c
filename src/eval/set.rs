//! A test set in the layout of BEIR: documents, queries, judgments, and maybe known answers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::lines::{self, LineReader};
use super::set_warning::SetWarning;
use crate::document::ContentHash;
use crate::error::{Error, NotFound, Result, Usage, Wanted};
use crate::sys;

/// What a line of `corpus.jsonl` looks like.
const DOCUMENT: &str = "`{\"_id\": \"d1\", \"title\": \"…\", \"text\": \"…\"}`";
/// What a line of `queries.jsonl` looks like.
const QUERY: &str = "`{\"_id\": \"q1\", \"text\": \"…\"}`";
/// What a line of `answers.jsonl` looks like.
const ANSWER: &str = "`{\"_id\": \"q1\", \"answers\": [\"…\"]}`";

/// A test set. Documents are numbered in the order of their file.
#[derive(Clone, Debug)]
pub struct Set {
    /// The folder it was read from.
    pub dir: PathBuf,
    /// The id of each document.
    pub documents: Vec<String>,
    /// The queries that have a positive judgment, in the order of their file.
    pub queries: Vec<TestQuery>,
    /// What is odd about it.
    pub warnings: Vec<SetWarning>,
    /// The hash of the documents' file.
    pub(super) content: ContentHash,
}

/// A query with its judgments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestQuery {
    /// Its id.
    pub id: String,
    /// The question.
    pub text: String,
    /// All judgments, also those of documents that aren't there, in ascending order.
    pub judged: Vec<i64>,
    /// The judgments of the documents that are there, by the document's number.
    pub judgments: HashMap<u32, i64>,
    /// Known answers to it.
    pub answers: Vec<String>,
}

impl TestQuery {
    /// The judgment of a document; 0 if it wasn't judged.
    pub fn judgment(&self, document: u32) -> i64 {
        self.judgments.get(&document).copied().unwrap_or(0)
    }
}

/// A line of `corpus.jsonl`.
#[derive(Debug, Deserialize)]
pub(super) struct TestDocument {
    #[serde(rename = "_id", deserialize_with = "lines::id")]
    id: String,
    title: Option<String>,
    text: String,
}

impl TestDocument {
    /// The document as a Markdown note: its title as a heading, then its text.
    pub(super) fn note(&self) -> String {
        let words: Vec<&str> = self.title.as_deref().unwrap_or_default().split_whitespace().collect();
        if words.is_empty() { self.text.clone() } else { format!("# {}\n\n{}", words.join(" "), self.text) }
    }
}

/// A line of `queries.jsonl`.
#[derive(Deserialize)]
struct QueryLine {
    #[serde(rename = "_id", deserialize_with = "lines::id")]
    id: String,
    text: String,
}

/// A line of `answers.jsonl`.
#[derive(Deserialize)]
struct AnswerLine {
    #[serde(rename = "_id", deserialize_with = "lines::id")]
    id: String,
    answers: Vec<String>,
}

/// Counts of what is odd about a set.
#[derive(Default)]
struct Odd {
    unjudged: u64,
    unknown_queries: u64,
    unknown_documents: u64,
    repeated: u64,
    blank: u64,
    spaced: u64,
    unknown_answers: u64,
}

impl Set {
    /// Reads a test set.
    ///
    /// # Errors
    ///
    /// When a file is missing, a line isn't what it should be, an id occurs twice, or no query has a positive
    /// judgment. Judgments of documents or queries that aren't there give a warning.
    pub fn read(dir: &Path) -> Result<Self> {
        let mut odd = Odd::default();
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut lines_of = Vec::new();
        let mut hasher = blake3::Hasher::new();
        each_document(dir, |lines, document| {
            odd.spaced += u64::from(document.id.contains(char::is_whitespace));
            odd.blank += u64::from(document.text.trim().is_empty());
            for part in [&document.id, &document.note()] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
            take_id(lines, &mut numbers, &mut lines_of, document.id)
        })?;
        let mut documents = vec![String::new(); numbers.len()];
        for (id, &number) in &numbers {
            documents[number as usize].clone_from(id);
        }
        if documents.is_empty() {
            return Err(empty(&dir.join("corpus.jsonl"), "documents", DOCUMENT));
        }
        let mut queries = read_queries(dir)?;
        read_judgments(dir, &numbers, &mut queries, &mut odd)?;
        read_answers(dir, &mut queries, &mut odd)?;
        let all = queries.len();
        queries.retain(|query| query.judged.iter().any(|&gain| gain > 0));
        odd.unjudged = (all - queries.len()) as u64;
        if queries.is_empty() {
            let what = format!("no query in {} has a positive judgment", dir.display());
            return Err(Usage::TestSet { what, wanted: Wanted::JudgedIds }.into());
        }
        let warnings = odd.warnings();
        let content = ContentHash(*hasher.finalize().as_bytes());
        Ok(Self { dir: dir.to_path_buf(), documents, queries, warnings, content })
    }

    /// The texts of the queries of a set, judged or not.
    ///
    /// # Errors
    ///
    /// When `queries.jsonl` can't be read or has no queries.
    pub fn questions(dir: &Path) -> Result<Vec<String>> {
        Ok(read_queries(dir)?.into_iter().map(|query| query.text).collect())
    }

    /// The name of its folder.
    pub fn name(&self) -> String {
        let full = sys::resolved(&self.dir).unwrap_or_else(|_| self.dir.clone());
        full.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// Reads the documents again, and calls `take` with the number and the document.
    pub(super) fn each_document(&self, mut take: impl FnMut(u32, &TestDocument) -> Result<()>) -> Result<()> {
        let mut number = 0;
        each_document(&self.dir, |_, document| {
            take(number, &document)?;
            number += 1;
            Ok(())
        })
    }
}

impl Odd {
    /// The counts that aren't 0.
    fn warnings(&self) -> Vec<SetWarning> {
        SetWarning::list([
            (self.unjudged, "queries without a positive judgment, which don't count"),
            (self.unknown_queries, "judgments of queries that aren't in queries.jsonl, which don't count"),
            (
                self.unknown_documents,
                "judgments of documents that aren't in corpus.jsonl, which nothing can find",
            ),
            (self.repeated, "judgments of a pair that was judged before, of which the highest counts"),
            (self.blank, "documents without text"),
            (self.spaced, "ids with white space, written with `_` in runs"),
            (self.unknown_answers, "answers to queries that aren't in queries.jsonl, which don't count"),
        ])
    }
}

/// Reads `corpus.jsonl`.
fn each_document(dir: &Path, take: impl FnMut(&LineReader, TestDocument) -> Result<()>) -> Result<()> {
    lines::each(&dir.join("corpus.jsonl"), DOCUMENT, take)
}

/// Gives an id the next number; `lines_of` has the line of each id.
fn take_id(
    lines: &LineReader,
    numbers: &mut HashMap<String, u32>,
    lines_of: &mut Vec<u64>,
    id: String,
) -> Result<()> {
    match numbers.entry(id) {
        Entry::Occupied(old) => {
            let (id, first) = (old.key(), lines_of[*old.get() as usize]);
            let shown: String = id.chars().take(80).collect();
            Err(lines.bad(&format!("the id `{shown}` stands in line {first} already"), Wanted::OwnIds))
        }
        Entry::Vacant(new) => {
            new.insert(lines_of.len() as u32);
            lines_of.push(lines.number());
            Ok(())
        }
    }
}

/// Reads `queries.jsonl`.
fn read_queries(dir: &Path) -> Result<Vec<TestQuery>> {
    let path = dir.join("queries.jsonl");
    let (mut queries, mut numbers, mut lines_of) = (Vec::new(), HashMap::new(), Vec::new());
    lines::each(&path, QUERY, |lines, QueryLine { id, text }| {
        take_id(lines, &mut numbers, &mut lines_of, id.clone())?;
        queries.push(TestQuery { id, text, ..TestQuery::default() });
        Ok(())
    })?;
    if queries.is_empty() { Err(empty(&path, "queries", QUERY)) } else { Ok(queries) }
}

/// The error for a file without lines.
fn empty(path: &Path, what: &str, form: &'static str) -> Error {
    let what = format!("there are no {what} in {}", path.display());
    Usage::TestSet { what, wanted: Wanted::Form(form) }.into()
}

/// The place of each query by its id.
fn by_id(queries: &[TestQuery]) -> HashMap<String, usize> {
    queries.iter().enumerate().map(|(at, query)| (query.id.clone(), at)).collect()
}

/// Reads `qrels.tsv` or `qrels/test.tsv`, and adds the judgments to the queries.
fn read_judgments(
    dir: &Path,
    documents: &HashMap<String, u32>,
    queries: &mut [TestQuery],
    odd: &mut Odd,
) -> Result<()> {
    let path = ["qrels.tsv", "qrels/test.tsv"].map(|name| dir.join(name));
    let path = path
        .iter()
        .find(|path| path.exists())
        .ok_or_else(|| NotFound::Judgments { dir: dir.to_path_buf() })?;
    let by_id = by_id(queries);
    let mut scores: HashMap<(usize, String), i64> = HashMap::new();
    let mut lines = LineReader::open(path)?;
    let mut is_first = true;
    while let Some(line) = lines.next()? {
        let was_first = std::mem::take(&mut is_first);
        let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
        let [query, document, score] = columns[..] else {
            return Err(
                lines.bad(&format!("there are {} columns instead of 3", columns.len()), Wanted::Judgment)
            );
        };
        let Some(score) = whole(score) else {
            if was_first {
                // The header.
                continue;
            }
            return Err(lines.bad("the third column isn't a whole number", Wanted::Judgment));
        };
        let Some(&query) = by_id.get(query) else {
            odd.unknown_queries += 1;
            continue;
        };
        match scores.entry((query, document.to_owned())) {
            Entry::Occupied(mut old) => {
                odd.repeated += 1;
                *old.get_mut() = score.max(*old.get());
            }
            Entry::Vacant(new) => {
                new.insert(score);
            }
        }
    }
    for ((query, document), score) in scores {
        queries[query].judged.push(score);
        match documents.get(&document) {
            Some(&number) => drop(queries[query].judgments.insert(number, score)),
            None => odd.unknown_documents += 1,
        }
    }
    for query in queries {
        query.judged.sort_unstable();
    }
    Ok(())
}

/// A whole number, which may be written like `1.0`.
fn whole(text: &str) -> Option<i64> {
    // Judgments are small grades; sums of larger numbers would lose their last digits.
    const MOST: i64 = 1_000_000;
    let written = text.split_once('.').filter(|(_, rest)| rest.bytes().all(|digit| digit == b'0'));
    let number: i64 = written.map_or(text, |(number, _)| number).parse().ok()?;
    (-MOST..=MOST).contains(&number).then_some(number)
}

/// Reads `answers.jsonl`, if it is there, and adds the answers to the queries.
fn read_answers(dir: &Path, queries: &mut [TestQuery], odd: &mut Odd) -> Result<()> {
    let path = dir.join("answers.jsonl");
    if !path.exists() {
        return Ok(());
    }
    let by_id = by_id(queries);
    lines::each(&path, ANSWER, |_, AnswerLine { id, answers }| {
        match by_id.get(&id) {
            Some(&at) => queries[at].answers.extend(answers),
            None => odd.unknown_answers += 1,
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const CORPUS: &str = "{\"_id\":\"a\",\"title\":\"Owls\\n at\",\"text\":\"night\"}\n{\"_id\":2,\"title\":null,\"text\":\"x\"}\n";
    const QUERIES: &str =
        "{\"_id\":\"q\",\"text\":\"who\"}\n{\"_id\":\"r\",\"text\":\"what\",\"metadata\":{}}\n";
    const QRELS: &str =
        "query-id\tcorpus-id\tscore\nq\ta\t2\nq\t2\t-1\nq\tgone\t1.0\nz\ta\t1\nq\ta\t1\nr\ta\t0\n";

    fn read(corpus: &str, queries: &str, qrels: &str) -> Result<(tempfile::TempDir, Set)> {
        let at = tempfile::tempdir().unwrap();
        for (name, content) in [("corpus.jsonl", corpus), ("queries.jsonl", queries), ("qrels.tsv", qrels)] {
            std::fs::write(at.path().join(name), content).unwrap();
        }
        let set = Set::read(at.path())?;
        Ok((at, set))
    }

    #[test]
    fn a_set_is_read_and_what_is_odd_is_counted() {
        let (at, set) = read(CORPUS, QUERIES, QRELS).unwrap();
        assert_eq!(set.documents, ["a", "2"]);
        assert_eq!(set.queries.len(), 1);
        assert_eq!(set.queries[0].judged, [-1, 1, 2]);
        assert_eq!(set.queries[0].judgments, HashMap::from([(0, 2), (1, -1)]));
        assert!(set.warnings.iter().all(|warning| warning.count == 1), "{:?}", set.warnings);
        assert_eq!(set.warnings.len(), 4);
        let mut notes = Vec::new();
        set.each_document(|number, document| {
            notes.push((number, document.note()));
            Ok(())
        })
        .unwrap();
        assert_eq!(notes, [(0, "# Owls at\n\nnight".into()), (1, "x".into())]);
        // The judgments may lie where BEIR has them.
        std::fs::create_dir(at.path().join("qrels")).unwrap();
        std::fs::rename(at.path().join("qrels.tsv"), at.path().join("qrels/test.tsv")).unwrap();
        std::fs::write(at.path().join("answers.jsonl"), "{\"_id\":\"q\",\"answers\":[\"an owl\"]}").unwrap();
        assert_eq!(Set::read(at.path()).unwrap().queries[0].answers, ["an owl"]);
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (corpus, queries, qrels, what) in [
            ("", QUERIES, QRELS, "there are no documents in"),
            (CORPUS, "\n", QRELS, "there are no queries in"),
            (CORPUS, QUERIES, "", "has a positive judgment"),
            (CORPUS, QUERIES, "q\ta\t0\n", "has a positive judgment"),
            (CORPUS, QUERIES, "q a 1\n", "qrels.tsv:1: there are 1 columns instead of 3"),
            (CORPUS, QUERIES, "q\ta\t1\nq\tb\tmuch\n", "qrels.tsv:2: the third column"),
            (CORPUS, QUERIES, "q\ta\t1\nq\tb\t99999999999999999999\n", "qrels.tsv:2: the third column"),
            ("{\"_id\":\"a\"}", QUERIES, QRELS, "corpus.jsonl:1: missing field `text`"),
            (
                "{\"_id\":\"a\",\"text\":\"\"}\n{\"_id\":\"a\",\"text\":\"\"}",
                QUERIES,
                QRELS,
                "corpus.jsonl:2: the id `a` stands in line 1",
            ),
            (CORPUS, "{\"_id\":\"q\",\"text\":3}", QRELS, "queries.jsonl:1: invalid type"),
        ] {
            let error = read(corpus, queries, qrels).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
            assert_eq!(error.kind(), ErrorKind::Usage);
        }
    }

    #[test]
    fn grades_are_whole_numbers() {
        assert_eq!(["1", "-2", "3.0", "0."].map(whole), [Some(1), Some(-2), Some(3), Some(0)]);
        assert_eq!(["", "1.5", "1e3", "x", "1000001", "99999999999999999999"].map(whole), [None; 6]);
    }
}
