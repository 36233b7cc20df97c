//! The documents are those of `--json`, to the byte.

use serde_json::{Value, json};

use crate::client::{OWLS, QUESTION, Vault, question};

/// What the command line prints.
fn printed(vault: &Vault, args: &[&str]) -> String {
    let (out, err, status) = vault.run(args);
    assert!(matches!(status, Some(0 | 1)), "{out}{err}");
    out
}

/// A document without what depends on how fast the disk is.
fn settled(text: &str) -> String {
    text.replace("\"stale_notes\":null", "\"stale_notes\":0")
}

#[test]
fn an_answer_is_what_ask_prints() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    for (asked, args) in [
        (question(QUESTION), &["ask", "--json", "-n", "5", QUESTION][..]),
        (json!({ "question": QUESTION, "sources": 1 }), &["ask", "--json", "-n", "1", QUESTION]),
        (
            json!({ "q": "how often is the starter fed", "tag": "kitchen", "n": "2" }),
            &["ask", "--json", "-n", "2", "--tag", "kitchen", "how often is the starter fed"],
        ),
        (question("who painted the Mona Lisa"), &["ask", "--json", "-n", "5", "who painted the Mona Lisa"]),
        (
            json!({ "question": "owls \"at night\" -bread", "paths": ["notes/**", "*.md"] }),
            &["ask", "--json", "-n", "5", "--path", "notes/**", "--path", "*.md", "owls \"at night\" -bread"],
        ),
    ] {
        let answer = served.post("/api/ask", &asked).expect(200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(settled(&answer.text()), settled(&printed(&vault, args)), "{asked}");
    }
    let by_get = served.get("/api/ask?q=when+do%20most+owls+hunt&sources=5").expect(200).text();
    assert_eq!(settled(&by_get), settled(&printed(&vault, &["ask", "--json", "-n", "5", QUESTION])));
    assert_eq!(
        settled(&served.get("/api/default/ask?question=when+do+most+owls+hunt").expect(200).text()),
        settled(&by_get)
    );
}

#[test]
fn what_is_found_is_what_search_prints() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let listed = printed(&vault, &["search", "--json", "-n", "8", "owls in barns"]);
    let expected = format!("{{\"query\":\"owls in barns\",\"results\":{}}}\n", listed.trim_end());
    assert_eq!(served.post("/api/search", &json!({ "query": "owls in barns" })).expect(200).text(), expected);
    assert_eq!(served.get("/api/search?q=owls+in+barns&limit=8").expect(200).text(), expected);
    let listed = printed(
        &vault,
        &["search", "--json", "--since", "2024-05", "--path", "kitchen/**", "--path", "x/**", "tag:kitchen"],
    );
    let filtered =
        served.get("/api/search?q=tag:kitchen&since=2024-05&path=kitchen/**&path=x/**").expect(200);
    assert_eq!(filtered.text(), format!("{{\"query\":\"tag:kitchen\",\"results\":{}}}\n", listed.trim_end()));
    served.get("/api/search?q=+&since=2024-05").refused(400, "usage");
    let two = served.post("/api/search", &json!({ "query": "owls", "limit": 2 })).expect(200).json();
    assert_eq!(two["results"].as_array().unwrap().len(), 2);
}

#[test]
fn the_state_is_what_status_prints() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let state = served.get("/api/status").expect(200).json();
    let mut printed: Value = serde_json::from_str(&printed(&vault, &["status", "--json"])).unwrap();
    for (name, value) in [
        ("version", json!(env!("CARGO_PKG_VERSION"))),
        ("name", json!("default")),
        ("indexes", json!(["default"])),
        ("llm", Value::Null),
    ] {
        printed[name] = value;
    }
    assert_eq!(state, printed);
    vault.write("new.md", "New.\n");
    let state = served.get("/api/status").expect(200).json();
    assert_eq!((&state["stale"], &state["new"][0]["path"]), (&json!(true), &json!("new.md")));
    let quick = served.get("/api/status?quick=1").expect(200).json();
    assert_eq!((&quick["stale"], &quick["new"], &quick["files"]), (&Value::Null, &json!([]), &json!(2)));
    assert_eq!(
        served.get("/api/health").expect(200).json(),
        json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })
    );
}

#[test]
fn a_note_is_what_get_prints_and_more() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let note = served.get("/api/notes/notes/owls.md").expect(200).json();
    let printed: Value = serde_json::from_str(&printed(&vault, &["get", "--json", "notes/owls.md"])).unwrap();
    for (name, value) in printed.as_object().unwrap() {
        assert_eq!(&note[name], value, "{name}");
    }
    assert_eq!(
        (&note["text"], &note["kind"], &note["truncated"]),
        (&json!(OWLS), &json!("markdown"), &json!(false))
    );
    assert_eq!(
        (&note["lines"], &note["places"], &note["file"]),
        (&json!({ "first": 1, "last": 9 }), &json!([]), &json!(false))
    );
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_can() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    for (asked, status, words) in [
        (json!({ "question": "x", "colour": 1 }), 422, ["no field `colour`", "`question`"]),
        (json!({}), 422, ["`question` is missing", "takes"]),
        (json!({ "question": "x", "sources": 0 }), 422, ["`sources` is 0", "from 1 to"]),
        (json!({ "question": "x", "paths": [["a"]] }), 422, ["`paths`", "list of texts"]),
        (json!({ "question": "x", "since": "whenever" }), 400, ["no day", "2024-06-30"]),
        (json!({ "question": " " }), 400, ["is empty", ""]),
        (json!({ "question": "tag:kitchen" }), 400, ["where to look", "search"]),
        (json!({ "question": "x", "paths": ["[z"] }), 400, ["[z", "use"]),
        (json!({ "question": "x", "write": "well" }), 400, ["`write` is `well`", "strict"]),
        (json!([1]), 422, ["object", "JSON"]),
    ] {
        let said = served.post("/api/ask", &asked).refused(status, "usage");
        assert!(words.iter().all(|word| said.contains(word)), "{asked}: {said}");
    }
    for body in ["", "{", "{\"question\": \"x\"} x", "\u{feff}{}"] {
        let answer = served.send("POST", "/api/ask", &[("content-type", "application/json")], body);
        answer.refused(400, "usage");
    }
    let deep = "[".repeat(100_000);
    served.send("POST", "/api/ask", &[("content-type", "application/json")], &deep).refused(400, "usage");
    for path in [
        "/api/search",
        "/api/search?q=x&colour=1",
        "/api/search?q=x&q=y",
        "/api/search?q=%ff",
        "/api/search?q=x&limit=0",
        "/api/status?quick=maybe",
        "/api/health?x=1",
    ] {
        served.get(path).refused(400, "usage");
    }
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/other/search?q=x",
        "/nothing",
        "/assets/",
        "/assets/x.js",
        "/api/notes/notes",
        "/v0",
    ] {
        served.get(path).refused(404, "not_found");
    }
    served.post("/api/status", &json!({})).refused(405, "usage");
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        served.send(method, "/api/status", &[], "").refused(405, "usage");
    }
    served.send("GET", "/api/ask?q=x", &[("accept", "text/html")], "").refused(406, "usage");
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "",
    ] {
        served
            .send("POST", "/api/ask", &[("content-type", kind)], "{\"question\":\"x\"}")
            .refused(415, "usage");
    }
    served.send("POST", "/api/ask", &[], "{\"question\":\"x\"}").refused(415, "usage");
}

#[test]
fn answers_say_what_may_be_done_with_them() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    for (path, policy) in [
        ("/", "script-src 'self'"),
        ("/api/health", "default-src 'none'"),
        ("/nothing", "default-src 'none'"),
    ] {
        let answer = served.get(path);
        let csp = answer.header("content-security-policy").unwrap();
        assert!(
            csp.contains(policy) && csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe"),
            "{csp}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path} {name}");
        }
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert_eq!(served.get("/api/health").header("cache-control"), Some("no-store"));
    let page = served.get("/").expect(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").unwrap().contains("require-trusted-types-for 'script'"));
    for path in ["/", "/assets/page.css", "/assets/page.js"] {
        let asset = served.get(path).expect(200);
        let tag = asset.header("etag").unwrap();
        let again = served.send("GET", path, &[("if-none-match", tag)], "").expect(304);
        assert_eq!(again.body, b"", "{path}");
        assert_eq!(served.send("HEAD", path, &[], "").expect(200).body, b"");
    }
}
