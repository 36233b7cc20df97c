//! Lines → running text: what stands between the end of a line and the start of the next, and the marks of lists.

use super::leaf::Usual;

/// The bullets of lists, as fonts of signs draw them too.
const BULLETS: &str = "•◦▪▫●○■□‣⁃∙·➢➤►▸▶✓✔✗✘➔→❖◆◇\u{f0b7}\u{f0a7}\u{f0d8}\u{f0fc}\u{f076}\u{f02d}\u{f06e}\u{f071}\u{25e6}\u{2043}";

/// The dashes that may be bullets where a blank follows.
const DASHES: &str = "-–—*";

/// Adds a line to a text that it goes on from. Says nothing of where the line came from.
pub(super) fn add_line(text: &mut String, line: &str, usual: &Usual) {
    let (Some(last), Some(next)) = (text.chars().next_back(), line.chars().next()) else {
        text.push_str(line);
        return;
    };
    match last {
        '\u{ad}' => {
            text.pop();
        }
        '-' | '\u{2010}' => {
            if next.is_lowercase() && is_split_word(text, line, usual) {
                text.pop();
            } else if !next.is_alphanumeric() || text.ends_with(" -") {
                text.push(' ');
            }
        }
        // `3–` goes on with `5`, and a word with a dash.
        '–' | '\u{2011}' if !text.ends_with(" –") => {}
        '—' if !text.ends_with(" —") => {}
        '.' | '/' | '_' | '=' | '?' | '&' if is_in_address(text) && next.is_alphanumeric() => {}
        _ if is_unspaced(last) && is_unspaced(next) => {}
        _ => text.push(' '),
    }
    text.push_str(line);
}

/// Whether a text ends within the address of a page, which goes on in the next line: `http://www.`.
fn is_in_address(text: &str) -> bool {
    let word = text.rsplit(char::is_whitespace).next().unwrap_or("");
    let is_address = word.contains("://") || word.trim_start_matches(['<', '(']).starts_with("www.");
    is_address && !(word.ends_with('.') && word.matches('.').count() > 2 && !word.ends_with("www."))
}

/// Whether a hyphen at the end of a line is there because the line ends: not if the document has the word with its
/// hyphen elsewhere.
fn is_split_word(text: &str, line: &str, usual: &Usual) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '’' || c == '\'';
    let before = text.strip_suffix(['-', '\u{2010}']).unwrap_or(text);
    if !before.chars().next_back().is_some_and(char::is_alphabetic) {
        return false;
    }
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, c)| is_part(*c))
        .last()
        .map_or(before.len(), |(at, _)| at);
    let first = &before[start..];
    let end = line.find(|c| !is_part(c)).unwrap_or(line.len());
    let second = line[..end].trim_end_matches('-');
    if usual.knows(&format!("{first}{second}")) {
        return true;
    }
    // `state-of-the-` goes on with `art`.
    let has_hyphens = first.contains('-') && first.chars().all(|c| !c.is_uppercase());
    !has_hyphens && !usual.knows(&format!("{first}-{second}"))
}

/// Whether a script writes its words without blanks between them: Chinese, Japanese, Thai.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x2e80..=0x30ff | 0x31f0..=0x9fff
        | 0xf900..=0xfaff | 0xff00..=0xff65 | 0x20000..=0x3ffff)
}

/// Whether a text ends where a sentence may end.
pub(super) fn is_ended(text: &str) -> bool {
    let text = text
        .trim_end_matches(|c: char| "\"'”’»)]】」』".contains(c) || c.is_numeric() && !c.is_ascii_digit());
    text.ends_with(['.', '!', '?', ':', ';', '。', '！', '？', '：', '؟', '۔', '।', '…'])
}

/// The mark of a list's item at the start of a line, as Markdown has it, and what follows it.
pub(super) fn list_mark(line: &str) -> Option<(String, &str)> {
    let mut chars = line.chars();
    let first = chars.next()?;
    let rest = chars.as_str();
    if BULLETS.contains(first)
        || first == 'o' && rest.starts_with(' ') && is_text(rest) && !rest.starts_with("  ")
    {
        // A centred dot may stand in a formula, and an `o` is a word of some languages.
        let is_sure = rest.starts_with(char::is_whitespace) || !"·→∙o".contains(first);
        return (is_sure && first != 'o').then(|| ("-".to_owned(), rest.trim_start()));
    }
    if DASHES.contains(first) && rest.starts_with(' ') && is_text(rest) {
        return Some(("-".to_owned(), rest.trim_start()));
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let after = line.get(digits..digits + 2)?;
    if (1..=3).contains(&digits) && (after == ". " || after == ") ") {
        return Some((line[..=digits].to_owned(), line[digits + 2..].trim_start()));
    }
    None
}

/// Whether a line begins with `a)`, `(iv)` or `[12]`: a list that Markdown has no marks for.
pub(super) fn is_lettered(line: &str) -> bool {
    let word = line.split(' ').next().unwrap_or("");
    let inner = word.trim_start_matches(['(', '[']).trim_end_matches([')', ']', '.']);
    let is_closed = word.ends_with([')', ']']) && line.len() > word.len();
    let is_short = (1..=4).contains(&inner.chars().count());
    let is_number = inner.chars().all(|c| c.is_ascii_digit());
    let is_roman = inner.chars().all(|c| "ivxlc".contains(c));
    let is_letter = inner.chars().count() == 1 && inner.chars().all(char::is_alphabetic);
    is_closed && is_short && (is_number || is_roman || is_letter)
}

/// Whether words follow.
fn is_text(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::super::leaf::Leaf;
    use super::super::line::Line;
    use super::*;

    /// What lines become, in a document that has these words besides.
    fn joined(lines: &[&str], words: &str) -> String {
        let line = Line { text: words.to_owned(), ..Line::default() };
        let usual = Usual::of(&[Leaf { lines: vec![line], ..Leaf::default() }]);
        let mut text = String::new();
        for line in lines {
            add_line(&mut text, line, &usual);
        }
        text
    }

    #[test]
    fn hyphens_go_where_the_line_made_them() {
        for (lines, words, text) in [
            (["an experi-", "ment."], "", "an experiment."),
            (["a well-", "known owl"], "the well-known mouse", "a well-known owl"),
            (["a well-", "known owl"], "wellknown and well-known", "a wellknown owl"),
            (["state-of-the-", "art"], "", "state-of-the-art"),
            (["Smith-", "Jones"], "", "Smith-Jones"),
            (["2010-", "2012"], "", "2010-2012"),
            (["pages 3–", "5"], "", "pages 3–5"),
            (["it -", "so"], "", "it - so"),
            (["soft\u{ad}", "ware"], "", "software"),
            (["日本", "語"], "", "日本語"),
            (["of the", "owl"], "", "of the owl"),
            (["x--", "y"], "", "x--y"),
            (["see http://www.", "owls.org"], "", "see http://www.owls.org"),
            (["see http://owls.org/", "barn"], "", "see http://owls.org/barn"),
            (["See this.", "and"], "", "See this. and"),
        ] {
            assert_eq!(joined(&lines, words), text);
        }
    }

    #[test]
    fn marks_of_lists_are_known() {
        for (line, mark, rest) in [
            ("• owls", "-", "owls"),
            ("•owls", "-", "owls"),
            ("– owls hunt", "-", "owls hunt"),
            ("12. Owls", "12.", "Owls"),
            ("3) mice", "3)", "mice"),
        ] {
            assert_eq!(list_mark(line), Some((mark.to_owned(), rest)));
        }
        for line in ["-5 °C", "1.2 Owls", "1984. ", "a · b", "owls", "", "– 5", "2.", "é. x"] {
            assert_eq!(list_mark(line), None, "{line}");
        }
        assert!(
            is_lettered("(a) owls")
                && is_lettered("iv) owls")
                && is_lettered("[12] A. Owl")
                && !is_lettered("(owls) x")
        );
    }
}
