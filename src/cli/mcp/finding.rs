//! The tools `search` and `ask`.

use qsearch::ask::{MIN_SCORE, Question, Stopwatch};
use qsearch::error::{Error, Saved};
use qsearch::library::Library;
use qsearch::query::Filter;
use serde::Serialize;

use super::super::arguments::{Arguments, RESULTS, question};
use super::super::ask::refuse_silence;
use super::super::desk::Desk;
use super::super::standing::unread;
use super::super::{Failure, hint};
use super::Told;
use super::documents::{Reply, Said, Search, confidence, found};
use super::text;

/// How many sources an answer has unless it is told.
const SOURCES: usize = 5;

/// Finds passages.
pub(super) fn search(
    desk: &Desk,
    arguments: &Arguments,
    cancelled: &dyn Fn() -> bool,
) -> Result<Told, Failure> {
    let query = arguments.text("query").trim();
    let question = question(query, arguments.number("limit", RESULTS), arguments)?;
    if query.is_empty() && !question.only_filters() {
        return Err(Failure::refused("`query` is empty", hint::mcp::NO_WORDS));
    }
    let library = desk.library()?;
    go_on(cancelled)?;
    let hits = library.search(&question)?;
    let least = question.min_score.unwrap_or(MIN_SCORE);
    let weak = !question.only_filters() && hits.first().is_some_and(|best| best.score < least);
    let search = Search { query: query.to_owned(), results: found(&hits) };
    let text = text::search(&search, weak, is_filtered(&question));
    Ok(told(with_standing(text, &library)?, &search))
}

/// Answers a question.
pub(super) fn ask(desk: &Desk, arguments: &Arguments, cancelled: &dyn Fn() -> bool) -> Result<Told, Failure> {
    let asked = arguments.text("question").trim();
    let question = question(asked, arguments.number("sources", SOURCES), arguments)?;
    if asked.is_empty() {
        return Err(Failure::refused("`question` is empty", hint::mcp::NO_WORDS));
    }
    let library = desk.library()?;
    let question = library.understand(&question)?;
    refuse_silence(&question, |_| hint::mcp::ONLY_FILTERS.to_owned())?;
    go_on(cancelled)?;
    let reply = library.ask(&question, &mut Stopwatch::default())?;
    let document = Reply {
        question: asked.to_owned(),
        confidence: confidence(reply.confidence),
        not_found: reply.missing,
        answer: reply.answer.as_ref().map(|answer| Said::new(answer, &reply.hits)),
        results: found(&reply.hits),
    };
    Ok(told(with_standing(text::reply(&document, is_filtered(&question)), &library)?, &document))
}

/// A text, and which notes couldn't be found, or by their words alone, since they are still to be read.
fn with_standing(mut text: String, library: &Library) -> Result<String, Failure> {
    if let Some(unread) = unread(library.snapshot()?.info()) {
        text.truncate(text.trim_end().len());
        text.extend(["\n\n", &unread]);
    }
    Ok(text)
}

/// Whether anything but words says which passages are wanted.
fn is_filtered(question: &Question) -> bool {
    question.filter != Filter::default() || !question.query().demands_nothing()
}

/// Ends a call that nobody waits for any more.
fn go_on(cancelled: &dyn Fn() -> bool) -> Result<(), Failure> {
    if cancelled() { Err(Error::Interrupted(Saved::Nothing).into()) } else { Ok(()) }
}

/// A text with its document.
fn told(text: String, document: &impl Serialize) -> Told {
    Told { text, document: serde_json::to_value(document).ok() }
}
