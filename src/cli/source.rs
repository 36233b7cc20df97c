//! A source as a person reads it: the line that says where it stands, and its passage.

use std::ops::Range;

use anstyle::Style;
use qsearch::document::{LineSpan, Passage};
use qsearch::hit::{Duplicate, Hit, Signals, StoredPassage};
use unicode_width::UnicodeWidthStr;

use super::page::{DIM, HEADING, HINT, Page, QUESTION, WARNING, at};
use super::{sanitize, wrap};

/// Lines longer than this are hard to read, however wide the terminal.
pub(crate) const WIDEST: usize = 100;
/// The indentation of what belongs to a source.
pub(crate) const MARGIN: &str = "    ";
/// The fewest columns in which a heading says something.
pub(crate) const LEAST: usize = 8;
/// The most bytes of a passage that are shown.
const MOST_BYTES: usize = 8 << 10;

/// What is shown of a note without text.
pub(crate) const EMPTY: &str = "(the note is empty)";

/// How much is shown of each source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Detail {
    /// Its passage, and not only where it stands.
    pub(crate) full: bool,
    /// How it was found.
    pub(crate) explain: bool,
}

/// Where a source stands.
pub(crate) fn place_of(page: &Page, hit: &Hit) -> String {
    let StoredPassage { root, path, passage, .. } = &hit.source;
    page.location(root, path, passage.lines, passage.place().as_ref())
}

/// Where parts of a source's passage stand: their lines and ranges (in bytes of its text). Where there are none, where the
/// source does.
pub(crate) fn places_of<'a>(
    page: &Page,
    hit: &Hit,
    parts: impl Iterator<Item = (LineSpan, &'a Range<usize>)>,
) -> String {
    let StoredPassage { root, path, passage, .. } = &hit.source;
    let mut parts: Vec<_> = parts.map(|(lines, range)| (lines, passage.places(range))).collect();
    parts.dedup_by(|next, before| next.1 == before.1 && (next.1.is_some() || next.0 == before.0));
    let Some(((lines, place), more)) = parts.split_first() else { return place_of(page, hit) };
    let mut out = page.location(root, path, *lines, place.as_ref());
    for (lines, place) in more {
        out.push_str(&page.paint(DIM, &format!(",{}", at(*lines, place.as_ref()))));
    }
    out
}

/// The line of a source: its number, where it stands, what it is about, its score.
///
/// On a terminal, what it is about gets the room that is left. A path is never cut, for it is there to be opened: if the
/// score has no room beside it, both what the source is about and the score stand on a line of their own.
pub(crate) fn line(page: &Page, hit: &Hit, place: &dyn Fn(&Page) -> String, detail: Detail) -> String {
    let plain = Page { color: false, host: None, ..page.clone() };
    let rank = format!("[{}] ", hit.rank);
    let marks = marks(page, hit, detail);
    let of_marks: usize = marks.iter().map(|(_, mark)| 2 + mark.width()).sum();
    let marks: String =
        marks.into_iter().map(|(style, mark)| "  ".to_owned() + &page.paint(style, &mark)).collect();
    let head = format!("{}{}", page.paint(HINT, rank.trim_end()) + " ", place(page));
    let width = page.width.unwrap_or(usize::MAX);
    let taken = rank.len() + place(&plain).width() + of_marks;
    let beside = width.saturating_sub(taken + 2);
    let of_source = |room: usize| {
        if room < LEAST { String::new() } else { about(page, &hit.source, room, detail) }
    };
    if taken > width {
        let about = of_source(width.saturating_sub(MARGIN.len() + of_marks));
        let below = format!("{about}{marks}");
        return format!("{head}\n{MARGIN}{}\n", below.trim_start());
    }
    let about = of_source(beside);
    let gap = if about.is_empty() { "" } else { "  " };
    format!("{head}{gap}{about}{marks}\n")
}

/// What stands behind what a source is about.
fn marks(page: &Page, hit: &Hit, detail: Detail) -> Vec<(Style, String)> {
    let mut marks = vec![(DIM, format!("{:.2}", hit.score))];
    marks.extend(hit.source.date.filter(|_| page.dates).map(|date| (DIM, date.to_string())));
    let copies = if detail.full { 0 } else { hit.also.len() + hit.also_more };
    if copies > 0 {
        marks.push((DIM, format!("+{copies} {}", if copies == 1 { "copy" } else { "copies" })));
    }
    if hit.stale {
        marks.push((WARNING, "stale".to_owned()));
    }
    marks.extend(hit.machine.as_deref().map(|machine| (DIM, elsewhere(machine))));
    marks
}

/// What is to be said of a note on another machine.
pub(crate) fn elsewhere(machine: &str) -> String {
    format!("on {}, not checked here", sanitize::name(machine))
}

/// What a source is about, in `room` columns: its question, unless that is shown in full, else its headings, else its
/// note's title.
pub(crate) fn about(page: &Page, source: &StoredPassage, room: usize, detail: Detail) -> String {
    let passage = &source.passage;
    if let Some(question) = passage.question.as_ref().filter(|_| !detail.full) {
        return page.paint(QUESTION, &wrap::shorten(&sanitize::line(question), room));
    }
    page.paint(HEADING, &headings(source, room))
}

/// The headings above a source, or else its note's title. The innermost says most, so that the outer ones give way first.
fn headings(source: &StoredPassage, room: usize) -> String {
    let headings = &source.passage.heading;
    if headings.is_empty() {
        return wrap::shorten(&source.title.as_deref().map(sanitize::line).unwrap_or_default(), room);
    }
    let whole = trail(headings);
    if whole.width() <= room {
        return whole;
    }
    let mut inner = (1..headings.len()).map(|from| format!("… › {}", trail(&headings[from..])));
    let last = wrap::shorten(&trail(&headings[headings.len() - 1..]), room);
    inner.find(|inner| inner.width() <= room).unwrap_or(last)
}

/// One source: its line; with its passage, the question if there is one, too.
pub(crate) fn source(out: &mut String, page: &Page, hit: &Hit, detail: Detail) {
    out.push_str(&line(page, hit, &|page| place_of(page, hit), detail));
    explained(out, page, hit, detail);
    if !detail.full {
        return;
    }
    let passage = &hit.source.passage;
    if let Some(question) = &passage.question {
        let question = folded(page, &sanitize::line(question), MARGIN.len());
        out.push_str(&wrap::indent(&page.paint_lines(QUESTION, &question), MARGIN));
        out.push('\n');
    }
    let text = folded(page, &whole(passage), MARGIN.len());
    out.push_str(&wrap::indent(&page.paint_matches(DIM, &text), MARGIN));
    out.push('\n');
    also(out, page, hit);
}

/// The text of a passage, without what is hidden in it. If it is very long, its beginning, with a mark at its end.
fn whole(passage: &Passage) -> String {
    if passage.text.is_empty() {
        return EMPTY.to_owned();
    }
    let (start, end) = (passage.content.start as usize, passage.content.end as usize);
    let shown = passage.shown();
    let shown = shown.get(start..end).unwrap_or(&shown);
    let most =
        shown.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= MOST_BYTES).last();
    let kept = &shown[..most.unwrap_or(0)];
    let kept =
        if kept.len() < shown.len() { kept.rsplit_once('\n').map_or(kept, |(lines, _)| lines) } else { kept };
    let mut out = String::with_capacity(kept.len());
    for line in sanitize::text(kept).split('\n').map(str::trim_end) {
        // What is hidden leaves blank lines behind.
        if !line.is_empty() || !out.is_empty() && !out.ends_with("\n\n") {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    if kept.len() < shown.len() { out + "\n…" } else { out }
}

/// How a source was found, if that is to be shown, with the identity that `get` takes.
pub(crate) fn explained(out: &mut String, page: &Page, hit: &Hit, detail: Detail) {
    if detail.explain {
        let text = format!("#{}  {}", hit.short_id, signals(hit.signals, hit.rank));
        let text = wrap::indent(&folded(page, &text, MARGIN.len()), MARGIN);
        out.push_str(&page.paint_lines(DIM, &text));
        out.push('\n');
    }
}

/// The other places that say the same; on a terminal, in as many lines as they take.
pub(crate) fn also(out: &mut String, page: &Page, hit: &Hit) {
    if hit.also.is_empty() {
        return;
    }
    let plain = Page { color: false, host: None, ..page.clone() };
    let room = page.width.map_or(usize::MAX, |width| width.min(WIDEST));
    let place = |page: &Page, other: &Duplicate| {
        page.location(&other.root, &other.path, other.lines, other.place.as_ref())
    };
    let mut places: Vec<(usize, String)> =
        hit.also.iter().map(|other| (place(&plain, other).width(), place(page, other))).collect();
    if hit.also_more > 0 {
        let more = format!("{} more", hit.also_more);
        places.push((more.width(), page.paint(DIM, &more)));
    }
    let last = places.len() - 1;
    let head = "also in";
    out.push_str(MARGIN);
    out.push_str(&page.paint(DIM, head));
    let mut column = MARGIN.len() + head.len();
    for (at, (wide, place)) in places.into_iter().enumerate() {
        let comma = if at < last { "," } else { "" };
        if column + 1 + wide + comma.len() > room && column > MARGIN.len() + head.len() {
            out.push('\n');
            out.push_str(&" ".repeat(MARGIN.len() + head.len()));
            column = MARGIN.len() + head.len();
        }
        out.push(' ');
        out.push_str(&place);
        out.push_str(comma);
        column += 1 + wide + comma.len();
    }
    out.push('\n');
}

/// What each search thought of a source, and what a reranker made of that.
fn signals(signals: Signals, rank: u32) -> String {
    let one = |name, rank: Option<u32>, score: String| {
        let rank = rank.map_or_else(|| " not found".to_owned(), |rank| format!(" rank {rank}"));
        format!("{name}{rank} score {score}")
    };
    let Signals { features, parts, .. } = signals;
    let (likeness, share) = (features.likeness(), 100.0 * features.lexical.coverage);
    let parts = format!(
        "\n{:.2} = meaning {:.2} + words {:.2} + coverage {:.2} + pairs {:.2} + headings {:.2}",
        parts.sum(),
        parts.likeness,
        parts.words,
        parts.coverage,
        parts.adjacency,
        parts.context
    );
    let rerank = match (signals.fused_rank, signals.rerank) {
        (Some(before), Some(score)) => format!(" · rerank {before} → {rank}, {score:.2}"),
        (Some(before), None) => format!(" · not reranked {before} → {rank}"),
        (None, _) => String::new(),
    };
    format!(
        "{} · {} · sentence {likeness:.4} · words {share:.0} %{rerank}{parts}",
        one("dense", signals.dense_rank, format!("{:.4}", features.dense)),
        one("lexical", signals.lexical_rank, format!("{:.2}", features.lexical.score))
    )
}

/// Headings from the outermost on, on one line.
pub(crate) fn trail(heading: &[String]) -> String {
    heading.iter().map(|heading| sanitize::line(heading)).collect::<Vec<_>>().join(" › ")
}

/// Wraps a text where the page is a terminal; `taken` columns are in use on each line.
pub(crate) fn folded(page: &Page, text: &str, taken: usize) -> String {
    match page.width {
        Some(width) => wrap::wrap(text, width.min(WIDEST).saturating_sub(taken).max(20)),
        None => text.to_owned(),
    }
}
