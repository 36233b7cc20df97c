//! How an answer looks to clients that speak as OpenAI's do: a text in which `[1]` stands behind what source 1 says, the sources
//! as annotations, and once more as a plain list at the end.
//!
//! `Open WebUI` reads the annotations of a stream from the `delta` of any piece, and numbers sources in the order in which they
//! come; so they are numbered here in the order in which they are cited first.

use qsearch::hit::Hit;
use qsearch::written::Support;
use serde_json::{Value, json};

/// What stands before the question, up to `)`, if it isn't the one that was typed.
pub(super) const ASKED: &str = "(asked: ";
/// What stands behind an answer that may not be one.
pub(super) const DOUBT: &str = "\n\n(The notes may be about something else here.)";
/// What stands above the list of sources.
pub(super) const SOURCES: &str = "\n\nSources:\n";

/// What is written, and what it cites.
#[derive(Debug, Default)]
pub(super) struct Completion {
    /// The ranks of the sources that are cited, in the order of their numbers.
    cited: Vec<u32>,
    /// Where numbers of sources stand in the text, in characters: from, to, and the number.
    marks: Vec<(usize, usize, usize)>,
    /// How long the text is so far, in characters.
    length: usize,
}

/// An address that shows a source, and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// The address.
    pub(super) url: String,
    /// Its path with its lines or its page.
    pub(super) name: String,
    /// The title of its note, if that has one.
    pub(super) title: Option<String>,
}

impl Completion {
    /// Goes on with some text, behind which its sources are named; gives what is to be sent.
    ///
    /// A source keeps the number that it gets when it is cited first. Places are counted in characters, as OpenAI's are.
    pub(super) fn push(&mut self, text: &str, support: Support, ranks: &[u32]) -> String {
        // As everywhere: what is said in other words has a wave.
        let wave = if support == Support::Near { "\u{2248}" } else { "" };
        let mut piece = text.to_owned();
        self.length += text.chars().count();
        for rank in ranks {
            let number = self.number(*rank);
            let mark = format!(" {wave}[{number}]");
            let begins = self.length + 1;
            self.length += mark.chars().count();
            self.marks.push((begins, self.length, number));
            piece.push_str(&mark);
        }
        piece
    }

    /// The number of a source.
    fn number(&mut self, rank: u32) -> usize {
        if let Some(at) = self.cited.iter().position(|known| *known == rank) {
            return at + 1;
        }
        self.cited.push(rank);
        self.cited.len()
    }

    /// The list of sources at the end; nothing if nothing is cited.
    pub(super) fn list(&mut self, hits: &[Hit], show: &dyn Fn(&Hit) -> Shown) -> String {
        let lines = self.sources(hits, show).enumerate().map(|(at, shown)| {
            let title = shown.title.map(|title| format!(" ({title})")).unwrap_or_default();
            format!("[{}] {}{title}\n", at + 1, shown.name)
        });
        let lines: String = lines.collect();
        let list = if lines.is_empty() { lines } else { format!("{SOURCES}{lines}") };
        self.length += list.chars().count();
        list
    }

    /// The sources that are cited, in the order of their numbers.
    fn sources<'a>(
        &'a self,
        hits: &'a [Hit],
        show: &'a dyn Fn(&Hit) -> Shown,
    ) -> impl Iterator<Item = Shown> + 'a {
        self.cited.iter().filter_map(|rank| hits.iter().find(|hit| hit.rank == *rank)).map(show)
    }

    /// The sources as annotations: one for each of them, at the place where it is cited first.
    pub(super) fn annotations(&self, hits: &[Hit], show: &dyn Fn(&Hit) -> Shown) -> Value {
        let annotation = |(at, shown): (usize, Shown)| {
            let place = self.marks.iter().find(|(.., number)| *number == at + 1);
            let (begins, ends) = place.map_or((0, 0), |(begins, ends, _)| (*begins, *ends));
            let title = shown.title.map_or(shown.name.clone(), |title| format!("{title} ({})", shown.name));
            json!({
                "type": "url_citation",
                "url_citation": { "start_index": begins, "end_index": ends, "url": shown.url, "title": title },
            })
        };
        self.sources(hits, show).enumerate().map(annotation).collect()
    }
}

/// The name and the time that all pieces of an answer have.
#[derive(Debug)]
pub(super) struct Label {
    /// Its name.
    pub(super) id: String,
    /// When it was begun, in seconds since 1970.
    pub(super) created: u64,
    /// The model that was asked.
    pub(super) model: String,
}

/// How many tokens there were, as the model counts them that finds passages.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    /// Of the conversation.
    pub(super) prompt: usize,
    /// Of the answer.
    pub(super) completion: usize,
}

impl Usage {
    /// As a document.
    pub(super) fn document(self) -> Value {
        json!({
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
        })
    }
}

impl Label {
    /// The whole answer as one document.
    pub(super) fn whole(&self, content: &str, finish: &str, annotations: &Value, usage: Usage) -> Value {
        json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [{
                "index": 0,
                "message": { "role": "assistant", "content": content, "annotations": annotations },
                "finish_reason": finish,
            }],
            "usage": usage.document(),
        })
    }

    /// A piece of it, as an event.
    pub(super) fn piece(&self, delta: &Value, finish: Option<&str>) -> String {
        event(&json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
        }))
    }

    /// How many tokens there were, as an event; it has no choices.
    pub(super) fn counted(&self, usage: Usage) -> String {
        event(&json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [],
            "usage": usage.document(),
        }))
    }
}

/// A document as an event.
pub(super) fn event(document: &Value) -> String {
    format!("data: {document}\n\n")
}

/// What ends a stream.
pub(super) const DONE: &str = "data: [DONE]\n\n";
