//! What all requests share: the indexes, the turns, and what was said on the command line.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use qsearch::generate::LanguageModel;
use qsearch::library::Library;
use qsearch::lookout::Lookout;
use qsearch::wire::Llm;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::super::args::WriteChoice;
use super::super::desk::Desk;
use super::super::llm::Wish;
use super::super::{Context, Failure, hint};
use super::guard::Guard;
use super::log::Log;
use super::metrics::Metrics;
use super::pool::Pool;
use super::refusal::Refusal;

/// The name of the index that needs none.
pub(super) const DEFAULT: &str = "default";
/// So many answers are written at once.
pub(super) const MOST_WRITERS: usize = 2;
/// How long an answer waits for its turn to be written. Whoever asks again has just left the question before.
const WRITER_PATIENCE: Duration = Duration::from_secs(5);
/// How long what is known of the language model counts.
const LLM_AGE: Duration = Duration::from_secs(30);
/// How long what is known of changed notes counts without another look.
const LOOK_AGE: Duration = Duration::from_secs(2);
/// How long it counts while there is another look.
const MOST_LOOK_AGE: Duration = Duration::from_secs(20);

/// What all requests share.
#[derive(Debug)]
pub(super) struct House {
    /// What the command line and what surrounds the process say; it prints warnings alone.
    pub(super) context: Context,
    /// The indexes, the one that needs no name first.
    pub(super) indexes: Vec<Arc<Index>>,
    /// Who may ask.
    pub(super) guard: Guard,
    /// The turns of questions.
    pub(super) pool: Pool,
    /// The turns of answers that are written.
    pub(super) writers: Arc<Semaphore>,
    /// The turn of whoever has texts embedded.
    pub(super) embedding: Arc<Semaphore>,
    /// How answers are written.
    pub(super) write: WriteChoice,
    /// What is counted of requests.
    pub(super) metrics: Metrics,
    /// What is told of requests.
    pub(super) log: Log,
    /// Whether the server is about to end.
    pub(super) stopping: AtomicBool,
    /// The language model that would write, as it was known at a moment.
    pub(super) llm: Mutex<Option<(Instant, Option<Llm>)>>,
}

impl House {
    /// The index with this name.
    pub(super) fn index(&self, name: &str) -> Result<Arc<Index>, Refusal> {
        let found = self.indexes.iter().find(|index| index.name == name);
        let missing = || {
            Refusal::missing(format!("there is no index `{name}`")).with(hint::serve::indexes(&self.names()))
        };
        found.cloned().ok_or_else(missing)
    }

    /// The names of all indexes.
    pub(super) fn names(&self) -> Vec<&str> {
        self.indexes.iter().map(|index| index.name.as_str()).collect()
    }

    /// Whether the server is about to end.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Relaxed)
    }

    /// How an answer is to be written, if this is asked for: nothing, `true`, `false`, `strict` or `try`.
    pub(super) fn wish(&self, asked: &str) -> Result<Option<Wish>, Refusal> {
        let named = self.write.write.clone().unwrap_or_default();
        let typed = match asked.trim() {
            "" | "false" => return Ok(None),
            "true" => named,
            how @ ("strict" | "try") => format!("{how},{named}"),
            _ => {
                return Err(Refusal::usage(format!("`write` is `{asked}`")).with(hint::serve::WRITE));
            }
        };
        let choice = WriteChoice { write: Some(typed), ..self.write.clone() };
        Ok(self.context.wish(&choice)?)
    }

    /// Opens the language model that is to write.
    pub(super) fn open_llm(&self, wish: &Wish) -> Result<Box<dyn LanguageModel>, Failure> {
        // What the user was told may have been remembered since: each time it is read anew.
        self.context.clone().open_llm(wish)
    }

    /// A turn to write an answer.
    pub(super) async fn writer(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        match timeout(WRITER_PATIENCE, Arc::clone(&self.writers).acquire_owned()).await {
            Ok(turn) => turn.map_err(|_| Refusal::stopping()),
            Err(_) => Err(Refusal::busy("other answers are being written", 10)),
        }
    }

    /// The language model that writes where a request asks for it. One on this machine is only looked for if somebody said that
    /// one may write.
    fn language_model(&self) -> Option<Llm> {
        let context = &self.context;
        let named = self.write.write.is_some()
            || context.environment.llm.is_some()
            || context.settings.llm().is_some();
        if !named {
            return None;
        }
        let lock = || self.llm.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = lock();
        let before = known.clone();
        if let Some((_, llm)) = before.as_ref().filter(|(at, _)| at.elapsed() < LLM_AGE) {
            return llm.clone();
        }
        // Whoever asks meanwhile is told what was known; the first time that is nothing, and all wait.
        let held = if let Some((_, llm)) = before {
            *known = Some((Instant::now(), llm));
            drop(known);
            None
        } else {
            Some(known)
        };
        let opened = self.wish("true").ok().flatten().and_then(|wish| self.open_llm(&wish).ok());
        let llm = opened.map(|llm| Llm { model: llm.name().to_owned(), server: llm.server().to_owned() });
        *held.unwrap_or_else(lock) = Some((Instant::now(), llm.clone()));
        llm
    }

    /// The same, without a turn of those who calculate: its server may be slow.
    pub(super) async fn known_model(self: &Arc<Self>) -> Option<Llm> {
        let house = Arc::clone(self);
        spawn_blocking(move || house.language_model()).await.unwrap_or_default()
    }
}

/// An index that is served.
#[derive(Debug)]
pub(super) struct Index {
    /// Its name in addresses.
    pub(super) name: String,
    /// What opens it.
    pub(super) desk: Arc<Desk>,
    /// What is known of changed notes.
    look: Mutex<Look>,
}

/// What is known of notes that have changed.
#[derive(Debug, Default)]
struct Look {
    /// How many there were, and when.
    known: Option<(Instant, u64)>,
    /// The state of the index that this is about.
    of: Weak<Library>,
    /// A look that goes on.
    begun: Option<Lookout>,
}

impl Index {
    /// An index that need not be there yet.
    pub(super) fn new(name: impl Into<String>, desk: Desk) -> Self {
        Self { name: name.into(), desk: Arc::new(desk), look: Mutex::default() }
    }

    /// The index as it is now.
    pub(super) fn library(&self) -> Result<Arc<Library>, Refusal> {
        self.desk.library().map_err(|failure| {
            let is_missing = match &failure {
                Failure::Library(error) => error.kind() == qsearch::error::ErrorKind::NotFound,
                _ => false,
            };
            let refusal = Refusal::from(failure);
            if is_missing { refusal.under(StatusCode::SERVICE_UNAVAILABLE) } else { refusal }
        })
    }

    /// How many notes have changed since the index was written, as far as that is known without waiting for it.
    pub(super) fn changed_notes(&self, library: &Arc<Library>) -> Option<u64> {
        let mut look = self.look.lock().unwrap_or_else(PoisonError::into_inner);
        let of = Arc::downgrade(library);
        if !Weak::ptr_eq(&look.of, &of) {
            *look = Look { of, ..Look::default() };
        }
        let is_fresh = look.known.is_some_and(|(at, _)| at.elapsed() < LOOK_AGE);
        if !is_fresh && look.begun.is_none() {
            look.begun = library.look_out().ok();
        }
        if let Some(found) = look.begun.as_ref().and_then(Lookout::found) {
            (look.known, look.begun) = (Some((Instant::now(), found)), None);
        }
        look.known.filter(|(at, _)| at.elapsed() < MOST_LOOK_AGE).map(|(_, notes)| notes)
    }
}
