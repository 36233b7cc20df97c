//! The plain text of messages → Markdown: quotes stay quotes, lists stay lists, and all else is text.

use super::super::draft::{self, Draft};

/// Quotes of quotes of quotes are told from each other up to this depth.
const MAX_QUOTES: usize = 8;

/// Writes a text; `is_flowed`, if lines that end in a blank go on in the next one (RFC 3676).
pub(super) fn write(draft: &mut Draft, text: &str, is_flowed: bool) {
    let mut block = Block::default();
    for line in text.lines() {
        let (depth, line) = unquoted(line, is_flowed);
        if line.trim().is_empty() || depth != block.depth || line == "-- " || line.trim_end() == "--" {
            block.end(draft);
            block.depth = depth;
            // What is below two hyphens is a signature; the hyphens only say that.
            if line.trim().is_empty() || line.trim_end() == "--" {
                continue;
            }
        }
        block.add(line, is_flowed);
        if draft.is_full() {
            return;
        }
    }
    block.end(draft);
}

/// Lines that belong together.
#[derive(Default)]
struct Block {
    /// How many times what they say is quoted.
    depth: usize,
    text: String,
    /// Whether the next line goes on in the last one.
    goes_on: bool,
}

impl Block {
    /// Adds a line.
    fn add(&mut self, line: &str, is_flowed: bool) {
        if !self.text.is_empty() && !self.goes_on {
            self.text.push('\n');
        }
        self.text.push_str(line);
        self.goes_on = is_flowed && line.ends_with(' ');
    }

    /// Writes the lines down as a paragraph, or as a quote.
    fn end(&mut self, draft: &mut Draft) {
        self.goes_on = false;
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() {
            return;
        }
        let before = "> ".repeat(self.depth);
        let lines: Vec<String> = text.lines().map(|line| format!("{before}{}", as_text(line))).collect();
        draft.paragraph(&lines.join("\n"));
    }
}

/// How many times a line is quoted, and what it says then.
fn unquoted(line: &str, is_flowed: bool) -> (usize, &str) {
    let (mut depth, mut rest) = (0, line);
    while let Some(quoted) = rest.strip_prefix('>') {
        depth += 1;
        // Between the marks of several programs there are blanks.
        rest = quoted.strip_prefix(' ').filter(|rest| rest.starts_with('>')).unwrap_or(quoted);
    }
    let rest = if depth > 0 || is_flowed { rest.strip_prefix(' ').unwrap_or(rest) } else { rest };
    (depth.min(MAX_QUOTES), rest)
}

/// A line that is no markup but an item of a list.
fn as_text(line: &str) -> String {
    let line = no_tags(line.trim());
    let is_item = ["- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark) && line.len() > mark.len());
    let is_rule = line.chars().all(|c| "-*+ ".contains(c));
    if is_item && !is_rule { line } else { draft::escaped(&line) }
}

/// A text in which nothing is taken for a tag; addresses in angle brackets are none.
pub(super) fn no_tags(text: &str) -> String {
    let mut parts = text.split('<');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find('>').map_or("", |end| &part[..end]);
        let is_address = end.contains('@') || end.contains("://") || end.starts_with("mailto:");
        let begins_tag = part.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
        out.push_str(if begins_tag && !is_address { "\\<" } else { "<" });
        out.push_str(part);
    }
    out
}
