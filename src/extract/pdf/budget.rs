//! How much a page may unpack to, found out before anything is unpacked.
//!
//! Streams are packed, and a few kilobytes may stand for gigabytes. What a page draws with is looked through first: its
//! content, its forms and its fonts, each once a document. Images aren't unpacked at all.

use std::collections::HashMap;
use std::io::Read;

use flate2::read::ZlibDecoder;
use hayro_interpret::hayro_syntax::Filter;
use hayro_interpret::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream};
use hayro_interpret::hayro_syntax::page::Page;
use hayro_interpret::hayro_syntax::xref::XRef;

use super::tree::resolved;

/// No page's content, no form and no font unpacks to more, in bytes.
pub(super) const MOST_UNPACKED: usize = 64 << 20;

/// All object streams of a file unpack to no more, in bytes.
const MOST_OBJECTS: usize = 192 << 20;

/// No more forms and fonts are looked through for one page; forms may be nested without an end.
const MOST_PARTS: usize = 20_000;

/// How many bytes one packed byte may become, at most: deflate, LZW (4,096 for 12 bits), run lengths.
const FLATE_RATIO: usize = 1032;
const LZW_RATIO: usize = 2731;
const RUN_RATIO: usize = 64;

/// What has been looked through of a document, and whether it may be unpacked.
#[derive(Default)]
pub(super) struct Budget {
    known: HashMap<ObjectIdentifier, bool>,
}

impl Budget {
    /// Whether all that a page draws with may be unpacked.
    pub(super) fn allows(&mut self, xref: &XRef, page: &Page<'_>) -> bool {
        let mut size = 0_usize;
        for stream in contents(xref, page.raw()) {
            size = size.saturating_add(unpacked_size(&stream, MOST_UNPACKED).unwrap_or(0));
            if size > MOST_UNPACKED {
                return false;
            }
        }
        let resources = page.resources();
        self.allow_parts(xref, vec![resources.fonts.clone()], vec![resources.x_objects.clone()])
    }

    /// Whether all of these fonts and forms, and what they use, may be unpacked.
    fn allow_parts<'a>(&mut self, xref: &'a XRef, fonts: Vec<Dict<'a>>, forms: Vec<Dict<'a>>) -> bool {
        let mut left = MOST_PARTS;
        let (mut fonts, mut forms) = (fonts, forms);
        loop {
            let (dict, is_font) = match (fonts.pop(), forms.pop()) {
                (Some(dict), form) => {
                    forms.extend(form);
                    (dict, true)
                }
                (None, Some(dict)) => (dict, false),
                (None, None) => return true,
            };
            for (_, entry) in dict.entries() {
                left = left.saturating_sub(1);
                if left == 0 {
                    return true;
                }
                let id = entry.as_obj_ref().map(ObjectIdentifier::from);
                match id.and_then(|id| self.known.get(&id)) {
                    Some(false) => return false,
                    Some(true) => continue,
                    None => {}
                }
                let allowed = if is_font {
                    resolved(xref, entry)
                        .and_then(Object::into_dict)
                        .is_none_or(|font| font_is_small(xref, &font))
                } else {
                    form_is_small(xref, entry, &mut fonts, &mut forms)
                };
                self.known.extend(id.map(|id| (id, allowed)));
                if !allowed {
                    return false;
                }
            }
        }
    }
}

/// Whether a form may be unpacked; adds what it uses.
fn form_is_small<'a>(
    xref: &'a XRef,
    entry: MaybeRef<Object<'a>>,
    fonts: &mut Vec<Dict<'a>>,
    forms: &mut Vec<Dict<'a>>,
) -> bool {
    let Some(form) = resolved(xref, entry).and_then(Object::into_stream) else { return true };
    let dict = form.dict();
    if dict.get::<Name<'_>>(b"Subtype").as_deref() != Some(b"Form") {
        return true;
    }
    if let Some(resources) = dict.get::<Dict<'a>>(b"Resources") {
        fonts.extend(resources.get::<Dict<'a>>(b"Font"));
        forms.extend(resources.get::<Dict<'a>>(b"XObject"));
    }
    is_small(&form)
}

/// Whether a font's programs and maps may be unpacked.
fn font_is_small(xref: &XRef, font: &Dict<'_>) -> bool {
    let descendants = font.get::<Array<'_>>(b"DescendantFonts");
    let descendant = descendants.and_then(|fonts| resolved(xref, fonts.raw_iter().next()?)?.into_dict());
    [Some(font), descendant.as_ref()].into_iter().flatten().all(|font| {
        let descriptor = font.get::<Dict<'_>>(b"FontDescriptor").unwrap_or_default();
        let programs = ["FontFile", "FontFile2", "FontFile3"].map(|key| descriptor.get::<Stream<'_>>(key));
        let maps = ["ToUnicode", "Encoding", "CIDToGIDMap"].map(|key| font.get::<Stream<'_>>(key));
        programs.iter().chain(&maps).flatten().all(is_small)
    })
}

fn is_small(stream: &Stream<'_>) -> bool {
    unpacked_size(stream, MOST_UNPACKED).is_none_or(|size| size <= MOST_UNPACKED)
}

/// The streams of a page's content.
fn contents<'a>(xref: &'a XRef, page: &Dict<'a>) -> Vec<Stream<'a>> {
    if let Some(stream) = page.get::<Stream<'a>>(b"Contents") {
        return vec![stream];
    }
    let array = page.get::<Array<'a>>(b"Contents").unwrap_or_default();
    array.raw_iter().filter_map(|entry| resolved(xref, entry)?.into_stream()).take(MOST_PARTS).collect()
}

/// To how many bytes a stream unpacks, counted no further than just above `most`, or guessed from above if it can't be
/// more; none if it is an image.
pub(super) fn unpacked_size(stream: &Stream<'_>, most: usize) -> Option<usize> {
    let filters = stream.filters();
    let packed = stream.raw_data();
    let mut bound = packed.len();
    for filter in &filters {
        bound = bound.saturating_mul(match filter {
            Filter::FlateDecode => FLATE_RATIO,
            Filter::LzwDecode => LZW_RATIO,
            Filter::RunLengthDecode => RUN_RATIO,
            Filter::AsciiHexDecode | Filter::Ascii85Decode | Filter::Crypt => 1,
            _ => return None,
        });
    }
    if bound <= most {
        return Some(bound);
    }
    let mut unpacked: Box<dyn Read> = Box::new(&*packed);
    for filter in &filters {
        unpacked = match filter {
            Filter::FlateDecode => Box::new(ZlibDecoder::new(unpacked)),
            Filter::LzwDecode if filters.len() == 1 => return Some(lzw_size(&packed, most)),
            // Rare and old: what is packed twice is taken to be as text is.
            Filter::LzwDecode | Filter::RunLengthDecode => return Some(guess(packed.len())),
            Filter::AsciiHexDecode | Filter::Ascii85Decode if filters.len() > 1 => {
                return Some(guess(packed.len()));
            }
            _ => unpacked,
        };
    }
    Some(counted(unpacked, most))
}

/// To how many bytes LZW codes unpack, up to just above `most` (ISO 32000-2, 7.4.4.2).
fn lzw_size(packed: &[u8], most: usize) -> usize {
    const CLEAR: usize = 256;
    const END: usize = 257;
    let mut lengths = vec![1_usize; 4096];
    let (mut next, mut before, mut size) = (END + 1, 0, 0);
    let (mut bits, mut count) = (0_usize, 0);
    for &byte in packed {
        (bits, count) = ((bits << 8 | usize::from(byte)) & 0xff_ffff, count + 8);
        // Codes grow one entry before they have to.
        let width = 9 + [511, 1023, 2047].iter().filter(|full| next >= **full).count();
        if count < width {
            continue;
        }
        count -= width;
        let code = bits >> count & ((1 << width) - 1);
        match code {
            CLEAR => (next, before) = (END + 1, 0),
            END => break,
            _ => {
                let length = if code < next { lengths[code] } else { before + 1 };
                size += length;
                if before > 0 && next < lengths.len() {
                    lengths[next] = before + 1;
                    next += 1;
                }
                before = length;
            }
        }
        if size > most {
            break;
        }
    }
    size
}

/// To how much text or fonts of such a size unpack, if nobody means harm.
fn guess(packed: usize) -> usize {
    packed.saturating_mul(12)
}

/// How many bytes can be read, up to just above `most`.
fn counted(mut unpacked: Box<dyn Read + '_>, most: usize) -> usize {
    let mut buffer = vec![0; 64 << 10];
    let mut size = 0;
    while size <= most {
        match unpacked.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => size += read,
        }
    }
    size
}

/// Whether the object streams of a file unpack to more than a file should: they are unpacked as it is opened.
pub(super) fn has_too_large_objects(file: &[u8]) -> bool {
    const START: &[u8] = b"stream";
    if file.len().saturating_mul(FLATE_RATIO) <= MOST_OBJECTS {
        return false;
    }
    let mut size = 0_usize;
    for kind in [&b"/ObjStm"[..], b"/XRef"] {
        let mut from = 0;
        while let Some(at) = find(&file[from..], kind) {
            from += at + kind.len();
            let near = &file[from..file.len().min(from + 1024)];
            let Some(start) = find(near, START) else { continue };
            let data = file[from + start + START.len()..].trim_ascii_start();
            if data.first().is_some_and(|byte| byte & 0x0f == 8) {
                let left = MOST_OBJECTS.saturating_sub(size);
                size = size.saturating_add(counted(Box::new(ZlibDecoder::new(data)), left));
                if size > MOST_OBJECTS {
                    return true;
                }
            }
        }
    }
    false
}

/// Where a needle first stands in some bytes.
fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|&byte| byte == first) {
        if bytes[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_lzw_are_counted() {
        // The example of the standard: 45 45 45 45 45 65 45 45 45 66.
        let packed = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        assert_eq!(lzw_size(&packed, 1000), 10);
        assert!(lzw_size(&vec![0xff; 1 << 20], 1 << 20) <= 2 << 20);
    }
}
