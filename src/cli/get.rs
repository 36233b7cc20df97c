//! `qsearch get`: prints a passage or a note, as it is indexed.

use qsearch::get::Note;
use qsearch::wire;

use super::args::GetArgs;
use super::page::{DIM, HEADING, Page};
use super::{Context, Failure, Outcome, json, printer, render, sanitize};

/// Prints what was asked for.
pub(crate) fn get(context: &Context, args: &GetArgs) -> Result<Outcome, Failure> {
    let library = context.library()?;
    let note = library.get(&args.target)?;
    let roots = &library.snapshot()?.info().roots;
    let unconfirmed =
        context.tell_unconfirmed(library.dir(), roots.iter().filter(|root| root.name == note.root));
    let text = if args.json {
        json::document(&wire::Note::new(&note))
    } else {
        if note.stale && !unconfirmed {
            let path = sanitize::name(note.path.as_str()).into_owned();
            context.printer.message(&format!(
                "warning: {path} has changed or is gone; this is what the index has of it"
            ));
        }
        let page = context.printer.page(roots.clone());
        let header = if note.whole || page.width.is_none() { String::new() } else { header(&page, &note) };
        let text = note.text();
        let text = sanitize::text(&text);
        if text.is_empty() { header } else { format!("{header}{text}\n") }
    };
    printer::data(&text)?;
    Ok(Outcome::Done)
}

/// Where the passages stand, for a person.
fn header(page: &Page, note: &Note) -> String {
    let mut out = String::new();
    for (id, stored) in note.short_ids.iter().zip(&note.passages) {
        let passage = &stored.passage;
        out.push_str(&page.location(&stored.root, &stored.path, passage.lines, passage.place().as_ref()));
        if !passage.heading.is_empty() {
            out.push_str("  ");
            out.push_str(&page.paint(HEADING, &render::trail(&passage.heading)));
        }
        out.push_str(&page.paint(DIM, &format!("  #{id}")));
        out.push('\n');
    }
    out.push('\n');
    out
}
