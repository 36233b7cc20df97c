//! The fields of a document, and how a passage becomes one.

use std::borrow::Cow;

use serde_json::json;
use tantivy::schema::{
    Field, FieldType, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{TantivyDocument, TantivyError, Term};

use super::bm25f::FIELDS;
use super::{NewFile, NewPassage, analyzer, stored_passage, vector_field};
use crate::document::{EmbeddedHash, NotePath, Passage, PassageId, Property};
use crate::hit::StoredPassage;
use crate::link;
use crate::seen::seen;
use crate::words::Language;

/// The name of the custom field, which also says how many numbers a vector has.
const VECTOR: &str = "vector";

/// The names of the fields that hold words, in the order of [`words`].
const WORDS: [&str; FIELDS] = ["title", "heading", "question", "name", "property_words", "body"];

/// The fields of the index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// The fields that BM25 searches; [`words`] says what is in them.
    pub(super) words: [Field; FIELDS],
    /// The first digits of the passage's id; see [`id_term`].
    pub(super) id: Field,
    /// `root/path`, by which a file's passages are found and deleted.
    pub(super) file: Field,
    /// The note's tags, each a term.
    pub(super) tag: Field,
    /// The note's date, `YYYY-MM-DD`, as one term.
    pub(super) date: Field,
    /// The note's properties, each value a term; see [`Property::terms`].
    pub(super) property: Field,
    /// What the note may be called in a link; see [`link::name_key`].
    pub(super) called: Field,
    /// What the notes are called that the passage links to.
    pub(super) links: Field,
    /// The hash of the embedded text.
    pub(super) embedded: Field,
    /// The whole passage, encoded.
    pub(super) stored: Field,
    /// The code of the note's language, as one term; none for English.
    pub(super) language: Field,
    /// The vector, for the [plugin](super::plugin) only.
    pub(super) vector: Field,
    /// How many numbers a vector has.
    pub(super) dim: usize,
}

/// The schema of an index with vectors of `dim` numbers.
pub(super) fn schema(dim: usize) -> Schema {
    let mut builder = Schema::builder();
    let words = TextFieldIndexing::default()
        .set_tokenizer(analyzer::NAME)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let words = TextOptions::default().set_indexing_options(words);
    let exact = TextFieldIndexing::default()
        .set_tokenizer("raw")
        .set_index_option(IndexRecordOption::Basic)
        .set_fieldnorms(false);
    let exact = TextOptions::default().set_indexing_options(exact);
    for name in WORDS {
        builder.add_text_field(name, words.clone());
    }
    for name in ["id", "file", "tag", "date", "property", "called", "links", "language"] {
        builder.add_text_field(name, exact.clone());
    }
    builder.add_bytes_field("embedded", INDEXED);
    builder.add_bytes_field("stored", STORED);
    builder.add_custom_field(VECTOR, "qsearch_int8", json!({ "dim": dim }));
    builder.build()
}

impl Fields {
    /// Finds the fields in the schema of an index.
    pub(super) fn of(schema: &Schema) -> tantivy::Result<Self> {
        let field = |name| schema.get_field(name);
        let vector = field(VECTOR)?;
        let dim = match schema.get_field_entry(vector).field_type() {
            FieldType::Custom(options) => options.params().get("dim").and_then(serde_json::Value::as_u64),
            _ => None,
        };
        let dim = dim.and_then(|dim| u32::try_from(dim).ok());
        let mut words = [vector; FIELDS];
        for (of_words, name) in words.iter_mut().zip(WORDS) {
            *of_words = field(name)?;
        }
        Ok(Self {
            words,
            id: field("id")?,
            file: field("file")?,
            tag: field("tag")?,
            date: field("date")?,
            property: field("property")?,
            called: field("called")?,
            links: field("links")?,
            embedded: field("embedded")?,
            stored: field("stored")?,
            language: field("language")?,
            vector,
            dim: dim.ok_or_else(|| TantivyError::SchemaError("vectors have no size".into()))? as usize,
        })
    }

    /// The term that all passages of a file have.
    pub(super) fn file_term(&self, root: &str, path: &NotePath) -> Term {
        Term::from_field_text(self.file, &file_key(root, path))
    }

    /// The term that all passages with this embedded text have.
    pub(super) fn embedded_term(&self, embedded: &EmbeddedHash) -> Term {
        Term::from_field_bytes(self.embedded, &embedded.0)
    }

    /// A passage as a document. An error says why it can't be one.
    pub(super) fn document(&self, file: &NewFile, new: &NewPassage) -> Result<TantivyDocument, String> {
        let NewPassage { id, passage, embedded, vector, part_vectors } = new;
        let NewFile { record, title, aliases, tags, date, properties, language, .. } = file;
        let mut document = TantivyDocument::new();
        let note = Note { title: title.as_deref(), aliases, path: &record.path, properties };
        for (field, values) in self.words.into_iter().zip(words(&note, passage)) {
            for value in values {
                document.add_text(field, analyzer::tagged(*language, value));
            }
        }
        document.add_text(self.id, id_term(*id));
        document.add_text(self.file, file_key(&record.root, &record.path));
        if let Some(date) = date {
            document.add_text(self.date, date.to_string());
        }
        for (field, terms) in [
            (self.tag, tag_terms(tags)),
            (self.property, property_terms(properties)),
            (self.called, called(&note)),
            (self.links, linked(&note, passage)),
            (self.language, language_terms(*language)),
        ] {
            for term in terms {
                document.add_text(field, term);
            }
        }
        document.add_bytes(self.embedded, &embedded.0);
        document.add_bytes(self.stored, &stored_passage::encode(file, new)?);
        document.add_custom(self.vector, &vector_field::to_field(id.0, vector, part_vectors));
        Ok(document)
    }

    /// The fields by whose terms passages are found.
    pub(super) fn found(&self) -> impl Iterator<Item = Field> + use<> {
        let Self { id, file, tag, date, property, called, links, language, embedded, .. } = *self;
        self.words.into_iter().chain([id, file, tag, date, property, called, links, language, embedded])
    }
}

/// What all passages of a note have in common.
pub(super) struct Note<'a> {
    pub(super) title: Option<&'a str>,
    pub(super) aliases: &'a [String],
    pub(super) path: &'a NotePath,
    pub(super) properties: &'a [Property],
}

impl<'a> From<&'a StoredPassage> for Note<'a> {
    fn from(stored: &'a StoredPassage) -> Self {
        let StoredPassage { title, aliases, path, properties, .. } = stored;
        Self { title: title.as_deref(), aliases, path, properties }
    }
}

/// The texts whose words each field has: the title and the note's other names, the headings, the question, the names of
/// the file and its folders, the values of the properties, the text.
pub(super) fn words<'a>(note: &Note<'a>, passage: &'a Passage) -> [Vec<Cow<'a, str>>; FIELDS] {
    fn all<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<Cow<'a, str>> {
        texts.into_iter().map(|text| Cow::Borrowed(text.as_str())).collect()
    }
    let names = note.title.into_iter().map(Cow::Borrowed).chain(all(note.aliases)).collect();
    let path = note.path.as_str();
    let start = path.rfind('/').map_or(0, |slash| slash + 1);
    let end = path[start..].rfind('.').map_or(path.len(), |dot| start + dot);
    [
        names,
        all(&passage.heading),
        all(&passage.question),
        vec![Cow::Borrowed(&path[..end])],
        all(note.properties.iter().flat_map(|property| &property.values)),
        vec![seen(&passage.text, &passage.blocks)],
    ]
}

/// The terms of some tags, sorted, each once.
pub(super) fn tag_terms(tags: &[String]) -> Vec<String> {
    distinct(tags.iter().map(|tag| tag.to_lowercase()))
}

/// The digits of an id that its term has; two passages seldom have the same.
pub(super) const ID_DIGITS: usize = 8;

/// The term of an id. All of it stands beside the vector.
pub(super) fn id_term(id: PassageId) -> String {
    let mut digits = id.digits();
    digits.truncate(ID_DIGITS);
    digits
}

/// The term of a note's language.
pub(super) fn language_terms(language: Language) -> Vec<String> {
    // English is what an index has anyway.
    if language == Language::English { Vec::new() } else { vec![language.code().to_owned()] }
}

/// The terms of all properties, sorted, each once.
pub(super) fn property_terms(properties: &[Property]) -> Vec<String> {
    distinct(properties.iter().flat_map(Property::terms))
}

/// What a note may be called in a link: by its file, its title, its other names. Sorted, each once.
pub(super) fn called(note: &Note<'_>) -> Vec<String> {
    let names = note.title.into_iter().chain(note.aliases.iter().map(String::as_str));
    distinct(names.chain([note.path.as_str()]).map(link::name_key))
}

/// The term of all passages that link to a note, or whose note has other names.
pub(super) const LABELLED: &str = "\0";

/// What the notes are called that a passage links to, and [`LABELLED`]. Sorted, each once.
pub(super) fn linked(note: &Note<'_>, passage: &Passage) -> Vec<String> {
    let links = link::links(&passage.text, &passage.blocks);
    let is_labelled = !links.is_empty() || !note.aliases.is_empty();
    distinct(links.iter().map(link::Link::key).chain(is_labelled.then(|| LABELLED.to_owned())))
}

/// The terms, sorted, each once, without empty ones.
fn distinct(terms: impl Iterator<Item = String>) -> Vec<String> {
    let mut terms: Vec<String> = terms.filter(|term| !term.is_empty()).collect();
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// The term of a file. A root's name has no `/`, so the term can be taken apart again.
pub(super) fn file_key(root: &str, path: &NotePath) -> String {
    format!("{root}/{path}")
}
