//! The store in a database, as everything that asks it sees it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::codes;
use super::fetched::Fetched;
use super::selection::decode_numbers;
use super::session::{Query as Sql, Value};
use super::snapshot::{DatabaseSnapshot, FETCH, lock};
use super::tables::TABLES;
use super::text::plain;
use crate::document::{EmbeddedHash, NotePath, PassageId};
use crate::error::Result;
use crate::hit::{Row, StoredPassage};
use crate::query::{Clause, Filter, Query};
use crate::store::filter::beginnings;
use crate::store::server::{Lease, ServerStatus};
use crate::store::{FileRecord, IndexInfo, PartVectors, Prepared, Store, StoredVectors, Vector, codec};
use crate::words::Language;

/// The fewest digits of a short id.
const FEWEST_DIGITS: usize = 8;
/// Notes whose numbers of passages take more bytes aren't fetched before they are asked for.
const MOST_AHEAD: i64 = 1000;

fn row_of(number: u32) -> Row {
    Row::new(number.into())
}

impl DatabaseSnapshot {
    /// The first passage of each file.
    pub(super) fn first_of_all(&self) -> Result<Vec<u32>> {
        let rows = self.session.query(&Sql::new("select passages from files", vec![]))?;
        Ok(rows.iter().filter_map(|row| decode_numbers(row.get(0)).first().copied()).collect())
    }

    /// The first of some passages in each file: a file's passages have ascending numbers.
    pub(super) fn first_of(&self, numbers: &[u32]) -> Result<Vec<u32>> {
        let sql = "select min(passage) from passages where passage = any($1) group by root, file";
        let numbers = numbers.iter().map(|&number| number.into()).collect();
        let rows = self.session.query(&Sql::new(sql, vec![Value::Numbers(numbers)]))?;
        Ok(rows.iter().filter_map(|row| u32::try_from(row.get::<_, i64>(0)).ok()).collect())
    }

    /// Those of some notes that weren't looked up yet.
    fn unknown_notes<'n>(&self, notes: &[(&'n str, &'n NotePath)]) -> Vec<(&'n str, &'n NotePath)> {
        let known = lock(&self.notes);
        let is_known =
            |(root, path): &(&str, &NotePath)| known.contains_key(&((*root).to_owned(), (*path).clone()));
        notes.iter().filter(|note| !is_known(note)).copied().collect()
    }

    /// Remembers which passages some notes have.
    fn keep_notes(&self, notes: &[(&str, &NotePath)], rows: &[tokio_postgres::Row]) {
        let mut known = lock(&self.notes);
        for (root, path) in notes {
            known.entry(((*root).to_owned(), (*path).clone())).or_default();
        }
        for row in rows {
            let path = NotePath::from_encoded(row.get::<_, String>(1));
            known.insert((row.get(0), path), decode_numbers(row.get(2)));
        }
    }

    fn numbers_of(&self, root: &str, path: &NotePath) -> Result<Vec<u32>> {
        let notes = self.unknown_notes(&[(root, path)]);
        if !notes.is_empty() {
            self.keep_notes(&notes, &self.session.query(&notes_query(&notes))?);
        }
        Ok(lock(&self.notes).get(&(root.to_owned(), path.clone())).cloned().unwrap_or_default())
    }

    /// Those of some names that weren't looked up yet.
    fn unknown_names<'k>(&self, keys: &[&'k str], most: usize) -> Vec<&'k str> {
        let known = lock(&self.called);
        let is_known = |key: &str| known.get(&plain(key)).is_some_and(|(limit, _)| *limit >= most);
        keys.iter().filter(|key| !is_known(key)).copied().collect()
    }

    /// Remembers a passage of each note that is called so.
    fn keep_names(&self, keys: &[&str], most: usize, rows: &[tokio_postgres::Row]) {
        let mut known = lock(&self.called);
        for key in keys {
            known.insert(plain(key), (most, Vec::new()));
        }
        for row in rows {
            if let Some((_, found)) = known.get_mut(row.get::<_, &str>(0)) {
                found.extend(decode_numbers(row.get(1)).first());
            }
        }
    }

    /// The ids that are most like some others, and maybe more: of passages that were fetched they are known.
    fn similar_ids(&self, ids: &[PassageId]) -> Result<BTreeSet<String>> {
        let (mut similar, mut unknown): (BTreeSet<String>, BTreeSet<String>) = Default::default();
        for id in ids {
            match self.fetched_by_id(*id) {
                Some(passage) => similar.extend(passage.similar.iter().flatten().cloned()),
                None => drop(unknown.insert(id.digits()[..FEWEST_DIGITS].to_owned())),
            }
        }
        if !unknown.is_empty() {
            let sql =
                "select p.id from unnest($1::text[]) b join passages p on p.id >= b and p.id < b || '~'";
            let values = vec![Value::Texts(unknown.into_iter().collect())];
            similar.extend(
                self.session.query(&Sql::new(sql, values))?.iter().map(|row| row.get::<_, String>(0)),
            );
        }
        Ok(similar)
    }

    /// The passages that a query finds, which gives the columns of [`FETCH`].
    fn found_by(&self, condition: &str, values: Vec<Value>) -> Result<Vec<StoredPassage>> {
        let rows = self.session.query(&Sql::new(&format!("{FETCH} {condition}"), values))?;
        let numbers = self.keep(&rows)?;
        self.passages(&numbers.into_iter().map(row_of).collect::<Vec<_>>())
    }
}

/// The query for the passages of some notes.
fn notes_query(notes: &[(&str, &NotePath)]) -> Sql {
    let sql = "select f.root, f.path, f.passages from unnest($1::text[], $2::text[]) n(root, path) \
               join files f on f.root = n.root and md5(f.path) = md5(n.path)";
    let (roots, paths) = notes.iter().map(|(root, path)| (plain(root), plain(path.as_str()))).unzip();
    Sql::new(sql, vec![Value::Texts(roots), Value::Texts(paths)])
}

/// The query for the notes of some names, one more than `most` of each.
fn names_query(keys: &[&str], most: usize) -> Sql {
    let sql = "select k.key, f.passages from unnest($1::text[]) k(key), \
               lateral (select passages from files where called @> array[k.key] limit $2) f";
    let asked = keys.iter().map(|key| plain(key)).collect();
    Sql::new(sql, vec![Value::Texts(asked), Value::Number(most as i64 + 1)])
}

impl Store for DatabaseSnapshot {
    fn dir(&self) -> &Path {
        self.shown()
    }

    fn info(&self) -> &IndexInfo {
        self.description()
    }

    fn question<'a>(
        &'a self,
        query: &Query,
        vector: Option<&[f32]>,
        filter: &Filter,
    ) -> Result<Box<dyn Prepared + 'a>> {
        Ok(Box::new(self.prepare(query, vector, filter)?))
    }

    fn languages(&self) -> Result<Vec<Language>> {
        Ok(self.state.languages.clone())
    }

    fn knows(&self, clauses: &[Clause]) -> Result<Vec<bool>> {
        let knows = |clause: &Clause| match clause {
            Clause::Property { key, .. } => {
                let sql = "select 1 from files where exists \
                           (select from unnest(properties) t where starts_with(t, $1)) limit 1";
                let found =
                    self.session.query(&Sql::new(sql, vec![Value::Text(plain(&format!("{key}=")))]))?;
                Ok(!found.is_empty())
            }
            Clause::Prefix(begin) => {
                Ok(!self.terms_beginning(&beginnings(begin, &self.state.languages))?.is_empty())
            }
            _ => Ok(true),
        };
        clauses.iter().map(knows).collect()
    }

    fn passages(&self, rows: &[Row]) -> Result<Vec<StoredPassage>> {
        let fetched = self.rows(rows)?;
        let read = |passage: &Arc<Fetched>| passage.passage().map_err(|what| self.damaged(what));
        fetched.iter().map(read).collect()
    }

    fn vectors(&self, rows: &[Row]) -> Result<Vec<Vec<f32>>> {
        let fetched = self.rows(rows)?;
        Ok(fetched
            .iter()
            .map(|passage| passage.vector.codes.iter().map(|&code| code.into()).collect())
            .collect())
    }

    fn stored_vectors(&self, rows: &[Row]) -> Result<Vec<StoredVectors>> {
        let stored = |passage: Arc<Fetched>| StoredVectors {
            embedded: passage.embedded,
            vector: passage.vector.clone(),
            part_vectors: passage.parts.clone(),
        };
        Ok(self.rows(rows)?.into_iter().map(stored).collect())
    }

    fn sample(&self, most: usize) -> Result<Vec<Row>> {
        let values = vec![Value::Number(i64::try_from(most).unwrap_or(i64::MAX))];
        let condition =
            "where p.passage in (select passage from passages order by id limit $1) order by p.id";
        let rows = self.session.query(&Sql::new(&format!("{FETCH} {condition}"), values))?;
        Ok(self.keep(&rows)?.into_iter().map(row_of).collect())
    }

    fn passages_of(&self, root: &str, path: &NotePath) -> Result<Vec<StoredPassage>> {
        let mut passages = self.passages(&self.rows_of(root, path)?)?;
        passages.sort_by_key(|stored| (stored.passage.span, stored.id));
        Ok(passages)
    }

    fn notes_called(&self, key: &str, most: usize) -> Result<Vec<StoredPassage>> {
        let unknown = self.unknown_names(&[key], most);
        if !unknown.is_empty() {
            self.keep_names(&unknown, most, &self.session.query(&names_query(&unknown, most))?);
        }
        let numbers = lock(&self.called).get(&plain(key)).map(|(_, found)| found.clone()).unwrap_or_default();
        if numbers.len() > most {
            return Ok(Vec::new());
        }
        let mut notes = self.passages(&numbers.into_iter().map(row_of).collect::<Vec<_>>())?;
        notes.sort_by(|a, b| (&a.root, &a.path).cmp(&(&b.root, &b.path)));
        Ok(notes)
    }

    fn labelled(&self, rows: &[Row]) -> Result<Vec<Row>> {
        let fetched = self.rows(rows)?;
        Ok(fetched.iter().zip(rows).filter(|(passage, _)| passage.is_labelled).map(|(_, row)| *row).collect())
    }

    fn rows_of(&self, root: &str, path: &NotePath) -> Result<Vec<Row>> {
        Ok(self.numbers_of(root, path)?.into_iter().map(row_of).collect())
    }

    fn short_ids(&self, ids: &[PassageId]) -> Result<Vec<String>> {
        let similar = self.similar_ids(ids)?;
        let shared = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
        let short = |id: &PassageId| {
            let digits = id.digits();
            let others = similar.iter().filter(|other| **other != digits);
            let longest = others.map(|other| shared(&digits, other) + 1).max().unwrap_or(0);
            digits[..longest.clamp(FEWEST_DIGITS, digits.len())].to_owned()
        };
        Ok(ids.iter().map(short).collect())
    }

    fn is_current(&self) -> bool {
        self.session.is_at(self.state.info.commit)
    }

    fn files(&self) -> Result<Vec<FileRecord>> {
        let rows = match &self.told {
            None => self.session.query(&Sql::new("select record from files", vec![]))?,
            Some(roots) => {
                let sql = "select record from files where root = any($1)";
                self.session.query(&Sql::new(sql, vec![Value::Texts(roots.clone())]))?
            }
        };
        let read = |row: &tokio_postgres::Row| codec::decode(row.get(0)).map_err(|what| self.damaged(what));
        let mut files: Vec<FileRecord> = rows.iter().map(read).collect::<Result<_>>()?;
        files.sort_by(|a, b| (&a.root, &a.path).cmp(&(&b.root, &b.path)));
        Ok(files)
    }

    fn passages_linking(&self, key: &str) -> Result<Vec<StoredPassage>> {
        let mut passages = self.found_by("where p.links @> array[$1]", vec![Value::Text(plain(key))])?;
        passages.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        Ok(passages)
    }

    fn with_prefix(&self, prefix: &str, limit: usize) -> Result<Vec<StoredPassage>> {
        let prefix = plain(&prefix.trim_start_matches('#').to_ascii_lowercase());
        let condition = "where p.passage in (select passage from passages where id >= $1 and id < $1 || '~' \
                         order by id limit $2) order by p.id";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.found_by(condition, vec![Value::Text(prefix), Value::Number(limit)])
    }

    fn vectors_of(&self, embedded: &[EmbeddedHash]) -> Result<Vec<Option<(Vector, PartVectors)>>> {
        if embedded.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "select embedded, scale, halfvec_send(v), parts from vectors where embedded = any($1)";
        let asked = embedded.iter().map(|hash| hash.0.to_vec()).collect();
        let rows = self.session.query(&Sql::new(sql, vec![Value::Bytes(asked)]))?;
        let dim = self.state.info.fingerprint.dim;
        let mut known: HashMap<Vec<u8>, (Vector, PartVectors)> = HashMap::new();
        for row in rows {
            let read = || {
                let codes = codes::from_halfvec(row.get(2), dim)?;
                Some((Vector::new(row.get(1), codes), PartVectors::from_bytes(row.get(3), dim)?))
            };
            known.insert(row.get(0), read().ok_or_else(|| self.damaged("a vector can't be read"))?);
        }
        Ok(embedded.iter().map(|hash| known.get(&hash.0[..]).cloned()).collect())
    }

    fn size_bytes(&self) -> Result<u64> {
        Ok(self.sizes()?.values().sum())
    }

    fn server(&self) -> Result<Option<ServerStatus>> {
        let leases = "select root, machine, owner, \
                      extract(epoch from lease_until - clock_timestamp())::int8, epoch from roots \
                      where owner is not null and lease_until > clock_timestamp() order by root";
        let about = "select current_setting('server_version'), \
                     coalesce((select extversion from pg_extension where extname = 'vector'), ''), \
                     pg_is_in_recovery(), \
                     case when pg_is_in_recovery() and pg_last_wal_receive_lsn() <> pg_last_wal_replay_lsn() \
                     then extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8 \
                     when pg_is_in_recovery() then 0 end";
        let mut results =
            self.session.together(&[Sql::new(about, vec![]), Sql::new(leases, vec![])])?.into_iter();
        let (about, leases) = (results.next().unwrap_or_default(), results.next().unwrap_or_default());
        let lease = |row: &tokio_postgres::Row| Lease {
            root: row.get(0),
            machine: row.get(1),
            owner: row.get(2),
            seconds_left: row.get(3),
            epoch: u64::try_from(row.get::<_, i64>(4)).unwrap_or(0),
        };
        let Some(about) = about.first() else { return Ok(None) };
        Ok(Some(ServerStatus {
            version: about.get(0),
            vector: about.get(1),
            standby: about.get(2),
            lag: about
                .get::<_, Option<f64>>(3)
                .and_then(|lag| Duration::try_from_secs_f64(lag.max(0.0)).ok()),
            leases: leases.iter().map(lease).collect(),
            tables: self.sizes()?.into_iter().collect(),
        }))
    }

    fn expect(&self, notes: &[(&str, &NotePath)], called: &[&str], most: usize) -> Result<()> {
        let mut queries = Vec::new();
        let notes = self.unknown_notes(notes);
        if !notes.is_empty() {
            queries.push(notes_query(&notes));
            // Their passages come along, but for notes that are books.
            let of = "where p.file in (select f.file from unnest($1::text[], $2::text[]) n(root, path) \
                      join files f on f.root = n.root and md5(f.path) = md5(n.path) where octet_length(f.passages) <= $3)";
            let mut values = notes_query(&notes).values;
            values.push(Value::Number(MOST_AHEAD));
            queries.push(Sql::new(&format!("{FETCH} {of}"), values));
        }
        let keys = self.unknown_names(called, most);
        if !keys.is_empty() {
            queries.push(names_query(&keys, most));
        }
        let mut results = self.session.together(&queries)?.into_iter();
        if !notes.is_empty() {
            self.keep_notes(&notes, &results.next().unwrap_or_default());
            self.keep(&results.next().unwrap_or_default())?;
        }
        if !keys.is_empty() {
            self.keep_names(&keys, most, &results.next().unwrap_or_default());
            let found = lock(&self.called);
            let numbers: Vec<u32> = keys
                .iter()
                .filter_map(|key| found.get(&plain(key)))
                .flat_map(|(_, found)| found.clone())
                .collect();
            drop(found);
            self.fetch(&numbers)?;
        }
        Ok(())
    }
}

impl DatabaseSnapshot {
    /// How many bytes each table takes, its indexes included.
    fn sizes(&self) -> Result<BTreeMap<String, u64>> {
        let sql = "select t, coalesce(pg_total_relation_size(to_regclass(t)), 0) from unnest($1::text[]) t";
        let tables = TABLES.iter().map(|table| (*table).to_owned()).collect();
        let rows = self.session.query(&Sql::new(sql, vec![Value::Texts(tables)]))?;
        Ok(rows.iter().map(|row| (row.get(0), u64::try_from(row.get::<_, i64>(1)).unwrap_or(0))).collect())
    }
}
