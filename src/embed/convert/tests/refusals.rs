//! Folders that can't be converted: the error names the file and the cause.

use proptest::prelude::*;
use serde_json::json;

use super::super::*;
use super::fixture::{Fixture, SMALL, pieces};
use crate::error::ErrorKind;

/// Fails unless the error names `file` and says `what`.
#[track_caller]
fn refused(fixture: &Fixture, file: &str, what: &str) {
    let path = fixture.path(file);
    let path = path.display().to_string();
    let error = fixture.error();
    assert!(error.contains(path.trim_end_matches('/')) && error.contains(what), "{error}");
}

/// A settings file, its fields, and what the error says.
type Case = (&'static str, serde_json::Value, &'static str);

#[test]
fn models_of_another_kind_are_refused() {
    let cases: [Case; 14] = [
        (
            "config.json",
            json!({"model_type": "distilbert"}),
            "its model_type is distilbert, and qsearch runs `bert`",
        ),
        ("config.json", json!({"model_type": null}), "its model_type is unknown"),
        ("config.json", json!({"hidden_act": "relu"}), "its hidden_act is relu"),
        ("config.json", json!({"position_embedding_type": "relative_key"}), "its positions are relative_key"),
        ("tokenizer_config.json", json!({"strip_accents": false}), "capitals and accents differently"),
        ("tokenizer_config.json", json!({"tokenize_chinese_chars": false}), "switches off"),
        ("tokenizer_config.json", json!({"do_basic_tokenize": false}), "switches off"),
        (
            "tokenizer.json",
            json!({"model": {"type": "BPE", "vocab": []}}),
            "`BPE` where qsearch runs `WordPiece`",
        ),
        (
            "tokenizer.json",
            json!({"model": {"vocab": {}}, "normalizer": {"type": "BertNormalizer", "clean_text": false}}),
            "switches off",
        ),
        ("1_Pooling/config.json", json!({"pooling_mode_max_tokens": true}), "its pooling is cls and max,"),
        (
            "1_Pooling/config.json",
            json!({"pooling_mode_cls_token": false}),
            "it names no pooling; say which with `--pooling mean`",
        ),
        (
            "1_Pooling/config.json",
            json!({"pooling_mode": "weightedmean"}),
            "its pooling is cls and weightedmean,",
        ),
        ("config_sentence_transformers.json", json!({"prompts": {"query": "unended"}}), ""),
        ("config_sentence_transformers.json", json!({"prompts": {"query": "a".repeat(1001)}}), ""),
    ];
    for (file, fields, what) in cases {
        let fixture = Fixture::new(SMALL);
        fixture.set(file, fields);
        // A prefix is the model's as much as the file's.
        refused(&fixture, if what.is_empty() { "" } else { file }, what);
    }
    let fixture = Fixture::new(SMALL);
    fixture.set("config_sentence_transformers.json", json!({"prompts": {"query": "unended"}}));
    refused(
        &fixture,
        "",
        "`unended` from config_sentence_transformers.json can't be used: it must end with a blank",
    );
    fixture.set("config_sentence_transformers.json", json!({"prompts": {"query": "a ".repeat(40)}}));
    refused(&fixture, "", "its prefixes leave no room for a text");
}

#[test]
fn modules_that_cannot_be_run_are_refused() {
    let fixture = Fixture::new(SMALL);
    let modules = std::fs::read_to_string(fixture.path("modules.json")).unwrap();
    fixture.put("modules.json", &modules.replace("models.Normalize", "models.Dense"));
    refused(&fixture, "modules.json", "it wants a `sentence_transformers.models.Dense`");
    fixture.put("modules.json", &modules.replace("1_Pooling", "../1_Pooling"));
    refused(&fixture, "modules.json", "`../1_Pooling` leads out of the folder");
    fixture.put("modules.json", "[]");
    refused(&fixture, "", "names no pooling; say which with `--pooling mean` or `--pooling cls`");
    fixture.remove("modules.json").remove("1_Pooling/config.json");
    refused(&fixture, "", "it has no 1_Pooling/config.json; say which");
    let options = ConvertOptions { pooling: Some(Pooling::Mean), ..ConvertOptions::default() };
    assert_eq!(fixture.convert(&options).pooling.value, Pooling::Mean);
}

#[test]
fn missing_and_broken_files_are_named() {
    for file in ["config.json", "modules.json", "1_Pooling/config.json", "tokenizer_config.json"] {
        let fixture = Fixture::new(SMALL);
        fixture.put(file, "{\"hidden_size\": ");
        refused(&fixture, file, "at line 1 column");
    }
    let fixture = Fixture::new(SMALL);
    fixture.remove("vocab.txt");
    refused(&fixture, "", "it has neither a vocab.txt nor a tokenizer.json");
    std::fs::rename(fixture.path("model.safetensors"), fixture.path("pytorch_model.bin")).unwrap();
    fixture.put("vocab.txt", &pieces().join("\n"));
    refused(&fixture, "", "its weights are in pytorch_model.bin");
    fixture.put("model.safetensors.index.json", "{}");
    refused(&fixture, "", "its weights are in several files");
    fixture.remove("model.safetensors.index.json").remove("pytorch_model.bin");
    refused(&fixture, "", "it has no model.safetensors");
    fixture.remove("config.json");
    refused(&fixture, "", "it has no config.json, so it isn't a model's folder");
    assert!(convert(&fixture.path("nowhere"), &ConvertOptions::default()).is_err());
    assert!(convert(&fixture.path("vocab.txt"), &ConvertOptions::default()).is_err());
}

#[test]
fn absurd_numbers_are_refused_before_anything_is_allocated() {
    let cases: [Case; 12] = [
        ("sentence_bert_config.json", json!({"max_seq_length": 2}), "it limits texts to 2 tokens"),
        (
            "config.json",
            json!({"num_hidden_layers": 4_000_000_000_u32}),
            "its number of layers is 4000000000",
        ),
        ("config.json", json!({"num_hidden_layers": 0}), "its number of layers is 0"),
        ("config.json", json!({"num_hidden_layers": -1}), "invalid value"),
        ("config.json", json!({"num_hidden_layers": 1e99}), "invalid type"),
        ("config.json", json!({"hidden_size": 4_000_000_000_u32}), "its hidden size is 4000000000"),
        ("config.json", json!({"hidden_size": 72}), "its layers aren't multiples of 64 wide"),
        ("config.json", json!({"num_attention_heads": 3}), "64 values can't be split into 3 heads"),
        ("config.json", json!({"intermediate_size": 0}), "its intermediate size is 0"),
        (
            "config.json",
            json!({"max_position_embeddings": 4_000_000_000_u32}),
            "its number of positions is 4000000000",
        ),
        ("config.json", json!({"layer_norm_eps": -1.0}), "its epsilon is -1"),
        ("sentence_bert_config.json", json!({"max_seq_length": -5}), "invalid value"),
    ];
    for (file, fields, what) in cases {
        let fixture = Fixture::new(SMALL);
        fixture.set(file, fields);
        refused(&fixture, file, what);
    }
    for (field, value) in
        [("hidden_size", 8192), ("max_position_embeddings", 65536), ("intermediate_size", 32768)]
    {
        let fixture = Fixture::new(SMALL);
        fixture.set("config.json", json!({field: value}));
        refused(&fixture, "model.safetensors", "has the shape");
    }
    let fixture = Fixture::new(SMALL);
    fixture.set("config.json", json!({"num_hidden_layers": 2}));
    refused(&fixture, "model.safetensors", "it has no tensor encoder.layer.1.");
    for most in [0, 2, 49, usize::MAX] {
        let options = ConvertOptions { max_tokens: Some(most), ..ConvertOptions::default() };
        let error = convert(fixture.folder.path(), &options).unwrap_err().to_string();
        assert!(error.contains("it can read from 3 to 48 tokens"), "{error}");
    }
    for name in [String::new(), "a\nb".into(), "x".repeat(201)] {
        let options = ConvertOptions { name: Some(name), ..ConvertOptions::default() };
        let error = convert(fixture.folder.path(), &options).unwrap_err().to_string();
        assert!(error.contains("can't be a model's name"), "{error}");
    }
}

#[test]
fn a_vocabulary_that_does_not_fit_is_refused() {
    let fixture = Fixture::new(SMALL);
    let write = |pieces: &[String]| {
        fixture.put("vocab.txt", &pieces.join("\n"));
    };
    let count = pieces().len();
    write(&pieces()[..count - 1]);
    refused(
        &fixture,
        "model.safetensors",
        &format!("of {count} word pieces, but the vocabulary has {}", count - 1),
    );
    write(&[pieces(), vec!["##é".into()]].concat());
    refused(&fixture, "model.safetensors", "word pieces, but the vocabulary has");
    write(&pieces()[1..]);
    refused(&fixture, "vocab.txt", "its vocabulary has no [PAD]");
    write(&[pieces(), vec!["note".into()]].concat());
    refused(&fixture, "vocab.txt", "its vocabulary has `note` twice");
    write(&[pieces(), vec!["é".repeat(65)]].concat());
    refused(&fixture, "vocab.txt", "a piece of more than 128 bytes");
    std::fs::write(fixture.path("vocab.txt"), b"[PAD]\n\xff\n").unwrap();
    refused(&fixture, "vocab.txt", "it isn't UTF-8");

    fixture.put("vocab.txt", &(pieces().join("\r\n") + "\r\n"));
    let lines = fixture.convert(&ConvertOptions::default()).bytes;
    fixture.use_tokenizer_json();
    assert_eq!(fixture.convert(&ConvertOptions::default()).bytes, lines);
    fixture.set("tokenizer.json", json!({"model": {"vocab": {"[PAD]": 0, "[UNK]": 2}}}));
    refused(&fixture, "tokenizer.json", "its piece `[UNK]` has the number 2 of 2");
    fixture.set("tokenizer.json", json!({"model": {"vocab": {"[PAD]": 0, "[UNK]": 0}}}));
    refused(&fixture, "tokenizer.json", "at number 1");
    fixture.set("tokenizer.json", json!({"model": {"vocab": [["[PAD]", 0.5]]}}));
    refused(&fixture, "tokenizer.json", "its vocabulary isn't one");
}

#[test]
fn tensors_that_do_not_fit_are_refused() {
    let name = "encoder.layer.0.intermediate.dense.weight";
    let mut fixture = Fixture::new(SMALL);
    fixture.tensors.get_mut(name).unwrap().0.reverse();
    fixture.write_tensors();
    refused(
        &fixture,
        "model.safetensors",
        "intermediate.dense.weight has the shape [64, 128] instead of [128, 64]",
    );
    for value in [f32::NAN, f32::NEG_INFINITY] {
        let mut fixture = Fixture::new(SMALL);
        fixture.tensors.get_mut(name).unwrap().1[77] = value;
        fixture.write_tensors();
        refused(&fixture, "model.safetensors", "intermediate.dense.weight holds");
    }
    let mut fixture = Fixture::new(SMALL);
    fixture.tensors.remove(name);
    fixture.write_tensors();
    refused(&fixture, "model.safetensors", &format!("it has no tensor {name}"));
    fixture.tensors.clear();
    let data = [0_u8; 8];
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::I64, vec![1], &data).unwrap();
    let bytes = safetensors::serialize([("embeddings.word_embeddings.weight", view)], None).unwrap();
    std::fs::write(fixture.path("model.safetensors"), &bytes).unwrap();
    refused(&fixture, "model.safetensors", "of 1 word pieces");
    std::fs::write(fixture.path("model.safetensors"), &bytes[..bytes.len() - 1]).unwrap();
    refused(&fixture, "model.safetensors", "it's damaged");
    std::fs::write(fixture.path("model.safetensors"), b"").unwrap();
    refused(&fixture, "model.safetensors", "it's damaged");
}

#[test]
fn numbers_that_overflow_are_refused() {
    let mut fixture = Fixture::new(SMALL);
    for tensor in fixture.tensors.values_mut() {
        tensor.1.iter_mut().for_each(|x| *x *= 1e37);
    }
    fixture.write_tensors();
    refused(&fixture, "model.safetensors", "it gives vectors that aren't finite");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_folder_never_panics(
        file in prop::sample::select(vec![
            "config.json", "modules.json", "1_Pooling/config.json", "sentence_bert_config.json", "vocab.txt",
            "tokenizer.json", "tokenizer_config.json", "config_sentence_transformers.json", "model.safetensors",
        ]),
        at in any::<prop::sample::Index>(),
        piece in prop::sample::select(vec![&b""[..], b"9", b"-", b"\"", b"{", b"[", b"null", b"\xff", b"\n", b"e9"]),
        cut in 0..4_usize,
    ) {
        let fixture = Fixture::new(SMALL);
        fixture.set("config_sentence_transformers.json", json!({"prompts": {"query": "note: "}}));
        if file == "tokenizer.json" {
            fixture.use_tokenizer_json();
        }
        let mut bytes = std::fs::read(fixture.path(file)).unwrap();
        // The beginning of the tensors' file says what is where.
        let at = at.index(if file == "model.safetensors" { 3000 } else { bytes.len() });
        bytes.splice(at..(at + cut).min(bytes.len()), piece.iter().copied());
        std::fs::write(fixture.path(file), bytes).unwrap();
        match convert(fixture.folder.path(), &ConvertOptions::default()) {
            Ok(model) => prop_assert!(Encoder::from_bytes("converted", model.bytes).is_ok()),
            Err(error) => prop_assert!(matches!(error.kind(), ErrorKind::Model | ErrorKind::Io), "{error}"),
        }
    }
}
