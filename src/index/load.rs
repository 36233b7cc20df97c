//! A file that was found becomes what a note is made of: its text, or what a reader makes of it.

use std::path::Path;
use std::time::SystemTime;

use super::known::{DateOrders, KnownFiles, members};
use crate::document::ContentHash;
use crate::extract::{Content, Damaged, Failure, Launch, Readers};
use crate::format::{self, Extractor, FORMATS, Reader};
use crate::progress::Progress;
use crate::store::FileRecord;
use crate::walk::{self, FoundFile, Reason};

/// Loads files, whoever calls it from whichever thread.
#[derive(Clone, Copy)]
pub(super) struct Loader<'a> {
    pub(super) max_bytes: Option<u64>,
    pub(super) known: &'a KnownFiles,
    /// How dates are written below each root.
    pub(super) orders: &'a DateOrders,
    /// How processes are started that read what isn't text.
    pub(super) launch: Option<&'a Launch>,
    pub(super) progress: &'a dyn Progress,
    /// Whether what isn't text is left for later if it takes a process to read it.
    pub(super) only_text: bool,
}

/// A file that was read.
pub(super) struct Loaded {
    /// When it was read.
    pub(super) at: SystemTime,
    /// Its size in bytes.
    pub(super) size: u64,
    /// The hash of its bytes.
    pub(super) hash: ContentHash,
    /// What is in it.
    pub(super) body: Body,
}

/// What is in a file.
pub(super) enum Body {
    /// What the index has of it.
    Same,
    /// A text: these bytes.
    Text(Vec<u8>),
    /// What a reader has made of it.
    Content(Content),
    /// Nothing that can be read, for this reason.
    Damaged(Reason),
}

/// Why a file isn't loaded.
pub(super) enum NotLoaded {
    /// It can't be taken.
    Skipped(Reason),
    /// It takes long, and is left for later.
    Later,
    /// The run is cancelled.
    Cancelled,
}

impl Loader<'_> {
    /// Readers for one thread.
    pub(super) fn readers(&self) -> Readers {
        Readers::new(self.launch.cloned())
    }

    /// Reads a file of a root.
    pub(super) fn load(
        &self,
        readers: &mut Readers,
        root: &str,
        note: &FoundFile,
    ) -> Result<Loaded, NotLoaded> {
        let at = SystemTime::now();
        let file = walk::read(note, self.max_bytes, FORMATS).map_err(NotLoaded::Skipped)?;
        let (size, hash) = (file.bytes.len() as u64, ContentHash::of(&file.bytes));
        let order = self.orders.get(root).copied().unwrap_or_default();
        let known = self.known.get(root).map_or_else(Vec::new, |known| {
            known.get(&note.path).map_or_else(|| members(known, &note.path), |record| vec![record])
        });
        let is_same = |known: &&FileRecord| known.hash == hash && known.date_order == order && !known.pending;
        let same = !known.is_empty() && known.iter().all(is_same);
        let body = match file.format.reader {
            _ if same => Body::Same,
            Reader::Extract(extractor) if self.only_text && extractor.needs_process() => {
                return Err(NotLoaded::Later);
            }
            Reader::Extract(extractor) => {
                let damaged = |Damaged(why)| {
                    Reason::unread(&format!("it can't be read as {}: {why}", file.format.name))
                };
                let cancelled = || self.progress.cancelled();
                match readers.read(extractor, file.bytes, &cancelled) {
                    Ok(content) => Body::Content(content),
                    Err(Failure::Damaged(why)) => Body::Damaged(damaged(why)),
                    Err(Failure::Failed(why)) => return Err(NotLoaded::Skipped(Reason::Unreadable(why))),
                    Err(Failure::NoProcess(error)) => {
                        let why = format!("the process that reads such files can't be started: {error}");
                        return Err(NotLoaded::Skipped(Reason::Unreadable(why)));
                    }
                    Err(Failure::Cancelled) => return Err(NotLoaded::Cancelled),
                }
            }
            _ => Body::Text(file.bytes),
        };
        Ok(Loaded { at, size, hash, body })
    }
}

/// Whether a file with this name is read in a process of its own, as far as its name tells.
pub(super) fn takes_process(note: &FoundFile) -> bool {
    let relative = note.path.to_relative();
    let extension = Path::new(&relative).file_name().and_then(format::extension);
    let format = extension.and_then(|extension| format::by_extension(FORMATS, &extension));
    matches!(format.map(|format| format.reader), Some(Reader::Extract(extractor)) if Extractor::needs_process(extractor))
}
