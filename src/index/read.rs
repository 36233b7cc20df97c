//! Reading, on a thread of its own: notes that may have changed become passages, some at a time.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::mpsc::SyncSender;
use std::thread;

use super::ahead::{Ahead, File};
use super::known::members;
use super::load::{Body, Loaded, Loader, NotLoaded, takes_process};
use crate::chunk::{self, Limits};
use crate::document::{
    Block, BlockKind, ContentHash, Document, EmbeddedHash, Extracted, NotePath, Passage, PassageId, Place,
    PlaceStart,
};
use crate::embed::{Embedder, Input};
use crate::extract::{self, Content};
use crate::format::{FORMATS, NO_NOTES, Reader};
use crate::parse;
use crate::progress::Event;
use crate::store::{FileRecord, NewFile};
use crate::walk::{self, FoundFile, Reason};
use crate::words::Language;

/// No more files are read at a time: each may take a lot of memory.
const MOST_READERS: usize = 8;

/// So many parts travel together.
const PORTION: usize = 64;

/// Whether a file that was found can be read as a note, as far as its bytes tell without a reader.
pub(crate) fn is_readable(found: &FoundFile, max_bytes: Option<u64>) -> bool {
    let Ok(file) = walk::read(found, max_bytes, FORMATS) else { return false };
    match file.format.reader {
        Reader::Extract(extractor) if !extractor.needs_process() => {
            extract::extract(extractor, &file.bytes).is_ok()
        }
        _ => true,
    }
}

/// What reading finds, in the order of the notes.
pub(super) enum ReadItem {
    /// A note whose content is what the index has, whatever its stamp says.
    Same(FileRecord),
    /// A note that can't be taken: its root, its path, and why.
    Skipped(String, NotePath, Reason),
    /// A note that isn't in its archive any more.
    Gone(Box<FileRecord>),
    /// A file that can't be read as what it should be, and why; it isn't read again before it changes.
    Unread(Box<FileRecord>, Reason),
    /// A note that has to be indexed; its passages follow.
    Note(Box<NewFile>),
    /// A passage of the note before.
    Passage(Box<Pending>),
    /// The file is left for later.
    Later,
    /// All of a file has been passed on: what is stored so far may be committed.
    End(File),
}

/// A passage that has no vector yet.
pub(super) struct Pending {
    pub(super) id: PassageId,
    pub(super) passage: Passage,
    /// What is to be embedded.
    pub(super) text: String,
    /// The hash of that.
    pub(super) embedded: EmbeddedHash,
    /// The numbers of its tokens, if the model tells them.
    pub(super) ids: Vec<u32>,
    /// Which of them are to have vectors of their own.
    pub(super) windows: Vec<Range<u32>>,
}

impl Pending {
    /// What the model is given.
    pub(super) fn input(&self) -> Input<'_> {
        Input { text: &self.text, ids: &self.ids, windows: &self.windows }
    }
}

/// Reads notes.
pub(super) struct NoteReader<'a> {
    pub(super) embedder: &'a dyn Embedder,
    pub(super) limits: Limits,
    pub(super) loader: Loader<'a>,
    /// Where the parts go; it holds a few portions and then makes the reader wait.
    pub(super) to: SyncSender<Vec<ReadItem>>,
    /// Parts that wait for company.
    pub(super) portion: Vec<ReadItem>,
}

/// Why reading ends early: the run was cancelled, or nobody takes the parts any more.
struct Stopped;

impl NoteReader<'_> {
    /// Reads files, in order.
    pub(super) fn read(mut self, files: Vec<File>) {
        let (loader, slow) = (self.loader, files.iter().filter(|file| takes_process(&file.found)).count());
        let threads = rayon::current_num_threads().min(slow).min(MOST_READERS);
        thread::scope(|scope| {
            let mut ahead = Ahead::begin(scope, threads, loader, files.into_iter());
            while let Some((file, outcome)) = ahead.next() {
                if self.file(&file, outcome).and_then(|()| self.send(ReadItem::End(file))).is_err() {
                    return;
                }
            }
            if !self.loader.progress.cancelled() {
                // Whoever has gone knows why.
                let _gone = self.to.send(self.portion);
            }
        });
    }

    /// Passes on what became of a file.
    fn file(&mut self, file: &File, outcome: Result<Loaded, NotLoaded>) -> Result<(), Stopped> {
        let File { root, found } = file;
        let loaded = match outcome {
            Ok(loaded) => loaded,
            Err(NotLoaded::Skipped(reason)) => {
                self.parsed(found);
                if matches!(reason, Reason::Vanished | Reason::Binary) {
                    // It may have been an archive, or have taken the place of a folder.
                    let inside = self.known(root, &found.path).into_iter();
                    inside
                        .filter(|known| known.path != found.path)
                        .try_for_each(|known| self.send(ReadItem::Gone(Box::new(known))))?;
                }
                return self.send(ReadItem::Skipped(root.to_string(), found.path.clone(), reason));
            }
            Err(NotLoaded::Later) => return self.send(ReadItem::Later),
            Err(NotLoaded::Cancelled) => return Err(Stopped),
        };
        let order = self.loader.orders.get(&**root).copied().unwrap_or_default();
        let record = FileRecord {
            root: root.to_string(),
            path: found.path.clone(),
            size: loaded.size,
            stamp: found.stamp.settled(loaded.at),
            hash: loaded.hash,
            date_order: order,
            passages: 0,
            warnings: Vec::new(),
            unread: None,
            pending: false,
        };
        if !matches!(loaded.body, Body::Same) {
            self.gone(&record, &loaded.body)?;
        }
        match loaded.body {
            Body::Same => self.same(&record),
            Body::Text(bytes) => {
                let (document, warnings) = parse::parse_by(&found.path, bytes, order);
                let warnings = warnings.iter().map(ToString::to_string).collect();
                self.document(FileRecord { warnings, ..record }, document)
            }
            Body::Content(Content::Note(extracted)) => self.extracted(record, extracted),
            Body::Content(Content::Notes(notes)) => notes.into_iter().try_for_each(|note| {
                let path = record.path.inside(&note.path);
                self.extracted(FileRecord { path, ..record.clone() }, note.extracted)
            }),
            Body::Damaged(reason) => {
                let unread = Some(match &reason {
                    Reason::NoNotes => NO_NOTES.to_owned(),
                    reason => reason.to_string(),
                });
                self.send(ReadItem::Unread(Box::new(FileRecord { unread, ..record }), reason))
            }
        }?;
        self.parsed(found);
        Ok(())
    }

    /// What the index knows of a file: of the note in it, or of all notes in an archive.
    fn known(&self, root: &str, path: &NotePath) -> Vec<FileRecord> {
        let Some(known) = self.loader.known.get(root) else { return Vec::new() };
        known.get(path).into_iter().chain(members(known, path)).cloned().collect()
    }

    /// Passes on that the index has all of a file already.
    fn same(&mut self, record: &FileRecord) -> Result<(), Stopped> {
        let FileRecord { size, stamp, .. } = record;
        self.known(&record.root, &record.path).into_iter().try_for_each(|known| {
            self.send(ReadItem::Same(FileRecord { size: *size, stamp: *stamp, ..known }))
        })
    }

    /// Passes on which notes of a file aren't there any more.
    fn gone(&mut self, record: &FileRecord, body: &Body) -> Result<(), Stopped> {
        let stay: BTreeSet<NotePath> = match body {
            Body::Content(Content::Notes(notes)) => {
                notes.iter().map(|note| record.path.inside(&note.path)).collect()
            }
            _ => BTreeSet::from([record.path.clone()]),
        };
        let known = self.known(&record.root, &record.path);
        let mut gone = known.into_iter().filter(|known| !stay.contains(&known.path));
        gone.try_for_each(|known| self.send(ReadItem::Gone(Box::new(known))))
    }

    /// Makes a note of what a reader has made of a file.
    fn extracted(&mut self, record: FileRecord, mut extracted: Extracted) -> Result<(), Stopped> {
        let is_page = |start: &&PlaceStart| matches!(start.place, Place::Page { .. } | Place::Slide { .. });
        let pages = extracted.extract.places.iter().filter(is_page).count() as u64;
        if pages > 0 {
            self.loader.progress.on(Event::Pages { pages });
        }
        let mut warnings = std::mem::take(&mut extracted.warnings);
        let (document, more) = parse::extracted(&record.path, extracted, record.date_order);
        warnings.extend(more.iter().map(ToString::to_string));
        self.document(FileRecord { warnings, ..record }, document)
    }

    /// Cuts a note into passages and passes them on.
    fn document(&mut self, record: FileRecord, mut document: Document) -> Result<(), Stopped> {
        let (root, path) = (record.root.clone(), record.path.clone());
        self.send(ReadItem::Note(Box::new(NewFile {
            record,
            title: document.title.clone(),
            aliases: std::mem::take(&mut document.aliases),
            tags: std::mem::take(&mut document.tags),
            date: document.date.take(),
            properties: std::mem::take(&mut document.properties),
            language: language(&document),
            passages: Vec::new(),
        })))?;
        let embedder = self.embedder;
        let (tokens, limits) = (|text: &str| embedder.tokens(text), self.limits);
        let mut occurrences: HashMap<ContentHash, u32> = HashMap::new();
        for chunk in chunk::chunk(&document, &tokens, &limits) {
            let text = chunk.passage.embedded_text();
            // The same text cut into other sentences has other vectors, but is another occurrence all the same.
            let hash = EmbeddedHash::of(format!("{:?}{text}", chunk.windows).as_bytes());
            let occurrence = occurrences.entry(ContentHash::of(text.as_bytes())).or_default();
            let id = PassageId::new(&root, &path, &text, *occurrence);
            *occurrence += 1;
            let pending = Pending {
                id,
                passage: chunk.passage,
                text,
                embedded: hash,
                ids: chunk.ids,
                windows: chunk.windows,
            };
            self.send(ReadItem::Passage(Box::new(pending)))?;
        }
        Ok(())
    }

    /// Tells that a file is done with.
    fn parsed(&self, found: &FoundFile) {
        self.loader.progress.on(Event::Parsed { files: 1, bytes: found.size });
    }

    fn send(&mut self, part: ReadItem) -> Result<(), Stopped> {
        self.portion.push(part);
        if self.portion.len() < PORTION {
            return Ok(());
        }
        if self.loader.progress.cancelled() {
            return Err(Stopped);
        }
        let portion = std::mem::replace(&mut self.portion, Vec::with_capacity(PORTION));
        self.to.send(portion).map_err(|_| Stopped)
    }
}

/// No more blocks of a note tell in which language it is.
const MOST_BLOCKS: usize = 256;

/// The language of a note: that of its running text, its headings and its lists; of one that has nothing of the kind, that of
/// its quotes and tables.
fn language(document: &Document) -> Language {
    let said = |kinds: fn(BlockKind) -> bool| {
        let blocks: Vec<&Block> = document.blocks.iter().filter(|block| kinds(block.kind)).collect();
        let some = blocks.iter().step_by(blocks.len().div_ceil(MOST_BLOCKS).max(1));
        some.map(|block| &document.text.as_str()[block.range.clone()]).collect::<Vec<_>>().join("\n")
    };
    let text = said(|kind| {
        matches!(kind, BlockKind::Paragraph | BlockKind::Item | BlockKind::Heading(_) | BlockKind::Question)
    });
    if text.contains(char::is_alphabetic) {
        return Language::of(&text);
    }
    Language::of(&said(|kind| matches!(kind, BlockKind::Quote | BlockKind::Table)))
}
