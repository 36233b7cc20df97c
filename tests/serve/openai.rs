//! The notes as a model of programs that speak as OpenAI's do.

use serde_json::{Value, json};

use crate::client::{QUESTION, Served, Vault};
use crate::scripted::{Server, openai_stream};

/// A conversation that ends in a question.
fn conversation(question: &str) -> Value {
    json!({ "model": "qsearch", "messages": [
        { "role": "system", "content": "You are helpful." }, { "role": "user", "content": question },
    ] })
}

/// What is said in an answer that came as one document, and its annotations.
fn said(served: &Served, body: &Value) -> (String, Vec<Value>) {
    let document = served.post("/v1/chat/completions", body).expect(200).json();
    assert_eq!(document["object"], "chat.completion");
    let choice = &document["choices"][0];
    assert_eq!((&choice["index"], &choice["finish_reason"]), (&json!(0), &json!("stop")));
    assert!(document["usage"]["total_tokens"].as_u64().unwrap() > 0, "{document}");
    let message = &choice["message"];
    (message["content"].as_str().unwrap().to_owned(), message["annotations"].as_array().unwrap().clone())
}

/// Reads a stream as `Open WebUI` does: lines of `data: `, each a document with a delta, until `[DONE]`. Gives the text, the
/// sources in the order in which they are told, and how many documents there were.
fn heard(stream: &str) -> (String, Vec<(String, String)>, usize) {
    let (mut text, mut sources, mut documents, mut is_over) = (String::new(), Vec::new(), 0, false);
    for line in stream.lines().filter(|line| !line.is_empty() && !line.starts_with(':')) {
        let data = line.strip_prefix("data: ").unwrap_or_else(|| panic!("{line}"));
        assert!(!is_over, "{data}");
        if data == "[DONE]" {
            is_over = true;
            continue;
        }
        let document: Value = serde_json::from_str(data).unwrap();
        assert_eq!(document["object"], "chat.completion.chunk");
        documents += 1;
        let Some(choice) = document["choices"].as_array().unwrap().first() else { continue };
        let delta = choice["delta"].as_object().unwrap();
        text.push_str(delta.get("content").and_then(Value::as_str).unwrap_or_default());
        for annotation in delta.get("annotations").and_then(Value::as_array).into_iter().flatten() {
            assert_eq!(annotation["type"], "url_citation");
            let citation = &annotation["url_citation"];
            let told = |name: &str| citation[name].as_str().unwrap().to_owned();
            sources.push((told("url"), told("title")));
        }
    }
    assert!(is_over, "{stream}");
    (text, sources, documents)
}

/// A stream.
fn streamed(served: &Served, body: &Value) -> String {
    let mut body = body.clone();
    body["stream"] = json!(true);
    let response = served.post("/v1/chat/completions", &body).expect(200);
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    response.text()
}

/// Checks that each number in the text is that of a source, and that the list at the end names them all.
fn check(text: &str, sources: &[(String, String)]) {
    let (answer, list) = text.split_once("\n\nSources:\n").unwrap_or_else(|| panic!("{text}"));
    assert_eq!(list.lines().count(), sources.len(), "{text}");
    for (at, line) in list.lines().enumerate() {
        let mark = format!("[{}]", at + 1);
        assert!(line.starts_with(&format!("{mark} notes/")) && answer.contains(&mark), "{text}");
        let path = line.split_whitespace().nth(1).unwrap();
        assert!(sources[at].1.contains(path), "{line}: {:?}", sources[at]);
    }
    assert!(!answer.contains(&format!("[{}]", sources.len() + 1)), "{text}");
}

#[test]
fn the_notes_answer_with_their_sources() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let (text, annotations) = said(&served, &conversation(QUESTION));
    assert!(text.starts_with("Most owls hunt at night."), "{text}");
    let citations: Vec<&Value> = annotations.iter().map(|annotation| &annotation["url_citation"]).collect();
    let told = |citation: &&Value, name: &str| citation[name].as_str().unwrap().to_owned();
    let sources: Vec<(String, String)> =
        citations.iter().map(|citation| (told(citation, "url"), told(citation, "title"))).collect();
    check(&text, &sources);
    // Indices count characters.
    let place = |name: &str| usize::try_from(citations[0][name].as_u64().unwrap()).unwrap();
    let (begins, ends) = (place("start_index"), place("end_index"));
    assert_eq!(text.chars().skip(begins).take(ends - begins).collect::<String>(), "[1]");
    // What is cited can be opened.
    let page = sources[0].0.strip_prefix(served.url.trim_end_matches('/')).unwrap();
    assert!(page.starts_with("/?note=notes/owls.md&lines="), "{page}");
    served.get(page).expect(200);
}

#[test]
fn streams_are_read_by_the_rules_of_open_webui() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let (whole, _) = said(&served, &conversation(QUESTION));
    let (text, sources, documents) = heard(&streamed(&served, &conversation(QUESTION)));
    assert_eq!(text, whole);
    check(&text, &sources);
    let mut counted = conversation(QUESTION);
    counted["stream_options"] = json!({ "include_usage": true });
    let stream = streamed(&served, &counted);
    assert_eq!(heard(&stream).2, documents + 1);
    let last = stream.lines().rfind(|line| line.starts_with("data: {")).unwrap();
    let last: Value = serde_json::from_str(&last["data: ".len()..]).unwrap();
    assert_eq!(last["choices"], json!([]));
    assert!(last["usage"]["completion_tokens"].as_u64().unwrap() > 5, "{last}");
}

#[test]
fn a_language_model_writes_if_there_is_one() {
    let (vault, pieces) = (Vault::usual(), ["Most owls hunt", " at night [1]. They weigh", " 7 kg."]);
    let llm = Server::start(vec![openai_stream(&pieces)]);
    let served = vault.serve(&[&format!("--write={}", llm.model())]);
    for text in
        [said(&served, &conversation(QUESTION)).0, heard(&streamed(&served, &conversation(QUESTION))).0]
    {
        assert!(
            text.starts_with("Most owls hunt at night. [1]\n\n(1 sentence without a source was left out.)"),
            "{text}"
        );
        assert!(!text.contains("7 kg"), "{text}");
    }
}

#[test]
fn the_notes_answer_where_the_language_model_cannot() {
    let vault = Vault::usual();
    let served = vault.serve(&["--write=http://127.0.0.1:9/v1#none"]);
    assert!(said(&served, &conversation(QUESTION)).0.starts_with("Most owls hunt at night."));
}

#[test]
fn questions_go_on_from_what_was_said() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let body = json!({ "messages": [
        { "role": "user", "content": "where do barn owls nest" },
        { "role": "assistant", "content": "In barns. [1]" },
        { "role": "user", "content": [{ "type": "text", "text": "and when do they hunt?" }] },
    ] });
    let (text, _) = said(&served, &body);
    assert!(text.contains("hunt at night"), "{text}");
}

#[test]
fn what_the_notes_do_not_answer_is_said() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let (text, _) = said(&served, &conversation("who painted the Mona Lisa"));
    assert!(text.starts_with("The notes don't seem to answer this."), "{text}");
    let nothing = json!({ "messages": [{ "role": "user", "content": "" }] });
    let document = served.post("/v1/chat/completions", &nothing).expect(200).json();
    assert_eq!(document["choices"][0]["message"]["content"], "Nothing was asked.");
}

#[test]
fn errors_have_the_form_that_these_clients_expect() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let wrong = |status: u16, response: crate::client::Response| {
        let document = response.expect(status).json();
        let error = &document["error"];
        assert!(error["message"].as_str().is_some_and(|what| !what.is_empty()), "{document}");
        assert!(error["type"].is_string() && document.as_object().unwrap().len() == 1, "{document}");
        error["message"].as_str().unwrap().to_owned()
    };
    let mut other = conversation(QUESTION);
    other["model"] = json!("gpt-4");
    let said = wrong(404, served.post("/v1/chat/completions", &other));
    assert!(said.contains("there are: qsearch"), "{said}");
    wrong(422, served.post("/v1/chat/completions", &json!({ "messages": [] })));
    wrong(422, served.post("/v1/chat/completions", &json!({ "model": "qsearch" })));
    wrong(400, served.send("POST", "/v1/chat/completions", &[("content-type", "application/json")], "{"));
    wrong(415, served.send("POST", "/v1/embeddings", &[("content-type", "text/plain")], "{}"));
    wrong(403, served.send("GET", "/v1/models", &[("origin", "http://evil.example")], ""));
    wrong(405, served.get("/v1/embeddings"));
    wrong(400, served.post("/v1/chat/completions", &conversation("tag:kitchen")));
}

#[test]
fn models_are_the_indexes() {
    let (vault, other) =
        (Vault::usual(), Vault::indexed(&[("tea.md", "# Tea\n\nGreen tea is brewed at 80 degrees.\n")]));
    let also = format!("work={}", other.path("index").display());
    let served = vault.serve(&["--also", &also]);
    let listed = served.get("/v1/models").expect(200).json();
    let names: Vec<&str> =
        listed["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!(names, ["qsearch", "qsearch/work"]);
    let mut body = conversation("how hot is green tea brewed");
    body["model"] = json!("qsearch/work");
    let (text, annotations) = said(&served, &body);
    assert!(text.contains("80 degrees"), "{text}");
    let url = annotations[0]["url_citation"]["url"].as_str().unwrap();
    assert!(url.contains("/?index=work&note=notes/tea.md&"), "{url}");
}

#[test]
fn texts_are_embedded_by_the_model_of_the_index() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let embed = |body: Value| served.post("/v1/embeddings", &body).expect(200).json();
    let two = embed(json!({ "model": "any", "input": ["Most owls hunt at night.", "bread"] }));
    assert_eq!(two["data"][1]["index"], 1);
    let first: Vec<f64> = serde_json::from_value(two["data"][0]["embedding"].clone()).unwrap();
    assert_eq!(first.len(), 384);
    assert!((first.iter().map(|number| number * number).sum::<f64>() - 1.0).abs() < 1e-3);
    assert_eq!(embed(json!({ "input": "Most owls hunt at night." }))["data"][0], two["data"][0]);
    let base64 = embed(json!({ "input": "bread", "encoding_format": "base64" }));
    assert_eq!(base64["data"][0]["embedding"].as_str().unwrap().len(), 4 * 384_usize.div_ceil(3) * 4);
    assert!(two["usage"]["prompt_tokens"].as_u64().unwrap() > 3);
}

#[test]
fn counters_tell_routes_and_no_questions() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    served.get("/api/ask?q=owls+at+night").expect(200);
    served.get("/api/notes/notes/owls.md").expect(200);
    served.get("/nowhere/owls").expect(404);
    let told = served.get("/metrics").expect(200).text();
    let count = r#"qsearch_request_duration_seconds_count{method="GET",route="/api/ask",status="200"} 1"#;
    assert!(told.contains(count), "{told}");
    assert!(told.contains(r#"qsearch_index_notes{index="default"} 2"#), "{told}");
    assert!(!told.contains("owls"), "{told}");
}
