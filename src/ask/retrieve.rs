//! Candidates for a question: what both searches find, and what question and passage have in common.

use std::collections::BTreeMap;

use super::dates::AskedDays;
use super::direction::Direction;
use super::labels;
use super::question::Question;
use super::stopwatch::Stopwatch;
use crate::embed::{Embedder, QuestionVectors};
use crate::error::Result;
use crate::fuse::{Weights, fuse};
use crate::hit::{Candidate, Evidence, Examined, Fused, Row, UnknownWord, ranks};
use crate::likeness::CosineMap;
use crate::store::{Fingerprint, Prepared, Store};
use crate::threads;
use crate::word_vector::QuestionWord;
use crate::words::is_stop_word;

/// How many passages each search contributes to the fusion, at least.
const CANDIDATES: usize = 100;
/// Passages that tell how like a question is to any.
const SAMPLE: usize = 128;

/// The place of each row in a list, the first 1.
type Places = BTreeMap<Row, u32>;

/// What is retrieved for a question.
pub(super) struct Retrieved {
    /// The candidates, best first.
    pub(super) fused: Vec<Fused>,
    /// The words of the question that no passage has.
    pub(super) unknown: Vec<UnknownWord>,
}

/// Both searches and their fusion, best first. Each search is asked for two passages for each source that is wanted.
/// Passages of the days that are `asked` for join them and come first.
///
/// # Errors
///
/// As [`check_model`]; also if the question can't be embedded or the index can't be read.
pub(super) fn retrieve(
    index: &dyn Store,
    embedder: &dyn Embedder,
    question: &Question,
    asked: Option<&mut AskedDays<'_>>,
    watch: &mut Stopwatch,
) -> Result<Retrieved> {
    let text = &question.query().text;
    let wanted = CANDIDATES.max(2 * question.most_sources()).min(index.info().passages as usize);
    let (prepared, lexical, QuestionVectors { vector, words }) =
        look_up(index, embedder, question, wanted, watch)?;
    let known = known(embedder, text);
    let dense = if known > 0.0 { places(&prepared.search_vectors(wanted)?) } else { Places::new() };
    watch.lap("dense");
    let mut rows: Vec<Row> = dense.keys().chain(lexical.keys()).copied().collect();
    rows.sort_unstable();
    rows.dedup();
    let looks = prepared.look(&rows)?;
    watch.lap("features");
    let mut examined: Vec<Examined> = rows
        .into_iter()
        .zip(looks)
        .map(|(row, look)| Examined {
            dense_rank: dense.get(&row).copied(),
            lexical_rank: lexical.get(&row).copied(),
            ..Examined::new(row, look)
        })
        .collect();
    let asked = match asked {
        Some(asked) => {
            asked.add(embedder, &vector, &mut examined)?;
            watch.lap("date");
            Some(&*asked)
        }
        None => None,
    };
    match_words(&*prepared, &words, &mut examined)?;
    watch.lap("words");
    let known_rows = examined.len();
    labels::add(index, &*prepared, &mut examined)?;
    match_words(&*prepared, &words, &mut examined[known_rows..])?;
    watch.lap("labels");
    let map = cosine_map(index, embedder, &vector)?;
    let read = examined.into_iter().map(|examined| {
        let mut examined = examined.read_by(&map);
        // Where there is no vector yet, words say how like a passage is.
        let known = if examined.pending { 0.0 } else { known };
        examined.features = examined.features.of_known(known);
        if known == 0.0 {
            examined.evidence = Evidence::default();
        }
        examined
    });
    let is_bundled = embedder.likeness().is_own() || embedder.has_word_vectors();
    let weights = if is_bundled { Weights::Bundled } else { Weights::WithoutWords };
    let mut fused = fuse(read.collect(), weights);
    if let Some(asked) = asked {
        asked.put_first(&mut fused);
    }
    watch.lap("fuse");
    Ok(Retrieved { fused, unknown: prepared.unknown_words()? })
}

/// A question with its vector, what its words find, and its vectors. A model and the files of words are read at the same
/// time.
fn look_up<'a>(
    index: &'a dyn Store,
    embedder: &dyn Embedder,
    question: &Question,
    wanted: usize,
    watch: &mut Stopwatch,
) -> Result<(Box<dyn Prepared + 'a>, Places, QuestionVectors)> {
    let query = question.query();
    let by_words = || -> Result<_> {
        let prepared = index.question(query, None, &question.filter)?;
        let lexical = places(&prepared.search_words(wanted)?);
        watch.lap("lexical");
        Ok((prepared, lexical))
    };
    let (found, vectors) = threads::both(by_words, || embedder.embed_question(&query.text));
    let vectors = vectors?;
    watch.lap("embed");
    let (mut prepared, lexical) = found?;
    prepared.set_vector(&vectors.vector)?;
    Ok((prepared, lexical, vectors))
}

/// How the cosines of a question's vector are read: by the model's own scale, and by how like the question is to passages
/// of the index in general.
fn cosine_map(index: &dyn Store, embedder: &dyn Embedder, vector: &[f32]) -> Result<CosineMap> {
    let scale = embedder.likeness();
    if scale.is_own() {
        return Ok(CosineMap::SAME);
    }
    let (sample, question) = (index.vectors(&index.sample(SAMPLE)?)?, Direction::new(vector.to_vec()));
    let passages = sample.len();
    let sum: f32 = sample.into_iter().map(|passage| question.cosine(&Direction::new(passage))).sum();
    Ok(scale.of_question(sum / passages.max(1) as f32, passages))
}

/// Compares the words of a question with those of some candidates.
fn match_words(prepared: &dyn Prepared, words: &[QuestionWord], examined: &mut [Examined]) -> Result<()> {
    if words.is_empty() || examined.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row> = examined.iter().map(|examined| examined.row).collect();
    for (examined, matches) in examined.iter_mut().zip(prepared.match_words(words, &rows)?) {
        // A link that leads to it may have said more of it already.
        examined.features.interaction = examined.features.interaction.max(matches.interaction());
        examined.evidence.words = matches;
    }
    Ok(())
}

/// How much of what a question is about the model knows, from 0 to 1: 0 if hardly anything.
fn known(embedder: &dyn Embedder, text: &str) -> f32 {
    const HARDLY: f32 = 0.25;
    let said: Vec<&str> =
        text.split_whitespace().filter(|word| !is_stop_word(&word.to_lowercase())).collect();
    let known = if said.is_empty() { 1.0 } else { embedder.known(&said.join(" ")) };
    if known < HARDLY { 0.0 } else { known }
}

/// Refuses to compare vectors of different models.
///
/// # Errors
///
/// [`Error::Incompatible`] if the index was made with another model.
pub(super) fn check_model(index: &dyn Store, embedder: &dyn Embedder) -> Result<()> {
    let indexed = &index.info().fingerprint;
    let (model, dim) = (embedder.fingerprint().to_owned(), embedder.dim());
    indexed.check(index.dir(), &Fingerprint { model, dim, ..indexed.clone() })
}

/// The place of each row in a list.
fn places(list: &[Candidate]) -> Places {
    list.iter()
        .map(|candidate| candidate.row)
        .zip(ranks(list.iter().map(|candidate| candidate.score)))
        .collect()
}
