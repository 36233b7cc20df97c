//! The spine of `qsearch ask --write`: reply → sources → prompt → generate → support → cite.
//!
//! A language model is shown what answers, and writes. Each sentence is held against the sources as soon as it has ended;
//! the words that say it are its citation, whatever the model itself cites, and a sentence that no source says is left out.

mod counted;
mod doubt;
mod follow_up;
mod prompt;
mod shown;

use std::collections::HashSet;
use std::ops::{ControlFlow, Range};

use crate::ask::{Notes, Question, Reply};
use crate::embed::{Embedder, Input};
use crate::error::{Error, LlmError, Result};
use crate::generate::{Ending, LanguageModel, Stop, Task};
use crate::hit::{Confidence, Hit};
use crate::store::Store;
use crate::support::{Grounds, Piece, Source, Stream};
use crate::written::{Support, Written, WrittenCitation, WrittenSentence};
use counted::counted;
use doubt::Doubt;
pub use follow_up::{Turn, follow_up};
use shown::Shown;

/// How many sentences an answer has at most.
const MOST_SENTENCES: usize = 16;
/// The most bytes of a sentence or of a block of code; who writes a longer one won't come to an end.
const MOST_BYTES: usize = 2000;
/// After how many sentences in a row that no source says a model is stopped.
const MOST_IDLE: u32 = 8;
/// After how many sentences that it had written before a model is stopped: it goes round in circles.
const MOST_REPEATED: u32 = 2;

/// Who writes, and how.
#[derive(Clone, Copy, Debug)]
pub struct Writing<'a> {
    /// The language model.
    pub llm: &'a dyn LanguageModel,
    /// Whether it may only choose among sentences of the sources.
    pub strict: bool,
}

/// What happens while an answer is written.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The model is going to be asked; the sources are those that it may be shown.
    Sources(&'a Reply),
    /// The first of the model's text has come.
    FirstWord,
    /// Some of the model's text has come, which nobody has compared with the sources yet.
    Text(&'a str),
    /// A sentence has ended that a source says.
    Sentence(&'a WrittenSentence),
    /// A sentence has ended that no source says.
    LeftOut,
    /// Nothing has come for a moment.
    Waiting,
}

/// Lets a language model write an answer of the sources of a reply.
///
/// `None` where the reply has no answer: then no model is asked. Sources become the whole sections and answers that they
/// are pieces of, and what has become a part of another one isn't a source any more. Where nothing remains of what the model
/// wrote, the reply's own answer stands; where that may be wrong anyway and the model says that the sources don't answer, or
/// none of them has most of what is asked for, it is taken back. `tell` hears what happens, and says whether to go on.
///
/// # Errors
///
/// When the model can't write, the index is damaged, or the embedder can't be run.
pub fn write(
    index: &dyn Store,
    embedder: &dyn Embedder,
    question: &Question,
    reply: &mut Reply,
    writing: &Writing<'_>,
    tell: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) -> Result<Option<Written>> {
    if reply.answer.is_none() {
        return Ok(None);
    }
    let asked = question.query().text.as_str();
    let mut notes = Notes::new(index, &question.trust);
    shown::complete(index, &mut notes, asked, reply)?;
    if tell(Event::Sources(reply)).is_break() {
        return Ok(Some(Written::default()));
    }
    let mut sources = counted(shown::choose(reply, asked, writing.llm), asked, writing.llm);
    let doubt = Doubt::of(asked, reply.confidence);
    let mut written = loop {
        let mut writer = Writer::new(&reply.hits, &sources, embedder, (&mut notes, doubt), tell);
        match writer.write(asked, writing) {
            // What was shown was too much: once more without the worst source, which stands first.
            Err(Error::Llm(LlmError::TooLong { .. })) if sources.len() > 1 => drop(sources.remove(0)),
            result => break result?,
        }
    };
    written.declined &= written.sentences.is_empty();
    // A model that may only choose declines too readily.
    let may_answer = sources.iter().any(|source| doubt.admits_source(&reply.hits[source.hit]));
    let nothing_remains = written.sentences.is_empty() && written.left_out > 0;
    let takes_back = written.declined && !writing.strict || nothing_remains && !may_answer;
    if takes_back && reply.confidence == Confidence::Low {
        (reply.answer, reply.confidence) = (None, Confidence::None);
    }
    Ok(Some(written))
}

/// What is at hand while a model writes.
struct Writer<'a, 'n> {
    hits: &'a [Hit],
    sources: &'a [Shown],
    embedder: &'a dyn Embedder,
    notes: &'a mut Notes<'n>,
    doubt: Doubt,
    tell: &'a mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    grounds: Grounds,
    /// The sentences that the model may choose from, with where they stand.
    choices: Vec<(String, (usize, Range<usize>))>,
    written: Written,
    /// What has been written already, without what differs from time to time.
    said: HashSet<String>,
    /// Sentences that wait for one with the number that is asked for.
    waiting: Vec<WrittenSentence>,
    /// Whether the answer has what it must have.
    is_met: bool,
    /// How many sentences in a row no source said.
    idle: u32,
    /// How many sentences had been written before.
    repeated: u32,
    /// The first sentence that was left out.
    first_left_out: Option<String>,
}

impl<'a, 'n> Writer<'a, 'n> {
    fn new(
        hits: &'a [Hit],
        sources: &'a [Shown],
        embedder: &'a dyn Embedder,
        (notes, doubt): (&'a mut Notes<'n>, Doubt),
        tell: &'a mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> Self {
        let of = |(number, shown): (u32, &Shown)| {
            let source = &hits[shown.hit].source;
            Source { number, title: source.title.as_deref(), passage: &source.passage }
        };
        let of_sources: Vec<Source<'_>> = (1..).zip(sources).map(of).collect();
        Self {
            hits,
            sources,
            embedder,
            notes,
            doubt,
            tell,
            grounds: Grounds::of(&of_sources).read_by(embedder.likeness().of_passages()),
            choices: Vec::new(),
            written: Written::default(),
            said: HashSet::new(),
            waiting: Vec::new(),
            is_met: false,
            idle: 0,
            repeated: 0,
            first_left_out: None,
        }
    }

    /// Asks the model, and takes what it writes.
    fn write(&mut self, asked: &str, writing: &Writing<'_>) -> Result<Written> {
        let llm = writing.llm;
        (self.written.model, self.written.server) = (llm.name().to_owned(), llm.server().to_owned());
        if writing.strict {
            self.choices = self.grounds.choices();
        }
        let mut task = Task {
            messages: prompt::messages(self.sources, asked),
            most_tokens: shown::FOR_ANSWER,
            choices: self.choices.iter().map(|(text, _)| text.clone()).collect(),
        };
        // Where it is certain that the notes answer, there is something to choose.
        if writing.strict && self.doubt.is_doubtful() {
            task.choices.push(prompt::DECLINES.to_owned());
        }
        let (mut stream, mut began, mut failed) = (Stream::default(), false, None);
        let mut unended = 0;
        let ending = llm.write(&task, &mut |text| {
            if text.is_empty() {
                return (self.tell)(Event::Waiting);
            }
            if !std::mem::replace(&mut began, true) && (self.tell)(Event::FirstWord).is_break() {
                return ControlFlow::Break(());
            }
            if (self.tell)(Event::Text(text)).is_break() {
                return ControlFlow::Break(());
            }
            let pieces = stream.push(text);
            unended = if pieces.is_empty() { unended + text.len() } else { 0 };
            if unended > MOST_BYTES {
                return ControlFlow::Break(());
            }
            for piece in pieces {
                match self.take(&piece) {
                    Ok(ControlFlow::Continue(())) => {}
                    Ok(ControlFlow::Break(())) => return ControlFlow::Break(()),
                    Err(error) => {
                        failed = Some(error);
                        return ControlFlow::Break(());
                    }
                }
            }
            ControlFlow::Continue(())
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let Ending { stop, cut, .. } = ending?;
        // What was cut off isn't a sentence.
        if stop == Stop::Done {
            for piece in stream.finish() {
                if self.take(&piece)?.is_break() {
                    break;
                }
            }
        }
        self.written.broken_off = match stop {
            Stop::BrokenOff(why) => Some(why),
            Stop::Full => Some("the model may not write more".to_owned()),
            Stop::Done | Stop::Stopped if cut => {
                Some("the server read only a part of the sources".to_owned())
            }
            Stop::Done | Stop::Stopped => None,
        };
        self.written.left_out += self.waiting.drain(..).len() as u32;
        if self.written.sentences.is_empty() {
            self.written.declined |= self.first_left_out.as_deref().is_some_and(prompt::is_refusal);
        }
        Ok(std::mem::take(&mut self.written))
    }

    /// Takes a sentence that has ended, and says whether there may be more.
    fn take(&mut self, piece: &Piece) -> Result<ControlFlow<()>> {
        if prompt::declines(&piece.text) {
            self.written.declined = true;
            return Ok(ControlFlow::Break(()));
        }
        if prompt::goes_astray(piece) {
            let has_answered = !self.written.sentences.is_empty();
            return Ok(if has_answered { ControlFlow::Break(()) } else { ControlFlow::Continue(()) });
        }
        let key: String =
            piece.text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        if !self.said.insert(key) {
            self.repeated += 1;
            return Ok(while_less(self.repeated, MOST_REPEATED));
        }
        // Questions, headings and what announces something say nothing, wherever they stand.
        if prompt::is_echo(piece) {
            return Ok(ControlFlow::Continue(()));
        }
        let Some(sentence) = self.supported(piece)? else {
            self.written.left_out += 1;
            self.first_left_out.get_or_insert_with(|| piece.text.clone());
            if (self.tell)(Event::LeftOut).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.idle += 1;
            return Ok(while_less(self.idle, MOST_IDLE));
        };
        self.idle = 0;
        self.is_met |= self.doubt.is_met_by(&sentence.text);
        self.waiting.push(sentence);
        let mut go_on = ControlFlow::Continue(());
        if self.is_met {
            for sentence in self.waiting.drain(..) {
                if (self.tell)(Event::Sentence(&sentence)).is_break() {
                    go_on = ControlFlow::Break(());
                }
                self.written.sentences.push(sentence);
            }
        }
        let is_full = self.written.sentences.len() >= MOST_SENTENCES;
        Ok(if is_full { ControlFlow::Break(()) } else { go_on })
    }

    /// The sentence with the words that say it, if there are any.
    fn supported(&mut self, piece: &Piece) -> Result<Option<WrittenSentence>> {
        let chosen = self.choices.iter().find(|(text, _)| *text == piece.text);
        let (support, places) = if let Some((_, place)) = chosen {
            (Support::Quoted, vec![place.clone()])
        } else {
            let embedder = self.embedder;
            let found = self.grounds.judge(piece, &mut |texts: &[&str]| embed(embedder, texts))?;
            let Some(found) = found else { return Ok(None) };
            (found.support, found.places)
        };
        let citations: Vec<WrittenCitation> =
            places.into_iter().filter_map(|(source, range)| self.cite(source, range)).collect();
        if citations.is_empty() {
            return Ok(None);
        }
        let (before, text) = (piece.before.clone(), piece.text.clone());
        Ok(Some(WrittenSentence { before, text, support, citations }))
    }

    /// The citation of a part of a source.
    fn cite(&mut self, source: usize, range: Range<usize>) -> Option<WrittenCitation> {
        let hit = &self.hits[self.sources.get(source)?.hit];
        if !self.doubt.admits_source(hit) {
            return None;
        }
        let passage = &hit.source.passage;
        let text = passage.text.get(range.clone())?.to_owned();
        let (span, lines) = self
            .notes
            .locate(&hit.source, &range)
            .unwrap_or_else(|| (passage.span, passage.lines_of(&range)));
        Some(WrittenCitation { citation: hit.rank, text, range, lines, span })
    }
}

/// Goes on while a count is less than a limit.
fn while_less(count: u32, most: u32) -> ControlFlow<()> {
    if count < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

/// The vectors of texts, one by one the same as in any company.
fn embed(embedder: &dyn Embedder, texts: &[&str]) -> Result<Vec<Vec<f32>>> {
    let inputs: Vec<Input<'_>> = texts.iter().map(|&text| Input::from(text)).collect();
    Ok(embedder.embed_passages(&inputs)?.into_iter().map(|embedding| embedding.vector).collect())
}
