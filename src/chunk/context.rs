//! Title, headings and question become the line that is embedded before a passage's text.

use std::collections::HashMap;

use super::{Limits, Tokenize, shorten};
use crate::document::{Tokens, floor};

/// Stands between the parts of a context.
const SEPARATOR: &str = " › ";

/// So many parts are remembered; a file may have a heading on every line.
const MAX_REMEMBERED: usize = 4096;

/// The line before a passage's text, empty if there is nothing to say.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) text: String,
    /// How many tokens it has.
    pub(super) count: usize,
    /// Their numbers, if the model tells them.
    pub(super) ids: Vec<u32>,
}

/// Makes contexts of at most a quarter of the limits, tokenising each part once.
pub(super) struct Contexts<'a> {
    title: Option<String>,
    tokenizer: &'a dyn Tokenize,
    parts: HashMap<String, Tokens>,
    separator: Tokens,
    max_tokens: usize,
    max_bytes: usize,
}

impl<'a> Contexts<'a> {
    pub(super) fn new(title: Option<&'a str>, tokenizer: &'a dyn Tokenize, limits: &Limits) -> Self {
        Self {
            title: title.map(shorten),
            tokenizer,
            parts: HashMap::new(),
            separator: tokenizer.tokens(SEPARATOR.trim()),
            max_tokens: limits.max_tokens / 4,
            max_bytes: limits.max_bytes / 4,
        }
    }

    /// Joins the note's title, the headings and the question, those that there are.
    ///
    /// Where that is too long, the parts in the middle go first, then the title; the last part is cut.
    pub(super) fn make(&mut self, headings: &[String], question: Option<&str>) -> Context {
        let title = self.title.clone().filter(|title| headings.first() != Some(title));
        let parts = title.as_deref().into_iter().chain(headings.iter().map(String::as_str)).chain(question);
        let mut parts: Vec<&str> = parts.map(str::trim).filter(|part| !part.is_empty()).collect();
        self.remember(&parts);
        while parts.len() > 1 && !self.fits(&parts) {
            parts.remove(usize::from(parts.len() > 2));
        }
        match parts.as_slice() {
            [only] if !self.fits(&parts) => self.beginning(only),
            _ => self.join(&parts),
        }
    }

    /// Tokenises the parts that aren't known yet.
    fn remember(&mut self, parts: &[&str]) {
        if self.parts.len() > MAX_REMEMBERED {
            self.parts.clear();
        }
        for &part in parts {
            if !self.parts.contains_key(part) {
                self.parts.insert(part.to_owned(), self.tokenizer.tokens(part));
            }
        }
    }

    fn fits(&self, parts: &[&str]) -> bool {
        let bytes: usize = parts.iter().map(|part| part.len() + SEPARATOR.len()).sum();
        self.count(parts) <= self.max_tokens && bytes <= self.max_bytes
    }

    fn count(&self, parts: &[&str]) -> usize {
        let separators = self.separator.ends.len() * parts.len().saturating_sub(1);
        separators + parts.iter().map(|part| self.parts[*part].ends.len()).sum::<usize>()
    }

    /// Puts remembered parts together.
    fn join(&self, parts: &[&str]) -> Context {
        let mut ids = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                ids.extend_from_slice(&self.separator.ids);
            }
            ids.extend_from_slice(&self.parts[*part].ids);
        }
        Context { text: parts.join(SEPARATOR), count: self.count(parts), ids }
    }

    /// As many whole words of a part as fit, or as much of its first word.
    fn beginning(&self, part: &str) -> Context {
        let mut text = &part[..floor(part, self.max_bytes)];
        loop {
            let Tokens { ends, ids } = self.tokenizer.tokens(text);
            if ends.len() <= self.max_tokens {
                return Context { text: text.to_owned(), count: ends.len(), ids };
            }
            // Half a word may have more tokens than its share of the whole one's: look again.
            let end = self.max_tokens.checked_sub(1).map_or(0, |last| ends[last] as usize);
            let end = floor(text, end.min(text.len() - 1));
            text = match text[..end].rfind(char::is_whitespace) {
                Some(blank) if !text[end..].starts_with(char::is_whitespace) => text[..blank].trim_end(),
                _ => &text[..end],
            };
        }
    }
}
