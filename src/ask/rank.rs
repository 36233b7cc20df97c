//! Rankings, to measure the searches: no source is chosen and nothing is answered.

use super::dates;
use super::question::{MOST_SOURCES, Question};
use super::retrieve::{check_model, retrieve};
use super::stopwatch::Stopwatch;
use crate::answer::Terms;
use crate::embed::Embedder;
use crate::error::Result;
use crate::hit::{Candidate, Fused};
use crate::store::Store;

/// A search that ranks passages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Search {
    /// By words alone: BM25.
    Lexical,
    /// By meaning alone: cosine of the vectors.
    Dense,
    /// Both, fused as `ask` does it.
    Hybrid,
}

/// Ranks passages for a question, best first, as one search sees them: before copies are left out and before other
/// passages of a note count for less. Writes nothing.
///
/// Gives `depth` passages or more, if the search finds as many. For [`Search::Hybrid`] they are those of [`pool`].
///
/// # Errors
///
/// As [`ask`](super::ask).
pub fn rank(
    index: &dyn Store,
    embedder: &dyn Embedder,
    question: &Question,
    search: Search,
    depth: usize,
) -> Result<Vec<Candidate>> {
    if search == Search::Hybrid {
        let pool = pool(index, embedder, question, depth)?;
        return Ok(pool.into_iter().map(|Fused { row, score, .. }| Candidate { row, score }).collect());
    }
    check_model(index, embedder)?;
    let query = question.query();
    if Terms::of(&query.text).is_empty() || depth == 0 {
        return Ok(Vec::new());
    }
    let depth = depth.min(index.info().passages as usize);
    if search == Search::Lexical {
        return index.question(query, None, &question.filter)?.search_words(depth);
    }
    let vector = embedder.embed_query(&query.text)?;
    index.question(query, Some(&vector), &question.filter)?.search_vectors(depth)
}

/// The candidates that [`ask`](super::ask) chooses sources from, best first, with all that is known of them.
///
/// Their number is that of `ask` up to a depth of 100, and grows with it up to twice [`MOST_SOURCES`].
///
/// # Errors
///
/// As [`ask`](super::ask).
pub fn pool(
    index: &dyn Store,
    embedder: &dyn Embedder,
    question: &Question,
    depth: usize,
) -> Result<Vec<Fused>> {
    check_model(index, embedder)?;
    if Terms::of(&question.query().text).is_empty() || depth == 0 {
        return Ok(Vec::new());
    }
    // Each search is asked for two passages for each source.
    let mut question = question.clone();
    question.sources = depth.div_ceil(2).min(MOST_SOURCES);
    let mut asked = dates::of_notes(index, &question)?;
    Ok(retrieve(index, embedder, &question, asked.as_mut(), &mut Stopwatch::default())?.fused)
}
