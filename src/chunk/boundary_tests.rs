use super::*;
use crate::document::NotePath;
use crate::parse::parse;

#[test]
fn lines_are_ranked_by_what_they_separate() {
    let text = "One.\r\nTwo\nthree\n\nBlock\n- item\n  1. nested\n\n  more\n> quoted\n>\n> again\n```py\na\n\nb\n```\n| a |\n|---|\nend";
    let (document, _) = parse(&NotePath::from_encoded("a.md"), text.as_bytes());
    let levels: Vec<_> = boundaries(text, 0..text.len(), &document.blocks)
        .iter()
        .map(|boundary| (boundary.level, text[boundary.at..].lines().next().unwrap()))
        .collect();
    let want = [
        (LINE, "Two"),
        (BLOCK, "Block"),
        (ITEM, "- item"),
        (ITEM + 1, "  1. nested"),
        (INSIDE_ITEM, "  more"),
        (INSIDE_ITEM, "> again"),
        (BLOCK, "```py"),
        (LINE, "a"),
        (LINE, ""),
        (LINE, "b"),
        (LINE, "```"),
        (BLOCK, "| a |"),
        (LINE, "|---|"),
        (BLOCK, "end"),
    ];
    assert_eq!(levels, want);
}

#[test]
fn parts_have_the_boundaries_of_the_whole() {
    let text = "| a |\n```\nb\n\n```\n| c |\n| d |\ne.\nf\n\n- g\n~~~\nh";
    let (document, _) = parse(&NotePath::from_encoded("a.md"), text.as_bytes());
    let all = boundaries(text, 0..text.len(), &document.blocks);
    for start in (0..text.len()).filter(|&start| start == 0 || text[..start].ends_with('\n')) {
        let part = boundaries(text, start..text.len(), &document.blocks);
        assert_eq!(part, all[all.partition_point(|boundary| boundary.at <= start)..], "{start}");
    }
}
