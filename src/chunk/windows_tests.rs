use super::*;
use crate::document::NotePath;
use crate::parse::parse;

fn blocks(text: &str) -> Vec<Block> {
    parse(&NotePath::from_encoded("a.md"), text.as_bytes()).0.blocks
}

fn check(text: &str, content: Range<usize>, above: usize, expected: (&[&str], &[Range<u32>])) {
    // Each word is a token.
    let words = text.split_whitespace();
    let ends: Vec<u32> =
        words.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize + word.len()) as u32).collect();
    let (sentences, windows) = windows(text, &blocks(text), &content, &ends, above);
    let sentences: Vec<&str> =
        sentences.iter().map(|range| &text[range.start as usize..range.end as usize]).collect();
    assert_eq!((&sentences[..], &windows[..]), expected);
}

#[test]
fn what_stands_above_is_the_first_window() {
    let text = "# A head\nOne two three four. Five six seven eight.";
    check(text, 9..text.len(), 2, (&["One two three four.", "Five six seven eight."], &[0..5, 5..9, 9..13]));
    let (none, above) = windows("", &[], &(0..0), &[], 3);
    assert!(none.is_empty() && above.len() == 1 && above[0] == (0..3));
}

#[test]
fn short_sentences_stand_together() {
    let text = "Yes. It does that well. No.";
    check(text, 0..text.len(), 0, (&[text], &[0..0, 0..6]));
    let text = "one two three four five. ".repeat(40);
    let (sentences, windows) = windows(
        &text,
        &blocks(&text),
        &(0..text.len()),
        &(0..200).map(|at| at * 5 + 4).collect::<Vec<_>>(),
        0,
    );
    assert!(sentences.len() <= MOST && windows.len() == sentences.len() + 1);
    assert!(sentences.windows(2).all(|pair| pair[0].end <= pair[1].start));
}
