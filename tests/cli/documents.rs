//! Documents that aren't text: what is found in them is cited by its page, slide, row or chapter, and bad ones harm nothing.

use std::fs;

use serde_json::{Value, json};

use crate::made::{docx, eml, epub, odt, pdf, pptx, xlsx, zip};
use crate::support::{LOCK, Vault};

/// A vault with a document of each kind, each of which says something about another animal.
fn menagerie() -> Vault {
    let vault = Vault::new();
    vault.write("lock.md", LOCK);
    let owls: &[&str] = &["Owls of the valley", "", "Owls hunt at night and find mice by ear alone."];
    let survey = ["The survey was made in three valleys, and took four people the whole of one summer."; 12];
    let survey: Vec<&str> = ["A survey of birds", ""].into_iter().chain(survey).collect();
    vault.write("paper.pdf", pdf(&[&survey, owls]));
    vault.write("letter.docx", docx(&["# Badgers", "Badgers sleep in a sett below the beech trees."]));
    vault.write(
        "deck.pptx",
        pptx(&[("Welcome", "To the club"), ("Otters", "Otters swim in the cold river at dawn.")]),
    );
    vault.write("report.odt", odt(&["# Foxes", "Foxes raise their cubs behind the old mill."]));
    let rows: &[&[&str]] = &[&["Animal", "Food"], &["Hedgehog", "Beetles"], &["Squirrel", "Hazelnuts"]];
    vault.write("food.xlsx", xlsx("Meals", rows));
    vault.write("herd.csv", "Animal,Number\nGoat,17\nSheep,42\n");
    vault.write(
        "book.epub",
        epub(&[
            ("Beginnings", "It was winter."),
            ("The marmot", "Marmots whistle when an eagle comes near."),
        ]),
    );
    vault.write(
        "page.html",
        "<title>Bees</title><h1>Bees</h1><p>Welcome.</p><h2 id=\"dance\">Dance</h2><p>Bees dance to tell where flowers are.</p>",
    );
    vault.write("mail.eml", eml("The stork", "The stork has built its nest on the chimney again."));
    vault.write("old.rtf", r"{\rtf1\ansi Salamanders hide under wet leaves in autumn.\par}");
    vault
}

/// A question, the document that answers it, and the place of the answer.
const ANSWERS: [(&str, &str, &str); 9] = [
    ("how do owls find mice", "paper.pdf", "p2"),
    ("where do badgers sleep", "letter.docx", "par"),
    ("where do otters swim", "deck.pptx", "slide2"),
    ("where do foxes raise their cubs", "report.odt", "par"),
    ("what is the food of the squirrel", "food.xlsx", "Meals!"),
    ("when do marmots whistle", "book.epub", "ch2"),
    ("why do bees dance", "page.html", "#dance"),
    ("where is the nest of the stork", "mail.eml", "message1"),
    ("where do salamanders hide", "old.rtf", "par"),
];

#[test]
fn documents_answer_and_are_cited_by_their_places() {
    let vault = menagerie();
    vault.run(&["index", "notes"]).expect(0).says("11 files");
    for (question, path, place) in ANSWERS {
        let reply = vault.ask(question);
        let best = &reply["results"][0];
        assert_eq!(best["path"], path, "{question}: {best}");
        // The passage may begin on the page before.
        let text = reply["answer"]["parts"][0]["place"]["text"].as_str().unwrap();
        assert!(text.contains(place), "{question}: {best}");
        assert_eq!((&best["text_of"], &best["stale"]), (&json!("extract"), &json!(false)));
        let separator = if text.starts_with('#') { "" } else { ":" };
        let name = format!("notes/{path}{separator}{text}");
        let got = vault.run(&["get", &name]).expect(0);
        assert!(got.stdout.contains(reply["answer"]["parts"][0]["text"].as_str().unwrap()), "{name}");
        assert!(vault.run(&["ask", question]).stdout.contains(&name), "{question}: {name}");
    }
    assert_eq!(vault.ask("what is the lock")["results"][0]["text_of"], "file");
    vault.run(&["status"]).expect(0);
    vault.run(&["check", "--deep"]).expect(0).shows("of documents read again");
    vault.run(&["index"]).expect(0).says("nothing changed");
    // No program of the system is needed, and none is looked for: the tests give no PATH.
}

#[test]
fn a_changed_document_is_stale_until_it_is_indexed_again() {
    let vault = menagerie();
    vault.run(&["index", "notes"]).expect(0);
    vault.write("paper.pdf", pdf(&[&["Owls sleep in the tower of the church by day."]]));
    assert_eq!(vault.ask("how do owls find mice")["results"][0]["stale"], true);
    vault.run(&["check", "--deep"]).expect(0).shows("1 document has changed since");
    vault.run(&["index"]).expect(0).says("1 changed");
    let best = vault.ask("where do owls sleep")["results"][0].clone();
    assert_eq!((&best["stale"], &best["place"]["text"]), (&json!(false), &json!("p1")));
}

/// Documents that can't be read, with what is said of each.
fn bad_documents() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let zeros = vec![0; 80 << 20];
    let nested = "<w:p>".repeat(300_000);
    let bomb = |part: &str| zip(&[(part, &zeros)]);
    vec![
        ("cut.pdf", pdf(&[&["Owls"]])[..60].to_vec(), "a PDF"),
        ("text.docx", b"This is no archive.".to_vec(), "a Word document"),
        ("bomb.docx", bomb("word/document.xml"), "a Word document"),
        ("empty.pptx", zip(&[("a.txt", b"a")]), "a presentation"),
        ("bomb.xlsx", bomb("xl/workbook.xml"), "a workbook"),
        ("none.epub", zip(&[("mimetype", b"application/epub+zip")]), "a book"),
        ("nested.odt", zip(&[("content.xml", nested.as_bytes())]), "an OpenDocument text"),
    ]
}

#[test]
fn bad_documents_are_named_and_the_others_are_read() {
    let vault = menagerie();
    let bad = bad_documents();
    for (name, bytes, _) in &bad {
        vault.write(name, bytes);
    }
    let run = vault.run(&["index", "notes"]).expect(0).says("11 files");
    for (name, _, what) in &bad {
        let line = run.stderr.lines().find(|line| line.contains(&format!("notes/{name}")));
        let line = line.unwrap_or_else(|| panic!("{name} isn't named: {}", run.stderr));
        assert!(line.contains(&format!("it can't be read as {what}: ")), "{line}");
    }
    // They are remembered: nothing has changed, and each is named again.
    let again = vault.run(&["index"]).expect(0).says("nothing changed");
    assert_eq!(again.stderr.matches("it can't be read as").count(), bad.len(), "{}", again.stderr);
    let status: Value = serde_json::from_str(&vault.run(&["status", "--json"]).expect(0).stdout).unwrap();
    assert_eq!((&status["files"], &status["new"], &status["stale"]), (&json!(11), &json!([]), &json!(false)));
    vault.run(&["get", "cut.pdf"]).expect(2);
    vault.run(&["check"]).expect(0).shows("11 notes");
    // One that is mended is read, and one that is damaged isn't there any more.
    vault.write("cut.pdf", pdf(&[&["Wolves howl at the full moon."]]));
    vault.write("letter.docx", "damaged");
    vault.run(&["index"]).expect(0).says("1 new").says("1 removed");
    assert_eq!(vault.first_path("when do wolves howl"), "cut.pdf");
    vault.run(&["index", "--rebuild"]).expect(0).says("11 files");
}

#[test]
fn archives_are_folders_of_notes() {
    let vault = Vault::new();
    vault.write("lock.md", LOCK);
    let newts: &[u8] =
        b"---\ntags: [pond]\ndate: 2024-05-01\n---\n# Newts\n\nNewts court in the pond in April.\n";
    let export = |second: &[u8]| zip(&[("Projects/newts.md", newts), ("toads.md", second)]);
    vault.write("Export.zip", export(b"# Toads\n\nToads cross the road after rain.\n"));
    vault.run(&["index", "notes"]).expect(0).says("3 files");
    let best = vault.ask("when do newts court")["results"][0].clone();
    assert_eq!((&best["path"], &best["stale"]), (&json!("Export.zip/Projects/newts.md"), &json!(false)));
    assert_eq!((&best["tags"], &best["date"]), (&json!(["pond"]), &json!("2024-05-01")));
    vault.run(&["get", "notes/Export.zip/toads.md"]).expect(0).shows("after rain");
    vault.run(&["search", "--path", "notes/Export.zip/**", "--json", "toads"]).expect(0).shows("toads.md");
    vault.run(&["index"]).expect(0).says("nothing changed");
    vault.run(&["check", "--deep"]).expect(0);
    // Another archive of the same name: what it had and has no more is gone.
    vault.write("Export.zip", zip(&[("Projects/newts.md", newts)]));
    assert_eq!(vault.ask("when do newts court")["results"][0]["stale"], true);
    vault.run(&["index"]).expect(0).says("1 changed").says("1 removed");
    assert_eq!(vault.totals().0, 2);
    vault.run(&["forget", "notes/Export.zip"]).expect(0).says("forgot 1 file");
    vault.run(&["index"]).expect(0);
    vault.write("Export.zip", "damaged");
    vault.run(&["index"]).expect(0).says("1 removed").says("notes/Export.zip");
    vault.write("Export.zip", export(b"# Toads\n"));
    vault.run(&["index"]).expect(0).says("2 new");
    fs::remove_file(vault.path("notes/Export.zip")).unwrap();
    vault.run(&["index"]).expect(0).says("2 removed");
    assert_eq!(vault.totals().0, 1);
}

#[test]
fn kinds_and_sizes_are_chosen() {
    let vault = menagerie();
    vault.run(&["index", "--kinds", "pdf,.MD", "notes"]).expect(0).says("2 files");
    vault.run(&["index"]).expect(0).says("nothing changed");
    vault.run(&["index", "--kinds", "exe", "notes"]).expect(2).says("no kind of notes `exe`").says("hint: ");
    vault.run(&["index", "--max-size", "100", "notes"]).expect(2).says("too large");
    fs::write(vault.path("qsearch.toml"), "kinds = [\"epub\"]\n").unwrap();
    vault.run(&["--index", "other", "index", "notes"]).expect(0).says("1 file,");
    fs::write(vault.path("qsearch.toml"), "kinds = [\"nothing\"]\n").unwrap();
    vault.run(&["--index", "other", "index", "notes"]).expect(2).says("qsearch.toml:1").says("`nothing`");
}

#[test]
fn a_document_is_printed_as_it_is_indexed() {
    let vault = menagerie();
    let said = vault.run(&["extract", "notes/paper.pdf"]).expect(0);
    assert!(said.stdout.find("three valleys").unwrap() < said.stdout.find("by ear alone").unwrap());
    let of: Value = vault.json(&["extract", "notes/deck.pptx"]);
    assert_eq!((&of["places"][1]["kind"], &of["places"][1]["number"]), (&json!("slide"), &json!(2)));
    assert!(of["places"][1]["text"].as_str().unwrap().contains("Otters swim"), "{of}");
    assert_eq!(of["warnings"], json!([]));
    let notes = vault.json(&["extract", "notes/lock.md"]);
    assert!(notes["places"][0]["text"].as_str().unwrap().len() > 10, "{notes}");
    // A page without text is told, and with --strict the exit status says so.
    vault.write("scan.pdf", pdf(&[&["One page with text."], &[]]));
    vault.run(&["extract", "notes/scan.pdf"]).expect(0);
    vault.run(&["extract", "notes/none.pdf"]).expect(2).says("none.pdf");
    vault.write("cut.pdf", "%PDF-1.7\n");
    vault.run(&["extract", "notes/cut.pdf"]).expect(2).says("can't be read as a PDF").says("hint: ");
    vault.write("picture.md", b"\x89PNG\r\n\x1a\n");
    vault.run(&["extract", "notes/picture.md"]).expect(2).says("isn't text").says(".pdf");
    let archive = vault.path("notes/a.zip");
    fs::write(&archive, zip(&[("b.md", b"# B\n"), ("c/d.txt", b"D\n")])).unwrap();
    let notes = vault.json(&["extract", "notes/a.zip"]);
    assert_eq!((&notes[0]["path"], &notes[1]["path"]), (&json!("b.md"), &json!("c/d.txt")));
}
