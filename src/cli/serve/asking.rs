//! `/api/ask`: an answer with its sources, as `ask --json` and `ask --jsonl` describe them, and written if that is wanted.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use qsearch::ask::{Question, Reply, Stopwatch};
use qsearch::hit::Hit;
use qsearch::library::Library;
use qsearch::wire::{self, Show, Unnamed};
use qsearch::write::{Event, Writing};
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::super::arguments::{self, Arguments, BEFORE, Field, Kind, PATHS, QUESTION, SINCE, SOURCES, TAGS};
use super::super::ask::{how_many, keep, refuse_silence};
use super::super::llm::Wish;
use super::super::written::Attempt;
use super::super::{Failure, hint, human, json};
use super::call::{Call, sent};
use super::house::{House, Index};
use super::pool::{Interest, defective};
use super::refusal::Refusal;
use super::stream::{Feed, stream};

/// What is taken.
pub(super) const FIELDS: &[Field] = &[QUESTION, SOURCES, PATHS, TAGS, SINCE, BEFORE, WRITE];
/// Whether a language model is to write.
const WRITE: Field = Field {
    name: "write",
    aliases: &[],
    kind: Kind::Text,
    needed: false,
    says: "Whether a language model writes the answer: true, false, strict (only sentences of the sources), or try (the \
           notes' own words where none can).",
};

/// Answers a question.
///
/// The answer in the notes' own words is found first, in a turn of the pool; what is wrong with the question is told by a
/// status. Only then does a language model write, in one of the few turns for that, which may take minutes: whoever goes away
/// gives both back.
pub(super) async fn ask(call: Call) -> Result<Response, Refusal> {
    let wants_events = call.wants_events()?;
    let arguments = call.arguments("ask", FIELDS)?;
    let wish = call.house.wish(arguments.text("write"))?;
    let (house, index) = (Arc::clone(&call.house), Arc::clone(&call.index));
    let is_written = wish.is_some();
    let asked = call.house.pool.run(move |_| Asked::of(&house, index, &arguments, is_written)).await?;
    let house = Arc::clone(&call.house);
    let (wish, turn) = match wish {
        // A model is only asked where the notes answer.
        Some(wish) if asked.reply.answer.is_some() => match house.writer().await {
            Ok(turn) => (wish, turn),
            Err(_) if wish.optional && !house.is_stopping() => {
                return finished(asked, is_written, wants_events);
            }
            Err(refusal) => return Err(refusal),
        },
        _ => return finished(asked, is_written, wants_events),
    };
    if wants_events {
        let (feed, body) = stream();
        let listener = feed.clone();
        let done = spawn_blocking(move || {
            let _turn = turn;
            write_aloud(&house, asked, &wish, &feed);
        });
        tokio::spawn(async move {
            if let Err(error) = done.await {
                listener.end(written_event("error", &defective(error).document())).await;
            }
        });
        return Ok(events(body));
    }
    let interest = Interest::default();
    let is_gone = interest.is_gone();
    let done = spawn_blocking(move || {
        let (_turn, mut asked) = (turn, asked);
        let attempt = asked.write(&house, &wish, &mut |_| {
            if is_gone() || house.is_stopping() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if house.is_stopping() {
            return Err(Refusal::stopping());
        }
        asked.document(&attempt, true)
    });
    done.await.unwrap_or_else(|error| Err(defective(error))).map(sent)
}

/// A question that is answered in the notes' own words.
pub(super) struct Asked {
    index: Arc<Index>,
    /// The state of the index that answers.
    pub(super) library: Arc<Library>,
    question: Question,
    /// What was found.
    pub(super) reply: Reply,
    /// How many sources are told of.
    sources: usize,
}

impl Asked {
    /// Answers a question that was typed with its filters.
    fn of(
        house: &House,
        index: Arc<Index>,
        arguments: &Arguments,
        is_written: bool,
    ) -> Result<Self, Refusal> {
        let text = arguments.text("question").trim();
        let given = NonZeroUsize::new(arguments.number("sources", 0));
        let (sources, shown) = how_many(&house.context, given, is_written);
        let question = arguments::question(text, shown, arguments)?;
        Self::answer(index, &question, sources)
    }

    /// Answers a question that stands alone.
    pub(super) fn about(
        house: &House,
        index: Arc<Index>,
        text: &str,
        is_written: bool,
    ) -> Result<Self, Refusal> {
        let (sources, shown) = how_many(&house.context, None, is_written);
        Self::answer(index, &Question::new(text, shown, human::today()), sources)
    }

    fn answer(index: Arc<Index>, question: &Question, sources: usize) -> Result<Self, Refusal> {
        if question.text().is_empty() {
            return Err(Failure::refused("`question` is empty", hint::mcp::NO_WORDS).into());
        }
        let library = index.library()?;
        let understood = library.understand(question)?;
        refuse_silence(&understood, |_| hint::mcp::ONLY_FILTERS.to_owned())?;
        let reply = library.ask(&understood, &mut Stopwatch::default())?;
        Ok(Self { index, library, question: understood, reply, sources })
    }

    /// Lets a language model write the answer. `ears` hear what happens, and say whether to go on.
    pub(super) fn write(
        &mut self,
        house: &House,
        wish: &Wish,
        ears: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Result<Attempt, Refusal> {
        let written = house.open_llm(wish).and_then(|llm| {
            let writing = Writing { llm: llm.as_ref(), strict: wish.strict };
            Ok(self.library.write(&self.question, &mut self.reply, &writing, ears)?)
        });
        match written {
            Ok(written) => {
                let mut attempt = Attempt::default();
                attempt.written = written;
                Ok(attempt)
            }
            Err(failure) if wish.optional => Ok(Attempt::passed_over(&house.context, &failure)),
            Err(failure) => Err(failure.into()),
        }
    }

    /// All that is told, as one document.
    fn document(&mut self, attempt: &Attempt, is_wished: bool) -> Result<String, Refusal> {
        self.tell(attempt, is_wished, |reply| json::document(&reply))
    }

    /// Makes something of the document of all that is told.
    fn tell(
        &mut self,
        attempt: &Attempt,
        is_wished: bool,
        make: impl FnOnce(wire::Reply<'_>) -> String,
    ) -> Result<String, Refusal> {
        let cited = attempt.cited(self.reply.answer.as_ref());
        keep(&mut self.reply.hits, &cited, self.sources, false);
        let info = self.library.snapshot()?.info();
        let show = Show { roots: &info.roots, explain: false };
        let stale_notes = self.index.changed_notes(&self.library);
        let freshness = wire::Freshness::new(info, stale_notes);
        let told = wire::Reply::new(&self.question, &self.reply, &show, freshness, None);
        Ok(make(if is_wished { attempt.on(told, &self.reply, &show) } else { told }))
    }

    /// The events that come before anything is written.
    fn beginning(&self) -> Result<String, Refusal> {
        let show = Show { roots: &self.library.snapshot()?.info().roots, explain: false };
        Ok(beginning(&self.question, &self.reply, &show))
    }
}

/// The answer where no language model is asked.
fn finished(mut asked: Asked, is_wished: bool, wants_events: bool) -> Result<Response, Refusal> {
    let attempt = Attempt::default();
    if !wants_events {
        return asked.document(&attempt, is_wished).map(sent);
    }
    let done = asked.tell(&attempt, is_wished, |reply| event("done", &reply))?;
    Ok(events((asked.beginning()? + &done).into()))
}

/// Lets a language model write, and tells what happens as it does, until nobody listens any more.
///
/// What comes from the model is told twice: piece by piece as it comes, and sentence by sentence once it is compared with the
/// sources. The last event is `done` with the whole document, or `error`.
fn write_aloud(house: &House, mut asked: Asked, wish: &Wish, feed: &Feed) {
    let (library, question) = (Arc::clone(&asked.library), asked.question.clone());
    let roots = library.snapshot().map(|snapshot| snapshot.info().roots.as_slice()).unwrap_or_default();
    let show = Show { roots, explain: false };
    let mut hits: Option<Vec<Hit>> = None;
    let attempt = asked.write(house, wish, &mut |happened| {
        let told = match happened {
            Event::Sources(reply) => {
                hits = Some(reply.hits.clone());
                beginning(&question, reply, &show)
            }
            Event::Text(text) => event("delta", &Delta { text }),
            Event::Sentence(sentence) => {
                let hits = hits.as_deref().unwrap_or_default();
                named(&wire::Event::sentence(sentence, hits, &show))
            }
            Event::LeftOut => named(&wire::Event::LeftOut),
            Event::FirstWord | Event::Waiting => String::new(),
        };
        let is_heard = if told.is_empty() { !feed.is_closed() } else { feed.send(told) };
        if is_heard && !house.is_stopping() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let before = if hits.is_some() { Ok(String::new()) } else { asked.beginning() };
    let end = match attempt {
        _ if house.is_stopping() => Err(Refusal::stopping()),
        Ok(attempt) => asked.tell(&attempt, true, |reply| event("done", &reply)),
        Err(refusal) => Err(refusal),
    };
    let end = end.unwrap_or_else(|refusal| written_event("error", &refusal.document()));
    feed.send(before.unwrap_or_default() + &end);
}

/// What a language model writes, before anybody has compared it with the sources.
#[derive(Debug, Serialize)]
struct Delta<'a> {
    text: &'a str,
}

/// The sources, and the answer in the notes' own words.
fn beginning(question: &Question, reply: &Reply, show: &Show<'_>) -> String {
    let answer = wire::Event::answer(reply, show).map(|answer| named(&answer)).unwrap_or_default();
    named(&wire::Event::sources(question, reply, show)) + &answer
}

/// An event of `ask --jsonl`.
fn named(of: &wire::Event<'_>) -> String {
    event(of.name(), &Unnamed(of))
}

/// An event with a document.
fn event(name: &str, document: &impl Serialize) -> String {
    written_event(name, json::document(document).trim_end())
}

/// An event with a document that is written on one line.
fn written_event(name: &str, document: &str) -> String {
    format!("event: {name}\ndata: {document}\n\n")
}

/// An answer that is events.
pub(super) fn events(body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // Proxies are to hand on what comes.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
