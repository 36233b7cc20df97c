//! `qsearch index` and `qsearch forget`: the commands that write.

use std::time::{Duration, Instant};

use super::args::{ForgetArgs, IndexArgs};
use super::library::{self, IndexOptions, Progress, Snapshot};
use super::progress::{Bars, Interrupt};
use super::{Context, Failure, Outcome, human, locate, printer, summary};

/// Brings the index up to date and says what that meant.
pub(crate) fn index(context: &Context, args: IndexArgs) -> Result<Outcome, Failure> {
    let began = Instant::now();
    let Context { environment, settings, .. } = context;
    let target = locate::to_write(context.index_flag(), environment, settings, args.paths)?;
    let (model, embedder) = context.model_to_index(&args.model, &target.index, args.rebuild)?;
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let options = IndexOptions {
        model,
        optimize: args.optimize,
        checkpoint: args.checkpoint.map_or(IndexOptions::default().checkpoint, seconds),
        ..options(context, args.include, args.exclude, args.max_size)
    };
    let index = if args.rebuild { library::rebuild } else { library::index };
    let bars = Bars::new(Interrupt::listen()?, context.printer.shows_progress());
    let report = index(&target.index, &target.paths, &options, &*embedder, &bars);
    bars.finish();
    let report = report?;
    let mut page = context.printer.margin().clone();
    // Only for the paths' sake; that they are shown with their root's name instead is no reason to fail.
    page.roots =
        Snapshot::open(&target.index).map(|snapshot| snapshot.info().roots.clone()).unwrap_or_default();
    context.printer.message(&summary::figures(&report, began.elapsed(), &folder(context, &target.index)));
    for line in summary::remarks(&page, &report) {
        context.printer.message(&line);
    }
    for line in summary::failures(&page, &report) {
        printer::complain(&line);
    }
    Ok(if report.partial() { Outcome::Partial } else { Outcome::Done })
}

/// What counts as a note: flags first, then the settings.
pub(crate) fn options(
    context: &Context,
    include: Vec<String>,
    exclude: Vec<String>,
    max_bytes: Option<u64>,
) -> IndexOptions {
    let settings = &context.settings;
    let or = |flags: Vec<String>, settings: &Option<Vec<String>>| {
        if flags.is_empty() { settings.clone().unwrap_or_default() } else { flags }
    };
    IndexOptions {
        include: or(include, &settings.include),
        exclude: or(exclude, &settings.exclude),
        max_bytes: max_bytes.or(settings.max_size).unwrap_or(IndexOptions::default().max_bytes),
        ..IndexOptions::default()
    }
}

/// Takes notes out of the index.
pub(crate) fn forget(context: &Context, args: &ForgetArgs) -> Result<Outcome, Failure> {
    let index = context.index_to_read()?;
    let bars = Bars::new(Interrupt::listen()?, context.printer.shows_progress());
    // There is nothing to walk or read.
    bars.storing();
    let files = library::forget(&index, &args.path, &context.environment.cwd, &bars);
    bars.finish();
    let files = files?;
    context.printer.message(&format!(
        "forgot {} -> {}",
        human::count(files, "file", "files"),
        folder(context, &index)
    ));
    Ok(Outcome::Done)
}

/// A folder as it is shown, with a `/` at its end.
pub(crate) fn folder(context: &Context, folder: &std::path::Path) -> String {
    let shown = context.printer.margin().path(folder);
    if shown.ends_with('/') { shown } else { format!("{shown}/") }
}
