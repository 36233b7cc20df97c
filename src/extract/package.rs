//! A ZIP that anybody may have made: its parts by name, within limits.
//!
//! Office files, books and exports of notes are such packages. Nothing is unpacked before it is asked for, and no more
//! than a limit each and in all, whatever the archive says of itself. The format is PKWARE's APPNOTE 6.3.

use std::collections::BTreeMap;
use std::io::{Cursor, ErrorKind, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{Damaged, Draft, xml};

/// No archive has more parts; each takes some hundred bytes before anything is read.
const MOST_PARTS: usize = 100_000;

/// No part becomes larger, in bytes.
const MOST_OF_PART: u64 = 96 << 20;

/// All parts together become no larger, in bytes.
const MOST_OF_ALL: u64 = 384 << 20;

/// What is more than this many times as large as its packed bytes holds nothing but the same again and again, …
const MOST_RATIO: u64 = 400;

/// … unless it is no larger than this, in bytes.
const SMALL: u64 = 8 << 20;

/// How an OLE compound file begins: what Office wraps an encrypted document in (MS-OFFCRYPTO §2.3).
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Words for what is encrypted.
const ENCRYPTED: &str = "it is encrypted; a password isn't asked for";

/// A ZIP that is being read.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// The number of each part, by its name as [`folded`] makes it.
    numbers: BTreeMap<String, usize>,
    /// The names of the parts as they are written, but for backslashes; in order.
    names: Vec<String>,
    /// How much may still be unpacked, in bytes.
    left: u64,
    /// What was odd about parts that were read.
    warnings: Vec<String>,
}

impl<'a> Package<'a> {
    /// Reads the list of parts.
    pub(super) fn open(file: &'a [u8]) -> Result<Self, Damaged> {
        if file.starts_with(COMPOUND) {
            let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
            let encrypted = file.windows(name.len()).any(|window| window == name);
            return Err(Damaged(
                if encrypted { ENCRYPTED } else { "it is an old Office document under a newer name" }.into(),
            ));
        }
        let headers = file.windows(4).filter(|window| window == b"PK\x01\x02").count();
        if headers > MOST_PARTS {
            return Err(Damaged(format!("it is a ZIP with more than {MOST_PARTS} parts")));
        }
        let archive =
            ZipArchive::new(Cursor::new(file)).map_err(|error| Damaged(not_opened(file, &error)))?;
        let mut names = Vec::with_capacity(archive.len());
        let mut numbers = BTreeMap::new();
        for (number, name) in archive.file_names().enumerate() {
            // Some programs write `\`, against the standard (§4.4.17).
            let name = name.map(|name| name.replace('\\', "/")).unwrap_or_default();
            numbers.entry(folded(&name)).or_insert(number);
            names.push(name);
        }
        Ok(Self { archive, numbers, names, left: MOST_OF_ALL, warnings: Vec::new() })
    }

    /// The names of all parts in their order; folders end with `/`.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether there is a part of this name, whatever the case of its letters.
    pub(super) fn has(&self, name: &str) -> bool {
        self.numbers.contains_key(&folded(name))
    }

    /// The bytes of a part, whatever the case of its letters.
    pub(super) fn bytes(&mut self, name: &str) -> Result<Vec<u8>, Damaged> {
        let missing = || Damaged(format!("its part {} is missing", shown(name)));
        let number = *self.numbers.get(&folded(name)).ok_or_else(missing)?;
        self.bytes_at(number)
    }

    /// The bytes of the part with this number among the [names](Self::names). Of a damaged one, those that could be
    /// unpacked; [`Self::tell`] says so.
    pub(super) fn bytes_at(&mut self, number: usize) -> Result<Vec<u8>, Damaged> {
        let name = self.names.get(number).cloned().unwrap_or_default();
        let part = || format!("its part {}", shown(&name));
        let mut bytes = Vec::new();
        let most = MOST_OF_PART.min(self.left);
        let entry = match self.archive.by_index(number) {
            Ok(entry) => entry,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(Damaged(ENCRYPTED.into()));
            }
            Err(error) => return Err(Damaged(format!("{} can't be unpacked: {error}", part()))),
        };
        let large = SMALL.max(entry.compressed_size().saturating_mul(MOST_RATIO));
        if entry.size() > most || entry.size() > large {
            return Err(Damaged(format!("{} would unpack to {} MB", part(), entry.size() >> 20)));
        }
        let most = most.min(large);
        let read = entry.take(most + 1).read_to_end(&mut bytes);
        self.left = self.left.saturating_sub(bytes.len() as u64);
        if bytes.len() as u64 > most {
            return Err(Damaged(format!("{} unpacks to more than {} MB", part(), most >> 20)));
        }
        match read {
            Ok(_) => {}
            // The checksum is compared last; what is there may well be all.
            Err(error) if !bytes.is_empty() && error.kind() != ErrorKind::OutOfMemory => {
                let part = part();
                self.warnings.push(format!("{part} is damaged ({error}); what could be unpacked is read"));
            }
            Err(error) => return Err(Damaged(format!("{} is damaged: {error}", part()))),
        }
        Ok(bytes)
    }

    /// The text of a part that is XML.
    pub(super) fn text(&mut self, name: &str) -> Result<String, Damaged> {
        self.bytes(name).map(xml::decode)
    }

    /// Tells in a draft what was odd about the parts that were read since it was last told.
    pub(super) fn tell(&mut self, draft: &mut Draft) {
        for warning in self.warnings.drain(..) {
            draft.warn(warning);
        }
    }
}

/// A name by which parts are looked up: in lower case, with `/`, from the archive's top.
fn folded(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

/// A name as it may stand in a sentence.
fn shown(name: &str) -> String {
    name.trim_start_matches('/').chars().filter(|c| !c.is_control()).take(80).collect()
}

/// Why a file isn't a ZIP that can be read.
fn not_opened(file: &[u8], error: &ZipError) -> String {
    if file.is_empty() {
        return "it is empty".into();
    }
    if !file.starts_with(b"PK") {
        return "it isn't a ZIP archive, as such a document is".into();
    }
    match error {
        ZipError::InvalidArchive(_) => "it is damaged or cut off: its list of parts isn't there".into(),
        error => format!("its list of parts can't be read: {error}"),
    }
}

/// The path that a reference in a part leads to: from the top with `/`, else from the part's folder.
pub(super) fn joined(part: &str, target: &str) -> String {
    let mut path: Vec<&str> = match part.rsplit_once('/') {
        Some((folder, _)) if !target.starts_with(['/', '\\']) => folder.split('/').collect(),
        _ => Vec::new(),
    };
    for step in target.split(['/', '\\']) {
        match step {
            "" | "." => {}
            ".." => _ = path.pop(),
            step => path.push(step),
        }
    }
    path.join("/")
}

#[cfg(test)]
#[path = "package_tests.rs"]
mod tests;
