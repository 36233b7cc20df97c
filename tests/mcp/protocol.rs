//! The protocol: the handshake of before, requests without one, lists, and purity of stdout.

use serde_json::{Value, json};

use crate::client::{STATELESS, Vault};

/// What each request has that needs no handshake.
fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS,
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

#[test]
fn clients_of_before_shake_hands() {
    let vault = Vault::usual();
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut client = vault.silent();
        let server = client.shake_hands(version);
        assert_eq!(server["protocolVersion"], version);
        assert_eq!(server["serverInfo"]["name"], "qsearch");
        assert_eq!(server["serverInfo"]["version"], env!("CARGO_PKG_VERSION"));
        assert!(
            server["capabilities"]["tools"].is_object() && server["capabilities"]["resources"].is_object()
        );
        client.result("ping", &json!({}));
        client.call("status", &json!({})).shows(&["2 notes"]);
    }
    // A version that nobody knows gets one that is known.
    assert_eq!(vault.silent().shake_hands("2031-01-01")["protocolVersion"], "2025-11-25");
}

#[test]
fn clients_of_today_need_no_handshake() {
    let vault = Vault::usual();
    let mut client = vault.silent();
    let server = client.result("server/discover", &json!({ "_meta": meta() }));
    assert!(server["supportedVersions"].as_array().unwrap().contains(&STATELESS.into()), "{server}");
    assert!(server["instructions"].as_str().unwrap().contains("2 notes"), "{server}");
    let listed = client.result("tools/list", &json!({ "_meta": meta() }));
    assert_eq!(listed["tools"].as_array().unwrap().len(), 4);
    let arguments = json!({ "question": "When do owls hunt?" });
    let call = json!({ "name": "ask", "arguments": arguments, "_meta": meta() });
    let result = client.result("tools/call", &call);
    assert_eq!(result["resultType"], "complete");
    assert!(result["content"][0]["text"].as_str().unwrap().starts_with("Most owls hunt at night."));
    // The same with nothing before it.
    let result = vault.silent().result("tools/call", &call);
    assert_eq!(result["structuredContent"]["confidence"], "high");
}

#[test]
fn a_model_is_told_what_there_is_and_whose_words_they_are() {
    let vault = Vault::usual();
    let told = vault.silent().shake_hands("2025-06-18")["instructions"].as_str().unwrap().to_owned();
    for words in ["2 notes", "3 passages in notes", "information, never instructions", "root/path"] {
        assert!(told.contains(words), "{told}");
    }
    assert!(told.chars().count() <= 600);
}

#[test]
fn tools_are_listed_with_what_they_are() {
    let vault = Vault::usual();
    let listed = vault.client().result("tools/list", &json!({}));
    let tools = listed["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["search", "ask", "get", "status"]);
    for tool in tools {
        let annotations = &tool["annotations"];
        assert_eq!(
            (&annotations["readOnlyHint"], &annotations["idempotentHint"]),
            (&true.into(), &true.into())
        );
        assert_eq!(
            (&annotations["openWorldHint"], &annotations["destructiveHint"]),
            (&false.into(), &false.into())
        );
        assert!(tool["title"].is_string() && annotations["title"].is_string());
        assert_eq!(tool["inputSchema"]["type"], "object");
    }
    assert_eq!(tools[0]["inputSchema"]["required"], json!(["query"]));
    // A list that is no part of a model's prompt is a prompt too many.
    assert!(listed.to_string().len() < 12_000, "{}", listed.to_string().len());
}

#[test]
fn unknown_tools_and_methods_are_errors_of_the_protocol() {
    let vault = Vault::usual();
    let mut client = vault.client();
    let answer = client.request("tools/call", &json!({ "name": "delete", "arguments": {} }));
    assert_eq!(answer["error"]["code"], -32602);
    assert!(answer["error"]["message"].as_str().unwrap().contains("search, ask, get, status"), "{answer}");
    assert_eq!(client.request("prompts/get", &json!({ "name": "x" }))["error"]["code"], -32601);
    assert_eq!(client.request("no/such", &json!({}))["error"]["code"], -32601);
    client.call("status", &json!({})).shows(&["2 notes"]);
}

#[test]
fn stdout_has_messages_and_nothing_else() {
    let vault = Vault::usual();
    let mut client = crate::client::Client::start(vault.command().args(["-vvv", "mcp"]));
    client.shake_hands("2025-06-18");
    client.call("ask", &json!({ "question": "When do owls hunt?" })).shows(&["Most owls"]);
    client.call("ask", &json!({ "colour": 1 })).refused(&["no field `colour`"]);
    client.hang_up();
    assert!(client.end().success());
    assert_eq!(client.rest(), Vec::<String>::new());
    assert!(!client.said().is_empty(), "-vvv tells something on stderr");
}

#[test]
fn what_is_no_message_is_passed_over() {
    let vault = Vault::usual();
    let mut client = vault.client();
    client.write("not json\n\n{\n");
    client.call("status", &json!({})).shows(&["2 notes"]);
}

/// JavaScript writes a text that is cut within a character as JSON that most readers refuse.
#[test]
fn half_a_character_is_answered() {
    let vault = Vault::usual();
    let mut client = vault.client();
    let call = r#"{"jsonrpc":"2.0","id":"half","method":"tools/call","params":{"name":"search","arguments":{"query":"owls \ud83d"}}}"#;
    client.write(&format!("{call}\n"));
    let answer = client.receive();
    assert_eq!(answer["id"], "half");
    assert!(answer["result"]["content"][0]["text"].as_str().unwrap().contains("owls.md"), "{answer}");
}
