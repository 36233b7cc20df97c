//! One commit of a writer: all rows that come and go with it, in one transaction.
//!
//! For each root, in the order of their names, so that two writers never wait for each other in a circle: the lease is
//! compared and extended, which locks the root's row; files that changed go with their passages; new ones come by `COPY`;
//! vectors that no passage has any more go; the postings of what came and went are added as rows of their own; what is
//! counted of the root is stored. Numbers of passages are given once and never again.

use std::collections::{BTreeMap, HashSet};

use rayon::prelude::*;

use super::codes;
use super::connect::Connection;
use super::copy_rows::CopyRows;
use super::lease::{RootRow, store_tally};
use super::passage_words::{self, PassageWords};
use super::postings::Sign;
use super::selection::encode_numbers;
use super::session::Value;
use super::tally::NewPostings;
use super::text::{plain, plain_all};
use super::writer::{Change, DatabaseWriter, FileKey};
use crate::document::{EmbeddedHash, Root};
use crate::error::{Error, Result};
use crate::store::bm25f::FIELDS;
use crate::store::entry::{FieldWords, fields};
use crate::store::schema::{self, LABELLED, Note};
use crate::store::{NewFile, NewPassage, codec, stored_passage};

/// The commit of one root.
struct RootCommit {
    name: String,
    row: RootRow,
    came: NewPostings,
    went: NewPostings,
    /// The texts that passages were removed of, whose vectors may not be needed any more.
    orphans: HashSet<Vec<u8>>,
}

/// A passage with all that is stored of it.
struct PassageRow<'a> {
    new: &'a NewPassage,
    fields: [FieldWords; FIELDS],
    stored: Vec<u8>,
    links: Vec<String>,
}

impl DatabaseWriter {
    /// Commits all changes. `before` is what each root's number of commits was to become when this was tried first: if the
    /// connection was lost while the server kept it, that is found so.
    pub(super) fn flush(&mut self, waiting: u64, before: &mut BTreeMap<String, i64>) -> Result<()> {
        let (names, dropped) = (self.changed(waiting), self.dropped());
        if names.is_empty() && dropped.is_empty() && self.model_source.is_none() {
            return Ok(());
        }
        if self.is_kept(before)? {
            return Ok(());
        }
        let (database, described) = (self.tenant.database.clone(), self.described());
        let source = self.model_source.clone();
        let Self { tenant, changes, .. } = self;
        let (connection, leases) = tenant.begin()?;
        // A commit may take long: the server counts the whole of a copy.
        connection.limit(None)?;
        if let Some(source) = source {
            let sql = "update meta set model_source = $1 where model_source <> $1";
            connection.execute(sql, &[Value::Text(source).parameter()])?;
        }
        for name in &names {
            leases.take(&database, connection, name, described.get(name))?;
            let row = leases.begin_commit(connection, name, waiting)?;
            before.insert(name.clone(), row.commits);
            if let Some(root) = described.get(name) {
                describe(connection, root)?;
            }
            let of_root: Vec<(&FileKey, &Change)> =
                changes.iter().filter(|((root, _), _)| root == name).collect();
            commit_root(connection, name, row, &of_root)?;
        }
        for name in &dropped {
            leases.take(&database, connection, name, None)?;
            let row = leases.begin_commit(connection, name, 0)?;
            drop_root(connection, name, row.commits)?;
        }
        connection.commit()?;
        self.model_source = None;
        if waiting > 0 {
            self.unfinished.extend(names);
        } else {
            self.unfinished.clear();
        }
        for name in &dropped {
            self.tenant.leases.forget(name);
        }
        if let Some(wanted) = &mut self.roots {
            wanted.retain(|root| !dropped.contains(&root.name));
        }
        Ok(())
    }

    /// Whether the commit that was tried before was kept after all.
    fn is_kept(&mut self, before: &BTreeMap<String, i64>) -> Result<bool> {
        if before.is_empty() {
            return Ok(false);
        }
        let values = [Value::Texts(before.keys().cloned().collect())];
        let rows = self.tenant.query("select root, commits from roots where root = any($1)", &values)?;
        let commits: BTreeMap<String, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        Ok(before.iter().all(|(root, wanted)| commits.get(root).is_some_and(|commits| commits >= wanted)))
    }
}

/// Stores how a root is to be read.
fn describe(connection: &mut Connection, root: &Root) -> Result<()> {
    let description = serde_json::to_string(root).unwrap_or_default();
    let values = [Value::Text(root.name.clone()), Value::Text(description)];
    connection.execute(
        "update roots set description = $2 where root = $1",
        &values.each_ref().map(Value::parameter),
    )?;
    Ok(())
}

/// Removes all that there is of a root. What its commits counted is counted on, for the number of the state only grows.
fn drop_root(connection: &mut Connection, name: &str, commits: i64) -> Result<()> {
    let values = [Value::Text(name.to_owned())];
    for table in ["postings", "batches", "vectors", "passages", "files", "roots"] {
        connection.execute(
            &format!("delete from {table} where root = $1"),
            &values.each_ref().map(Value::parameter),
        )?;
    }
    connection.execute("update meta set commits = commits + $1", &[Value::Number(commits).parameter()])?;
    Ok(())
}

/// Commits the changes of a root.
fn commit_root(
    connection: &mut Connection,
    name: &str,
    row: RootRow,
    changes: &[(&FileKey, &Change)],
) -> Result<()> {
    let (came, went, orphans) = (NewPostings::default(), NewPostings::default(), HashSet::new());
    let mut commit = RootCommit { name: name.to_owned(), row, came, went, orphans };
    commit.remove(connection, changes)?;
    let files: Vec<&NewFile> = changes
        .iter()
        .filter_map(|(_, change)| match change {
            Change::Put(file) => Some(&**file),
            _ => None,
        })
        .collect();
    commit.put(connection, &files)?;
    touch(connection, name, changes)?;
    commit.remove_orphans(connection)?;
    store_tally(connection, name, &commit.row.tally)?;
    commit.put_postings(connection)
}

impl RootCommit {
    /// Removes the files that are put again or removed.
    fn remove(&mut self, connection: &mut Connection, changes: &[(&FileKey, &Change)]) -> Result<()> {
        let gone = changes.iter().filter(|(_, change)| !matches!(change, Change::Touch(_)));
        let paths: Vec<String> = gone.map(|((_, path), _)| plain(path.as_str())).collect();
        if self.row.tally.files == 0 || paths.is_empty() {
            return Ok(());
        }
        let values = [Value::Text(self.name.clone()), Value::Texts(paths)];
        let sql = "delete from files f using unnest($2::text[]) n(path) \
                   where f.root = $1 and md5(f.path) = md5(n.path) returning f.file";
        let files = connection.query(sql, &values.each_ref().map(Value::parameter))?;
        if files.is_empty() {
            return Ok(());
        }
        self.row.tally.files -= files.len() as i64;
        let values =
            [Value::Text(self.name.clone()), Value::Numbers(files.iter().map(|row| row.get(0)).collect())];
        let sql = "delete from passages where root = $1 and file = any($2) returning passage, embedded, language, words";
        for row in connection.query(sql, &values.each_ref().map(Value::parameter))? {
            let words = PassageWords::decode(row.get(3), None);
            let words = words.ok_or_else(|| damaged(connection, "the words of a passage can't be read"))?;
            self.row.tally.count(-1, words.lengths, row.get(2));
            self.orphans.insert(row.get(1));
            let number = u32::try_from(row.get::<_, i64>(0)).unwrap_or(u32::MAX);
            self.went.add_stored(number, &words);
        }
        Ok(())
    }

    /// Adds files with their passages.
    fn put(&mut self, connection: &mut Connection, files: &[&NewFile]) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        let all: usize = files.iter().map(|file| file.passages.len()).sum();
        let file_numbers = numbers(connection, "file_numbers", files.len())?;
        let mut passage_numbers = numbers(connection, "passage_numbers", all)?.into_iter();
        let (mut of_files, mut of_passages) = (CopyRows::new(9), CopyRows::new(10));
        for (file, number) in files.iter().zip(file_numbers) {
            let of_file: Vec<u32> =
                passage_numbers.by_ref().take(file.passages.len()).map(|number| number as u32).collect();
            let rows: Vec<Result<PassageRow<'_>, String>> =
                file.passages.par_iter().map(|passage| PassageRow::new(file, passage)).collect();
            for (row, &number_of_passage) in rows.into_iter().zip(&of_file) {
                let row = row.map_err(|what| Error::corrupt(file.record.path.to_relative(), what))?;
                self.came.add(number_of_passage, &row.fields);
                let classes = row.fields.each_ref().map(|field| field.length);
                self.row.tally.count(1, classes, file.language.code());
                row.copy(&mut of_passages, &self.name, (number_of_passage, number), file);
            }
            copy_file(&mut of_files, file, number, &of_file)
                .map_err(|what| Error::corrupt(file.record.path.to_relative(), what))?;
        }
        self.row.tally.files += files.len() as i64;
        copy(connection, "files", of_files)?;
        self.put_vectors(connection, files)?;
        copy(connection, "passages", of_passages)
    }

    /// Adds the vectors of texts that the root doesn't have yet.
    fn put_vectors(&mut self, connection: &mut Connection, files: &[&NewFile]) -> Result<()> {
        let mut new: BTreeMap<EmbeddedHash, &NewPassage> = BTreeMap::new();
        for passage in files.iter().flat_map(|file| &file.passages) {
            new.insert(passage.embedded, passage);
        }
        let asked = new.keys().map(|hash| hash.0.to_vec()).collect();
        let values = [Value::Text(self.name.clone()), Value::Bytes(asked)];
        let sql = "select embedded from vectors where root = $1 and embedded = any($2)";
        let known = connection.query(sql, &values.each_ref().map(Value::parameter))?;
        let known: HashSet<Vec<u8>> = known.iter().map(|row| row.get(0)).collect();
        let mut rows = CopyRows::new(5);
        for (hash, passage) in new.into_iter().filter(|(hash, _)| !known.contains(&hash.0[..])) {
            let row = rows.row().text(&self.name).bytes(&hash.0).real(passage.vector.scale);
            row.bytes(passage.part_vectors.as_bytes()).bytes(&codes::to_halfvec(&passage.vector));
        }
        copy(connection, "vectors", rows)
    }

    /// Removes vectors that no passage has any more.
    fn remove_orphans(&self, connection: &mut Connection) -> Result<()> {
        if self.orphans.is_empty() {
            return Ok(());
        }
        let values = [Value::Text(self.name.clone()), Value::Bytes(self.orphans.iter().cloned().collect())];
        let sql = "delete from vectors v where root = $1 and embedded = any($2) and not exists \
                   (select from passages p where p.root = v.root and p.embedded = v.embedded)";
        connection.execute(sql, &values.each_ref().map(Value::parameter))?;
        Ok(())
    }

    /// Adds the postings of what came and went.
    fn put_postings(self, connection: &mut Connection) -> Result<()> {
        let (mut rows, mut batches) = (CopyRows::new(4), CopyRows::new(3));
        for (sign, postings) in [(Sign::Came, self.came), (Sign::Went, self.went)] {
            if postings.is_empty() {
                continue;
            }
            let batch = numbers(connection, "batch_numbers", 1)?.pop().unwrap_or(0);
            batches.row().text(&self.name).number(batch).small(0);
            for (term, bytes) in postings.rows(sign) {
                rows.row().text(&self.name).text(&plain(&term)).number(batch).bytes(&bytes);
            }
        }
        copy(connection, "batches", batches)?;
        copy(connection, "postings", rows)
    }
}

impl<'a> PassageRow<'a> {
    fn new(file: &NewFile, new: &'a NewPassage) -> Result<Self, String> {
        let NewFile { record, title, aliases, properties, language, .. } = file;
        let note = Note { title: title.as_deref(), aliases, path: &record.path, properties };
        let stored = stored_passage::encode(file, new)?;
        let links = schema::linked(&note, &new.passage);
        Ok(Self { new, fields: fields(*language, &note, &new.passage), stored, links })
    }

    fn copy(&self, rows: &mut CopyRows, root: &str, (number, file): (u32, i64), of: &NewFile) {
        let is_labelled = self.links.iter().any(|link| link == LABELLED);
        let links = self.links.iter().filter(|link| *link != LABELLED).cloned();
        let row = rows.row().text(root).number(number.into()).number(file).text(&self.new.id.digits());
        let row = row.bytes(&self.new.embedded.0).text(of.language.code());
        row.bytes(&passage_words::encode(&self.fields))
            .bytes(&self.stored)
            .texts(&plain_all(links))
            .flag(is_labelled);
    }
}

/// The row of a file.
fn copy_file(rows: &mut CopyRows, file: &NewFile, number: i64, passages: &[u32]) -> Result<(), String> {
    let NewFile { record, title, aliases, tags, date, properties, .. } = file;
    let note = Note { title: title.as_deref(), aliases, path: &record.path, properties };
    let called = if passages.is_empty() { Vec::new() } else { schema::called(&note) };
    let row = rows.row().text(&record.root).number(number).text(&plain(record.path.as_str()));
    let row = row.bytes(&codec::encode(record)?).texts(&plain_all(schema::tag_terms(tags)));
    let row = row.text_or_none(date.map(|date| date.to_string()).as_deref());
    let row = row.texts(&plain_all(schema::property_terms(properties))).texts(&plain_all(called));
    row.bytes(&encode_numbers(passages));
    Ok(())
}

/// Stores other records of files whose content is the same.
fn touch(connection: &mut Connection, root: &str, changes: &[(&FileKey, &Change)]) -> Result<()> {
    let (mut paths, mut records) = (Vec::new(), Vec::new());
    for ((_, path), change) in changes {
        if let Change::Touch(record) = change {
            let bytes = codec::encode(record).map_err(|what| Error::corrupt(path.to_relative(), what))?;
            paths.push(plain(path.as_str()));
            records.push(bytes);
        }
    }
    if paths.is_empty() {
        return Ok(());
    }
    let values = [Value::Text(root.to_owned()), Value::Texts(paths), Value::Bytes(records)];
    let sql = "update files f set record = n.record from unnest($2::text[], $3::bytea[]) n(path, record) \
               where f.root = $1 and md5(f.path) = md5(n.path)";
    connection.execute(sql, &values.each_ref().map(Value::parameter))?;
    Ok(())
}

/// The next so many numbers of a sequence, in ascending order.
fn numbers(connection: &mut Connection, sequence: &str, count: usize) -> Result<Vec<i64>> {
    let values = [Value::Number(count as i64)];
    let sql = format!("select nextval('{sequence}') from generate_series(1, $1)");
    let rows = connection.query(&sql, &values.each_ref().map(Value::parameter))?;
    let mut numbers: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Sends rows to a table.
fn copy(connection: &mut Connection, table: &str, rows: CopyRows) -> Result<(), Error> {
    if !rows.is_empty() {
        connection.copy_in(&format!("copy {table} from stdin (format binary)"), rows.finish().into_iter())?;
    }
    Ok(())
}

/// An error about what was read.
fn damaged(connection: &Connection, what: &str) -> Error {
    Error::corrupt(connection.shown(), what)
}
