//! `qsearch serve`: the notes for browsers and programs, by HTTP.
//!
//! A request goes through few hands: `listen` takes connections, `front` looks who asks (`guard`, `token`) and what comes,
//! `routes` says which function answers, [`call`](call::Call) is what these see of it, and `finding`, `asking`, `reading`,
//! `files`, `standing` and `page` answer, calculating in the turns of `pool`. What all share is in `house`.

mod asking;
mod call;
mod counted;
mod files;
mod finding;
mod front;
mod guard;
mod house;
mod kinds;
mod links;
mod listen;
mod log;
mod metrics;
mod openai;
mod openapi;
mod page;
mod patient;
mod pool;
mod reading;
mod refusal;
mod routes;
mod standing;
mod stream;
mod tls;
mod token;
#[cfg(feature = "watch")]
mod watching;

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use qsearch::error::{Error, NotFound};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;

use super::args::{ModelChoice, RerankChoice, ServeArgs};
use super::desk::Desk;
use super::{Context, Failure, Outcome, hint, human, open, printer};
use guard::{Authority, Guard, Origin};
use house::{DEFAULT, House, Index, MOST_WRITERS};
use listen::Door;
use log::Log;
use pool::Pool;
use token::Token;

/// How many threads speak; whatever calculates has its own.
const SPEAKERS: usize = 2;
/// How long work that goes on has once the server has ended.
const LAST_WORK: Duration = Duration::from_millis(200);

/// Serves browsers and programs until a signal asks it to end.
///
/// All that can be wrong with what was typed is told before anything listens: risks, names, the certificate, the token, the
/// port. Then the first line on stdout says where it serves; programs that start it read the port there. From then on nothing
/// ends it but a signal: an index that is gone or damaged is told to whoever asks.
pub(crate) fn serve(context: &Context, args: &ServeArgs) -> Result<Outcome, Failure> {
    let addresses = addresses(args)?;
    let is_here = addresses.iter().all(|address| address.ip().is_loopback());
    refuse_risks(args, is_here)?;
    for (at, (name, _)) in args.also.iter().enumerate() {
        if args.also[..at].iter().any(|(other, _)| other == name) {
            return Err(Failure::refused(format!("two indexes are called `{name}`"), hint::serve::ALSO));
        }
    }
    // What is said of language models is told now, and not at the first question.
    drop(context.wish(&args.write)?);
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(tls::acceptor(certificate, key)?),
        _ => None,
    };
    let token = token(context, args, is_here)?;
    let listener = bind(args, &addresses)?;
    let at = listener.local_addr().map_err(Error::io("listen at", &args.host))?;
    let url = url(args, at);
    let guard = guard(args, at, is_here, token)?;
    let house = Arc::new(house(context, args, guard));
    let router = routes::router(&house);
    let runtime = Builder::new_multi_thread()
        .worker_threads(SPEAKERS)
        .enable_all()
        .build()
        .map_err(Error::io("start", "a server"))?;
    announce(context, &house, &url)?;
    #[cfg(feature = "watch")]
    let mut watching = watching::Watching::default();
    #[cfg(feature = "watch")]
    if args.watch {
        for (_, context) in contexts(context, args) {
            watching.begin(context)?;
        }
    }
    if args.open {
        open::address(&url)?;
    }
    let end = runtime.block_on(listen::listen(Door { listener, tls, router }, &house));
    runtime.shutdown_timeout(LAST_WORK);
    end.map_err(Error::io("listen at", &args.host))?;
    Ok(Outcome::Done)
}

/// The addresses that a host means.
fn addresses(args: &ServeArgs) -> Result<Vec<SocketAddr>, Failure> {
    let host = args.host.trim_start_matches('[').trim_end_matches(']');
    let unknown =
        |why: &str| Failure::refused(format!("`{host}` is no address to listen at{why}"), hint::serve::HOST);
    let found = (host, args.port).to_socket_addrs().map_err(|error| unknown(&format!(": {error}")))?;
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() { Err(unknown("")) } else { Ok(found) }
}

/// Refuses what would let anybody listen in or ask.
///
/// What others reach must be encrypted, by us or by a proxy that was stated, and must have a token. There is no flag that
/// turns both off.
fn refuse_risks(args: &ServeArgs, is_here: bool) -> Result<(), Failure> {
    if is_here {
        return Ok(());
    }
    if args.tls_cert.is_none() && !args.behind_proxy {
        let what = format!("at {} others could read along: plain HTTP isn't encrypted", args.host);
        return Err(Failure::refused(what, hint::serve::PLAIN));
    }
    if args.no_token {
        let what = format!("at {} anybody who reaches this machine could ask", args.host);
        return Err(Failure::refused(what, hint::serve::NO_TOKEN));
    }
    Ok(())
}

/// The token that whoever asks must know, if one is needed or wanted; it is shown when it is made.
fn token(context: &Context, args: &ServeArgs, is_here: bool) -> Result<Option<Token>, Failure> {
    let is_needed = args.token_file.is_some() || !is_here || (args.behind_proxy && !args.no_token);
    if !is_needed {
        return Ok(None);
    }
    let file = match &args.token_file {
        Some(file) => file.clone(),
        None => token::place(&context.environment)?,
    };
    let (token, is_new) = token::open(&file, &context.environment)?;
    let kept = context.printer.margin().path(&file);
    if is_new {
        printer::complain(&format!("the token, which is shown once and kept in {kept}: {}", token.reveal()));
    } else {
        context.printer.message(&format!("the token is in {kept}"));
    }
    Ok(Some(token))
}

/// Listens at the first of these addresses that can be had.
fn bind(args: &ServeArgs, addresses: &[SocketAddr]) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(addresses).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    let (host, port) = (&args.host, args.port);
    listener.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            let what = format!("port {port} of {host} is taken by another program");
            Failure::refused(what, hint::serve::port_taken(port))
        }
        ErrorKind::AddrNotAvailable => {
            Failure::refused(format!("{host} isn't an address of this machine"), hint::serve::HOST)
        }
        ErrorKind::PermissionDenied => {
            Failure::refused(format!("port {port} of {host} may not be had"), hint::serve::LOW_PORT)
        }
        _ => Error::io("listen at", format!("{host}:{port}"))(error).into(),
    })
}

/// The address of the page.
fn url(args: &ServeArgs, at: SocketAddr) -> String {
    let scheme = if args.tls_cert.is_some() { "https" } else { "http" };
    let host = match at.ip() {
        IpAddr::V4(address) if address.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(address) if address.is_unspecified() => "[::1]".to_owned(),
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    format!("{scheme}://{host}:{}/", at.port())
}

/// Who is let in.
fn guard(args: &ServeArgs, at: SocketAddr, is_here: bool, token: Option<Token>) -> Result<Guard, Failure> {
    let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    hosts.push(at.ip().to_string());
    for name in args.allow_host.iter().chain([&args.host]) {
        let wrong = || Failure::refused(format!("`{name}` is no host name"), hint::serve::HOST_NAME);
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let written = if bare.contains(':') { format!("[{bare}]") } else { bare.to_owned() };
        hosts.push(Authority::parse(&written).filter(|at| at.port.is_none()).ok_or_else(wrong)?.host);
    }
    let mut origins = Vec::new();
    for origin in &args.allow_origin {
        let wrong = || Failure::refused(format!("`{origin}` is no origin"), hint::serve::ORIGIN);
        origins.push(Origin::written(origin).ok_or_else(wrong)?);
    }
    let (behind_proxy, tls) = (args.behind_proxy, args.tls_cert.is_some());
    Ok(Guard { hosts, any_address: !is_here, origins, behind_proxy, tls, token })
}

/// The names of the indexes that are served, each with what the command line says of it; the one that needs no name first.
fn contexts<'a>(context: &Context, args: &'a ServeArgs) -> Vec<(&'a str, Context)> {
    let also = args.also.iter().map(|(name, folder)| {
        let mut context = context.clone();
        let around = &context.environment.around;
        // Most shells leave `~` as it is behind `=`.
        let at_home =
            folder.strip_prefix("~").ok().and_then(|inside| Some(around.home.as_ref()?.join(inside)));
        context.global.index = Some(at_home.unwrap_or_else(|| folder.clone()));
        (name.as_str(), context)
    });
    [(DEFAULT, context.clone())].into_iter().chain(also).collect()
}

/// What all requests share.
fn house(context: &Context, args: &ServeArgs, guard: Guard) -> House {
    let desk = |context: Context| {
        let (model, rerank) = (args.model.model.clone(), args.rerank.rerank.clone());
        Desk::new(context, ModelChoice { model }, RerankChoice { rerank })
    };
    let index = |(name, context)| Arc::new(Index::new(name, desk(context)));
    House {
        indexes: contexts(context, args).into_iter().map(index).collect(),
        context: context.hushed(),
        guard,
        pool: Pool::new(),
        writers: Arc::new(Semaphore::new(MOST_WRITERS)),
        embedding: Arc::new(Semaphore::new(1)),
        write: args.write.clone(),
        metrics: metrics::Metrics::default(),
        log: Log { requests: args.log, questions: args.log_questions },
        stopping: AtomicBool::new(false),
        llm: Mutex::new(None),
    }
}

/// Says what is served where. An index that isn't there yet may come.
fn announce(context: &Context, house: &House, url: &str) -> Result<(), Failure> {
    let mut notes = 0;
    for index in &house.indexes {
        match index.desk.library() {
            Ok(library) => notes += library.snapshot()?.info().files,
            Err(Failure::Library(
                error @ (Error::NoIndex { .. } | Error::NotFound(NotFound::IndexHere { .. })),
            )) => {
                context.printer.warn(&format!("{error}; {}", hint::serve::NO_INDEX));
            }
            Err(Failure::Library(error @ Error::NotFound(NotFound::BeingMade { .. }))) => {
                context.printer.warn(&error.to_string());
            }
            Err(failure) => return Err(failure),
        }
    }
    printer::data(&format!("qsearch serves {} at {url}\n", human::count(notes, "note", "notes")))
}
