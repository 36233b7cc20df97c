//! TLS by a certificate of one's own, as `openssl` makes and checks it; where that isn't there, nothing is tried.

use std::process::{Command, Stdio};

use crate::client::{QUESTION, Vault};

#[test]
fn what_is_sent_is_encrypted() {
    let vault = Vault::usual();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(vault.path(""))
        .stderr(Stdio::null())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no openssl");
        return;
    }
    let served = vault.serve(&["--tls-cert", "cert.pem", "--tls-key", "key.pem", "--host", "0.0.0.0"]);
    assert!(served.url.starts_with("https://127.0.0.1:"), "{}", served.url);
    let token = std::fs::read_to_string(vault.path("home/.local/state/qsearch/serve-token")).unwrap();
    let curl = |path: &str, more: &[&str]| {
        let output = Command::new("curl")
            .args(["-s", "--cacert", "cert.pem", "-H", &format!("Authorization: Bearer {}", token.trim())])
            .args(more)
            .arg(format!("{}{path}", served.url))
            .current_dir(vault.path(""))
            .output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
    };
    if curl("api/health", &[]).is_empty() {
        eprintln!("skipped: there is no curl");
        return;
    }
    assert!(curl("api/health", &[]).starts_with("{\"status\":\"ok\""));
    assert!(curl(&format!("api/ask?q={}", QUESTION.replace(' ', "+")), &[]).contains("\"answered\":true"));
    let own = format!("Origin: {}", served.url.trim_end_matches('/'));
    assert!(curl("api/status", &["-H", &own]).contains("\"files\":2"));
    let plain = format!("Origin: {}", served.url.trim_end_matches('/').replace("https", "http"));
    assert!(curl("api/status", &["-H", &plain]).contains("forbidden"));
    // Whoever doesn't speak TLS hears nothing.
    assert_eq!(served.get("/api/health").status, 0);
    for (cert, key) in [("key.pem", "cert.pem"), ("cert.pem", "none.pem"), ("notes/owls.md", "key.pem")] {
        let (_, err, status) = vault.run(&["serve", "--port", "0", "--tls-cert", cert, "--tls-key", key]);
        assert!(status == Some(2) && err.contains("can't be used for TLS"), "{err}");
    }
}
