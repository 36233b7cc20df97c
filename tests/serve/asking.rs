//! Answers that come as events, and answers that a language model writes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Events, QUESTION, Vault, question, writing};
use crate::scripted::{End, MODEL, Server, openai_stream};

/// The names of some events.
fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

/// What `ask --jsonl` prints, as events.
fn printed(vault: &Vault, args: &[&str]) -> Vec<(String, Value)> {
    let (out, err, _) = vault.run(&[&["ask", "--jsonl", "-n", "5"], args].concat());
    let event = |line: &str| {
        let mut event: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
        let name = event.as_object_mut().unwrap().remove("event").unwrap();
        (name.as_str().unwrap().to_owned(), event)
    };
    out.lines().map(event).collect()
}

/// Some events without what depends on how fast the disk is, and without what nobody has compared yet.
fn settled(events: Vec<(String, Value)>) -> Vec<(String, Value)> {
    let settle = |(name, mut document): (String, Value)| {
        if name == "done" {
            document["stale_notes"] = Value::Null;
        }
        (name, document)
    };
    events.into_iter().filter(|(name, _)| name != "delta").map(settle).collect()
}

#[test]
fn events_are_those_of_the_command_line() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    for asked in [QUESTION, "who painted the Mona Lisa"] {
        let events = served.events(&question(asked));
        assert!(events.head.contains("content-type: text/event-stream"), "{}", events.head);
        assert_eq!(settled(events.all()), settled(printed(&vault, &[asked])));
    }
}

#[test]
fn what_is_written_comes_as_it_is_written() {
    let (vault, pieces) = (Vault::usual(), ["Most owls hunt", " at night [1]. They weigh", " 7 kg."]);
    let llm = Server::start(vec![openai_stream(&pieces)]);
    let write = format!("--write={}", llm.model());
    let served = vault.serve(&[&write]);
    let events = served.events(&writing(QUESTION)).all();
    assert_eq!(names(&events)[..3], ["sources", "answer", "delta"]);
    let deltas: String = events
        .iter()
        .filter(|(name, _)| name == "delta")
        .map(|(_, delta)| delta["text"].as_str().unwrap())
        .collect();
    assert_eq!(deltas, pieces.concat());
    let (last, done) = events.last().unwrap().clone();
    assert_eq!((last.as_str(), &done["answer"]["text"]), ("done", &json!("Most owls hunt at night.")));
    assert_eq!(settled(events), settled(printed(&vault, &[&write, QUESTION])));
    let whole = served.post("/api/ask", &writing(QUESTION)).expect(200).json();
    assert_eq!(whole["answer"], done["answer"]);
    let state = served.get("/api/status?quick=1").expect(200).json();
    assert_eq!(state["llm"]["model"], MODEL);
    // Who asks may do without.
    let plain = served.post("/api/ask", &json!({ "question": QUESTION, "write": false })).expect(200).json();
    assert_eq!(plain["writing"], Value::Null);
    let chats = llm.chats().len();
    // Each letter that is typed is a question, and none asks a model unless that is asked for.
    served.post("/api/ask", &question(QUESTION)).expect(200);
    served.get("/api/ask?q=when+do+most+owls+hunt").expect(200);
    served.post("/api/ask", &writing("who painted the Mona Lisa")).expect(200);
    assert_eq!(llm.chats().len(), chats, "nobody is asked where the notes don't answer");
}

#[test]
fn what_answers_at_once_waits_for_nobody() {
    let vault = Vault::usual();
    let llm = Server::start(vec![openai_stream(&["Most owls"]).without_last(3).then(End::Hang)]);
    let served = vault.serve(&[&format!("--write={}", llm.model())]);
    let mut events = served.events(&writing(QUESTION));
    assert_eq!(events.next().unwrap().0, "sources");
    assert!(events.next().unwrap().1["text"].as_str().unwrap().starts_with("Most owls hunt at night"));
    assert_eq!(events.next().unwrap(), ("delta".to_owned(), json!({ "text": "Most owls" })));
}

#[test]
fn a_client_that_goes_away_frees_its_place() {
    let vault = Vault::usual();
    let hang = || openai_stream(&["Most owls"]).without_last(3).then(End::Hang);
    let llm =
        Server::start(vec![hang(), hang(), hang(), hang(), openai_stream(&["Most owls hunt at night."])]);
    let served = vault.serve(&[&format!("--write={}", llm.model())]);
    for _ in 0..2 {
        let mut two = [served.events(&writing(QUESTION)), served.events(&writing(QUESTION))];
        assert!(two.iter_mut().all(Events::nth_is_delta));
    }
    // If those who have gone had kept their places, this one would be refused.
    let events = served.events(&writing(QUESTION)).all();
    assert_eq!(events.last().unwrap().0, "done");
}

impl Events {
    /// Whether the third event is what a model writes.
    fn nth_is_delta(&mut self) -> bool {
        (0..3).map(|_| self.next().unwrap().0).last().as_deref() == Some("delta")
    }
}

#[test]
fn more_answers_than_are_written_at_once_are_refused() {
    let vault = Vault::usual();
    let llm = Server::start(vec![openai_stream(&["Most owls"]).without_last(3).then(End::Hang)]);
    let served = vault.serve(&[&format!("--write={}", llm.model())]);
    let mut two = [served.events(&writing(QUESTION)), served.events(&writing(QUESTION))];
    assert!(two.iter_mut().all(Events::nth_is_delta));
    let third = served.post("/api/ask", &writing(QUESTION));
    assert!(third.header("retry-after").is_some());
    third.refused(429, "busy");
    // What needs no language model is answered meanwhile.
    served.post("/api/ask", &json!({ "question": QUESTION, "write": false })).expect(200);
}

#[test]
fn a_language_model_that_is_not_there_is_told() {
    let vault = Vault::usual();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let served = vault.serve(&[&format!("--write=http://{closed}/v1#x")]);
    served.post("/api/ask", &writing(QUESTION)).refused(502, "model");
    let events = served.events(&writing(QUESTION)).all();
    assert_eq!(names(&events), ["sources", "answer", "error"]);
    assert_eq!(events[2].1["kind"], "model");
    let tried = served.post("/api/ask", &json!({ "question": QUESTION, "write": "try" })).expect(200).json();
    assert!(tried["writing"]["error"].is_string() && tried["answer"]["parts"].is_array(), "{tried}");
    assert_eq!(served.get("/api/status?quick=1").expect(200).json()["llm"], Value::Null);
}

#[test]
fn strict_answers_are_verbatim() {
    let vault = Vault::usual();
    let llm = Server::start(vec![openai_stream(&["Most owls hunt at night."])]);
    let served = vault.serve(&[&format!("--write={}", llm.model())]);
    let strict = served.post("/api/ask", &json!({ "question": QUESTION, "write": "strict" }));
    // A server that can't be held to sentences says so.
    assert!([200, 409, 502].contains(&strict.status), "{}", strict.text());
    assert!(Duration::from_secs(1) < crate::client::PATIENCE);
}
