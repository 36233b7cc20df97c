//! Lines that fit a terminal.
//!
//! Widths are columns as a terminal counts them: an ideograph takes two, a combining mark none. Code, tables and anything
//! else whose lines mean something stay as they are; a terminal breaks what is too wide for it itself.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The columns from which on a tab stops.
const TAB: usize = 8;
/// The widest line that is taken for one that somebody has broken.
const BROKEN: usize = 100;
/// How far a line is indented at least that is code, beyond what it stands in.
const CODE: usize = 4;

/// Breaks the lines of `text` so that none is wider than `width`, where its words allow it: at spaces, and between
/// ideographs. An address stays in one piece, and so does a short piece of code.
///
/// Lines that fit are left alone, and so are blocks of code and the rows of tables. A continued line stands under the
/// words of its first, in a list and in a quotation, too. The text must be [sanitized](super::sanitize::text).
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 40);
    let mut blocks = Blocks::default();
    // Each line with its width as it was written.
    let mut lines = text.split('\n').map(|line| (Cow::Borrowed(line), columns(line))).peekable();
    let mut is_first = true;
    while let Some((line, written)) = lines.next() {
        if !std::mem::take(&mut is_first) {
            out.push('\n');
        }
        let is_prose = blocks.is_prose(&line);
        if !is_prose || columns(&line) <= width {
            out.push_str(&line);
            continue;
        }
        let start = out.len();
        wrap_line(&mut out, &line, width);
        let Some(begin) = out[start..].rfind('\n').map(|end| start + end + 1) else { continue };
        let narrow = written <= BROKEN;
        if let Some((next, _)) =
            lines.peek_mut().filter(|next| narrow && goes_on(&line, &out[begin..], &next.0))
        {
            let joined = format!("{} {}", &out[begin..], next.trim_start());
            out.truncate(begin - 1);
            *next = Cow::Owned(joined);
        }
    }
    out
}

/// Whether a line is broken only because its writer's lines are narrow, and goes on in the next: then what is left over
/// stands before the words of that.
fn goes_on(line: &str, left: &str, next: &str) -> bool {
    let (left, words) = (left.trim_start(), next.trim_start());
    let is_mark = |words: &str| {
        marker(words) > 0 || words.starts_with("```") || words.starts_with(['#', '>', '|', '~'])
    };
    let (_, under) = lead(line);
    !line.ends_with("  ")
        && !line.ends_with('\\')
        && !line.trim_start().starts_with(['#', '>'])
        && !words.is_empty()
        && !is_mark(left)
        && !is_mark(words)
        && columns(&next[..next.len() - words.len()]) == columns(&under)
}

/// What the lines that have been read are a part of.
#[derive(Default)]
struct Blocks {
    /// The marks that end the block of code, and how many at least.
    fence: Option<(char, usize)>,
    /// The column at which the words of the list's item stand; 0 outside of lists.
    item: usize,
    /// Whether the line before has words, so that no code can begin.
    in_paragraph: bool,
}

impl Blocks {
    /// Reads the next line, and says whether it may be broken.
    fn is_prose(&mut self, line: &str) -> bool {
        let body = line.trim_start();
        let indent = columns(&line[..line.len() - body.len()]);
        let mark = body.chars().next().filter(|mark| matches!(mark, '`' | '~'));
        let marks = mark.map_or(0, |mark| body.chars().take_while(|&c| c == mark).count());
        if let Some((fence, least)) = self.fence {
            let ends = mark == Some(fence) && marks >= least && body[marks..].trim().is_empty();
            self.fence = self.fence.filter(|_| !ends);
            return false;
        }
        // Three marks around a word or two in a line are no fence.
        if let Some(mark) = mark.filter(|_| marks >= 3)
            && !(mark == '`' && body[marks..].contains('`'))
        {
            (self.fence, self.in_paragraph) = (Some((mark, marks)), false);
            return false;
        }
        if body.is_empty() {
            self.in_paragraph = false;
            return false;
        }
        let marker = marker(body);
        if marker > 0 {
            self.item = indent + body[..marker].width();
        } else if !self.in_paragraph && indent < self.item {
            self.item = 0;
        }
        let is_code = marker == 0 && !self.in_paragraph && indent >= self.item + CODE;
        self.in_paragraph = !is_code;
        !is_code && !body.starts_with('|')
    }
}

/// How many bytes of a line mark it as an item of a list, with the blanks behind them; 0 if it is none.
fn marker(body: &str) -> usize {
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let mark = match body[digits..].chars().next() {
        Some('.' | ')') if (1..=9).contains(&digits) => digits + 1,
        Some(c @ ('-' | '*' | '+' | '•' | '–')) if digits == 0 => c.len_utf8(),
        _ => return 0,
    };
    let rest = &body[mark..];
    let blanks = rest.len() - rest.trim_start_matches(' ').len();
    if blanks == 0 {
        return 0;
    }
    let boxed = ["[ ] ", "[x] ", "[X] "].iter().any(|check| rest[blanks..].starts_with(check));
    mark + blanks + if boxed { 4 } else { 0 }
}

/// How many bytes at the beginning of a line stand before its words, and what stands there on the lines that continue it.
fn lead(line: &str) -> (usize, String) {
    let (mut at, mut under) = (0, String::new());
    for c in line.chars() {
        match c {
            ' ' | '\t' => under.push(c),
            // A quotation goes on on each line.
            '>' => under.push('>'),
            _ => break,
        }
        at += c.len_utf8();
    }
    let marker = marker(&line[at..]);
    under.extend(std::iter::repeat_n(' ', line[at..at + marker].width()));
    (at + marker, under)
}

/// Breaks one line that is too wide.
fn wrap_line(out: &mut String, line: &str, width: usize) {
    let (lead, under) = lead(line);
    out.push_str(&line[..lead]);
    let mut column = columns(&line[..lead]);
    let mut is_first = true;
    for word in words(&line[lead..], width.saturating_sub(columns(&under))) {
        for (at, piece) in pieces(word).into_iter().enumerate() {
            let gap = usize::from(at == 0 && !is_first);
            if !is_first && behind(column + gap, piece) > width {
                out.push('\n');
                out.push_str(&under);
                column = columns(&under);
            } else if gap > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(piece);
            column = behind(column, piece);
            is_first = false;
        }
    }
}

/// The words of a line; a piece of code that isn't wider than `width` is one, blanks included.
fn words(line: &str, width: usize) -> Vec<&str> {
    let (mut words, mut begin, mut at) = (Vec::new(), 0, 0);
    while let Some(c) = line[at..].chars().next() {
        let code = (c == '`').then(|| line[at + 1..].find('`')).flatten();
        let code = code.filter(|&len| len > 0 && line[at..at + len + 2].width() <= width);
        if let Some(len) = code {
            at += len + 2;
            continue;
        }
        if c == ' ' {
            words.push(&line[begin..at]);
            begin = at + 1;
        }
        at += c.len_utf8();
    }
    words.push(&line[begin..]);
    words.retain(|word| !word.is_empty());
    words
}

/// The pieces of a word between which a line may end: ideographs, with the marks that belong to them.
fn pieces(word: &str) -> Vec<&str> {
    let (mut pieces, mut begin) = (Vec::new(), 0);
    let mut before: Option<char> = None;
    for (at, c) in word.char_indices() {
        if let Some(before) = before
            && (is_ideograph(before) || is_ideograph(c))
            && c.width() != Some(0)
            && !"、。，．：；！？）」』】〕〉》’”…ー々・,.:;!?)]}ぁぃぅぇぉっゃゅょァィゥェォッャュョ%％"
                .contains(c)
            && !"（「『【〔〈《‘“([{".contains(before)
        {
            pieces.push(&word[begin..at]);
            begin = at;
        }
        before = Some(c);
    }
    pieces.push(&word[begin..]);
    pieces
}

/// Whether a character is of a script that is written without blanks between its words, and broken anywhere.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{ff01}'..='\u{ff9f}' | '\u{20000}'..='\u{3ffff}')
}

/// How many columns a line takes, tabs included.
fn columns(line: &str) -> usize {
    behind(0, line)
}

/// The column behind a text that begins at a column.
fn behind(column: usize, text: &str) -> usize {
    let mut parts = text.split('\t');
    let first = column + parts.next().map_or(0, UnicodeWidthStr::width);
    parts.fold(first, |column, part| (column / TAB + 1) * TAB + part.width())
}

/// Puts `margin` before each line that isn't empty.
pub(crate) fn indent(text: &str, margin: &str) -> String {
    let lines = text.split('\n');
    let lines =
        lines.map(|line| if line.trim().is_empty() { String::new() } else { format!("{margin}{line}") });
    lines.collect::<Vec<_>>().join("\n")
}

/// Cuts a text of one line so that it takes at most `width` columns, the `…` included.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut column = 0;
    let fits = text.chars().take_while(|c| {
        column += c.width().unwrap_or(0);
        column < width
    });
    let cut: String = fits.collect();
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wraps_at_spaces_and_keeps_the_indentation() {
        for (text, width, expected) in [
            ("one two three", 8, "one two\nthree"),
            ("  one two three", 9, "  one two\n  three"),
            ("averyveryverylongword x", 8, "averyveryverylongword\nx"),
            (
                "see https://example.org/a/very/long/path?x=1 there",
                12,
                "see\nhttps://example.org/a/very/long/path?x=1\nthere",
            ),
            ("- one two three", 9, "- one two\n  three"),
            (
                "- a\n  - one two three\n    four five six",
                12,
                "- a\n  - one two\n    three\n    four\n    five six",
            ),
            ("12. one two three", 11, "12. one two\n    three"),
            ("- [ ] one two three", 13, "- [ ] one two\n      three"),
            ("> one two three", 9, "> one two\n> three"),
            ("> - one two three", 11, "> - one two\n>   three"),
            ("-not an item of a list", 12, "-not an item\nof a list"),
            ("type `git commit --amend` now", 20, "type\n`git commit --amend`\nnow"),
            ("type `git commit --amend -m word` now", 20, "type `git commit\n--amend -m word` now"),
            ("an `odd mark", 6, "an\n`odd\nmark"),
            ("1. a\tb c d e f", 12, "1. a\tb c\n   d e f"),
        ] {
            assert_eq!(wrap(text, width), expected, "{text}");
        }
    }

    #[test]
    fn lines_that_were_broken_before_are_filled() {
        for (text, width, expected) in [
            ("one two three\nfour five\nsix", 9, "one two\nthree\nfour five\nsix"),
            ("one two six\nfour five\nsix", 9, "one two\nsix four\nfive six"),
            ("- one two six\n  four\n- b", 11, "- one two\n  six four\n- b"),
            ("one two six  \nfour", 9, "one two\nsix\nfour"),
            ("one two six\n- four", 9, "one two\nsix\n- four"),
            ("one two six\n\nfour", 9, "one two\nsix\n\nfour"),
            ("# one two six\nfour", 9, "# one two\nsix\nfour"),
            ("one two ```six\nfour", 9, "one two\n```six\nfour"),
            ("averyveryverylongword\nfour", 9, "averyveryverylongword\nfour"),
        ] {
            assert_eq!(wrap(text, width), expected, "{text}");
        }
        let lines = "a line that was broken where it is as wide as this one\n".repeat(20);
        assert!(wrap(lines.trim_end(), 50).lines().rev().skip(1).all(|line| columns(line) > 40));
        let long = format!("{}end", "word ".repeat(30));
        assert!(wrap(&format!("{long}\nfour"), 80).ends_with("end\nfour"));
    }

    #[test]
    fn ideographs_are_two_columns_wide_and_may_be_parted() {
        assert_eq!(wrap("漢字 漢字 漢字", 9), "漢字 漢字\n漢字");
        assert_eq!(wrap("一二三四五六七", 8), "一二三四\n五六七");
        assert_eq!(wrap("一二三四。五六（七）", 8), "一二三\n四。五六\n（七）");
        assert_eq!(wrap("用Python写程序", 9), "用Python\n写程序");
        // Between words of Korean there are blanks.
        assert_eq!(wrap("안녕하세요 여러분", 10), "안녕하세요\n여러분");
        assert_eq!(wrap("e\u{301}e\u{301} e\u{301}e\u{301}", 5), "e\u{301}e\u{301} e\u{301}e\u{301}");
    }

    #[test]
    fn code_and_tables_are_left_alone() {
        for whole in [
            "```\nlet a_long_line = of(code, here);\n```",
            "~~~sh\n``` is not the end\n~~~",
            "````\n```\na long line of code here\n```\n````",
            "- item\n\n  ```\n  a long line of code here\n  ```",
            "    a long line of code here\n\n    another long line of code",
            "- item\n\n      a long line of code here",
            "| a long row | of a table |\n|---|---|",
        ] {
            assert_eq!(wrap(whole, 10), whole);
        }
        assert_eq!(
            wrap("```\na long line of code\n```\nand words after", 10),
            "```\na long line of code\n```\nand words\nafter"
        );
        assert_eq!(wrap("```a``` isn't a fence, it isn't", 12), "```a```\nisn't a\nfence, it\nisn't");
        assert_eq!(
            wrap("- item\n\n    a paragraph of the item", 16),
            "- item\n\n    a paragraph\n    of the item"
        );
    }

    #[test]
    fn shortens_with_an_ellipsis() {
        assert_eq!(shorten("short", 5), "short");
        assert_eq!(shorten("too long here", 9), "too long…");
        assert_eq!(indent("a\n\nb", "  "), "  a\n\n  b");
    }

    proptest! {
        #[test]
        fn wrapping_loses_no_word(text in "[a-z\u{4e00}-\u{4e10}`>|。 \\n-]{0,80}", width in 1usize..30) {
            let wrapped = wrap(&text, width);
            let letters = |text: &str| text.chars().filter(|c| !" \n>".contains(*c)).collect::<String>();
            prop_assert_eq!(letters(&wrapped), letters(&text));
            let line = text.replace('\n', " ");
            prop_assert!(shorten(&line, width).width() <= width.max(1));
        }
    }
}
