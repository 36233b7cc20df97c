//! What the cosines of a model are on texts whose likeness is known: `pairs.tsv`.
//!
//! It has notes on sixteen subjects in eight languages, each with a question that it answers and another note on the same. A
//! model counts in the languages that it reads: where most questions are more like their own note than like any other.

use std::collections::BTreeMap;

use super::super::embedder::{Embedder, Input};
use super::super::encoder::Encoder;
use crate::error::Result;
use crate::likeness::Measured;

/// The texts: subject, language, question, the note that answers it, another on the same subject.
const PAIRS: &str = include_str!("pairs.tsv");
/// The share of questions that must be most like their own note for a model to read a language.
const READS: f32 = 0.75;

/// The vectors of the texts in one language, by subject.
struct Language {
    questions: Vec<Vec<f32>>,
    related: Vec<Vec<f32>>,
    near: Vec<Vec<f32>>,
}

/// Embeds the texts and takes the means of their cosines over the languages that the model reads; nothing if it reads none.
///
/// # Errors
///
/// Fails if the model is damaged.
pub(super) fn measure(encoder: &Encoder) -> Result<Option<Measured>> {
    let mut read = Vec::new();
    for rows in by_language().values() {
        let column = |at: usize| rows.iter().map(move |row| row[at]);
        let questions = column(2).map(|text| encoder.embed_query(text)).collect::<Result<Vec<_>>>()?;
        let passages: Vec<Input<'_>> = column(3).chain(column(4)).map(Input::from).collect();
        let vectors = encoder.embed_passages(&passages)?.into_iter().map(|embedding| embedding.vector);
        let mut related: Vec<Vec<f32>> = vectors.collect();
        let near = related.split_off(questions.len());
        let language = Language { questions, related, near };
        if language.is_read() {
            read.push(language);
        }
    }
    if read.is_empty() {
        return Ok(None);
    }
    let all = |of: &dyn Fn(&Language) -> f32| read.iter().map(of).sum::<f32>() / read.len() as f32;
    let unrelated = |one: &Language, other: &Language| mean_apart(&one.questions, &other.related);
    let crossed: Vec<f32> =
        read.iter().flat_map(|one| read.iter().map(move |other| unrelated(one, other))).collect();
    Ok(Some(Measured {
        unrelated: all(&|language| unrelated(language, language)),
        related: all(&|language| mean_together(&language.questions, &language.related)),
        passages_near: all(&|language| mean_together(&language.related, &language.near)),
        passages_unrelated: all(&|language| mean_apart(&language.related, &language.related)),
        least: crossed.iter().copied().fold(f32::INFINITY, f32::min),
        most: crossed.iter().copied().fold(f32::NEG_INFINITY, f32::max),
    }))
}

impl Language {
    /// Whether the model can tell which note a question belongs to.
    fn is_read(&self) -> bool {
        let own = self.questions.iter().enumerate().filter(|(at, question)| {
            let others = self.related.iter().enumerate().filter(|(other, _)| other != at);
            let best = others.map(|(_, passage)| cosine(question, passage)).fold(f32::NEG_INFINITY, f32::max);
            cosine(question, &self.related[*at]) > best
        });
        own.count() as f32 >= READS * self.questions.len() as f32
    }
}

/// The rows of the texts, by language.
fn by_language() -> BTreeMap<&'static str, Vec<Vec<&'static str>>> {
    let mut languages: BTreeMap<&str, Vec<Vec<&str>>> = BTreeMap::new();
    for line in PAIRS.lines().filter(|line| !line.starts_with('#')) {
        let row: Vec<&str> = line.split('\t').collect();
        languages.entry(row[1]).or_default().push(row);
    }
    languages
}

/// The cosine of two unit vectors.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The mean cosine of those that belong together.
fn mean_together(a: &[Vec<f32>], b: &[Vec<f32>]) -> f32 {
    a.iter().zip(b).map(|(a, b)| cosine(a, b)).sum::<f32>() / a.len().max(1) as f32
}

/// The mean cosine of those that don't.
fn mean_apart(a: &[Vec<f32>], b: &[Vec<f32>]) -> f32 {
    let (mut sum, mut count) = (0.0, 0_u16);
    for (at, one) in a.iter().enumerate() {
        for (_, other) in b.iter().enumerate().filter(|(other, _)| *other != at) {
            sum += cosine(one, other);
            count += 1;
        }
    }
    sum / f32::from(count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::likeness::LikenessScale;

    #[test]
    fn the_texts_are_whole() {
        let languages = by_language();
        assert_eq!(
            languages.keys().copied().collect::<Vec<_>>(),
            ["ar", "de", "en", "es", "fr", "hi", "ru", "zh"]
        );
        let subjects = |rows: &[Vec<&'static str>]| rows.iter().map(|row| row[0]).collect::<Vec<_>>();
        let english = subjects(&languages["en"]);
        for rows in languages.values() {
            assert_eq!(subjects(rows), english);
            assert!(rows.iter().all(|row| row.len() == 5 && row.iter().all(|text| !text.is_empty())));
        }
    }

    #[test]
    fn the_bundled_model_reads_english_and_its_cosines_stay() {
        let measured = measure(&Encoder::bundled().unwrap()).unwrap().unwrap();
        let map = LikenessScale::new(measured).of_question(0.0, 128);
        for cosine in [0.0, 0.3, 0.6] {
            assert!((map.of(cosine) - cosine).abs() < 0.01, "{measured:?}");
        }
    }
}
