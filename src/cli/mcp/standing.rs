//! The tool `status`.

use std::collections::BTreeMap;
use std::path::Path;

use qsearch::calendar::moment;
use qsearch::status::Status;
use qsearch::store::FileRecord;
use serde::Serialize;
use serde_json::Value;

use super::super::arguments::Arguments;
use super::super::desk::Desk;
use super::super::human::{count, thousands};
use super::super::source::elsewhere;
use super::super::standing::unread;
use super::super::{Failure, sanitize};
use super::Told;
use super::schema;

/// What `status` gives back.
#[derive(Debug, Serialize)]
struct Standing {
    /// The version of qsearch.
    version: &'static str,
    /// The fingerprint of the model.
    model: String,
    /// How many notes there are.
    notes: u64,
    /// How many passages.
    passages: u64,
    /// The folders that are indexed.
    roots: Vec<Root>,
    /// When the index was last changed.
    indexed_at: String,
    /// How many notes were added, changed or removed since.
    changed: u64,
    /// How many notes a run has still to read.
    waiting: u64,
    /// How many notes are found by their words alone until then.
    pending: u64,
    /// The same in words, if there are any.
    #[serde(skip)]
    unread: Option<String>,
    /// How many notes there are of each kind, the most frequent first.
    kinds: Vec<Kind>,
}

/// A folder that is indexed.
#[derive(Debug, Serialize)]
struct Root {
    /// Its name, with which paths of its notes begin.
    name: String,
    /// Where it is.
    folder: String,
    /// The machine that it lies on, if that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    machine: Option<String>,
    /// How many notes it has.
    notes: u64,
    /// Why it can't be compared with the index.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Notes of a kind.
#[derive(Debug, Serialize)]
struct Kind {
    /// What their names end in; `none` for nothing.
    kind: String,
    /// How many there are.
    notes: u64,
}

/// The schema of what `status` gives back.
pub(super) fn schema() -> Value {
    let root = [
        ("name", schema::text("Its name, with which paths of its notes begin.")),
        ("folder", schema::text("Where it is on its machine.")),
        ("machine", schema::text("The machine that it lies on, if that is another one than this.")),
        ("notes", schema::whole("How many notes it has.")),
        ("problem", schema::text("Why it can't be compared with the index.")),
    ];
    let kind = [
        ("kind", schema::text("What their names end in, or none.")),
        ("notes", schema::whole("How many there are.")),
    ];
    let fields = [
        ("version", schema::text("The version of qsearch.")),
        ("model", schema::text("The model that questions and notes are compared with.")),
        ("notes", schema::whole("How many notes there are.")),
        ("passages", schema::whole("How many passages they have.")),
        ("roots", schema::list(&schema::given(&root, &["name", "folder", "notes"]), "The indexed folders.")),
        ("indexed_at", schema::text("When the index was last changed.")),
        ("changed", schema::whole("How many notes were added, changed or removed since.")),
        ("waiting", schema::whole("How many notes are still to be read.")),
        ("pending", schema::whole("How many notes are found by their words alone until then.")),
        ("kinds", schema::list(&schema::given(&kind, &["kind", "notes"]), "Kinds of notes.")),
    ];
    schema::given(&fields, &fields.each_ref().map(|(name, _)| *name))
}

/// Tells what is indexed, and how much of it has changed.
pub(super) fn status(
    desk: &Desk,
    _arguments: &Arguments,
    cancelled: &dyn Fn() -> bool,
) -> Result<Told, Failure> {
    let library = desk.library()?;
    let status = library.status_unless(cancelled)?;
    let standing = Standing::new(&status, &library.snapshot()?.files()?);
    Ok(Told { text: standing.text(), document: serde_json::to_value(&standing).ok() })
}

impl Standing {
    fn new(status: &Status, files: &[FileRecord]) -> Self {
        let info = &status.info;
        let root = |of: &qsearch::status::RootStatus| Root {
            name: of.root.name.clone(),
            folder: of.root.path.to_string_lossy().into_owned(),
            machine: of.root.machine.clone(),
            notes: of.files,
            problem: status.drift.unreadable.get(&of.root.name).map(ToString::to_string),
        };
        Self {
            version: env!("CARGO_PKG_VERSION"),
            model: info.fingerprint.model.clone(),
            notes: info.files,
            passages: info.passages,
            roots: status.roots.iter().map(root).collect(),
            indexed_at: moment(info.indexed_at),
            changed: status.drift.notes(),
            waiting: info.waiting,
            pending: info.pending,
            unread: unread(info),
            kinds: kinds(files.iter().filter(|file| file.unread.is_none())),
        }
    }

    /// The same, as text.
    fn text(&self) -> String {
        let kinds: Vec<String> =
            self.kinds.iter().map(|of| format!("{} {}", thousands(of.notes), of.kind)).collect();
        let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
        let mut out = format!(
            "{}{kinds}, {}\nindexed at {}; {}\n",
            count(self.notes, "note", "notes"),
            count(self.passages, "passage", "passages"),
            self.indexed_at,
            match self.changed {
                0 => "nothing has changed since".to_owned(),
                changed => format!(
                    "{} added, changed or removed since; the user's `qsearch index` reads them",
                    count(changed, "note", "notes")
                ),
            }
        );
        out.extend(self.unread.iter().map(|unread| format!("{unread}\n")));
        for Root { name, folder, machine, notes, problem } in &self.roots {
            let notes = count(*notes, "note", "notes");
            let problem = problem.iter().map(|problem| format!("; can't be read: {problem}"));
            let elsewhere = machine.iter().map(|machine| format!(", {}", elsewhere(machine)));
            let behind: String = elsewhere.chain(problem).collect();
            let line = format!("root {name}: {notes}, in {folder}{behind}");
            out.push_str(&sanitize::line(&line));
            out.push('\n');
        }
        out + &format!("qsearch {}, model {}", self.version, sanitize::line(&self.model))
    }
}

/// How many notes there are of each kind.
fn kinds<'a>(files: impl Iterator<Item = &'a FileRecord>) -> Vec<Kind> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for file in files {
        let extension = Path::new(file.path.as_str()).extension();
        let kind = extension.map_or_else(|| "none".to_owned(), |kind| kind.to_string_lossy().to_lowercase());
        *counts.entry(sanitize::line(&kind)).or_default() += 1;
    }
    let mut kinds: Vec<Kind> = counts.into_iter().map(|(kind, notes)| Kind { kind, notes }).collect();
    kinds.sort_by_key(|of| std::cmp::Reverse(of.notes));
    kinds
}
