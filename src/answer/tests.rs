use proptest::prelude::*;

use super::*;
use crate::document::{ByteSpan, LineSpan, NotePath, PassageId};
use crate::hit::{SentenceEvidence, Signals, StoredPassage};
use crate::parse::parse;
use crate::sentence::sentences as sentences_of;
use crate::words::Language;

fn passage(text: &str, question: Option<&str>, content: Range<u32>) -> Passage {
    let span = ByteSpan { start: 100, end: 100 + text.len() as u64 };
    let lines = LineSpan { first: 7, last: 6 + text.lines().count().max(1) as u32 };
    let (parsed, _) = parse(&NotePath::from_encoded("a.md"), text.as_bytes());
    Passage {
        question: question.map(str::to_owned),
        content,
        blocks: parsed.blocks,
        ..Passage::new(text, span, lines)
    }
}

/// A hit whose sentences have these cosines; as many as there are are known.
pub(super) fn hit(text: &str, cosines: &[f32]) -> Hit {
    let mut passage = passage(text, None, 0..text.len() as u32);
    let sentences = sentences_of(text, &passage.blocks, &(0..text.len())).into_iter().take(cosines.len());
    passage.sentences =
        sentences.map(|sentence| sentence.range.start as u32..sentence.range.end as u32).collect();
    let sentences = cosines.iter().map(|&at| SentenceEvidence { alone: at, in_context: at }).collect();
    Hit {
        rank: 2,
        score: 1.0,
        signals: Signals::default(),
        short_id: String::new(),
        source: StoredPassage {
            id: PassageId(1),
            root: "notes".into(),
            path: NotePath::from_encoded("a.md"),
            title: None,
            tags: Vec::new(),
            aliases: Vec::new(),
            date: None,
            properties: Vec::new(),
            language: Language::English,
            passage,
        },
        excerpt: 0..0,
        evidence: Evidence { sentences, ..Evidence::default() },
        stale: false,
        machine: None,
        also: Vec::new(),
        also_more: 0,
    }
}

fn shown(passage: &Passage, question: &str) -> String {
    passage.text[excerpt(passage, &Evidence::default(), &Terms::of(question))].to_owned()
}

/// A sentence of so many characters.
fn filler(word: &str, chars: usize) -> String {
    let text = format!("nothing of {word} ").repeat(chars);
    format!("Nothing{}.", &text[..chars - 8].replace(' ', "-"))
}

#[test]
fn terms_are_what_the_question_is_about() {
    let terms = |question: &str| Terms::of(question).words;
    assert_eq!(terms("What is the GIL?"), ["gil"]);
    assert_eq!(terms("what is it"), ["what", "is", "it"]);
    assert_eq!(terms("copies, copying"), ["cop", "copy"]);
    assert!(Terms::of("?!").is_empty());
}

#[test]
fn what_only_points_elsewhere_says_nothing() {
    let says = |text: &str| says_something(&passage(text, None, 0..text.len() as u32));
    for silent in
        ["![[Trips.base#Location]]", "<CourseFloatingBanner classNames=\"a b c d\" />", "{{a b c d}}"]
    {
        assert!(!says(silent), "{silent}");
    }
    for silent in ["Siehe [[Eulen]], Quelle: [[Vögel]]", "См. [[Совы]] Источник: [[Птицы]]"]
    {
        assert!(!says(silent), "{silent}");
    }
    for silent in ["![a picture of it](a/b/c.png) See:", "---\n* * *\n1, 2, 3, 4"] {
        assert!(!says(silent), "{silent}");
    }
    for something in ["Owls hunt at night.", "if a < b and c > d", "![[x y z", "a <b c d e"] {
        assert!(says(something), "{something}");
    }
    assert!(says_something(&passage("yes", Some("Does it?"), 0..3)));
}

#[test]
fn questions_alone_say_nothing() {
    let says = |text: &str| says_something(&passage(text, None, 0..text.len() as u32));
    assert!(!says("**What to ask:**\n- What is an owl?\n- Where do owls sleep?\n- **Why do owls hoot?**"));
    assert!(!says("- ماذا تأكل البومة في الليل؟\n- أين تنام البومة في النهار؟"));
    assert!(!says("- フクロウは何を食べますか？\n- フクロウはどこで寝ますか？"));
    assert!(!says("### Q31: How do you feed an owl?"));
    assert!(says("What is an owl? A bird that hunts at night. Where does it sleep? In trees."));
}

#[test]
fn an_answer_shows_nothing_hidden() {
    let hit = hit("The plan %% not sure %% is good. %% really? %%\nDo it. ^a1b2\n", &[]);
    let answer = answer(&hit, &Terms::of("plan"));
    assert_eq!(answer.text, "The plan … is good. … Do it.");
    assert_eq!(answer.parts[1].lines, LineSpan { first: 7, last: 7 });
}

#[test]
fn the_sentences_nearest_to_the_question_answer_in_their_order() {
    let text = ["a", "b", "c", "d", "e"].map(|word| filler(word, 120)).join(" ");
    let blocks = passage(&text, None, 0..0).blocks;
    let sentence = |at: usize| &text[sentences_of(&text, &blocks, &(0..text.len()))[at].range.clone()];
    let hit = hit(&text, &[0.1, 0.7, 0.1, 0.1, 0.9]);
    let found = answer(&hit, &Terms::of("zebra"));
    assert_eq!(found.text, format!("{} … {}", sentence(1), sentence(4)));
    assert_eq!(found.parts.len(), 2);
    assert_eq!((found.citations, found.parts[1].citation), (vec![2], 2));
    assert_eq!(found.parts[1].text, sentence(4));
    assert_eq!(
        (found.parts[1].lines, found.parts[1].span),
        (LineSpan { first: 7, last: 7 }, hit.source.passage.span)
    );
}

#[test]
fn without_vectors_words_and_what_is_asked_for_decide() {
    let one = filler("a", 390);
    let text =
        format!("{one} Owls hunt mice {}\nIn 1987 owls were counted {}", filler("b", 370), filler("c", 370));
    let first = |question: &str| answer(&hit(&text, &[]), &Terms::of(question)).parts.remove(0);
    assert!(first("what do owls hunt").text.starts_with("Owls hunt mice"));
    let counted = first("when were owls seen");
    assert!(counted.text.starts_with("In 1987"), "{}", counted.text);
    assert_eq!(counted.lines, LineSpan { first: 8, last: 8 });
    assert_eq!(first("zebra").text, one);
}

#[test]
fn what_announces_something_comes_with_it() {
    let text = format!("{}\n\n**Three owls:**\n\n- tawny\n- barn\n- snowy\n", filler("a", 990));
    let found = answer(&hit(&text, &[]), &Terms::of("owls"));
    assert_eq!(found.text, "**Three owls:**\n\n- tawny\n- barn\n- snowy");
}

#[test]
fn code_and_tables_stay_whole() {
    for whole in [
        format!("```\n{}```", "owl = 1\n".repeat(80)),
        format!("| owl |\n|---|\n{}", "| barn |\n".repeat(80)),
    ] {
        let text = format!("Some text.\n\n{whole}\n\n{}", filler("a", 200));
        let found = answer(&hit(&text, &[]), &Terms::of("what is an owl"));
        assert_eq!((found.text, found.partial), (format!("Some text.\n\n{}", whole.trim()), false));
    }
    let long = format!("```\n{}```", "owl = 1\n".repeat(800));
    let found = answer(&hit(&long, &[]), &Terms::of("which owl"));
    assert!(chars(&found.text, &(0..found.text.len())) <= WHOLE_CHARS && found.text.ends_with("= 1"));
    assert!(found.partial);
}

#[test]
fn a_short_text_is_shown_whole() {
    let passage = passage("## A heading\nOne line. ", None, 13..23);
    assert_eq!(shown(&passage, "x"), "One line.");
    let text = "One.\n\n# Two\n\nThree.";
    assert_eq!(answer(&hit(text, &[]), &Terms::of("x")).text, text);
}

#[test]
fn a_long_text_is_shown_where_it_matches() {
    let filler = "This sentence is about nothing in particular and goes on. ".repeat(20);
    let text = format!("{filler}\n- The lock protects reference counts. It is a mutex.\n{filler}");
    let shown = shown(&passage(&text, None, 0..text.len() as u32), "which lock protects the counts");
    assert!(shown.contains("- The lock protects reference counts. It is a mutex."), "{shown}");
    assert!((500..=EXCERPT_CHARS).contains(&shown.len()), "{shown}");
}

#[test]
fn an_excerpt_ends_at_a_heading() {
    let text = format!("{}\n# Owls\nThey hunt.\n# More\n{}", filler("a", 500), filler("b", 500));
    assert_eq!(shown(&passage(&text, None, 0..text.len() as u32), "hunt"), "They hunt.");
}

#[test]
fn no_block_makes_an_answer_without_end() {
    let code = format!("```\n{}``` and so:\n- x", "an owl at night\n".repeat(100));
    let announcements = "And the owl does this:\n\n".repeat(100);
    let sentence = "owls on and on ".repeat(200);
    let announced = format!("This is what the owl does:\n{sentence}");
    for text in [code, announcements, sentence, announced] {
        let text = format!("{}\n\n{text}", filler("a", 500));
        let found = answer(&hit(&text, &[]), &Terms::of("owl"));
        let size = found.text.chars().count();
        assert!((WHOLE_CHARS / 2..=WHOLE_CHARS).contains(&size) && found.partial, "{}", found.text);
    }
}

#[test]
fn a_bad_content_range_falls_back_to_the_text() {
    let passage = passage("é", None, 1..9);
    assert_eq!(excerpt(&passage, &Evidence::default(), &Terms::of("x")), 0..2);
}

proptest! {
    #[test]
    fn an_answer_is_made_of_pieces_within_the_limits(
        lines in prop::collection::vec("( |  )?(- |# |\\| |```|> |> \\[!tip\\]|!\\[\\]\\(a\\)|[0-9]\\. )?([A-Zaé`]{1,9}[ .:?] ?){0,12}", 0..60),
        cosines in prop::collection::vec(-1.0_f32..1.0, 0..20),
        question in "(who |when )?[A-Zaé ]{0,20}",
    ) {
        let text = lines.join("\n");
        let hit = hit(&text, &cosines);
        let terms = Terms::of(&question);
        let found = answer(&hit, &terms);
        let parts = found.parts.iter().map(|part| &part.text[..]).collect::<Vec<_>>();
        prop_assert_eq!(found.text.replace(BLOCK_GAP, GAP), parts.join(GAP).replace(BLOCK_GAP, GAP));
        prop_assert!(!found.parts.is_empty());
        let mut end = 0;
        for part in &found.parts {
            prop_assert_eq!(text.get(part.range.clone()), Some(&part.text[..]));
            prop_assert!(end <= part.range.start && (text.trim().is_empty() || !part.range.is_empty()));
            prop_assert!(hit.source.passage.lines.first <= part.lines.first);
            end = part.range.end;
        }
        prop_assert!(found.text.chars().count() <= WHOLE_CHARS + ANSWER_CHARS, "{}", found.text);
        let shown = excerpt(&hit.source.passage, &hit.evidence, &terms);
        prop_assert!(text.get(shown).is_some_and(|shown| shown.chars().count() <= EXCERPT_CHARS));
    }
}
