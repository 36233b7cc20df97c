//! How connections come: so many at once, each with its time for what it has to say, and all gone when the server ends.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::house::House;
use super::patient::Patient;
use qsearch::sys;

/// So many connections are open at once.
const MOST_CONNECTIONS: usize = 512;
/// How long a connection may take for what stands before a body, and stay silent between two requests.
const HEADER_PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take to agree on keys.
const TLS_PATIENCE: Duration = Duration::from_secs(10);
/// The most headers of a request, and the most bytes that all of them have.
const MOST_HEADERS: usize = 100;
const MOST_HEADER_BYTES: usize = 64 << 10;
/// How long requests that are being answered have once the server is to end.
const LAST_PATIENCE: Duration = Duration::from_millis(1500);
/// How long to wait where the system has no more connections to give.
const PAUSE: Duration = Duration::from_millis(50);
/// What those are told for whom there is no room.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\n\
    content-length: 88\r\nconnection: close\r\n\r\n\
    {\"error\":\"too many connections are open\",\"kind\":\"busy\",\"hint\":\"close some, or ask later\"}\n";

/// How requests get here.
pub(super) struct Door {
    /// Where they come.
    pub(super) listener: TcpListener,
    /// By what they are encrypted, if they are.
    pub(super) tls: Option<TlsAcceptor>,
    /// What answers them.
    pub(super) router: Router,
}

/// Answers requests until a signal asks the program to end.
pub(super) async fn listen(door: Door, house: &Arc<House>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(door.listener)?;
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let (stop, stopped) = watch::channel(false);
    let end = signal()?;
    tokio::pin!(end);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut end => break,
        };
        let Ok((stream, _)) = accepted else {
            // Too many files are open, or whoever came has gone.
            sleep(PAUSE).await;
            continue;
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            tokio::spawn(refuse(stream));
            continue;
        };
        let (router, tls, stopped) = (door.router.clone(), door.tls.clone(), stopped.clone());
        tokio::spawn(async move {
            let _place = place;
            // What is lost with a connection is its client's to tell.
            drop(stream.set_nodelay(true));
            match tls {
                None => converse(stream, router, stopped).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = timeout(TLS_PATIENCE, tls.accept(stream)).await {
                        converse(stream, router, stopped).await;
                    }
                }
            }
        });
    }
    drop(listener);
    house.stopping.store(true, Relaxed);
    stop.send_replace(true);
    // When all places are free, all connections are gone.
    drop(timeout(LAST_PATIENCE, room.acquire_many(MOST_CONNECTIONS as u32)).await);
    Ok(())
}

/// Answers the requests of one connection.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_PATIENCE)
        .max_headers(MOST_HEADERS)
        .max_buf_size(MOST_HEADER_BYTES);
    let service = TowerToHyperService::new(router);
    let connection = builder.serve_connection(TokioIo::new(Patient::new(stream)), service);
    tokio::pin!(connection);
    tokio::select! {
        end = connection.as_mut() => {
            if let Err(error) = end {
                tracing::debug!(%error, "a connection has ended");
            }
            return;
        }
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    drop(connection.await);
}

/// Tells somebody that there is no room.
async fn refuse(mut stream: TcpStream) {
    drop(timeout(PAUSE, stream.write_all(FULL)).await);
}

/// Waits for a signal that asks the program to end.
fn signal() -> io::Result<impl Future<Output = ()>> {
    let (heard, hear) = watch::channel(());
    sys::hear_endings(move || heard.send_replace(()))?;
    Ok(async move {
        let mut hear = hear;
        // An end of the channel would be one of the thread that listens; then nothing can be heard any more.
        if hear.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
