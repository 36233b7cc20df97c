//! What models type.

use serde_json::json;

use crate::client::Vault;

#[test]
fn other_names_and_other_forms_are_understood() {
    let vault = Vault::usual();
    let mut client = vault.client();
    let plain = client.call("search", &json!({ "query": "owls", "limit": 1, "paths": ["*.md"] }));
    assert_eq!(plain.document()["results"].as_array().unwrap().len(), 1);
    for typed in [
        json!({ "q": "owls", "n": "1", "path": "*.md" }),
        json!({ "q": "owls", "top_k": 1.0, "path": "[\"*.md\"]" }),
        json!({ "query": "owls", "limit": 1, "paths": ["*.md"], "tags": null, "since": null }),
    ] {
        assert_eq!(client.call("search", &typed).0, plain.0, "{typed}");
    }
    let ask = client.call("ask", &json!({ "q": "When do owls hunt?", "n": "2" }));
    assert_eq!(ask.document()["results"].as_array().unwrap().len(), 2);
    client.call("get", &json!({ "path": "notes/owls.md", "line_numbers": "false" })).shows(&["# Owls"]);
    client.call("status", &json!(null)).shows(&["2 notes"]);
}

#[test]
fn filters_are_those_of_the_program() {
    let vault = Vault::usual();
    let mut client = vault.client();
    let mut paths = |arguments: serde_json::Value| -> Vec<String> {
        let found = client.call("search", &arguments);
        let results = found.document()["results"].as_array().unwrap().clone();
        let mut paths: Vec<String> =
            results.iter().map(|result| result["path"].as_str().unwrap().to_owned()).collect();
        paths.dedup();
        paths
    };
    for filter in [
        json!({ "query": "what is there", "tags": ["kitchen"] }),
        json!({ "query": "what is there", "tag": "#kitchen" }),
        json!({ "query": "what is there", "paths": ["kitchen/**"] }),
        json!({ "query": "what is there", "paths": ["notes/kitchen"] }),
        json!({ "query": "what is there", "since": "2024-05", "before": "2024-06-01" }),
        json!({ "query": "what is there tag:kitchen" }),
        json!({ "query": "", "tags": ["kitchen"] }),
    ] {
        assert_eq!(paths(filter.clone()), ["notes/kitchen/bread.md"], "{filter}");
    }
    let nothing = client.call("search", &json!({ "query": "owls", "since": "2025" }));
    nothing.shows(&["Nothing was found with these filters."]);
    assert_eq!(nothing.document()["results"], json!([]));
}

#[test]
fn what_cannot_be_meant_is_refused_in_words_that_help() {
    let vault = Vault::usual();
    let mut client = vault.client();
    for (tool, typed, words) in [
        (
            "search",
            json!({ "query": "x", "colour": "red" }),
            ["no field `colour`", "`query`, `limit`, `paths`, `tags`, `since` and `before`"],
        ),
        ("search", json!({}), ["`query` is missing", "takes"]),
        ("search", json!({ "query": "  " }), ["`query` is empty", "say what to look for"]),
        ("search", json!({ "query": "x", "limit": 0 }), ["`limit` is 0", "from 1 to 50"]),
        ("search", json!({ "query": "x", "since": "breakfast" }), ["`since` is `breakfast`", "2024-06-30"]),
        ("search", json!({ "query": "x", "paths": ["["] }), ["glob", "**"]),
        ("search", json!({ "query": "x".repeat(100_000) }), ["100000 characters", "10000"]),
        ("ask", json!({ "question": "tag:kitchen" }), ["what for", "search lists"]),
        ("ask", json!({ "question": "x", "sources": 11 }), ["`sources` is 11", "from 1 to 10"]),
        ("get", json!({ "target": "" }), ["`target` is empty", "root/path"]),
        ("get", json!({ "target": "notes/gone.md" }), ["notes/gone.md", "status"]),
        ("get", json!({ "target": "#zzzz" }), ["zzzz", "ids"]),
        ("status", json!({ "verbose": true }), ["no field `verbose`", "takes nothing"]),
    ] {
        client.call(tool, &typed).refused(&words);
    }
}
