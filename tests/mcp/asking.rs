//! `search`, `ask` and `status`: what they say, twice, and that it is always fresh.

use serde_json::{Value, json};

use crate::client::{BREAD, OWLS, Vault};

#[test]
fn search_says_the_same_twice() {
    let vault = Vault::usual();
    let found = vault.client().call("search", &json!({ "query": "where do barn owls nest" }));
    let document = found.document();
    assert_eq!(document["query"], "where do barn owls nest");
    let first = &document["results"][0];
    assert_eq!((&first["rank"], &first["path"]), (&1.into(), &"notes/owls.md".into()));
    assert_eq!((&first["first_line"], &first["last_line"]), (&5.into(), &7.into()));
    assert_eq!((&first["stale"], &first["truncated"]), (&false.into(), &false.into()));
    assert_eq!(first["heading"].as_array().unwrap().last().unwrap(), "Nests");
    assert!(first["text"].as_str().unwrap().contains("Barn owls nest in barns and church towers."));
    // What isn't known is left out, for no schema allows `null`.
    assert!(!document.to_string().contains("null"), "{document}");
    let (id, score) = (first["id"].as_str().unwrap(), first["score"].as_f64().unwrap());
    assert!(
        found.text().starts_with(&format!("[1] notes/owls.md:5-7 ({score:.2}) {id}\n")),
        "{}",
        found.text()
    );
    found.shows(&["Owls › Nests\n", "Barn owls nest in barns and church towers.", "[2] notes/"]);
}

#[test]
fn ask_answers_perhaps_or_not_at_all() {
    let vault = Vault::usual();
    let mut client = vault.client();
    let answer = client.call("ask", &json!({ "question": "When do owls hunt?", "sources": 1 }));
    assert!(answer.text().starts_with("Most owls hunt at night."), "{}", answer.text());
    answer.shows(&["\n[1] notes/owls.md:3", "Sources:\n\n[1] notes/owls.md:"]);
    let document = answer.document();
    assert_eq!((&document["confidence"], &document["answer"]["partial"]), (&"high".into(), &false.into()));
    let part = &document["answer"]["parts"][0];
    assert_eq!(
        (&part["citation"], &part["path"], &part["first_line"]),
        (&1.into(), &"notes/owls.md".into(), &3.into())
    );
    assert_eq!(document["results"].as_array().unwrap().len(), 1);
    let none = client.call("ask", &json!({ "question": "Which COBOL compiler does the bank use?" }));
    none.shows(&["The notes don't seem to answer this."]);
    assert_eq!((&none.document()["confidence"], &none.document()["answer"]), (&"none".into(), &Value::Null));
}

#[test]
fn status_counts_notes_roots_kinds_and_changes() {
    let vault =
        Vault::indexed(&[("owls.md", OWLS), ("kitchen/bread.md", BREAD), ("plain.TXT", "Some words.\n")]);
    vault.write("new.md", "Something new.\n");
    let status = vault.client().call("status", &json!({}));
    let document = status.document();
    assert_eq!((&document["notes"], &document["changed"]), (&3.into(), &1.into()));
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["kinds"], json!([{ "kind": "md", "notes": 2 }, { "kind": "txt", "notes": 1 }]));
    let root = &document["roots"][0];
    assert_eq!((&root["name"], &root["notes"]), (&"notes".into(), &3.into()));
    assert!(root["folder"].as_str().unwrap().ends_with("/notes"));
    status.shows(&[
        "3 notes (2 md, 1 txt)",
        "1 note added, changed or removed since",
        "root notes: 3 notes, in /",
    ]);
}

#[test]
fn each_call_sees_the_index_as_it_is() {
    let vault = Vault::unread(&[("owls.md", OWLS)]);
    let mut client = vault.client();
    // There is no index yet, and that is said to whom asks.
    for (tool, arguments) in [
        ("search", json!({ "query": "owls" })),
        ("ask", json!({ "question": "When do owls hunt?" })),
        ("get", json!({ "target": "notes/owls.md" })),
        ("status", json!({})),
    ] {
        client.call(tool, &arguments).refused(&["no index", "qsearch index FOLDER"]);
    }
    vault.index();
    client.call("ask", &json!({ "question": "When do owls hunt?" })).shows(&["Most owls hunt at night."]);
    vault.write("owls.md", OWLS.replace("at night", "at noon"));
    let stale = client.call("search", &json!({ "query": "owls hunt" }));
    assert_eq!(stale.document()["results"][0]["stale"], true);
    stale.shows(&["(the file has changed since it was indexed)"]);
    vault.index();
    client.call("ask", &json!({ "question": "When do owls hunt?" })).shows(&["Most owls hunt at noon."]);
    // Made anew from the beginning, it counts its commits anew as well.
    std::fs::remove_dir_all(vault.path("index")).unwrap();
    client.call("search", &json!({ "query": "owls" })).refused(&["no index"]);
    vault.write("owls.md", OWLS);
    vault.index();
    client.call("ask", &json!({ "question": "When do owls hunt?" })).shows(&["Most owls hunt at night."]);
}

#[test]
fn the_index_that_is_named_is_the_one_that_is_asked() {
    let vault = Vault::usual();
    vault.run(&["--index", "other", "index", "notes/kitchen"]);
    let mut client = crate::client::Client::start(vault.command().args(["--index", "other", "mcp"]));
    assert!(client.shake_hands("2025-06-18")["instructions"].as_str().unwrap().contains("1 note,"));
    client.call("status", &json!({})).shows(&["1 note (1 md)", "root kitchen"]);
    let mut client =
        crate::client::Client::start(vault.command().env("QSEARCH_INDEX", vault.path("other")).arg("mcp"));
    client.shake_hands("2025-06-18");
    client.call("status", &json!({})).shows(&["root kitchen"]);
}

#[test]
fn nothing_invisible_reaches_a_model() {
    let hidden = "# Tags\u{e0041}\n\nThe zebra\u{202e} ate \u{1b}[2J the \u{e0049}\u{e0067}lawn.\n";
    let vault = Vault::indexed(&[("tags.md", hidden)]);
    let mut client = vault.client();
    for call in [
        client.call("search", &json!({ "query": "zebra lawn" })),
        client.call("ask", &json!({ "question": "What did the zebra eat?" })),
        client.call("get", &json!({ "target": "notes/tags.md" })),
    ] {
        let all = call.0.to_string();
        assert!(all.contains("zebra"), "{all}");
        for active in ['\u{202e}', '\u{e0041}', '\u{e0049}'] {
            assert!(!all.contains(active), "{all}");
        }
        assert!(!all.contains("\\u001b"), "{all}");
    }
}

#[test]
fn no_result_is_too_large_for_a_client() {
    let vault = Vault::unread(&[]);
    let name = "Ein Fall für 漢字 ".repeat(40);
    for number in 0..60 {
        let text = format!("# {name} {number}\n\n{}\n", format!("漢字 und Eule {number} \"'\\ ").repeat(60));
        vault.write(format!("{number}.md"), text);
    }
    vault.index();
    let mut client = vault.client();
    for (tool, arguments) in [
        ("search", json!({ "query": "Eule", "limit": 50 })),
        ("search", json!({ "query": "x".repeat(9000) + " Eule", "limit": 50 })),
        ("ask", json!({ "question": "Was ist eine Eule?", "sources": 10 })),
        ("status", json!({})),
    ] {
        let call = client.call(tool, &arguments);
        assert!(!call.is_error());
        assert!(call.0.to_string().len() < 100_000, "{tool}: {}", call.0.to_string().len());
    }
}
