//! Bodies that come piece by piece: the events of an answer. Who sends them hears whether anybody still listens.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body::Frame;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, Sleep, sleep};

/// So many pieces wait to be sent; whoever sends more waits himself.
const MOST_WAITING: usize = 32;
/// How long nothing may be sent: programs between here and the client take silence for an end.
const SILENCE: Duration = Duration::from_secs(15);
/// What is sent where there is nothing to say: a comment.
const HEARTBEAT: &[u8] = b": still there\n\n";

/// The end of a stream at which it is filled.
#[derive(Clone, Debug)]
pub(super) struct Feed(Sender<Bytes>);

impl Feed {
    /// Sends a piece, and waits while too many wait; says whether anybody still listens.
    pub(super) fn send(&self, piece: impl Into<Bytes>) -> bool {
        self.0.blocking_send(piece.into()).is_ok()
    }

    /// Sends a piece that is the last.
    pub(super) async fn end(self, piece: String) {
        // Who has gone doesn't hear it.
        self.0.send(piece.into()).await.unwrap_or_default();
    }

    /// Whether nobody listens any more.
    pub(super) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

/// The end of a stream at which it is read.
struct Stream {
    pieces: Receiver<Bytes>,
    /// When a heartbeat is due.
    heartbeat: Pin<Box<Sleep>>,
}

/// A stream, as the body of an answer. It never stays silent for long.
///
/// When the body is dropped, because the client has gone, whoever feeds it hears that with the next piece, or by
/// [`is_closed`](Feed::is_closed).
pub(super) fn stream() -> (Feed, Body) {
    let (feed, pieces) = channel(MOST_WAITING);
    (Feed(feed), Body::new(Stream { pieces, heartbeat: Box::pin(sleep(SILENCE)) }))
}

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let piece = self.pieces.poll_recv(context);
        let heartbeat = &mut self.heartbeat;
        let next = Instant::now() + SILENCE;
        if let Poll::Ready(piece) = piece {
            heartbeat.as_mut().reset(next);
            return Poll::Ready(piece.map(|bytes| Ok(Frame::data(bytes))));
        }
        if heartbeat.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        heartbeat.as_mut().reset(next);
        // It isn't heard otherwise when the next one is due.
        let _due = heartbeat.as_mut().poll(context);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(HEARTBEAT)))))
    }
}
