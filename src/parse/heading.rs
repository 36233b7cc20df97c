//! A heading, in any syntax, and which of them names the whole note.

use std::ops::Range;

use super::label;
use super::languages::{PARTS, has};
use super::lines::{LineKind, Lines};

/// How deep headings are nested; deeper ones count as this deep. Markdown has six levels, Org any number.
pub(super) const MAX_LEVEL: usize = 8;

/// One heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heading {
    /// The lines it takes.
    pub(super) lines: Range<usize>,
    /// 1 for the outermost, 8 at most.
    pub(super) level: usize,
    /// What it says, without markup.
    pub(super) title: String,
}

impl Heading {
    /// The heading that begins in line `at`; `headings` are in order.
    pub(super) fn at(headings: &[Self], at: usize) -> Option<&Self> {
        let found = headings.binary_search_by_key(&at, |heading| heading.lines.start).ok()?;
        Some(&headings[found])
    }

    /// The heading that names the note: its only one of the first level.
    ///
    /// Of several the first does if nothing stands between it and the next, if it says what the file's `name` says, or
    /// if the others are numbered: `Chapter 1`, `2. Setup`. Else each is about what is below it: `Breakfast`, `Car`.
    pub(super) fn of_note<'a>(
        headings: &'a [Self],
        lines: &Lines<'_>,
        name: Option<&str>,
    ) -> Option<&'a Self> {
        let at = headings.iter().position(|heading| heading.level == 1)?;
        let (first, rest) = (&headings[at], &headings[at + 1..]);
        let mut others = rest.iter().filter(|heading| heading.level == 1).peekable();
        let is_only = others.peek().is_none();
        let is_bare = |next: &Self| {
            next.level == 1
                && (first.lines.end..next.lines.start)
                    .all(|at| matches!(lines.kind(at), LineKind::Blank | LineKind::Rule))
        };
        let names = is_only
            || rest.first().is_some_and(is_bare)
            || name.is_some_and(|name| say_the_same(name, &first.title))
            || (!first.is_numbered() && others.all(Self::is_numbered));
        names.then_some(first)
    }

    /// Whether it is one of a series: `Chapter 1`, `Part IV: …`, `2. Setup`.
    fn is_numbered(&self) -> bool {
        is_part(&self.title) || label::numbered(&self.title).is_some()
    }
}

/// Whether a line reads `PART 1: …`, `Chapter IV`, `Глава 3`, `第1章` or the like.
pub(super) fn is_part(line: &str) -> bool {
    /// What is longer is a sentence, in bytes.
    const LONGEST: usize = 80;
    if line.len() > LONGEST {
        return false;
    }
    let mut words = line.split_whitespace();
    let part = words.next().is_some_and(|word| {
        let is_english = ["PART", "CHAPTER", "SECTION", "MODULE", "UNIT"]
            .iter()
            .any(|part| part.eq_ignore_ascii_case(word));
        is_english || has(PARTS, &word.to_lowercase())
    });
    let number = words.next().unwrap_or_default().trim_end_matches([':', '.', ')', '：']);
    let is_digit = |c: char| label::is_number(c) || "IVX".contains(c);
    (part && !number.is_empty() && number.chars().all(is_digit)) || is_counted(line)
}

/// Whether a line reads `第1章 …` or `제1장 …`.
fn is_counted(line: &str) -> bool {
    let Some(rest) = line.strip_prefix(['第', '제']) else { return false };
    let behind = rest.trim_start_matches(label::is_number);
    behind.len() < rest.len()
        && behind
            .strip_prefix([
                '章', '节', '節', '部', '课', '課', '回', '卷', '巻', '編', '장', '부', '과', '절',
            ])
            .is_some_and(|title| !title.starts_with(char::is_alphabetic))
}

/// Whether all words of one of two titles are words of the other.
fn say_the_same(one: &str, other: &str) -> bool {
    let words = |title: &str| {
        let words = title.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect::<Vec<_>>()
    };
    let (one, other) = (words(one), words(other));
    let (few, many) = if one.len() < other.len() { (one, other) } else { (other, one) };
    !few.is_empty() && few.iter().all(|word| many.contains(word))
}
