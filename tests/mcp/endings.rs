//! Ends of all kinds: no process is left, and nothing is answered that nobody waits for.

use std::process::Command;

use serde_json::json;

use crate::client::{Client, Vault, ended};

#[test]
fn stdin_that_closes_ends_it_whenever_that_is() {
    let vault = Vault::usual();
    let mut client = vault.silent();
    client.hang_up();
    assert_eq!(client.end().code(), Some(0));
    assert_eq!((client.rest().len(), client.said()), (0, String::new()));
    let mut client = vault.client();
    client.hang_up();
    assert_eq!(client.end().code(), Some(0));
    // What was asked before is answered.
    let mut client = vault.client();
    let asked: Vec<u64> = (0..5)
        .map(|_| client.begin("tools/call", &json!({ "name": "search", "arguments": { "query": "owls" } })))
        .collect();
    client.hang_up();
    let mut answered: Vec<u64> = asked.iter().map(|_| client.receive()["id"].as_u64().unwrap()).collect();
    answered.sort_unstable();
    assert_eq!(answered, asked);
    assert_eq!(client.end().code(), Some(0));
    // No index, nothing said, nothing wrong.
    let run = Vault::unread(&[]).command().arg("mcp").output().unwrap();
    assert_eq!((run.status.code(), run.stdout.len(), run.stderr.len()), (Some(0), 0, 0));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it() {
    let vault = Vault::usual();
    for signal in ["-TERM", "-INT", "-HUP"] {
        let mut client = vault.client();
        client.call("ask", &json!({ "question": "When do owls hunt?" })).shows(&["owls"]);
        assert!(
            Command::new("kill").args([signal, &client.process().to_string()]).status().unwrap().success()
        );
        client.end();
    }
}

#[cfg(unix)]
#[test]
fn a_client_that_dies_leaves_no_process() {
    let vault = Vault::usual();
    let (from_client, to_server) = std::io::pipe().unwrap();
    let mut server = vault.command().arg("mcp").stdin(from_client).spawn().unwrap();
    // Another process is the client: the only one that could write to the server.
    let mut client = Command::new("sleep").arg("600").stdout(to_server).spawn().unwrap();
    assert!(server.try_wait().unwrap().is_none());
    client.kill().unwrap();
    client.wait().unwrap();
    assert_eq!(ended(&mut server).code(), Some(0));
}

#[test]
fn what_is_cancelled_is_not_answered() {
    let vault = Vault::usual();
    let mut client = vault.client();
    let call = json!({ "name": "ask", "arguments": { "question": "When do owls hunt?" } });
    let asked: Vec<u64> = (0..200).map(|_| client.begin("tools/call", &call)).collect();
    let cancelled: Vec<u64> = asked[50..].to_vec();
    for id in &cancelled {
        let params = json!({ "requestId": id, "reason": "nobody waits" });
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": params }));
    }
    let last = client.begin("tools/call", &call);
    let mut answered = Vec::new();
    while !(asked[..50].iter().all(|id| answered.contains(id)) && answered.contains(&last)) {
        answered.push(client.receive()["id"].as_u64().unwrap());
    }
    client.hang_up();
    assert!(client.end().success());
    // Some were done before they were cancelled; most weren't begun.
    assert!(answered.len() + client.rest().len() < asked.len(), "{}", answered.len());
}

#[test]
fn a_thousand_calls_in_a_row_and_at_once() {
    let vault = Vault::usual();
    let mut client = vault.client();
    let calls = [
        json!({ "name": "ask", "arguments": { "question": "When do owls hunt?" } }),
        json!({ "name": "search", "arguments": { "query": "sourdough" } }),
        json!({ "name": "get", "arguments": { "target": "notes/owls.md" } }),
        json!({ "name": "get", "arguments": { "target": "notes/gone.md" } }),
        json!({ "name": "status", "arguments": {} }),
    ];
    let first: Vec<_> = calls.iter().map(|call| client.result("tools/call", call)).collect();
    for number in 0..500 {
        let at = number % calls.len();
        assert_eq!(client.result("tools/call", &calls[at]), first[at]);
    }
    let asked: Vec<u64> =
        (0..500).map(|number| client.begin("tools/call", &calls[number % calls.len()])).collect();
    for _ in &asked {
        let answer = client.receive();
        let number = asked.iter().position(|id| answer["id"] == *id).unwrap();
        assert_eq!(answer["result"], first[number % calls.len()]);
    }
    client.hang_up();
    assert!(client.end().success());
    assert_eq!((client.rest().len(), client.said()), (0, String::new()));
}

#[test]
fn an_index_that_is_written_meanwhile_disturbs_nobody() {
    let vault = Vault::usual();
    let mut client = vault.client();
    for number in 0..8 {
        vault.write("changing.md", format!("# Changing\n\nThe zebra has the number {number}.\n"));
        let mut writer = vault.command().args(["index"]).spawn().unwrap();
        while writer.try_wait().unwrap().is_none() {
            client
                .call("ask", &json!({ "question": "When do owls hunt?" }))
                .shows(&["Most owls hunt at night."]);
        }
        let found = client.call("search", &json!({ "query": "the number of the zebra", "limit": 1 }));
        found.shows(&[&format!("The zebra has the number {number}.")]);
    }
}

#[test]
fn a_client_that_begins_in_another_way_is_told_so() {
    let vault = Vault::usual();
    let mut client = Client::start(vault.command().arg("mcp"));
    client.send(&json!({ "jsonrpc": "2.0", "id": 1, "result": {} }));
    assert_eq!(client.end().code(), Some(2));
    assert_eq!(client.rest().len(), 0);
}
