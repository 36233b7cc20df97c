//! Which words of a source say a sentence that a language model wrote?
//!
//! - `support/stream.rs`: the sentences of a text that is still being written.

mod stream;

use std::ops::Range;

use crate::document::Passage;
use crate::error::Result;
use crate::written::Support;
pub use stream::{Piece, Stream};

/// A source that a language model was shown.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The number under which the model was shown it, from 1.
    pub number: u32,
    /// The title of its note.
    pub title: Option<&'a str>,
    /// Its passage.
    pub passage: &'a Passage,
}

/// What a sentence may be taken from: the sentences of sources, and pairs of neighbours.
#[derive(Debug, Default)]
pub struct Grounds {}

/// The words that say a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// How they say it.
    pub support: Support,
    /// Where they stand: the number of a source, from 0 in the order that they were given in, and a range of its passage's
    /// text in bytes. The best first.
    pub places: Vec<(usize, Range<usize>)>,
}

/// Turns texts into unit vectors, in their order.
pub type Embed<'a> = dyn FnMut(&[&str]) -> Result<Vec<Vec<f32>>> + 'a;

impl Grounds {
    /// The grounds that these sources give.
    pub fn of(sources: &[Source<'_>]) -> Self {
        let _ = sources;
        Self {}
    }

    /// Embeds what hasn't been embedded yet, while there is time.
    ///
    /// # Errors
    ///
    /// As `embed`.
    pub fn prepare(&mut self, embed: &mut Embed<'_>) -> Result<()> {
        let _ = embed;
        Ok(())
    }

    /// Finds the words that say a sentence; `hinted` are the numbers of the sources that the model itself names.
    ///
    /// # Errors
    ///
    /// As `embed`.
    pub fn judge(&mut self, piece: &Piece, embed: &mut Embed<'_>) -> Result<Option<Finding>> {
        let _ = (piece, embed);
        Ok(None)
    }

    /// The sentences that can be quoted as they are, with where they stand, each once: what a model is held to choose from.
    pub fn choices(&self) -> Vec<(String, (usize, Range<usize>))> {
        Vec::new()
    }
}
