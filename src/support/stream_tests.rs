use proptest::prelude::*;

use super::*;

fn all(text: &str) -> Vec<Piece> {
    let mut stream = Stream::default();
    let mut pieces = stream.push(text);
    pieces.extend(stream.finish());
    pieces
}

fn texts(text: &str) -> Vec<String> {
    all(text).into_iter().map(|piece| piece.text).collect()
}

#[track_caller]
fn given(text: &str, expected: &[&str]) {
    assert_eq!(texts(text), expected, "{text:?}");
}

#[test]
fn sentences_end_where_a_reader_ends_them() {
    given("One thing. Another thing! A third? Yes", &["One thing.", "Another thing!", "A third?", "Yes"]);
    given(
        "Python 3.12 reads a.py, e.g. on Linux. Then it stops.",
        &["Python 3.12 reads a.py, e.g. on Linux.", "Then it stops."],
    );
    given("Wait... what? Well… Maybe. Dr. No came.", &["Wait... what?", "Well…", "Maybe.", "Dr. No came."]);
    given("It (see fig. 2. It shows this) works. So.", &["It (see fig. 2. It shows this) works.", "So."]);
    given("He said “Go.” Then he went.", &["He said “Go.”", "Then he went."]);
    given("Call `a. B` now. `c` is next.", &["Call `a. B` now.", "`c` is next."]);
    given("**Bold one.** Next one.", &["**Bold one.**", "Next one."]);
    given("番茄很好。土豆也好。", &["番茄很好。", "土豆也好。"]);
    given("i.e. this. See No. 5 of it. OK.", &["i.e. this.", "See No. 5 of it.", "OK."]);
}

#[test]
fn lines_end_what_is_no_running_text() {
    let pieces = all(
        "# Title one\nFirst line\nSecond line that\ngoes on\n\n- item a\n- item b. More b.\n  1. sub c\n> quoted d",
    );
    let pairs: Vec<(&str, &str)> =
        pieces.iter().map(|piece| (piece.before.as_str(), piece.text.as_str())).collect();
    assert_eq!(
        pairs,
        [
            ("# ", "Title one"),
            ("\n", "First line"),
            ("\n", "Second line that\ngoes on"),
            ("\n\n- ", "item a"),
            ("\n- ", "item b."),
            (" ", "More b."),
            ("\n  1. ", "sub c"),
            ("\n> ", "quoted d"),
        ]
    );
    given("| a | b. C |\n|---|---|\n| d | e |\nText.", &["| a | b. C |", "| d | e |", "Text."]);
    given("42", &["42"]);
    given("---\n\n***\nText", &["Text"]);
}

#[test]
fn a_block_of_code_is_one_piece() {
    let pieces =
        all("Do this:\n\n```python\nx = 1. # A. B\n\nprint(a[1])\n```\nThen `list[0]` is. ```x``` too");
    let codes: Vec<bool> = pieces.iter().map(|piece| piece.is_code).collect();
    assert_eq!(codes, [false, true, false, false]);
    assert_eq!(pieces[1].text, "```python\nx = 1. # A. B\n\nprint(a[1])\n```");
    assert_eq!(pieces[2].text, "Then `list[0]` is.");
    let open = all("~~~\nlet a = 1;");
    assert!(open[0].is_code && open.len() == 1);
}

#[test]
fn marks_of_sources_are_taken_out() {
    for (text, expected, hinted) in [
        ("The lock is held [1].", "The lock is held.", vec![1]),
        ("The lock is held. [1, 2]", "The lock is held.", vec![1, 2]),
        ("The lock is held.[1][2]", "The lock is held.", vec![1, 2]),
        ("The lock[2] is held (Source 1).", "The lock is held.", vec![2, 1]),
        ("The lock is held【1†source】.", "The lock is held.", vec![1]),
        ("The lock is held ≈[2].", "The lock is held.", vec![2]),
        ("[Source 3]: The lock is held.", "The lock is held.", vec![3]),
        ("The lock is held ([1-3]).", "The lock is held.", vec![1, 2, 3]),
        (
            "The lock is held (see [1] and [2]).",
            "The lock is held (see [1] and [2]).".replace(" [1]", "").replace(" [2]", "").as_str(),
            vec![1, 2],
        ),
        ("The lock is held [[4]].", "The lock is held.", vec![4]),
        ("The lock is held **[1]**.", "The lock is held.", vec![1]),
        ("`a[1]` and list[0] and items[2] stay.", "`a[1]` and list[0] and items[2] stay.", vec![]),
        ("See [1](http://a.b) there.", "See [1](http://a.b) there.", vec![]),
        ("The array [0, 1] stays.", "The array [0, 1] stays.", vec![]),
    ] {
        let pieces = all(text);
        assert_eq!((pieces[0].text.as_str(), &pieces[0].hinted), (expected, &hinted), "{text}");
        assert_eq!(pieces.len(), 1, "{text}");
    }
    given(
        "One is. [1] Two is. (Source 2) Three is.\nSources: [1], [2]",
        &["One is.", "Two is.", "Three is."],
    );
    assert_eq!(all("One is. [1] Two is. (Source 2) Three")[1].hinted, [2]);
}

#[test]
fn a_sentence_is_given_as_soon_as_it_has_ended() {
    let mut stream = Stream::default();
    assert!(stream.push("The first. ").is_empty());
    assert_eq!(stream.push("T").len(), 1);
    assert_eq!(stream.push("he second.\n").len(), 1);
    assert!(stream.push("- An item").is_empty());
    assert_eq!(stream.push("\n-").len(), 1);
    assert!(stream.push(" Third. [").is_empty());
    assert!(stream.push("2").is_empty());
    assert_eq!(stream.push("] N").len(), 1);
}

/// What models write, cut small.
const BITS: &str = "(a|B|the lock|e\\.g\\.|3\\.12|a\\.py|\\. |\\.|! |\\?|…|\\n|\\n\\n|- |1\\. |# |> |\\| | |  |`|```|~~~|\\*\\*|\\(|\\)|\\[|\\]|\\[1\\]|\\[1, 2\\]|\\(Source 1\\)|【1】|≈|é|番|。|\"|:|,|42)";

proptest! {
    #[test]
    fn it_makes_no_difference_where_a_text_is_cut(bits in prop::collection::vec(BITS, 0..40), cuts in prop::collection::vec(any::<usize>(), 0..6)) {
        let text = bits.concat();
        let mut places: Vec<usize> = cuts.iter().map(|cut| crate::document::floor(&text, cut % (text.len() + 1))).collect();
        places.extend([0, text.len()]);
        places.sort_unstable();
        let (mut stream, mut pieces) = (Stream::default(), Vec::new());
        for pair in places.windows(2) {
            pieces.extend(stream.push(&text[pair[0]..pair[1]]));
        }
        pieces.extend(stream.finish());
        prop_assert_eq!(pieces, all(&text));
    }

    #[test]
    fn pieces_give_back_the_text(bits in prop::collection::vec(BITS, 0..40)) {
        let text = bits.concat();
        let pieces = all(&text);
        let joined: String = pieces.iter().flat_map(|piece| [piece.before.as_str(), piece.text.as_str()]).collect();
        // Marks and the blanks around them are gone, and nothing else.
        let squeezed = |text: &str| text.chars().filter(|c| c.is_alphabetic() || *c == '\n').collect::<String>();
        let plain = bits.iter().filter(|bit| !["(Source 1)"].contains(&bit.as_str())).map(String::as_str).collect::<String>();
        if !text.contains("Source") {
            prop_assert!(squeezed(&plain).starts_with(&squeezed(&joined)));
            let tail = &squeezed(&plain)[squeezed(&joined).len()..];
            prop_assert!(tail.chars().all(|c| c == '\n'), "{:?}", tail);
        }
        if !text.contains(['[', '【', '≈']) && !text.contains("Source") {
            prop_assert!(text.starts_with(&joined));
            prop_assert!(!text[joined.len()..].chars().any(char::is_alphabetic));
        }
        prop_assert!(pieces.iter().all(|piece| piece.text.trim() == piece.text && !piece.text.is_empty()));
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        for piece in all(&text) {
            prop_assert!(!piece.text.is_empty());
        }
    }
}
