//! Replies and lists of passages as a person reads them.
//!
//! Everything that comes from notes is made [harmless](super::sanitize) here, and nothing is wrapped or cut
//! unless the page is a terminal, so that a pipe gets all of it.

use anstyle::Style;
use qsearch::ask::Reply;
use qsearch::hit::{Answer, Confidence, Duplicate, Hit, Signals, StoredPassage};
use unicode_width::UnicodeWidthStr;

use super::page::{DIM, HEADING, HINT, Page, QUESTION, WARNING, at};
use super::{sanitize, wrap};

/// Lines longer than this are hard to read, however wide the terminal.
const WIDEST: usize = 100;
/// The indentation of what belongs to a source.
const MARGIN: &str = "    ";

/// What is shown of a note without text.
const EMPTY: &str = "(the note is empty)";

/// The answer, then its sources; without one, the nearest misses.
pub(crate) fn reply(page: &Page, reply: &Reply, explain: bool) -> String {
    let mut out = String::new();
    if !reply.missing.is_empty() {
        let missing: Vec<String> = reply.missing.iter().map(|word| sanitize::line(word)).collect();
        out.push_str(&page.paint(WARNING, &format!("not found: {}", missing.join(", "))));
        out.push('\n');
    }
    match &reply.answer {
        Some(answer) => {
            if reply.confidence == Confidence::Low {
                out.push_str(&page.paint(WARNING, "Perhaps:"));
                out.push('\n');
            }
            out.push_str(&cited(page, answer, &reply.hits));
        }
        None if reply.hits.is_empty() => out.push_str("The notes don't seem to answer this.\n"),
        None => out.push_str("The notes don't seem to answer this. Nearest:\n"),
    }
    if !reply.hits.is_empty() {
        out.push('\n');
    }
    for hit in &reply.hits {
        source(&mut out, page, hit, explain);
    }
    out
}

/// The answer's text, and under it the lines that it is taken from.
fn cited(page: &Page, answer: &Answer, hits: &[Hit]) -> String {
    let empty = hits.iter().find(|hit| answer.text.is_empty() && answer.citations.contains(&hit.rank));
    let text = match empty {
        Some(hit) => format!("{} {EMPTY}", trail(&hit.source.passage.heading)),
        None => folded(page, &sanitize::text(answer.text.trim_end()), 0),
    };
    let mut out = page.paint_matches(Style::new(), &text);
    out.push('\n');
    if answer.partial {
        out.push_str(&page.paint(DIM, "(a part of the answer in the note)\n"));
    }
    for &rank in &answer.citations {
        out.push_str(&page.paint(HINT, &format!("[{rank}]")));
        if let Some(hit) = hits.iter().find(|hit| hit.rank == rank) {
            out.push_str(&parts_of(page, answer, hit));
        }
        out.push('\n');
    }
    out
}

/// Where the parts of an answer stand that are from one source.
fn parts_of(page: &Page, answer: &Answer, hit: &Hit) -> String {
    let StoredPassage { root, path, passage, .. } = &hit.source;
    let of_hit = answer.parts.iter().filter(|part| part.citation == hit.rank);
    let mut parts: Vec<_> = of_hit.map(|part| (part.lines, passage.places(&part.range))).collect();
    parts.dedup_by(|next, before| next.1 == before.1 && (next.1.is_some() || next.0 == before.0));
    let Some(((lines, place), more)) = parts.split_first() else { return String::new() };
    let mut out = format!(" {}", page.location(root, path, *lines, place.as_ref()));
    for (lines, place) in more {
        out.push_str(&page.paint(DIM, &format!(",{}", at(*lines, place.as_ref()))));
    }
    out
}

/// One source: where it stands, the question if there is one, the matched part.
fn source(out: &mut String, page: &Page, hit: &Hit, explain: bool) {
    let passage = &hit.source.passage;
    out.push_str(&page.paint(HINT, &format!("[{}]", hit.rank)));
    out.push(' ');
    out.push_str(&page.location(&hit.source.root, &hit.source.path, passage.lines, passage.place().as_ref()));
    if !passage.heading.is_empty() {
        out.push_str("  ");
        out.push_str(&page.paint(HEADING, &trail(&passage.heading)));
    }
    out.push_str(&page.paint(DIM, &format!("  {:.2}", hit.score)));
    if let Some(date) = hit.source.date.filter(|_| page.dates) {
        out.push_str(&page.paint(DIM, &format!("  {date}")));
    }
    if hit.stale {
        out.push_str(
            &page.paint(WARNING, "  stale: the file has changed or is gone, the lines may not match"),
        );
    }
    out.push('\n');
    if explain {
        let line = format!("{MARGIN}#{}  {}\n", hit.short_id, signals(hit.signals, hit.rank));
        out.push_str(&page.paint_lines(DIM, &line));
    }
    if let Some(question) = &passage.question {
        let question = folded(page, &sanitize::line(question), MARGIN.len());
        out.push_str(&wrap::indent(&page.paint_lines(QUESTION, &question), MARGIN));
        out.push('\n');
    }
    let excerpt = passage.text.get(hit.excerpt.clone()).unwrap_or(&passage.text);
    let excerpt = if passage.text.is_empty() { EMPTY } else { excerpt };
    let excerpt = folded(page, sanitize::text(excerpt).trim(), MARGIN.len());
    out.push_str(&wrap::indent(&page.paint_matches(DIM, &excerpt), MARGIN));
    out.push('\n');
    also(out, page, hit);
}

/// The other places that say the same; on a terminal, in as many lines as they take.
fn also(out: &mut String, page: &Page, hit: &Hit) {
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
        "\n{MARGIN}{:.2} = meaning {:.2} + words {:.2} + coverage {:.2} + pairs {:.2} + headings {:.2}",
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

/// One line for each passage: where it stands, its score, what it is about.
pub(crate) fn list(page: &Page, hits: &[Hit]) -> String {
    hits.iter().map(|hit| entry(page, hit)).collect::<Vec<_>>().concat()
}

fn entry(page: &Page, hit: &Hit) -> String {
    let StoredPassage { root, path, passage, .. } = &hit.source;
    let mark = if hit.stale { "  stale" } else { "" };
    // The width without colours and links decides how much of the subject fits.
    let plain = Page { color: false, host: None, ..page.clone() };
    let taken = plain.location(root, path, passage.lines, passage.place().as_ref()).width()
        + "  0.00".len()
        + mark.len()
        + 2;
    let room = page.width.map_or(WIDEST, |width| width.saturating_sub(taken).max(20));
    let subject = match &passage.question {
        Some(question) => page.paint(QUESTION, &wrap::shorten(&sanitize::line(question), room)),
        None if passage.text.is_empty() => subject(page, &trail(&passage.heading), EMPTY, room),
        None => subject(page, &trail(&passage.heading), &sanitize::line(passage.content()), room),
    };
    let place = page.location(root, path, passage.lines, passage.place().as_ref());
    format!("{place}  {:.2}{}  {subject}\n", hit.score, page.paint(WARNING, mark))
}

/// A heading trail and the first words below it, together at most `room` columns.
fn subject(page: &Page, trail: &str, words: &str, room: usize) -> String {
    if trail.is_empty() {
        return page.paint_matches(Style::new(), &wrap::shorten(words, room));
    }
    let trail = wrap::shorten(trail, room);
    let rest = room.saturating_sub(trail.width() + 2);
    let words = if rest < 8 { String::new() } else { format!("  {}", wrap::shorten(words, rest)) };
    format!("{}{}", page.paint(HEADING, &trail), page.paint_matches(Style::new(), &words))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixtures::{answer, copy, gil, threads};
    use qsearch::document::LineSpan;
    use qsearch::hit::AnswerPart;

    use super::*;

    fn answered() -> Reply {
        let answer = Answer { citations: vec![1, 2], ..answer("A lock.\n") };
        let confidence = Confidence::High;
        Reply { answer: Some(answer), confidence, missing: Vec::new(), hits: vec![gil(), threads()] }
    }

    #[test]
    fn an_answer_comes_first_and_then_its_sources() {
        let expected = "\
A lock.
[1] notes/python/a.md:8
[2]

[1] notes/python/a.md:7-8  Core Mechanics  0.87
    What is the GIL?
    A lock.
[2] notes/python/threads.md:3  Threads › When they␛[31m help  0.50  stale: the file has changed or is gone, the lines may not match
    Threads help where a program waits.
";
        assert_eq!(reply(&Page::default(), &answered(), false), expected);
    }

    #[test]
    fn explaining_shows_both_searches() {
        let text = reply(&Page::default(), &answered(), true);
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
        let text = reply(&Page::default(), &reranked, true);
        assert!(text.contains(" · words 100 % · rerank 7 → 1, 0.93\n"), "{text}");
        assert!(text.contains(" · not reranked 31 → 2\n"), "{text}");
    }

    #[test]
    fn without_an_answer_the_nearest_are_shown() {
        let mut missed = answered();
        (missed.answer, missed.confidence) = (None, Confidence::None);
        let text = reply(&Page::default(), &missed, false);
        assert!(text.starts_with("The notes don't seem to answer this. Nearest:\n\n[1] notes/"), "{text}");
        missed.hits.clear();
        assert_eq!(reply(&Page::default(), &missed, false), "The notes don't seem to answer this.\n");
        missed.missing = vec!["COBOL".to_owned(), "9\u{1b}.1".to_owned()];
        let text = reply(&Page::default(), &missed, false);
        assert_eq!(text, "not found: COBOL, 9␛.1\nThe notes don't seem to answer this.\n");
    }

    #[test]
    fn an_answer_that_may_be_wrong_says_so() {
        let mut low = answered();
        low.confidence = Confidence::Low;
        assert!(reply(&Page::default(), &low, false).starts_with("Perhaps:\nA lock.\n[1] notes/"));
        low.missing = vec!["COBOL".to_owned()];
        assert!(reply(&Page::default(), &low, false).starts_with("not found: COBOL\nPerhaps:\nA lock.\n"));
    }

    #[test]
    fn the_lines_of_an_answer_stand_under_it() {
        let mut two = answer("One. … Two. … Three.");
        two.parts = [(7, 8), (8, 8), (8, 8), (11, 12)]
            .map(|(first, last)| AnswerPart { lines: LineSpan { first, last }, ..two.parts[0].clone() })
            .to_vec();
        let shown = cited(&Page::default(), &two, &[gil()]);
        assert_eq!(shown, "One. … Two. … Three.\n[1] notes/python/a.md:7-8,8,11-12\n");
        two.partial = true;
        let shown = cited(&Page::default(), &two, &[]);
        assert_eq!(shown, "One. … Two. … Three.\n(a part of the answer in the note)\n[1]\n");
    }

    #[test]
    fn a_terminal_wraps_and_a_pipe_does_not() {
        let mut long = answered();
        long.answer = Some(answer(&"word ".repeat(30)));
        let page = Page { width: Some(40), ..Page::default() };
        let wrapped = reply(&page, &long, false);
        assert!(wrapped.lines().take(4).all(|line| line.chars().count() <= 40), "{wrapped}");
        assert!(reply(&Page::default(), &long, false).starts_with("word ".repeat(30).trim_end()));
    }

    #[test]
    fn other_places_stand_under_their_source() {
        let mut hit = gil();
        hit.also = vec![copy("b.md"), copy("long\n/c.md")];
        let shown = |hit: &Hit, width| {
            let mut out = String::new();
            also(&mut out, &Page { width, ..Page::default() }, hit);
            out
        };
        assert_eq!(shown(&hit, None), "    also in notes/b.md:3-4, notes/long␊/c.md:3-4\n");
        hit.also_more = 12;
        assert_eq!(
            shown(&hit, Some(30)),
            "    also in notes/b.md:3-4,\n            notes/long␊/c.md:3-4,\n            12 more\n"
        );
        assert_eq!(shown(&threads(), None), "");
        let text = reply(&Page::default(), &Reply { hits: vec![hit], ..Reply::default() }, false);
        assert!(
            text.ends_with("    A lock.\n    also in notes/b.md:3-4, notes/long␊/c.md:3-4, 12 more\n"),
            "{text}"
        );
    }

    #[test]
    fn highlighting_changes_no_text_and_leaves_the_marks() {
        let page = Page { color: true, width: Some(24), ..Page::default() }.about("which lock waits 1");
        let mut all = answered();
        all.answer = Some(answer("A lock\u{1b}[2J waits, and another lock."));
        let text = reply(&page, &all, false);
        assert!(text.starts_with("A \u{1b}[1mlock\u{1b}[0m␛[2J \u{1b}[1mwaits\u{1b}[0m, and\nanother \u{1b}[1mlock\u{1b}[0m.\n\u{1b}[1m\u{1b}[32m[1]"), "{text:?}");
        assert!(text.contains("    \u{1b}[2mThreads help where a\u{1b}[0m\n    \u{1b}[2mprogram \u{1b}[0m\u{1b}[1mwaits\u{1b}[0m\u{1b}[2m.\u{1b}[0m\n"), "{text:?}");
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(plain, reply(&Page { color: false, ..page }, &all, false));
    }

    #[test]
    fn a_list_has_one_line_for_each_passage() {
        assert_eq!(
            list(&Page::default(), &[gil(), threads()]),
            "notes/python/a.md:7-8  0.87  What is the GIL?\n\
             notes/python/threads.md:3  0.50  stale  Threads › When they␛[31m help  Threads help where a program waits. Not where it counts.\n"
        );
        let narrow = Page { width: Some(62), ..Page::default() };
        let line = list(&narrow, &[threads()]);
        assert!(line.ends_with("  stale  Threads › When they␛[…\n"), "{line}");
        assert!(line.trim_end().width() <= 62, "{line}");
    }

    proptest! {
        #[test]
        fn nothing_raw_reaches_the_page(spice in "[\\x00-\\x1f\u{7f}-\u{9f}\u{202a}-\u{202e}\u{2066}-\u{2069}a\u{200b}|` ]{0,40}") {
            let mut hit = threads();
            hit.source.root.clone_from(&spice);
            hit.source.path = qsearch::document::NotePath::from_encoded(spice.as_str());
            let passage = &mut hit.source.passage;
            passage.heading = vec![spice.clone()];
            passage.question = Some(spice.clone());
            passage.text.clone_from(&spice);
            hit.excerpt = 0..spice.len();
            let answer = answer(&spice);
            let (confidence, missing) = (Confidence::Low, vec![spice.clone()]);
            let all = Reply { answer: Some(answer), confidence, missing, hits: vec![hit] };
            for width in [None, Some(30)] {
                let page = Page { width, ..Page::default() };
                for text in [reply(&page, &all, true), list(&page, &all.hits)] {
                    prop_assert!(!text.chars().any(|c| sanitize::is_active(c) && !matches!(c, '\n' | '\t')));
                }
            }
        }
    }
}
