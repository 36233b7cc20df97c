//! The sentences of a passage, and which of its tokens they are.

use std::ops::Range;

use crate::sentence::sentences;

/// A passage has no more sentences; where it would, neighbours are taken together.
const MOST: usize = 16;
/// A sentence of fewer tokens goes with the next.
const FEWEST_TOKENS: usize = 4;

/// The sentences of `content` in `text` (in bytes), and the windows of tokens: first that of all that stands above
/// the content, the `above` tokens before the text included, then one for each sentence.
///
/// `ends` are where the tokens of `text` end.
pub(super) fn windows(
    text: &str,
    content: &Range<usize>,
    ends: &[u32],
    above: usize,
) -> (Vec<Range<u32>>, Vec<Range<u32>>) {
    let place = |offset: usize| above + ends.partition_point(|&end| end as usize <= offset);
    let window = |range: &Range<usize>| place(range.start)..place(range.end);
    let mut units: Vec<Range<usize>> = Vec::new();
    for unit in sentences(text, content.clone()) {
        match units.last_mut() {
            Some(last) if window(last).len() < FEWEST_TOKENS => last.end = unit.end,
            _ => units.push(unit),
        }
    }
    // What is short at the end has no next.
    if let [.., before, last] = &mut units[..]
        && window(last).len() < FEWEST_TOKENS
    {
        before.end = last.end;
        units.pop();
    }
    let together = units.len().div_ceil(MOST).max(1);
    let units: Vec<Range<usize>> =
        units.chunks(together).map(|group| group[0].start..group[group.len() - 1].end).collect();
    let narrow = |range: Range<usize>| range.start as u32..range.end as u32;
    let first = 0..place(content.start);
    let windows = std::iter::once(first).chain(units.iter().map(window)).map(narrow).collect();
    (units.into_iter().map(narrow).collect(), windows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, content: Range<usize>, above: usize, expected: (&[&str], &[Range<u32>])) {
        // Each word is a token.
        let words = text.split_whitespace();
        let ends: Vec<u32> =
            words.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize + word.len()) as u32).collect();
        let (sentences, windows) = windows(text, &content, &ends, above);
        let sentences: Vec<&str> =
            sentences.iter().map(|range| &text[range.start as usize..range.end as usize]).collect();
        assert_eq!((&sentences[..], &windows[..]), expected);
    }

    #[test]
    fn what_stands_above_is_the_first_window() {
        let text = "# A head\nOne two three four. Five six seven eight.";
        check(
            text,
            9..text.len(),
            2,
            (&["One two three four.", "Five six seven eight."], &[0..5, 5..9, 9..13]),
        );
        let (none, above) = windows("", &(0..0), &[], 3);
        assert!(none.is_empty() && above.len() == 1 && above[0] == (0..3));
    }

    #[test]
    fn short_sentences_stand_together() {
        let text = "Yes. It does that well. No.";
        check(text, 0..text.len(), 0, (&[text], &[0..0, 0..6]));
        let text = "one two three four five. ".repeat(40);
        let (sentences, windows) =
            windows(&text, &(0..text.len()), &(0..200).map(|at| at * 5 + 4).collect::<Vec<_>>(), 0);
        assert!(sentences.len() <= MOST && windows.len() == sentences.len() + 1);
        assert!(sentences.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }
}
