use proptest::prelude::*;
use safetensors::tensor::TensorView;

use super::super::Encoder;
use super::super::model::verify;
use super::*;
use crate::embed::Embedder;

const PIECES: [&str; 8] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "note", "##s", "!"];

/// A tiny model folder: one layer of 64 values and two heads, weights from a fixed pattern.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    put(
        "config.json",
        r#"{"model_type": "bert", "hidden_act": "gelu", "hidden_size": 64, "num_hidden_layers": 1,
            "num_attention_heads": 2, "intermediate_size": 128, "max_position_embeddings": 12,
            "layer_norm_eps": 1e-12}"#,
    );
    std::fs::create_dir(folder.path().join("1_Pooling")).unwrap();
    put("1_Pooling/config.json", r#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#);
    put("sentence_bert_config.json", r#"{"max_seq_length": 8}"#);
    put("tokenizer_config.json", r#"{"do_lower_case": true}"#);
    put("vocab.txt", &(PIECES.join("\n") + "\n"));
    std::fs::write(folder.path().join("model.safetensors"), tensors()).unwrap();
    folder
}

fn tensors() -> Vec<u8> {
    let mut shapes = vec![
        ("embeddings.word_embeddings.weight".to_owned(), vec![PIECES.len(), 64]),
        ("embeddings.position_embeddings.weight".to_owned(), vec![12, 64]),
        ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, 64]),
    ];
    let mut linear = |name: &str, outputs, inputs| {
        shapes.push((format!("{name}.weight"), vec![outputs, inputs]));
        shapes.push((format!("{name}.bias"), vec![outputs]));
    };
    for part in
        ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"]
    {
        linear(&format!("encoder.layer.0.{part}"), 64, 64);
    }
    linear("encoder.layer.0.intermediate.dense", 128, 64);
    linear("encoder.layer.0.output.dense", 64, 128);
    for name in ["embeddings", "encoder.layer.0.attention.output", "encoder.layer.0.output"] {
        shapes.push((format!("{name}.LayerNorm.weight"), vec![64]));
        shapes.push((format!("{name}.LayerNorm.bias"), vec![64]));
    }
    let data: Vec<Vec<u8>> = shapes
        .iter()
        .enumerate()
        .map(|(at, (_, shape))| {
            let count: usize = shape.iter().product();
            (0..count).flat_map(|i| (((i * 37 + at * 11) % 101) as f32 / 101.0 - 0.4).to_le_bytes()).collect()
        })
        .collect();
    let views = shapes.iter().zip(&data).map(|((name, shape), data)| {
        (name.clone(), TensorView::new(Dtype::F32, shape.clone(), data).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

fn tiny() -> Vec<u8> {
    convert(folder().path(), "tiny").unwrap()
}

#[test]
fn a_folder_becomes_the_same_model_each_time() {
    let bytes = tiny();
    assert_eq!(bytes, tiny());
    let encoder = Encoder::from_bytes("tiny", bytes).unwrap();
    assert!(encoder.fingerprint().starts_with("tiny@"), "{}", encoder.fingerprint());
    assert_eq!((encoder.dim(), encoder.max_tokens()), (64, 8));
    assert_eq!(encoder.tokens("Notes! xyz note").ends, [4, 5, 6, 10, 15]);
    assert_ne!(encoder.embed_query("notes").unwrap(), encoder.embed_query("note").unwrap());
}

#[test]
fn what_isnt_supported_is_refused_by_name() {
    let folder = folder();
    let vocabulary = folder.path().join("vocab.txt");
    std::fs::write(&vocabulary, "[PAD]\n").unwrap();
    let error = convert(folder.path(), "tiny").unwrap_err().to_string();
    assert!(error.ends_with("its vocabulary has no [UNK]"), "{error}");
    std::fs::remove_file(&vocabulary).unwrap();
    let error = convert(folder.path(), "tiny").unwrap_err().to_string();
    assert!(error.contains("vocab.txt"), "{error}");
    std::fs::write(folder.path().join("tokenizer_config.json"), r#"{"do_lower_case": false}"#).unwrap();
    let error = convert(folder.path(), "tiny").unwrap_err().to_string();
    assert!(error.ends_with("only uncased models are supported"), "{error}");
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

/// Uses all of a model that could be read; it may fail, but only with an error.
fn exercise(bytes: Vec<u8>) {
    if let Ok(encoder) = Encoder::new("damaged", bytes.into()) {
        // Whatever the numbers say, this stays within the file's own size.
        assert!(encoder.max_tokens() <= 12);
        let _vectors =
            encoder.embed_passages(&["notes!".into(), "[MASK] note xyz notes notes notes notes".into()]);
    }
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
        prop_assert!(Encoder::from_bytes("damaged", bytes.clone()).is_err());
        exercise(bytes);
    }

    #[test]
    fn a_cut_or_extended_file_is_refused(at in any::<prop::sample::Index>(), more in 1..99_usize) {
        let mut bytes = tiny();
        bytes.resize(bytes.len() + more, 0);
        prop_assert!(Encoder::new("long", bytes.clone().into()).is_err());
        bytes.truncate(at.index(bytes.len() - more));
        prop_assert!(verify("short", &bytes).is_err());
        prop_assert!(Encoder::new("short", bytes.into()).is_err());
    }
}
