use super::*;
use crate::document::NotePath;
use crate::parse::parse;

fn of(text: &str) -> Vec<(&str, usize)> {
    let blocks = parse(&NotePath::from_encoded("a.md"), text.as_bytes()).0.blocks;
    let snippets = snippets(text, &blocks, &(0..text.len()), Size { sentences: 3, chars: 100 });
    snippets.into_iter().map(|snippet| (&text[snippet.range], snippet.sentences)).collect()
}

#[test]
fn an_announcement_is_one_with_what_follows() {
    assert_eq!(
        of("Owls eat. **Two kinds:**\n\n- tawny\n- barn\n\nMore."),
        [("Owls eat.", 1), ("**Two kinds:**\n\n- tawny\n- barn", 1), ("More.", 1)]
    );
    assert_eq!(
        of("Three:\n- One is.\n- Two is.\n- Three is."),
        [("Three:\n- One is.\n- Two is.", 3), ("- Three is.", 1)]
    );
    assert_eq!(of("Run this:\n```\na\n```\nDone."), [("Run this:\n```\na\n```", 2), ("Done.", 1)]);
    assert_eq!(of("| a |\n| b: |:\n- c"), [("| a |\n| b: |:", 1), ("- c", 1)]);
    assert_eq!(of("Nothing follows:\n# Head\nx y"), [("Nothing follows:", 1), ("# Head", 1), ("x y", 1)]);
}

#[test]
fn tables_stay_whole() {
    assert_eq!(
        of("Before.\n| a | b |\n|---|---|\n| 1 | 2 |\n\n| c |\n|---|"),
        [("Before.", 1), ("| a | b |\n|---|---|\n| 1 | 2 |", 1), ("| c |\n|---|", 1)]
    );
    let text = "So:\n| a |\n|---|\n| 1 |";
    assert_eq!(of(text), [(text, 2)]);
}

#[test]
fn abbreviations_do_not_end_a_block() {
    let text = "Dr. Who met George W. Bush in the U.S. Army. Then he left.";
    assert_eq!(of(text), [("Dr. Who met George W. Bush in the U.S. Army.", 4), ("Then he left.", 1)]);
}
