//! What programs want to be told about this server, to be pasted into their settings.

use std::path::Path;

use qsearch::error::Error;
use qsearch::sys;
use serde_json::{Value, json};

use super::super::args::Client;
use super::super::{Context, Failure, Outcome, hint, printer, sanitize};

/// What the server is called in settings.
const NAME: &str = "qsearch";

/// Prints it for one program, and says where it belongs.
pub(super) fn print(context: &Context, client: Client) -> Result<Outcome, Failure> {
    let program = std::env::current_exe().map_err(Error::io("find", "this program"))?;
    let arguments = arguments(context)?;
    let program = program.to_string_lossy().into_owned();
    context.printer.message(&format!("{}:", place(client)));
    printer::data(&harmless(&config(client, &program, &arguments)))?;
    Ok(Outcome::Done)
}

/// What the program is called with: the index that is meant here, by its whole path, and what else was said of it.
fn arguments(context: &Context) -> Result<Vec<String>, Failure> {
    let mut arguments = Vec::new();
    let index = match context.asked_index()? {
        Some(asked) => Some(asked),
        None => match context.index_to_read() {
            Ok(index) => Some(index),
            Err(Failure::Library(Error::NotFound(_))) => None,
            Err(failure) => return Err(failure),
        },
    };
    match index {
        Some(index) => {
            let index = index.folder().map_or_else(|| index.shown().to_string_lossy().into_owned(), whole);
            arguments.extend(["--index".to_owned(), index]);
        }
        None => context.printer.warn(hint::mcp::CONFIG_WITHOUT_INDEX),
    }
    if context.global.trust {
        arguments.push("--trust".to_owned());
    }
    if let Some(threads) = context.global.threads {
        arguments.extend(["--threads".to_owned(), threads.to_string()]);
    }
    arguments.push("mcp".to_owned());
    Ok(arguments)
}

/// A path without detours, as text.
fn whole(path: &Path) -> String {
    sys::resolved(path).unwrap_or_else(|_| path.to_path_buf()).to_string_lossy().into_owned()
}

/// Where a program has its settings.
fn place(client: Client) -> &'static str {
    match client {
        Client::Claude => "type this for Claude Code",
        Client::ClaudeDesktop => "in claude_desktop_config.json (Settings, Developer, Edit Config)",
        Client::Codex => "in ~/.codex/config.toml",
        Client::Cursor => "in ~/.cursor/mcp.json, or .cursor/mcp.json of a project",
        Client::Gemini => "in ~/.gemini/settings.json",
        Client::Opencode => "in ~/.config/opencode/opencode.json, or opencode.json of a project",
        Client::Vscode => "in .vscode/mcp.json, or what `MCP: Open User Configuration` opens",
        Client::Windsurf => "in ~/.codeium/windsurf/mcp_config.json",
        Client::Zed => "in the settings of Zed",
    }
}

/// What a program wants to be told.
fn config(client: Client, program: &str, arguments: &[String]) -> String {
    let server = json!({ "command": program, "args": arguments });
    let under = |key: &str, server: Value| pretty(&json!({ key: { NAME: server } }));
    match client {
        Client::Claude => {
            let words = std::iter::once(program).chain(arguments.iter().map(String::as_str));
            let command: Vec<String> = words.map(quoted).collect();
            format!("claude mcp add --scope user {NAME} -- {}\n", command.join(" "))
        }
        Client::Codex => {
            // Strings of JSON are strings of TOML.
            let [command, args] = [json!(program), json!(arguments)];
            format!("[mcp_servers.{NAME}]\ncommand = {command}\nargs = {args}\n")
        }
        Client::ClaudeDesktop | Client::Cursor | Client::Gemini | Client::Windsurf => {
            under("mcpServers", server)
        }
        Client::Opencode => {
            let command: Vec<&str> =
                std::iter::once(program).chain(arguments.iter().map(String::as_str)).collect();
            under("mcp", json!({ "type": "local", "command": command, "enabled": true }))
        }
        Client::Vscode => under("servers", json!({ "type": "stdio", "command": program, "args": arguments })),
        Client::Zed => under("context_servers", json!({ "command": program, "args": arguments, "env": {} })),
    }
}

/// JSON as people read it.
fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A text in which no character of a path acts on a terminal: what would is written as JSON and TOML write it.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || !sanitize::is_active(c) {
            out.push(c);
        } else {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    const ARGUMENTS: [&str; 3] = ["--index", "/home/ada/my notes/index", "mcp"];

    fn of(client: Client) -> String {
        config(client, "/usr/bin/qsearch", &ARGUMENTS.map(str::to_owned))
    }

    #[test]
    fn each_program_gets_its_own_form() {
        assert_eq!(
            of(Client::Claude),
            "claude mcp add --scope user qsearch -- /usr/bin/qsearch --index '/home/ada/my notes/index' mcp\n"
        );
        assert_eq!(
            of(Client::Codex),
            "[mcp_servers.qsearch]\ncommand = \"/usr/bin/qsearch\"\nargs = [\"--index\",\"/home/ada/my notes/index\",\"mcp\"]\n"
        );
        for client in Client::value_variants() {
            if matches!(client, Client::Claude | Client::Codex) {
                continue;
            }
            let config: Value = serde_json::from_str(&of(*client)).unwrap();
            let servers = config.as_object().unwrap().values().next().unwrap();
            let server = &servers[NAME];
            let command =
                if server["command"].is_array() { &server["command"][0] } else { &server["command"] };
            assert_eq!(command, "/usr/bin/qsearch", "{client:?}");
        }
        let vscode: Value = serde_json::from_str(&of(Client::Vscode)).unwrap();
        assert_eq!(vscode["servers"]["qsearch"]["args"], json!(ARGUMENTS));
    }

    #[test]
    fn nothing_acts_on_a_shell_or_a_terminal() {
        assert_eq!(quoted("it's;$(x)"), r"'it'\''s;$(x)'");
        assert_eq!(quoted(""), "''");
        let text = harmless(&pretty(&json!({ "a": "x\u{202e}y\u{e0001}" })));
        assert!(!text.trim_end().chars().any(|c| c != '\n' && sanitize::is_active(c)));
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["a"], "x\u{202e}y\u{e0001}");
    }
}
