//! One request and its reply, as they come from another thread.
//!
//! The thread that speaks to the server may hang; whoever waits here doesn't. Patience, the limit for the whole and the
//! caller's wish to stop are looked after on this side.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::address::Address;

/// How often a caller is asked whether to go on while nothing comes.
const BEAT: Duration = Duration::from_millis(50);
/// How long a whole reply may take.
pub(super) const WHOLE: Duration = Duration::from_mins(30);
/// How many bytes a reply may have.
pub(super) const MOST_BYTES: u64 = 16 << 20;
/// How many bytes of a refusal are read, and for how long.
const REFUSAL: (usize, Duration) = (64 << 10, Duration::from_secs(5));

/// What a caller does with pieces of text.
pub(super) type Take<'a> = &'a mut dyn FnMut(&str) -> ControlFlow<()>;

/// A request. It isn't `Debug`, since its headers may have a key.
#[derive(Clone)]
pub(super) struct Request {
    /// Where it goes.
    pub(super) to: Address,
    /// What is posted, as JSON; `None` for a question.
    pub(super) body: Option<String>,
    /// The headers besides those that every request has.
    pub(super) headers: Vec<(&'static str, String)>,
    /// How long its reply is waited for.
    pub(super) patience: Patience,
}

/// How long a reply is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patience {
    /// Until its first piece.
    pub(super) first: Duration,
    /// From one piece to the next.
    pub(super) next: Duration,
}

impl Patience {
    /// The same for all pieces.
    pub(super) fn of(time: Duration) -> Self {
        Self { first: time, next: time }
    }
}

/// What the thread says.
#[derive(Debug)]
pub(super) enum Part {
    /// The reply begins.
    Head(Head),
    /// Some bytes of it.
    Bytes(Vec<u8>),
    /// It is whole.
    End,
    /// It won't come, or no more of it.
    Failed(Failure),
}

/// What stands before a reply.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    /// The status, such as 200.
    pub(super) status: u16,
    /// The kind of what follows, in lower case and without parameters.
    pub(super) kind: String,
    /// Where it sends to.
    pub(super) location: Option<String>,
    /// `Retry-After`: seconds, or a date.
    pub(super) retry_after: Option<String>,
    /// The server's clock.
    pub(super) date: Option<String>,
}

/// Why no reply comes, or no more of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nobody is there.
    Absent(String),
    /// It didn't come in this time.
    Slow(Duration),
    /// The connection ended in the middle.
    Closed(String),
    /// What came isn't HTTP.
    NotHttp(String),
    /// There was more than anyone would read.
    TooMuch,
    /// The caller had enough.
    Stopped,
}

impl Failure {
    /// The reason as it stands behind a text that broke off.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Absent(why) | Self::Closed(why) | Self::NotHttp(why) => why.clone(),
            Self::Slow(time) => format!("nothing came for {} s", seconds(*time)),
            Self::TooMuch => "it never ends".to_owned(),
            Self::Stopped => "it was stopped".to_owned(),
        }
    }
}

/// Whole seconds, at least one.
pub(super) fn seconds(duration: Duration) -> u64 {
    duration.as_secs_f64().ceil().max(1.0) as u64
}

/// A reply that is on its way.
#[derive(Debug)]
pub(super) struct Transfer {
    parts: Receiver<Part>,
    begun: Instant,
    patience: Patience,
    /// How long the next piece is waited for.
    time: Duration,
    /// Until when the next piece is waited for.
    until: Instant,
}

impl Transfer {
    /// Waits for what a thread sends.
    pub(super) fn new(parts: Receiver<Part>, patience: Patience) -> Self {
        let now = Instant::now();
        Self { parts, begun: now, patience, time: patience.first, until: now + patience.first }
    }

    /// Something came that was worth waiting for, so that the next piece may take its time.
    pub(super) fn goes_on(&mut self) {
        self.time = self.patience.next;
        self.until = Instant::now() + self.time;
    }

    /// Nothing that matters comes any more: waits no longer than this.
    pub(super) fn soon(&mut self, rest: Duration) {
        self.until = self.until.min(Instant::now() + rest);
    }

    /// The beginning of the reply.
    pub(super) fn head(&mut self, take: Take<'_>) -> Result<Head, Failure> {
        match self.part(take)? {
            Part::Head(head) => Ok(head),
            Part::Failed(failure) => Err(failure),
            Part::Bytes(_) | Part::End => Err(Failure::Closed("it closed the connection".to_owned())),
        }
    }

    /// The next bytes; `None` at the end.
    pub(super) fn bytes(&mut self, take: Take<'_>) -> Result<Option<Vec<u8>>, Failure> {
        match self.part(take)? {
            Part::Bytes(bytes) => Ok(Some(bytes)),
            Part::Failed(failure) => Err(failure),
            Part::Head(_) | Part::End => Ok(None),
        }
    }

    /// All that follows, or as much of it as comes in time and is worth reading in a refusal.
    pub(super) fn refusal(&mut self, take: Take<'_>) -> Result<String, Failure> {
        let (most, time) = REFUSAL;
        self.soon(time);
        let mut text = Vec::new();
        while text.len() < most {
            match self.bytes(take) {
                Ok(Some(bytes)) => text.extend(bytes),
                Err(Failure::Stopped) => return Err(Failure::Stopped),
                Ok(None) | Err(_) => break,
            }
        }
        text.truncate(most);
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// All that follows.
    pub(super) fn whole(&mut self, take: Take<'_>) -> Result<String, Failure> {
        let mut text = Vec::new();
        while let Some(bytes) = self.bytes(take)? {
            text.extend(bytes);
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Waits for the next part, and lets the caller stop while it does.
    fn part(&mut self, take: Take<'_>) -> Result<Part, Failure> {
        loop {
            let now = Instant::now();
            if now >= self.until {
                return Err(Failure::Slow(self.time));
            }
            if now - self.begun >= WHOLE {
                return Err(Failure::TooMuch);
            }
            match self.parts.recv_timeout(BEAT.min(self.until - now)) {
                Ok(part) => return Ok(part),
                Err(RecvTimeoutError::Timeout) => {
                    if take("").is_break() {
                        return Err(Failure::Stopped);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::Closed("it closed the connection".to_owned()));
                }
            }
        }
    }
}
