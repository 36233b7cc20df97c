//! The words of a token sequence that say what a text is about; they get vectors.

use std::collections::HashSet;
use std::ops::Range;

use super::wordpiece::{PieceKind, WordPiece};
use crate::word_vector::MOST_WORDS;
use crate::words::is_stop_word;

/// The words among some tokens, as ranges of them: each a piece that starts a word and those that continue it. Stop words,
/// punctuation and special tokens are none, and a word that comes again isn't another one: what it means there is hardly
/// different. At most [`MOST_WORDS`], the first.
pub(super) fn content_words(tokenizer: &WordPiece<'_>, ids: &[u32]) -> Vec<Range<usize>> {
    let continues = |id: &u32| tokenizer.piece(*id).is_some_and(|(kind, _)| kind == PieceKind::Continuation);
    let (mut words, mut known, mut at) = (Vec::new(), HashSet::new(), 0);
    while at < ids.len() && words.len() < MOST_WORDS {
        let end = at + 1 + ids[at + 1..].iter().take_while(|id| continues(id)).count();
        if says_something(tokenizer, &ids[at..end]) && known.insert(&ids[at..end]) {
            words.push(at..end);
        }
        at = end;
    }
    words
}

/// Whether the pieces of a word are those of one that isn't in any text.
fn says_something(tokenizer: &WordPiece<'_>, ids: &[u32]) -> bool {
    if tokenizer.specials.contains(&ids[0]) {
        return false;
    }
    let Some((_, letters)) = tokenizer.piece(ids[0]) else { return false };
    let is_word = letters.chars().any(char::is_alphanumeric);
    is_word && (ids.len() > 1 || !is_stop_word(&letters.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use crate::embed::{Embedder, Encoder};

    fn words(text: &str) -> Vec<&str> {
        Encoder::bundled().unwrap().words(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn words_that_say_something_have_vectors() {
        assert_eq!(words("What is the GIL, and why?"), ["GIL"]);
        assert_eq!(
            words("Rename it: `git mv old_name.rs tokenization` [SEP] é1"),
            ["Rename", "git", "mv", "old", "name", "rs", "tokenization", "é1"]
        );
        assert_eq!(words(" ... --- "), [""; 0]);
        assert_eq!(words("日本 ok"), ["日", "本", "ok"]);
        assert_eq!(words("git git Git, pull git"), ["git", "pull"]);
    }

    #[test]
    fn passages_and_their_texts_have_the_same_words() {
        let encoder = Encoder::bundled().unwrap();
        let long: String = (0..200).fold(String::new(), |text, number| text + &format!("{number} "));
        for text in ["", "Owls eat mice.", "tokenization of `unbelievable` words", &long] {
            let embedding = encoder.embed_passages(&[text.into()]).unwrap().remove(0);
            assert_eq!(embedding.words.len(), encoder.words(text).len(), "{text}");
        }
        assert_eq!(encoder.words(&long).len(), crate::word_vector::MOST_WORDS);
    }

    #[test]
    fn a_word_is_most_like_itself_in_another_text() {
        let encoder = Encoder::bundled().unwrap();
        let question = encoder.embed_question("which bird hunts at night?").unwrap();
        let names: Vec<&str> = question.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(names, ["bird", "hunts", "night"]);
        let text = "The owl is a bird that hunts when it is dark, at night.";
        let passage = encoder.embed_passages(&[text.into()]).unwrap().remove(0);
        let like = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b.signum()).sum::<f32>();
        for word in &question.words {
            let best = (0..passage.words.len())
                .max_by(|&a, &b| {
                    let of = |at: usize| like(&word.vector.0, &passage.words[at].0);
                    of(a).total_cmp(&of(b))
                })
                .unwrap();
            assert_eq!(text[encoder.words(text)[best].clone()], word.text);
        }
    }
}
