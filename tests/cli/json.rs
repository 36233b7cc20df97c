//! Documents that stand alone: what a program gets of one reply is enough to open, show and judge it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{BREAD, LOCK, Run, Vault};

/// What `qsearch help json` prints.
const HELP: &str = include_str!("../../src/cli/json.md");

fn vault() -> Vault {
    let gil = format!("---\naliases: [Lock]\ntags: [python]\ndate: 2024-05-06\n---\n# Locks\n\n{LOCK}");
    Vault::indexed(&[("python/gil.md", &gil), ("bread.md", BREAD), ("copy.md", BREAD)])
}

/// The part of a note that has these places, and the lines that it covers.
fn cited(note: &Value) -> (String, String) {
    let text = std::fs::read(note["absolute_path"].as_str().unwrap()).unwrap();
    let at = |name: &str| note[name].as_u64().unwrap() as usize;
    let bytes = String::from_utf8(text[at("first_byte")..at("last_byte")].to_vec()).unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    (bytes, lines[at("first_line") - 1..at("last_line")].join("\n"))
}

#[test]
fn a_source_can_be_opened_and_judged_without_another_call() {
    let vault = vault();
    let reply = vault.json(&["ask", "what is the GIL"]);
    let found = vault.json(&["search", "what is the GIL"]);
    for source in [&reply["results"][0], &found[0]] {
        assert_eq!(source["aliases"], json!(["Lock"]));
        assert_eq!((&source["tags"], &source["date"]), (&json!(["python"]), &json!("2024-05-06")));
        assert_eq!((&source["root"], &source["title"]), (&json!("notes"), &json!("Locks")));
        let (bytes, lines) = cited(source);
        assert_eq!(source["text"], bytes);
        assert_eq!(bytes, lines);
        let mut excerpt = source["excerpt"].clone();
        excerpt["absolute_path"] = source["absolute_path"].clone();
        let (bytes, lines) = cited(&excerpt);
        assert_eq!(excerpt["text"], bytes);
        assert!(lines.contains(&bytes) && source["text"].as_str().unwrap().contains(&bytes), "{source}");
        assert_eq!(source.get("signals"), None);
    }
    let answer = &reply["answer"];
    assert_eq!((&answer["root"], &answer["path"]), (&json!("notes"), &json!("python/gil.md")));
    assert_eq!(answer["text"], cited(answer).0);
    assert_eq!(answer["parts"][0]["text"], cited(&answer["parts"][0]).0);
}

#[test]
fn a_note_of_another_encoding_has_the_lines_and_bytes_of_its_file() {
    let vault = Vault::new();
    let note: Vec<u8> = format!("\u{feff}{LOCK}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    vault.write("gil.md", &note);
    vault.run(&["index", "notes"]).expect(0);
    let reply = vault.json(&["ask", "what is the GIL"]);
    let at = |of: &Value, name: &str| of[name].as_u64().unwrap() as usize;
    for of in [&reply["answer"], &reply["results"][0]] {
        let units: Vec<u16> = note[at(of, "first_byte")..at(of, "last_byte")]
            .chunks(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        assert_eq!(of["text"], String::from_utf16(&units).unwrap());
    }
    assert_eq!(at(&reply["results"][0]["excerpt"], "first_line"), 3);
    assert_eq!(reply["results"][0]["excerpt"]["first_byte"], Value::Null);
}

#[test]
fn signals_are_for_those_who_ask_for_them() {
    let vault = vault();
    for command in ["ask", "search"] {
        let told = vault.json(&[command, "--explain", "what is the GIL"]);
        let first = if command == "ask" { &told["results"][0] } else { &told[0] };
        assert_eq!(first["signals"]["dense_rank"], 1, "{told}");
        let page = vault.run(&[command, "--explain", "what is the GIL"]).expect(0).stdout;
        assert!(page.contains("dense rank 1") && page.contains("= meaning"), "{page}");
    }
    assert!(!vault.run(&["search", "what is the GIL"]).expect(0).stdout.contains("dense rank"));
}

#[test]
fn copies_and_listed_notes_can_be_opened() {
    let vault = vault();
    let also = &vault.json(&["ask", "sourdough starter"])["results"][0]["also_in"][0];
    assert_eq!(std::fs::read_to_string(also["absolute_path"].as_str().unwrap()).unwrap(), BREAD);
    for command in [&["notes", "tag:python"][..], &["get", "notes/python/gil.md"]] {
        let told = vault.json(command);
        let note = if command[0] == "notes" { &told[0] } else { &told };
        assert!(std::fs::read_to_string(note["absolute_path"].as_str().unwrap()).unwrap().ends_with(LOCK));
        assert_eq!((&note["aliases"], &note["tags"]), (&json!(["Lock"]), &json!(["python"])));
    }
    let passage = vault.json(&["get", "notes/bread.md:3"])["passages"][0].clone();
    assert_eq!(passage["last_byte"].as_u64().unwrap() as usize, BREAD.trim_end().len());
}

#[test]
fn what_index_and_forget_did_is_a_document() {
    let vault = Vault::new();
    vault.write("a.md", LOCK);
    vault.write("b.md", BREAD);
    vault.write("c.exe", "MZ");
    vault.write("d.md", "---\ntitle: x\n");
    vault.write(".gitignore", "private.md\n");
    vault.write("private.md", LOCK);
    let run = vault.run(&["index", "--json", "notes"]).expect(0);
    assert_eq!(run.stderr, "");
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&told["files"], &told["added"], &told["complete"]), (&json!(3), &json!(3), &json!(true)));
    assert_eq!(
        told["skipped"],
        json!([{ "root": "notes", "path": "c.exe", "reason": "not a kind of note yet", "failed": false }])
    );
    assert_eq!(
        told["ignored"][0],
        json!({ "root": "notes", "path": ".gitignore", "notes": 1, "folders": 0 })
    );
    assert_eq!(told["warnings"][0]["path"], "d.md");
    assert!(told["milliseconds"].is_u64() && told["index"].as_str().unwrap().ends_with("index"), "{told}");
    std::fs::rename(vault.path("notes"), vault.path("away")).unwrap();
    let run = vault.run(&["index", "--json"]).expect(2);
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&told["complete"], &told["kept"][0]["files"]), (&json!(false), &json!(3)));
    std::fs::rename(vault.path("away"), vault.path("notes")).unwrap();
    assert_eq!(vault.json(&["forget", "notes/a.md"])["forgotten"], 1);
    assert_eq!(vault.totals().0, 2);
}

/// The error that a run ended with.
fn error(run: &Run) -> Value {
    assert_eq!(run.stdout, "");
    let last = run.stderr.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

#[test]
fn errors_are_one_line_of_json() {
    let vault = vault();
    let check = |args: &[&str], kind: &str, what: &str, hint: &str| {
        let told = error(&vault.run(args).expect(2));
        assert_eq!(told["kind"], kind, "{told}");
        assert!(told["error"].as_str().unwrap().contains(what), "{told}");
        assert!(told["hint"].as_str().unwrap().contains(hint), "{told}");
        assert_eq!(told.as_object().unwrap().len(), 3);
    };
    check(&["ask", "--json", "--index", "none", "x"], "not_found", "there is no index", "qsearch index");
    check(&["get", "--json", "#zzzzzzzz"], "not_found", "no passage", "ids are");
    check(&["search", "--json", "-snakes", "--"], "usage", "'-s'", "put `--`");
    check(&["ask", "--json"], "usage", "<QUESTION>", "--help");
    check(&["ask", "--json", "-n", "0", "x"], "usage", "whole number", "--help");
    check(&["status", "--json", "--jsn"], "usage", "--jsn", "--json");
    check(&["notes", "--json", "word"], "usage", "isn't a filter", "qsearch search");
    check(&["forget", "--json", "nothing"], "not_found", "no notes", "qsearch status");
    check(&["index", "--json", "none"], "not_found", "no file or folder", "check the path");
    check(&["tags", "--json", "--path", "{"], "usage", "{", "use ");
    check(&["model", "import", "--json", "none"], "io", "none", "check the path");
    // What is behind `--` is no option.
    let run = vault.run(&["ask", "--index", "none", "--", "--json"]).expect(2);
    assert!(run.stderr.starts_with("error: there is no index"), "{run:?}");
    // Help isn't an error.
    assert!(vault.run(&["ask", "--json", "--help"]).expect(0).stdout.contains("Usage:"));
}

/// The names of all fields of a document, but for those of maps whose names aren't promised.
fn names(of: &Value, into: &mut BTreeSet<String>) {
    match of {
        Value::Array(values) => values.iter().for_each(|value| names(value, into)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            into.insert(name.clone());
            if name != "timings" {
                names(value, into);
            }
        }),
        _ => {}
    }
}

#[test]
fn every_field_is_documented() {
    let vault = vault();
    vault.write("extra.md", "See [the lock](python/gil.md).\n");
    let mut all = BTreeSet::new();
    for args in [
        &["index"][..],
        &["ask", "--explain", "--timings", "what is the GIL"],
        &["search", "sourdough"],
        &["get", "notes/python/gil.md"],
        &["notes"],
        &["tags"],
        &["status"],
        &["check"],
        &["forget", "notes/extra.md"],
        &["model", "list"],
    ] {
        let told = if args[0] == "model" {
            serde_json::from_str(&vault.run(&["model", "list", "--json"]).expect(0).stdout).unwrap()
        } else {
            vault.json(args)
        };
        names(&told, &mut all);
    }
    names(&error(&vault.run(&["get", "--json", "none.md"])), &mut all);
    let missing: Vec<String> = all.into_iter().filter(|name| !HELP.contains(&format!("`{name}`"))).collect();
    assert_eq!(missing, [""; 0]);
    assert_eq!(vault.run(&["help", "json"]).expect(0).stdout, HELP);
}
