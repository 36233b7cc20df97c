//! What must hold whatever a language model's server writes.

// Each fuzzer uses one of them.
#![allow(dead_code, clippy::allow_attributes, reason = "a fuzzer uses one target of this file")]

use std::ops::ControlFlow;

use qsearch::error::{Error, LlmError};
use qsearch::generate::{Ending, Task, Wire, recorded};

/// A stream of Ollama's.
pub(crate) fn llm_ollama(data: &[u8]) {
    stream(Wire::Ollama, data);
}

/// A stream as OpenAI writes it.
pub(crate) fn llm_openai(data: &[u8]) {
    stream(Wire::OpenAi, data);
}

/// A stream of Anthropic's.
pub(crate) fn llm_anthropic(data: &[u8]) {
    stream(Wire::Anthropic, data);
}

/// A stream of any bytes says the same wherever they are cut, ends, and says nothing but sentences if those are wanted.
/// The first byte of the data says how it is cut.
fn stream(wire: Wire, data: &[u8]) {
    let (&length, bytes) = data.split_first().unwrap_or((&1, &[]));
    let whole = said(wire, &[bytes], &[]);
    let pieces: Vec<&[u8]> = bytes.chunks(usize::from(length).max(1)).collect();
    assert_eq!(said(wire, &pieces, &[]), whole, "cut into {length} bytes each");
    let begin = whole.0.lines().next().unwrap_or_default().trim();
    let choices = [begin.to_owned(), "Owls hunt at night.".to_owned()];
    let (chosen, _) = said(wire, &pieces, &choices);
    assert_eq!(said(wire, &[bytes], &choices).0, chosen);
    let mut rest = chosen.as_str();
    while !rest.is_empty() {
        let line = choices.iter().find_map(|choice| rest.strip_prefix(choice.as_str())?.strip_prefix('\n'));
        rest = line.unwrap_or_else(|| panic!("nothing but sentences: {chosen:?}"));
    }
}

/// What a stream says, and how it ends.
fn said(wire: Wire, pieces: &[&[u8]], choices: &[String]) -> (String, Result<Ending, LlmError>) {
    let task = Task { messages: Vec::new(), most_tokens: 8, choices: choices.to_vec() };
    let mut text = String::new();
    let ending = recorded(wire, pieces, &task, &mut |piece| {
        text.push_str(piece);
        ControlFlow::Continue(())
    });
    let ending = ending.map_err(|error| match error {
        Error::Llm(error) => error,
        other => panic!("{other}"),
    });
    if let Err(error) = &ending {
        assert!(text.is_empty(), "an error has no text: {text:?}");
        assert!(!error.to_string().contains(|c: char| c.is_control()), "{error:?}");
    }
    (text, ending)
}
