//! Which passages may a question find? The database narrows, and what it leaves is checked here.

use std::collections::BTreeSet;

use super::session::{Query as Sql, Value};
use super::snapshot::DatabaseSnapshot;
use super::text::plain;
use crate::calendar::Day;
use crate::document::{ByteSpan, LineSpan, NotePath, Passage, PassageId, Property};
use crate::error::Result;
use crate::hit::{Row, StoredPassage};
use crate::query::{Clause, Filter, Query};
use crate::store::entry::{Entry, FieldWords};
use crate::store::filter::{Beginning, beginnings, compile};
use crate::store::pattern::TagPattern;
use crate::store::phrase::{Phrase, common};
use crate::varint;
use crate::words::Language;

/// The passages that a question may find.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    /// Their numbers, in ascending order.
    pub(super) numbers: Vec<u32>,
}

impl Selection {
    /// Whether it has a passage.
    pub(super) fn contains(&self, number: u32) -> bool {
        self.numbers.binary_search(&number).is_ok()
    }
}

/// A file with what filters look for, and the numbers of its passages.
struct File {
    entry: Entry,
    numbers: Vec<u32>,
}

/// The numbers of a file's passages, as the table `files` has them: in the order of their places.
pub(super) fn encode_numbers(numbers: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for &number in numbers {
        varint::push(&mut bytes, number as usize);
    }
    bytes
}

/// What [`encode_numbers`] wrote.
pub(super) fn decode_numbers(mut bytes: &[u8]) -> Vec<u32> {
    let mut numbers = Vec::new();
    while !bytes.is_empty() {
        numbers.push(varint::take(&mut bytes) as u32);
    }
    numbers
}

/// Whether a demand is one of notes, and not of the words of passages.
fn is_of_notes(clause: &Clause) -> bool {
    match clause {
        Clause::Tag(_) | Clause::Path(_) | Clause::Property { .. } | Clause::Since(_) | Clause::Before(_) => {
            true
        }
        Clause::Phrase(_) | Clause::Title(_) | Clause::Prefix(_) => false,
        Clause::Any(clauses) => clauses.iter().all(is_of_notes),
    }
}

/// Whether a demand is of words alone.
fn is_of_words(clause: &Clause) -> bool {
    match clause {
        Clause::Phrase(_) | Clause::Title(_) | Clause::Prefix(_) => true,
        Clause::Any(clauses) => clauses.iter().all(is_of_words),
        _ => false,
    }
}

impl DatabaseSnapshot {
    /// Finds what a question may find; `None` if that is everything.
    pub(super) fn select(&self, query: &Query, filter: &Filter) -> Result<Option<Selection>> {
        // A glob that can't be read is refused, whether there are passages or not.
        compile(&filter.paths)?;
        if filter == &Filter::default() && query.demands_nothing() {
            return Ok(None);
        }
        let selection = self.select_demanded(query, filter)?;
        match query.without_quotations() {
            Some(plain) if selection.numbers.is_empty() => self.select(&plain, filter),
            _ => Ok(Some(selection)),
        }
    }

    fn select_demanded(&self, query: &Query, filter: &Filter) -> Result<Selection> {
        let languages = &self.state.languages;
        let (of_notes, of_passages): (Vec<Clause>, Vec<Clause>) =
            query.required.iter().cloned().partition(is_of_notes);
        let (not_notes, not_passages): (Vec<Clause>, Vec<Clause>) =
            query.excluded.iter().cloned().partition(is_of_notes);
        let demands_notes = !of_notes.is_empty() || !not_notes.is_empty() || filter != &Filter::default();
        let mut numbers = match of_passages.iter().find(|clause| is_of_words(clause)) {
            // The words narrow most, and all that have them are known.
            Some(clause) if !demands_notes => self.may_meet(clause, &[], languages)?,
            _ => {
                let mut notes = query.clone();
                (notes.required, notes.excluded) = (of_notes, not_notes);
                self.of_notes(&notes, filter)?
            }
        };
        for clause in &of_passages {
            numbers = self.meeting(clause, &numbers, languages)?;
        }
        for clause in &not_passages {
            let met: BTreeSet<u32> = self.meeting(clause, &numbers, languages)?.into_iter().collect();
            numbers.retain(|number| !met.contains(number));
        }
        Ok(Selection { numbers })
    }

    /// The passages of the notes that meet demands about notes, in ascending order.
    fn of_notes(&self, notes: &Query, filter: &Filter) -> Result<Vec<u32>> {
        let mut numbers = Vec::new();
        for file in self.files_narrowed(notes, filter)? {
            if file.entry.passes(notes, filter, &self.state.languages)? {
                numbers.extend(file.numbers);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Those of some passages that meet a demand about words.
    fn meeting(&self, clause: &Clause, among: &[u32], languages: &[Language]) -> Result<Vec<u32>> {
        let may = self.may_meet(clause, among, languages)?;
        let mut numbers = common(among, &may);
        if matches!(clause, Clause::Prefix(_)) {
            return Ok(numbers);
        }
        let rows: Vec<Row> = numbers.iter().map(|&number| Row::new(number.into())).collect();
        let mut met = Vec::new();
        // A portion at a time, since a common phrase is in very many.
        for portion in rows.chunks(1000) {
            for passage in self.rows(portion)? {
                let stored = passage.passage().map_err(|what| self.damaged(what))?;
                met.push(Entry::new(stored).has(clause, languages)?);
            }
        }
        let mut met = met.into_iter();
        numbers.retain(|_| met.next().unwrap_or(false));
        Ok(numbers)
    }

    /// The passages that may meet a demand, in ascending order: all that do are among them.
    fn may_meet(&self, clause: &Clause, among: &[u32], languages: &[Language]) -> Result<Vec<u32>> {
        match clause {
            Clause::Phrase(words) => self.with_words(&Phrase::exact(words, languages)),
            Clause::Title(words) => self.with_words(&Phrase::new(words, languages)),
            Clause::Prefix(begin) => self.with_beginnings(&beginnings(begin, languages)),
            Clause::Any(clauses) => {
                let mut all = Vec::new();
                for clause in clauses {
                    all.extend(self.may_meet(clause, among, languages)?);
                }
                all.sort_unstable();
                all.dedup();
                Ok(all)
            }
            _ => Ok(among.to_vec()),
        }
    }

    /// The passages that have all words of a phrase, wherever.
    fn with_words(&self, phrase: &Phrase) -> Result<Vec<u32>> {
        let terms: BTreeSet<String> =
            phrase.readings.iter().flat_map(|reading| reading.terms().map(str::to_owned)).collect();
        self.know(&terms)?;
        self.complete(&terms)?;
        let dictionary = self.dictionary();
        let mut all = Vec::new();
        for reading in &phrase.readings {
            let candidates = reading.candidates_by(|term| {
                let postings = self.postings_in(&dictionary, term)?;
                Ok::<_, crate::error::Error>(postings.iter().map(|posting| posting.passage).collect())
            })?;
            all.extend(candidates.unwrap_or_default());
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    /// The passages that have a term with one of some beginnings.
    fn with_beginnings(&self, beginnings: &[Beginning]) -> Result<Vec<u32>> {
        let terms = self.terms_beginning(beginnings)?;
        self.complete(&terms)?;
        let dictionary = self.dictionary();
        let mut all = Vec::new();
        for term in terms {
            let postings = self.postings_in(&dictionary, &term)?;
            all.extend(postings.iter().map(|posting| posting.passage));
        }
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    /// The terms of living passages that have one of some beginnings.
    pub(super) fn terms_beginning(&self, beginnings: &[Beginning]) -> Result<BTreeSet<String>> {
        let stems = beginnings.iter().map(|begin| plain(&begin.stem)).collect();
        let sql = "select distinct p.term from unnest($1::text[]) b, lateral (select term from postings p \
                   where p.term >= b and p.term < b || chr(1114111) offset 0) p";
        let rows = self.session.query(&Sql::new(sql, vec![Value::Texts(stems)]))?;
        let fits = |term: &String| {
            beginnings.iter().any(|begin| term.strip_prefix(&begin.stem).is_some_and(|rest| begin.fits(rest)))
        };
        let mut terms: BTreeSet<String> = rows.iter().map(|row| row.get(0)).filter(fits).collect();
        self.know(&terms)?;
        let dictionary = self.dictionary();
        terms.retain(|term| dictionary.term(term).is_some_and(|term| term.passages() > 0));
        Ok(terms)
    }

    /// The files that may pass, narrowed by what the database knows of tags, properties and dates.
    fn files_narrowed(&self, query: &Query, filter: &Filter) -> Result<Vec<File>> {
        let mut sql = "select root, path, tags, date, properties, passages from files where true".to_owned();
        let mut values = Vec::new();
        let mut demand = |condition: &str, value: Vec<String>| {
            let first = values.len() + 1;
            let condition =
                condition.replace("$a", &format!("${first}")).replace("$b", &format!("${}", first + 1));
            sql.extend([" and ", &condition]);
            values.extend(value.into_iter().map(|text| Value::Text(plain(&text))));
        };
        let tag = |name: &str| {
            let pattern = TagPattern::new(name);
            vec![pattern.begin().to_owned(), pattern.whole().unwrap_or("\u{1}").to_owned()]
        };
        let has_tag = "exists (select from unnest(tags) t where starts_with(t, $a) or t = $b)";
        for name in &filter.tags {
            demand(has_tag, tag(name));
        }
        let mut dates = |since: Option<Day>, before: Option<Day>| {
            if let Some(day) = since {
                demand("date >= $a", vec![day.to_string()]);
            }
            if let Some(day) = before {
                demand("date < $a", vec![day.to_string()]);
            }
        };
        dates(filter.since, filter.before);
        for clause in &query.required {
            match clause {
                Clause::Since(day) => dates(Some(*day), None),
                Clause::Before(day) => dates(None, Some(*day)),
                _ => {}
            }
        }
        for clause in &query.required {
            match clause {
                Clause::Tag(name) => demand(has_tag, tag(name)),
                Clause::Property { key, .. } => demand(
                    "exists (select from unnest(properties) t where starts_with(t, $a))",
                    vec![format!("{key}=")],
                ),
                _ => {}
            }
        }
        let rows = self.session.query(&Sql::new(&sql, values))?;
        Ok(rows.iter().map(file).collect())
    }
}

/// A row of the table of files.
fn file(row: &tokio_postgres::Row) -> File {
    let terms: Vec<String> = row.get(4);
    let property = |term: String| {
        let (key, value) = term.split_once('=').unwrap_or((&term, ""));
        Property { key: key.to_owned(), values: vec![value.to_owned()] }
    };
    let date: Option<String> = row.get(3);
    let stored = StoredPassage {
        id: PassageId(0),
        root: row.get(0),
        path: NotePath::from_encoded(row.get::<_, String>(1)),
        title: None,
        aliases: Vec::new(),
        tags: row.get(2),
        date: date.and_then(|date| Day::parse(&date, Day::of(0))),
        properties: terms.into_iter().map(property).collect(),
        language: Language::English,
        passage: Passage::new("", ByteSpan { start: 0, end: 0 }, LineSpan { first: 1, last: 1 }),
    };
    let fields = std::array::from_fn(|_| FieldWords::default());
    File { entry: Entry { stored, fields }, numbers: decode_numbers(row.get(5)) }
}
