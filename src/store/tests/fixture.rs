//! Small notes with vectors that depend on their words.

use std::collections::BTreeMap;
use std::path::Path;

use crate::calendar::Day;
use crate::document::{
    ByteSpan, ContentHash, EmbeddedHash, LineSpan, NotePath, Passage, PassageId, Property,
};
use crate::files::Stamp;
use crate::hit::{Candidate, Row, StoredPassage};
use crate::query::{Filter, Query};
use crate::store::{
    FileRecord, Fingerprint, IndexInfo, Maintenance, NewFile, NewPassage, PartVectors, PreparedQuestion,
    Snapshot, Vector, Writer,
};
use crate::word_vector::WordVector;
use crate::words::Language;

pub(in crate::store) const DIM: usize = 24;

/// A vector that texts with the same hash share, and no others.
pub(in crate::store) fn query(text: &str) -> Vec<f32> {
    let hash = ContentHash::of(text.as_bytes()).0;
    (0..DIM).map(|at| f32::from(hash[at]) - 127.5).collect()
}

/// Vectors of the words of a text.
fn words(text: &str) -> Vec<WordVector> {
    text.split_whitespace().map(word_vector).collect()
}

/// A vector that no other word has.
pub(in crate::store) fn word_vector(word: &str) -> WordVector {
    let hash = ContentHash::of(word.as_bytes()).0;
    WordVector(std::array::from_fn(|at| f32::from(hash[at % hash.len()].rotate_left(at as u32 / 32)) - 127.5))
}

/// A note with these passages.
pub(in crate::store) fn note(root: &str, path: &str, texts: &[&str]) -> NewFile {
    let path = NotePath::from_encoded(path);
    let mut start = 0;
    let passages = (0..).zip(texts).map(|(occurrence, &text)| {
        let span = ByteSpan { start, end: start + text.len() as u64 };
        let lines = LineSpan { first: occurrence + 1, last: occurrence + 1 };
        let passage = Passage {
            heading: vec!["Heading".into()],
            question: (occurrence == 1).then(|| format!("What is {text}?")),
            context: "Heading".into(),
            ..Passage::new(text, span, lines)
        };
        start += text.len() as u64 + 1;
        NewPassage {
            id: PassageId::new(root, &path, text, occurrence),
            embedded: EmbeddedHash::of(passage.embedded_text().as_bytes()),
            vector: Vector::quantise(&query(text)),
            part_vectors: PartVectors::quantise(
                &Vector::quantise(&query(text)),
                &[query("above"), query(text)],
                &words(text),
            ),
            passage,
        }
    });
    let passages: Vec<NewPassage> = passages.collect();
    NewFile {
        record: FileRecord {
            root: root.into(),
            path: path.clone(),
            size: start,
            stamp: Stamp { modified_ns: -5, changed_ns: 7, inode: u64::MAX },
            hash: ContentHash::of(path.as_str().as_bytes()),
            date_order: crate::calendar::DateOrder::default(),
            passages: 0,
            warnings: vec!["odd".into()],
            unread: None,
            pending: false,
        },
        title: Some("Some Title".into()),
        tags: vec!["all".into()],
        date: Day::new(2024, 2, 29),
        aliases: vec!["Other Name".into()],
        properties: vec![Property { key: "status".into(), values: vec!["In Use".into()] }],
        language: Language::English,
        passages,
    }
}

pub(in crate::store) fn writer(dir: &Path) -> Writer {
    Writer::open(dir, &Fingerprint::new("model", "chunking", DIM)).unwrap()
}

/// Commits some changes.
pub(in crate::store) fn write(dir: &Path, change: impl FnOnce(&mut Writer)) -> IndexInfo {
    let mut writer = writer(dir);
    change(&mut writer);
    writer.commit(&Maintenance::default()).unwrap().info
}

/// Commits some changes and optimises the index. However small it is, it has a graph then.
pub(in crate::store) fn optimize(dir: &Path, change: impl FnOnce(&mut Writer)) -> IndexInfo {
    let mut writer = writer(dir);
    change(&mut writer);
    let committed = writer.commit(&Maintenance { fewest: 1, ..Maintenance::new(true, &|_| true) }).unwrap();
    assert!(committed.put_off.is_none(), "{:?}", committed.put_off);
    committed.info
}

pub(in crate::store) fn open(dir: &Path) -> Snapshot {
    Snapshot::open(dir).unwrap()
}

/// A question that asks for some words and has the vector of a text.
pub(in crate::store) fn ask<'a>(
    snapshot: &'a Snapshot,
    words: &str,
    text: &str,
    filter: &Filter,
) -> PreparedQuestion<'a> {
    snapshot.question(&Query::words(words), Some(&query(text)), filter).unwrap()
}

/// The rows nearest to a vector.
pub(in crate::store) fn search_vectors(snapshot: &Snapshot, vector: &[f32], k: usize) -> Vec<Candidate> {
    let question = snapshot.question(&Query::default(), Some(vector), &Filter::default()).unwrap();
    question.search_vectors(k).unwrap()
}

/// The rows that match some words.
pub(in crate::store) fn search_words(snapshot: &Snapshot, words: &str, k: usize) -> Vec<Candidate> {
    snapshot.question(&Query::words(words), None, &Filter::default()).unwrap().search_words(k).unwrap()
}

/// The passage of a row.
pub(in crate::store) fn passage(snapshot: &Snapshot, row: Row) -> StoredPassage {
    snapshot.passages(&[row]).unwrap().remove(0)
}

/// The ids of the passages that match some words, best first.
pub(in crate::store) fn ids(snapshot: &Snapshot, words: &str) -> Vec<PassageId> {
    search_words(snapshot, words, 100).iter().map(|found| passage(snapshot, found.row).id).collect()
}

/// Every file below a folder with its content.
pub(in crate::store) fn listing(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(listing(&path));
        } else if path.file_name().unwrap() != "writer.lock" {
            files.insert(path.to_str().unwrap().to_owned(), std::fs::read(&path).unwrap());
        }
    }
    files
}
