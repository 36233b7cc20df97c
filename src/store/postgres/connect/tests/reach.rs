//! Which server is found, and how long that may take.

use std::time::{Duration, Instant};

use crate::error::DatabaseError;
use crate::store::postgres::connect::{Address, Connection, Purpose};

use super::support::{address, black_hole, nobody, place, read_only, stranger, url, with_hosts};

fn read(address: &Address) -> Result<Connection, DatabaseError> {
    Connection::open(address, Purpose::Reading)
}

fn write(address: &Address) -> Result<Connection, DatabaseError> {
    Connection::open(address, Purpose::Writing)
}

#[test]
fn where_nobody_listens_that_is_said_at_once() {
    let start = Instant::now();
    let error = read(&with_hosts(&nobody(), "")).unwrap_err();
    assert!(matches!(&error, DatabaseError::Refused { why, .. } if why == "connection refused"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(2));
    let error = read(&address("postgres://a@%2Fno%2Fsuch%2Ffolder/d")).unwrap_err();
    assert!(matches!(error, DatabaseError::Refused { .. }), "{error}");
}

#[test]
fn who_never_answers_is_waited_for_so_long() {
    for sslmode in ["prefer", "disable", "require", "allow"] {
        let start = Instant::now();
        let error =
            read(&with_hosts(&black_hole(), &format!("connect_timeout=1&sslmode={sslmode}"))).unwrap_err();
        assert!(matches!(error, DatabaseError::NoAnswer { seconds: Some(1), .. }), "{error}");
        assert!((Duration::from_millis(900)..Duration::from_secs(3)).contains(&start.elapsed()));
    }
}

#[test]
fn a_name_that_leads_nowhere_is_said() {
    let error = read(&address("postgres://a@nowhere.invalid/d?connect_timeout=5")).unwrap_err();
    assert!(matches!(&error, DatabaseError::Name { host, .. } if host == "nowhere.invalid"), "{error}");
}

#[test]
fn what_is_no_server_is_known_as_none() {
    for answer in ["HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n", "SSH-2.0-OpenSSH_9.6\r\n"] {
        let error =
            read(&with_hosts(&stranger(answer.as_bytes()), "sslmode=disable&connect_timeout=2")).unwrap_err();
        assert!(matches!(error, DatabaseError::NotPostgres { .. }), "{error}");
    }
    let error = read(&with_hosts(&stranger(b"N"), "sslmode=require&connect_timeout=2")).unwrap_err();
    assert!(matches!(error, DatabaseError::Tls { .. }), "{error}");
    let error =
        read(&with_hosts(&stranger(b"Snothing of TLS"), "sslmode=require&connect_timeout=2")).unwrap_err();
    assert!(matches!(error, DatabaseError::Tls { .. }), "{error}");
    let error = read(&with_hosts(&stranger(b""), "connect_timeout=2")).unwrap_err();
    assert!(matches!(error, DatabaseError::Lost { .. }), "{error}");
}

#[test]
fn the_next_host_is_taken_where_one_is_dead() {
    let place = place();
    let hosts = format!("{},{},{place}", nobody(), "nowhere.invalid");
    let connection = read(&with_hosts(&hosts, "")).unwrap();
    assert_eq!(connection.server().host, place);
    let start = Instant::now();
    let hosts = format!("{},{place}", black_hole());
    assert_eq!(read(&with_hosts(&hosts, "connect_timeout=1")).unwrap().server().host, place);
    assert!(start.elapsed() < Duration::from_secs(3));
    // What refuses the user would refuse it elsewhere, too.
    let wrong = url("").replacen(&place, &format!("{place},{}", black_hole()), 1);
    let (start, _) = wrong.rsplit_once('/').unwrap();
    let error = read(&address(&format!("{start}/no_such_database"))).unwrap_err();
    assert!(matches!(error, DatabaseError::NoDatabase { .. }), "{error}");
}

#[test]
fn who_writes_gets_a_server_that_takes_changes() {
    let (frozen, place) = (read_only(), place());
    let both = |attrs: &str| {
        with_hosts(&format!("{frozen},{place}"), &format!("sslmode=disable&target_session_attrs={attrs}"))
    };
    let host = |found: Result<Connection, DatabaseError>| found.unwrap().server().host.clone();
    assert_eq!(host(read(&both("any"))), frozen);
    assert_eq!(host(write(&both("any"))), place);
    assert_eq!(host(read(&both("read-write"))), place);
    assert_eq!(host(read(&both("read-only"))), frozen);
    assert_eq!(host(write(&both("read-only"))), place);
    // It is read-only, but follows nobody.
    assert_eq!(host(read(&both("primary"))), frozen);
    assert_eq!(host(read(&both("prefer-standby"))), frozen);
    let error = read(&both("standby")).unwrap_err();
    assert!(matches!(error, DatabaseError::Unwritable { wanted: "is a standby", .. }), "{error}");
    let error = write(&with_hosts(&frozen, "sslmode=disable")).unwrap_err();
    assert!(matches!(error, DatabaseError::Unwritable { wanted: "takes changes", .. }), "{error}");
    let dead = with_hosts(&format!("{},{frozen}", nobody()), "sslmode=disable");
    let error = write(&dead).unwrap_err();
    assert!(matches!(error, DatabaseError::Unwritable { .. }), "{error}");
}
