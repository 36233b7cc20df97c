//! Which notes have to be read, and which are gone?

use std::collections::BTreeMap;

use super::known::members;
use crate::calendar::DateOrder;
use crate::document::NotePath;
use crate::store::FileRecord;
use crate::walk::FoundFile;

/// What is to be done about the notes of one scope.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Notes that are new, or whose size or stamp differs from what the index knows, or whose dates are to be read in
    /// another order.
    pub read: Vec<FoundFile>,
    /// Notes that are as the index knows them, but for vectors that are pending.
    pub pending: Vec<FoundFile>,
    /// How many notes are as the index knows them.
    pub unchanged: u64,
    /// Files that are as they were when they couldn't be read, and why that was so.
    pub unread: Vec<(NotePath, String)>,
    /// Notes that the index knows and that aren't there any more.
    pub gone: Vec<NotePath>,
}

/// Compares what was found with what the index knows of the same scope.
///
/// `unreadable` lists files and folders that couldn't be looked at; what the index knows below them stays. `order` is how
/// dates are written in the scope.
pub(crate) fn plan(
    found: Vec<FoundFile>,
    known: &BTreeMap<&NotePath, &FileRecord>,
    unreadable: &[NotePath],
    order: DateOrder,
) -> Plan {
    let mut plan = Plan::default();
    let is_same = |record: &FileRecord, note: &FoundFile| {
        record.size == note.size && note.stamp.says_unchanged(&record.stamp) && record.date_order == order
    };
    let mut left = known.clone();
    for note in found {
        match left.remove(&note.path) {
            Some(record) if is_same(record, &note) => match &record.unread {
                Some(why) => plan.unread.push((note.path, why.clone())),
                None if record.pending => plan.pending.push(note),
                None => plan.unchanged += 1,
            },
            Some(_) => plan.read.push(note),
            None => {
                let inside = members(&left, &note.path);
                if !inside.is_empty() && inside.iter().all(|record| is_same(record, &note)) {
                    plan.unchanged += inside.len() as u64;
                } else {
                    plan.read.push(note);
                }
                // Whoever reads an archive knows which of its notes are gone.
                let inside: Vec<NotePath> = inside.into_iter().map(|record| record.path.clone()).collect();
                for path in &inside {
                    left.remove(path);
                }
            }
        }
    }
    let hidden = |path: &NotePath| unreadable.iter().any(|folder| path.is_in(folder));
    plan.gone = left.into_keys().filter(|path| !hidden(path)).cloned().collect();
    plan
}
