//! How a source was found and why it stands where it does, for `--json`.

use crate::hit;
use serde::Serialize;

use super::number::rounded;

/// How a passage was found; a place is `null` in the list of a search that didn't find it.
#[derive(Debug, Serialize)]
pub(super) struct Signals {
    /// Cosine similarity of question and passage.
    #[serde(serialize_with = "rounded")]
    dense: f32,
    /// BM25 score.
    #[serde(serialize_with = "rounded")]
    lexical: f32,
    /// The place in the dense list, from 1.
    dense_rank: Option<u32>,
    /// The place in the lexical list, from 1.
    lexical_rank: Option<u32>,
    /// The share of the question's words, IDF-weighted and without stop words, that the passage has.
    #[serde(serialize_with = "rounded")]
    coverage: f32,
    /// What else the order and the score are made of.
    features: Features,
    /// What each of them adds to the sum by which candidates are ordered.
    parts: Parts,
    /// What a reranker made of it; `null` if none has read it.
    rerank: Option<Rerank>,
}

/// What a reranker made of a passage.
#[derive(Debug, Serialize)]
struct Rerank {
    /// The probability that it gives.
    #[serde(serialize_with = "rounded")]
    score: f32,
    /// The place among all candidates before; equals share one.
    rank_before: Option<u32>,
}

/// What else question and passage have to do with each other.
#[derive(Debug, Serialize)]
struct Features {
    /// The greatest cosine of one of the passage's sentences with the question.
    #[serde(serialize_with = "rounded")]
    sentence: f32,
    /// The same together with what stands above: title, headings, question.
    #[serde(serialize_with = "rounded")]
    sentence_in_context: f32,
    /// The cosine of what stands above alone.
    #[serde(serialize_with = "rounded")]
    context: f32,
    /// The mean of the greatest cosine of each word of the question with a word of the passage, weighted by IDF.
    #[serde(serialize_with = "rounded")]
    interaction: f32,
    /// The same share that stands above the text.
    #[serde(serialize_with = "rounded")]
    context_coverage: f32,
    /// The share that the text has.
    #[serde(serialize_with = "rounded")]
    body_coverage: f32,
    /// How nearly the title, the headings or the question have the words of what is asked and no others.
    #[serde(serialize_with = "rounded")]
    label_overlap: f32,
    /// The share of pairs of such words that follow each other in the text, too.
    #[serde(serialize_with = "rounded")]
    adjacency: f32,
    /// How near to each other these words stand, from 0 to 1.
    #[serde(serialize_with = "rounded")]
    proximity: f32,
    /// The IDF of the rarest of these words that the passage doesn't have, as a share of the rarest word's.
    #[serde(serialize_with = "rounded")]
    missing: f32,
}

/// The parts of the sum by which candidates of one question are ordered; only differences mean something.
#[derive(Debug, Serialize)]
struct Parts {
    /// For the greatest of the cosines.
    #[serde(serialize_with = "rounded")]
    likeness: f32,
    /// For the BM25 score, compared with the other candidates'.
    #[serde(serialize_with = "rounded")]
    words: f32,
    /// For `coverage`.
    #[serde(serialize_with = "rounded")]
    coverage: f32,
    /// For `adjacency`.
    #[serde(serialize_with = "rounded")]
    adjacency: f32,
    /// For `context_coverage`.
    #[serde(serialize_with = "rounded")]
    context: f32,
    /// For the likeness of single words.
    #[serde(serialize_with = "rounded")]
    interaction: f32,
    /// All of them together.
    #[serde(serialize_with = "rounded")]
    sum: f32,
    /// How far the best candidate's cosine stands above the fiftieth's; decides what the others count for.
    #[serde(serialize_with = "rounded")]
    contrast: f32,
}

impl Signals {
    /// Describes what is known of a source.
    pub(super) fn new(signals: hit::Signals) -> Self {
        let hit::Signals { dense_rank, lexical_rank, features, parts, fused_rank, rerank, .. } = signals;
        let rerank = rerank.map(|score| Rerank { score, rank_before: fused_rank });
        Self {
            dense: features.dense,
            lexical: features.lexical.score,
            dense_rank,
            lexical_rank,
            coverage: features.lexical.coverage,
            features: Features::new(&features),
            parts: Parts::new(&parts),
            rerank,
        }
    }
}

impl Features {
    fn new(features: &hit::Features) -> Self {
        let words = features.lexical;
        Self {
            sentence: features.sentence,
            sentence_in_context: features.in_context,
            context: features.context,
            interaction: features.interaction,
            context_coverage: words.context_coverage,
            body_coverage: words.body_coverage,
            label_overlap: words.label_overlap,
            adjacency: words.adjacency,
            proximity: words.proximity,
            missing: words.missing,
        }
    }
}

impl Parts {
    fn new(parts: &hit::Parts) -> Self {
        let hit::Parts { likeness, words, coverage, adjacency, context, interaction, contrast } = *parts;
        Self { likeness, words, coverage, adjacency, context, interaction, sum: parts.sum(), contrast }
    }
}
