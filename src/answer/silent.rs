//! What says nothing by itself.

use crate::document::{Block, BlockKind, Passage};
use crate::link::links;
use crate::sentence::{links_in, sentences};
use crate::words::{is_listed, is_stop_word};

use super::{content, words};

/// Words that point to where something is said.
const POINTING: [&str; 18] = [
    "also", "back", "contents", "fixme", "here", "index", "link", "links", "moc", "more", "next", "previous",
    "read", "related", "see", "tbd", "todo", "up",
];

/// The same in other languages, and what stands before the address of a source, where no English word is like it.
const POINTING_ELSEWHERE: &str = "\
    siehe vgl bkz quelle quellen verweise inhalt inhaltsverzeichnis weiterlesen zurück voir fonte fonti vedi sommaire \
    véase fuente fuentes índice enlaces contenido sumário indice bron bronnen zie inhoud källa källor innehåll kilde kilder \
    źródło źródła zob spis kaynak kaynaklar içindekiler см источник источники ссылки содержание оглавление джерело джерела зміст \
    المصدر المصادر المراجع انظر المحتويات منبع منابع स्रोत संदर्भ nguồn sumber 来源 出典 目录 目次 参照 참고 출처";

/// Whether a word, in lower case, points to where something is said, or to what it was taken from, in another language.
fn points_elsewhere(word: &str) -> bool {
    !word.is_empty() && is_listed(POINTING_ELSEWHERE, word)
}

/// Whether a passage says anything by itself: more than a heading, images, embedded notes, tags and a word or two, more
/// than links to where it is said, and more than questions that stand there unanswered. The answer to a question may be
/// as short as it likes.
pub fn says_something(passage: &Passage) -> bool {
    const FEWEST: usize = 3;
    let least = if passage.question.is_some() { 1 } else { FEWEST };
    // An empty note says what it is called.
    if passage.text.is_empty() {
        return true;
    }
    let is_heading =
        |block: &Block| matches!(block.kind, BlockKind::Heading(_) | BlockKind::Rule | BlockKind::Hidden);
    if !passage.blocks.is_empty() && passage.blocks.iter().all(is_heading) {
        return false;
    }
    let text = without_markup(&passage.text[content(passage)]);
    let mut written = words(&text).filter(|word| word.chars().any(char::is_alphabetic));
    written.nth(least - 1).is_some() && !only_points(passage) && !only_asks(passage)
}

/// Whether most of what a passage says are the names of other notes, as in a table of contents.
fn only_points(passage: &Passage) -> bool {
    let content = content(passage);
    let links = links(&passage.text, &passage.blocks);
    let linked: usize = links.iter().map(|link| words(&link.text).count()).sum();
    let enough = linked.div_ceil(2).max(1);
    let (mut said, mut at) = (0, content.start);
    let says = |word: &&str| {
        let word = word.to_lowercase();
        let is_small = !links.is_empty() && is_stop_word(&word);
        word.contains(char::is_alphabetic)
            && !is_small
            && !POINTING.contains(&word.as_str())
            && !points_elsewhere(&word)
    };
    for link in links.iter().map(|link| &link.range).chain([&(content.end..content.end)]) {
        let between = passage.text.get(at..link.start.min(content.end)).unwrap_or_default();
        said += words(&without_markup(between)).filter(says).take(enough - said).count();
        if said == enough {
            return false;
        }
        at = at.max(link.end);
    }
    true
}

/// Whether most of the sentences are questions, as in a list of what might be asked.
fn only_asks(passage: &Passage) -> bool {
    const MARKS: [char; 3] = ['?', '？', '؟'];
    let (mut asking, mut all) = (0, 0);
    for sentence in sentences(&passage.text, &passage.blocks, &content(passage)) {
        // Markup may be left of a sentence that has ended.
        let sentence = passage.text[sentence.range]
            .trim_end_matches(|c: char| !c.is_alphanumeric() && !MARKS.contains(&c));
        all += usize::from(!sentence.is_empty());
        asking += usize::from(sentence.ends_with(MARKS));
    }
    3 * asking > 2 * all
}

/// The text without what only points elsewhere: `![[note]]`, `![image](file)`, `<tag>`, `{{template}}`.
fn without_markup(text: &str) -> String {
    const PAIRS: [(&str, &str); 4] = [("![[", "]]"), ("![", ")"), ("{{", "}}"), ("<", ">")];
    // No markup is longer; a bracket that isn't closed within this is a bracket.
    const LONGEST: usize = 1000;
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['!', '{', '<']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let near = rest.char_indices().nth(LONGEST).map_or(rest, |(end, _)| &rest[..end]);
        let closed = PAIRS.iter().find_map(|(open, close)| {
            let inside = near.strip_prefix(open)?;
            let is_tag = *open != "<" || inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
            inside.find(close).filter(|_| is_tag).map(|end| open.len() + end + close.len())
        });
        let skipped = closed.unwrap_or(1);
        out.push(' ');
        rest = &rest[skipped..];
    }
    out + rest
}

/// Whether a sentence is nothing that a reader could read: images, embedded notes, tags, and in a paragraph links with
/// hardly a word around them. An item of a list may be a link.
pub(super) fn is_silent(text: &str, item: bool) -> bool {
    const SOURCES: [&str; 14] = [
        "credit",
        "doc",
        "docs",
        "documentation",
        "from",
        "h",
        "ref",
        "reference",
        "references",
        "source",
        "sources",
        "t",
        "thanks",
        "via",
    ];
    if text.starts_with(":::") || text.starts_with("{%") && text.ends_with("%}") {
        return true;
    }
    let speaking: Vec<&str> = text.lines().filter(|line| !is_definition(line) && !is_role(line)).collect();
    let speaking = speaking.join("\n");
    let bare = without_markup(&speaking);
    let written = |word: &str| word.chars().any(char::is_alphanumeric);
    let is_tag = |word: &str| word.starts_with('#') && word[1..].starts_with(char::is_alphabetic);
    let said: Vec<&str> = bare.split_whitespace().filter(|word| written(word) && !is_tag(word)).collect();
    if said.is_empty() {
        return !speaking.contains('`');
    }
    if item || !text.contains(['[', ':']) {
        return false;
    }
    let points = |word: &str| {
        let word = word.to_lowercase();
        is_stop_word(&word)
            || POINTING.contains(&&*word)
            || SOURCES.contains(&&*word)
            || points_elsewhere(&word)
    };
    let links = links_in(text);
    let (mut rest, mut at) = (String::new(), 0);
    for link in &links {
        rest.push_str(&text[at..link.start]);
        rest.push(' ');
        at = link.end;
    }
    rest.push_str(&text[at..]);
    !links.is_empty() && words(&rest).all(points)
}

/// Whether a line says where a link leads that stands elsewhere: `[name]: address`.
fn is_definition(line: &str) -> bool {
    let rest = line.trim_start().strip_prefix('[').and_then(|line| line.split_once("]:"));
    rest.is_some_and(|(name, address)| !name.contains(']') && address.split_whitespace().count() <= 2)
}

/// Whether a line is a mark for a program that makes books: `` :label:`figure` ``, `:width: 300`.
fn is_role(line: &str) -> bool {
    let rest = line.trim().strip_prefix(':').and_then(|line| line.split_once(':'));
    rest.is_some_and(|(name, value)| {
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || "-_".contains(c));
        is_name && !value.trim().contains(char::is_whitespace)
    })
}

/// Whether an item of a list is nothing but a link.
pub(super) fn is_link(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit() || " \t>-*+.)".contains(c)).trim_end();
    links_in(text).first().is_some_and(|link| *link == (0..text.trim_end_matches(['.', '*']).len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_for_programs_say_nothing() {
        for text in [
            "[install]: ch01-01-installation.html\n[a b]: https://example.com \"Title\"",
            ":label:`fig_encoder`",
            ":width: 300px",
            "![A long sentence. And another.](../img/t5.svg)\n:label:`fig_t5`",
            "![[embedded]] #tag",
        ] {
            assert!(is_silent(text, false), "{text}");
        }
        for text in
            ["[1]: it depends on three things at least", "See [the book](x.md) for how owls hunt.", "a: b"]
        {
            assert!(!is_silent(text, false), "{text}");
        }
    }
}
