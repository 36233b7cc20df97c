//! Places in notes as other programs take them: paths alone, and `path:line:column:text`.

use qsearch::answer::matches;
use qsearch::document::Root;
use qsearch::files::{open_note, read};
use qsearch::hit::{Answer, Hit};

use super::page::Page;
use super::sanitize;

/// A note that is larger isn't read to find out what stands before a passage on its line.
const MOST_BYTES: u64 = 16 << 20;

/// A place in a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Its line, from 1.
    pub(crate) line: u32,
    /// The byte of the line at which it is, from 1.
    pub(crate) column: usize,
    /// The line, as far as the passage has it, without its end.
    pub(crate) text: String,
}

impl Spot {
    /// Where to look at a source: where the answer begins that is taken from it, else the line of the excerpt that has
    /// the most of the question's words. `None` if its file isn't text, so that it has no lines.
    pub(crate) fn of(page: &Page, hit: &Hit, answer: Option<&Answer>) -> Option<Self> {
        let passage = &hit.source.passage;
        if passage.extract.is_some() {
            return None;
        }
        let part = answer.and_then(|answer| answer.parts.iter().find(|part| part.citation == hit.rank));
        let at = part.map_or_else(|| best(page, hit), |part| part.range.start);
        let at = if passage.text.is_char_boundary(at) { at } else { 0 };
        let is_end = |c: char| matches!(c, '\n' | '\r');
        let begin = passage.text[..at].rfind(is_end).map_or(0, |end| end + 1);
        let end = passage.text[at..].find(is_end).map_or(passage.text.len(), |end| at + end);
        let text = passage.text[begin..end].trim_end();
        let line = passage.lines_of(&(at..at)).first;
        let located = part.map_or(line, |part| part.lines.first);
        // A passage may begin in the middle of a line.
        let before = if begin == 0 { before(page, hit) } else { String::new() };
        Some(Self { line: located, column: before.len() + at - begin + 1, text: before + text })
    }
}

/// Where the line of the excerpt with the most words of the question has the first of them, in bytes of the passage's text.
fn best(page: &Page, hit: &Hit) -> usize {
    let text = &hit.source.passage.text;
    let excerpt = text.get(hit.excerpt.clone()).unwrap_or(text);
    let start = if excerpt.len() == text.len() { 0 } else { hit.excerpt.start };
    let (mut at, mut best) = (start + excerpt.len() - excerpt.trim_start().len(), 0);
    let mut begin = start;
    for line in excerpt.split_inclusive(['\n', '\r']) {
        let found = matches(line, &page.terms);
        if let Some(first) = found.first().filter(|_| found.len() > best) {
            (at, best) = (begin + first.start, found.len());
        }
        begin += line.len();
    }
    at
}

/// What stands before a passage on its first line, if its note still is as it was.
fn before(page: &Page, hit: &Hit) -> String {
    let source = &hit.source;
    // One that may not be read counts as stale.
    let is_readable = |root: &&Root| root.name == source.root && root.is_here();
    let root = page.roots.iter().find(is_readable).filter(|_| !hit.stale);
    let text = root.and_then(|root| {
        let file = open_note(&root.path, &source.path.to_relative()).ok()?;
        let bytes = read(&file, MOST_BYTES).ok()?;
        let before = bytes.get(..usize::try_from(source.passage.span.start).ok()?)?;
        let begin = before.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).map_or(0, |end| end + 1);
        String::from_utf8(before[begin..].to_vec()).ok()
    });
    text.map(|text| text.trim_start_matches('\u{feff}').to_owned()).unwrap_or_default()
}

/// A line for each source: `path:line:column:text`, as editors read it from `grep`.
pub(crate) fn lines(page: &Page, hits: &[Hit], answer: Option<&Answer>) -> String {
    let plain = Page { color: false, host: None, ..page.clone() };
    let line = |hit: &Hit| {
        let path = plain.note(&hit.source.root, &hit.source.path);
        let start = || Spot { line: 1, column: 1, text: hit.source.passage.content().to_owned() };
        let spot = Spot::of(page, hit, answer).unwrap_or_else(start);
        let text = spot.text.lines().next().unwrap_or_default();
        format!("{path}:{}:{}:{}\n", spot.line, spot.column, sanitize::text(text))
    };
    hits.iter().map(line).collect()
}

/// The path of each source's note, each once, one a line.
pub(crate) fn files(page: &Page, hits: &[Hit]) -> String {
    let mut paths: Vec<String> = Vec::new();
    for hit in hits {
        let path = page.note(&hit.source.root, &hit.source.path);
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths.into_iter().map(|path| path + "\n").collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use qsearch::document::{NotePath, Root};

    use super::super::fixtures::{answer, gil, threads};
    use super::*;

    #[test]
    fn a_source_is_where_its_answer_begins() {
        let page = Page::default().about("lock");
        assert_eq!(
            lines(&page, &[gil(), threads()], Some(&answer("A lock."))),
            "notes/python/a.md:8:1:A lock.\nnotes/python/threads.md:3:1:Threads help where a program waits.\tNot where it counts.\n"
        );
    }

    #[test]
    fn without_an_answer_it_is_where_the_words_are() {
        let page = Page::default().about("does a green lock wait");
        let mut hit = gil();
        hit.source.passage.text =
            "First line\r\n\r\n  a lock, then\r\nthe green lock waits\r\nlast".to_owned();
        hit.excerpt = 0..hit.source.passage.text.len();
        let spot = Spot::of(&page, &hit, None).unwrap();
        assert_eq!((spot.line, spot.column, spot.text.as_str()), (10, 5, "the green lock waits"));
        hit.excerpt = 0..10;
        let spot = Spot::of(&page, &hit, None).unwrap();
        assert_eq!((spot.line, spot.column, spot.text.as_str()), (7, 1, "First line"));
    }

    #[test]
    fn what_stands_before_a_passage_counts() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.md"), "x\n  - é lock\n").unwrap();
        let roots = vec![Root::new("notes", folder.path())];
        let page = Page { roots, ..Page::default() }.about("lock");
        let mut hit = gil();
        hit.source.path = NotePath::from_encoded("a.md");
        hit.source.passage.text = "é lock".to_owned();
        hit.source.passage.span.start = 6;
        hit.excerpt = 0..7;
        let spot = Spot::of(&page, &hit, None).unwrap();
        assert_eq!((spot.column, spot.text.as_str()), (8, "  - é lock"));
    }

    #[test]
    fn each_note_is_named_once() {
        assert_eq!(
            files(&Page::default(), &[gil(), threads(), gil()]),
            "notes/python/a.md\nnotes/python/threads.md\n"
        );
    }

    proptest! {
        #[test]
        fn each_source_is_one_harmless_line(spice in "[\\x00-\\x1f\u{7f}-\u{9f}\u{2028}\u{202e}a lock\n]{0,40}", from in 0_usize..50) {
            let mut hit = threads();
            hit.source.path = NotePath::from_encoded(spice.as_str());
            hit.source.passage.text.clone_from(&spice);
            hit.excerpt = from..spice.len();
            let page = Page::default().about("lock");
            let all = lines(&page, &[hit.clone()], None) + &files(&page, &[hit]);
            prop_assert_eq!(all.lines().count(), 2);
            prop_assert!(!all.chars().any(|c| sanitize::is_active(c) && !matches!(c, '\n' | '\t')));
        }
    }
}
