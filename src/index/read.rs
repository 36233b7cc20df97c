//! Reading, on a thread of its own: notes that may have changed become passages, some at a time.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::mpsc::SyncSender;
use std::time::SystemTime;

use crate::calendar::DateOrder;
use crate::chunk::{self, Limits};
use crate::document::{ContentHash, Document, Extracted, NotePath, Passage, PassageId};
use crate::embed::{Embedder, Input};
use crate::extract::{self, Damaged};
use crate::format::{FORMATS, Reader};
use crate::parse;
use crate::progress::{Event, Progress};
use crate::store::{FileRecord, NewFile};
use crate::walk::{self, FileBytes, FoundFile, Reason};

/// So many parts travel together.
const PORTION: usize = 64;

/// Makes a document of a file's bytes: of its text, or of what a reader makes of them.
///
/// # Errors
///
/// [`Reason::Damaged`] if they aren't what the format says.
fn document(
    path: &NotePath,
    file: FileBytes,
    order: DateOrder,
) -> Result<(Document, Vec<parse::Warning>), Reason> {
    Ok(match extracted(&file)? {
        Some(extracted) => parse::extracted(path, extracted, order),
        None => parse::parse_by(path, file.bytes, order),
    })
}

/// What a reader makes of a file; nothing, if it is text.
fn extracted(file: &FileBytes) -> Result<Option<Extracted>, Reason> {
    let Reader::Extract(extractor) = file.format.reader else { return Ok(None) };
    let damaged = |Damaged(why)| Reason::Damaged { format: file.format.name, why };
    extract::extract(extractor, &file.bytes).map(Some).map_err(damaged)
}

/// Whether a file that was found can be read as a note.
pub(crate) fn is_readable(found: &FoundFile, max_bytes: u64) -> bool {
    walk::read(found, max_bytes, FORMATS).and_then(|file| extracted(&file)).is_ok()
}

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

/// What reading finds, in the order of the notes.
pub(super) enum ReadItem {
    /// A note whose content is what the index has, whatever its stamp says.
    Same(FileRecord),
    /// A note that can't be taken: its root, its path, and why.
    Skipped(String, NotePath, Reason),
    /// A note that has to be indexed; its passages follow.
    Note(Box<NewFile>),
    /// A passage of the note before.
    Passage(Box<Pending>),
}

/// A passage that has no vector yet.
pub(super) struct Pending {
    pub(super) id: PassageId,
    pub(super) passage: Passage,
    /// What is to be embedded.
    pub(super) text: String,
    /// The hash of that.
    pub(super) embedded: ContentHash,
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
    pub(super) progress: &'a dyn Progress,
    pub(super) limits: Limits,
    pub(super) max_bytes: u64,
    pub(super) known: &'a KnownFiles,
    /// How dates are written below each root.
    pub(super) orders: &'a DateOrders,
    /// Where the parts go; it holds a few portions and then makes the reader wait.
    pub(super) to: SyncSender<Vec<ReadItem>>,
    /// Parts that wait for company.
    pub(super) portion: Vec<ReadItem>,
}

/// Why reading ends early: the run was cancelled, or nobody takes the parts any more.
struct Stopped;

impl NoteReader<'_> {
    /// Reads the notes of each root, in order.
    pub(super) fn read(mut self, work: BTreeMap<String, Vec<FoundFile>>) {
        for (root, notes) in work {
            for note in notes {
                if self.note(&root, note).is_err() {
                    return;
                }
            }
        }
        // Whoever has gone knows why.
        let _gone = self.to.send(self.portion);
    }

    fn note(&mut self, root: &str, note: FoundFile) -> Result<(), Stopped> {
        let read_at = SystemTime::now();
        let file = match walk::read(&note, self.max_bytes, FORMATS) {
            Ok(file) => file,
            Err(reason) => return self.skip(root, note, reason),
        };
        let hash = ContentHash::of(&file.bytes);
        let (size, stamp) = (file.bytes.len() as u64, note.stamp.settled(read_at));
        let order = self.orders.get(root).copied().unwrap_or_default();
        let known = self.known.get(root).and_then(|known| known.get(&note.path));
        if let Some(known) = known.filter(|known| known.hash == hash && known.date_order == order) {
            self.progress.on(Event::Parsed { files: 1, bytes: note.size });
            return self.send(ReadItem::Same(FileRecord { size, stamp, ..known.clone() }));
        }
        let (mut document, warnings) = match document(&note.path, file, order) {
            Ok(parsed) => parsed,
            Err(reason) => return self.skip(root, note, reason),
        };
        let record = FileRecord {
            root: root.to_owned(),
            path: note.path,
            size,
            stamp,
            hash,
            date_order: order,
            passages: 0,
            warnings: warnings.iter().map(ToString::to_string).collect(),
        };
        let path = record.path.clone();
        self.send(ReadItem::Note(Box::new(NewFile {
            record,
            title: document.title.clone(),
            aliases: std::mem::take(&mut document.aliases),
            tags: std::mem::take(&mut document.tags),
            date: document.date.take(),
            properties: std::mem::take(&mut document.properties),
            passages: Vec::new(),
        })))?;
        let embedder = self.embedder;
        let (tokens, limits) = (|text: &str| embedder.tokens(text), self.limits);
        let mut occurrences: HashMap<ContentHash, u32> = HashMap::new();
        for chunk in chunk::chunk(&document, &tokens, &limits) {
            let text = chunk.passage.embedded_text();
            // The same text cut into other sentences has other vectors, but is another occurrence all the same.
            let hash = ContentHash::of(format!("{:?}{text}", chunk.windows).as_bytes());
            let occurrence = occurrences.entry(ContentHash::of(text.as_bytes())).or_default();
            let id = PassageId::new(root, &path, &text, *occurrence);
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
        self.progress.on(Event::Parsed { files: 1, bytes: note.size });
        Ok(())
    }

    /// Passes on that a note can't be taken.
    fn skip(&mut self, root: &str, note: FoundFile, reason: Reason) -> Result<(), Stopped> {
        self.progress.on(Event::Parsed { files: 1, bytes: note.size });
        self.send(ReadItem::Skipped(root.to_owned(), note.path, reason))
    }

    fn send(&mut self, part: ReadItem) -> Result<(), Stopped> {
        self.portion.push(part);
        if self.portion.len() < PORTION {
            return Ok(());
        }
        if self.progress.cancelled() {
            return Err(Stopped);
        }
        let portion = std::mem::replace(&mut self.portion, Vec::with_capacity(PORTION));
        self.to.send(portion).map_err(|_| Stopped)
    }
}
