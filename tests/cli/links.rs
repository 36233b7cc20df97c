//! Links: what others call a note finds it, pointers give way to what they point to, and `get --links` lists both ways.

use serde_json::{Value, json};

use crate::support::{BREAD, Vault};

/// A vault in which notes are called otherwise than they call themselves.
fn vault() -> Vault {
    Vault::indexed(&[
        (
            "hr/hr-17.md",
            "# HR-17\n\nBook second class; beds up to 120 euros are paid.\n\n## Advance\n\nAsk Kim.\n",
        ),
        (
            "hr/start.md",
            "# Welcome\n\nRead our [travel policy](hr-17.md) and the [[kitchen/oven|baking manual]].\n",
        ),
        ("kitchen/oven.md", &format!("---\naliases: [The beast]\n---\n{BREAD}")),
        (
            "kitchen/log.md",
            "# Log\n\nCleaned [[the beast]] on Monday. See [[hr-17#Advance|money beforehand]], [[gone]].\n",
        ),
        (
            "toc.md",
            "# Contents\n\n1. [Replace the toner cartridge](printer.md#replace-the-toner-cartridge)\n2. [Clear a jam](printer.md#jam)\n",
        ),
        ("todo.md", "# Replace the toner cartridge\n"),
        (
            "printer.md",
            "# Printer\n\n## Replace the toner cartridge\n\nOpen the cover, pull the green lever, slide it out.\n\n## Clear a jam\n\nLift the tray.\n",
        ),
    ])
}

/// The document that a command prints.
fn json_of(vault: &Vault, args: &[&str]) -> Value {
    serde_json::from_str(&vault.run(args).expect(0).stdout).unwrap()
}

/// The path of the first result.
fn first(vault: &Vault, question: &str) -> String {
    let run = vault.run(&["search", "--json", "--", question]).expect(0);
    let results: Value = serde_json::from_str(&run.stdout).unwrap();
    results[0]["path"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_note_is_found_by_what_others_call_it() {
    let vault = vault();
    assert_eq!(first(&vault, "travel policy"), "hr/hr-17.md");
    assert_eq!(first(&vault, "baking manual"), "kitchen/oven.md");
    assert_eq!(first(&vault, "the beast"), "kitchen/oven.md");
    let reply = vault.ask("what is the travel policy");
    assert_eq!((&reply["answered"], &reply["results"][0]["path"]), (&json!(true), &json!("hr/hr-17.md")));
    // What a question excludes isn't brought in by a link.
    let run = vault.run(&["search", "--json", "travel policy -path:hr/hr-17.md"]).expect(0);
    assert!(!run.stdout.contains("hr-17.md\","), "{}", run.stdout);
}

#[test]
fn pointers_and_bare_headings_give_way() {
    let vault = vault();
    for question in ["how do I replace the toner cartridge", "replace the toner cartridge"] {
        let reply = vault.ask(question);
        assert!(reply["answer"]["text"].as_str().unwrap().contains("green lever"), "{question}: {reply}");
    }
}

#[test]
fn links_are_listed_both_ways() {
    let vault = vault();
    let note = json_of(&vault, &["get", "--json", "notes/kitchen/log.md"]);
    let links: Vec<(&str, Option<&str>, Option<&str>)> = note["links"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| (link["text"].as_str().unwrap(), link["path"].as_str(), link["heading"].as_str()))
        .collect();
    assert_eq!(
        links,
        [
            ("the beast", Some("kitchen/oven.md"), None),
            ("money beforehand", Some("hr/hr-17.md"), Some("Advance")),
            ("gone", None, None),
        ]
    );
    let note = json_of(&vault, &["get", "--json", "notes/hr/hr-17.md"]);
    let back: Vec<&str> =
        note["backlinks"].as_array().unwrap().iter().map(|link| link["path"].as_str().unwrap()).collect();
    assert_eq!(back, ["hr/start.md", "kitchen/log.md"]);
    assert_eq!(
        (&note["backlinks"][1]["first_line"], &note["backlinks"][1]["last_line"]),
        (&json!(3), &json!(3))
    );
    let page = vault.run(&["get", "--links", "notes/kitchen/oven.md"]).expect(0).stdout;
    assert!(page.contains("linked from") && page.contains("kitchen/log.md:3  the beast"), "{page}");
    vault.run(&["get", "--links", "notes/kitchen/log.md"]).expect(0).shows("gone → gone (not indexed)");

    // A note that others link to may be written anew without them.
    vault.write("kitchen/log.md", "# Log\n\nNothing.\n");
    vault.run(&["index", "notes"]).expect(0);
    let note = json_of(&vault, &["get", "--json", "notes/hr/hr-17.md"]);
    assert_eq!(note["backlinks"].as_array().unwrap().len(), 1);
    vault.run(&["check"]).expect(0);
}
