//! The part of a text that a list shows on one line: the one with the words that were asked for.

use std::collections::HashSet;
use std::ops::Range;

use qsearch::answer::{Terms, matches};
use unicode_width::UnicodeWidthChar;

use super::{sanitize, wrap};

/// Brings a text on one line; what only marks off code and the rows of tables is left out.
pub(crate) fn flat(text: &str) -> String {
    let is_mark = |line: &&str| {
        let line = line.trim();
        let is_rule = line.starts_with('|') && line.chars().all(|c| "|-: ".contains(c));
        is_rule || line.starts_with("```") && !line[3..].contains('`') || line.starts_with("~~~")
    };
    let kept: Vec<&str> = text.split('\n').filter(|line| !is_mark(line)).collect();
    sanitize::line(&kept.join("\n"))
}

/// The stretch of a line, at most `room` columns wide, that has the most different words of the question; the first of
/// several, and the beginning unless another has more. What is cut is marked with `…`.
pub(crate) fn stretch(line: &str, terms: &Terms, room: usize) -> String {
    // A mark at each end.
    let Some(inside) = room.checked_sub(2).filter(|inside| *inside > 0) else {
        return wrap::shorten(line, room);
    };
    let columns = Columns::of(line);
    if columns.all <= room {
        return line.to_owned();
    }
    let words = matches(line, terms);
    let within = |begin: usize, end: usize| -> usize {
        let words = words.iter().filter(|word| begin <= word.start && columns.at(word.end) <= end);
        words.map(|word| line[word.clone()].to_lowercase()).collect::<HashSet<_>>().len()
    };
    let (mut begin, mut most) = (0, within(0, inside + 1));
    for word in &words {
        // In the middle of an address there is nothing to read.
        let Some(from) = before(line, &columns, word, inside / 2) else { continue };
        let found = within(from, columns.at(from) + inside);
        if found > most {
            (begin, most) = (from, found);
        }
    }
    if begin == 0 {
        return wrap::shorten(line, room);
    }
    format!("…{}", wrap::shorten(&line[begin..], room - 1))
}

/// Where a stretch begins that has a word in it: where its sentence does if that is near, else at a word before it.
fn before(line: &str, columns: &Columns, word: &Range<usize>, most: usize) -> Option<usize> {
    let least = columns.at(word.start).saturating_sub(most);
    let near = |&(at, _): &(usize, &str)| columns.at(at) >= least;
    let sentence = line[..word.start].rmatch_indices(". ").take_while(near).next().map(|(at, _)| at + 2);
    let blank = || line[..word.start].rmatch_indices(' ').take_while(near).last().map(|(at, _)| at + 1);
    sentence.or_else(blank)
}

/// The column at which each byte of a line stands.
struct Columns {
    /// For each byte, those before its character.
    starts: Vec<u32>,
    /// Those of the whole line.
    all: usize,
}

impl Columns {
    fn of(line: &str) -> Self {
        let mut starts = Vec::with_capacity(line.len());
        let mut all = 0_usize;
        for c in line.chars() {
            starts.extend(std::iter::repeat_n(all as u32, c.len_utf8()));
            all += c.width().unwrap_or(0);
        }
        Self { starts, all }
    }

    fn at(&self, byte: usize) -> usize {
        self.starts.get(byte).map_or(self.all, |&column| column as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn marks_of_code_and_tables_are_left_out() {
        assert_eq!(flat("Type\n\n```sh\n$ ls  -l\n```\n\nand | see"), "Type $ ls -l and | see");
        assert_eq!(flat("| a | b |\n|---|:-:|\n| 1 | 2 |"), "| a | b | | 1 | 2 |");
        assert_eq!(flat("```a``` is code"), "```a``` is code");
    }

    #[test]
    fn the_words_that_were_asked_for_are_seen() {
        let line =
            "Trains are late. Some buses are late as well. In the night an owl hunts for mice in the woods.";
        let address = format!("Trains are late. Some buses: https://{}/path", "a-long-host".repeat(5));
        assert_eq!(stretch(&address, &Terms::of("path"), 24), "Trains are late. Some b…");
        for (question, room, expected) in [
            ("anything", 20, "Trains are late. So…"),
            ("late trains", 20, "Trains are late. So…"),
            ("owl", 24, "…night an owl hunts for…"),
            ("what does an owl hunt", 40, "…In the night an owl hunts for mice in…"),
            ("woods", 200, line),
            ("mice in the woods", 30, "…hunts for mice in the woods."),
        ] {
            assert_eq!(stretch(line, &Terms::of(question), room), expected, "{question}");
        }
    }

    proptest! {
        #[test]
        fn it_never_takes_more_room(text in "[a-c 漢é.\u{301}]{0,80}", room in 0_usize..40) {
            let cut = stretch(&text, &Terms::of("a bc 漢"), room);
            prop_assert!(cut.width() <= room.max(1), "{cut}");
            let inside = cut.trim_start_matches('…').trim_end_matches('…');
            prop_assert!(text.contains(inside));
        }
    }
}
