//! The structure of tantivy's files, as far as it must be checked before tantivy reads them.
//!
//! tantivy believes every length and place that its files name. A wrong length may ask for more memory than there is,
//! and that ends the process; so what decides about memory and time is checked here before tantivy sees it. Only the end
//! of a file is read, and what it points to, however large the file is. What lies deeper is checked when it is read, by
//! [`super::dictionary`] and [`super::postings`].

use std::collections::HashSet;
use std::ops::Range;

use tantivy::index::{IndexMeta, IndexSettings};
use tantivy::schema::Field;

use super::checksummed_file::ChecksummedFile;

/// The last bytes of each of tantivy's files.
const MAGIC: u32 = 1337;
/// The most fields that a file is divided into.
const MOST_FIELDS: u64 = 64;
/// The greatest end of a file that is divided by fields: for each field two numbers of up to ten bytes and one of four,
/// then the number of fields, and the length of the end.
const LONGEST_END: usize = MOST_FIELDS as usize * 24 + 14;
/// The bytes at the end of a file of stored passages: version, end of the content, compression, and padding.
const STORE_END: usize = 28;
/// The version of a file of stored passages.
const STORE_VERSION: u32 = 2;
/// The number of LZ4 compression.
const LZ4: u8 = 1;
/// The most layers of the index over a file of passages: one for each power of eight blocks.
const MOST_LAYERS: u64 = 12;
/// The number of the type of a stored field of bytes.
const BYTES: u8 = 4;
/// A file without columns.
const NO_COLUMNS: [u8; 52] = {
    let mut file = [0; 52];
    (file[12], file[28], file[32], file[44]) = (4, 3, 32, 2);
    (file[48], file[49], file[50], file[51]) = (2, 113, 119, 66);
    file
};
/// The place of the number of documents in a file without columns.
const ROWS: Range<usize> = 40..44;
/// The greatest block of passages: a few small ones, or a single large one.
const LARGEST_BLOCK: usize = 128 << 20;
/// The bytes before a field's postings: the number of its tokens.
pub(super) const TOKENS: usize = 8;
/// The most bytes that LZ4 makes of one.
const LZ4_RATIO: usize = 255;

/// Bytes that are read from the front.
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

impl Cursor<'_> {
    /// The next bytes, as an array.
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    /// The next number of four bytes.
    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// The next number of eight bytes.
    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    /// The next number of seven bits a byte, whose last byte has its highest bit set.
    pub(super) fn vint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = u64::from(self.byte()?);
            let bits = byte & 127;
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte & 128 != 0 {
                return Some(number);
            }
        }
        None
    }
}

/// The message for a file whose numbers don't fit it.
pub(super) fn inconsistent() -> String {
    "it isn't built as it says".into()
}

/// The length of a file without the footer that tantivy writes: its version, and the length of that.
fn body(file: &ChecksummedFile) -> Result<usize, String> {
    let end = file.len().checked_sub(8).ok_or_else(inconsistent)?;
    let mut numbers = Cursor(file.get(end..file.len())?);
    let (length, magic) = (numbers.u32(), numbers.u32());
    let body = length.and_then(|length| end.checked_sub(length as usize));
    body.filter(|_| magic == Some(MAGIC)).ok_or_else(inconsistent)
}

/// A file of a segment that is divided by fields.
#[derive(Clone, Debug)]
pub(super) struct Composite {
    /// The whole file.
    pub(super) file: ChecksummedFile,
    parts: Vec<(Field, Range<usize>)>,
}

impl Composite {
    /// Reads the places of the fields.
    pub(super) fn open(file: ChecksummedFile) -> Result<Self, String> {
        let end = body(&file)?.checked_sub(4).ok_or_else(inconsistent)?;
        let length = u32::from_le_bytes(file.array(end)?) as usize;
        let start = end.checked_sub(length).filter(|_| length <= LONGEST_END).ok_or_else(inconsistent)?;
        let parts = parts(Cursor(file.get(start..end)?), start).ok_or_else(inconsistent)?;
        Ok(Self { file, parts })
    }

    /// The place of a field, if there is anything of it.
    pub(super) fn part(&self, field: Field) -> Option<Range<usize>> {
        self.parts.iter().find(|(other, _)| *other == field).map(|(_, part)| part.clone())
    }

    /// How many bytes each field takes.
    pub(super) fn lengths(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().map(|(_, part)| part.len())
    }

    /// The fields that there is anything of, as they stand in the file.
    pub(super) fn fields(&self) -> impl Iterator<Item = Field> {
        self.parts.iter().map(|(field, _)| *field)
    }
}

/// The parts of a composite file, of which each begins where the one before it ends.
fn parts(mut end: Cursor<'_>, content: usize) -> Option<Vec<(Field, Range<usize>)>> {
    let number = end.vint().filter(|number| *number <= MOST_FIELDS)?;
    let mut parts: Vec<(Field, Range<usize>)> = Vec::new();
    let mut start = 0_usize;
    for _ in 0..number {
        start = start.checked_add(usize::try_from(end.vint()?).ok()?).filter(|start| *start <= content)?;
        let field = Field::from_field_id(end.u32()?);
        let is_new = parts.iter().all(|(other, _)| *other != field);
        if end.vint()? != 0 || !is_new {
            return None;
        }
        match parts.last_mut() {
            Some((_, before)) => before.end = start,
            None if start > 0 => return None,
            None => {}
        }
        parts.push((field, start..content));
    }
    end.0.is_empty().then_some(parts)
}

/// The stored passages of a segment, in blocks that are compressed one by one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passages {
    /// The end of the blocks, where the index over them begins.
    blocks: usize,
}

impl Passages {
    /// Reads where the blocks end, and the table of the layers of the index over them.
    pub(super) fn open(file: &ChecksummedFile) -> Result<Self, String> {
        let end = body(file)?.checked_sub(STORE_END).ok_or_else(inconsistent)?;
        let mut numbers = Cursor(file.get(end..end + STORE_END)?);
        let (version, blocks, compression) = (numbers.u32(), numbers.u64(), numbers.byte());
        let blocks = blocks.and_then(|blocks| usize::try_from(blocks).ok()).filter(|blocks| *blocks <= end);
        let (Some(STORE_VERSION), Some(blocks), Some(LZ4)) = (version, blocks, compression) else {
            return Err(inconsistent());
        };
        let longest = (MOST_LAYERS as usize + 1) * 10;
        let mut table = Cursor(file.get(blocks..end.min(blocks.saturating_add(longest)))?);
        let before = table.0.len();
        let layers = table.vint().filter(|layers| *layers <= MOST_LAYERS).ok_or_else(inconsistent)?;
        let mut last = 0;
        for _ in 0..layers {
            last = table.vint().filter(|layer| *layer >= last).ok_or_else(inconsistent)?;
        }
        // The layers fill what is left.
        let start = blocks + (before - table.0.len());
        if last != (end - start) as u64 {
            return Err(inconsistent());
        }
        Ok(Self { blocks })
    }

    /// Checks a range of the file that tantivy wants to read: a block of passages begins with its size when decompressed.
    pub(super) fn check(self, file: &ChecksummedFile, wanted: &Range<usize>) -> Result<(), String> {
        if wanted.start >= self.blocks || wanted.len() < 4 {
            return Ok(());
        }
        let claimed = u32::from_le_bytes(file.array(wanted.start)?) as usize;
        let possible = wanted.len().saturating_mul(LZ4_RATIO).min(LARGEST_BLOCK);
        if claimed > possible {
            return Err(format!("a block of it can't hold {claimed} bytes"));
        }
        Ok(())
    }
}

/// Whether a list of segments makes sense.
pub(super) fn is_possible(list: &IndexMeta) -> bool {
    let mut ids = HashSet::new();
    let mut segments = list.segments.iter();
    list.index_settings == IndexSettings::default()
        && segments.all(|meta| meta.num_deleted_docs() <= meta.max_doc() && ids.insert(meta.id()))
}

/// The only stored field of a document.
pub(super) fn only_field(document: &[u8], field: Field) -> Option<&[u8]> {
    let mut document = Cursor(document);
    let is_right = document.vint()? == 1 && document.u32()? == field.field_id() && document.byte()? == BYTES;
    (is_right && document.vint()? == document.0.len() as u64).then_some(document.0)
}

/// Checks that a segment has no columns.
pub(super) fn no_columns(file: &ChecksummedFile, documents: u32) -> Result<(), String> {
    let mut empty = NO_COLUMNS;
    empty[ROWS].copy_from_slice(&documents.to_le_bytes());
    let is_empty = body(file)? == empty.len() && file.get(0..empty.len())? == empty;
    is_empty.then_some(()).ok_or_else(inconsistent)
}

/// Checks a list of deletions: the number of documents, and a bit for each.
pub(super) fn one_bit_each(file: &ChecksummedFile, documents: u32) -> Result<(), String> {
    let length = 4 + 8 * (documents as usize).div_ceil(64);
    let is_right = body(file)? == length && u32::from_le_bytes(file.array(0)?) == documents;
    is_right.then_some(()).ok_or_else(inconsistent)
}

#[cfg(test)]
mod tests {
    use tantivy::directory::OwnedBytes;

    use super::*;

    /// A file with this content, and behind it what tantivy writes behind each.
    fn file(content: &[u8]) -> ChecksummedFile {
        let end = [&b"{}"[..], &2_u32.to_le_bytes(), &MAGIC.to_le_bytes()].concat();
        ChecksummedFile::verified(OwnedBytes::new([content, &end].concat()))
    }

    #[test]
    fn numbers_end_where_they_say() {
        let vint = |bytes: &[u8]| Cursor(bytes).vint();
        assert_eq!((vint(&[0x80]), vint(&[0x7f, 0x81])), (Some(0), Some(255)));
        assert_eq!(vint(&[127, 127, 127, 127, 127, 127, 127, 127, 127, 0x81]), Some(u64::MAX));
        assert_eq!(vint(&[127, 127, 127, 127, 127, 127, 127, 127, 127, 0x82]), None);
        assert_eq!((vint(&[]), vint(&[1, 2]), vint(&[0; 20])), (None, None, None));
    }

    #[test]
    fn fields_stand_one_behind_the_other() {
        let composite = |number: u8, entries: &[[u8; 6]]| {
            let end: Vec<u8> = [number | 128].into_iter().chain(entries.concat()).collect();
            Composite::open(file(&[&[7; 10][..], &end, &(end.len() as u32).to_le_bytes()].concat()))
        };
        let entry = |after: u8, field: u8| [after | 128, field, 0, 0, 0, 128];
        let sound = composite(2, &[entry(0, 3), entry(4, 1)]).unwrap();
        let [third, first, other] = [3, 1, 2].map(|field| sound.part(Field::from_field_id(field)));
        assert_eq!((third, first, other), (Some(0..4), Some(4..10), None));
        for (number, entries) in [
            (2, &[entry(0, 3), entry(4, 3)][..]),
            (2, &[entry(0, 3), entry(11, 1)]),
            (2, &[entry(1, 3), entry(4, 1)]),
            (3, &[entry(0, 3), entry(4, 1)]),
            (1, &[entry(0, 3), entry(4, 1)]),
            (127, &[entry(0, 3)]),
        ] {
            assert!(composite(number, entries).is_err(), "{number} {entries:?}");
        }
        assert!(Composite::open(file(&[0, 0, 0, 0xff])).is_err());
        assert!(Composite::open(file(&[])).is_err());
    }

    #[test]
    fn no_block_claims_more_than_it_can_hold() {
        let store = |blocks: &[u8], index: &[u8], at: u64, compression: u8| {
            let end =
                [&STORE_VERSION.to_le_bytes()[..], &at.to_le_bytes(), &[compression], &[0; 15]].concat();
            file(&[blocks, index, &end].concat())
        };
        let block = [&200_u32.to_le_bytes()[..], &[1, 2, 3]].concat();
        let sound = store(&block, &[0x81, 0x82, 9, 9], 7, LZ4);
        let passages = Passages::open(&sound).unwrap();
        assert_eq!(passages.check(&sound, &(0..7)), Ok(()));
        let huge = store(&[&u32::MAX.to_le_bytes()[..], &[1, 2, 3]].concat(), &[0x81, 0x82, 9, 9], 7, LZ4);
        assert!(passages.check(&huge, &(0..7)).is_err());
        // Behind the blocks anything may stand.
        assert_eq!(passages.check(&huge, &(7..11)), Ok(()));
        let layers_that_lie = [1, 1, 1, 1, 1, 1, 1, 0x81, 0x82, 9, 9];
        for wrong in [
            store(&block, &[0x81, 0x83, 9, 9], 7, LZ4),
            store(&block, &[0x82, 0x82, 0x81, 9, 9], 7, LZ4),
            store(&block, &layers_that_lie, 7, LZ4),
            store(&block, &[0x81, 0x82, 9, 9], 70, LZ4),
            store(&block, &[0x81, 0x82, 9, 9], u64::MAX, LZ4),
            store(&block, &[0x81, 0x82, 9, 9], 7, 0),
        ] {
            assert!(Passages::open(&wrong).is_err());
        }
    }

    #[test]
    fn a_file_without_columns_is_known_to_the_byte() {
        let mut written = Vec::new();
        tantivy::columnar::ColumnarWriter::default().serialize(7, None, &mut written).unwrap();
        assert_eq!(no_columns(&file(&written), 7), Ok(()));
        assert!(no_columns(&file(&written), 8).is_err());
        for at in 0..written.len() {
            let mut wrong = written.clone();
            wrong[at] ^= 1;
            assert!(no_columns(&file(&wrong), 7).is_err(), "{at}");
        }
    }

    #[test]
    fn a_document_is_one_field_and_nothing_else() {
        let field = Field::from_field_id(9);
        let document = [0x81, 9, 0, 0, 0, BYTES, 0x83, 1, 2, 3];
        assert_eq!(only_field(&document, field), Some(&[1, 2, 3][..]));
        for at in 0..7 {
            let mut wrong = document;
            wrong[at] ^= 1;
            assert_eq!(only_field(&wrong, field), None, "{at}");
        }
        assert_eq!(only_field(&document[..9], field), None);
    }
}
