//! Requests that can't be carried out as they were made.

use std::path::PathBuf;

use crate::trust::Trust;

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Usage {
    /// A file is of no kind that can be read.
    #[error("{} isn't text, nor a document of a kind that can be read", .path.display())]
    NotADocument {
        /// The file.
        path: PathBuf,
    },
    /// A file isn't what its name or its first bytes say.
    #[error("{} can't be read as {format}: {why}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What it should be.
        format: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A kind of files was named that there isn't.
    #[error("there is no kind of notes `{kind}`")]
    UnknownKind {
        /// What was named.
        kind: String,
        /// All kinds.
        known: Vec<String>,
    },
    /// An ignore file of a root can't be used.
    #[error("{} can't be used, so nobody knows what to leave out: {why}", .path.display())]
    IgnoreFile {
        /// The ignore file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A folder was named as notes that is an index.
    #[error("{} is an index, not a folder of notes", .path.display())]
    IsIndex {
        /// The folder.
        path: PathBuf,
    },
    /// A glob of the walk's rules can't be used.
    #[error("{globs} can't be used: {why}")]
    WalkGlob {
        /// The glob, or how many there are, as a phrase.
        globs: String,
        /// Why not.
        why: String,
    },
    /// An index without roots was to be refreshed, and no folder was named.
    #[error("the index remembers no notes, and no folder was named")]
    NoRoots,
    /// There is no index to refresh, and no folder was named.
    #[error("there is nothing to refresh: no index was found, and no notes were named")]
    NothingToRefresh,
    /// A root isn't read because nobody has confirmed it.
    #[error("{}", Trust::UNCONFIRMED)]
    Unconfirmed {
        /// The root, or the part of it.
        path: PathBuf,
    },
    /// It can't be read from an index which folders it was made of.
    #[error("which notes the index at {} was made of can't be read from it", .index.display())]
    RootsUnreadable {
        /// The index.
        index: PathBuf,
    },
    /// A rebuild would lose the notes of a root that nobody has confirmed.
    #[error("the index isn't made anew, for the notes of {} would be lost: {}", .root.display(), Trust::UNCONFIRMED)]
    LosesUnconfirmed {
        /// The root.
        root: PathBuf,
    },
    /// A glob of a question can't be used.
    #[error("`{glob}` isn't a glob: {why}")]
    Glob {
        /// The glob.
        glob: String,
        /// Why not.
        why: String,
    },
    /// The globs of a question can't be used together.
    #[error("these globs are too much together: {why}")]
    Globs {
        /// Why not.
        why: String,
    },
    /// Lines were asked for that can't be.
    #[error("{lines} isn't a line of {note}")]
    NotALine {
        /// The lines, as they were typed.
        lines: String,
        /// The note's path in its root.
        note: String,
        /// The note, as it was typed.
        typed: String,
    },
    /// A name that more than one thing has.
    #[error("{target} can mean more than one")]
    Ambiguous {
        /// The name.
        target: String,
        /// What it can mean, the first few.
        candidates: Vec<String>,
        /// Whether there are more.
        more: bool,
    },
    /// A vector has another number of dimensions than the index.
    #[error("a vector of {has} numbers can't be compared with the index's, which have {wants}")]
    Dimensions {
        /// How many numbers it has.
        has: usize,
        /// How many the index's vectors have.
        wants: usize,
    },
    /// A question that has no vector is to be searched by one.
    #[error("a question without a vector can't be searched by meaning")]
    NoVector,
    /// A passage was written before its file.
    #[error("a passage was added without its file")]
    NoFile,
    /// A folder holds a model that has to be imported before it can be used.
    #[error("the model in {} has to be imported first", .folder.display())]
    ImportFirst {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder holds more than one model.
    #[error("{} holds {count} models", .folder.display())]
    SeveralModels {
        /// The folder.
        folder: PathBuf,
        /// How many.
        count: usize,
        /// The file of the first.
        first: PathBuf,
        /// What a model was wanted for.
        role: ModelRole,
    },
    /// A kernel was asked for that the processor doesn't run.
    #[error("this processor doesn't run {name}")]
    Kernel {
        /// The kernel.
        name: &'static str,
    },
    /// A model was asked for that this build can't run.
    #[error("this qsearch was built without fastembed, which runs such models")]
    WithoutFastembed,
    /// ONNX Runtime isn't there, or can't be used.
    #[error("this model needs ONNX Runtime {oldest} or newer; {found}")]
    NoRuntime {
        /// The oldest version that can be used.
        oldest: &'static str,
        /// What was found, as a phrase.
        found: String,
        /// Whether the caller has named its library.
        named: bool,
    },
    /// There is no folder for downloaded models.
    #[error("there is no place for downloaded models")]
    NoModelCache,
    /// A model that has to be downloaded can't be.
    #[error("the model {name} can't be opened or downloaded from {repository}: {why}")]
    Download {
        /// The model.
        name: String,
        /// Where it would come from.
        repository: String,
        /// Why not.
        why: String,
        /// What it was wanted for.
        role: ModelRole,
        /// The folder of downloaded models.
        cache: PathBuf,
    },
    /// An index was made with a model from a place that this version doesn't know.
    #[error("the index was made with a model from `{said}`, which this qsearch doesn't know")]
    UnknownModelSource {
        /// What the index says.
        said: String,
    },
    /// An index names a model that would have to be run or downloaded, and nobody has approved that.
    #[error(
        "the index was made with the model {model}, which you haven't named yourself, so qsearch doesn't {risk} it"
    )]
    UnapprovedModel {
        /// The model.
        model: String,
        /// What would be done with it.
        risk: Risk,
    },
    /// A settings file has a mistake.
    #[error("{}:{line}: {what}", .file.display())]
    Settings {
        /// The file.
        file: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A project's settings name an index outside of its folder.
    #[error("{place}: the index {} isn't in the folder of these settings", .index.display())]
    IndexOutside {
        /// The settings file and the line.
        place: String,
        /// The index.
        index: PathBuf,
    },
    /// An index was to be copied to a place where there are notes.
    #[error("there are notes in the index at {} already", .index.display())]
    HasNotes {
        /// The place.
        index: PathBuf,
    },
    /// A project's settings name a database.
    #[error("{place}: a project's settings can't name a database as the index")]
    ProjectDatabase {
        /// The settings file and the line.
        place: String,
    },
    /// A root lies on another machine, where its notes can be read.
    #[error("the root {root} lies on {machine}, and can only be written there")]
    RootElsewhere {
        /// The root's name.
        root: String,
        /// The name of that machine.
        machine: String,
    },
    /// A database is named, and this program was built without them.
    #[error("this qsearch can't keep an index in PostgreSQL")]
    NoDatabases,
    /// A project's settings name a model that isn't on this machine.
    #[error("{place}: `{}` names {name}, but a project's settings can only name what `qsearch model list` shows as here", .role.key())]
    ProjectModel {
        /// The settings file and the line.
        place: String,
        /// What the model is for.
        role: ModelRole,
        /// Its name.
        name: String,
    },
    /// No index is made in the current folder, because what is there isn't the user's.
    #[error("no index is made at {}: {why}", .index.display())]
    NotMadeHere {
        /// Where it would be.
        index: PathBuf,
        /// Why not.
        why: Distrust,
    },
    /// A test set, or a report about one, isn't what it should be.
    #[error("{what}")]
    TestSet {
        /// What is wrong, and where.
        what: String,
        /// What it should be like.
        wanted: Wanted,
    },
}

/// What a model is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelRole {
    /// It turns texts into vectors.
    Embedder,
    /// It reads passages beside a question.
    Reranker,
}

impl ModelRole {
    /// What names such a model in settings, and as an option: `model`, `rerank`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Embedder => "model",
            Self::Reranker => "rerank",
        }
    }
}

/// What is done with a model that is dangerous if somebody else has chosen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// ONNX Runtime runs a file.
    Run,
    /// Files are downloaded.
    Download,
}

impl std::fmt::Display for Risk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Run => "run",
            Self::Download => "download",
        })
    }
}

/// Why something that nobody named isn't used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// It belongs to another user, of this number.
    Foreign(u32),
    /// It is a link out of its folder.
    LeadsOut,
}

impl std::fmt::Display for Distrust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Foreign(user) => write!(f, "it belongs to user {user}"),
            Self::LeadsOut => f.write_str("it is a link that leads out of its folder"),
        }
    }
}

/// What a test set should be like where it isn't.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wanted {
    /// Each line is a JSON object of this form.
    Form(&'static str),
    /// A line of `qrels.tsv` is a query's id, a document's id and a whole number, with tabs between them.
    Judgment,
    /// Each line has its own id.
    OwnIds,
    /// Lines are at most 16 MiB long.
    ShorterLine,
    /// Lines are UTF-8.
    Utf8,
    /// Offsets count characters from 0, and the end isn't included.
    Offsets,
    /// Lines count from 1.
    LinesFromOne,
    /// A span names a UTF-8 file in `corpora/`.
    CorpusFile,
    /// `qrels.tsv` has ids of `queries.jsonl`.
    JudgedIds,
    /// `spans.jsonl` has ids of `queries.jsonl`.
    SpannedIds,
    /// A regular file.
    RegularFile,
    /// A report about a set with judgments.
    Report,
    /// A report about the same set.
    SameSet,
}
