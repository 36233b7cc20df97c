//! Small models of random weights, as folders.

use std::collections::BTreeMap;
use std::path::PathBuf;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::json;

use super::super::*;
use crate::embed::half::to_half;
use crate::embed::wordpiece::SPECIALS;
use crate::random::SplitMix64;

/// The shape of a model, and the seed of its weights.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) layers: usize,
    pub(super) hidden: usize,
    pub(super) heads: usize,
    pub(super) intermediate: usize,
    pub(super) cls: bool,
    pub(super) dtype: Dtype,
    pub(super) seed: u64,
}

pub(super) const SMALL: Shape =
    Shape { layers: 1, hidden: 64, heads: 2, intermediate: 128, cls: true, dtype: Dtype::F32, seed: 1 };
pub(super) const POSITIONS: usize = 48;

/// A tensor's shape and values.
pub(super) type Tensor = (Vec<usize>, Vec<f32>);

/// A model's folder and what is in it.
pub(super) struct Fixture {
    pub(super) folder: tempfile::TempDir,
    pub(super) tensors: BTreeMap<String, Tensor>,
    pub(super) shape: Shape,
}

/// The vocabulary: all letters, so that every word of them has pieces.
pub(super) fn pieces() -> Vec<String> {
    let mut pieces: Vec<String> = SPECIALS.map(str::to_owned).into();
    pieces.extend(["note", "##s", "!", ":", "?", ".", "A", "É"].map(str::to_owned));
    pieces.extend(('a'..='z').map(String::from));
    pieces.extend(('a'..='z').filter(|c| *c != 's').map(|c| format!("##{c}")));
    pieces
}

impl Fixture {
    pub(super) fn new(shape: Shape) -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap(), tensors: tensors(shape), shape };
        let config = json!({
            "model_type": "bert", "hidden_act": "gelu", "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers, "num_attention_heads": shape.heads,
            "intermediate_size": shape.intermediate, "max_position_embeddings": POSITIONS,
            "layer_norm_eps": 1e-12, "position_embedding_type": "absolute", "type_vocab_size": 2,
        });
        fixture.put("config.json", &config.to_string());
        fixture.put(
            "modules.json",
            r#"[{"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
                {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                {"idx": 2, "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]"#,
        );
        fixture.put(
            "1_Pooling/config.json",
            &json!({
                "word_embedding_dimension": shape.hidden, "pooling_mode_cls_token": shape.cls,
                "pooling_mode_mean_tokens": !shape.cls, "pooling_mode_max_tokens": false,
            })
            .to_string(),
        );
        fixture.put("sentence_bert_config.json", r#"{"max_seq_length": 40, "do_lower_case": false}"#);
        fixture.put("tokenizer_config.json", r#"{"do_lower_case": true, "strip_accents": null}"#);
        fixture.put("vocab.txt", &(pieces().join("\n") + "\n"));
        fixture.write_tensors();
        fixture
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn put(&self, name: &str, content: &str) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub(super) fn remove(&self, name: &str) -> &Self {
        std::fs::remove_file(self.path(name)).unwrap();
        self
    }

    /// Changes a settings file: each of `fields` is set.
    pub(super) fn set(&self, name: &str, fields: serde_json::Value) -> &Self {
        let old = std::fs::read(self.path(name)).unwrap_or_else(|_| b"{}".into());
        let mut value: serde_json::Value = serde_json::from_slice(&old).unwrap();
        let serde_json::Value::Object(fields) = fields else { panic!("an object") };
        value.as_object_mut().unwrap().extend(fields);
        self.put(name, &value.to_string())
    }

    /// Writes the tensors as they are now.
    pub(super) fn write_tensors(&self) {
        let bytes = |values: &[f32]| match self.shape.dtype {
            Dtype::F32 => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Dtype::F16 => values.iter().flat_map(|x| to_half(*x).to_le_bytes()).collect(),
            _ => values.iter().flat_map(|x| ((x.to_bits() >> 16) as u16).to_le_bytes()).collect::<Vec<u8>>(),
        };
        let data: Vec<_> = self.tensors.values().map(|(_, values)| bytes(values)).collect();
        let views = self.tensors.iter().zip(&data).map(|((name, (shape, _)), data)| {
            (name.clone(), TensorView::new(self.shape.dtype, shape.clone(), data).unwrap())
        });
        std::fs::write(self.path("model.safetensors"), safetensors::serialize(views, None).unwrap()).unwrap();
    }

    /// Gives it a vocabulary of another kind, with random rows for so many pieces.
    pub(super) fn use_unigram(&mut self, tokenizer: &serde_json::Value, rows: usize) -> &Self {
        let mut random = SplitMix64::new(7);
        let values = (0..rows * self.shape.hidden).map(|_| random.unit() - 0.5).collect();
        let name = "embeddings.word_embeddings.weight";
        self.tensors.insert(name.into(), (vec![rows, self.shape.hidden], values));
        self.write_tensors();
        self.remove("vocab.txt").remove("tokenizer_config.json").put("tokenizer.json", &tokenizer.to_string())
    }

    /// Puts a `tokenizer.json` into the place of `vocab.txt` and `tokenizer_config.json`.
    pub(super) fn use_tokenizer_json(&self) -> &Self {
        let vocab: BTreeMap<_, _> = pieces().into_iter().zip(0..).collect();
        let tokenizer = json!({
            "normalizer": {
                "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                "strip_accents": null, "lowercase": true,
            },
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "model": {
                "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100, "vocab": vocab,
            },
        });
        self.remove("vocab.txt").remove("tokenizer_config.json").put("tokenizer.json", &tokenizer.to_string())
    }

    pub(super) fn convert(&self, options: &ConvertOptions) -> Converted {
        convert(self.folder.path(), options).unwrap()
    }

    pub(super) fn encoder(&self, options: &ConvertOptions) -> Encoder {
        Encoder::from_bytes("fixture", self.convert(options).bytes).unwrap()
    }

    /// Why it can't be converted.
    pub(super) fn error(&self) -> String {
        convert(self.folder.path(), &ConvertOptions::default()).unwrap_err().to_string()
    }
}

/// Rounds to a number that the file's type represents.
fn rounded(x: f32, dtype: Dtype) -> f32 {
    match dtype {
        Dtype::F16 if x.abs() < 6.2e-5 => 0.0,
        Dtype::F16 => f32::from_bits(x.to_bits() & !0x1fff),
        Dtype::BF16 => f32::from_bits(x.to_bits() & 0xffff_0000),
        _ => x,
    }
}

/// Random tensors of a model, under the names that they have in BERT.
fn tensors(shape: Shape) -> BTreeMap<String, Tensor> {
    let Shape { layers, hidden, intermediate, dtype, seed, .. } = shape;
    let mut random = SplitMix64::new(seed);
    // Sums of uniform numbers are nearly normally distributed.
    let mut normal = move || (0..6).map(|_| random.unit() - 0.5).sum::<f32>() * std::f32::consts::SQRT_2;
    let mut tensors = BTreeMap::new();
    let mut put = |name: String, shape: Vec<usize>, mean: f32, deviation: f32| {
        let count: usize = shape.iter().product();
        let values = (0..count).map(|_| rounded(mean + deviation * normal(), dtype)).collect();
        tensors.insert(name, (shape, values));
    };
    for (table, rows) in [("word", pieces().len()), ("position", POSITIONS), ("token_type", 2)] {
        put(format!("embeddings.{table}_embeddings.weight"), vec![rows, hidden], 0.0, 0.05);
    }
    let mut norms = vec!["embeddings".to_owned()];
    for layer in 0..layers {
        let layer = format!("encoder.layer.{layer}");
        let mut linear = |name: &str, outputs: usize, inputs: usize| {
            put(format!("{layer}.{name}.weight"), vec![outputs, inputs], 0.0, 1.0 / (inputs as f32).sqrt());
            put(format!("{layer}.{name}.bias"), vec![outputs], 0.0, 0.05);
        };
        for part in ["self.query", "self.key", "self.value", "output.dense"] {
            linear(&format!("attention.{part}"), hidden, hidden);
        }
        linear("intermediate.dense", intermediate, hidden);
        linear("output.dense", hidden, intermediate);
        norms.extend([format!("{layer}.attention.output"), format!("{layer}.output")]);
    }
    for name in norms {
        put(format!("{name}.LayerNorm.weight"), vec![hidden], 1.0, 0.2);
        put(format!("{name}.LayerNorm.bias"), vec![hidden], 0.0, 0.1);
    }
    // What other programs leave in the files.
    put("pooler.dense.bias".into(), vec![hidden], 0.0, 1.0);
    tensors
}
