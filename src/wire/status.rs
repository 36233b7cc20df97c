//! What `status --json` prints.

use std::borrow::Cow;

use serde::Serialize;

use crate::document::NotePath;
use crate::status;
use crate::store::{self, ServerStatus};

/// What `status --json` prints.
#[derive(Debug, Serialize)]
pub struct Status<'a> {
    /// The folder of the index.
    index: Cow<'a, str>,
    /// The format it is written in.
    format: u32,
    /// The fingerprint of the model that made its vectors.
    model: &'a str,
    /// The fingerprint of the way its passages were cut.
    chunking: &'a str,
    /// How many numbers a vector has.
    dimensions: usize,
    /// When it was last written, in seconds since 1970.
    indexed_at: u64,
    /// The size of its files.
    bytes: u64,
    /// How many files it covers.
    files: u64,
    /// How many passages it holds.
    passages: u64,
    /// The folders it covers.
    roots: Vec<Root<'a>>,
    /// Who is writing the index now, as a phrase; `null` if nobody is.
    writer: Option<&'a str>,
    /// How many notes the last run had still to read: 0, unless it goes on or was broken off.
    waiting: u64,
    /// How many of the files are found by their words alone until they are read.
    pending: u64,
    /// Whether anything on disk differs from what is indexed; `null` if nobody has looked.
    stale: Option<bool>,
    /// Notes whose content has changed.
    changed: Vec<NoteRef<'a>>,
    /// Notes that aren't in the index yet.
    new: Vec<NoteRef<'a>>,
    /// Notes that aren't on disk any more.
    vanished: Vec<NoteRef<'a>>,
    /// What the server says that the index lies on; left out if it lies on none.
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<Server<'a>>,
}

/// A server that an index lies on.
#[derive(Debug, Serialize)]
struct Server<'a> {
    /// Its version.
    version: &'a str,
    /// The version of what compares vectors there.
    vector: &'a str,
    /// Whether it only repeats what another server writes.
    standby: bool,
    /// How far it is behind that other server, in milliseconds; `null` if it isn't, or that isn't known.
    lag_milliseconds: Option<u64>,
    /// Who may write which roots now.
    leases: Vec<Lease<'a>>,
    /// The tables of the index.
    tables: Vec<Table<'a>>,
}

/// The right to write a root.
#[derive(Debug, Serialize)]
struct Lease<'a> {
    /// The name of the root.
    root: &'a str,
    /// The machine that has it.
    machine: &'a str,
    /// The process that has it, as a phrase.
    owner: &'a str,
    /// How many seconds it lasts; negative once it has ended.
    seconds_left: i64,
    /// How often it was given so far.
    epoch: u64,
}

/// A table of a database.
#[derive(Debug, Serialize)]
struct Table<'a> {
    /// Its name.
    name: &'a str,
    /// Its size, with what belongs to it.
    bytes: u64,
}

impl<'a> From<&'a ServerStatus> for Server<'a> {
    fn from(server: &'a ServerStatus) -> Self {
        let ServerStatus { version, vector, standby, lag, leases, tables } = server;
        let lease = |lease: &'a store::Lease| Lease {
            root: &lease.root,
            machine: &lease.machine,
            owner: &lease.owner,
            seconds_left: lease.seconds_left,
            epoch: lease.epoch,
        };
        Self {
            version,
            vector,
            standby: *standby,
            lag_milliseconds: lag.map(|lag| lag.as_millis() as u64),
            leases: leases.iter().map(lease).collect(),
            tables: tables.iter().map(|(name, bytes)| Table { name, bytes: *bytes }).collect(),
        }
    }
}

/// A folder that the index covers.
#[derive(Debug, Serialize)]
struct Root<'a> {
    /// Its name.
    name: &'a str,
    /// Where it is.
    path: String,
    /// The machine that it lies on, if that is another one than this; else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<&'a str>,
    /// How many files of it are in the index.
    files: u64,
    /// How many passages these have.
    passages: u64,
    /// Why it can't be compared with the index; `null` if it can.
    error: Option<String>,
}

/// The name of a note.
#[derive(Debug, Serialize)]
struct NoteRef<'a> {
    /// The name of the root it lies in.
    root: &'a str,
    /// Its path relative to the root, written as in [`Result`](super::Result).
    path: &'a str,
}

impl<'a> Status<'a> {
    /// Describes the state of an index that nobody has compared with the disk.
    pub fn of_index(status: &'a status::Status) -> Self {
        Self { stale: None, ..Self::new(status) }
    }

    /// Describes the state of an index.
    pub fn new(status: &'a status::Status) -> Self {
        let status::Status { index, info, bytes, roots, writer, drift, server } = status;
        let refs = |notes: &'a [(String, NotePath)]| {
            notes.iter().map(|(root, path)| NoteRef { root, path: path.as_str() }).collect()
        };
        let roots = roots.iter().map(|of| Root {
            name: &of.root.name,
            path: of.root.path.to_string_lossy().into_owned(),
            machine: of.root.machine.as_deref(),
            files: of.files,
            passages: of.passages,
            error: drift.unreadable.get(&of.root.name).map(ToString::to_string),
        });
        Self {
            index: index.to_string_lossy(),
            format: info.format,
            model: &info.fingerprint.model,
            chunking: &info.fingerprint.chunking,
            dimensions: info.fingerprint.dim,
            indexed_at: info.indexed_at,
            bytes: *bytes,
            files: info.files,
            passages: info.passages,
            roots: roots.collect(),
            writer: writer.as_deref(),
            waiting: info.waiting,
            pending: info.pending,
            stale: Some(!drift.is_empty()),
            changed: refs(&drift.changed),
            new: refs(&drift.new),
            vanished: refs(&drift.vanished),
            server: server.as_ref().map(Server::from),
        }
    }
}
