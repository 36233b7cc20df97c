//! What a model thinks before it answers, which nobody is shown.
//!
//! Models that reason write it between tags at the beginning of their text, unless their server takes it out.

/// The tags, without brackets.
const TAGS: [&str; 4] = ["think", "thinking", "thought", "reasoning"];

/// Takes the thoughts out of a text that comes in pieces, and the blanks at its beginning.
#[derive(Debug, Default)]
pub(super) struct Thoughts {
    state: State,
    /// What may be the beginning of a tag.
    held: String,
}

/// Where in the text it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// At the beginning, where thoughts may begin.
    #[default]
    Before,
    /// Inside thoughts that end with this tag.
    Inside(&'static str),
    /// In the text.
    Text,
}

impl Thoughts {
    /// Takes a piece; what of it is text.
    pub(super) fn take(&mut self, piece: &str) -> String {
        if self.state == State::Text {
            return piece.to_owned();
        }
        self.held.push_str(piece);
        loop {
            match self.state {
                State::Text => return std::mem::take(&mut self.held),
                State::Before => {
                    let begun = self.held.trim_start();
                    if let Some((tag, rest)) = opened(begun) {
                        self.state = State::Inside(tag);
                        self.held = rest.to_owned();
                    } else if may_open(begun) {
                        return String::new();
                    } else {
                        self.state = State::Text;
                        self.held = begun.to_owned();
                    }
                }
                State::Inside(tag) => {
                    let close = format!("</{tag}>");
                    if let Some(at) = self.held.find(&close) {
                        self.state = State::Before;
                        self.held = self.held.split_off(at + close.len());
                    } else {
                        let kept = self.held.len().saturating_sub(close.len());
                        let kept = (0..=kept).rev().find(|&at| self.held.is_char_boundary(at)).unwrap_or(0);
                        self.held.drain(..kept);
                        return String::new();
                    }
                }
            }
        }
    }

    /// Nothing comes any more; what was held back and is text after all.
    pub(super) fn end(&mut self) -> String {
        let held = std::mem::take(&mut self.held);
        if self.state == State::Before { held.trim().to_owned() } else { String::new() }
    }

    /// Whether no text has come yet.
    pub(super) fn is_before_text(&self) -> bool {
        self.state != State::Text
    }
}

/// The tag that a text opens, and what follows it.
fn opened(text: &str) -> Option<(&'static str, &str)> {
    let inside = text.strip_prefix('<')?;
    let rest = |tag: &&'static str| inside.strip_prefix(*tag)?.strip_prefix('>').map(|rest| (*tag, rest));
    TAGS.iter().find_map(rest)
}

/// Whether a text may open a tag when more of it comes.
fn may_open(text: &str) -> bool {
    text.is_empty() || TAGS.iter().any(|tag| format!("<{tag}>").starts_with(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(pieces: &[&str]) -> String {
        let mut thoughts = Thoughts::default();
        let mut text: String = pieces.iter().map(|piece| thoughts.take(piece)).collect();
        text.push_str(&thoughts.end());
        text
    }

    #[test]
    fn thoughts_are_left_out() {
        assert_eq!(text(&["<think>\nOwls?\n</think>\n\nThey hunt."]), "They hunt.");
        assert_eq!(text(&["\n<thi", "nk>a</th", "ink><think></think>", " b <think>"]), "b <think>");
        assert_eq!(text(&["<think>never done"]), "");
        assert_eq!(text(&["<", "b>bold</b>"]), "<b>bold</b>");
        assert_eq!(text(&["<thin"]), "<thin");
        assert_eq!(text(&["a < b"]), "a < b");
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_text_is_cut(
            whole in "(<think>|</think>|<thinking>|</thinking>|<|th|é| |\n|x){0,20}",
            cuts in proptest::collection::vec(0_usize..200, 0..10),
        ) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| whole.floor_char_boundary(cut.min(whole.len()))).collect();
            cuts.extend([0, whole.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&str> = cuts.windows(2).map(|cut| &whole[cut[0]..cut[1]]).collect();
            prop_assert_eq!(text(&pieces), text(&[&whole]));
        }
    }
}
