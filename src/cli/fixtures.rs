//! Passages and hits made by hand, for the tests of what is printed.

use qsearch::document::{ByteSpan, LineSpan, NotePath, Passage, PassageId};
use qsearch::hit::{
    Answer, AnswerPart, Duplicate, Evidence, Features, Hit, LexicalFeatures, Parts, Signals, StoredPassage,
};
use qsearch::words::Language;

/// A passage of two lines about the GIL, in `notes/python/a.md`.
pub(crate) fn stored() -> StoredPassage {
    let text = "**Q: What is the GIL?**\nA lock.";
    StoredPassage {
        id: PassageId(7),
        root: "notes".to_owned(),
        path: NotePath::from_encoded("python/a.md"),
        title: Some("Python".to_owned()),
        tags: vec!["python".to_owned()],
        aliases: Vec::new(),
        date: None,
        properties: Vec::new(),
        language: Language::English,
        passage: Passage {
            heading: vec!["Core Mechanics".to_owned()],
            question: Some("What is the GIL?".to_owned()),
            content: 24..31,
            ..Passage::new(
                text,
                ByteSpan { start: 100, end: 100 + text.len() as u64 },
                LineSpan { first: 7, last: 8 },
            )
        },
    }
}

/// The passage as the first source of an answer.
pub(crate) fn gil() -> Hit {
    Hit {
        rank: 1,
        score: 0.87,
        signals: Signals {
            dense_rank: Some(1),
            lexical_rank: Some(2),
            features: Features {
                dense: 0.712_34,
                sentence: 0.75,
                lexical: LexicalFeatures { score: 9.3, coverage: 1.0, ..LexicalFeatures::default() },
                ..Features::default()
            },
            parts: Parts { likeness: 8.5, words: 2.25, coverage: 3.0, ..Parts::default() },
            ..Signals::default()
        },
        short_id: "k3f9a2c1".to_owned(),
        source: stored(),
        excerpt: 24..31,
        evidence: Evidence::default(),
        stale: false,
        machine: None,
        also: Vec::new(),
        also_more: 0,
    }
}

/// An answer from the first source's second line.
pub(crate) fn answer(text: &str) -> Answer {
    let part = AnswerPart {
        citation: 1,
        text: text.to_owned(),
        range: 24..24 + text.len(),
        lines: LineSpan { first: 8, last: 8 },
        span: ByteSpan { start: 124, end: 124 + text.len() as u64 },
    };
    Answer { text: text.to_owned(), parts: vec![part], citations: vec![1], partial: false }
}

/// The second source: no question, found by one search only, and changed since.
pub(crate) fn threads() -> Hit {
    let mut hit = gil();
    hit.rank = 2;
    hit.score = 0.5;
    let lexical = LexicalFeatures { score: 3.25, ..LexicalFeatures::default() };
    let features = Features { dense: 0.1, lexical, ..Features::default() };
    hit.signals = Signals { lexical_rank: Some(1), features, ..Signals::default() };
    hit.stale = true;
    hit.short_id = "0aa".to_owned();
    hit.source.path = NotePath::from_encoded("python/threads.md");
    let passage = &mut hit.source.passage;
    passage.lines = LineSpan { first: 3, last: 3 };
    passage.heading = vec!["Threads".to_owned(), "When they\u{1b}[31m help".to_owned()];
    passage.question = None;
    passage.text = "Threads help where a program waits.\tNot where it counts.".to_owned();
    passage.content = 0..passage.text.len() as u32;
    hit.excerpt = 0..35;
    hit
}

/// Another note that says the same.
pub(crate) fn copy(path: &str) -> Duplicate {
    Duplicate {
        short_id: "9zz".to_owned(),
        root: "notes".to_owned(),
        path: NotePath::from_encoded(path),
        lines: LineSpan { first: 3, last: 4 },
        place: None,
    }
}
