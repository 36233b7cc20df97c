//! Lines that fit a terminal.
//!
//! Widths are columns as a terminal counts them: an ideograph takes two, a combining mark none.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Breaks the lines of `text` at spaces so that none is wider than `width`, where its words allow it.
///
/// Lines that fit are left alone, and so are the insides of code fences. A continued line keeps its first
/// line's indentation. The text must be [sanitized](super::sanitize::text).
pub(crate) fn wrap(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 40);
    let mut fenced = false;
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let body = line.trim_start();
        let fence = body.starts_with("```") || body.starts_with("~~~");
        fenced ^= fence;
        if fenced || fence || line.width() <= width {
            out.push_str(line);
        } else {
            wrap_line(&mut out, line, body, width);
        }
    }
    out
}

/// Breaks one line that is too wide.
fn wrap_line(out: &mut String, line: &str, body: &str, width: usize) {
    let indent = &line[..line.len() - body.len()];
    let mut column = 0;
    for word in body.split(' ').filter(|word| !word.is_empty()) {
        let wide = word.width();
        if column > 0 && column + 1 + wide > width {
            out.push('\n');
            column = 0;
        }
        if column == 0 {
            out.push_str(indent);
            column = indent.width();
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += wide;
    }
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
        assert_eq!(wrap("one two three", 8), "one two\nthree");
        assert_eq!(wrap("  one two three", 9), "  one two\n  three");
        assert_eq!(wrap("averyveryverylongword x", 8), "averyveryverylongword\nx");
        assert_eq!(wrap("漢字 漢字 漢字", 9), "漢字 漢字\n漢字");
    }

    #[test]
    fn code_is_left_alone() {
        let code = "```\nlet a_long_line = of(code, here);\n```\nand words after";
        assert_eq!(wrap(code, 10), "```\nlet a_long_line = of(code, here);\n```\nand words\nafter");
    }

    #[test]
    fn shortens_with_an_ellipsis() {
        assert_eq!(shorten("short", 5), "short");
        assert_eq!(shorten("too long here", 9), "too long…");
        assert_eq!(indent("a\n\nb", "  "), "  a\n\n  b");
    }

    proptest! {
        #[test]
        fn wrapping_loses_no_word(text in "[a-z\u{4e00}-\u{4e10} \\n]{0,80}", width in 1usize..30) {
            let wrapped = wrap(&text, width);
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&wrapped), words(&text));
            prop_assert!(shorten(&text.replace('\n', " "), width).width() <= width.max(1));
        }
    }
}
