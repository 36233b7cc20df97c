//! The sentences of a text that is still being written.
//!
//! The text is read character by character, so that it makes no difference how it was cut on its way. A sentence ends
//! behind its stop, once another begins; an item of a list, a heading and a row of a table end with their line at the
//! latest, and a block of code with its fence.

use std::collections::VecDeque;

use super::marks::{Mark, mark, without_marks};

/// Code in a line, or brackets, that don't close within so many bytes don't close at all.
const NEAR: usize = 300;
/// A sentence that is longer is given in pieces, in bytes.
const LONGEST: usize = 20_000;

/// A sentence, or what is taken for one: a heading, an item of a list, a row of a table, a block of code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// What stands before it in the text: nothing, a blank, line ends, the mark of a list item.
    pub before: String,
    /// The sentence, without the model's own citations.
    pub text: String,
    /// The numbers of the sources that the model itself names for it.
    pub hinted: Vec<u32>,
    /// Whether it is a block of code.
    pub is_code: bool,
}

/// What the current line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    /// Nothing but blanks and marks so far.
    #[default]
    Empty,
    /// Running text, which has sentences.
    Prose,
    /// A heading or the row of a table, which ends with its line.
    Whole,
    /// Code between fences of this character, so many times.
    Code(char, usize),
}

/// Takes a text as it comes, and gives its sentences as they end.
#[derive(Clone, Debug)]
pub struct Stream {
    /// What stands before the next sentence, from lines that have none.
    before: String,
    /// What hasn't been given yet.
    rest: String,
    /// Whether `rest` begins at the start of a line.
    begins_line: bool,
    /// Where the current line begins in `rest`.
    line_start: usize,
    /// What the current line is.
    line: Line,
    /// The end of the last line, as long as the sentence may go on in the next.
    broken: Option<usize>,
    /// Where the sentence ends, as it seems.
    stop: Option<usize>,
    /// Where code in a line began.
    code: Option<usize>,
    /// Where the outermost open bracket stands, and how many are open.
    open: (usize, u32),
    /// Whether a letter has come.
    has_letter: bool,
}

impl Default for Stream {
    fn default() -> Self {
        Self {
            before: String::new(),
            rest: String::new(),
            begins_line: true,
            line_start: 0,
            line: Line::Empty,
            broken: None,
            stop: None,
            code: None,
            open: (0, 0),
            has_letter: false,
        }
    }
}

impl Stream {
    /// Takes the next part of the text, and gives the sentences that have ended with it.
    pub fn push(&mut self, text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut again = VecDeque::new();
        for c in text.chars() {
            again.push_back(c);
            while let Some(c) = again.pop_front() {
                if let Some(end) = self.take(c) {
                    let tail = self.rest.split_off(end);
                    pieces.extend(self.give());
                    tail.chars().rev().for_each(|c| again.push_front(c));
                }
            }
        }
        pieces
    }

    /// The sentences that the end of the text ends.
    pub fn finish(mut self) -> Vec<Piece> {
        // The end of a line is an end of all but code.
        let mut pieces = if matches!(self.line, Line::Code(..)) { Vec::new() } else { self.push("\n\n") };
        self.rest.truncate(self.rest.trim_end().len());
        pieces.extend(self.give());
        pieces
    }

    /// Takes a character; gives the end of the sentence in `rest` if it has ended.
    fn take(&mut self, c: char) -> Option<usize> {
        let at = self.rest.len();
        self.rest.push(c);
        if let Line::Code(fence, width) = self.line {
            return self.take_code(at, c, fence, width);
        }
        if c == '\n' {
            return self.end_line(at);
        }
        if c.is_whitespace() {
            return None;
        }
        if let Some(end) = self.broken.take()
            && !self.goes_on(end, c)
        {
            return Some(end);
        }
        if let Some(end) = self.stop
            && let Some(end) = self.stops(end, at, c)
        {
            return Some(end);
        }
        self.read(at, c);
        (at > LONGEST).then_some(at)
    }

    /// Takes a character of a block of code at `at`.
    fn take_code(&mut self, at: usize, c: char, fence: char, width: usize) -> Option<usize> {
        let is_first = self.rest[..self.line_start].trim_start().is_empty();
        if is_first && c == fence {
            if self.rest[..at].ends_with(fence) {
                self.line = Line::Code(fence, width + 1);
            } else if fence == '`' {
                // Code in a line, between three of them.
                self.line = Line::Prose;
            }
        }
        if c != '\n' {
            return None;
        }
        let line = self.rest[self.line_start..at].trim_start_matches([' ', '\t', '>']).trim_end();
        let closes = line.len() >= width && line.chars().all(|c| c == fence);
        self.line_start = at + 1;
        (closes && !is_first).then_some(at)
    }

    /// Reads a character that isn't blank and ends nothing.
    fn read(&mut self, at: usize, c: char) {
        let begins = self.begins_line || self.line_start > 0;
        if self.line == Line::Empty {
            let line = &self.rest[self.line_start..];
            if line.len() > NEAR {
                self.line = Line::Prose;
            }
            let inner = &line[if begins { marks(line) } else { 0 }..];
            let fence = inner.trim_start();
            match c {
                '`' | '~' if begins && "```~~~".contains(fence) => {
                    if fence.len() == 3 {
                        self.line = Line::Code(c, 3);
                        self.stop = None;
                        self.code = None;
                    }
                    return;
                }
                '|' if begins && fence == "|" => self.line = Line::Whole,
                '#' if begins && inner.trim_start_matches([' ', '>']).bytes().all(|byte| byte == b'#') => {
                    return;
                }
                _ if inner.trim_start().is_empty() || fence.bytes().all(|byte| b"->+#".contains(&byte)) => {
                    return;
                }
                _ if begins
                    && line.trim_start_matches([' ', '\t', '>']).starts_with('#')
                    && heading(line) =>
                {
                    self.line = Line::Whole;
                }
                _ if fence.bytes().all(|byte| byte.is_ascii_digit() || b".)*_".contains(&byte)) => {}
                _ => self.line = Line::Prose,
            }
        }
        self.has_letter |= c.is_alphabetic();
        if self.line == Line::Whole {
            return;
        }
        match c {
            '`' => {
                self.code = if self.code.is_some_and(|from| at - from < NEAR) { None } else { Some(at) };
            }
            '(' => self.open = if self.open.1 == 0 { (at, 1) } else { (self.open.0, self.open.1 + 1) },
            ')' => self.open.1 = self.open.1.saturating_sub(1),
            _ => {}
        }
        let in_code = self.code.is_some_and(|from| at - from < NEAR);
        if is_stop(c) && !in_code && self.has_letter {
            self.stop = Some(at + c.len_utf8());
        }
    }

    /// Whether a sentence that seems to end at `end` does, now that `c` has come at `at`; then where it ends, with the marks
    /// behind it.
    fn stops(&mut self, end: usize, at: usize, c: char) -> Option<usize> {
        let closes = matches!(c, ')' | ']' | '"' | '\'' | '”' | '’' | '*' | '_' | '»' | '」' | '』' | '）');
        if at == end && (closes || is_stop(c)) {
            self.stop = Some(at + c.len_utf8());
            return None;
        }
        let (marked, next) = match behind(&self.rest[end..], false) {
            Behind::Waits => return None,
            Behind::Next(marked, next) => (marked, next),
        };
        let joined = next == 0;
        let first = self.rest[end + next..].chars().next();
        let wide = self.rest[..end].trim_end_matches(['」', '』', '”', '）']).ends_with(['。', '！', '？']);
        if wide || !joined && self.ends(end, first, marked > 0) {
            return Some(end + marked);
        }
        self.stop = None;
        None
    }

    /// Whether a sentence ends at `end`, if `next` is the next character behind blanks or marks.
    fn ends(&self, end: usize, next: Option<char>, marked: bool) -> bool {
        let goes_on = next.is_some_and(|c| c.is_lowercase() || ",;:)]}–—-=+/&%".contains(c));
        let in_brackets = self.open.1 > 0 && end - self.open.0.min(end) < NEAR;
        let cut = is_cut(self.rest[..end].trim_end_matches(['*', '_', '"', '”', '\'', '’', ')']), next);
        !goes_on && !in_brackets && (marked || !cut)
    }

    /// Takes the end of a line at `at`.
    fn end_line(&mut self, at: usize) -> Option<usize> {
        let line = self.line;
        self.line = Line::Empty;
        self.line_start = at + 1;
        if !self.rest[..at].chars().any(char::is_alphanumeric) {
            // Blanks and marks alone go before the next sentence.
            let rest = std::mem::take(&mut self.rest);
            self.before.push_str(&rest);
            self.reset();
            self.begins_line = true;
            return None;
        }
        if let Some(end) = self.broken {
            // The second line end.
            return Some(end);
        }
        self.code = None;
        let text_end = self.rest[..at].trim_end().len();
        if let Some(end) = self.stop {
            let last = end
                + match behind(&self.rest[end..at], true) {
                    Behind::Next(marked, _) => marked,
                    Behind::Waits => 0,
                };
            if self.ends(end, None, last > end) {
                return Some(last);
            }
        }
        if line == Line::Whole {
            return Some(text_end);
        }
        self.stop = None;
        self.broken = Some(text_end);
        None
    }

    /// Whether a sentence whose line ends at `end` goes on in the next line, which begins with `c`.
    fn goes_on(&self, end: usize, c: char) -> bool {
        let text = self.rest[..end].trim_end_matches(['*', '_']);
        let word = text.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        let unfinished = text.ends_with([',', '(', '–', '—'])
            || !word.is_empty() && crate::words::is_stop_word(&word.to_lowercase());
        c.is_lowercase() || unfinished && (c.is_alphabetic() || "\"'(“‘".contains(c))
    }

    /// Gives the sentence that `rest` is, and begins another.
    fn give(&mut self) -> Option<Piece> {
        let rest = std::mem::take(&mut self.rest);
        let is_code = matches!(self.line, Line::Code(..));
        let lead = rest.len() - rest.trim_start().len();
        let begins = self.begins_line || rest[..lead].contains('\n');
        let line = rest[..lead].rfind('\n').map_or(0, |at| at + 1);
        let start = if begins { line + marks(&rest[line..]) } else { lead };
        let (text, hinted) =
            if is_code { (rest[start..].to_owned(), Vec::new()) } else { without_marks(&rest[start..]) };
        let text_start = text.len() - text.trim_start().len();
        let mut before = std::mem::take(&mut self.before);
        before.push_str(&rest[..start]);
        before.push_str(&text[..text_start]);
        let text = text[text_start..].trim_end();
        self.reset();
        self.begins_line = false;
        if text.chars().any(char::is_alphanumeric) && !is_label(text, &hinted) {
            return Some(Piece { before, text: text.to_owned(), hinted, is_code });
        }
        before.push_str(if is_label(text, &hinted) { "" } else { text });
        self.before = before;
        None
    }

    /// Forgets what is known of the last sentence.
    fn reset(&mut self) {
        self.line = Line::Empty;
        self.line_start = 0;
        (self.broken, self.stop, self.code, self.open, self.has_letter) = (None, None, None, (0, 0), false);
    }
}

/// What stands behind a stop.
enum Behind {
    /// It isn't known yet.
    Waits,
    /// Marks up to the first number, and the next character at the second.
    Next(usize, usize),
}

/// Reads the marks behind a stop; `is_all` if nothing comes behind the text.
fn behind(tail: &str, is_all: bool) -> Behind {
    let (mut marked, mut at) = (0, 0);
    loop {
        at += tail[at..].len() - tail[at..].trim_start_matches([' ', '\t', '\u{a0}']).len();
        match mark(&tail[at..]) {
            Mark::Whole(length, _) => {
                // It may be the text of a link.
                let rest = &tail[at + length..];
                if rest.starts_with('(') {
                    return Behind::Next(marked, at);
                }
                at += length;
                marked = at;
            }
            Mark::Cut if !is_all => return Behind::Waits,
            _ => break,
        }
    }
    if tail[at..].is_empty() && !is_all { Behind::Waits } else { Behind::Next(marked, at) }
}

/// Whether a sentence may end with a character.
fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？')
}

/// Whether a piece only says where sources are named: `Sources: [1], [2]`.
fn is_label(text: &str, hinted: &[u32]) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphabetic()).to_lowercase();
    let known = ["source", "sources", "reference", "references", "citation", "citations", "see"];
    !hinted.is_empty() && known.contains(&word.as_str())
}

/// Whether a line begins as a heading.
fn heading(line: &str) -> bool {
    let rest = line.trim_start_matches([' ', '\t', '>']);
    let level = rest.len() - rest.trim_start_matches('#').len();
    (1..=6).contains(&level) && rest[level..].starts_with([' ', '\t'])
}

/// How many bytes a line begins with that are blanks and marks of quotes, items, tasks and headings.
fn marks(line: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = &line[at..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let inner = &rest[blank..];
        let digits = inner.len() - inner.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let hashes = inner.len() - inner.trim_start_matches('#').len();
        let spaced = |length: usize| inner[length..].starts_with([' ', '\t']);
        let mark = match inner.chars().next() {
            Some('>') => 1,
            Some('-' | '*' | '+') if spaced(1) => 1,
            Some('•' | '◦' | '‣') => '•'.len_utf8(),
            Some('#') if hashes <= 6 && spaced(hashes) => hashes,
            Some('[') if ["[ ] ", "[x] ", "[X] "].iter().any(|task| inner.starts_with(task)) && at > 0 => 3,
            Some(_)
                if (1..=3).contains(&digits)
                    && inner[digits..].starts_with(['.', ')'])
                    && spaced(digits + 1) =>
            {
                digits + 1
            }
            _ => return at + blank,
        };
        at += blank + mark;
    }
}

/// Whether a text ends in what is an abbreviation more often than an end, before `next`.
fn is_cut(text: &str, next: Option<char>) -> bool {
    const ABBREVIATIONS: [&str; 30] = [
        "mr", "mrs", "ms", "dr", "st", "prof", "jr", "sr", "vs", "cf", "approx", "fig", "figs", "ca", "gen",
        "al", "eq", "lt", "col", "capt", "sgt", "rev", "sen", "gov", "mt", "resp", "incl", "esp", "viz",
        "ibid",
    ];
    const BEFORE_NUMBERS: [&str; 10] = ["no", "nr", "p", "pp", "vol", "ch", "sec", "art", "ver", "v"];
    let Some(rest) = text.strip_suffix('.') else { return false };
    let word = rest.rsplit(|c: char| !c.is_alphanumeric() && c != '.').next().unwrap_or_default();
    let initials = !word.is_empty()
        && word.split('.').all(|part| part.chars().count() == 1 && !part.contains(char::is_numeric))
        && (word.contains('.') || word.starts_with(char::is_uppercase) && word != "I");
    let number = next.is_some_and(|c| c.is_ascii_digit());
    let word = word.to_lowercase();
    initials || number && BEFORE_NUMBERS.contains(&word.as_str()) || ABBREVIATIONS.contains(&word.as_str())
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
