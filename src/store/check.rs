//! A check of a whole index: is everything as it was written, and does it fit together?
//!
//! First the checksum of every block of every file is compared. Where a segment's files are sound, each passage is read
//! and compared with the rest of the index: its vector's row, the terms by which it is found, its file in the table.
//! Nothing is changed, and no model is needed.

mod terms;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use tantivy::Index;
use tantivy::index::{SegmentComponent, SegmentMeta};

use self::terms::TermSums;
use super::directory::ReadView;
use super::first_errors::FirstErrors;
use super::schema::{self, Fields};
use super::segment::{self, Segment};
use super::snapshot::{self, Listed};
use super::tantivy_errors::{self, guard, in_index};
use super::{FileRecord, layout, lock, meta, plugin};
use crate::error::{Error, Result};
use crate::hit::StoredPassage;

/// How often a commit may come in between before the check gives up.
const TRIES: usize = 20;
/// The most findings that are listed.
const MOST_FINDINGS: usize = 1000;
/// The files that tantivy writes for every segment.
const COMPONENTS: [SegmentComponent; 6] = [
    SegmentComponent::Store,
    SegmentComponent::Terms,
    SegmentComponent::Postings,
    SegmentComponent::Positions,
    SegmentComponent::FieldNorms,
    SegmentComponent::FastFields,
];

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkup {
    /// How many files were read.
    pub files: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many segments there are.
    pub segments: u64,
    /// How many notes the table of files has.
    pub notes: u64,
    /// How many passages were read.
    pub passages: u64,
    /// The first thousand findings; empty if the index is sound.
    pub findings: Vec<Finding>,
    /// How many more things are wrong.
    pub more: u64,
    /// Whether a process was writing the index meanwhile; what was checked is what it had committed before.
    pub writing: bool,
    /// Files that no commit names, unless they may be those of a process that is writing: a writer that died left them,
    /// and the next one removes them.
    pub leftovers: Vec<PathBuf>,
}

/// One thing that is wrong with an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The damaged file of the index, or the index where no file can be named.
    pub file: PathBuf,
    /// The note that it is about, as `root/path`, if it is about one.
    pub note: Option<String>,
    /// What is wrong, as a sentence without a final period.
    pub what: String,
}

/// Checks every byte of the index at `dir`.
///
/// # Errors
///
/// [`Error::NoIndex`] if there is none, [`Error::IndexVersion`] if it has another format, [`Error::Io`] if the operating
/// system refuses to read it. Damage is no error but a [`Finding`].
pub fn check(dir: &Path) -> Result<Checkup> {
    let list = || meta::read_sealed(&dir.join(layout::SEGMENTS)).ok();
    for _ in 0..TRIES {
        let before = list();
        let checkup = IndexCheck::new(dir).run()?;
        if list() == before {
            return Ok(checkup);
        }
        // A commit in between may have removed what was about to be read; and what it wrote is nothing left over.
        if checkup.findings.is_empty() {
            return Ok(Checkup { leftovers: Vec::new(), ..checkup });
        }
    }
    Err(Error::Busy { path: dir.into(), holder: "a process that never pauses".into() })
}

/// A check in progress.
struct IndexCheck<'a> {
    dir: &'a Path,
    folder: PathBuf,
    first_errors: FirstErrors,
    checkup: Checkup,
}

/// How many of these files are notes.
fn notes_of(records: &[FileRecord]) -> u64 {
    records.iter().filter(|record| record.unread.is_none()).count() as u64
}

/// A tally of the passages of an index, to be compared with its table of files.
#[derive(Default)]
struct PassageTally {
    ids: HashSet<u128>,
    /// How many passages each file has, by its key.
    files: BTreeMap<String, u32>,
}

impl Checkup {
    /// Whether nothing is wrong but graphs, which can be built again from the rest.
    pub fn only_graphs(&self) -> bool {
        let mut findings = self.findings.iter();
        self.more == 0 && !self.findings.is_empty() && findings.all(|finding| is_graph(&finding.file))
    }
}

/// Whether a file is a segment's graph.
fn is_graph(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == plugin::GRAPH)
}

impl<'a> IndexCheck<'a> {
    fn new(dir: &'a Path) -> Self {
        let (folder, first_errors) = (dir.join(layout::SEGMENTS), FirstErrors::default());
        Self { dir, folder, first_errors, checkup: Checkup::default() }
    }

    fn run(mut self) -> Result<Checkup> {
        match layout::check(self.dir) {
            Err(error @ Error::Corrupt { .. }) => self.note(error)?,
            other => other?,
        }
        self.read(&self.dir.join(layout::MARKER));
        match self.open_list() {
            Ok(listed) => self.look(&listed)?,
            Err(error) => self.note(error)?,
        }
        Ok(self.checkup)
    }

    /// The list of segments. Where the marker is, there must be one.
    fn open_list(&mut self) -> Result<Listed> {
        let list = self.folder.join(layout::META);
        let none = |what: &'static str| {
            let list = list.clone();
            move |error| {
                if matches!(error, Error::NoIndex { .. }) { Error::corrupt(list, what) } else { error }
            }
        };
        let content = snapshot::read_meta(self.dir).map_err(none("it is missing"))?;
        self.read(&list);
        guard(&list, &self.first_errors, || {
            let view = ReadView::new(&self.folder, content, self.first_errors.clone());
            let view = view.map_err(in_index("read", &list))?;
            Listed::open(self.dir, view).map_err(none("nothing was ever committed to it"))
        })
    }

    /// Checks the table of files and all segments.
    fn look(&mut self, Listed { index, metas, manifest }: &Listed) -> Result<()> {
        let name = manifest.table.name();
        let (table, info) = (self.dir.join(&name), manifest.info(self.dir));
        let records = match manifest.table.records(self.dir) {
            Ok(records) => Some(records),
            Err(error) => {
                self.note(error)?;
                None
            }
        };
        self.read(&table);
        self.checkup.segments = metas.segments.len() as u64;
        let mut seen = Some(PassageTally::default());
        for meta in &metas.segments {
            if self.files_are_sound(meta)? {
                let found = self.segment(index, meta, seen.take());
                seen = found.or_else(|error| self.note(error).map(|()| None))?;
            } else {
                seen = None;
            }
        }
        if let Some(records) = &records {
            self.checkup.notes = notes_of(records);
            self.table(&table, records, [info.files, info.passages, info.pending], seen.as_ref());
        }
        let deleted = |meta: &SegmentMeta| meta.relative_path(SegmentComponent::Delete);
        let belongs = |file: &str| {
            let mut segments = metas.segments.iter();
            file == layout::META || segments.any(|meta| segment::belongs(file, meta.id(), &deleted(meta)))
        };
        let before = lock::is_held(self.dir);
        let leftovers = layout::leftovers(self.dir, Some(&name), belongs);
        self.checkup.writing = before || (!leftovers.is_empty() && lock::is_held(self.dir));
        if !self.checkup.writing {
            self.checkup.leftovers = leftovers;
        }
        Ok(())
    }

    /// Compares all checksums of a segment's files. Says whether all of them are sound, but for its graph.
    fn files_are_sound(&mut self, meta: &SegmentMeta) -> Result<bool> {
        let mut sound = true;
        let deleted = meta.relative_path(SegmentComponent::Delete);
        let mut names: Vec<PathBuf> =
            COMPONENTS.iter().map(|component| meta.relative_path(component.clone())).collect();
        names.extend(
            [plugin::VECTORS, plugin::SENTENCES].map(|extension| plugin::file_name(meta.id(), extension)),
        );
        names.extend(meta.has_deletes().then(|| deleted.clone()));
        // There may be more that a segment can be without.
        let listed = fs::read_dir(&self.folder).map_err(Error::io("read", &self.folder))?.flatten();
        let more = listed
            .map(|entry| entry.file_name())
            .filter(|name| name.to_str().is_some_and(|name| segment::belongs(name, meta.id(), &deleted)));
        names.extend(more.map(PathBuf::from));
        names.sort();
        names.dedup();
        let view = ReadView::new(&self.folder, Vec::new().into(), FirstErrors::default());
        let view = view.map_err(in_index("read", self.dir))?;
        for name in names {
            let path = self.folder.join(&name);
            match view.file(&name) {
                Ok(file) => {
                    if let Err(damage) = file.verify() {
                        sound &= is_graph(&name);
                        self.find(&path, None, damage.to_string());
                    }
                }
                Err(error) => {
                    sound &= is_graph(&name);
                    let error = tantivy::TantivyError::from(error);
                    if tantivy_errors::is_missing(&error) {
                        self.find(&path, None, "it is missing".into());
                    } else {
                        self.note(in_index("read", &path)(error))?;
                    }
                }
            }
            self.read(&path);
        }
        Ok(sound)
    }

    /// Checks all passages of a segment whose files are sound. Gives the passages so far with its own, unless some can't
    /// be read.
    fn segment(
        &mut self,
        index: &Index,
        meta: &SegmentMeta,
        seen: Option<PassageTally>,
    ) -> Result<Option<PassageTally>> {
        let fields = Fields::of(&index.schema()).map_err(in_index("read", self.dir))?;
        let store = self.folder.join(meta.relative_path(SegmentComponent::Store));
        let opened = index.segment(meta.clone());
        let view = ReadView::new(&self.folder, Vec::new().into(), self.first_errors.clone());
        let view = view.map_err(in_index("read", self.dir))?;
        let (dir, first_errors) = (self.dir, self.first_errors.clone());
        guard(dir, &first_errors, || {
            let failed = in_index("read", dir);
            let segment = Segment::open(&view, 0, &opened, &fields).map_err(&failed)?;
            let graph = store.with_extension(plugin::GRAPH);
            if !self.checkup.findings.iter().any(|finding| finding.file == graph)
                && let Some(what) = segment.wrong_with_graph()
            {
                self.find(&graph, None, what);
            }
            segment.read_terms(&fields).map_err(&failed)?;
            let terms = TermSums::of(&segment, &fields).map_err(&failed)?;
            let mut seen = seen;
            for doc in (0..segment.reader.max_doc()).filter(|&doc| segment.accept(None).contains(doc)) {
                let stored = match segment.passage(dir, &fields, doc) {
                    Ok(stored) => stored,
                    Err(error) => {
                        self.note(error)?;
                        seen = None;
                        continue;
                    }
                };
                self.checkup.passages += 1;
                self.passage(&segment, doc, &stored, &terms, &store)?;
                let key = schema::file_key(&stored.root, &stored.path);
                if let Some(seen) = &mut seen {
                    if !seen.ids.insert(stored.id.0) {
                        let what = format!("the passage #{} is in the index twice", stored.id.digits());
                        self.find(&store, Some(&key), what);
                    }
                    *seen.files.entry(key).or_default() += 1;
                }
            }
            Ok(seen)
        })
    }

    /// Compares a passage with its vector and its terms.
    fn passage(
        &mut self,
        segment: &Segment,
        doc: u32,
        stored: &StoredPassage,
        terms: &TermSums,
        store: &Path,
    ) -> Result<()> {
        let note = schema::file_key(&stored.root, &stored.path);
        segment.vectors(|vectors| vectors.vector(doc as usize).map(drop))?;
        segment.part_vectors(|file| file.bytes(doc as usize).map(drop))?;
        let passage = &stored.passage;
        let ends = passage.sentences.iter().chain([&passage.content]).map(|part| part.end as usize);
        if ends.max().unwrap_or(0) > passage.text.len() {
            let what = format!("the passage #{} has parts beyond its text", stored.id.digits());
            self.find(store, Some(&note), what);
        }
        for what in terms.wrong(doc, stored) {
            let what = format!("the passage #{} isn't found by its {what}", stored.id.digits());
            self.find(&store.with_extension("idx"), Some(&note), what);
        }
        Ok(())
    }

    /// Compares the table of files with the manifest's totals and, if all were read, with the passages.
    fn table(&mut self, table: &Path, records: &[FileRecord], totals: [u64; 3], seen: Option<&PassageTally>) {
        let key = |record: &FileRecord| (record.root.clone(), record.path.clone());
        for pair in records.windows(2).filter(|pair| key(&pair[0]) >= key(&pair[1])) {
            let note = schema::file_key(&pair[1].root, &pair[1].path);
            self.find(table, Some(&note), "it stands in the wrong place or twice".into());
        }
        let notes = notes_of(records);
        let passages = records.iter().map(|record| u64::from(record.passages)).sum();
        let pending = records.iter().filter(|record| record.pending).count() as u64;
        let has = [(notes, "files"), (passages, "passages"), (pending, "files without vectors")];
        for ((has, what), says) in has.into_iter().zip(totals) {
            if has != says {
                self.find(table, None, format!("it has {has} {what}, and the list of segments says {says}"));
            }
        }
        let Some(seen) = seen else { return };
        let mut left: BTreeMap<&str, u32> =
            seen.files.iter().map(|(key, passages)| (key.as_str(), *passages)).collect();
        for record in records {
            let note = schema::file_key(&record.root, &record.path);
            let has = left.remove(note.as_str()).unwrap_or(0);
            if has != record.passages {
                let what = format!("it says {} passages, and the segments have {has}", record.passages);
                self.find(table, Some(&note), what);
            }
        }
        for (note, passages) in left {
            let what = format!("it doesn't have this note, of which the segments have {passages} passages");
            self.find(table, Some(note), what);
        }
    }

    /// Counts a file that was read.
    fn read(&mut self, path: &Path) {
        if let Ok(metadata) = fs::metadata(path) {
            self.checkup.files += 1;
            self.checkup.bytes += metadata.len();
        }
    }

    /// Makes damage a finding; any other error remains one.
    fn note(&mut self, error: Error) -> Result<()> {
        match error {
            Error::Corrupt { path, what } => {
                self.find(&path, None, what);
                Ok(())
            }
            other => Err(other),
        }
    }

    fn find(&mut self, file: &Path, note: Option<&str>, what: String) {
        if self.checkup.findings.len() < MOST_FINDINGS {
            let (file, note) = (file.into(), note.map(str::to_owned));
            self.checkup.findings.push(Finding { file, note, what });
        } else {
            self.checkup.more += 1;
        }
    }
}
