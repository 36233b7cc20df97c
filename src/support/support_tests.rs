use super::*;
use crate::document::{ByteSpan, LineSpan, NotePath};
use crate::parse::parse;

/// A passage of a note in Markdown.
fn passage(text: &str) -> Passage {
    let (document, _) = parse(&NotePath::from_encoded("note.md"), text.as_bytes());
    let mut passage =
        Passage::new(text, ByteSpan { start: 0, end: text.len() as u64 }, LineSpan { first: 1, last: 1 });
    passage.blocks = document.blocks;
    passage
}

/// How sources say a sentence, with the words; all texts mean the same to the model.
fn judged(notes: &[&str], piece: &Piece) -> Option<(Support, Vec<String>)> {
    let passages: Vec<Passage> = notes.iter().map(|note| passage(note)).collect();
    let sources: Vec<Source<'_>> = passages
        .iter()
        .zip(1..)
        .map(|(passage, number)| Source { number, title: Some("Owls"), passage })
        .collect();
    let mut grounds = Grounds::of(&sources);
    let found = grounds.judge(piece, &mut |texts| Ok(vec![vec![1.0]; texts.len()])).unwrap()?;
    let texts = found.places.iter().map(|(source, range)| passages[*source].text[range.clone()].to_owned());
    Some((found.support, texts.collect()))
}

fn support(note: &str, sentence: &str) -> Option<Support> {
    judged(&[note], &Piece { text: sentence.to_owned(), ..Piece::default() }).map(|(support, _)| support)
}

const NOTE: &str = "# Hunting\n\nMost owls hunt at night, because **mice** are out then. They don't hunt in heavy \
rain. Asio otus hears a mouse under 30 cm of snow, and waits 5 minutes.\n\n- a barn owl eats 1,200 mice a year\n- the \
`wing_span` is 90 cm\n\n| Owl | Weight |\n|---|---|\n| Bubo bubo | 2.5 kg |\n| Otus scops | 90 g |\n";

#[test]
fn what_stands_word_for_word_is_quoted() {
    for sentence in [
        "Most owls hunt at night, because mice are out then.",
        "Most owls hunt at night",
        "They do not hunt in heavy rain.",
        "Most owls hunt at night, because mice are out then. They don't hunt in heavy rain.",
        "A barn owl eats 1200 mice a year",
        "| Bubo bubo | 2.5 kg |",
    ] {
        assert_eq!(support(NOTE, sentence), Some(Support::Quoted), "{sentence}");
    }
}

#[test]
fn what_says_something_else_is_not() {
    for sentence in [
        "Most owls don't hunt at night, because mice are out then.",
        "They hunt in heavy rain.",
        "Asio otus hears a mouse under 35 cm of snow.",
        "Strix otus hears a mouse under 30 cm of snow.",
        "Mice hunt owls at night.",
        "Yes.",
        "It depends.",
        "",
        "Bubo bubo weighs 90 g.",
        "Penguins swim very well in cold seas.",
    ] {
        assert_eq!(support(NOTE, sentence), None, "{sentence}");
    }
}

#[test]
fn other_words_for_it_are_near() {
    let found = judged(
        &[NOTE],
        &Piece {
            text: "Most owls that live here hunt at night, because mice are out then.".into(),
            ..Piece::default()
        },
    );
    let (support, texts) = found.unwrap();
    assert_eq!(support, Support::Near);
    assert!(texts[0].starts_with("Most owls hunt at night"), "{texts:?}");
}

#[test]
fn code_is_quoted_line_by_line() {
    let note = "Do this:\n\n```sh\ncd owls\nls -l   *.md\ncat a\n```\n";
    let code = |text: &str| judged(&[note], &Piece { text: text.into(), is_code: true, ..Piece::default() });
    let (support, texts) = code("```\ncd owls\n  ls -l *.md\n```").unwrap();
    assert_eq!((support, texts[0].as_str()), (Support::Quoted, "cd owls\nls -l   *.md"));
    assert!(code("```\nls -l *.md\ncd owls\n```").is_none());
    assert!(code("```\nrm owls\n```").is_none() && code("```\n```").is_none());
}

#[test]
fn the_source_that_the_model_names_comes_first_of_equals() {
    let same = "Owls see very well at night.";
    let piece = Piece { text: same.into(), hinted: vec![2], ..Piece::default() };
    let passages =
        [passage(same), passage(same), passage("Owls are birds that see."), passage(same), passage(same)];
    let sources: Vec<Source<'_>> =
        passages.iter().zip(1..).map(|(passage, number)| Source { number, title: None, passage }).collect();
    let found = Grounds::of(&sources)
        .judge(&piece, &mut |_| unreachable!("nothing is to be embedded"))
        .unwrap()
        .unwrap();
    let places: Vec<usize> = found.places.iter().map(|(source, _)| *source).collect();
    assert_eq!(places, [1, 0, 3]);
}

#[test]
fn choices_are_sentences_that_can_stand_alone() {
    let note = "# Owls of the north\n\nOwls see well at night. Why? Owls see well at night! See this \
list:\n\n> They fly\n> without a sound.\n";
    let passages = [passage(note)];
    let sources = [Source { number: 1, title: None, passage: &passages[0] }];
    let choices: Vec<String> = Grounds::of(&sources).choices().into_iter().map(|(text, _)| text).collect();
    assert_eq!(choices, ["Owls see well at night.", "They fly without a sound."]);
}

#[test]
fn hostile_texts_are_judged() {
    let words = "night ".repeat(100_000);
    let nots = "not ".repeat(5_000) + &"owls hunt ".repeat(5_000);
    for text in [
        words.as_str(),
        &nots,
        &"a".repeat(100_000),
        &"[1".repeat(50_000),
        &"`".repeat(10_000),
        "\u{0}\u{feff}",
    ] {
        assert_eq!(judged(&[NOTE], &Piece { text: text.to_owned(), ..Piece::default() }), None);
        judged(&[text], &Piece { text: "Owls hunt at night.".into(), ..Piece::default() });
        let mut stream = Stream::default();
        let pieces = stream.push(text).len() + stream.finish().len();
        assert!(pieces <= text.len());
    }
}
