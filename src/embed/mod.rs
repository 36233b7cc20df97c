//! Texts become vectors: `&str` in, numbers of unit length out, close where the meanings are close.
//!
//! [`ModelSource`] says which model is meant and opens it. [`Encoder`] runs a BERT-family model (all-MiniLM-L6-v2 is bundled) on integer weights that are read in
//! place, so making one costs microseconds. It promises that a text's vector is the same to the bit alone, in
//! any batch, with any number of threads and on any processor.
//!
//! - `tokenizer.rs`, `vocabulary.rs`: text to token numbers.
//! - `model.rs`: the model file; [`convert`] writes it; `prompts.rs`: what models want before a text.
//! - `source.rs`: where models come from; `reranker.rs`: models that read a question with a passage; `onnx/`: those that aren't ours, through fastembed.
//! - `encoder.rs`: the forward pass, made of `steps.rs` and `attention.rs` (arithmetic) and `kernel/`
//!   (instruction sets).

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use self::encoder::{Forward, Workspace};
use self::kernel::Ops;
use self::model::Model;
use self::tokenizer::Tokenizer;
use crate::document::Tokens;
use crate::error::{Error, Result};
use crate::files::{self, Links};

mod vocabulary;
mod tokenizer;
mod model;
mod prompts;
pub mod convert;
mod encoder;
#[expect(clippy::inline_always, reason = "a kernel's steps must be compiled for its instruction set")]
mod attention;
#[expect(clippy::inline_always, reason = "a kernel's steps must be compiled for its instruction set")]
mod steps;
#[expect(clippy::inline_always, reason = "a kernel's steps must be compiled for its instruction set")]
mod kernel;
#[cfg(feature = "fastembed")]
mod onnx;
mod source;
mod reranker;

pub use self::kernel::Kernel;
pub use self::reranker::{Reranker, RerankerSource};
pub use self::source::{
    BUNDLED as BUNDLED_NAME, EXTENSION, Listed, ModelKind, ModelSource, Places, RuntimePlaces, list,
};

/// No model's file is larger.
const MOST_MODEL_BYTES: u64 = 4 << 30;
/// No file beside a model is larger: its settings, its vocabulary.
const MOST_SETTINGS_BYTES: u64 = 256 << 20;
/// Counts up when the same model file starts to give other bits.
const NUMERICS: u32 = 2;
/// Tokens in one block of work: enough to make good use of each weight that is loaded, few enough for the
/// block's rows to stay in the second-level cache.
const BLOCK_TOKENS: usize = 256;
/// Where the special token for what isn't known, and the two around a text, stand among the model's special tokens.
const UNKNOWN: usize = 1;
/// See [`UNKNOWN`].
const CLS: usize = 2;
/// See [`UNKNOWN`].
const SEP: usize = 3;

/// What turns texts into vectors.
pub trait Embedder: Send + Sync + std::fmt::Debug {
    /// Identity of model and numerics: vectors may be compared exactly if their fingerprints are equal.
    fn fingerprint(&self) -> &str;

    /// Numbers in a vector.
    fn dim(&self) -> usize;

    /// The most tokens of a passage that are read, two special tokens included. What the model wants before each
    /// passage is taken off already.
    fn max_tokens(&self) -> usize;

    /// The tokens of `text`, without special tokens and without truncation.
    fn tokens(&self, text: &str) -> Tokens;

    /// The vectors of `passages`, in their order. Of a text that is too long, only the beginning counts.
    ///
    /// # Errors
    ///
    /// Fails if the model is damaged or can't be run.
    fn embed_passages(&self, passages: &[Input<'_>]) -> Result<Vec<Embedding>>;

    /// The unit vector of a question.
    ///
    /// # Errors
    ///
    /// As [`embed_passages`](Self::embed_passages).
    fn embed_query(&self, text: &str) -> Result<Vec<f32>>;
}

/// A text to be embedded.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The text.
    pub text: &'a str,
    /// The numbers of its tokens, as [`Embedder::tokens`] gives them, to spare finding them again; may be empty.
    pub ids: &'a [u32],
    /// Stretches of these tokens that are to have vectors as well; may be empty.
    pub windows: &'a [Range<u32>],
}

/// What a model makes of a passage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Embedding {
    /// The unit vector of the passage.
    pub vector: Vec<f32>,
    /// For each of [`Input::windows`] the sum of its tokens' last states, of any length; zeros where it has no tokens
    /// or they weren't read. Empty if the model doesn't tell its states.
    ///
    /// The tokens have met the rest of their passage before ("late chunking", Günther et al. 2024,
    /// arXiv:2409.04701), so a sentence costs nothing more and knows what it is about.
    pub windows: Vec<Vec<f32>>,
}

impl<'a> From<&'a str> for Input<'a> {
    fn from(text: &'a str) -> Self {
        Self { text, ids: &[], windows: &[] }
    }
}

impl From<Vec<f32>> for Embedding {
    fn from(vector: Vec<f32>) -> Self {
        Self { vector, windows: Vec::new() }
    }
}

/// Starts its content at a cache line, as the model file's arrays expect.
#[repr(C, align(64))]
struct Aligned<T: ?Sized>(T);

/// The bundled model file, in the program's own read-only memory.
static BUNDLED: &Aligned<[u8]> = &Aligned(*include_bytes!("../../models/all-MiniLM-L6-v2.qsm"));

/// A BERT-family encoder.
#[derive(Debug)]
pub struct Encoder {
    model: Model,
    fingerprint: String,
    /// The tokens that stand before a question.
    query_prefix: Vec<u32>,
    /// The tokens that stand before a passage.
    passage_prefix: Vec<u32>,
    ops: &'static Ops,
    /// Buffers that no thread uses at the moment; as many as there were threads at work.
    idle: Mutex<Vec<Workspace>>,
}

impl Encoder {
    /// The encoder of the bundled model, all-MiniLM-L6-v2. Doesn't verify the model's checksum: it is as sound
    /// as the program around it.
    ///
    /// # Errors
    ///
    /// Fails if the program file is damaged.
    pub fn bundled() -> Result<Self> {
        let name = "all-MiniLM-L6-v2";
        Self::new(name, Cow::Borrowed(&BUNDLED.0)).map_err(|error| match error {
            Error::Model { what, .. } => Error::BundledModel { name, what },
            error => error,
        })
    }

    /// The encoder of a model file's content, verified. `name` stands for the file in errors.
    ///
    /// # Errors
    ///
    /// Fails if the content is damaged or isn't a model file.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Self> {
        model::verify(name, &bytes)?;
        Self::new(name, Cow::Owned(bytes))
    }

    /// The encoder of a model file, verified.
    ///
    /// # Errors
    ///
    /// Fails if the file can't be read, is damaged or isn't a model file.
    pub fn from_file(path: &Path) -> Result<Self> {
        let bytes = read(path, MOST_MODEL_BYTES)?;
        Self::from_bytes(&path.display().to_string(), bytes)
    }

    /// An encoder on the fastest kernel.
    fn new(name: &str, bytes: Cow<'static, [u8]>) -> Result<Self> {
        let model = Model::read(name, bytes)?;
        let fingerprint = format!("{}@{}.{NUMERICS}", model.name, model.short_checksum());
        let ops = Kernel::best().ops().unwrap_or(Kernel::PORTABLE);
        let [query_prefix, passage_prefix] = [&model.query_prefix, &model.passage_prefix]
            .map(|prefix| tokenizer(&model).encode(prefix, model.max_tokens));
        // Two special tokens, and one of the text.
        if query_prefix.len().max(passage_prefix.len()) + 3 > model.max_tokens {
            let what = "its prefixes leave no room for a text".into();
            return Err(Error::Model { name: name.into(), what });
        }
        let idle = Mutex::default();
        Ok(Self { model, fingerprint, query_prefix, passage_prefix, ops, idle })
    }

    /// This encoder on another kernel, or nothing if the processor doesn't run it. The vectors stay the same.
    #[must_use]
    pub fn with_kernel(self, kernel: Kernel) -> Option<Self> {
        kernel.ops().map(|ops| Self { ops, ..self })
    }

    /// What cuts texts for this model.
    fn tokenizer(&self) -> Tokenizer<'_> {
        tokenizer(&self.model)
    }

    /// The token numbers of a text after a prefix, between `[CLS]` and `[SEP]`, cut to what the model reads.
    fn ids(&self, prefix: &[u32], input: Input<'_>) -> Vec<u32> {
        let specials = self.model.specials;
        let mut ids = vec![specials[CLS]];
        ids.extend(prefix);
        let limit = self.model.max_tokens - 1 - ids.len();
        if input.ids.is_empty() {
            ids.append(&mut self.tokenizer().encode(input.text, limit));
        } else {
            // Somebody else's numbers may not be in the vocabulary.
            let pieces = self.model.vocabulary().ends.len();
            let known = |id: &u32| if (*id as usize) < pieces { *id } else { specials[UNKNOWN] };
            ids.extend(input.ids.iter().take(limit).map(known));
        }
        ids.push(specials[SEP]);
        ids
    }

    /// The vectors of one block of token sequences, and of windows in each.
    fn block(&self, passages: &[&[u32]], windows: &[Vec<Range<usize>>]) -> Result<Vec<Embedding>> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut work = idle().pop().unwrap_or_default();
        let vectors = Forward { model: &self.model, ops: self.ops }.block(passages, windows, &mut work);
        idle().push(work);
        if vectors.iter().flat_map(|embedding| &embedding.vector).all(|x| x.is_finite()) {
            return Ok(vectors);
        }
        let what = "it gives vectors that aren't finite, so it must be damaged".into();
        Err(Error::Model { name: self.model.name.clone(), what })
    }
}

/// Reads a file of a model, which may come from anywhere.
fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    files::read_at(path, Links::Follow, most).map_err(Error::io("read", path))
}

/// Reads a file beside a model, if it is there.
fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    match read(path, MOST_SETTINGS_BYTES) {
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
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

    fn embed_passages(&self, passages: &[Input<'_>]) -> Result<Vec<Embedding>> {
        let prefix = &self.passage_prefix;
        let ids: Vec<_> = passages.par_iter().map(|passage| self.ids(prefix, *passage)).collect();
        // The longest first, so that no thread starts on a long block while the others have run dry.
        let mut order: Vec<_> = (0..ids.len()).collect();
        order.sort_by_key(|at| Reverse(ids[*at].len()));
        let tokens: usize = ids.iter().map(Vec::len).sum();
        let limit = (tokens / rayon::current_num_threads()).clamp(BLOCK_TOKENS / 4, BLOCK_TOKENS);
        let vectors: Result<Vec<_>> = blocks(&order, limit, |at| ids[at].len())
            .into_par_iter()
            .map(|block| {
                let windows: Vec<_> = block
                    .iter()
                    .map(|&at| windows_in(&ids[at], prefix.len(), passages[at].windows))
                    .collect();
                let passages: Vec<_> = block.iter().map(|at| &ids[*at][..]).collect();
                self.block(&passages, &windows)
            })
            .collect();
        let mut placed: Vec<_> = order.into_iter().zip(vectors?.into_iter().flatten()).collect();
        placed.sort_unstable_by_key(|(at, _)| *at);
        Ok(placed.into_iter().map(|(_, vector)| vector).collect())
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        let ids = self.ids(&self.query_prefix, text.into());
        self.block(&[&ids], &[vec![]]).map(|mut embeddings| embeddings.swap_remove(0).vector)
    }
}

/// What cuts texts for `model`.
fn tokenizer(model: &Model) -> Tokenizer<'_> {
    Tokenizer { vocabulary: model.vocabulary(), specials: model.specials, cased: model.cased }
}

/// Where windows of a text's tokens stand in the sequence that was made of it, as far as they do.
fn windows_in(sequence: &[u32], prefix: usize, windows: &[Range<u32>]) -> Vec<Range<usize>> {
    let place = |at: u32| (1 + prefix + at as usize).min(sequence.len() - 1);
    windows.iter().map(|window| place(window.start)..place(window.end.max(window.start))).collect()
}

/// Cuts `order` into runs of at most `limit` tokens, or of one text.
fn blocks(order: &[usize], limit: usize, len: impl Fn(usize) -> usize) -> Vec<&[usize]> {
    let mut runs = Vec::new();
    let mut rest = order;
    while !rest.is_empty() {
        let mut tokens = 0;
        let fits = rest.iter().take_while(|at| {
            tokens += len(**at);
            tokens <= limit
        });
        let (run, after) = rest.split_at(fits.count().max(1));
        runs.push(run);
        rest = after;
    }
    runs
}

#[cfg(test)]
mod tests;
