//! One run: notes that changed go through parse, chunk and embed into the writer, batch by batch.

use std::collections::{BTreeMap, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

use rayon::prelude::*;

use super::Walked;
use super::plan::{Plan, plan, settled};
use super::report::{FileWarning, IndexReport, KeptRoot, Skipped};
use super::roots::Scope;
use crate::chunk::{self, Limits};
use crate::document::{ContentHash, Document, NotePath, Passage, PassageId, Root};
use crate::embed::Embedder;
use crate::error::{Error, Result};
use crate::parse;
use crate::progress::Progress;
use crate::store::{FileRecord, NewFile, NewPassage, Vector, Writer};
use crate::walk::{self, Found, Reason, Walk};

/// A batch of notes is parsed in parallel and held in memory until its passages are stored.
const BATCH_FILES: usize = 256;
const BATCH_BYTES: u64 = 8 << 20;
/// Passages are embedded this many at a time; after each slice the run can be interrupted.
const SLICE: usize = 32;

/// The state of one run of `qsearch index`.
pub(super) struct Run<'a> {
    writer: Writer,
    embedder: &'a dyn Embedder,
    progress: &'a dyn Progress,
    limits: Limits,
    max_bytes: u64,
    known: BTreeMap<String, BTreeMap<NotePath, FileRecord>>,
    report: IndexReport,
}

/// A note of a batch after reading.
enum Read {
    /// Its content is what the index has, whatever its modification time says.
    Same(FileRecord),
    /// It can't be taken.
    Skipped(Reason),
    /// It wasn't looked at, for the run is to end.
    Cancelled,
    /// It has to be indexed.
    Note(Box<Note>),
}

/// A note that has to be indexed.
struct Note {
    record: FileRecord,
    document: Document,
    passages: Vec<Passage>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        writer: Writer,
        embedder: &'a dyn Embedder,
        progress: &'a dyn Progress,
        limits: Limits,
        max_bytes: u64,
    ) -> Result<Self> {
        let mut known: BTreeMap<String, BTreeMap<NotePath, FileRecord>> = BTreeMap::new();
        if let Some(snapshot) = writer.snapshot() {
            for record in snapshot.files()? {
                known.entry(record.root.clone()).or_default().insert(record.path.clone(), record);
            }
        }
        Ok(Self { writer, embedder, progress, limits, max_bytes, known, report: IndexReport::default() })
    }

    /// Brings every walked scope up to date.
    pub(super) fn refresh(&mut self, walks: Vec<Walked>) -> Result<()> {
        let mut work: BTreeMap<String, Vec<Found>> = BTreeMap::new();
        for (scope, walked) in walks {
            if let Some(plan) = self.plan(&scope, walked) {
                self.report.unchanged += plan.unchanged;
                for path in &plan.gone {
                    self.writer.remove(&scope.root.name, path)?;
                }
                self.report.removed += plan.gone.len() as u64;
                work.entry(scope.root.name).or_default().extend(plan.read);
            }
        }
        let notes = || work.values().flatten();
        self.progress.planned(notes().count() as u64, notes().map(|note| note.size).sum());
        for (root, notes) in work {
            for batch in batches(notes) {
                self.batch(&root, batch)?;
            }
        }
        Ok(())
    }

    /// Makes everything visible in one step.
    pub(super) fn commit(mut self, roots: Vec<Root>) -> Result<IndexReport> {
        self.progress.storing();
        if self.progress.cancelled() {
            return Err(Error::Interrupted);
        }
        self.writer.set_roots(roots);
        let info = self.writer.commit()?;
        self.report.files = info.files;
        self.report.passages = info.passages;
        Ok(self.report)
    }

    /// What is to be done in a scope; `None` if it can't be looked at and has to stay as it is.
    fn plan(&mut self, scope: &Scope, walked: Result<Walk>) -> Option<Plan> {
        let known = self.known.get(&scope.root.name);
        let known: BTreeMap<NotePath, FileRecord> = known.map_or_else(BTreeMap::new, |known| {
            scope.of(known).map(|(path, record)| (path.clone(), record.clone())).collect()
        });
        let walk = match walked {
            Ok(walk) if walk.files.is_empty() && scope.part.is_none() && !known.is_empty() => {
                let unreadable = walk.skipped.iter().any(|skipped| skipped.reason.is_failure());
                let why = if unreadable { "none of its notes can be read" } else { KeptRoot::EMPTIED };
                for skipped in walk.skipped {
                    let path = skipped.path;
                    self.skip(&scope.root.name, path, &skipped.reason);
                }
                return self.keep(scope, why.into(), known.len());
            }
            Ok(walk) => walk,
            Err(Error::Io { source, .. }) => {
                return self.keep(scope, crate::error::plain(&source), known.len());
            }
            Err(error) => return self.keep(scope, error.to_string(), known.len()),
        };
        let mut unreadable = Vec::new();
        for skipped in walk.skipped {
            if skipped.reason.is_failure() {
                unreadable.push(skipped.path.clone());
            }
            self.skip(&scope.root.name, skipped.path, &skipped.reason);
        }
        Some(plan(walk.files, &known, &unreadable))
    }

    fn keep(&mut self, scope: &Scope, why: String, files: usize) -> Option<Plan> {
        let (name, path) = (scope.root.name.clone(), scope.path());
        self.report.kept.push(KeptRoot { name, path, why, files: files as u64 });
        None
    }

    fn skip(&mut self, root: &str, path: NotePath, reason: &Reason) {
        self.report.skipped.push(Skipped {
            root: root.to_owned(),
            path,
            reason: reason.to_string(),
            class: reason.class(),
            failure: reason.is_failure(),
        });
    }

    fn batch(&mut self, root: &str, notes: Vec<Found>) -> Result<()> {
        let this = &*self;
        let read: Vec<Read> = notes.par_iter().map(|note| this.read(root, note)).collect();
        if self.progress.cancelled() {
            return Err(Error::Interrupted);
        }
        let mut new = Vec::new();
        for (note, read) in notes.into_iter().zip(read) {
            self.progress.parsed(1, note.size);
            match read {
                Read::Same(record) => {
                    self.report.unchanged += 1;
                    self.writer.touch(record)?;
                }
                Read::Cancelled => return Err(Error::Interrupted),
                Read::Skipped(reason) => {
                    if matches!(reason, Reason::Vanished | Reason::Binary)
                        && self.record(root, &note.path).is_some()
                    {
                        self.report.removed += 1;
                        self.writer.remove(root, &note.path)?;
                    }
                    self.skip(root, note.path, &reason);
                }
                Read::Note(note) => {
                    let path = &note.record.path;
                    self.report.warnings.extend(note.record.warnings.iter().map(|what| FileWarning {
                        root: root.to_owned(),
                        path: path.clone(),
                        what: what.clone(),
                    }));
                    new.push(*note);
                }
            }
        }
        let hashes: Vec<(ContentHash, &Passage)> = new
            .iter()
            .flat_map(|note| &note.passages)
            .map(|passage| (ContentHash::of(passage.embedded_text().as_bytes()), passage))
            .collect();
        let vectors = self.vectors(&hashes)?;
        let mut hashes = hashes.into_iter().map(|(hash, _)| hash).collect::<Vec<_>>().into_iter();
        for note in new {
            let hashes = hashes.by_ref().take(note.passages.len()).collect();
            self.put(note, hashes, &vectors)?;
        }
        Ok(())
    }

    fn record(&self, root: &str, path: &NotePath) -> Option<&FileRecord> {
        self.known.get(root)?.get(path)
    }

    fn read(&self, root: &str, note: &Found) -> Read {
        if self.progress.cancelled() {
            return Read::Cancelled;
        }
        let read_at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i64);
        let bytes = match walk::read(note, self.max_bytes) {
            Ok(bytes) => bytes,
            Err(reason) => return Read::Skipped(reason),
        };
        let hash = ContentHash::of(&bytes);
        let (size, mtime_ns) = (bytes.len() as u64, settled(note.modified_ns, read_at));
        if let Some(known) = self.record(root, &note.path).filter(|known| known.hash == hash) {
            return Read::Same(FileRecord { size, mtime_ns, ..known.clone() });
        }
        let (document, warnings) = parse::parse(&note.path, &bytes);
        let tokens = |text: &str| self.embedder.token_ends(text);
        let passages = chunk::chunk(&document, &tokens, &self.limits);
        let record = FileRecord {
            root: root.to_owned(),
            path: note.path.clone(),
            size,
            mtime_ns,
            hash,
            passages: passages.len() as u32,
            warnings: warnings.iter().map(ToString::to_string).collect(),
        };
        Read::Note(Box::new(Note { record, document, passages }))
    }

    /// The vector of each distinct text: from the index if it is there, else from the model.
    fn vectors(&mut self, texts: &[(ContentHash, &Passage)]) -> Result<HashMap<ContentHash, Vector>> {
        let mut vectors = HashMap::new();
        let mut missing: BTreeMap<ContentHash, &Passage> = BTreeMap::new();
        for (hash, passage) in texts {
            if vectors.contains_key(hash) || missing.contains_key(hash) {
                self.report.reused += 1;
            } else if let Some(vector) = self.writer.vector_of(hash)? {
                self.report.reused += 1;
                vectors.insert(*hash, vector);
            } else {
                missing.insert(*hash, passage);
            }
        }
        self.progress.chunked(missing.len() as u64);
        let missing: Vec<(ContentHash, String)> =
            missing.into_iter().map(|(hash, passage)| (hash, passage.embedded_text())).collect();
        for slice in missing.chunks(SLICE) {
            if self.progress.cancelled() {
                return Err(Error::Interrupted);
            }
            let texts: Vec<&str> = slice.iter().map(|(_, text)| text.as_str()).collect();
            let embedded = self.embedder.embed_passages(&texts)?;
            for ((hash, _), vector) in slice.iter().zip(embedded) {
                vectors.insert(*hash, Vector::quantise(&vector));
            }
            self.report.embedded += slice.len() as u64;
            self.progress.embedded(slice.len() as u64);
        }
        Ok(vectors)
    }

    fn put(
        &mut self,
        note: Note,
        hashes: Vec<ContentHash>,
        vectors: &HashMap<ContentHash, Vector>,
    ) -> Result<()> {
        let Note { record, document, passages } = note;
        if self.record(&record.root, &record.path).is_some() {
            self.report.changed += 1;
        } else {
            self.report.added += 1;
        }
        let mut occurrences: HashMap<ContentHash, u32> = HashMap::new();
        let passages = passages.into_iter().zip(hashes).map(|(passage, embedded)| {
            let occurrence = occurrences.entry(embedded).or_default();
            let id = PassageId::new(&record.root, &record.path, &passage.embedded_text(), *occurrence);
            *occurrence += 1;
            NewPassage { id, passage, embedded, vector: vectors[&embedded].clone() }
        });
        let passages = passages.collect();
        let Document { title, tags, date, .. } = document;
        self.writer.put(NewFile { record, title, tags, date, passages })
    }
}

/// Cuts the notes into batches that fit in memory.
fn batches(notes: Vec<Found>) -> Vec<Vec<Found>> {
    let mut batches: Vec<Vec<Found>> = Vec::new();
    let mut bytes = 0;
    for note in notes {
        bytes += note.size;
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_FILES && bytes <= BATCH_BYTES => batch.push(note),
            _ => {
                bytes = note.size;
                batches.push(vec![note]);
            }
        }
    }
    batches
}
