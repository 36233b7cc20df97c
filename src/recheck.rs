//! The spine of `qsearch check --deep`: do readers still make of each document what the index has of it?

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::document::{ContentHash, Extracted, NotePath, Root};
use crate::error::{Error, Result, Saved};
use crate::extract::{Content, Launch, Readers};
use crate::files;
use crate::format::{self, FORMATS, Reader};
use crate::hit::StoredPassage;
use crate::store::{FileRecord, Store};
use crate::trust::Trust;

/// What came of reading all documents again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recheck {
    /// How many notes were compared: those of documents that have the bytes which they had.
    pub notes: u64,
    /// How many passages they have.
    pub passages: u64,
    /// How many documents have changed since, or can't be read now, so that there is nothing to compare.
    pub changed: u64,
    /// The notes of which a reader makes something else now, as `root/path`, and what differs.
    pub differ: Vec<(String, String)>,
}

/// A document, and the notes in it: itself, or those of an archive.
struct Document<'a> {
    root: &'a Root,
    path: NotePath,
    notes: Vec<FileRecord>,
}

/// Reads all documents of an index again that aren't text, and compares. `trust` says which roots may be read, `launch` how
/// the processes are started that read; `cancelled` is asked all the while.
///
/// # Errors
///
/// When the index is damaged, or it was cancelled.
pub fn recheck(
    snapshot: &dyn Store,
    trust: &Trust,
    launch: Option<&Launch>,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Recheck> {
    let reach = trust.reach(snapshot.dir());
    let roots = &snapshot.info().roots;
    let mut documents: BTreeMap<(String, NotePath), Document<'_>> = BTreeMap::new();
    for record in snapshot.files()?.into_iter().filter(|record| record.unread.is_none()) {
        let root = roots.iter().find(|root| root.name == record.root && root.is_here());
        let Some(root) = root else { continue };
        let path = file_of(root, &record.path);
        let key = (record.root.clone(), path.clone());
        let new = || Document { root, path, notes: Vec::new() };
        documents.entry(key).or_insert_with(new).notes.push(record);
    }
    let documents: Vec<Document<'_>> = documents.into_values().collect();
    let read = |readers: &mut Readers, document: &Document<'_>| {
        if cancelled() {
            return Err(Error::Interrupted(Saved::Nothing));
        }
        let stored = stored(snapshot, document)?;
        if stored.iter().all(|(_, passages)| passages.iter().all(|passage| passage.passage.extract.is_none()))
        {
            return Ok(Recheck::default());
        }
        if reach.refuses(&document.root.path) {
            return Ok(Recheck { changed: 1, ..Recheck::default() });
        }
        Ok(compare(document, &stored, readers, cancelled))
    };
    let each: Vec<Result<Recheck>> =
        documents.par_iter().map_init(|| Readers::new(launch.cloned()), read).collect();
    each.into_iter().try_fold(Recheck::default(), |mut all, one| {
        let Recheck { notes, passages, changed, differ } = one?;
        all.notes += notes;
        all.passages += passages;
        all.changed += changed;
        all.differ.extend(differ);
        Ok(all)
    })
}

/// The file in which a note is: itself, or an archive.
fn file_of(root: &Root, note: &NotePath) -> NotePath {
    let is_file = |path: &NotePath| files::open_note(&root.path, &path.to_relative()).is_ok();
    let archive = || format::archives_of(note).find(is_file);
    if is_file(note) { note.clone() } else { archive().unwrap_or_else(|| note.clone()) }
}

/// The notes of a document with their passages.
fn stored<'a>(
    snapshot: &dyn Store,
    document: &'a Document<'_>,
) -> Result<Vec<(&'a FileRecord, Vec<StoredPassage>)>> {
    let passages = |note: &'a FileRecord| Ok((note, snapshot.passages_of(&note.root, &note.path)?));
    document.notes.iter().map(passages).collect()
}

/// Reads a document again and compares what the index has of it.
fn compare(
    document: &Document<'_>,
    stored: &[(&FileRecord, Vec<StoredPassage>)],
    readers: &mut Readers,
    cancelled: &dyn Fn() -> bool,
) -> Recheck {
    let Some(content) = read_again(document, readers, cancelled) else {
        return Recheck { changed: 1, ..Recheck::default() };
    };
    let made: BTreeMap<NotePath, Extracted> = match content {
        Content::Note(note) => BTreeMap::from([(document.path.clone(), note)]),
        Content::Notes(notes) => {
            notes.into_iter().map(|note| (document.path.inside(&note.path), note.extracted)).collect()
        }
    };
    let mut recheck = Recheck::default();
    for (note, passages) in stored {
        recheck.notes += 1;
        recheck.passages += passages.len() as u64;
        let made = made.get(&note.path);
        let differs = match made {
            None => Some("it isn't in the archive".to_owned()),
            Some(made) => passages
                .iter()
                .find(|stored| !is_same(stored, made))
                .map(|stored| format!("lines {} of it read differently now", stored.passage.lines)),
        };
        recheck.differ.extend(differs.map(|what| (format!("{}/{}", note.root, note.path), what)));
    }
    recheck
}

/// What a reader makes of a document now; nothing, if its bytes aren't those that the index knows, or can't be read.
fn read_again(
    document: &Document<'_>,
    readers: &mut Readers,
    cancelled: &dyn Fn() -> bool,
) -> Option<Content> {
    let record = document.notes.first()?;
    let relative = document.path.to_relative();
    let file = files::open_note(&document.root.path, &relative).ok()?;
    let bytes = files::read(&file, record.size).ok().filter(|bytes| ContentHash::of(bytes) == record.hash)?;
    let format = format::detect(FORMATS, relative.file_name()?, &bytes)?;
    let Reader::Extract(extractor) = format.reader else { return None };
    readers.read(extractor, bytes, cancelled).ok()
}

/// Whether a passage stands in what a reader makes of its file, at the same places.
fn is_same(stored: &StoredPassage, made: &Extracted) -> bool {
    let passage = &stored.passage;
    let Some(extract) = &passage.extract else { return false };
    let Ok(start) = usize::try_from(passage.span.start) else { return false };
    let range = start..start + passage.text.len();
    made.text.get(range.clone()) == Some(passage.text.as_str())
        && made.extract.share(&range).span(&(0..passage.text.len())) == extract.span(&(0..passage.text.len()))
}
