//! `qsearch status`: what is indexed, since when, with which model, and what has changed on disk since.

use std::time::{SystemTime, UNIX_EPOCH};

use qsearch::document::{NotePath, Root};
use qsearch::index::WhyKept;
use qsearch::status::{Drift, Status};
use qsearch::store::ServerStatus;
use qsearch::wire;

use super::args::StatusArgs;
use super::human::{self, count};
use super::index::folder;
use super::page::{DIM, Page, WARNING};
use super::{Context, Failure, Outcome, json, printer, sanitize, source, standing};

/// How many stale notes of a kind are named for a person; `--json` names all.
const EXAMPLES: usize = 5;

/// Prints the state of the index.
pub(crate) fn status(context: &Context, args: &StatusArgs) -> Result<Outcome, Failure> {
    let library = context.library()?;
    let status = library.status()?;
    let text = if args.json {
        json::document(&wire::Status::new(&status))
    } else {
        let page = context.printer.page(status.info.roots.clone());
        describe(&page, &status, &folder(context, library.shown())) + &tell(&page, &status.drift)
    };
    printer::data(&text)?;
    Ok(Outcome::Done)
}

/// What the index holds, for a person.
fn describe(page: &Page, status: &Status, index: &str) -> String {
    let info = &status.info;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut rows = vec![
        ("index", format!("{index}  {}, format {}", human::bytes(status.bytes), info.format)),
        (
            "indexed",
            format!(
                "{} ({})",
                human::ago(now.saturating_sub(info.indexed_at)),
                human::moment(info.indexed_at)
            ),
        ),
        (
            "model",
            format!("{}  {} dimensions", sanitize::name(&info.fingerprint.model), info.fingerprint.dim),
        ),
        ("chunking", sanitize::name(&info.fingerprint.chunking).into_owned()),
        (
            "notes",
            format!(
                "{}, {}",
                count(info.files, "file", "files"),
                count(info.passages, "passage", "passages")
            ),
        ),
    ];
    rows.extend(standing::run(info, status.writer.as_deref()).map(|run| ("run", run)));
    for (at, of) in status.roots.iter().enumerate() {
        let row = format!(
            "{}  {}  {}, {}",
            sanitize::name(&of.root.name),
            place(page, &of.root),
            count(of.files, "file", "files"),
            count(of.passages, "passage", "passages"),
        );
        rows.push((if at == 0 { "roots" } else { "" }, row));
    }
    let mut out = rows.iter().map(|(name, value)| row(page, name, value)).collect::<Vec<_>>().concat();
    out.push_str(&status.server.as_ref().map_or_else(String::new, |server| of_server(page, server)));
    out
}

/// What the server says that the index lies on, for a person.
fn of_server(page: &Page, server: &ServerStatus) -> String {
    let ServerStatus { version, vector, standby, lag, leases, tables } = server;
    let mut what = format!("{}, vectors by {}", sanitize::name(version), sanitize::name(vector));
    if *standby {
        what.push_str("; a standby");
        what.extend(lag.map(|lag| format!(", {} behind", human::duration(lag))));
    }
    let mut out = row(page, "server", &what);
    for (at, (name, bytes)) in tables.iter().enumerate() {
        let line = format!("{}  {}", sanitize::name(name), human::bytes(*bytes));
        out.push_str(&row(page, if at == 0 { "tables" } else { "" }, &line));
    }
    for (at, lease) in leases.iter().enumerate() {
        let until = match lease.seconds_left {
            left @ 0.. => format!("for {}", count(left as u64, "second", "seconds")),
            _ => "until another one takes it".to_owned(),
        };
        let [root, machine, owner] =
            [&lease.root, &lease.machine, &lease.owner].map(|name| sanitize::name(name));
        let line = format!("{root}  {owner} on {machine}, {until} (epoch {})", lease.epoch);
        out.push_str(&row(page, if at == 0 { "leases" } else { "" }, &line));
    }
    out
}

/// Where a root is.
fn place(page: &Page, root: &Root) -> String {
    match &root.machine {
        None => page.path(&root.path),
        Some(machine) => format!(
            "{}, {}",
            sanitize::name(NotePath::from_relative(&root.path).as_str()),
            source::elsewhere(machine)
        ),
    }
}

/// A line with a name in front, or with none if it continues the line before.
fn row(page: &Page, name: &str, value: &str) -> String {
    format!("{}{value}\n", page.paint(DIM, &format!("{name:10}")))
}

/// How the notes differ from the index, for a person.
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
        Some((_, WhyKept::Unconfirmed)) => {
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
        let line = format!("unreadable  {}: {}", sanitize::name(root), sanitize::line(&why.to_string()));
        out.push_str(&row(page, "", &line));
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use qsearch::store::Lease;

    use super::*;

    #[test]
    fn a_server_is_told_with_its_tables_and_leases() {
        let lease = |seconds_left| Lease {
            root: "notes".into(),
            machine: "pc".into(),
            owner: "process\u{1b} 7".into(),
            seconds_left,
            epoch: 3,
        };
        let server = ServerStatus {
            version: "PostgreSQL 18.1".into(),
            vector: "0.8.1".into(),
            standby: true,
            lag: Some(Duration::from_millis(1500)),
            leases: vec![lease(12), lease(-3)],
            tables: vec![("passages".into(), 2048)],
        };
        assert_eq!(
            of_server(&Page::default(), &server),
            "server    PostgreSQL 18.1, vectors by 0.8.1; a standby, 1.5 s behind\n\
             tables    passages  2.0 KiB\n\
             leases    notes  process␛ 7 on pc, for 12 seconds (epoch 3)\n\
             \x20         notes  process␛ 7 on pc, until another one takes it (epoch 3)\n"
        );
        let plain = ServerStatus { standby: false, lag: None, leases: vec![], tables: vec![], ..server };
        assert_eq!(of_server(&Page::default(), &plain), "server    PostgreSQL 18.1, vectors by 0.8.1\n");
    }

    #[test]
    fn what_is_stale_is_told_with_examples() {
        assert_eq!(tell(&Page::default(), &Drift::default()), "stale     nothing; the index is up to date\n");
        let page = Page {
            roots: vec![Root::new("notes", "/n"), Root::new("usb", "/mnt/my usb")],
            ..Page::default()
        };
        let note = |n: u32| ("notes".to_owned(), NotePath::from_encoded(format!("{n}.md")));
        let drift = Drift {
            changed: vec![note(1)],
            vanished: (0..7).map(note).collect(),
            unreadable: [("usb".to_owned(), WhyKept::Failed("permission denied".to_owned()))].into(),
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
