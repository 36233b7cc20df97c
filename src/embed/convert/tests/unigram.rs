//! Vocabularies of `SentencePiece`: our tokens are compared with those of the `tokenizers` crate.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use super::super::*;
use super::fixture::{Fixture, SMALL};
use crate::embed::double_array;
use crate::embed::unigram::SPECIALS;
use crate::random::SplitMix64;

/// The variables that may name a `tokenizer.json`, and files whose lines are compared with it.
const TOKENIZER: &str = "QSEARCH_UNIGRAM_TOKENIZER";
const LINES: &str = "QSEARCH_UNIGRAM_LINES";

/// Texts of several scripts, whose characters and stretches are the pieces.
const TEXTS: &str = "the owl is a bird that hunts at night \
    die Eule ist ein Vogel, straße übermüdet été où ça \
    как сова охотится ночью Ёлка λόγος σοφός \
    日本語 梟は夜に狩る カタカナ 猫头鹰是什么 한국어 올빼미 \
    البومة طائر ליל हिन्दी उल्लू தமிழ் ไทย ქართული 0123456789 .,:;!?()[]<>-_'\"/\\ é ü 👩 🦉";

/// The pieces with their scores, the special ones first.
fn pieces() -> Vec<(String, f64)> {
    let mut random = SplitMix64::new(3);
    let mut pieces: BTreeMap<String, f64> = BTreeMap::new();
    let mut add = |piece: &str| {
        let score = f64::from((-2.0 - 9.0 * random.unit()).round() / 4.0);
        pieces.entry(piece.into()).or_insert(score);
    };
    for word in TEXTS.split_whitespace() {
        let marked: Vec<char> = std::iter::once('\u{2581}').chain(word.chars()).collect();
        for length in 1..=marked.len().min(5) {
            // Some pieces are left out, so that not every character has one.
            for stretch in marked.windows(length).step_by(length.div_ceil(2)) {
                add(&stretch.iter().collect::<String>());
            }
        }
    }
    let special = SPECIALS[..4].iter().map(|special| ((*special).to_owned(), 0.0));
    special.chain(pieces).chain([("<mask>".to_owned(), 0.0)]).collect()
}

/// A precompiled map like that of XLM-R: NFKC, blanks of all kinds, no controls.
fn char_map() -> Vec<u8> {
    let mut map: BTreeMap<String, String> = BTreeMap::new();
    for c in ('\u{a0}'..='\u{2fff}').chain('\u{f900}'..='\u{ffef}').chain('\u{1d400}'..='\u{1d4ff}') {
        let normal: String = c.nfkc().collect();
        if normal != c.to_string() {
            map.insert(c.into(), normal);
        }
        let sequence: String = [c, '\u{301}'].iter().collect();
        let normal: String = sequence.nfkc().collect();
        if normal != sequence && c < '\u{250}' {
            map.insert(sequence, normal);
        }
    }
    for c in ['\t', '\n', '\r', '\u{a0}', '\u{3000}', '\u{2028}'] {
        map.insert(c.into(), " ".into());
    }
    for c in ('\u{1}'..='\u{8}').chain(['\u{7f}', '\u{200b}', '\u{ad}']) {
        map.insert(c.into(), String::new());
    }
    map.insert("e\u{301}".into(), "é".into());
    let mut texts = Vec::new();
    let keys: Vec<(&[u8], u32)> = map
        .iter()
        .map(|(sequence, text)| {
            let place = texts.len() as u32;
            texts.extend(text.bytes().chain([0]));
            (sequence.as_bytes(), place)
        })
        .collect();
    let units = double_array::build(&keys).unwrap();
    [(units.len() as u32).to_le_bytes().to_vec(), units, texts].concat()
}

/// A `tokenizer.json` that reads blanks in one of several ways.
fn tokenizer(normalizers: &[Value], pre_tokenizer: &Value) -> Value {
    let pieces = pieces();
    let token = |special: &str| {
        let id = pieces.iter().position(|(piece, _)| piece == special);
        json!({
            "id": id, "content": special, "single_word": false, "lstrip": special == "<mask>", "rstrip": false,
            "normalized": false, "special": true,
        })
    };
    let map = json!({"type": "Precompiled", "precompiled_charsmap": STANDARD.encode(char_map())});
    let normalizers: Vec<&Value> = std::iter::once(&map).chain(normalizers).collect();
    json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": SPECIALS.map(token),
        "normalizer": {"type": "Sequence", "normalizers": normalizers}, "pre_tokenizer": pre_tokenizer,
        "post_processor": null, "decoder": null,
        "model": {"type": "Unigram", "unk_id": 1, "vocab": pieces, "byte_fallback": false},
    })
}

/// The ways to read blanks that models have.
fn tokenizers() -> Vec<Value> {
    let marks = |scheme: &str| json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": true});
    let words = |scheme: &str| json!({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, marks(scheme)]});
    let strip = json!({"type": "Strip", "strip_left": false, "strip_right": true});
    let several =
        |content: &str| json!({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": content});
    vec![
        tokenizer(&[], &words("always")),
        tokenizer(&[], &words("never")),
        tokenizer(&[], &marks("always")),
        tokenizer(&[several(" ")], &marks("always")),
        tokenizer(&[strip.clone(), several("▁")], &marks("first")),
        tokenizer(&[strip], &marks("never")),
    ]
}

/// Each way in our encoder and in the crate's tokenizer.
fn pairs() -> &'static [(Encoder, tokenizers::Tokenizer)] {
    static PAIRS: OnceLock<Vec<(Encoder, tokenizers::Tokenizer)>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        let pair = |json: &Value| {
            let mut fixture = Fixture::new(SMALL);
            // A table may be longer than the vocabulary.
            fixture.use_unigram(json, pieces().len() + 5);
            (fixture.encoder(&ConvertOptions::default()), json.to_string().parse().unwrap())
        };
        tokenizers().iter().map(pair).collect()
    })
}

/// Compares the tokens of a text, and checks that their ends ascend along its characters.
#[track_caller]
fn compare(encoder: &Encoder, reference: &tokenizers::Tokenizer, text: &str) {
    let (mut ids, mut last) = (Vec::new(), 0);
    encoder.tokenizer().tokens(text, |id, end| {
        assert!(end >= last && text.is_char_boundary(end), "{text:?} {end}");
        last = end;
        ids.push(id);
        ControlFlow::Continue(())
    });
    let expected = reference.encode(text, false).unwrap();
    assert_eq!(ids, expected.get_ids(), "{text:?} {:?}", expected.get_tokens());
}

#[test]
fn texts_have_the_tokens_of_the_reference() {
    let long = "x".repeat(3000) + " " + &"日".repeat(3000);
    for (encoder, reference) in pairs() {
        for text in [
            "",
            " ",
            "  ",
            "\n",
            "the owl",
            " the  owl \t hunts\r\n at night  ",
            "▁the ▁▁owl▁ ",
            "ＯＷＬ　ﬁｓｈ ½",
            "e\u{301}te\u{301} E\u{301}\u{323} ḗ",
            "日本語の梟",
            "how <mask> are  <mask>you</s><s>",
            "<unk> <pad>x< s>",
            "👩\u{200d}👩\u{200d}👧 🇩🇪🇫🇷 🦉🦉zz🦉",
            "\u{1}\u{2}a\u{ad}b\u{200b}",
            "＜s＞ \u{2028} \u{85}x",
            TEXTS,
            &long,
        ] {
            compare(encoder, reference, text);
        }
    }
}

#[test]
fn a_prefix_and_a_text_have_the_tokens_of_both_together() {
    for (encoder, reference) in pairs() {
        let tokenizer = encoder.tokenizer();
        let apart = [tokenizer.encode_prefix("owl: ", 99), tokenizer.encode("the owl", 99)].concat();
        let together = reference.encode("owl: the owl", false).unwrap();
        // Without a blank before each text a word at its beginning is another one.
        if tokenizer.encode(" owl", 9) == tokenizer.encode("owl", 9) {
            assert_eq!(apart, together.get_ids());
        }
    }
}

#[test]
fn what_has_no_piece_is_unknown() {
    let (encoder, _) = &pairs()[0];
    assert_eq!((encoder.known("the owl"), encoder.fluent("the owl")), (1.0, 1.0));
    assert_eq!((encoder.known("\u{1234}\u{1235}"), encoder.known("日本")), (0.0, 1.0));
    assert_eq!((encoder.known(""), encoder.fluent("")), (0.0, 1.0));
    // A run without blanks, however long, takes linear time and room.
    let long = "owl".repeat(100_000);
    assert!(encoder.tokens(&long).ids.len() <= long.len());
}

#[test]
fn tokenizers_that_do_something_else_are_refused() {
    let refused = |change: &dyn Fn(&mut Value), what: &str| {
        let mut json = tokenizers().remove(0);
        change(&mut json);
        let mut fixture = Fixture::new(SMALL);
        fixture.use_unigram(&json, pieces().len());
        let error = fixture.error();
        assert!(error.contains("tokenizer.json") && error.contains(what), "{error}");
    };
    refused(&|json| json["normalizer"] = json!({"type": "Lowercase"}), "which qsearch can't run");
    refused(
        &|json| json["normalizer"]["normalizers"][0]["precompiled_charsmap"] = "?".into(),
        "isn't base64",
    );
    refused(
        &|json| json["normalizer"]["normalizers"][0]["precompiled_charsmap"] = "AAAA".into(),
        "is damaged",
    );
    refused(&|json| json["pre_tokenizer"] = json!({"type": "Whitespace"}), "which qsearch can't run");
    refused(
        &|json| json["pre_tokenizer"]["pretokenizers"][1]["prepend_scheme"] = "first".into(),
        "can't run",
    );
    refused(&|json| json["pre_tokenizer"] = Value::Null, "which qsearch can't run");
    refused(&|json| json["model"]["byte_fallback"] = true.into(), "as bytes");
    refused(&|json| json["model"]["unk_id"] = 0.into(), "isn't <unk>");
    refused(&|json| json["model"]["vocab"][9][0] = json["model"]["vocab"][8][0].clone(), "twice");
    refused(&|json| json["model"]["vocab"] = json!([]), "0 pieces");
    refused(&|json| json["added_tokens"][2]["content"] = "<other>".into(), "a token `<other>`");
    refused(&|json| json["added_tokens"][2]["id"] = 99_999.into(), "no token <s>");
    refused(
        &|json| json["post_processor"] = json!({"single": [{"Sequence": {"id": "A"}}]}),
        "between <s> and </s>",
    );
    let mut fixture = Fixture::new(SMALL);
    fixture.use_unigram(&tokenizers()[0], pieces().len() - 1);
    assert!(fixture.error().contains("word pieces, but the vocabulary has"), "{}", fixture.error());
    let mut fixture = Fixture::new(SMALL);
    fixture.use_unigram(&tokenizers()[0], pieces().len());
    let options = ConvertOptions { query_prefix: Some("ask:".into()), ..ConvertOptions::default() };
    let error = convert(fixture.folder.path(), &options).unwrap_err().to_string();
    assert!(error.contains("must end with a blank"), "{error}");
    let mut fixture = Fixture::new(SMALL);
    fixture.use_unigram(&tokenizers()[1], pieces().len());
    let options = ConvertOptions { query_prefix: Some("ask: ".into()), ..ConvertOptions::default() };
    let error = convert(fixture.folder.path(), &options).unwrap_err().to_string();
    assert!(error.contains("no blank before a text"), "{error}");
}

/// The pieces of this test are few; tests/languages/run.sh names a vocabulary of 250,000 and lines of many languages.
#[test]
fn lines_of_all_languages_have_the_tokens_of_the_reference() {
    let Some(path) = std::env::var_os(TOKENIZER) else { return };
    let json: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let mut fixture = Fixture::new(SMALL);
    fixture.use_unigram(&json, json["model"]["vocab"].as_array().unwrap().len());
    let encoder = fixture.encoder(&ConvertOptions::default());
    let reference = tokenizers::Tokenizer::from_file(&path).unwrap();
    let mut count = 0;
    for file in std::env::split_paths(&std::env::var_os(LINES).expect(LINES)) {
        let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
        for line in text.split('\n') {
            compare(&encoder, &reference, line);
            count += 1;
        }
    }
    assert!(count > 1000, "{count} lines");
}

proptest! {
    #[test]
    fn any_text_has_the_tokens_of_the_reference(
        way in 0..6_usize,
        text in "(\\PC{0,6}|[a-eülк日本 \u{2581}\u{301}\u{3000}\r\n\t]{0,6}|the owl|<mask>|</s>){0,12}",
    ) {
        let (encoder, reference) = &pairs()[way];
        compare(encoder, reference, &text);
    }

    #[test]
    fn damage_in_a_file_never_panics(at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
        let bytes = BYTES.get_or_init(|| {
            let mut fixture = Fixture::new(SMALL);
            fixture.use_unigram(&tokenizers()[4], pieces().len());
            fixture.convert(&ConvertOptions::default()).bytes
        });
        let mut bytes = bytes.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(encoder) = Encoder::from_bytes("damaged", bytes) {
            let _vector = encoder.embed_query(TEXTS);
        }
    }
}
