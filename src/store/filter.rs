//! Filters: the rows that have the path, tags, date and words that a question demands.

use std::fmt;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, Term};

use super::analyzer::{self, parts_of};
use super::pattern::{TagPattern, ValuePattern};
use super::phrase::Phrase;
use super::postings::Postings;
use super::schema::Fields;
use super::segment::Segment;
use super::snapshot::Snapshot;
use crate::calendar::Day;
use crate::error::{Result, Usage};
use crate::query::{Clause, Filter, Query};
use crate::sys::naming;
use crate::words::{Language, composed};

/// The rows of one snapshot that a [`Filter`] and a [`Query`] let through.
pub(super) struct Selection {
    segments: Vec<BitSet>,
}

impl fmt::Debug for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Selection({} rows)", self.len())
    }
}

impl Selection {
    /// How many rows it has.
    pub(super) fn len(&self) -> usize {
        self.segments.iter().map(BitSet::len).sum()
    }

    /// The rows of one segment.
    pub(super) fn of(&self, segment: u32) -> &BitSet {
        &self.segments[segment as usize]
    }
}

/// The days from one to another, the first included and the last not. Either may be left open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Days {
    since: Option<Day>,
    before: Option<Day>,
}

impl Days {
    /// The days that both have.
    fn and(self, other: Self) -> Self {
        let before = match (self.before, other.before) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self { since: self.since.max(other.since), before }
    }

    /// The documents of a segment whose notes have a date among these days, deleted ones included.
    fn documents(self, segment: &Segment, fields: &Fields) -> tantivy::Result<BitSet> {
        let mut documents = BitSet::with_max_value(segment.reader.max_doc());
        let dates = segment.dictionary(fields.date)?;
        // As they are written, days stand in the order of time.
        let [since, before] = [self.since, self.before].map(|day| day.map(|day| day.to_string()));
        let since = since.unwrap_or_default();
        dates.walk(since.as_bytes(), before.as_deref().map(str::as_bytes), |_, date| {
            insert(&mut documents, dates.postings(date, IndexRecordOption::Basic)?);
            Ok(true)
        })?;
        Ok(documents)
    }
}

/// A demand, ready to be looked up.
enum Demand {
    /// A path that one of these globs matches.
    Path(GlobSet),
    Tag(TagPattern),
    /// A property with this key, and a value that fits.
    Property(String, ValuePattern),
    /// A word whose term begins so, with the language of the notes that may have it; see [`beginnings`].
    Prefix(Vec<Beginning>),
    Days(Days),
    /// Words, and the fields that may have them.
    Phrase(Phrase, Vec<Field>),
    /// Any of these.
    Any(Vec<Demand>),
}

impl Demand {
    /// What a clause demands.
    fn new(clause: &Clause, fields: &Fields, languages: &[Language]) -> Result<Self> {
        Ok(match clause {
            Clause::Path(glob) => Self::Path(compile(std::slice::from_ref(glob))?),
            Clause::Tag(name) => Self::Tag(TagPattern::new(name)),
            Clause::Property { key, value } => Self::Property(key.clone(), ValuePattern::new(value)),
            Clause::Prefix(begin) => Self::Prefix(beginnings(begin, languages)),
            Clause::Since(day) => Self::Days(Days { since: Some(*day), before: None }),
            Clause::Before(day) => Self::Days(Days { since: None, before: Some(*day) }),
            Clause::Title(words) => Self::Phrase(Phrase::new(words, languages), fields.words[..1].to_vec()),
            Clause::Phrase(words) => Self::Phrase(Phrase::exact(words, languages), fields.words.to_vec()),
            Clause::Any(clauses) => {
                let demand = |clause| Self::new(clause, fields, languages);
                Self::Any(clauses.iter().map(demand).collect::<Result<_>>()?)
            }
        })
    }

    /// The documents of a segment that meet it, deleted ones included; phrases are looked for `among` some. Paths, tags and values are matched with terms of the
    /// dictionary, so the cost grows with their number and that of the rows found, not with that of all rows.
    fn documents(&self, segment: &Segment, fields: &Fields, among: &BitSet) -> tantivy::Result<BitSet> {
        let mut documents = BitSet::with_max_value(segment.reader.max_doc());
        let mut fitting = |field, begin: &str, fits: &dyn Fn(&str) -> bool| {
            let terms = segment.dictionary(field)?;
            terms.walk_beginning(begin.as_bytes(), |term, place| {
                if fits(&String::from_utf8_lossy(&term[begin.len()..])) {
                    insert(&mut documents, terms.postings(place, IndexRecordOption::Basic)?);
                }
                Ok(true)
            })
        };
        match self {
            Self::Path(globs) => fitting(fields.file, "", &|file| {
                let file = composed(file);
                globs.is_match(file.split_once('/').map_or("", |(_, path)| path)) || globs.is_match(&*file)
            })?,
            Self::Tag(tag) => {
                fitting(fields.tag, tag.begin(), &|_| true)?;
                if let Some(whole) = tag.whole() {
                    let term = Term::from_field_text(fields.tag, whole);
                    if let Some(postings) = segment.postings(&term, IndexRecordOption::Basic)? {
                        insert(&mut documents, postings);
                    }
                }
            }
            Self::Property(key, pattern) => {
                fitting(fields.property, &format!("{key}="), &|value| pattern.fits(value))?;
            }
            Self::Prefix(beginnings) => {
                for (field, begin) in
                    fields.words.iter().flat_map(|field| beginnings.iter().map(move |begin| (*field, begin)))
                {
                    fitting(field, &begin.stem, &|rest| begin.fits(rest))?;
                }
            }
            Self::Days(days) => return days.documents(segment, fields),
            Self::Phrase(phrase, of) => return phrase.documents(segment, fields, of, among),
            Self::Any(demands) => {
                for demand in demands {
                    let more = demand.documents(segment, fields, among)?;
                    documents = or(&documents, &more);
                }
            }
        }
        Ok(documents)
    }
}

/// The beginning of the terms that words have in notes in one language.
pub(super) struct Beginning {
    /// How the stem begins.
    pub(super) stem: String,
    /// The end of such terms; `None` in English, where any will do.
    end: Option<String>,
}

impl Beginning {
    /// Whether a term that begins so ends as those of the language do.
    pub(super) fn fits(&self, rest: &str) -> bool {
        self.end.as_ref().is_none_or(|end| rest.ends_with(end))
    }
}

/// The beginnings of the terms of all words that begin so, in an index that has some languages besides English.
pub(super) fn beginnings(typed: &str, languages: &[Language]) -> Vec<Beginning> {
    let Some(token) = analyzer::tokens(typed, 1).pop() else {
        return vec![Beginning { stem: typed.to_lowercase(), end: None }];
    };
    let beginning = |term: &String| {
        let (stem, code) = parts_of(term);
        Beginning { stem: stem.to_owned(), end: code.map(|_| term[stem.len()..].to_owned()) }
    };
    analyzer::terms(&token, languages).iter().map(beginning).collect()
}

/// The demands of a filter and a question.
pub(super) struct Demands {
    required: Vec<Demand>,
    excluded: Vec<Demand>,
}

impl Demands {
    /// Checks a filter and what a question demands; `None` if they let everything through.
    pub(super) fn new(
        filter: &Filter,
        query: &Query,
        fields: &Fields,
        languages: &[Language],
    ) -> Result<Option<Self>> {
        if filter == &Filter::default() && query.demands_nothing() {
            return Ok(None);
        }
        let (mut days, mut globs) = (Days { since: filter.since, before: filter.before }, Vec::new());
        let mut required: Vec<Demand> =
            filter.tags.iter().map(|name| Demand::Tag(TagPattern::new(name))).collect();
        for clause in &query.required {
            // Any path will do of several, and days are found together.
            if let Clause::Path(glob) = clause {
                globs.push(glob.clone());
                continue;
            }
            match Demand::new(clause, fields, languages)? {
                Demand::Days(more) => days = days.and(more),
                demand => required.push(demand),
            }
        }
        for globs in [&filter.paths, &globs] {
            if !globs.is_empty() {
                required.push(Demand::Path(compile(globs)?));
            }
        }
        if days != Days::default() {
            required.push(Demand::Days(days));
        }
        let excluded = query
            .excluded
            .iter()
            .map(|clause| Demand::new(clause, fields, languages))
            .collect::<Result<_>>()?;
        Ok(Some(Self { required, excluded }))
    }

    /// Finds the rows.
    pub(super) fn select(&self, segments: &[Segment], fields: &Fields) -> tantivy::Result<Selection> {
        let segments = segments.iter().map(|segment| self.select_in(segment, fields));
        Ok(Selection { segments: segments.collect::<tantivy::Result<_>>()? })
    }

    /// The living rows of one segment.
    fn select_in(&self, segment: &Segment, fields: &Fields) -> tantivy::Result<BitSet> {
        let mut selected = BitSet::with_max_value(segment.reader.max_doc());
        for doc in segment.accept(None).all(segment.reader.max_doc()) {
            selected.insert(doc);
        }
        for demand in &self.required {
            selected = and(&selected, &demand.documents(segment, fields, &selected)?);
        }
        for demand in &self.excluded {
            selected = without(&selected, &demand.documents(segment, fields, &selected)?);
        }
        Ok(selected)
    }
}

impl Snapshot {
    /// Whether a clause can mean anything here: whether any note has the key of a property, or a word with a beginning.
    /// Other clauses always can.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`](crate::error::Error::Corrupt) or [`Error::Io`](crate::error::Error::Io) if the index can't be read.
    pub fn knows(&self, clause: &Clause) -> Result<bool> {
        let (fields, beginnings) = match clause {
            Clause::Property { key, .. } => {
                (vec![self.fields().property], vec![Beginning { stem: format!("{key}="), end: None }])
            }
            Clause::Prefix(begin) => (self.fields().words.to_vec(), beginnings(begin, &self.languages()?)),
            _ => return Ok(true),
        };
        self.read(|| {
            for segment in self.segments() {
                for (&field, begin) in
                    fields.iter().flat_map(|field| beginnings.iter().map(move |begin| (field, begin)))
                {
                    if segment.has_beginning(field, &begin.stem, |rest| begin.fits(rest))? {
                        return Ok(true);
                    }
                }
            }
            Ok(false)
        })
    }
}

/// Adds the documents of some postings to a set.
fn insert(documents: &mut BitSet, postings: Postings<'_>) {
    postings.for_each(|postings| {
        documents.insert(postings.doc());
    });
}

/// The members of both sets.
fn and(a: &BitSet, b: &BitSet) -> BitSet {
    keep(a, |doc| b.contains(doc))
}

/// The members of the first set that the second one doesn't have.
fn without(a: &BitSet, b: &BitSet) -> BitSet {
    keep(a, |doc| !b.contains(doc))
}

/// The members of either set.
fn or(a: &BitSet, b: &BitSet) -> BitSet {
    let mut both = BitSet::with_max_value(a.max_value());
    for doc in (0..a.max_value()).filter(|&doc| a.contains(doc) || b.contains(doc)) {
        both.insert(doc);
    }
    both
}

fn keep(set: &BitSet, wanted: impl Fn(u32) -> bool) -> BitSet {
    let mut kept = BitSet::with_max_value(set.max_value());
    for doc in (0..set.max_value()).filter(|&doc| set.contains(doc) && wanted(doc)) {
        kept.insert(doc);
    }
    kept
}

/// All globs as one set.
pub(super) fn compile(globs: &[String]) -> Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let refused =
            |error: globset::Error| Usage::Glob { glob: glob.to_owned(), why: error.kind().to_string() };
        let plain = composed(glob);
        let plain = plain.trim_start_matches("./").trim_end_matches('/');
        let anchored = if plain.contains('/') { plain.to_owned() } else { format!("**/{plain}") };
        let anchored = anchored.trim_start_matches('/');
        for pattern in [anchored.to_owned(), format!("{anchored}/**")] {
            let glob = GlobBuilder::new(&pattern)
                .literal_separator(true)
                .case_insensitive(naming().any_case)
                .build();
            set.add(glob.map_err(refused)?);
        }
    }
    set.build().map_err(|error| Usage::Globs { why: error.kind().to_string() }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(glob: &str, matching: &[&str], other: &[&str]) {
        let set = compile(&[glob.to_owned()]).unwrap();
        for path in matching {
            assert!(set.is_match(path), "{glob} should match {path}");
        }
        for path in other {
            assert!(!set.is_match(path), "{glob} shouldn't match {path}");
        }
    }

    #[test]
    fn globs_mean_what_a_person_expects() {
        check("python", &["python/a.md", "x/python/deep/b.md", "python"], &["pythons/a.md", "a/python.md"]);
        check("python/", &["python/a.md"], &["cpython/a.md"]);
        check("*.md", &["a.md", "x/y/a.md"], &["a.txt"]);
        check("notes/*.md", &["notes/a.md"], &["notes/x/a.md", "old/notes/a.md"]);
        check("notes/**/*.md", &["notes/a.md", "notes/x/y/a.md"], &["a.md"]);
        check("./notes/{a,b}.md", &["notes/a.md", "notes/b.md"], &["notes/c.md"]);
    }

    #[test]
    fn a_broken_glob_is_refused() {
        let error = compile(&["a[".to_owned()]).unwrap_err();
        assert!(error.to_string().starts_with("`a[` isn't a glob"), "{error}");
    }
}
