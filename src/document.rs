//! The nouns of the way down: a note on disk becomes a [`Document`], a document becomes [`Passage`]s.
//!
//! Three coordinate systems meet here, and each type names its own: bytes of the *file* ([`ByteSpan`]),
//! bytes of the decoded and repaired *text* (`Range<usize>`), and 1-based *lines* ([`LineSpan`]). [`Text`]
//! carries the map between them. Nothing here reads a file.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::sys;

mod block;
mod fence;
mod map;
mod place;
mod property;
mod root;
mod text;

pub use block::{Block, BlockKind};
pub(crate) use fence::Fence;
pub(crate) use map::Walk;
pub use map::{Map, MapBuilder};
pub use place::{About, Extract, Extracted, Place, PlaceSpan, PlaceStart};
pub use property::Property;
pub use root::{Root, Rules};
pub use text::Text;
use text::lines_of;
pub(crate) use text::{floor, line_end, lines, shortened, trim};

/// A half-open range of bytes in the file as it lies on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ByteSpan {
    /// Offset of the first byte.
    pub start: u64,
    /// Offset one past the last byte.
    pub end: u64,
}

/// An inclusive range of 1-based lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LineSpan {
    /// The line of the first byte.
    pub first: u32,
    /// The line of the last byte.
    pub last: u32,
}

impl fmt::Display for LineSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

/// A note's path relative to its root, with `/` between the parts; always valid UTF-8 and reversible.
///
/// A path that is valid UTF-8 without a backslash stands as it is. Otherwise a backslash is doubled and a
/// byte that isn't part of valid UTF-8 is written `\xNN`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NotePath(String);

impl NotePath {
    /// Encodes a relative path from the file system.
    pub fn from_relative(path: &Path) -> Self {
        let mut out = String::new();
        for part in path.components() {
            if !out.is_empty() && !out.ends_with('/') {
                out.push('/');
            }
            // On Windows, a drive or a share.
            if let Component::Prefix(start) = part {
                out.push_str(&start.as_os_str().to_string_lossy().replace('\\', "/"));
                continue;
            }
            // The root's own separator differs between systems; the encoded form doesn't.
            if part == Component::RootDir {
                out.push_str(if out.is_empty() { "/" } else { "" });
                continue;
            }
            for chunk in part.as_os_str().as_encoded_bytes().utf8_chunks() {
                out.push_str(&chunk.valid().replace('\\', "\\\\"));
                for byte in chunk.invalid() {
                    let _ = write!(out, "\\x{byte:02X}"); // A String takes anything.
                }
            }
        }
        Self(out)
    }

    /// The path of something in the archive with this path; `inside` is relative to it.
    #[must_use]
    pub fn inside(&self, inside: &str) -> Self {
        let parts = Path::new(inside).components().filter(|part| matches!(part, Component::Normal(_)));
        Self(format!("{self}/{}", Self::from_relative(&parts.collect::<PathBuf>())))
    }

    /// Takes a path in the encoded form, as stored or as printed.
    pub fn from_encoded(encoded: impl Into<String>) -> Self {
        Self(encoded.into())
    }

    /// The encoded form, for display and as a key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `folder` itself or lies below it.
    pub fn is_in(&self, folder: &NotePath) -> bool {
        self.0.strip_prefix(&folder.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The relative path on the file system.
    pub fn to_relative(&self) -> PathBuf {
        let mut bytes = Vec::with_capacity(self.0.len());
        let mut rest = self.0.as_bytes();
        while let Some((&byte, tail)) = rest.split_first() {
            rest = tail;
            if byte != b'\\' {
                bytes.push(byte);
            } else if let Some(hex) = tail.get(1..3).filter(|_| tail[0] == b'x')
                && let Some(value) =
                    std::str::from_utf8(hex).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())
            {
                bytes.push(value);
                rest = &tail[3..];
            } else {
                bytes.push(b'\\');
                rest = tail.strip_prefix(b"\\").unwrap_or(tail);
            }
        }
        PathBuf::from(sys::os_string(bytes))
    }
}

impl fmt::Display for NotePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stretch of a document that belongs together: what stands under one heading, or one question with its
/// answer. The sections of a document follow each other and together cover its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The headings above the section, outermost first, its own included, without markup. The question of a
    /// question-and-answer unit isn't one of them. Sections share what they have in common, since a file may
    /// have a section on every other line.
    pub heading: Vec<Arc<str>>,
    /// The question, without markup, if this is a question-and-answer unit.
    pub question: Option<String>,
    /// The whole section in the text, heading or question line included.
    pub range: Range<usize>,
    /// What a reader wants to see: the answer without the `Answer:` label, or what follows the heading line.
    pub content: Range<usize>,
    /// Whether the section begins with its own heading or question line (it doesn't before the first heading).
    pub titled: bool,
}

/// A note after parsing. See [`Section`] for how its body is divided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Title from the front matter, else the first top-level heading, without markup, else the file's name if
    /// it is made of words.
    pub title: Option<String>,
    /// Other names of the note, as a reader sees them.
    pub aliases: Vec<String>,
    /// Tags from the front matter, and `#tags` in the body; without `#`, lower case, sorted, each once.
    pub tags: Vec<String>,
    /// The note's own date from its front matter, else from its file's name.
    pub date: Option<Day>,
    /// What the note says of itself besides, in the order it says it.
    pub properties: Vec<Property>,
    /// The decoded text with its map to the file.
    pub text: Text,
    /// The text without front matter, or the front matter if there is nothing else.
    pub body: Range<usize>,
    /// The sections, in order, covering `body` exactly.
    pub sections: Vec<Section>,
    /// What the text is made of, front matter included.
    pub blocks: Vec<Block>,
    /// Which places the text stands for, if it isn't the file's own.
    pub extract: Option<Extract>,
}

/// The unit of search: a stretch of a note that is embedded, indexed and cited as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Where it lies in the file.
    pub span: ByteSpan,
    /// The lines it touches, from its first to its last non-blank byte.
    pub lines: LineSpan,
    /// The headings above it, outermost first.
    pub heading: Vec<String>,
    /// The question it answers, if it is (a part of) a question-and-answer unit.
    pub question: Option<String>,
    /// The repaired text at `span`, without blank edges; empty for an empty note, which has its name above it.
    pub text: String,
    /// The part of `text` (in bytes) a reader wants to see as the answer; see [`Section::content`].
    pub content: Range<u32>,
    /// What `text` is made of, in bytes of it; a block that goes on outside of the passage ends at its edge.
    pub blocks: Vec<Block>,
    /// The sentences of `content`, in bytes of `text` and in order, each with a vector of its own in the index. Short
    /// ones stand together, and so does a block of code.
    pub sentences: Vec<Range<u32>>,
    /// What is embedded before `text`: the title, headings and question that `text` itself doesn't show.
    pub context: String,
    /// Where the file has it, if `text` was extracted from the file and isn't its own: then `span` and `lines` are those
    /// of the extract. Places are in bytes of `text`.
    pub extract: Option<Extract>,
}

impl Passage {
    /// A passage that is one paragraph, all of it content, with nothing above it.
    pub fn new(text: impl Into<String>, span: ByteSpan, lines: LineSpan) -> Self {
        let text = text.into();
        let block = Block { range: 0..text.len(), kind: BlockKind::Paragraph, depth: 0 };
        Self {
            span,
            lines,
            heading: Vec::new(),
            question: None,
            content: 0..text.len() as u32,
            blocks: vec![block],
            text,
            sentences: Vec::new(),
            context: String::new(),
            extract: None,
        }
    }

    /// The text as it is shown: with blanks for each byte of what is hidden, so that all else stays in its place.
    pub fn shown(&self) -> Cow<'_, str> {
        Block::shown(&self.blocks, &self.text, 0)
    }

    /// What a model embeds for this passage.
    pub fn embedded_text(&self) -> String {
        let text = self.shown();
        match (self.context.is_empty(), text.is_empty()) {
            (true, _) => text.into_owned(),
            (_, true) => self.context.clone(),
            _ => format!("{}\n{text}", self.context),
        }
    }

    /// Whether blocks and places lie in the text, in order and where characters begin, and lines count from 1. Whoever
    /// wrote a stored passage may have written anything.
    pub(crate) fn is_consistent(&self) -> bool {
        let is_cut = |at: usize| self.text.is_char_boundary(at);
        let mut end = 0;
        let blocks = self.blocks.iter().all(|block| {
            let follows = end <= block.range.start && block.range.start <= block.range.end;
            end = block.range.end;
            follows && is_cut(block.range.start) && is_cut(block.range.end)
        });
        let places = self.extract.as_ref().is_none_or(|extract| {
            extract.places.iter().all(|start| is_cut(start.at))
                && extract.places.is_sorted_by_key(|start| start.at)
        });
        blocks && places && self.lines.first > 0
    }

    /// The lines of a part of the text (in bytes): the passage begins on its first line.
    pub fn lines_of(&self, part: &Range<usize>) -> LineSpan {
        let LineSpan { first, last } = lines_of(&self.text, part);
        let before = self.lines.first - 1;
        LineSpan { first: before + first, last: before + last }
    }

    /// The places of a part of the text (in bytes), if it was extracted.
    pub fn places(&self, part: &Range<usize>) -> Option<PlaceSpan> {
        self.extract.as_ref()?.span(part)
    }

    /// The places of the whole text, if it was extracted.
    pub fn place(&self) -> Option<PlaceSpan> {
        self.places(&(0..self.text.len()))
    }

    /// The part of the text that a reader wants to see as the answer.
    pub fn content(&self) -> &str {
        self.text.get(self.content.start as usize..self.content.end as usize).unwrap_or(&self.text)
    }
}

/// The tokens of a text, as a model cuts it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// The byte offset one past the end of each token, in order.
    pub ends: Vec<u32>,
    /// The number of each token in the model's vocabulary; empty if the model keeps its numbers to itself.
    pub ids: Vec<u32>,
}

/// A BLAKE3 hash of 256 bits, of a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// Hashes bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

/// The first 96 bits of a BLAKE3 hash of an embedded text, by which its vectors are found again.
///
/// Every passage has one in the index. Two of a billion texts have the same by chance once in a hundred billion times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmbeddedHash(pub [u8; 12]);

impl EmbeddedHash {
    /// Hashes bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let hash = blake3::hash(bytes);
        Self(std::array::from_fn(|at| hash.as_bytes()[at]))
    }
}

/// Hashes bytes as they come.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContentHasher(blake3::Hasher);

impl ContentHasher {
    /// The hash of all bytes so far.
    pub(crate) fn finish(&self) -> ContentHash {
        ContentHash(*self.0.finalize().as_bytes())
    }
}

impl std::io::Write for ContentHasher {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in &self.0[..6] {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…")
    }
}

/// A passage's identity: 128 bits over where it stands and what it says, written in base 32.
///
/// It doesn't change when other parts of the note do. The alphabet is Crockford's in lower case (no `i`, `l`,
/// `o`, `u`), so a prefix can be read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PassageId(pub u128);

/// The digits of ids, without letters that look like others.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl PassageId {
    /// The identity of the `occurrence`-th passage of a note that has this embedded text.
    pub fn new(root: &str, path: &NotePath, embedded_text: &str, occurrence: u32) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in [root, path.as_str(), embedded_text] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.update(&occurrence.to_le_bytes());
        let bytes = hasher.finalize();
        let mut wide = [0; 16];
        wide.copy_from_slice(&bytes.as_bytes()[..16]);
        Self(u128::from_be_bytes(wide))
    }

    /// All 26 digits of the identity, most significant first, without the `#`.
    pub fn digits(self) -> String {
        // 128 bits are 25 digits of five bits and one of three; the first digit holds the odd ones.
        (0..26).rev().map(|at| ALPHABET[(self.0 >> (5 * at)) as usize & 31] as char).collect()
    }

    /// The id that has these digits, all of them.
    #[cfg(feature = "postgres")]
    pub(crate) fn from_digits(digits: &str) -> Option<Self> {
        let mut id = 0u128;
        for digit in digits.bytes() {
            let value = ALPHABET.iter().position(|other| *other == digit)?;
            id = id.checked_mul(32)? | value as u128;
        }
        (digits.len() == 26).then_some(Self(id))
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
