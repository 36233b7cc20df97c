//! `qsearch index` and `qsearch forget`: the commands that write.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use qsearch::trust::Trust;

use super::args::{ForgetArgs, IndexArgs};
use super::library::{self, IndexOptions, Progress, Snapshot};
use super::progress::{Bars, Interrupt};
use super::{Context, Failure, Outcome, human, locate, printer, summary};

/// Brings the index up to date and says what that meant.
pub(crate) fn index(context: &Context, args: IndexArgs) -> Result<Outcome, Failure> {
    let began = Instant::now();
    let Context { environment, settings, .. } = context;
    let warn = |what: &str| context.printer.warn(what);
    let target = locate::to_write(context.index_flag(), environment, settings, args.paths, &warn)?;
    let (model, embedder) = context.model_to_index(&args.model, &target.index, args.rebuild)?;
    let mut options = options(context, &target.index);
    let local = options.local.as_mut().map(|(_, rules)| rules);
    for rules in local.into_iter().chain([&mut options.rules]) {
        if !args.include.is_empty() {
            rules.include.clone_from(&args.include);
        }
        if !args.exclude.is_empty() {
            rules.exclude.clone_from(&args.exclude);
        }
        rules.max_bytes = args.max_size.unwrap_or(rules.max_bytes);
    }
    let checkpoint =
        args.checkpoint.map_or(options.checkpoint, |seconds| Duration::from_secs(seconds.into()));
    let options = IndexOptions { model, optimize: args.optimize, checkpoint, ..options };
    // Before the run, for one that is stopped may have read some of them.
    confirm(context, &target.index, &target.paths);
    let index = if args.rebuild { library::rebuild } else { library::index };
    let bars = Bars::new(Interrupt::listen()?, context.printer.shows_progress());
    let report = index(&target.index, &target.paths, &options, &*embedder, &bars);
    bars.finish();
    let report = report?;
    let mut page = context.printer.margin().clone();
    // Only for the paths' sake; that they are shown with their root's name instead is no reason to fail.
    page.roots =
        Snapshot::open(&target.index).map(|snapshot| snapshot.info().roots.clone()).unwrap_or_default();
    if context.global.trust {
        let roots: Vec<PathBuf> = page.roots.iter().map(|root| root.path.clone()).collect();
        confirm(context, &target.index, &roots);
    }
    context.printer.message(&summary::figures(&report, began.elapsed(), &folder(context, &target.index)));
    for line in summary::remarks(&page, &report) {
        context.printer.message(&line);
    }
    for line in summary::failures(&page, &report) {
        printer::complain(&line);
    }
    Ok(if report.partial() { Outcome::Partial } else { Outcome::Done })
}

/// What counts as a note by the settings, and what may be read.
pub(crate) fn options(context: &Context, index: &Path) -> IndexOptions {
    let (rules, local) = context.settings.rules(index);
    IndexOptions { rules, local, trust: context.trust(index), ..IndexOptions::default() }
}

/// Remembers that an index may read these folders and files, where that isn't so anyway.
fn confirm(context: &Context, index: &Path, paths: &[PathBuf]) {
    let reach = Trust::Confirmed(context.confirmed().roots_of(index)).reach(index);
    let new = paths.iter().filter(|path| path.exists() && !reach.allows(path)).cloned();
    let new: Vec<PathBuf> = new.collect();
    if !new.is_empty() {
        context.confirm(|confirmed| confirmed.add_roots(index, &new));
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
pub(crate) fn folder(context: &Context, folder: &Path) -> String {
    let shown = context.printer.margin().path(folder);
    if shown.ends_with('/') { shown } else { format!("{shown}/") }
}
