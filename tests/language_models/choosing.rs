//! Models that choose sentences, and which model is chosen.

use qsearch::error::LlmError;
use qsearch::generate::{Access, LlmSource, ServerKind, Stop, Task, choose, local};
use serde_json::json;

use crate::scripted::{Reply, Server, openai_stream};
use crate::{Interface, access, language_model_error, source, task, write};

fn sentences() -> Task {
    let choices = ["Owls hunt at night.", "He said \"no\\never\".", "Käuzchen rufen."];
    Task { choices: choices.map(str::to_owned).to_vec(), ..task() }
}

#[test]
fn llama_cpp_is_held_by_a_grammar() {
    let server = Server::with(|request| match request.path.as_str() {
        "/v1/models" => Some(Reply::json(200, &json!({"data": [{"id": "smol", "owned_by": "llamacpp"}]}))),
        _ => request
            .is_chat()
            .then(|| openai_stream(&["Käuzchen ru", "fen.\nHe said \"no\\never\".\nSomething else.\n"])),
    });
    let model = LlmSource::parse(&server.url()).unwrap().open(&access(&server)).unwrap();
    assert!(model.can_choose());
    assert_eq!(model.name(), "smol", "the first that it has");
    let (text, ending) = write(&*model, &sentences());
    assert_eq!(text, "Käuzchen rufen.\nHe said \"no\\never\".\n");
    assert_eq!(ending.unwrap().stop, Stop::Done);
    let body = &server.chats()[0].body;
    let grammar = body["grammar"].as_str().unwrap();
    assert!(grammar.contains("\"He said \\\"no\\\\never\\\".\" | \"Käuzchen rufen.\""), "{grammar}");
    assert_eq!(body.get("response_format"), None);
}

#[test]
fn others_are_held_by_a_schema() {
    let json =
        json!({"sentences": ["He said \"no\\never\".", "An invention.", "Owls hunt at night."]}).to_string();
    let pieces: Vec<&str> = json.split_inclusive(' ').collect();
    for interface in [Interface::OpenAi, Interface::Ollama] {
        let server = Server::start(vec![crate::stream(interface, &pieces)]);
        let model = source(interface).open(&access(&server)).unwrap();
        let (text, ending) = write(&*model, &sentences());
        assert_eq!(text, "He said \"no\\never\".\nOwls hunt at night.\n", "{interface:?}");
        assert_eq!(ending.unwrap().stop, Stop::Done);
        let body = &server.chats()[0].body;
        let schema = match interface {
            Interface::Ollama => &body["format"],
            _ => &body["response_format"]["json_schema"]["schema"],
        };
        assert_eq!(schema["properties"]["sentences"]["items"]["enum"], json!(sentences().choices));
    }
}

#[test]
fn a_server_that_can_not_be_held_says_so() {
    let server = Server::with(|request| {
        let held = request.body.get("response_format").is_some();
        let refusal = || Reply::refusal(400, "'response_format.type' must be 'text'");
        request.is_chat().then(|| if held { refusal() } else { openai_stream(&["Whatever."]) })
    });
    let model = source(Interface::OpenAi).open(&access(&server)).unwrap();
    let error = language_model_error(write(&*model, &sentences()).1.unwrap_err());
    assert!(matches!(error, LlmError::NotStrict { .. }), "{error}");
    assert!(!model.can_choose());
    assert_eq!(write(&*model, &task()).0, "Whatever.");

    let anthropic = source(Interface::Anthropic).open(&access(&server)).unwrap();
    assert!(!anthropic.can_choose());
    let error = language_model_error(write(&*anthropic, &sentences()).1.unwrap_err());
    assert!(matches!(error, LlmError::NotStrict { .. }), "{error}");
}

#[test]
fn a_model_that_chooses_nothing_is_no_error() {
    let server = Server::start(vec![openai_stream(&["Nothing of all that fits."])]);
    let model = source(Interface::OpenAi).open(&access(&server)).unwrap();
    let (text, ending) = write(&*model, &sentences());
    assert_eq!((text.as_str(), ending.unwrap().stop), ("", Stop::Done));
}

#[test]
fn servers_on_this_machine_are_found() {
    let server = Server::with(|request| match request.path.as_str() {
        "/api/tags" => Some(Reply::json(
            200,
            &json!({"models": [{"name": "nomic-embed-text:latest"}, {"name": "a:1b"}, {"name": "b:2b"}]}),
        )),
        "/api/ps" => Some(Reply::json(200, &json!({"models": [{"name": "b:2b"}]}))),
        _ => None,
    });
    let ollama = Access { ollama_host: Some(server.origin()), ..Access::default() };
    let found = local(&ollama);
    let found = found.iter().find(|found| found.url == server.origin()).unwrap();
    assert_eq!(
        (found.kind, &found.models[..]),
        (ServerKind::Ollama, &["b:2b".to_owned(), "a:1b".to_owned()][..])
    );
    assert_eq!(choose(std::slice::from_ref(found)).unwrap().to_string(), "ollama:b:2b");

    let server = Server::with(|request| match request.path.as_str() {
        "/v1/models" => Some(Reply::json(
            200,
            &json!({"object": "list", "data": [{"id": "bge-m3", "owned_by": "llamacpp"}, {"id": "smol", "owned_by": "llamacpp"}]}),
        )),
        _ => None,
    });
    let set = Access {
        openai_url: Some(server.url()),
        ollama_host: Some("127.0.0.1:9".to_owned()),
        ..Access::default()
    };
    let found = local(&set);
    assert_eq!((found[0].kind, &found[0].models[..]), (ServerKind::LlamaCpp, &["smol".to_owned()][..]));
    assert_eq!(choose(&found).unwrap().to_string(), format!("{}#smol", server.url()));

    let page = Server::with(|_| Some(Reply::new(200, "text/html", "<html>")));
    let other =
        Access { ollama_host: Some(page.origin()), openai_url: Some(page.url()), ..Access::default() };
    assert!(
        local(&other).iter().all(|found| !found.url.starts_with(&page.origin())),
        "a port of something else"
    );
    assert_eq!(choose(&[]), None);
}
