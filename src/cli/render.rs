//! Replies and lists of passages as a person reads them.
//!
//! Everything that comes from notes is made [harmless](super::sanitize) here. On a terminal, lines are made to fit it; a
//! pipe gets them as they are.

use anstyle::Style;
use qsearch::ask::Reply;
use qsearch::hit::{Answer, Confidence, Hit};
use unicode_width::UnicodeWidthStr;

use super::page::{DIM, HINT, Page, WARNING};
use super::source::{
    Detail, EMPTY, LEAST, MARGIN, WIDEST, about, also, elsewhere, explained, folded, line, place_of,
    places_of, source, trail,
};
use super::{excerpt, sanitize};

/// The answer with its citations, then the other sources; without an answer, the nearest misses.
pub(crate) fn reply(page: &Page, reply: &Reply, detail: Detail) -> String {
    let mut out = missing(page, reply);
    match &reply.answer {
        Some(answer) => {
            if reply.confidence == Confidence::Low {
                out.push_str(&perhaps(page));
            }
            out.push_str(&cited(page, answer, &reply.hits, detail));
        }
        None if reply.hits.is_empty() => out.push_str("The notes don't seem to answer this.\n"),
        None => out.push_str("The notes don't seem to answer this. Nearest:\n"),
    }
    // What is said already isn't said again.
    let is_new = |hit: &&Hit| {
        reply.answer.as_ref().is_none_or(|answer| {
            !answer.citations.contains(&hit.rank) || detail.full && says_more(hit, answer)
        })
    };
    let mut others = reply.hits.iter().filter(is_new).peekable();
    if others.peek().is_some() {
        out.push('\n');
    }
    for hit in others {
        source(&mut out, page, hit, detail);
    }
    out.push_str(&staleness(page, &reply.hits));
    out
}

/// The words that no passage has, on a line, if there are any.
pub(crate) fn missing(page: &Page, reply: &Reply) -> String {
    if reply.missing.is_empty() {
        return String::new();
    }
    let missing: Vec<String> = reply.missing.iter().map(|word| sanitize::line(word)).collect();
    page.paint(WARNING, &format!("not found: {}", missing.join(", "))) + "\n"
}

/// What stands above an answer that may be wrong.
pub(crate) fn perhaps(page: &Page) -> String {
    page.paint(WARNING, "Perhaps:") + "\n"
}

/// The sources that aren't cited, below those that are.
pub(crate) fn others(page: &Page, hits: &[Hit], cited: &[u32], detail: Detail) -> String {
    let mut out = String::new();
    for hit in hits.iter().filter(|hit| !cited.contains(&hit.rank)) {
        if out.is_empty() {
            out.push('\n');
        }
        source(&mut out, page, hit, detail);
    }
    out + &staleness(page, hits)
}

/// Whether a source says more than the answer that is taken from it.
fn says_more(hit: &Hit, answer: &Answer) -> bool {
    answer.text.trim() != hit.source.passage.content().trim()
}

/// What it means that a source is stale, if one is.
fn staleness(page: &Page, hits: &[Hit]) -> String {
    let meaning = "stale: the file has changed or is gone, the lines may not match\n";
    if hits.iter().any(|hit| hit.stale) { page.paint_lines(WARNING, meaning) } else { String::new() }
}

/// The answer's text, and under it where it is taken from.
fn cited(page: &Page, answer: &Answer, hits: &[Hit], detail: Detail) -> String {
    let empty = hits.iter().find(|hit| answer.text.is_empty() && answer.citations.contains(&hit.rank));
    let text = match empty {
        Some(hit) => format!("{} {EMPTY}", trail(&hit.source.passage.heading)),
        None => folded(page, &sanitize::text(answer.text.trim_end()), 0),
    };
    let mut out = page.paint_matches(Style::new(), &text);
    out.push('\n');
    if answer.partial {
        out.push_str(&page.paint(DIM, "(the note goes on)\n"));
    }
    for &rank in &answer.citations {
        match hits.iter().find(|hit| hit.rank == rank) {
            Some(hit) => {
                let of_line = Detail { full: detail.full && says_more(hit, answer), ..detail };
                out.push_str(&line(page, hit, &|page| parts_of(page, answer, hit), of_line));
                explained(&mut out, page, hit, detail);
                if detail.full && !of_line.full {
                    also(&mut out, page, hit);
                }
            }
            None => out = out + &page.paint(HINT, &format!("[{rank}]")) + "\n",
        }
    }
    out
}

/// Where the parts of an answer stand that are from one source.
fn parts_of(page: &Page, answer: &Answer, hit: &Hit) -> String {
    let of_hit = answer.parts.iter().filter(|part| part.citation == hit.rank);
    places_of(page, hit, of_hit.map(|part| (part.lines, &part.range)))
}

/// The passages of a search: on a terminal two lines each, or the passage itself; else one line each.
pub(crate) fn list(page: &Page, hits: &[Hit], detail: Detail) -> String {
    let mut out = String::new();
    for hit in hits {
        if detail.full {
            source(&mut out, page, hit, detail);
        } else if let Some(width) = page.width {
            source(&mut out, page, hit, detail);
            let excerpt = excerpt(page, hit, width.saturating_sub(MARGIN.len()).max(20));
            out = out + MARGIN + &page.paint_matches(Style::new(), &excerpt) + "\n";
        } else {
            out.push_str(&entry(page, hit));
            explained(&mut out, page, hit, detail);
        }
    }
    if detail.full || page.width.is_some() {
        out.push_str(&staleness(page, hits));
    }
    out
}

/// The part of a source that fits the question best, in `room` columns.
fn excerpt(page: &Page, hit: &Hit, room: usize) -> String {
    let text = &hit.source.passage.text;
    if text.is_empty() {
        return EMPTY.to_owned();
    }
    let text = text.get(hit.excerpt.clone()).unwrap_or(text);
    excerpt::stretch(&excerpt::flat(text), &page.terms, room)
}

/// One line for a passage: where it stands, its score, what it is about, what it says.
fn entry(page: &Page, hit: &Hit) -> String {
    let mark = match &hit.machine {
        Some(machine) => page.paint(DIM, &format!("  {}", elsewhere(machine))),
        None => page.paint(WARNING, if hit.stale { "  stale" } else { "" }),
    };
    let about = about(page, &hit.source, WIDEST, Detail::default());
    let room = WIDEST.saturating_sub(anstream::adapter::strip_str(&about).to_string().width() + 2);
    let excerpt = if room < LEAST { String::new() } else { excerpt(page, hit, room) };
    let gap = if about.is_empty() || excerpt.is_empty() { "" } else { "  " };
    let excerpt = page.paint_matches(Style::new(), &excerpt);
    format!("{}  {:.2}{mark}  {about}{gap}{excerpt}\n", place_of(page, hit), hit.score)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixtures::{answer, copy, gil, threads};
    use qsearch::document::LineSpan;
    use qsearch::hit::AnswerPart;

    use super::*;

    const FULL: Detail = Detail { full: true, explain: false };
    const EXPLAIN: Detail = Detail { full: false, explain: true };

    fn answered() -> Reply {
        let confidence = Confidence::High;
        let hits = vec![gil(), threads()];
        Reply { answer: Some(answer("A lock.\n")), confidence, missing: Vec::new(), hits }
    }

    fn shown(reply: &Reply, detail: Detail) -> String {
        super::reply(&Page::default(), reply, detail)
    }

    #[test]
    fn an_answer_comes_first_and_then_its_sources() {
        let expected = "\
A lock.
[1] notes/python/a.md:8  What is the GIL?  0.87

[2] notes/python/threads.md:3  Threads › When they␛[31m help  0.50  stale
stale: the file has changed or is gone, the lines may not match
";
        assert_eq!(shown(&answered(), Detail::default()), expected);
    }

    #[test]
    fn passages_are_shown_in_full_but_not_twice() {
        let expected = "\
A lock.
[1] notes/python/a.md:8  What is the GIL?  0.87

[2] notes/python/threads.md:3  Threads › When they␛[31m help  0.50  stale
    Threads help where a program waits.\tNot where it counts.
stale: the file has changed or is gone, the lines may not match
";
        let mut all = answered();
        all.answer = Some(answer("A lock."));
        assert_eq!(shown(&all, FULL), expected);
        all.answer = Some(answer("A"));
        let text = shown(&all, FULL);
        let passage =
            "\n\n[1] notes/python/a.md:7-8  Core Mechanics  0.87\n    What is the GIL?\n    A lock.\n[2]";
        assert!(text.contains(passage), "{text}");
    }

    #[test]
    fn a_passage_without_headings_has_its_notes_title() {
        let mut all = answered();
        all.hits.truncate(1);
        let passage = &mut all.hits[0].source.passage;
        (passage.question, passage.heading) = (None, Vec::new());
        assert!(shown(&all, Detail::default()).ends_with("[1] notes/python/a.md:8  Python  0.87\n"));
        all.hits[0].source.title = None;
        assert!(shown(&all, Detail::default()).ends_with("[1] notes/python/a.md:8  0.87\n"));
    }

    #[test]
    fn explaining_shows_both_searches() {
        let text = shown(&answered(), EXPLAIN);
        assert!(
            text.contains(
                "\n    #k3f9a2c1  dense rank 1 score 0.7123 · lexical rank 2 score 9.30 · sentence 0.7500 · words 100 %\n    \
                 13.75 = meaning 8.50 + words 2.25 + coverage 3.00 + pairs 0.00 + headings 0.00\n"
            ),
            "{text}"
        );
        assert!(text.contains("\n    #0aa  dense not found score 0.1000 · lexical rank 1 score 3.25 · sentence 0.1000 · words 0 %\n"), "{text}");
        let mut reranked = answered();
        let signals = &mut reranked.hits[0].signals;
        (signals.fused_rank, signals.rerank) = (Some(7), Some(0.931));
        reranked.hits[1].signals.fused_rank = Some(31);
        let text = shown(&reranked, EXPLAIN);
        assert!(text.contains(" · words 100 % · rerank 7 → 1, 0.93\n"), "{text}");
        assert!(text.contains(" · not reranked 31 → 2\n"), "{text}");
    }

    #[test]
    fn without_an_answer_the_nearest_are_shown() {
        let mut missed = answered();
        (missed.answer, missed.confidence) = (None, Confidence::None);
        let text = shown(&missed, Detail::default());
        assert!(text.starts_with("The notes don't seem to answer this. Nearest:\n\n[1] notes/"), "{text}");
        missed.hits.clear();
        assert_eq!(shown(&missed, FULL), "The notes don't seem to answer this.\n");
        missed.missing = vec!["COBOL".to_owned(), "9\u{1b}.1".to_owned()];
        let text = shown(&missed, Detail::default());
        assert_eq!(text, "not found: COBOL, 9␛.1\nThe notes don't seem to answer this.\n");
    }

    #[test]
    fn an_answer_that_may_be_wrong_says_so() {
        let mut low = answered();
        low.confidence = Confidence::Low;
        assert!(shown(&low, Detail::default()).starts_with("Perhaps:\nA lock.\n[1] notes/"));
        low.missing = vec!["COBOL".to_owned()];
        assert!(shown(&low, Detail::default()).starts_with("not found: COBOL\nPerhaps:\nA lock.\n"));
    }

    #[test]
    fn the_lines_of_an_answer_stand_under_it() {
        let mut two = answer("One. … Two. … Three.");
        two.parts = [(7, 8), (8, 8), (8, 8), (11, 12)]
            .map(|(first, last)| AnswerPart { lines: LineSpan { first, last }, ..two.parts[0].clone() })
            .to_vec();
        let cited = |two: &Answer, hits: &[Hit]| super::cited(&Page::default(), two, hits, Detail::default());
        let line = "[1] notes/python/a.md:7-8,8,11-12  What is the GIL?  0.87";
        assert_eq!(cited(&two, &[gil()]), format!("One. … Two. … Three.\n{line}\n"));
        two.partial = true;
        assert_eq!(cited(&two, &[]), "One. … Two. … Three.\n(the note goes on)\n[1]\n");
    }

    #[test]
    fn a_terminal_wraps_and_a_pipe_does_not() {
        let mut long = answered();
        long.answer = Some(answer(&"word ".repeat(30)));
        let narrow = Page { width: Some(40), ..Page::default() };
        let wrapped = reply(&narrow, &long, Detail::default());
        assert!(wrapped.lines().take(6).all(|line| line.width() <= 40), "{wrapped}");
        assert!(shown(&long, Detail::default()).starts_with("word ".repeat(30).trim_end()));
    }

    #[test]
    fn what_a_source_is_about_fits_its_line() {
        for (width, expected) in [
            (90, "[2] notes/python/threads.md:3  Threads › When they␛[31m help  0.50  stale"),
            (72, "[2] notes/python/threads.md:3  … › When they␛[31m help  0.50  stale"),
            (60, "[2] notes/python/threads.md:3  When they␛[31m…  0.50  stale"),
            (44, "[2] notes/python/threads.md:3  0.50  stale"),
            (40, "[2] notes/python/threads.md:3\n    … › When they␛[31m help  0.50  stale"),
            (20, "[2] notes/python/threads.md:3\n    0.50  stale"),
        ] {
            let page = Page { width: Some(width), ..Page::default() };
            let mut out = String::new();
            source(&mut out, &page, &threads(), Detail::default());
            assert_eq!(out.trim_end(), expected, "{width}");
        }
    }

    #[test]
    fn highlighting_changes_no_text_and_leaves_the_marks() {
        let page = Page { color: true, width: Some(24), ..Page::default() }.about("which lock waits 1");
        let mut all = answered();
        all.answer = Some(answer("A lock\u{1b}[2J waits, and another lock."));
        let text = reply(&page, &all, FULL);
        assert!(text.starts_with("A \u{1b}[1mlock\u{1b}[0m␛[2J \u{1b}[1mwaits\u{1b}[0m, and\nanother \u{1b}[1mlock\u{1b}[0m.\n\u{1b}[1m\u{1b}[32m[1]"), "{text:?}");
        assert!(text.contains("    \u{1b}[2mThreads help where a\u{1b}[0m\n    \u{1b}[2mprogram \u{1b}[0m\u{1b}[1mwaits\u{1b}[0m\u{1b}[2m."), "{text:?}");
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(plain, reply(&Page { color: false, ..page }, &all, FULL));
    }

    #[test]
    fn a_list_has_one_line_for_each_passage() {
        assert_eq!(
            list(&Page::default(), &[gil(), threads()], Detail::default()),
            "notes/python/a.md:7-8  0.87  What is the GIL?  A lock.\n\
             notes/python/threads.md:3  0.50  stale  Threads › When they␛[31m help  Threads help where a program waits.\n"
        );
    }

    #[test]
    fn on_a_terminal_a_list_has_two_lines_for_each_passage() {
        let page = Page { width: Some(40), color: true, ..Page::default() }.about("where a program waits");
        let mut hit = threads();
        hit.stale = false;
        let text = list(&page, &[hit, gil()], Detail::default());
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(
            plain,
            "[2] notes/python/threads.md:3  0.50\n    Threads help where a program waits.\n\
             [1] notes/python/a.md:7-8  0.87\n    A lock.\n"
        );
        assert!(text.contains("a \u{1b}[1mprogram\u{1b}[0m \u{1b}[1mwaits\u{1b}[0m."), "{text:?}");
    }

    #[test]
    fn a_passage_that_is_never_ending_is_marked_where_it_is_cut() {
        let mut hit = threads();
        hit.source.passage.text = "All work and no play.\n\n\n\n".repeat(1000);
        hit.source.passage.content = 0..hit.source.passage.text.len() as u32;
        let text = list(&Page::default(), &[hit], FULL);
        assert!(
            text.len() < 20_000 && text.contains("\n    All work and no play.\n\n    All work"),
            "{text}"
        );
        assert!(text.contains("\n    …\n"), "{text}");
    }

    #[test]
    fn other_places_are_counted_or_stand_under_their_source() {
        let mut hit = gil();
        hit.also = vec![copy("b.md"), copy("long\n/c.md")];
        let list = |hit: &Hit, width, detail| {
            let mut out = String::new();
            source(&mut out, &Page { width, ..Page::default() }, hit, detail);
            out
        };
        assert!(list(&hit, None, FULL).ends_with("\n    also in notes/b.md:3-4, notes/long␊/c.md:3-4\n"));
        hit.also_more = 12;
        let lines = "\n    also in notes/b.md:3-4,\n            notes/long␊/c.md:3-4,\n            12 more\n";
        assert!(list(&hit, Some(30), FULL).ends_with(lines));
        assert!(list(&hit, None, Detail::default()).ends_with("What is the GIL?  0.87  +14 copies\n"));
        assert!(!list(&threads(), None, FULL).contains("also"));
    }

    proptest! {
        #[test]
        fn nothing_raw_reaches_the_page(spice in "[\\x00-\\x1f\u{7f}-\u{9f}\u{202a}-\u{202e}\u{2066}-\u{2069}a\u{200b}|` ]{0,40}") {
            let mut hit = threads();
            hit.source.root.clone_from(&spice);
            hit.source.path = qsearch::document::NotePath::from_encoded(spice.as_str());
            hit.source.title = Some(spice.clone());
            let passage = &mut hit.source.passage;
            passage.heading = vec![spice.clone()];
            passage.question = Some(spice.clone());
            passage.text.clone_from(&spice);
            passage.content = 0..spice.len() as u32;
            hit.excerpt = 0..spice.len();
            let untitled = { let mut hit = hit.clone(); hit.source.passage.heading.clear(); hit };
            let (confidence, missing) = (Confidence::Low, vec![spice.clone()]);
            let all = Reply { answer: Some(answer(&spice)), confidence, missing, hits: vec![hit, untitled] };
            for width in [None, Some(30)] {
                let page = Page { width, ..Page::default() };
                for detail in [Detail { full: true, explain: true }, EXPLAIN] {
                    for text in [reply(&page, &all, detail), list(&page, &all.hits, detail)] {
                        prop_assert!(!text.chars().any(|c| sanitize::is_active(c) && !matches!(c, '\n' | '\t')));
                    }
                }
            }
        }
    }
}
