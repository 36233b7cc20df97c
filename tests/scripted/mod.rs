//! A server of language models that says what a test has it say, and remembers what it was asked.
//!
//! [`Server::start`] answers one chat after the other by a script; the last reply is given again and again. What else
//! programs ask such a server (which models it has) is answered as well, unless [`Server::with`] is told otherwise.

#![allow(dead_code, clippy::allow_attributes, reason = "each test uses some of it")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// The model that it has.
pub(crate) const MODEL: &str = "scripted";

/// How a reply ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// As replies do.
    Whole,
    /// The connection is closed in the middle.
    Close,
    /// Nothing more comes, and the connection stays.
    Hang,
    /// The pieces come again and again.
    Repeat,
}

/// What the server says to one request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    pieces: Vec<Vec<u8>>,
    pause: Duration,
    end: End,
    /// Whether the pieces are all there is: no status line, no headers, no chunks.
    raw: bool,
}

impl Reply {
    /// A reply with a status and a body of a kind.
    pub(crate) fn new(status: u16, kind: &str, body: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            pieces: vec![body.as_bytes().to_vec()],
            pause: Duration::ZERO,
            end: End::Whole,
            raw: false,
        }
    }

    /// A reply of JSON.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", &body.to_string())
    }

    /// A refusal as OpenAI's server writes it.
    pub(crate) fn refusal(status: u16, message: &str) -> Self {
        Self::json(status, &json!({"error": {"message": message, "type": "invalid_request_error"}}))
    }

    /// A reply in pieces.
    pub(crate) fn stream<P: AsRef<[u8]>>(kind: &str, pieces: impl IntoIterator<Item = P>) -> Self {
        let pieces = pieces.into_iter().map(|piece| piece.as_ref().to_vec()).collect();
        Self { pieces, ..Self::new(200, kind, "") }
    }

    /// Bytes that are no HTTP unless the test makes them so.
    pub(crate) fn raw<P: AsRef<[u8]>>(pieces: impl IntoIterator<Item = P>) -> Self {
        Self { raw: true, ..Self::stream("", pieces) }
    }

    /// With another header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a pause before each piece.
    pub(crate) fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// With another end.
    pub(crate) fn then(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// Without the last pieces.
    pub(crate) fn without_last(mut self, pieces: usize) -> Self {
        self.pieces.truncate(self.pieces.len() - pieces);
        self
    }
}

/// A chat as OpenAI's server streams it: a role, text, an end, numbers.
pub(crate) fn openai_stream(texts: &[&str]) -> Reply {
    let event = |delta: &Value, stop: Option<&str>| {
        let choices = json!([{"index": 0, "delta": delta, "finish_reason": stop}]);
        format!(
            "data: {}\n\n",
            json!({"object": "chat.completion.chunk", "model": MODEL, "choices": choices})
        )
    };
    let mut events = vec![event(&json!({"role": "assistant", "content": null}), None)];
    events.extend(texts.iter().map(|text| event(&json!({"content": text}), None)));
    events.push(event(&json!({}), Some("stop")));
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 4000, "completion_tokens": 30}});
    events.push(format!("data: {usage}\n\n"));
    events.push("data: [DONE]\n\n".to_owned());
    Reply::stream("text/event-stream", events)
}

/// A chat as Ollama streams it.
pub(crate) fn ollama_stream(texts: &[&str]) -> Reply {
    let line = |text: &&str| {
        let message = json!({"role": "assistant", "content": text});
        format!("{}\n", json!({"model": MODEL, "message": message, "done": false}))
    };
    let mut lines: Vec<String> = texts.iter().map(line).collect();
    let end = json!({"model": MODEL, "message": {"role": "assistant", "content": ""}, "done": true,
        "done_reason": "stop", "prompt_eval_count": 4000, "eval_count": 30});
    lines.push(format!("{end}\n"));
    Reply::stream("application/x-ndjson", lines)
}

/// A chat as Anthropic streams it.
pub(crate) fn anthropic_stream(texts: &[&str]) -> Reply {
    let event =
        |event: Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default());
    let mut events = vec![
        event(json!({"type": "message_start", "message": {"usage": {"input_tokens": 4000}}})),
        event(
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        ),
        event(json!({"type": "ping"})),
    ];
    for text in texts {
        let delta = json!({"type": "text_delta", "text": text});
        events.push(event(json!({"type": "content_block_delta", "index": 0, "delta": delta})));
    }
    events.push(event(json!({"type": "content_block_stop", "index": 0})));
    let delta = json!({"stop_reason": "end_turn"});
    events.push(event(json!({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 30}})));
    events.push(event(json!({"type": "message_stop"})));
    Reply::stream("text/event-stream", events)
}

/// What the server was asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// `GET`, `POST`.
    pub(crate) method: String,
    /// The path.
    pub(crate) path: String,
    /// The headers, their names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, if it is JSON.
    pub(crate) body: Value,
}

impl Request {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether something is to be written.
    pub(crate) fn is_chat(&self) -> bool {
        let chats = ["/chat/completions", "/api/chat", "/v1/messages"];
        self.method == "POST" && chats.iter().any(|chat| self.path.ends_with(chat))
    }

    /// What each message says, one after the other.
    pub(crate) fn said(&self) -> String {
        let messages = self.body["messages"].as_array().into_iter().flatten();
        messages.filter_map(|message| message["content"].as_str()).collect::<Vec<_>>().join("\n")
    }
}

type Handler = dyn Fn(&Request) -> Option<Reply> + Send + Sync;

/// A server on this machine; it ends with the value.
pub(crate) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    over: Arc<AtomicBool>,
}

impl Server {
    /// Answers chats by a script.
    pub(crate) fn start(script: Vec<Reply>) -> Self {
        let script = Mutex::new(script);
        Self::with(move |request| {
            let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
            match script.len() {
                0 => None,
                _ if !request.is_chat() => None,
                1 => Some(script[0].clone()),
                _ => Some(script.remove(0)),
            }
        })
    }

    /// Answers as a function says; where that gives nothing, as any such server.
    pub(crate) fn with(answer: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a port").port();
        let (requests, over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (seen, ended, answer): (_, _, Arc<Handler>) = (requests.clone(), over.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let (seen, ended, answer) = (seen.clone(), ended.clone(), answer.clone());
                // Who closes the connection first is a part of the test.
                thread::spawn(move || serve(stream, &seen, &ended, &*answer));
            }
        });
        Self { port, requests, over }
    }

    /// Its address without a path.
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its address, up to `/v1`.
    pub(crate) fn url(&self) -> String {
        self.origin() + "/v1"
    }

    /// Its address and the model, as `--write` takes them.
    pub(crate) fn model(&self) -> String {
        format!("{}#{MODEL}", self.url())
    }

    /// What it was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The chats among it.
    pub(crate) fn chats(&self) -> Vec<Request> {
        self.requests().into_iter().filter(Request::is_chat).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // So that the listener sees it.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// Answers one request.
fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Request>>,
    over: &AtomicBool,
    answer: &Handler,
) -> Option<()> {
    let request = read(&mut stream)?;
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    let reply = answer(&request).unwrap_or_else(|| usual(&request));
    say(&mut stream, &reply, over).ok()
}

/// What any such server says.
fn usual(request: &Request) -> Reply {
    match request.path.as_str() {
        "/v1/models" => {
            Reply::json(200, &json!({"object": "list", "data": [{"id": MODEL, "object": "model"}]}))
        }
        "/api/tags" => Reply::json(200, &json!({"models": [{"name": format!("{MODEL}:latest")}]})),
        "/api/show" => Reply::json(200, &json!({"model_info": {"llama.context_length": 8192}})),
        _ => Reply::json(404, &json!({"error": {"message": "File Not Found", "type": "not_found_error"}})),
    }
}

/// Reads a request.
fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        more(stream, &mut bytes)?;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let (method, path) = (first.next()?, first.next()?);
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_lowercase(), value.trim().to_owned()))
    };
    let headers: Vec<(String, String)> = lines.filter_map(header).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.and_then(|(_, length)| length.parse().ok()).unwrap_or(0);
    while bytes.len() < end + 4 + length {
        more(stream, &mut bytes)?;
    }
    let body = serde_json::from_slice(&bytes[end + 4..]).unwrap_or_default();
    Some(Request { method, path, headers, body })
}

/// Reads some more bytes.
fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut buffer = [0; 4096];
    let read = stream.read(&mut buffer).ok().filter(|&read| read > 0)?;
    bytes.extend_from_slice(&buffer[..read]);
    Some(())
}

/// Says a reply.
fn say(stream: &mut TcpStream, reply: &Reply, over: &AtomicBool) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    if !reply.raw {
        let mut head = format!("HTTP/1.1 {} Scripted\r\nconnection: close\r\n", reply.status);
        for (name, value) in &reply.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head += "transfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes())?;
    }
    loop {
        for piece in &reply.pieces {
            thread::sleep(reply.pause);
            if over.load(Ordering::SeqCst) {
                return Ok(());
            }
            if reply.raw {
                stream.write_all(piece)?;
            } else if !piece.is_empty() {
                let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
                stream.write_all(&chunk)?;
            }
        }
        match reply.end {
            End::Whole if !reply.raw => return stream.write_all(b"0\r\n\r\n"),
            End::Whole | End::Close => return Ok(()),
            End::Repeat => {}
            End::Hang => {
                // Until the other side goes away.
                while !over.load(Ordering::SeqCst) && !is_gone(stream)? {}
                return Ok(());
            }
        }
    }
}

/// Whether the other side has closed the connection; waits a little.
fn is_gone(stream: &mut TcpStream) -> std::io::Result<bool> {
    stream.set_read_timeout(Some(Duration::from_millis(50)))?;
    match stream.read(&mut [0; 64]) {
        Ok(read) => Ok(read == 0),
        Err(error) => Ok(!matches!(
            error.kind(),
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut | std::io::ErrorKind::Interrupted
        )),
    }
}
