//! `qsearch index` and `qsearch forget`: the commands that write.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use qsearch::files::is_address;
use qsearch::format::{self, FORMATS};
use qsearch::index::{IndexOptions, Skipped};
use qsearch::library::Library;
use qsearch::locate;
use qsearch::progress::{Event, Progress};
use qsearch::trust::Trust;
use qsearch::walk::Reason;
use qsearch::wire;

use super::args::{ForgetArgs, IndexArgs};
use super::hint::passed_over;
use super::progress::{Bars, Interrupt};
use super::{Context, Failure, Outcome, extract, human, json, printer, summary};

/// Brings the index up to date and says what that meant.
pub(crate) fn index(context: &Context, args: IndexArgs) -> Result<Outcome, Failure> {
    let began = Instant::now();
    let Context { environment, settings, .. } = context;
    let warn = |what| context.printer.warn(&passed_over(&what));
    let (asked, around) = (context.asked_index()?, &environment.around);
    let target = locate::to_write(asked.as_ref(), around, settings, args.paths, &warn)?;
    let mut library = context.library_to_write(target.index, &args.model, args.rebuild)?;
    let mut options = options(context, library.shown());
    let kinds = format::kinds(FORMATS, &args.kinds)?;
    let local = options.local.as_mut().map(|(_, rules)| rules);
    for rules in local.into_iter().chain([&mut options.rules]) {
        if !args.include.is_empty() {
            rules.include.clone_from(&args.include);
        }
        if !args.exclude.is_empty() {
            rules.exclude.clone_from(&args.exclude);
        }
        if !kinds.is_empty() {
            rules.kinds.clone_from(&kinds);
        }
        rules.max_bytes = args.max_size.or(rules.max_bytes);
    }
    let named = [&args.include, &args.exclude, &kinds];
    options.apply_rules = named.iter().any(|named| !named.is_empty()) || args.max_size.is_some();
    options.optimize = args.optimize;
    if let Some(seconds) = args.checkpoint {
        options.checkpoint = Duration::from_secs(seconds.into());
    }
    // Before the run, for one that is stopped may have read some of them.
    confirm(context, library.shown(), &target.paths);
    let index = if args.rebuild { Library::rebuild } else { Library::index };
    let bars = Bars::new(Interrupt::listen()?, context.printer.shows_progress());
    let report = index(&mut library, &target.paths, &options, &bars);
    bars.finish();
    let report = report?;
    let is_odd = |skipped: &Skipped| matches!(skipped.reason, Reason::Damaged(_));
    let is_odd = !report.warnings.is_empty() || report.skipped.iter().any(is_odd);
    let outcome = if report.partial() || (args.strict && is_odd) { Outcome::Partial } else { Outcome::Done };
    let mut page = context.printer.margin().clone();
    // Only for the paths' sake; that they are shown with their root's name instead is no reason to fail.
    page.roots = library.snapshot().map(|snapshot| snapshot.info().roots.clone()).unwrap_or_default();
    if context.global.trust {
        let roots: Vec<PathBuf> =
            page.roots.iter().filter(|root| root.is_here()).map(|root| root.path.clone()).collect();
        confirm(context, library.shown(), &roots);
    }
    if args.json {
        printer::data(&json::document(&wire::Indexed::new(library.shown(), &report, began.elapsed())))?;
        return Ok(outcome);
    }
    context.printer.message(&summary::figures(&report, began.elapsed(), &folder(context, library.shown())));
    for line in summary::remarks(&page, &report) {
        context.printer.message(&line);
    }
    for line in summary::failures(&page, &report) {
        printer::complain(&line);
    }
    Ok(outcome)
}

/// What counts as a note by the settings.
pub(crate) fn options(context: &Context, index: &Path) -> IndexOptions {
    let (rules, local) = context.settings.rules(index);
    let mut options = IndexOptions::with_rules(rules, local);
    options.launch = extract::launch();
    options
}

/// Remembers that an index may read these folders and files, where that isn't so anyway.
pub(crate) fn confirm(context: &Context, index: &Path, paths: &[PathBuf]) {
    let reach = Trust::Confirmed(context.confirmed().roots_of(index)).reach(index);
    let new = paths.iter().filter(|path| path.exists() && !reach.allows(path)).cloned();
    let new: Vec<PathBuf> = new.collect();
    if !new.is_empty() {
        context.confirm(|confirmed| confirmed.add_roots(index, &new));
    }
}

/// Takes notes out of the index.
pub(crate) fn forget(context: &Context, args: &ForgetArgs) -> Result<Outcome, Failure> {
    let mut library = Library::open(context.index_to_read()?).with_cwd(&context.environment.around.cwd);
    let bars = Bars::new(Interrupt::listen()?, context.printer.shows_progress());
    // There is nothing to walk or read.
    bars.on(Event::Storing);
    let files = library.forget(&args.path, &bars);
    bars.finish();
    let files = files?;
    if args.json {
        printer::data(&json::document(&wire::Forgotten::new(library.shown(), files)))?;
        return Ok(Outcome::Done);
    }
    context.printer.message(&format!(
        "forgot {} -> {}",
        human::count(files, "file", "files"),
        folder(context, library.shown())
    ));
    Ok(Outcome::Done)
}

/// An index as it is shown: a folder with a `/` at its end, the address of a database as it is.
pub(crate) fn folder(context: &Context, folder: &Path) -> String {
    let shown = context.printer.margin().path(folder);
    if shown.ends_with('/') || is_address(folder) { shown } else { format!("{shown}/") }
}
