//! Filters: the rows that have the path, tags, date and words that a question demands.

use std::fmt;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, Term};

use super::phrase::Phrase;
use super::postings::Postings;
use super::schema::Fields;
use super::segment::Segment;
use crate::calendar::Day;
use crate::error::{Result, Usage};
use crate::query::{Clause, Filter, Query};
use crate::words::composed;

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

/// The demands of a filter and a question, as globs, terms, days and phrases.
pub(super) struct Demands {
    /// Sets of globs; one of each set must match.
    paths: Vec<GlobSet>,
    /// Globs that mustn't match.
    other_paths: Option<GlobSet>,
    tags: Vec<Term>,
    other_tags: Vec<Term>,
    /// The days of which a note must be; by default it may also have no date.
    days: Days,
    other_days: Vec<Days>,
    /// Words and the fields that must have them.
    phrases: Vec<(Phrase, Vec<Field>)>,
    /// Words and the fields that mustn't have them.
    other_phrases: Vec<(Phrase, Vec<Field>)>,
}

impl Demands {
    /// Checks a filter and what a question demands; `None` if they let everything through.
    pub(super) fn new(filter: &Filter, query: &Query, fields: &Fields) -> Result<Option<Self>> {
        if filter == &Filter::default() && query.demands_nothing() {
            return Ok(None);
        }
        let tag = |tag: &str| Term::from_field_text(fields.tag, &tag.trim_start_matches('#').to_lowercase());
        let globs = |globs: &[String]| if globs.is_empty() { Ok(None) } else { compile(globs).map(Some) };
        let mut paths: Vec<GlobSet> = globs(&filter.paths)?.into_iter().collect();
        let Sorted { paths: more_paths, tags: more_tags, days, phrases } = sort(&query.required, fields);
        paths.extend(globs(&more_paths)?);
        let excluded = sort(&query.excluded, fields);
        let asked = Days { since: filter.since, before: filter.before };
        Ok(Some(Self {
            paths,
            other_paths: globs(&excluded.paths)?,
            tags: filter.tags.iter().chain(&more_tags).map(|name| tag(name)).collect(),
            other_tags: excluded.tags.iter().map(|name| tag(name)).collect(),
            days: days.into_iter().fold(asked, Days::and),
            other_days: excluded.days,
            phrases,
            other_phrases: excluded.phrases,
        }))
    }

    /// Finds the rows.
    pub(super) fn select(&self, segments: &[Segment], fields: &Fields) -> tantivy::Result<Selection> {
        let segments = segments.iter().map(|segment| self.select_in(segment, fields));
        Ok(Selection { segments: segments.collect::<tantivy::Result<_>>()? })
    }

    /// The living rows of one segment. Globs are matched against the dictionary of files, so the cost grows with
    /// the number of files and of the rows found, not with that of all rows.
    fn select_in(&self, segment: &Segment, fields: &Fields) -> tantivy::Result<BitSet> {
        let mut selected = self.select_files(segment, fields)?;
        for tag in &self.tags {
            selected = and(&selected, &documents(segment, tag)?);
        }
        if self.days != Days::default() {
            selected = and(&selected, &self.days.documents(segment, fields)?);
        }
        for (phrase, among) in &self.phrases {
            selected = and(&selected, &phrase.documents(segment, fields, among, &selected)?);
        }
        for tag in &self.other_tags {
            selected = without(&selected, &documents(segment, tag)?);
        }
        for days in &self.other_days {
            selected = without(&selected, &days.documents(segment, fields)?);
        }
        for (phrase, among) in &self.other_phrases {
            selected = without(&selected, &phrase.documents(segment, fields, among, &selected)?);
        }
        Ok(selected)
    }

    /// The living rows whose paths are wanted.
    fn select_files(&self, segment: &Segment, fields: &Fields) -> tantivy::Result<BitSet> {
        let mut selected = BitSet::with_max_value(segment.reader.max_doc());
        let accept = segment.accept(None);
        if self.paths.is_empty() && self.other_paths.is_none() {
            for doc in (0..segment.reader.max_doc()).filter(|&doc| accept.contains(doc)) {
                selected.insert(doc);
            }
            return Ok(selected);
        }
        let files = segment.dictionary(fields.file)?;
        files.walk(b"", None, |key, file| {
            let key = String::from_utf8_lossy(key);
            let path = key.split_once('/').map_or("", |(_, path)| path);
            let matches =
                |globs: &GlobSet| globs.is_match(&*composed(path)) || globs.is_match(&*composed(&key));
            if self.paths.iter().all(matches) && !self.other_paths.as_ref().is_some_and(matches) {
                files.postings(file, IndexRecordOption::Basic)?.for_each(|postings| {
                    if accept.contains(postings.doc()) {
                        selected.insert(postings.doc());
                    }
                });
            }
            Ok(true)
        })?;
        Ok(selected)
    }
}

/// The clauses of a question, sorted by kind; phrases with the fields that must have them.
#[derive(Default)]
struct Sorted {
    paths: Vec<String>,
    tags: Vec<String>,
    days: Vec<Days>,
    phrases: Vec<(Phrase, Vec<Field>)>,
}

/// Sorts what a question demands.
fn sort(clauses: &[Clause], fields: &Fields) -> Sorted {
    let mut sorted = Sorted::default();
    for clause in clauses {
        match clause {
            Clause::Path(glob) => sorted.paths.push(glob.clone()),
            Clause::Tag(name) => sorted.tags.push(name.clone()),
            Clause::Since(day) => sorted.days.push(Days { since: Some(*day), before: None }),
            Clause::Before(day) => sorted.days.push(Days { since: None, before: Some(*day) }),
            Clause::Title(words) => sorted.phrases.push((Phrase::new(words), fields.words[..1].to_vec())),
            Clause::Phrase(words) => sorted.phrases.push((Phrase::exact(words), fields.words.to_vec())),
        }
    }
    sorted
}

/// The documents of a segment that have a term, deleted ones included.
fn documents(segment: &Segment, term: &Term) -> tantivy::Result<BitSet> {
    let mut documents = BitSet::with_max_value(segment.reader.max_doc());
    if let Some(postings) = segment.postings(term, IndexRecordOption::Basic)? {
        insert(&mut documents, postings);
    }
    Ok(documents)
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
            set.add(GlobBuilder::new(&pattern).literal_separator(true).build().map_err(refused)?);
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
