//! `qsearch notes` and `qsearch tags`: what there is, one line each.

use qsearch::ask::{MOST_SOURCES, Question};
use qsearch::hit::StoredPassage;
use qsearch::list::{self, ListedNote};
use qsearch::wire;

use super::args::NotesArgs;
use super::page::{DIM, HEADING, Page};
use super::{Context, Failure, Outcome, hint, human, json, printer, sanitize};

/// Lists the notes that some filters let through.
pub(crate) fn notes(context: &Context, args: NotesArgs) -> Result<Outcome, Failure> {
    let as_json = args.json;
    let (notes, page) = listed(context, args)?;
    let text = if as_json {
        json::document(&wire::notes(&notes, &wire::Show { roots: &page.roots, explain: false }))
    } else {
        self::page(&page, notes.iter().map(|note| &note.passage))
    };
    printer::data(&text)?;
    Ok(if notes.is_empty() { Outcome::Nothing } else { Outcome::Done })
}

/// Lists the tags of the notes that some filters let through.
pub(crate) fn tags(context: &Context, args: NotesArgs) -> Result<Outcome, Failure> {
    let as_json = args.json;
    let (notes, page) = listed(context, args)?;
    let tags = list::tags(&notes);
    let text = if as_json {
        json::document(&wire::tags(&tags))
    } else {
        let line = |tag: &list::ListedTag| {
            let count = page.paint(DIM, &format!("{:>6}", human::thousands(tag.notes)));
            format!("{count}  {}\n", sanitize::line(&tag.name))
        };
        tags.iter().map(line).collect()
    };
    printer::data(&text)?;
    Ok(if tags.is_empty() { Outcome::Nothing } else { Outcome::Done })
}

/// The notes that some filters let through, and the page to show them on.
fn listed(context: &Context, args: NotesArgs) -> Result<(Vec<ListedNote>, Page), Failure> {
    let typed = args.filter.join(" ");
    let mut question = Question::new(typed.trim(), MOST_SOURCES, human::today());
    question.filter = args.notes.into();
    let library = context.library()?;
    let question = library.understand(&question)?;
    if !question.query().is_silent() {
        let words = &question.query().text;
        return Err(Failure::refused(
            format!("`{words}` isn't a filter"),
            hint::words_in_filter(question.text()),
        ));
    }
    let page = context.printer.page(library.snapshot()?.info().roots.clone());
    Ok((library.notes(&question)?, page))
}

/// One line for each note: its date, where it is, its title.
pub(crate) fn page<'a>(page: &Page, notes: impl Iterator<Item = &'a StoredPassage>) -> String {
    let line = |note: &StoredPassage| {
        let date = note.date.map_or_else(|| " ".repeat("2026-01-31".len()), |date| date.to_string());
        let title = note.title.as_deref().map(|title| format!("  {}", sanitize::line(title)));
        let title = page.paint(HEADING, &title.unwrap_or_default());
        format!("{}  {}{title}\n", page.paint(DIM, &date), page.note(&note.root, &note.path))
    };
    notes.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::stored;
    use super::*;

    #[test]
    fn a_note_has_a_line_with_date_and_title() {
        let dated = StoredPassage { date: qsearch::calendar::Day::new(2024, 5, 1), ..stored() };
        let bare = StoredPassage { title: Some("A\u{1b}[2J\nB".into()), ..stored() };
        assert_eq!(
            super::page(&Page::default(), [dated, bare].iter()),
            "2024-05-01  notes/python/a.md  Python\n            notes/python/a.md  A␛[2J B\n"
        );
    }
}
