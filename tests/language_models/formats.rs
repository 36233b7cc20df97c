//! What servers write, and what they are asked.

use std::ops::ControlFlow;
use std::time::Duration;

use qsearch::generate::{Access, LlmSource, Stop};
use qsearch::proxies::Proxies;
use serde_json::json;

use crate::scripted::{MODEL, Reply, Server, ollama_stream, openai_stream};
use crate::{INTERFACES, Interface, access, ask, source, stream, task, write};

#[test]
fn text_comes_as_it_is_written() {
    for interface in INTERFACES {
        let server = Server::start(vec![stream(interface, &["Owls ", "hunt at ", "night. \u{1f989}"])]);
        let model = source(interface).open(&access(&server)).unwrap();
        let mut pieces = Vec::new();
        let ending = model.write(&task(), &mut |piece| {
            pieces.extend((!piece.is_empty()).then(|| piece.to_owned()));
            ControlFlow::Continue(())
        });
        let ending = ending.unwrap();
        assert_eq!(pieces, ["Owls ", "hunt at ", "night. \u{1f989}"], "{interface:?}");
        assert_eq!((ending.stop, ending.read, ending.written), (Stop::Done, Some(4000), Some(30)));
        assert!(!ending.cut);
        assert_eq!((model.name(), model.is_local()), (MODEL, true));
        assert_eq!(model.server(), server.origin());
    }
}

#[test]
fn servers_are_asked_in_their_own_ways() {
    let chat = |interface| {
        let server = Server::start(vec![stream(interface, &["Yes."])]);
        ask(interface, &access(&server)).1.unwrap();
        server.chats().remove(0)
    };
    let openai = chat(Interface::OpenAi);
    assert_eq!(openai.path, "/v1/chat/completions");
    assert_eq!(openai.header("authorization"), Some("Bearer sk-secret-openai"));
    assert_eq!(openai.body["messages"][0], json!({"role": "system", "content": "Answer from the sources."}));
    assert_eq!(openai.body["messages"][2]["role"], "assistant");
    assert_eq!(openai.body["model"], MODEL);
    assert_eq!(openai.body["stream"], true);
    assert_eq!(openai.body["max_tokens"], 100);
    assert_eq!(openai.body["temperature"], 0);
    assert_eq!(openai.body["stream_options"], json!({"include_usage": true}));

    let ollama = chat(Interface::Ollama);
    assert_eq!(ollama.path, "/api/chat");
    assert_eq!(ollama.header("authorization"), None, "a key isn't given to whom it isn't for");
    assert_eq!(ollama.body["think"], false);
    let options = json!({"num_ctx": 4096, "num_predict": 100, "temperature": 0, "seed": 0});
    assert_eq!(ollama.body["options"], options);
    assert_eq!(ollama.body["messages"].as_array().unwrap().len(), 4);

    let anthropic = chat(Interface::Anthropic);
    assert_eq!(anthropic.path, "/v1/messages");
    assert_eq!(anthropic.header("x-api-key"), Some("sk-secret-anthropic"));
    assert_eq!(anthropic.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(anthropic.header("authorization"), None);
    assert_eq!(anthropic.body["system"], "Answer from the sources.");
    assert_eq!(anthropic.body["messages"].as_array().unwrap().len(), 3);
    assert_eq!(anthropic.body["max_tokens"], 100);
}

#[test]
fn thoughts_are_left_out_wherever_they_stand() {
    let event = |delta: &str| format!("data: {{\"choices\":[{{\"delta\":{delta}}}]}}\n\n");
    let openai = Reply::stream(
        "text/event-stream",
        [
            event(r#"{"role":"assistant","content":null,"reasoning_content":"Owls?"}"#),
            event(r#"{"reasoning":"Night."}"#),
            event(r#"{"content":"<thi"}"#),
            event(r#"{"content":"nk>They sleep. </th"}"#),
            event(r#"{"content":"ink>\n\nAt night"}"#),
            event(r#"{"content":[{"type":"text","text":"."}]}"#),
            "data: [DONE]\n\n".to_owned(),
        ],
    );
    let line = |message: &str, done: bool| format!("{{\"message\":{message},\"done\":{done}}}\n");
    let ollama = Reply::stream(
        "application/x-ndjson",
        [
            line(r#"{"content":"","thinking":"Owls?"}"#, false),
            line(r#"{"content":"<think></think>At night."}"#, false),
            line(r#"{"content":""}"#, true),
        ],
    );
    let anthropic = Reply::stream(
        "text/event-stream",
        [
            "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n",
            "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"Owls?\"}}\n\n",
            "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"signature_delta\",\"signature\":\"x\"}}\n\n",
            "data: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"At night.\"}}\n\n",
            "data: {\"type\":\"something_new\"}\n\n",
            "data: {\"type\":\"message_stop\"}\n\n",
        ],
    );
    for (interface, reply) in INTERFACES.into_iter().zip([ollama, openai, anthropic]) {
        let server = Server::start(vec![reply]);
        let (text, ending) = ask(interface, &access(&server));
        assert_eq!((text.as_str(), ending.unwrap().stop), ("At night.", Stop::Done), "{interface:?}");
    }
}

#[test]
fn it_does_not_matter_how_bytes_arrive() {
    let whole = "\u{feff}: hello\r\n\r\ndata:{\"choices\":[{\"delta\":{\"content\":\"Eulen jagen nächtlich. 🦉\"}}]}\r\n\r\n\
                 event: x\r\ndata: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]";
    let bytes: Vec<Vec<u8>> = whole.bytes().map(|byte| vec![byte]).collect();
    let server = Server::start(vec![Reply::stream("text/event-stream", bytes)]);
    let (text, ending) = ask(Interface::OpenAi, &access(&server));
    assert_eq!((text.as_str(), ending.unwrap().stop), ("Eulen jagen nächtlich. 🦉", Stop::Done));
}

#[test]
fn a_reply_that_is_not_streamed_is_read_all_the_same() {
    let choices = json!([{"index": 0, "message": {"role": "assistant", "content": "At night."}, "finish_reason": "stop"}]);
    let openai =
        serde_json::to_string_pretty(&json!({"choices": choices, "usage": {"prompt_tokens": 90}})).unwrap();
    let ollama = json!({"message": {"content": "At night."}, "done": true}).to_string();
    let anthropic = json!({"type": "message", "content": [{"type": "text", "text": "At night."}], "stop_reason": "end_turn"});
    for (interface, body) in INTERFACES.into_iter().zip([ollama, openai, anthropic.to_string()]) {
        let server = Server::start(vec![Reply::new(200, "application/json", &body)]);
        let (text, ending) = ask(interface, &access(&server));
        assert_eq!((text.as_str(), ending.unwrap().stop), ("At night.", Stop::Done), "{interface:?}");
    }
}

#[test]
fn a_text_that_may_not_be_longer_is_full() {
    let ends = [
        "{\"message\":{\"content\":\"Owls\"},\"done\":true,\"done_reason\":\"length\"}\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Owls\"},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n",
        "data: {\"type\":\"content_block_delta\",\"delta\":{\"text\":\"Owls\"}}\n\n\
         data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n",
    ];
    for (interface, end) in INTERFACES.into_iter().zip(ends) {
        let server = Server::start(vec![Reply::stream("text/event-stream", [end])]);
        let (text, ending) = ask(interface, &access(&server));
        assert_eq!((text.as_str(), ending.unwrap().stop), ("Owls", Stop::Full), "{interface:?}");
    }
}

#[test]
fn what_a_server_refuses_is_left_out() {
    let server = Server::with(|request| {
        request.is_chat().then(|| {
            let has = |field: &str| request.body.get(field).is_some();
            let refusal = |text: &str| Reply::refusal(400, text);
            if has("max_tokens") {
                refusal("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")
            } else if has("temperature") {
                refusal("Unsupported value: 'temperature' does not support 0 with this model.")
            } else if has("stream_options") || has("chat_template_kwargs") {
                Reply::json(422, &json!({"detail": [{"type": "extra_forbidden", "msg": "Extra inputs are not permitted"}]}))
            } else {
                openai_stream(&["At night."])
            }
        })
    });
    let model = LlmSource::parse(&server.model()).unwrap().open(&access(&server)).unwrap();
    assert_eq!(write(&*model, &task()).0, "At night.");
    assert_eq!(server.chats().len(), 4);
    assert_eq!(write(&*model, &task()).0, "At night.");
    assert_eq!(server.chats().len(), 5, "what was refused once isn't tried again");

    let server = Server::with(|request| {
        let think = request.body.get("think").is_some();
        let refusal = || Reply::json(400, &json!({"error": "\"scripted\" does not support thinking"}));
        request.is_chat().then(|| if think { refusal() } else { ollama_stream(&["At night."]) })
    });
    assert_eq!(ask(Interface::Ollama, &access(&server)).0, "At night.");
}

#[test]
fn a_key_goes_to_nobody_else() {
    let server = Server::start(vec![openai_stream(&["At night."])]);
    let keys = |access: &Access| {
        let model = LlmSource::parse(&server.model()).unwrap().open(access).unwrap();
        write(&*model, &task()).1.unwrap();
        server.chats().pop().unwrap().header("authorization").map(str::to_owned)
    };
    let elsewhere = Access { openai_url: Some("https://llm.example/v1".to_owned()), ..access(&server) };
    assert_eq!(keys(&elsewhere), None, "the key of another server");
    let unset = Access { openai_url: None, ..access(&server) };
    assert_eq!(keys(&unset), None, "it is for OpenAI's own server");
    let given = Access { llm_key: Some("sk-secret-own".to_owned()), ..unset };
    assert_eq!(keys(&given).as_deref(), Some("Bearer sk-secret-own"), "a key for what is named");
    let named = LlmSource::parse(&server.model().replace("://", "://me:secret@")).unwrap();
    let model = named.open(&access(&server)).unwrap();
    write(&*model, &task()).1.unwrap();
    let sent = server.chats().pop().unwrap();
    assert_eq!(sent.header("authorization"), Some("Basic bWU6c2VjcmV0"));
    assert!(!format!("{named} {named:?} {model:?} {}", model.server()).contains("secret"));
}

#[test]
fn a_proxy_is_not_asked_for_this_machine() {
    let server = Server::start(vec![openai_stream(&["At night."])]);
    let nowhere = Some("http://127.0.0.1:9".to_owned());
    let proxies = Proxies { http: nowhere.clone(), https: nowhere, direct: None };
    let access = Access { proxies, ..access(&server) };
    assert_eq!(ask(Interface::OpenAi, &access).0, "At night.");
}

#[test]
fn callers_stop_while_nothing_comes_and_while_something_does() {
    for interface in INTERFACES {
        let slow = stream(interface, &["Owls ", "hunt."]).pause(Duration::from_millis(400));
        let server = Server::start(vec![slow]);
        let model = source(interface).open(&access(&server)).unwrap();
        let mut pieces = Vec::new();
        let ending = model.write(&task(), &mut |piece| {
            pieces.push(piece.to_owned());
            ControlFlow::Break(())
        });
        assert_eq!(ending.unwrap().stop, Stop::Stopped);
        assert_eq!(pieces, [""], "{interface:?}: before the first word");

        let server = Server::start(vec![stream(interface, &["Owls ", "hunt."])]);
        let model = source(interface).open(&access(&server)).unwrap();
        let mut pieces = Vec::new();
        let ending = model.write(&task(), &mut |piece| {
            pieces.extend((!piece.is_empty()).then(|| piece.to_owned()));
            if pieces.is_empty() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        assert_eq!(ending.unwrap().stop, Stop::Stopped);
        assert_eq!(pieces, ["Owls "], "{interface:?}: after the first word");
    }
}
