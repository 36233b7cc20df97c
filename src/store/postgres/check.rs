//! A check of a whole index in a database: does everything fit together, and are counts what they should be?
//!
//! Everything is read in one state: files and their passages, passages and their vectors, and the postings of all living
//! passages, which are made again from the passages' words and compared.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Database;
use super::codes;
use super::open_snapshot;
use super::passage_words::PassageWords;
use super::postings::{Sign, encode, merge};
use super::selection::decode_numbers;
use super::session::{Query, Value};
use super::snapshot::DatabaseSnapshot;
use super::tally::{NewPostings, Tally};
use super::text::plain_all;
use crate::document::PassageId;
use crate::error::Result;
use crate::hit::StoredPassage;
use crate::store::check::{Checkup, Finding};
use crate::store::schema::LABELLED;
use crate::store::{FileRecord, PartVectors, Store, codec, schema, stored_passage};

/// The most findings that are listed.
const MOST_FINDINGS: usize = 1000;
/// So many passages or terms are read at once.
const PORTION: i64 = 5000;

/// Compares everything in an index with everything else.
pub(super) fn check(database: &Database) -> Result<Checkup> {
    let snapshot = open_snapshot(database)?;
    let mut check = DatabaseCheck { snapshot: &snapshot, checkup: Checkup::default(), of: BTreeMap::new() };
    check.checkup.bytes = snapshot.size_bytes()?;
    check.files()?;
    check.passages()?;
    check.postings()?;
    check.vectors()?;
    check.counts()?;
    check.indexes()?;
    let status = snapshot.server()?;
    check.checkup.writing = status.is_some_and(|status| !status.leases.is_empty());
    Ok(check.checkup)
}

/// What is known of a root.
#[derive(Default)]
struct RootCheck {
    tally: Tally,
    /// The file of each passage, by the table of files.
    listed: HashMap<i64, i64>,
    /// What filters look for in each file, until one of its passages was read.
    sought: HashMap<i64, Sought>,
    /// The texts of its passages.
    embedded: BTreeSet<Vec<u8>>,
    /// The postings of its passages.
    postings: NewPostings,
}

/// What filters look for in a file: its tags, its date, its properties, its names.
type Sought = (Vec<String>, Option<String>, Vec<String>, Vec<String>);

/// What filters look for in the file of a passage.
fn sought(stored: &StoredPassage) -> Sought {
    (
        plain_all(schema::tag_terms(&stored.tags)),
        stored.date.map(|date| date.to_string()),
        plain_all(schema::property_terms(&stored.properties)),
        plain_all(schema::called(&stored.into())),
    )
}

/// A check in progress.
struct DatabaseCheck<'a> {
    snapshot: &'a DatabaseSnapshot,
    checkup: Checkup,
    of: BTreeMap<String, RootCheck>,
}

impl DatabaseCheck<'_> {
    fn find(&mut self, table: &str, note: Option<String>, what: impl Into<String>) {
        if self.checkup.findings.len() == MOST_FINDINGS {
            self.checkup.more += 1;
            return;
        }
        let file = self.snapshot.shown().join(table);
        self.checkup.findings.push(Finding { file, note, what: what.into() });
    }

    fn rows(&self, sql: &str, values: Vec<Value>) -> Result<Vec<tokio_postgres::Row>> {
        self.snapshot.session.query(&Query::new(sql, values))
    }

    /// Reads the table of files.
    fn files(&mut self) -> Result<()> {
        let known: BTreeSet<String> =
            self.snapshot.state.info.roots.iter().map(|root| root.name.clone()).collect();
        self.checkup.segments = known.len() as u64;
        for row in
            self.rows("select root, path, file, record, passages, tags, date, properties, called from files order by root, path", vec![])?
        {
            let (root, path, file): (String, String, i64) = (row.get(0), row.get(1), row.get(2));
            let note = Some(format!("{root}/{path}"));
            let numbers = decode_numbers(row.get(4));
            match codec::decode::<FileRecord>(row.get(3)) {
                Ok(record) => {
                    self.checkup.files += 1;
                    self.checkup.notes += u64::from(record.unread.is_none());
                    if record.root != root || record.path.as_str() != path {
                        self.find("files", note.clone(), "its record is another file's");
                    }
                    if record.passages as usize != numbers.len() {
                        self.find("files", note.clone(), "its record has another number of passages");
                    }
                }
                Err(what) => self.find("files", note.clone(), what),
            }
            if !known.contains(&root) {
                self.find("files", note, "its root isn't one of the index");
            }
            let of_root = self.of.entry(root).or_default();
            of_root.tally.files += 1;
            of_root.sought.insert(file, (row.get(5), row.get(6), row.get(7), row.get(8)));
            of_root.listed.extend(numbers.into_iter().map(|number| (i64::from(number), file)));
        }
        Ok(())
    }

    /// Reads all passages.
    fn passages(&mut self) -> Result<()> {
        let mut last = -1;
        loop {
            let sql = "select root, passage, file, id, embedded, language, words, stored, labelled, links from passages \
                       where passage > $1 order by passage limit $2";
            let rows = self.rows(sql, vec![Value::Number(last), Value::Number(PORTION)])?;
            let Some(end) = rows.last() else { break };
            last = end.get(1);
            for row in &rows {
                self.passage(row);
            }
        }
        let missing: Vec<String> = self
            .of
            .iter()
            .filter(|(_, root)| !root.listed.is_empty())
            .map(|(name, root)| format!("{} passages of the root {name} are missing", root.listed.len()))
            .collect();
        for what in missing {
            self.find("passages", None, what);
        }
        Ok(())
    }

    fn passage(&mut self, row: &tokio_postgres::Row) {
        let (root, number, file): (String, i64, i64) = (row.get(0), row.get(1), row.get(2));
        self.checkup.passages += 1;
        let of_root = self.of.entry(root.clone()).or_default();
        let listed = of_root.listed.remove(&number) == Some(file);
        of_root.embedded.insert(row.get(4));
        let mut found: Vec<String> = Vec::new();
        if !listed {
            found.push(format!("the passage {number} isn't its file's"));
        }
        let columns = of_root.sought.remove(&file);
        let words = PassageWords::decode(row.get(6), None);
        match &words {
            Some(words) => {
                of_root.tally.count(1, words.lengths, row.get(5));
                of_root.postings.add_stored(u32::try_from(number).unwrap_or(u32::MAX), words);
            }
            None => found.push(format!("the words of the passage {number} can't be read")),
        }
        let id = PassageId::from_digits(row.get(3)).ok_or_else(|| "a passage has no id".to_owned());
        let note = match id.and_then(|id| stored_passage::decode(id, row.get(7))) {
            Ok(stored) => {
                if stored.root != root {
                    found.push(format!("the passage {number} has another's text"));
                }
                let fields = crate::store::entry::fields(stored.language, &(&stored).into(), &stored.passage);
                let again = super::passage_words::encode(&fields);
                if again != row.get::<_, &[u8]>(6) {
                    found.push(format!("the passage {number} has other words than its text"));
                }
                let links = schema::linked(&(&stored).into(), &stored.passage);
                let labelled = links.iter().any(|link| link == LABELLED);
                let links = plain_all(links.into_iter().filter(|link| link != LABELLED));
                if (labelled, links) != (row.get(8), row.get(9)) {
                    found.push(format!("the passage {number} has other links than its text"));
                }
                if columns.is_some_and(|columns| columns != sought(&stored)) {
                    found.push(
                        "its file has other tags, another date, other properties or other names".into(),
                    );
                }
                Some(format!("{root}/{}", stored.path))
            }
            Err(what) => {
                found.push(what);
                None
            }
        };
        for what in found {
            self.find("passages", note.clone(), what);
        }
    }

    /// Compares postings with those of the passages' words.
    fn postings(&mut self) -> Result<()> {
        let roots: Vec<String> = self.of.keys().cloned().collect();
        for root in roots {
            let postings = std::mem::take(&mut self.of.entry(root.clone()).or_default().postings);
            let mut wanted = postings.rows(Sign::Came).peekable();
            let mut last = String::new();
            loop {
                let sql = "select term, docs from postings where root = $1 and term > $2 and term <= coalesce( \
                           (select max(term) from (select term from postings where root = $1 and term > $2 \
                           order by term limit $3) t), '') order by term";
                let values =
                    vec![Value::Text(root.clone()), Value::Text(last.clone()), Value::Number(PORTION)];
                let rows = self.rows(sql, values)?;
                let Some(end) = rows.last() else { break };
                last = end.get(0);
                for of_term in rows.chunk_by(|a, b| a.get::<_, &str>(0) == b.get::<_, &str>(0)) {
                    let term: String = of_term[0].get(0);
                    while let Some((missing, _)) = wanted.next_if(|(wanted, _)| *wanted < term) {
                        self.find(
                            "postings",
                            None,
                            format!("the term {missing} of the root {root} is missing"),
                        );
                    }
                    let merged = merge(of_term.iter().map(|row| row.get::<_, &[u8]>(1)));
                    let expected = wanted.next_if(|(wanted, _)| *wanted == term).map(|(_, bytes)| bytes);
                    let is_right = match (merged, expected) {
                        (Some([came, went]), expected) => {
                            went.is_empty()
                                && expected
                                    .map_or(came.is_empty(), |bytes| encode(Sign::Came, &came) == bytes)
                        }
                        _ => false,
                    };
                    if !is_right {
                        self.find(
                            "postings",
                            None,
                            format!("the term {term} of the root {root} has other passages"),
                        );
                    }
                }
            }
            for (missing, _) in wanted {
                self.find("postings", None, format!("the term {missing} of the root {root} is missing"));
            }
        }
        Ok(())
    }

    /// Compares vectors with the texts of passages.
    fn vectors(&mut self) -> Result<()> {
        let dim = self.snapshot.state.info.fingerprint.dim;
        let mut last = Vec::new();
        loop {
            // Those of one text in several roots are of one portion.
            let sql = "select embedded, root, parts, halfvec_send(v) from vectors where embedded in (select distinct \
                       embedded from vectors where embedded > $1[1] order by embedded limit $2) order by embedded";
            let rows = self.rows(sql, vec![Value::Bytes(vec![last.clone()]), Value::Number(PORTION)])?;
            let Some(end) = rows.last() else { break };
            let next: Vec<u8> = end.get(0);
            for row in &rows {
                let (embedded, root): (Vec<u8>, String) = (row.get(0), row.get(1));
                let of_root = self.of.entry(root.clone()).or_default();
                let is_known = of_root.embedded.remove(&embedded);
                let is_readable = PartVectors::from_bytes(row.get(2), dim).is_some()
                    && codes::from_halfvec(row.get(3), dim).is_some();
                if !is_known {
                    self.find("vectors", None, format!("a vector of the root {root} is of no passage"));
                }
                if !is_readable {
                    self.find("vectors", None, format!("a vector of the root {root} can't be read"));
                }
            }
            last = next;
        }
        let missing: Vec<String> = self
            .of
            .iter()
            .filter(|(_, root)| !root.embedded.is_empty())
            .map(|(name, root)| format!("{} vectors of the root {name} are missing", root.embedded.len()))
            .collect();
        for what in missing {
            self.find("vectors", None, what);
        }
        Ok(())
    }

    /// Compares what is counted of roots with what there is.
    fn counts(&mut self) -> Result<()> {
        let sql =
            "select root, files, passages, lengths, languages, of_languages from roots where commits > 0";
        for row in self.rows(sql, vec![])? {
            let root: String = row.get(0);
            let mut said = Tally { files: row.get(1), passages: row.get(2), ..Tally::default() };
            for (length, stored) in said.lengths.as_flattened_mut().iter_mut().zip(row.get::<_, Vec<i64>>(3))
            {
                *length = stored;
            }
            let (codes, counts): (Vec<String>, Vec<i64>) = (row.get(4), row.get(5));
            said.languages = codes.into_iter().zip(counts).filter(|(_, count)| *count != 0).collect();
            let counted = self.of.get(&root).map(|root| root.tally.clone()).unwrap_or_default();
            if said != counted {
                self.find("roots", None, format!("what is counted of the root {root} isn't what there is"));
            }
        }
        Ok(())
    }

    /// Looks for indexes of the database that aren't valid.
    fn indexes(&mut self) -> Result<()> {
        let sql = "select indexrelid::regclass::text from pg_index i join pg_class c on c.oid = indrelid \
                   where c.relnamespace = (select relnamespace from pg_class where oid = to_regclass('meta')) \
                   and not indisvalid";
        for row in self.rows(sql, vec![])? {
            let name: String = row.get(0);
            self.find(&name, None, "the database says that this index isn't valid");
        }
        Ok(())
    }
}
