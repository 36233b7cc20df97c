//! `qsearch mcp --print-config`.

use serde_json::Value;

use crate::client::{Client, Vault};

#[test]
fn what_is_printed_starts_the_server_with_its_index() {
    let vault = Vault::usual();
    let (out, err) = vault.run(&["mcp", "--print-config", "cursor"]);
    assert!(err.contains("~/.cursor/mcp.json"), "{err}");
    let server = serde_json::from_str::<Value>(&out).unwrap()["mcpServers"]["qsearch"].clone();
    let program = server["command"].as_str().unwrap();
    assert!(std::path::Path::new(program).is_absolute());
    let index = vault.path("index").canonicalize().unwrap();
    let args: Vec<&str> =
        server["args"].as_array().unwrap().iter().map(|arg| arg.as_str().unwrap()).collect();
    assert_eq!(args, ["--index", index.to_str().unwrap(), "mcp"]);
    // Wherever it is started.
    let mut command = std::process::Command::new(program);
    command.args(args).current_dir("/").env_clear().stdout(std::process::Stdio::piped());
    let mut client = Client::start(command.stderr(std::process::Stdio::piped()));
    client.shake_hands("2025-06-18");
    client.call("ask", &serde_json::json!({ "question": "When do owls hunt?" })).shows(&["Most owls"]);
}

#[test]
fn every_program_has_a_form() {
    let vault = Vault::usual();
    for program in
        ["claude", "claude-desktop", "codex", "cursor", "gemini", "opencode", "vscode", "windsurf", "zed"]
    {
        let (out, err) = vault.run(&["--index", "index", "--trust", "mcp", "--print-config", program]);
        assert!(
            out.contains("qsearch") && out.contains("--index") && out.contains("--trust"),
            "{program}: {out}"
        );
        assert!(!err.is_empty());
    }
    let (out, err) = Vault::unread(&[]).run(&["mcp", "--print-config", "zed"]);
    assert!(!out.contains("--index") && err.contains("no index here yet"), "{out}{err}");
}
