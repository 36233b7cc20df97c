//! A folder of notes with an index, and a client that speaks the protocol's messages as they are.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub(crate) use crate::vault::Vault;

/// How long anything may take on the busiest machine.
const PATIENCE: Duration = Duration::from_mins(2);
/// The revision of the protocol that knows no handshake.
pub(crate) const STATELESS: &str = "2026-07-28";

/// A note on one topic.
pub(crate) const OWLS: &str = "# Owls\n\nMost owls hunt at night. They hear a mouse under the snow.\n\n## Nests\n\nBarn owls nest in barns and church towers.\n";
/// Another one.
pub(crate) const BREAD: &str = "---\ntags: [kitchen]\ndate: 2024-05-01\n---\n# Bread\n\nFeed the sourdough starter twice a day, and bake the loaf in a hot iron pot.\n";

impl Vault {
    /// Owls and bread.
    pub(crate) fn usual() -> Self {
        Self::indexed(&[("owls.md", OWLS), ("kitchen/bread.md", BREAD)])
    }

    /// Runs another command to its end, which must succeed, and gives what it printed.
    pub(crate) fn run(&self, args: &[&str]) -> (String, String) {
        let output = self.output(args);
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(output.status.success(), "{args:?}: {out}{err}");
        (out, err)
    }

    /// A client that has said nothing yet.
    pub(crate) fn silent(&self) -> Client {
        Client::start(self.command().arg("mcp"))
    }

    /// A client that has shaken hands as clients did before 2026.
    pub(crate) fn client(&self) -> Client {
        let mut client = self.silent();
        client.shake_hands("2025-06-18");
        client
    }
}

/// A client at the other end of the program's pipes.
pub(crate) struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    complaints: Receiver<String>,
    asked: u64,
}

impl Client {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let lines = read(child.stdout.take().unwrap());
        let complaints = read(child.stderr.take().unwrap());
        Self { stdin: child.stdin.take(), child, lines, complaints, asked: 0 }
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, message: &Value) {
        self.write(&format!("{message}\n"));
    }

    /// Writes to the program's stdin as it is.
    pub(crate) fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    /// The next message. Whatever comes on stdout must be one.
    pub(crate) fn receive(&mut self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no answer: {}", self.said()));
        let message: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        message
    }

    /// Sends a request without waiting, and gives its number.
    pub(crate) fn begin(&mut self, method: &str, params: &Value) -> u64 {
        self.asked += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params }));
        self.asked
    }

    /// Sends a request and gives the message that answers it.
    pub(crate) fn request(&mut self, method: &str, params: &Value) -> Value {
        let id = self.begin(method, params);
        let answer = self.receive();
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// Sends a request that succeeds, and gives its result.
    pub(crate) fn result(&mut self, method: &str, params: &Value) -> Value {
        let answer = self.request(method, params);
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].clone()
    }

    /// Shakes hands, and gives what the server said of itself.
    pub(crate) fn shake_hands(&mut self, version: &str) -> Value {
        let about = json!({ "name": "test", "version": "1" });
        let params = json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": about });
        let result = self.result("initialize", &params);
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        result
    }

    /// Calls a tool.
    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> Call {
        Call(self.result("tools/call", &json!({ "name": tool, "arguments": arguments })))
    }

    /// Closes the program's stdin.
    pub(crate) fn hang_up(&mut self) {
        self.stdin.take();
    }

    /// The number of its process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the program to end.
    pub(crate) fn end(&mut self) -> ExitStatus {
        ended(&mut self.child)
    }

    /// What comes on stdout until it is closed.
    pub(crate) fn rest(&self) -> Vec<String> {
        self.lines.iter().collect()
    }

    /// What the program has written to stderr so far.
    pub(crate) fn said(&self) -> String {
        self.complaints.try_iter().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Waits for a program to end.
pub(crate) fn ended(child: &mut Child) -> ExitStatus {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(began.elapsed() < PATIENCE, "it doesn't end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Reads lines on a thread of its own.
fn read(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (give, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines() {
            if give.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    lines
}

/// What a call gave back.
#[derive(Debug)]
pub(crate) struct Call(pub(crate) Value);

impl Call {
    /// Its text.
    pub(crate) fn text(&self) -> &str {
        let content = self.0["content"].as_array().unwrap();
        assert!(content.len() == 1 && content[0]["type"] == "text", "{}", self.0);
        content[0]["text"].as_str().unwrap()
    }

    /// Its document.
    pub(crate) fn document(&self) -> &Value {
        assert!(!self.is_error(), "{}", self.text());
        &self.0["structuredContent"]
    }

    pub(crate) fn is_error(&self) -> bool {
        self.0["isError"] == true
    }

    /// Checks that it was refused with these words, one of them advice.
    #[track_caller]
    pub(crate) fn refused(&self, words: &[&str]) {
        assert!(self.is_error(), "{}", self.0);
        let text = self.text();
        assert!(text.starts_with("error: ") && text.contains("\nhint: "), "{text}");
        assert!(words.iter().all(|word| text.contains(word)), "{words:?}: {text}");
    }

    /// Checks that its text has these.
    #[track_caller]
    pub(crate) fn shows(&self, words: &[&str]) {
        assert!(!self.is_error(), "{}", self.text());
        for word in words {
            assert!(self.text().contains(word), "not shown: {word}\n{}", self.text());
        }
    }
}
