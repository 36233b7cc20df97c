//! How good are answers that a language model writes? Questions go through `ask` and `write` one after the other, since
//! there is one model.
//!
//! Citations are measured in the sense of ALCE (Gao et al. 2023, arXiv:2305.14627): recall is the share of sentences that
//! their citations say, precision the share of citations that say their sentence. There a model for entailment decides. Here
//! nearly the same words stand in for it: what is [quoted](Support::Quoted) counts as said. What is only
//! [near](Support::Near) is counted apart, for nobody has checked that it is the same.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use super::bench::{Bench, question, sample};
use super::cache;
use super::citation::Citations;
use super::golden::GoldenSet;
use super::overlap::{contains, token_f1};
use super::probe::Probe;
use super::set::Set;
use super::set_warning::SetWarning;
use crate::ask::{Reply, Stopwatch, ask};
use crate::error::{Error, Result};
use crate::store::Store;
use crate::write::{Event, Writing, write};
use crate::written::{Support, Written};

/// How many sources a question is asked for; as many as `qsearch ask --write` shows a model.
const SOURCES: usize = 8;

/// Figures of written answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WrittenAnswers {
    /// The model, as its server has it.
    pub model: String,
    /// The address of its server.
    pub server: String,
    /// How many questions were asked that the notes answer.
    pub answerable: u64,
    /// How many that they don't answer.
    pub unanswerable: u64,
    /// How many of all questions the model wasn't asked, since the notes don't seem to answer.
    pub gated: u64,
    /// How many answers have a sentence of the model's.
    pub written: u64,
    /// How many answers are the notes' own words, since nothing remained of the model's.
    pub instead: u64,
    /// How many times the model wrote that the sources don't answer.
    pub declined: u64,
    /// How many texts broke off.
    pub broken_off: u64,
    /// How many questions the model failed to answer, with an error.
    pub failed: u64,
    /// How many sentences are quoted.
    pub quoted: u64,
    /// How many are near.
    pub near: u64,
    /// How many were left out.
    pub left_out: u64,
    /// How many citations quoted sentences have.
    pub quoted_citations: u64,
    /// How many citations near sentences have.
    pub near_citations: u64,
    /// How many citations are what the file says at their bytes and lines.
    pub exact: Citations,
    /// How many written answers to answerable questions cite lines that are known to answer.
    pub gold: u64,
    /// How many of the citations of answers to answerable questions do.
    pub gold_citations: u64,
    /// How many citations these answers have.
    pub answerable_citations: u64,
    /// How many written answers there are to answerable questions.
    pub answerable_written: u64,
    /// How many answerable questions got no answer.
    pub refused: u64,
    /// The answers to questions with known ones; `None` if none has.
    pub known: Option<KnownAnswers>,
    /// The unanswerable questions that got an answer.
    pub wrongly_answered: Vec<String>,
    /// The answerable questions whose written answer doesn't cite lines that are known to answer.
    pub uncited: Vec<String>,
    /// From the question to the first of the model's text.
    pub first_word: Times,
    /// From the question to the end of its answer, where the model was asked.
    pub in_all: Times,
    /// What is odd about the questions, and what couldn't be indexed.
    pub warnings: Vec<SetWarning>,
}

/// How much answers have of known ones, as the means over the questions that have any.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KnownAnswers {
    /// How many questions there are.
    pub questions: u64,
    /// The F1 of the words of an answer and of the known one it is most like; 0 without an answer.
    pub f1: f64,
    /// The share of answers that have a known one in them.
    pub contained: f64,
    /// The F1 that the notes' own words have.
    pub extracted_f1: f64,
    /// The share of these that have a known one in them.
    pub extracted_contained: f64,
}

/// How long something takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Half of them take no longer.
    pub median: Duration,
    /// The longest.
    pub worst: Duration,
}

impl Times {
    /// Of some times, in any order; zero if there are none.
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let median = times.get(times.len().saturating_sub(1) / 2).copied().unwrap_or_default();
        Self { median, worst: times.last().copied().unwrap_or_default() }
    }
}

/// Lets a model answer the questions of a set, `most` of them at most, evenly spaced; `notes` is the folder that they are
/// about.
///
/// # Errors
///
/// When the notes can't be indexed, the model can't answer the first question, or the user interrupts.
pub fn written_golden(
    bench: &Bench<'_>,
    set: &GoldenSet,
    notes: &Path,
    writing: &Writing<'_>,
    most: usize,
) -> Result<WrittenAnswers> {
    let indexed = cache::folder(bench, notes)?;
    let figures = measured(bench, &*indexed.snapshot, &set.probes(), writing, most)?;
    Ok(WrittenAnswers { warnings: indexed.warnings, ..figures })
}

/// Lets a model answer the queries of a set with judgments, and the questions of another set that this one doesn't answer.
///
/// # Errors
///
/// When a set can't be read or its documents can't be indexed, the model can't answer the first question, or the user
/// interrupts.
pub fn written_known(
    bench: &Bench<'_>,
    dir: &Path,
    foreign: Option<&Path>,
    writing: &Writing<'_>,
    most: usize,
) -> Result<WrittenAnswers> {
    let set = Set::read(dir)?;
    let foreign = foreign.map(Set::questions).transpose()?.unwrap_or_default();
    let indexed = cache::documents(bench, &set)?;
    let own = set.queries.iter().map(|query| Probe {
        text: &query.text,
        is_gold: Some(Box::new(|source, _| {
            cache::document_at(&source.path).is_some_and(|document| query.judgment(document) > 0)
        })),
        known: &query.answers,
    });
    let own = measured(bench, &*indexed.snapshot, &own.collect::<Vec<_>>(), writing, most)?;
    let foreign: Vec<Probe<'_>> = foreign.iter().map(|text| Probe::unanswerable(text)).collect();
    let others = measured(bench, &*indexed.snapshot, &foreign, writing, most)?;
    let warnings = set.warnings.iter().cloned().chain(indexed.warnings).collect();
    Ok(WrittenAnswers { warnings, ..own.with_unanswerable(others) })
}

/// Asks questions, one after the other.
fn measured(
    bench: &Bench<'_>,
    snapshot: &dyn Store,
    probes: &[Probe<'_>],
    writing: &Writing<'_>,
    most: usize,
) -> Result<WrittenAnswers> {
    let taken: Vec<usize> = sample(probes.len(), most).collect();
    bench.asking(taken.len() as u64);
    let mut tally = Tally::default();
    for at in taken {
        bench.asked()?;
        tally.ask(bench, snapshot, &probes[at], writing)?;
    }
    let mut figures = tally.figures();
    (figures.model, figures.server) = (writing.llm.name().to_owned(), writing.llm.server().to_owned());
    Ok(figures)
}

/// What has been counted so far.
#[derive(Default)]
struct Tally {
    figures: WrittenAnswers,
    /// The sums of what `figures` has the means of.
    known: KnownAnswers,
    first_words: Vec<Duration>,
    in_all: Vec<Duration>,
}

impl Tally {
    /// Asks one question.
    fn ask(
        &mut self,
        bench: &Bench<'_>,
        snapshot: &dyn Store,
        probe: &Probe<'_>,
        writing: &Writing<'_>,
    ) -> Result<()> {
        let began = Instant::now();
        let mut question = question(probe.text);
        question.sources = SOURCES;
        let mut reply = ask(snapshot, bench.embedder, &question, &mut Stopwatch::default())?;
        let extracted = reply.answer.as_ref().map(|answer| answer.text.clone());
        let mut first_word = None;
        let written = write(snapshot, bench.embedder, &question, &mut reply, writing, &mut |event| {
            if matches!(event, Event::FirstWord) {
                first_word.get_or_insert_with(|| began.elapsed());
            }
            if bench.progress.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        bench.go_on()?;
        let written = match written {
            Ok(written) => written,
            // A server that isn't there won't come; one that stumbles once is counted.
            Err(error @ Error::Llm(_)) if self.figures.written + self.figures.instead == 0 => {
                return Err(error);
            }
            Err(Error::Llm(_)) => {
                self.figures.failed += 1;
                None
            }
            Err(error) => return Err(error),
        };
        if written.is_some() {
            self.first_words.extend(first_word);
            self.in_all.push(began.elapsed());
        }
        self.judge(probe, &reply, written.as_ref(), extracted.as_deref().unwrap_or_default());
        if let Some(written) = &written {
            self.figures.exact.add(Citations::of_written(written, &reply, &snapshot.info().roots));
        }
        Ok(())
    }

    /// Compares one reply with what is known.
    fn judge(&mut self, probe: &Probe<'_>, reply: &Reply, written: Option<&Written>, extracted: &str) {
        let figures = &mut self.figures;
        let is_answered = reply.answer.is_some();
        match written {
            None => figures.gated += u64::from(extracted.is_empty()),
            Some(written) => {
                figures.declined += u64::from(written.declined);
                figures.broken_off += u64::from(written.broken_off.is_some());
                figures.left_out += u64::from(written.left_out);
            }
        }
        let written = written.filter(|written| is_answered && !written.sentences.is_empty());
        figures.written += u64::from(written.is_some());
        figures.instead += u64::from(is_answered && written.is_none());
        for sentence in written.iter().flat_map(|written| &written.sentences) {
            let cited = sentence.citations.len() as u64;
            let (sentences, citations) = match sentence.support {
                Support::Quoted => (&mut figures.quoted, &mut figures.quoted_citations),
                Support::Near => (&mut figures.near, &mut figures.near_citations),
            };
            *sentences += 1;
            *citations += cited;
        }
        let Some(is_gold) = &probe.is_gold else {
            figures.unanswerable += 1;
            figures.wrongly_answered.extend(is_answered.then(|| probe.text.to_owned()));
            return;
        };
        figures.answerable += 1;
        figures.refused += u64::from(!is_answered);
        if let Some(written) = written {
            let cited = written.sentences.iter().flat_map(|sentence| &sentence.citations);
            let hit = |rank: u32| reply.hits.iter().find(|hit| hit.rank == rank);
            let gold: Vec<bool> = cited
                .map(|cited| hit(cited.citation).is_some_and(|hit| is_gold(&hit.source, cited.lines)))
                .collect();
            let right = gold.iter().filter(|is_gold| **is_gold).count() as u64;
            figures.answerable_written += 1;
            figures.answerable_citations += gold.len() as u64;
            figures.gold_citations += right;
            figures.gold += u64::from(right > 0);
            figures.uncited.extend((right == 0).then(|| probe.text.to_owned()));
        }
        if !probe.known.is_empty() {
            let text = match written {
                Some(written) => written.text(),
                None if is_answered => extracted.to_owned(),
                None => String::new(),
            };
            let share = |holds: bool| f64::from(u8::from(holds));
            self.known.questions += 1;
            self.known.f1 += token_f1(&text, probe.known);
            self.known.contained += share(contains(&text, probe.known));
            self.known.extracted_f1 += token_f1(extracted, probe.known);
            self.known.extracted_contained += share(contains(extracted, probe.known));
        }
    }

    /// The figures of all.
    fn figures(self) -> WrittenAnswers {
        let KnownAnswers { questions, f1, contained, extracted_f1, extracted_contained } = self.known;
        let mean = |sum: f64| sum / questions as f64;
        let known = (questions > 0).then(|| KnownAnswers {
            questions,
            f1: mean(f1),
            contained: mean(contained),
            extracted_f1: mean(extracted_f1),
            extracted_contained: mean(extracted_contained),
        });
        let (first_word, in_all) = (Times::of(self.first_words), Times::of(self.in_all));
        WrittenAnswers { known, first_word, in_all, ..self.figures }
    }
}

impl WrittenAnswers {
    /// With the figures of questions that aren't answered; the times are those of the others.
    fn with_unanswerable(mut self, others: Self) -> Self {
        self.unanswerable += others.unanswerable;
        self.gated += others.gated;
        self.written += others.written;
        self.instead += others.instead;
        self.declined += others.declined;
        self.broken_off += others.broken_off;
        self.failed += others.failed;
        self.quoted += others.quoted;
        self.near += others.near;
        self.left_out += others.left_out;
        self.quoted_citations += others.quoted_citations;
        self.near_citations += others.near_citations;
        self.exact.add(others.exact);
        self.wrongly_answered.extend(others.wrongly_answered);
        self
    }

    /// How many sentences are shown.
    pub fn shown(&self) -> u64 {
        self.quoted + self.near
    }

    /// Citation recall: the share of the sentences shown that their citations say, where only quotations count as that.
    pub fn recall(&self) -> f64 {
        share(self.quoted, self.shown())
    }

    /// Citation precision: the share of the citations that say their sentence, where only quotations count as that.
    pub fn precision(&self) -> f64 {
        share(self.quoted_citations, self.quoted_citations + self.near_citations)
    }
}

/// A part of a whole; 0 of nothing.
fn share(part: u64, all: u64) -> f64 {
    part as f64 / all.max(1) as f64
}

#[cfg(test)]
#[path = "written_tests.rs"]
mod tests;
