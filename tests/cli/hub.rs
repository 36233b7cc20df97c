//! `model get`, with a stand-in of the hub: whole, cut off, wrong, hostile and slow.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::models::Tiny;
use crate::scripted::{End, Reply, Request, Server};
use crate::support::{LOCK, Run, Vault, finish};

/// The commits of the model, the older first.
const COMMITS: [&str; 2] =
    ["1111111111111111111111111111111111111111", "2222222222222222222222222222222222222222"];
/// The file that the hub keeps elsewhere.
const WEIGHTS: &str = "model.safetensors";

/// A change of what a server says to one request, by its number; `None` for what it says anyway.
type Twist = dyn Fn(usize, &Request) -> Option<Reply> + Send + Sync;

/// A hub with one model, `someone/tiny`, and the server that has its large file.
struct Hub {
    server: Server,
    store: Server,
    weights: Arc<Vec<u8>>,
}

impl Hub {
    /// With twists of the hub and of the server with large files.
    fn twisted(
        hub: impl Fn(usize, &Request) -> Option<Reply> + Send + Sync + 'static,
        store: impl Fn(usize, &Request) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let files = files();
        let weights = Arc::new(files[WEIGHTS].clone());
        let sent = weights.clone();
        let store = twist(Box::new(store), move |request| sent_whole(request, &sent));
        let at = store.origin();
        let hub = twist(Box::new(hub), move |request| on_the_hub(request, &files, &at));
        Self { server: hub, store, weights }
    }

    fn new() -> Self {
        Self::twisted(|_, _| None, |_, _| None)
    }

    /// The files that were asked for, with the revision: `main/config.json`.
    fn asked(&self) -> Vec<String> {
        let path = |request: Request| request.path.split_once("/resolve/").map(|(_, file)| file.to_owned());
        self.server.requests().into_iter().filter_map(path).collect()
    }

    /// From which byte on the large file was asked for, each time.
    fn ranges(&self) -> Vec<Option<String>> {
        self.store.requests().iter().map(|request| request.header("range").map(str::to_owned)).collect()
    }
}

/// A server that says what a function does, unless it is twisted.
fn twist(twist: Box<Twist>, usual: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Server {
    let count = AtomicUsize::new(0);
    Server::with(move |request| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        Some(twist(number, request).unwrap_or_else(|| usual(request)))
    })
}

/// The files of the model.
fn files() -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    Tiny { seed: 1, hidden: 64 }.write(folder.path());
    let mut files = BTreeMap::new();
    for name in ["config.json", "vocab.txt", "1_Pooling/config.json", WEIGHTS] {
        files.insert(name.to_owned(), std::fs::read(folder.path().join(name)).unwrap());
    }
    files.insert("README.md".to_owned(), b"---\nlicense: apache-2.0\n---\n# Tiny\n".to_vec());
    files.insert("modules.json".to_owned(), modules("1_Pooling"));
    files
}

/// A `modules.json` with this folder of the pooling.
fn modules(pooling: &str) -> Vec<u8> {
    let module = |kind: &str, path: &str| json!({"type": format!("sentence_transformers.models.{kind}"), "path": path});
    json!([module("Transformer", ""), module("Pooling", pooling)]).to_string().into_bytes()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A reply with these headers and this body, whose length needn't be right.
fn raw(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut head = format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.extend([*name, ": ", *value, "\r\n"]);
    }
    Reply::raw([[head.as_bytes(), b"\r\n", body].concat()])
}

/// A whole file, or the part that is asked for.
fn sent_whole(request: &Request, bytes: &[u8]) -> Reply {
    const VERSION: &str = "\"v1\"";
    let from = request.header("range").filter(|_| request.header("if-range") == Some(VERSION));
    let from: usize =
        from.map_or(0, |range| range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap());
    let rest = &bytes[from..];
    let length = rest.len().to_string();
    let range = format!("bytes {from}-{}/{}", bytes.len().saturating_sub(1), bytes.len());
    let headers = [("etag", VERSION), ("content-length", length.as_str())];
    if from == 0 {
        raw(200, &headers, rest)
    } else {
        raw(206, &[&headers[..], &[("content-range", &range)]].concat(), rest)
    }
}

/// What the hub says to a request; large files are at another server.
fn on_the_hub(request: &Request, files: &BTreeMap<String, Vec<u8>>, store: &str) -> Reply {
    let Some((_, file)) = request.path.split_once("/someone/tiny/resolve/") else {
        return raw(401, &[("x-error-code", "RepoNotFound"), ("content-length", "0")], b"");
    };
    let (revision, name) = file.split_once('/').unwrap();
    let commit = if revision == "main" { COMMITS[0] } else { revision };
    match files.get(name) {
        None => raw(404, &[("x-error-code", "EntryNotFound"), ("content-length", "0")], b""),
        Some(bytes) if name == WEIGHTS => {
            moved(commit, &sha256(bytes), bytes.len(), &format!("{store}/blob?signed=1"))
        }
        Some(bytes) => {
            let length = bytes.len().to_string();
            raw(200, &[("x-repo-commit", commit), ("etag", "\"abc\""), ("content-length", &length)], bytes)
        }
    }
}

/// How the hub sends on to a large file.
fn moved(commit: &str, sha256: &str, size: usize, to: &str) -> Reply {
    let (tag, size) = (format!("\"{sha256}\""), size.to_string());
    let headers = [
        ("x-repo-commit", commit),
        ("x-linked-etag", tag.as_str()),
        ("x-linked-size", size.as_str()),
        ("location", to),
        ("content-length", "0"),
    ];
    raw(302, &headers, b"")
}

/// A large file that ends in the middle although more was announced.
fn cut(bytes: &[u8], at: usize) -> Reply {
    let length = bytes.len().to_string();
    raw(200, &[("etag", "\"v1\""), ("content-length", &length)], &bytes[..at]).then(End::Close)
}

/// A connection that is closed before anything is said.
fn nothing() -> Reply {
    Reply::raw([b"".as_slice()]).then(End::Close)
}

/// The program with this hub.
fn command(vault: &Vault, hub: &Hub, args: &[&str]) -> Command {
    let mut command = vault.command();
    command.args(args).env("HF_ENDPOINT", hub.server.origin());
    command
}

fn get(vault: &Vault, hub: &Hub, args: &[&str]) -> Run {
    finish(&mut command(vault, hub, &[&["model", "get", "someone/tiny"], args].concat()))
}

fn models(vault: &Vault) -> PathBuf {
    vault.path("home/.local/share/qsearch/models")
}

/// The part of the large file that is here.
fn part(vault: &Vault) -> PathBuf {
    models(vault).join(".downloads/someone--tiny/model/model.safetensors.part")
}

#[test]
fn a_model_is_downloaded_and_imported() {
    let (vault, hub) = (Vault::new(), Hub::new());
    vault.write("a.md", LOCK);
    let weights = sha256(&hub.weights);
    let run = get(&vault, &hub, &[]).expect(0);
    assert_eq!(run.stdout, "");
    run.says(&format!("downloaded someone/tiny, commit {}", COMMITS[0]))
        .says(&format!("sha256 {weights}"))
        .says("licence: apache-2.0")
        .says("imported tiny")
        .says("--model tiny");
    // What was downloaded is gone, and the model can be used.
    assert!(!models(&vault).join(".downloads/someone--tiny").exists());
    assert!(models(&vault).join("tiny.qsm").is_file());
    vault.run(&["index", "notes", "--model", "tiny"]).expect(0);
    let asked = hub.asked();
    assert_eq!(asked[0], "main/modules.json");
    // All others are asked of the commit that the first was of, and the largest comes last but one.
    assert!(asked[1..].iter().all(|file| file.starts_with(COMMITS[0])), "{asked:?}");
    assert!(asked.iter().position(|file| file.ends_with(WEIGHTS)).unwrap() + 2 == asked.len(), "{asked:?}");
    assert_eq!(hub.ranges(), [None]);
}

#[test]
fn a_document_tells_what_was_downloaded() {
    let (vault, hub) = (Vault::new(), Hub::new());
    let run = get(&vault, &hub, &["--json", "--keep", "--name", "mine", "--max-tokens", "16"]).expect(0);
    let got: Value = serde_json::from_str(&run.stdout).unwrap();
    let told = ["name", "model", "repository", "commit", "license"].map(|key| got[key].as_str().unwrap());
    assert_eq!(told, ["mine", "mine", "someone/tiny", COMMITS[0], "apache-2.0"]);
    let file = got["files"].as_array().unwrap().iter().find(|file| file["name"] == WEIGHTS).unwrap();
    assert_eq!((&file["bytes"], &file["sha256"]), (&json!(hub.weights.len()), &json!(sha256(&hub.weights))));
    let kept = PathBuf::from(got["kept"].as_str().unwrap());
    assert_eq!(std::fs::read(kept.join(WEIGHTS)).unwrap(), *hub.weights);
    assert!(models(&vault).join("mine.qsm").is_file());
    // What is kept isn't downloaded again.
    get(&vault, &hub, &[]).expect(0);
    assert_eq!(hub.ranges().len(), 1);
    let listed: Value =
        serde_json::from_str(&vault.run(&["model", "list", "--json"]).expect(0).stdout).unwrap();
    let named = |name: &str| listed.as_array().unwrap().iter().find(|model| model["name"] == name).unwrap();
    assert_eq!((&named("mine")["here"], &named("e5-small-v2")["here"]), (&json!(true), &json!(false)));
    assert_eq!(named("e5-small-v2")["get"]["license"], "MIT");
}

#[test]
fn a_lost_connection_is_gone_on_from() {
    let half = files()[WEIGHTS].len() / 2;
    let bytes = files()[WEIGHTS].clone();
    let hub = Hub::twisted(|_, _| None, move |number, _| (number == 0).then(|| cut(&bytes, half)));
    let vault = Vault::new();
    get(&vault, &hub, &[]).expect(0).says("trying again").says(&sha256(&hub.weights));
    assert_eq!(hub.ranges(), [None, Some(format!("bytes={half}-"))]);
}

#[test]
fn a_later_run_goes_on_with_the_same_commit() {
    let bytes = files()[WEIGHTS].clone();
    let half = bytes.len() / 2;
    let is_up = Arc::new(Mutex::new(false));
    let up = is_up.clone();
    let store = move |number: usize, _: &Request| match number {
        0 => Some(cut(&bytes, half)),
        _ => (!*up.lock().unwrap()).then(nothing),
    };
    let hub = Hub::twisted(
        |_, request| {
            // By then, the newest commit is another one.
            let is_later = request.path.contains("resolve/main/") && !request.path.ends_with("modules.json");
            is_later.then(|| raw(500, &[("content-length", "0")], b""))
        },
        store,
    );
    let vault = Vault::new();
    let run = get(&vault, &hub, &[]).expect(2);
    run.says("model.safetensors was cut off after").says("hint: type the same command again to go on");
    assert_eq!(std::fs::metadata(part(&vault)).unwrap().len(), half as u64);
    assert!(!models(&vault).join("tiny.qsm").exists());
    let before = hub.asked().len();
    *is_up.lock().unwrap() = true;
    get(&vault, &hub, &[]).expect(0).says(&sha256(&hub.weights)).says("imported tiny");
    assert_eq!(hub.ranges().last().unwrap().as_deref(), Some(format!("bytes={half}-").as_str()));
    assert!(hub.asked()[before..].iter().all(|file| file.starts_with(COMMITS[0])));
}

#[test]
fn a_server_that_knows_no_ranges_sends_all_again() {
    let bytes = files()[WEIGHTS].clone();
    let hub = Hub::twisted(
        |_, _| None,
        move |number, _| {
            let length = bytes.len().to_string();
            let whole = || raw(200, &[("content-length", &length)], &bytes);
            Some(if number == 0 { cut(&bytes, 100) } else { whole() })
        },
    );
    let vault = Vault::new();
    get(&vault, &hub, &[]).expect(0).says(&sha256(&hub.weights));
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_the_part() {
    use rustix::process::{Pid, Signal, kill_process};

    let bytes = files()[WEIGHTS].clone();
    let hub =
        Hub::twisted(|_, _| None, move |number, _| (number == 0).then(|| cut(&bytes, 1000).then(End::Hang)));
    let vault = Vault::new();
    let mut child = command(&vault, &hub, &["model", "get", "someone/tiny"]).spawn().unwrap();
    let began = Instant::now();
    while std::fs::metadata(part(&vault)).map_or(0, |part| part.len()) < 1000 {
        assert!(began.elapsed() < Duration::from_mins(1), "nothing comes");
        std::thread::sleep(Duration::from_millis(10));
    }
    // Another one waits for its end.
    get(&vault, &hub, &[]).expect(2).says("another process is downloading to");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(std::fs::metadata(part(&vault)).unwrap().len(), 1000);
    get(&vault, &hub, &[]).expect(0);
    assert_eq!(hub.ranges()[1].as_deref(), Some("bytes=1000-"));
}

#[test]
fn a_wrong_checksum_is_refused() {
    let at = Arc::new(Mutex::new(String::new()));
    let store = at.clone();
    let size = files()[WEIGHTS].len();
    let hub = Hub::twisted(
        move |_, request| {
            let to = store.lock().unwrap().clone();
            request.path.ends_with(WEIGHTS).then(|| moved(COMMITS[0], &"a".repeat(64), size, &to))
        },
        |_, _| None,
    );
    *at.lock().unwrap() = hub.store.origin() + "/blob";
    let vault = Vault::new();
    let run =
        get(&vault, &hub, &[]).expect(2).says("model.safetensors isn't what the hub says: its SHA-256 is");
    run.says(&sha256(&hub.weights)).says(&"a".repeat(64)).says("hint: ");
    assert!(!part(&vault).exists() && !models(&vault).join("tiny.qsm").exists());
}

#[test]
fn files_of_two_commits_are_no_model() {
    let changes = Arc::new(AtomicUsize::new(0));
    let seen = changes.clone();
    let hub = Hub::twisted(
        move |_, request| {
            let is_first = request.path.ends_with("vocab.txt") && seen.fetch_add(1, Ordering::SeqCst) == 0;
            is_first.then(|| raw(200, &[("x-repo-commit", COMMITS[1]), ("content-length", "1")], b"x"))
        },
        |_, _| None,
    );
    let vault = Vault::new();
    let run =
        get(&vault, &hub, &[]).expect(2).says("someone/tiny was changed on the hub while it was downloaded");
    run.says("hint: type the same command again");
    let before = hub.asked().len();
    get(&vault, &hub, &[]).expect(0);
    assert_eq!(hub.asked()[before], "main/modules.json");
}

#[test]
fn names_that_a_server_gives_lead_nowhere_else() {
    for path in ["../../../evil", "/tmp/evil", "a/b", ".hidden", "a\\b", "..", "-x", "a\0b"] {
        let hub = Hub::twisted(
            move |_, request| {
                let body = modules(path);
                let length = body.len().to_string();
                let headers = [("x-repo-commit", COMMITS[0]), ("content-length", length.as_str())];
                request.path.ends_with("modules.json").then(|| raw(200, &headers, &body))
            },
            |_, _| None,
        );
        let vault = Vault::new();
        get(&vault, &hub, &[])
            .expect(2)
            .says("modules.json can't be downloaded")
            .says("is no name of a folder");
        assert_eq!(hub.asked().len(), 1);
    }
    let (vault, hub) = (Vault::new(), Hub::new());
    for name in ["../tiny", "someone/..", "a/b/c", "/etc", "someone/tiny?x", "--"] {
        let run = finish(&mut command(&vault, &hub, &["model", "get", "--json", "--", name])).expect(2);
        assert!(run.stderr.contains("no model of the hub is known as"), "{}", run.stderr);
    }
    assert!(hub.asked().is_empty());
    // The name of a commit goes into addresses, too.
    let hub = Hub::twisted(
        |_, request| {
            let headers = [("x-repo-commit", "../../other"), ("content-length", "2")];
            request.path.ends_with("modules.json").then(|| raw(200, &headers, b"[]"))
        },
        |_, _| None,
    );
    get(&vault, &hub, &["--pooling", "mean"]).expect(0);
    assert_eq!(hub.asked()[1], "main/config.json");
}

#[test]
fn what_is_too_large_is_not_downloaded() {
    let store = Hub::new();
    let says_size = |size: usize, what: &str| {
        let to = store.store.origin() + "/blob";
        let twist = move |_, request: &Request| {
            request.path.ends_with(WEIGHTS).then(|| moved(COMMITS[0], "x", size, &to))
        };
        let hub = Hub::twisted(twist, |_, _| None);
        get(&Vault::new(), &hub, &[]).expect(2).says("model.safetensors").says(what);
    };
    says_size(5 << 30, "is larger than 4.0 GiB, so it isn't downloaded");
    says_size(store.weights.len() + 1, "its server has another size than the hub says");
    // What has no length ends where it has become too much.
    let hub = Hub::twisted(
        |_, request| {
            let much = vec![b' '; 17 << 20];
            let headers = [("x-repo-commit", COMMITS[0])];
            request.path.ends_with("config.json").then(|| raw(200, &headers, &much))
        },
        |_, _| None,
    );
    let vault = Vault::new();
    get(&vault, &hub, &[]).expect(2).says("config.json is larger than 16.0 MiB, so it isn't downloaded");
    assert!(hub.ranges().is_empty());
}

#[test]
fn what_is_missing_is_named() {
    let vault = Vault::new();
    let lacks = |missing: &'static str, what: &str| {
        let hub = Hub::twisted(
            move |_, request| {
                let is_it = request.path.ends_with(missing);
                is_it.then(|| raw(404, &[("x-error-code", "EntryNotFound"), ("content-length", "0")], b""))
            },
            |_, _| None,
        );
        get(&vault, &hub, &[]).expect(2).says(what).says("hint: ");
        assert!(hub.ranges().is_empty());
    };
    lacks("/config.json", "someone/tiny has no config.json, so it can't be imported");
    lacks("vocab.txt", "someone/tiny has no tokenizer.json, so it can't be imported");
    lacks(WEIGHTS, "someone/tiny has no model.safetensors, so it can't be imported");
    let hub = Hub::new();
    let other = finish(&mut command(&vault, &hub, &["model", "get", "someone/other"])).expect(2);
    other.says("has no model someone/other that anybody may download").says("hint: check its name");
}

#[test]
fn a_hub_that_is_not_there_is_named() {
    let vault = Vault::new();
    let at = |endpoint: &str| {
        finish(vault.command().args(["model", "get", "someone/tiny"]).env("HF_ENDPOINT", endpoint))
    };
    at("http://127.0.0.1:1")
        .expect(2)
        .says("http://127.0.0.1:1 can't be reached")
        .says("hint: check the network");
    at("ftp://hub").expect(2).says("HF_ENDPOINT is ftp://hub, which is no address of a hub");
    let hub = Hub::twisted(
        |_, _| Some(raw(302, &[("location", "/again"), ("content-length", "0")], b"")),
        |_, _| None,
    );
    get(&vault, &hub, &[]).expect(2).says("its server sends on and on");
    let hub = Hub::twisted(|_, _| Some(raw(302, &[("location", "file:///etc/passwd")], b"")), |_, _| None);
    get(&vault, &hub, &[]).expect(2).says("its server sends on to what is no address");
}

#[test]
fn a_hub_that_falls_silent_is_given_up() {
    let vault = Vault::new();
    let hub = Hub::twisted(|_, _| None, |_, _| Some(Reply::raw([b"".as_slice()]).then(End::Hang)));
    let began = Instant::now();
    let mut command = command(&vault, &hub, &["model", "get", "someone/tiny"]);
    let run = finish(command.env("HF_HUB_DOWNLOAD_TIMEOUT", "1")).expect(2);
    run.says("model.safetensors was cut off after 0 B: nothing came for 1 s");
    assert!(began.elapsed() < Duration::from_secs(30));
}

#[test]
fn known_models_are_named_by_the_last_part() {
    let (vault, hub) = (Vault::new(), Hub::new());
    let get = |name: &str| finish(&mut command(&vault, &hub, &["model", "get", name])).expect(2);
    get("bge-small-en-v1.5").says("has no model BAAI/bge-small-en-v1.5");
    get("intfloat/E5-Small-v2").says("has no model intfloat/e5-small-v2");
    get("all-MiniLM-L6-v2").says("is a part of qsearch");
    get("bge-m3").says("is only had as ONNX").says("--model bge-m3");
    get("nothing-such").says("no model of the hub is known as nothing-such").says("OWNER/NAME");
    if cfg!(feature = "fastembed") {
        get("BGERerankerBase").says("is only had as ONNX").says("--rerank BGERerankerBase");
    }
    let paths: Vec<String> = hub.server.requests().into_iter().map(|request| request.path).collect();
    let first = |name: &str| format!("/{name}/resolve/main/modules.json");
    assert_eq!(paths, [first("BAAI/bge-small-en-v1.5"), first("intfloat/e5-small-v2")]);
    // One that isn't here yet is told how to get.
    let run = vault.run(&["index", "notes", "--model", "e5-small-v2"]).expect(2);
    run.says("no model called `e5-small-v2`").says("`qsearch model get e5-small-v2` downloads it (134 MB)");
}
