//! The spine of `qsearch copy`: all notes of one index into another, without a model.

use crate::document::Passage;
use crate::error::{Error, Result, Saved, Usage};
use crate::hit::{Row, StoredPassage};
use crate::index;
use crate::progress::{Event, Progress};
use crate::store::{Committed, FileRecord, NewFile, NewPassage, Place, Store, StoreWriter, StoredVectors};

/// About so many passages are asked for at once, whole notes of them.
const BATCH: usize = 500;

/// What was copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// How many files the copy covers.
    pub files: u64,
    /// How many passages these have.
    pub passages: u64,
    /// How many files aren't copied, because their passages have no vectors yet; a run that refreshes the copy reads them.
    pub left_out: u64,
    /// Why segments couldn't be merged or given their graphs after the commit; a later run tries again.
    pub put_off: Option<String>,
}

/// Copies all notes of an index, with their vectors and roots, to a place that has none yet. They appear there in one step.
///
/// # Errors
///
/// When there are notes already, an index can't be read or written, or `progress` says that the run is cancelled.
pub fn copy(from: &dyn Store, to: &Place, progress: &dyn Progress) -> Result<Copied> {
    match to.open() {
        Ok(there) => check_empty(&*there, to)?,
        Err(Error::NoIndex { .. }) => {}
        Err(error) => return Err(error),
    }
    let info = from.info();
    let mut writer = to.write(&info.fingerprint, &[])?;
    // Another process may have been faster.
    writer.snapshot().map_or(Ok(()), |there| check_empty(&*there, to))?;
    writer.set_model_source(&info.model_source);
    writer.set_roots(info.roots.clone());
    let (pending, files): (Vec<_>, Vec<_>) = from.files()?.into_iter().partition(|file| file.pending);
    let bytes = files.iter().map(|file| file.size).sum();
    progress.on(Event::Planned { files: files.len() as u64, bytes });
    let mut batch = Batch::default();
    for file in files {
        batch.rows.push(from.rows_of(&file.root, &file.path)?);
        batch.files.push(file);
        if batch.rows.iter().map(Vec::len).sum::<usize>() >= BATCH {
            std::mem::take(&mut batch).copy(from, &mut *writer, progress)?;
        }
    }
    batch.copy(from, &mut *writer, progress)?;
    let Committed { info, put_off } = index::commit(writer, false, progress)?;
    let put_off = put_off.map(|error| error.to_string());
    Ok(Copied { files: info.files, passages: info.passages, left_out: pending.len() as u64, put_off })
}

/// Refuses an index that has notes.
fn check_empty(there: &dyn Store, place: &Place) -> Result<()> {
    if there.info().passages == 0 && there.files()?.is_empty() {
        return Ok(());
    }
    Err(Usage::HasNotes { index: place.shown().to_path_buf() }.into())
}

/// Some files, with the rows of the passages of each.
#[derive(Default)]
struct Batch {
    files: Vec<FileRecord>,
    rows: Vec<Vec<Row>>,
}

impl Batch {
    /// Copies them.
    fn copy(self, from: &dyn Store, to: &mut dyn StoreWriter, progress: &dyn Progress) -> Result<()> {
        if progress.cancelled() {
            return Err(Error::Interrupted(Saved::Nothing));
        }
        let rows = self.rows.concat();
        let (stored, vectors) = if rows.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            (from.passages(&rows)?, from.stored_vectors(&rows)?)
        };
        let mut all = stored.into_iter().zip(vectors);
        for (file, rows) in self.files.into_iter().zip(self.rows) {
            let size = file.size;
            let mut passages: Vec<(StoredPassage, StoredVectors)> = all.by_ref().take(rows.len()).collect();
            // In the order in which they were read.
            passages.sort_by_key(|(stored, _)| (stored.passage.span, stored.id));
            to.put(new_file(file, passages))?;
            progress.on(Event::Parsed { files: 1, bytes: size });
        }
        Ok(())
    }
}

/// A file as it is written, with its passages. What is known of a note stands with each of them.
fn new_file(record: FileRecord, passages: Vec<(StoredPassage, StoredVectors)>) -> NewFile {
    let mut file = NewFile::unread(record);
    for (stored, vectors) in passages {
        let StoredPassage { id, title, aliases, tags, date, properties, language, passage, .. } = stored;
        (file.title, file.aliases, file.tags) = (title, aliases, tags);
        (file.date, file.properties, file.language) = (date, properties, language);
        file.passages.push(new_passage(id, passage, vectors));
    }
    file
}

/// A passage as it is written.
fn new_passage(id: crate::document::PassageId, passage: Passage, vectors: StoredVectors) -> NewPassage {
    let StoredVectors { embedded, vector, part_vectors } = vectors;
    NewPassage { id, passage, embedded, vector, part_vectors }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::{Question, Stopwatch};
    use crate::calendar::Day;
    use crate::index::IndexOptions;
    use crate::library::Library;
    use crate::progress::Silent;

    #[test]
    fn a_copy_has_the_same_notes_and_is_current() {
        let at = tempfile::tempdir().unwrap();
        let notes = at.path().join("notes");
        std::fs::create_dir(&notes).unwrap();
        std::fs::write(notes.join("owls.md"), "# Owls\n\nOwls hunt at night. They hear a mouse. #birds\n")
            .unwrap();
        std::fs::write(notes.join("twin.md"), "# Owls\n\nOwls hunt at night. They hear a mouse. #birds\n")
            .unwrap();
        std::fs::write(notes.join("empty.md"), "").unwrap();
        let mut library = Library::open(at.path().join("index"));
        library.index(std::slice::from_ref(&notes), &IndexOptions::default(), &Silent).unwrap();
        let to = Place::from(at.path().join("copy"));
        let copied = library.copy_to(&to, &Silent).unwrap();
        let mut copy = Library::open(to.clone());
        let (was, is) = (library.snapshot().unwrap(), copy.snapshot().unwrap());
        assert_eq!((copied.files, copied.passages), (was.info().files, was.info().passages));
        assert_eq!(was.files().unwrap(), is.files().unwrap());
        assert_eq!(was.info().roots, is.info().roots);
        for file in was.files().unwrap() {
            let of = |store: &dyn Store| {
                let mut rows = store.rows_of(&file.root, &file.path).unwrap();
                rows.sort_by_key(|row| store.passages(&[*row]).unwrap()[0].id);
                (store.passages(&rows).unwrap(), store.stored_vectors(&rows).unwrap())
            };
            assert_eq!(of(was), of(is));
            let hashes: Vec<_> = of(was).1.into_iter().map(|vectors| vectors.embedded).collect();
            assert!(is.vectors_of(&hashes).unwrap().iter().all(Option::is_some));
        }
        let question = Question::new("when do owls hunt", 5, Day::of(0));
        let ask = |library: &Library| library.ask(&question, &mut Stopwatch::default()).unwrap();
        assert_eq!(format!("{:?}", ask(&library).answer), format!("{:?}", ask(&copy).answer));
        assert_eq!(copy.check().unwrap().findings, []);
        assert!(matches!(library.copy_to(&to, &Silent), Err(Error::Usage(Usage::HasNotes { .. }))));
        let report = copy.index(&[], &IndexOptions::default(), &Silent).unwrap();
        assert_eq!((report.embedded, report.changed, report.unchanged), (0, 0, 3));
    }
}
