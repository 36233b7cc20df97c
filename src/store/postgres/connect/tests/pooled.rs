//! Connections through a pooler that gives each transaction a session: `QSEARCH_TEST_POSTGRES` is its address.

use std::thread;
use std::time::{Duration, Instant};

use crate::error::DatabaseError;
use crate::store::postgres::connect::{Address, Connection, Purpose, Query};
use tokio_postgres::types::Type;

fn connect(parameters: &str, purpose: Purpose) -> Connection {
    let url = std::env::var("QSEARCH_TEST_POSTGRES").expect("QSEARCH_TEST_POSTGRES names a pooler");
    let sign = if url.contains('?') { '&' } else { '?' };
    let address = Address::parse(&format!("{url}{sign}{parameters}"), &|_| None).unwrap();
    Connection::open(&address, purpose).unwrap()
}

#[test]
fn many_connections_share_sessions() {
    let mut connections: Vec<Connection> = (0..20).map(|_| connect("", Purpose::Writing)).collect();
    for _ in 0..20 {
        for (n, connection) in (0_i32..).zip(&mut connections) {
            assert!(connection.server().pooled);
            let rows = connection.query("select $1 + 1", &[(&n, Type::INT4)]).unwrap();
            assert_eq!(rows[0].get::<_, i32>(0), n + 1);
            let query = Query { sql: "select $1", parameters: &[(&n, Type::INT4)] };
            let answers = connection.together(&[query, query]).unwrap();
            assert_eq!(answers[1][0].get::<_, i32>(0), n);
        }
    }
}

#[test]
fn rows_are_copied_in_a_transaction_though_others_do_so_too() {
    let table = format!("pooled_{}", std::process::id());
    connect("", Purpose::Writing).batch(&format!("create table {table} (n int)")).unwrap();
    let copying: Vec<_> = (0..4)
        .map(|_| {
            let copy = format!("copy {table} from stdin");
            thread::spawn(move || {
                let mut connection = connect("", Purpose::Writing);
                for _ in 0..25 {
                    connection.begin().unwrap();
                    let lines = (0..100).map(|n| format!("{n}\n").into_bytes());
                    assert_eq!(connection.copy_in(&copy, lines).unwrap(), 100);
                    connection.commit().unwrap();
                }
            })
        })
        .collect();
    for thread in copying {
        thread.join().unwrap();
    }
    let mut connection = connect("", Purpose::Writing);
    let count = connection.batch(&format!("select count(*) from {table}; drop table {table}")).unwrap();
    assert_eq!(count[0][0][0].as_deref(), Some("10000"));
}

#[test]
fn a_transaction_has_its_limit_and_a_call_its_end() {
    let mut connection = connect("statement_timeout=1", Purpose::Reading);
    connection.begin().unwrap();
    let error = connection.batch("select pg_sleep(20)").unwrap_err();
    assert!(matches!(error, DatabaseError::Slow { seconds: Some(1), .. }), "{error}");
    connection.rollback().unwrap();
    let start = Instant::now();
    let error = connection.batch("select pg_sleep(20)").unwrap_err();
    assert!(matches!(error, DatabaseError::Slow { seconds: Some(1), .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(8));
    assert!(connection.is_closed());
}

#[test]
fn who_is_not_known_is_told_so() {
    let url = std::env::var("QSEARCH_TEST_POSTGRES").unwrap();
    let (_, place) = url.split_once('@').unwrap();
    let address = Address::parse(&format!("postgres://nobody_of_that_name:x@{place}"), &|_| None).unwrap();
    let error = Connection::open(&address, Purpose::Reading).unwrap_err();
    assert!(matches!(error, DatabaseError::Password { .. }), "{error}");
    let (start, _) = url.rsplit_once('/').unwrap();
    let address = Address::parse(&format!("{start}/no_such_database"), &|_| None).unwrap();
    let error = Connection::open(&address, Purpose::Reading).unwrap_err();
    assert!(matches!(error, DatabaseError::NoDatabase { .. }), "{error}");
}
