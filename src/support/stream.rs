//! The sentences of a text that is still being written.

/// A sentence, or what is taken for one: a heading, an item of a list, a row of a table, a block of code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// What stands before it in the text: nothing, a blank, line ends, the mark of a list item.
    pub before: String,
    /// The sentence, without the model's own citations.
    pub text: String,
    /// The numbers of the sources that the model itself names for it.
    pub hinted: Vec<u32>,
    /// Whether it is a block of code.
    pub is_code: bool,
}

/// Takes a text as it comes, and gives its sentences as they end.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    rest: String,
}

impl Stream {
    /// Takes the next part of the text, and gives the sentences that have ended with it.
    pub fn push(&mut self, text: &str) -> Vec<Piece> {
        self.rest.push_str(text);
        Vec::new()
    }

    /// The sentences that the end of the text ends.
    pub fn finish(self) -> Vec<Piece> {
        Vec::new()
    }
}
