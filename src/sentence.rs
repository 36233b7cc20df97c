//! Where does a sentence end?

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::document::trim;

/// Sentences, list items and table rows; a fenced code block is one unit.
pub(crate) fn sentences(text: &str, within: Range<usize>) -> Vec<Range<usize>> {
    let mut units: Vec<Range<usize>> = Vec::new();
    let mut fence: Option<usize> = None;
    // The lines of a paragraph, whose sentences go on from line to line.
    let mut block = within.start..within.start;
    for line in text[within.clone()].split_inclusive('\n') {
        let (start, end) = (block.end, block.end + line.len());
        if is_fence(line) || starts_block(line) {
            add_sentences(text, block.clone(), &mut units);
            block = start..end;
        }
        if is_fence(line) {
            match fence.take() {
                Some(first) => units.push(first..end),
                None => fence = Some(start),
            }
        }
        block.end = end;
        // What is inside a fence belongs to no paragraph, and a heading is one by itself.
        let inside = fence.is_some() || is_fence(line);
        if !inside && line.starts_with('#') {
            add_sentences(text, block.clone(), &mut units);
        }
        if inside || line.starts_with('#') {
            block = end..end;
        }
    }
    add_sentences(text, block, &mut units);
    units.extend(fence.map(|start| start..within.end));
    units.into_iter().map(|unit| trim(text, &unit)).filter(|unit| !unit.is_empty()).collect()
}

fn is_fence(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("```") || line.starts_with("~~~")
}

/// Whether a line can't go on with the sentence of the line before.
fn starts_block(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with(['#', '|', '>', '•']) || is_item(line)
}

/// Whether a line begins with the mark of a list item in Markdown: a bullet or a number.
pub(crate) fn is_item(line: &str) -> bool {
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    ["- ", "* ", "+ "].iter().any(|bullet| line.starts_with(bullet))
        || (number.len() < line.len() && (number.starts_with(". ") || number.starts_with(") ")))
}

/// Adds the sentences of a paragraph, which a line end alone doesn't end.
fn add_sentences(text: &str, block: Range<usize>, units: &mut Vec<Range<usize>>) {
    let one_line = text[block.clone()].replace(['\n', '\r'], " ");
    for (offset, sentence) in one_line.split_sentence_bound_indices() {
        units.push(block.start + offset..block.start + offset + sentence.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_go_on_over_line_ends_but_not_over_items() {
        let text =
            "# Head\nFirst it goes\non here. Second\none.\n- an item\n- another\n2. third\n| a | b |\n";
        let units: Vec<&str> = sentences(text, 0..text.len()).into_iter().map(|unit| &text[unit]).collect();
        let expected = [
            "# Head",
            "First it goes\non here.",
            "Second\none.",
            "- an item",
            "- another",
            "2. third",
            "| a | b |",
        ];
        assert_eq!(units, expected);
    }
}
