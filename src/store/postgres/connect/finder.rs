//! Which of an address's servers is taken, and how it is reached.
//!
//! Hosts are tried in their order, each for so long as the address allows, whatever takes the time: its name, its port, TLS,
//! its password, or its first answer. One that can't be reached is passed over; one that refuses the user ends the search,
//! since the others would, too.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::net::lookup_host;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::config::{ChannelBinding, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{DatabaseError, plain};

use super::address::Address;
use super::fault::of_stranger;
use super::host::{Host, Place};
use super::parameters::{Binding, Security, Wanted};

/// After how long without a word a host is asked whether it is still there.
const IDLE: Duration = Duration::from_secs(30);
/// How often, and after how long each, it is asked again.
const PROBES: (u32, Duration) = (3, Duration::from_secs(10));
/// What is asked first of all.
const GREETING: &str = "select current_setting('server_version_num'), pg_is_in_recovery(), \
    current_setting('transaction_read_only'), extract(epoch from current_setting('statement_timeout')::interval)";
/// How long the end of a connection is waited for, to hear its reason or to take leave.
pub(super) const FAREWELL: Duration = Duration::from_millis(200);

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Looking things up: any server does that the address allows.
    Reading,
    /// Changing things: the server must take changes.
    Writing,
}

/// The server at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// Its version as one number: 150013 is 15.13.
    pub(crate) version: u32,
    /// Whether it follows another one.
    pub(crate) standby: bool,
    /// Whether it takes no changes.
    pub(crate) read_only: bool,
    /// Whether something stands before it that hands out its sessions, so that settings of a session don't last.
    pub(crate) pooled: bool,
    /// How an address names its host.
    pub(crate) host: String,
}

/// What carries a connection's messages; it ends when the connection does.
pub(super) type Driver = JoinHandle<Result<(), Error>>;

/// An open connection.
pub(super) struct Found {
    pub(super) client: Client,
    pub(super) driver: Driver,
    pub(super) server: Server,
}

/// Looks for a server of an address.
pub(super) async fn find(address: &Address, tls: &MakeRustlsConnect) -> Result<Found, DatabaseError> {
    let seconds = address.connect_timeout();
    let mut errors = Vec::new();
    let mut other = None;
    for host in &address.hosts {
        let tried = timeout(seconds, reach(address, host, tls)).await.unwrap_or_else(|_| {
            Err(DatabaseError::NoAnswer {
                server: address.shown().to_owned(),
                seconds: Some(seconds.as_secs()),
            })
        });
        match tried {
            Ok(found) if suits(&found.server, address.wanted) => return Ok(found),
            Ok(found) => other = other.or(Some(found)),
            Err(error) if is_final(&error) => return Err(error),
            Err(error) => errors.push(error),
        }
    }
    match (other, wanting(address.wanted)) {
        // None of them is a standby, so that the first that answered will do.
        (Some(found), None) => Ok(found),
        (Some(_), Some(wanted)) => {
            Err(DatabaseError::Unwritable { server: address.shown().to_owned(), wanted })
        }
        (None, _) => Err(most_telling(errors, address)),
    }
}

/// Whether a server is of the wanted kind.
fn suits(server: &Server, wanted: Wanted) -> bool {
    match wanted {
        Wanted::Any => true,
        Wanted::ReadWrite => !server.read_only && !server.standby,
        Wanted::ReadOnly => server.read_only || server.standby,
        Wanted::Primary => !server.standby,
        Wanted::Standby | Wanted::PreferStandby => server.standby,
    }
}

/// What a server must do or be, as a verb; `None` if any will do in the end.
fn wanting(wanted: Wanted) -> Option<&'static str> {
    match wanted {
        Wanted::Any | Wanted::PreferStandby => None,
        Wanted::ReadWrite => Some("takes changes"),
        Wanted::ReadOnly => Some("is read-only"),
        Wanted::Primary => Some("is a primary"),
        Wanted::Standby => Some("is a standby"),
    }
}

/// Whether other hosts aren't tried after an error.
fn is_final(error: &DatabaseError) -> bool {
    !matches!(
        error,
        DatabaseError::Refused { .. }
            | DatabaseError::NoAnswer { .. }
            | DatabaseError::Name { .. }
            | DatabaseError::Shutdown { .. }
            | DatabaseError::TooMany { .. }
            | DatabaseError::Lost { .. }
    )
}

/// The error that says most of why no host could be reached: what a server said counts more than silence.
fn most_telling(errors: Vec<DatabaseError>, address: &Address) -> DatabaseError {
    let rank = |error: &DatabaseError| match error {
        DatabaseError::Shutdown { .. } | DatabaseError::TooMany { .. } => 0,
        DatabaseError::Lost { .. } => 1,
        DatabaseError::NoAnswer { .. } => 2,
        DatabaseError::Refused { .. } => 3,
        _ => 4,
    };
    errors
        .into_iter()
        .min_by_key(rank)
        .unwrap_or_else(|| DatabaseError::Address { what: format!("{} names no host", address.shown()) })
}

/// Reaches one host, at the first of its IP addresses where somebody answers.
async fn reach(address: &Address, host: &Host, tls: &MakeRustlsConnect) -> Result<Found, DatabaseError> {
    let start = Instant::now();
    let places = places(address, host).await?;
    let mut last = None;
    for (tried, place) in places.iter().enumerate() {
        let left = address.connect_timeout().saturating_sub(start.elapsed());
        // None of them may take the time of the others.
        let share = left / (places.len() - tried) as u32;
        match secure(address, host, *place, share, tls).await {
            Err(error @ (DatabaseError::Refused { .. } | DatabaseError::NoAnswer { .. })) => {
                last = Some(error);
            }
            other => return other,
        }
    }
    Err(last.unwrap_or_else(|| DatabaseError::Name {
        server: address.shown().to_owned(),
        host: host.shown(),
        why: "it has no address".to_owned(),
    }))
}

/// The IP addresses of a host; one that is `None` for a socket.
async fn places(address: &Address, host: &Host) -> Result<Vec<Option<IpAddr>>, DatabaseError> {
    let Place::Name(name) = &host.place else { return Ok(vec![None]) };
    let found = lookup_host((name.as_str(), host.port)).await.map_err(|error| {
        let why = plain(&error);
        DatabaseError::Name {
            server: address.shown().to_owned(),
            host: name.clone(),
            // What getaddrinfo says has its own name before it.
            why: why.rsplit(": ").next().unwrap_or(&why).to_lowercase(),
        }
    })?;
    let mut places: Vec<IpAddr> = found.map(|place: SocketAddr| place.ip()).collect();
    places.dedup();
    Ok(places.into_iter().map(Some).collect())
}

/// Connects with or without TLS, as the address wants it, and the other way where it allows both.
async fn secure(
    address: &Address,
    host: &Host,
    place: Option<IpAddr>,
    share: Duration,
    tls: &MakeRustlsConnect,
) -> Result<Found, DatabaseError> {
    let is_socket = matches!(host.place, Place::Folder(_));
    let (first, second) = match address.security {
        // What goes through a socket doesn't leave this machine.
        _ if is_socket => (SslMode::Disable, None),
        Security::Disable => (SslMode::Disable, None),
        Security::Allow => (SslMode::Disable, Some(SslMode::Require)),
        Security::Prefer => (SslMode::Prefer, Some(SslMode::Disable)),
        Security::Require | Security::VerifyCa | Security::VerifyFull => (SslMode::Require, None),
    };
    let mut config = config(address, host, place, share);
    let error = match log_in(address, host, config.ssl_mode(first), tls).await {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    let meaning = of_stranger(address.shown(), &error);
    let Some(second) = second else { return Err(meaning) };
    let is_untrusted = first == SslMode::Prefer && matches!(meaning, DatabaseError::Tls { .. });
    if !is_untrusted && !is_unwelcome(&error) {
        return Err(meaning);
    }
    let again = log_in(address, host, config.ssl_mode(second), tls).await;
    again.map_err(|other| {
        if is_unwelcome(&other) && !is_untrusted { meaning } else { of_stranger(address.shown(), &other) }
    })
}

/// Whether a server doesn't let a user in whatever the password is, which may be so because it wants TLS, or wants none. A
/// wrong password is another matter: it isn't shown to a server a second time.
fn is_unwelcome(error: &Error) -> bool {
    error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}

/// What is said to a host, but for TLS.
fn config(address: &Address, host: &Host, place: Option<IpAddr>, share: Duration) -> Config {
    let mut config = Config::new();
    config
        .user(&address.user)
        .dbname(&address.database)
        .application_name(&address.application_name)
        .port(host.port)
        .connect_timeout(share)
        .keepalives_idle(IDLE)
        .keepalives_retries(PROBES.0)
        .keepalives_interval(PROBES.1)
        .channel_binding(match address.binding {
            Binding::Disable => ChannelBinding::Disable,
            Binding::Prefer => ChannelBinding::Prefer,
            Binding::Require => ChannelBinding::Require,
        });
    if let Some(password) = &host.password {
        config.password(password.reveal());
    }
    match &host.place {
        Place::Name(name) => config.host(name),
        #[cfg(unix)]
        Place::Folder(folder) => config.host_path(folder),
        #[cfg(not(unix))]
        Place::Folder(folder) => config.host(folder.to_string_lossy()),
    };
    if let Some(place) = place {
        config.hostaddr(place);
    }
    config
}

/// Logs in, and asks which server it is.
async fn log_in(
    address: &Address,
    host: &Host,
    config: &Config,
    tls: &MakeRustlsConnect,
) -> Result<Found, Error> {
    let timeout = address.statement_timeout();
    let mut with_timeout = config.clone();
    with_timeout.options(format!("-c statement_timeout={}", timeout.as_millis()));
    let connected = match with_timeout.connect(tls.clone()).await {
        // A pooler takes no settings that it would have to take back.
        Err(error) if error.code() == Some(&SqlState::PROTOCOL_VIOLATION) => {
            config.connect(tls.clone()).await
        }
        other => other,
    };
    let (client, connection) = connected?;
    let driver = tokio::spawn(connection);
    let server = match client.simple_query(GREETING).await {
        Ok(answer) => server(&answer, timeout, host),
        // What ended the connection says why.
        Err(error) if error.is_closed() => return Err(cause(driver, error).await),
        Err(error) => return Err(error),
    };
    Ok(Found { client, driver, server })
}

/// What ended a connection, for who was only told that it has ended.
pub(super) async fn cause(driver: Driver, told: Error) -> Error {
    match timeout(FAREWELL, driver).await {
        Ok(Ok(Err(cause))) => cause,
        _ => told,
    }
}

/// The server that answers so to the first question.
fn server(answer: &[SimpleQueryMessage], timeout: Duration, host: &Host) -> Server {
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let value = |column| row.and_then(|row| row.try_get(column).ok().flatten()).unwrap_or_default();
    let seconds = value(3).parse().unwrap_or(0.0_f64);
    Server {
        version: value(0).parse().unwrap_or_default(),
        standby: value(1) == "t",
        read_only: value(2) == "on",
        pooled: (seconds - timeout.as_secs_f64()).abs() > 0.5,
        host: host.shown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_of_the_wanted_kind() {
        let server = |standby, read_only| {
            let host = "h".to_owned();
            Server { version: 180_000, standby, read_only, pooled: false, host }
        };
        let (primary, frozen, standby) = (server(false, false), server(false, true), server(true, true));
        let suited = |wanted| [&primary, &frozen, &standby].map(|server| suits(server, wanted));
        assert_eq!(suited(Wanted::Any), [true, true, true]);
        assert_eq!(suited(Wanted::ReadWrite), [true, false, false]);
        assert_eq!(suited(Wanted::ReadOnly), [false, true, true]);
        assert_eq!(suited(Wanted::Primary), [true, true, false]);
        assert_eq!(suited(Wanted::Standby), [false, false, true]);
        assert_eq!(suited(Wanted::PreferStandby), [false, false, true]);
    }

    #[test]
    fn what_a_server_said_counts_more_than_silence() {
        let address = Address::parse("postgres://a@h1,h2/d", &|_| None).unwrap();
        let server = || "s".to_owned();
        let refused = DatabaseError::Refused { server: server(), why: String::new() };
        let full = DatabaseError::TooMany { server: server() };
        let mute = DatabaseError::NoAnswer { server: server(), seconds: None };
        let errors = vec![refused.clone(), mute.clone(), full.clone()];
        assert_eq!(most_telling(errors, &address), full);
        assert_eq!(most_telling(vec![refused, mute.clone()], &address), mute);
    }
}
