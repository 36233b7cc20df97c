use std::fmt::Write as _;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// A line of the reference set; `minilm_reference.py` beside it says how it was made.
#[derive(Deserialize)]
struct Reference {
    text: String,
    ids: Vec<u32>,
    ends: Vec<u32>,
    embedding: Vec<f32>,
}

fn references() -> Vec<Reference> {
    let lines = include_str!("../../tests/data/minilm_reference.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn bundled() -> Encoder {
    Encoder::bundled().unwrap()
}

/// The vectors of texts, without their tokens.
fn embed(encoder: &Encoder, texts: &[&str]) -> Vec<Vec<f32>> {
    let inputs: Vec<Input<'_>> = texts.iter().map(|text| (*text).into()).collect();
    encoder.embed_passages(&inputs).unwrap().into_iter().map(|embedding| embedding.vector).collect()
}

fn bits(vectors: &[Vec<f32>]) -> Vec<Vec<u32>> {
    vectors.iter().map(|vector| vector.iter().map(|x| x.to_bits()).collect()).collect()
}

/// Texts of many lengths, so that tiles and batches have every kind of remainder.
fn texts() -> Vec<String> {
    let mut text = String::new();
    let mut texts = Vec::new();
    for at in 0..40 {
        write!(text, "word{at} is, ").unwrap();
        texts.push(text.clone());
    }
    texts.extend(references().into_iter().map(|reference| reference.text));
    texts
}

#[test]
fn tokens_are_those_of_the_reference() {
    let encoder = bundled();
    for reference in references() {
        let ids = encoder.tokenizer().encode(&reference.text, usize::MAX);
        assert_eq!(ids, reference.ids, "{:?}", reference.text);
        let ends = encoder.tokens(&reference.text).ends;
        // Where combining characters change places, the reference's ends aren't ascending.
        if reference.ends.is_sorted() {
            assert_eq!(ends, reference.ends, "{:?}", reference.text);
        }
        assert!(ends.is_sorted() && ends.len() == ids.len());
    }
}

#[test]
fn vectors_are_close_to_the_reference() {
    let references = references();
    let texts: Vec<_> = references.iter().map(|reference| &reference.text[..]).collect();
    let vectors = embed(&bundled(), &texts);
    let cosines: Vec<f32> = vectors
        .iter()
        .zip(&references)
        .map(|(vector, reference)| vector.iter().zip(&reference.embedding).map(|(x, y)| x * y).sum())
        .collect();
    for (cosine, text) in cosines.iter().zip(&texts) {
        assert!(*cosine >= 0.995 && *cosine < 1.0001, "{cosine} for {text:?}");
    }
    assert!(cosines.iter().sum::<f32>() / cosines.len() as f32 >= 0.9985, "{cosines:?}");
}

#[test]
fn vectors_are_the_same_alone_in_any_batch_and_on_any_number_of_threads() {
    let encoder = bundled();
    let texts = texts();
    let mut texts: Vec<_> = texts.iter().map(String::as_str).collect();
    let alone: Vec<_> = texts.iter().map(|text| encoder.embed_query(text).unwrap()).collect();
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let batch = pool.install(|| embed(&encoder, &texts));
        assert_eq!(bits(&batch), bits(&alone), "{threads} threads");
    }
    let tokens: Vec<Tokens> = texts.iter().map(|text| encoder.tokens(text)).collect();
    let inputs: Vec<Input<'_>> = texts
        .iter()
        .zip(&tokens)
        .map(|(text, tokens)| Input { text, ids: &tokens.ids, windows: &[] })
        .collect();
    let tokenised = encoder.embed_passages(&inputs).unwrap();
    let tokenised: Vec<_> = tokenised.into_iter().map(|embedding| embedding.vector).collect();
    assert_eq!(bits(&tokenised), bits(&alone), "with tokens");
    texts.reverse();
    let mut reversed = embed(&encoder, &texts);
    reversed.reverse();
    assert_eq!(bits(&reversed), bits(&alone));
}

#[test]
fn vectors_are_the_same_on_every_kernel() {
    let texts = texts();
    let texts: Vec<_> = texts.iter().map(String::as_str).step_by(4).collect();
    let portable = embed(&bundled().with_kernel(Kernel::Portable).unwrap(), &texts);
    for kernel in Kernel::ALL {
        if let Some(encoder) = bundled().with_kernel(kernel) {
            assert_eq!(bits(&embed(&encoder, &texts)), bits(&portable), "{kernel:?}");
        }
    }
}

#[test]
fn vectors_have_unit_length_whatever_the_text() {
    let encoder = bundled();
    let texts = ["", " \n", "\u{0}\u{fffd}", "x", "?!"];
    for vector in embed(&encoder, &texts) {
        assert_eq!(vector.len(), encoder.dim());
        let length: f32 = vector.iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-5, "{length}");
    }
    assert!(embed(&encoder, &[]).is_empty());
}

#[test]
fn only_the_first_tokens_of_a_long_text_count() {
    let encoder = bundled();
    let fits = "memory ".repeat(encoder.max_tokens() - 2);
    assert_eq!(encoder.tokens(&fits).ends.len(), 254);
    let longer = fits.clone() + "cabbage soup";
    assert_eq!(encoder.embed_query(&fits).unwrap(), encoder.embed_query(&longer).unwrap());
    let shorter = "memory ".repeat(encoder.max_tokens() - 3) + "cabbage";
    assert_ne!(encoder.embed_query(&fits).unwrap(), encoder.embed_query(&shorter).unwrap());
}

#[test]
fn one_endless_word_is_one_token() {
    let text = "a".repeat(10_000_000);
    assert_eq!(bundled().tokens(&text).ends, [10_000_000]);
    let marks = "\u{302e}\u{302f}".repeat(100_000);
    assert_eq!(bundled().tokens(&marks).ends, [marks.len() as u32]);
}

#[test]
fn the_bundled_file_is_what_was_converted() {
    let bytes = BUNDLED_FILE.0.to_vec();
    let encoder = Encoder::from_bytes("bundled", bytes).unwrap();
    assert_eq!(encoder.fingerprint(), bundled().fingerprint());
    assert_eq!(BUNDLED_FILE.0.as_ptr().align_offset(64), 0);
}

#[test]
fn batches_keep_all_texts_in_order() {
    let lengths = [300, 256, 200, 60, 50, 3, 2];
    let order: Vec<_> = (0..lengths.len()).collect();
    let batches = batches(&order, 256, |at| lengths[at]);
    assert_eq!(batches, [&[0][..], &[1], &[2], &[3, 4, 5, 6]]);
}

proptest! {
    #[test]
    fn token_ends_ascend_within_the_text(text in "\\PC{0,40}") {
        let ends = bundled().tokens(&text).ends;
        prop_assert!(ends.is_sorted());
        prop_assert!(ends.iter().all(|end| text.is_char_boundary(*end as usize)));
    }
}

#[test]
fn windows_are_parts_of_their_passage_in_any_company() {
    let encoder = bundled();
    let text = "Owls hunt at night. They see well in the dark, and hear even better.";
    let tokens = encoder.tokens(text);
    let count = tokens.ids.len() as u32;
    let windows = [0..5, 5..count, 0..count, 3..3, count..900];
    let input = Input { text, ids: &tokens.ids, windows: &windows };
    let alone = encoder.embed_passages(&[input]).unwrap();
    let batch =
        encoder.embed_passages(&[Input::from("another, much longer text about owls"), input]).unwrap();
    assert_eq!(bits(&alone[0].windows), bits(&batch[1].windows));
    assert_eq!(alone[0].vector, encoder.embed_passages(&[text.into()]).unwrap()[0].vector);
    let [first, second, both, none, beyond] = &alone[0].windows[..] else { panic!("not five windows") };
    assert!(none.iter().chain(beyond).all(|&x| x == 0.0));
    let cosine = |a: &[f32], b: &[f32]| {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    };
    for ((first, second), both) in first.iter().zip(second).zip(both) {
        assert!((first + second - both).abs() < 1e-3);
    }
    // The special tokens are all that is missing.
    assert!(cosine(both, &alone[0].vector) > 0.95 && cosine(first, second) < 0.99);
}
