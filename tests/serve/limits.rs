//! What strangers send: too much, too slowly, or nothing at all. The others are answered all the same.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::{PATIENCE, QUESTION, Vault, question};

#[test]
fn thousands_of_headers_are_refused() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let many = "x: y\r\n".repeat(10_000);
    let request = format!("GET /api/health HTTP/1.1\r\nhost: {}\r\n{many}\r\n", served.at);
    let answer = served.raw(request.as_bytes());
    assert!(matches!(answer.status, 0 | 400 | 431), "{}", answer.status);
    let long =
        format!("GET /api/health HTTP/1.1\r\nhost: {}\r\nx: {}\r\n\r\n", served.at, "y".repeat(1 << 20));
    let answer = served.raw(long.as_bytes());
    assert!(matches!(answer.status, 0 | 400 | 431), "{}", answer.status);
    let address = format!("GET /{} HTTP/1.1\r\nhost: {}\r\n\r\n", "y".repeat(1 << 20), served.at);
    let answer = served.raw(address.as_bytes());
    assert!(matches!(answer.status, 0 | 400 | 414 | 431), "{}", answer.status);
    served.get("/api/health").expect(200);
}

#[test]
fn long_bodies_are_refused_before_they_are_read() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    served.get("/api/health").expect(200);
    let before = served.memory();
    let head = |length: &str| {
        format!(
            "POST /api/ask HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{length}\r\n\r\n",
            served.at
        )
    };
    // One that says so.
    let answer = served.raw(head("content-length: 104857600").as_bytes());
    answer.refused(413, "usage");
    // One that doesn't say how long it is, and never ends.
    let mut stream = served.connect();
    stream.write_all(head("transfer-encoding: chunked").as_bytes()).unwrap();
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 16, "x".repeat(1 << 16));
    let sent = (0..1600).take_while(|_| stream.write_all(chunk.as_bytes()).is_ok()).count();
    assert!(sent < 1600, "100 MiB were taken");
    let mut told = String::new();
    drop(stream.read_to_string(&mut told));
    assert!(told.is_empty() || told.starts_with("HTTP/1.1 413 "), "{told}");
    // Lengths that contradict each other, or aren't any.
    for length in [
        "content-length: 5\r\ncontent-length: 6",
        "content-length: 5\r\ntransfer-encoding: chunked",
        "content-length: -1",
        "content-length: x",
        "transfer-encoding: x",
    ] {
        let answer = served.raw((head(length) + "{}").as_bytes());
        assert!(matches!(answer.status, 0 | 400 | 411 | 501), "{length}: {}", answer.status);
    }
    // As much as is allowed.
    let body = json!({ "question": QUESTION, "paths": ["**"], "tags": [] }).to_string();
    let padded = format!("{body}{}", " ".repeat((1 << 20) - body.len()));
    served.send("POST", "/api/ask", &[("content-type", "application/json")], &padded).expect(200);
    served
        .send("POST", "/api/ask", &[("content-type", "application/json")], &(padded + " "))
        .refused(413, "usage");
    served.post("/api/ask", &question(&"x".repeat(20_000))).refused(422, "usage");
    assert!(served.memory() < before + (64 << 20), "{before} {}", served.memory());
}

#[test]
fn what_is_no_request_hurts_nobody() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let noise: Vec<u8> =
        (0..10_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for bytes in [
        &b""[..],
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\n b\r\n\r\n",
        b"GET / HTTP/1.1\nhost: localhost\n\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        &noise,
    ] {
        let mut stream = served.connect();
        drop(stream.write_all(bytes));
        drop(stream.shutdown(std::net::Shutdown::Write));
        drop(stream.read_to_end(&mut Vec::new()));
    }
    served.get("/api/health").expect(200);
}

#[test]
fn who_speaks_too_slowly_is_not_waited_for() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let head = format!("GET /api/health HTTP/1.1\r\nhost: {}\r\n", served.at);
    let mut slow = served.connect();
    slow.write_all(head.as_bytes()).unwrap();
    let mut silent = served.connect();
    let mut body = served.connect();
    let post = format!(
        "POST /api/ask HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{",
        served.at
    );
    body.write_all(post.as_bytes()).unwrap();
    let began = Instant::now();
    // A byte now and then doesn't buy time.
    while slow.write_all(b"x").is_ok() && began.elapsed() < Duration::from_secs(40) {
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(began.elapsed() < Duration::from_secs(40), "a slow client keeps its connection");
    assert_eq!(silent.read(&mut [0]).unwrap_or(0), 0);
    let mut told = String::new();
    drop(body.read_to_string(&mut told));
    assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
    served.get("/api/health").expect(200);
}

#[test]
fn a_thousand_connections_hurt_nobody() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let mut open = Vec::new();
    let mut refused = 0;
    for _ in 0..1000 {
        let Ok(stream) = std::net::TcpStream::connect(&served.at) else { break };
        open.push(stream);
    }
    for stream in open.iter_mut().skip(600) {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut told = [0; 12];
        if stream.read(&mut told).is_ok_and(|read| read == 12 && told == *b"HTTP/1.1 503") {
            refused += 1;
            break;
        }
    }
    assert!(refused > 0 || open.len() < 600, "all are kept");
    drop(open);
    let began = Instant::now();
    while served.get("/api/health").status != 200 {
        assert!(began.elapsed() < PATIENCE, "nobody gets in any more");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_crowd_gets_answers_or_is_told_to_come_later() {
    let vault = Vault::usual();
    let served = vault.serve(&[]);
    let expected = served.post("/api/search", &json!({ "query": QUESTION })).expect(200).body;
    std::thread::scope(|scope| {
        let asks: Vec<_> = (0..200)
            .map(|_| scope.spawn(|| served.post("/api/search", &json!({ "query": QUESTION }))))
            .collect();
        let answers: Vec<_> = asks.into_iter().map(|ask| ask.join().unwrap()).collect();
        for answer in &answers {
            match answer.status {
                200 => assert_eq!(answer.body, expected),
                429 => assert_eq!(answer.header("retry-after"), Some("1")),
                other => panic!("{other}: {}", answer.text()),
            }
        }
        assert!(answers.iter().filter(|answer| answer.status == 200).count() > 20);
    });
}
