//! Agents at `/mcp`, with the handshake of before and without one.

use serde_json::{Value, json};

use crate::client::{QUESTION, Response, Served, Vault};

/// Sends a message as agents do.
fn send(served: &Served, path: &str, message: &Value, more: &[(&str, &str)]) -> Response {
    let usual = [("content-type", "application/json"), ("accept", "application/json, text/event-stream")];
    served.send("POST", path, &[&usual, more].concat(), &message.to_string())
}

fn call(tool: &str, arguments: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": { "name": tool, "arguments": arguments } })
}

#[test]
fn agents_shake_hands_and_ask() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } } });
    let welcome = send(&served, "/mcp", &hello, &[]).expect(200).json();
    assert_eq!(welcome["result"]["protocolVersion"], "2025-06-18");
    assert!(welcome["result"]["instructions"].as_str().unwrap().contains("2 notes"));
    let version = [("mcp-protocol-version", "2025-06-18")];
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(send(&served, "/mcp", &ready, &version).status, 202);
    let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
    let tools = send(&served, "/mcp", &list, &version).expect(200).json();
    assert_eq!(tools["result"]["tools"].as_array().unwrap().len(), 4);
    let answer =
        send(&served, "/mcp", &call("ask", &json!({ "question": QUESTION })), &version).expect(200).json();
    assert!(
        answer["result"]["structuredContent"]["answer"]["text"].as_str().unwrap().contains("at night"),
        "{answer}"
    );
}

#[test]
fn agents_need_no_handshake() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let meta = json!({ "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" }, "io.modelcontextprotocol/clientCapabilities": {} });
    let mut message = call("status", &json!({}));
    message["params"]["_meta"] = meta.clone();
    let headers =
        [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call"), ("mcp-name", "status")];
    let answer = send(&served, "/mcp", &message, &headers).expect(200).json();
    assert_eq!(answer["result"]["structuredContent"]["notes"], 2, "{answer}");
    let discover =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": { "_meta": meta } });
    let answer = send(
        &served,
        "/mcp",
        &discover,
        &[("mcp-protocol-version", "2026-07-28"), ("mcp-method", "server/discover")],
    )
    .expect(200)
    .json();
    assert!(answer["result"]["instructions"].as_str().unwrap().contains("2 notes"), "{answer}");
}

#[test]
fn agents_come_through_the_same_door() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
    send(&served, "/mcp", &list, &[("host", "evil.example")]).refused(403, "forbidden");
    send(&served, "/mcp", &list, &[("origin", "http://evil.example")]).refused(403, "forbidden");
    served.send("DELETE", "/mcp", &[], "").refused(405, "usage");
    served.get("/mcp").refused(405, "usage");
    served
        .send("POST", "/mcp", &[("content-type", "application/json"), ("accept", "*/*")], "{")
        .status
        .checked_sub(400)
        .unwrap();
}
