//! The store in a database, on a real server: `tests/postgres/README.md` has the commands.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::connect::{Connection, Purpose};
use super::session::{Query as Sql, Value};
use super::{Database, check, open, open_snapshot, rebuild, write};
use crate::document::{NotePath, Root};
use crate::error::{DatabaseError, Error};
use crate::query::{Filter, Query};
use crate::store::tests::fixture::{DIM, note, query};
use crate::store::{FileRecord, Fingerprint, Maintenance, NewFile, Snapshot, Store, StoreWriter};

/// A schema of its own on the server of the tests, which is dropped at the end.
pub(crate) struct TestDatabase {
    pub(crate) database: Database,
    url: String,
}

impl TestDatabase {
    /// A schema that isn't there yet.
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let server = std::env::var("QSEARCH_TEST_POSTGRES")
            .expect("QSEARCH_TEST_POSTGRES names the server of the tests");
        let mark = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{mark}schema=t{}_{number}", std::process::id());
        let database = Self { database: on(&url, "here"), url };
        database.drop_schemas();
        database
    }

    /// The same database, seen from another machine.
    pub(crate) fn seen_from(&self, machine: &str) -> Database {
        on(&self.url, machine)
    }

    /// Makes an index of some files.
    pub(crate) fn with(self, fingerprint: &Fingerprint, files: &[NewFile]) -> Self {
        let mut writer = write(&self.database, fingerprint, &[]).unwrap();
        for file in files {
            writer.put(file.clone()).unwrap();
        }
        let mut roots: Vec<String> = files.iter().map(|file| file.record.root.clone()).collect();
        roots.dedup();
        writer.set_roots(roots.iter().map(|name| Root::new(name, format!("/notes/{name}"))).collect());
        writer.commit(&Maintenance::default()).unwrap();
        self
    }

    /// A copy of an index in a folder.
    pub(crate) fn copy_of(snapshot: &Snapshot) -> Self {
        let files: Vec<NewFile> =
            snapshot.files().unwrap().into_iter().map(|record| file_of(snapshot, record)).collect();
        let database = Self::new();
        let mut writer = write(&database.database, &snapshot.info().fingerprint, &[]).unwrap();
        for file in files {
            writer.put(file).unwrap();
        }
        writer.set_roots(snapshot.info().roots.clone());
        writer.commit(&Maintenance::default()).unwrap();
        database
    }

    /// The state that is committed now.
    pub(crate) fn open(&self) -> Arc<dyn Store> {
        open(&self.database).unwrap()
    }

    fn writer(&self) -> Box<dyn StoreWriter> {
        write(&self.database, &fingerprint(), &[]).unwrap()
    }

    fn connection(&self) -> Connection {
        Connection::open(&self.database.address, Purpose::Writing).unwrap()
    }

    fn run(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        let mut connection = self.connection();
        let path = format!("set search_path = \"{}\", public", self.database.address.schema());
        connection.batch(&format!("{path}; {sql}")).unwrap().pop().unwrap_or_default()
    }

    fn drop_schemas(&self) {
        let schema = self.database.address.schema();
        for schema in [schema.to_owned(), format!("{schema}__new"), format!("{schema}__old")] {
            self.connection().batch(&format!("drop schema if exists \"{schema}\" cascade")).unwrap();
        }
    }

    fn is_sound(&self) {
        let checkup = check::check(&self.database).unwrap();
        assert_eq!(checkup.findings, [], "{}", self.url);
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.drop_schemas();
        }
    }
}

fn on(url: &str, machine: &str) -> Database {
    Database::parse(url, machine, &|_| None).unwrap()
}

fn fingerprint() -> Fingerprint {
    Fingerprint::new("model", "chunking", DIM)
}

/// A file of an index, as it was put there.
fn file_of(snapshot: &Snapshot, record: FileRecord) -> NewFile {
    let rows = snapshot.rows_of(&record.root, &record.path).unwrap();
    let mut file = NewFile::unread(record);
    let passages = snapshot.passages(&rows).unwrap().into_iter().zip(snapshot.stored_vectors(&rows).unwrap());
    for (stored, vectors) in passages {
        (file.title, file.aliases, file.tags) = (stored.title, stored.aliases, stored.tags);
        (file.date, file.properties, file.language) = (stored.date, stored.properties, stored.language);
        file.passages.push(crate::store::NewPassage {
            id: stored.id,
            passage: stored.passage,
            embedded: vectors.embedded,
            vector: vectors.vector,
            part_vectors: vectors.part_vectors,
        });
    }
    file.passages.sort_by_key(|new| (new.passage.span, new.id));
    file
}

/// What a question by words and by meaning finds.
fn found(store: &dyn Store, words: &str) -> Vec<(String, String)> {
    let question = store.question(&Query::words(words), Some(&query(words)), &Filter::default()).unwrap();
    let mut found = Vec::new();
    for candidates in [question.search_words(50).unwrap(), question.search_vectors(50).unwrap()] {
        let rows: Vec<_> = candidates.iter().map(|found| found.row).collect();
        let looks = question.look(&rows).unwrap();
        for ((stored, candidate), look) in
            store.passages(&rows).unwrap().into_iter().zip(candidates).zip(looks)
        {
            found.push((stored.id.digits(), format!("{} {look:?}", candidate.score)));
        }
    }
    found
}

#[test]
fn updates_in_any_order_leave_what_a_fresh_index_has() {
    let notes = |version: usize| -> Vec<NewFile> {
        (0..12)
            .map(|number| {
                let texts = [
                    format!(
                        "owls of version {} hunt {number} mice",
                        if number % 3 == 0 { version } else { 0 }
                    ),
                    format!("bread {} and the state of the art", number % 4),
                ];
                note("a", &format!("{number}.md"), &[&texts[0], &texts[1]])
            })
            .collect()
    };
    let changed = TestDatabase::new().with(&fingerprint(), &notes(0));
    for round in 1..=20 {
        let mut writer = changed.writer();
        let notes = notes(round);
        writer.put(notes[(3 * round) % 12].clone()).unwrap();
        writer.remove("a", &NotePath::from_encoded(&format!("{}.md", round % 12))).unwrap();
        writer.commit(&Maintenance::default()).unwrap();
    }
    changed.is_sound();
    let mut writer = changed.writer();
    for file in notes(99) {
        writer.put(file).unwrap();
    }
    writer.commit(&Maintenance::new(true, &|_| true)).unwrap();
    changed.is_sound();
    assert_eq!(changed.run("select count(*) from batches"), [[Some("1".to_owned())]]);
    let fresh = TestDatabase::new().with(&fingerprint(), &notes(99));
    for words in ["owls hunt", "version 99", "the state of the art", "bread 3", "mcie"] {
        assert_eq!(found(&*changed.open(), words), found(&*fresh.open(), words), "{words}");
    }
    assert_eq!(
        changed.run("select 1 from postings where docs is null or octet_length(docs) < 9"),
        [[]; 0] as [[Option<String>; 0]; 0]
    );
}

#[test]
fn a_reader_sees_one_state() {
    let database = TestDatabase::new().with(&fingerprint(), &[note("a", "1.md", &["owls at night"])]);
    let before = database.open();
    assert!(before.is_current());
    let mut writer = database.writer();
    writer.put(note("a", "2.md", &["owls by day"])).unwrap();
    let info = writer.commit(&Maintenance::default()).unwrap().info;
    assert_eq!((info.passages, info.files, before.info().passages), (2, 2, 1));
    assert_eq!(found(&*before, "owls").len(), 2, "one passage, by words and by meaning");
    assert!(info.commit > before.info().commit);
    assert!(!before.is_current());
    assert_eq!(found(&*database.open(), "owls").len(), 4);
}

#[test]
fn a_root_has_one_writer_and_a_lapsed_lease_cant_write() {
    let database =
        TestDatabase::new().with(&fingerprint(), &[note("a", "1.md", &["x"]), note("b", "1.md", &["y"])]);
    let names = |name: &str| [name.to_owned()];
    let mut first = write(&database.database, &fingerprint(), &names("a")).unwrap();
    assert!(matches!(write(&database.database, &fingerprint(), &names("a")), Err(Error::Busy { .. })));
    let mut other = write(&database.database, &fingerprint(), &names("b")).unwrap();
    other.put(note("b", "2.md", &["another root"])).unwrap();
    other.commit(&Maintenance::default()).unwrap();
    // The first one sleeps, its lease lapses, and a second writer takes the root.
    database.run("update roots set lease_until = now() - interval '1 second' where root = 'a'");
    let mut second = write(&database.database, &fingerprint(), &names("a")).unwrap();
    second.put(note("a", "2.md", &["of the second"])).unwrap();
    second.commit(&Maintenance::default()).unwrap();
    first.put(note("a", "1.md", &["of the first"])).unwrap();
    let lost = first.commit(&Maintenance::default()).unwrap_err();
    assert!(matches!(lost, Error::Database(DatabaseError::LeaseLost { .. })), "{lost}");
    database.is_sound();
    assert_eq!(database.open().info().passages, 4);
    assert!(write(&database.database, &fingerprint(), &names("a")).is_ok(), "leases were let go");
}

#[test]
fn a_root_lies_on_the_machine_that_indexed_it() {
    let database = TestDatabase::new().with(&fingerprint(), &[note("a", "1.md", &["x"])]);
    let elsewhere = database.seen_from("elsewhere");
    let roots = open(&elsewhere).unwrap().info().roots.clone();
    assert_eq!(
        (database.open().info().roots[0].machine.as_deref(), roots[0].machine.as_deref()),
        (None, Some("here"))
    );
    let mut writer = write(&elsewhere, &fingerprint(), &[]).unwrap();
    writer.put(note("b", "1.md", &["of another machine"])).unwrap();
    writer.set_roots(vec![roots[0].clone(), Root::new("b", "/b")]);
    writer.commit(&Maintenance::default()).unwrap();
    assert_eq!(database.open().info().roots.len(), 2);
    let mut writer = write(&elsewhere, &fingerprint(), &[]).unwrap();
    writer.set_roots(vec![Root::new("a", "/notes/a"), Root::new("b", "/b")]);
    writer.put(note("a", "1.md", &["a root of the same name"])).unwrap();
    assert!(writer.commit(&Maintenance::default()).is_err());
    // Forgetting works from anywhere: the machine may be gone.
    let mut writer = write(&elsewhere, &fingerprint(), &["a".to_owned()]).unwrap();
    writer.set_roots(vec![Root::new("b", "/b")]);
    writer.commit(&Maintenance::default()).unwrap();
    let left = database.open();
    assert_eq!((left.info().roots.len(), left.info().passages), (1, 1));
    database.is_sound();
}

#[test]
fn an_index_that_is_made_again_takes_the_place_of_the_old_one() {
    let database = TestDatabase::new().with(&fingerprint(), &[note("a", "1.md", &["old owls"])]);
    let schema = database.database.address.schema().to_owned();
    database.run(&format!(
        "do $$ begin create role {schema}_reader; exception when duplicate_object then null; end $$; \
         grant usage on schema {schema} to {schema}_reader; grant select on files to {schema}_reader"
    ));
    let before = database.open();
    let mut writer = rebuild(&database.database, &Fingerprint::new("other", "chunking", DIM)).unwrap();
    writer.put(note("a", "1.md", &["new owls"])).unwrap();
    writer.put(note("a", "2.md", &["more owls"])).unwrap();
    writer.set_roots(vec![Root::new("a", "/notes/a")]);
    assert_eq!(database.open().info().passages, 1, "it stays until the commit");
    let info = writer.commit(&Maintenance::default()).unwrap().info;
    assert_eq!((info.passages, &*info.fingerprint.model), (2, "other"));
    assert!(info.commit > before.info().commit && !before.is_current());
    database.is_sound();
    let may = database.run(&format!("select has_table_privilege('{schema}_reader', 'files', 'select')"));
    assert_eq!(may, [[Some("t".to_owned())]]);
    database.run(&format!("drop owned by {schema}_reader; drop role {schema}_reader"));
}

#[test]
fn an_older_program_is_refused_and_another_model_too() {
    let database = TestDatabase::new().with(&fingerprint(), &[note("a", "1.md", &["x"])]);
    let other = write(&database.database, &Fingerprint::new("other", "chunking", DIM), &[]).unwrap_err();
    assert!(matches!(other, Error::Incompatible { .. }), "{other}");
    database.run("update meta set format = 99");
    let newer = open(&database.database).unwrap_err();
    assert!(matches!(newer, Error::IndexVersion { found: 99, .. }), "{newer}");
    assert!(matches!(
        write(&database.database, &fingerprint(), &[]).unwrap_err(),
        Error::IndexVersion { .. }
    ));
    let nothing = TestDatabase::new();
    assert!(matches!(open(&nothing.database).unwrap_err(), Error::NoIndex { .. }));
}

#[test]
fn damage_is_found() {
    for (harm, table) in [
        ("delete from postings where term = 'owl'", "postings"),
        ("delete from vectors where embedded = (select embedded from passages limit 1)", "vectors"),
        ("update roots set passages = 7", "roots"),
        ("update roots set lengths[2] = 7", "roots"),
        ("delete from passages where passage = (select min(passage) from passages)", "passages"),
        ("delete from files where path = '1.md'", "passages"),
        ("update passages set words = substr(words, 1, 30)", "passages"),
        ("update postings set docs = substr(docs, 1, 9)", "postings"),
    ] {
        let database = TestDatabase::new().with(
            &fingerprint(),
            &[note("a", "1.md", &["owls at night", "mice"]), note("a", "2.md", &["bread"])],
        );
        database.is_sound();
        database.run(harm);
        let findings = check::check(&database.database).unwrap().findings;
        assert!(findings.iter().any(|finding| finding.file.ends_with(table)), "{harm}: {findings:?}");
    }
}

#[test]
fn what_went_wrong_on_the_way_is_tried_again() {
    let database = TestDatabase::new().with(&fingerprint(), &[note("a", "1.md", &["owls at night"])]);
    let reader = open_snapshot(&database.database).unwrap();
    let mut writer = database.writer();
    writer.put(note("a", "2.md", &["owls by day"])).unwrap();
    let pid = reader.session.query(&Sql::new("select pg_backend_pid()", vec![])).unwrap()[0].get::<_, i32>(0);
    database.run(&format!("select pg_terminate_backend({pid})"));
    assert_eq!(found(&reader, "owls").len(), 2, "the same state, on another connection");
    writer.commit(&Maintenance::default()).unwrap();
    let pid = reader.session.query(&Sql::new("select pg_backend_pid()", vec![])).unwrap()[0].get::<_, i32>(0);
    database.run(&format!("select pg_terminate_backend({pid})"));
    let gone = reader.session.query(&Sql::new("select $1::int8", vec![Value::Number(1)])).unwrap_err();
    assert!(matches!(gone, Error::Database(DatabaseError::Changed { .. })), "{gone}");
    assert_eq!(database.open().info().passages, 2);
}

#[test]
fn a_question_takes_few_trips() {
    let files: Vec<NewFile> = (0..200)
        .map(|number| note("a", &format!("{number}.md"), &["owls hunt mice", "bread rises slowly"]))
        .collect();
    let database = TestDatabase::new().with(&fingerprint(), &files);
    let snapshot = open_snapshot(&database.database).unwrap();
    let before = snapshot.session.trips();
    let question =
        snapshot.prepare(&Query::words("what do owls hunt"), Some(&query("x")), &Filter::default()).unwrap();
    let question: &dyn crate::store::Prepared = &question;
    let rows: Vec<_> = question.search_vectors(100).unwrap().iter().map(|found| found.row).collect();
    question.search_words(100).unwrap();
    question.look(&rows).unwrap();
    snapshot.passages(&rows).unwrap();
    // Words with the nearest vectors, the passages of either search.
    assert!(snapshot.session.trips() - before <= 3, "{}", snapshot.session.trips() - before);
}
