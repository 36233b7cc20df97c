//! An index that is made again: in a schema beside the old one, which then takes its place in one transaction.
//!
//! Rights and policies of the old tables are given to the new ones. The old schema is dropped afterwards, for a reader in the
//! middle of a question holds it; what can't be dropped then, the next writer drops.

use super::Database;
use super::connect::{Connection, Table};
use super::session::set_up;
use super::tables::TABLES;
use crate::error::{DatabaseError, Error, Result, Usage};

/// What the name of the schema ends with in which an index is made again.
const BESIDE: &str = "__new";
/// What the name of the old schema ends with until it is dropped.
const BEFORE: &str = "__old";

/// The database whose schema lies beside that of an index.
pub(super) fn beside(database: &Database) -> Database {
    let address = database.address.with_schema(&format!("{}{BESIDE}", database.address.schema()));
    Database { address, ..database.clone() }
}

/// Refuses to make an index again that another process writes, or that has roots on other machines, whose notes can't be
/// read here.
pub(super) fn check(database: &Database, connection: &mut Connection) -> Result<()> {
    let schema = database.address.schema();
    let is_there = connection.batch(&format!("select to_regclass('\"{schema}\".roots')"))?;
    if !said(&is_there).any(|there| !there.is_empty()) {
        return Ok(());
    }
    let sql = format!(
        "begin; {}; select owner from roots where owner is not null and lease_until > clock_timestamp() limit 1; \
         select machine, root from roots where commits > 0 order by root; commit",
        set_up(schema)
    );
    let tables = connection.batch(&sql)?;
    let rows = |at: usize| tables.len().checked_sub(at).and_then(|at| tables.get(at)).into_iter().flatten();
    if let Some(holder) = rows(3).next().and_then(|row| row.first().cloned().flatten()) {
        return Err(Error::Busy { path: database.shown().to_path_buf(), holder });
    }
    for row in rows(2) {
        if let [Some(machine), Some(root)] = &row[..]
            && *machine != database.machine
        {
            return Err(Usage::RootElsewhere { root: root.clone(), machine: machine.clone() }.into());
        }
    }
    Ok(())
}

/// Drops a schema with all that is in it.
pub(super) fn drop_schema(database: &Database, connection: &mut Connection) -> Result<()> {
    connection.batch(&format!("drop schema if exists \"{}\" cascade", database.address.schema()))?;
    Ok(())
}

/// Puts the new index in the place of the old one. Whoever might read or see the old one may do so with the new one.
pub(super) fn swap(index: &Database, new: &Database, connection: &mut Connection) -> Result<()> {
    let (old, new) = (index.address.schema(), new.address.schema());
    connection.begin()?;
    connection.limit(None)?;
    connection.batch(&format!("select pg_advisory_xact_lock(hashtext('qsearch {old}'))"))?;
    for statement in rights(connection, old, new)? {
        connection.batch(&statement)?;
    }
    let is_there = connection.batch(&format!("select to_regclass('\"{old}\".meta')"))?;
    if said(&is_there).any(|there| !there.is_empty()) {
        // The state that answers come from only grows.
        connection.batch(&format!(
            "update \"{new}\".meta set commits = commits + (select commits from \"{old}\".meta) \
             + (select coalesce(sum(commits), 0) from \"{old}\".roots)"
        ))?;
    }
    let before = format!("{old}{BEFORE}");
    connection.batch(&format!("drop schema if exists \"{before}\" cascade"))?;
    connection.batch(&format!("alter schema \"{old}\" rename to \"{before}\""))?;
    connection.batch(&format!("alter schema \"{new}\" rename to \"{old}\""))?;
    connection.commit()?;
    drop_before(index, connection)
}

/// Drops the old schema, unless somebody still reads it: then the next writer does.
pub(super) fn drop_before(index: &Database, connection: &mut Connection) -> Result<()> {
    let before = format!("{}{BEFORE}", index.address.schema());
    let sql =
        format!("begin; set local lock_timeout = '1s'; drop schema if exists \"{before}\" cascade; commit");
    match connection.batch(&sql) {
        // Who may not drop it needn't.
        Err(DatabaseError::Locked { .. } | DatabaseError::Privilege { .. }) => Ok(connection.rollback()?),
        dropped => Ok(dropped.map(drop)?),
    }
}

/// The statements that give the new tables the rights and the policies that the old ones have.
fn rights(connection: &mut Connection, old: &str, new: &str) -> Result<Vec<String>> {
    let tables = TABLES.map(|table| format!("'{table}'")).join(", ");
    let queries = [
        format!(
            "select format('grant usage on schema %I to %s', '{new}', \
             case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end) \
             from pg_namespace, aclexplode(nspacl) where nspname = '{old}' and grantee <> nspowner \
             and privilege_type = 'USAGE'"
        ),
        format!(
            "select format('grant %s on %I.%I to %s', privilege_type, '{new}', relname, \
             case when grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end) \
             from pg_class c join pg_namespace n on n.oid = relnamespace, aclexplode(relacl) \
             where nspname = '{old}' and grantee <> relowner and relkind in ('r', 'S')"
        ),
        format!(
            "select format('alter table %I.%I enable row level security', '{new}', relname) from pg_class c \
             join pg_namespace n on n.oid = relnamespace where nspname = '{old}' and relrowsecurity and relname in ({tables})"
        ),
        format!(
            "select format('create policy %I on %I.%I as %s for %s to %s%s%s', policyname, '{new}', tablename, permissive, cmd, \
             (select string_agg(case when r = 'public' then r else quote_ident(r) end, ', ') from unnest(roles) r), coalesce(' using (' || qual || ')', ''), \
             coalesce(' with check (' || with_check || ')', '')) from pg_policies where schemaname = '{old}'"
        ),
    ];
    let mut statements = Vec::new();
    for query in queries {
        statements.extend(said(&connection.batch(&query)?));
    }
    Ok(statements)
}

/// All values of some tables.
fn said(tables: &[Table]) -> impl Iterator<Item = String> {
    let values: Vec<String> = tables.iter().flatten().flatten().flatten().cloned().collect();
    values.into_iter()
}
