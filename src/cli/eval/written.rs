//! The page for answers that a language model wrote.

use std::fmt::Write;
use std::time::Duration;

use qsearch::eval::WrittenAnswers;

use super::super::{human, sanitize};
use super::page::{percent, warnings};

/// Writes one line; a String takes anything.
macro_rules! line {
    ($out:expr $(, $($rest:tt)*)?) => {{
        let _ = writeln!($out $(, $($rest)*)?);
    }};
}

/// The page.
pub(super) fn written(of: &WrittenAnswers, strict: bool) -> String {
    let mut out = String::new();
    let (name, server) = (sanitize::line(&of.model), sanitize::line(&of.server));
    let held = if strict { ", held to sentences of the sources" } else { "" };
    line!(out, "{name} at {server}{held}");
    warnings(&mut out, &of.warnings);
    line!(out);
    answers(&mut out, of);
    if of.shown() + of.left_out > 0 {
        sentences(&mut out, of);
    }
    if let Some(known) = of.known {
        line!(
            out,
            "\n{} with known answers, written and in the notes' own words:",
            questions(known.questions)
        );
        line!(out, "  {:>8.4}{:>8.4}  F1 of the words", known.f1, known.extracted_f1);
        line!(out, "  {:>8.4}{:>8.4}  hold a known answer", known.contained, known.extracted_contained);
    }
    if of.first_word.worst > Duration::ZERO {
        line!(out, "\nseconds:     median   worst");
        for (what, times) in [("first word", of.first_word), ("in all", of.in_all)] {
            let [median, worst] = [times.median, times.worst].map(|time| time.as_secs_f64());
            line!(out, "  {what:10}{median:>7.2}{worst:>8.2}");
        }
    }
    list(&mut out, "answered, though the notes don't answer it:", &of.wrongly_answered);
    list(&mut out, "written without a citation of lines that are known to answer:", &of.uncited);
    out
}

fn questions(count: u64) -> String {
    human::count(count, "question", "questions")
}

/// What became of the questions.
fn answers(out: &mut String, of: &WrittenAnswers) {
    let row = |out: &mut String, count: u64, all: u64, what: &str| {
        line!(out, "  {:>8}  {:>5}  {what}", percent(count, all), human::thousands(count));
    };
    let all = of.answerable + of.unanswerable;
    line!(out, "{}:", questions(all));
    row(out, of.written, all, "have a written answer");
    row(out, of.instead, all, "have the notes' own words instead");
    row(out, of.gated, all, "weren't shown to the model, since the notes don't seem to answer");
    for (count, what) in [
        (of.declined, "the model says that the sources don't answer"),
        (of.broken_off, "broke off"),
        (of.failed, "failed"),
    ] {
        if count > 0 {
            row(out, count, all, what);
        }
    }
    if of.answerable > 0 {
        line!(out, "{} that the notes answer:", questions(of.answerable));
        row(out, of.refused, of.answerable, "refused");
        row(out, of.gold, of.answerable, "have a written answer that cites lines that are known to answer");
    }
    if of.unanswerable > 0 {
        line!(out, "{} that they don't:", questions(of.unanswerable));
        row(out, of.unanswerable - of.wrongly_answered.len() as u64, of.unanswerable, "refused");
    }
}

/// What became of the sentences, and how good their citations are.
fn sentences(out: &mut String, of: &WrittenAnswers) {
    let all = of.shown() + of.left_out;
    line!(out, "\n{}:", human::count(all, "sentence", "sentences"));
    for (count, what) in [(of.quoted, "quoted"), (of.near, "near"), (of.left_out, "left out")] {
        line!(out, "  {:>8}  {:>5}  {what}", percent(count, all), human::thousands(count));
    }
    let [exact, total] = [of.exact.exact, of.exact.total].map(human::thousands);
    line!(out, "{exact} of {total} citations are exact");
    line!(out, "  {:>8.4}  citation recall: sentences shown that their citations say", of.recall());
    line!(out, "  {:>8.4}  citation precision: citations that say their sentence", of.precision());
    line!(
        out,
        "  {:>8}  of the citations of answerable questions are on lines that are known to answer",
        percent(of.gold_citations, of.answerable_citations)
    );
    line!(out, "quoted sentences count as said; near ones don't, though they may be the same in other words");
}

fn list(out: &mut String, what: &str, questions: &[String]) {
    if !questions.is_empty() {
        line!(out, "\n{what}");
    }
    for question in questions {
        line!(out, "  {}", sanitize::name(question));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_shares_and_questions() {
        let of = WrittenAnswers {
            model: "m\u{1b}".to_owned(),
            server: "http://localhost:1".to_owned(),
            answerable: 3,
            unanswerable: 1,
            written: 2,
            quoted: 3,
            near: 1,
            quoted_citations: 3,
            near_citations: 1,
            gold: 1,
            wrongly_answered: vec!["why\n".to_owned()],
            ..WrittenAnswers::default()
        };
        let page = written(&of, true);
        assert!(page.starts_with("m␛ at http://localhost:1, held to sentences of the sources\n"), "{page}");
        assert!(page.contains("    0.7500  citation recall") && page.contains("  why␊\n"), "{page}");
        assert!(page.contains("    50.0 %      2  have a written answer\n"), "{page}");
        assert!(!page.contains("seconds") && !page.contains("failed"), "{page}");
        assert!(!written(&WrittenAnswers::default(), false).contains("sentence"));
    }
}
