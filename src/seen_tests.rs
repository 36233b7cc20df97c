//! Tests of what words a reader sees.

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> String {
    let block = Block { range: 0..text.len(), kind: BlockKind::Paragraph, depth: 0 };
    seen(text, &[block]).replace(JOINER, "|")
}

#[test]
fn marks_inside_words_are_not_seen() {
    for (written, expected) in [
        ("Set max\\_connections.", "Set max_connections."),
        ("We use C\\# 12", "We use C# 12"),
        ("The AT&amp;T bill for M&uuml;ller", "The AT&T bill for Müller"),
        (
            "10&nbsp;dollars &#8217;s &lt;b&gt; &nosuch; R&D; a & b;",
            "10\u{a0}dollars ’s <b> &nosuch; R&D; a & b;",
        ),
        ("CO<sub>2</sub>, H~2~O, CO$_2$, x$^{2}$, m^2^", "CO2, H2O, CO2, x2, m2"),
        ("An un**believ**able <b>mid</b>night *snack*", "An unbelievable midnight *snack*"),
        ("**un**believable and f*o*o", "**unbelievable and foo"),
        ("2*3*4, a * b, x**2", "2*3*4, a * b, x**2"),
        ("line<br>break<br/>here</p>", "line break here "),
        ("Vec<String>, a < b > c, <your-name>", "Vec<String>, a < b > c, <your-name>"),
        ("<span class=\"x\">in</span>side", "inside"),
        ("<img src=\"a.png\" alt='two owls'>", "  two owls  a.png"),
        ("soft\u{ad}ware", "software"),
    ] {
        assert_eq!(read(written), expected);
    }
}

#[test]
fn words_of_what_is_hidden_are_not_there() {
    let block = |range, kind| Block { range, kind, depth: 0 };
    let blocks =
        [block(0..5, BlockKind::Paragraph), block(5..11, BlockKind::Hidden), block(11..15, BlockKind::Item)];
    assert_eq!(seen("plan %%no%%good", &blocks), "plan  good");
    assert_eq!(seen("plan %%no%%good", &blocks[..1]), "plan %%no%%good");
}

#[test]
fn targets_stand_behind_all_else() {
    for (written, expected) in [
        ("see [the manual](http://x.org/a_(b)) now", "see the manual now http://x.org/a_(b)"),
        ("see [the manual][man] now", "see the manual now man"),
        ("a [[dog]]s life", "a dogs life"),
        ("by [[people/Ann|Ann]] here", "by Ann here people/Ann"),
        ("a claim[^1] is", "a claim is 1"),
        ("[^1]: the note", "[^1]: the note"),
        ("![tap](data:image/png;base64,AAAA) drips", "!tap drips"),
        ("a[i] and [ ] and [x", "a[i] and [ ] and [x"),
        ("<https://x.org/y> ok", "<https://x.org/y> ok"),
    ] {
        assert_eq!(read(written), expected);
    }
}

#[test]
fn divided_words_are_joined() {
    for (written, expected) in [
        ("the commit-\ntee met", "the commit|tee met"),
        ("a long- \n  term plan", "a long|term plan"),
        ("Anglo-\nSaxon", "Anglo-Saxon"),
        ("com\u{ad}\nmittee", "committee"),
        ("2019-\n2020", "2019-\n2020"),
        ("a list -\nof", "a list -\nof"),
        ("end\n- item", "end\n- item"),
        ("番茄\n钟 和\n  上海", "番茄钟 和上海"),
        ("김치\n찌개", "김치\n찌개"),
    ] {
        assert_eq!(read(written), expected);
    }
}

#[test]
fn code_stays_as_it_is() {
    assert_eq!(read("`a\\_b&amp;` ``x`[y](z)`` `open\\_"), "`a\\_b&amp;` ``x`[y](z)`` `open_");
    let text = "a\\_b\nc\\_d";
    let block = |range, kind| Block { range, kind, depth: 0 };
    let blocks = [block(0..4, BlockKind::Paragraph), block(5..9, BlockKind::Code)];
    assert_eq!(seen(text, &blocks), "a_b\nc\\_d");
}

#[test]
fn any_length_takes_linear_time() {
    for piece in [
        "[", "](", "[[", "**a", "a*b", "`", "``a", "<b", "&a", "a-\n", "~a", "$_", "[^", "<a ", "[a](",
        "***a**", "<b a=", "[](x)",
    ] {
        read(&piece.repeat(100_000));
    }
}

proptest! {
    #[test]
    fn any_text_is_seen(text in "\\PC{0,60}|[-a-b*`~^$\\[\\]()<>&;|\\\\\n_ é番\u{ad}]{0,60}") {
        read(&text);
    }
}
