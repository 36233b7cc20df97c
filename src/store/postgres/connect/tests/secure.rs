//! Connections to a server with TLS that wants a password.
//!
//! `QSEARCH_TEST_POSTGRES` is its address, with the password and the host 127.0.0.1, and `QSEARCH_TEST_POSTGRES_CA` the file
//! of the root that vouches for it as localhost and 127.0.0.1. Beside that is `other-ca.crt`, which doesn't.

use std::path::Path;

use crate::error::DatabaseError;
use crate::store::postgres::connect::{Address, Connection, Purpose};

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is set"))
}

/// The address at another host, with parameters.
fn at(host: &str, parameters: &str) -> Address {
    let url = variable("QSEARCH_TEST_POSTGRES").replacen("127.0.0.1", host, 1);
    let sign = if url.contains('?') { '&' } else { '?' };
    Address::parse(&format!("{url}{sign}{parameters}"), &|_| None).unwrap()
}

fn connect(host: &str, parameters: &str) -> Result<Connection, DatabaseError> {
    let address = at(host, parameters);
    let found = Connection::open(&address, Purpose::Reading);
    let printed = format!("{address:?} {found:?}");
    let url = variable("QSEARCH_TEST_POSTGRES");
    let password = url.split_once("://").unwrap().1.split_once('@').unwrap().0.split_once(':').unwrap().1;
    assert!(!printed.contains(password), "the password is printed");
    found
}

fn root() -> String {
    variable("QSEARCH_TEST_POSTGRES_CA")
}

/// A root that doesn't vouch for the server.
fn other_root() -> String {
    Path::new(&root()).with_file_name("other-ca.crt").display().to_string()
}

/// Whether the server says that the connection is encrypted.
fn is_encrypted(connection: &mut Connection) -> bool {
    let asked = connection.batch("select ssl from pg_stat_ssl where pid = pg_backend_pid()").unwrap();
    asked[0][0][0].as_deref() == Some("t")
}

/// Why a server isn't trusted.
fn why(found: Result<Connection, DatabaseError>) -> String {
    match found.unwrap_err() {
        DatabaseError::Tls { why, .. } => why,
        other => panic!("{other}"),
    }
}

#[test]
fn whoever_answers_is_trusted_unless_there_is_a_root() {
    for mode in ["", "sslmode=prefer", "sslmode=require", "sslmode=require&channel_binding=require"] {
        assert!(is_encrypted(&mut connect("localhost", mode).unwrap()), "{mode}");
    }
    let with_other = format!("sslmode=require&sslrootcert={}", other_root());
    assert_eq!(why(connect("localhost", &with_other)), "no known root vouches for its certificate");
    let with_root = format!("sslmode=require&sslrootcert={}", root());
    assert!(is_encrypted(&mut connect("localhost", &with_root).unwrap()));
}

#[test]
fn a_root_must_vouch_and_the_name_must_be_right() {
    let root = root();
    for host in ["localhost", "127.0.0.1"] {
        for mode in ["verify-ca", "verify-full"] {
            let parameters = format!("sslmode={mode}&sslrootcert={root}");
            assert!(is_encrypted(&mut connect(host, &parameters).unwrap()), "{host} {mode}");
            let parameters = format!("sslmode={mode}&sslrootcert={}", other_root());
            assert_eq!(why(connect(host, &parameters)), "no known root vouches for its certificate");
        }
    }
    // This address is the same machine, and no name of the certificate.
    let other_name = "0.0.0.0";
    let parameters = format!("sslmode=verify-ca&sslrootcert={root}");
    assert!(is_encrypted(&mut connect(other_name, &parameters).unwrap()));
    let parameters = format!("sslmode=verify-full&sslrootcert={root}");
    assert!(why(connect(other_name, &parameters)).starts_with("its certificate is for "));
    assert_eq!(why(connect("localhost", "sslrootcert=system")), "no known root vouches for its certificate");
}

#[test]
fn a_file_of_roots_that_has_none_is_said() {
    let parameters = |file: &str| format!("sslmode=verify-ca&sslrootcert={file}");
    for (file, what) in
        [("/no/such/file", "can't be read"), ("/tmp", "regular file"), ("/etc/hostname", "no certificate")]
    {
        let error = connect("localhost", &parameters(file)).unwrap_err();
        assert!(matches!(&error, DatabaseError::Address { what: said } if said.contains(what)), "{error}");
    }
}

#[test]
fn a_wrong_password_is_said() {
    let url = variable("QSEARCH_TEST_POSTGRES");
    let (start, rest) = url.split_once("://").unwrap();
    let (user, rest) = rest.split_once('@').unwrap();
    let user = user.split(':').next().unwrap();
    let with = |credentials: &str| {
        let url = format!("{start}://{credentials}@{rest}");
        Connection::open(&Address::parse(&url, &|_| None).unwrap(), Purpose::Reading).unwrap_err()
    };
    for password in ["wrong", "%C3%A4%20%25"] {
        let error = with(&format!("{user}:{password}"));
        assert!(matches!(error, DatabaseError::Password { given: true, .. }), "{error}");
    }
    let error = with(user);
    assert!(matches!(error, DatabaseError::Password { given: false, .. }), "{error}");
    let error = with("nobody_of_that_name:wrong");
    assert!(matches!(error, DatabaseError::Password { given: true, .. }), "{error}");
}

#[test]
fn a_server_may_want_tls() {
    let mut rules = connect("localhost", "").unwrap();
    let rules =
        rules.batch("select count(*) from pg_hba_file_rules where type = 'host' and auth_method <> 'reject'");
    if rules.unwrap()[0][0][0].as_deref() != Some("0") {
        // It lets in who comes without TLS.
        assert!(!is_encrypted(&mut connect("localhost", "sslmode=disable").unwrap()));
        assert!(!is_encrypted(&mut connect("localhost", "sslmode=allow").unwrap()));
        return;
    }
    let error = connect("localhost", "sslmode=disable").unwrap_err();
    assert!(
        matches!(&error, DatabaseError::Password { why, .. } if why.contains("no encryption")),
        "{error}"
    );
    assert!(is_encrypted(&mut connect("localhost", "sslmode=allow").unwrap()));
}
