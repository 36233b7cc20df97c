//! A connection that reads one state of an index, in one transaction.
//!
//! The transaction begins with the state's description, and stays open until it is asked whether the state is still the
//! current one; then another begins. A server ends a transaction that nobody asks anything for a minute. What is asked next
//! begins another, and goes on if nothing was committed meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_postgres::types::{ToSql, Type};

use super::Database;
use super::connect::{Connection, Parameter, Purpose, Query as Asked, Table};
use super::state::{NoState, State, TELL};
use super::tables::FORMAT;
use crate::error::{DatabaseError, Error, Result};

/// A server ends a transaction that nobody has asked anything for so long; the next question begins another.
const IDLE: &str = "60s";
/// How long a lock is waited for.
const LOCKED: &str = "10s";
/// The codes of errors for a table or a schema that isn't there.
const NO_TABLE: [&str; 2] = ["42P01", "3F000"];

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A text.
    Text(String),
    /// Texts.
    Texts(Vec<String>),
    /// A whole number.
    Number(i64),
    /// Whole numbers.
    Numbers(Vec<i64>),
    /// Byte strings.
    Bytes(Vec<Vec<u8>>),
}

impl Value {
    /// The parameter, with its type.
    pub(super) fn parameter(&self) -> Parameter<'_> {
        match self {
            Self::Text(text) => (text as &(dyn ToSql + Sync), Type::TEXT),
            Self::Texts(texts) => (texts, Type::TEXT_ARRAY),
            Self::Number(number) => (number, Type::INT8),
            Self::Numbers(numbers) => (numbers, Type::INT8_ARRAY),
            Self::Bytes(bytes) => (bytes, Type::BYTEA_ARRAY),
        }
    }
}

/// A statement with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    /// The statement.
    pub(super) sql: String,
    /// Its parameters.
    pub(super) values: Vec<Value>,
}

impl Query {
    /// A statement with its parameters.
    pub(super) fn new(sql: &str, values: Vec<Value>) -> Self {
        Self { sql: sql.to_owned(), values }
    }
}

/// What sets up a transaction: the schema in which tables are, and how long may be waited. In front of it stands what
/// begins one.
pub(super) fn set_up(schema: &str) -> String {
    format!(
        "{}; set local jit = off; set local lock_timeout = '{LOCKED}'; \
         set local idle_in_transaction_session_timeout = '{IDLE}'",
        search_path(schema, true)
    )
}

/// The statement that finds tables in a schema, and the extension `vector` in whatever schema it is: for one transaction, or
/// for all that follow.
pub(super) fn search_path(schema: &str, is_local: bool) -> String {
    format!(
        "select set_config('search_path', '\"{schema}\", public' || coalesce((select ', ' || quote_ident(nspname) \
         from pg_extension join pg_namespace n on n.oid = extnamespace where extname = 'vector'), ''), {is_local})"
    )
}

/// What is set for searches through the index over vectors.
const SEARCHES: &str = "set local hnsw.ef_search = 400; set local hnsw.iterative_scan = strict_order; \
     set local hnsw.max_scan_tuples = 40000";

/// A connection that reads one state of an index.
#[derive(Debug)]
pub(super) struct Session {
    database: Database,
    connection: Mutex<Option<Connection>>,
    /// The number of the commit that made the state.
    commit: u64,
    /// Whether it reads whatever state is committed when a connection was lost.
    follows: AtomicBool,
    /// The table that the state was read of; another one after the index was made again.
    table: Mutex<i64>,
}

impl Session {
    /// Connects, and begins to read the state that is committed now.
    pub(super) fn open(database: &Database) -> Result<(Self, State)> {
        let mut connection = Connection::open(&database.address, Purpose::Reading)?;
        let (state, table) = begin(database, &mut connection, false)?;
        let session = Self {
            database: database.clone(),
            connection: Mutex::new(Some(connection)),
            commit: state.info.commit,
            follows: AtomicBool::new(false),
            table: Mutex::new(table),
        };
        Ok((session, state))
    }

    /// Which database it reads.
    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// From here on, when a connection was lost, whatever state is committed then is read.
    pub(super) fn follow(&self) {
        self.follows.store(true, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Connection>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for rows.
    pub(super) fn query(&self, query: &Query) -> Result<Vec<tokio_postgres::Row>> {
        Ok(self.together(std::slice::from_ref(query))?.pop().unwrap_or_default())
    }

    /// Asks several things in one trip. What was lost on the way is asked again, as long as the state is the same.
    pub(super) fn together(&self, queries: &[Query]) -> Result<Vec<Vec<tokio_postgres::Row>>> {
        let mut open = self.lock();
        if let Some(connection) = open.as_mut().filter(|connection| !connection.is_closed()) {
            match self.ask(connection, queries) {
                Err(_) if connection.is_closed() => {}
                // After an error, the transaction is of no use: whoever asks next begins another.
                Err(error) => {
                    *open = None;
                    return Err(error);
                }
                asked => return asked,
            }
        }
        *open = None;
        let mut connection = Connection::open(&self.database.address, Purpose::Reading)?;
        let (state, table) = begin(&self.database, &mut connection, false)?;
        if state.info.commit != self.commit && !self.follows.load(Ordering::Relaxed) {
            return Err(changed(&connection));
        }
        *self.table.lock().unwrap_or_else(PoisonError::into_inner) = table;
        self.ask(open.insert(connection), queries)
    }

    /// Asks several things in one trip, and whether the tables are still the same: when an index was made again, other tables
    /// have their names, in which this transaction would see nothing.
    fn ask(&self, connection: &mut Connection, queries: &[Query]) -> Result<Vec<Vec<tokio_postgres::Row>>> {
        let parameters: Vec<Vec<Parameter<'_>>> =
            queries.iter().map(|query| query.values.iter().map(Value::parameter).collect()).collect();
        let mut asked: Vec<Asked<'_>> = queries
            .iter()
            .zip(&parameters)
            .map(|(query, parameters)| Asked { sql: &query.sql, parameters })
            .collect();
        asked.push(Asked { sql: WHICH, parameters: &[] });
        let mut results = connection.together(&asked)?;
        let table = results.pop().and_then(|rows| rows.first()?.get::<_, Option<i64>>(0));
        if table == Some(*self.table.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(results);
        }
        Err(changed(connection))
    }

    /// Whether the index is still in the state of a commit. Then a new transaction has begun, in which it is read on.
    pub(super) fn is_at(&self, commit: u64) -> bool {
        let mut open = self.lock();
        let mut connection = match open.take().filter(|connection| !connection.is_closed()) {
            Some(connection) => connection,
            None => match Connection::open(&self.database.address, Purpose::Reading) {
                Ok(connection) => connection,
                Err(_) => return false,
            },
        };
        let begun = begin(&self.database, &mut connection, true);
        *open = Some(connection);
        let Ok((state, table)) = begun else { return false };
        *self.table.lock().unwrap_or_else(PoisonError::into_inner) = table;
        state.info.commit == commit
    }

    /// How many times something was sent and an answer waited for.
    #[cfg(all(test, feature = "live-postgres"))]
    pub(super) fn trips(&self) -> u64 {
        self.lock().as_ref().map_or(0, Connection::trips)
    }
}

/// Which table is read.
const WHICH: &str = "select to_regclass('meta')::oid::int8";

/// An error about an index that isn't in the state any more that was read.
fn changed(connection: &Connection) -> Error {
    DatabaseError::Changed { server: connection.shown().to_owned() }.into()
}

/// Begins to read the state that is committed now, after the end of the transaction before, if there is one. Also gives the
/// number of its table.
fn begin(database: &Database, connection: &mut Connection, after_another: bool) -> Result<(State, i64)> {
    let end = if after_another { "rollback; " } else { "" };
    let [meta, roots] = TELL;
    let sql = format!(
        "{end}{}; {}; {SEARCHES}; {WHICH}; {meta}; {roots}",
        connection.beginning(),
        set_up(database.address.schema())
    );
    let mut tables = match connection.batch(&sql) {
        Ok(tables) => tables,
        Err(error) => return Err(no_index(database, connection, error)),
    };
    let (roots, meta) = (tables.pop().unwrap_or_default(), tables.pop().unwrap_or_default());
    let which = tables.pop().unwrap_or_default();
    let table = which.first().and_then(|row| row.first()?.as_ref()?.parse().ok());
    Ok((state_of(database, &meta, &roots)?, table.unwrap_or(0)))
}

/// The state that the two tables tell.
pub(super) fn state_of(database: &Database, meta: &Table, roots: &Table) -> Result<State> {
    State::read(meta, roots, &database.machine).map_err(|why| {
        let path = database.shown().to_path_buf();
        match why {
            NoState::Nothing => Error::NoIndex { path },
            NoState::Format(found) => Error::IndexVersion { path, found, supported: FORMAT as u32 },
            NoState::Damaged(what) => Error::corrupt(path, what),
        }
    })
}

/// An error, or that there is no index, where its tables are missing. Where they only can't be seen, that is the error.
pub(super) fn no_index(database: &Database, connection: &mut Connection, error: DatabaseError) -> Error {
    match &error {
        DatabaseError::Other { code, .. } if NO_TABLE.contains(&&**code) => {}
        _ => return error.into(),
    }
    let schema = database.address.schema();
    let sql = format!(
        "rollback; select 1 from pg_namespace where nspname = '{schema}' and not has_schema_privilege(oid, 'usage')"
    );
    let hidden = connection.batch(&sql).is_ok_and(|tables| tables.iter().flatten().next().is_some());
    if hidden {
        let (server, what) = (connection.shown().to_owned(), format!("no right to use the schema {schema}"));
        return DatabaseError::Privilege { server, what }.into();
    }
    Error::NoIndex { path: database.shown().to_path_buf() }
}
