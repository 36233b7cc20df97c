//! Our tokens are compared with those of the `tokenizers` crate.

use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::json;
use unicode_categories::UnicodeCategories;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use crate::embed::Encoder;
use crate::embed::tokenizer::Tokenizer;
use crate::embed::wordpiece::{SPECIALS, WordPiece, stands_apart};

/// The variable that may name a file or folder whose lines are compared, too.
const LINES: &str = "QSEARCH_TOKENIZER_LINES";

fn encoder() -> &'static Encoder {
    static ENCODER: OnceLock<Encoder> = OnceLock::new();
    ENCODER.get_or_init(|| Encoder::bundled().unwrap())
}

fn ours(cased: bool) -> Tokenizer<'static> {
    let Tokenizer::WordPiece(tokenizer) = encoder().tokenizer() else { panic!("word pieces") };
    Tokenizer::WordPiece(WordPiece { cased, ..tokenizer })
}

/// The crate's tokenizer of the bundled vocabulary.
fn reference(cased: bool) -> &'static tokenizers::Tokenizer {
    static REFERENCES: [OnceLock<tokenizers::Tokenizer>; 2] = [const { OnceLock::new() }; 2];
    REFERENCES[usize::from(cased)].get_or_init(|| {
        let Tokenizer::WordPiece(WordPiece { vocabulary, .. }) = encoder().tokenizer() else {
            panic!("word pieces")
        };
        let vocab: serde_json::Map<_, _> = (0..vocabulary.ends.len() as u32)
            .map(|id| (String::from_utf8(vocabulary.piece(id).unwrap().to_vec()).unwrap(), id.into()))
            .collect();
        let added: Vec<_> = SPECIALS
            .iter()
            .map(|special| {
                json!({
                    "id": vocab[*special], "special": true, "content": special, "single_word": false,
                    "lstrip": false, "rstrip": false, "normalized": false,
                })
            })
            .collect();
        let tokenizer = json!({
            "version": "1.0", "truncation": null, "padding": null, "added_tokens": added,
            "normalizer": {
                "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                "strip_accents": null, "lowercase": !cased,
            },
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": null, "decoder": null,
            "model": {
                "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100, "vocab": vocab,
            },
        });
        tokenizer.to_string().parse().unwrap()
    })
}

/// What differs between our tokens of `text` and the reference's, if anything.
fn difference(text: &str, cased: bool) -> Option<String> {
    let expected = reference(cased).encode(text, false).unwrap();
    let (mut ids, mut ends) = (Vec::new(), Vec::new());
    ours(cased).tokens(text, |id, end| {
        ids.push(id);
        ends.push(end);
        std::ops::ControlFlow::Continue(())
    });
    if ids != expected.get_ids() {
        return Some(format!("{text:?}: {ids:?} instead of {:?}", expected.get_ids()));
    }
    let expected: Vec<_> = expected.get_offsets().iter().map(|(_, end)| *end).collect();
    let differ = !reorders(text, cased) && ends != expected;
    differ.then(|| format!("{text:?}: ends {ends:?} instead of {expected:?}"))
}

/// Whether combining characters that stay may change places, which the reference's ends don't survive.
fn reorders(text: &str, cased: bool) -> bool {
    !cased && text.nfd().any(|c| canonical_combining_class(c) != 0 && !c.is_mark_nonspacing())
}

/// Counts the lines of the texts in a file or folder, and collects what differs in them.
fn compare(path: &Path, lines: &mut usize, differences: &mut Vec<String>) {
    if path.is_dir() {
        let mut inside: Vec<_> =
            std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        inside.sort();
        for path in inside {
            compare(&path, lines, differences);
        }
    } else {
        let bytes = std::fs::read(path).unwrap();
        for line in String::from_utf8_lossy(&bytes).lines() {
            *lines += 1;
            differences.extend(difference(line, false));
            differences.extend(difference(line, true));
        }
    }
}

#[test]
fn tokens_of_notes_are_those_of_the_crate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> =
        ["corpus", "README.md", "ARCHITECTURE.md", "tests/data/minilm_reference.jsonl", "src/embed"]
            .iter()
            .map(|path| root.join(path))
            .collect();
    paths.extend(std::env::var_os(LINES).map(Into::into));
    let (mut lines, mut differences) = (0, Vec::new());
    for path in paths {
        compare(&path, &mut lines, &mut differences);
    }
    let first = &differences[..differences.len().min(20)];
    assert!(differences.is_empty(), "{} of {lines} lines:\n{}", differences.len(), first.join("\n"));
    assert!(lines > 3000, "{lines}");
    println!("{lines} lines");
}

#[test]
fn awkward_texts_have_the_tokens_of_the_crate() {
    let long = ["a".repeat(99), "a".repeat(100), "a".repeat(101), "é".repeat(100), "ё".repeat(101)];
    let awkward = [
        "İstanbul ISTANBUL ı",
        "Straße ẞ",
        "ΟΔΥΣΣΕΥΣ Σ ς σ",
        "e\u{301}\u{327} a\u{327}\u{301}",
        "\u{301}x",
        "x\u{301}",
        "한국어 각 \u{1100}\u{1161}\u{11a8}",
        "漢字かなカナ\u{3099}が",
        "👩‍👩‍👧‍👦 👍🏽 🇩🇪",
        "a\u{200b}b\u{feff}c\u{ad}d",
        "\u{0}a\u{7f}\u{85}b",
        "a\u{a0}b\u{3000}c\u{2028}d\u{2029}e\u{1680}f",
        "[MASK][CLS] x[SEP]y [PAD] [UNK] [mask] [MASK",
        "##ing ## # ###a",
        "ﬁ ﬀ ① ½ ㎏ Å",
        "नमस्ते ภาษาไทย עִבְרִית العَرَبِيَّة",
        "\u{302e}\u{302f}a\u{302f}\u{302e}",
        "¿¡«»“”‘’—…‰§¶",
        "$+<=>^`|~ €£¥ ×÷ ©®™ °",
        "\u{fffd}\u{e000}\u{10ffff}\u{fdd0}",
        "\u{2f800}\u{f900}\u{20000}\u{2b820}\u{30000}",
    ];
    for text in awkward.into_iter().chain(long.iter().map(String::as_str)) {
        for cased in [false, true] {
            assert_eq!(difference(text, cased), None);
        }
    }
}

#[test]
fn every_character_has_the_tokens_of_the_crate() {
    let mut differences = Vec::new();
    let all: Vec<char> = ('\0'..=char::MAX).collect();
    for part in all.chunks(64) {
        // Apart, so that each is a word's beginning, middle and end.
        let text: String = part.iter().flat_map(|c| [*c, ' ', 'a', *c, 'b', *c, ' ']).collect();
        for cased in [false, true] {
            if difference(&text, cased).is_some() {
                let texts = part.iter().map(|c| format!("{c} a{c}b{c} "));
                differences.extend(texts.filter_map(|text| difference(&text, cased)));
            }
        }
    }
    let first = &differences[..differences.len().min(20)];
    assert!(differences.is_empty(), "{} texts:\n{}", differences.len(), first.join("\n"));
}

/// Texts of characters that tokenizers treat specially.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[a-zA-Z]{1,12}",
        2 => Just(" ".to_owned()),
        2 => "[!-/:-@\\[-`{-~]",
        2 => "[\u{300}-\u{36f}\u{1ab0}-\u{1aff}\u{3099}\u{302a}-\u{302f}\u{591}-\u{5bd}]{1,3}",
        1 => "[\u{4e00}-\u{9fff}\u{f900}-\u{faff}\u{3041}-\u{30ff}\u{ac00}-\u{d7a3}\u{1100}-\u{11ff}]{1,4}",
        1 => "[\u{1f300}-\u{1faff}\u{200d}\u{fe0f}\u{1f1e6}-\u{1f1ff}]{1,5}",
        1 => "[\u{0}-\u{1f}\u{7f}-\u{a0}\u{2000}-\u{206f}\u{feff}\u{fff0}-\u{ffff}]{1,3}",
        1 => prop::sample::select(vec!["[MASK]", "[CLS]", "[UNK", "[[SEP]]", "İ", "ß", "Σ", "ΑΣ", "ǅ", "ﬃ", "##"])
            .prop_map(str::to_owned),
        1 => (any::<char>(), 95..105_usize).prop_map(|(c, count)| c.to_string().repeat(count)),
        3 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_has_the_tokens_of_the_crate(text in texts(), cased in any::<bool>()) {
        prop_assert_eq!(difference(&text, cased), None);
    }

    #[test]
    fn a_limit_cuts_and_a_line_break_separates(a in texts(), b in texts(), limit in 0..20_usize) {
        let encode = |text: &str, limit| ours(false).encode(text, limit);
        let (first, second) = (encode(&a, usize::MAX), encode(&b, usize::MAX));
        prop_assert_eq!(&encode(&a, limit), &first[..limit.min(first.len())]);
        prop_assert_eq!(encode(&format!("{a}\n{b}"), usize::MAX), [first, second].concat());
    }

    #[test]
    fn a_prefix_that_stands_apart_has_its_own_tokens(prefix in texts(), text in texts(), cased in any::<bool>()) {
        let prefix = if stands_apart(&prefix) { prefix } else { prefix + " " };
        let encode = |text: &str| ours(cased).encode(text, usize::MAX);
        prop_assert_eq!(encode(&format!("{prefix}{text}")), [encode(&prefix), encode(&text)].concat());
    }
}

#[test]
fn what_the_model_knows_of_a_text_is_told() {
    let known = |text: &str| encoder().tokenizer().known(text);
    for text in ["what is a mutex", "Müller naïve", "10 kg", "snake_case"] {
        assert!(known(text) > 0.9, "{text}: {}", known(text));
    }
    for text in ["猫", "番茄钟", "คอมพิวเตอร์", "김치찌개", "🔥", "=>", ""] {
        assert!(known(text) < 0.25, "{text}: {}", known(text));
    }
}

#[test]
fn english_is_made_of_words_that_the_vocabulary_has() {
    let fluent = |text: &str| encoder().tokenizer().fluent(text);
    for text in ["how do I restart a container", "What is the capital of France?", "", "42 + 1"] {
        assert!(fluent(text) > 0.9, "{text}: {}", fluent(text));
    }
    for text in [
        "Cómo puedo reiniciar un contenedor",
        "wie startet man den Behälter neu",
        "как перезапустить",
        "什么是",
    ] {
        assert!(fluent(text) < 0.5, "{text}: {}", fluent(text));
    }
}
