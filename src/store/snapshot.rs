//! One committed state of an index, opened for reading.
//!
//! Opening maps the segments and reads no more than their ends; nothing is written, so it works on read-only
//! media. A writer may commit and clean up at any time: what is opened stays readable.

mod near;
mod vectors;

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tantivy::index::{IndexMeta, SegmentId};
use tantivy::schema::IndexRecordOption;
use tantivy::{Index, Term};

use super::bm25f::{FIELDS, FieldLength};
use super::directory::ReadView;
use super::first_errors::{DamagedFile, FirstErrors};
use super::manifest::Manifest;
use super::record::{FileRecord, IndexInfo};
use super::row::Address;
use super::schema::{self, Fields};
use super::segment::Segment;
use super::tantivy_errors::{self, guard, in_index};
use super::{layout, meta, structure};
use crate::document::{EmbeddedHash, NotePath, PassageId};
use crate::error::{Error, NotFound, Result};
use crate::hit::{Row, StoredPassage};
use crate::words::Language;

/// How often a commit may come between reading the list of segments and opening them, before opening gives up.
const TRIES: usize = 100;

/// The fewest digits of a short id.
const FEWEST_DIGITS: usize = schema::ID_DIGITS;

/// One committed state of an index.
#[derive(Debug)]
pub struct Snapshot {
    dir: PathBuf,
    /// The file that names all others, as it was when the snapshot was opened.
    meta: Arc<[u8]>,
    manifest: Manifest,
    info: IndexInfo,
    fields: Fields,
    segments: Vec<Segment>,
    /// The first errors that were seen.
    first_errors: FirstErrors,
    /// The table of files, opened at once so that no later commit can remove it, read only when asked for.
    table: Mutex<File>,
    /// How long the fields are, once a question has been asked.
    lengths: OnceLock<[FieldLength; FIELDS]>,
    /// The languages of its notes but for English, once a question has been asked.
    languages: OnceLock<Vec<Language>>,
    /// The hashes of what was embedded, once they have been asked for: of each document of each segment.
    embedded: OnceLock<Vec<Vec<EmbeddedHash>>>,
    /// The documents of each segment whose vectors are pending, once a question has been asked.
    pending: OnceLock<Vec<BTreeSet<u32>>>,
    /// The lengths and times of its files, once it was asked whether it is current.
    stamps: OnceLock<Vec<layout::Stamp>>,
}

/// The outcome of an attempt to open an index, if it isn't an error.
enum Attempt {
    /// All files were there.
    Opened(Box<Snapshot>),
    /// A file was missing: a commit came between, or the index is damaged.
    Missing(Error),
}

impl Snapshot {
    /// Opens the last committed state of the index at `dir`.
    ///
    /// # Errors
    ///
    /// [`Error::NoIndex`] if there is no index or nothing was ever committed to it, [`Error::IndexVersion`]
    /// if it has another format, [`Error::Corrupt`] if it is damaged.
    pub fn open(dir: &Path) -> Result<Self> {
        layout::check(dir)?;
        let mut last: Option<Arc<[u8]>> = None;
        for _ in 0..TRIES {
            let meta = read_meta(dir)?;
            let first_errors = FirstErrors::default();
            match guard(dir, &first_errors, || Self::attempt(dir, &meta, first_errors.clone()))? {
                Attempt::Opened(snapshot) => return Ok(*snapshot),
                Attempt::Missing(error) if last.as_ref() == Some(&meta) => return Err(error),
                Attempt::Missing(_) => last = Some(meta),
            }
        }
        Err(Error::Busy { path: dir.into(), holder: "a process that never pauses".into() })
    }

    /// Opens the state that a copy of `meta.json` describes.
    fn attempt(dir: &Path, meta: &Arc<[u8]>, first_errors: FirstErrors) -> Result<Attempt> {
        let failed = in_index("read", dir);
        let folder = dir.join(layout::SEGMENTS);
        let view = ReadView::new(&folder, meta.clone(), first_errors.clone()).map_err(&failed)?;
        let Listed { index, manifest, .. } = Listed::open(dir, view.clone())?;
        let info = manifest.info(dir);
        let fields = Fields::of(&index.schema()).map_err(&failed)?;
        let table = match manifest.table.open(dir) {
            Ok(table) => table,
            Err(missing @ Error::Corrupt { .. }) => return Ok(Attempt::Missing(missing)),
            Err(error) => return Err(error),
        };
        let mut segments = Vec::new();
        for (number, segment) in (0..).zip(index.searchable_segments().map_err(&failed)?) {
            match Segment::open(&view, number, &segment, &fields) {
                Ok(segment) => segments.push(segment),
                Err(error) if tantivy_errors::is_missing(&error) => {
                    return Ok(Attempt::Missing(failed(error)));
                }
                Err(error) => return Err(failed(error)),
            }
        }
        let living: u64 = segments.iter().map(|segment| u64::from(segment.reader.num_docs())).sum();
        if living != info.passages {
            let what = format!("it has {living} passages instead of {}", info.passages);
            return Err(Error::corrupt(dir, what));
        }
        Ok(Attempt::Opened(Box::new(Self {
            dir: dir.into(),
            meta: meta.clone(),
            manifest,
            info,
            fields,
            segments,
            first_errors,
            table: Mutex::new(table),
            lengths: OnceLock::new(),
            languages: OnceLock::new(),
            embedded: OnceLock::new(),
            pending: OnceLock::new(),
            stamps: OnceLock::new(),
        })))
    }

    /// The folder that the index lies in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether the index is still in this state. It takes far less time than opening it: two small files are read, and the
    /// lengths and times of others compared with those that they had when this was asked first. Files that somebody wrote
    /// over can't be read on: what was cut off is no memory any more.
    pub fn is_current(&self) -> bool {
        let is_same = || {
            layout::stamps(&self.dir, |name| self.owns(name))
                .is_some_and(|now| *self.stamps.get_or_init(|| now.clone()) == now)
        };
        layout::check(&self.dir).is_ok()
            && read_meta(&self.dir).is_ok_and(|meta| meta == self.meta)
            && is_same()
    }

    /// The description of the index.
    pub fn info(&self) -> &IndexInfo {
        &self.info
    }

    /// Whether a file in the folder of segments is part of the snapshot.
    pub(super) fn owns(&self, name: &str) -> bool {
        name == layout::META || self.segments.iter().any(|segment| segment.owns(name))
    }

    /// Its segments.
    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The manifest of the commit.
    pub(super) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The fields of its schema.
    pub(super) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// How long the fields are, as counted once.
    pub(super) fn field_lengths_or(
        &self,
        count: impl FnOnce() -> Result<[FieldLength; FIELDS]>,
    ) -> Result<[FieldLength; FIELDS]> {
        if let Some(lengths) = self.lengths.get() {
            return Ok(*lengths);
        }
        let counted = count()?;
        Ok(*self.lengths.get_or_init(|| counted))
    }

    /// The languages of its notes, as looked up once.
    pub(super) fn languages_or(&self, find: impl FnOnce() -> Result<Vec<Language>>) -> Result<Vec<Language>> {
        if let Some(languages) = self.languages.get() {
            return Ok(languages.clone());
        }
        let found = find()?;
        Ok(self.languages.get_or_init(|| found).clone())
    }

    /// The passages of some rows, in the same order.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for a row of another snapshot; [`Error::Corrupt`] or [`Error::Io`] if the index can't
    /// be read.
    pub fn passages(&self, rows: &[Row]) -> Result<Vec<StoredPassage>> {
        rows.iter().map(|&row| self.passage(row)).collect()
    }

    fn passage(&self, row: Row) -> Result<StoredPassage> {
        self.guarded(|| {
            let (segment, doc) = self.locate(row)?;
            segment.passage(&self.dir, &self.fields, doc)
        })
    }

    /// Reads all that a merge of some segments will read unchecked.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] or [`Error::Io`] if it can't be read.
    pub(super) fn read_through(&self, chosen: &[SegmentId]) -> Result<()> {
        let mut segments =
            self.segments.iter().filter(|segment| chosen.contains(&segment.reader.segment_id()));
        segments.try_for_each(|segment| self.guarded(|| segment.read_through(&self.dir, &self.fields)))
    }

    /// The passages of a file, in the order of their spans.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] or [`Error::Io`] if the index can't be read.
    pub fn passages_of(&self, root: &str, path: &NotePath) -> Result<Vec<StoredPassage>> {
        let mut passages = self.passages(&self.rows_of(root, path)?)?;
        passages.sort_by_key(|stored| (stored.passage.span, stored.id));
        Ok(passages)
    }

    /// The rows of a file's passages, in no particular order.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] or [`Error::Io`] if the index can't be read.
    pub fn rows_of(&self, root: &str, path: &NotePath) -> Result<Vec<Row>> {
        self.rows(&self.fields.file_term(root, path))
    }

    /// A passage of each note that a link may call `key`, in the order of root and path; none if there are more than
    /// `most` such notes.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] or [`Error::Io`] if the index can't be read.
    pub fn notes_called(&self, key: &str, most: usize) -> Result<Vec<StoredPassage>> {
        let rows = self.rows(&Term::from_field_text(self.fields.called, key))?;
        let (mut known, mut notes) = (BTreeSet::new(), Vec::new());
        for row in rows {
            if known.contains(&row) {
                continue;
            }
            if notes.len() == most {
                return Ok(Vec::new());
            }
            let note = self.passage(row)?;
            known.extend(self.rows_of(&note.root, &note.path)?);
            notes.push(note);
        }
        notes.sort_by(|a, b| (&a.root, &a.path).cmp(&(&b.root, &b.path)));
        Ok(notes)
    }

    /// Those of some rows whose passages link to notes or whose notes have other names, in the same order.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] or [`Error::Io`] if the index can't be read.
    pub fn labelled(&self, rows: &[Row]) -> Result<Vec<Row>> {
        let term = Term::from_field_text(self.fields.links, schema::LABELLED);
        let mut ascending = rows.to_vec();
        ascending.sort_unstable();
        self.read(|| {
            let mut found = BTreeSet::new();
            for segment in &self.segments {
                let Some(mut postings) = segment.postings(&term, IndexRecordOption::Basic)? else { continue };
                for &row in &ascending {
                    let Address { segment: number, doc } = row.into();
                    if number == segment.number && postings.seek(doc) == doc {
                        found.insert(row);
                    }
                }
            }
            Ok(rows.iter().copied().filter(|row| found.contains(row)).collect())
        })
    }

    /// The passages that link to notes that are called `key`, in the order of root, path and place. Whether a link leads
    /// to one of several notes of that name isn't looked at.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] or [`Error::Io`] if the index can't be read.
    pub fn passages_linking(&self, key: &str) -> Result<Vec<StoredPassage>> {
        let mut passages = self.passages(&self.rows(&Term::from_field_text(self.fields.links, key))?)?;
        passages.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        Ok(passages)
    }

    /// The passages whose ids begin with these digits, in the order of their ids, at most `limit`.
    ///
    /// A leading `#` and capitals don't matter.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] or [`Error::Io`] if the index can't be read.
    pub fn with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<StoredPassage>> {
        let prefix = prefix.trim_start_matches('#').to_ascii_lowercase();
        let mut found = self.read(|| self.ids_from(&prefix, limit))?;
        found.sort_unstable();
        found.into_iter().take(limit).map(|(_, row)| self.passage(row)).collect()
    }

    /// Of each of some ids the first digits, at least eight, that no other passage's id begins with.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] or [`Error::Io`] if the index can't be read.
    pub fn short_ids(&self, ids: &[PassageId]) -> Result<Vec<String>> {
        ids.iter().map(|&id| self.short_id(id)).collect()
    }

    fn short_id(&self, id: PassageId) -> Result<String> {
        let digits = id.digits();
        let similar = self.read(|| self.ids_from(&digits[..FEWEST_DIGITS], usize::MAX))?;
        let shared = |other: &str| digits.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
        let others = similar.iter().filter(|(other, _)| *other != digits);
        let longest = others.map(|(other, _)| shared(other) + 1).max().unwrap_or(0);
        Ok(digits[..longest.clamp(FEWEST_DIGITS, digits.len())].to_owned())
    }

    /// The table of files, sorted by root and path.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] or [`Error::Io`] if the table can't be read.
    pub fn files(&self) -> Result<Vec<FileRecord>> {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        self.manifest.table.read(&self.dir.join(self.manifest.table.name()), &table)
    }

    /// How many bytes the index takes on the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder can't be read.
    pub fn size_bytes(&self) -> Result<u64> {
        layout::size(&self.dir)
    }

    /// The living ids that begin with these digits, with their rows; of each segment at least the first `limit`.
    fn ids_from(&self, prefix: &str, limit: usize) -> tantivy::Result<Vec<(String, Row)>> {
        let mut found = Vec::new();
        for segment in &self.segments {
            let ids = segment.dictionary(self.fields.id)?;
            let before = found.len();
            let begin = prefix.as_bytes().get(..schema::ID_DIGITS).unwrap_or(prefix.as_bytes());
            ids.walk_beginning(begin, |_, info| {
                if found.len() - before >= limit {
                    return Ok(false);
                }
                for row in segment.living(ids.postings(info, IndexRecordOption::Basic)?) {
                    let digits = segment.id(Address::from(row).doc)?.digits();
                    found.extend(digits.starts_with(prefix).then_some((digits, row)));
                }
                Ok(true)
            })?;
        }
        Ok(found)
    }

    /// The living rows that have a term.
    fn rows(&self, term: &Term) -> Result<Vec<Row>> {
        self.read(|| {
            let mut rows = Vec::new();
            for segment in &self.segments {
                rows.extend(segment.rows(term)?);
            }
            Ok(rows)
        })
    }

    /// The segment of a row and its document there, if the row is one of this snapshot's.
    pub(super) fn locate(&self, row: Row) -> Result<(&Segment, u32)> {
        let Address { segment, doc } = row.into();
        let found = self.segments.get(segment as usize).filter(|segment| doc < segment.reader.max_doc());
        found
            .map(|segment| (segment, doc))
            .ok_or_else(|| NotFound::Row { row: format!("{segment}:{doc}") }.into())
    }

    /// Runs a query of tantivy.
    pub(super) fn read<T>(&self, ask: impl FnOnce() -> tantivy::Result<T>) -> Result<T> {
        self.guarded(|| ask().map_err(in_index("read", &self.dir)))
    }

    /// Runs a query that may find damage: a panic is an error, and so is damage that tantivy swallows.
    pub(super) fn guarded<T>(&self, read: impl FnOnce() -> Result<T>) -> Result<T> {
        guard(&self.dir, &self.first_errors, read)
    }
}

/// A copy of the list of segments, taken apart.
pub(super) struct Listed {
    /// tantivy's side of the index.
    pub(super) index: Index,
    /// The segments.
    pub(super) metas: IndexMeta,
    /// The manifest of the commit.
    pub(super) manifest: Manifest,
}

impl Listed {
    /// Reads the list of the index at `dir` through a view that has it.
    ///
    /// [`Error::NoIndex`] if it is none of a commit; damage names the list.
    pub(super) fn open(dir: &Path, view: ReadView) -> Result<Self> {
        let list = view.folder().join(layout::META);
        let failed = in_index("read", &list);
        let index = Index::open(view).map_err(&failed)?;
        let metas = index.load_metas().map_err(&failed)?;
        let payload = metas.payload.as_ref().ok_or_else(|| Error::NoIndex { path: dir.into() })?;
        let manifest = Manifest::from_payload(dir, payload)?;
        if index.schema() != schema::schema(manifest.dim()) {
            return Err(Error::corrupt(list, "its fields aren't those of its format"));
        }
        if !structure::is_possible(&metas) {
            return Err(Error::corrupt(list, structure::inconsistent()));
        }
        Ok(Self { index, metas, manifest })
    }
}

/// A copy of the current list of segments.
pub(super) fn read_meta(dir: &Path) -> Result<Arc<[u8]>> {
    let folder = dir.join(layout::SEGMENTS);
    meta::read(&folder).map(Into::into).map_err(|error| match DamagedFile::in_error(&error) {
        Some(damaged) => damaged.clone().into(),
        None if error.kind() == io::ErrorKind::NotFound => Error::NoIndex { path: dir.into() },
        None => Error::io("read", folder.join(layout::META))(error),
    })
}
