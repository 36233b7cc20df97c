//! The fields of a document, and how a passage becomes one.

use serde_json::json;
use tantivy::schema::{
    Field, FieldType, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{TantivyDocument, TantivyError, Term};

use super::{NewFile, NewPassage, analyzer, codec, vector_field};
use crate::calendar::Day;
use crate::document::{ContentHash, NotePath, Passage, PassageId};
use crate::hit::StoredPassage;

/// The name of the custom field, which also says how many numbers a vector has.
const VECTOR: &str = "vector";

/// The fields of the index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// The title, the headings, the question and the text: what BM25 searches, in this order.
    pub(super) words: [Field; 4],
    /// The digits of the passage's id.
    pub(super) id: Field,
    /// `root/path`, by which a file's passages are found and deleted.
    pub(super) file: Field,
    /// The note's tags, each a term.
    pub(super) tag: Field,
    /// The note's date, `YYYY-MM-DD`, as one term.
    pub(super) date: Field,
    /// The hash of the embedded text.
    pub(super) embedded: Field,
    /// The whole passage, encoded.
    pub(super) stored: Field,
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
    for name in ["title", "heading", "question", "body"] {
        builder.add_text_field(name, words.clone());
    }
    for name in ["id", "file", "tag", "date"] {
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
        Ok(Self {
            words: [field("title")?, field("heading")?, field("question")?, field("body")?],
            id: field("id")?,
            file: field("file")?,
            tag: field("tag")?,
            date: field("date")?,
            embedded: field("embedded")?,
            stored: field("stored")?,
            vector,
            dim: dim.ok_or_else(|| TantivyError::SchemaError("vectors have no size".into()))? as usize,
        })
    }

    /// The term that all passages of a file have.
    pub(super) fn file_term(&self, root: &str, path: &NotePath) -> Term {
        Term::from_field_text(self.file, &file_key(root, path))
    }

    /// The term that all passages with this embedded text have.
    pub(super) fn embedded_term(&self, embedded: &ContentHash) -> Term {
        Term::from_field_bytes(self.embedded, &embedded.0)
    }

    /// A passage as a document. An error says why it can't be one.
    pub(super) fn document(&self, file: &NewFile, new: &NewPassage) -> Result<TantivyDocument, String> {
        let NewPassage { id, passage, embedded, vector, sentence_vectors } = new;
        let NewFile { record, title, tags, date, .. } = file;
        let [title_field, heading_field, question_field, body_field] = self.words;
        let mut document = TantivyDocument::new();
        for (field, text) in [(title_field, title.as_ref()), (question_field, passage.question.as_ref())] {
            if let Some(text) = text {
                document.add_text(field, text);
            }
        }
        for heading in &passage.heading {
            document.add_text(heading_field, heading);
        }
        document.add_text(body_field, &passage.text);
        document.add_text(self.id, id.digits());
        document.add_text(self.file, file_key(&record.root, &record.path));
        for tag in tags {
            document.add_text(self.tag, tag.to_lowercase());
        }
        if let Some(date) = date {
            document.add_text(self.date, date.to_string());
        }
        document.add_bytes(self.embedded, &embedded.0);
        let stored = codec::encode(&(id, &record.root, &record.path, title, tags, date, passage))?;
        document.add_bytes(self.stored, &stored);
        document.add_custom(self.vector, &vector_field::to_field(id.0, vector, sentence_vectors));
        Ok(document)
    }

    /// The fields by whose terms passages are found.
    pub(super) fn found(&self) -> impl Iterator<Item = Field> + use<> {
        self.words.into_iter().chain([self.id, self.file, self.tag, self.date, self.embedded])
    }
}

/// A passage as it was stored. An error says what is wrong with it.
pub(super) fn passage(stored: &[u8]) -> Result<StoredPassage, String> {
    type Stored = (PassageId, String, NotePath, Option<String>, Vec<String>, Option<Day>, Passage);
    let (id, root, path, title, tags, date, passage) = codec::decode::<Stored>(stored)?;
    if !passage.is_consistent() {
        return Err("the blocks of a passage aren't those of its text".into());
    }
    Ok(StoredPassage { id, root, path, title, tags, date, passage })
}

/// The term of a file. A root's name has no `/`, so the term can be taken apart again.
pub(super) fn file_key(root: &str, path: &NotePath) -> String {
    format!("{root}/{path}")
}
