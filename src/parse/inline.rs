//! One line as note-taking programs write it → the same in plain Markdown: links to notes by what they show, without
//! the marks of block ids, footnotes and comments.
//!
//! ```text
//! [[Projects/Atlas|Atlas]] weekly ==sync== [^1] ^block1   →   Atlas weekly sync
//! ```

use std::borrow::Cow;

/// The longest link to a note, in bytes.
const MAX_LINK: usize = 300;

/// The longest block id, in bytes.
const MAX_ID: usize = 64;

/// A line with links, marks and ids as a reader sees them. What stands in code stays as it is.
pub(super) fn seen(line: &str) -> Cow<'_, str> {
    let line = without_id(line);
    if !["[[", "][", "[^", "==", "%%", "<br", "<BR"].iter().any(|mark| line.contains(mark)) {
        return line.into();
    }
    let mut out = String::with_capacity(line.len());
    for (number, part) in line.split('`').enumerate() {
        if number > 0 {
            out.push('`');
        }
        if number % 2 == 0 { prose(part, &mut out) } else { out.push_str(part) }
    }
    out.into()
}

/// A line without the block id at its end, which Obsidian and Dendron write ` ^abc123`. A short number is a power.
pub(super) fn without_id(line: &str) -> &str {
    let line = line.trim_end();
    let id = |line: &'_ str| {
        let (before, id) = line.rsplit_once('^')?;
        let is_id = (1..=MAX_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && (id.len() >= 4 || id.contains(|char: char| char.is_ascii_alphabetic()) && id.len() > 1);
        let apart = before.is_empty() || before.ends_with([' ', '\t']);
        (is_id && apart).then(|| before.trim_end().len())
    };
    &line[..id(line).unwrap_or(line.len())]
}

/// Writes down a stretch without code.
fn prose(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['[', '=', '%', '<', '!']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let len = link(rest, out)
            .or_else(|| footnote(rest))
            .or_else(|| marked(rest, out))
            .or_else(|| comment(rest))
            .or_else(|| line_break(rest, out));
        let len = len.unwrap_or_else(|| {
            out.push_str(&rest[..1]);
            1
        });
        rest = &rest[len..];
    }
    out.push_str(rest);
}

/// `[[note]]`, `[[note|shown]]`, `![[note]]`, and Org's `[[target][shown]]`.
fn link(text: &str, out: &mut String) -> Option<usize> {
    let open = text.strip_prefix('!').unwrap_or(text).strip_prefix("[[")?;
    let end = open.bytes().take(MAX_LINK).zip(open.bytes().skip(1)).position(|pair| pair == (b']', b']'))?;
    let inner = &open[..end];
    if inner.is_empty() || inner.starts_with(char::is_whitespace) || inner.ends_with(char::is_whitespace) {
        return None;
    }
    if open[end + 2..].trim().is_empty() && is_anchor(inner, out) {
        // What looked like the mark of an embed ends the heading.
        out.push_str(&text[..text.len() - open.len() - 2]);
    } else {
        out.push_str(&shown(inner));
    }
    Some(text.len() - open.len() + end + 2)
}

/// Whether a link is the anchor of the heading that it stands at the end of, as doc-builder has it: `# A title[[a-title]]`.
fn is_anchor(inner: &str, heading: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let is_attached = !heading.is_empty() && !heading.ends_with(char::is_whitespace);
    is_attached && !inner.contains(char::is_whitespace) && letters(inner) == letters(heading)
}

/// What a link shows, of what stands between its brackets.
///
/// Dendron writes `[[shown|some.note]]`, the others `[[some note|shown]]`: a note of Dendron has dots and no blanks.
fn shown(inner: &str) -> Cow<'_, str> {
    if let Some((_, shown)) = inner.split_once("][") {
        return shown.into();
    }
    if let Some((first, second)) = inner.split_once('|') {
        let is_note = second.split('.').all(|part| part.starts_with(char::is_alphabetic));
        let is_dendron =
            is_note && second.contains('.') && !second.contains(' ') && !first.contains(['.', '/', '#']);
        // `![[image.png|300]]` is that wide.
        let is_size = second.bytes().all(|byte| byte.is_ascii_digit() || byte == b'x');
        return if is_dendron || is_size { first } else { second }.trim().into();
    }
    match inner.split_once('#') {
        Some(("", part)) => part.trim_start_matches(['#', '^']).into(),
        Some((note, part)) if part.starts_with('^') => note.into(),
        Some((note, part)) => format!("{note} > {}", part.replace('#', " > ")).into(),
        None => inner.into(),
    }
}

/// `[^1]`, a reference to a footnote.
fn footnote(text: &str) -> Option<usize> {
    let open = text.strip_prefix("[^")?;
    let end = open.bytes().take(MAX_ID).position(|byte| byte == b']')?;
    let is_name = end > 0 && !open[..end].contains(|char: char| char.is_whitespace() || char == '[');
    is_name.then_some(end + 3)
}

/// `==marked==`; `a == b` isn't.
fn marked(text: &str, out: &mut String) -> Option<usize> {
    let open = text.strip_prefix("==").filter(|open| !open.starts_with([' ', '=']))?;
    let (inner, after) = open.split_once("==")?;
    (!inner.is_empty() && !inner.ends_with(' ') && !after.starts_with('=')).then(|| {
        out.push_str(inner);
        inner.len() + 4
    })
}

/// `%% a comment %%`.
fn comment(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("%%")?.split_once("%%")?.0;
    Some(inner.len() + 4)
}

/// `<br>`, `<br/>`.
fn line_break(text: &str, out: &mut String) -> Option<usize> {
    let is_break = text.get(..3).is_some_and(|tag| tag.eq_ignore_ascii_case("<br"));
    let end = text.bytes().take(8).position(|byte| byte == b'>').filter(|_| is_break)?;
    text[3..end].trim_matches([' ', '/']).is_empty().then(|| {
        out.push(' ');
        end + 1
    })
}

#[cfg(test)]
mod tests {
    use super::seen;

    #[test]
    fn links_and_marks_read_as_they_are_shown() {
        for (line, expected) in [
            ("[[Projects/Atlas|Atlas]] weekly sync", "Atlas weekly sync"),
            ("Notes from [[Kim]] ^block1", "Notes from Kim"),
            ("[[note#part]] and [[#part]]", "note > part and part"),
            ("[[note#a#b]] [[note#^abc123]]", "note > a > b note"),
            ("![[embed]] here", "embed here"),
            ("![[photo.png|300]] ![[x|100x200]]", "photo.png x"),
            ("[[The book|lit.books.dune]] of Dendron", "The book of Dendron"),
            ("[[v1.2 notes|Release]] [[a.b|c d]] [[Atlas|v1.2]]", "Release c d v1.2"),
            ("[[https://a.b][A site]] of Org", "A site of Org"),
            ("A ==marked== word, a == b, ==", "A marked word, a == b, =="),
            ("Claim[^1] and another[^note]", "Claim and another"),
            ("Before %% not shown %%after", "Before after"),
            ("One<br>two<br />three", "One two three"),
            (":tada: stays", ":tada: stays"),
            ("Code `[[x]] ==y==` stays", "Code `[[x]] ==y==` stays"),
            ("What does [[ -f x ]] do?", "What does [[ -f x ]] do?"),
            ("x ^2", "x ^2"),
            ("x ^10", "x ^10"),
            ("2 ^ab-c1", "2"),
            ("[[open and %% <brick> [^", "[[open and %% <brick> [^"),
            ("[[]] [^a b]", "[[]] [^a b]"),
        ] {
            assert_eq!(seen(line), expected, "{line}");
        }
    }

    #[test]
    fn endless_marks_have_an_end() {
        for part in ["[[", "==a ", "%%a", "[^", "<br", "![[", "^a "] {
            assert!(!seen(&part.repeat(3000)).is_empty());
        }
    }
}
