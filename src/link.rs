//! Links from one note to another, as Markdown, Obsidian, Foam, Dendron, Logseq and Org write them.
//!
//! | written | text | target |
//! |---|---|---|
//! | `[how to](printer/howto.md#jam)` | how to | `printer/howto.md`, heading `jam` |
//! | `[[Printer]]`, `![[Printer]]` | Printer | `Printer` |
//! | `[[Printer#Paper jam\|the jam]]` | the jam | `Printer`, heading `Paper jam` |
//! | `[[file:printer.org][the printer]]` (Org) | the printer | `printer.org` |
//! | `[jam][1]` with `[1]: howto.md` | jam | `howto.md` |
//!
//! Addresses with a scheme (`https:`) lead elsewhere and are no links here. Which note a target means is told by
//! [`Link::leads_to`], from names and paths alone.

use std::collections::HashMap;
use std::ops::Range;

use crate::document::{Block, BlockKind, NotePath, floor};
use crate::words::fold;

/// The longest link, in bytes; a bracket that isn't closed within this is a bracket.
const LONGEST: usize = 1000;

/// The most links that are looked for in a text.
const MOST: usize = 2000;

/// A link in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
    /// What a reader sees of it.
    pub text: String,
    /// The path or name of the note that is meant, without escapes; empty for the note itself.
    pub target: String,
    /// The heading or block of that note, if it names one.
    pub heading: Option<String>,
    /// Whether the target is the name of a note, wherever it lies, rather than a path from this one.
    pub by_name: bool,
}

impl Link {
    /// The key under which notes of this name are kept: see [`name_key`].
    pub fn key(&self) -> String {
        name_key(&self.target)
    }

    /// Whether the part of a link behind `#` means a heading: it is the heading, or its letters and digits in lower case
    /// with hyphens between them, as web pages have it.
    pub fn is_anchor_of(anchor: &str, heading: &str) -> bool {
        let bare = |text: &str| -> String { fold(text).chars().filter(|c| c.is_alphanumeric()).collect() };
        let anchor = bare(anchor.rsplit('#').next().unwrap_or_default());
        !anchor.is_empty() && anchor == bare(heading)
    }

    /// The paths at which the note may lie, in a root, if the target is a path rather than a name: from the folder of the
    /// linking note, then from the root; as written, then as Markdown.
    pub fn paths(&self, from: &NotePath) -> Vec<NotePath> {
        if self.target.is_empty() {
            return vec![from.clone()];
        }
        let target = self.target.replace('\\', "\\\\");
        let mut paths = Vec::new();
        for start in [start(folder(from), &target), ""] {
            let Some(path) = resolved(start, &target) else { continue };
            paths.extend([path.clone(), path + ".md"]);
        }
        paths.dedup();
        paths.into_iter().map(NotePath::from_encoded).collect()
    }

    /// How well a note at `path` fits a link from the note at `from`, less being better; `None` if it isn't meant.
    /// Both are in the same root. `names` are the note's title and its other names.
    ///
    /// As in Obsidian, a path is looked for from the linking note's folder, then from the root; a name anywhere, in any
    /// case, in the same folder first and else where the path is shortest; then among titles and other names.
    pub fn leads_to<'a>(
        &self,
        from: &NotePath,
        path: &NotePath,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Option<usize> {
        if self.target.is_empty() {
            return (from == path).then_some(0);
        }
        let has_key = name_key(path.as_str()) == self.key();
        let (wanted, here) = (fold(without_extension(&self.target)), fold(without_extension(path.as_str())));
        let folder_of = folder(from);
        if has_key && (!self.by_name || wanted.contains('/')) {
            if resolved(start(&fold(folder_of), &wanted), &wanted).is_some_and(|wanted| wanted == here) {
                return Some(0);
            }
            if wanted.trim_start_matches('/') == here {
                return Some(1);
            }
        }
        let depth = path.as_str().matches('/').count();
        let name = wanted.trim_start_matches("../").trim_start_matches("./");
        let ends = here.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
        if has_key && ends {
            return Some(if folder(path) == folder_of { 2 } else { 3 + depth });
        }
        let is_called = self.by_name && names.into_iter().any(|name| fold(name) == wanted);
        is_called.then_some(1000 + depth)
    }
}

/// The folder that a note lies in; empty for the root.
fn folder(path: &NotePath) -> &str {
    path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The key of a name or path: its last part without extension, folded. A link can only lead to a note that has the
/// link's key among those of its path, title and other names.
pub fn name_key(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or_default();
    let key = fold(without_extension(name));
    key[..floor(&key, 256)].trim().to_owned()
}

/// A path without an extension that notes have.
fn without_extension(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && !stem.ends_with('/') && is_extension(ending) => stem,
        _ => path,
    }
}

/// Whether an ending belongs to a format that can be read.
fn is_extension(ending: &str) -> bool {
    crate::format::by_extension(crate::format::FORMATS, &ending.to_ascii_lowercase()).is_some()
}

/// The folder from which a path is looked for first: the root, if it begins with a slash.
fn start<'a>(folder: &'a str, path: &str) -> &'a str {
    if path.starts_with('/') { "" } else { folder }
}

/// A path from a folder, without `.` and `..`; `None` if it leads out of the root.
fn resolved(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The links of a text whose blocks are `blocks`, in order; code and what is hidden have none.
pub fn links(text: &str, blocks: &[Block]) -> Vec<Link> {
    let mut found = Vec::new();
    let definitions = definitions(text);
    let silent = |block: &&Block| matches!(block.kind, BlockKind::Code | BlockKind::Hidden);
    let mut code = blocks.iter().filter(silent).peekable();
    let mut at = 0;
    while let Some(next) = text[at..].find(['[', '`']).map(|next| at + next) {
        while code.next_if(|block| block.range.end <= next).is_some() {}
        if let Some(block) = code.peek().filter(|block| block.range.start <= next) {
            at = block.range.end;
        } else if text[next..].starts_with('`') {
            at = after_code(text, next);
        } else {
            let link = link(text, next, &definitions);
            at = link.as_ref().map_or(next + 1, |link| link.range.end);
            found.extend(link);
        }
        if found.len() >= MOST {
            break;
        }
    }
    found
}

/// The end of the code between backticks that begins at `at`, or of the backticks if nothing closes them nearby.
fn after_code(text: &str, at: usize) -> usize {
    let marks = text[at..].bytes().take_while(|&byte| byte == b'`').count();
    let inside = near(text, at + marks);
    let end = inside.find(&text[at..at + marks]);
    at + marks + end.map_or(0, |end| end + marks)
}

/// The text from `at` on, as far as a link may reach.
fn near(text: &str, at: usize) -> &str {
    &text[at..at + floor(&text[at..], LONGEST)]
}

/// The link whose first bracket stands at `at`.
fn link(text: &str, at: usize, definitions: &HashMap<String, &str>) -> Option<Link> {
    let embeds = text[..at].ends_with('!');
    let start = at - usize::from(embeds);
    let rest = near(text, at);
    if let Some(inside) = rest.strip_prefix("[[") {
        let end = inside.find("]]")?;
        let written = &inside[..end];
        if written.contains(['\n', '\r']) {
            return None;
        }
        return wiki(written, start..at + end + 4);
    }
    let end = closing(rest, b'[', b']')?;
    let label = rest[1..end].trim();
    let behind = &rest[end + 1..];
    let (target, length) = if behind.starts_with('(') {
        let close = closing(behind, b'(', b')')?;
        (destination(&behind[1..close])?, end + 1 + close + 1)
    } else if let Some(named) = behind.strip_prefix('[') {
        let close = named.find(']')?;
        let name = if close == 0 { label } else { &named[..close] };
        (*definitions.get(&fold(name))?, end + 1 + close + 2)
    } else {
        return None;
    };
    // An image is shown, it leads nowhere.
    if label.is_empty() || embeds {
        return None;
    }
    made(label, target, start..at + length, false)
}

/// What stands between double brackets. In Org the target comes first and may be followed by `][text`.
fn wiki(written: &str, range: Range<usize>) -> Option<Link> {
    let (target, text) = match written.split_once("][") {
        Some((target, text)) => (target, Some(text)),
        // In a table the bar is escaped.
        None => match written.split_once('|') {
            Some((target, text)) => (target.trim_end_matches('\\'), Some(text)),
            None => (written, None),
        },
    };
    let target = target.trim();
    let seen = text.map_or_else(
        || target.trim_start_matches("file:").replace('#', " › "),
        |text| text.trim().to_owned(),
    );
    made(seen.trim_start_matches(" › "), target, range, true)
}

/// A link to a target as it is written, unless that leads out of the notes.
fn made(text: &str, target: &str, range: Range<usize>, by_name: bool) -> Option<Link> {
    let target = target.strip_prefix("file:").unwrap_or(target);
    let scheme =
        target.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
    let has_scheme =
        scheme > 1 && target[scheme..].starts_with(':') && !target[scheme + 1..].starts_with(' ');
    if (has_scheme && (!by_name || target[scheme..].starts_with("://"))) || target.starts_with("//") {
        return None;
    }
    let (path, heading) = match target.split_once('#').or_else(|| target.split_once("::")) {
        Some((path, heading)) => (path, Some(heading.trim_start_matches(['*', '^', '#']).trim())),
        None => (target, None),
    };
    let decode = |text: &str| if by_name { text.trim().to_owned() } else { unescaped(text.trim()) };
    let heading = heading.filter(|heading| !heading.is_empty()).map(decode);
    let target = decode(path.split('?').next().filter(|_| !by_name).unwrap_or(path));
    if target.is_empty() && heading.is_none() {
        return None;
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(Link { range, text, target, heading, by_name })
}

/// The destination of a Markdown link, without its title.
fn destination(inside: &str) -> Option<&str> {
    let inside = inside.trim();
    if let Some(inside) = inside.strip_prefix('<') {
        return inside.split_once('>').map(|(destination, _)| destination);
    }
    let end = inside.find([' ', '\t', '\n']).map_or(inside.len(), |blank| {
        let behind = inside[blank..].trim_start();
        // Blanks in a path aren't allowed, but people write them.
        if behind.starts_with(['"', '\'', '(']) { blank } else { inside.len() }
    });
    Some(&inside[..end]).filter(|destination| !destination.is_empty() && !destination.contains('\n'))
}

/// The place of the bracket that closes the one that a text begins with.
fn closing(text: &str, open: u8, close: u8) -> Option<usize> {
    let mut depth = 0;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'\\' {
            bytes.next();
        } else if byte == open {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// The definitions `[name]: target` in lines of their own.
fn definitions(text: &str) -> HashMap<String, &str> {
    let mut found = HashMap::new();
    if !text.contains("]:") {
        return found;
    }
    for line in text.lines() {
        let line = line.trim();
        if let Some((name, target)) = line.strip_prefix('[').and_then(|rest| rest.split_once("]:"))
            && let Some(target) = destination(target)
            && !name.starts_with('^')
        {
            found.entry(fold(name)).or_insert(target);
        }
    }
    found
}

/// A path without `%20` and the like, and without backslashes before punctuation.
fn unescaped(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (byte, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'%', Some(value)) => {
                bytes.push(value);
                rest = &tail[2..];
            }
            (b'\\', _) if tail.first().is_some_and(u8::is_ascii_punctuation) => {}
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
#[path = "link_tests.rs"]
mod tests;
