//! The YAML (`---`) or TOML (`+++`) block at the start of a note → title, tags and date.
//!
//! ```text
//! ---                                +++
//! title: Owls                        title = "Owls"
//! tags: [birds, night]               date = 2024-05-01
//! created: 2024-05-01                [taxonomies]
//! ---                                tags = ["birds", "night"]
//! Owls hunt at night.                +++
//! ```
//!
//! The block is cut off the body even if it can't be read, as long as it is closed and looks like one. What no parser
//! takes is read line by line. What is too large isn't given to a parser, and both parsers take time in proportion to the
//! block and some tens of MiB at most: YAML is read event by event, and TOML has its parser's limits.

mod by_lines;
mod toml_table;
mod yaml;

use std::ops::Range;

use super::Warning;
use super::properties::{self, Said};
use crate::calendar::DateOrder;
use crate::document::line_end;

/// The largest block that is read.
const MAX_LEN: usize = 64 * 1024;

/// What a note says about itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FrontMatter {
    /// What its keys say.
    pub(super) said: Said,
    /// The lines between the fences.
    pub(super) block: Range<usize>,
    /// How many bytes of the text the block takes; the body begins there.
    pub(super) len: usize,
}

/// Reads the block at the start of `text`, if there is one.
///
/// Two thematic breaks with prose between them look much the same, so the block's first line must read like a
/// key. A block that doesn't end within 64 KiB isn't one.
pub(super) fn read(text: &str, order: DateOrder, warnings: &mut Vec<Warning>) -> FrontMatter {
    let none = FrontMatter::default();
    let fence = text[..line_end(text.as_bytes(), 0)].trim_end();
    if fence != "---" && fence != "+++" {
        return none;
    }
    let is_toml = fence == "+++";
    let Some((range, len)) = block(text, is_toml) else {
        let start = line_end(text.as_bytes(), 0);
        if looks_like_keys(&text[start..line_end(text.as_bytes(), start)], is_toml) {
            warnings.push(Warning::FrontMatterOpen);
        }
        return none;
    };
    let block = &text[range.clone()];
    // A `#` begins a comment here, but between two thematic breaks it begins a heading.
    let first = block.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    if !first.map_or(block.trim().is_empty(), |line| looks_like_keys(line, is_toml)) {
        return none;
    }
    let fields = if is_toml { toml_table::fields(block) } else { yaml::fields(block) };
    let fields = match fields {
        Ok(fields) => fields,
        Err(why) => {
            let by_lines::Lines { fields, is_plausible } = by_lines::read(block, is_toml);
            // Of two thematic breaks and prose between them, the first line may look like a key.
            if !is_plausible {
                return none;
            }
            warnings.push(Warning::FrontMatterUnread(why));
            fields
        }
    };
    FrontMatter { said: properties::sort(&fields, order), block: range, len }
}

/// The lines between the fences, and where the body begins.
fn block(text: &str, is_toml: bool) -> Option<(Range<usize>, usize)> {
    let bytes = text.as_bytes();
    let start = line_end(bytes, 0);
    let mut at = start;
    while at < text.len() && at - start <= MAX_LEN {
        let end = line_end(bytes, at);
        let line = text[at..end].trim_end();
        if (is_toml && line == "+++") || (!is_toml && (line == "---" || line == "...")) {
            return Some((start..at, end));
        }
        at = end;
    }
    None
}

/// Whether a line reads `key: value`, `key = value` or `[table]`.
fn looks_like_keys(line: &str, is_toml: bool) -> bool {
    by_lines::key_and_value(line, is_toml).is_some() || (is_toml && line.trim_start().starts_with('['))
}

#[cfg(test)]
#[path = "front_matter_tests.rs"]
mod tests;
