//! A connection to PostgreSQL, for who waits for each answer.
//!
//! Its messages are carried by a task on a runtime of its own, which runs while a call is waited for and at no other time.
//! So several questions can be on their way at once, a copy can go on while the server talks, and a connection that is
//! lost in the middle ends the call at once. What the server says between calls is heard at the next.
//!
//! No call takes for ever: a server ends a statement after the address's `statement_timeout`, and if it doesn't, the call ends
//! a little later and the connection is closed.
//!
//! Nothing is prepared under a name but copies, since a pooler may give each transaction another session: statements go
//! with their parameters' types in one message, and a copy belongs into a transaction.

use std::io::Cursor;
use std::panic::resume_unwind;
use std::pin::pin;
use std::thread;
use std::time::Duration;

use futures_util::SinkExt;
use futures_util::future::join_all;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::yield_now;
use tokio::time::timeout;
use tokio_postgres::error::Severity;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{CancelToken, Client, Error, Row, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{DatabaseError, plain};

use super::address::Address;
use super::finder::{Driver, FAREWELL, Found, Purpose, Server, cause, find};
use super::tls;

/// How much longer than the server a call waits, so that it is the server that ends a statement.
const LONGER: Duration = Duration::from_secs(5);

/// How long a server may take to hear that a statement isn't wanted any more.
const CANCELLING: Duration = Duration::from_secs(3);

/// A parameter of a statement, with its type.
pub(crate) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// The rows of a statement as text; nulls are `None`.
pub(crate) type Table = Vec<Vec<Option<String>>>;

/// A statement with its parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a> {
    /// The statement, one alone.
    pub(crate) sql: &'a str,
    /// Its parameters: `$1` and so on.
    pub(crate) parameters: &'a [Parameter<'a>],
}

/// A connection to a server. Its calls wait, so they may not be made in an async task.
pub(crate) struct Connection {
    link: Option<Link>,
    server: Server,
    shown: String,
    purpose: Purpose,
    /// What ends a statement that takes too long.
    token: CancelToken,
    tls: MakeRustlsConnect,
    /// How long a statement may take outside of transactions; `None` is as long as it takes.
    usual: Option<Duration>,
    /// How long a statement may take now.
    limit: Option<Duration>,
    in_transaction: bool,
    trips: u64,
}

/// What there is while the connection is.
struct Link {
    runtime: Runtime,
    client: Client,
    driver: Driver,
}

/// Why a call ended without an answer.
enum Stop {
    /// It took too long.
    Slow,
    /// The client or the server says so.
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Connection {
    /// Connects to the first server of an address that is of the right kind.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub(crate) fn open(address: &Address, purpose: Purpose) -> Result<Self, DatabaseError> {
        let address = match purpose {
            Purpose::Reading => address.clone(),
            Purpose::Writing => address.for_writing(),
        };
        let shown = address.shown().to_owned();
        let tls = tls::connector(&address)?;
        let runtime = runtime(&shown)?;
        let found = match apart(|| runtime.block_on(find(&address, &tls))) {
            Ok(found) => found,
            Err(error) => {
                // A name may still be looked for.
                runtime.shutdown_background();
                return Err(with_warnings(error, address.warnings()));
            }
        };
        let Found { client, driver, server } = found;
        let token = client.cancel_token();
        let usual = Some(address.statement_timeout());
        Ok(Self {
            link: Some(Link { runtime, client, driver }),
            server,
            shown,
            purpose,
            token,
            tls,
            usual,
            limit: usual,
            in_transaction: false,
            trips: 1,
        })
    }

    /// The server at the other end.
    #[cfg(all(test, feature = "live-postgres"))]
    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// How messages name the address.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    #[cfg(all(test, feature = "live-postgres"))]
    /// How many times something was sent and an answer waited for, the first question at its beginning included.
    pub(crate) fn trips(&self) -> u64 {
        self.trips
    }

    /// Whether nothing more can be asked on it.
    pub(crate) fn is_closed(&self) -> bool {
        self.link.as_ref().is_none_or(|link| link.client.is_closed())
    }

    /// Runs statements without parameters, separated by semicolons, in one round trip. Outside of a transaction all of them
    /// are one. Each gives its rows as text.
    ///
    /// # Errors
    ///
    /// What the server refuses.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<Vec<Table>, DatabaseError> {
        let messages = self.call(1, async |client| Ok(client.simple_query(sql).await?))?;
        Ok(tables(messages))
    }

    /// Asks for rows in one round trip.
    ///
    /// No column may be of a type that an extension or a user made: the client would ask the server about the type while the
    /// answer waits to be read, and both would wait until the call's end. So such columns are read as bytes (`halfvec_send(v)`)
    /// or text, and parameters, whose types have no constant here, are cast (`$1::text::halfvec`).
    ///
    /// # Errors
    ///
    /// What the server refuses.
    pub(crate) fn query(
        &mut self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, DatabaseError> {
        self.call(1, async |client| Ok(client.query_typed(sql, parameters).await?))
    }

    /// Runs a statement in one round trip, and says how many rows it was about. As with [`query`](Self::query), no parameter
    /// may be of a type that an extension made.
    ///
    /// # Errors
    ///
    /// What the server refuses.
    pub(crate) fn execute(&mut self, sql: &str, parameters: &[Parameter<'_>]) -> Result<u64, DatabaseError> {
        self.call(1, async |client| Ok(client.execute_typed(sql, parameters).await?))
    }

    /// Asks several things in one round trip, in their order. Outside of a transaction each is one of its own; within one
    /// those after a refused one are refused, too. What [`query`](Self::query) says of types is so here.
    ///
    /// # Errors
    ///
    /// The first thing that the server refuses, after all were answered.
    pub(crate) fn together(&mut self, queries: &[Query<'_>]) -> Result<Vec<Vec<Row>>, DatabaseError> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        self.call(1, async |client| {
            // Each is sent when it is first polled, and all are before an answer is waited for.
            let asked = queries.iter().map(|query| client.query_typed(query.sql, query.parameters));
            let answers: Result<_, Error> = join_all(asked).await.into_iter().collect();
            Ok(answers?)
        })
    }

    /// Sends what `copy … from stdin` takes, and says how many rows that were. A chunk may end anywhere. It takes three round
    /// trips, and belongs into a transaction: it is prepared first, and a pooler could give it another session then.
    ///
    /// No step of it may take longer than a call, making a chunk apart; but the server's `statement_timeout` counts all of it.
    ///
    /// # Errors
    ///
    /// What the server refuses. The connection is closed then, too: the client ends a copy twice, and whether the server
    /// answers twice depends on when it was refused, so that the next call could get an answer that isn't its own
    /// (<https://github.com/rust-postgres/rust-postgres/issues/789>).
    pub(crate) fn copy_in(
        &mut self,
        sql: &str,
        chunks: impl Iterator<Item = Vec<u8>> + Send,
    ) -> Result<u64, DatabaseError> {
        let most = self.most();
        let copied = self.unbounded(3, async |client| {
            let mut sink = pin!(within(most, client.copy_in::<_, Cursor<Vec<u8>>>(sql)).await?);
            for chunk in chunks {
                within(most, sink.feed(Cursor::new(chunk))).await?;
            }
            within(most, sink.finish()).await
        });
        if copied.is_err() {
            self.close();
        }
        copied
    }

    /// Begins a transaction: for reading, one that sees the same throughout and can't change anything.
    ///
    /// # Errors
    ///
    /// What the server refuses.
    pub(crate) fn begin(&mut self) -> Result<(), DatabaseError> {
        let sql = self.beginning();
        self.batch(&sql)?;
        self.in_transaction = true;
        Ok(())
    }

    /// The statements that [`begin`](Self::begin) sends, to be sent with others.
    pub(crate) fn beginning(&self) -> String {
        let begin = match self.purpose {
            Purpose::Reading => "begin isolation level repeatable read read only",
            Purpose::Writing => "begin",
        };
        if self.server.pooled {
            format!("{begin}; set local statement_timeout = {}", milliseconds(self.usual))
        } else {
            begin.to_owned()
        }
    }

    /// Ends a transaction, and keeps what it did.
    ///
    /// # Errors
    ///
    /// What the server refuses; also that the transaction had failed before, so that nothing is kept.
    pub(crate) fn commit(&mut self) -> Result<(), DatabaseError> {
        // A server undoes a failed transaction that is to be kept, and the client doesn't tell. Anything else it refuses then.
        let kept = self.end_transaction("select 1; commit");
        if kept.is_err() && !self.is_closed() {
            self.rollback()?;
        }
        kept
    }

    /// Ends a transaction, and undoes what it did.
    ///
    /// # Errors
    ///
    /// What the server refuses.
    pub(crate) fn rollback(&mut self) -> Result<(), DatabaseError> {
        self.end_transaction("rollback")
    }

    /// Lets each statement take so many seconds, or as long as it takes: in a transaction that [`begin`](Self::begin) began
    /// until its end, else from now on.
    ///
    /// # Errors
    ///
    /// What the server refuses.
    pub(crate) fn limit(&mut self, seconds: Option<u64>) -> Result<(), DatabaseError> {
        let limit = seconds.map(Duration::from_secs);
        let set = format!("statement_timeout = {}", milliseconds(limit));
        if self.in_transaction {
            self.batch(&format!("set local {set}"))?;
        } else {
            // Behind a pooler, it would be set for whoever gets the session next.
            if !self.server.pooled {
                self.batch(&format!("set {set}"))?;
            }
            self.usual = limit;
        }
        self.limit = limit;
        Ok(())
    }

    /// Ends a transaction.
    fn end_transaction(&mut self, sql: &str) -> Result<(), DatabaseError> {
        let ended = self.batch(sql);
        if self.in_transaction {
            self.in_transaction = false;
            self.limit = self.usual;
        }
        ended.map(|_| ())
    }

    /// How long a call may take.
    fn most(&self) -> Option<Duration> {
        self.limit.map(|limit| limit + LONGER)
    }

    /// Makes a call that takes so many round trips, and ends it in time.
    fn call<T: Send>(
        &mut self,
        trips: u64,
        work: impl AsyncFnOnce(&Client) -> Result<T, Stop> + Send,
    ) -> Result<T, DatabaseError> {
        let most = self.most();
        self.unbounded(trips, async |client| match most {
            Some(most) => timeout(most, work(client)).await.unwrap_or(Err(Stop::Slow)),
            None => work(client).await,
        })
    }

    /// Makes a call that ends in time by itself.
    fn unbounded<T: Send>(
        &mut self,
        trips: u64,
        work: impl AsyncFnOnce(&Client) -> Result<T, Stop> + Send,
    ) -> Result<T, DatabaseError> {
        let Some(link) = &self.link else { return Err(self.gone()) };
        self.trips += trips;
        let (runtime, client) = (&link.runtime, &link.client);
        let answer = apart(|| {
            runtime.block_on(async {
                // What came meanwhile is read first: if it is that the server ends the session, whatever is sent then makes
                // the system forget the message, and only that the connection is gone would be known.
                yield_now().await;
                work(client).await
            })
        });
        match answer {
            Ok(answer) => Ok(answer),
            Err(Stop::Slow) => {
                // If it can't be asked, closing the connection ends it, too.
                let (token, tls) = (&self.token, self.tls.clone());
                let cancelled = async { timeout(CANCELLING, token.cancel_query(tls)).await };
                let _ = apart(|| runtime.block_on(cancelled));
                self.close();
                Err(DatabaseError::Slow {
                    server: self.shown.clone(),
                    seconds: self.limit.map(|limit| limit.as_secs()),
                })
            }
            Err(Stop::Error(error)) => Err(self.failed(error)),
        }
    }

    /// What an error means; the connection is closed if it is gone.
    fn failed(&mut self, error: Error) -> DatabaseError {
        let is_fatal = error
            .as_db_error()
            .is_some_and(|said| matches!(said.parsed_severity(), Some(Severity::Fatal | Severity::Panic)));
        let error = match self.link.take() {
            Some(Link { runtime, driver, .. }) if error.is_closed() => {
                let error = apart(|| runtime.block_on(cause(driver, error)));
                runtime.shutdown_background();
                error
            }
            link => {
                self.link = link;
                error
            }
        };
        let meaning = DatabaseError::of(&self.shown, &error);
        if is_fatal || matches!(meaning, DatabaseError::Lost { .. } | DatabaseError::NotPostgres { .. }) {
            self.close();
        }
        match meaning {
            DatabaseError::Slow { server, .. } => {
                DatabaseError::Slow { server, seconds: self.limit.map(|limit| limit.as_secs()) }
            }
            other => other,
        }
    }

    /// What is said of a connection that was closed before.
    fn gone(&self) -> DatabaseError {
        DatabaseError::Lost { server: self.shown.clone(), why: "it was closed before".to_owned() }
    }

    /// Closes the connection, taking leave of the server if that goes fast.
    fn close(&mut self) {
        let Some(Link { runtime, client, driver }) = self.link.take() else { return };
        drop(client);
        // Within another runtime, nothing may be waited for. The server hears that the connection is gone, then.
        if Handle::try_current().is_err() {
            let _ = runtime.block_on(async { timeout(FAREWELL, driver).await });
        }
        runtime.shutdown_background();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("shown", &self.shown)
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("closed", &self.client.is_closed()).finish_non_exhaustive()
    }
}

/// A limit as the server has it: none is 0.
fn milliseconds(limit: Option<Duration>) -> u64 {
    // As much as the setting can be.
    const MOST: u64 = i32::MAX as u64;
    limit.map_or(0, |limit| u64::try_from(limit.as_millis()).map_or(MOST, |most| most.clamp(1, MOST)))
}

/// Waits for something, but not longer than so.
async fn within<T>(most: Option<Duration>, work: impl Future<Output = Result<T, Error>>) -> Result<T, Stop> {
    match most {
        Some(most) => timeout(most, work).await.map_or(Err(Stop::Slow), |done| Ok(done?)),
        None => Ok(work.await?),
    }
}

/// The rows of each statement.
fn tables(messages: Vec<SimpleQueryMessage>) -> Vec<Table> {
    let mut tables = Vec::new();
    let mut rows = Table::new();
    for message in messages {
        match message {
            SimpleQueryMessage::Row(row) => {
                let value = |column| row.try_get(column).ok().flatten().map(str::to_owned);
                rows.push((0..row.len()).map(value).collect());
            }
            SimpleQueryMessage::CommandComplete(_) => tables.push(std::mem::take(&mut rows)),
            _ => {}
        }
    }
    tables
}

/// An error for want of a password, with the reason why a file of passwords wasn't used.
fn with_warnings(error: DatabaseError, warnings: &[String]) -> DatabaseError {
    match error {
        DatabaseError::Password { server, why, given: false } if !warnings.is_empty() => {
            DatabaseError::Password { server, why: format!("{why}; {}", warnings.join("; ")), given: false }
        }
        error => error,
    }
}

/// Does something on a thread of its own, where this one is driven by a runtime already: none may be driven within another.
fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if Handle::try_current().is_err() {
        return work();
    }
    thread::scope(|scope| scope.spawn(work).join().unwrap_or_else(|panic| resume_unwind(panic)))
}

/// A runtime for one thread.
fn runtime(shown: &str) -> Result<Runtime, DatabaseError> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| DatabaseError::Refused { server: shown.to_owned(), why: plain(&error) })
}
