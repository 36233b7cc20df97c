//! `ask --write`: what a person and a program see of what a language model writes, and of a server that doesn't do what
//! it should.

use serde_json::Value;

use crate::scripted::{MODEL, Reply, Server, ollama_stream, openai_stream};
use crate::support::{Run, Vault};

const OWLS: &str = "# Owls\n\n## Hunting\n\nMost owls hunt at night. A barn owl hears a mouse under 30 cm of snow. Owls \
                    swallow small prey whole.\n\n## Nests\n\nOwls don't build nests of their own. They lay 2 to 6 eggs.\n";
const BREAD: &str = "# Bread\n\nKnead the dough for ten minutes, then let it rest.\n";
const QUESTION: &str = "when do most owls hunt";

fn vault() -> Vault {
    Vault::indexed(&[("owls.md", OWLS), ("bread.md", BREAD)])
}

/// A server that writes these pieces.
fn writes(pieces: &[&str]) -> Server {
    Server::start(vec![openai_stream(pieces)])
}

fn ask(vault: &Vault, server: &Server, args: &[&str]) -> Run {
    let write = format!("--write={}", server.model());
    vault.run(&[&["ask", &write], args, &[QUESTION]].concat())
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

#[test]
fn sentences_are_printed_with_what_says_them() {
    let server = writes(&["Most owls hunt", " at night [3]. They weigh 7", " kg."]);
    let run = ask(&vault(), &server, &[]).expect(0);
    let expected = "Most owls hunt at night. [1]\n\n[1] notes/owls.md:5  ";
    assert!(run.stdout.starts_with(expected), "{run:?}");
    assert!(run.stdout.contains("\n(1 sentence without a source was left out)\n"), "{run:?}");
    assert!(!run.stdout.contains("weigh"), "{run:?}");
    // The machine's own server needs no remark, and it was named.
    assert_eq!(run.stderr, "");
    let chat = server.chats().remove(0);
    assert!(chat.said().contains("A barn owl hears a mouse") && !chat.said().contains("owls.md"), "{chat:?}");
    assert_eq!(chat.body["model"], MODEL);
}

#[test]
fn the_document_has_each_sentence_with_its_words() {
    let (vault, server) = (vault(), writes(&["Most owls hunt at night. They weigh 7 kg."]));
    let reply = json(&ask(&vault, &server, &["--json"]).expect(0));
    let answer = &reply["answer"];
    assert_eq!(
        (&answer["text"], &answer["left_out"], &answer["model"]),
        (&"Most owls hunt at night.".into(), &1.into(), &MODEL.into())
    );
    let sentence = &answer["sentences"][0];
    assert_eq!(
        (sentence["text"].as_str(), sentence["support"].as_str()),
        (Some("Most owls hunt at night."), Some("quoted"))
    );
    let cited = &sentence["citations"][0];
    let note = std::fs::read_to_string(vault.path("notes/owls.md")).unwrap();
    let bytes = |key: &str| cited[key].as_u64().unwrap() as usize;
    assert_eq!(&note[bytes("first_byte")..bytes("last_byte")], cited["text"].as_str().unwrap());
    assert_eq!((cited["first_line"].as_u64(), cited["path"].as_str()), (Some(5), Some("owls.md")));
    assert_eq!(cited["place"], Value::Null);
    assert_eq!(reply["results"][bytes("source") - 1]["path"], "owls.md");
    assert_eq!(
        (&reply["writing"]["server"], &reply["writing"]["error"]),
        (&server.origin().into(), &Value::Null)
    );
}

#[test]
fn events_come_one_a_line() {
    let server =
        writes(&["Most owls hunt at night. ", "They weigh 7 kg. ", "Owls swallow small prey whole."]);
    let run = ask(&vault(), &server, &["--jsonl"]).expect(0);
    let events: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["sources", "answer", "sentence", "left_out", "sentence", "done"]);
    assert_eq!(events[5]["answer"]["sentences"][1], {
        let mut sentence = events[4].clone();
        sentence.as_object_mut().unwrap().remove("event");
        sentence
    });
    // Without a model the events are those that there are.
    let run = vault().run(&["ask", "--jsonl", QUESTION]).expect(0);
    assert_eq!(run.stdout.lines().count(), 3, "{run:?}");
    let run = vault().run(&["ask", "--jsonl", "what is the capital of France"]).expect(1);
    assert_eq!(run.stdout.lines().count(), 2, "{run:?}");
}

#[test]
fn no_model_is_asked_where_the_notes_do_not_answer() {
    let server = writes(&["Paris."]);
    let write = format!("--write={}", server.model());
    let run = vault().run(&["ask", &write, "what is the capital of France"]).expect(1);
    assert!(run.stdout.contains("The notes don't seem to answer this."), "{run:?}");
    assert!(server.requests().is_empty());
}

#[test]
fn where_nothing_remains_the_notes_answer() {
    let server = writes(&["Cats sleep on sofas. They weigh 7 kg."]);
    let run = ask(&vault(), &server, &[]).expect(0);
    assert!(run.stdout.starts_with("(2 sentences without a source were left out)\n"), "{run:?}");
    assert!(run.stdout.contains("Most owls hunt at night."), "{run:?}");
    let reply = json(&ask(&vault(), &server, &["--json"]).expect(0));
    assert!(reply["answer"]["parts"].is_array() && reply["writing"]["left_out"] == 2, "{reply}");
}

#[test]
fn a_model_is_named_by_flag_variable_or_settings() {
    let vault = vault();
    let server = writes(&["Most owls hunt at night."]);
    let model = server.model();
    let run =
        crate::support::finish(vault.command().args(["ask", "--write", QUESTION]).env("QSEARCH_LLM", &model));
    assert!(run.expect(0).stdout.starts_with("Most owls hunt at night. [1]"));
    let config = vault.path("home/.config/qsearch");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), format!("llm = '{model}'")).unwrap();
    let run = vault.run(&["ask", "--write", QUESTION]).expect(0);
    assert!(run.stdout.starts_with("Most owls hunt at night. [1]"), "{run:?}");
    // Nothing is written where nobody asks for it.
    let before = server.chats().len();
    vault.run(&["ask", QUESTION]).expect(0);
    assert_eq!(server.chats().len(), before);
    let ollama = Server::start(vec![ollama_stream(&["Most owls hunt at night."])]);
    let write = ["ask", "--write=ollama:scripted", QUESTION];
    let run = crate::support::finish(vault.command().args(write).env("OLLAMA_HOST", ollama.origin()));
    assert!(run.expect(0).stdout.starts_with("Most owls hunt at night. [1]"));
}

#[test]
fn what_runs_on_this_machine_is_found_and_said() {
    let (vault, server) = (vault(), writes(&["Most owls hunt at night."]));
    let found = |args: &[&str]| {
        crate::support::finish(vault.command().args(args).env("OPENAI_BASE_URL", server.url()))
    };
    let run = found(&["ask", "--write", QUESTION]).expect(0);
    assert!(run.stderr.contains(&format!("{MODEL} at {}", server.origin())), "{run:?}");
    let listed = found(&["model", "list"]).expect(0);
    assert!(listed.stdout.contains(&server.model()), "{listed:?}");
    let listed: Value = serde_json::from_str(&found(&["model", "list", "--json"]).expect(0).stdout).unwrap();
    let is_ours = |model: &&Value| model["kind"] == "language_model" && model["name"] == server.model();
    assert!(listed.as_array().unwrap().iter().find(is_ours).is_some(), "{listed}");
}

#[test]
fn a_project_cannot_say_where_notes_go() {
    let vault = vault();
    let server = writes(&["Most owls hunt at night."]);
    for llm in [server.model(), "openai:gpt".to_owned(), "http://evil.example/v1".to_owned(), "?".to_owned()]
    {
        std::fs::write(vault.path("qsearch.toml"), format!("\nllm = '{llm}'")).unwrap();
        let run = vault.run(&["ask", "--write", QUESTION]).expect(2);
        assert!(run.stderr.contains("qsearch.toml:2: ") && run.stderr.contains("hint: "), "{run:?}");
        assert_eq!(run.stdout, "");
    }
    assert!(server.requests().is_empty());
    // What is typed wins.
    ask(&vault, &server, &[]).expect(0);
    // A model of this machine's Ollama is a matter of taste.
    std::fs::write(vault.path("qsearch.toml"), "llm = 'ollama:scripted'").unwrap();
    let ollama = Server::start(vec![ollama_stream(&["Most owls hunt at night."])]);
    let written = |host: &str| {
        crate::support::finish(vault.command().args(["ask", "--write", QUESTION]).env("OLLAMA_HOST", host))
    };
    assert!(written(&ollama.origin()).expect(0).stdout.starts_with("Most owls hunt at night. [1]"));
    assert!(written("http://elsewhere.example").expect(2).stderr.contains("can't say where notes are sent"));
}

#[test]
fn what_a_server_does_wrong_is_told_with_a_hint() {
    let vault = vault();
    let html = Reply::new(200, "text/html", "<!doctype html><title>Router</title>");
    let elsewhere = Reply::new(302, "text/plain", "").header("location", "http://elsewhere.example/");
    let busy = Reply::refusal(429, "slow down").header("retry-after", "7");
    for (reply, said) in [
        (html, "isn't the server of a language model"),
        (elsewhere, "elsewhere.example"),
        (Reply::refusal(401, "no"), "key"),
        (busy, "7"),
        (Reply::refusal(500, "boom"), "boom"),
    ] {
        let server = Server::start(vec![reply]);
        let run = ask(&vault, &server, &[]).expect(2);
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains(said), "{said}: {run:?}");
        assert!(run.stderr.contains("\nhint: ") && run.stdout.is_empty(), "{run:?}");
        // With `try`, the notes' own words are the answer.
        let write = format!("--write=try,{}", server.model());
        let run = vault.run(&["ask", &write, QUESTION]).expect(0);
        assert!(run.stdout.starts_with("Most owls hunt at night."), "{run:?}");
        assert!(run.stderr.starts_with("warning: ") && run.stderr.contains(said), "{said}: {run:?}");
        let reply = json(&vault.run(&["ask", "--json", &write, QUESTION]).expect(0));
        assert!(reply["writing"]["error"].as_str().unwrap().contains(said), "{reply}");
    }
    let absent = vault.run(&["ask", "--write=http://127.0.0.1:9/v1#x", QUESTION]).expect(2);
    assert!(absent.stderr.contains("127.0.0.1:9") && absent.stderr.contains("hint: "), "{absent:?}");
    let error = vault.run(&["ask", "--json", "--write=http://127.0.0.1:9/v1#x", QUESTION]).expect(2);
    let error: Value = serde_json::from_str(&error.stderr).unwrap();
    assert_eq!(error["kind"], "model", "{error}");
}

#[test]
fn a_silent_server_is_waited_for_as_long_as_is_said() {
    let silent =
        openai_stream(&["Most owls hunt at night. And"]).without_last(3).then(crate::scripted::End::Hang);
    let server = Server::start(vec![silent]);
    let run = ask(&vault(), &server, &["--timeout", "1"]).expect(0);
    assert!(run.stdout.starts_with("Most owls hunt at night. [1]\n"), "{run:?}");
    assert!(run.stdout.contains("(the answer may go on: "), "{run:?}");
    let silent = openai_stream(&[]).without_last(4).then(crate::scripted::End::Hang);
    let run = ask(&vault(), &Server::start(vec![silent]), &["--timeout", "1"]).expect(2);
    assert!(run.stderr.contains("1 s"), "{run:?}");
}

#[test]
fn mistakes_in_names_are_told() {
    let vault = vault();
    for (write, said) in [
        ("--write=nobody:x", "names no language model"),
        ("--write=ftp://a/v1", "names no language model"),
        ("--write=ollama:a,openai:b", "two models"),
    ] {
        let run = vault.run(&["ask", write, QUESTION]).expect(2);
        assert!(run.stderr.contains(said) && run.stderr.contains("hint: "), "{run:?}");
    }
    let run =
        crate::support::finish(vault.command().args(["ask", "--write", QUESTION]).env("QSEARCH_LLM", "x:y"));
    assert!(run.expect(2).stderr.contains("QSEARCH_LLM: "));
}

#[test]
fn keys_are_never_printed() {
    let vault = vault();
    let server = Server::start(vec![Reply::refusal(401, "the key sk-very-secret is wrong")]);
    for args in [&["ask", "-vvv"][..], &["ask"], &["ask", "--json"]] {
        let mut command = vault.command();
        command.args(args).args(["--write=openai:gpt", QUESTION]);
        command.env("OPENAI_API_KEY", "sk-very-secret").env("OPENAI_BASE_URL", server.url());
        let run = crate::support::finish(&mut command);
        assert!(!run.stderr.contains("very-secret") && !run.stdout.contains("very-secret"), "{run:?}");
    }
    assert_eq!(server.chats()[0].header("authorization"), Some("Bearer sk-very-secret"));
}

#[test]
fn what_a_model_writes_does_not_act_on_a_terminal() {
    let hostile = "# Owls\n\nMost owls hunt at night\u{1b}]0;x\u{7} and \u{202e}sleep by day.\n";
    let vault = Vault::indexed(&[("owls.md", hostile)]);
    let server = writes(&["Most owls hunt at night\u{1b}]0;x\u{7} and \u{202e}sleep by day."]);
    let run = ask(&vault, &server, &[]).expect(0);
    assert!(!run.stdout.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{run:?}");
}
