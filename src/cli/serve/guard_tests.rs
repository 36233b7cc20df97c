//! Tests of who is let in.

use axum::http::Request;

use super::*;

fn parts(headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().uri("/api/status");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

fn guard() -> Guard {
    Guard { hosts: ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec(), ..Guard::default() }
}

#[test]
fn hosts_are_read_as_they_are_written() {
    let of = |text: &str| Authority::parse(text).map(|at| (at.host, at.port));
    assert_eq!(of("LocalHost:7717"), Some(("localhost".to_owned(), Some(7717))));
    assert_eq!(of("localhost."), Some(("localhost".to_owned(), None)));
    assert_eq!(of("[::1]:80"), Some(("::1".to_owned(), Some(80))));
    for wrong in [
        "", ":80", "a:b", "a:99999", "a:+1", "a b", "a/b", "a@b", "[::1", "[x]", "[::1]x", "::1", "a,b",
        "a\\b",
    ] {
        assert_eq!(of(wrong), None, "{wrong}");
    }
}

#[test]
fn only_hosts_that_are_served_are_answered() {
    let guard = guard();
    for host in ["localhost", "localhost:7717", "127.0.0.1:1", "[::1]:7717", "LOCALHOST"] {
        assert!(guard.admit(&parts(&[("host", host)])).is_ok(), "{host}");
    }
    for host in [
        "evil.example",
        "127.0.0.1.nip.io",
        "localhost.evil.example",
        "192.168.1.2",
        "0.0.0.0",
        "x@localhost",
    ] {
        assert!(guard.admit(&parts(&[("host", host)])).is_err(), "{host}");
    }
    assert!(guard.admit(&parts(&[])).is_err());
    assert!(guard.admit(&parts(&[("host", "localhost"), ("host", "localhost")])).is_err());
    let open = Guard { any_address: true, ..guard };
    assert!(open.admit(&parts(&[("host", "192.168.1.2:7717")])).is_ok());
    assert!(open.admit(&parts(&[("host", "evil.example")])).is_err());
}

#[test]
fn pages_of_other_sites_are_refused() {
    let guard = guard();
    let from = |origin| guard.admit(&parts(&[("host", "localhost:7717"), ("origin", origin)]));
    assert!(from("http://localhost:7717").is_ok());
    for origin in [
        "http://localhost:3000",
        "https://localhost:7717",
        "http://127.0.0.1:7717",
        "http://localhost",
        "http://evil.example",
        "null",
        "",
        "http://localhost:7717.evil.example",
        "file://",
    ] {
        assert!(from(origin).is_err(), "{origin}");
    }
    let twice =
        [("host", "localhost:7717"), ("origin", "http://localhost:7717"), ("origin", "http://evil.example")];
    assert!(guard.admit(&parts(&twice)).is_err());
}

#[test]
fn pages_that_were_let_in_may_ask() {
    let guard = Guard { origins: vec!["http://localhost:3000".to_owned()], ..guard() };
    let from = |origin, site| {
        guard.admit(&parts(&[("host", "localhost:7717"), ("origin", origin), ("sec-fetch-site", site)]))
    };
    assert_eq!(from("http://localhost:3000", "same-site").unwrap().as_deref(), Some("http://localhost:3000"));
    assert!(from("http://localhost:3001", "same-site").is_err());
}

#[test]
fn what_browsers_send_for_other_sites_is_refused_but_links_to_the_page() {
    let guard = guard();
    let ask = |path: &str, site: &str, mode: &str, dest: &str| {
        let request = Request::builder().uri(path).header("host", "localhost:7717");
        let request = request
            .header("sec-fetch-site", site)
            .header("sec-fetch-mode", mode)
            .header("sec-fetch-dest", dest);
        guard.admit(&request.body(()).unwrap().into_parts().0).is_ok()
    };
    assert!(ask("/api/status", "same-origin", "cors", "empty"));
    assert!(ask("/api/status", "none", "navigate", "document"));
    assert!(ask("/?q=owls", "cross-site", "navigate", "document"));
    assert!(!ask("/", "cross-site", "navigate", "iframe"));
    for site in ["cross-site", "same-site", "strange"] {
        assert!(!ask("/api/ask", site, "no-cors", "image"), "{site}");
        assert!(!ask("/api/ask", site, "navigate", "document"), "{site}");
    }
}

#[test]
fn behind_a_proxy_pages_have_its_name() {
    let hosts = ["localhost", "127.0.0.1", "notes.example.org"].map(str::to_owned).to_vec();
    let guard = Guard { hosts, behind_proxy: true, ..Guard::default() };
    let ask = |host, origin| guard.admit(&parts(&[("host", host), ("origin", origin)])).is_ok();
    assert!(ask("notes.example.org", "https://notes.example.org"));
    assert!(ask("127.0.0.1:7717", "https://notes.example.org"));
    assert!(!ask("127.0.0.1:7717", "https://evil.example"));
    assert!(!ask("127.0.0.1:7717", "https://localhost:3000"));
}

#[test]
fn bearers_are_read() {
    assert_eq!(bearer("Bearer abc"), Some("abc"));
    assert_eq!(bearer("bearer  abc "), Some("abc"));
    assert_eq!(bearer("Basic abc"), None);
    assert_eq!(bearer("abc"), None);
    assert!(guard().check_token(&HeaderMap::new()).is_ok());
}
