//! The index that calls are answered from, as it is when they come.

use std::sync::{Arc, Mutex, PoisonError};

use qsearch::library::Library;

use super::args::{ModelChoice, RerankChoice};
use super::{Context, Failure};

/// What is needed to open the index, and the index once it is open.
#[derive(Debug)]
pub(crate) struct Desk {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// What the command line and what surrounds the process say.
    context: Context,
    model: ModelChoice,
    rerank: RerankChoice,
    /// The index as it was when it was asked last.
    open: Option<Arc<Library>>,
}

impl Desk {
    /// A desk with an index that need not be there yet.
    pub(crate) fn new(context: Context, model: ModelChoice, rerank: RerankChoice) -> Self {
        Self { inner: Mutex::new(Inner { context, model, rerank, open: None }) }
    }

    /// The index as it is now. Models that were opened for an earlier call stay open.
    ///
    /// The library has no current folder: names are looked up in the table of notes, and never on the disk.
    pub(crate) fn library(&self) -> Result<Arc<Library>, Failure> {
        // After a panic it is as whole as before.
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = inner.open.as_ref().filter(|open| open.is_current()) {
            return Ok(Arc::clone(open));
        }
        let before = inner.open.clone();
        // What may be read may have been confirmed by the very run that changed the index.
        inner.context.confirmed.take();
        let context = &inner.context;
        let index = context.index_to_read()?;
        let trust = context.trust(index.shown());
        let library = Library::open(index).with_trust(trust);
        let (mut library, _) = context.choosing_models(library, &inner.model, &inner.rerank)?;
        // What its files look like is remembered from now on.
        library.snapshot()?.is_current();
        if let Some(before) = before {
            library = library.with_models_of(&before);
        }
        let library = Arc::new(library);
        inner.open = Some(Arc::clone(&library));
        Ok(library)
    }
}
