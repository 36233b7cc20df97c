//! `/api/notes/{root}/{path}`: a note, as `get --json` describes it, with its text as it is now, and the file itself.

use std::ops::RangeInclusive;

use axum::response::Response;
use qsearch::document::Place;
use qsearch::error::Error;
use qsearch::get::Note;
use qsearch::library::Library;
use qsearch::wire::{self, Seen, SeenPlace, ServedNote, Show};

use super::super::arguments::{Arguments, Field, Kind};
use super::super::lines::lines;
use super::super::{hint, json};
use super::call::{Call, sent};
use super::house::Index;
use super::kinds::kind;
use super::links;
use super::refusal::Refusal;

/// What is taken.
pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "lines",
        aliases: &["line"],
        kind: Kind::Text,
        needed: false,
        says: "Only these lines: 10-40, or 7.",
    },
    Field {
        name: "page",
        aliases: &["place"],
        kind: Kind::Text,
        needed: false,
        says: "Only this page, or another place as it stands in a citation: 12, slide3, cell7.",
    },
    Field {
        name: "file",
        aliases: &[],
        kind: Kind::Flag,
        needed: false,
        says: "Whether the file itself is wanted.",
    },
];
/// A longer text is cut.
const MOST_BYTES: usize = 2_000_000;

/// Gives a note or a part of it, or its file.
///
/// The text is read from the disk at each request, so that a page shows what is there now; the passages beside it are the
/// index's. Where both differ, `stale` says so.
pub(super) async fn note(call: Call) -> Result<Response, Refusal> {
    let arguments = call.arguments("notes", FIELDS)?;
    let name = (call.captured("root").to_owned(), call.captured("path").to_owned());
    let index = call.index.clone();
    if arguments.flag("file", false) {
        let file = call.house.pool.run(move |_| {
            let library = index.library()?;
            super::files::of_note(&library, &find(&library, &name)?)
        });
        return file.await;
    }
    call.house.pool.run(move |_| tell(&index, &name, &arguments)).await.map(sent)
}

/// The note with this name in the table of notes.
///
/// Its path is never joined to a folder here: what isn't in the table isn't there, wherever its name would lead. An address is
/// the whole name and no other spelling of it.
fn find(library: &Library, (root, path): &(String, String)) -> Result<Note, Refusal> {
    let name = format!("{root}/{path}");
    let missing = || Refusal::missing("there is no note with this address").with(hint::serve::NOTE);
    let note = match library.get(&name) {
        Ok(note) => note,
        Err(Error::NotFound(_) | Error::Usage(_)) => return Err(missing()),
        Err(error) => return Err(error.into()),
    };
    // An address is a whole name, where a person may type the end of one.
    if note.whole && note.root == *root && note.path.as_str() == path { Ok(note) } else { Err(missing()) }
}

/// A place with the lines that stand there.
struct Stretch {
    place: Place,
    first: u32,
    last: u32,
}

/// The document of a note.
fn tell(index: &Index, name: &(String, String), arguments: &Arguments) -> Result<String, Refusal> {
    let library = index.library()?;
    let mut note = find(&library, name)?;
    let stretches = stretches(&note);
    let asked = asked(arguments, &stretches)?;
    let text = text(&library, &note)?;
    let shown = text.as_ref().map(|(first, text)| part(*first, text, asked.as_ref()));
    if let (Some(asked), Some((None, ..))) = (&asked, &shown) {
        let what = format!("the note has nothing on the lines {}-{}", asked.start(), asked.end());
        return Err(Refusal::missing(what).with(hint::serve::LINES));
    }
    if let Some(asked) = &asked {
        retain(&mut note, asked);
    }
    let roots = &library.snapshot()?.info().roots;
    let show = Show { roots, explain: false };
    let links = library.links(&note)?;
    let (seen, text, truncated) = match shown {
        Some((seen, text, truncated)) => (seen, Some(text.to_owned()), truncated),
        None => (None, None, false),
    };
    let root = roots.iter().find(|root| root.name == note.root && root.is_here());
    let file = root.map(|root| root.locate(&note.path));
    let is_text = stretches.is_empty();
    let document = ServedNote {
        note: wire::Note::new(&note, &links, &show),
        lines: seen,
        kind: kind(note.path.as_str()),
        text,
        truncated,
        places: stretches.iter().map(Stretch::seen).collect(),
        file: super::files::is_given(&library, &note),
        links_to: file.and_then(|file| links::to(&file, is_text, asked.map(|asked| *asked.start()))),
    };
    Ok(json::document(&document))
}

/// The lines that are asked for, if not all are. Where a page is named as well, lines say it more exactly.
fn asked(arguments: &Arguments, stretches: &[Stretch]) -> Result<Option<RangeInclusive<u32>>, Refusal> {
    let (lines, page) = (arguments.text("lines").trim(), arguments.text("page").trim());
    if !lines.is_empty() {
        let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
        let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0);
        return match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Some(first..=last)),
            _ => Err(Refusal::usage(format!("`lines` is `{lines}`")).with(hint::serve::LINES)),
        };
    }
    if page.is_empty() {
        return Ok(None);
    }
    let is_number = page.chars().all(|c| c.is_ascii_digit());
    let ways =
        if is_number { vec![format!("p{page}"), format!("slide{page}")] } else { vec![page.to_owned()] };
    let meant = |of: &&Stretch| ways.iter().any(|way| of.place.is_meant_by(way));
    let first = stretches.iter().find(meant).map(|of| of.first);
    let last = stretches.iter().rev().find(meant).map(|of| of.last);
    if let (Some(first), Some(last)) = (first, last) {
        return Ok(Some(first..=last.max(first)));
    }
    let what = format!("the note has no text at `{page}`");
    Err(Refusal::missing(what).with(hint::serve::places(stretches.first().map(Stretch::name).as_deref())))
}

/// The text of a note and the number of its first line: what its file says now, else what was extracted of it, or what the
/// index has of one on another machine.
fn text(library: &Library, note: &Note) -> Result<Option<(u32, String)>, Refusal> {
    if let Some(text) = library.text_now(note)? {
        return Ok(Some((1, text)));
    }
    if note.machine.is_none() && note.passages.iter().all(|stored| stored.passage.extract.is_none()) {
        return Ok(None);
    }
    let lines = lines(note);
    let Some(first) = lines.first().map(|line| line.number) else { return Ok(None) };
    let mut text = String::new();
    let mut at = first;
    for line in &lines {
        // What stands between passages is blank.
        text.extend(std::iter::repeat_n('\n', line.number.saturating_sub(at) as usize));
        text.push_str(&line.text());
        at = at.max(line.number);
    }
    Ok(Some((first, text)))
}

/// The lines of a text that are asked for, as far as they may be sent, and whether that isn't all of them.
///
/// A text that is too long is cut behind a whole line if it has any, so that whoever wants more asks for the line behind the
/// last one. A line that alone is too long is cut within.
fn part<'a>(first: u32, text: &'a str, asked: Option<&RangeInclusive<u32>>) -> (Option<Seen>, &'a str, bool) {
    let mut seen: Option<Seen> = None;
    let (mut begin, mut end) = (0, 0);
    let mut at = 0;
    for (number, line) in (first..).zip(text.split_inclusive('\n')) {
        let next = at + line.len();
        if asked.is_none_or(|asked| asked.contains(&number)) {
            if seen.is_none() {
                begin = at;
            }
            let is_cut = next - begin > MOST_BYTES;
            end = if is_cut { begin + text[begin..].floor_char_boundary(MOST_BYTES) } else { next };
            // Nothing is said of a line of which nothing is sent.
            if end > at || !is_cut {
                seen = Some(Seen { first: seen.map_or(number, |seen| seen.first), last: number });
            }
            if is_cut {
                return (seen, &text[begin..end], true);
            }
        }
        at = next;
    }
    (seen, &text[begin..end], false)
}

/// Drops the passages that touch none of these lines.
fn retain(note: &mut Note, asked: &RangeInclusive<u32>) {
    let touches: Vec<bool> = note
        .passages
        .iter()
        .map(|stored| {
            stored.passage.lines.first <= *asked.end() && *asked.start() <= stored.passage.lines.last
        })
        .collect();
    let mut kept = touches.iter();
    note.passages.retain(|_| kept.next().copied().unwrap_or(false));
    let mut kept = touches.iter();
    note.short_ids.retain(|_| kept.next().copied().unwrap_or(false));
    note.whole = false;
}

/// The places of a note, in their order, each once.
///
/// A place that goes on in the next passage is one; what is blank at its edges isn't counted to its lines.
fn stretches(note: &Note) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for stored in &note.passages {
        let passage = &stored.passage;
        let places = passage.extract.iter().flat_map(|extract| &extract.places);
        let starts: Vec<(usize, &Place)> = places.map(|start| (start.at, &start.place)).collect();
        for (number, (at, place)) in starts.iter().enumerate() {
            let end = starts.get(number + 1).map_or(passage.text.len(), |(end, _)| *end);
            let begin = (*at).min(end);
            let Some(part) = passage.text.get(begin..end) else { continue };
            let blank = part.len() - part.trim_start().len();
            let (begin, end) = if part.trim().is_empty() {
                (begin, begin)
            } else {
                (begin + blank, begin + part.trim_end().len())
            };
            let lines = passage.lines_of(&(begin..end));
            match stretches.last_mut().filter(|last| last.place == **place) {
                Some(last) => last.last = last.last.max(lines.last),
                None => {
                    stretches.push(Stretch { place: (*place).clone(), first: lines.first, last: lines.last });
                }
            }
        }
    }
    stretches
}

impl Stretch {
    /// As it is typed behind a path.
    fn name(&self) -> String {
        let name = self.place.to_string();
        match &self.place {
            Place::Page { number, .. } => format!("p{number}"),
            _ => name,
        }
    }

    fn seen(&self) -> SeenPlace {
        let label = match &self.place {
            Place::Page { label, .. } => label.clone(),
            Place::Chapter { title, .. } => title.clone(),
            Place::Rows { sheet, .. } => Some(sheet.clone()).filter(|sheet| !sheet.is_empty()),
            _ => None,
        };
        SeenPlace { text: self.name(), label, first_line: self.first, last_line: self.last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_parts_of_a_text() {
        let text = "one\ntwo\n\nfour";
        let of = |asked: Option<RangeInclusive<u32>>| {
            let (seen, text, truncated) = part(1, text, asked.as_ref());
            (seen.map(|seen| (seen.first, seen.last)), text, truncated)
        };
        assert_eq!(of(None), (Some((1, 4)), text, false));
        assert_eq!(of(Some(2..=3)), (Some((2, 3)), "two\n\n", false));
        assert_eq!(of(Some(4..=9)), (Some((4, 4)), "four", false));
        assert_eq!(of(Some(5..=9)), (None, "", false));
        let long = format!("x\n{}", "ä".repeat(MOST_BYTES));
        let (seen, text, truncated) = part(7, &long, None);
        assert!(truncated && text.len() <= MOST_BYTES && seen == Some(Seen { first: 7, last: 8 }));
    }
}
