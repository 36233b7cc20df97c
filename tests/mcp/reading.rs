//! `get` and resources.

use std::fmt::Write;

use serde_json::json;

use crate::client::{BREAD, OWLS, STATELESS, Vault};

#[test]
fn a_note_is_read_whole_or_in_part() {
    let vault = Vault::usual();
    let mut client = vault.client();
    let whole = "notes/owls.md:1-7  Owls\n\n     1\t# Owls\n     2\t\n     3\tMost owls hunt at night. They hear a mouse under the snow.\n\n     5\t## Nests\n     6\t\n     7\tBarn owls nest in barns and church towers.";
    let get = client.call("get", &json!({ "target": "notes/owls.md" }));
    // Blank lines between passages belong to none, and have no numbers.
    assert_eq!(get.text(), whole);
    assert!(get.0["structuredContent"].is_null());
    let lines = client.call("get", &json!({ "target": "notes/owls.md:5-7", "line_numbers": false }));
    assert_eq!(
        lines.text(),
        "notes/owls.md:5-7  Owls\n\n## Nests\n\nBarn owls nest in barns and church towers."
    );
    // A line has the passage around it; from line to line it is these.
    client.call("get", &json!({ "target": "notes/owls.md:7" })).shows(&["     5\t## Nests", "     7\tBarn"]);
    let exact = client.call("get", &json!({ "target": "notes/owls.md:7-7" }));
    assert_eq!(exact.text(), "notes/owls.md:7  Owls\n\n     7\tBarn owls nest in barns and church towers.");
    let found = client.call("search", &json!({ "query": "barn owls nest", "limit": 1 }));
    let id = found.document()["results"][0]["id"].as_str().unwrap().to_owned();
    client.call("get", &json!({ "target": id })).shows(&["notes/owls.md:5-7", "Barn owls"]);
    client
        .call("get", &json!({ "target": "notes/owls.md:90-95" }))
        .refused(&["nothing on the lines 90-95", "its last line is 7"]);
    vault.write("owls.md", "Nothing of it is left.\n");
    client.call("get", &json!({ "target": "notes/owls.md" })).shows(&["has changed or is gone", "Barn owls"]);
}

#[test]
fn cells_and_pages_are_read_by_name() {
    let vault = Vault::unread(&[]);
    let cell = |text: &str| json!({ "cell_type": "markdown", "metadata": {}, "source": [text] });
    let cells =
        json!([cell("# Plans\n\nWe measure the owls."), cell("## Costs\n\nThe bread costs three crowns.")]);
    vault.write(
        "run.ipynb",
        json!({ "cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5 }).to_string(),
    );
    vault.index();
    let mut client = vault.client();
    let found = client.call("search", &json!({ "query": "what does the bread cost", "limit": 1 }));
    assert_eq!(found.document()["results"][0]["place"], "cell2");
    found.shows(&["[1] notes/run.ipynb:cell2 ("]);
    let read = client.call("get", &json!({ "target": "notes/run.ipynb:cell2" }));
    read.shows(&["[cell2]", "three crowns"]);
    assert!(!read.text().contains("We measure"), "{}", read.text());
    client.call("get", &json!({ "target": "notes/run.ipynb" })).shows(&["[cell1]", "[cell2]"]);
}

#[test]
fn a_long_note_is_read_in_turns() {
    let vault = Vault::unread(&[]);
    let mut note = "# Log\n\n".to_owned();
    for number in 0..12_000 {
        writeln!(note, "Entry {number}: an owl was seen near the barn, \"again\", and flew away.").unwrap();
    }
    assert!(note.len() > 800_000);
    vault.write("log.md", &note);
    vault.index();
    let mut client = vault.client();
    let first = client.call("get", &json!({ "target": "notes/log.md" }));
    assert!(first.text().chars().count() < 12_300, "{}", first.text().len());
    // What is said of going on leads through all of it, and no line comes twice or never.
    let (mut target, mut read, mut turns) = ("notes/log.md".to_owned(), String::new(), 0);
    loop {
        let turn =
            client.call("get", &json!({ "target": target, "max_chars": 1_000_000, "line_numbers": false }));
        assert!(turn.0.to_string().len() < 100_000, "{}", turn.0.to_string().len());
        let (_, body) = turn.text().split_once("\n\n").unwrap();
        turns += 1;
        let Some((body, mark)) = body.rsplit_once("[cut; go on with get ") else {
            read.push_str(body);
            break;
        };
        read.push_str(body);
        target = serde_json::from_str(mark.strip_suffix(']').unwrap()).unwrap();
    }
    assert!(turns > 5, "{turns}");
    let entries = |text: &str| {
        text.lines().filter(|line| line.starts_with("Entry")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(entries(&read), entries(&note));
}

#[test]
fn a_line_that_never_ends_is_cut() {
    let vault = Vault::indexed(&[("long.md", &"The owl flew over the barn. ".repeat(40_000))]);
    let mut client = vault.client();
    let cut = client.call("get", &json!({ "target": "notes/long.md", "max_chars": 50_000 }));
    cut.shows(&["[line 1 is cut; go on with get \"#"]);
    assert!(cut.0.to_string().len() < 100_000, "{}", cut.0.to_string().len());
    let id = cut.text().rsplit_once("get \"").unwrap().1.trim_end_matches("\"]");
    client.call("get", &json!({ "target": id })).shows(&["The owl flew over the barn."]);
    let read = client.result("resources/read", &json!({ "uri": "qsearch://notes/long.md" }));
    assert!(read.to_string().len() < 100_000, "{}", read.to_string().len());
}

#[test]
fn only_what_is_in_the_table_of_notes_can_be_read() {
    let vault = Vault::usual();
    std::fs::write(vault.path("secret.md"), "the secret word").unwrap();
    vault.write("not-indexed.md", "the secret word");
    #[cfg(unix)]
    std::os::unix::fs::symlink(vault.path("notes/owls.md"), vault.path("link.md")).unwrap();
    let mut client = vault.client();
    let absolute = vault.path("secret.md").to_string_lossy().into_owned();
    for target in [
        "/etc/passwd",
        "../secret.md",
        "notes/../secret.md",
        "notes/../../etc/passwd",
        "secret.md",
        "notes/not-indexed.md",
        "link.md",
        absolute.as_str(),
        "file:///etc/passwd",
        "qsearch://notes/../secret.md",
        "qsearch://notes/%2e%2e/secret.md",
        "notes/owls.md\u{0}",
    ] {
        let read = client.call("get", &json!({ "target": target }));
        assert!(read.is_error() && !read.text().contains("the secret word"), "{target}: {}", read.text());
        let answer = client.request("resources/read", &json!({ "uri": target }));
        assert_eq!(answer["error"]["code"], -32002, "{target}: {answer}");
    }
    // The whole path of a note is one of its names.
    let note = vault.path("notes").canonicalize().unwrap().join("owls.md");
    client.call("get", &json!({ "target": note.to_str().unwrap() })).shows(&["notes/owls.md:1-7"]);
}

#[test]
fn notes_are_resources() {
    let vault = Vault::indexed(&[("owls.md", OWLS), ("my kitchen/bröd.md", BREAD)]);
    let mut client = vault.client();
    let templates = client.result("resources/templates/list", &json!({}));
    assert_eq!(templates["resourceTemplates"][0]["uriTemplate"], "qsearch://{root}/{+path}");
    assert_eq!(client.result("resources/list", &json!({}))["resources"], json!([]));
    let address = "qsearch://notes/my%20kitchen/br%C3%B6d.md";
    let read = client.result("resources/read", &json!({ "uri": address }));
    let contents = &read["contents"][0];
    assert_eq!((&contents["uri"], &contents["mimeType"]), (&address.into(), &"text/markdown".into()));
    let text = contents["text"].as_str().unwrap();
    assert!(text.starts_with("# Bread\n\nFeed the sourdough") && text.ends_with("pot."), "{text}");
    client.call("get", &json!({ "target": address })).shows(&["Feed the sourdough"]);
    // An address is a whole name.
    for other in
        ["qsearch://notes/bröd.md", "qsearch://other/owls.md", "qsearch://notes/owls.md:3", "qsearch://", "x"]
    {
        assert!(client.request("resources/read", &json!({ "uri": other }))["error"].is_object(), "{other}");
    }
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS,
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let answer = vault.silent().request("resources/read", &json!({ "uri": "qsearch://x/y", "_meta": meta }));
    assert_eq!(answer["error"]["code"], -32602);
}
