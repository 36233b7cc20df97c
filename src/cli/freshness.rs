//! Notes that have changed since they were indexed: read before a question is answered, or counted beside that.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use qsearch::error::ErrorKind;
use qsearch::library::Library;
use qsearch::lookout::Lookout;
use qsearch::threads;

use super::args::ModelChoice;
use super::progress::{Bars, Interrupt};
use super::{Context, Failure, hint, index, printer, summary};

/// How long a reply that is ready waits for what is known of changed notes.
const PATIENCE: Duration = Duration::from_millis(1);
/// How long the program goes on for that once the reply is on a terminal, where nobody waits for its end.
const AFTERWARDS: Duration = Duration::from_millis(50);

/// What is known of notes that have changed.
#[derive(Debug)]
pub(crate) enum Look {
    /// How many there are, if that is known.
    Known(Option<u64>),
    /// They are being counted.
    Begun(Lookout),
}

impl Look {
    /// How many notes have changed, for a reply that is ready.
    pub(crate) fn now(self) -> Option<u64> {
        self.within(PATIENCE)
    }

    /// Says how many notes have changed, if there are any, once the reply is printed.
    pub(crate) fn tell(self, context: &Context) {
        let patience = if io::stdout().is_terminal() { AFTERWARDS } else { PATIENCE };
        if let Some(notes @ 1..) = self.within(patience) {
            context.printer.message(&hint::stale(notes));
        }
    }

    fn within(self, patience: Duration) -> Option<u64> {
        match self {
            Self::Known(notes) => notes,
            Self::Begun(lookout) => lookout.changed_notes(patience),
        }
    }
}

/// The index that a question is asked of, and a look at its notes that goes on beside that, if it is `wanted`. If
/// `refresh` or the settings say so, notes that have changed are read first.
pub(crate) fn library(context: &Context, refresh: bool, wanted: bool) -> Result<(Library, Look), Failure> {
    let library = context.library()?;
    library.snapshot()?;
    if refresh || context.settings.refresh(library.shown()) {
        match refreshed(context, &library) {
            Ok(fresh) => return Ok(fresh),
            Err(Failure::Library(error)) if !refresh && error.kind() != ErrorKind::Interrupted => {
                context.printer.warn(&format!("notes that have changed aren't read: {error}"));
            }
            Err(failure) => return Err(failure),
        }
    }
    let look = if wanted { Look::Begun(library.look_out()?) } else { Look::Known(None) };
    Ok((library, look))
}

/// The index, with the notes read that have changed.
fn refreshed(context: &Context, library: &Library) -> Result<(Library, Look), Failure> {
    let began = Instant::now();
    threads::start();
    let choice = ModelChoice { model: None };
    let mut library = context.library_to_write(library.place().clone(), &choice, false)?;
    let options = index::options(context, library.shown());
    let bars = Bars::new(Interrupt::listen()?, context.printer.shows_progress());
    let report = library.index(&[], &options, &bars);
    bars.finish();
    let report = report?;
    if report.added + report.changed + report.removed > 0 {
        let folder = index::folder(context, library.shown());
        context.printer.message(&summary::figures(&report, began.elapsed(), &folder));
    }
    let mut page = context.printer.margin().clone();
    page.roots.clone_from(&library.snapshot()?.info().roots);
    for line in summary::failures(&page, &report) {
        printer::complain(&line);
    }
    Ok((library, Look::Known((!report.partial()).then_some(0))))
}
