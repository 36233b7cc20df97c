//! Where does a source say a sentence word for word?
//!
//! A sentence is quoted where its words stand in the source as they are, one behind the other, in a clause or several of their
//! own: nothing is put in, and nothing is left out but little words, such as articles, that change nothing. What limits a
//! clause, turns it into its opposite or only reports it can't be left out, neither in it nor around it.

use std::ops::Range;

use super::facts::{Kind, Token};
use super::units::{Shape, Unit};

/// A sentence may be taken from so many units.
const MOST_UNITS: usize = 4;

/// A stretch of units that says a sentence word for word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Quote {
    /// The first and the last unit.
    pub(super) units: (usize, usize),
    /// How many words it has between those of the sentence.
    pub(super) more: usize,
}

/// The stretches of units that say a sentence word for word, at most one in each run of units.
pub(super) fn quotes(sentence: &[Token], units: &[Unit]) -> Vec<Quote> {
    if !sentence.iter().any(Token::is_content) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut start = 0;
    while start < units.len() {
        let more = units[start..].windows(2).take_while(|pair| pair[0].source == pair[1].source).count();
        let run = start..start + more + 1;
        start = run.end;
        found.extend(in_run(sentence, units, run));
    }
    found
}

/// The best stretch of a run of units: the one with the fewest words that the sentence leaves out.
fn in_run(sentence: &[Token], units: &[Unit], run: Range<usize>) -> Option<Quote> {
    let said: Vec<(usize, usize)> =
        run.flat_map(|unit| (0..units[unit].tokens.len()).map(move |token| (unit, token))).collect();
    let token = |&(unit, token): &(usize, usize)| &units[unit].tokens[token];
    let starts = (0..said.len()).filter(|&at| token(&said[at]).key == sentence[0].key);
    let found = starts.filter_map(|start| {
        let end = follow(sentence, &said[start..], &token)?;
        let (first, last) = (said[start], said[start + end - 1]);
        let stretch = &units[first.0..=last.0];
        let more = end - sentence.len();
        let asks = |unit: &Unit| unit.text.trim_end().ends_with(['?', '？']);
        // What isn't running text goes on only as it stands.
        let goes_on = more == 0 || stretch.windows(2).all(|pair| pair[0].goes_on(&pair[1]));
        let fits = stretch.len() <= MOST_UNITS
            && goes_on
            && !stretch.last().is_some_and(asks)
            && begins(&units[first.0].tokens, first.1)
            && ends(&units[last.0].tokens, last.1);
        fits.then_some(Quote { units: (first.0, last.0), more })
    });
    found.min_by_key(|quote| quote.more)
}

/// How many tokens of a text a sentence goes through from its first to its last word, if it leaves nothing out on the way but
/// little words that change nothing.
fn follow<'a>(
    sentence: &[Token],
    said: &[(usize, usize)],
    token: &dyn Fn(&(usize, usize)) -> &'a Token,
) -> Option<usize> {
    let mut next = 0;
    for (at, place) in said.iter().enumerate() {
        let token = token(place);
        if token.key == sentence[next].key {
            next += 1;
            if next == sentence.len() {
                return Some(at + 1);
            }
        } else if !token.in_target && (token.counts() || limits(token)) {
            return None;
        }
    }
    None
}

/// Whether a clause begins with a token, of which nothing is left out before it that counts.
fn begins(tokens: &[Token], at: usize) -> bool {
    /// So many words before a colon or a comma belong to what follows.
    const SHORT: usize = 3;
    let before = &tokens[..at];
    // Notes may be broken into lines that are quoted one by one.
    let is_open = before.is_empty() || tokens[at].clause || tokens[at].line;
    let lead = before.iter().rev().take_while(|token| token.clause && !token.counts());
    let first = before.first();
    let is_denied =
        before.len() <= SHORT && before.iter().any(|token| token.kind == Kind::Not || turns(token));
    // What is so under a condition that stands before it may be quoted by itself, as people do.
    let is_limited = first.is_some_and(|token| supposes(token) && &*token.word != "if" || turns(token));
    is_open && !is_denied && !is_limited && !lead.into_iter().any(limits)
}

/// Whether a clause ends with a token, and isn't said under a condition that follows.
fn ends(tokens: &[Token], at: usize) -> bool {
    tokens.get(at + 1).is_none_or(|next| next.line || next.clause && !supposes(next) && !turns(next))
}

/// Whether a word begins a condition, or says who says it.
fn supposes(token: &Token) -> bool {
    const SUPPOSES: [&str; 9] =
        ["according", "assuming", "except", "if", "suppose", "supposing", "unless", "until", "whether"];
    SUPPOSES.contains(&&*token.word)
}

/// Whether a word says when, or of what, something is so.
fn limits(token: &Token) -> bool {
    const LIMITS: [&str; 33] = [
        "according",
        "after",
        "almost",
        "although",
        "assuming",
        "before",
        "could",
        "except",
        "few",
        "hardly",
        "if",
        "may",
        "maybe",
        "might",
        "nearly",
        "only",
        "perhaps",
        "possibly",
        "seldom",
        "should",
        "some",
        "sometimes",
        "suppose",
        "supposing",
        "than",
        "though",
        "unless",
        "until",
        "whether",
        "when",
        "whenever",
        "whereas",
        "while",
    ];
    LIMITS.contains(&&*token.word)
}

/// Whether a word turns what is said into its opposite, or into what somebody only says.
pub(super) fn turns(token: &Token) -> bool {
    const TURNS: [&str; 47] = [
        "allegedly",
        "avoid",
        "believe",
        "believed",
        "believes",
        "claim",
        "claimed",
        "claims",
        "deny",
        "denied",
        "denies",
        "fail",
        "failed",
        "fails",
        "false",
        "forbid",
        "forbidden",
        "imagine",
        "incorrect",
        "lack",
        "lacked",
        "lacks",
        "myth",
        "prevent",
        "prevents",
        "pretend",
        "refuse",
        "refused",
        "refuses",
        "rumor",
        "rumour",
        "rumoured",
        "said",
        "say",
        "says",
        "supposedly",
        "think",
        "thinks",
        "thought",
        "unable",
        "unlikely",
        "untrue",
        "wrong",
        "wrongly",
        "write",
        "не",
        "нет",
    ];
    TURNS.contains(&&*token.word)
}

/// Where all lines of a block of code stand in one source, in their order.
pub(super) fn code_places(code: &str, texts: &[&str]) -> Vec<(usize, Range<usize>)> {
    let bare = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_fence = |line: &str| {
        let line = line.trim_start_matches([' ', '\t', '>']);
        line.starts_with("```") || line.starts_with("~~~")
    };
    let wanted: Vec<String> =
        code.lines().filter(|line| !is_fence(line)).map(bare).filter(|line| !line.is_empty()).collect();
    if !wanted.iter().any(|line| line.chars().any(char::is_alphanumeric)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (source, text) in texts.iter().enumerate() {
        let mut at = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            at += line.len();
            let lead = line.len() - line.trim_start().len();
            (bare(line), at - line.len() + lead..at - line.len() + line.trim_end().len())
        });
        // Lines that are left out may be what makes the others right.
        let lines: Vec<(String, Range<usize>)> = lines.filter(|(line, _)| !line.is_empty()).collect();
        let same = |window: &[(String, Range<usize>)]| {
            window.iter().zip(&wanted).all(|((line, _), want)| line == want)
        };
        if let Some(window) = lines.windows(wanted.len()).find(|window| same(window)) {
            found.push((source, window[0].1.start..window[window.len() - 1].1.end));
        }
    }
    found
}

/// The range of the passage's text that a quote stands for.
pub(super) fn range(units: &[Unit], quote: &Quote) -> Range<usize> {
    units[quote.units.0].range.start..units[quote.units.1].range.end
}

/// Whether a unit can be quoted in an answer: a sentence rather than a title, a question or links.
pub(super) fn is_choice(unit: &Unit) -> bool {
    const LENGTH: std::ops::RangeInclusive<usize> = 12..=400;
    let text = unit.text.trim_end_matches(['*', '_', '"', '”', ')', ' ']);
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let words = unit.tokens.iter().filter(|token| token.is_content()).count();
    let unspaced = text.chars().any(crate::words::is_unspaced);
    let verbs = unit.tokens.iter().any(|token| token.kind == Kind::Function)
        || unit.tokens.iter().skip(1).any(|token| {
            ["s", "ed", "en", "ing"].iter().any(|ending| token.word.len() > 3 && token.word.ends_with(ending))
        });
    unit.shape == Shape::Prose
        && LENGTH.contains(&unit.text.chars().count())
        && !text.ends_with(['?', ':', '？', '：'])
        && letters * 2 > text.chars().count()
        && words >= 2
        && (verbs && unit.tokens.len() >= 4 || unspaced)
        && !is_link(&unit.text)
}

/// Whether a text is links and little else.
fn is_link(text: &str) -> bool {
    let linked: usize = crate::sentence::links_in(text).iter().map(|link| link.end - link.start).sum();
    linked * 3 > text.len() * 2
}

/// A text with one blank for each run of blanks and line ends, and without the marks of quotes at its lines' beginnings.
pub(super) fn in_one_line(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches(['>', ' ', '\t']));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}
