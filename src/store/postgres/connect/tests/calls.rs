//! What is asked and answered.

use crate::error::DatabaseError;
use crate::store::postgres::connect::{Connection, Purpose, Query};
use tokio_postgres::types::{ToSql, Type};

use super::support::{cell, name, open, with_pooler, writer};

#[test]
fn statements_give_their_rows() {
    let mut connection = writer();
    assert!(connection.server().version >= 130_000);
    assert!(!connection.server().standby && !connection.server().pooled);
    let tables =
        connection.batch("select 1, null; select 2 where false; select 'a' union all select 'b'").unwrap();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(tables, vec![vec![vec![some("1"), None]], vec![], vec![vec![some("a")], vec![some("b")]]]);
    let rows = connection.query("select $1 + 1, $2", &[(&41_i64, Type::INT8), (&"x", Type::TEXT)]).unwrap();
    assert_eq!((rows[0].get::<_, i64>(0), rows[0].get::<_, &str>(1)), (42, "x"));
    let error = connection.query("select 1 / $1", &[(&0_i32, Type::INT4)]).unwrap_err();
    assert!(matches!(&error, DatabaseError::Other { code, .. } if code == "22012"), "{error}");
    assert_eq!(cell(&mut connection, "select 3"), "3");
}

#[test]
fn several_questions_make_one_trip() {
    let mut connection = writer();
    let before = connection.trips();
    let numbers: Vec<i32> = (0..200).collect();
    let parameters: Vec<_> = numbers.iter().map(|n| [(n as &(dyn ToSql + Sync), Type::INT4)]).collect();
    let queries: Vec<Query<'_>> = parameters
        .iter()
        .map(|parameters| Query { sql: "select $1, clock_timestamp()::text, repeat('x', 20000)", parameters })
        .collect();
    let answers = connection.together(&queries).unwrap();
    assert_eq!(connection.trips(), before + 1);
    let order: Vec<i32> = answers.iter().map(|rows| rows[0].get(0)).collect();
    assert_eq!(order, numbers);
    let times: Vec<String> = answers.iter().map(|rows| rows[0].get(1)).collect();
    assert!(times.is_sorted());
    let bad = [
        Query { sql: "select 1", parameters: &[] },
        Query { sql: "select nothing", parameters: &[] },
        Query { sql: "select 1 / 0", parameters: &[] },
    ];
    let error = connection.together(&bad).unwrap_err();
    assert!(matches!(&error, DatabaseError::Other { code, .. } if code == "42703"), "{error}");
    let whole = ["begin read only", "select 7", "commit"].map(|sql| Query { sql, parameters: &[] });
    let answers = connection.together(&whole).unwrap();
    assert_eq!(answers[1][0].get::<_, i32>(0), 7);
}

#[test]
fn rows_are_copied_in_and_out() {
    let mut connection = writer();
    let table = name();
    connection.batch(&format!("create temp table {table} (n int8, t text)")).unwrap();
    let mut bytes = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
    for n in 0..50_000_i64 {
        bytes.extend(2_i16.to_be_bytes());
        bytes.extend(8_i32.to_be_bytes());
        bytes.extend(n.to_be_bytes());
        bytes.extend(3_i32.to_be_bytes());
        bytes.extend(b"abc");
    }
    bytes.extend((-1_i16).to_be_bytes());
    connection.begin().unwrap();
    let chunks = bytes.chunks(10_007).map(<[u8]>::to_vec);
    let copied = connection.copy_in(&format!("copy {table} from stdin (format binary)"), chunks).unwrap();
    assert_eq!(copied, 50_000);
    connection.commit().unwrap();
    assert_eq!(cell(&mut connection, &format!("select sum(n) from {table}")), "1249975000");
    // A refused copy ends the connection.
    let junk = std::iter::repeat_n(vec![7_u8; 10_000], 300);
    let error = connection.copy_in(&format!("copy {table} from stdin (format binary)"), junk).unwrap_err();
    assert!(matches!(&error, DatabaseError::Other { code, .. } if code == "22P04"), "{error}");
    assert!(connection.is_closed());
    let error = connection.batch("select 1").unwrap_err();
    assert!(matches!(error, DatabaseError::Lost { .. }), "{error}");
    let mut connection = writer();
    let none = connection.copy_in("copy nowhere from stdin", std::iter::empty()).unwrap_err();
    assert!(matches!(&none, DatabaseError::Other { code, .. } if code == "42P01"), "{none}");
    assert!(connection.is_closed());
}

#[test]
fn a_transaction_is_kept_or_undone() {
    let table = name();
    let mut connection = writer();
    connection.batch(&format!("create temp table {table} (n int)")).unwrap();
    let insert = format!("insert into {table} values (1), (2)");
    let count = format!("select count(*) from {table}");
    connection.begin().unwrap();
    assert_eq!(connection.execute(&insert, &[]).unwrap(), 2);
    connection.rollback().unwrap();
    assert_eq!(cell(&mut connection, &count), "0");
    connection.begin().unwrap();
    connection.batch(&insert).unwrap();
    connection.commit().unwrap();
    assert_eq!(cell(&mut connection, &count), "2");
    // What failed isn't kept, and that isn't passed over.
    connection.begin().unwrap();
    connection.batch(&insert).unwrap();
    connection.batch("select 1 / 0").unwrap_err();
    let error = connection.commit().unwrap_err();
    assert!(matches!(&error, DatabaseError::Other { code, .. } if code == "25P02"), "{error}");
    assert_eq!(cell(&mut connection, &count), "2");
    let mut reader = open("", Purpose::Reading).unwrap();
    reader.begin().unwrap();
    let error = reader.batch("create table x (n int)").unwrap_err();
    assert!(matches!(error, DatabaseError::ReadOnly { .. }), "{error}");
}

#[test]
fn a_limit_holds_until_it_is_changed() {
    let mut connection = writer();
    let shown = |connection: &mut Connection| cell(connection, "show statement_timeout");
    assert_eq!(shown(&mut connection), "30s");
    connection.begin().unwrap();
    connection.limit(Some(600)).unwrap();
    assert_eq!(shown(&mut connection), "10min");
    connection.commit().unwrap();
    assert_eq!(shown(&mut connection), "30s");
    connection.limit(None).unwrap();
    assert_eq!(shown(&mut connection), "0");
    connection.begin().unwrap();
    connection.limit(Some(1)).unwrap();
    let error = connection.batch("select pg_sleep(20)").unwrap_err();
    assert!(matches!(error, DatabaseError::Slow { seconds: Some(1), .. }), "{error}");
    connection.rollback().unwrap();
    // It is as long as it was before.
    assert_eq!(cell(&mut connection, "select pg_sleep(7); show statement_timeout"), "0");
}

#[test]
fn behind_a_pooler_settings_are_those_of_a_transaction() {
    let mut connection = Connection::open(&with_pooler(), Purpose::Reading).unwrap();
    assert!(connection.server().pooled);
    let before = connection.trips();
    connection.begin().unwrap();
    assert_eq!(connection.trips(), before + 1);
    assert_eq!(cell(&mut connection, "show statement_timeout"), "30s");
    connection.commit().unwrap();
    assert_eq!(cell(&mut connection, "show statement_timeout"), "0");
    connection.limit(Some(9)).unwrap();
    assert_eq!(cell(&mut connection, "show statement_timeout"), "0");
}

#[test]
fn a_connection_goes_where_it_is_needed() {
    fn is_send<T: Send>(it: T) -> T {
        it
    }
    let connection = is_send(writer());
    // Not even within another runtime does its end fail.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async move { drop(connection) });
}
