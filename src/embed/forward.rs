//! The forward pass of BERT: token numbers become unit vectors.
//!
//! Passages are packed into batches, one after the other without padding, and each batch is one unit of parallel work. A
//! passage's tokens meet in attention only, everything else works row by row, and every step keeps one order of
//! arithmetic (see `steps.rs`). So a passage has the same vector in every batch.

use std::ops::Range;

use super::attention::Scratch;
use super::embedder::Embedding;
use super::kernel::Ops;
use super::model::{Layer, Linear, Model, Norm, Pooling};
use super::model_file::PROJECTION;
use super::steps::{Activation, LinearView, Quantized, WideBuffers, grow, sum_of};
use crate::word_vector::{BITS, WordVector};

/// Rows that go through the feed-forward part together, so that its wide middle stays in the cache.
const FEED_ROWS: usize = 48;

/// The buffers of one thread, kept from batch to batch.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// One row per token: the state that layers pass on.
    states: Vec<f32>,
    /// Queries, keys and values.
    projected: Vec<f32>,
    /// The output of attention or feed-forward, which is added to the states.
    update: Vec<f32>,
    /// The wide middle of the feed-forward part.
    middle: Vec<f32>,
    /// The output of the attention heads, side by side.
    attended: Vec<f32>,
    /// The input of the current linear map, quantised.
    quantized: Quantized,
    /// That input and the weights, as the kernel needs them.
    buffers: WideBuffers,
    /// The buffers of attention.
    scratch: Scratch,
    /// The vectors of tokens, if the model has a projection to them.
    tokens: Vec<f32>,
}

/// The parts of a passage that get vectors of their own, as ranges of its tokens.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    /// Windows whose states are summed up.
    pub(super) windows: Vec<Range<usize>>,
    /// Words, which get the projected means of their states.
    pub(super) words: Vec<Range<usize>>,
}

/// A model and the kernel it runs on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forward<'a> {
    /// The weights.
    pub(super) model: &'a Model,
    /// The kernel's steps.
    pub(super) ops: &'static Ops,
}

impl Forward<'_> {
    /// The vectors of `passages`, each given as its tokens' numbers with `[CLS]` and `[SEP]`, at most as many as the
    /// model has positions. `parts` has for each passage the ranges of its tokens that get vectors, too.
    pub(super) fn embed_batch(
        self,
        passages: &[&[u32]],
        parts: &[Parts],
        work: &mut Workspace,
    ) -> Vec<Embedding> {
        self.embed_tokens(passages, work);
        for layer in &self.model.layers {
            self.attention(layer, passages, work);
            self.feed_forward(layer, work);
        }
        self.project(work);
        let hidden = self.model.hidden;
        let (mut states, mut tokens) = (&work.states[..], &work.tokens[..]);
        passages
            .iter()
            .zip(parts)
            .map(|(passage, parts)| {
                let (rows, rest) = states.split_at(passage.len() * hidden);
                states = rest;
                let of = |window: &Range<usize>| &rows[window.start * hidden..window.end * hidden];
                let (projected, rest) = tokens.split_at(tokens.len().min(passage.len() * PROJECTION));
                tokens = rest;
                let of_word =
                    |word: &Range<usize>| projected.get(word.start * PROJECTION..word.end * PROJECTION);
                Embedding {
                    vector: pool(rows, hidden, self.model.pooling),
                    windows: parts.windows.iter().map(|window| sum(of(window), hidden)).collect(),
                    words: parts.words.iter().filter_map(of_word).map(word_vector).collect(),
                }
            })
            .collect()
    }

    /// The vectors of all tokens from their last states.
    fn project(self, work: &mut Workspace) {
        work.tokens.clear();
        let Some(projection) = &self.model.projection else { return };
        let Workspace { states, quantized, buffers, tokens, .. } = work;
        tokens.resize(states.len() / self.model.hidden * PROJECTION, 0.0);
        (self.ops.quantize)(states, &projection.factors, quantized);
        (self.ops.linear)(quantized, self.view(projection), buffers, tokens);
    }

    /// The first states: word and position of each token, normalised.
    fn embed_tokens(self, passages: &[&[u32]], work: &mut Workspace) {
        work.states.clear();
        for passage in passages {
            for (at, id) in passage.iter().enumerate() {
                self.model.push_embedded(*id, at, &mut work.states);
            }
        }
        work.update.clear();
        work.update.resize(work.states.len(), 0.0);
        self.add_normalize(&self.model.embedding_norm, work);
    }

    /// The first half of a layer: attention over the tokens of each passage.
    fn attention(self, layer: &Layer, passages: &[&[u32]], work: &mut Workspace) {
        let hidden = self.model.hidden;
        let tokens = work.states.len() / hidden;
        let Workspace { states, projected, attended, update, quantized, buffers, scratch, .. } = work;
        (self.ops.quantize)(states, &layer.attention_in.factors, quantized);
        let projected = grow(projected, tokens * 3 * hidden);
        (self.ops.linear)(quantized, self.view(&layer.attention_in), buffers, projected);
        let attended = grow(attended, tokens * hidden);
        let mut from = 0;
        for passage in passages {
            let to = from + passage.len();
            let input = &projected[from * 3 * hidden..to * 3 * hidden];
            let output = &mut attended[from * hidden..to * hidden];
            (self.ops.attend)(input, self.model.heads, hidden, scratch, output);
            from = to;
        }
        (self.ops.quantize)(attended, &layer.attention_out.factors, quantized);
        (self.ops.linear)(quantized, self.view(&layer.attention_out), buffers, update);
        self.add_normalize(&layer.attention_norm, work);
    }

    /// The second half of a layer: feed-forward, each token by itself.
    fn feed_forward(self, layer: &Layer, work: &mut Workspace) {
        let (hidden, intermediate) = (self.model.hidden, self.model.intermediate);
        let (widen, narrow) = (self.view(&layer.feed_in), self.view(&layer.feed_out));
        let widen = LinearView { activation: Activation::Gelu, ..widen };
        let Workspace { states, update, middle, quantized, buffers, .. } = work;
        for (states, update) in states.chunks(FEED_ROWS * hidden).zip(update.chunks_mut(FEED_ROWS * hidden)) {
            (self.ops.quantize)(states, &layer.feed_in.factors, quantized);
            let middle = grow(middle, states.len() / hidden * intermediate);
            (self.ops.linear)(quantized, widen, buffers, middle);
            (self.ops.quantize)(middle, &layer.feed_out.factors, quantized);
            (self.ops.linear)(quantized, narrow, buffers, update);
        }
        self.add_normalize(&layer.feed_norm, work);
    }

    /// One of the model's linear maps, without an activation.
    fn view<'a>(self, linear: &'a Linear) -> LinearView<'a>
    where
        Self: 'a,
    {
        LinearView {
            inputs: linear.factors.len(),
            weights: self.model.weights(linear),
            scales: &linear.scales,
            biases: &linear.biases,
            sums: &linear.sums,
            activation: Activation::Identity,
        }
    }

    /// Adds the update to the states and normalises them.
    fn add_normalize(self, norm: &Norm, work: &mut Workspace) {
        (self.ops.add_normalize)(&mut work.states, &work.update, norm, self.model.epsilon);
    }
}

/// The unit vector of a passage from its token states; not finite if they aren't.
fn pool(rows: &[f32], hidden: usize, pooling: Pooling) -> Vec<f32> {
    let mut vector = match pooling {
        Pooling::Mean => sum(rows, hidden),
        Pooling::Cls => rows[..hidden].to_vec(),
    };
    // The mean differs from the sum by a factor only, which normalising removes.
    let length = sum_of(&vector, |x| x * x).sqrt();
    for x in &mut vector {
        *x /= length;
    }
    vector
}

/// The vector of a word from those of its tokens: their sum, for the length means nothing.
fn word_vector(tokens: &[f32]) -> WordVector {
    let mut vector = WordVector([0.0; BITS]);
    for token in tokens.chunks_exact(PROJECTION) {
        for (sum, number) in vector.0.iter_mut().zip(token) {
            *sum += number;
        }
    }
    vector
}

/// The sum of token states; zeros for none.
fn sum(rows: &[f32], hidden: usize) -> Vec<f32> {
    let mut rows = rows.chunks_exact(hidden);
    let mut vector = rows.next().map_or_else(|| vec![0.0; hidden], <[f32]>::to_vec);
    for row in rows {
        for (sum, x) in vector.iter_mut().zip(row) {
            *sum += x;
        }
    }
    vector
}
