//! Commits: all changes become visible in one atomic step, then segments are merged and graphs built.

use std::time::{SystemTime, UNIX_EPOCH};

use tantivy::index::SegmentId;

use super::{Writer, clean_up};
use crate::error::Result;
use crate::store::maintenance::{self, Committed, Maintenance};
use crate::store::manifest::{Commit, Manifest, TableRef};
use crate::store::snapshot::Snapshot;
use crate::store::{FileRecord, disk, layout};

impl Writer {
    /// Makes all changes visible as one step, or none of them if this fails; then does the maintenance that is due.
    ///
    /// When it returns, the new state is safely on the disk. If nothing has changed and nothing is due, nothing is written.
    /// Maintenance that fails is no error, since all changes are committed then: see [`Committed::put_off`].
    ///
    /// # Errors
    ///
    /// [`Error::Io`](crate::error::Error::Io) or [`Error::Corrupt`](crate::error::Error::Corrupt) if the index can't be
    /// written, [`Error::LockLost`](crate::error::Error::LockLost) if another process may be writing it.
    pub fn commit(mut self, maintenance: &Maintenance<'_>) -> Result<Committed> {
        self.set_waiting(0);
        let is_due = |snapshot: &Snapshot| maintenance.is_due(snapshot, &self.before);
        if !self.changed && !maintenance.optimize && !self.snapshot.as_deref().is_some_and(is_due) {
            return Ok(Committed { info: self.info, put_off: None });
        }
        let was_index = self.manifest.is_some();
        self.switch_if_changed()?;
        let put_off = self.maintain(maintenance).err();
        // What failed may have left half a file.
        self.tantivy = None;
        // There may be files of an old index, or of what failed.
        if put_off.is_some() || !was_index {
            match Snapshot::open(&self.dir) {
                Ok(snapshot) => clean_up(&self.dir, self.lock.id(), Some(&snapshot)),
                Err(error) => tracing::warn!(%error, "what was there before couldn't be removed"),
            }
        }
        Ok(Committed { info: self.info, put_off })
    }

    /// Commits all changes so far, as one step, and remembers that so many notes are still to be read. The writer goes on.
    ///
    /// The notes must be whole: the one that was [put](Self::put) last, with all of its passages. Segments that were made
    /// since the run began are merged where there are too many of them.
    ///
    /// # Errors
    ///
    /// As [`commit`](Self::commit).
    pub fn checkpoint(&mut self, waiting: u64) -> Result<()> {
        self.set_waiting(waiting);
        self.switch_if_changed()?;
        let failed = self.failed_to("merge");
        let chosen =
            maintenance::among_new(&self.index.searchable_segment_metas().map_err(&failed)?, &self.before);
        if chosen.is_empty() { Ok(()) } else { self.merge(&chosen) }
    }

    /// Commits that all segments are from before the next run: a segment that a merge has made would be taken for one that
    /// the run has added.
    fn settle(&mut self) -> Result<()> {
        let failed = self.failed_to("write");
        let Some(mut manifest) = self.manifest.take() else { return Ok(()) };
        let segments = self.index.searchable_segment_ids().map_err(failed)?;
        manifest.before = segments.iter().map(SegmentId::uuid_string).collect();
        self.switch_to(&manifest)?;
        self.manifest = Some(manifest);
        Ok(())
    }

    /// Merges segments into one.
    fn merge(&mut self, chosen: &[SegmentId]) -> Result<()> {
        let failed = self.failed_to("merge");
        let found: Vec<SegmentId> = chosen.iter().filter(|id| self.found.contains(id)).copied().collect();
        if !found.is_empty() {
            // What is damaged behind sound checksums would end the process in a thread of tantivy's.
            Snapshot::open(&self.dir)?.read_through(&found)?;
        }
        self.tantivy()?.merge(chosen).wait().map_err(failed)?;
        Ok(())
    }

    fn set_waiting(&mut self, waiting: u64) {
        self.changed |= self.info.waiting != waiting;
        self.info.waiting = waiting;
    }

    /// Writes the table of files and commits all changes, if there are any.
    fn switch_if_changed(&mut self) -> Result<()> {
        if self.failed {
            return Err(self.earlier_failure());
        }
        if !self.changed {
            return Ok(());
        }
        // Its files can't be removed everywhere while they are open.
        self.snapshot = None;
        let before = self.switch()?;
        self.changed = false;
        if let Some(before) = before.filter(|_| self.lock.id().is_held()) {
            // What can't be removed now is removed by the next writer.
            drop(disk::remove(&self.dir.join(before.name())));
        }
        Ok(())
    }

    /// Commits all changes, and gives the table of files that the commit has replaced.
    fn switch(&mut self) -> Result<Option<TableRef>> {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
        self.info.indexed_at = seconds;
        self.info.files = self.files.values().filter(|record| record.unread.is_none()).count() as u64;
        self.info.pending = self.pending();
        self.info.passages = self.files.values().map(|record| u64::from(record.passages)).sum();
        let last = self.manifest.as_ref().map_or(0, |manifest| manifest.table.number);
        let records: Vec<&FileRecord> = self.files.values().collect();
        let table = TableRef::write(&self.dir, layout::next_table(&self.dir, last), &records);
        let table = table.map_err(|error| self.unless_displaced(error))?;
        let commit = Commit { changes: self.changes, before: &self.before, table, records: &records };
        self.info.commit = commit.table.number;
        let manifest = Manifest::new(&self.dir, &self.info, commit);
        layout::mark(&self.dir)?;
        self.switch_to(&manifest)?;
        layout::mark_rebuilt(&self.dir)?;
        Ok(self.manifest.replace(manifest).map(|before| before.table))
    }

    /// The commit itself, and the only one: always with a manifest, for tantivy would drop the last one.
    fn switch_to(&mut self, manifest: &Manifest) -> Result<()> {
        let failed = self.failed_to("write");
        let payload = manifest.to_payload().map_err(|error| failed(error.into()))?;
        let mut prepared = self.tantivy()?.prepare_commit().map_err(&failed)?;
        prepared.set_payload(&payload);
        prepared.commit().map_err(&failed)?;
        Ok(())
    }

    /// Merges segments, and builds the graphs that are due. tantivy carries the manifest over.
    fn maintain(&mut self, maintenance: &Maintenance<'_>) -> Result<()> {
        let failed = self.failed_to("merge");
        // As long as somebody holds what tantivy says of a segment, it keeps the segment's files.
        let plan = maintenance.plan(&self.index.searchable_segment_metas().map_err(&failed)?, &self.before);
        for chosen in &plan {
            self.merge(chosen)?;
        }
        if !plan.is_empty() {
            self.settle()?;
        }
        if let Some(tantivy) = self.tantivy.take() {
            tantivy.wait_merging_threads().map_err(&failed)?;
        }
        maintenance.build_graphs(&self.dir, self.info.passages, self.changes)
    }
}
