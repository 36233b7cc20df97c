//! `qsearch copy`: an index somewhere else, with nothing embedded again.

use std::path::PathBuf;
use std::time::Instant;

use qsearch::wire;

use super::args::CopyArgs;
use super::human::{count, duration};
use super::page::WARNING;
use super::progress::{Bars, Interrupt};
use super::{Context, Failure, Outcome, index, json, printer, sanitize};

/// Copies an index.
pub(crate) fn copy(context: &Context, args: &CopyArgs) -> Result<Outcome, Failure> {
    let began = Instant::now();
    let (library, to) = match &args.indexes[..] {
        [from, to] => (context.library_at(context.typed_index(from)?), to),
        [to] => (context.library()?, to),
        // There is at least one.
        _ => return Ok(Outcome::Done),
    };
    let to = context.typed_index(to)?;
    library.snapshot()?;
    let bars = Bars::new(Interrupt::listen()?, context.printer.shows_progress());
    let copied = library.copy_to(&to, &bars);
    bars.finish();
    let copied = copied?;
    // What may be read for an index may be read for its copy.
    let reach = context.trust(library.shown()).reach(library.shown());
    let roots = library.snapshot()?.info().roots.iter();
    let roots = roots.filter(|root| root.is_here() && reach.allows(&root.path));
    let roots: Vec<PathBuf> = roots.map(|root| root.path.clone()).collect();
    index::confirm(context, to.shown(), &roots);
    if args.json {
        let document = wire::Copied::new(library.shown(), to.shown(), &copied, began.elapsed());
        printer::data(&json::document(&document))?;
        return Ok(Outcome::Done);
    }
    context.printer.message(&format!(
        "copied {}, {} in {} -> {}",
        count(copied.files, "file", "files"),
        count(copied.passages, "passage", "passages"),
        duration(began.elapsed()),
        index::folder(context, to.shown())
    ));
    if copied.left_out > 0 {
        context.printer.message(&format!(
            "{} left out, as what they mean is still to be read; `qsearch index` of the copy reads them",
            count(copied.left_out, "note is", "notes are")
        ));
    }
    if let Some(why) = &copied.put_off {
        let word = context.printer.margin().paint(WARNING, "warning:");
        let why = sanitize::line(why);
        context.printer.message(&format!(
            "{word} all is copied, but the index couldn't be tidied up; a later run tries again: {why}"
        ));
    }
    Ok(Outcome::Done)
}
