//! `serve --watch`: the indexes follow their notes while they are served.

use std::thread;

use qsearch::error::Error;

use super::super::progress::Interrupt;
use super::super::watch::{Told, Watch};
use super::super::{Context, Failure, diagnostic, printer};

/// Watches that go on until this is dropped. What they have committed by then stays.
#[derive(Debug, Default)]
pub(super) struct Watching(Vec<Interrupt>);

impl Watching {
    /// Begins to watch the notes of an index, on a thread of its own.
    ///
    /// It refreshes the index as another process would: whoever asks gets the state before or the one after, and a refresh that
    /// is under way when the server ends is given up without harm.
    pub(super) fn begin(&mut self, context: Context) -> Result<(), Failure> {
        let interrupt = Interrupt::default();
        let watch = Watch::of(&context, context.index_to_read()?, interrupt.clone());
        let watcher = thread::Builder::new().name("watch".to_owned());
        let begun = watcher.spawn(move || {
            let ended = watch.run(&mut |told| {
                tell(&context, &told);
                Ok(())
            });
            if let Err(failure) = ended {
                printer::complain(&diagnostic::render(context.printer.margin(), &failure));
            }
        });
        begun.map_err(|source| Error::NoThread { source })?;
        self.0.push(interrupt);
        Ok(())
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        for interrupt in &self.0 {
            interrupt.stop();
        }
    }
}

/// Says on stderr what a watch tells.
fn tell(context: &Context, told: &Told<'_>) {
    let page = context.printer.margin();
    for line in told.lines(page) {
        context.printer.message(&line);
    }
    if let Told::Failed { failure, .. } = told {
        printer::complain(&diagnostic::render(page, failure));
    }
}
