//! What goes wrong on a connection, and what is said of it.

use std::thread;
use std::time::{Duration, Instant};

use crate::error::DatabaseError;
use crate::store::postgres::connect::{Connection, Purpose};

use super::support::{address, cell, name, open, place, url, writer};

/// Ends the session of a connection, after a while.
fn ended_soon(connection: &mut Connection, after: Duration) -> thread::JoinHandle<()> {
    let pid = cell(connection, "select pg_backend_pid()");
    thread::spawn(move || {
        thread::sleep(after);
        writer().batch(&format!("select pg_terminate_backend({pid})")).unwrap();
    })
}

#[test]
fn a_statement_that_takes_too_long_is_ended() {
    let mut connection = open("statement_timeout=1", Purpose::Writing).unwrap();
    let start = Instant::now();
    let error = connection.batch("select pg_sleep(20)").unwrap_err();
    assert!(matches!(error, DatabaseError::Slow { seconds: Some(1), .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(3));
    assert_eq!(cell(&mut connection, "select 3"), "3");
}

#[test]
fn a_call_ends_where_the_server_does_not_end_it() {
    let mut connection = open("statement_timeout=1", Purpose::Writing).unwrap();
    let pid = cell(&mut connection, "set statement_timeout = 0; select pg_backend_pid()");
    let start = Instant::now();
    let error = connection.query("select pg_sleep(60)::text", &[]).unwrap_err();
    assert!(matches!(error, DatabaseError::Slow { seconds: Some(1), .. }), "{error}");
    assert!((Duration::from_secs(5)..Duration::from_secs(9)).contains(&start.elapsed()));
    assert!(connection.is_closed());
    thread::sleep(Duration::from_millis(300));
    let left = format!("select count(*) from pg_stat_activity where pid = {pid}");
    assert_eq!(cell(&mut writer(), &left), "0");
}

#[test]
fn not_even_a_type_of_an_extension_is_waited_for_for_ever() {
    let mut connection = open("statement_timeout=1", Purpose::Reading).unwrap();
    let start = Instant::now();
    let _ = connection.query("select '[1,2]'::vector from generate_series(1, 10000)", &[]);
    assert!(start.elapsed() < Duration::from_secs(9));
}

#[test]
fn a_session_that_is_ended_in_the_middle_is_noticed_at_once() {
    let mut connection = writer();
    let ending = ended_soon(&mut connection, Duration::from_millis(300));
    let start = Instant::now();
    let error = connection.batch("select pg_sleep(20)").unwrap_err();
    assert!(matches!(error, DatabaseError::Shutdown { .. }), "{error}");
    assert!(error.is_worth_retrying());
    assert!(start.elapsed() < Duration::from_secs(3));
    assert!(connection.is_closed());
    ending.join().unwrap();
    let error = connection.batch("select 1").unwrap_err();
    assert!(matches!(error, DatabaseError::Lost { .. }), "{error}");
}

#[test]
fn a_session_that_was_ended_meanwhile_is_noticed_at_the_next_call() {
    for _ in 0..20 {
        let mut connection = writer();
        ended_soon(&mut connection, Duration::ZERO).join().unwrap();
        thread::sleep(Duration::from_millis(50));
        let error = connection.query("select 1", &[]).unwrap_err();
        assert!(error.is_worth_retrying(), "{error}");
        assert!(matches!(error, DatabaseError::Shutdown { .. }), "{error}");
        assert!(connection.is_closed());
    }
}

#[test]
fn a_session_that_is_ended_while_rows_are_copied_is_noticed() {
    let mut connection = writer();
    let table = name();
    connection.batch(&format!("create temp table {table} (t text)")).unwrap();
    let ending = ended_soon(&mut connection, Duration::from_millis(200));
    let endless = std::iter::repeat_with(|| {
        thread::sleep(Duration::from_millis(1));
        vec![b'x'; 999].into_iter().chain([b'\n']).collect()
    });
    let error = connection.copy_in(&format!("copy {table} from stdin"), endless).unwrap_err();
    assert!(error.is_worth_retrying(), "{error}");
    ending.join().unwrap();
}

#[test]
fn what_a_server_refuses_has_its_meaning() {
    let mut connection = writer();
    let mut refused = |sql: &str| connection.batch(sql).unwrap_err();
    let error = refused(
        "set temp_file_limit = '64kB'; set work_mem = '64kB'; \
                         select count(*) from (select n from generate_series(1, 200000) n order by md5(n::text)) s",
    );
    assert!(matches!(error, DatabaseError::Full { .. }), "{error}");
    let error = refused("create extension no_such_extension");
    assert!(matches!(error, DatabaseError::Other { .. }), "{error}");
    let error = refused(
        "begin isolation level repeatable read; set transaction read only; create temp table x (n int)",
    );
    assert!(matches!(error, DatabaseError::Other { .. } | DatabaseError::ReadOnly { .. }), "{error}");
    let error = refused("rollback; begin read only; create table x (n int)");
    assert!(matches!(error, DatabaseError::ReadOnly { .. }), "{error}");
}

#[test]
fn who_may_not_is_told_so() {
    let mut owner = writer();
    let role = name();
    owner
        .batch(&format!("create role {role} login connection limit 1; create table {role}_t (n int)"))
        .unwrap();
    let url = url("");
    let (_, rest) = url.split_once('@').unwrap();
    let guest = address(&format!("postgres://{role}@{rest}"));
    let mut session = Connection::open(&guest, Purpose::Reading).unwrap();
    let error = session.batch(&format!("select * from {role}_t")).unwrap_err();
    assert!(matches!(error, DatabaseError::Privilege { .. }), "{error}");
    let error = Connection::open(&guest, Purpose::Reading).unwrap_err();
    assert!(matches!(error, DatabaseError::TooMany { .. }), "{error}");
    drop(session);
    thread::sleep(Duration::from_millis(100));
    owner.batch(&format!("drop table {role}_t; drop role {role}")).unwrap();
    let error = Connection::open(&guest, Purpose::Reading).unwrap_err();
    assert!(matches!(error, DatabaseError::Password { .. }), "{error}");
}

#[test]
fn sessions_that_are_in_each_others_way_are_told_so() {
    let table = name();
    let (mut one, mut other) = (writer(), writer());
    one.batch(&format!("create table {table} (n int); insert into {table} values (1)")).unwrap();
    one.begin().unwrap();
    one.batch(&format!("lock table {table}")).unwrap();
    let error = other.batch(&format!("lock table {table} nowait")).unwrap_err();
    assert!(matches!(error, DatabaseError::Other { ref code, .. } if code == "25P01"), "{error}");
    let error = other.batch(&format!("begin; lock table {table} nowait")).unwrap_err();
    assert!(matches!(error, DatabaseError::Locked { .. }), "{error}");
    other.rollback().unwrap();
    one.rollback().unwrap();
    let snapshot = format!("begin isolation level repeatable read; select * from {table}");
    one.batch(&snapshot).unwrap();
    other.batch(&format!("update {table} set n = 2")).unwrap();
    let error = one.batch(&format!("update {table} set n = 3")).unwrap_err();
    assert!(matches!(error, DatabaseError::Conflict { .. }) && error.is_worth_retrying(), "{error}");
    one.rollback().unwrap();
    one.batch(&format!("drop table {table}")).unwrap();
}

#[test]
fn a_database_without_vectors_is_known_as_one() {
    let database = name();
    let mut owner = writer();
    owner.batch(&format!("create database {database} template template0")).unwrap();
    let url = url("");
    let (start, _) = url.split_once(&place()).unwrap();
    let bare = address(&format!("{start}{}/{database}", place()));
    {
        let mut session = Connection::open(&bare, Purpose::Writing).unwrap();
        let error = session.batch("create table x (v halfvec(3))").unwrap_err();
        assert!(matches!(error, DatabaseError::NoVector { .. }), "{error}");
        let error = session.batch("create extension vector version '99'").unwrap_err();
        assert!(!error.is_worth_retrying(), "{error}");
    }
    owner.batch(&format!("drop database {database} (force)")).unwrap();
}
