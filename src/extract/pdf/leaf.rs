//! A page's lines with what is known of the page, and of all pages together.

use std::collections::{BTreeMap, HashSet};

use super::line::{Direction, Line};

/// A page of which the lines are known.
#[derive(Debug, Default)]
pub(super) struct Leaf {
    /// Its lines, in the order of reading.
    pub(super) lines: Vec<Line>,
    /// How high it is, as it is shown, in points.
    pub(super) height: f64,
    /// Which lines its tagged headings are: the marked content with the level.
    pub(super) tagged: BTreeMap<u32, u8>,
    /// The bookmarks that lead to it: their texts with their depths from 0.
    pub(super) marks: Vec<(String, usize)>,
}

/// What is usual in a document.
#[derive(Debug, Default)]
pub(super) struct Usual {
    /// The size of most of its letters.
    pub(super) size: f64,
    /// Whether most of its letters are bold.
    pub(super) bold: bool,
    /// Whether most of its letters are equally wide: a typescript, which isn't code.
    pub(super) mono: bool,
    /// Its words, in small letters.
    words: HashSet<String>,
}

impl Usual {
    /// Finds what is usual on these pages.
    pub(super) fn of(leaves: &[Leaf]) -> Self {
        let mut sizes: BTreeMap<i64, usize> = BTreeMap::new();
        let (mut all, mut bold, mut mono) = (0, 0, 0);
        let mut words = HashSet::new();
        for line in leaves.iter().flat_map(|leaf| &leaf.lines) {
            let letters = line.text.chars().filter(|c| c.is_alphanumeric()).count();
            *sizes.entry(half_points(line.size)).or_default() += letters;
            all += letters;
            bold += if line.style.bold { letters } else { 0 };
            mono += if line.style.mono { letters } else { 0 };
            learn(&line.text, &mut words);
        }
        let size = sizes.iter().max_by_key(|(size, letters)| (**letters, -**size));
        Self {
            size: size.map_or(10.0, |(size, _)| *size as f64 / 2.0).max(0.5),
            bold: bold * 2 > all,
            mono: mono * 2 > all,
            words,
        }
    }

    /// Whether a word stands somewhere in the document, within a line.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.words.contains(&word.to_lowercase())
    }
}

/// A size in half points.
pub(super) fn half_points(size: f64) -> i64 {
    (size * 2.0).round() as i64
}

/// Adds the words of a line, as they are with their hyphens; not the last one, which may go on in the next line.
fn learn(line: &str, words: &mut HashSet<String>) {
    for word in line.split_whitespace() {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '-');
        if word.len() > 2 && !word.ends_with('-') && !words.contains(word) {
            words.insert(word.to_lowercase());
        }
    }
}

impl Line {
    /// Whether its letters are all as wide as those of typewriters, whose fonts programs needn't describe: three fifths
    /// of their size.
    pub(super) fn is_typewritten(&self) -> bool {
        let letters = self.text.chars().count() as f64;
        self.style.mono
            || self.is_across() && ((self.x1 - self.x0) / (letters * self.size) - 0.6).abs() < 0.004
    }

    /// Whether it runs as lines of Western text do.
    pub(super) fn is_across(&self) -> bool {
        self.direction == Direction::Across
    }
}
