//! `qsearch model get`: a model of the hub becomes a model file.

use indicatif::{ProgressBar, ProgressStyle};
use qsearch::embed::{ModelSource, OnnxSource};
use qsearch::error::size;
use qsearch::hub::{Download, Fetched, HubEvent, HubWatcher, Repository, known};
use qsearch::wire;

use super::import;
use crate::cli::args::{ConvertArgs, ModelGetArgs};
use crate::cli::printer::Printer;
use crate::cli::progress::Interrupt;
use crate::cli::{Context, Failure, Outcome, json, printer, sanitize};

/// The folder of downloads, below that of models.
const DOWNLOADS: &str = ".downloads";
/// What a bar shows of a file whose size is known, and of another one.
const BAR: &str = "{msg:24} {wide_bar:.dim} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left";
const SPINNER: &str = "{spinner} {msg} {bytes}";

/// Downloads a model and imports it.
pub(super) fn get(context: &Context, args: ModelGetArgs) -> Result<Outcome, Failure> {
    let repository = repository(context, &args.model)?;
    let downloads = import::models(context)?.join(DOWNLOADS);
    let download = Download::open(&downloads, &repository)?;
    let watcher = Watcher::new(Interrupt::listen()?, context.printer.clone());
    let fetched = download.fetch(&repository, &context.environment.hub, &watcher);
    watcher.bar.finish_and_clear();
    let fetched = fetched?;
    let license = license(&repository, &fetched);
    if !args.json {
        tell(context, &repository, &fetched, license.as_deref());
    }
    let name = args.convert.name.or_else(|| Some(repository.name().to_owned()));
    let imported = import::folder(context, &fetched.folder, ConvertArgs { name, ..args.convert });
    if imported.is_err() && !args.json {
        let folder = context.printer.margin().path(&fetched.folder);
        context.printer.message(&format!("what was downloaded stays in {folder}"));
    }
    let imported = imported?;
    let kept = args.keep.then(|| fetched.folder.clone());
    if kept.is_none() {
        download.remove()?;
    }
    if args.json {
        let document = imported.document(context)?;
        let got = wire::Downloaded::new(document, &repository, &fetched, license.as_deref(), kept.as_deref());
        printer::data(&json::document(&got))?;
        return Ok(Outcome::Done);
    }
    imported.tell(context)?;
    if let Some(kept) = kept {
        context.printer.message(&format!("kept {}", context.printer.margin().path(&kept)));
    }
    Ok(Outcome::Done)
}

/// The repository that was typed, by a known name or as it is.
fn repository(context: &Context, typed: &str) -> Result<Repository, Failure> {
    let shown = sanitize::name(typed);
    let source = ModelSource::called(typed, &context.places()?);
    if source == Some(ModelSource::Bundled) {
        return Err(Failure::refused(
            format!("{shown} is a part of qsearch"),
            "indexes are made with it where no other model is named",
        ));
    }
    let known = known(typed);
    let named = known.filter(|known| known.is_native).map_or(typed, |known| known.repository);
    let is_native = known.is_none_or(|known| known.is_native);
    if let Some(repository) = Repository::parse(named).filter(|_| is_native) {
        return Ok(repository);
    }
    let through_onnx = |option: &str| {
        Failure::refused(
            format!("{shown} is only had as ONNX, which isn't imported"),
            format!("`{option} {shown}` downloads it when it is first used, and runs it by ONNX Runtime"),
        )
    };
    Err(match source {
        Some(ModelSource::Onnx(_)) => through_onnx("--model"),
        _ if OnnxSource::reranker_called(typed).is_some() => through_onnx("--rerank"),
        _ if !is_native => through_onnx("--model"),
        _ => Failure::refused(
            format!("no model of the hub is known as {shown}"),
            "`qsearch model list` shows those that are; any other is named by its repository, OWNER/NAME",
        ),
    })
}

/// The licence of a model: as is known, else as its own page says.
fn license(repository: &Repository, fetched: &Fetched) -> Option<String> {
    let known = known(&repository.to_string()).map(|known| known.license.to_owned());
    known.or_else(|| fetched.license.clone())
}

/// Says what was downloaded.
fn tell(context: &Context, repository: &Repository, fetched: &Fetched, license: Option<&str>) {
    let say = |text: &str| context.printer.message(text);
    let commit = fetched.commit.as_deref().map(|commit| format!(", commit {commit}")).unwrap_or_default();
    say(&format!("downloaded {repository}{commit}"));
    let width = fetched.files.iter().map(|file| file.name.len()).max().unwrap_or(0);
    for file in &fetched.files {
        say(&format!("  {:width$}  {:>9}  sha256 {}", file.name, size(file.bytes), file.sha256));
    }
    say(&format!("  licence: {}", license.map_or("not named".into(), sanitize::line)));
}

/// Shows how far a download has come.
struct Watcher {
    interrupt: Interrupt,
    printer: Printer,
    bar: ProgressBar,
}

impl Watcher {
    fn new(interrupt: Interrupt, printer: Printer) -> Self {
        let bar = if printer.shows_progress() { ProgressBar::no_length() } else { ProgressBar::hidden() };
        Self { interrupt, printer, bar }
    }
}

impl HubWatcher for Watcher {
    fn on(&self, event: HubEvent<'_>) {
        match event {
            HubEvent::File { name, got, all } => {
                self.bar.reset();
                self.bar.set_style(style(if all.is_some() { BAR } else { SPINNER }));
                self.bar.set_message(name.to_owned());
                if let Some(all) = all {
                    self.bar.set_length(all);
                }
                self.bar.set_position(got);
                // What was here took no time.
                self.bar.reset_eta();
            }
            HubEvent::Got { bytes } => self.bar.inc(bytes),
            HubEvent::Again { why } => self.bar.suspend(|| {
                self.printer
                    .message(&format!("the connection was lost ({}); trying again", sanitize::line(why)));
            }),
            HubEvent::Checking { name } => {
                self.bar.set_style(style("{msg}"));
                self.bar.set_message(format!("checking {name}"));
            }
            // What isn't known isn't shown.
            _ => {}
        }
    }

    fn cancelled(&self) -> bool {
        self.interrupt.is_raised()
    }
}

/// A bar's look; the templates above are constant and tested.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_sound() {
        for template in [BAR, SPINNER, "{msg}"] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
