//! What the system says has happened, as far as it matters: the border to `notify`.
//!
//! Events are only hints: where there were too many of them, all there is to know is that something is lost.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind};
use notify::{Event, EventHandler, EventKind};
use qsearch::sys;
use qsearch::walk::Thing;

/// So many events may wait; where there are more, all is looked at.
const MOST_WAITING: usize = 4096;

/// What the watch hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Something has happened at a path.
    Touched {
        /// The path.
        path: PathBuf,
        /// What is or was there.
        thing: Thing,
        /// Whether it may have come, gone, or got other permissions, and not just another content.
        moved: bool,
    },
    /// Somebody wants the watch to look up.
    Wake,
}

/// The end at which signals are heard.
#[derive(Debug)]
pub(super) struct Hearing {
    signals: Receiver<Signal>,
    lost: Arc<AtomicBool>,
}

/// The end at which signals are given.
#[derive(Clone, Debug)]
pub(super) struct Mouth {
    signals: SyncSender<Signal>,
    lost: Arc<AtomicBool>,
}

/// Both ends of a way for signals.
pub(super) fn channel() -> (Mouth, Hearing) {
    let (sender, signals) = sync_channel(MOST_WAITING);
    let lost = Arc::new(AtomicBool::new(false));
    (Mouth { signals: sender, lost: Arc::clone(&lost) }, Hearing { signals, lost })
}

impl Hearing {
    /// The signals, one after the other.
    pub(super) fn signals(&self) -> &Receiver<Signal> {
        &self.signals
    }

    /// Whether events were lost since this was asked last.
    pub(super) fn has_lost(&self) -> bool {
        self.lost.swap(false, Relaxed)
    }
}

impl Mouth {
    /// Has the watch look up.
    pub(super) fn wake(&self) {
        // Where so many signals wait, it does so anyway.
        drop(self.signals.try_send(Signal::Wake));
    }

    /// Tells that there may be more to know than what was said.
    fn lose(&self) {
        self.lost.store(true, Relaxed);
        self.wake();
    }
}

impl EventHandler for Mouth {
    fn handle_event(&mut self, event: notify::Result<Event>) {
        let Ok(event) = event else { return self.lose() };
        if event.need_rescan() {
            return self.lose();
        }
        let Some((thing, moved)) = meaning(event.kind) else { return };
        for path in event.paths {
            let path = sys::spelled(&path).into_owned();
            if let Err(TrySendError::Full(_)) = self.signals.try_send(Signal::Touched { path, thing, moved })
            {
                self.lost.store(true, Relaxed);
            }
        }
    }
}

/// What an event of some kind is about, and whether that may have come, gone, or got other permissions; `None` if nothing
/// has changed, as when something is read.
fn meaning(kind: EventKind) -> Option<(Thing, bool)> {
    Some(match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Modify(ModifyKind::Data(_)) => {
            (Thing::File, false)
        }
        EventKind::Access(_) => return None,
        EventKind::Create(CreateKind::Folder) | EventKind::Remove(RemoveKind::Folder) => {
            (Thing::Folder, true)
        }
        EventKind::Create(CreateKind::File) | EventKind::Remove(RemoveKind::File) => (Thing::File, true),
        EventKind::Create(_)
        | EventKind::Remove(_)
        | EventKind::Modify(_)
        | EventKind::Any
        | EventKind::Other => (Thing::Unknown, true),
    })
}

#[cfg(test)]
mod tests {
    use notify::event::{DataChange, Flag, MetadataKind, RenameMode};

    use super::*;

    #[test]
    fn reading_is_no_event() {
        for kind in [
            AccessKind::Open(AccessMode::Any),
            AccessKind::Close(AccessMode::Read),
            AccessKind::Read,
            AccessKind::Any,
        ] {
            assert_eq!(meaning(EventKind::Access(kind)), None);
        }
    }

    #[test]
    fn writing_moving_and_removing_are() {
        let file = |moved| Some((Thing::File, moved));
        assert_eq!(meaning(EventKind::Access(AccessKind::Close(AccessMode::Write))), file(false));
        assert_eq!(meaning(EventKind::Modify(ModifyKind::Data(DataChange::Any))), file(false));
        assert_eq!(meaning(EventKind::Remove(RemoveKind::File)), file(true));
        assert_eq!(meaning(EventKind::Create(CreateKind::Folder)), Some((Thing::Folder, true)));
        for kind in
            [ModifyKind::Name(RenameMode::To), ModifyKind::Metadata(MetadataKind::Any), ModifyKind::Any]
        {
            assert_eq!(meaning(EventKind::Modify(kind)), Some((Thing::Unknown, true)));
        }
    }

    #[test]
    fn what_is_too_much_or_fails_is_lost() {
        let (mut mouth, hearing) = channel();
        let event = Event::new(EventKind::Remove(RemoveKind::File)).add_path("a".into());
        mouth.handle_event(Ok(event.clone()));
        assert!(!hearing.has_lost());
        mouth.handle_event(Err(notify::Error::generic("no")));
        assert!(hearing.has_lost() && !hearing.has_lost());
        mouth.handle_event(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)));
        assert!(hearing.has_lost());
        for _ in 0..=MOST_WAITING {
            mouth.handle_event(Ok(event.clone()));
        }
        assert!(hearing.has_lost());
        assert_eq!(hearing.signals().try_iter().count(), MOST_WAITING);
    }
}
