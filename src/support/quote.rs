//! Where does a source say a sentence word for word?
//!
//! A sentence is quoted where all of its words that say something stand in the source in their order, with next to
//! nothing between them that it leaves out, and with its negations and no others. So the longest common subsequence of
//! both is the whole sentence; it is found in one pass over the source, which keeps for each beginning of the sentence the
//! last place from which the source says it.

use std::collections::HashMap;
use std::ops::Range;

use super::facts::{Kind, Token};
use super::units::{Shape, Unit};

/// A sentence may be taken from so many units.
const MOST_UNITS: usize = 4;
/// So many words that say something may be left out one after the other.
const LONGEST_GAP: usize = 3;

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
    let wanted: Vec<&Token> = sentence.iter().filter(|token| token.counts()).collect();
    let words = wanted.iter().filter(|token| token.is_content()).count();
    if words == 0 {
        return Vec::new();
    }
    let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, token) in wanted.iter().enumerate().rev() {
        places.entry(token.key).or_default().push(at);
    }
    let mut found = Vec::new();
    let mut start = 0;
    while start < units.len() {
        let more = units[start..].windows(2).take_while(|pair| pair[0].source == pair[1].source).count();
        let run = start..start + more + 1;
        start = run.end;
        let best = if words < 3 {
            literal(sentence, units, run)
        } else {
            in_run((sentence, &wanted), &places, units, run)
        };
        found.extend(best);
    }
    found
}

/// The best stretch of a run of units.
fn in_run(
    (sentence, wanted): (&[Token], &[&Token]),
    places: &HashMap<u64, Vec<usize>>,
    units: &[Unit],
    run: Range<usize>,
) -> Option<Quote> {
    let said: Vec<(usize, &Token)> = run
        .flat_map(|unit| units[unit].tokens.iter().map(move |token| (unit, token)))
        .filter(|(_, token)| token.counts())
        .collect();
    let words = targetless(wanted.iter().copied());
    let mut from: Vec<Option<usize>> = vec![None; wanted.len()];
    let mut best: Option<Quote> = None;
    for (at, (unit, token)) in said.iter().enumerate() {
        for &place in places.get(&token.key).into_iter().flatten() {
            from[place] = if place == 0 { Some(at) } else { from[place - 1] };
            let Some(start) = from[place].filter(|_| place + 1 == wanted.len()) else { continue };
            let more = targetless(said[start..=at].iter().map(|(_, token)| *token)).saturating_sub(words);
            let first = said[start].0;
            let fits = more <= (wanted.len() / 4).max(1)
                && unit - first < MOST_UNITS
                // What isn't running text goes on only as it stands.
                && (more == 0 || units[first..=*unit].windows(2).all(|pair| pair[0].goes_on(&pair[1])))
                && !is_reported(sentence, &units[first], said[start].1)
                && says(&said, start..at + 1, wanted);
            if fits && best.as_ref().is_none_or(|best| more < best.more) {
                best = Some(Quote { units: (first, *unit), more });
            }
        }
    }
    best
}

/// How many tokens aren't parts of a link's target.
fn targetless<'a>(tokens: impl Iterator<Item = &'a Token>) -> usize {
    tokens.filter(|token| !token.in_target).count()
}

/// Whether a unit only tells that somebody says, believes or wants what begins with a token, or supposes it, and a sentence
/// leaves that out: `it is a myth that owls …`, `unless owls …`.
fn is_reported(sentence: &[Token], unit: &Unit, token: &Token) -> bool {
    const SUPPOSE: [&str; 3] = ["if", "unless", "whether"];
    const REPORT: [&str; 18] = [
        "answer", "assume", "believe", "believed", "claim", "claims", "false", "imagine", "myth", "pretend",
        "reply", "said", "say", "says", "suppose", "think", "untrue", "wrong",
    ];
    let at = unit.tokens.iter().position(|other| std::ptr::eq(other, token)).unwrap_or_default();
    let (before, function) = (&unit.tokens[..at], |token: &&Token| !token.counts());
    let lead = before.iter().rev().take_while(function).count();
    let own = |word: &str| sentence.iter().take_while(function).any(|token| &*token.word == word);
    let has = |word: &str| before[at - lead..].iter().any(|token| &*token.word == word) && !own(word);
    let reports = || before[..at - lead].last().is_some_and(|token| REPORT.contains(&&*token.word));
    SUPPOSE.iter().any(|word| has(word)) || has("that") && reports()
}

/// Whether a window says no other negation than the sentence, leaves no name or number out, and little at once.
fn says(said: &[(usize, &Token)], window: Range<usize>, wanted: &[&Token]) -> bool {
    let mut next = 0;
    let mut gap = 0;
    for (_, token) in &said[window.clone()] {
        if wanted.get(next).is_some_and(|wanted| wanted.key == token.key) {
            (next, gap) = (next + 1, 0);
            continue;
        }
        if token.in_target {
            continue;
        }
        gap += 1;
        if token.kind == Kind::Not || token.is_fact || gap > LONGEST_GAP {
            return false;
        }
    }
    // A negation before it in the same clause, and one that follows at once, belong to it.
    let first = said[window.start].0;
    let mut before = said[..window.start].iter().rev().take_while(|(unit, _)| *unit == first);
    let begins = said[window.start].1.clause;
    let negated = !begins && {
        let mut negated = false;
        for (_, token) in before.by_ref() {
            negated |= token.kind == Kind::Not;
            if token.clause {
                break;
            }
        }
        negated
    };
    let follows = said.get(window.end).is_some_and(|(_, token)| token.kind == Kind::Not && !token.clause);
    !negated && !follows
}

/// The first unit that says a short sentence with all of its words, one behind the other.
fn literal(sentence: &[Token], units: &[Unit], run: Range<usize>) -> Option<Quote> {
    const ENOUGH: usize = 4;
    run.clone().find_map(|number| {
        let tokens = &units[number].tokens;
        let same = |window: &[Token]| window.iter().zip(sentence).all(|(a, b)| a.key == b.key);
        let is_whole = tokens.len() == sentence.len() && same(tokens);
        let window = tokens.windows(sentence.len()).position(same).filter(|_| sentence.len() >= ENOUGH);
        let clean = window.is_some_and(|at| {
            let before = &tokens[..at];
            let start = before.iter().rposition(|token| token.clause).unwrap_or_default();
            let negated = !tokens[at].clause && before[start..].iter().any(|token| token.kind == Kind::Not);
            let follows = tokens.get(at + sentence.len()).is_some_and(|token| token.kind == Kind::Not);
            !negated && !follows
        });
        (is_whole || clean).then_some(Quote { units: (number, number), more: usize::from(!is_whole) })
    })
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
        let (mut next, mut range, mut at) = (0, 0..0, 0);
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let Some(want) = wanted.get(next) else { break };
            if bare(line) == *want {
                let lead = line.len() - line.trim_start().len();
                range = if next == 0 { start + lead } else { range.start }..start + line.trim_end().len();
                next += 1;
            }
        }
        if next == wanted.len() {
            found.push((source, range));
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
