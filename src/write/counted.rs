//! Sources whose tokens are counted by the server, where an estimate isn't enough.

use super::prompt;
use super::shown::{FOR_ANSWER, Shown, USUAL_WINDOW, estimate};
use crate::generate::LanguageModel;

/// The share of a window below which tokens are estimated and not counted.
const SURE: f64 = 0.6;

/// Leaves out the worst sources, which stand first, while the server says that they have too many tokens, if it can count them.
pub(super) fn counted(mut shown: Vec<Shown>, asked: &str, llm: &dyn LanguageModel) -> Vec<Shown> {
    let window = llm.window().unwrap_or(USUAL_WINDOW);
    let room = window.saturating_sub(FOR_ANSWER);
    while shown.len() > 1 {
        let messages = prompt::messages(&shown, asked);
        let text: String = messages.iter().map(|message| message.text.as_str()).collect();
        if f64::from(estimate(&text)) < SURE * f64::from(window) {
            break;
        }
        // What stands between messages has tokens as well.
        match llm.count(&text) {
            Some(tokens) if tokens.saturating_add(32) > room => drop(shown.remove(0)),
            _ => break,
        }
    }
    shown
}
