//! One state of an index in a database, and what was fetched of it so far.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::codes;
use super::dictionary::{Dictionary, Missing, Neighbours, Term, TermRow};
use super::fetched::Fetched;
use super::postings::Posting;
use super::session::{Query, Session, Value};
use super::state::State;
use crate::document::{EmbeddedHash, NotePath, PassageId};
use crate::error::{Error, NotFound, Result};
use crate::hit::Row;
use crate::store::{IndexInfo, PartVectors, Vector};

/// The most passages and terms that are kept for later questions.
const MOST_KEPT: usize = 20_000;
/// The postings of a term with more bytes are fetched only when its passages are needed.
const MOST_AT_ONCE: i64 = 1 << 16;

/// One state of an index in a database.
#[derive(Debug)]
pub(super) struct DatabaseSnapshot {
    pub(super) session: Session,
    pub(super) state: State,
    dictionary: Mutex<Dictionary>,
    fetched: Mutex<HashMap<u32, Arc<Fetched>>>,
    /// The numbers of the passages of notes that were looked up, in order.
    pub(super) notes: Mutex<HashMap<(String, NotePath), Vec<u32>>>,
    /// The roots whose files are told, if not all are.
    pub(super) told: Option<Vec<String>>,
    /// A passage of each note that is called so; with how many at most that was asked.
    pub(super) called: Mutex<HashMap<String, (usize, Vec<u32>)>>,
}

/// Locks what is as whole after a panic as before.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DatabaseSnapshot {
    /// The state that a session has opened.
    pub(super) fn new(session: Session, state: State) -> Self {
        let dictionary = Dictionary::new(state.info.passages, state.languages.clone(), state.lengths);
        Self {
            session,
            state,
            dictionary: Mutex::new(dictionary),
            fetched: Mutex::default(),
            notes: Mutex::default(),
            told: None,
            called: Mutex::default(),
        }
    }

    /// What stands for the database in messages.
    pub(super) fn shown(&self) -> &Path {
        self.session.database().shown()
    }

    /// The description of the index.
    pub(super) fn description(&self) -> &IndexInfo {
        &self.state.info
    }

    /// An error about what was read.
    pub(super) fn damaged(&self, what: impl Into<String>) -> Error {
        Error::corrupt(self.shown(), what)
    }

    /// The postings of a term that was fetched; none of one that has no passages.
    pub(super) fn postings_in(&self, dictionary: &Dictionary, term: &str) -> Result<Vec<Posting>> {
        let postings = dictionary.term(term).map_or_else(|| Some(Vec::new()), Term::postings);
        postings.ok_or_else(|| self.damaged("the postings of a term can't be read"))
    }

    /// The terms that were fetched.
    pub(super) fn dictionary(&self) -> MutexGuard<'_, Dictionary> {
        let mut dictionary = lock(&self.dictionary);
        if dictionary.len() > MOST_KEPT {
            let State { info, lengths, languages } = &self.state;
            *dictionary = Dictionary::new(info.passages, languages.clone(), *lengths);
        }
        dictionary
    }

    /// The queries that fetch terms; what they give is for [`add_terms`](Self::add_terms).
    pub(super) fn term_queries(missing: &Missing) -> Vec<Query> {
        let mut queries = Vec::new();
        if !missing.terms.is_empty() {
            let sql = "select term, batch, bytes <= $2 or octet_length(docs) <= 71, \
                       case when bytes <= $2 then docs else substr(docs, 1, 71) end from (select term, batch, docs, \
                       sum(octet_length(docs)) over (partition by term) bytes from postings where term = any($1)) p";
            let terms = missing.terms.iter().cloned().collect();
            queries.push(Query::new(sql, vec![Value::Texts(terms), Value::Number(MOST_AT_ONCE)]));
        }
        for (term, edits) in &missing.within {
            queries.push(neighbours(&Neighbours::of(term, *edits)));
        }
        if missing.coded {
            queries.push(Query::new(
                "select distinct term from postings where position('@' in term) > 0",
                vec![],
            ));
        }
        queries
    }

    /// Adds what the queries for missing terms gave.
    pub(super) fn add_terms(
        &self,
        dictionary: &mut Dictionary,
        missing: &Missing,
        results: Vec<Vec<tokio_postgres::Row>>,
    ) -> Result<()> {
        let mut results = results.into_iter();
        let unreadable = || self.damaged("the postings of a term can't be read");
        if !missing.terms.is_empty() {
            let found = terms_of(&results.next().unwrap_or_default()).ok_or_else(unreadable)?;
            dictionary.add(&missing.terms, found);
        }
        for asked in &missing.within {
            let found = terms_of(&results.next().unwrap_or_default()).ok_or_else(unreadable)?;
            dictionary.add_within(asked, found.keys().map(String::as_str));
            let near: HashMap<String, Term> = {
                let names: HashSet<&String> = dictionary.within_of(asked).into_iter().flatten().collect();
                found.into_iter().filter(|(term, _)| names.contains(term)).collect()
            };
            dictionary.add_unknown(near);
        }
        if missing.coded {
            let rows = results.next().unwrap_or_default();
            dictionary.add_coded(rows.iter().map(|row| row.get::<_, String>(0)).collect());
        }
        Ok(())
    }

    /// Fetches the postings of some terms as far as only their counts are known.
    pub(super) fn complete(&self, terms: &BTreeSet<String>) -> Result<()> {
        let mut dictionary = self.dictionary();
        let (mut cut, mut batches) = (Vec::new(), BTreeSet::new());
        for name in terms {
            let of_term: Vec<i64> = dictionary.term(name).into_iter().flat_map(Term::cut_rows).collect();
            if !of_term.is_empty() {
                cut.push(name.clone());
                batches.extend(of_term);
            }
        }
        if cut.is_empty() {
            return Ok(());
        }
        let sql = "select term, batch, docs from postings where term = any($1) and batch = any($2)";
        let rows = self.session.query(&Query::new(
            sql,
            vec![Value::Texts(cut), Value::Numbers(batches.into_iter().collect())],
        ))?;
        for row in rows {
            if let Some(term) = dictionary.term_mut(row.get(0)) {
                term.complete(row.get(1), row.get(2));
            }
        }
        Ok(())
    }

    /// Some passages by their numbers, in the same order.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for a row of another state.
    pub(super) fn rows(&self, rows: &[Row]) -> Result<Vec<Arc<Fetched>>> {
        let numbers: Vec<u32> = rows
            .iter()
            .map(|row| u32::try_from(row.number()).map_err(|_| no_row(*row)))
            .collect::<Result<_>>()?;
        self.fetch(&numbers)?;
        let fetched = lock(&self.fetched);
        let find =
            |number: &u32| fetched.get(number).cloned().ok_or_else(|| no_row(Row::new((*number).into())));
        numbers.iter().map(find).collect()
    }

    /// Fetches those of some passages that weren't yet.
    pub(super) fn fetch(&self, numbers: &[u32]) -> Result<()> {
        let mut missing: Vec<i64> = {
            let mut fetched = lock(&self.fetched);
            if fetched.len() > MOST_KEPT {
                fetched.clear();
            }
            numbers
                .iter()
                .filter(|number| !fetched.contains_key(number))
                .map(|&number| number.into())
                .collect()
        };
        missing.sort_unstable();
        missing.dedup();
        // No answer is larger than some megabytes.
        for portion in missing.chunks(2000) {
            let rows = self.session.query(&Query::new(
                &format!("{FETCH} where p.passage = any($1)"),
                vec![Value::Numbers(portion.to_vec())],
            ))?;
            self.keep(&rows)?;
        }
        Ok(())
    }

    /// A passage that was fetched, by its id.
    pub(super) fn fetched_by_id(&self, id: PassageId) -> Option<Arc<Fetched>> {
        lock(&self.fetched).values().find(|passage| passage.id == id).cloned()
    }

    /// Remembers passages that were fetched with [`FETCH`].
    pub(super) fn keep(&self, rows: &[tokio_postgres::Row]) -> Result<Vec<u32>> {
        let dim = self.state.info.fingerprint.dim;
        let read =
            |row: &tokio_postgres::Row| read(row, dim).ok_or_else(|| self.damaged("a passage can't be read"));
        let found = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
        let numbers = found.iter().map(|passage| passage.number).collect();
        lock(&self.fetched).extend(found.into_iter().map(|passage| (passage.number, passage.into())));
        Ok(numbers)
    }
}

/// The columns of a passage, in the order in which they are read.
pub(super) const FETCH: &str = "select p.passage, p.id, v.scale, halfvec_send(v.v), v.parts, p.words, p.stored, \
     p.labelled, p.embedded, (select max(b.id) from passages b where b.id < p.id), \
     (select min(b.id) from passages b where b.id > p.id) from passages p join vectors v on v.embedded = p.embedded and v.root = p.root";

fn read(row: &tokio_postgres::Row, dim: usize) -> Option<Fetched> {
    Some(Fetched {
        number: u32::try_from(row.get::<_, i64>(0)).ok()?,
        id: PassageId::from_digits(row.get(1))?,
        vector: Vector::new(row.get(2), codes::from_halfvec(row.get(3), dim)?),
        parts: PartVectors::from_bytes(row.get(4), dim)?,
        words: row.get(5),
        stored: row.get(6),
        is_labelled: row.get(7),
        embedded: EmbeddedHash(row.get::<_, &[u8]>(8).try_into().ok()?),
        similar: [row.get(9), row.get(10)],
    })
}

fn no_row(row: Row) -> Error {
    NotFound::Row { row: row.number().to_string() }.into()
}

/// The rows of postings as terms; `None` if one can't be read.
fn terms_of(rows: &[tokio_postgres::Row]) -> Option<HashMap<String, Term>> {
    let mut of: HashMap<String, Vec<TermRow>> = HashMap::new();
    for row in rows {
        let (batch, whole, bytes) = (row.get(1), row.get(2), row.get(3));
        of.entry(row.get(0)).or_default().push(TermRow { batch, bytes, whole });
    }
    of.into_iter().map(|(name, rows)| Some((name, Term::new(rows)?))).collect()
}

/// The query for terms that may be near another, with their counts.
fn neighbours(of: &Neighbours) -> Query {
    // The database thinks that each beginning is that of very many terms, unless it has to look them up one by one. "Any letter"
    // is any that follows in the table, found by leaps from one to the next.
    let sql = "select q.term, q.batch, octet_length(q.docs) <= 71, substr(q.docs, 1, 71) from (select term from ( \
               select p.term from unnest($1::text[]) b, lateral (select term from postings p \
               where p.term >= b and p.term < b || chr(1114111) offset 0) p \
               union select p.term from unnest($2::text[]) e, lateral (select term from postings p \
               where reverse(p.term) collate \"C\" >= e and reverse(p.term) collate \"C\" < e || chr(1114111) offset 0) p \
               union select p.term from ( \
               with recursive next(begin, letter) as ( \
               select begin, (select substr(term, length(begin) + 1, 1) from postings \
               where term > begin and term < begin || chr(1114111) order by term limit 1) \
               from (select distinct unnest($6::text[]) begin) b \
               union all select begin, (select substr(term, length(begin) + 1, 1) from postings \
               where term >= begin || letter || chr(1114111) and term < begin || chr(1114111) order by term limit 1) \
               from next where letter is not null) \
               select n.begin || n.letter || r.rest as begin from next n \
               join unnest($6::text[], $7::text[]) r(begin, rest) on r.begin = n.begin where letter is not null) b, \
               lateral (select term from postings p where p.term >= b.begin and p.term < b.begin || chr(1114111) offset 0) p \
               union select unnest($3::text[])) t where length(term) between $4 and $5 offset 0) t, \
               lateral (select * from postings q where q.term = t.term offset 0) q";
    let texts = |texts: &BTreeSet<String>| Value::Texts(texts.iter().cloned().collect());
    let reversed = of.end.iter().map(|end| end.chars().rev().collect()).collect();
    let (begins, rests) = of.begin_around.iter().cloned().unzip();
    Query::new(
        sql,
        vec![
            texts(&of.begin),
            Value::Texts(reversed),
            texts(&of.whole),
            Value::Number(of.shortest as i64),
            Value::Number(of.longest as i64),
            Value::Texts(begins),
            Value::Texts(rests),
        ],
    )
}
