//! Settings files, and which of them apply.
//!
//! All keys are optional, and an unknown key is a mistake, since it is most often a known one that was mistyped:
//!
//! ```toml
//! index = "index"             # folder of the index; in the user's own settings, also postgres://…
//! include = ["**/*.md"]       # as --include
//! exclude = ["drafts/**"]     # as --exclude
//! kinds = ["md", "pdf"]       # as --kinds
//! max-size = "64MiB"          # as --max-size
//! day-first = true            # 03/11/2026 in a note is in November; false: in March
//! sources = 5                 # as ask --sources
//! model = "all-MiniLM-L6-v2"  # as index --model, for new indexes
//! rerank = "BGERerankerBase"  # as ask --rerank
//! refresh = true              # as ask --refresh
//! llm = "ollama:qwen3"        # as ask --write=ollama:qwen3, where --write names none
//! ```

mod layers;

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::Path;

use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::error::{Error, Result, Usage};
use crate::files::{self, Links};
use crate::format::{self, FORMATS};

pub use layers::{Named, Settings};

/// No settings file is larger.
pub const MOST_BYTES: u64 = 1 << 20;

/// What can be set; `None` for what isn't.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// The folder of the index, as it is written.
    pub index: Option<Line>,
    /// Globs of notes to take.
    pub include: Option<Vec<String>>,
    /// Globs of notes to leave out.
    pub exclude: Option<Vec<String>>,
    /// Extensions of the kinds of files to take.
    pub kinds: Option<Vec<String>>,
    /// The size in bytes from which on a file is left out.
    pub max_size: Option<u64>,
    /// Whether the day stands before the month in dates that can be read in two ways.
    pub day_first: Option<bool>,
    /// How many sources an answer has.
    pub sources: Option<NonZeroUsize>,
    /// The model of new indexes, as it is written.
    pub model: Option<Line>,
    /// The reranker of questions, as it is written.
    pub rerank: Option<Line>,
    /// Whether notes that have changed are read before a question is answered.
    pub refresh: Option<bool>,
    /// The language model of written answers, as it is written.
    pub llm: Option<Line>,
}

/// A text, and in which line of the file it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is written.
    pub text: String,
    /// The number of the line, from 1.
    pub number: usize,
}

/// What is wrong with a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is wrong with it, on one line.
    pub what: String,
}

/// The keys as TOML has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawKeys {
    index: Option<Spanned<String>>,
    include: Option<Vec<String>>,
    exclude: Option<Vec<String>>,
    #[serde(default, deserialize_with = "kinds")]
    kinds: Option<Vec<String>>,
    #[serde(default, deserialize_with = "size")]
    max_size: Option<u64>,
    day_first: Option<bool>,
    sources: Option<NonZeroUsize>,
    model: Option<Spanned<String>>,
    rerank: Option<Spanned<String>>,
    refresh: Option<bool>,
    llm: Option<Spanned<String>>,
}

/// Reads the content of a settings file.
///
/// # Errors
///
/// The first mistake in it.
pub fn parse(bytes: &[u8]) -> Result<Keys, Mistake> {
    let line_at = |at: usize| bytes[..at.min(bytes.len())].split(|byte| *byte == b'\n').count();
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Mistake { line: line_at(error.valid_up_to()), what: "it isn't UTF-8".into() })?;
    let keys: RawKeys = toml::from_str(text).map_err(|error| Mistake {
        line: line_at(error.span().map_or(0, |span| span.start)),
        what: error.message().split_whitespace().collect::<Vec<_>>().join(" "),
    })?;
    let line =
        |found: Spanned<String>| Line { number: line_at(found.span().start), text: found.into_inner() };
    Ok(Keys {
        index: keys.index.map(line),
        include: keys.include,
        exclude: keys.exclude,
        kinds: keys.kinds,
        max_size: keys.max_size,
        day_first: keys.day_first,
        sources: keys.sources,
        model: keys.model.map(line),
        rerank: keys.rerank.map(line),
        refresh: keys.refresh,
        llm: keys.llm.map(line),
    })
}

/// Reads a settings file; nothing is set where there is none.
///
/// # Errors
///
/// When it can't be read, isn't a regular file, is too large, or has a mistake.
pub fn read(file: &Path) -> Result<Keys> {
    let bytes = match files::read_at(file, Links::Follow, MOST_BYTES) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Keys::default());
        }
        bytes => bytes.map_err(Error::io("read", file))?,
    };
    parse(&bytes)
        .map_err(|Mistake { line, what }| Usage::Settings { file: file.to_path_buf(), line, what }.into())
}

/// Reads kinds of files, each named by an extension.
fn kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let named = Vec::<String>::deserialize(deserializer)?;
    format::kinds(FORMATS, &named).map(Some).map_err(serde::de::Error::custom)
}

/// Reads a size that is a number of bytes or a text like `64MiB`.
fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    // As text, a number is read by the same rules, and refused with the same words.
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => text,
        toml::Value::Integer(bytes) => bytes.to_string(),
        _ => String::new(),
    };
    parse_size(&text).map(Some).map_err(serde::de::Error::custom)
}

/// Reads a size: `64MiB`, `1.5 GB`, `500k`, `4096`. Letters of either case; `kB` is 1000, `KiB` and `K` 1024.
///
/// # Errors
///
/// What to write instead.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1_u64,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "kb" => 1000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err("not a size; write it like `64MiB`".to_owned()),
    };
    let bytes = match number.parse::<u64>() {
        Ok(whole) => whole.checked_mul(factor),
        Err(_) if !number.contains('.') => None,
        Err(_) => {
            let bytes = number.parse::<f64>().ok().map(|number| number * factor as f64);
            bytes.filter(|bytes| *bytes < u64::MAX as f64).map(|bytes| bytes as u64)
        }
    };
    bytes.filter(|&bytes| bytes > 0).ok_or_else(|| "not a size; write it like `64MiB`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        for (text, size) in [
            ("64MiB", 64 << 20),
            ("64 mib", 64 << 20),
            ("1.5G", 3 << 29),
            ("500kB", 500_000),
            ("4096", 4096),
            ("10b", 10),
        ] {
            assert_eq!(parse_size(text), Ok(size), "{text}");
        }
        for text in ["", "MiB", "0", "-1", "1..5k", "12 parsecs", "99999999999999999999", "9999999999999 GiB"]
        {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_names_something_is_told_with_its_line() {
        let settings = parse(b"sources = 3\n\nindex = 'a'\nmodel = \"b\"\nmax-size = '1KiB'\n").unwrap();
        let line = |text: &str, number| Some(Line { text: text.into(), number });
        assert_eq!((settings.index, settings.model), (line("a", 3), line("b", 4)));
        assert_eq!((settings.max_size, settings.sources), (Some(1024), NonZeroUsize::new(3)));
        assert_eq!(parse(b"").unwrap(), Keys::default());
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (text, line, what) in [
            (&b"sources = 3\n\nindx = 'a'\n"[..], 3, "unknown field `indx`"),
            (b"index = [", 1, ""),
            (b"sources = 0", 1, ""),
            (b"\nmax-size = 'huge'", 2, "not a size"),
            (b"\n\ninclude = '*.md'", 3, "invalid type"),
            (b"\n# caf\xe9", 2, "UTF-8"),
        ] {
            let mistake = parse(text).unwrap_err();
            assert_eq!(mistake.line, line, "{mistake:?}");
            assert!(mistake.what.contains(what) && !mistake.what.contains('\n'), "{mistake:?}");
        }
    }
}
