//! What `eval --json` prints: a [`Retrieval`], a [`Golden`], a [`Chunking`] or a [`Written`], told apart by `form`.

mod chunking;
mod written;

use serde::Serialize;

pub use self::chunking::Chunking;
pub use self::written::Written;

use super::number::Number;
use crate::eval::{self, Change, Comparison, Figures, Measured, PERMUTATIONS};

/// What is printed for a set with judgments.
#[derive(Debug, Serialize)]
pub struct Retrieval<'a> {
    /// `retrieval`.
    form: &'static str,
    /// The name of the set's folder.
    set: String,
    /// The fingerprint of the model.
    model: &'a str,
    /// How many documents it has.
    documents: usize,
    /// How many passages these have.
    passages: u64,
    /// How many queries count: those with a positive judgment.
    queries: usize,
    /// The search by words.
    lexical: Means,
    /// The search by meaning.
    dense: Means,
    /// Both, as `ask` fuses them.
    hybrid: Means,
    /// How good the answers are; `null` if the set has no known ones.
    answers: Option<Answers>,
    /// What became of another set's questions; `null` without `--foreign`.
    foreign: Option<Refusals>,
    /// The difference to an earlier run; `null` without `--compare`.
    compare: Option<Compare>,
    /// What is odd about the set.
    warnings: Vec<Warning<'a>>,
    /// The figures of each query, for `--compare`.
    per_query: PerQuery<'a>,
}

/// Means over the queries, by the definitions of `trec_eval`.
#[derive(Debug, Serialize)]
struct Means {
    #[serde(flatten)]
    figures: Values,
    /// Milliseconds from the question to its ranking, embedding it included; the mean over a sample.
    ms_per_query: Number,
    /// Milliseconds of that for embedding the question.
    embed_ms_per_query: Number,
}

/// The measures of a ranking.
#[derive(Debug, Serialize)]
pub struct Values {
    /// Normalised discounted cumulative gain of the first 10, gains linear.
    #[serde(rename = "ndcg@10")]
    ndcg10: Number,
    /// Reciprocal rank of the first relevant document, 0 after the first 10.
    #[serde(rename = "mrr@10")]
    mrr10: Number,
    /// The share of relevant documents among the first 10.
    #[serde(rename = "recall@10")]
    recall10: Number,
    /// The share of relevant documents among the first 100.
    #[serde(rename = "recall@100")]
    recall100: Number,
    /// Whether the first document is relevant.
    #[serde(rename = "hit@1")]
    hit1: Number,
}

/// The figures of each query: one list of ids, and lists of numbers in its order.
#[derive(Debug, Serialize)]
struct PerQuery<'a> {
    /// The ids of the queries.
    ids: Vec<&'a str>,
    lexical: Lists,
    dense: Lists,
    hybrid: Lists,
}

/// The figures that are compared.
#[derive(Debug, Serialize)]
struct Lists {
    #[serde(rename = "ndcg@10")]
    ndcg10: Vec<Number>,
    #[serde(rename = "mrr@10")]
    mrr10: Vec<Number>,
}

/// One line of what `--per-query` writes.
#[derive(Debug, Serialize)]
pub struct QueryLine<'a> {
    /// The query's id.
    #[serde(rename = "_id")]
    id: &'a str,
    lexical: Values,
    dense: Values,
    hybrid: Values,
}

/// What became of questions with known answers.
#[derive(Debug, Serialize)]
struct Answers {
    /// How many were asked.
    questions: u64,
    /// The share that got an answer.
    answered: Number,
    /// The share whose answer holds a known one.
    contained: Number,
    /// The share of which one of the first five sources shows a known answer.
    contained_in_sources: Number,
    /// The share of answers that are short: at most 3 sentences and 400 characters.
    short: Number,
    /// The mean number of characters of an answer.
    mean_chars: Number,
    /// The citations.
    citations: Citations,
}

/// How many citations are what the file says at their bytes and lines.
#[derive(Debug, Serialize)]
struct Citations {
    exact: u64,
    total: u64,
}

/// What became of own and foreign questions.
#[derive(Debug, Serialize)]
struct Refusals {
    /// How many own questions were asked.
    own: u64,
    /// How many foreign ones.
    foreign: u64,
    /// The area under the ROC curve of the first source's score.
    auc: Number,
    /// The share of own questions that were refused.
    own_refused: Number,
    /// The share of foreign questions that were refused.
    foreign_refused: Number,
    /// The share of own questions answered with high confidence whose first source is relevant.
    high_right: Number,
    /// The share of own questions with a relevant first source that are answered with high confidence.
    right_high: Number,
    /// The share of foreign questions that are answered with high confidence.
    foreign_high: Number,
    /// The expected calibration error over the bins.
    calibration_error: Number,
    /// Scores from 0 to 1 in steps of 0.1.
    bins: Vec<Bin>,
}

/// First sources with scores in one range.
#[derive(Debug, Serialize)]
struct Bin {
    /// How many.
    count: u64,
    /// Their mean score; `null` if there are none.
    predicted: Option<Number>,
    /// The share of them that is relevant; `null` if there are none.
    observed: Option<Number>,
}

/// The differences to an earlier run.
#[derive(Debug, Serialize)]
struct Compare {
    /// How many queries both have.
    queries: u64,
    /// How many permutations the test drew.
    permutations: u32,
    lexical: Changes,
    dense: Changes,
    hybrid: Changes,
}

/// The differences of one search.
#[derive(Debug, Serialize)]
struct Changes {
    #[serde(rename = "ndcg@10")]
    ndcg10: Delta,
    #[serde(rename = "mrr@10")]
    mrr10: Delta,
}

/// The difference of one figure.
#[derive(Debug, Serialize)]
struct Delta {
    /// The mean before.
    old: Number,
    /// The mean now.
    new: Number,
    /// `new` without `old`.
    difference: Number,
    /// For how many queries it is better.
    better: u64,
    /// For how many it is worse.
    worse: u64,
    /// The two-sided p-value of a paired randomisation test.
    p: Number,
}

/// Something odd.
#[derive(Debug, Serialize)]
struct Warning<'a> {
    /// How often it occurs.
    count: u64,
    /// What it is.
    what: &'a str,
}

/// What is printed for questions about notes.
#[derive(Debug, Serialize)]
pub struct Golden<'a> {
    /// `golden`.
    form: &'static str,
    /// The fingerprint of the model.
    model: &'a str,
    /// How many notes were asked.
    files: u64,
    /// How many passages they have.
    passages: u64,
    /// How many questions the notes answer.
    answerable: u64,
    /// The share of these whose first source is right.
    #[serde(rename = "hit@1")]
    hit1: Number,
    /// The share of which one of the first three is.
    #[serde(rename = "hit@3")]
    hit3: Number,
    /// The share whose answer stands on accepted lines.
    contained: Number,
    /// How many questions the notes don't answer.
    unanswerable: u64,
    /// How many of these were refused.
    refused: u64,
    /// How many answerable questions were refused.
    refused_wrongly: u64,
    /// The citations.
    citations: Citations,
    /// The answerable questions whose first source isn't right.
    missed: Vec<Miss<'a>>,
    /// The answerable questions that were refused.
    wrongly_refused: Vec<Wrong<'a>>,
    /// The unanswerable questions that were answered.
    wrongly_answered: Vec<Wrong<'a>>,
    /// What is odd about the questions.
    warnings: Vec<Warning<'a>>,
}

/// A question whose first source isn't right.
#[derive(Debug, Serialize)]
struct Miss<'a> {
    question: &'a str,
    /// The place of the first source that is right; `null` if none of the first five is.
    place: Option<u32>,
    /// What came first, as `root/path`; `null` if nothing was found.
    path: Option<&'a str>,
    /// Its first line.
    first_line: Option<u32>,
    /// Its last line.
    last_line: Option<u32>,
}

/// A question that was answered or refused wrongly.
#[derive(Debug, Serialize)]
struct Wrong<'a> {
    question: &'a str,
    /// The score of the first source.
    score: Number,
}

impl<'a> Retrieval<'a> {
    /// Describes what was measured.
    pub fn new(of: &'a eval::Retrieval, model: &'a str, compared: Option<&[Comparison]>) -> Self {
        let [lexical, dense, hybrid] = searches(of);
        let lists = |measured: &Measured| Lists {
            ndcg10: measured.per_query.iter().map(|figures| Number(figures.ndcg10)).collect(),
            mrr10: measured.per_query.iter().map(|figures| Number(figures.mrr10)).collect(),
        };
        Self {
            form: "retrieval",
            set: of.set.name(),
            model,
            documents: of.set.documents.len(),
            passages: of.passages,
            queries: of.set.queries.len(),
            lexical: Means::new(lexical),
            dense: Means::new(dense),
            hybrid: Means::new(hybrid),
            answers: of.answers.as_ref().map(Answers::new),
            foreign: of.foreign.as_ref().map(Refusals::new),
            compare: compared.and_then(Compare::new),
            warnings: warnings(&of.warnings),
            per_query: PerQuery {
                ids: of.set.queries.iter().map(|query| query.id.as_str()).collect(),
                lexical: lists(lexical),
                dense: lists(dense),
                hybrid: lists(hybrid),
            },
        }
    }
}

/// The three searches, in their order.
fn searches(of: &eval::Retrieval) -> [&Measured; 3] {
    [&of.measured[0], &of.measured[1], &of.measured[2]]
}

/// The lines of what `--per-query` writes.
pub fn query_lines(of: &eval::Retrieval) -> impl Iterator<Item = QueryLine<'_>> {
    let [lexical, dense, hybrid] = searches(of).map(|measured| &measured.per_query);
    of.set.queries.iter().enumerate().map(|(at, query)| QueryLine {
        id: &query.id,
        lexical: Values::new(&lexical[at]),
        dense: Values::new(&dense[at]),
        hybrid: Values::new(&hybrid[at]),
    })
}

impl Means {
    fn new(of: &Measured) -> Self {
        Self {
            figures: Values::new(&of.mean),
            ms_per_query: Number(1e3 * of.per_question.as_secs_f64()),
            embed_ms_per_query: Number(1e3 * of.embedding.as_secs_f64()),
        }
    }
}

impl Values {
    fn new(of: &Figures) -> Self {
        let [ndcg10, mrr10, recall10, recall100, hit1] = of.values().map(Number);
        Self { ndcg10, mrr10, recall10, recall100, hit1 }
    }
}

impl Answers {
    fn new(of: &eval::Answers) -> Self {
        let share = |count: u64, all: u64| Number(count as f64 / all.max(1) as f64);
        Self {
            questions: of.questions,
            answered: share(of.answered, of.questions),
            contained: share(of.contained, of.questions),
            contained_in_sources: share(of.in_sources, of.questions),
            short: share(of.short, of.answered),
            mean_chars: share(of.chars, of.answered),
            citations: citations(of.citations),
        }
    }
}

fn citations(of: eval::Citations) -> Citations {
    Citations { exact: of.exact, total: of.total }
}

impl Refusals {
    fn new(of: &eval::Foreign) -> Self {
        let bin = |bin: &eval::Bin| Bin {
            count: bin.count,
            predicted: (bin.count > 0).then_some(Number(bin.predicted)),
            observed: (bin.count > 0).then_some(Number(bin.observed)),
        };
        Self {
            own: of.own,
            foreign: of.foreign,
            auc: Number(of.auc),
            own_refused: Number(of.own_refused),
            foreign_refused: Number(of.foreign_refused),
            high_right: Number(of.high_right),
            right_high: Number(of.right_high),
            foreign_high: Number(of.foreign_high),
            calibration_error: Number(of.calibration_error),
            bins: of.bins.iter().map(bin).collect(),
        }
    }
}

impl Compare {
    fn new(of: &[Comparison]) -> Option<Self> {
        let [lexical, dense, hybrid] = of else { return None };
        let changes =
            |of: &Comparison| Changes { ndcg10: Delta::new(&of.ndcg10), mrr10: Delta::new(&of.mrr10) };
        Some(Self {
            queries: hybrid.queries,
            permutations: PERMUTATIONS,
            lexical: changes(lexical),
            dense: changes(dense),
            hybrid: changes(hybrid),
        })
    }
}

impl Delta {
    fn new(&Change { old, new, better, worse, p }: &Change) -> Self {
        let difference = Number(new - old);
        Self { old: Number(old), new: Number(new), difference, better, worse, p: Number(p) }
    }
}

fn warnings(of: &[eval::SetWarning]) -> Vec<Warning<'_>> {
    of.iter().map(|warning| Warning { count: warning.count, what: &warning.what }).collect()
}

impl<'a> Golden<'a> {
    /// Describes what was measured.
    pub fn new(of: &'a eval::Golden, model: &'a str) -> Self {
        let share = |count: u64| Number(count as f64 / of.answerable.max(1) as f64);
        let miss = |miss: &'a eval::Miss| Miss {
            question: &miss.question,
            place: miss.place,
            path: miss.first.as_ref().map(|(path, _)| path.as_str()),
            first_line: miss.first.as_ref().map(|(_, lines)| lines.first),
            last_line: miss.first.as_ref().map(|(_, lines)| lines.last),
        };
        let wrong = |wrong: &'a eval::WrongReply| Wrong {
            question: &wrong.question,
            score: Number(f64::from(wrong.score)),
        };
        Self {
            form: "golden",
            model,
            files: of.files,
            passages: of.passages,
            answerable: of.answerable,
            hit1: share(of.hit1),
            hit3: share(of.hit3),
            contained: share(of.contained),
            unanswerable: of.unanswerable,
            refused: of.unanswerable - of.wrongly_answered.len() as u64,
            refused_wrongly: of.wrongly_refused.len() as u64,
            citations: citations(of.citations),
            missed: of.missed.iter().map(miss).collect(),
            wrongly_refused: of.wrongly_refused.iter().map(wrong).collect(),
            wrongly_answered: of.wrongly_answered.iter().map(wrong).collect(),
            warnings: warnings(&of.warnings),
        }
    }
}
