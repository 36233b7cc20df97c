//! One line of Markdown or HTML → what a reader sees of it.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::inline;
use crate::document::{floor, shortened};

/// The longest heading or question, in bytes.
const MAX_LEN: usize = 400;

/// The longest title, in bytes. Each section carries the titles above it along, so they are kept short.
const MAX_TITLE: usize = 200;

/// Strips emphasis, code marks, links, tags, entities, block ids and heading attributes; runs of spaces become one.
///
/// A Python name such as `__init__` keeps its underscores although Markdown takes them for emphasis. What is
/// longer than 400 bytes is cut at a character and ends in `…`.
pub(super) fn plain(line: &str) -> String {
    // What is cut off here would be cut off below, unless it is all markup.
    let line = line.trim();
    let line = inline::seen(without_attributes(&line[..floor(line, 8 * MAX_LEN)]));
    let line = line.as_ref();
    if !line.contains(['*', '_', '`', '<', '[', '&', '\\', '~', '{', '\0']) {
        return in_one_line(line);
    }
    // As a heading, so that `1.` or `>` at its start isn't taken for a block.
    let source = format!("# {}", line.replace(['\n', '\r', '\0'], " "));
    let mut out = String::new();
    let mut kept_underscores = 0;
    let options = Options::ENABLE_STRIKETHROUGH;
    for (event, range) in Parser::new_ext(&source, options).into_offset_iter() {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak => out.push(' '),
            Event::Start(Tag::Strong) if is_dunder(&source[range]) => {
                out.push_str("__");
                kept_underscores += 1;
            }
            Event::End(TagEnd::Strong) if kept_underscores > 0 => {
                out.push_str("__");
                kept_underscores -= 1;
            }
            _ => {}
        }
    }
    in_one_line(&out)
}

/// With single spaces, and not too long.
fn in_one_line(line: &str) -> String {
    shortened(&line.split_whitespace().collect::<Vec<_>>().join(" "), MAX_LEN)
}

/// A heading as the sections beneath it carry it: what is longer than 200 bytes is cut.
pub(super) fn title(heading: &str) -> String {
    shortened(heading, MAX_TITLE)
}

/// Whether emphasised source is a name such as `__init__`.
fn is_dunder(source: &str) -> bool {
    source
        .strip_prefix("__")
        .and_then(|rest| rest.strip_suffix("__"))
        .is_some_and(|name| name.chars().all(|char| char.is_alphanumeric() || char == '_'))
}

/// Removes `{#id .class}` from the end of a heading.
fn without_attributes(line: &str) -> &str {
    match line.rfind('{') {
        Some(at)
            if line.ends_with('}')
                && (line[at + 1..].starts_with(['#', '.', ':']) || &line[at..] == "{-}") =>
        {
            line[..at].trim_end()
        }
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::{plain, title};

    #[test]
    fn markup_goes_and_names_stay() {
        for (line, seen) in [
            ("**What** is `__slots__`?", "What is __slots__?"),
            ("What is __init__ in _Python_?", "What is __init__ in Python?"),
            ("<code>len()</code> &amp; [links](https://x.y/z) ~~old~~", "len() & links old"),
            ("27. *args and **kwargs", "27. *args and **kwargs"),
            ("> not a quote", "> not a quote"),
            ("C# and  F#", "C# and F#"),
            ("Setup {#setup .wide}", "Setup"),
            ("Maps {a: 1}", "Maps {a: 1}"),
            ("Preface {-}", "Preface"),
            ("[[Projects/Atlas|**Atlas**]] sync ^block1", "Atlas sync"),
            ("![[embed]] `a<br>b` :tada:", "embed a<br>b :tada:"),
            ("Owls, at night?[[owls-at-night]]", "Owls, at night?"),
            ("Owls are everywhere![[owls-are-everywhere]]", "Owls are everywhere!"),
            ("see[[owls]]", "seeowls"),
            ("", ""),
        ] {
            assert_eq!(plain(line), seen);
        }
    }

    #[test]
    fn endless_lines_are_cut() {
        let long = plain(&"ü".repeat(100_000));
        assert!(long.len() <= 400 && long.ends_with("ü…"));
        assert!((198..=200).contains(&title(&long).len()) && title(&long).ends_with("ü…"));
    }
}
