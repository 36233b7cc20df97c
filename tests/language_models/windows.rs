//! How much models can read, and whether they read it.

use qsearch::generate::{Access, LlmSource, Role, Task};
use serde_json::{Value, json};

use crate::scripted::{MODEL, Reply, Request, Server, ollama_stream, openai_stream};
use crate::{Interface, access, message, source, task, write};

/// A server whose other paths give this JSON.
fn server(answers: &'static [(&'static str, &'static str)]) -> Server {
    Server::with(move |request: &Request| {
        let answer = answers.iter().find(|(path, _)| *path == request.path);
        let answer = answer.map(|(_, body)| Reply::new(200, "application/json", body));
        answer.or_else(|| request.is_chat().then(|| openai_stream(&["At night."])))
    })
}

const VLLM: &str =
    r#"{"data":[{"id":"other","max_model_len":1},{"id":"scripted","owned_by":"vllm","max_model_len":8192}]}"#;
const ROUTER: &str = r#"{"data":[{"id":"scripted","context_length":131072}]}"#;
const STUDIO: &str = r#"{"data":[{"id":"scripted","state":"loaded","max_context_length":32768,"loaded_context_length":4096}]}"#;

fn window(answers: &'static [(&'static str, &'static str)]) -> Option<u32> {
    let server = server(answers);
    LlmSource::parse(&server.model()).unwrap().open(&access(&server)).unwrap().window()
}

#[test]
fn servers_say_how_much_their_models_read() {
    assert_eq!(window(&[]), None);
    assert_eq!(window(&[("/props", r#"{"default_generation_settings":{"n_ctx":4096}}"#)]), Some(4096));
    assert_eq!(window(&[("/v1/models", VLLM)]), Some(8192));
    assert_eq!(window(&[("/v1/models", ROUTER)]), Some(131_072));
    assert_eq!(window(&[("/api/v0/models", STUDIO)]), Some(4096));
}

#[test]
fn servers_count_tokens() {
    let counted = |answer: &'static [(&'static str, &'static str)]| {
        let server = server(answer);
        let model = LlmSource::parse(&server.model()).unwrap().open(&access(&server)).unwrap();
        let counted = [model.count("owls hunt"), model.count("owls")];
        (counted, server.requests().iter().filter(|request| request.path == "/tokenize").count())
    };
    assert_eq!(counted(&[("/tokenize", r#"{"tokens":[1,2,3]}"#)]), ([Some(3); 2], 2));
    assert_eq!(counted(&[("/tokenize", r#"{"count":5,"max_model_len":9,"tokens":[1]}"#)]), ([Some(5); 2], 2));
    assert_eq!(counted(&[]), ([None; 2], 1), "who can't is asked once");
}

#[test]
fn ollama_is_given_a_window_that_fits() {
    let num_ctx = |show: &Value, words: usize, most_tokens: u32| {
        let show = show.clone();
        let server = Server::with(move |request| match request.path.as_str() {
            "/api/show" => Some(Reply::json(200, &show)),
            "/api/chat" => Some(ollama_stream(&["At night."])),
            _ => None,
        });
        let model = source(Interface::Ollama).open(&access(&server)).unwrap();
        let messages = vec![message(Role::User, &"owls ".repeat(words))];
        write(&*model, &Task { messages, most_tokens, choices: Vec::new() }).1.unwrap();
        (server.chats()[0].body["options"]["num_ctx"].as_u64().unwrap(), model.window())
    };
    let large = json!({"model_info": {"qwen3.block_count": 3, "qwen3.context_length": 40_960}});
    assert_eq!(num_ctx(&large, 10, 512), (4096, Some(16_384)));
    assert_eq!(num_ctx(&large, 3000, 512), (8192, Some(16_384)));
    assert_eq!(num_ctx(&large, 30_000, 512), (40_960, Some(16_384)));
    let small = json!({"model_info": {"llama.context_length": 2048}});
    assert_eq!(num_ctx(&small, 10, 512), (2048, Some(2048)));
    let set = json!({"model_info": {"a.context_length": 40_960}, "parameters": "stop \"x\"\nnum_ctx                   32768"});
    assert_eq!(num_ctx(&set, 10, 512), (32_768, Some(32_768)));
    assert_eq!(num_ctx(&json!({}), 10, 512), (4096, Some(4096)));
}

#[test]
fn a_server_that_read_less_than_it_was_told_is_found_out() {
    let long = Task { messages: vec![message(Role::User, &"owls ".repeat(5000))], ..task() };
    let server = Server::start(vec![ollama_stream(&["At night."])]);
    let model = source(Interface::Ollama).open(&access(&server)).unwrap();
    assert!(write(&*model, &long).1.unwrap().cut, "4000 tokens of 5000 words");
    assert!(!write(&*model, &task()).1.unwrap().cut);
    let server = Server::start(vec![openai_stream(&["At night."])]);
    let model = source(Interface::OpenAi).open(&access(&server)).unwrap();
    assert!(write(&*model, &long).1.unwrap().cut);
    assert!(!write(&*model, &task()).1.unwrap().cut);
}

#[test]
fn ollama_is_known_by_its_address_for_other_programs() {
    let server = Server::with(|request| match request.path.as_str() {
        "/v1/models" => Some(Reply::json(
            200,
            &json!({"object": "list", "data": [{"id": "scripted:latest", "owned_by": "library"}]}),
        )),
        "/api/version" => Some(Reply::json(200, &json!({"version": "0.12.0"}))),
        "/api/chat" => Some(ollama_stream(&["At night."])),
        _ => None,
    });
    for name in [server.url(), server.model()] {
        let model = LlmSource::parse(&name).unwrap().open(&Access::default()).unwrap();
        assert_eq!(write(&*model, &task()).0, "At night.");
        assert!(model.name().starts_with(MODEL));
    }
    assert!(server.chats().iter().all(|chat| chat.path == "/api/chat"));
}
