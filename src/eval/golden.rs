//! Does `ask` find the lines that answer a question, and refuse what the notes don't answer? Questions about a folder of
//! notes, each with the lines that are accepted.

use std::path::Path;

use rayon::prelude::*;
use serde::Deserialize;

use super::bench::{Bench, question};
use super::cache;
use super::citation::Citations;
use super::lines::{self, LineReader};
use super::probe::Probe;
use super::set_warning::SetWarning;
use crate::ask::{Reply, Stopwatch, ask};
use crate::document::{LineSpan, NotePath};
use crate::error::{Result, Usage, Wanted};
use crate::hit::{Hit, StoredPassage};

/// The name of the file of questions among the notes.
pub(super) const FILE: &str = "golden.jsonl";

/// What a line of that file looks like.
const QUESTION: &str =
    "`{\"question\": \"…\", \"accept\": [{\"file\": \"a.md\", \"first_line\": 3, \"last_line\": 8}]}`";
/// A source of no more lines is never too long.
const LONG: u32 = 12;
/// A longer source is right only if it has at most this many times as many lines as are accepted.
const TOO_LONG: u32 = 3;

/// Questions with the lines that answer them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoldenSet {
    questions: Vec<GoldenQuestion>,
}

/// A question with the lines that are accepted as its source; with none, the notes don't answer it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct GoldenQuestion {
    question: String,
    #[serde(default)]
    accept: Option<Vec<AcceptedSpan>>,
}

/// Lines of a note that are accepted as an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct AcceptedSpan {
    /// The note: its path as `root/path`, or the last parts of it.
    file: String,
    /// The first line, from 1.
    first_line: u32,
    /// The last line, included.
    last_line: u32,
}

/// Figures of the questions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Golden {
    /// How many notes there are.
    pub files: u64,
    /// How many passages they have.
    pub passages: u64,
    /// How many questions the notes answer.
    pub answerable: u64,
    /// For how many of these the first source is right.
    pub hit1: u64,
    /// For how many of these one of the first three sources is right.
    pub hit3: u64,
    /// How many of these got an answer that is on accepted lines.
    pub contained: u64,
    /// How many questions the notes don't answer.
    pub unanswerable: u64,
    /// The citations of all sources and parts of answers.
    pub citations: Citations,
    /// The answerable questions whose first source isn't right.
    pub missed: Vec<Miss>,
    /// The answerable questions that got no answer.
    pub wrongly_refused: Vec<WrongReply>,
    /// The unanswerable questions that got one.
    pub wrongly_answered: Vec<WrongReply>,
    /// What is odd about the questions, and what couldn't be indexed.
    pub warnings: Vec<SetWarning>,
}

/// A question whose first source isn't right.
#[derive(Clone, Debug, PartialEq)]
pub struct Miss {
    /// The question.
    pub question: String,
    /// The place of the first source that is right, from 1, if any is.
    pub place: Option<u32>,
    /// The first source, if there is one: its note as `root/path`, and its lines.
    pub first: Option<(String, LineSpan)>,
}

/// A question that was refused or answered wrongly.
#[derive(Clone, Debug, PartialEq)]
pub struct WrongReply {
    /// The question.
    pub question: String,
    /// The score of the first source; 0 if there is none.
    pub score: f32,
}

impl GoldenSet {
    /// Reads a file of questions, one a line.
    ///
    /// # Errors
    ///
    /// When the file can't be read, a line isn't what it should be, or there is none.
    pub fn read(path: &Path) -> Result<Self> {
        let mut questions: Vec<GoldenQuestion> = Vec::new();
        lines::each(path, QUESTION, |lines, golden: GoldenQuestion| {
            let is_odd = |span: &AcceptedSpan| span.first_line == 0 || span.last_line < span.first_line;
            if golden.accept.iter().flatten().any(is_odd) {
                return Err(lines.bad("the lines of a span don't count up from 1", Wanted::LinesFromOne));
            }
            if golden.question.trim().is_empty() {
                return Err(lines.bad("the question is empty", Wanted::Form(QUESTION)));
            }
            questions.push(golden);
            Ok(())
        })?;
        if questions.is_empty() {
            let what = format!("there are no questions in {}", path.display());
            return Err(Usage::TestSet { what, wanted: Wanted::Form(QUESTION) }.into());
        }
        Ok(Self { questions })
    }

    /// The questions, for a language model to answer.
    pub(super) fn probes(&self) -> Vec<Probe<'_>> {
        self.questions.iter().map(GoldenQuestion::probe).collect()
    }

    /// Adds questions that the notes don't answer.
    pub fn add_unanswerable(&mut self, questions: impl IntoIterator<Item = String>) {
        self.questions
            .extend(questions.into_iter().map(|question| GoldenQuestion { question, accept: None }));
    }
}

/// Reads a text file with a question on each line.
///
/// # Errors
///
/// When the file can't be read or isn't UTF-8.
pub fn plain_questions(path: &Path) -> Result<Vec<String>> {
    let (mut lines, mut questions) = (LineReader::open(path)?, Vec::new());
    while let Some(line) = lines.next()? {
        questions.push(line.trim().to_owned());
    }
    Ok(questions)
}

/// Asks the questions of a set; `notes` is the folder that they are about.
///
/// # Errors
///
/// When the notes can't be indexed, or the user interrupts.
pub fn golden(bench: &Bench<'_>, set: &GoldenSet, notes: &Path) -> Result<Golden> {
    let indexed = cache::folder(bench, notes)?;
    let snapshot = &*indexed.snapshot;
    let roots = &snapshot.info().roots;
    bench.asking(set.questions.len() as u64);
    let judge = |golden: &GoldenQuestion| {
        bench.asked()?;
        let reply = ask(snapshot, bench.embedder, &question(&golden.question), &mut Stopwatch::default())?;
        let citations = Citations::of(&reply, roots);
        Ok(Golden { citations, ..golden.judge(&reply) })
    };
    let judged = set.questions.par_iter().map(judge).collect::<Result<Vec<_>>>()?;
    let files: Vec<(String, NotePath)> =
        snapshot.files()?.into_iter().map(|file| (file.root, file.path)).collect();
    let spans = set.questions.iter().flat_map(|golden| golden.accept.iter().flatten());
    let is_lost = |span: &&AcceptedSpan| !files.iter().any(|(root, path)| span.names(root, path));
    let lost = spans.filter(is_lost).count() as u64;
    let mut all = judged.into_iter().fold(Golden::default(), Golden::add);
    (all.files, all.passages) = (snapshot.info().files, snapshot.info().passages);
    all.warnings = SetWarning::list([(lost, "accepted spans in notes that aren't in the index")]);
    all.warnings.extend(indexed.warnings);
    Ok(all)
}

impl Golden {
    /// The figures of both.
    fn add(mut self, other: Self) -> Self {
        self.answerable += other.answerable;
        self.hit1 += other.hit1;
        self.hit3 += other.hit3;
        self.contained += other.contained;
        self.unanswerable += other.unanswerable;
        self.citations.add(other.citations);
        self.missed.extend(other.missed);
        self.wrongly_refused.extend(other.wrongly_refused);
        self.wrongly_answered.extend(other.wrongly_answered);
        self
    }
}

impl GoldenQuestion {
    /// The question, for a language model to answer.
    fn probe(&self) -> Probe<'_> {
        let accept = self.accept.as_deref().unwrap_or_default();
        if accept.is_empty() {
            return Probe::unanswerable(&self.question);
        }
        let is_gold = |source: &StoredPassage, lines: LineSpan| {
            accept.iter().any(|span| span.names(&source.root, &source.path) && span.touches(lines))
        };
        Probe { text: &self.question, is_gold: Some(Box::new(is_gold)), known: &[] }
    }

    /// Compares one reply with what is accepted.
    fn judge(&self, reply: &Reply) -> Golden {
        let accept = self.accept.as_deref().unwrap_or_default();
        let is_answered = reply.answer.is_some();
        let score = reply.hits.first().map_or(0.0, |hit| hit.score);
        let wrong = |is_wrong: bool| -> Vec<WrongReply> {
            let question = self.question.clone();
            is_wrong.then_some(WrongReply { question, score }).into_iter().collect()
        };
        if accept.is_empty() {
            return Golden { unanswerable: 1, wrongly_answered: wrong(is_answered), ..Golden::default() };
        }
        let right = |hit: &Hit| accept.iter().any(|span| span.is_cited_by(&hit.source));
        let place = reply.hits.iter().position(right);
        let first = reply
            .hits
            .first()
            .map(|hit| (format!("{}/{}", hit.source.root, hit.source.path), hit.source.passage.lines));
        let place_from_one = place.map(|at| at as u32 + 1);
        let miss = Miss { question: self.question.clone(), place: place_from_one, first };
        Golden {
            answerable: 1,
            hit1: u64::from(place == Some(0)),
            hit3: u64::from(place.is_some_and(|at| at < 3)),
            contained: u64::from(answer_stands(reply, accept)),
            missed: (place != Some(0)).then_some(miss).into_iter().collect(),
            wrongly_refused: wrong(!is_answered),
            ..Golden::default()
        }
    }
}

/// Whether the lines of a reply's answer, and not just those of its source, touch an accepted span.
fn answer_stands(reply: &Reply, accept: &[AcceptedSpan]) -> bool {
    let Some(answer) = &reply.answer else { return false };
    answer.parts.iter().any(|part| {
        let hit = reply.hits.iter().find(|hit| hit.rank == part.citation);
        hit.is_some_and(|hit| {
            let StoredPassage { root, path, .. } = &hit.source;
            accept.iter().any(|span| span.names(root, path) && span.touches(part.lines))
        })
    })
}

impl AcceptedSpan {
    /// Whether a note is the one that is meant.
    fn names(&self, root: &str, path: &NotePath) -> bool {
        let full = format!("{root}/{path}");
        full.strip_suffix(self.file.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('/'))
    }

    /// Whether lines share at least one with the span.
    fn touches(&self, lines: LineSpan) -> bool {
        lines.first <= self.last_line && self.first_line <= lines.last
    }

    /// Whether a source has these lines, and not many more.
    fn is_cited_by(&self, source: &StoredPassage) -> bool {
        let lines = source.passage.lines;
        let count = |first: u32, last: u32| last.saturating_sub(first).saturating_add(1);
        let (cited, accepted) = (count(lines.first, lines.last), count(self.first_line, self.last_line));
        let is_too_long = cited > LONG && cited > accepted.saturating_mul(TOO_LONG);
        self.names(&source.root, &source.path) && self.touches(lines) && !is_too_long
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(file: &str, first_line: u32, last_line: u32) -> AcceptedSpan {
        AcceptedSpan { file: file.into(), first_line, last_line }
    }

    #[test]
    fn notes_are_named_by_any_end_of_their_path() {
        let path = NotePath::from_encoded("python/core.md");
        for file in ["core.md", "python/core.md", "notes/python/core.md"] {
            assert!(span(file, 1, 1).names("notes", &path), "{file}");
        }
        for file in ["re.md", "ython/core.md", "other/core.md", "python", "python/core.md/"] {
            assert!(!span(file, 1, 1).names("notes", &path), "{file}");
        }
    }

    #[test]
    fn lines_touch_where_they_share_one() {
        let lines = |first, last| LineSpan { first, last };
        assert!(span("a", 3, 5).touches(lines(5, 9)) && span("a", 3, 5).touches(lines(1, 3)));
        assert!(!span("a", 3, 5).touches(lines(6, 9)) && !span("a", 3, 5).touches(lines(1, 2)));
    }

    #[test]
    fn questions_are_read_and_mistakes_named() {
        let at = tempfile::tempdir().unwrap();
        let path = at.path().join("golden.jsonl");
        let read = |content: &str| {
            std::fs::write(&path, content).unwrap();
            GoldenSet::read(&path)
        };
        let good = r#"{"question": "who", "accept": [{"file": "a.md", "first_line": 1, "last_line": 2}]}"#;
        let mut set =
            read(&format!("{good}\n{{\"question\":\"x\",\"accept\":null}}\n{{\"question\":\"y\"}}\n"))
                .unwrap();
        assert_eq!(set.questions.len(), 3);
        std::fs::write(&path, "one\n\n two \n").unwrap();
        set.add_unanswerable(plain_questions(&path).unwrap());
        assert_eq!(set.questions[4], GoldenQuestion { question: "two".into(), accept: None });
        for (content, what) in [
            ("", "there are no questions in"),
            ("{\"question\":\" \"}", "golden.jsonl:1: the question is empty"),
            (&good.replace("1,", "3,"), "golden.jsonl:1: the lines of a span"),
            (&good.replace("1,", "0,"), "golden.jsonl:1: the lines of a span"),
            (&good.replace("1,", "-1,"), "golden.jsonl:1: invalid value"),
            ("\n{}", "golden.jsonl:2: missing field `question`"),
        ] {
            let error = read(content).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
