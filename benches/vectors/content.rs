//! Notes made of a set's vectors: ten passages each, of words that say nothing.

use std::path::Path;

use qsearch::document::{ByteSpan, ContentHash, EmbeddedHash, LineSpan, NotePath, Passage, PassageId, Root};
use qsearch::files::Stamp;
use qsearch::hit::StoredPassage;
use qsearch::store::{FileRecord, NewFile, NewPassage, PartVectors, Vector};
use qsearch::words::Language;

use super::Outcome;
use super::data::{PASSAGES_OF_A_NOTE, Random};
use super::raw::{DIM, Rows};
use super::sets::{Filter, Folders};

/// The fingerprint of the index's model.
pub(super) const MODEL: &str = "bench";
/// Words of a passage.
const WORDS: usize = 120;
/// Sentences of a passage.
const SENTENCES: usize = 6;
/// How many words there are.
const VOCABULARY: f64 = 20_000.0;

/// The notes of a set. Vectors are read as they are needed.
pub(super) struct Content {
    base: Rows,
    folders: Folders,
}

impl Content {
    /// Opens the set in a folder.
    pub(super) fn of(set: &Path) -> Outcome<Self> {
        let mut base = Rows::open(&set.join("base.f32"))?;
        let folders = Folders::new(&mut base)?;
        Ok(Self { base, folders })
    }

    /// How many notes there are.
    pub(super) fn notes(&self) -> usize {
        self.folders.of.len()
    }

    /// The root of all notes.
    pub(super) fn root() -> Root {
        Root::new("notes", "/notes")
    }

    /// The tag of each so many-th note.
    pub(super) fn tag(notes: usize) -> String {
        format!("every{notes}")
    }

    /// The path of a folder.
    pub(super) fn folder(number: usize) -> String {
        format!("folder{number}")
    }

    /// The number of a stored passage's vector.
    pub(super) fn number(stored: &StoredPassage) -> u32 {
        stored.passage.span.start as u32
    }

    /// A note with its passages; the first one is another in each round of changes.
    pub(super) fn note(&mut self, number: usize, round: Option<usize>) -> Outcome<NewFile> {
        let first = number * PASSAGES_OF_A_NOTE;
        let vectors = self.base.read(first, PASSAGES_OF_A_NOTE)?;
        let folder = Self::folder(self.folders.of[number]);
        let path = NotePath::from_encoded(format!("{folder}/{number}.md"));
        let mut passages = Vec::with_capacity(PASSAGES_OF_A_NOTE);
        for (at, vector) in vectors.chunks_exact(DIM).enumerate() {
            let round = round.filter(|_| at == 0);
            let mut vector = vector.to_vec();
            if let Some(round) = round {
                vector.rotate_left(round + 1);
            }
            passages.push(passage(&path, first + at, round, &vector));
        }
        let record = FileRecord {
            root: "notes".into(),
            hash: ContentHash::of(format!("{path} {round:?}").as_bytes()),
            date_order: qsearch::calendar::DateOrder::default(),
            path,
            size: 1,
            stamp: Stamp { modified_ns: 1, ..Stamp::default() },
            passages: 0,
            warnings: Vec::new(),
            unread: None,
            pending: false,
        };
        let tagged = Filter::ALL.into_iter().filter_map(|filter| match filter {
            Filter::Every(notes) if number.is_multiple_of(notes) => Some(Self::tag(notes)),
            _ => None,
        });
        Ok(NewFile {
            record,
            title: None,
            aliases: Vec::new(),
            tags: tagged.collect(),
            date: None,
            properties: Vec::new(),
            language: Language::English,
            passages,
        })
    }
}

/// A passage. Its text has its number, and the round in which it was changed, if it was.
fn passage(path: &NotePath, number: usize, round: Option<usize>, vector: &[f32]) -> NewPassage {
    let mut random = Random::seeded(number as u64);
    // Small numbers are common, as some words are in language.
    let words = (0..WORDS).map(|_| format!("w{}", (VOCABULARY * random.unit().powi(4)) as u32));
    let own = [format!("p{number}")].into_iter().chain(round.map(|round| format!("r{round}")));
    let text = words.chain(own).collect::<Vec<_>>().join(" ");
    let start = number as u64;
    let span = ByteSpan { start, end: start + text.len() as u64 };
    let passage = Passage {
        heading: vec!["A heading".into()],
        context: "A heading".into(),
        ..Passage::new(text, span, LineSpan { first: 1, last: 1 })
    };
    let embedded = passage.embedded_text();
    NewPassage {
        id: PassageId::new("notes", path, &embedded, 0),
        embedded: EmbeddedHash::of(embedded.as_bytes()),
        vector: Vector::quantise(vector),
        part_vectors: PartVectors::quantise(
            &Vector::quantise(vector),
            &vec![vector.to_vec(); SENTENCES],
            &[],
        ),
        passage,
    }
}
