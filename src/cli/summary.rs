//! What `qsearch index` says when it is done: one line of figures, then remarks and errors about files.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use qsearch::document::NotePath;
use qsearch::index::{Ignored, IndexReport, Skipped, WhyKept};
use qsearch::walk::Reason;

use super::human::{self, count, thousands};
use super::page::{ERROR, HINT, Page, WARNING};
use super::sanitize;

/// How many files of a class are named.
const EXAMPLES: usize = 3;
/// How many failures are listed; a disk that dies can make any number of them.
const FAILURES: usize = 20;

/// The line of figures.
pub(crate) fn figures(report: &IndexReport, took: Duration, index: &str) -> String {
    let changes = [(report.added, "new"), (report.changed, "changed"), (report.removed, "removed")];
    let mut changes: Vec<String> = changes
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{} {what}", thousands(*number)))
        .collect();
    if changes.is_empty() {
        changes.push("nothing changed".to_owned());
    }
    let mut work = String::new();
    if report.embedded + report.reused > 0 {
        work = format!("; {} embedded", count(report.embedded, "passage", "passages"));
        if report.reused > 0 {
            work = format!("{work}, {} reused", thousands(report.reused));
        }
    }
    format!(
        "indexed {}, {} ({}{work}) in {} -> {index}",
        count(report.files, "file", "files"),
        count(report.passages, "passage", "passages"),
        changes.join(", "),
        human::duration(took),
    )
}

/// Files that were left out on purpose, and warnings, by kind; each line names a few.
pub(crate) fn remarks(page: &Page, report: &IndexReport) -> Vec<String> {
    let left_out = report.skipped.iter().filter(|skipped| !skipped.reason.is_failure());
    let (damaged, left_out): (Vec<&Skipped>, Vec<&Skipped>) =
        left_out.partition(|skipped| matches!(skipped.reason, Reason::Damaged(_)));
    let mut lines: Vec<String> = grouped(left_out.into_iter(), |skipped| skipped.reason.class())
        .into_iter()
        .map(|(class, skipped)| left_out_of(page, &class, &skipped))
        .collect();
    lines.extend(damaged_ones(page, &damaged));
    lines.extend(ignored(page, &report.ignored));
    for (what, warnings) in grouped(report.warnings.iter(), |warning| warning.what.clone()) {
        let word = page.paint(WARNING, "warning:");
        let number = count(warnings.len() as u64, "file", "files");
        let names = few(page, warnings.iter().map(|warning| (&*warning.root, &warning.path)));
        lines.push(format!("{word} {} ({number}): {names}", sanitize::line(&what)));
    }
    for root in &report.kept_rules {
        lines.push(format!(
            "{} keeps the rules it was indexed with; `qsearch index {}` gives it those of the settings",
            page.path(&root.path),
            page.typed(&root.path)
        ));
    }
    if report.elsewhere > 0 {
        let folders = count(report.elsewhere, "indexed folder lies", "indexed folders lie");
        lines.push(format!("{folders} on other machines, where they are kept up to date"));
    }
    for root in &report.doubtful {
        let (word, path) = (page.paint(WARNING, "warning:"), page.path(&root.path));
        lines.push(format!(
            "{word} {path} is called `{}`, as a damaged file of the old index says; if that is wrong, \
             `qsearch forget {typed}` and `qsearch index {typed}` name it anew",
            sanitize::name(&root.name),
            typed = page.typed(&root.path)
        ));
    }
    for root in &report.dropped {
        let path = page.path(&root.path);
        let typed = page.typed(&root.path);
        lines.push(format!("the index doesn't hold {path} any more; `qsearch index {typed}` adds it again"));
    }
    if let Some(why) = &report.put_off {
        let word = page.paint(WARNING, "warning:");
        let why = sanitize::line(why);
        lines.push(format!(
            "{word} all is indexed, but the index couldn't be tidied up; a later run tries again: {why}"
        ));
    }
    lines
}

/// A line for each file that is damaged, for each is so in its own way.
fn damaged_ones(page: &Page, damaged: &[&Skipped]) -> Vec<String> {
    let line = |Skipped { root, path, reason }: &Skipped| {
        format!("skipped {}: {}", shown(page, root, path), sanitize::line(&reason.to_string()))
    };
    let mut lines: Vec<String> = damaged.iter().take(FAILURES).map(|skipped| line(skipped)).collect();
    if let Some(more) = damaged.len().checked_sub(FAILURES).filter(|more| *more > 0) {
        lines.push(format!("skipped {} more that are damaged", count(more as u64, "file", "files")));
    }
    lines
}

/// What ignore files leave out, a line for each of those that leave out most, and one for the others.
fn ignored(page: &Page, ignored: &[Ignored]) -> Vec<String> {
    let mut most: Vec<&Ignored> = ignored.iter().collect();
    most.sort_by_key(|file| Reverse((file.notes, file.folders)));
    let (named, others) = most.split_at(most.len().min(EXAMPLES));
    let told = |files: &[&Ignored], by: &str| {
        let notes = files.iter().map(|file| file.notes).sum();
        let folders = files.iter().map(|file| file.folders).sum();
        let kinds = [(notes, "note", "notes"), (folders, "folder", "folders")];
        let kinds = kinds.iter().filter(|(number, ..)| *number > 0);
        let kinds: Vec<String> = kinds.map(|(number, one, more)| count(*number, one, more)).collect();
        format!("left out {} by {by}", kinds.join(" and "))
    };
    let mut lines: Vec<String> =
        named.iter().map(|file| told(&[*file], &shown(page, &file.root, &file.by))).collect();
    if !others.is_empty() {
        lines.push(told(others, &count(others.len() as u64, "other ignore file", "other ignore files")));
    }
    lines
}

/// One line for the files of a class; their reason is named if they share it.
fn left_out_of(page: &Page, class: &str, skipped: &[&Skipped]) -> String {
    let class = sanitize::name(class);
    let class = if skipped.len() == 1 { class.strip_suffix('s').unwrap_or(&class) } else { &class };
    let reasons: BTreeSet<String> = skipped.iter().map(|skipped| in_common(&skipped.reason)).collect();
    let why = match reasons.first() {
        Some(why) if reasons.len() == 1 => format!(" ({})", sanitize::line(why)),
        _ => String::new(),
    };
    let names = few(page, skipped.iter().map(|skipped| (&*skipped.root, &skipped.path)));
    format!("skipped {} {class}{why}: {names}", thousands(skipped.len() as u64))
}

/// What makes the index incomplete: files that couldn't be read, roots that couldn't be walked.
pub(crate) fn failures(page: &Page, report: &IndexReport) -> Vec<String> {
    let word = page.paint(ERROR, "error:");
    let hint = page.paint(HINT, "hint:");
    let failed: Vec<&Skipped> = report.skipped.iter().filter(|skipped| skipped.reason.is_failure()).collect();
    let mut lines: Vec<String> = failed
        .iter()
        .take(FAILURES)
        .map(|Skipped { root, path, reason }| {
            format!("{word} {}: {}", shown(page, root, path), sanitize::line(&reason.to_string()))
        })
        .collect();
    if failed.len() > FAILURES {
        lines.push(format!("{word} … and {} more", count((failed.len() - FAILURES) as u64, "file", "files")));
    }
    let hints: BTreeSet<(u8, &str)> = failed.iter().map(|skipped| advice(&skipped.reason)).collect();
    lines.extend(hints.iter().map(|(_, what)| format!("{hint} {what}")));
    for root in &report.kept {
        let held = count(root.files, "file", "files");
        let path = page.path(&root.path);
        let why = root.why.to_string();
        let why = sanitize::line(&why);
        lines.push(format!("{word} {path} wasn't refreshed: {why}; the index keeps its {held}"));
        if root.why == WhyKept::Unconfirmed {
            lines.push(format!(
                "{hint} `qsearch index {typed}` confirms it, `qsearch index --trust` all roots of the index; \
                 `qsearch forget {typed}` takes its notes out",
                typed = page.typed(&root.path)
            ));
            continue;
        }
        lines.push(format!(
            "{hint} once its notes are there again `qsearch index` takes them up; `qsearch forget {}` takes them out",
            page.typed(&root.path)
        ));
    }
    lines
}

/// What to do about files that couldn't be read, and its place among such hints.
fn advice(reason: &Reason) -> (u8, &'static str) {
    match reason {
        Reason::TooLarge { .. } => (0, "raise `--max-size`, or leave large files out with `--exclude`"),
        Reason::Closed { .. } => (1, "mend these ignore files, or leave the folders out with `--exclude`"),
        Reason::NotDownloaded(_) => {
            (2, "have the sync tool download them, or leave them out with `--exclude`")
        }
        _ => (3, "make them readable, or leave them out with `--exclude`"),
    }
}

/// A reason without what holds for one file only: `too large (80 MiB, …)` becomes `too large`.
fn in_common(reason: &Reason) -> String {
    let reason = reason.to_string();
    reason.split(" (").next().unwrap_or(&reason).to_owned()
}

/// Groups items by a text that they share.
fn grouped<'a, T>(items: impl Iterator<Item = &'a T>, key: fn(&T) -> String) -> BTreeMap<String, Vec<&'a T>> {
    items.fold(BTreeMap::new(), |mut groups: BTreeMap<_, Vec<_>>, item| {
        groups.entry(key(item)).or_default().push(item);
        groups
    })
}

/// The first few files of a group.
fn few<'a>(page: &Page, mut files: impl Iterator<Item = (&'a str, &'a NotePath)>) -> String {
    let first = files.by_ref().take(EXAMPLES).map(|(root, path)| shown(page, root, path));
    let mut names: Vec<String> = first.collect();
    if files.next().is_some() {
        names.push("…".to_owned());
    }
    names.join(", ")
}

/// A note's path, as it can be opened if its root is known, else with the root's name.
fn shown(page: &Page, root: &str, path: &NotePath) -> String {
    match page.file(root, path) {
        Some(file) => page.path(&file),
        None => sanitize::name(&format!("{root}/{path}")).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use qsearch::index::{FileWarning, KeptRoot};

    use super::*;

    fn skipped(path: &str, reason: Reason) -> Skipped {
        Skipped { root: "notes".into(), path: NotePath::from_encoded(path), reason }
    }

    fn large(path: &str) -> Skipped {
        skipped(path, Reason::TooLarge { size: 80 << 20, limit: 64 << 20 })
    }

    #[test]
    fn figures_name_what_happened() {
        let report = IndexReport {
            files: 3012,
            passages: 41_230,
            added: 12,
            changed: 3,
            removed: 1,
            embedded: 57,
            reused: 20,
            ..IndexReport::default()
        };
        assert_eq!(
            figures(&report, Duration::from_millis(3200), "index/"),
            "indexed 3,012 files, 41,230 passages (12 new, 3 changed, 1 removed; 57 passages embedded, 20 reused) in 3.2 s -> index/"
        );
        let same = IndexReport { files: 1, passages: 1, unchanged: 1, ..IndexReport::default() };
        assert_eq!(
            figures(&same, Duration::from_millis(20), "index/"),
            "indexed 1 file, 1 passage (nothing changed) in 20 ms -> index/"
        );
    }

    #[test]
    fn skipped_files_are_told_by_class() {
        let pdf = |path: &str| skipped(path, Reason::Kind(".pdf".into()));
        let report = IndexReport {
            skipped: vec![
                pdf("a.pdf"),
                pdf("b\u{1b}.pdf"),
                pdf("c.pdf"),
                pdf("d.pdf"),
                skipped(".ignore", Reason::InvalidRule("one reason".into())),
                skipped("a/.ignore", Reason::InvalidRule("another (of two)".into())),
                skipped("z.bin", Reason::Binary),
            ],
            warnings: vec![FileWarning {
                root: "notes".into(),
                path: NotePath::from_encoded("x.md"),
                what: "front matter isn't closed".into(),
            }],
            ..IndexReport::default()
        };
        assert!(!report.partial());
        assert_eq!(
            remarks(&Page::default(), &report),
            [
                "skipped 4 .pdf files (not a kind of note yet): notes/a.pdf, notes/b␛.pdf, notes/c.pdf, …",
                "skipped 1 binary file (not text): notes/z.bin",
                "skipped 2 unusable rules: notes/.ignore, notes/a/.ignore",
                "warning: front matter isn't closed (1 file): notes/x.md",
            ]
        );
        assert_eq!(failures(&Page::default(), &report), [""; 0]);
    }

    #[test]
    fn every_failure_is_told_up_to_a_limit() {
        let denied = || Reason::Unreadable("permission denied".into());
        let mut report = IndexReport {
            skipped: (0..25).map(|n| skipped(&format!("{n}.md"), denied())).collect(),
            kept: vec![KeptRoot {
                name: "usb".into(),
                path: "/mnt/usb".into(),
                why: WhyKept::Failed("no such file or directory".into()),
                files: 2,
            }],
            ..IndexReport::default()
        };
        assert!(report.partial());
        let lines = failures(&Page::default(), &report);
        assert_eq!(lines.len(), 24);
        assert_eq!(lines[0], "error: notes/0.md: it couldn't be read: permission denied");
        assert_eq!(
            lines[20..],
            [
                "error: … and 5 files more",
                "hint: make them readable, or leave them out with `--exclude`",
                "error: /mnt/usb wasn't refreshed: no such file or directory; the index keeps its 2 files",
                "hint: once its notes are there again `qsearch index` takes them up; `qsearch forget /mnt/usb` takes them out",
            ]
        );
        report.skipped.truncate(3);
        report.skipped.push(large("big.md"));
        let lines = failures(&Page::default(), &report);
        assert_eq!(lines.len(), 8);
        assert_eq!(lines[4], "hint: raise `--max-size`, or leave large files out with `--exclude`");
        report.skipped = vec![
            skipped("a.md", Reason::NotDownloaded(".a.md.icloud".into())),
            skipped("sub", Reason::Closed { rules: ".ignore", why: "it isn't a file".into() }),
        ];
        assert_eq!(
            failures(&Page::default(), &report)[2..4],
            [
                "hint: mend these ignore files, or leave the folders out with `--exclude`",
                "hint: have the sync tool download them, or leave them out with `--exclude`",
            ]
        );
    }

    #[test]
    fn what_ignore_files_leave_out_is_told_by_file() {
        let file = |by: &str, notes, folders| Ignored {
            root: "notes".into(),
            by: NotePath::from_encoded(by),
            notes,
            folders,
        };
        let ignored = vec![
            file("a/.ignore", 0, 1),
            file(".gitignore", 1200, 1),
            file("b/.git/info/exclude", 1, 0),
            file("c/.gitignore", 0, 2),
            file("d/.gitignore", 0, 1),
        ];
        let report = IndexReport { ignored, ..IndexReport::default() };
        assert!(!report.partial());
        assert_eq!(
            remarks(&Page::default(), &report),
            [
                "left out 1,200 notes and 1 folder by notes/.gitignore",
                "left out 1 note by notes/b/.git/info/exclude",
                "left out 2 folders by notes/c/.gitignore",
                "left out 2 folders by 2 other ignore files",
            ]
        );
    }
}
