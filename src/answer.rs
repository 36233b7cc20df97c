//! What is the answer? The part of a passage that a reader wants to see.
//!
//! The answer of a question-and-answer unit is its answer. Of any other passage it is the one to three sentences
//! that answer, by what their vectors and their words have to do with the question; code and tables stay whole.
//! Each piece of an answer is a contiguous part of the passage, character for character, so that a citation of it can
//! be checked.

mod matches;
mod select;
mod snippets;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::document::{Block, BlockKind, Passage, floor, trim};
use crate::hit::{Answer, AnswerPart, Evidence, Hit};
use crate::link::links;
use crate::sentence::sentences as sentences_of;
use crate::words::{fold, in_word, is_stop_word, symbols, words_in};
pub use matches::matches;
use select::{Scores, pieces, run, select};
use snippets::{Size, Snippet, SnippetKind, snippets};

/// How many sentences an answer has at most when it isn't the answer of a question-and-answer unit.
pub const ANSWER_SENTENCES: usize = 3;
/// How many characters such an answer has at most, unless a sentence, a block of code or a table alone has more.
pub const ANSWER_CHARS: usize = 400;
/// Both together.
const ANSWER: Size = Size { sentences: ANSWER_SENTENCES, chars: ANSWER_CHARS };
/// The same for the part of a source that is shown in a list.
pub const EXCERPT_CHARS: usize = 600;
/// How many bytes of code or of a table are shown at most.
const WHOLE_BYTES: usize = 1536;
/// What stands in an answer where the passage says more.
const GAP: &str = " … ";

/// The words of a question that tell what it is about, and what kind of thing it asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    words: Vec<String>,
    wanted: Option<Wanted>,
}

/// A kind of thing that a question may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// Who or where: a name.
    Name,
    /// When or how many: a number.
    Number,
}

impl Wanted {
    /// What the words of a question, in lower case, ask for.
    fn by(words: &[String]) -> Option<Self> {
        const MEASURES: [&str; 7] = ["many", "much", "old", "long", "far", "tall", "large"];
        words.iter().zip(words.iter().skip(1).map(Some).chain([None])).find_map(|(word, next)| {
            match (word.as_str(), next) {
                ("who" | "whom" | "whose" | "where", _) => Some(Self::Name),
                ("when" | "year" | "percentage", _) => Some(Self::Number),
                ("how", Some(next)) if MEASURES.contains(&next.as_str()) => Some(Self::Number),
                _ => None,
            }
        })
    }
}

impl Terms {
    /// Takes the terms from a question: stemmed, each once, without stop words unless there is nothing else. Symbols count
    /// if there are no words at all.
    pub fn of(question: &str) -> Self {
        // A question longer than this is a text; what it is about stands at its beginning.
        const MOST: usize = 64;
        let mut seen = HashSet::new();
        let words: Vec<String> = words(question).map(fold).take(8 * MOST).collect();
        let wanted = Wanted::by(&words);
        let others = words.iter().filter(|word| !is_stop_word(word));
        let mut terms: Vec<String> = others.map(|word| stem(word).to_owned()).collect();
        if terms.is_empty() {
            let symbols = symbols(question, true, true).into_iter();
            terms = symbols.map(|symbol| question[symbol].to_owned()).collect();
        }
        if terms.is_empty() {
            terms = words;
        }
        terms.retain(|term| seen.insert(term.clone()));
        terms.truncate(MOST);
        Self { words: terms, wanted }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// The answer that a hit gives. Where its parts stand in the file isn't known here: they have the span of the passage.
pub fn answer(hit: &Hit, terms: &Terms) -> Answer {
    let passage = &hit.source.passage;
    let ranges = if passage.question.is_some() {
        vec![trim(&passage.text, &content(passage))]
    } else {
        sentences(passage, &hit.evidence, terms)
    };
    let part = |range: Range<usize>| {
        let (text, lines) = (passage.text[range.clone()].to_owned(), passage.lines_of(&range));
        AnswerPart { citation: hit.rank, text, range, lines, span: passage.span }
    };
    let shown = ranges.into_iter().flat_map(|range| shown(passage, range));
    let parts: Vec<AnswerPart> = shown.map(part).collect();
    let text = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(GAP);
    Answer { text, parts, citations: vec![hit.rank], partial: false }
}

/// The parts of a piece of a passage that are shown, without what is hidden between them.
fn shown(passage: &Passage, range: Range<usize>) -> Vec<Range<usize>> {
    let (mut parts, mut at) = (Vec::new(), range.start);
    let hidden = passage.blocks.iter().filter(|block| block.kind == BlockKind::Hidden);
    let inside = hidden.map(|block| block.range.start.max(range.start)..block.range.end.min(range.end));
    for hidden in inside.filter(|hidden| hidden.start < hidden.end) {
        parts.push(trim(&passage.text, &(at..hidden.start)));
        at = hidden.end;
    }
    parts.push(trim(&passage.text, &(at..range.end)));
    parts.retain(|part| !part.is_empty());
    // A citation needs something to point at.
    if parts.is_empty() { vec![range] } else { parts }
}

/// The pieces of a passage (in bytes of its text) that answer a question, in their order.
fn sentences(passage: &Passage, evidence: &Evidence, terms: &Terms) -> Vec<Range<usize>> {
    let text = &passage.text;
    let within = trim(text, &content(passage));
    let snippets = snippets_of(passage, &within);
    let count: usize = snippets.iter().map(|snippet| snippet.sentences).sum();
    if count <= ANSWER_SENTENCES && text[within.clone()].chars().count() <= ANSWER_CHARS {
        return vec![within];
    }
    let scores = Scores::of(passage, &snippets, evidence, terms);
    let Some(best) = scores.best(&snippets) else { return vec![shortened(text, within)] };
    if snippets[best].kind == SnippetKind::Whole {
        return vec![shortened(text, snippets[best].range.clone())];
    }
    let chosen = select(text, &snippets, &scores, best, ANSWER);
    // What has no sentences, or announces without end, may be one snippet of any length.
    pieces(&snippets, &chosen).into_iter().map(|piece| shortened(text, piece)).collect()
}

/// The snippets of a part of a passage's text.
fn snippets_of(passage: &Passage, within: &Range<usize>) -> Vec<Snippet> {
    snippets(&passage.text, &passage.blocks, within, ANSWER)
}

/// The part of a passage (in bytes of its text) that a list of sources shows for a question: what answers best, and
/// what stands around it.
pub fn excerpt(passage: &Passage, evidence: &Evidence, terms: &Terms) -> Range<usize> {
    let text = &passage.text;
    let within = trim(text, &content(passage));
    if text[within.clone()].chars().count() <= EXCERPT_CHARS {
        return within;
    }
    let snippets = snippets_of(passage, &within);
    let scores = Scores::of(passage, &snippets, evidence, terms);
    let best = scores.best(&snippets);
    best.map_or(shortened(text, within), |best| {
        shortened(text, run(text, &snippets, &scores, best, EXCERPT_CHARS))
    })
}

/// What is too long to be shown ends at the end of a line, if one ends late enough.
fn shortened(text: &str, range: Range<usize>) -> Range<usize> {
    if range.len() <= WHOLE_BYTES {
        return range;
    }
    let end = floor(text, range.start + WHOLE_BYTES);
    let line = text[range.start..end].rfind('\n').filter(|&line| line > WHOLE_BYTES / 2);
    let end = line.map_or(end, |line| range.start + line);
    trim(text, &(range.start..end))
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
    const POINTING: [&str; 18] = [
        "also", "back", "contents", "fixme", "here", "index", "link", "links", "moc", "more", "next",
        "previous", "read", "related", "see", "tbd", "todo", "up",
    ];
    let content = content(passage);
    let links = links(&passage.text, &passage.blocks);
    let linked: usize = links.iter().map(|link| words(&link.text).count()).sum();
    let (mut said, mut at) = (0, content.start);
    let says = |word: &&str| {
        let word = word.to_lowercase();
        let is_small = !links.is_empty() && is_stop_word(&word);
        word.contains(char::is_alphabetic) && !is_small && !POINTING.contains(&word.as_str())
    };
    for link in links.iter().map(|link| &link.range).chain([&(content.end..content.end)]) {
        let between = passage.text.get(at..link.start.min(content.end)).unwrap_or_default();
        said += words(&without_markup(between)).filter(says).count();
        at = at.max(link.end);
    }
    said == 0 || 2 * said < linked
}

/// Whether most of the sentences are questions, as in a list of what might be asked.
fn only_asks(passage: &Passage) -> bool {
    let (mut asking, mut all) = (0, 0);
    for sentence in sentences_of(&passage.text, &passage.blocks, &content(passage)) {
        // Markup may be left of a sentence that has ended.
        let sentence =
            passage.text[sentence.range].trim_end_matches(|c: char| !c.is_alphanumeric() && c != '?');
        all += usize::from(!sentence.is_empty());
        asking += usize::from(sentence.ends_with('?'));
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

/// The part of the text that isn't its own heading or question.
fn content(passage: &Passage) -> Range<usize> {
    let range = passage.content.start as usize..passage.content.end as usize;
    match passage.text.get(range.clone()) {
        Some(text) if !text.trim().is_empty() => range,
        _ => 0..passage.text.len(),
    }
}

fn terms_in(text: &str, terms: &Terms) -> HashSet<usize> {
    let index: HashMap<&str, usize> =
        terms.words.iter().enumerate().map(|(at, term)| (term.as_str(), at)).collect();
    words(text).filter_map(|word| index.get(stem(&fold(word))).copied()).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    words_in(text).map(|range| &text[range])
}

/// Takes the commonest English endings off; both sides of a comparison go through it.
fn stem(word: &str) -> &str {
    for ending in ["ings", "ing", "ies", "ed", "es", "s", "e", "y"] {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.chars().count() >= 3
        {
            return rest;
        }
    }
    word
}

#[cfg(test)]
#[path = "answer/tests.rs"]
mod tests;
