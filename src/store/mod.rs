//! The store: what has been indexed, on disk, with passages, words, filters and vectors in one tantivy index.
//!
//! [`Writer`] takes passages with their vectors; [`Snapshot`] reads one committed state. A question is
//! [prepared](Snapshot::question) once for a snapshot, and then gives the rows whose vectors are nearest or whose words match
//! best, and what it has in common with given rows. [`Store`] and [`StoreWriter`] are all that the rest of the program
//! needs of these: another store that implements them is asked and written in the same way. A [`Place`] says which it is.
//!
//! Promises: one [`Writer::commit`] is one atomic step over text, vectors, roots and the table of files, and
//! a writer that dies at any moment leaves the state before; a snapshot keeps seeing the state it was opened
//! on, and opening or asking it writes nothing; answers depend on what is indexed, not on the order of the
//! updates that led there. Knows nothing of files, models or answers; of a question it knows its [`Query`](crate::query::Query)
//! and its vector.
//!
//! An index is a folder:
//!
//! ```text
//! qsearch.json         {"format":11}: what makes the folder an index
//! writer.lock          who writes, or wrote last
//! files-7.bin          the table of files, which asking never reads
//! segments/meta.json   the list of segments, with our manifest as its payload: its rename is the commit
//! segments/ID.*        tantivy's files of a segment, with ID.vec and ID.win, its vectors, and ID.graph over them
//! ```

mod accept;
mod analyzer;
mod bm25f;
mod check;
mod checksummed_file;
mod codec;
mod compounds;
mod dense;
mod dictionary;
mod directory;
mod disk;
#[cfg(any(test, feature = "postgres"))]
mod edits;
#[cfg(any(test, feature = "postgres"))]
mod entry;
mod features;
mod filter;
mod first_errors;
mod graph;
mod header;
mod interaction;
mod interface;
mod inverted;
mod inverted_files;
mod kernel;
mod layout;
mod lexical;
mod lock;
mod maintenance;
mod manifest;
mod merge;
mod meta;
mod occurrences;
mod pattern;
mod phrase;
mod place;
mod plugin;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod postings;
mod question;
mod record;
mod row;
mod salvage;
mod sample;
mod scan;
mod schema;
mod segment;
mod server;
mod part_vectors;
mod snapshot;
mod store_writer;
mod stored_passage;
mod stored_roots;
mod strategy;
mod structure;
mod tantivy_errors;
mod terms;
mod top;
mod typos;
mod vector_field;
mod vectors;
mod word_stream;
mod writer;

pub use self::check::{Checkup, Finding, check};
pub use self::interface::{Prepared, Store, StoredVectors, Stretch};
pub use self::layout::{FORMAT, MARKER};
pub use self::maintenance::{Committed, Maintenance, Step};
pub use self::part_vectors::PartVectors;
pub use self::place::Place;
#[cfg(feature = "postgres")]
pub use self::postgres::Database;
pub use self::question::PreparedQuestion;
pub use self::record::{FileRecord, Fingerprint, IndexInfo, NewFile, NewPassage};
pub use self::salvage::Salvage;
pub use self::server::{Lease, ServerStatus};
pub use self::snapshot::Snapshot;
pub use self::store_writer::StoreWriter;
pub use self::strategy::Strategy;
pub use self::vectors::Vector;
pub use self::writer::Writer;

#[cfg(test)]
pub(crate) mod tests;
