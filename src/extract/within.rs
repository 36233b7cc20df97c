//! Files that stand in other files: what is attached to a message.

use std::ffi::OsStr;

use super::{Damaged, Draft, html, read_at};
use crate::format::{self, FORMATS, Reader};

/// Files in files in files are read, and none that are deeper.
const MAX_DEPTH: usize = 2;

/// Reads a file that stands in another one at a depth, by its name and its bytes; `None` if it isn't one that is read.
pub(super) fn read(name: &str, file: &[u8], depth: usize) -> Option<Result<Draft, Damaged>> {
    if depth >= MAX_DEPTH {
        return None;
    }
    let name = OsStr::new(name);
    match format::detect(FORMATS, name, file)?.reader {
        Reader::Extract(extractor) => Some(read_at(extractor, file, depth + 1)),
        Reader::Text(_) => {
            // Signatures and the like have names that tell nothing; text is what is called so.
            let extension = format::extension(name)?;
            let named = format::by_extension(FORMATS, &extension)?;
            let text = html::decode(file, None);
            let mut draft = Draft::default();
            if matches!(named.reader, Reader::Text(_)) && matches!(&*extension, "md" | "markdown" | "mdx") {
                draft.paragraph(&text);
                draft.close_fence(&text);
            } else {
                text.split("\n\n").for_each(|part| draft.plain(part));
            }
            Some(Ok(draft))
        }
        Reader::None => None,
    }
}
