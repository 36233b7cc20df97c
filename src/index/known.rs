//! What an index knows of its files before a run.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::ops::Bound;

use crate::calendar::DateOrder;
use crate::document::NotePath;
use crate::store::FileRecord;

/// What is known of the files of each root.
pub(super) type KnownFiles = BTreeMap<String, BTreeMap<NotePath, FileRecord>>;

/// How dates are written below each root.
pub(super) type DateOrders = BTreeMap<String, DateOrder>;

/// Files by their root and path.
pub(super) fn by_root(files: Vec<FileRecord>) -> KnownFiles {
    let mut known = KnownFiles::new();
    for record in files {
        known.entry(record.root.clone()).or_default().insert(record.path.clone(), record);
    }
    known
}

/// What the index knows of the notes in an archive.
pub(crate) fn members<'a, Path: Borrow<NotePath> + Ord, Record: Borrow<FileRecord>>(
    known: &'a BTreeMap<Path, Record>,
    archive: &NotePath,
) -> Vec<&'a FileRecord> {
    let inside = NotePath::from_encoded(format!("{archive}/"));
    let from = known.range::<NotePath, _>((Bound::Included(&inside), Bound::Unbounded));
    from.take_while(|(path, _)| (*path).borrow().is_in(archive)).map(|(_, record)| record.borrow()).collect()
}

/// Whether an index had a note in this file, with all of its vectors.
pub(super) fn is_read(known: &KnownFiles, root: &str, path: &NotePath) -> bool {
    let known = known.get(root).and_then(|known| known.get(path));
    known.is_some_and(|record| record.unread.is_none() && !record.pending)
}
