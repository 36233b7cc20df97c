//! A folder of notes with an index, the program that serves it, and a client that sends what a test has it send.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub(crate) use crate::vault::Vault;

/// How long anything may take on the busiest machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// A note on one topic.
pub(crate) const OWLS: &str = "# Owls\n\n## Hunting\n\nMost owls hunt at night. A barn owl hears a mouse under 30 cm of \
                               snow.\n\n## Nests\n\nBarn owls nest in barns and church towers.\n";
/// Another one.
pub(crate) const BREAD: &str = "---\ntags: [kitchen]\ndate: 2024-05-01\n---\n# Bread\n\nFeed the sourdough starter twice a \
                                day, and bake the loaf in a hot iron pot.\n";
/// What the first note answers.
pub(crate) const QUESTION: &str = "when do most owls hunt";

impl Vault {
    /// Owls and bread.
    pub(crate) fn usual() -> Self {
        Self::indexed(&[("owls.md", OWLS), ("kitchen/bread.md", BREAD)])
    }

    /// Runs another command to its end, and gives what it printed and its status.
    pub(crate) fn run(&self, args: &[&str]) -> (String, String, Option<i32>) {
        let output = self.output(args);
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (out, err, output.status.code())
    }

    /// The program as it serves this.
    pub(crate) fn serve(&self, args: &[&str]) -> Served {
        Served::start(self.command().args(["serve", "--port", "0"]).args(args))
    }
}

/// The program while it serves.
pub(crate) struct Served {
    child: Child,
    /// What it says where it serves.
    pub(crate) url: String,
    /// Where that is.
    pub(crate) at: String,
    complaints: Mutex<Receiver<String>>,
}

impl Served {
    /// Starts it, and waits until it serves.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = read(child.stdout.take().unwrap());
        let complaints = read(child.stderr.take().unwrap());
        let Ok(first) = lines.recv_timeout(PATIENCE) else {
            let said: Vec<String> = complaints.iter().collect();
            panic!("it doesn't serve: {said:?}");
        };
        let url = first.rsplit(' ').next().unwrap().trim().to_owned();
        assert!(first.starts_with("qsearch serves "), "{first}");
        let at = url.split_once("://").unwrap().1.trim_end_matches('/').to_owned();
        let at = at.replace("localhost", "127.0.0.1");
        Self { child, url, at, complaints: Mutex::new(complaints) }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A connection.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.at).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends these bytes and reads what comes until the connection is closed.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Response {
        let mut stream = self.connect();
        // The other end may have heard enough before all is said.
        drop(stream.write_all(bytes));
        let mut all = Vec::new();
        drop(stream.read_to_end(&mut all));
        Response::parse(&all)
    }

    /// Sends a request with these headers, besides what every request needs.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        let mut request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        let length = body.len().to_string();
        let host = headers.iter().all(|(name, _)| *name != "host").then_some(("host", self.at.as_str()));
        let length = (method == "POST").then_some(("content-length", length.as_str()));
        for (name, value) in host.iter().chain(headers).chain(&length) {
            for part in [name, ": ", value, "\r\n"] {
                request.push_str(part);
            }
        }
        self.raw(format!("{request}\r\n{body}").as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.send("GET", path, &[], "")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Response {
        self.send("POST", path, &[("content-type", "application/json")], &body.to_string())
    }

    /// The events of an answer, as they come.
    pub(crate) fn events(&self, body: &Value) -> Events {
        let mut stream = self.connect();
        let body = body.to_string();
        let request = format!(
            "POST /api/ask HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.at,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        Events::read(stream)
    }

    /// Asks it to end, by a signal.
    pub(crate) fn terminate(&self) {
        let status = Command::new("kill").arg(self.pid().to_string()).status().unwrap();
        assert!(status.success());
    }

    /// Waits for its end, which must come within this time.
    pub(crate) fn wait(&mut self, patience: Duration) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < patience, "it goes on");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it has said on stderr so far; waits for something if nothing is there.
    pub(crate) fn said(&self) -> String {
        let complaints = self.complaints.lock().unwrap();
        let first = complaints.recv_timeout(PATIENCE).unwrap_or_default();
        std::iter::once(first).chain(complaints.try_iter()).collect::<Vec<_>>().join("\n")
    }

    /// How many bytes of memory it has.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The lines of a pipe, as they come.
fn read(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            let Ok(line) = line else { return };
            if send.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// Reads what came over a connection; status 0 if nothing did.
    fn parse(all: &[u8]) -> Self {
        let end = all.windows(4).position(|four| four == b"\r\n\r\n");
        let Some(end) = end else { return Self { status: 0, headers: Vec::new(), body: all.to_vec() } };
        let head = String::from_utf8_lossy(&all[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let mut body = all[end + 4..].to_vec();
        if headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked") {
            body = unchunked(&body);
        }
        Self { status, headers, body }
    }

    /// A header, if there is one.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The document, which must be one.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// The same, which must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The document of an error with this status and kind, which has a hint.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, kind: &str) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/json"));
        let told = self.json();
        assert_eq!(told["kind"], kind, "{told}");
        assert!(
            told["error"].as_str().is_some_and(|what| !what.is_empty() && !what.ends_with('.')),
            "{told}"
        );
        assert_eq!(told.as_object().unwrap().len(), 3, "{told}");
        format!("{}; {}", told["error"].as_str().unwrap(), told["hint"].as_str().unwrap_or_default())
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(at) = rest.windows(2).position(|two| two == b"\r\n") {
        let size =
            std::str::from_utf8(&rest[..at]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let Some(size) = size.filter(|size| *size > 0 && at + 4 + size <= rest.len()) else { break };
        out.extend_from_slice(&rest[at + 2..at + 2 + size]);
        rest = &rest[at + 4 + size..];
    }
    out
}

/// Events, as they come.
pub(crate) struct Events {
    lines: BufReader<TcpStream>,
    /// What has come and isn't read yet.
    text: String,
    /// What stood before them.
    pub(crate) head: String,
    is_over: bool,
}

impl Events {
    fn read(stream: TcpStream) -> Self {
        let mut lines = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(lines.read_line(&mut head).unwrap() > 0, "{head}");
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut text = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
        lines.read_exact(&mut text).unwrap();
        Self { lines, text: String::from_utf8(text).unwrap(), is_over: length.is_some(), head }
    }

    /// The next event with its document; `None` at the end.
    pub(crate) fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let event: String = self.text.drain(..end + 2).collect();
                if event.starts_with(':') {
                    continue;
                }
                let (name, data) = event.trim_end().split_once('\n').unwrap();
                let name = name.strip_prefix("event: ").unwrap().to_owned();
                let data = data.strip_prefix("data: ").unwrap();
                return Some((name, serde_json::from_str(data).unwrap()));
            }
            if self.is_over {
                assert_eq!(self.text, "", "an event is cut");
                return None;
            }
            let mut size = String::new();
            let read = self.lines.read_line(&mut size).unwrap_or(0);
            let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
            if read == 0 || size == 0 {
                self.is_over = true;
                continue;
            }
            let mut piece = vec![0; size + 2];
            self.lines.read_exact(&mut piece).unwrap();
            self.text += std::str::from_utf8(&piece[..size]).unwrap();
        }
    }

    /// All that come.
    pub(crate) fn all(mut self) -> Vec<(String, Value)> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

/// A question as a body.
pub(crate) fn question(text: &str) -> Value {
    json!({ "question": text })
}

/// A question that a language model is to answer.
pub(crate) fn writing(text: &str) -> Value {
    json!({ "question": text, "write": true })
}
