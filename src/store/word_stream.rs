//! Words, names and symbols of a text, in the order of their positions; the [analyzer](super::analyzer) makes terms of them.

use std::collections::VecDeque;
use std::ops::Range;

use crate::words::{JOINER, is_letter, is_unspaced, push_folded, symbols, units};

/// The most bytes of a word; anything longer is data.
const LONGEST: usize = 100;

/// The most parts of a name; anything with more is data or a sentence.
const MOST_PARTS: usize = 8;

/// The most words joined with hyphens that are one word too: `state-of-the-art`.
const MOST_JOINED: usize = 4;

/// The most letters of a unit behind its number, and of the parts of an abbreviation together.
const LONGEST_UNIT: usize = 7;
const LONGEST_INITIALS: usize = 5;

/// Which words of a text are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// All that an index has of a passage.
    Index,
    /// Those that a question asks for.
    Question,
}

/// The words of one text, which is [plain](crate::words::plain).
pub(super) struct WordStream<'a> {
    text: &'a str,
    side: Side,
    /// The start of the rest of the text, whose words aren't read yet.
    rest: usize,
    /// The number of positions taken.
    positions: usize,
    /// Pieces of the words read last that are still to be given out.
    ready: VecDeque<Piece>,
}

/// A word, a name or a part of one: where it stands in the text, its position, and how many positions it takes.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) range: Range<usize>,
    pub(super) position: usize,
    pub(super) length: usize,
    /// Whether its dots are no part of it.
    undotted: bool,
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2bc}')
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

/// The characters of names: letters, digits, and what joins them.
fn in_name(c: char) -> bool {
    is_letter(c) || matches!(c, '_' | '.' | JOINER)
}

/// The runs of characters within a range that all satisfy `inside`.
fn runs(text: &str, within: Range<usize>, inside: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, c) in text[within.clone()].char_indices().filter(|(_, c)| inside(*c)) {
        let (start, end) = (within.start + at, within.start + at + c.len_utf8());
        match runs.last_mut() {
            Some(run) if run.end == start => run.end = end,
            _ => runs.push(start..end),
        }
    }
    runs
}

impl<'a> WordStream<'a> {
    /// The words of a text that one side has.
    pub(super) fn new(text: &'a str, side: Side) -> Self {
        Self { text, side, rest: 0, positions: 0, ready: VecDeque::new() }
    }

    /// The next word, folded, and its place.
    pub(super) fn next(&mut self, word: &mut String) -> Option<Piece> {
        loop {
            let Some(piece) = self.ready.pop_front() else {
                if self.read() {
                    continue;
                }
                return None;
            };
            word.clear();
            if piece.length > 0 {
                self.parts(&piece).for_each(|part| push_folded(word, part));
            }
            // An accent without a letter is no word.
            if piece.length == 0 {
                word.push_str(&self.text[piece.range.clone()]);
            }
            if !word.is_empty() && word.len() < LONGEST {
                return Some(piece);
            }
        }
    }

    /// What is written between the hyphens and other signs of a word that are no part of it.
    fn parts(&self, piece: &Piece) -> impl Iterator<Item = &'a str> + use<'a> {
        let undotted = piece.undotted;
        let silent = move |c: char| is_hyphen(c) || is_apostrophe(c) || c == JOINER || (undotted && c == '.');
        self.text[piece.range.clone()].split(silent)
    }

    /// A word as it is written, without what is no part of it.
    pub(super) fn written(&self, piece: &Piece) -> String {
        if piece.length > 0 { self.parts(piece).collect() } else { self.text[piece.range.clone()].to_owned() }
    }

    /// Finds the next words: what is written without a blank. Whether there are any.
    fn read(&mut self) -> bool {
        let joined = |c: char| in_name(c) || is_hyphen(c) || is_apostrophe(c);
        let (text, from) = (self.text, self.rest);
        let Some(letter) = text[from..].find(|c| is_letter(c) || c == '_').map(|at| from + at) else {
            self.rest = text.len();
            self.read_symbols(from..text.len());
            return !self.ready.is_empty();
        };
        let start = letter
            - text[from..letter].chars().rev().take_while(|&c| joined(c)).map(char::len_utf8).sum::<usize>();
        self.read_symbols(from..start);
        let unspaced = text[letter..].starts_with(is_unspaced);
        let inside = |c: char| joined(c) && is_unspaced(c) == unspaced;
        let end = text[letter..].find(|c| !inside(c)).map_or(text.len(), |length| letter + length);
        self.rest = end;
        if unspaced {
            self.read_unspaced(
                letter..letter + text[letter..end].find(|c| !is_unspaced(c)).unwrap_or(end - letter),
            );
            return true;
        }
        let begun = (self.ready.len(), self.positions);
        let mut all_plain = true;
        let words = runs(self.text, start..end, |c| !is_hyphen(c));
        for word in &words {
            all_plain &= self.read_between_hyphens(word.clone());
        }
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return true };
        let whole = first.start..last.end;
        let joins = all_plain && (2..=MOST_JOINED).contains(&words.len()) && self.rest == end;
        if joins && self.text[whole.clone()].contains(char::is_alphabetic) {
            self.insert_whole(begun, whole);
        }
        true
    }

    /// Puts a whole before the parts that were found since `begun`: a number of pieces and of positions.
    fn insert_whole(&mut self, begun: (usize, usize), range: Range<usize>) {
        let length = self.positions - begun.1;
        if length > 0 && range.len() <= LONGEST {
            self.ready.insert(begun.0, Piece { range, position: begun.1, length, undotted: false });
        }
    }

    /// Finds the words between two hyphens; whether it is a single plain one.
    fn read_between_hyphens(&mut self, range: Range<usize>) -> bool {
        let words = runs(self.text, range, |c| !is_apostrophe(c));
        match words.as_slice() {
            [] => false,
            [word] => self.read_name(word.clone()),
            [first, last] => {
                let ending = self.text[last.clone()].to_lowercase();
                match ending.trim_end_matches('.') {
                    "s" | "ll" | "re" | "ve" | "d" | "m" => self.read_name(first.clone()),
                    "t" if self.text[first.clone()].ends_with(['n', 'N']) => {
                        self.push(first.start..last.start + 1);
                        false
                    }
                    _ => {
                        let begun = (self.ready.len(), self.positions);
                        let plain = self.read_name(first.clone()) & self.read_name(last.clone());
                        if plain {
                            self.insert_whole(begun, first.start..last.end);
                        }
                        false
                    }
                }
            }
            several => {
                for word in several {
                    self.read_name(word.clone());
                }
                false
            }
        }
    }

    /// Finds the parts of a name between blanks, hyphens and apostrophes; whether it is a plain word.
    fn read_name(&mut self, range: Range<usize>) -> bool {
        // Dots at the edges are punctuation; underscores there are not.
        let name = self.text[range.clone()].trim_matches('.');
        let start = range.end - self.text[range.clone()].trim_start_matches('.').len();
        let inner = start..start + name.len();
        if let Some(end) = self.symbols(&inner) {
            self.push(inner.start..end);
            self.rest = end;
            return false;
        }
        if are_initials(name) {
            self.ready.push_back(Piece { range: inner, position: self.positions, length: 1, undotted: true });
            self.positions += 1;
            return false;
        }
        let begun = (self.ready.len(), self.positions);
        if let Some(number) = number_with_unit(name).filter(|number| name[..*number].contains('.')) {
            let number = inner.start..inner.start + number;
            for digits in runs(self.text, number.clone(), is_in_word) {
                self.push(digits);
            }
            self.insert_whole(begun, number.clone());
            self.push(number.end..inner.end);
            self.insert_whole(begun, inner);
            return false;
        }
        for word in runs(self.text, inner.clone(), is_in_word) {
            self.read_word(word);
        }
        let shouted = name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_uppercase());
        let dotted = start == range.start + 1 && shouted;
        let joined = name.contains(['_', '.']) && !name.contains("..");
        if dotted || joined {
            self.insert_whole(begun, inner.start - usize::from(dotted)..inner.end);
        }
        !dotted && !joined && self.positions > begun.1
    }

    /// The end of a language's name with its symbols: `C++`, `C#`. A longer name that is counted up isn't one.
    fn symbols(&self, name: &Range<usize>) -> Option<usize> {
        let letter = name.len() == 1 && self.text[name.clone()].contains(|c: char| c.is_ascii_alphabetic());
        let rest = self.text.get(name.end..).filter(|_| letter && name.end == self.rest)?;
        let after = |symbols: &str| rest.strip_prefix(symbols).map(|rest| rest.chars().next());
        let sharp = after("#").is_some_and(|next| next.is_none_or(|c| !c.is_alphanumeric() && c != '#'));
        // `C++17`, but not `a++b`.
        let plus = after("++").is_some_and(|next| next.is_none_or(|c| !c.is_alphabetic() && c != '+'));
        if sharp { Some(name.end + 1) } else { plus.then_some(name.end + 2) }
    }

    /// Finds the parts of a word in `CamelCase` or of a number with its unit, or takes it as it is.
    fn read_word(&mut self, word: Range<usize>) {
        let parts = match number_with_unit(&self.text[word.clone()]) {
            Some(number) => vec![word.start..word.start + number, word.start + number..word.end],
            None => self.humps(&word),
        };
        let begun = (self.ready.len(), self.positions);
        for part in &parts {
            self.push(part.clone());
        }
        if parts.len() > 1 {
            self.insert_whole(begun, word);
        }
    }

    /// The parts of a word that each begin with a capital: `HTTPServer2` is `HTTP` and `Server2`. One of which the
    /// first part is a single letter (`iPhone`, `OAuth`) is whole, and so is the plural `GPUs`.
    fn humps(&self, word: &Range<usize>) -> Vec<Range<usize>> {
        if !self.text[word.clone()].chars().skip(1).any(char::is_uppercase) {
            return vec![word.clone()];
        }
        let chars: Vec<(usize, char)> = self.text[word.clone()].char_indices().collect();
        let mut starts = vec![word.start];
        for (at, &(offset, _)) in chars.iter().enumerate().skip(1).filter(|(_, (_, c))| c.is_uppercase()) {
            let before = chars[at - 1].1;
            let next = chars.get(at + 1).map(|(_, c)| *c);
            let begins_word =
                next.is_some_and(char::is_lowercase) && !(next == Some('s') && at + 2 == chars.len());
            if before.is_lowercase() || begins_word {
                starts.push(word.start + offset);
            }
        }
        // `PhD`
        let degree = starts.len() == 2 && chars.len() <= 3;
        let single =
            degree || starts.get(1).is_some_and(|&second| self.text[word.start..second].chars().count() == 1);
        if single || starts.len() > MOST_PARTS {
            return vec![word.clone()];
        }
        let ends = starts[1..].iter().copied().chain([word.end]);
        starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
    }

    /// Adds a word or a part at the next position. An index has the two parts that a [`JOINER`] joins, too: the second
    /// stands where the next word does.
    fn push(&mut self, range: Range<usize>) {
        let (position, length) = (self.positions, 1);
        let joined = self.text[range.clone()].split_once(JOINER).filter(|_| self.side == Side::Index);
        self.ready.push_back(Piece { range: range.clone(), position, length, undotted: false });
        if let Some((first, _)) = joined.filter(|(_, second)| !second.contains(JOINER)) {
            let (end, start) = (range.start + first.len(), range.start + first.len() + JOINER.len_utf8());
            let first = Piece { range: range.start..end, position, length, undotted: false };
            let second = Piece { range: start..range.end, position: position + 1, length, undotted: false };
            self.ready.extend([first, second]);
        }
        self.positions += 1;
    }

    /// Finds the pairs of neighbours in text without blanks, for an index each neighbour as well.
    fn read_unspaced(&mut self, range: Range<usize>) {
        let mut units = units(&self.text[range.clone()]);
        for unit in &mut units {
            *unit = range.start + unit.start..range.start + unit.end;
        }
        let alone = self.side == Side::Index || units.len() == 1;
        for (at, unit) in units.iter().enumerate() {
            let position = self.positions + at;
            let mut push =
                |range| self.ready.push_back(Piece { range, position, length: 1, undotted: false });
            if let Some(next) = units.get(at + 1) {
                push(unit.start..next.end);
            }
            if alone {
                push(unit.clone());
            }
        }
        self.positions += units.len();
    }

    /// Finds the symbols between two words.
    fn read_symbols(&mut self, between: Range<usize>) {
        let (begins, ends) = (between.start == 0, between.end == self.text.len());
        for symbol in symbols(&self.text[between.clone()], begins, ends) {
            let range = between.start + symbol.start..between.start + symbol.end;
            self.ready.push_back(Piece { range, position: self.positions, length: 0, undotted: false });
        }
    }
}

/// Whether a character is a part of a word that may have been divided.
fn is_in_word(c: char) -> bool {
    is_letter(c) || c == JOINER
}

/// The length of the number in a number with its unit: `10kg`, `3pm`, `1.5l`, `5V`. `2nd` has none, and `1R` and `3D` are
/// names.
fn number_with_unit(word: &str) -> Option<usize> {
    let number = word.find(|c: char| !c.is_ascii_digit() && c != '.' && c != JOINER)?;
    let (digits, unit) = word.split_at(number);
    let is_ordinal = ["st", "nd", "rd", "th"].iter().any(|ending| unit.eq_ignore_ascii_case(ending));
    let mut letters = unit.chars();
    let is_capital = letters.next().is_some_and(char::is_uppercase) && letters.next().is_none();
    let is_unit = unit.chars().all(char::is_alphabetic)
        && unit.chars().count() <= LONGEST_UNIT
        && !is_ordinal
        && (!is_capital || ["A", "K", "L", "V", "W"].contains(&unit));
    (is_unit && digits.ends_with(|c: char| c.is_ascii_digit())).then_some(number)
}

/// Whether letters with dots between them are short for words and often written without dots: `U.S.A`, `Ph.D`, `p.m`.
fn are_initials(name: &str) -> bool {
    const SMALL: [&str; 10] = ["a.m", "p.m", "e.g", "i.e", "z.b", "d.h", "n.b", "p.s", "w.r.t", "r.i.p"];
    if !name.contains('.') || name.len() > 4 * LONGEST_INITIALS {
        return false;
    }
    let parts = || name.split('.').map(|part| part.chars().count());
    let capitals = name.split('.').all(|part| part.starts_with(char::is_uppercase));
    let letters = name.chars().all(|c| c.is_alphabetic() || c == '.');
    let short = parts().all(|length| length == 1)
        || (parts().any(|length| length == 1) && parts().sum::<usize>() <= LONGEST_INITIALS);
    letters && ((capitals && short) || SMALL.contains(&name))
}
