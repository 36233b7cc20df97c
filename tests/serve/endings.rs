//! Ends: by a signal, while somebody listens, and ports that are taken.

use std::time::Duration;

use crate::client::{QUESTION, Vault, writing};
use crate::scripted::{End, Server, openai_stream};

/// How long the program may take to end, and a busy machine longer.
const END: Duration = Duration::from_secs(10);

#[test]
fn a_signal_ends_it_as_if_all_was_well() {
    let vault = Vault::usual();
    let mut served = vault.serve(&[]);
    served.get("/api/health").expect(200);
    served.terminate();
    assert_eq!(served.wait(END).code(), Some(0));
    assert!(std::net::TcpStream::connect(&served.at).is_err());
}

#[test]
fn who_listens_is_told_of_the_end() {
    let vault = Vault::usual();
    let llm = Server::start(vec![openai_stream(&["Most owls"]).without_last(3).then(End::Hang)]);
    let mut served = vault.serve(&[&format!("--write={}", llm.model())]);
    let idle = served.connect();
    let mut events = served.events(&writing(QUESTION));
    while events.next().unwrap().0 != "delta" {}
    served.terminate();
    let (name, error) = events.next().unwrap();
    assert_eq!((name.as_str(), &error["kind"]), ("error", &"interrupted".into()));
    assert!(events.next().is_none());
    assert_eq!(served.wait(END).code(), Some(0));
    drop(idle);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let port = served.at.rsplit(':').next().unwrap();
    let (_, err, status) = vault.run(&["serve", "--port", port]);
    assert_eq!(status, Some(2));
    assert!(err.contains(&format!("port {port} of 127.0.0.1 is taken")) && err.contains("--port 0"), "{err}");
    let (_, err, status) = vault.run(&["serve", "--port", "70000"]);
    assert_eq!(status, Some(2), "{err}");
}

#[test]
fn the_first_line_says_how_many_notes_are_served_where() {
    let vault = Vault::usual();
    let served = vault.serve(&["--host", "localhost"]);
    assert!(served.url.starts_with("http://127.0.0.1:") && served.url.ends_with('/'), "{}", served.url);
    served.send("GET", "/api/health", &[("host", "localhost:7717")], "").expect(200);
}
