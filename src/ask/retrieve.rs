//! Candidates for a question: what both searches find, and all that is known of each.

use std::collections::{BTreeMap, HashMap};

use super::{MOST_SOURCES, Question, Stopwatch};
use crate::embed::Embedder;
use crate::error::Result;
use crate::fuse::fuse;
use crate::hit::{Candidate, Evidence, Features, Found, Fused, Row, ranks};
use crate::query::Query;
use crate::store::{Filter, Selection, Snapshot};

/// How many passages each search contributes to the fusion.
const CANDIDATES: usize = 100;

/// Both searches and their fusion, and what the sentences of each candidate have to do with the question.
pub(super) fn retrieve(
    snapshot: &Snapshot,
    embedder: &dyn Embedder,
    question: &Question,
    query: &Query,
    watch: &mut Stopwatch,
) -> Result<(Vec<Fused>, HashMap<Row, Evidence>)> {
    let selection = select(snapshot, question, query)?;
    watch.lap("filter");
    let vector = embedder.embed_query(&query.text)?;
    watch.lap("embed");
    let wanted =
        CANDIDATES.max(2 * question.sources.min(MOST_SOURCES)).min(snapshot.info().passages as usize);
    let dense = snapshot.nearest(&vector, wanted, selection.as_ref())?;
    watch.lap("dense");
    let lexical = snapshot.matching(&query.text, wanted, selection.as_ref())?;
    watch.lap("lexical");
    let (found, evidence) = look_at(snapshot, &query.text, &vector, [&dense, &lexical])?;
    watch.lap("features");
    let fused = fuse(&found);
    watch.lap("fuse");
    Ok((fused, evidence))
}

/// The passages that a question may find; `None` if all.
pub(super) fn select(snapshot: &Snapshot, question: &Question, query: &Query) -> Result<Option<Selection>> {
    let Question { paths, tags, since, before, .. } = question.clone();
    let filter = Filter { paths, tags, since, before };
    snapshot.select_for(query, &filter)
}

/// Looks at each passage that either search has found, `[dense, lexical]`, whichever of them it was.
fn look_at(
    snapshot: &Snapshot,
    text: &str,
    vector: &[f32],
    [dense, lexical]: [&[Candidate]; 2],
) -> Result<(Vec<Found>, HashMap<Row, Evidence>)> {
    let (by_dense, by_words) = (places(dense), places(lexical));
    let mut rows: Vec<Row> = by_dense.keys().chain(by_words.keys()).copied().collect();
    rows.sort_unstable();
    rows.dedup();
    let cosines = snapshot.scores(vector, &rows)?;
    let words = snapshot.features(text, &rows)?;
    let evidence = snapshot.evidence(vector, &rows)?;
    let known = rows.iter().zip(cosines).zip(words).zip(&evidence);
    let found = known.map(|(((&row, dense), lexical), evidence)| {
        let (sentence, in_context) = evidence.best().unwrap_or((dense, dense));
        Found {
            row,
            dense_rank: by_dense.get(&row).copied(),
            lexical_rank: by_words.get(&row).copied(),
            features: Features { dense, sentence, in_context, context: evidence.context, lexical },
        }
    });
    Ok((found.collect(), rows.iter().copied().zip(evidence).collect()))
}

/// The place of each row in a list.
fn places(list: &[Candidate]) -> BTreeMap<Row, u32> {
    list.iter()
        .map(|candidate| candidate.row)
        .zip(ranks(list.iter().map(|candidate| candidate.score)))
        .collect()
}
