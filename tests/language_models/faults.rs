//! Servers that are absent, slow, something else, or break off.

use std::net::TcpListener;
use std::time::Duration;

use qsearch::error::LlmError;
use qsearch::generate::{Access, LlmSource, Stop};
use serde_json::json;

use crate::scripted::{End, MODEL, Reply, Server, openai_stream};
use crate::{
    INTERFACES, Interface, access, ask, hasty, language_model_error, reason, source, stream, task, write,
};

/// What comes of a reply by each interface.
fn each(reply: &Reply) -> Vec<(Interface, LlmError)> {
    let ask = |interface| {
        let server = Server::start(vec![reply.clone()]);
        let (text, ending) = ask(interface, &hasty(&server));
        assert_eq!(text, "", "{interface:?}");
        (interface, ending.unwrap_err())
    };
    INTERFACES.into_iter().map(ask).collect()
}

#[test]
fn nobody_is_there() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Server::start(Vec::new());
    let url = format!("http://127.0.0.1:{port}");
    let access = Access {
        openai_url: Some(url.clone() + "/v1"),
        anthropic_url: Some(url.clone()),
        ollama_host: Some(url.clone()),
        ..access(&server)
    };
    for interface in INTERFACES {
        let LlmError::Absent { server, why } = ask(interface, &access).1.unwrap_err() else { panic!() };
        assert_eq!((server, why.as_str()), (url.clone(), "connection refused"), "{interface:?}");
    }
    let elsewhere = LlmSource::parse("http://no-such-host.invalid#m").unwrap();
    let model = elsewhere.open(&access).unwrap();
    let error = language_model_error(write(&*model, &task()).1.unwrap_err());
    assert!(matches!(error, LlmError::Absent { .. }), "{error}");
    let secure =
        LlmSource::parse(&format!("https://127.0.0.1:{}#m", server.origin().rsplit(':').next().unwrap()));
    let model = secure.unwrap().open(&hasty(&server)).unwrap();
    let error = language_model_error(write(&*model, &task()).1.unwrap_err());
    assert!(matches!(error, LlmError::Absent { .. } | LlmError::Slow { .. }), "no TLS: {error}");
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for_longer_than_that() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let second = Duration::from_millis(50);
    let silent = [
        ("nothing at all", Reply::raw([""]).then(End::Hang)),
        ("a head and nothing else", Reply::raw([head]).then(End::Hang)),
        ("half a head", Reply::raw(["HTTP/1.1 200 OK\r\ncontent-"]).then(End::Hang)),
        (
            "a header, slowly",
            Reply::raw(head.bytes().take(40).map(|byte| [byte])).pause(second).then(End::Hang),
        ),
        (
            "comments without an end",
            Reply::stream("text/event-stream", [": wait\n\n"]).pause(second).then(End::Repeat),
        ),
        ("a line, byte by byte", Reply::stream("text/event-stream", ["d"]).pause(second).then(End::Repeat)),
        (
            "events that say nothing",
            Reply::stream("text/event-stream", ["data: {\"choices\":[{\"delta\":{}}]}\n\n"])
                .pause(second)
                .then(End::Repeat),
        ),
    ];
    for (what, reply) in silent {
        for (interface, error) in each(&reply) {
            let LlmError::Slow { seconds, .. } = error else { panic!("{interface:?}, {what}: {error}") };
            assert_eq!(seconds, 1);
        }
    }
}

#[test]
fn a_server_that_answers_nothing_is_asked_for_little() {
    let server = Server::with(|_| Some(Reply::raw([""]).then(End::Hang)));
    let model = LlmSource::parse(&server.model()).unwrap().open(&hasty(&server)).unwrap();
    assert_eq!((model.window(), model.count("owls"), model.window()), (None, None, None));
    assert_eq!(server.requests().len(), 1, "what it has wasn't said in time, so nothing else is asked");
    let error = language_model_error(write(&*model, &task()).1.unwrap_err());
    assert!(matches!(error, LlmError::Slow { .. }), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_text_that_breaks_off_is_kept() {
    for interface in INTERFACES {
        let begun = stream(interface, &["Owls hunt."]);
        let last = if interface == Interface::OpenAi { 3 } else { 1 };
        let unfinished = begun.without_last(if interface == Interface::Anthropic { 3 } else { last });
        for (end, why) in [
            (End::Close, "it closed the connection"),
            (End::Whole, "it ends in the middle"),
            (End::Hang, "nothing came for 1 s"),
        ] {
            let server = Server::start(vec![unfinished.clone().then(end)]);
            let (text, ending) = ask(interface, &hasty(&server));
            assert_eq!(
                (text.as_str(), reason(ending).as_str()),
                ("Owls hunt.", why),
                "{interface:?} {end:?}"
            );
        }
    }
    // A text that has ended isn't waited for, though its stream hasn't.
    let server = Server::start(vec![openai_stream(&["Owls hunt."]).without_last(2).then(End::Hang)]);
    assert_eq!(ask(Interface::OpenAi, &hasty(&server)).1.unwrap().stop, Stop::Done);
}

#[test]
fn a_connection_that_closes_before_the_first_word_is_an_error() {
    for interface in INTERFACES {
        for reply in [
            Reply::raw([""]),
            Reply::raw(["HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"]),
            stream(interface, &[""]).without_last(2).then(End::Close),
        ] {
            let server = Server::start(vec![reply]);
            let error = ask(interface, &hasty(&server)).1.unwrap_err();
            let known = matches!(
                error,
                LlmError::Absent { .. } | LlmError::NotAnApi { .. } | LlmError::Refused { .. }
            );
            assert!(known, "{interface:?}: {error}");
        }
        let server = Server::start(vec![stream(interface, &["", " "])]);
        let LlmError::Refused { what, .. } = ask(interface, &hasty(&server)).1.unwrap_err() else { panic!() };
        assert_eq!(what, "it wrote nothing");
    }
}

#[test]
fn what_is_no_language_model_is_said_to_be_none() {
    for (what, reply) in [
        ("a web page", Reply::new(200, "text/html; charset=utf-8", "<!DOCTYPE html><h1>Router</h1>")),
        ("a web page of another kind", Reply::new(200, "text/plain", "\n<html><body>Router")),
        ("a web page that isn't there", Reply::new(404, "text/html", "<html>Not Found")),
        ("a gateway's page", Reply::new(502, "text/html", "<html>Bad Gateway")),
        ("text", Reply::new(200, "text/plain", "hello")),
        ("other JSON", Reply::json(200, &json!({"status": "ok"}))),
        ("an empty reply", Reply::new(200, "text/event-stream", "")),
        ("no HTTP", Reply::raw(["SSH-2.0-OpenSSH_9.6\r\n"])),
        (
            "an endless header",
            Reply::raw([format!("HTTP/1.1 200 OK\r\nx: {}\r\n", "a".repeat(1000))]).then(End::Repeat),
        ),
        ("an endless line", Reply::stream("text/event-stream", ["a".repeat(100_000)]).then(End::Repeat)),
        ("other paths", Reply::json(404, &json!({"detail": "Not Found"}))),
    ] {
        for (interface, error) in each(&reply) {
            assert!(matches!(error, LlmError::NotAnApi { .. }), "{interface:?}, {what}: {error:?}");
            assert!(error.to_string().chars().all(|c| !c.is_control()), "{error}");
        }
    }
}

#[test]
fn streams_without_an_end_end() {
    for (interface, piece) in [
        (Interface::Ollama, "{\"message\":{\"content\":\"owls and more owls and \"},\"done\":false}\n"),
        (
            Interface::OpenAi,
            "data: {\"choices\":[{\"delta\":{\"content\":\"owls and more owls and \"}}]}\n\n",
        ),
        (
            Interface::Anthropic,
            "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"owls and more owls and \"}}\n\n",
        ),
    ] {
        let server = Server::start(vec![Reply::stream("text/event-stream", [piece]).then(End::Repeat)]);
        let (text, ending) = ask(interface, &access(&server));
        assert_eq!(ending.unwrap().stop, Stop::Full, "{interface:?}");
        assert!(text.len() < 20_000, "{} bytes", text.len());
        // Thoughts without an end, too.
        let thoughts = piece.replace("\"content\"", "\"thinking\"").replace("\"text\"", "\"thinking\"");
        let server = Server::start(vec![Reply::stream("text/event-stream", [thoughts]).then(End::Repeat)]);
        let LlmError::Refused { what, .. } = ask(interface, &access(&server)).1.unwrap_err() else {
            panic!()
        };
        assert_eq!(what, "it thought until it had no tokens left, and wrote nothing");
    }
}

#[test]
fn nobody_is_followed_elsewhere() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Server::start(vec![openai_stream(&["Elsewhere."])]);
        let target = elsewhere.url().replace("://", "://me:secret@");
        for (_, error) in each(&Reply::new(status, "text/html", "<html>").header("location", &target)) {
            let LlmError::Redirected { to, .. } = error else { panic!("{error}") };
            assert_eq!(to, elsewhere.url());
        }
        assert!(elsewhere.requests().is_empty());
    }
    for (_, error) in each(&Reply::new(302, "text/html", "").header("location", "/login?token=secret")) {
        let LlmError::Redirected { server, to } = error else { panic!("{error}") };
        assert_eq!(to, format!("{server}/login"));
    }
}

#[test]
fn keys_that_are_refused_are_named() {
    for status in [401, 403] {
        let reply = Reply::refusal(status, "Incorrect API key provided: sk-secret-openai");
        for (interface, error) in each(&reply) {
            let LlmError::Unauthorized { variable, .. } = error else { panic!("{error}") };
            let named = match interface {
                Interface::Ollama => None,
                Interface::OpenAi => Some("OPENAI_API_KEY"),
                Interface::Anthropic => Some("ANTHROPIC_API_KEY"),
            };
            assert_eq!(variable, named);
        }
    }
}

#[test]
fn a_server_that_is_busy_says_for_how_long() {
    let busy = |header: Option<(&str, &str)>| {
        let reply = Reply::refusal(429, "Rate limit reached").header("date", "Wed, 21 Oct 2015 07:28:00 GMT");
        let reply = header.iter().fold(reply, |reply, (name, value)| reply.header(name, value));
        let waits = each(&reply).into_iter().map(|(_, error)| match error {
            LlmError::Busy { retry_after, .. } => retry_after,
            error => panic!("{error}"),
        });
        let waits: Vec<_> = waits.collect();
        assert!(waits.iter().all(|wait| *wait == waits[0]));
        waits[0]
    };
    assert_eq!(busy(None), None);
    assert_eq!(busy(Some(("retry-after", "20"))), Some(20));
    assert_eq!(busy(Some(("retry-after", "0.4"))), Some(1));
    assert_eq!(busy(Some(("Retry-After", "Wed, 21 Oct 2015 07:29:30 GMT"))), Some(90));
    assert_eq!(
        busy(Some(("retry-after", "Tue, 01 Mar 2016 00:00:00 GMT"))),
        None,
        "no program waits for that"
    );
    assert_eq!(busy(Some(("retry-after", "soon"))), None);
    assert_eq!(busy(Some(("retry-after", "-1"))), None);
    for (_, error) in each(&Reply::refusal(503, "Overloaded").header("retry-after", "7")) {
        assert!(matches!(error, LlmError::Busy { retry_after: Some(7), .. }), "{error}");
    }
}

#[test]
fn a_model_that_is_not_there_is_named_with_those_that_are() {
    let refusals = [
        Reply::json(404, &json!({"error": "model \"scripted\" not found, try pulling it first"})),
        Reply::json(
            404,
            &json!({"error": {"message": "The model `scripted` does not exist", "code": "model_not_found"}}),
        ),
        Reply::json(
            404,
            &json!({"type": "error", "error": {"type": "not_found_error", "message": "model: scripted"}}),
        ),
    ];
    for (interface, refusal) in INTERFACES.into_iter().zip(refusals) {
        let server = Server::start(vec![refusal]);
        let LlmError::NoModel { model, known, ollama, .. } = ask(interface, &access(&server)).1.unwrap_err()
        else {
            panic!()
        };
        assert_eq!((model.as_str(), ollama), (MODEL, interface == Interface::Ollama));
        assert!(known[0].starts_with(MODEL), "{interface:?}: {known:?}");
    }
    // Ollama says which it has before anything is written.
    let server = Server::start(Vec::new());
    let error = LlmSource::parse("ollama:owl").unwrap().open(&access(&server)).unwrap_err();
    let LlmError::NoModel { known, .. } = language_model_error(error) else { panic!() };
    assert_eq!(known, ["scripted:latest"]);
    assert!(server.chats().is_empty());
    for refusal in ["scripted is not a valid model ID", "Model not found: scripted"] {
        let server = Server::start(vec![Reply::refusal(400, refusal)]);
        let error = ask(Interface::OpenAi, &access(&server)).1.unwrap_err();
        assert!(matches!(error, LlmError::NoModel { .. }), "{error}");
    }
}

#[test]
fn more_than_a_model_can_read_is_said_to_be_that() {
    for said in [
        "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4488 in the messages, 512 in the completion).",
        "'max_tokens' or 'max_completion_tokens' is too large: 512. This model's maximum context length is 4096 tokens",
        "prompt is too long: 208310 tokens > 200000 maximum",
        "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens",
        "the input length exceeds the context length",
        "This endpoint's maximum context length is 32768 tokens.",
    ] {
        for (interface, error) in each(&Reply::refusal(400, said)) {
            assert!(matches!(error, LlmError::TooLong { .. }), "{interface:?}: {error:?}");
        }
    }
    let sizes = json!({"error": {"code": 400, "message": "too much", "type": "exceed_context_size_error",
        "n_prompt_tokens": 5000, "n_ctx": 4096}});
    for (_, error) in each(&Reply::json(400, &sizes)) {
        let LlmError::TooLong { what, .. } = error else { panic!("{error}") };
        assert_eq!(what, "5000 tokens, of 4096");
    }
    // In the middle of a stream as well.
    let event = format!("error: {}\n\n", sizes["error"]);
    let server = Server::start(vec![Reply::stream(
        "text/event-stream",
        [event.replace("error: {", "error: {\"error\":{").replace("}\n", "}}\n")],
    )]);
    let error = ask(Interface::OpenAi, &access(&server)).1.unwrap_err();
    assert!(matches!(error, LlmError::TooLong { .. }), "{error}");
}

#[test]
fn other_refusals_say_what_the_server_says() {
    let said = format!("it\u{1b}[31m is\r\nbroken\u{202e} {}", "very ".repeat(200));
    for (status, reply) in [
        (500, Reply::refusal(500, &said)),
        (503, Reply::json(503, &json!({"error": said}))),
        (418, Reply::new(418, "text/plain", &said)),
    ] {
        for (interface, error) in each(&reply) {
            let LlmError::Refused { what, .. } = error else { panic!("{interface:?}: {error:?}") };
            assert!(what.starts_with("it [31m is broken very very "), "{what}");
            assert!(what.ends_with(&format!("… (status {status})")), "{what}");
            assert!(what.chars().count() <= 320 && what.chars().all(|c| !c.is_control()));
        }
    }
}

#[test]
fn a_server_that_repeats_a_key_is_not_repeated() {
    let said = "no: sk-secret-openai, sk-secret-anthropic";
    let event = format!("data: {}\n\n", json!({"error": {"message": said}}));
    for reply in [
        Reply::refusal(400, said),
        Reply::refusal(500, said),
        Reply::new(200, "text/plain", said),
        Reply::stream("text/event-stream", [event]),
        Reply::new(302, "text/html", "")
            .header("location", "https://x.example/sk-secret-openai/sk-secret-anthropic"),
    ] {
        let server = Server::start(vec![reply]);
        for interface in [Interface::OpenAi, Interface::Anthropic] {
            let mut access = access(&server);
            if interface == Interface::OpenAi {
                access.anthropic_key = None;
            } else {
                access.openai_key = None;
            }
            let key = if interface == Interface::OpenAi { "sk-secret-openai" } else { "sk-secret-anthropic" };
            let model = source(interface).open(&access).unwrap();
            let error = write(&*model, &task()).1.unwrap_err();
            assert!(!format!("{error} {error:?}").contains(key), "{error}");
        }
    }
    let server = Server::start(vec![Reply::refusal(500, "it is hunter2, me:hunter2, bWU6aHVudGVyMg==")]);
    let named = LlmSource::parse(&server.model().replace("://", "://me:hunter2@")).unwrap();
    let error = write(&*named.open(&access(&server)).unwrap(), &task()).1.unwrap_err();
    assert_eq!(error.to_string(), format!("{} refused: it is …, …, … (status 500)", server.origin()));
}

#[test]
fn an_error_in_the_middle_of_a_stream_is_said() {
    let error = json!({"message": "out of memory\nsorry", "type": "server_error", "code": 500});
    for interface in INTERFACES {
        let event = match interface {
            Interface::Ollama => format!("{}\n", json!({"error": error["message"]})),
            Interface::OpenAi => format!("data: {}\n\n", json!({"error": error})),
            Interface::Anthropic => {
                format!("event: error\ndata: {}\n\n", json!({"type": "error", "error": error}))
            }
        };
        let server = Server::start(vec![Reply::stream("text/event-stream", [event.clone()])]);
        let LlmError::Refused { what, .. } = ask(interface, &access(&server)).1.unwrap_err() else {
            panic!()
        };
        assert_eq!(what, "out of memory sorry", "{interface:?}");
        let text = match interface {
            Interface::Ollama => "{\"message\":{\"content\":\"Owls.\"},\"done\":false}\n",
            Interface::OpenAi => "data: {\"choices\":[{\"delta\":{\"content\":\"Owls.\"}}]}\n\n",
            Interface::Anthropic => {
                "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"Owls.\"}}\n\n"
            }
        };
        let server = Server::start(vec![Reply::stream("text/event-stream", [text, &event])]);
        let (text, ending) = ask(interface, &access(&server));
        assert_eq!(
            (text.as_str(), reason(ending).as_str()),
            ("Owls.", "out of memory sorry"),
            "{interface:?}"
        );
    }
}

#[test]
fn a_server_of_something_else_is_refused_when_it_is_opened() {
    let page = |_: &crate::scripted::Request| Some(Reply::new(200, "text/html", "<html>Router"));
    let server = Server::with(page);
    let error = language_model_error(source(Interface::Ollama).open(&access(&server)).unwrap_err());
    assert!(matches!(error, LlmError::NotAnApi { .. }), "{error}");
    let error = ask(Interface::OpenAi, &access(&server)).1.unwrap_err();
    assert!(matches!(error, LlmError::NotAnApi { .. }), "{error}");
}
