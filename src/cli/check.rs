//! `qsearch check`: is the index as it was written?

use std::path::Path;

use qsearch::recheck::Recheck;
use qsearch::store::{Checkup, Finding};
use qsearch::wire::Check;

use super::args::CheckArgs;
use super::human::{self, count};
use super::page::{ERROR, HINT, Page, WARNING};
use super::progress::Interrupt;
use super::{Context, Failure, Outcome, extract, json, printer, sanitize};

/// How many findings are named for a person; `--json` names a thousand at most.
const EXAMPLES: usize = 20;

/// Reads every byte of the index and prints what is wrong.
pub(crate) fn check(context: &Context, args: &CheckArgs) -> Result<Outcome, Failure> {
    let library = context.library()?;
    let index = library.shown();
    let checkup = library.check()?;
    let interrupt = Interrupt::listen()?;
    // What is damaged is made anew before anything is compared with it.
    let is_deep = args.deep && checkup.findings.is_empty();
    let again = || library.recheck(extract::launch().as_ref(), &|| interrupt.is_raised());
    let recheck = is_deep.then(again).transpose()?;
    let page = context.printer.page(Vec::new());
    let text = if args.json {
        json::document(&Check::new(index, &checkup, recheck.as_ref()))
    } else {
        describe(&page, index, &checkup) + &recheck.as_ref().map_or_else(String::new, documents)
    };
    printer::data(&text)?;
    let note = |what: &str| {
        let word = context.printer.margin().paint(WARNING, "note:");
        context.printer.message(&format!("{word} {what}"));
    };
    if checkup.writing {
        note("a run is writing the index; what was checked is its last commit");
    }
    if !checkup.leftovers.is_empty() {
        let files = count(checkup.leftovers.len() as u64, "file", "files");
        note(&format!("{files} that a run left which was stopped; the next `qsearch index` removes them"));
    }
    let differs = recheck.is_some_and(|recheck| !recheck.differ.is_empty());
    if checkup.findings.is_empty() && !differs {
        return Ok(Outcome::Done);
    }
    let word = context.printer.margin().paint(HINT, "hint:");
    context.printer.message(&format!("{word} {}", mend(&checkup)));
    Ok(Outcome::Partial)
}

/// What came of reading the documents again, for a person.
fn documents(recheck: &Recheck) -> String {
    let Recheck { notes, passages, changed, differ } = recheck;
    let mut lines = vec![format!(
        "{} {} of documents read again, {}; {} changed since",
        if differ.is_empty() { "same     " } else { "different" },
        count(*notes, "note", "notes"),
        count(*passages, "passage", "passages"),
        count(*changed, "document has", "documents have"),
    )];
    let line = |(note, what): &(String, String)| format!("          {}: {what}", sanitize::name(note));
    lines.extend(differ.iter().take(EXAMPLES).map(line));
    if let Some(more) = differ.len().checked_sub(EXAMPLES).filter(|more| *more > 0) {
        lines.push(format!("          … and {} more", human::thousands(more as u64)));
    }
    lines.join("\n") + "\n"
}

/// How to repair what is wrong.
fn mend(checkup: &Checkup) -> &'static str {
    if checkup.only_graphs() {
        "all is still found, only slower; make the graphs anew with `qsearch index --optimize`"
    } else {
        "your notes are untouched; make the index anew from them with `qsearch index --rebuild`"
    }
}

/// What was read and found, for a person.
fn describe(page: &Page, index: &Path, checkup: &Checkup) -> String {
    let seen = format!(
        "{} ({}) of {}: {}, {}",
        count(checkup.files, "file", "files"),
        human::bytes(checkup.bytes),
        page.path(index),
        count(checkup.notes, "note", "notes"),
        count(checkup.passages, "passage", "passages"),
    );
    if checkup.findings.is_empty() {
        return format!("sound     {seen}\n");
    }
    let line = |Finding { file, note, what }: &Finding| {
        let note = note.as_ref().map_or_else(String::new, |note| format!("{}: ", sanitize::name(note)));
        format!("          {}: {note}{}", page.path(file), sanitize::line(what))
    };
    let mut lines = vec![format!("{}   {seen}", page.paint(ERROR, "damaged"))];
    lines.extend(checkup.findings.iter().take(EXAMPLES).map(line));
    let more = checkup.findings.len().saturating_sub(EXAMPLES) as u64 + checkup.more;
    if more > 0 {
        lines.push(format!("          … and {} more", human::thousands(more)));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mends_depends_on_what_is_wrong() {
        let wrong = |files: &[&str]| {
            let finding =
                |file: &&str| Finding { file: file.into(), note: None, what: "it is missing".into() };
            Checkup { findings: files.iter().map(finding).collect(), ..Checkup::default() }
        };
        assert!(mend(&wrong(&["/x/a.graph", "/x/b.graph"])).contains("--optimize`"));
        assert!(mend(&wrong(&["/x/a.graph", "/x/b.vec"])).contains("--rebuild`"));
        assert!(mend(&Checkup { more: 1, ..wrong(&["/x/a.graph"]) }).contains("--rebuild`"));
    }

    #[test]
    fn findings_are_told_up_to_a_limit() {
        let mut checkup = Checkup { files: 3, bytes: 2048, notes: 1, passages: 2, ..Checkup::default() };
        let index = Path::new("/x/index");
        let text = |checkup: &Checkup| describe(&Page::default(), index, checkup);
        assert_eq!(text(&checkup), "sound     3 files (2.0 KiB) of /x/index: 1 note, 2 passages\n");
        let finding =
            Finding { file: "/x/index/a".into(), note: Some("n/\u{1b}b.md".into()), what: "odd".into() };
        checkup.findings = vec![finding; 22];
        checkup.more = 3;
        let text = text(&checkup);
        assert!(text.starts_with("damaged   3 files"), "{text}");
        assert!(text.contains("\n          /x/index/a: n/␛b.md: odd\n"), "{text}");
        assert!(text.ends_with("\n          … and 5 more\n"), "{text}");
        assert_eq!(text.lines().count(), 22);
    }
}
