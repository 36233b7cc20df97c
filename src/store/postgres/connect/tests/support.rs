//! What tests of connections share.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use crate::error::DatabaseError;
use crate::store::postgres::connect::{Address, Connection, Purpose};

/// The address that tests use, with parameters.
pub(crate) fn url(parameters: &str) -> String {
    let url = std::env::var("QSEARCH_TEST_POSTGRES").expect("QSEARCH_TEST_POSTGRES names a server");
    let sign = if url.contains('?') { '&' } else { '?' };
    if parameters.is_empty() { url } else { format!("{url}{sign}{parameters}") }
}

pub(crate) fn address(url: &str) -> Address {
    Address::parse(url, &|_| None).unwrap()
}

pub(crate) fn open(parameters: &str, purpose: Purpose) -> Result<Connection, DatabaseError> {
    Connection::open(&address(&url(parameters)), purpose)
}

pub(crate) fn writer() -> Connection {
    open("", Purpose::Writing).unwrap()
}

/// Where the server is, as an address has it.
pub(crate) fn place() -> String {
    let url = url("");
    let (_, rest) = url.split_once('@').unwrap();
    rest.split(['/', '?']).next().unwrap().to_owned()
}

/// The address with other hosts, and with parameters.
pub(crate) fn with_hosts(hosts: &str, parameters: &str) -> Address {
    address(&url(parameters).replacen(&place(), hosts, 1))
}

/// A name that no other test has.
pub(crate) fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("conn_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The first value of the last statement.
pub(crate) fn cell(connection: &mut Connection, sql: &str) -> String {
    let tables = connection.batch(sql).unwrap();
    tables.last().unwrap()[0][0].clone().unwrap()
}

/// A host where nobody listens.
pub(crate) fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A host where each connection is handed to `serve`.
fn server(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (serve, stream) = (serve.clone(), stream.unwrap());
            thread::spawn(move || serve(stream));
        }
    });
    host
}

/// A host where connections are taken and nothing ever comes.
pub(crate) fn black_hole() -> String {
    server(|mut stream| {
        let mut buffer = [0; 512];
        while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
    })
}

/// A host where whatever is asked, this is the answer.
pub(crate) fn stranger(answer: &'static [u8]) -> String {
    server(move |mut stream| {
        let _ = stream.read(&mut [0; 512]);
        let _ = stream.write_all(answer);
    })
}

/// A host that hands all on to the server, but what is first said is changed; without TLS.
fn relay(change: impl Fn(Vec<u8>) -> Vec<u8> + Clone + Send + 'static) -> String {
    let place = place();
    server(move |mut near| {
        let mut length = [0; 4];
        near.read_exact(&mut length).unwrap();
        let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
        near.read_exact(&mut body).unwrap();
        let body = change(body);
        let mut far = TcpStream::connect(&place).unwrap();
        far.write_all(&(body.len() as u32 + 4).to_be_bytes()).unwrap();
        far.write_all(&body).unwrap();
        let (mut back, mut forth) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        thread::spawn(move || {
            let _ = std::io::copy(&mut back, &mut forth);
            let _ = forth.shutdown(std::net::Shutdown::Write);
        });
        let _ = std::io::copy(&mut far, &mut near);
        let _ = near.shutdown(std::net::Shutdown::Both);
    })
}

/// Where a text is in bytes.
fn position(bytes: &[u8], text: &str) -> usize {
    bytes.windows(text.len()).position(|part| part == text.as_bytes()).unwrap()
}

/// A host that is the server, taking no changes.
pub(crate) fn read_only() -> String {
    relay(|mut body| {
        let at = position(&body, "-c statement_timeout");
        body.splice(at..at, *b"-c default_transaction_read_only=on ");
        body
    })
}

/// The server behind what takes no settings.
pub(crate) fn with_pooler() -> Address {
    let host = relay(|mut body| {
        let at = position(&body, "options\0");
        let end = at + position(&body[at..], "000\0") + 4;
        body.drain(at..end);
        body
    });
    with_hosts(&host, "sslmode=disable")
}
