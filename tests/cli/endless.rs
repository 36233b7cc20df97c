//! What waits or never ends, in each place where qsearch opens a file: an error that names it, soon.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{LOCK, Run, Vault, finish, forge};

/// No error takes longer to be told.
const SOON: Duration = Duration::from_secs(10);

/// What may lie in the place of a file.
const TRAPS: [&str; 5] = ["pipe", "/dev/zero", "/proc/self/pagemap", "folder", "sparse"];

/// Puts a trap in the place of a file.
fn lay(trap: &str, place: &Path) {
    drop(fs::remove_file(place));
    drop(fs::remove_dir(place));
    match trap {
        "pipe" => assert!(Command::new("mkfifo").arg(place).status().unwrap().success()),
        "folder" => fs::create_dir(place).unwrap(),
        "sparse" => fs::File::create(place).unwrap().set_len(100 << 30).unwrap(),
        #[cfg(unix)]
        device => std::os::unix::fs::symlink(device, place).unwrap(),
        #[cfg(not(unix))]
        _ => {}
    }
}

/// Runs the program with 1 GiB of memory.
fn run(vault: &Vault, args: &[&str]) -> Run {
    let plain = vault.command();
    let mut command = Command::new("prlimit");
    command
        .arg("--as=1073741824")
        .arg(plain.get_program())
        .args(args)
        .current_dir(vault.path(""))
        .env_clear();
    command
        .env("HOME", vault.path("home"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let begun = Instant::now();
    let run = finish(&mut command);
    assert!(begun.elapsed() < SOON, "{args:?} took {:?}: {run:?}", begun.elapsed());
    run
}

#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
fn is_linux() -> bool {
    let is_here = cfg!(target_os = "linux") && Command::new("prlimit").arg("-V").output().is_ok();
    if !is_here {
        eprintln!("SKIPPED what never ends: it wants Linux, and prlimit");
    }
    is_here
}

#[test]
fn settings() {
    if !is_linux() {
        return;
    }
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    fs::create_dir_all(vault.path("home/.config/qsearch")).unwrap();
    for place in ["qsearch.toml", "home/.config/qsearch/config.toml"] {
        for trap in TRAPS {
            lay(trap, &vault.path(place));
            for args in [&["ask", "GIL"][..], &["index"], &["check"], &["status"], &["get", "a.md"]] {
                run(&vault, args).expect(2).says(place.rsplit('/').next().unwrap()).says("hint: ");
            }
        }
        drop(fs::remove_file(vault.path(place)));
    }
    run(&vault, &["ask", "what is the GIL"]).expect(0);
}

#[test]
fn what_was_confirmed() {
    if !is_linux() {
        return;
    }
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    let state = vault.path("home/.local/state/qsearch");
    fs::create_dir_all(&state).unwrap();
    for trap in TRAPS {
        lay(trap, &state.join("trusted.json"));
        run(&vault, &["ask", "what is the GIL"]).expect(0).says("nothing counts as confirmed");
    }
}

#[test]
fn models() {
    if !is_linux() {
        return;
    }
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    let models = vault.path("home/.local/share/qsearch/models");
    fs::create_dir_all(&models).unwrap();
    let place = vault.path("model.qsm");
    for trap in TRAPS {
        lay(trap, &place);
        forge(&vault.path("index"), "model_source", &json!(format!("file:{}", place.display())));
        for args in [
            &["ask", "GIL"][..],
            &["index"],
            &["ask", "--model", "model.qsm", "GIL"],
            &["embed", "--model", "model.qsm"],
        ] {
            run(&vault, args).expect(2).says("error: ").says("hint: ");
        }
        lay(trap, &models.join("own.qsm"));
        run(&vault, &["model", "list"]).expect(0);
        run(&vault, &["embed", "--model", "own"]).expect(2).says("own");
    }
}

#[test]
fn folders_of_models() {
    if !is_linux() {
        return;
    }
    let vault = Vault::new();
    let model = vault.path("model");
    let files = ["config.json", "modules.json", "tokenizer.json", "vocab.txt", "model.safetensors"];
    for (trap, file) in TRAPS.iter().flat_map(|trap| files.map(|file| (*trap, file))) {
        drop(fs::remove_dir_all(&model));
        fs::create_dir(&model).unwrap();
        if file != "config.json" {
            let config = json!({ "model_type": "bert", "hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 1,
                "intermediate_size": 64, "max_position_embeddings": 48, "vocab_size": 7, "hidden_act": "gelu" });
            fs::write(model.join("config.json"), config.to_string()).unwrap();
        }
        if !["vocab.txt", "tokenizer.json"].contains(&file) {
            fs::write(model.join("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n").unwrap();
        }
        lay(trap, &model.join(file));
        run(&vault, &["model", "import", "model", "--pooling", "mean"]).expect(2).says(file).says("hint: ");
    }
    for trap in TRAPS {
        lay(trap, &vault.path("model.onnx"));
        run(&vault, &["embed", "--model", "model.onnx"]).expect(2).says("hint: ");
    }
}

#[test]
fn test_sets() {
    if !is_linux() {
        return;
    }
    let vault = Vault::new();
    let set = vault.path("set");
    let sound = [
        ("corpus.jsonl", "{\"_id\":\"d\",\"text\":\"Owls hunt.\"}\n"),
        ("queries.jsonl", "{\"_id\":\"q\",\"text\":\"who hunts\"}\n"),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nq\td\t1\n"),
    ];
    for (trap, (trapped, _)) in TRAPS.iter().flat_map(|trap| sound.map(|file| (*trap, file))) {
        drop(fs::remove_dir_all(&set));
        fs::create_dir(&set).unwrap();
        for (name, text) in sound {
            fs::write(set.join(name), text).unwrap();
        }
        lay(trap, &set.join(trapped));
        run(&vault, &["eval", "set"]).expect(2).says("hint: ");
    }
}
