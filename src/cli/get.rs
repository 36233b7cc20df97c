//! `qsearch get`: prints a passage or a note, as it is indexed.

use qsearch::document::{LineSpan, NotePath};
use qsearch::get::{Backlink, Links, Note};
use qsearch::wire;

use super::args::GetArgs;
use super::page::{DIM, HEADING, Page};
use super::{Context, Failure, Outcome, json, printer, sanitize, source};

/// Prints what was asked for.
pub(crate) fn get(context: &Context, args: &GetArgs) -> Result<Outcome, Failure> {
    let library = context.library()?;
    let note = library.get(&args.target)?;
    let roots = &library.snapshot()?.info().roots;
    let unconfirmed =
        context.tell_unconfirmed(library.shown(), roots.iter().filter(|root| root.name == note.root));
    let text = if args.json {
        let show = wire::Show { roots, explain: false };
        json::document(&wire::Note::new(&note, &library.links(&note)?, &show))
    } else {
        if note.stale && !unconfirmed {
            let path = sanitize::name(note.path.as_str()).into_owned();
            context.printer.message(&format!(
                "warning: {path} has changed or is gone; this is what the index has of it"
            ));
        }
        if let Some(machine) = &note.machine {
            let path = sanitize::name(note.path.as_str()).into_owned();
            let elsewhere = source::elsewhere(machine);
            context
                .printer
                .message(&format!("note: {path} is {elsewhere}; this is what the index has of it"));
        }
        let page = context.printer.page(roots.clone());
        if args.links {
            printer::data(&links(&page, &note, &library.links(&note)?))?;
            return Ok(Outcome::Done);
        }
        let header = if note.whole || page.width.is_none() { String::new() } else { header(&page, &note) };
        let text = note.text();
        let text = sanitize::text(&text);
        if text.is_empty() { header } else { format!("{header}{text}\n") }
    };
    printer::data(&text)?;
    Ok(Outcome::Done)
}

/// A line for each link of the note, then for each link to it: where it stands, what it says, where it leads.
fn links(page: &Page, note: &Note, links: &Links) -> String {
    let list = |title: &str, lines: Vec<String>| {
        let title = (!lines.is_empty()).then(|| page.paint(HEADING, title));
        title.into_iter().chain(lines.into_iter().map(|line| format!("  {line}"))).map(|line| line + "\n")
    };
    let place = |path: &NotePath, lines: LineSpan| page.location(&note.root, path, lines, None);
    let outgoing = links.outgoing.iter().map(|link| {
        let leads_to = match &link.path {
            Some(path) => sanitize::name(path.as_str()).into_owned(),
            None => format!("{} (not indexed)", sanitize::name(&link.target)),
        };
        let heading = link.heading.iter().map(|heading| format!("#{}", sanitize::name(heading)));
        let heading: String = heading.collect();
        format!("{}  {} → {leads_to}{heading}", place(&note.path, link.lines), sanitize::name(&link.text))
    });
    let line = |link: &Backlink| format!("{}  {}", place(&link.path, link.lines), sanitize::name(&link.text));
    list("links", outgoing.collect())
        .chain(list("linked from", links.backlinks.iter().map(line).collect()))
        .collect()
}

/// Where the passages stand, for a person.
fn header(page: &Page, note: &Note) -> String {
    let mut out = String::new();
    for (id, stored) in note.short_ids.iter().zip(&note.passages) {
        let passage = &stored.passage;
        out.push_str(&page.location(&stored.root, &stored.path, passage.lines, passage.place().as_ref()));
        if !passage.heading.is_empty() {
            out.push_str("  ");
            out.push_str(&page.paint(HEADING, &source::trail(&passage.heading)));
        }
        out.push_str(&page.paint(DIM, &format!("  #{id}")));
        out.push('\n');
    }
    out.push('\n');
    out
}
