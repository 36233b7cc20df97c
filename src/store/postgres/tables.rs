//! The tables of an index in a database, in a schema of their own.
//!
//! | table | a row is |
//! |---|---|
//! | `meta` | the index: its format, its model, how passages are cut |
//! | `roots` | a root, with its machine, its writer's lease, and what is counted of it |
//! | `files` | a file, with what filters look for and the numbers of its passages |
//! | `passages` | a passage: its words with their positions, and all that is shown of it |
//! | `vectors` | the vectors of a text; passages with the same text share them |
//! | `postings` | of a term the passages that came or went with one commit; see [`postings`](super::postings) |
//! | `batches` | one commit's postings, with how often they have been merged |
//!
//! Each row of each table but `meta` is of one root, and a root has one writer at a time: writers never wait for each other,
//! a policy of row-level security on `root` hides all of it, counts and frequencies included, and tables can be distributed
//! by it.

/// The format of the tables; a program that reads another refuses them.
pub(super) const FORMAT: i32 = 3;

/// The most numbers that a vector may have for an index over it.
pub(super) const MOST_INDEXED: usize = 4000;

/// The statements that make the tables in the schema that is on the search path, for vectors of `dim` numbers.
///
/// One statement at a time: some engines refuse several in one string.
pub(super) fn create(dim: usize) -> Vec<String> {
    let statements = [
        "create table meta (format int not null, model text not null, chunking text not null, dim int not null, \
         model_source text not null, commits bigint not null default 0)",
        "create table roots (root text collate \"C\" primary key, machine text not null, description text not null, \
         owner text, lease_until timestamptz, epoch bigint not null default 0, commits bigint not null default 0, \
         indexed_at bigint not null default 0, waiting bigint not null default 0, files bigint not null default 0, \
         passages bigint not null default 0, lengths bigint[] not null default '{}', \
         languages text[] not null default '{}', of_languages bigint[] not null default '{}')",
        "create sequence file_numbers",
        // The numbers of passages are rows of `u32`s.
        "create sequence passage_numbers maxvalue 4294967295",
        "create sequence batch_numbers",
        "create table files (root text collate \"C\" not null, file bigint not null, path text collate \"C\" not null, \
         record bytea not null, tags text[] not null, date text collate \"C\", properties text[] not null, \
         called text[] not null, passages bytea not null, primary key (file, root))",
        // A path may be longer than what an index takes.
        "create unique index files_path on files (root, md5(path))",
        "create index files_called on files using gin (called)",
        "create table passages (root text collate \"C\" not null, passage bigint not null, file bigint not null, \
         id text collate \"C\" not null, embedded bytea not null, language text not null, words bytea not null, \
         stored bytea not null, links text[] not null, labelled boolean not null, primary key (passage, root))",
        "create index passages_file on passages (file)",
        "create index passages_id on passages (id)",
        "create index passages_embedded on passages (embedded)",
        "create index passages_links on passages using gin (links)",
        "create table postings (root text collate \"C\" not null, term text collate \"C\" not null, batch bigint not null, \
         docs bytea not null, primary key (term, root, batch))",
        // The beginning of a row is read without the rest.
        "alter table postings alter docs set storage external",
        "create index postings_reversed on postings (reverse(term) collate \"C\")",
        "create index postings_batch on postings (batch)",
        "create table batches (root text collate \"C\" not null, batch bigint not null, level int not null, \
         primary key (batch, root))",
    ];
    let vectors = format!(
        "create table vectors (root text collate \"C\" not null, embedded bytea not null, scale real not null, \
         parts bytea not null, v halfvec({dim}) not null, primary key (embedded, root))"
    );
    statements.into_iter().map(str::to_owned).chain([vectors]).collect()
}

/// The names of the tables.
pub(super) const TABLES: [&str; 7] = ["meta", "roots", "files", "passages", "vectors", "postings", "batches"];

/// The number of vectors up to which all of them are compared with a question; above, there is an index over them.
pub(super) const MOST_SCANNED: u64 = 50_000;

/// The statement that makes the index over the vectors, without keeping anybody from reading or writing.
pub(super) const CREATE_GRAPH: &str = "create index concurrently if not exists vectors_hnsw on vectors \
     using hnsw (v halfvec_cosine_ops) with (m = 16, ef_construction = 128)";
