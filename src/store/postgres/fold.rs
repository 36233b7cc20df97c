//! Maintenance: the postings of many commits become those of one, and vectors get an index where there are many.
//!
//! Batches have levels, as in a log-structured merge tree (O'Neil et al. 1996): a commit's is of level 0, and sixteen of a
//! level become one of the next. What went cancels what came, as far as both are among the batches that are merged.

use std::collections::BTreeMap;

use super::connect::{Connection, Purpose};
use super::copy_rows::CopyRows;
use super::postings::{Sign, encode, merge};
use super::session::{Value, search_path};
use super::tables::{CREATE_GRAPH, MOST_INDEXED, MOST_SCANNED, TABLES};
use super::writer::DatabaseWriter;
use crate::error::{DatabaseError, Error, Result};
use crate::store::maintenance::{Maintenance, Step};

/// So many batches of a level become one of the next: each posting is written once for each level.
const WIDTH: usize = 16;
/// So many rows of postings are merged at once.
const PORTION: i64 = 50_000;

impl DatabaseWriter {
    /// Does what is due, or all that can be done: a merge of all postings, an index over the vectors, and the database's own
    /// tidying up.
    pub(super) fn maintain(&mut self, maintenance: &Maintenance<'_>) -> Result<()> {
        let names = self.tenant.leases.names();
        for name in &names {
            for batches in self.due(name, maintenance.optimize)? {
                if !(maintenance.watch)(Step::Merging(batches.len() as u64)) {
                    return Ok(());
                }
                let (connection, leases) = self.tenant.begin()?;
                connection.limit(None)?;
                leases.keep(connection, name)?;
                fold(connection, name, &batches)?;
                connection.commit()?;
            }
        }
        self.index_vectors(maintenance)?;
        if maintenance.optimize {
            self.tidy()?;
        }
        Ok(())
    }

    /// The batches of a root that are to become one, with the level that this one gets.
    fn due(&mut self, name: &str, all: bool) -> Result<Vec<BTreeMap<i64, i32>>> {
        let sql = "select batch, level from batches where root = $1";
        let rows = self.tenant.query(sql, &[Value::Text(name.to_owned())])?;
        let batches: BTreeMap<i64, i32> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        if all {
            return Ok(if batches.len() > 1 { vec![batches] } else { Vec::new() });
        }
        let mut of_level: BTreeMap<i32, BTreeMap<i64, i32>> = BTreeMap::new();
        for (batch, level) in batches {
            of_level.entry(level).or_default().insert(batch, level);
        }
        Ok(of_level.into_values().filter(|batches| batches.len() >= WIDTH).collect())
    }

    /// Makes the index over the vectors once there are many.
    fn index_vectors(&mut self, maintenance: &Maintenance<'_>) -> Result<()> {
        if self.fingerprint.dim > MOST_INDEXED {
            return Ok(());
        }
        let sql = "select coalesce((select sum(passages) from roots), 0)::int8, \
                   coalesce((select indisvalid from pg_index where indexrelid = to_regclass('vectors_hnsw')), false), \
                   to_regclass('vectors_hnsw') is not null";
        let rows = self.tenant.query(sql, &[])?;
        let Some(row) = rows.first() else { return Ok(()) };
        let (passages, is_valid, is_there): (i64, bool, bool) = (row.get(0), row.get(1), row.get(2));
        if passages <= MOST_SCANNED as i64 || is_valid || self.is_being_indexed()? {
            return Ok(());
        }
        if !(maintenance.watch)(Step::BuildingGraph { done: 0, all: 1 }) {
            return Ok(());
        }
        // One that was broken off is of no use.
        if is_there {
            self.outside("drop index concurrently if exists vectors_hnsw")?;
        }
        self.outside(CREATE_GRAPH)
    }

    /// Whether somebody else makes an index over the vectors now, or tidies them up; also if it isn't ours to do so.
    fn is_being_indexed(&mut self) -> Result<bool> {
        let (connection, _) = self.tenant.begin()?;
        let locked = connection.batch("lock table vectors in share update exclusive mode nowait");
        self.tenant.roll_back();
        match locked {
            Ok(_) => Ok(false),
            Err(DatabaseError::Locked { .. } | DatabaseError::Privilege { .. }) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Has the database tidy up its tables.
    fn tidy(&mut self) -> Result<()> {
        for table in TABLES {
            self.outside(&format!("vacuum analyze {table}"))?;
        }
        let sql = "select to_regclass('vectors_hnsw') is not null";
        let has_graph = self.tenant.query(sql, &[])?.first().is_some_and(|row| row.get(0));
        if has_graph {
            self.outside("reindex index concurrently vectors_hnsw")?;
        }
        Ok(())
    }

    /// Runs a statement that no transaction may have around it, on a connection of its own.
    fn outside(&mut self, sql: &str) -> Result<()> {
        let address = self.tenant.database.address.clone();
        let mut connection = Connection::open(&address, Purpose::Writing)?;
        connection.limit(None)?;
        connection.batch(&search_path(address.schema(), false))?;
        connection.batch(sql)?;
        Ok(())
    }
}

/// Makes one batch of several, in the transaction that is open.
fn fold(connection: &mut Connection, root: &str, batches: &BTreeMap<i64, i32>) -> Result<()> {
    let rows = connection.query("select nextval('batch_numbers'), nextval('batch_numbers')", &[])?;
    let Some(row) = rows.first() else { return Ok(()) };
    let (came, went): (i64, i64) = (row.get(0), row.get(1));
    let level = batches.values().max().copied().unwrap_or(0) + 1;
    let old = Value::Numbers(batches.keys().copied().collect());
    let (root_value, portion) = (Value::Text(root.to_owned()), Value::Number(PORTION));
    let (mut last, mut has_went) = (String::new(), false);
    loop {
        // All rows of a term are of one portion, because the last term of each is left to the next.
        let sql = "select term, docs from postings where root = $1 and batch = any($2) and term > $3 \
                   and term <= coalesce((select max(term) from (select term from postings where root = $1 \
                   and batch = any($2) and term > $3 order by term limit $4) t), '') order by term";
        let after = Value::Text(last.clone());
        let values = [&root_value, &old, &after, &portion];
        let rows = connection.query(sql, &values.map(Value::parameter))?;
        let Some(end) = rows.last() else { break };
        last = end.get(0);
        let mut copied = CopyRows::new(4);
        for of_term in rows.chunk_by(|a, b| a.get::<_, &str>(0) == b.get::<_, &str>(0)) {
            let merged = merge(of_term.iter().map(|row| row.get::<_, &[u8]>(1)));
            let damaged = || Error::corrupt(connection.shown(), "the postings of a term can't be read");
            let merged = merged.ok_or_else(damaged)?;
            for (postings, (sign, batch)) in merged.iter().zip([(Sign::Came, came), (Sign::Went, went)]) {
                if !postings.is_empty() {
                    has_went |= sign == Sign::Went;
                    let row = copied.row().text(root).text(of_term[0].get(0));
                    row.number(batch).bytes(&encode(sign, postings));
                }
            }
        }
        if !copied.is_empty() {
            connection.copy_in("copy postings from stdin (format binary)", copied.finish().into_iter())?;
        }
    }
    let values = [&root_value, &old].map(Value::parameter);
    connection.execute("delete from postings where root = $1 and batch = any($2)", &values)?;
    connection.execute("delete from batches where root = $1 and batch = any($2)", &values)?;
    for batch in [Some(came), Some(went).filter(|_| has_went)].into_iter().flatten() {
        let values = [root_value.clone(), Value::Number(batch), Value::Number(level.into())];
        let sql = "insert into batches (root, batch, level) values ($1, $2, $3::int8::int4)";
        connection.execute(sql, &values.each_ref().map(Value::parameter))?;
    }
    Ok(())
}
