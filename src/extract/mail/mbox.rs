//! Mailboxes: messages, one behind the other, each after a line that begins with `From ` (RFC 4155).

use super::{about, parse, write};
use crate::document::Place;
use crate::extract::{Damaged, Draft};

/// No mailbox has more messages that are read.
const MAX_MESSAGES: u32 = 100_000;

/// No message is longer, in bytes, that is read whole.
const MAX_MESSAGE: usize = 32 << 20;

/// The bit of Mozilla's status that says that a message was deleted, and is there until the mailbox is compacted.
const EXPUNGED: u32 = 8;

/// Reads a mailbox, which may be attached to a message at a depth.
pub(in super::super) fn read(file: &[u8], depth: usize) -> Result<Draft, Damaged> {
    let mut draft = Draft::default();
    let (mut number, mut odd) = (0, 0);
    for message in Messages::new(file) {
        if draft.is_full() {
            break;
        }
        if number == MAX_MESSAGES {
            draft.warn(format!("only its first {MAX_MESSAGES} messages are read"));
            break;
        }
        number += 1;
        let text = unescaped(&message[..message.len().min(MAX_MESSAGE)]);
        let Some(message) = parse(&text) else {
            odd += 1;
            continue;
        };
        let status = message.header_raw("X-Mozilla-Status").map(str::trim);
        if status
            .and_then(|status| u32::from_str_radix(status, 16).ok())
            .is_some_and(|bits| bits & EXPUNGED != 0)
        {
            continue;
        }
        draft.begin(Place::Message { number });
        write(&mut draft, &message, 1, depth);
        if number == 1 {
            // A mailbox of one message is about what that is about.
            about(&mut draft, &message);
        }
    }
    if number != 1 {
        draft.about = crate::document::About::default();
    }
    if draft.text.is_empty() {
        return Err(Damaged("it has no messages".into()));
    }
    if odd > 0 {
        draft.warn(format!("{odd} of its messages have no headers and aren't read"));
    }
    Ok(draft)
}

/// The messages of a mailbox, without the lines between them.
struct Messages<'a> {
    rest: &'a [u8],
}

impl<'a> Messages<'a> {
    /// Begins at the start of a file.
    fn new(file: &'a [u8]) -> Self {
        let file = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
        Self { rest: file.trim_ascii_start() }
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = &'a [u8];

    /// The next message.
    ///
    /// A line begins another only behind an empty one: in the middle of a paragraph it is a sentence.
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let mut start = 0;
        if is_between(line(self.rest)) {
            start = line(self.rest).len();
        }
        let (mut at, mut after_blank) = (start, true);
        while at < self.rest.len() {
            let line = line(&self.rest[at..]);
            if at > start && after_blank && is_between(line) {
                break;
            }
            after_blank = line.trim_ascii().is_empty();
            at += line.len();
        }
        let message = &self.rest[start..at];
        self.rest = &self.rest[at..];
        Some(message)
    }
}

/// The first line, with its end.
fn line(text: &[u8]) -> &[u8] {
    &text[..text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| at + 1)]
}

/// Whether a line begins a message: it says from whom and when. A sentence that begins so says no time.
fn is_between(line: &[u8]) -> bool {
    let is_time = |part: &[u8]| matches!(part, [a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()));
    line.starts_with(b"From ") && line.len() < 400 && line.windows(5).any(is_time)
}

/// A message without the marks before lines that begin with `From `.
fn unescaped(message: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(message.len());
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let marks = line.iter().take_while(|byte| **byte == b'>').count();
        let is_escaped = marks > 0 && line[marks..].starts_with(b"From ");
        text.extend_from_slice(&line[usize::from(is_escaped)..]);
    }
    text
}
