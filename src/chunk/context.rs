//! Title, headings and question become the line that is embedded before a passage's text.

use std::collections::HashMap;

use super::{Limits, TokenEnds, shorten};
use crate::document::floor;

/// Stands between the parts of a context.
const SEPARATOR: &str = " › ";

/// The line before a passage's text, empty if there is nothing to say.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) text: String,
    pub(super) tokens: usize,
}

/// Makes contexts of at most a quarter of the limits, counting each part once.
pub(super) struct Contexts<'a> {
    title: Option<String>,
    tokens: &'a dyn TokenEnds,
    counts: HashMap<String, usize>,
    separator: usize,
    max_tokens: usize,
    max_bytes: usize,
}

impl<'a> Contexts<'a> {
    pub(super) fn new(title: Option<&'a str>, tokens: &'a dyn TokenEnds, limits: &Limits) -> Self {
        Self {
            title: title.map(shorten),
            tokens,
            counts: HashMap::new(),
            separator: tokens.token_ends(SEPARATOR.trim()).len(),
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
        let mut tokens = self.count(&parts);
        while parts.len() > 1 && !self.fits(&parts, tokens) {
            parts.remove(usize::from(parts.len() > 2));
            tokens = self.count(&parts);
        }
        match parts.as_slice() {
            [only] if !self.fits(&parts, tokens) => self.beginning(only),
            _ => Context { text: parts.join(SEPARATOR), tokens },
        }
    }

    fn fits(&self, parts: &[&str], tokens: usize) -> bool {
        let bytes: usize = parts.iter().map(|part| part.len() + SEPARATOR.len()).sum();
        tokens <= self.max_tokens && bytes <= self.max_bytes
    }

    fn count(&mut self, parts: &[&str]) -> usize {
        let mut sum = self.separator * parts.len().saturating_sub(1);
        for &part in parts {
            if let Some(count) = self.counts.get(part) {
                sum += count;
                continue;
            }
            let count = self.tokens.token_ends(part).len();
            self.counts.insert(part.to_owned(), count);
            sum += count;
        }
        sum
    }

    /// As many whole words of a part as fit, or as much of its first word.
    fn beginning(&self, part: &str) -> Context {
        let mut text = &part[..floor(part, self.max_bytes)];
        loop {
            let ends = self.tokens.token_ends(text);
            if ends.len() <= self.max_tokens {
                return Context { text: text.to_owned(), tokens: ends.len() };
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
