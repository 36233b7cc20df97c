//! Having a model write: one request, its stream, and how it ends.

use std::time::Duration;

use super::events::TooLong;
use super::fault::{Whom, is_page};
use super::model::{Ending, Stop, Task};
use super::reader::{Come, Reader};
use super::transfer::{Failure, Head, Take, Transfer};
use crate::error::{LlmError, Result};

/// How long the end of a stream is waited for once the text has ended.
const REST: Duration = Duration::from_secs(2);

/// How a reply begins.
#[derive(Debug)]
pub(super) enum Begun {
    /// With text.
    Well(Head),
    /// With a refusal, and what it says.
    Refused(Head, String),
    /// The caller had enough.
    Stopped,
}

/// Waits for a reply's beginning.
pub(super) fn begin(transfer: &mut Transfer, whom: &Whom<'_>, take: Take<'_>) -> Result<Begun> {
    let head = match transfer.head(take) {
        Ok(head) => head,
        Err(Failure::Stopped) => return Ok(Begun::Stopped),
        Err(failure) => return Err(whom.failed(failure).into()),
    };
    if (200..300).contains(&head.status) {
        return Ok(Begun::Well(head));
    }
    match transfer.refusal(take) {
        Ok(body) => Ok(Begun::Refused(head, body)),
        Err(_) => Ok(Begun::Stopped),
    }
}

/// The end of a text that the caller didn't want before it began.
pub(super) fn stopped() -> Ending {
    Ending { stop: Stop::Stopped, read: None, written: None, cut: false }
}

/// Reads a stream to its end.
pub(super) fn hear(
    transfer: &mut Transfer,
    head: &Head,
    mut reader: Reader,
    whom: &Whom<'_>,
    take: Take<'_>,
) -> Result<Ending> {
    let mut broken = None;
    while !reader.is_over() {
        match transfer.bytes(take) {
            Ok(Some(bytes)) => match reader.take(&bytes, take) {
                Ok(true) if reader.so_far.stop.is_none() => transfer.goes_on(),
                Ok(_) => {}
                // What stands behind the end doesn't matter.
                Err(TooLong) if reader.is_over() => {}
                Err(TooLong) => {
                    broken = Some(endless_line());
                    break;
                }
            },
            Ok(None) => break,
            Err(failure) => {
                broken = Some(failure);
                break;
            }
        }
        if reader.so_far.stop.is_some() {
            transfer.soon(REST);
        }
    }
    if broken != Some(Failure::Stopped) {
        // What was held back is text.
        let ended = reader.end(take);
        if broken.is_none() && ended.is_err() && !reader.is_over() {
            broken = Some(endless_line());
        }
    }
    ending(reader, head, broken, whom)
}

/// A line that nobody would read.
fn endless_line() -> Failure {
    Failure::NotHttp("a line of more than 1 MiB".to_owned())
}

/// How a stream ended, or why there was none.
fn ending(reader: Reader, head: &Head, broken: Option<Failure>, whom: &Whom<'_>) -> Result<Ending> {
    let so_far = reader.so_far;
    let done = |stop| Ok(Ending { stop, read: so_far.read, written: so_far.written, cut: false });
    if broken == Some(Failure::Stopped) || so_far.stop == Some(Stop::Stopped) {
        return done(Stop::Stopped);
    }
    if let Some(error) = &so_far.error {
        if so_far.come == Come::Gave {
            let why = whom.said(&error.to_string());
            return done(Stop::BrokenOff(if why.is_empty() {
                "an error of the server".to_owned()
            } else {
                why
            }));
        }
        return Err(whom.broke(error).into());
    }
    let begin = String::from_utf8_lossy(&so_far.begin);
    if so_far.come == Come::Nowhere {
        return Err(match broken {
            Some(failure @ Failure::Slow(_)) => whom.failed(failure),
            Some(failure) if begin.trim().is_empty() => whom.failed(failure),
            _ => LlmError::NotAnApi { server: whom.server.to_owned(), what: what_came(head, &begin, whom) },
        }
        .into());
    }
    if so_far.come >= Come::Wrote {
        let stop = match (so_far.stop, broken) {
            (Some(stop), _) => stop,
            (None, Some(failure)) => Stop::BrokenOff(failure.reason()),
            (None, None) if so_far.last => Stop::Done,
            (None, None) => Stop::BrokenOff("it ends in the middle".to_owned()),
        };
        return done(stop);
    }
    let nothing = match (so_far.stop, broken) {
        (None, Some(failure)) => return Err(whom.failed(failure).into()),
        (Some(Stop::BrokenOff(why)), _) => format!("it wrote nothing: {why}"),
        (Some(Stop::Full), _) if so_far.come == Come::Thought => {
            "it thought until it had no tokens left, and wrote nothing".to_owned()
        }
        _ => "it wrote nothing".to_owned(),
    };
    Err(LlmError::Refused { server: whom.server.to_owned(), what: nothing }.into())
}

/// What came instead of a model's text.
fn what_came(head: &Head, begin: &str, whom: &Whom<'_>) -> String {
    if is_page(head, begin) {
        return "a web page".to_owned();
    }
    let shown: String = whom.one_line(begin).chars().take(60).collect();
    if shown.is_empty() { "an empty reply".to_owned() } else { format!("`{shown}`") }
}

/// Whether fewer tokens were read than the messages have words, so that a server left some of them out.
pub(super) fn is_cut(task: &Task, read: Option<u32>) -> bool {
    let words = |text: &str| {
        let words = text.split_whitespace();
        words.filter(|word| word.chars().any(char::is_alphanumeric)).count()
    };
    let words: usize = task.messages.iter().map(|message| words(&message.text)).sum();
    read.is_some_and(|read| (read as usize) < words - words / 10)
}
