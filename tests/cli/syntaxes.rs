//! Notes as Org, Logseq, Obsidian and canvases have them, and what in a note isn't text.

use serde_json::{Value, json};

use crate::support::Vault;

#[test]
fn data_of_images_is_neither_found_nor_shown_but_stays_in_the_note() {
    let data = "iVBORw0KGgo1".repeat(1400);
    let note = format!(
        "# Kitchen\n\nThe tap drips. %% quite a secret %%\n\n![tap](data:image/png;base64,{data})\n\nCall the plumber on Friday.\n"
    );
    let vault = Vault::indexed(&[("kitchen.md", &note), ("b.md", "# Bread\n\nBake at 230 degrees.\n")]);
    let reply = vault.ask("when to call the plumber");
    let answer = reply["answer"]["text"].as_str().unwrap();
    assert!(answer.contains("Friday") && !answer.contains("base64"), "{answer}");
    let found = vault.run(&["search", "--json", "iVBORw0KGgo1"]);
    assert!(!found.stdout.contains("iVBORw0KGgo1i"), "{}", found.stdout);
    assert_eq!(vault.run(&["search", "\"quite a secret\""]).status, 1, "a comment has no words");
    let got = vault.run(&["get", "kitchen.md"]).expect(0).stdout;
    assert!(got.contains(&data) && got.contains("quite a secret") && got.contains("Friday"), "{got}");
    let got: Value =
        serde_json::from_str(&vault.run(&["get", "--json", "kitchen.md"]).expect(0).stdout).unwrap();
    assert_eq!(got["passages"].as_array().unwrap().len(), 2);
}

#[test]
fn cards_of_a_canvas_are_found_and_cited() {
    let canvas = json!({
        "nodes": [
            {"id": "b", "type": "file", "file": "b.md"},
            {"id": "a", "type": "text", "text": "# Harbour\nThe crane lifts forty tons."}
        ],
        "edges": []
    });
    let vault = Vault::indexed(&[
        ("plan.canvas", &canvas.to_string()),
        ("b.md", "# Bread\n\nBake at 230 degrees.\n"),
    ]);
    let reply = vault.ask("how much does the crane lift");
    assert_eq!(
        (&reply["results"][0]["path"], &reply["results"][0]["place"]["text"]),
        (&json!("plan.canvas"), &json!("card2"))
    );
    vault.run(&["get", "plan.canvas:card2"]).expect(0).shows("forty tons");
}

#[test]
fn keywords_properties_and_fields_say_what_a_note_is() {
    let vault = Vault::indexed(&[
        (
            "k.org",
            "#+title: Kitchen renovation\n#+filetags: :house:\n#+date: 2024-03-05\n#+author: Ingrid\n\n* TODO [#A] Order the worktop :shopping:\nOak note.\n",
        ),
        (
            "l.md",
            "title:: Gardening year\ntags:: soil, compost\nstatus:: late\n\n- Dig in #[[green manure]] note\n  id:: 65f0aa\n",
        ),
        (
            "r.rst",
            "Tap\n===\n\n:author: Kim\n:tags: water\n\nIt drips note.\n\n.. a comment of the plumber\n",
        ),
    ]);
    let paths = |question: &str| {
        let run = vault.run(&["search", "--json", question]);
        let reply: Value = serde_json::from_str(&run.stdout).unwrap_or_default();
        let results = reply.as_array().cloned().unwrap_or_default();
        results
            .iter()
            .map(|result| result["path"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    for (question, path) in [
        ("title:kitchen note", "k.org"),
        ("tag:house note", "k.org"),
        ("tag:shopping note", "k.org"),
        ("since:2024-03-05 before:2024-03-06 note", "k.org"),
        ("title:gardening note", "l.md"),
        ("tag:compost note", "l.md"),
        ("tag:\"green manure\" note", "l.md"),
        ("tag:water note", "r.rst"),
    ] {
        assert_eq!(paths(question), [path], "{question}");
    }
    assert_eq!(vault.ask("oak")["results"][0]["heading"], json!(["Order the worktop"]));
    assert_eq!(paths("\"65f0aa\""), [""; 0]);
}
