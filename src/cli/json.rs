//! JSON as it is printed: compact, on one line, and harmless.
//!
//! What the documents hold is [described](qsearch::wire) in the library. Characters that would act on a terminal are
//! written as `\uXXXX`, which reads back as the same text.

use std::io;

use serde::Serialize;

use super::sanitize;

/// Writes a document on one line, its line end included.
pub(crate) fn document(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Harmless);
    // Our own types have no maps with odd keys, and a Vec takes all that is written.
    value.serialize(&mut serializer).unwrap_or_else(|error| unreachable!("a DTO can't be written: {error}"));
    out.push(b'\n');
    String::from_utf8(out).unwrap_or_else(|error| unreachable!("JSON isn't UTF-8: {error}"))
}

/// Compact JSON in which no character acts on a terminal.
struct Harmless;

impl serde_json::ser::Formatter for Harmless {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some((at, active)) = rest.char_indices().find(|&(_, c)| sanitize::is_active(c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in active.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + active.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use qsearch::ask::{self, Question};
    use qsearch::calendar::Day;
    use qsearch::document::{ByteSpan, LineSpan, Root};
    use qsearch::hit::{Answer, Confidence, Hit};
    use qsearch::wire::{Freshness, Reply, Show, results};

    use super::super::fixtures;
    use super::*;

    const ROOT: &str = "/home/ada/notes";

    /// The document of a reply, and of its sources alone.
    fn documents(hits: &[Hit], answer: Option<Answer>, explain: bool) -> [String; 2] {
        let roots = [Root::new("notes", ROOT)];
        let show = Show { roots: &roots, explain };
        let confidence = if answer.is_some() { Confidence::High } else { Confidence::None };
        let reply = ask::Reply { answer, confidence, missing: vec!["COBOL".to_owned()], hits: hits.to_vec() };
        let asked = Question::new("what is the GIL", 3, Day::of(0));
        let freshness = Freshness { stale_notes: Some(2), ..Freshness::default() };
        [document(&Reply::new(&asked, &reply, &show, freshness, None)), document(&results(hits, &show))]
    }

    #[test]
    fn a_reply_has_the_documented_form() {
        let mut hits = [fixtures::gil()];
        hits[0].also = vec![fixtures::copy("b.md")];
        hits[0].also_more = 2;
        let source = r##"{"rank":1,"id":"#k3f9a2c1","score":0.87,"root":"notes","path":"python/a.md","absolute_path":"/home/ada/notes/python/a.md","first_line":7,"last_line":8,"text_of":"file","first_byte":100,"last_byte":131,"title":"Python","aliases":[],"tags":["python"],"date":null,"heading":["Core Mechanics"],"question":"What is the GIL?","text":"**Q: What is the GIL?**\nA lock.","excerpt":{"text":"A lock.","first_line":8,"last_line":8,"first_byte":124,"last_byte":131},"stale":false,"also_in":[{"id":"#9zz","root":"notes","path":"b.md","absolute_path":"/home/ada/notes/b.md","first_line":3,"last_line":4,"text_of":"file"}],"also_in_more":2}"##;
        let answer = r#"{"text":"A lock.","root":"notes","path":"python/a.md","absolute_path":"/home/ada/notes/python/a.md","first_line":8,"last_line":8,"first_byte":124,"last_byte":131,"parts":[{"text":"A lock.","citation":1,"path":"python/a.md","absolute_path":"/home/ada/notes/python/a.md","first_line":8,"last_line":8,"first_byte":124,"last_byte":131}],"citations":[1],"partial":false}"#;
        let reply = format!(
            r#"{{"question":"what is the GIL","excluded":[],"answered":true,"confidence":"high","not_found":["COBOL"],"answer":{answer},"results":[{source}],"stale_notes":2,"timings":null}}"#
        );
        let [told, listed] = documents(&hits, Some(fixtures::answer("A lock.")), false);
        assert_eq!(told, format!("{reply}\n"));
        assert_eq!(listed, format!("[{source}]\n"));
    }

    #[test]
    fn signals_are_told_if_they_are_asked_for() {
        let mut hit = fixtures::gil();
        (hit.signals.rerank, hit.signals.fused_rank) = (Some(0.93), Some(7));
        let signals = r#""signals":{"dense":0.7123,"lexical":9.3,"dense_rank":1,"lexical_rank":2,"coverage":1.0,"features":{"sentence":0.75,"sentence_in_context":0.0,"context":0.0,"interaction":0.0,"context_coverage":0.0,"body_coverage":0.0,"label_overlap":0.0,"adjacency":0.0,"proximity":0.0,"missing":0.0},"parts":{"likeness":8.5,"words":2.25,"coverage":3.0,"adjacency":0.0,"context":0.0,"interaction":0.0,"sum":13.75,"contrast":0.0},"rerank":{"score":0.93,"rank_before":7}},"#;
        for text in documents(&[hit], None, true) {
            assert!(text.contains(signals), "{text}");
        }
    }

    #[test]
    fn an_answer_is_one_stretch_of_one_note() {
        let mut answer = fixtures::answer("A lock.");
        let mut later = answer.parts[0].clone();
        (later.lines, later.span) = (LineSpan { first: 10, last: 11 }, ByteSpan { start: 150, end: 160 });
        answer.parts.push(later);
        let [told, _] = documents(&[fixtures::gil()], Some(answer.clone()), false);
        assert!(
            told.contains(r#""first_line":8,"last_line":11,"first_byte":124,"last_byte":160,"parts""#),
            "{told}"
        );
        answer.citations = vec![1, 2];
        let [told, _] = documents(&[fixtures::gil(), fixtures::threads()], Some(answer), false);
        let nowhere = r#""root":null,"path":null,"absolute_path":null,"first_line":null,"last_line":null,"first_byte":null,"last_byte":null,"parts""#;
        assert!(told.contains(nowhere), "{told}");
    }

    #[test]
    fn what_decoding_has_changed_has_no_bytes_of_its_own() {
        let mut hit = fixtures::gil();
        hit.source.passage.span.end += 9;
        let [_, listed] = documents(&[hit], None, false);
        assert!(
            listed.contains(r#""first_line":8,"last_line":8,"first_byte":null,"last_byte":null}"#),
            "{listed}"
        );
    }

    #[test]
    fn an_empty_result_is_a_document_too() {
        let [told, listed] = documents(&[], None, false);
        assert_eq!(
            told,
            "{\"question\":\"what is the GIL\",\"excluded\":[],\"answered\":false,\"confidence\":\"none\",\"not_found\":[\"COBOL\"],\"answer\":null,\"results\":[],\"stale_notes\":2,\"timings\":null}\n"
        );
        assert_eq!(listed, "[]\n");
    }

    #[test]
    fn numbers_that_are_none_become_null() {
        let mut hit = fixtures::gil();
        hit.score = f32::NAN;
        hit.signals = qsearch::hit::Signals::default();
        let [_, text] = documents(&[hit], None, true);
        assert!(text.contains("\"score\":null"), "{text}");
        assert!(text.contains(r#""dense_rank":null,"lexical_rank":null,"#), "{text}");
        assert!(text.contains(r#""rerank":null"#), "{text}");
    }

    proptest! {
        #[test]
        fn texts_are_exact_and_harmless(text in any::<String>(), bidi in "[\u{7f}-\u{9f}\u{202a}-\u{202e}\u{e0001}a\"\\\\]*") {
            let text = text + &bidi;
            let json = document(&text);
            prop_assert!(!json.trim_end_matches('\n').chars().any(sanitize::is_active));
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
