//! Leases: who may write a root.
//!
//! A session's lock would end with the session, and a pooler gives a session's transactions to many. So a writer has a root
//! for some minutes, by the server's clock, and extends that with each commit. Each lease has a number of its own, its epoch,
//! which each commit compares: a writer that was asleep for longer finds that the root is another's, and changes nothing.
//!
//! Such a number is a fencing token (Kleppmann, "How to do distributed locking", 2016): what an old one comes with is refused.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use super::Database;
use super::connect::{Connection, Purpose};
use super::session::{Value, set_up};
use super::tally::Tally;
use crate::document::Root;
use crate::error::{DatabaseError, Error, Result, Usage};
use crate::store::bm25f::FIELDS;
use crate::sys;

/// How long a writer has a root without a commit, in minutes.
const MINUTES: i64 = 5;
/// A lease is extended after so long.
const EXTENDED_AFTER: Duration = Duration::from_mins(1);

/// The roots that a writer has.
#[derive(Clone, Debug)]
pub(super) struct Leases {
    /// Who has them, as a phrase.
    owner: String,
    held: BTreeMap<String, i64>,
    extended: Instant,
}

/// What a root's row says when a commit begins.
#[derive(Clone, Debug, Default)]
pub(super) struct RootRow {
    /// How often it was changed, this commit included.
    pub(super) commits: i64,
    /// What is counted of it.
    pub(super) tally: Tally,
}

impl Leases {
    /// Those of a process on a machine.
    pub(super) fn new(machine: &str) -> Self {
        // Two processes may have one number: in containers, say.
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let own = now.subsec_nanos() ^ (now.as_secs() as u32);
        let owner = format!("process {} on {machine} ({own:08x})", std::process::id());
        Self { owner, held: BTreeMap::new(), extended: Instant::now() }
    }

    /// The names of the roots.
    pub(super) fn names(&self) -> Vec<String> {
        self.held.keys().cloned().collect()
    }

    /// Takes a root, in the transaction that is open, and makes it if it isn't there and there is a description of it.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another process has it.
    pub(super) fn take(
        &mut self,
        database: &Database,
        connection: &mut Connection,
        name: &str,
        root: Option<&Root>,
    ) -> Result<()> {
        if self.held.contains_key(name) {
            return Ok(());
        }
        if let Some(root) = root {
            let description =
                serde_json::to_string(&Root { machine: None, ..root.clone() }).unwrap_or_default();
            let values =
                [Value::Text(name.into()), Value::Text(database.machine.clone()), Value::Text(description)];
            let sql =
                "insert into roots (root, machine, description) values ($1, $2, $3) on conflict do nothing";
            connection.execute(sql, &values.each_ref().map(Value::parameter))?;
        }
        let sql = format!(
            "update roots set owner = $2, epoch = epoch + 1, lease_until = clock_timestamp() + interval '{MINUTES} minutes' \
             where root = $1 and (owner is null or owner in ($2, $3) or lease_until < clock_timestamp()) \
             returning epoch, machine"
        );
        let mut values =
            [Value::Text(name.into()), Value::Text(self.owner.clone()), Value::Text(String::new())];
        let mut rows = connection.query(&sql, &values.each_ref().map(Value::parameter))?;
        if rows.is_empty() {
            let holder =
                connection.query("select owner from roots where root = $1", &[values[0].parameter()])?;
            let holder = holder.first().and_then(|row| row.get::<_, Option<String>>(0));
            // It isn't there, so there is nothing to have.
            let Some(holder) = holder else { return Ok(()) };
            if !is_gone(&holder, &database.machine) {
                return Err(Error::Busy { path: database.shown().to_path_buf(), holder });
            }
            values[2] = Value::Text(holder);
            rows = connection.query(&sql, &values.each_ref().map(Value::parameter))?;
        }
        let Some(row) = rows.first() else { return Ok(()) };
        let machine: String = row.get(1);
        if machine != database.machine && root.is_some() {
            return Err(Usage::RootElsewhere { root: name.to_owned(), machine }.into());
        }
        self.held.insert(name.to_owned(), row.get(0));
        Ok(())
    }

    /// Begins a commit of a root in the transaction that is open: whoever waits for the same root waits for its end.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::LeaseLost`] if another process has it now.
    pub(super) fn begin_commit(
        &mut self,
        connection: &mut Connection,
        name: &str,
        waiting: u64,
    ) -> Result<RootRow> {
        let epoch = self.held.get(name).copied().unwrap_or(-1);
        let sql = format!(
            "update roots set commits = commits + 1, indexed_at = extract(epoch from clock_timestamp())::int8, \
             waiting = $4, lease_until = clock_timestamp() + interval '{MINUTES} minutes' \
             where root = $1 and owner = $2 and epoch = $3 \
             returning commits, files, passages, lengths, languages, of_languages"
        );
        let waiting = i64::try_from(waiting).unwrap_or(i64::MAX);
        let values = [
            Value::Text(name.into()),
            Value::Text(self.owner.clone()),
            Value::Number(epoch),
            Value::Number(waiting),
        ];
        let rows = connection.query(&sql, &values.each_ref().map(Value::parameter))?;
        let Some(row) = rows.first() else {
            return Err(DatabaseError::LeaseLost { root: name.to_owned() }.into());
        };
        self.extended = Instant::now();
        let lengths: Vec<i64> = row.get(3);
        let mut tally = Tally { files: row.get(1), passages: row.get(2), ..Tally::default() };
        for (length, stored) in tally.lengths.as_flattened_mut().iter_mut().zip(lengths) {
            *length = stored;
        }
        let (codes, counts): (Vec<String>, Vec<i64>) = (row.get(4), row.get(5));
        tally.languages = codes.into_iter().zip(counts).collect();
        Ok(RootRow { commits: row.get(0), tally })
    }

    /// Makes sure, in the transaction that is open, that a root is still this writer's: until its end nobody can take it.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::LeaseLost`] if another process has it now.
    pub(super) fn keep(&mut self, connection: &mut Connection, name: &str) -> Result<()> {
        let epoch = self.held.get(name).copied().unwrap_or(-1);
        let sql = format!(
            "update roots set lease_until = clock_timestamp() + interval '{MINUTES} minutes' \
             where root = $1 and owner = $2 and epoch = $3"
        );
        let values = [Value::Text(name.into()), Value::Text(self.owner.clone()), Value::Number(epoch)];
        if connection.execute(&sql, &values.each_ref().map(Value::parameter))? == 1 {
            return Ok(());
        }
        Err(DatabaseError::LeaseLost { root: name.to_owned() }.into())
    }

    /// Extends all leases, in the transaction that is open.
    fn extend(&mut self, connection: &mut Connection) -> Result<()> {
        self.extended = Instant::now();
        let sql = format!(
            "update roots set lease_until = clock_timestamp() + interval '{MINUTES} minutes' \
             where root = any($1) and owner = $2"
        );
        let values = [Value::Texts(self.names()), Value::Text(self.owner.clone())];
        connection.execute(&sql, &values.each_ref().map(Value::parameter))?;
        Ok(())
    }

    /// Lets all roots go, in the transaction that is open; those without a commit were only taken to be made.
    fn release(&mut self, connection: &mut Connection) -> Result<()> {
        let names = std::mem::take(&mut self.held).into_keys().collect();
        let values = [Value::Texts(names), Value::Text(self.owner.clone())];
        let parameters = values.each_ref().map(Value::parameter);
        connection
            .execute("delete from roots where root = any($1) and owner = $2 and commits = 0", &parameters)?;
        let sql = "update roots set owner = null, lease_until = null where root = any($1) and owner = $2";
        connection.execute(sql, &parameters)?;
        Ok(())
    }

    /// Forgets a root that isn't there any more.
    pub(super) fn forget(&mut self, name: &str) {
        self.held.remove(name);
    }
}

/// Whether a process that had roots has ended without letting them go: one of this machine, which was killed.
fn is_gone(owner: &str, machine: &str) -> bool {
    let number = owner.strip_prefix("process ").and_then(|rest| rest.split_once(&format!(" on {machine} (")));
    number.and_then(|(number, _)| number.parse().ok()).is_some_and(sys::is_no_process)
}

/// A connection that writes, with the roots that it has. Dropping it lets them go.
#[derive(Debug)]
pub(super) struct Tenant {
    /// Where it writes; beside the index while that is made again.
    pub(super) database: Database,
    connection: Option<Connection>,
    /// What it has.
    pub(super) leases: Leases,
}

impl Tenant {
    /// One that has nothing yet.
    pub(super) fn new(database: &Database, connection: Connection) -> Self {
        let (leases, connection) = (Leases::new(&database.machine), Some(connection));
        Self { database: database.clone(), connection, leases }
    }

    /// The connection, which is opened again if it was lost, and the leases.
    pub(super) fn parts(&mut self) -> Result<(&mut Connection, &mut Leases)> {
        let open = match self.connection.take().filter(|connection| !connection.is_closed()) {
            Some(open) => open,
            None => Connection::open(&self.database.address, Purpose::Writing)?,
        };
        Ok((self.connection.insert(open), &mut self.leases))
    }

    /// Begins a transaction in the schema of the index.
    pub(super) fn begin(&mut self) -> Result<(&mut Connection, &mut Leases)> {
        let path = set_up(self.database.address.schema());
        let (connection, leases) = self.parts()?;
        connection.begin()?;
        connection.batch(&path)?;
        Ok((connection, leases))
    }

    /// Asks for rows in a transaction of their own.
    pub(super) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<tokio_postgres::Row>> {
        let (connection, _) = self.begin()?;
        let parameters: Vec<_> = values.iter().map(Value::parameter).collect();
        let rows = connection.query(sql, &parameters)?;
        connection.commit()?;
        Ok(rows)
    }

    /// Ends a transaction that failed.
    pub(super) fn roll_back(&mut self) {
        if let Some(connection) = self.connection.as_mut().filter(|connection| !connection.is_closed()) {
            // If it can't be, whatever comes next finds out.
            let _ = connection.rollback();
        }
    }

    /// Extends all leases if it is time to.
    pub(super) fn extend(&mut self) -> Result<()> {
        if self.leases.held.is_empty() || self.leases.extended.elapsed() < EXTENDED_AFTER {
            return Ok(());
        }
        let (connection, leases) = self.begin()?;
        leases.extend(connection)?;
        Ok(connection.commit()?)
    }

    /// Lets all roots go, unless that has to wait.
    fn let_go_soon(&mut self) -> Result<()> {
        if self.leases.held.is_empty() {
            return Ok(());
        }
        let (connection, leases) = self.begin()?;
        connection.batch("set local lock_timeout = '100ms'")?;
        leases.release(connection)?;
        Ok(connection.commit()?)
    }

    /// Lets all roots go.
    pub(super) fn let_go(&mut self) -> Result<()> {
        if self.leases.held.is_empty() {
            return Ok(());
        }
        let (connection, leases) = self.begin()?;
        leases.release(connection)?;
        Ok(connection.commit()?)
    }
}

impl Drop for Tenant {
    /// Lets the roots go, so that the next writer needn't wait until the leases end; on another connection, if this one is lost.
    fn drop(&mut self) {
        self.roll_back();
        // If it can't be, the leases end by themselves.
        let _ = self.let_go_soon();
    }
}

/// The statement that stores what is counted of a root.
pub(super) fn store_tally(connection: &mut Connection, name: &str, tally: &Tally) -> Result<()> {
    let sql = "update roots set files = $2, passages = $3, lengths = $4, languages = $5, of_languages = $6 where root = $1";
    debug_assert_eq!(tally.lengths.as_flattened().len(), 2 * FIELDS);
    let values = [
        Value::Text(name.into()),
        Value::Number(tally.files),
        Value::Number(tally.passages),
        Value::Numbers(tally.lengths.as_flattened().to_vec()),
        Value::Texts(tally.languages.keys().cloned().collect()),
        Value::Numbers(tally.languages.values().copied().collect()),
    ];
    connection.execute(sql, &values.each_ref().map(Value::parameter))?;
    Ok(())
}
