//! Storing, on a thread of its own: what was read becomes changes of the index, and counts.

use std::collections::HashMap;
use std::sync::mpsc::Receiver;

use super::ahead::File;
use super::known::{KnownFiles, is_read};
use super::pace::Pace;
use super::read::ReadItem;
use super::report::{FileWarning, IndexReport};
use super::vectors::StoredVectors;
use crate::document::{EmbeddedHash, NotePath};
use crate::error::Result;
use crate::store::{FileRecord, NewFile, NewPassage, StoreWriter};
use crate::walk::Reason;

/// Parts with the vectors of their passages.
pub(super) type Batch = (Vec<ReadItem>, HashMap<EmbeddedHash, StoredVectors>);

/// Gives what was found to the writer, and counts.
pub(super) struct Storing<'a> {
    writer: &'a mut dyn StoreWriter,
    known: &'a KnownFiles,
    report: &'a mut IndexReport,
    pace: &'a mut Pace,
    /// How many numbers a vector has.
    dim: usize,
    /// What there is to be told of the file at hand.
    file: IndexReport,
    /// Whether that file is to be read again, and told of then: vectors are pending, or it wasn't read.
    is_unfinished: bool,
    /// The files that are to be read again.
    again: Vec<File>,
}

impl<'a> Storing<'a> {
    pub(super) fn new(
        writer: &'a mut dyn StoreWriter,
        known: &'a KnownFiles,
        report: &'a mut IndexReport,
        pace: &'a mut Pace,
        dim: usize,
    ) -> Self {
        let file = IndexReport::default();
        Self { writer, known, report, pace, dim, file, is_unfinished: false, again: Vec::new() }
    }

    /// Stores all that comes. Gives back the files that are to be read again.
    pub(super) fn run(mut self, batches: Receiver<Batch>) -> Result<Vec<File>> {
        batches.into_iter().try_for_each(|(parts, vectors)| {
            parts.into_iter().try_for_each(|part| self.store(part, &vectors))
        })?;
        Ok(self.again)
    }

    /// Ends a file, and commits what there is if it is time to. The notes of an archive are committed together, for each
    /// has the archive's hash, by which all of them count as read.
    fn end_file(&mut self, file: File) -> Result<()> {
        let (told, is_done) = (std::mem::take(&mut self.file), !std::mem::take(&mut self.is_unfinished));
        if is_done {
            self.report.add(told);
        } else {
            self.again.push(file);
        }
        self.pace.store(is_done);
        if self.pace.is_due() {
            self.writer.checkpoint(self.pace.waiting)?;
            self.pace.committed(self.writer.pending().unwrap_or(0));
        }
        Ok(())
    }

    fn store(&mut self, part: ReadItem, vectors: &HashMap<EmbeddedHash, StoredVectors>) -> Result<()> {
        match part {
            ReadItem::End(file) => self.end_file(file),
            ReadItem::Later => {
                self.is_unfinished = true;
                Ok(())
            }
            ReadItem::Same(record) => {
                if let Some(why) = &record.unread {
                    self.file.skip(&record.root, record.path.clone(), Reason::unread(why));
                } else {
                    self.file.unchanged += 1;
                }
                self.writer.touch(record)
            }
            ReadItem::Gone(record) => {
                self.file.removed += u64::from(record.unread.is_none());
                self.writer.remove(&record.root, &record.path)
            }
            ReadItem::Unread(record, reason) => {
                let FileRecord { root, path, .. } = &*record;
                self.file.removed += u64::from(self.is_read(root, path));
                self.file.skip(root, path.clone(), reason);
                self.writer.put(NewFile::unread(*record))
            }
            ReadItem::Skipped(root, path, reason) => {
                if matches!(reason, Reason::Vanished | Reason::Binary) {
                    self.file.removed += u64::from(self.is_read(&root, &path));
                    self.writer.remove(&root, &path)?;
                }
                self.file.skip(&root, path, reason);
                Ok(())
            }
            ReadItem::Note(file) => {
                let FileRecord { root, path, warnings, .. } = &file.record;
                let warning = |what: &String| FileWarning {
                    root: root.clone(),
                    path: path.clone(),
                    what: what.clone(),
                };
                self.file.warnings.extend(warnings.iter().map(warning));
                if self.is_read(root, path) {
                    self.file.changed += 1;
                } else {
                    self.file.added += 1;
                }
                self.writer.put(*file)
            }
            ReadItem::Passage(pending) => {
                let (id, passage, embedded) = (pending.id, pending.passage, pending.embedded);
                self.file.reused += 1;
                let found = vectors.get(&embedded).cloned();
                self.is_unfinished |= found.is_none();
                self.writer.add(&match found {
                    Some((vector, part_vectors)) => {
                        NewPassage { id, passage, embedded, vector, part_vectors }
                    }
                    None => NewPassage::pending(id, passage, self.dim),
                })
            }
        }
    }

    /// Whether the index had a note in this file when the run began.
    fn is_read(&self, root: &str, path: &NotePath) -> bool {
        is_read(self.known, root, path)
    }
}
