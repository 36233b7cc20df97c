//! Tables of words and positions: which rows are kept, how, and from where positions count.

use serde_json::json;

use super::super::*;
use super::fixture::{Fixture, POSITIONS, SMALL, Tensor};

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn four_bits_take_half_the_room_and_mean_nearly_the_same() {
    let fixture = Fixture::new(SMALL);
    let four = ConvertOptions { table: TableBits::Four, ..ConvertOptions::default() };
    let [eight, four] = [ConvertOptions::default(), four].map(|options| fixture.convert(&options).bytes);
    assert!(four.len() < eight.len());
    let vectors = [eight, four]
        .map(|bytes| Encoder::from_bytes("tables", bytes).unwrap().embed_query("a note").unwrap());
    let like = cosine(&vectors[0], &vectors[1]);
    assert!((0.98..0.999_999).contains(&like), "{like}");
}

#[test]
fn xlm_r_counts_positions_from_its_padding() {
    let plain = Fixture::new(SMALL);
    let mut shifted = Fixture::new(SMALL);
    let name = "embeddings.position_embeddings.weight";
    let (_, rows): Tensor = shifted.tensors[name].clone();
    let first = vec![9.0; 2 * SMALL.hidden];
    shifted.tensors.insert(name.into(), (vec![POSITIONS + 2, SMALL.hidden], [first, rows].concat()));
    let tensors = std::mem::take(&mut shifted.tensors);
    shifted.tensors = tensors.into_iter().map(|(name, tensor)| (format!("roberta.{name}"), tensor)).collect();
    shifted.write_tensors();
    let about =
        json!({"model_type": "xlm-roberta", "pad_token_id": 1, "max_position_embeddings": POSITIONS + 2});
    shifted.set("config.json", about);
    let options = ConvertOptions { name: Some("same".into()), ..ConvertOptions::default() };
    assert_eq!(plain.convert(&options).bytes, shifted.convert(&options).bytes);
    shifted.set("config.json", json!({"pad_token_id": 4_000_000_000_u32}));
    assert!(shifted.error().contains("its number of positions is 0"), "{}", shifted.error());
}

#[test]
fn a_padding_that_is_not_used_may_be_anything() {
    for padding in [json!(null), json!(-1), json!(0)] {
        let fixture = Fixture::new(SMALL);
        fixture.set("config.json", json!({"pad_token_id": padding}));
        fixture.convert(&ConvertOptions::default());
    }
}

#[test]
fn the_letters_of_other_languages_can_be_left_out() {
    let fixture = Fixture::new(SMALL);
    let all = fixture.convert(&ConvertOptions::default());
    assert_eq!(all.pieces.0, all.pieces.1);
    let mut pieces = super::pieces();
    pieces.extend(["дом", "##ы", "日"].map(String::from));
    fixture.put("vocab.txt", &pieces.join("\n"));
    let mut fixture = fixture;
    let name = "embeddings.word_embeddings.weight";
    let (_, mut rows) = fixture.tensors[name].clone();
    rows.extend(vec![0.25; 3 * SMALL.hidden]);
    fixture.tensors.insert(name.into(), (vec![pieces.len(), SMALL.hidden], rows));
    fixture.write_tensors();
    let options = |languages: &[&str]| ConvertOptions {
        languages: languages.iter().map(|code| code.parse().unwrap()).collect(),
        ..ConvertOptions::default()
    };
    let russian = fixture.convert(&options(&["ru"]));
    assert_eq!(russian.pieces, (pieces.len() - 1, pieces.len()));
    let german = fixture.convert(&options(&["de"]));
    assert_eq!(german.pieces.0, pieces.len() - 3);
    let whole = fixture.encoder(&options(&[]));
    for (bytes, text) in [(russian.bytes, "note дом домы a!"), (german.bytes, "notes, É a")] {
        let part = Encoder::from_bytes("part", bytes).unwrap();
        assert_eq!(part.embed_query(text).unwrap(), whole.embed_query(text).unwrap(), "{text}");
        assert_ne!(part.embed_query("日").unwrap(), whole.embed_query("日").unwrap());
        assert!(part.tokenizer().known("日") < 0.5);
    }
}
