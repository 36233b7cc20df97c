//! Which notes have to be read, and which are gone?

use std::collections::BTreeMap;

use crate::document::NotePath;
use crate::store::FileRecord;
use crate::walk::Found;

/// What is to be done about the notes of one scope.
#[derive(Debug, Default)]
pub struct Plan {
    /// Notes that are new, or whose size or modification time differs from what the index knows.
    pub read: Vec<Found>,
    /// How many notes are as the index knows them.
    pub unchanged: u64,
    /// Notes that the index knows and that aren't there any more.
    pub gone: Vec<NotePath>,
}

/// Compares what was found with what the index knows of the same scope.
///
/// `unreadable` lists files and folders that couldn't be looked at; what the index knows below them stays.
pub fn plan(found: Vec<Found>, known: &BTreeMap<NotePath, FileRecord>, unreadable: &[NotePath]) -> Plan {
    let mut plan = Plan::default();
    let mut left: BTreeMap<&NotePath, &FileRecord> = known.iter().collect();
    for note in found {
        match left.remove(&note.path) {
            Some(record) if is_as_before(record, &note) => {
                plan.unchanged += 1;
            }
            _ => plan.read.push(note),
        }
    }
    let hidden = |path: &NotePath| unreadable.iter().any(|folder| path.is_in(folder));
    plan.gone = left.into_keys().filter(|path| !hidden(path)).cloned().collect();
    plan
}

/// Whether size and time say that a note is what the index knows. A time of 0 says nothing.
fn is_as_before(record: &FileRecord, note: &Found) -> bool {
    record.mtime_ns != 0 && record.mtime_ns == note.modified_ns && record.size == note.size
}

/// The modification time that can be trusted later.
///
/// A note that was modified within two seconds of being read may be modified again without its time
/// changing, on file systems with coarse clocks; a time of 0 makes the next run compare its content.
pub(super) fn settled(modified_ns: i64, read_at_ns: i64) -> i64 {
    const COARSEST_CLOCK_NS: i64 = 2_000_000_000;
    if modified_ns.saturating_add(COARSEST_CLOCK_NS) < read_at_ns { modified_ns } else { 0 }
}
