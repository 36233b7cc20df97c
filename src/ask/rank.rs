//! Candidates in order, for whoever measures the searches: no source is chosen and nothing is answered.

use super::retrieve::{retrieve, select};
use super::{MOST_SOURCES, Question, Stopwatch, check_model};
use crate::answer::Terms;
use crate::embed::Embedder;
use crate::error::Result;
use crate::hit::{Candidate, Fused, Signals};
use crate::store::Snapshot;

/// Which search ranks the passages.
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
/// Gives `depth` passages or more, if the search finds as many. For [`Search::Hybrid`] the pool of candidates is that
/// of `ask` up to a depth of 100, and grows with it up to twice [`MOST_SOURCES`].
///
/// # Errors
///
/// As [`ask`](super::ask).
pub fn rank(
    snapshot: &Snapshot,
    embedder: &dyn Embedder,
    question: &Question,
    search: Search,
    depth: usize,
) -> Result<Vec<Fused>> {
    check_model(snapshot, embedder)?;
    let query = question.query();
    if Terms::of(&query.text).is_empty() || depth == 0 {
        return Ok(Vec::new());
    }
    if search == Search::Hybrid {
        // Each search is asked for two passages per source.
        let question = Question { sources: depth.div_ceil(2).min(MOST_SOURCES), ..question.clone() };
        return Ok(retrieve(snapshot, embedder, &question, &query, &mut Stopwatch::default())?.0);
    }
    let selection = select(snapshot, question, &query)?;
    let depth = depth.min(snapshot.info().passages as usize);
    let found = if search == Search::Lexical {
        snapshot.matching(&query.text, depth, selection.as_ref())?
    } else {
        snapshot.nearest(&embedder.embed_query(&query.text)?, depth, selection.as_ref())?
    };
    Ok((1..).zip(found).map(|(rank, candidate)| alone(search, rank, candidate)).collect())
}

/// What one search found, with its own score.
fn alone(search: Search, rank: u32, Candidate { row, score }: Candidate) -> Fused {
    let signals = match search {
        Search::Lexical => Signals { lexical: Some(score), lexical_rank: Some(rank), ..Signals::default() },
        _ => Signals { dense: Some(score), dense_rank: Some(rank), ..Signals::default() },
    };
    Fused { row, score, signals }
}
