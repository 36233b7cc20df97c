//! Who is let in: not by another name of this machine, not from a page of another site, not without the token.

use serde_json::json;

use crate::client::{QUESTION, Vault, question};

#[test]
fn another_name_of_this_machine_is_refused() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    for host in [
        "evil.example",
        "evil.example:7717",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "169.254.169.254",
        "0.0.0.0",
        "localhost@evil.example",
    ] {
        for path in ["/", "/api/status", "/api/ask?q=x", "/mcp", "/assets/page.js", "/nothing"] {
            let answer = served.send("GET", path, &[("host", host)], "");
            assert!(matches!(answer.status, 400 | 403), "{host} {path}: {}", answer.status);
            assert!(answer.json()["error"].is_string());
        }
    }
    served.send("GET", "/api/status", &[("host", "evil.example")], "").refused(403, "forbidden");
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:7717"] {
        served.send("GET", "/api/health", &[("host", host)], "").expect(200);
    }
    assert_eq!(served.raw(b"GET /api/health HTTP/1.1\r\nconnection: close\r\n\r\n").status, 400);
    let two =
        format!("GET /api/health HTTP/1.1\r\nhost: {0}\r\nhost: {0}\r\nconnection: close\r\n\r\n", served.at);
    assert_eq!(served.raw(two.as_bytes()).status, 400);
    let whole = format!(
        "GET http://evil.example/api/health HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
        served.at
    );
    assert_eq!(served.raw(whole.as_bytes()).status, 403);
    let other = vault.serve(&["--allow-host", "notes.example.org"]);
    other.send("GET", "/api/health", &[("host", "notes.example.org")], "").expect(200);
}

#[test]
fn pages_of_other_sites_are_refused() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let own = format!("http://{}", served.at);
    let json_kind = ("content-type", "application/json");
    let body = question(QUESTION).to_string();
    served.send("POST", "/api/ask", &[json_kind, ("origin", &own)], &body).expect(200);
    for origin in [
        "http://evil.example",
        "null",
        "http://127.0.0.1:1",
        "https://127.0.0.1",
        "http://localhost:3000",
        "chrome-extension://abc",
        "",
    ] {
        for path in ["/api/ask", "/mcp"] {
            let answer = served.send("POST", path, &[json_kind, ("origin", origin)], &body);
            assert_eq!(answer.header("access-control-allow-origin"), None);
            answer.refused(403, "forbidden");
        }
        served.send("GET", "/api/status", &[("origin", origin)], "").refused(403, "forbidden");
        served
            .send("OPTIONS", "/api/ask", &[("origin", origin), ("access-control-request-method", "POST")], "")
            .refused(403, "forbidden");
    }
    for site in ["cross-site", "same-site"] {
        let image = [("sec-fetch-site", site), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")];
        served.send("GET", "/api/ask?q=x", &image, "").refused(403, "forbidden");
        let link = [("sec-fetch-site", site), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        served.send("GET", "/?q=x", &link, "").expect(200);
        served.send("GET", "/api/ask?q=x", &link, "").refused(403, "forbidden");
    }
    // What a form can send without being asked.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        served.send("POST", "/api/ask", &[("content-type", kind)], &body).refused(415, "usage");
        served.send("POST", "/mcp", &[("content-type", kind)], &body).refused(415, "usage");
    }
}

#[test]
fn pages_that_were_named_may_ask() {
    let vault = Vault::usual();
    let served = vault.serve(&["--allow-origin", "http://localhost:3000/"]);
    let origin = ("origin", "http://localhost:3000");
    let asked = served
        .send(
            "OPTIONS",
            "/api/ask",
            &[
                origin,
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "content-type"),
            ],
            "",
        )
        .expect(204);
    assert_eq!(asked.header("access-control-allow-origin"), Some("http://localhost:3000"));
    assert_eq!(asked.header("access-control-allow-credentials"), None);
    assert!(asked.header("access-control-allow-headers").unwrap().contains("content-type"));
    let body = question(QUESTION).to_string();
    let answer = served
        .send(
            "POST",
            "/api/ask",
            &[origin, ("content-type", "application/json"), ("sec-fetch-site", "same-site")],
            &body,
        )
        .expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("http://localhost:3000"));
    served.send("GET", "/api/status", &[("origin", "http://localhost:3001")], "").refused(403, "forbidden");
}

#[test]
fn whoever_asks_must_know_the_token() {
    let vault = Vault::usual();
    let file = vault.path("token");
    let served = vault.serve(&["--token-file", file.to_str().unwrap()]);
    let shown = served.said();
    let token = std::fs::read_to_string(&file).unwrap().trim().to_owned();
    assert!(token.len() >= 64 && shown.contains(&token), "{shown}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
    }
    let right = format!("Bearer {token}");
    let wrong = format!("Bearer {}", token.replace(|c: char| c.is_ascii_digit(), "f"));
    let paths = [
        "/api/status",
        "/api/ask?q=x",
        "/api/search?q=x",
        "/api/notes/notes/owls.md",
        "/api/files/notes/a.png",
        "/mcp",
        "/nothing",
    ];
    for path in paths {
        for headers in [
            &[][..],
            &[("authorization", wrong.as_str())],
            &[("authorization", token.as_str())],
            &[("authorization", "Bearer")],
            &[("authorization", "Bearer ")],
            &[("authorization", "Basic dTpw")],
            &[("authorization", right.as_str()), ("authorization", right.as_str())],
            &[("cookie", right.as_str())],
            &[("x-api-key", token.as_str())],
        ] {
            let answer = served.send("GET", path, headers, "");
            assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"));
            assert!(!answer.refused(401, "unauthorized").contains(&token));
        }
        served
            .send(
                "GET",
                &format!("{path}{}token={token}", if path.contains('?') { '&' } else { '?' }),
                &[],
                "",
            )
            .refused(401, "unauthorized");
    }
    served.send("GET", "/api/status", &[("authorization", &right)], "").expect(200);
    served
        .send("GET", "/api/status", &[("authorization", &right.replace("Bearer", "bearer"))], "")
        .expect(200);
    for path in ["/", "/assets/page.js", "/api/health"] {
        served.get(path).expect(200);
    }
    // It is the same the next time, and isn't shown again.
    let again = vault.serve(&["--token-file", file.to_str().unwrap()]);
    assert!(!again.said().contains(&token));
    again.send("GET", "/api/status", &[("authorization", &right)], "").expect(200);
}

#[test]
fn what_would_let_anybody_in_is_refused() {
    let vault = Vault::usual();
    for (args, words) in [
        (&["--host", "0.0.0.0"][..], ["isn't encrypted", "--tls-cert"]),
        (&["--host", "0.0.0.0", "--no-token", "--behind-proxy"], ["anybody", "--no-token"]),
        (&["--host", "::", "--no-token"], ["isn't encrypted", "--behind-proxy"]),
        (&["--host", "192.0.2.1", "--behind-proxy"], ["isn't an address", "0.0.0.0"]),
        (&["--host", "no.such.host.invalid"], ["no address", "0.0.0.0"]),
        (&["--allow-host", "a/b"], ["`a/b`", "notes.example.org"]),
        (&["--allow-origin", "notes.example.org"], ["no origin", "https://"]),
        (&["--allow-origin", "*"], ["no origin", "https://"]),
        (&["--tls-cert", "x"], ["--tls-key", ""]),
        (&["--tls-cert", "notes/owls.md", "--tls-key", "notes/owls.md"], ["certificate", "PEM"]),
        (&["--also", "search=x"], ["taken", ""]),
        (&["--token-file", "notes/owls.md"], ["notes/owls.md", "token"]),
    ] {
        let (out, err, status) = vault.run(&[&["serve", "--port", "0"], args].concat());
        assert_eq!((out.as_str(), status), ("", Some(2)), "{args:?}: {err}");
        assert!(words.iter().all(|word| err.contains(word)), "{args:?}: {err}");
    }
}

#[test]
fn off_this_machine_a_token_is_made() {
    let vault = Vault::usual();
    let served = vault.serve(&["--host", "0.0.0.0", "--behind-proxy"]);
    let file = vault.path("home/.local/state/qsearch/serve-token");
    let token = std::fs::read_to_string(file).unwrap();
    assert!(served.said().contains(token.trim()));
    served.get("/api/status").refused(401, "unauthorized");
    let right = format!("Bearer {}", token.trim());
    served.send("GET", "/api/status", &[("authorization", &right)], "").expect(200);
    served
        .send("GET", "/api/status", &[("authorization", &right), ("host", "192.0.2.7:7717")], "")
        .expect(200);
    served
        .send("GET", "/api/status", &[("authorization", &right), ("host", "evil.example")], "")
        .refused(403, "forbidden");
}

#[test]
fn logs_name_no_question_unless_that_is_wanted() {
    let vault = Vault::usual();
    let served = vault.serve(&["--log"]);
    served.post("/api/ask", &json!({ "question": "secret owls" })).expect(200);
    served.get("/api/search?q=secret+owls").expect(200);
    served.get("/api/notes/notes/owls.md").expect(200);
    served.get("/secret").refused(404, "not_found");
    let mut said = String::new();
    while !said.contains(" 404 ") {
        said += &(served.said() + "\n");
    }
    assert!(
        said.contains("POST /api/ask 200 ") && said.contains("GET /api/notes/{root}/{*path} 200 "),
        "{said}"
    );
    assert!(!said.contains("secret") && !said.contains("owls"), "{said}");
    let served = vault.serve(&["--log-questions"]);
    served.post("/api/ask", &json!({ "question": "secret owls" })).expect(200);
    assert!(served.said().contains("secret owls"));
}
