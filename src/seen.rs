//! What words does a reader see where markup is written?
//!
//! | written | seen |
//! |---|---|
//! | `max\_connections`, `C\#` | `max_connections`, `C#` |
//! | `AT&amp;T`, `M&uuml;ller` | `AT&T`, `Müller` |
//! | `CO<sub>2</sub>`, `H~2~O`, `CO$_2$` | `CO2`, `H2O`, `CO2` |
//! | `un**believ**able`, `<b>mid</b>night` | `unbelievable`, `midnight` |
//! | `[text](target)`, `[text][1]`, `[[note\|text]]` | `text`, and `target` behind all else |
//! | `commit-`, line end, `tee` | `committee`, joined by a [`JOINER`] |
//!
//! Only what stands inside words matters here, and what stands between two words that a reader sees side by side: other
//! marks are no words anyway. Code stays as it is.

use std::borrow::Cow;

use crate::document::{Block, BlockKind};
use crate::words::{JOINER, is_unspaced};

/// The most bytes of a tag, a link's target or a note's name.
const LONGEST: usize = 1000;
/// The most bytes of an entity, and of a subscript.
const LONGEST_ENTITY: usize = 32;

/// Tags inside words.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "mark", "q", "rb", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u",
    "var", "wbr", "nobr",
];
/// Tags between words.
const BETWEEN: &[&str] = &[
    "address",
    "article",
    "aside",
    "audio",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "col",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "iframe",
    "img",
    "input",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "td",
    "th",
    "tr",
];

/// The text of a passage as a reader sees its words. `blocks` are those of the text.
pub fn seen<'a>(text: &'a str, blocks: &[Block]) -> Cow<'a, str> {
    let hides = blocks.iter().any(|block| block.kind == BlockKind::Hidden);
    if !hides && !text.bytes().any(is_mark) {
        return Cow::Borrowed(text);
    }
    let (mut out, mut last) = (String::with_capacity(text.len() + 16), 0);
    for block in blocks {
        out.push_str(&text[last..block.range.start]);
        let inside = &text[block.range.clone()];
        match block.kind {
            BlockKind::Code | BlockKind::FrontMatter | BlockKind::Data | BlockKind::Rule => {
                out.push_str(inside);
            }
            // Its words aren't there.
            BlockKind::Hidden => out.push(' '),
            _ => Reader::new(inside, &mut out).read(),
        }
        last = block.range.end;
    }
    out.push_str(&text[last..]);
    Cow::Owned(out)
}

/// Whether a byte may begin something that isn't seen as it is written.
fn is_mark(byte: u8) -> bool {
    // The last are the first bytes of hyphens, and of text without blanks, which may be divided anywhere.
    matches!(
        byte,
        b'\\' | b'&' | b'<' | b'*' | b'~' | b'^' | b'$' | b'[' | b']' | b'`' | b'-' | b'\n' | 0xc2 | 0xe2
    )
}

/// The state of one pass over a block.
struct Reader<'t, 'o> {
    text: &'t str,
    at: usize,
    out: &'o mut String,
    /// Targets of links, which stand behind all else.
    targets: Vec<&'t str>,
    /// Where brackets that aren't closed yet stand in `out`.
    brackets: Vec<usize>,
    /// The number of asterisks of emphasis that isn't closed yet, or 0.
    emphasis: usize,
    /// For each number of backticks, and of asterisks, from which place on there are none in the rest.
    exhausted: [[bool; 4]; 2],
}

impl<'t, 'o> Reader<'t, 'o> {
    fn new(text: &'t str, out: &'o mut String) -> Self {
        let (targets, brackets) = (Vec::new(), Vec::new());
        Self { text, at: 0, out, targets, brackets, emphasis: 0, exhausted: [[false; 4]; 2] }
    }

    fn read(mut self) {
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let plain = rest.bytes().position(is_mark).unwrap_or(rest.len());
            // A hyphen may begin with the same byte as a letter.
            let plain = if rest.is_char_boundary(plain) { plain } else { rest.len() };
            self.out.push_str(&rest[..plain]);
            self.at += plain;
            let Some(mark) = rest.as_bytes().get(plain) else { break };
            let length = match mark {
                b'\\' => self.escape(),
                b'&' => self.entity(),
                b'<' => self.tag(),
                b'*' => Some(self.asterisks()),
                b'~' | b'^' | b'$' => self.script(),
                b'[' => self.open(),
                b']' => self.close(),
                b'`' => Some(self.code()),
                b'\n' => self.line_end(),
                _ => self.hyphen(),
            };
            self.at += length.unwrap_or_else(|| self.as_it_is());
        }
        for target in self.targets {
            self.out.push(' ');
            self.out.push_str(target);
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// The rest, but not farther than something may reach.
    fn near(&self) -> &'t str {
        let rest = self.rest();
        let mut end = rest.len().min(LONGEST);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        &rest[..end]
    }

    fn before(&self) -> Option<char> {
        self.out.chars().next_back()
    }

    /// Takes one character as it is; its length.
    fn as_it_is(&mut self) -> usize {
        let Some(c) = self.rest().chars().next() else { return 0 };
        self.out.push(c);
        c.len_utf8()
    }

    /// An escaped sign.
    fn escape(&mut self) -> Option<usize> {
        let next = self.rest()[1..].chars().next().filter(char::is_ascii_punctuation)?;
        self.out.push(next);
        Some(1 + next.len_utf8())
    }

    /// A character by its name or number.
    fn entity(&mut self) -> Option<usize> {
        let end = self.rest().bytes().take(LONGEST_ENTITY).position(|byte| byte == b';')? + 1;
        let entity = &self.rest()[..end];
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'#';
        if !entity[1..end - 1].bytes().all(is_name) {
            return None;
        }
        let decoded = html_escape::decode_html_entities(entity);
        (decoded != entity).then(|| self.out.push_str(&decoded))?;
        Some(end)
    }

    /// A tag, a comment's mark, or an address in brackets.
    fn tag(&mut self) -> Option<usize> {
        let near = self.near();
        if near.starts_with("<!--") {
            self.out.push(' ');
            return Some(4);
        }
        let length = near.find('>')? + 1;
        let inside = &near[1..length - 1];
        if inside.contains('<') {
            return None;
        }
        let name = inside.trim_start_matches('/');
        let (name, rest) =
            name.split_at(name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len()));
        if !rest.is_empty() && !rest.starts_with([' ', '\n', '\t', '/']) {
            return None;
        }
        let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let between = is(BETWEEN);
        if !between && !is(INLINE) {
            return None;
        }
        if between {
            self.out.push(' ');
        }
        for (name, value) in attributes(rest) {
            match name {
                "alt" | "title" | "placeholder" => self.out.extend([" ", value, " "]),
                "href" | "src" => self.target(value),
                _ => {}
            }
        }
        Some(length)
    }

    /// Asterisks inside a word.
    fn asterisks(&mut self) -> usize {
        let rest = self.rest();
        let length = rest.bytes().take_while(|&byte| byte == b'*').count();
        let inside =
            self.before().is_some_and(char::is_alphabetic) && rest[length..].starts_with(char::is_alphabetic);
        let closes = self.emphasis == length;
        let opens = !closes && length <= 3 && !self.exhausted[1][length] && {
            let again = rest[length..].contains(&rest[..length]);
            self.exhausted[1][length] = !again;
            again
        };
        if closes || opens {
            self.emphasis = if closes { 0 } else { length };
        }
        if !(inside && (closes || opens)) {
            self.out.push_str(&rest[..length]);
        }
        length
    }

    /// A subscript or superscript: `~2~`, `^2^`, `$_2$`, `$^{2}$`.
    fn script(&mut self) -> Option<usize> {
        let before = self.before().is_some_and(char::is_alphanumeric);
        let rest = &self.rest().as_bytes()[..self.rest().len().min(LONGEST_ENTITY)];
        let mark = *rest.first().filter(|_| before)?;
        let skipped = match rest {
            [b'$', b'_' | b'^', b'{', ..] => 3,
            [b'$', b'_' | b'^', ..] => 2,
            [b'$', ..] => return None,
            _ => 1,
        };
        let length = rest[skipped..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let end: &[u8] = if skipped == 3 { b"}$" } else { &[mark] };
        let closed = length > 0 && rest[skipped + length..].starts_with(end);
        closed.then(|| self.out.push_str(&self.rest()[skipped..skipped + length]))?;
        Some(skipped + length + end.len())
    }

    /// The beginning of a link.
    fn open(&mut self) -> Option<usize> {
        let near = self.near();
        if near.starts_with("[[") {
            let end = near.find("]]").filter(|&end| !near[..end].contains('\n'))?;
            let inside = &near[2..end];
            match inside.split_once('|') {
                Some((target, alias)) => {
                    self.out.push_str(alias);
                    self.target(target.trim_end_matches('\\'));
                }
                None => self.out.push_str(inside),
            }
            return Some(end + 2);
        }
        // A footnote's number, but not where the footnote is.
        if near.starts_with("[^")
            && let Some(end) = near.find(']').filter(|end| !near[..*end].contains(['\n', ' ']))
            && !near[end + 1..].starts_with(':')
        {
            self.target(&near[2..end]);
            return Some(end + 1);
        }
        self.brackets.push(self.out.len());
        None
    }

    /// The end of a link's text, with what it leads to.
    fn close(&mut self) -> Option<usize> {
        let opened = self.brackets.pop().filter(|opened| self.out.len() - opened <= LONGEST)?;
        let near = &self.near()[1..];
        let length = if near.starts_with('(') {
            let mut depth = 0;
            near.bytes().position(|byte| {
                depth += i32::from(byte == b'(') - i32::from(byte == b')');
                depth == 0
            })?
        } else {
            near.starts_with('[').then(|| near.find(']'))??
        };
        let target = &near[1..length];
        if !near.starts_with('(') && target.contains('\n') {
            return None;
        }
        self.target(target);
        // The text stands as it is, joined to what is around it.
        self.out.remove(opened);
        Some(length + 2)
    }

    /// Keeps what a link leads to, unless that is data.
    fn target(&mut self, target: &'t str) {
        if !target.trim_start_matches(['<', ' ']).starts_with("data:") {
            self.targets.push(target);
        }
    }

    /// Code in a line, which stays as it is.
    fn code(&mut self) -> usize {
        let rest = self.rest();
        let length = rest.bytes().take_while(|&byte| byte == b'`').count();
        let marks = &rest[..length];
        let mut end = length;
        let exhausted = self.exhausted[0].get_mut(length).filter(|exhausted| !**exhausted);
        let closed = exhausted.is_some_and(|exhausted| {
            while let Some(at) = rest[end..].find(marks) {
                let run = rest[end + at..].bytes().take_while(|&byte| byte == b'`').count();
                end += at + run;
                if run == length {
                    return true;
                }
            }
            *exhausted = true;
            false
        });
        let taken = if closed { end } else { length };
        self.out.push_str(&rest[..taken]);
        taken
    }

    /// A hyphen, or a mark where a word may be divided.
    fn hyphen(&mut self) -> Option<usize> {
        let hyphen = self.rest().chars().next().filter(|c| matches!(c, '-' | '\u{2010}' | '\u{ad}'))?;
        let behind = &self.rest()[hyphen.len_utf8()..];
        let Some((next, length)) = next_line(behind) else {
            return (hyphen == '\u{ad}').then_some(hyphen.len_utf8());
        };
        if !next.is_alphabetic() || !self.before().is_some_and(char::is_alphabetic) {
            return None;
        }
        match hyphen {
            '\u{ad}' => {}
            _ if next.is_lowercase() => self.out.push(JOINER),
            _ => self.out.push('-'),
        }
        Some(hyphen.len_utf8() + length)
    }

    /// The end of a line in text that has no blanks between words.
    fn line_end(&mut self) -> Option<usize> {
        let unspaced =
            |c: char| is_unspaced(c) && !matches!(c, '\u{ac00}'..='\u{d7ff}' | '\u{1100}'..='\u{11ff}');
        self.before().filter(|&c| unspaced(c))?;
        let (_, length) = next_line(self.rest()).filter(|&(next, _)| unspaced(next))?;
        Some(length)
    }
}

/// The first character of the next line, if nothing but blanks stands before it, and how many bytes before it.
fn next_line(text: &str) -> Option<(char, usize)> {
    const MOST_BLANKS: usize = 40;
    let blanks = |c: char| matches!(c, ' ' | '\t' | '\r');
    let line = text.len() - text.trim_start_matches(blanks).len();
    let rest = text[line..].strip_prefix('\n').filter(|_| line <= MOST_BLANKS)?;
    let next = rest.trim_start_matches(blanks);
    let length = text.len() - next.len();
    next.chars().next().filter(|_| length <= 2 * MOST_BLANKS).map(|next| (next, length))
}

/// The names and values of a tag's attributes.
fn attributes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (name, behind) = rest.split_once('=')?;
        let name = name.rsplit([' ', '\n', '\t', '"', '\'']).next().unwrap_or_default();
        let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''));
        let value = quote.map_or(behind, |_| &behind[1..]);
        let end = value.find(|c| quote.map_or(c == ' ', |quote| c == quote)).unwrap_or(value.len());
        rest = &value[end..];
        Some((name, &value[..end]))
    })
}

#[cfg(test)]
#[path = "seen_tests.rs"]
mod tests;
