//! Lines → the `#tags` in them, as Obsidian, Logseq and Bear write them.
//!
//! ```text
//! # Plan for Monday #planning        | #a | #b |        > [!note] #c        - (#two-words), #ml/ops
//! Dig in #[[green manure]].          #🌱 grows          #reading list#      the door is #fff: a colour
//! ```
//!
//! A tag is stored as it is compared: in lower case, composed, without its hash, nested ones with their slashes
//! (`ml/ops`).

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::colour;
use super::label::is_ornament;
use super::lines::{LineKind, Lines};
use crate::document::floor;

/// How many tags a note may have; further ones are dropped.
pub(super) const MAX_TAGS: usize = 256;

/// The longest tag, in bytes; what is longer isn't one.
const MAX_LEN: usize = 64;

/// The most words of a tag between two hashes; more are a sentence with two hashes in it.
const MAX_WORDS: usize = 4;

/// Puts a tag into the one form it is stored and compared in; `None` if nothing is left of it.
pub(super) fn normal(tag: &str) -> Option<String> {
    let tag = tag.trim().trim_start_matches('#').trim_matches('/').trim();
    (!tag.is_empty() && tag.len() <= MAX_LEN).then(|| tag.nfc().collect::<String>().to_lowercase())
}

/// Adds the tags of all lines of text and headings: words that begin with `#`, outside of code. Numbers (`#123`),
/// colours (`#ff8800`) and fragments of addresses aren't tags.
pub(super) fn collect(lines: &Lines<'_>, tags: &mut Vec<String>) {
    let shown = |&at: &usize| matches!(lines.kind(at), LineKind::Text | LineKind::Heading);
    for at in (0..lines.len()).filter(shown) {
        for tag in Scan::new(lines.get(at)) {
            if tags.len() >= MAX_TAGS {
                return;
            }
            let new = normal(tag.name).filter(|tag| !tags.contains(tag));
            tags.extend(new);
        }
    }
}

/// A heading without the tags at its end, unless it is nothing but tags.
pub(super) fn without(title: &str) -> &str {
    let tags: Vec<Tag<'_>> = Scan::new(title).collect();
    let mut rest = title.trim_end();
    for tag in tags.iter().rev().filter(|tag| tag.start > 0) {
        if tag.end != rest.len() {
            break;
        }
        rest = rest[..tag.start].trim_end();
    }
    if rest.is_empty() { title } else { rest }
}

/// Whether a line is nothing but tags.
pub(super) fn are_all(line: &str) -> bool {
    let mut end = 0;
    let mut any = false;
    for tag in Scan::new(line) {
        if !line[end..tag.start].trim().is_empty() {
            return false;
        }
        (end, any) = (tag.end, true);
    }
    any && line[end..].trim().is_empty()
}

/// A tag in a line.
#[derive(Debug, PartialEq, Eq)]
struct Tag<'a> {
    /// As it is written, without hash and brackets.
    name: &'a str,
    /// Where its hash stands.
    start: usize,
    /// Where it ends, what closes it included.
    end: usize,
}

/// The tags of one line, in order; each byte is looked at a bounded number of times.
struct Scan<'a> {
    line: &'a str,
    at: usize,
    /// Which mark ends what is being passed over.
    within: Option<Closer>,
    /// The marks that are known not to come any more.
    absent: Vec<Closer>,
}

/// What ends a stretch that has no tags in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closer {
    Code,
    Link,
    Element,
}

impl Closer {
    fn mark(self) -> &'static str {
        match self {
            Self::Code => "`",
            Self::Link => "]]",
            Self::Element => ">",
        }
    }
}

impl<'a> Scan<'a> {
    fn new(line: &'a str) -> Self {
        Self { line, at: 0, within: None, absent: Vec::new() }
    }

    /// The tag whose hash stands at `at`, unless it is none.
    fn tag(&self, at: usize) -> Option<Tag<'a>> {
        let (before, rest) = (&self.line[..at], &self.line[at + 1..]);
        if !opens(before) {
            return None;
        }
        if let Some(inner) = rest.strip_prefix("[[") {
            let (name, _) = inner[..floor(inner, MAX_LEN)].split_once("]]")?;
            return Some(Tag { name, start: at, end: at + 3 + name.len() + 2 });
        }
        if let Some(name) = between_hashes(rest) {
            return Some(Tag { name, start: at, end: at + 1 + name.len() + 1 });
        }
        let name = word(rest);
        let name = if before.ends_with('_') { name.trim_end_matches('_') } else { name };
        let after = &rest[name.len()..];
        let is_directive = matches!(name, "include" | "import") && after.trim_start().starts_with(['<', '"']);
        let is_tag = name.chars().any(|char| char.is_alphabetic() || is_symbol(char))
            && !is_directive
            && !colour::is_colour(before, name, after);
        is_tag.then_some(Tag { name, start: at, end: at + 1 + name.len() })
    }

    /// What ends the stretch that begins at `at`, if one without tags does.
    fn skips(&self, at: usize) -> Option<Closer> {
        let rest = &self.line[at..];
        match rest.as_bytes()[0] {
            b'`' => Some(Closer::Code),
            b'[' if rest.starts_with("[[") => Some(Closer::Link),
            b'<' if rest[1..].starts_with(|char: char| char.is_ascii_alphabetic()) => Some(Closer::Element),
            _ => None,
        }
    }

    /// Goes on behind what is being passed over. What is never closed is text, but for code.
    fn pass(&mut self) -> Option<()> {
        let Some(closer) = self.within.take().filter(|closer| !self.absent.contains(closer)) else {
            return Some(());
        };
        match self.line[self.at..].find(closer.mark()) {
            Some(found) => self.at += found + closer.mark().len(),
            None if closer == Closer::Code => return None,
            None => self.absent.push(closer),
        }
        Some(())
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            self.pass()?;
            let at = self.at + self.line[self.at..].find(['#', '`', '[', '<'])?;
            self.at = at + 1;
            if !self.line[at..].starts_with('#') {
                self.within = self.skips(at);
            } else if let Some(tag) = self.tag(at) {
                self.at = tag.end;
                return Some(tag);
            }
        }
    }
}

/// Whether a tag may begin after this: not inside a word, an address or a link's target.
fn opens(before: &str) -> bool {
    let mut chars = before.chars().rev();
    match chars.next() {
        None | Some('|' | ',' | ';' | '>' | '*' | '_' | '~' | '“' | '„' | '，' | '、' | '。' | '：') => {
            true
        }
        // Not after `](`, as in a link.
        Some('(') => chars.next() != Some(']'),
        Some(char) => char.is_whitespace() || is_ornament(char),
    }
}

/// A tag of several words, which a second hash closes.
fn between_hashes(rest: &str) -> Option<&str> {
    let end = rest.char_indices().take(MAX_LEN).find(|&(_, char)| !(is_part(char) || char == ' '));
    let (name, after) = rest.split_at(end?.0);
    let after = after.strip_prefix('#')?;
    let closes = !after.starts_with(|char: char| char.is_alphanumeric() || char == '#');
    let words = name.split(' ').count();
    // `#tag for C#` is a tag and a language.
    let is_name = name.rsplit(' ').next().is_some_and(|last| last.chars().count() > 1);
    (closes && is_name && (2..=MAX_WORDS).contains(&words) && !name.starts_with(' ')).then_some(name)
}

/// The longest start of `text` that a tag can be written with.
fn word(text: &str) -> &str {
    let end = text.char_indices().find(|&(_, char)| !is_part(char)).map_or(text.len(), |(at, _)| at);
    text[..end].trim_end_matches(['-', '/'])
}

/// Whether a tag can be written with this character.
fn is_part(char: char) -> bool {
    char.is_alphanumeric() || "-_/".contains(char) || is_combining_mark(char) || is_symbol(char)
}

/// Whether a character is an emoji, or joins two.
fn is_symbol(char: char) -> bool {
    matches!(char, '\u{200d}' | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}')
        || matches!(char, '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(line: &str) -> Vec<String> {
        let mut tags = Vec::new();
        collect(&Lines::new(line, &(0..line.len())), &mut tags);
        tags
    }

    #[test]
    fn tags_are_words_after_a_hash() {
        for (line, expected) in [
            ("#Python and #ml/ops, (#two-words) #größe", &["python", "ml/ops", "two-words", "größe"][..]),
            ("# Plan for Monday #planning", &["planning"]),
            ("## #phone ##", &["phone"]),
            ("- [ ] call #dad", &["dad"]),
            ("| #a | #b |", &["a", "b"]),
            ("|#a|#b|", &["a", "b"]),
            (">#quoted and > [!note] #callout", &["quoted", "callout"]),
            ("> [!note]- Title #callout", &["callout"]),
            ("#a,#b;#c", &["a", "b", "c"]),
            ("**#bold** _#it_ #snake_case", &["bold", "it", "snake_case"]),
            ("#b2b #e2e #bed #fee #ec2", &["b2b", "e2e", "bed", "fee", "ec2"]),
            ("#1984a #2024-goals #y2k", &["1984a", "2024-goals", "y2k"]),
            ("Dig in #[[green manure]] and #[[a/b]].", &["green manure", "a/b"]),
            ("#reading list# and #wood work/oak#, done", &["reading list", "wood work/oak"]),
            ("#tag we use C# here and F#", &["tag"]),
            ("Fin de #año, #an\u{303}o", &["año"]),
            ("#บันทึก #ร้าน #日記", &["บันทึก", "ร้าน", "日記"]),
            ("#🌱 #🔥/hot #❤️", &["🌱", "🔥/hot", "❤\u{fe0f}"]),
            ("see [[My note #5th]] #x", &["x"]),
            ("#-a #include it", &["-a", "include"]),
            ("TODO buy milk #todo!", &["todo"]),
            ("“#quoted”", &["quoted"]),
        ] {
            assert_eq!(tags(line), expected, "{line}");
        }
    }

    #[test]
    fn other_hashes_are_no_tags() {
        for line in [
            "no#tag https://a.b/#frag `#code` #12 ## # # ###",
            "#fff #ff8800 #a1b2c3 #f00 #0af #FFFFFF #aabbcc",
            "#include <stdio.h>",
            "#include<x> and #import \"y.h\"",
            "[to](#part) [[#heading]] [[note#heading]] ![[a#b]]",
            "<a href=\"#top\" style=\"color: #dad\">",
            "color: #bad; background:#fed",
            "\\#escaped #!shebang #. #+title",
            "C# F#, item#2, &#39; &#xe9;",
            "# Heading",
            "`unclosed #code",
        ] {
            assert_eq!(tags(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn tags_at_the_end_are_no_part_of_a_title() {
        for (title, seen) in [
            ("Plan for Monday #planning #work", "Plan for Monday"),
            ("#phone calls", "#phone calls"),
            ("#planning #work", "#planning"),
            ("C# and F#", "C# and F#"),
            ("Issue #12", "Issue #12"),
            ("Dig #[[green manure]]", "Dig"),
        ] {
            assert_eq!(without(title), seen, "{title}");
        }
        assert!(are_all("#a #b/c") && are_all(" #[[x y]] "));
        assert!(!are_all("#a b") && !are_all("a") && !are_all("") && !are_all("#1"));
    }

    #[test]
    fn a_note_of_nothing_but_tags_has_an_end() {
        let text = (0..100_000).map(|at| format!("#tag{at}")).collect::<Vec<_>>().join(" ");
        assert_eq!(tags(&text).len(), MAX_TAGS);
        for part in ["#", "#[[", "[[", "<a ", "`", "#a ", "# b c", "(#"] {
            tags(&part.repeat(300_000));
        }
    }
}
