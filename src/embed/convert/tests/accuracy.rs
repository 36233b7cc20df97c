//! Vectors of converted models are compared with those of a plain forward pass in `f32`, written from the paper.

use safetensors::Dtype;

use super::super::*;
use super::fixture::{Fixture, SMALL, Shape};
use crate::embed::Input;
use crate::embed::special_tokens::{CLS, SEP};

const TEXTS: [&str; 6] = [
    "notes",
    "what is a note?",
    "a longer text about notes and how they are kept, in several sentences. this is one.",
    "!",
    "",
    "Ünïcode becomes letters: É",
];

impl Fixture {
    /// `input · weightsᵀ + bias` for one row.
    fn linear(&self, name: &str, input: &[f32]) -> Vec<f32> {
        let weights = &self.tensors[&format!("{name}.weight")].1;
        let biases = &self.tensors[&format!("{name}.bias")].1;
        let rows = weights.chunks_exact(input.len()).zip(biases);
        rows.map(|(row, bias)| bias + row.iter().zip(input).map(|(w, x)| w * x).sum::<f32>()).collect()
    }

    fn normalize(&self, name: &str, row: &mut [f32]) {
        let gain = &self.tensors[&format!("{name}.LayerNorm.weight")].1;
        let shift = &self.tensors[&format!("{name}.LayerNorm.bias")].1;
        let mean = row.iter().sum::<f32>() / row.len() as f32;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / row.len() as f32;
        for ((x, gain), shift) in row.iter_mut().zip(gain).zip(shift) {
            *x = (*x - mean) / (variance + 1e-12).sqrt() * gain + shift;
        }
    }

    fn attend(&self, layer: &str, rows: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let part = |name: &str| -> Vec<Vec<f32>> {
            rows.iter().map(|row| self.linear(&format!("{layer}.attention.self.{name}"), row)).collect()
        };
        let (queries, keys, values) = (part("query"), part("key"), part("value"));
        let width = self.shape.hidden / self.shape.heads;
        let mut output = vec![vec![0.0; self.shape.hidden]; rows.len()];
        for head in (0..self.shape.hidden).step_by(width) {
            for (query, output) in queries.iter().zip(&mut output) {
                let dot =
                    |key: &Vec<f32>| -> f32 { (head..head + width).map(|at| query[at] * key[at]).sum() };
                let scores: Vec<f32> =
                    keys.iter().map(|key| (dot(key) / (width as f32).sqrt()).exp()).collect();
                let sum: f32 = scores.iter().sum();
                for (score, value) in scores.iter().zip(&values) {
                    (head..head + width).for_each(|at| output[at] += score / sum * value[at]);
                }
            }
        }
        output
    }

    /// The vector of a text given as its tokens.
    fn reference(&self, ids: &[u32]) -> Vec<f32> {
        let hidden = self.shape.hidden;
        let table = |name: &str, at: usize| {
            &self.tensors[&format!("embeddings.{name}_embeddings.weight")].1[at * hidden..][..hidden]
        };
        let mut rows: Vec<Vec<f32>> = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let (word, position, token_type) =
                (table("word", *id as usize), table("position", at), table("token_type", 0));
            rows.push((0..hidden).map(|at| word[at] + position[at] + token_type[at]).collect());
        }
        for row in &mut rows {
            self.normalize("embeddings", row);
        }
        for layer in 0..self.shape.layers {
            let layer = format!("encoder.layer.{layer}");
            let attended = self.attend(&layer, &rows);
            for (row, attended) in rows.iter_mut().zip(attended) {
                let update = self.linear(&format!("{layer}.attention.output.dense"), &attended);
                row.iter_mut().zip(update).for_each(|(x, y)| *x += y);
                self.normalize(&format!("{layer}.attention.output"), row);
                let mut middle = self.linear(&format!("{layer}.intermediate.dense"), row);
                for x in &mut middle {
                    *x = gelu(*x);
                }
                let update = self.linear(&format!("{layer}.output.dense"), &middle);
                row.iter_mut().zip(update).for_each(|(x, y)| *x += y);
                self.normalize(&format!("{layer}.output"), row);
            }
        }
        if self.shape.cls {
            return rows.swap_remove(0);
        }
        (0..hidden).map(|at| rows.iter().map(|row| row[at]).sum::<f32>() / rows.len() as f32).collect()
    }

    /// The least cosine between the encoder's vectors and the reference's, for which prefix and text are tokenised together.
    fn least_cosine(&self, encoder: &Encoder) -> f32 {
        let vectors = encoder.embed_passages(&TEXTS.map(Input::from)).unwrap();
        let questions = TEXTS.iter().map(|text| encoder.embed_query(text).unwrap());
        let prefixes = [&encoder.model.passage_prefix, &encoder.model.query_prefix];
        let texts = prefixes.into_iter().flat_map(|prefix| TEXTS.map(|text| prefix.clone() + text));
        texts.zip(vectors.into_iter().map(|passage| passage.vector).chain(questions)).fold(
            1.0,
            |least, (text, vector)| {
                let mut ids = encoder.tokenizer().encode(&text, encoder.model.max_tokens - 2);
                ids.insert(0, encoder.model.specials()[CLS]);
                ids.push(encoder.model.specials()[SEP]);
                f32::min(least, cosine(&vector, &self.reference(&ids)))
            },
        )
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// Exact to `f32`, with the error function by its series.
fn gelu(x: f32) -> f32 {
    let z = (f64::from(x) / std::f64::consts::SQRT_2).clamp(-5.0, 5.0);
    let (mut sum, mut power) = (0.0, z);
    for n in 0..120 {
        sum += power / f64::from(2 * n + 1);
        power *= -z * z / f64::from(n + 1);
    }
    let erf = sum * std::f64::consts::FRAC_2_SQRT_PI;
    (f64::from(x) * 0.5 * (1.0 + erf)) as f32
}

#[test]
fn vectors_of_any_shape_are_those_of_a_plain_forward_pass() {
    let shapes = [
        Shape { layers: 2, hidden: 128, heads: 4, intermediate: 512, cls: false, ..SMALL },
        Shape { layers: 3, hidden: 192, heads: 12, intermediate: 256, cls: true, seed: 2, ..SMALL },
        Shape { layers: 2, hidden: 384, heads: 12, intermediate: 1536, cls: false, seed: 3, ..SMALL },
        Shape { layers: 2, hidden: 256, heads: 4, intermediate: 1024, cls: true, seed: 4, ..SMALL },
    ];
    for shape in shapes {
        let fixture = Fixture::new(shape);
        let least = fixture.least_cosine(&fixture.encoder(&ConvertOptions::default()));
        assert!(least >= 0.99, "{least} for {shape:?}");
    }
}

#[test]
fn weights_may_be_halves_and_the_vocabulary_in_json() {
    for dtype in [Dtype::F16, Dtype::BF16] {
        let fixture = Fixture::new(Shape { layers: 2, hidden: 128, cls: false, dtype, ..SMALL });
        fixture.use_tokenizer_json();
        let least = fixture.least_cosine(&fixture.encoder(&ConvertOptions::default()));
        assert!(least >= 0.99, "{least} for {dtype:?}");
    }
}

#[test]
fn prefixes_stand_before_questions_and_passages() {
    let fixture = Fixture::new(Shape { layers: 2, cls: false, ..SMALL });
    fixture.set(
        "config_sentence_transformers.json",
        serde_json::json!({"prompts": {"query": "Query: ", "document": "a passage:", "other": null}}),
    );
    let encoder = fixture.encoder(&ConvertOptions::default());
    assert_eq!((&*encoder.model.query_prefix, &*encoder.model.passage_prefix), ("Query: ", "a passage:"));
    let least = fixture.least_cosine(&encoder);
    assert!(least >= 0.99, "{least}");

    let plain = ConvertOptions {
        query_prefix: Some(String::new()),
        passage_prefix: Some(String::new()),
        ..ConvertOptions::default()
    };
    let plain = fixture.encoder(&plain);
    let passages = encoder.embed_passages(&["notes".into()]).unwrap();
    assert_eq!(passages, plain.embed_passages(&["a passage: notes".into()]).unwrap());
    assert_eq!(encoder.embed_query("notes").unwrap(), plain.embed_query("query: notes").unwrap());
    assert_eq!(encoder.tokens("notes"), plain.tokens("notes"));

    // What the limit leaves for a passage is read to its last token.
    let most = encoder.max_tokens();
    assert_eq!(most, plain.max_tokens() - plain.tokens("a passage:").ends.len());
    let fits = "a ".repeat(most - 3) + "b";
    let longer = fits.clone() + " c";
    let full = "a ".repeat(most - 2);
    let inputs = [&fits, &longer, &full].map(|text| Input::from(text.as_str()));
    let vectors = encoder.embed_passages(&inputs).unwrap();
    assert_eq!(vectors[0], vectors[1]);
    assert_ne!(vectors[0], vectors[2]);
}
