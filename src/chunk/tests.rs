use super::*;

use std::cell::Cell;
use std::time::Instant;

use proptest::prelude::*;

use crate::document::{ByteSpan, LineSpan, NotePath, Text};
use crate::parse::parse;

/// Tokens that are numbered by what they say.
fn numbered(text: &str, ends: Vec<u32>) -> Tokens {
    let mut start = 0;
    let number = |end: &u32| {
        let token = text[start..*end as usize].trim_start();
        start = *end as usize;
        crc32fast::hash(token.as_bytes())
    };
    Tokens { ids: ends.iter().map(number).collect(), ends }
}

/// One token a word and one a punctuation mark.
fn words(text: &str) -> Tokens {
    let mut ends = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let goes_on = c.is_alphanumeric() && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if !c.is_whitespace() && !goes_on {
            ends.push((at + c.len_utf8()) as u32);
        }
    }
    numbered(text, ends)
}

/// One token every four characters of a word, but one only for words of more than a hundred.
fn subwords(text: &str) -> Tokens {
    let mut ends = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let count = bare.chars().count();
        for (number, (inside, c)) in bare.char_indices().enumerate() {
            if number + 1 == count || (count <= 100 && number % 4 == 3) {
                ends.push((at + inside + c.len_utf8()) as u32);
            }
        }
        at += word.len();
    }
    numbered(text, ends)
}

const SMALL: Limits = Limits { max_tokens: 40, max_bytes: 300 };

/// A document with a section for each line that begins with `#`; one that ends in `?` is a question.
fn document(text: &str) -> Document {
    // Reading repairs a text, and the blocks are those of the repaired one.
    let (parsed, _) = parse(&NotePath::from_encoded("a.md"), text.as_bytes());
    let text = parsed.text.as_str();
    let mut sections: Vec<Section> = Vec::new();
    let mut trail: Vec<String> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let level = line.bytes().take_while(|&byte| byte == b'#').count();
        if level > 0 {
            let name = line[level..].trim().to_owned();
            let question = name.ends_with('?').then(|| name.clone());
            trail.truncate(level - 1);
            if question.is_none() {
                trail.push(name);
            }
            let (range, content) = (at..end, end..end);
            let heading = trail.iter().map(|heading| heading.as_str().into()).collect();
            sections.push(Section { heading, question, range, content, titled: true });
        } else if let Some(section) = sections.last_mut() {
            (section.range.end, section.content.end) = (end, end);
        } else {
            let range = at..end;
            sections.push(Section {
                heading: Vec::new(),
                question: None,
                content: range.clone(),
                range,
                titled: false,
            });
        }
        at = end;
    }
    let (title, text) = (None, Text::same(text.to_owned()));
    let body = 0..text.as_str().len();
    Document { title, tags: Vec::new(), date: None, text, body, sections, ..parsed }
}

/// Cuts and checks every law on the way.
fn check(document: &Document, tokenizer: &dyn Tokenize, limits: &Limits) -> Vec<Passage> {
    let chunks: Vec<Chunk> = chunk(document, tokenizer, limits).collect();
    assert_eq!(chunks, chunk(document, tokenizer, limits).collect::<Vec<_>>());
    for chunk in &chunks {
        let embedded = chunk.passage.embedded_text();
        let tokens = tokenizer.tokens(&embedded);
        assert_eq!(chunk.ids, tokens.ids, "tokens of {embedded:?}");
        let count = tokens.ends.len() + SPECIAL_TOKENS;
        assert!(count <= limits.max_tokens, "{count} tokens: {embedded:?}");
    }
    let passages: Vec<Passage> = chunks.into_iter().map(|chunk| chunk.passage).collect();
    let text = document.text.as_str();
    let mut end = document.body.start;
    for passage in &passages {
        let range = passage.span.start as usize..passage.span.end as usize;
        assert!(is_left_out(document, &(end..range.start)), "lost: {:?}", &text[end..range.start]);
        let is_large = |block: &Block| block.kind == BlockKind::Hidden && block.range.len() > 256;
        assert!(!passage.blocks.iter().any(is_large));
        assert_eq!(passage.text, text[range.clone()]);
        assert_eq!(passage.text, passage.text.trim());
        assert!(!passage.text.is_empty() || document.text.is_blank());
        assert_eq!(passage.lines, document.text.lines(&range));
        assert!(!passage.content().is_empty() || document.text.is_blank());
        assert!(passage.embedded_text().len() <= limits.max_bytes);
        end = range.end;
    }
    let is_named = document.text.is_blank() && !passages.is_empty();
    assert!(is_named || is_left_out(document, &(end..document.body.end)), "lost: {:?}", &text[end..]);
    passages
}

/// Whether nothing of a range needs to be in a passage: it is blank, hidden, or a heading beside what is hidden.
fn is_left_out(document: &Document, range: &Range<usize>) -> bool {
    let text = document.text.as_str();
    let inside = Block::share(&document.blocks, &trim(text, range));
    let hides = inside.iter().any(|block| block.kind == BlockKind::Hidden);
    let shown = Block::shown(&document.blocks, &text[range.clone()], range.start);
    let heading = |block: &Block| matches!(block.kind, BlockKind::Heading(_) | BlockKind::Hidden);
    shown.trim().is_empty() || (hides && inside.iter().all(heading))
}

fn texts(text: &str, limits: &Limits) -> Vec<String> {
    check(&document(text), &words, limits).into_iter().map(|passage| passage.text).collect()
}

#[test]
fn a_question_with_its_answer_is_one_passage() {
    let text =
        "intro\n\n# Python\n\n## Core\n\n### What is the GIL?\n\nA mutex.\n\nIt guards.\n\n### Next?\nYes.\n";
    let mut document = document(text);
    document.title = Some("Notes".into());
    let passages = check(&document, &words, &Limits::default());
    let shown: Vec<_> =
        passages.iter().map(|p| (p.lines.to_string(), p.text.as_str(), p.content())).collect();
    let first = "# Python\n\n## Core\n\n### What is the GIL?\n\nA mutex.\n\nIt guards.";
    assert_eq!(
        shown,
        [
            ("1".into(), "intro", "intro"),
            ("3-11".into(), first, "A mutex.\n\nIt guards."),
            ("13-14".into(), "### Next?\nYes.", "Yes."),
        ]
    );
    assert_eq!(passages[1].question.as_deref(), Some("What is the GIL?"));
    assert_eq!(passages[1].heading, ["Python", "Core"]);
    let contexts: Vec<_> = passages.iter().map(|passage| passage.context.as_str()).collect();
    assert_eq!(contexts, ["Notes", "Notes", "Notes › Python › Core"]);
    assert_eq!(passages[2].span, ByteSpan { start: text.find("### Next").unwrap() as u64, end: 84 });
}

#[test]
fn a_heading_takes_no_sibling_along_and_tears_nothing() {
    assert_eq!(texts("# A\n# B\n# C\ntext\n## D\n", &SMALL), ["# A", "# B", "# C\ntext", "## D"]);
    let answer = "word ".repeat(35);
    let text = format!("# One\n## Two\n### Is it?\n{answer}");
    assert_eq!(texts(&text, &Limits { max_tokens: 48, max_bytes: 300 }).len(), 1);
    let passages = check(&document(&text), &words, &Limits { max_tokens: 47, max_bytes: 300 });
    assert_eq!(passages[0].text, "# One\n## Two");
    assert_eq!(passages[0].heading, ["One", "Two"]);
    assert_eq!(passages.len(), 2);
}

#[test]
fn pieces_of_a_long_answer_say_what_they_answer() {
    let answer = "One two three four five six seven. ".repeat(12);
    let passages = check(&document(&format!("# Top\nx\n## Why so long?\n{answer}")), &words, &SMALL);
    let contexts: Vec<_> = passages[1..].iter().map(|passage| passage.context.as_str()).collect();
    assert_eq!(contexts[0], "Top");
    assert!(contexts[1..].iter().all(|&context| context == "Top › Why so long?"), "{contexts:?}");
    for passage in &passages[1..] {
        assert_eq!(passage.question.as_deref(), Some("Why so long?"));
        assert!(passage.text.ends_with("seven."), "{}", passage.text);
        assert!(passage.content().starts_with("One"), "{}", passage.content());
    }
}

#[test]
fn cuts_fall_on_the_strongest_boundary() {
    let sentence = "One two three four five six seven eight nine. ";
    let text = format!("{sentence}\n\n{}\n\n{sentence}", sentence.repeat(2));
    assert_eq!(texts(&text, &SMALL).len(), 2, "paragraphs are kept together");
    let items = "- one two three four five\n".repeat(10);
    for piece in texts(&items, &SMALL) {
        assert!(piece.starts_with("- one") && piece.ends_with("five"), "{piece:?}");
    }
    let wrapped = "One two three\nfour five six. Seven\neight nine ten eleven. ".repeat(5);
    for piece in texts(&wrapped, &SMALL) {
        assert!(piece.ends_with('.'), "{piece:?}");
    }
    let rows = format!("| head | row |\n|---|---|\n{}", "| cell one | cell two |\n".repeat(12));
    for piece in texts(&rows, &SMALL) {
        assert!(piece.starts_with('|') && piece.ends_with('|'), "{piece:?}");
    }
}

#[test]
fn code_that_fits_is_not_torn() {
    let code = "```py\na = 1\n\nb = 2\n\nc = 3\n```";
    let text = format!("{}\n\n{code}\nafter that\n", "One two three four five six.\n".repeat(3));
    let pieces = texts(&text, &SMALL);
    assert!(pieces.iter().any(|piece| piece.contains(code)), "{pieces:?}");
}

#[test]
fn a_long_context_keeps_its_ends() {
    let count = |context: &Context| {
        let tokens = words(&context.text);
        assert_eq!((tokens.ends.len(), tokens.ids), (context.count, context.ids.clone()));
    };
    let limits = Limits { max_tokens: 40, max_bytes: 300 };
    let mut contexts = Contexts::new(Some("Title"), &words, &limits);
    let owned = |parts: &[&str]| parts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let short = contexts.make(&owned(&["Title", " A ", ""]), Some("B?"));
    assert_eq!(short.text, "Title › A › B?");
    count(&short);
    let long = contexts.make(&owned(&["one two three", "four five six", "seven"]), Some("eight nine?"));
    assert_eq!(long.text, "Title › seven › eight nine?");
    count(&long);
    let one = contexts.make(&[], Some(&"word ".repeat(30)));
    assert_eq!(one.text, ["word"; 10].join(" "));
    count(&one);
    let endless = contexts.make(&[], Some(&"é".repeat(1000)));
    assert!(endless.text.len() <= 75 && !endless.text.is_empty());
    count(&endless);
}

#[test]
fn what_is_hidden_is_no_part_of_what_is_embedded() {
    let data = format!("![tap](data:image/png;base64,{})", "abcD1/".repeat(3000));
    let text =
        format!("# Tap\n{data}\n\nIt drips. ^a1b2\n\n{data}\n\nCall %% not yet %% on Friday.\n{data}\n");
    let passages = check(&document(&text), &words, &Limits::default());
    let shown: Vec<_> = passages.iter().map(|p| (p.text.as_str(), p.embedded_text())).collect();
    assert_eq!(
        shown,
        [
            ("It drips.", "Tap\nIt drips.".to_owned()),
            ("Call %% not yet %% on Friday.", format!("Tap\nCall {} on Friday.", " ".repeat(13))),
        ]
    );
    assert_eq!(texts(&format!("# Tap\n{data}\n"), &SMALL), ["# Tap"]);
    assert_eq!(texts(&format!("{data}\n"), &SMALL), [""; 0]);
    let drawer = "# Tap\n:PROPERTIES:\n:ID: 8f1c\n:END:\nIt drips.\n";
    let passages = check(&document(drawer), &words, &SMALL);
    assert_eq!((passages.len(), passages[0].content()), (1, "It drips."));
    assert!(!passages[0].embedded_text().contains("8f1c"));
}

#[test]
fn blank_sections_give_nothing_and_labels_are_short() {
    assert_eq!(texts("", &SMALL), [""; 0]);
    assert_eq!(texts(" \n\t\n\u{a0}\n", &SMALL), [""; 0]);
    let passages = check(&document(&format!("# {}\ntext", "long ".repeat(3000))), &words, &SMALL);
    assert!(passages.iter().all(|passage| passage.heading[0].len() <= MAX_LABEL_BYTES));
}

#[test]
fn an_empty_note_is_one_passage_by_its_name() {
    for text in ["", " \n\n", "-\n", "---\n---\n", "\u{a0}"] {
        let document = Document { title: Some("Call Anna".into()), ..document(text) };
        let chunks: Vec<Chunk> = chunk(&document, &words, &SMALL).collect();
        let [Chunk { passage, ids, windows }] = &chunks[..] else { panic!("{text:?}: {chunks:?}") };
        assert_eq!(passage.embedded_text(), "Call Anna");
        assert_eq!(
            (&*passage.text, &*passage.heading, passage.span.end),
            ("", &["Call Anna".to_owned()][..], 0)
        );
        assert_eq!(passage.lines, LineSpan { first: 1, last: 1 });
        assert_eq!((windows.len(), ids.clone()), (1, words.tokens("Call Anna").ids));
    }
    let document = Document { title: Some("Call Anna".into()), ..document("text") };
    assert_eq!(check(&document, &words, &SMALL)[0].text, "text");
}

#[test]
fn positions_are_the_files() {
    let document = document("a\r\nb\r\n\r\n# H\r\nc é\r\n");
    let passages = check(&document, &words, &SMALL);
    assert_eq!(passages[0].lines, LineSpan { first: 1, last: 2 });
    assert_eq!(passages[1].lines, LineSpan { first: 4, last: 5 });
    assert_eq!(passages[1].content(), "c é");
}

#[test]
fn the_fingerprint_tells_limits_apart() {
    assert_eq!(fingerprint(&Limits::default()), "5:256:8192");
}

/// What a document costs to tokenise, as a multiple of its size.
fn cost(document: &Document) -> f64 {
    let seen = Cell::new(0);
    let counting = |text: &str| {
        seen.set(seen.get() + text.len());
        subwords(text)
    };
    assert!(chunk(document, &counting, &Limits::default()).count() > 0);
    f64::from(seen.get() as u32) / f64::from(document.text.as_str().len() as u32)
}

#[test]
fn awkward_texts_take_linear_time() {
    let mega = 1 << 20;
    let prose = "One two three, four five six seven eight. Nine ten?\n";
    let cases = [
        ("one line", "word and another. ".repeat(10 * mega / 18)),
        ("base64", "QUJDRA".repeat(10 * mega / 6)),
        ("tiny items", "- a\n".repeat(100_000)),
        ("nested items", (0..2000).map(|depth| " ".repeat(depth % 500) + "- a\n").collect()),
        ("nested list", "- ".repeat(100_000) + "a"),
        ("nested quotes", ">".repeat(100_000) + "a"),
        ("blank lines", format!("a{}b", "\n".repeat(10 * mega))),
        ("spaces", format!("a{}b", " ".repeat(10 * mega))),
        ("unclosed fence", format!("```\n{}", "a = 1\n\n".repeat(mega / 7))),
        ("fences", "```\n```\n".repeat(mega / 8)),
        ("table", "| a | b |\n".repeat(mega / 10)),
        ("carriage returns", "a b\r".repeat(mega / 4)),
        ("prose", prose.repeat(mega / prose.len())),
        ("long heading", format!("# {}", "title ".repeat(mega / 6))),
        ("headings", "# a b c\nd e f g h\n".repeat(mega / 18)),
        ("Chinese", "全局解释器锁是一个互斥锁。".repeat(mega / 39)),
    ];
    for (name, text) in cases {
        let start = Instant::now();
        let cost = cost(&document(&text));
        let seconds = start.elapsed().as_secs_f64();
        println!("{name}: {cost:.2} x, {seconds:.2} s, {:.1} MB/s", text.len() as f64 / 1e6 / seconds);
        assert!(cost < 2.2, "{name}: {cost}");
        assert!(seconds < 20.0, "{name}: {seconds} s");
    }
}

/// Texts of what makes cutting hard, in any order.
fn awkward() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("- ".to_owned()),
        Just("  * ".to_owned()),
        Just("\n```\n".to_owned()),
        Just("\n| a | b |\n".to_owned()),
        Just("\n# Head\n".to_owned()),
        Just("\n## Sub\n".to_owned()),
        Just("\n### Why?\n".to_owned()),
        Just("> ".to_owned()),
        "[a-z]{1,9}[.,?!]? ",
        "[A-Za-z0-9+/]{80,160}",
        "data:image/png;base64,[A-Za-z0-9]{60,400}",
        "\n%%\n[a-z ]{1,400}\n%%\n",
        "%% [a-z ]{1,20} %%",
        " \\^[a-z]{4}\n",
        "[a-z ]{1,60}",
        "[äß漢字🦀e\u{301}\u{a0}\u{c}\u{2028}']{1,12}",
        "\\PC{1,12}",
    ];
    proptest::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_document_keeps_the_laws(text in awkward(), title in proptest::option::of("[a-z ]{1,80}")) {
        let mut document = document(&text);
        document.title = title;
        for limits in [SMALL, Limits { max_tokens: 16, max_bytes: 64 }, Limits { max_tokens: 64, max_bytes: 4096 }] {
            check(&document, &words, &limits);
            check(&document, &subwords, &limits);
        }
    }
}
