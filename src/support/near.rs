//! Does a source say a sentence in other words, maybe?

use std::collections::{HashMap, HashSet};

use super::facts::{Kind, Token};
use super::quote::turns;
use super::units::{Shape, Unit};

/// A source's unit that may say a sentence in other words.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// The unit.
    pub(super) unit: usize,
    /// The share of the sentence's words that stand there or above it.
    pub(super) coverage: f32,
    /// The share that stands there.
    pub(super) own: f32,
}

/// What is compared: the keys of a sentence's words, each once.
pub(super) fn keys(tokens: &[Token]) -> HashSet<u64> {
    tokens.iter().filter(|token| token.is_content()).map(|token| token.key).collect()
}

/// The units that have nearly all of a sentence's words, in the same order, and all of its facts, and aren't outdone by what
/// denies it; `above` are the words that stand above each source, and `known` all words of the sources.
///
/// One unit must say it by itself: of two neighbours, each says half of what a model makes of them. What stands above may
/// only add what it is about, where the unit names nothing else.
pub(super) fn candidates(
    sentence: &[Token],
    units: &[Unit],
    above: &[HashSet<u64>],
    known: &dyn Fn(&Token) -> bool,
) -> Vec<Candidate> {
    let wanted = keys(sentence);
    // A word or two are on a subject; they say nothing of it.
    if wanted.len() < LEAST_WORDS {
        return Vec::new();
    }
    let facts: Vec<&Token> = sentence.iter().filter(|token| is_fact(token, known)).collect();
    let total = wanted.len().max(1) as f32;
    let (mut found, mut denied): (Vec<Candidate>, Vec<Candidate>) = (Vec::new(), Vec::new());
    for (at, unit) in units.iter().enumerate() {
        if matches!(unit.shape, Shape::Title | Shape::Code) {
            continue;
        }
        let own = |key: u64| unit.keys.contains(&key);
        let under = |key: u64| unit.under.is_some_and(|at| units[at].keys.contains(&key));
        let has = |key: u64| own(key) || above[unit.source].contains(&key) || under(key);
        let names_another = unit.tokens.iter().any(|token| token.is_fact && !wanted.contains(&token.key));
        let has_fact = |key: u64| own(key) || !names_another && has(key);
        let coverage = wanted.iter().filter(|key| has(**key)).count() as f32 / total;
        // Each time that a word is said counts: `A is so, while B is so` isn't said by `B is so`.
        let (said, all) = occurrences(sentence, unit);
        let own = said as f32 / all.max(1) as f32;
        let candidate = Candidate { unit: at, coverage, own };
        let share = if own >= DENIES { is_denied(sentence, unit) } else { None };
        if let Some(share) = share {
            denied.extend((share >= NEARLY_SAID).then_some(candidate));
        } else if coverage >= LEAST_COVERAGE
            && own >= LEAST_OWN
            && facts.iter().all(|token| has_fact(token.key))
            && !differs(sentence, unit, own)
            && !turned(sentence, unit)
        {
            found.push(candidate);
        }
    }
    found.retain(|candidate| !denied.iter().any(|denied| denied.own >= candidate.own));
    found
}

/// So many words that say something a sentence must have.
const LEAST_WORDS: usize = 3;
/// The share of a sentence's words that must stand in a unit or above it.
const LEAST_COVERAGE: f32 = 0.6;
/// The share that must stand in the unit itself.
const LEAST_OWN: f32 = 0.5;
/// The share of these that must stand in the same order.
const LEAST_ORDER: f32 = 0.75;
/// From this share on, a unit may deny a sentence.
const DENIES: f32 = 0.4;

/// How many of a sentence's words a unit says as often as the sentence does, and how many there are.
fn occurrences(sentence: &[Token], unit: &Unit) -> (usize, usize) {
    let content = || sentence.iter().filter(|token| token.is_content());
    let mut left: HashMap<u64, usize> = HashMap::new();
    for token in unit.tokens.iter().filter(|token| token.is_content()) {
        *left.entry(token.key).or_default() += 1;
    }
    let said = content().filter(|token| {
        let left = left.get_mut(&token.key).filter(|left| **left > 0);
        left.map(|left| *left -= 1).is_some()
    });
    (said.count(), content().count())
}

/// Whether a sentence says its words in another order than a unit, or has words in the place of others: neither words nor
/// vectors tell whether these mean the same or the opposite.
fn differs(sentence: &[Token], unit: &Unit, own: f32) -> bool {
    let wanted: Vec<&Token> = sentence.iter().filter(|token| token.is_content()).collect();
    let said: Vec<&Token> = unit.tokens.iter().filter(|token| token.is_content()).collect();
    let pairs = common(&wanted, &said);
    if (pairs.len() as f32) < LEAST_ORDER * own * wanted.len() as f32 {
        return true;
    }
    let (there, here): (HashSet<u64>, HashSet<u64>) =
        (said.iter().map(|token| token.key).collect(), wanted.iter().map(|token| token.key).collect());
    let mut from = (0, 0);
    let end = [(wanted.len(), said.len())];
    pairs.iter().chain(&end).any(|&(at, other)| {
        let new = wanted[from.0..at].iter().any(|token| !there.contains(&token.key));
        let gone = said[from.1..other].iter().any(|token| !here.contains(&token.key));
        from = (at + 1, other + 1);
        new && gone
    })
}

/// Whether a unit has a word that turns what is said, and the sentence hasn't, or the other way round; and whether one asks
/// and the other doesn't.
fn turned(sentence: &[Token], unit: &Unit) -> bool {
    let has = |tokens: &[Token]| tokens.iter().any(turns);
    has(sentence) != has(&unit.tokens) || unit.text.trim_end().ends_with(['?', '？'])
}

/// What has this share of a sentence's words and denies it counts for more than what has fewer of them.
const NEARLY_SAID: f32 = 0.5;

/// Words that often begin a sentence.
const OPENERS: &str = "\
additional after all another any avoid based before best better both can common consider create \
different each either ensure even every example few finally first given good instead keep large let \
like make many may most multiple new next only once other people please remember second several \
since small some such take unless unlike until use users whether write must";

/// Whether a token must be in the source as it is. The first word of a sentence has a capital anyway: it is a name if no
/// source has it and it doesn't look like another word.
fn is_fact(token: &Token, known: &dyn Fn(&Token) -> bool) -> bool {
    const ENDINGS: [&str; 12] =
        ["ing", "ed", "ly", "tion", "tions", "sion", "ment", "ments", "ness", "ies", "able", "ity"];
    let word = &*token.word;
    token.is_fact
        || token.opens
            && token.kind == Kind::Word
            && !known(token)
            && !ENDINGS.iter().any(|ending| word.ends_with(ending))
            && !OPENERS.split(' ').any(|opener| opener == word)
}

/// Pairs of words of which one denies the other.
const OPPOSITES: &str = "\
fast/slow faster/slower more/less more/fewer most/least before/after first/last increase/decrease \
increases/reduces increase/reduce true/false always/never large/small larger/smaller big/small \
high/low higher/lower above/below over/under start/end start/stop begin/end open/close add/remove \
allow/forbid allow/prevent allows/prevents enable/disable best/worst better/worse good/bad \
maximum/minimum max/min left/right up/down public/private static/dynamic synchronous/asynchronous \
read/write push/pull old/new early/late success/failure succeed/fail all/some all/none \
same/different easy/hard easy/difficult simple/complex cheap/expensive strong/weak upper/lower \
ascending/descending shallow/deep import/export encode/decode local/remote local/global hot/cold \
wide/narrow long/short longer/shorter positive/negative even/odd internal/external inner/outer \
optional/required sequential/parallel empty/full input/output inside/outside accept/reject \
create/destroy lock/unlock forward/backward parent/child cause/prevent gain/lose front/back \
many/few often/rarely must/may with/without include/exclude";

/// The share of a sentence's words that units have in their order, if it denies what they say, or says it of something
/// else.
fn is_denied(sentence: &[Token], unit: &Unit) -> Option<f32> {
    let wanted: Vec<&Token> = sentence.iter().filter(|token| token.counts()).collect();
    let said: Vec<&Token> = unit.tokens.iter().filter(|token| token.counts()).collect();
    let pairs = common(&wanted, &said);
    let content = wanted.iter().filter(|token| token.is_content()).count().max(1);
    let matched = pairs.iter().filter(|(at, _)| wanted[*at].is_content()).count();
    let share = matched as f32 / content as f32;
    let denied = share >= SAME_NEGATION && (opposed(&wanted, &said) || negated(&wanted, &said, &pairs))
        || share >= SAME_WORDS && replaced(&wanted, &said, &pairs)
        || moved(sentence, &wanted, &said, &pairs);
    denied.then_some(share)
}

/// From this share of words in common on, negations must be the same.
const SAME_NEGATION: f32 = 0.4;
/// From this share on, a name or number in the place of another is a contradiction.
const SAME_WORDS: f32 = 0.4;

/// Whether one has a word and the other its opposite, and not that word.
fn opposed(wanted: &[&Token], said: &[&Token]) -> bool {
    let has = |of: &[&Token], word: &str| of.iter().any(|token| &*token.word == word);
    let only = |word: &str, of: &[&Token], other: &[&Token]| has(of, word) && !has(other, word);
    let listed = OPPOSITES.split(' ').filter_map(|pair| pair.split_once('/')).any(|(one, other)| {
        only(one, wanted, said) && only(other, said, wanted)
            || only(other, wanted, said) && only(one, said, wanted)
    });
    let keys: HashSet<u64> = said.iter().map(|token| token.key).collect();
    let turned = |word: &str, other: &str| {
        ["un", "in", "im", "ir", "non", "dis", "de", "a"].iter().any(|prefix| {
            word.len() > 3 && other.strip_prefix(prefix) == Some(word) && (*prefix != "a" || word.len() > 6)
        })
    };
    let own: HashSet<u64> = wanted.iter().map(|token| token.key).collect();
    listed
        || wanted.iter().filter(|token| token.kind == Kind::Word && !keys.contains(&token.key)).any(|token| {
            said.iter().any(|other| {
                !own.contains(&other.key)
                    && (turned(&token.word, &other.word) || turned(&other.word, &token.word))
            })
        })
}

/// Whether one is negated and the other isn't, where both say the same words.
fn negated(wanted: &[&Token], said: &[&Token], pairs: &[(usize, usize)]) -> bool {
    let (Some(first), Some(last)) = (pairs.first(), pairs.last()) else { return false };
    let start = said[..=first.1].iter().rposition(|token| token.clause).unwrap_or_default();
    let nots = |of: &[&Token]| of.iter().filter(|token| token.kind == Kind::Not).count() % 2;
    nots(wanted) != nots(&said[start..=last.1])
}

/// Whether a name, a number or the like stands in the place of another word.
fn replaced(wanted: &[&Token], said: &[&Token], pairs: &[(usize, usize)]) -> bool {
    let mut from = (0, 0);
    let ends = [(wanted.len(), said.len())];
    for &(at, other) in pairs.iter().chain(&ends) {
        let (gap, other_gap) = (&wanted[from.0..at], &said[from.1..other]);
        let hard = |token: &&&Token| token.is_fact || token.opens || token.kind == Kind::Number;
        if gap.iter().any(|token| hard(&token)) && other_gap.iter().any(|token| hard(&token)) {
            return true;
        }
        from = (at + 1, other + 1);
    }
    false
}

/// Whether a sentence has nearly all of the words, and some of them in each other's place: `A` is faster than `B`. A phrase
/// may stand elsewhere as a whole, if it begins as one.
fn moved(sentence: &[Token], wanted: &[&Token], said: &[&Token], pairs: &[(usize, usize)]) -> bool {
    const LEADS: [&str; 18] = [
        "at", "because", "by", "during", "for", "from", "if", "in", "into", "of", "on", "since", "to", "via",
        "when", "while", "with", "without",
    ];
    let keys: HashSet<u64> = said.iter().map(|token| token.key).collect();
    let there = wanted.iter().filter(|token| keys.contains(&token.key)).count();
    if (there as f32) < NEARLY_ALL * wanted.len() as f32 {
        return false;
    }
    let is_matched = |at: usize| pairs.iter().any(|(place, _)| *place == at);
    let runs = (0..wanted.len()).filter(|&at| !is_matched(at) && keys.contains(&wanted[at].key));
    runs.filter(|&at| at == 0 || is_matched(at - 1)).any(|at| {
        let place = sentence.iter().position(|token| std::ptr::eq(token, wanted[at])).unwrap_or_default();
        let lead = place.checked_sub(1).is_some_and(|at| LEADS.contains(&&*sentence[at].word));
        let lead = lead || place.checked_sub(2).is_some_and(|at| LEADS.contains(&&*sentence[at].word));
        !lead && !wanted[at].clause
    })
}

/// From this share of words that stand there on, their order matters.
const NEARLY_ALL: f32 = 0.8;

/// The longest common subsequence of two texts, as pairs of places.
pub(super) fn common(one: &[&Token], other: &[&Token]) -> Vec<(usize, usize)> {
    let width = other.len() + 1;
    let mut lengths = vec![0_u16; (one.len() + 1) * width];
    for at in (0..one.len()).rev() {
        for to in (0..other.len()).rev() {
            let here = at * width + to;
            lengths[here] = if one[at].key == other[to].key {
                lengths[here + width + 1] + 1
            } else {
                lengths[here + width].max(lengths[here + 1])
            };
        }
    }
    let (mut at, mut to, mut pairs) = (0, 0, Vec::new());
    while at < one.len() && to < other.len() {
        let here = at * width + to;
        if one[at].key == other[to].key {
            pairs.push((at, to));
            (at, to) = (at + 1, to + 1);
        } else if lengths[here + width] >= lengths[here + 1] {
            at += 1;
        } else {
            to += 1;
        }
    }
    pairs
}
