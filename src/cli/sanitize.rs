//! Text from notes and file names, made harmless for a terminal.
//!
//! A note may hold escape sequences that rewrite the screen, bidirectional controls that make a path read
//! backwards, and characters nobody can see. What comes out of here holds none of them: each is replaced by a
//! visible stand-in, so that a reader sees that something is there. Everything else, accents, emoji and
//! right-to-left scripts included, stays as it is. JSON output is escaped by [`super::json`] instead.

use std::borrow::Cow;

/// Whether a character acts on the terminal, or on its neighbours, instead of being shown.
///
/// Zero-width joiner and non-joiner are let through: Persian, Hindi and many emoji need them.
pub(crate) fn is_active(c: char) -> bool {
    c.is_control() || is_bidi(c) || is_invisible(c)
}

/// The bidirectional marks, embeddings, overrides and isolates ("Trojan Source", CVE-2021-42574).
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters without width or with none of their own: separators, fillers, annotation marks and tags.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00ad}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Takes passwords out of the addresses of databases in a text that may quote arguments.
pub(crate) fn without_passwords(raw: &str) -> Cow<'_, str> {
    const ADDRESSES: [&str; 2] = ["postgres://", "postgresql://"];
    let mut out = String::new();
    let mut rest = raw;
    while let Some((at, begin)) =
        ADDRESSES.iter().filter_map(|begin| Some((rest.find(begin)?, begin.len()))).min()
    {
        let (before, address) = rest.split_at(at + begin);
        let ends = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '`');
        let (address, behind) = address.split_at(address.find(ends).unwrap_or(address.len()));
        out.push_str(before);
        // A password may have any of `/`, `?` and `@` in it, though it shouldn't.
        let (user, host) =
            address.rsplit_once('@').map_or((None, address), |(user, host)| (Some(user), host));
        if let Some(user) = user {
            out.extend([user.split(':').next().unwrap_or_default(), "@"]);
        }
        match host.split_once("password=") {
            Some((host, _)) => out.extend([host, "password=…"]),
            None => out.push_str(host),
        }
        rest = behind;
    }
    if out.is_empty() { Cow::Borrowed(raw) } else { Cow::Owned(out + rest) }
}

/// Makes a text of many lines harmless. Line ends become `\n`; line feeds and tabs stay.
pub(crate) fn text(raw: &str) -> Cow<'_, str> {
    if !raw.chars().any(|c| is_active(c) && !matches!(c, '\n' | '\t')) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len() + 16);
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            // A soft hyphen, a byte order mark and a zero-width space say nothing; PDF dumps are full of them.
            '\u{00ad}' | '\u{feff}' | '\u{200b}' => {}
            _ if is_active(c) => push_visible(&mut out, c),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Makes a name harmless: a path, a root, anything that must stay on one line and stay recognisable.
pub(crate) fn name(raw: &str) -> Cow<'_, str> {
    if !raw.chars().any(is_active) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len() + 16);
    for c in raw.chars() {
        if is_active(c) { push_visible(&mut out, c) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Makes a text harmless and brings it on one line, with single spaces between its words.
pub(crate) fn line(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for word in text(raw).split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Writes what stands in for an active character: a control picture for ASCII controls, else its number.
fn push_visible(out: &mut String, c: char) {
    match c {
        '\u{0}'..='\u{1f}' => out.extend(char::from_u32(0x2400 + c as u32)),
        '\u{7f}' => out.push('\u{2421}'),
        _ => out.extend(c.escape_unicode()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_are_shown_not_obeyed() {
        assert_eq!(text("a\u{1b}[31mb\u{9b}0m"), "a␛[31mb\\u{9b}0m");
        assert_eq!(name("evil\u{202e}dm.exe\nx\t"), "evil\\u{202e}dm.exe␊x␉");
        assert_eq!(text("del\u{7f} bell\u{7}"), "del␡ bell␇");
    }

    #[test]
    fn ordinary_text_is_untouched() {
        for plain in ["", "naïve → 'ok'\n\ttab", "שלום عربى", "👩\u{200d}💻 می\u{200c}خواهم"]
        {
            assert!(matches!(text(plain), Cow::Borrowed(same) if same == plain));
        }
    }

    #[test]
    fn line_ends_are_unified_and_lines_are_joined() {
        assert_eq!(text("a\r\nb\rc\n"), "a\nb\nc\n");
        assert_eq!(line("  a\r\n\tb\u{a0} c\u{85}d "), "a b c\\u{85}d");
        assert_eq!(text("co\u{ad}operate\u{feff}"), "cooperate");
    }

    proptest! {
        #[test]
        fn nothing_active_comes_out(raw in any::<String>(), spice in "[\\x00-\\x1f\u{7f}-\u{9f}\u{2028}-\u{202e}\u{2066}-\u{2069}a]*") {
            for raw in [format!("{raw}{spice}"), format!("{spice}{raw}")] {
                prop_assert!(!text(&raw).chars().any(|c| is_active(c) && !matches!(c, '\n' | '\t')));
                prop_assert!(!name(&raw).chars().any(is_active));
                prop_assert!(!line(&raw).chars().any(is_active));
            }
        }
    }

    #[test]
    fn no_password_is_shown() {
        for (typed, shown) in [
            (
                "error: '--index postgres://ada:se/c@ret@host:5432/db' no",
                "error: '--index postgres://ada@host:5432/db' no",
            ),
            ("postgresql://ada@host/db and postgres://b:x@h", "postgresql://ada@host/db and postgres://b@h"),
            ("postgres://host/db?user=a&password=secret&x=1", "postgres://host/db?user=a&password=…"),
            ("postgres://host:5432/db", "postgres://host:5432/db"),
            ("nothing: @ here", "nothing: @ here"),
        ] {
            assert_eq!(without_passwords(typed), shown);
        }
    }
}
