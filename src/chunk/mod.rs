//! A document becomes passages: stretches of its text that are small enough to be embedded whole.
//!
//! A section, which may be a question with its answer, is one passage while it fits. A longer one is cut at
//! the strongest boundary that leaves no scrap: between blocks, list items, rows and lines of code, then
//! sentences, then words. A heading with nothing under it but further headings goes with the first of them, so
//! that no passage is a bare title.
//!
//! What is embedded is `context + "\n" + text`; both together keep to [`Limits`]. Passages lie on character
//! boundaries, follow each other without overlap and cover every non-blank byte of the document's body. The
//! tokens are counted by whoever embeds, through [`TokenEnds`]; time and the text handed to it grow linearly.

mod boundary;
mod context;
mod cut;

use std::ops::Range;

use crate::document::{Document, Passage, Section, shortened, trim};
use context::{Context, Contexts};
use cut::{Cutter, Room};

/// The version of the rules by which passages are cut; changes whenever the same document gives others.
pub const VERSION: &str = "1";

/// Tokens that a model adds to every text, at its start and its end.
const SPECIAL_TOKENS: usize = 2;

/// The longest heading or question that a passage carries, in bytes; a file may consist of one heading.
const MAX_LABEL_BYTES: usize = 1000;

/// Counts tokens as the model does.
///
/// Blanks must separate tokens, so that two texts joined by a newline have as many as both of them.
pub trait TokenEnds {
    /// The byte offset one past each token of `text`, in order.
    fn token_ends(&self, text: &str) -> Vec<u32>;
}

impl<F: Fn(&str) -> Vec<u32>> TokenEnds for F {
    fn token_ends(&self, text: &str) -> Vec<u32> {
        self(text)
    }
}

/// How large a passage may be. Less than 16 tokens or 64 bytes can't be kept to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tokens of all that is embedded, the two special ones included.
    pub max_tokens: usize,
    /// Bytes of all that is embedded: a tokenizer may take any number of bytes for one unknown word.
    pub max_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_tokens: 256, max_bytes: 8192 }
    }
}

/// Names all that decides how passages are cut, for an index to remember.
pub fn fingerprint(limits: &Limits) -> String {
    format!("{VERSION}:{}:{}", limits.max_tokens, limits.max_bytes)
}

/// Cuts a document into passages, in the order of its text.
pub fn chunk(document: &Document, tokens: &dyn TokenEnds, limits: &Limits) -> Vec<Passage> {
    let contexts = Contexts::new(document.title.as_deref(), tokens, limits);
    let mut chunker = Chunker { document, tokens, limits, contexts, passages: Vec::new() };
    for unit in units(document) {
        chunker.unit(unit);
    }
    chunker.passages
}

/// A section, with the bare headings above it that it takes along.
#[derive(Clone, Copy)]
struct Unit<'a> {
    /// The bare headings, outermost first.
    bare: &'a [Section],
    section: &'a Section,
    /// How many of the section's headings stand above the unit; its text shows the others.
    above: usize,
}

impl<'a> Unit<'a> {
    fn alone(section: &'a Section) -> Self {
        let own = usize::from(section.titled && section.question.is_none());
        Self { bare: &[], section, above: section.heading.len().saturating_sub(own) }
    }

    fn range(&self) -> Range<usize> {
        self.bare.first().unwrap_or(self.section).range.start..self.section.range.end
    }
}

/// Groups the sections of a document so that bare headings go with what they head.
fn units(document: &Document) -> Vec<Unit<'_>> {
    let text = document.text.as_str();
    let is_bare = |section: &Section| {
        section.titled
            && section.question.is_none()
            && !section.heading.is_empty()
            && trim(text, &section.content).is_empty()
    };
    let goes_with = |bare: &Section, next: &Section| {
        let deeper = next.heading.len() > bare.heading.len() || next.question.is_some();
        is_bare(bare) && deeper && next.heading.starts_with(&bare.heading)
    };
    let groups = document.sections.chunk_by(goes_with);
    groups
        .filter_map(|group| {
            let (section, bare) = group.split_last()?;
            let above = Unit::alone(bare.first().unwrap_or(section)).above;
            Some(Unit { bare, section, above })
        })
        .collect()
}

struct Chunker<'a> {
    document: &'a Document,
    tokens: &'a dyn TokenEnds,
    limits: &'a Limits,
    contexts: Contexts<'a>,
    passages: Vec<Passage>,
}

impl<'a> Chunker<'a> {
    fn unit(&mut self, unit: Unit<'a>) {
        let text = self.document.text.as_str();
        let section = unit.section;
        let range = trim(text, &unit.range());
        if range.is_empty() {
            return;
        }
        let question = section.question.as_deref().map(shorten);
        let heading: Vec<String> = section.heading.iter().map(|heading| shorten(heading)).collect();
        let labels = Labels { section, heading: &heading, question: question.as_deref() };
        let first =
            self.contexts.make(&heading[..unit.above], question.as_deref().filter(|_| !section.titled));
        let mut cutter = Cutter::new(text, range.clone(), self.tokens, self.limits.max_bytes);
        let room = self.room(&first);
        if cutter.fits(&range, room) {
            return self.push(range, &labels, first);
        }
        let alone = Unit::alone(section);
        let context_alone = self.contexts.make(&heading[..alone.above], None);
        if let Some((last, bare)) = unit.bare.split_last()
            && cutter.fits(&trim(text, &section.range), self.room(&context_alone))
        {
            // The headings above must not be what tears a section that fits.
            self.unit(Unit { bare, section: last, above: unit.above });
            return self.unit(alone);
        }
        let later = self.contexts.make(&heading, question.as_deref());
        let mut at = range.start;
        while at < range.end {
            let context = if at == range.start { &first } else { &later };
            let end = cutter.cut(at, self.room(context));
            let piece = trim(text, &(at..end));
            if !piece.is_empty() {
                self.push(piece, &labels, context.clone());
            }
            at = end;
        }
    }

    /// What the limits leave for the text beside its context, the newline between them and the special tokens.
    fn room(&self, context: &Context) -> Room {
        Room {
            tokens: self.limits.max_tokens.saturating_sub(SPECIAL_TOKENS + context.tokens).max(1),
            bytes: self.limits.max_bytes.saturating_sub(context.text.len() + 1).max(4),
        }
    }

    fn push(&mut self, range: Range<usize>, labels: &Labels<'_>, context: Context) {
        let text = self.document.text.as_str();
        let answer = &labels.section.content;
        let shown = answer.start.max(range.start)..answer.end.min(range.end);
        let mut shown = if shown.start < shown.end { trim(text, &shown) } else { range.start..range.start };
        if shown.is_empty() {
            shown = range.clone();
        }
        self.passages.push(Passage {
            span: self.document.text.bytes(&range),
            lines: self.document.text.lines(&range),
            heading: labels.heading.to_vec(),
            question: labels.question.map(str::to_owned),
            text: text[range.clone()].to_owned(),
            content: (shown.start - range.start) as u32..(shown.end - range.start) as u32,
            context: context.text,
        });
    }
}

/// What all passages of a section have in common.
struct Labels<'a> {
    section: &'a Section,
    heading: &'a [String],
    question: Option<&'a str>,
}

/// Cuts a heading or question that is longer than anyone would read.
fn shorten(label: &str) -> String {
    shortened(label, MAX_LABEL_BYTES)
}

#[cfg(test)]
mod tests;
