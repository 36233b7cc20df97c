//! A library that is kept open for long, while its index changes.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::Library;
use crate::document::Root;
use crate::embed::{Embedder, ModelSource};
use crate::error::Result;
use crate::get::{self, Note};
use crate::lookout::Lookout;
use crate::status::{self, Status};

/// The most files of an index on another machine that are compared with the disk while a question is answered.
const MOST_LOOKED_AFTER: u64 = 20_000;

impl Library {
    /// Whether answers come from the state that the index is in now. Asking costs far less
    /// than opening the index. `false` as well if it wasn't opened yet, or can't be any more.
    ///
    /// ```
    /// # use qsearch::{index::IndexOptions, library::Library, progress::Silent};
    /// # let folder = tempfile::tempdir()?;
    /// # let notes = folder.path().join("notes");
    /// # std::fs::create_dir(&notes)?;
    /// # std::fs::write(notes.join("owls.md"), "# Owls\n\nOwls hunt at night, by ear.\n")?;
    /// # let mut writer = Library::open(folder.path().join("index"));
    /// # writer.index(&[notes.clone()], &IndexOptions::default(), &Silent)?;
    /// let library = Library::open(folder.path().join("index"));
    /// library.snapshot()?;
    /// assert!(library.is_current());
    /// std::fs::write(notes.join("bread.md"), "Knead for ten minutes.")?;
    /// writer.index(&[], &IndexOptions::default(), &Silent)?;
    /// assert!(!library.is_current());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_current(&self) -> bool {
        self.snapshot.get().is_some_and(|open| open.is_current())
    }

    /// The model that questions to this index are embedded with, which is opened if it isn't yet.
    ///
    /// # Errors
    ///
    /// When there is no index, or the model can't be opened.
    pub fn embedder(&self) -> Result<&dyn Embedder> {
        self.model(false).map(|open| &*open.1)
    }

    /// Takes over the models that another library has open, as far as this one would open the same.
    #[must_use]
    pub fn with_models_of(self, other: &Self) -> Self {
        if let Some(open) = other.model.get().filter(|open| self.would_open(&open.0, open.1.fingerprint())) {
            // It fails if one is open already, which then does the work.
            self.model.set(Arc::clone(open)).unwrap_or_default();
        }
        if let Some(open) = other.reranker.get().filter(|_| self.reranker_source == other.reranker_source) {
            self.reranker.set(Arc::clone(open)).unwrap_or_default();
        }
        self
    }

    /// Whether a model from this source, with this fingerprint, is the one that questions to this index need.
    fn would_open(&self, source: &ModelSource, fingerprint: &str) -> bool {
        let Ok(snapshot) = self.snapshot() else { return false };
        let info = snapshot.info();
        let wanted = self.asked.clone().or_else(|| ModelSource::from_text(&info.model_source));
        wanted.as_ref() == Some(source) && info.fingerprint.model == fingerprint
    }

    /// Tells what [`status`](Self::status) tells, but not how the notes on disk differ from the index.
    ///
    /// # Errors
    ///
    /// As [`status`](Self::status).
    pub fn status_of_index(&self) -> Result<Status> {
        status::of_index(&self.place, self.snapshot()?)
    }

    /// Reads what the file of a note says now that [`get`](Self::get) gave; `None` where the file isn't text, may not be
    /// read, or is gone.
    ///
    /// # Errors
    ///
    /// When there is no index.
    pub fn text_now(&self, note: &Note) -> Result<Option<String>> {
        Ok(get::text_now(self.snapshot()?, &self.trust, note))
    }

    /// Opens a file below a root, through no link: one that a note shows, such as a picture.
    ///
    /// # Errors
    ///
    /// When there is no index or no such root, the root may not be read, or the file can't be opened so.
    pub fn open_below(&self, root: &str, path: &Path) -> Result<File> {
        get::open_below(self.snapshot()?, &self.trust, root, path)
    }

    /// Tells what [`status`](Self::status) tells; once `cancelled` says so, the look at the notes ends.
    ///
    /// # Errors
    ///
    /// As [`status`](Self::status); also when the look was ended.
    pub fn status_unless(&self, cancelled: &dyn Fn() -> bool) -> Result<Status> {
        status::status_unless(&self.place, self.snapshot()?, &self.trust, cancelled)
    }

    /// Begins to look, on a thread of its own, how many notes have changed since the state was written that answers come
    /// from. Writes nothing.
    ///
    /// # Errors
    ///
    /// When there is no index, or it can't be opened.
    ///
    /// ```
    /// # use qsearch::{index::IndexOptions, library::Library, progress::Silent};
    /// # let folder = tempfile::tempdir()?;
    /// # let notes = folder.path().join("notes");
    /// # std::fs::create_dir(&notes)?;
    /// # std::fs::write(notes.join("owls.md"), "# Owls\n\nOwls hunt at night, by ear.\n")?;
    /// # let mut library = Library::open(folder.path().join("index"));
    /// # library.index(&[notes.clone()], &IndexOptions::default(), &Silent)?;
    /// std::fs::write(notes.join("bread.md"), "Knead for ten minutes.")?;
    /// let lookout = library.look_out()?;
    /// assert_eq!(lookout.changed_notes(std::time::Duration::from_secs(60)), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn look_out(&self) -> Result<Lookout> {
        let snapshot = Arc::clone(self.shared_snapshot()?);
        if self.place.folder().is_some() {
            return Ok(Lookout::begin(|| Ok(snapshot), self.trust.clone()));
        }
        // A table of files that comes over a network: on a connection of its own, and only if it isn't long.
        let info = snapshot.info();
        if info.files > MOST_LOOKED_AFTER || !info.roots.iter().any(Root::is_here) {
            return Ok(Lookout::nothing());
        }
        let place = self.place.clone();
        Ok(Lookout::begin(move || place.open(), self.trust.clone()))
    }
}
