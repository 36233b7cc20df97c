use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::json;

use self::fixture::{Fixture, POSITIONS, SMALL, pieces};
use super::super::model_file::HEADER_LEN;
use super::weights::quantize_row;
use super::*;
use crate::embed::Input;

mod accuracy;
mod fixture;
mod refusals;
mod tables;
mod unigram;

/// A name and a prefix.
fn options() -> ConvertOptions {
    let (name, prefix) = ("tiny".into(), "note: ".into());
    ConvertOptions { name: Some(name), query_prefix: Some(prefix), ..ConvertOptions::default() }
}

fn tiny() -> Vec<u8> {
    static TINY: OnceLock<Vec<u8>> = OnceLock::new();
    TINY.get_or_init(|| Fixture::new(SMALL).convert(&options()).bytes).clone()
}

#[test]
fn a_folder_becomes_the_same_model_each_time() {
    let converted = Fixture::new(SMALL).convert(&options());
    assert_eq!(converted.bytes, tiny());
    assert_eq!((converted.layers, converted.hidden), (1, 64));
    let encoder = Encoder::from_bytes("tiny", converted.bytes).unwrap();
    assert!(encoder.fingerprint().starts_with("tiny@"), "{}", encoder.fingerprint());
    assert_eq!((encoder.dim(), encoder.max_tokens()), (64, 40));
    assert_eq!(encoder.tokens("Notes! xyz 漢 note").ends, [4, 5, 6, 8, 9, 10, 14, 19]);
    assert_ne!(encoder.embed_query("notes").unwrap(), encoder.embed_query("note").unwrap());
}

#[test]
fn the_bundled_model_has_no_prefix() {
    let encoder = Encoder::bundled().unwrap();
    assert!(encoder.query_prefix.is_empty() && encoder.passage_prefix.is_empty());
    assert_eq!(encoder.max_tokens(), 256);
}

/// What was found for a setting, and where.
fn found<T: ToString>(found: &FoundSetting<T>) -> (String, &str) {
    (found.value.to_string(), &found.from)
}

#[test]
fn settings_say_where_they_come_from() {
    let fixture = Fixture::new(SMALL);
    let model = fixture.convert(&ConvertOptions::default());
    let folder = fixture.folder.path().file_name().unwrap().to_str().unwrap();
    assert_eq!(found(&model.name), (folder.into(), "the folder's name"));
    assert_eq!(found(&model.pooling), ("cls".into(), "1_Pooling/config.json"));
    assert_eq!(found(&model.max_tokens), ("40".into(), "sentence_bert_config.json"));
    assert_eq!(found(&model.query_prefix), (String::new(), "the default"));
    assert_eq!(found(&model.cased), ("false".into(), "tokenizer_config.json"));
    let options = ConvertOptions {
        name: Some("e5-small-v2".into()),
        pooling: Some(Pooling::Mean),
        max_tokens: Some(30),
        query_prefix: Some("ask: ".into()),
        ..ConvertOptions::default()
    };
    let model = fixture.convert(&options);
    assert_eq!(found(&model.pooling), ("mean".into(), "the options"));
    assert_eq!(found(&model.max_tokens), ("30".into(), "the options"));
    assert_eq!(found(&model.query_prefix), ("ask: ".into(), "the options"));
    assert_eq!(found(&model.passage_prefix), ("passage: ".into(), "what is known of e5-small-v2"));
}

#[test]
fn the_name_in_a_hub_cache_and_the_models_own_tell_the_prefixes() {
    let fixture = Fixture::new(SMALL);
    fixture.set("config.json", json!({"_name_or_path": "/models/intfloat_e5-small/"}));
    let model = fixture.convert(&ConvertOptions::default());
    assert_eq!(found(&model.query_prefix), ("query: ".into(), "what is known of /models/intfloat_e5-small/"));
    fixture.set("config_sentence_transformers.json", json!({"prompts": {"query": "", "document": ""}}));
    assert_eq!(found(&fixture.convert(&ConvertOptions::default()).passage_prefix).0, "passage: ");

    let cache = tempfile::tempdir().unwrap();
    let snapshots = cache.path().join("models--intfloat--e5-base-v2/snapshots");
    std::fs::create_dir_all(&snapshots).unwrap();
    let snapshot = snapshots.join("0f1e2d");
    std::fs::rename(fixture.folder.path(), &snapshot).unwrap();
    let model = convert(&snapshot, &ConvertOptions::default()).unwrap();
    assert_eq!(model.name.value, "e5-base-v2");
    assert_eq!(found(&model.query_prefix), ("query: ".into(), "what is known of e5-base-v2"));
}

#[test]
fn the_least_limit_of_tokens_counts() {
    let fixture = Fixture::new(SMALL);
    let limit = || {
        let model = fixture.convert(&ConvertOptions::default());
        (model.max_tokens.value, model.max_tokens.from)
    };
    fixture.set("sentence_bert_config.json", json!({"max_seq_length": null}));
    assert_eq!(limit(), (POSITIONS, "config.json".into()));
    fixture.set("tokenizer_config.json", json!({"model_max_length": 20}));
    assert_eq!(limit(), (20, "tokenizer_config.json".into()));
    fixture.set("tokenizer_config.json", json!({"model_max_length": 1e30}));
    assert_eq!(limit(), (POSITIONS, "config.json".into()));
    fixture.set("sentence_bert_config.json", json!({"max_seq_length": 9999}));
    assert_eq!(limit(), (POSITIONS, "config.json".into()));
    fixture.remove("sentence_bert_config.json").remove("tokenizer_config.json");
    assert_eq!(limit(), (POSITIONS, "config.json".into()));
}

#[test]
fn a_cased_model_keeps_capitals_and_accents() {
    let fixture = Fixture::new(SMALL);
    fixture.set("tokenizer_config.json", json!({"do_lower_case": false}));
    let encoder = fixture.encoder(&ConvertOptions::default());
    let ids = |text: &str| encoder.tokenizer().encode(text, 99);
    let at = |piece: &str| fixture::pieces().iter().position(|other| other == piece).unwrap() as u32;
    assert_eq!(ids("A É a note"), ["A", "É", "a", "note"].map(at));
    assert_eq!(ids("Note E\u{301}?"), ["[UNK]", "[UNK]", "?"].map(at));
    fixture.set("sentence_bert_config.json", json!({"do_lower_case": true}));
    assert!(fixture.error().contains("lower-cased"), "{}", fixture.error());
}

#[test]
fn tensors_may_be_named_after_bert_and_files_lie_in_a_folder_inside() {
    let mut fixture = Fixture::new(SMALL);
    let plain = fixture.encoder(&ConvertOptions::default());
    let tensors = std::mem::take(&mut fixture.tensors);
    fixture.tensors = tensors.into_iter().map(|(name, tensor)| (format!("bert.{name}"), tensor)).collect();
    fixture.write_tensors();
    let inside = fixture.path("0_Transformer");
    std::fs::create_dir(&inside).unwrap();
    for name in [
        "config.json",
        "model.safetensors",
        "vocab.txt",
        "tokenizer_config.json",
        "sentence_bert_config.json",
    ] {
        std::fs::rename(fixture.path(name), inside.join(name)).unwrap();
    }
    let modules = std::fs::read_to_string(fixture.path("modules.json")).unwrap();
    fixture.put("modules.json", &modules.replacen(r#""path": """#, r#""path": "0_Transformer""#, 1));
    assert_eq!(fixture.encoder(&ConvertOptions::default()).fingerprint(), plain.fingerprint());
}

#[test]
fn weights_are_packed_by_panel_then_group_then_channel() {
    let inputs = 8;
    let codes: Vec<i8> = (0..32 * inputs).map(|at| (at % 127) as i8).collect();
    let packed = pack(&codes, inputs);
    for (channel, input) in [(0, 0), (1, 3), (15, 4), (16, 7), (31, 6)] {
        let (panel, group) = (channel / 16, input / 4);
        let at = ((panel * 2 + group) * 16 + channel % 16) * 4 + input % 4;
        assert_eq!(packed[at] as i8, codes[channel * inputs + input]);
    }
}

#[test]
fn rows_keep_their_greatest_value_and_lose_half_a_step_at_most() {
    let row = [0.5, -2.0, 1.0, 0.013];
    let (codes, scale) = quantize_row(&row);
    assert_eq!(codes[1], -127);
    for (code, x) in codes.iter().zip(row) {
        assert!((f32::from(*code) * scale - x).abs() <= scale * 0.501);
    }
    assert_eq!(quantize_row(&[0.0; 4]), (vec![0; 4], 1.0));
}

/// Uses all of a model, every piece of its vocabulary included.
fn exercise(bytes: Vec<u8>) -> crate::error::Result<()> {
    let encoder = Encoder::from_bytes("damaged", bytes)?;
    // Whatever the numbers say, this stays within the file's own size.
    assert!(encoder.max_tokens() <= POSITIONS);
    encoder.embed_query("[MASK] note xyz notes notes notes notes")?;
    let ids: Vec<u32> = (0..pieces().len() as u32).collect();
    let inputs: Vec<_> = ids.chunks(30).map(|ids| Input { text: "x", ids, windows: &[] }).collect();
    encoder.embed_passages(&inputs).map(drop)
}

#[test]
fn a_sound_file_can_be_used_read_or_mapped() {
    exercise(tiny()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.qsm");
    std::fs::write(&path, tiny()).unwrap();
    let [read, mapped] = [Encoder::from_bytes("tiny", tiny()), Encoder::from_file(&path)].map(Result::unwrap);
    assert_eq!(read.embed_query("notes").unwrap(), mapped.embed_query("notes").unwrap());
    assert_eq!(read.fingerprint(), mapped.fingerprint());
}

proptest! {
    #[test]
    fn a_damaged_file_is_found_out_and_never_panics(
        at in any::<prop::sample::Index>(),
        flip in 1..=255_u8,
        early in any::<bool>(),
    ) {
        let mut bytes = tiny();
        // Half of the damage in the first part, where lengths and tables are.
        let at = at.index(if early { 2 * HEADER_LEN + 200 } else { bytes.len() });
        bytes[at] ^= flip;
        let error = exercise(bytes).unwrap_err().to_string();
        prop_assert!(error.contains("damaged") || error.contains("tiny"), "{error}");
    }

    #[test]
    fn a_cut_or_extended_file_is_refused(at in any::<prop::sample::Index>(), more in 1..99_usize) {
        let mut bytes = tiny();
        bytes.resize(bytes.len() + more, 0);
        prop_assert!(Encoder::from_bytes("long", bytes.clone()).is_err());
        bytes.truncate(at.index(bytes.len() - more));
        prop_assert!(Encoder::from_bytes("short", bytes).is_err());
    }
}
