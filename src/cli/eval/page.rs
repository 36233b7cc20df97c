//! Figures as people read them. Texts from test sets go through [`sanitize`] like those from notes.

use std::fmt::Write;

use super::super::{human, sanitize};
use qsearch::answer::{ANSWER_CHARS, ANSWER_SENTENCES};
use qsearch::eval::{
    Answers, BINS, Change, Chunking, Citations, Comparison, Figures, Foreign, Golden, PERMUTATIONS,
    PUBLISHED, Retrieval, SetWarning, WrongReply,
};

/// Writes one line; a String takes anything.
macro_rules! line {
    ($out:expr $(, $($rest:tt)*)?) => {{
        let _ = writeln!($out $(, $($rest)*)?);
    }};
}

/// The page for a set with judgments.
pub(super) fn retrieval(of: &Retrieval, compared: Option<&[Comparison]>) -> String {
    let mut out = String::new();
    let count = |number: usize, one, many| human::count(number as u64, one, many);
    line!(
        out,
        "{}: {}, {}, {}",
        sanitize::name(&of.set.name()),
        count(of.set.documents.len(), "document", "documents"),
        human::count(of.passages, "passage", "passages"),
        count(of.set.queries.len(), "query", "queries")
    );
    warnings(&mut out, &of.warnings);
    line!(out);
    let mut names = String::new();
    for name in Figures::NAMES.into_iter().chain(["ms/query", "embedding"]) {
        let _ = write!(names, "{name:>12}");
    }
    line!(out, "{:8}{names}", "");
    for measured in &of.measured {
        let _ = write!(out, "{:8}", measured.search.name());
        for value in measured.mean.values() {
            let _ = write!(out, "{value:>12.4}");
        }
        let [all, embedding] =
            [measured.per_question, measured.embedding].map(|time| 1e3 * time.as_secs_f64());
        line!(out, "{all:>12.2}{embedding:>12.2}");
    }
    if let Some(answers) = &of.answers {
        line!(out);
        answers_of(&mut out, answers);
    }
    if let Some(foreign) = &of.foreign {
        line!(out);
        foreign_of(&mut out, foreign);
    }
    if let Some(compared) = compared {
        line!(out);
        comparison(&mut out, compared);
    }
    out
}

/// What is odd, a line each.
pub(super) fn warnings(out: &mut String, warnings: &[SetWarning]) {
    for warning in warnings {
        line!(out, "warning: {} {}", human::thousands(warning.count), sanitize::name(&warning.what));
    }
}

/// A share, with its unit.
pub(super) fn percent(part: u64, all: u64) -> String {
    format!("{:.1} %", 100.0 * part as f64 / all.max(1) as f64)
}

fn exact(citations: Citations) -> String {
    let [exact, total] = [citations.exact, citations.total].map(human::thousands);
    format!("{exact} of {total} citations are exact")
}

fn answers_of(out: &mut String, of: &Answers) {
    line!(out, "answers to {}:", human::count(of.questions, "question", "questions"));
    line!(out, "  {:>8}  have an answer", percent(of.answered, of.questions));
    line!(out, "  {:>8}  have an answer that holds a known one", percent(of.contained, of.questions));
    line!(
        out,
        "  {:>8}  have a source among the first 5 that shows a known one",
        percent(of.in_sources, of.questions)
    );
    line!(
        out,
        "  {:>8}  of the answers have at most {ANSWER_SENTENCES} sentences and {ANSWER_CHARS} characters; the mean is {:.0}",
        percent(of.short, of.answered),
        of.chars as f64 / of.answered.max(1) as f64
    );
    line!(out, "  {}", exact(of.citations));
}

fn foreign_of(out: &mut String, of: &Foreign) {
    line!(
        out,
        "{} own and {} foreign questions, by the score of the first source:",
        human::thousands(of.own),
        human::thousands(of.foreign)
    );
    line!(out, "  {:>8.4}  area under the ROC curve", of.auc);
    line!(out, "  {:>8.4}  of the own questions are refused", of.own_refused);
    line!(out, "  {:>8.4}  of the foreign questions are refused", of.foreign_refused);
    line!(out, "  {:>8.4}  of those answered with high confidence are right", of.high_right);
    line!(out, "  {:>8.4}  of the right ones are answered with high confidence", of.right_high);
    line!(out, "  {:>8.4}  of the foreign questions are answered with high confidence", of.foreign_high);
    line!(out, "  {:>8.4}  expected calibration error", of.calibration_error);
    line!(out, "  score      questions  predicted  relevant");
    for (at, bin) in of.bins.iter().enumerate() {
        let edge = |at: usize| at as f64 / BINS as f64;
        let (from, to) = (edge(at), edge(at + 1));
        let _ = write!(out, "  {from:.1} to {to:.1}{:>11}", human::thousands(bin.count));
        if bin.count == 0 {
            line!(out, "{:>11}{:>10}", "–", "–");
        } else {
            line!(out, "{:>11.3}{:>10.3}", bin.predicted, bin.observed);
        }
    }
}

fn comparison(out: &mut String, of: &[Comparison]) {
    let queries = of.first().map_or(0, |comparison| comparison.queries);
    line!(out, "before and now, on {} that both have:", human::count(queries, "query", "queries"));
    line!(
        out,
        "{:8}{:>12}{:>12}{:>12}{:>12}{:>9}{:>9}{:>10}",
        "",
        "",
        "before",
        "now",
        "difference",
        "better",
        "worse",
        "p"
    );
    for comparison in of {
        let mut row = |what: &str, change: &Change| {
            let Change { old, new, better, worse, p } = *change;
            let name = comparison.search.name();
            line!(
                out,
                "{name:8}{what:>12}{old:>12.4}{new:>12.4}{:>+12.4}{better:>9}{worse:>9}{p:>10.4}",
                new - old
            );
        };
        row("ndcg@10", &comparison.ndcg10);
        row("mrr@10", &comparison.mrr10);
    }
    line!(
        out,
        "p is two-sided, by a paired randomisation test with {} draws",
        human::thousands(PERMUTATIONS.into())
    );
}

/// The page for questions about notes.
pub(super) fn golden(of: &Golden) -> String {
    let mut out = String::new();
    let [files, passages] = [(of.files, "note", "notes"), (of.passages, "passage", "passages")]
        .map(|(count, one, many)| human::count(count, one, many));
    line!(out, "{files}, {passages}");
    warnings(&mut out, &of.warnings);
    line!(out);
    if of.answerable > 0 {
        let all = of.answerable;
        line!(out, "{} that the notes answer:", human::count(all, "question", "questions"));
        for (count, what) in [
            (of.hit1, "hit@1: the first source is right"),
            (of.hit3, "hit@3: one of the first three is"),
            (of.contained, "the answer stands on accepted lines"),
            (of.wrongly_refused.len() as u64, "refused"),
        ] {
            line!(out, "  {:>8}  {:>5}  {what}", percent(count, all), human::thousands(count));
        }
    }
    if of.unanswerable > 0 {
        let refused = of.unanswerable - of.wrongly_answered.len() as u64;
        line!(out, "{} that they don't:", human::count(of.unanswerable, "question", "questions"));
        line!(out, "  {:>8}  {:>5}  refused", percent(refused, of.unanswerable), human::thousands(refused));
    }
    line!(out, "{}", exact(of.citations));
    if !of.missed.is_empty() {
        line!(out, "\nmissed, with the place of the first right source, and what came first instead:");
    }
    for miss in &of.missed {
        let place = miss.place.map_or("–".to_owned(), |place| place.to_string());
        let first =
            miss.first.as_ref().map_or("nothing".to_owned(), |(path, lines)| format!("{path}:{lines}"));
        line!(out, "  {place:>2}  {}  {}", sanitize::name(&miss.question), sanitize::name(&first));
    }
    wrong(&mut out, "refused, though the notes answer it, with the first score:", &of.wrongly_refused);
    wrong(&mut out, "answered, though the notes don't, with the first score:", &of.wrongly_answered);
    out
}

fn wrong(out: &mut String, what: &str, list: &[WrongReply]) {
    if !list.is_empty() {
        line!(out, "\n{what}");
    }
    for wrong in list {
        line!(out, "  {:.2}  {}", wrong.score, sanitize::name(&wrong.question));
    }
}

/// The page for questions with character spans.
pub(super) fn chunking(of: &Chunking) -> String {
    let mut out = String::new();
    line!(
        out,
        "{}, {}, {}",
        human::count(of.files, "file", "files"),
        human::count(of.passages, "passage", "passages"),
        human::count(of.queries, "query", "queries")
    );
    warnings(&mut out, &of.warnings);
    line!(out, "\n{:38}{:>10}{:>11}{:>8}{:>12}", "", "recall", "precision", "IoU", "characters");
    for figures in &of.figures {
        let name = format!("{}, {} passages", figures.search.name(), figures.depth);
        line!(
            out,
            "{name:38}{:>10.4}{:>11.4}{:>8.4}{:>12.0}",
            figures.recall,
            figures.precision,
            figures.iou,
            figures.chars
        );
    }
    line!(out, "\npublished for 5 passages, with text-embedding-3-large (Smith and Troynikov 2024):");
    for row in PUBLISHED {
        line!(out, "{:38}{:>10.3}{:>11.3}{:>8.3}", row.chunker, row.recall, row.precision, row.iou);
    }
    out
}
