//! The vocabulary of a folder, of whichever kind, and the part of it that is kept.

use super::folder::ModelFolder;
use super::options::FoundSetting;
use super::scripts::Writing;
use super::sentence_pieces::SentencePieces;
use super::word_pieces::WordPieces;
use super::writer::ModelWriter;
use crate::embed::model_file::Header;
use crate::error::Result;

/// The vocabulary of a folder.
pub(super) enum SourceVocabulary {
    /// BERT's.
    Words(WordPieces),
    /// XLM-R's.
    Sentences(SentencePieces),
}

impl SourceVocabulary {
    /// The vocabulary in `folder`.
    pub(super) fn read(folder: &ModelFolder) -> Result<Self> {
        match SentencePieces::read(folder)? {
            Some(pieces) => Ok(Self::Sentences(pieces)),
            None => WordPieces::read(folder).map(Self::Words),
        }
    }

    /// How many pieces there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Words(words) => words.pieces.len(),
            Self::Sentences(sentences) => sentences.pieces.len(),
        }
    }

    /// Whether words keep their capitals and accents.
    pub(super) fn cased(&self) -> &FoundSetting<bool> {
        match self {
            Self::Words(words) => &words.cased,
            Self::Sentences(sentences) => &sentences.cased,
        }
    }

    /// Why a text behind this prefix would be read in another way than alone, as a phrase. Word pieces have been looked at
    /// where prefixes are read.
    pub(super) fn refuses(&self, prefix: &str) -> Option<String> {
        let Self::Sentences(sentences) = self else { return None };
        if prefix.is_empty() {
            None
        } else if !prefix.ends_with(char::is_whitespace) {
            Some(format!("its prefix `{}` must end with a blank", prefix.escape_debug()))
        } else if sentences.changes_words() {
            Some("its tokenizer puts no blank before a text, so a text behind a prefix would be read in another way".into())
        } else {
            None
        }
    }

    /// Leaves out the pieces with a letter of a script that none of the languages is written in, and returns the numbers
    /// that the others had; all of them if no language is named.
    ///
    /// A text in these scripts has no piece that was left out in it, so its tokens, and with them its vectors, stay.
    pub(super) fn keep(&mut self, languages: &[Writing]) -> Vec<u32> {
        let all = 0..self.len() as u32;
        if languages.is_empty() {
            return all.collect();
        }
        let is_written = |piece: &str| Writing::have(languages, piece);
        match self {
            Self::Words(words) => words.keep(is_written),
            Self::Sentences(sentences) => sentences.keep(is_written),
        }
    }

    /// Appends the vocabulary's arrays, and says in the header what they are.
    pub(super) fn write(
        &self,
        file: &mut ModelWriter,
        header: &mut Header,
    ) -> std::result::Result<(), String> {
        match self {
            Self::Words(words) => {
                words.write(file, header);
                Ok(())
            }
            Self::Sentences(sentences) => sentences.write(file, header),
        }
    }
}
