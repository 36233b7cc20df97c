//! `qsearch watch`: an index that follows its notes.
//!
//! The system's events are hints that something may have changed, and the ordinary refresh finds out what: [`run`] puts the
//! parts together, [`watches`] says what is watched and what an event means, [`pace`] when to refresh, and [`told`] has
//! what there is to tell. A server that watches calls [`Watch::run`] on a thread of its own and logs what it is told.

mod events;
mod mounts;
mod pace;
mod run;
mod told;
mod units;
mod watches;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use qsearch::error::{Error, NotFound};
use qsearch::files::is_address;
use qsearch::locate;
use qsearch::store::Place;
use qsearch::sys;

use super::args::WatchArgs;
use super::hint::passed_over;
use super::page::Page;
use super::progress::Interrupt;
use super::{Context, Failure, Outcome, diagnostic, index, printer, summary};
use told::Refreshed;

pub(crate) use run::Watch;
pub(crate) use told::Told;

/// Keeps the index up to date until it is stopped.
pub(crate) fn watch(context: &Context, args: WatchArgs) -> Result<Outcome, Failure> {
    let index = target(context, &args.paths)?;
    if args.print_systemd || args.print_launchd {
        units::print(context, index.shown(), &args)?;
        return Ok(Outcome::Done);
    }
    if !args.paths.is_empty() {
        index::confirm(context, index.shown(), &args.paths);
    }
    let mut watch = Watch::of(context, index, Interrupt::listen()?).indexing(args.paths).showing_progress();
    if let Some(seconds) = args.poll {
        watch = watch.polling(Duration::from_secs(seconds.get().into()));
    }
    let mut teller = Teller { context, json: args.json, complained: HashSet::new() };
    watch.run(&mut |told| teller.tell(&told))?;
    Ok(Outcome::Done)
}

/// The place of the index: one that is there or is being made, or with paths, where one is to be.
fn target(context: &Context, paths: &[PathBuf]) -> Result<Place, Failure> {
    if paths.is_empty() {
        return match context.index_to_read() {
            Err(Failure::Library(Error::NotFound(NotFound::BeingMade { index, .. }))) => Ok(index.into()),
            found => {
                let index = found?;
                context.library_at(index.clone()).snapshot()?;
                Ok(index)
            }
        };
    }
    let warn = |what| context.printer.warn(&passed_over(&what));
    let around = &context.environment.around;
    let asked = context.asked_index()?;
    Ok(locate::to_write(asked.as_ref(), around, &context.settings, paths.to_vec(), &warn)?.index)
}

/// Prints what a watch tells.
struct Teller<'a> {
    context: &'a Context,
    json: bool,
    /// What was said of notes that can't be read.
    complained: HashSet<String>,
}

impl Teller<'_> {
    fn tell(&mut self, told: &Told<'_>) -> Result<(), Failure> {
        if self.json {
            return printer::data(&told.document());
        }
        let printer = &self.context.printer;
        let page = printer.margin().clone();
        let time =
            if printer.is_on_terminal() { format!("{} ", super::human::time()) } else { String::new() };
        for line in told.lines(&page) {
            printer.message(&format!("{time}{line}"));
        }
        match told {
            Told::Failed { failure, again } => {
                let again = super::human::duration(*again);
                printer::complain(&format!(
                    "{}\ntrying again in {again}",
                    diagnostic::render(&page, failure)
                ));
            }
            Told::Refreshed(refreshed) => self.complain(page, refreshed),
            _ => {}
        }
        Ok(())
    }

    /// Says which notes can't be read, those of which it was said before left out.
    fn complain(&mut self, page: Page, refreshed: &Refreshed<'_>) {
        let page = Page { roots: refreshed.roots.to_vec(), ..page };
        let lines = summary::failures(&page, refreshed.report);
        for line in lines.iter().filter(|line| !self.complained.contains(*line)) {
            printer::complain(line);
        }
        self.complained = lines.into_iter().collect();
    }
}

/// A path that means the same from any folder; the address of a database does anyway.
fn absolute(context: &Context, path: &Path) -> PathBuf {
    if is_address(path) {
        return path.to_path_buf();
    }
    let path = context.environment.around.cwd.join(path);
    sys::resolved(&path).unwrap_or(path)
}
