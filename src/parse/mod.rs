//! Bytes of a note → a [`Document`]: text, front matter, headings, questions with their answers.
//!
//! Total: any bytes give a document, and what was odd about them is told in [`Warning`]s. Time grows linearly
//! with the file, whatever is in it. Sections cover the body exactly and begin at line starts; the text keeps
//! the way back to the file's own bytes and lines, even where it was decoded or repaired.
//!
//! ```text
//! decode → mojibake → front_matter → lines → outline (markdown) → qa (label) → sections, blocks
//!                                                  ↘ tags
//! ```

mod blocks;
mod colour;
mod data;
mod decode;
mod fields;
mod front_matter;
mod heading;
mod hidden;
mod inline;
mod label;
mod languages;
mod lines;
mod markdown;
mod mojibake;
mod name;
mod org;
mod outline;
mod plain;
mod properties;
mod qa;
mod rst;
mod sections;
mod tags;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;

use crate::calendar::DateOrder;
use crate::document::{Block, BlockKind, Document, Extracted, NotePath, Section, Text};
use crate::format::{self, FORMATS, Reader, Syntax};
use heading::Heading;
use lines::Lines;
use outline::Outline;

/// The version of the rules by which notes are read; changes whenever the same bytes give another document.
pub const VERSION: &str = "7";

/// Headings, questions and tags are looked for in so many lines; what follows is one section. More than a million
/// lines are hardly notes, and each costs some hundred bytes while its structure is worked out.
const MAX_LINES: usize = 1 << 20;

/// The same for characters that may be markup, line ends among them: each costs the parser of Markdown as much.
const MAX_MARKS: usize = 3 << 19;

/// Something about a note that its reader may want to know. The note was parsed all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The file isn't UTF-8; it was read in the encoding named.
    DecodedAs(&'static str),
    /// So many byte sequences aren't valid UTF-8 and became replacement characters.
    InvalidUtf8(usize),
    /// So many characters were encoded twice in the file and were repaired for reading.
    Repaired(usize),
    /// The front matter isn't closed; it was taken for text.
    FrontMatterOpen,
    /// The front matter isn't valid, for this reason; it was read line by line.
    FrontMatterUnread(&'static str),
    /// Lists or quotes are nested beyond sense; only headings were looked for.
    NestedTooDeeply,
    /// The note has more lines, or more markup, than is searched for structure; so many lines were.
    TooManyLines(usize),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DecodedAs(encoding) => write!(f, "decoded as {encoding}"),
            Self::InvalidUtf8(1) => write!(f, "replaced 1 invalid byte sequence"),
            Self::InvalidUtf8(count) => write!(f, "replaced {count} invalid byte sequences"),
            Self::Repaired(1) => write!(f, "repaired 1 double-encoded character"),
            Self::Repaired(count) => write!(f, "repaired {count} double-encoded characters"),
            Self::FrontMatterOpen => write!(f, "front matter isn't closed and was taken for text"),
            Self::FrontMatterUnread(why) => write!(f, "front matter was read line by line: {why}"),
            Self::NestedTooDeeply => write!(f, "lists or quotes are nested too deeply to be told apart"),
            Self::TooManyLines(lines) => {
                write!(f, "headings were looked for in the first {lines} lines only")
            }
        }
    }
}

/// Decodes and repairs a file as [`parse`] does, for checking a citation against the file.
pub fn decode(bytes: &[u8]) -> Text {
    text(bytes.into(), &mut Vec::new())
}

/// Parses a note. `path` tells its syntax by the extension, and its title and date where the note doesn't; nothing is
/// read from it. A file that is given away is freed as soon as it is decoded, or becomes the text.
///
/// ```
/// use qsearch::document::NotePath;
///
/// let note = b"# Owls\n\nQ: Do owls sleep?\nA: By day.\n";
/// let (document, warnings) = qsearch::parse::parse(&NotePath::from_encoded("owls.md"), note);
/// let section = &document.sections[0];
/// assert_eq!(section.heading.join(" › "), "Owls");
/// assert_eq!(section.question.as_deref(), Some("Do owls sleep?"));
/// assert_eq!(&document.text.as_str()[section.content.clone()], "By day.");
/// assert!(warnings.is_empty());
/// ```
pub fn parse<'a>(path: &NotePath, file: impl Into<Cow<'a, [u8]>>) -> (Document, Vec<Warning>) {
    parse_by(path, file, DateOrder::Unknown)
}

/// Parses a note whose dates are written in this order, where they can be read in two ways.
pub fn parse_by<'a>(
    path: &NotePath,
    file: impl Into<Cow<'a, [u8]>>,
    order: DateOrder,
) -> (Document, Vec<Warning>) {
    let mut warnings = Vec::new();
    let text = text(file.into(), &mut warnings);
    document(path, text, order, warnings)
}

/// Parses the Markdown that was made from a file.
pub fn extracted(path: &NotePath, extracted: Extracted, order: DateOrder) -> (Document, Vec<Warning>) {
    let (document, warnings) = document(path, Text::same(extracted.text), order, Vec::new());
    (Document { extract: Some(extracted.extract), ..document }, warnings)
}

/// How a note is written, by its name; what isn't known to be otherwise is taken for Markdown.
fn syntax_of(path: &NotePath) -> Syntax {
    let extension = format::extension(OsStr::new(path.as_str()));
    let format = extension.and_then(|extension| format::by_extension(FORMATS, &extension));
    match format.map(|format| format.reader) {
        Some(Reader::Text(syntax)) => syntax,
        _ => Syntax::Markdown,
    }
}

/// What text without markup is called in a note.
fn text_of(syntax: Syntax) -> BlockKind {
    if syntax == Syntax::Data { BlockKind::Data } else { BlockKind::Paragraph }
}

/// Finds structure in a text.
fn document(
    path: &NotePath,
    text: Text,
    order: DateOrder,
    mut warnings: Vec<Warning>,
) -> (Document, Vec<Warning>) {
    let mut syntax = syntax_of(path);
    let front = front_matter::read(text.as_str(), order, &mut warnings);
    let (top, fields) = fields::top(text.as_str(), syntax, front.len);
    let block = if front.block.is_empty() { front.len..top } else { front.block.clone() };
    let mut said = front.said;
    said.add(properties::sort(&fields, order));
    let mut body = top..text.as_str().len();
    let mut blocks = Vec::new();
    if text.as_str()[body.clone()].trim().is_empty() && !block.is_empty() {
        // A note that is nothing but front matter says what it says there.
        (body, syntax) = (block, Syntax::Data);
    }
    if body.start > 0 {
        blocks.push(Block { range: 0..body.start, kind: BlockKind::FrontMatter, depth: 0 });
    }
    let structured = body.start..Lines::end_of(text.as_str(), &body, MAX_LINES, MAX_MARKS);
    let mut lines = Lines::new(text.as_str(), &structured);
    let Outline { headings, code, hidden, fields, inner } =
        outline::outline(text.as_str(), &structured, syntax, &mut lines, &mut warnings);
    let units = qa::units(text.as_str(), &lines, &headings);
    let mut sections = sections::sections(&lines, &headings, &units);
    let shown = blocks::blocks(&lines, &headings, &code, &units, text_of(syntax));
    blocks.append(&mut blocks::with_hidden(text.as_str(), shown, &hidden));
    if structured.end < body.end {
        warnings.push(Warning::TooManyLines(lines.len()));
        let range = structured.end..body.end;
        let (heading, content) = (Vec::new(), range.clone());
        blocks.push(Block { range: range.clone(), kind: text_of(syntax), depth: 0 });
        sections.push(Section { heading, question: None, range, content, titled: false });
    }
    said.add(properties::sort(&fields, order));
    said.add_inner(properties::sort(&inner, order));
    let mut tags = said.tags;
    tags::collect(&lines, &mut tags);
    tags.truncate(tags::MAX_TAGS);
    tags.sort_unstable();
    tags.dedup();
    let name = name::title(path);
    let first_title = Heading::of_note(&headings, &lines, name.as_deref());
    let title = said.title.or_else(|| first_title.map(|heading| plain::title(&heading.title))).or(name);
    let date = said.date.or_else(|| name::date(path, order));
    let (aliases, properties, extract) = (said.aliases, said.properties, None);
    (Document { title, aliases, tags, date, properties, text, body, sections, blocks, extract }, warnings)
}

/// Decodes and repairs.
fn text(file: Cow<'_, [u8]>, warnings: &mut Vec<Warning>) -> Text {
    let file_len = file.len() as u64;
    let (decoded, repaired) = mojibake::repair(decode::decode(file, warnings));
    if repaired > 0 {
        warnings.push(Warning::Repaired(repaired));
    }
    decoded.into_text(file_len)
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
