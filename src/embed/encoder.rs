//! The embedder of our own model files: texts become batches of tokens, and these go through the forward pass.

use std::cmp::Reverse;
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::content_words::content_words;
use super::embedder::{Embedder, Embedding, Input, QuestionVectors};
use super::forward::{Forward, Parts, Workspace};
use super::kernel::{Kernel, Ops};
use super::mapped::Bytes;
use super::model::Model;
use super::model_file::verify_first;
use super::prefixes::check_room;
use super::read::{MOST_MODEL_BYTES, map};
use super::special_tokens::{CLS, SEP, UNK};
use super::tokenizer::Tokenizer;
use crate::document::Tokens;
use crate::error::{Error, Result};
use crate::likeness::LikenessScale;
use crate::word_vector::QuestionWord;

/// The version of the arithmetic: it counts up when the same model file gives other bits.
const NUMERICS: u32 = 2;
/// Tokens in one batch: enough to make good use of each weight that is loaded, few enough for the batch's rows to stay
/// in the second-level cache.
const BATCH_TOKENS: usize = 256;

/// Content that starts at a cache line, as the arrays of a model file do.
#[repr(C, align(64))]
struct Aligned<T: ?Sized>(T);

/// The bundled model file, in the program's own read-only memory.
static BUNDLED_FILE: &Aligned<[u8]> = &Aligned(*include_bytes!("../../models/all-MiniLM-L6-v2.qsm"));

/// The embedder that runs a model file of a BERT-family model.
#[derive(Debug)]
pub struct Encoder {
    pub(super) model: Model,
    fingerprint: String,
    /// The tokens that stand before a question.
    pub(super) query_prefix: Vec<u32>,
    /// The tokens that stand before a passage.
    pub(super) passage_prefix: Vec<u32>,
    ops: &'static Ops,
    /// Buffers that no thread uses at the moment.
    idle: Mutex<Vec<Workspace>>,
}

impl Encoder {
    /// The encoder of the bundled model, all-MiniLM-L6-v2. Its checksum isn't verified: it is as sound as the program
    /// around it.
    ///
    /// # Errors
    ///
    /// Fails if the program file is damaged.
    pub fn bundled() -> Result<Self> {
        let name = "all-MiniLM-L6-v2";
        Self::new(name, Bytes::Bundled(&BUNDLED_FILE.0)).map_err(|error| match error {
            Error::Model { what, .. } => Error::BundledModel { name, what },
            error => error,
        })
    }

    /// The encoder of a model file's content. `name` stands for the file in errors.
    ///
    /// # Errors
    ///
    /// Fails if the content is damaged or isn't a model file.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Self> {
        Self::checked(name, Bytes::Read(bytes))
    }

    /// The encoder of a model file, which is mapped. Of what it doesn't need at once, damage is found when it is wanted.
    ///
    /// # Errors
    ///
    /// Fails if the file can't be read, is damaged or isn't a model file.
    pub fn from_file(path: &Path) -> Result<Self> {
        let bytes = map(path, MOST_MODEL_BYTES)?;
        Self::checked(&path.display().to_string(), bytes)
    }

    /// The encoder of a file that may come from anywhere.
    fn checked(name: &str, bytes: Bytes) -> Result<Self> {
        let verified = verify_first(&bytes).unwrap_or(Ok(()));
        verified.map_err(|what| Error::Model { name: name.into(), what })?;
        Self::new(name, bytes)
    }

    /// The encoder of a model file's content, on the fastest kernel. A file of the format's first version isn't verified.
    pub(super) fn new(name: &str, bytes: Bytes) -> Result<Self> {
        let model = Model::read(name, bytes)?;
        let fingerprint = format!("{}@{}.{NUMERICS}", model.name, model.short_checksum());
        let ops = Kernel::best().ops().unwrap_or(Kernel::PORTABLE);
        let [query_prefix, passage_prefix] = [&model.query_prefix, &model.passage_prefix]
            .map(|prefix| model.tokenizer().encode_prefix(prefix, model.max_tokens));
        check_room(name, query_prefix.len().max(passage_prefix.len()), model.max_tokens)?;
        let idle = Mutex::default();
        Ok(Self { model, fingerprint, query_prefix, passage_prefix, ops, idle })
    }

    /// This encoder on another kernel, or nothing if the processor doesn't run it. The vectors stay the same.
    #[must_use]
    pub fn with_kernel(self, kernel: Kernel) -> Option<Self> {
        kernel.ops().map(|ops| Self { ops, ..self })
    }

    /// The tokenizer of this model.
    pub(super) fn tokenizer(&self) -> Tokenizer<'_> {
        self.model.tokenizer()
    }

    /// The token numbers of a text after a prefix, between `[CLS]` and `[SEP]`, cut to what the model reads.
    fn ids(&self, prefix: &[u32], input: Input<'_>) -> Vec<u32> {
        let specials = self.model.specials();
        let mut ids = vec![specials[CLS]];
        ids.extend(prefix);
        let limit = self.model.max_tokens - 1 - ids.len();
        if input.ids.is_empty() {
            ids.append(&mut self.tokenizer().encode(input.text, limit));
        } else {
            // The caller's numbers may not be in the vocabulary.
            let pieces = self.model.header().pieces as usize;
            let checked = |id: &u32| if (*id as usize) < pieces { *id } else { specials[UNK] };
            ids.extend(input.ids.iter().take(limit).map(checked));
        }
        ids.push(specials[SEP]);
        ids
    }

    /// The words of a token sequence that get vectors.
    fn words_in(&self, sequence: &[u32], prefix: usize) -> Vec<Range<usize>> {
        let (Some(_), Tokenizer::WordPiece(tokenizer)) = (&self.model.projection, self.tokenizer()) else {
            return Vec::new();
        };
        let first = 1 + prefix;
        let words = content_words(&tokenizer, &sequence[first..sequence.len() - 1]);
        words.into_iter().map(|word| first + word.start..first + word.end).collect()
    }

    /// Where words of the token sequence of a text stand in the text.
    fn ranges(&self, text: &str, words: &[Range<usize>], prefix: usize) -> Vec<Range<usize>> {
        let first = 1 + prefix;
        let ends = self.tokens(text).ends;
        let end = |at: usize| ends.get(at).map_or(text.len(), |&end| end as usize);
        let range = |word: &Range<usize>| {
            let (start, last) = (word.start - first, word.end - first - 1);
            let before = start.checked_sub(1).map_or(0, end);
            let (range, gap) = (before..end(last).max(before), |c: char| !c.is_alphanumeric());
            let skipped = range.len() - text[range.clone()].trim_start_matches(gap).len();
            range.start + skipped..range.end
        };
        words.iter().map(range).collect()
    }

    /// The vectors of one batch of token sequences, and of parts of each.
    fn embed_batch(&self, passages: &[&[u32]], parts: &[Parts]) -> Result<Vec<Embedding>> {
        self.model.check(passages.iter().copied().flatten())?;
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut work = idle().pop().unwrap_or_default();
        let vectors = Forward { model: &self.model, ops: self.ops }.embed_batch(passages, parts, &mut work);
        idle().push(work);
        if vectors.iter().flat_map(|embedding| &embedding.vector).all(|x| x.is_finite()) {
            return Ok(vectors);
        }
        let what = "it gives vectors that aren't finite, so it must be damaged".into();
        Err(Error::Model { name: self.model.name.clone(), what })
    }
}

impl Embedder for Encoder {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn dim(&self) -> usize {
        self.model.hidden
    }

    fn max_tokens(&self) -> usize {
        self.model.max_tokens - self.passage_prefix.len()
    }

    fn tokens(&self, text: &str) -> Tokens {
        let mut tokens = Tokens::default();
        self.tokenizer().tokens(text, |id, end| {
            tokens.ids.push(id);
            tokens.ends.push(end as u32);
            std::ops::ControlFlow::Continue(())
        });
        tokens
    }

    fn known(&self, text: &str) -> f32 {
        self.tokenizer().known(text)
    }

    fn fluent(&self, text: &str) -> f32 {
        self.tokenizer().fluent(text)
    }

    fn has_word_vectors(&self) -> bool {
        self.model.projection.is_some()
    }

    fn likeness(&self) -> LikenessScale {
        self.model.header().likeness_scale()
    }

    fn embed_passages(&self, passages: &[Input<'_>]) -> Result<Vec<Embedding>> {
        let prefix = &self.passage_prefix;
        let ids: Vec<_> = passages.par_iter().map(|passage| self.ids(prefix, *passage)).collect();
        // The longest first, so that no thread starts on a long batch when the others have nothing left to do.
        let mut order: Vec<_> = (0..ids.len()).collect();
        order.sort_by_key(|at| Reverse(ids[*at].len()));
        let tokens: usize = ids.iter().map(Vec::len).sum();
        let limit = (tokens / rayon::current_num_threads()).clamp(BATCH_TOKENS / 4, BATCH_TOKENS);
        let vectors: Result<Vec<_>> = batches(&order, limit, |at| ids[at].len())
            .into_par_iter()
            .map(|batch| {
                let parts: Vec<_> = batch
                    .iter()
                    .map(|&at| Parts {
                        windows: windows_in(&ids[at], prefix.len(), passages[at].windows),
                        words: self.words_in(&ids[at], prefix.len()),
                    })
                    .collect();
                let passages: Vec<_> = batch.iter().map(|at| &ids[*at][..]).collect();
                self.embed_batch(&passages, &parts)
            })
            .collect();
        let mut placed: Vec<_> = order.into_iter().zip(vectors?.into_iter().flatten()).collect();
        placed.sort_unstable_by_key(|(at, _)| *at);
        Ok(placed.into_iter().map(|(_, vector)| vector).collect())
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        let ids = self.ids(&self.query_prefix, text.into());
        self.embed_batch(&[&ids], &[Parts::default()]).map(|mut embeddings| embeddings.swap_remove(0).vector)
    }

    fn embed_question(&self, text: &str) -> Result<QuestionVectors> {
        let prefix = self.query_prefix.len();
        let ids = self.ids(&self.query_prefix, text.into());
        let words = self.words_in(&ids, prefix);
        let ranges = self.ranges(text, &words, prefix);
        let parts = Parts { windows: Vec::new(), words };
        let embedding = self.embed_batch(&[&ids], &[parts])?.swap_remove(0);
        let words = ranges.into_iter().zip(embedding.words);
        let words =
            words.map(|(range, vector)| QuestionWord { text: text[range].to_owned(), vector }).collect();
        Ok(QuestionVectors { vector: embedding.vector, words })
    }

    fn words(&self, text: &str) -> Vec<Range<usize>> {
        let prefix = self.passage_prefix.len();
        let words = self.words_in(&self.ids(&self.passage_prefix, text.into()), prefix);
        self.ranges(text, &words, prefix)
    }
}

/// Where windows of a text's tokens stand in its token sequence; what was cut off is left out.
fn windows_in(sequence: &[u32], prefix: usize, windows: &[Range<u32>]) -> Vec<Range<usize>> {
    let place = |at: u32| (1 + prefix + at as usize).min(sequence.len() - 1);
    windows.iter().map(|window| place(window.start)..place(window.end.max(window.start))).collect()
}

/// Cuts `order` into batches of at most `limit` tokens, or of one text.
fn batches(order: &[usize], limit: usize, len: impl Fn(usize) -> usize) -> Vec<&[usize]> {
    let mut batches = Vec::new();
    let mut rest = order;
    while !rest.is_empty() {
        let mut tokens = 0;
        let fits = rest.iter().take_while(|at| {
            tokens += len(**at);
            tokens <= limit
        });
        let (batch, after) = rest.split_at(fits.count().max(1));
        batches.push(batch);
        rest = after;
    }
    batches
}

#[cfg(test)]
#[path = "encoder_tests.rs"]
mod tests;
