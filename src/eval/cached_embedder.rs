//! An embedder that embeds each question once, however often it is asked. It isn't used where time is measured.

use std::collections::HashMap;
use std::ops::Range;

use rayon::prelude::*;

use super::bench::Bench;
use crate::document::Tokens;
use crate::embed::{Embedder, Embedding, Input, QuestionVectors};
use crate::error::Result;
use crate::likeness::LikenessScale;

/// An embedder with the vectors of some questions.
#[derive(Debug)]
pub(super) struct CachedEmbedder<'a> {
    embedder: &'a dyn Embedder,
    questions: HashMap<&'a str, QuestionVectors>,
}

impl<'a> CachedEmbedder<'a> {
    /// Embeds the questions, on all cores.
    pub(super) fn new(bench: &Bench<'a>, questions: impl Iterator<Item = &'a str>) -> Result<Self> {
        let embedder = bench.embedder;
        let questions: Vec<&str> = questions.collect();
        let embed = |question: &&'a str| {
            bench.go_on()?;
            Ok((*question, embedder.embed_question(question)?))
        };
        Ok(Self { embedder, questions: questions.par_iter().map(embed).collect::<Result<_>>()? })
    }
}

impl Embedder for CachedEmbedder<'_> {
    fn fingerprint(&self) -> &str {
        self.embedder.fingerprint()
    }

    fn dim(&self) -> usize {
        self.embedder.dim()
    }

    fn max_tokens(&self) -> usize {
        self.embedder.max_tokens()
    }

    fn tokens(&self, text: &str) -> Tokens {
        self.embedder.tokens(text)
    }

    fn has_word_vectors(&self) -> bool {
        self.embedder.has_word_vectors()
    }

    fn likeness(&self) -> LikenessScale {
        self.embedder.likeness()
    }

    fn known(&self, text: &str) -> f32 {
        self.embedder.known(text)
    }

    fn fluent(&self, text: &str) -> f32 {
        self.embedder.fluent(text)
    }

    fn embed_passages(&self, passages: &[Input<'_>]) -> Result<Vec<Embedding>> {
        self.embedder.embed_passages(passages)
    }

    fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        match self.questions.get(text) {
            Some(known) => Ok(known.vector.clone()),
            None => self.embedder.embed_query(text),
        }
    }

    fn embed_question(&self, text: &str) -> Result<QuestionVectors> {
        match self.questions.get(text) {
            Some(known) => Ok(known.clone()),
            None => self.embedder.embed_question(text),
        }
    }

    fn words(&self, text: &str) -> Vec<Range<usize>> {
        self.embedder.words(text)
    }
}
