//! Text lines → the `#tags` in them, as Obsidian and Logseq write them.
//!
//! A tag is stored as it is compared: in lower case, without its hash, nested ones with their slashes (`ml/ops`).

use super::lines::{LineKind, Lines};

/// How many tags a note may have; further ones are dropped.
pub(super) const MAX_TAGS: usize = 256;

/// The longest tag, in bytes; what is longer isn't one.
const MAX_LEN: usize = 64;

/// Puts a tag into the one form it is stored and compared in; `None` if nothing is left of it.
pub(super) fn normal(tag: &str) -> Option<String> {
    let tag = tag.trim().trim_start_matches('#').trim_matches('/').trim();
    (!tag.is_empty() && tag.len() <= MAX_LEN).then(|| tag.to_lowercase())
}

/// Adds the tags of all text lines: words that begin with `#`, outside of code. Numbers (`#123`), colours
/// (`#ff8800`) and fragments of addresses aren't tags.
pub(super) fn collect(lines: &Lines<'_>, tags: &mut Vec<String>) {
    for at in (0..lines.len()).filter(|&at| lines.kind(at) == LineKind::Text) {
        // Every second stretch between backticks is code.
        for prose in lines.get(at).split('`').step_by(2) {
            for (hash, _) in prose.match_indices('#') {
                if tags.len() >= MAX_TAGS {
                    return;
                }
                // After `(`, but not after `](` as in a link.
                let before = prose[..hash].strip_suffix('(').unwrap_or(&prose[..hash]);
                let opens = before.is_empty() || before.ends_with(char::is_whitespace);
                let tag = word(&prose[hash + 1..]);
                let new = normal(tag).filter(|tag| opens && is_tag(tag) && !tags.contains(tag));
                tags.extend(new);
            }
        }
    }
}

/// The longest start of `text` that a tag can be written with.
fn word(text: &str) -> &str {
    let end = text
        .char_indices()
        .find(|&(_, char)| !(char.is_alphanumeric() || "-_/".contains(char)))
        .map_or(text.len(), |(at, _)| at);
    text[..end].trim_end_matches(['-', '/'])
}

/// Whether a word after `#` is a tag, rather than a number or a colour.
fn is_tag(word: &str) -> bool {
    let is_colour = matches!(word.len(), 3 | 4 | 6 | 8)
        && word.bytes().all(|byte| byte.is_ascii_hexdigit())
        && (word.len() == 3 || word.bytes().any(|byte| byte.is_ascii_digit()));
    word.chars().any(char::is_alphabetic) && !is_colour
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_words_after_a_hash() {
        let text = "#Python and #ml/ops, (#two-words) #größe\n# Heading\n\
            no#tag https://a.b/#frag `#code` #12 #fff #ff8800 ## #include<x> #-a";
        let mut lines = Lines::new(text, &(0..text.len()));
        lines.mark(&(text.find("# H").unwrap()..text.find("no#").unwrap()), LineKind::Heading);
        let mut tags = Vec::new();
        collect(&lines, &mut tags);
        assert_eq!(tags, ["python", "ml/ops", "two-words", "größe", "include", "-a"]);
    }

    #[test]
    fn a_note_of_nothing_but_tags_has_an_end() {
        let text = (0..100_000).map(|at| format!("#tag{at}")).collect::<Vec<_>>().join(" ");
        let mut tags = Vec::new();
        collect(&Lines::new(&text, &(0..text.len())), &mut tags);
        assert_eq!(tags.len(), MAX_TAGS);
    }
}
