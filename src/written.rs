//! The nouns of written answers: what a language model wrote of the sources, sentence by sentence, each with the words of
//! a note that say it.

use std::ops::Range;

use crate::document::{ByteSpan, LineSpan};

/// An answer that a language model wrote, as far as the sources say it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// The sentences that a source says, in the model's order.
    pub sentences: Vec<WrittenSentence>,
    /// How many sentences no source says; they aren't kept.
    pub left_out: u32,
    /// The name of the model, as its server has it.
    pub model: String,
    /// The address of its server, without credentials.
    pub server: String,
    /// Whether the model wrote that the sources don't answer.
    pub declined: bool,
    /// Why the model's text ends before its end; `None` if it doesn't.
    pub broken_off: Option<String>,
}

impl Written {
    /// The text: the sentences with what stands between them.
    pub fn text(&self) -> String {
        self.laid_out(|sentence| sentence.text.clone())
    }

    /// The sentences as `show` has them, with what stands between them.
    pub fn laid_out(&self, show: impl Fn(&WrittenSentence) -> String) -> String {
        let mut text = String::new();
        for sentence in &self.sentences {
            // What is left out may have stood at the beginning.
            let before = if text.is_empty() { sentence.before.trim_start() } else { &sentence.before };
            text.push_str(before);
            text.push_str(&show(sentence));
        }
        text
    }

    /// The [`Hit::rank`](crate::hit::Hit::rank) of each source that is cited, each once, in ascending order.
    pub fn citations(&self) -> Vec<u32> {
        let cited = self.sentences.iter().flat_map(|sentence| &sentence.citations);
        let mut ranks: Vec<u32> = cited.map(|cited| cited.citation).collect();
        ranks.sort_unstable();
        ranks.dedup();
        ranks
    }
}

/// A sentence of a written answer.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenSentence {
    /// What stands before it: a blank, a line end, the mark of a list item or a heading.
    pub before: String,
    /// The sentence, without the model's own citations.
    pub text: String,
    /// How its sources say it.
    pub support: Support,
    /// The words of notes that say it, at least one.
    pub citations: Vec<WrittenCitation>,
}

/// How a source says a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Support {
    /// In other words, maybe: the words are alike, and no number or name is missing. Whether it is the same is for the
    /// reader to see.
    Near,
    /// Nearly word for word.
    Quoted,
}

/// Words of a note that say a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenCitation {
    /// The [`Hit::rank`](crate::hit::Hit::rank) of their source.
    pub citation: u32,
    /// The words.
    pub text: String,
    /// Their place in the text of the source's passage, in bytes.
    pub range: Range<usize>,
    /// Their lines in the note.
    pub lines: LineSpan,
    /// Their place in the file; that of the whole passage if the file doesn't say it any more.
    pub span: ByteSpan,
}
