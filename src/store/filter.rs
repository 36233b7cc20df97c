//! Which passages a question may find: by path and by tag, as sets of rows.

use std::fmt;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use tantivy::schema::IndexRecordOption;
use tantivy::{BitSet, DocSet, TERMINATED, Term};

use super::schema::Fields;
use super::segment::Segment;
use crate::error::{Error, Result};

/// What a passage must have to be found. A kind that is left empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Globs, any of which must match the note's `path` or `root/path`. `*` stops at a `/`, `**` doesn't. A
    /// glob that matches a folder means everything under it, and one without `/` is looked for at any depth.
    pub paths: Vec<String>,
    /// Tags, all of which the note must have; with or without `#`, in any case.
    pub tags: Vec<String>,
}

/// The rows of one snapshot that a [`Filter`] lets through.
pub struct Selection {
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

/// A filter's globs and terms.
pub(super) struct Compiled {
    paths: Option<GlobSet>,
    tags: Vec<Term>,
}

impl Compiled {
    /// Checks a filter; `None` for one that lets everything through.
    pub(super) fn new(filter: &Filter, fields: &Fields) -> Result<Option<Self>> {
        if filter.paths.is_empty() && filter.tags.is_empty() {
            return Ok(None);
        }
        let tag =
            |tag: &String| Term::from_field_text(fields.tag, &tag.trim_start_matches('#').to_lowercase());
        let paths = if filter.paths.is_empty() { None } else { Some(compile(&filter.paths)?) };
        Ok(Some(Self { paths, tags: filter.tags.iter().map(tag).collect() }))
    }

    /// Finds the rows.
    pub(super) fn select(&self, segments: &[Segment], fields: &Fields) -> tantivy::Result<Selection> {
        let segments = segments.iter().map(|segment| self.select_in(segment, fields));
        Ok(Selection { segments: segments.collect::<tantivy::Result<_>>()? })
    }

    /// The living rows of one segment. Globs are matched against the dictionary of files, so the cost grows with
    /// the number of files and of the rows found, not with that of all rows.
    fn select_in(&self, segment: &Segment, fields: &Fields) -> tantivy::Result<BitSet> {
        let accept = segment.accept(None);
        let mut selected = BitSet::with_max_value(segment.reader.max_doc());
        match &self.paths {
            Some(paths) => {
                let index = segment.reader.inverted_index(fields.file)?;
                let mut files = index.terms().stream()?;
                while files.advance() {
                    let key = String::from_utf8_lossy(files.key());
                    let path = key.split_once('/').map_or("", |(_, path)| path);
                    if paths.is_match(path) || paths.is_match(&*key) {
                        let postings =
                            index.read_postings_from_terminfo(files.value(), IndexRecordOption::Basic)?;
                        for row in segment.living(postings) {
                            selected.insert(row.doc);
                        }
                    }
                }
            }
            None => {
                for doc in (0..segment.reader.max_doc()).filter(|&doc| accept.contains(doc)) {
                    selected.insert(doc);
                }
            }
        }
        for tag in &self.tags {
            let mut tagged = BitSet::with_max_value(segment.reader.max_doc());
            if let Some(mut postings) = segment.postings(tag, IndexRecordOption::Basic)? {
                while postings.doc() != TERMINATED {
                    if selected.contains(postings.doc()) {
                        tagged.insert(postings.doc());
                    }
                    postings.advance();
                }
            }
            selected = tagged;
        }
        Ok(selected)
    }
}

/// All globs as one set.
fn compile(globs: &[String]) -> Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let refused = |error: globset::Error| Error::Usage {
            what: format!("`{glob}` isn't a glob: {}", error.kind()),
            hint: "use `*`, `**`, `?`, `[a-z]` or `{a,b}`, as in `python/**/*.md`".into(),
        };
        let plain = glob.trim_start_matches("./").trim_end_matches('/');
        let anchored = if plain.contains('/') { plain.to_owned() } else { format!("**/{plain}") };
        let anchored = anchored.trim_start_matches('/');
        for pattern in [anchored.to_owned(), format!("{anchored}/**")] {
            set.add(GlobBuilder::new(&pattern).literal_separator(true).build().map_err(refused)?);
        }
    }
    set.build().map_err(|error| Error::Usage {
        what: format!("these globs are too much together: {}", error.kind()),
        hint: "use fewer or simpler ones".into(),
    })
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
