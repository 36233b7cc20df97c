//! `qsearch status`: what is indexed, since when, with which model, and what has changed on disk since.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use qsearch::document::{ContentHash, NotePath, Root};
use qsearch::error::{Error, Result};
use qsearch::format::FORMATS;
use qsearch::store::writer_of;
use qsearch::trust::Trust;

use super::args::StatusArgs;
use super::human::{self, count};
use super::index::{folder, options};
use super::json::{self, NoteRef};
use super::library::{self, FileRecord, Found, KeptRoot, Snapshot, Walk, WalkOptions};
use super::page::{DIM, Page, WARNING};
use super::{Context, Failure, Outcome, printer, sanitize, standing};

/// How many stale notes of a kind are named for a person; `--json` names all.
const EXAMPLES: usize = 5;

/// How the notes on disk differ from those in the index.
#[derive(Debug, Default, PartialEq, Eq)]
struct Drift {
    /// Notes whose content is another.
    changed: Vec<(String, NotePath)>,
    /// Notes that aren't in the index yet.
    new: Vec<(String, NotePath)>,
    /// Notes that aren't on disk any more.
    vanished: Vec<(String, NotePath)>,
    /// Roots that can't be walked, and why. Nothing is said of their notes.
    unreadable: BTreeMap<String, String>,
}

impl Drift {
    fn is_empty(&self) -> bool {
        self.changed.is_empty()
            && self.new.is_empty()
            && self.vanished.is_empty()
            && self.unreadable.is_empty()
    }
}

/// Tells the state of the index.
pub(crate) fn status(context: &Context, args: &StatusArgs) -> Result<Outcome, Failure> {
    let index = context.index_to_read()?;
    let snapshot = Snapshot::open(&index)?;
    let files = snapshot.files()?;
    let size = snapshot.size_bytes()?;
    let options = options(context, &index);
    let reach = options.trust.reach(&index);
    let roots = &snapshot.info().roots;
    let walk = |root: &Root| {
        if reach.refuses(&root.path) {
            let (what, hint) = (Trust::UNCONFIRMED.to_owned(), String::new());
            return Err(Error::Usage { what, hint });
        }
        let inner = root.inner(roots).map(|inner| inner.path.clone());
        let skip = index.canonicalize().into_iter().chain(inner).collect();
        let walking = WalkOptions { skip, ..options.walking(&root.path) };
        library::walk(&root.path, None, &walking, &mut |_| {}, &|| false)
    };
    let drift = drift(roots, &files, options.most_bytes(), walk);
    let text = if args.json {
        json::document(&document(&index.to_string_lossy(), &snapshot, &files, size, &drift))
    } else {
        let page = context.printer.page(snapshot.info().roots.clone());
        let mut out = describe(&page, &snapshot, &files, &folder(context, &index), size);
        out.push_str(&tell(&page, &drift));
        out
    };
    printer::data(&text)?;
    Ok(Outcome::Done)
}

/// Compares the notes on disk with those in the index.
fn drift(
    roots: &[Root],
    files: &[FileRecord],
    max_bytes: u64,
    walk: impl Fn(&Root) -> Result<Walk>,
) -> Drift {
    let mut drift = Drift::default();
    for root in roots {
        let walked = match walk(root) {
            Ok(walked) => walked,
            Err(error) => {
                drift.unreadable.insert(root.name.clone(), error.to_string());
                continue;
            }
        };
        let records = files.iter().filter(|record| record.root == root.name);
        let known: BTreeMap<NotePath, FileRecord> =
            records.map(|record| (record.path.clone(), record.clone())).collect();
        if walked.files.is_empty() && !known.is_empty() {
            // `index` keeps what it has of such a root.
            drift.unreadable.insert(root.name.clone(), KeptRoot::EMPTIED.to_owned());
            continue;
        }
        // Nobody knows what is behind a closed door.
        let closed = walked.skipped.iter().filter(|skipped| skipped.reason.is_failure());
        let closed: Vec<NotePath> = closed.map(|skipped| skipped.path.clone()).collect();
        let plan = library::plan(walked.files, &known, &closed);
        for found in plan.read {
            let note = (root.name.clone(), found.path.clone());
            match known.get(&found.path) {
                // What looks like a note may turn out not to be one; `index` would leave it out again.
                None if library::read(&found, max_bytes, FORMATS).is_err() => {}
                None => drift.new.push(note),
                Some(record) if has_same_content(record, &found, max_bytes) => {}
                Some(_) => drift.changed.push(note),
            }
        }
        drift.vanished.extend(plan.gone.into_iter().map(|path| (root.name.clone(), path)));
    }
    drift
}

/// Whether a note says what it said, although its time differs or isn't known.
fn has_same_content(record: &FileRecord, found: &Found, max_bytes: u64) -> bool {
    record.size == found.size
        && library::read(found, max_bytes, FORMATS)
            .is_ok_and(|file| ContentHash::of(&file.bytes) == record.hash)
}

/// What the index holds, for a person.
fn describe(page: &Page, snapshot: &Snapshot, files: &[FileRecord], index: &str, size: u64) -> String {
    let info = snapshot.info();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut rows = vec![
        ("index", format!("{index}  {}, format {}", human::bytes(size), info.format)),
        (
            "indexed",
            format!(
                "{} ({})",
                human::ago(now.saturating_sub(info.indexed_at)),
                human::moment(info.indexed_at)
            ),
        ),
        ("model", format!("{}  {} dimensions", sanitize::name(&info.model), info.dim)),
        ("chunking", sanitize::name(&info.chunking).into_owned()),
        (
            "notes",
            format!(
                "{}, {}",
                count(info.files, "file", "files"),
                count(info.passages, "passage", "passages")
            ),
        ),
    ];
    rows.extend(standing::run(snapshot.dir(), snapshot).map(|run| ("run", run)));
    for (at, root) in info.roots.iter().enumerate() {
        let (number, passages) = totals(files, root);
        let row = format!(
            "{}  {}  {}, {}",
            sanitize::name(&root.name),
            page.path(&root.path),
            count(number, "file", "files"),
            count(passages, "passage", "passages"),
        );
        rows.push((if at == 0 { "roots" } else { "" }, row));
    }
    rows.iter().map(|(name, value)| row(page, name, value)).collect::<Vec<_>>().concat()
}

/// A line with a name in front, or with none if it continues the line before.
fn row(page: &Page, name: &str, value: &str) -> String {
    format!("{}{value}\n", page.paint(DIM, &format!("{name:10}")))
}

/// How many files and passages of a root are in the index.
fn totals(files: &[FileRecord], root: &Root) -> (u64, u64) {
    let files = files.iter().filter(|record| record.root == root.name);
    files.fold((0, 0), |(number, passages), record| (number + 1, passages + u64::from(record.passages)))
}

/// What has changed since, for a person.
fn tell(page: &Page, drift: &Drift) -> String {
    if drift.is_empty() {
        return row(page, "stale", "nothing; the index is up to date");
    }
    let kinds = [("changed", &drift.changed), ("new", &drift.new), ("vanished", &drift.vanished)];
    let mut parts: Vec<String> = kinds
        .iter()
        .filter(|(_, notes)| !notes.is_empty())
        .map(|(what, notes)| format!("{} {what}", human::thousands(notes.len() as u64)))
        .collect();
    if !drift.unreadable.is_empty() {
        parts.push(count(drift.unreadable.len() as u64, "unreadable root", "unreadable roots"));
    }
    let parts = page.paint(WARNING, &parts.join(", "));
    let repair = match drift.unreadable.iter().next() {
        Some((_, why)) if why == Trust::UNCONFIRMED => {
            "`qsearch index PATH` confirms a root, `qsearch index --trust` all of them".to_owned()
        }
        // Indexing again doesn't bring a folder back. By its name alone another one may be meant.
        Some((root, _)) => {
            let path =
                page.roots.iter().find(|known| known.name == *root).map(|known| page.typed(&known.path));
            let path = path.unwrap_or_else(|| sanitize::name(root).into_owned());
            format!("`qsearch index` reads what is there, `qsearch forget {path}` takes that out")
        }
        None => "`qsearch index` brings it up to date".to_owned(),
    };
    let mut out = row(page, "stale", &format!("{parts}; {repair}"));
    for (what, notes) in kinds {
        for (root, path) in notes.iter().take(EXAMPLES) {
            let shown = page.file(root, path).map_or_else(String::new, |file| page.path(&file));
            out.push_str(&row(page, "", &format!("{what}  {shown}")));
        }
        if notes.len() > EXAMPLES {
            let more = human::thousands((notes.len() - EXAMPLES) as u64);
            out.push_str(&row(page, "", &format!("{what}  … and {more} more")));
        }
    }
    for (root, why) in &drift.unreadable {
        let line = format!("unreadable  {}: {}", sanitize::name(root), sanitize::line(why));
        out.push_str(&row(page, "", &line));
    }
    out
}

/// The state of the index, for a program.
fn document<'a>(
    index: &'a str,
    snapshot: &'a Snapshot,
    files: &[FileRecord],
    size: u64,
    drift: &'a Drift,
) -> json::Status<'a> {
    let info = snapshot.info();
    let refs = |notes: &'a [(String, NotePath)]| {
        notes.iter().map(|(root, path)| NoteRef { root, path: path.as_str() }).collect()
    };
    let roots = info.roots.iter().map(|root| {
        let (number, passages) = totals(files, root);
        json::Root {
            name: &root.name,
            path: root.path.to_string_lossy().into_owned(),
            files: number,
            passages,
            error: drift.unreadable.get(&root.name).map(String::as_str),
        }
    });
    json::Status {
        index,
        format: info.format,
        model: &info.model,
        chunking: &info.chunking,
        dimensions: info.dim,
        indexed_at: info.indexed_at,
        bytes: size,
        files: info.files,
        passages: info.passages,
        roots: roots.collect(),
        writer: writer_of(snapshot.dir()),
        waiting: info.waiting,
        stale: !drift.is_empty(),
        changed: refs(&drift.changed),
        new: refs(&drift.new),
        vanished: refs(&drift.vanished),
    }
}

#[cfg(test)]
mod tests {
    use qsearch::files::Stamp;

    use super::super::fixtures::record;
    use super::super::library::{Reason, Skipped};
    use super::*;

    #[test]
    fn notes_on_disk_are_compared_with_those_in_the_index() {
        let at = tempfile::tempdir().unwrap();
        std::fs::write(at.path().join("touched.md"), "same").unwrap();
        std::fs::write(at.path().join("edited.md"), "diff").unwrap();
        std::fs::write(at.path().join("unsettled.md"), "diff").unwrap();
        std::fs::write(at.path().join("new.md"), "new").unwrap();
        std::fs::write(at.path().join("binary.md"), "\0\0\x01\x02\0\0").unwrap();
        let root = |name: &str| Root { name: name.to_owned(), path: at.path().to_path_buf() };
        let files = [
            record("notes", "same.md", "same", 1),
            record("notes", "touched.md", "same", 1),
            record("notes", "edited.md", "same", 1),
            record("notes", "grown.md", "same", 1),
            record("notes", "gone.md", "same", 1),
            record("notes", "unsettled.md", "same", 0),
            record("notes", "closed/a.md", "same", 1),
            record("usb", "kept.md", "same", 1),
        ];
        let drift = drift(&[root("notes"), root("usb")], &files, 1 << 20, |root: &Root| {
            if root.name == "usb" {
                let error = std::io::Error::from(std::io::ErrorKind::NotFound);
                return Err(qsearch::error::Error::io("read", "/mnt/usb")(error));
            }
            let skipped = vec![Skipped {
                path: NotePath::from_encoded("closed"),
                reason: Reason::Unreadable("so".into()),
            }];
            let found = |path: &str, size, modified_ns| {
                let stamp = Stamp { modified_ns, ..Stamp::default() };
                Found { path: NotePath::from_encoded(path), root: at.path().into(), size, stamp }
            };
            let files = vec![
                found("same.md", 4, 1),
                found("touched.md", 4, 2),
                found("edited.md", 4, 2),
                found("grown.md", 5, 1),
                found("unsettled.md", 4, 0),
                found("new.md", 3, 1),
                found("binary.md", 6, 1),
            ];
            Ok(Walk { files, skipped, ..Walk::default() })
        });
        let notes = |names: &[&str]| -> Vec<(String, NotePath)> {
            names.iter().map(|name| ("notes".to_owned(), NotePath::from_encoded(*name))).collect()
        };
        assert_eq!(drift.changed, notes(&["edited.md", "grown.md", "unsettled.md"]));
        assert_eq!(drift.new, notes(&["new.md"]));
        assert_eq!(drift.vanished, notes(&["gone.md"]));
        assert_eq!(drift.unreadable.keys().collect::<Vec<_>>(), ["usb"]);
    }

    #[test]
    fn what_is_stale_is_told_with_examples() {
        assert_eq!(tell(&Page::default(), &Drift::default()), "stale     nothing; the index is up to date\n");
        let page = Page {
            roots: vec![
                Root { name: "notes".to_owned(), path: "/n".into() },
                Root { name: "usb".to_owned(), path: "/mnt/my usb".into() },
            ],
            ..Page::default()
        };
        let note = |n: u32| ("notes".to_owned(), NotePath::from_encoded(format!("{n}.md")));
        let drift = Drift {
            changed: vec![note(1)],
            vanished: (0..7).map(note).collect(),
            unreadable: [("usb".to_owned(), "permission denied".to_owned())].into(),
            ..Drift::default()
        };
        let text = tell(&page, &drift);
        assert!(text.starts_with(
            "stale     1 changed, 7 vanished, 1 unreadable root; `qsearch index` reads what is there, `qsearch forget '/mnt/my usb'` takes that out\n"
        ));
        assert!(text.contains("\n          changed  /n/1.md\n          vanished  /n/0.md\n"), "{text}");
        assert!(text.contains("vanished  … and 2 more\n          unreadable  usb: permission denied\n"));
    }
}
