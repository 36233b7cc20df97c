//! A document becomes passages: stretches of its text that are small enough to be embedded whole.
//!
//! A section, which may be a question with its answer, is one passage while it fits. A longer one is cut at
//! the strongest boundary that leaves no scrap: between blocks, list items, rows and lines of code, then
//! sentences, then words. A heading with nothing under it but further headings goes with the first of them, so
//! that no passage is a bare title. Only a note that is empty is one by its name.
//!
//! What is embedded is `context + "\n" + text`, with blanks for what is hidden; both together keep to [`Limits`].
//! Passages lie on character boundaries, follow each other without overlap and cover every non-blank byte of the
//! document's body but hidden blocks ([`BlockKind::Hidden`]), and headings right above such that the text below has in
//! its context. None of them has a hidden block of more than 256 bytes in it. The tokens come from whoever embeds,
//! through [`Tokenize`], once for each text; time grows linearly, and passages are made one at a time.

mod boundary;
mod context;
mod cut;
mod windows;

use std::collections::VecDeque;
use std::ops::Range;

use crate::document::{Block, BlockKind, Document, Passage, Section, Tokens, shortened, trim};
use context::{Context, Contexts};
use cut::{Cutter, Room};

/// The version of the rules by which passages are cut; changes whenever the same document gives others.
pub const VERSION: &str = "5";

/// Tokens that a model adds to every text, at its start and its end.
const SPECIAL_TOKENS: usize = 2;

/// The longest heading or question that a passage carries, in bytes; a file may consist of one heading.
const MAX_LABEL_BYTES: usize = 1000;

/// Cuts texts into tokens as the model does.
///
/// Blanks must separate tokens, so that two texts joined by one have the tokens of both.
pub trait Tokenize {
    /// The tokens of `text`.
    fn tokens(&self, text: &str) -> Tokens;
}

impl<F: Fn(&str) -> Tokens> Tokenize for F {
    fn tokens(&self, text: &str) -> Tokens {
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

/// A passage with its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The passage.
    pub passage: Passage,
    /// The numbers of the tokens of [`Passage::embedded_text`], if the model tells them.
    pub ids: Vec<u32>,
    /// The tokens, by their place, of all that stands above the content, and of each of [`Passage::sentences`].
    pub windows: Vec<Range<u32>>,
}

/// Cuts a document into passages, in the order of its text.
pub fn chunk<'a>(document: &'a Document, tokenizer: &'a dyn Tokenize, limits: &'a Limits) -> Chunks<'a> {
    Chunks {
        document,
        tokenizer,
        limits,
        contexts: Contexts::new(document.title.as_deref(), tokenizer, limits),
        units: Box::new(units(document)),
        next: VecDeque::new(),
        cutting: None,
        is_empty: document.text.is_blank() && document.extract.is_none(),
    }
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
fn units(document: &Document) -> impl Iterator<Item = Unit<'_>> {
    let text = document.text.as_str();
    let is_bare = move |section: &Section| {
        section.titled
            && section.question.is_none()
            && !section.heading.is_empty()
            && trim(text, &section.content).is_empty()
    };
    let goes_with = move |bare: &Section, next: &Section| {
        let deeper = next.heading.len() > bare.heading.len() || next.question.is_some();
        is_bare(bare) && deeper && next.heading.starts_with(&bare.heading)
    };
    document.sections.chunk_by(goes_with).filter_map(|group| {
        let (section, bare) = group.split_last()?;
        let above = Unit::alone(bare.first().unwrap_or(section)).above;
        Some(Unit { bare, section, above })
    })
}

/// The passages of a document, cut as they are asked for.
pub struct Chunks<'a> {
    document: &'a Document,
    tokenizer: &'a dyn Tokenize,
    limits: &'a Limits,
    contexts: Contexts<'a>,
    units: Box<dyn Iterator<Item = Unit<'a>> + 'a>,
    /// Units that come before the others: parts of one that didn't fit.
    next: VecDeque<Unit<'a>>,
    /// The unit that is being cut.
    cutting: Option<Cutting<'a>>,
    /// Whether the note is empty, and that hasn't been told yet.
    is_empty: bool,
}

/// A unit that is too long for one passage, and how far it has been cut.
struct Cutting<'a> {
    labels: Labels<'a>,
    cutter: Cutter<'a>,
    at: usize,
    end: usize,
    /// What the next piece has before it.
    context: Context,
    /// What the pieces after it have.
    later: Context,
}

impl Iterator for Chunks<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        if std::mem::take(&mut self.is_empty)
            && let Some(name) = self.name()
        {
            self.units = Box::new(std::iter::empty());
            return Some(name);
        }
        loop {
            if let Some(mut cutting) = self.cutting.take() {
                if cutting.at < cutting.end {
                    let piece = self.piece(&mut cutting);
                    self.cutting = Some(cutting);
                    if piece.is_some() {
                        return piece;
                    }
                }
                continue;
            }
            let unit = self.next.pop_front().or_else(|| self.units.next())?;
            if let Some(whole) = self.unit(unit) {
                return Some(whole);
            }
        }
    }
}

impl<'a> Chunks<'a> {
    /// The passage of an empty note, which says what the note is called, if it has a title.
    fn name(&mut self) -> Option<Chunk> {
        let Document { title, text, .. } = self.document;
        let title = title.as_deref().filter(|title| !title.trim().is_empty())?;
        let heading = vec![shorten(title)];
        let context = self.contexts.make(&heading, None);
        let windows = std::iter::once(0..context.count as u32).collect();
        let passage = Passage {
            heading,
            blocks: Vec::new(),
            context: context.text,
            ..Passage::new("", text.bytes(&(0..0)), text.lines(&(0..0)))
        };
        Some(Chunk { passage, ids: context.ids, windows })
    }

    /// The unit as one passage; or nothing, but what is to be done instead.
    fn unit(&mut self, unit: Unit<'a>) -> Option<Chunk> {
        let text = self.document.text.as_str();
        let section = unit.section;
        let blocks = &self.document.blocks;
        let range = Block::trim_shown(blocks, text, &unit.range());
        if range.is_empty() {
            return None;
        }
        let question = section.question.as_deref().map(shorten);
        let heading: Vec<String> = section.heading.iter().map(|heading| shorten(heading)).collect();
        let first =
            self.contexts.make(&heading[..unit.above], question.as_deref().filter(|_| !section.titled));
        let mut cutter = Cutter::new(text, blocks, range.clone(), self.tokenizer, self.limits.max_bytes);
        let labels = Labels { section, heading, question };
        if cutter.fits(&range, self.room(&first)) {
            return Some(self.chunk(range, &labels, &first, &cutter));
        }
        let alone = Unit::alone(section);
        let context_alone = self.contexts.make(&labels.heading[..alone.above], None);
        if let Some((last, bare)) = unit.bare.split_last()
            && cutter.fits(&Block::trim_shown(blocks, text, &section.range), self.room(&context_alone))
        {
            // The headings above must not be what tears a section that fits.
            self.next.extend([Unit { bare, section: last, above: unit.above }, alone]);
            return None;
        }
        let later = self.contexts.make(&labels.heading, labels.question.as_deref());
        let Range { start: at, end } = range;
        self.cutting = Some(Cutting { labels, cutter, at, end, context: first, later });
        None
    }

    /// The next piece, unless it is blank, or a heading that what comes after it has in its context.
    fn piece(&self, cutting: &mut Cutting<'a>) -> Option<Chunk> {
        let end = cutting.cutter.cut(cutting.at, self.room(&cutting.context));
        let blocks = &self.document.blocks;
        let piece = Block::trim_shown(blocks, self.document.text.as_str(), &(cutting.at..end));
        cutting.at = end;
        let is_heading = || {
            let inside = Block::share(blocks, &piece);
            inside.iter().all(|block| matches!(block.kind, BlockKind::Heading(_) | BlockKind::Hidden))
        };
        let is_said = cutting.cutter.is_gap(end) && is_heading();
        let Cutting { labels, cutter, context, later, .. } = cutting;
        let chunk = (!piece.is_empty() && !is_said).then(|| self.chunk(piece, labels, context, cutter));
        context.clone_from(later);
        chunk
    }

    /// What the limits leave for the text beside its context, the newline between them and the special tokens.
    fn room(&self, context: &Context) -> Room {
        Room {
            tokens: self.limits.max_tokens.saturating_sub(SPECIAL_TOKENS + context.count).max(1),
            bytes: self.limits.max_bytes.saturating_sub(context.text.len() + 1).max(4),
        }
    }

    fn chunk(
        &self,
        range: Range<usize>,
        labels: &Labels<'_>,
        context: &Context,
        cutter: &Cutter<'_>,
    ) -> Chunk {
        let text = self.document.text.as_str();
        let answer = &labels.section.content;
        let shown = answer.start.max(range.start)..answer.end.min(range.end);
        let all = &self.document.blocks;
        let mut shown = if shown.start < shown.end {
            Block::trim_shown(all, text, &shown)
        } else {
            range.start..range.start
        };
        if shown.is_empty() {
            shown = range.clone();
        }
        let shown = (shown.start - range.start)..(shown.end - range.start);
        let mut tokens = cutter.tokens(&range);
        let blocks = Block::share(all, &range);
        let (sentences, windows) =
            windows::windows(&text[range.clone()], &blocks, &shown, &tokens.ends, context.count);
        let mut ids = context.ids.clone();
        ids.append(&mut tokens.ids);
        let passage = Passage {
            span: self.document.text.bytes(&range),
            lines: self.document.text.lines(&range),
            heading: labels.heading.clone(),
            question: labels.question.clone(),
            text: text[range.clone()].to_owned(),
            content: shown.start as u32..shown.end as u32,
            blocks,
            sentences,
            context: context.text.clone(),
            extract: self.document.extract.as_ref().map(|extract| extract.share(&range)),
        };
        Chunk { passage, ids, windows }
    }
}

impl std::fmt::Debug for Chunks<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chunks").field("limits", self.limits).finish_non_exhaustive()
    }
}

/// What all passages of a section have in common.
struct Labels<'a> {
    section: &'a Section,
    heading: Vec<String>,
    question: Option<String>,
}

/// Cuts a heading or question that is longer than anyone would read.
fn shorten(label: &str) -> String {
    shortened(label, MAX_LABEL_BYTES)
}

#[cfg(test)]
mod tests;
