//! `qsearch chat`: questions one after the other, each answered from the notes.
//!
//! - `chat/commands.rs`: what can be typed: questions, and commands that begin with `/`.
//! - `chat/lines.rs`: where the lines come from.

mod commands;
mod lines;

use std::io::{self, IsTerminal};
use std::num::NonZeroUsize;

use qsearch::ask::{Question, Reply, Stopwatch};
use qsearch::generate::LanguageModel;
use qsearch::library::Library;
use qsearch::write::{Turn, Writing, follow_up};

use super::args::{ChatArgs, Filter};
use super::llm::Wish;
use super::page::Page;
use super::progress::{self, Interrupt};
use super::source::Detail;
use super::written::{self, Attempt, Telling};
use super::{Context, Failure, Outcome, ask, diagnostic, freshness, hint, open, printer, render, sanitize};
use commands::Typed;
use lines::{Line, Lines};

/// How many of the last questions are remembered.
const REMEMBERED: usize = 8;

/// Answers questions until there are no more.
pub(crate) fn chat(context: &Context, args: ChatArgs) -> Result<Outcome, Failure> {
    let wish = context.wish(&args.write)?;
    let (library, look) = freshness::library(context, args.refresh, !context.global.quiet)?;
    let library = context.with_models(library, &args.model, &args.rerank)?;
    let is_attended = io::stdin().is_terminal();
    // Where nobody sits at the terminal, Ctrl-C ends the program as it ends any other.
    let interrupt = if is_attended { Some(Interrupt::listen()?) } else { None };
    let llm = opened(context, wish.as_ref())?;
    let mut talk = Talk {
        context,
        library,
        llm,
        wish,
        given: args.sources,
        filter: args.filter,
        strict: args.strict,
        detail: Detail { full: args.full, explain: false },
        is_attended,
        interrupt,
        said: Vec::new(),
        last: None,
    };
    look.tell(context);
    if is_attended {
        context.printer.message("ask your notes; /help tells what else can be typed, Ctrl-D ends the talk");
    }
    let outcome = talk.go_on()?;
    Ok(if is_attended { Outcome::Done } else { outcome })
}

/// The model that writes, if one is to; without it, if that may be.
fn opened(context: &Context, wish: Option<&Wish>) -> Result<Option<Box<dyn LanguageModel>>, Failure> {
    let Some(wish) = wish else { return Ok(None) };
    match context.open_llm(wish) {
        Ok(llm) => Ok(Some(llm)),
        Err(failure) if wish.optional => {
            drop(Attempt::passed_over(context, &failure));
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// A talk: what answers, and what was said.
struct Talk<'a> {
    context: &'a Context,
    library: Library,
    llm: Option<Box<dyn LanguageModel>>,
    wish: Option<Wish>,
    /// How many sources are wanted, if the user said so.
    given: Option<NonZeroUsize>,
    filter: Filter,
    strict: bool,
    detail: Detail,
    /// Whether somebody sits at a terminal and types.
    is_attended: bool,
    /// What Ctrl-C raises; `None` where it ends the program.
    interrupt: Option<Interrupt>,
    /// The last questions, in their order.
    said: Vec<Turn>,
    /// The last reply, as it was shown.
    last: Option<(Page, Reply)>,
}

impl Talk<'_> {
    /// Takes line after line, and says how the last question ended.
    fn go_on(&mut self) -> Result<Outcome, Failure> {
        let mut lines = Lines::open(self.context);
        let mut outcome = Outcome::Done;
        loop {
            if let Some(interrupt) = &self.interrupt {
                // Signals that come at the prompt aren't Ctrl-C: they end the program.
                interrupt.end_at_once();
            }
            let line = match lines.next()? {
                Line::Typed(line) => line,
                Line::GivenUp => continue,
                Line::End => return Ok(outcome),
            };
            if let Some(interrupt) = &self.interrupt {
                interrupt.lower();
            }
            let done = match commands::read(&line) {
                Typed::Nothing => Ok(None),
                Typed::Quit => return Ok(outcome),
                Typed::Question(question) => self.answer(question).map(Some),
                other => self.obey(other).map(|()| None),
            };
            match done {
                Ok(Some(ended)) => outcome = ended,
                Ok(None) => {}
                Err(Failure::Output(error)) => return Err(Failure::Output(error)),
                Err(failure) => {
                    printer::complain(&diagnostic::render(self.context.printer.margin(), &failure));
                    outcome = Outcome::Partial;
                }
            }
            if self.is_attended {
                printer::data("\n")?;
            }
        }
    }

    /// Does what a command says.
    fn obey(&mut self, typed: Typed<'_>) -> Result<(), Failure> {
        match typed {
            Typed::Sources => {
                let (page, reply) = self.last.as_ref().ok_or_else(nothing_said)?;
                let full = Detail { full: true, ..self.detail };
                printer::data(&render::others(page, &reply.hits, &[], full))
            }
            Typed::Open(number) => {
                let (page, reply) = self.last.as_ref().ok_or_else(nothing_said)?;
                open::source(self.context, &self.library, page, (&reply.hits, reply.answer.as_ref()), number)
            }
            Typed::New => {
                self.said.clear();
                self.last = None;
                self.context.printer.message("what was said is forgotten");
                Ok(())
            }
            Typed::Help => {
                printer::complain(&commands::help());
                Ok(())
            }
            Typed::Wrong(what, hint) => Err(Failure::refused(what, hint)),
            Typed::Nothing | Typed::Question(_) | Typed::Quit => Ok(()),
        }
    }

    /// Answers a question.
    fn answer(&mut self, typed: &str) -> Result<Outcome, Failure> {
        self.library.refresh();
        let context = self.context;
        let asked = self.whole(typed);
        if self.is_stopped() {
            return Ok(Outcome::Nothing);
        }
        if asked != typed {
            context.printer.message(&format!("asked: {}", sanitize::line(&asked)));
        }
        let (sources, shown) = ask::how_many(context, self.given, self.llm.is_some());
        let mut question = ask::question_of(&asked, shown, self.filter.clone(), &[])?;
        question.strict = self.strict;
        let question = self.library.understand(&question)?;
        ask::refuse_silence(&question, hint::only_filters)?;
        let mut reply = self.library.ask(&question, &mut Stopwatch::default())?;
        ask::tell_of(context, &self.library, &question, &reply)?;
        let roots = self.library.snapshot()?.info().roots.clone();
        let page = context.printer.page(roots).about(&question.query().text);
        if self.last.is_some() && !self.is_attended {
            printer::data("\n")?;
        }
        let attempt = self.written(&question, &mut reply, &page)?;
        let cited = attempt.cited(reply.answer.as_ref());
        ask::keep(&mut reply.hits, &cited, sources, self.given.is_none());
        printer::data(&attempt.page(&page, &reply, self.detail))?;
        let outcome = if reply.answer.is_some() { Outcome::Done } else { Outcome::Nothing };
        self.remember(asked, &attempt, &reply);
        self.last = Some((page, reply));
        Ok(outcome)
    }

    /// The question that stands by itself in place of one that goes on from what was said.
    fn whole(&self, typed: &str) -> String {
        let llm = self.llm.as_deref();
        let waits = llm.filter(|_| !self.said.is_empty());
        let spinner = waits.map(|_| progress::waiting(&self.context.printer, "what is meant?"));
        let stopped = || self.is_stopped();
        let whole = follow_up(llm, &self.said, typed, &stopped)
            // A model that can't write will say so when it is to answer.
            .or_else(|_| follow_up(None, &self.said, typed, &stopped));
        if let Some(spinner) = spinner {
            spinner.finish_and_clear();
        }
        whole.unwrap_or_else(|_| typed.to_owned())
    }

    /// What the model writes. If it can't, that is told, and the notes' own words answer.
    fn written(&self, question: &Question, reply: &mut Reply, page: &Page) -> Result<Attempt, Failure> {
        let Some(llm) = &self.llm else { return Ok(Attempt::default()) };
        let telling = if page.width.is_some() { Telling::Page(page) } else { Telling::Silent };
        let strict = self.wish.as_ref().is_some_and(|wish| wish.strict);
        let writing = Writing { llm: llm.as_ref(), strict };
        let stopped = || self.is_stopped();
        written::write_by(
            self.context,
            &self.library,
            (question, reply),
            (&writing, true),
            &telling,
            &stopped,
        )
    }

    /// Whether Ctrl-C was pressed since the line came.
    fn is_stopped(&self) -> bool {
        self.interrupt.as_ref().is_some_and(Interrupt::is_raised)
    }

    /// Remembers a question and its answer, for those that go on from it.
    fn remember(&mut self, asked: String, attempt: &Attempt, reply: &Reply) {
        let written = attempt.answer().map(qsearch::written::Written::text);
        let of_notes = || reply.answer.as_ref().map(|answer| answer.text.clone());
        let answer = written.or_else(of_notes).unwrap_or_default();
        self.said.push(Turn { asked, answer });
        let old = self.said.len().saturating_sub(REMEMBERED);
        self.said.drain(..old);
    }
}

/// Why a command has nothing to show.
fn nothing_said() -> Failure {
    Failure::refused("nothing has been asked yet", hint::ASK_FIRST)
}
