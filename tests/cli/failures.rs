//! What can be wrong with the index, the disk and the question: a sentence, a hint, and the right status.

use std::path::{Path, PathBuf};
use std::process::Command;

use qsearch::document::Tokens;
use qsearch::embed::{Embedder, Embedding, Input};
use qsearch::error::Result;
use qsearch::index::{IndexOptions, index};
use qsearch::progress::Silent;

use crate::support::{BREAD, LOCK, Run, Vault, finish};

#[test]
fn no_index_yet() {
    let vault = Vault::new();
    for args in [&["ask", "x"][..], &["search", "x"], &["get", "x.md"], &["status"], &["forget", "x"]] {
        vault.run(args).expect(2).says("error:").says("hint:").says("qsearch index");
    }
    vault.run(&["index"]).expect(2).says("hint:");
    vault.run(&["index", "nowhere"]).expect(2).says("nowhere").says("hint:");
    assert!(!vault.path("index").exists());
}

#[test]
fn a_folder_that_is_no_index_is_left_alone() {
    let vault = Vault::new();
    vault.write("a.md", LOCK);
    std::fs::create_dir(vault.path("photos")).unwrap();
    std::fs::write(vault.path("photos/cat.jpg"), "meow").unwrap();
    vault.run(&["index", "notes", "--index", "photos"]).expect(2).says("photos").says("hint:");
    assert_eq!(std::fs::read_dir(vault.path("photos")).unwrap().count(), 1);
}

#[test]
fn an_index_of_another_version() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    let marker = vault.path("index/qsearch.json");
    let text = std::fs::read_to_string(&marker).unwrap();
    let newer = text.replace(|c: char| c.is_ascii_digit(), "99");
    std::fs::write(&marker, &newer).unwrap();
    for args in [&["ask", "x"][..], &["index"], &["status"]] {
        vault.run(args).expect(2).says("format 99").says("hint:");
    }
    std::fs::write(&marker, "{\"for").unwrap();
    vault.run(&["ask", "x"]).expect(2).says("qsearch.json").says("hint:");
    std::fs::write(&marker, text).unwrap();
    assert_eq!(vault.first_path("what is the GIL"), "a.md");
}

/// A model that isn't the bundled one.
#[derive(Debug)]
struct Other;

impl Embedder for Other {
    fn fingerprint(&self) -> &'static str {
        "another-model@1"
    }
    fn dim(&self) -> usize {
        8
    }
    fn max_tokens(&self) -> usize {
        64
    }
    fn tokens(&self, text: &str) -> Tokens {
        Tokens { ends: (1..=text.len() as u32).collect(), ids: Vec::new() }
    }
    fn embed_passages(&self, passages: &[Input<'_>]) -> Result<Vec<Embedding>> {
        Ok(passages.iter().map(|_| vec![0.25; 8].into()).collect())
    }
    fn embed_query(&self, _: &str) -> Result<Vec<f32>> {
        Ok(vec![0.25; 8])
    }
}

#[test]
fn an_index_of_another_model() {
    let vault = Vault::new();
    vault.write("a.md", LOCK);
    let options = IndexOptions::default();
    index(&vault.path("index").into(), &[vault.path("notes")], &options, &Other, &Silent).unwrap();
    for args in [&["ask", "what is the GIL"][..], &["search", "x"], &["index"]] {
        vault.run(args).expect(2).says("another-model@1").says("hint:");
    }
    vault.run(&["status"]).expect(0);
}

#[test]
fn a_damaged_index_is_an_error_that_names_it() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("b.md", BREAD)]);
    let mut files: Vec<PathBuf> = Vec::new();
    collect(&vault.path("index"), &mut files);
    assert!(files.len() > 4, "{files:?}");
    for file in files {
        let good = std::fs::read(&file).unwrap();
        for damage in [good[..good.len() / 2].to_vec(), vec![0xA5; good.len()], Vec::new()] {
            std::fs::write(&file, damage).unwrap();
            let run = vault.run(&["ask", "--json", "what is the GIL"]);
            match run.status {
                // What a question doesn't read may be damaged without harm.
                0 => assert!(run.stdout.contains("one thread at a time runs bytecode"), "{file:?}: {run:?}"),
                _ => drop(run.expect(2).says("error").says("index")),
            }
        }
        std::fs::write(&file, good).unwrap();
    }
    assert_eq!(vault.first_path("what is the GIL"), "a.md");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if std::fs::metadata(&path).unwrap().len() > 0 {
            files.push(path);
        }
    }
    files.sort();
}

#[test]
fn a_second_writer_is_told_who_writes() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    let lock = std::fs::OpenOptions::new().write(true).open(vault.path("index/writer.lock")).unwrap();
    lock.lock().unwrap();
    vault.write("b.md", BREAD);
    vault.run(&["index"]).expect(2).says("is being written by").says("hint:");
    assert_eq!(vault.first_path("what is the GIL"), "a.md");
    drop(lock);
    vault.run(&["index"]).expect(0);
}

#[test]
fn a_full_disk_keeps_what_was_indexed() {
    let vault = Vault::new();
    vault.write("a.md", LOCK);
    std::fs::create_dir(vault.path("small")).unwrap();
    std::fs::create_dir(vault.path("more")).unwrap();
    for number in 0..400_u32 {
        // Words that don't repeat, so that they take room.
        let words: String =
            (0..200_u32).map(|word| format!("w{:x} ", number * 7919 + word * 104_729)).collect();
        std::fs::write(vault.path(format!("more/{number}.md")), words).unwrap();
    }
    let script = "mount -t tmpfs -o size=400k none small || exit 77
        \"$0\" index notes --index small/index || exit 1
        \"$0\" index more --index small/index 2>full.txt; echo $? >status.txt
        \"$0\" ask --json 'what is the GIL' --index small/index >answer.json";
    // Mounting wants root, or a namespace in which one is.
    let mut tried = Vec::new();
    for flags in [&["-m"][..], &["-rm"]] {
        let mut command = Command::new("unshare");
        command.args(flags).args(["sh", "-c", script, env!("CARGO_BIN_EXE_qsearch")]);
        let run = finish(command.current_dir(vault.path("")));
        if run.status == 0 {
            let said = std::fs::read_to_string(vault.path("full.txt")).unwrap();
            assert_eq!(std::fs::read_to_string(vault.path("status.txt")).unwrap().trim(), "2", "{said}");
            assert!(said.contains("no space left") && said.contains("hint: free some space"), "{said}");
            let answer = std::fs::read_to_string(vault.path("answer.json")).unwrap();
            assert!(answer.contains("one thread at a time runs bytecode"), "{answer}");
            return;
        }
        tried.push(run);
    }
    assert!(tried.iter().all(|run| run.status != 2), "{tried:?}");
    eprintln!(
        "SKIPPED a_full_disk_keeps_what_was_indexed: no small file system can be mounted here: {tried:?}"
    );
}

#[test]
fn without_threads_it_asks_and_says_what_is_missing() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    vault.write("b.md", BREAD);
    // Limits on a user's threads don't hold for root, so it is another user's turn.
    let open = |path: &str| Command::new("chmod").args(["-R", "a+rwX", path]).status().unwrap();
    assert!(open(vault.path("").to_str().unwrap()).success());
    let user = 100_000 + std::process::id();
    for limit in [1, 2, 3, 5, 8] {
        let limited = |args: &[&str]| {
            let mut command = Command::new("setpriv");
            command.args([&format!("--reuid={user}"), "--regid=61234", "--clear-groups", "prlimit"]);
            command.args([&format!("--nproc={limit}"), env!("CARGO_BIN_EXE_qsearch")]).args(args);
            command.env("HOME", vault.path("home")).current_dir(vault.path("")).output()
        };
        let run = match limited(&["--version"]) {
            Ok(output) if output.status.success() => Run::from(limited(&["ask", "what is the GIL"]).unwrap()),
            other => {
                eprintln!("SKIPPED without_threads_it_asks_and_says_what_is_missing: {other:?}");
                return;
            }
        };
        assert!(run.expect(0).stdout.contains("one thread at a time"), "{limit}");
        let run = Run::from(limited(&["index"]).unwrap());
        if run.status != 0 {
            run.expect(2).says("can't start a thread: ").says("hint:").says("`ulimit -u`");
        }
        vault.run(&["check"]).expect(0);
    }
    vault.run(&["index"]).expect(0);
    assert_eq!(vault.totals().0, 2);
}

#[test]
fn without_open_files_or_memory_nothing_is_told_as_damage() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    for limit in ["-n 4", "-n 6", "-n 8", "-n 12", "-v 60000", "-v 120000"] {
        for args in [&["ask", "what is the GIL"][..], &["check"], &["status"]] {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("ulimit {limit}; exec \"$0\" \"$@\"")]);
            let run = command.arg(env!("CARGO_BIN_EXE_qsearch")).args(args).current_dir(vault.path(""));
            let output = run.env("HOME", vault.path("home")).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!said.contains("damaged") && !said.contains("defect"), "{limit} {args:?}: {said}");
            if limit.starts_with("-n") && output.status.code() != Some(0) {
                assert!(
                    said.contains("too many open files") && said.contains("ulimit -n"),
                    "{limit}: {said}"
                );
            }
        }
    }
}

#[test]
fn odd_questions() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("b.md", BREAD)]);
    for empty in ["", "   ", "\n"] {
        vault.run(&["ask", empty]).expect(2).says("hint:");
    }
    for silent in ["?!", "...", "\u{202e}", "«»"] {
        let run = vault.run(&["ask", "--json", silent]).expect(1);
        let reply: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(reply["answered"], false);
        assert_eq!(reply["answer"], serde_json::Value::Null);
    }
    // An argument may be that long; from stdin it may be longer.
    let long = "what is the GIL and why does it lock threads ".repeat(2300);
    assert!(long.len() > 100_000);
    vault.run(&["ask", &long]).expect(0);
    let run = vault.run_with_input(&["ask", "--json", "-"], long.as_bytes()).expect(0);
    assert!(run.stdout.contains("one thread at a time"), "{}", run.stdout);
    for odd in ["a AND (", "\"unclosed", "path:", "-x", "*", "\\", "[a TO b]", "NOT", "GIL^", "what~9"] {
        let run = vault.run(&["ask", "--", odd]);
        assert!(run.status <= 1, "{odd}: {run:?}");
    }
}

#[test]
fn bad_filters_name_the_glob() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    vault.run(&["ask", "GIL", "--path", "a[.md"]).expect(2).says("a[.md").says("hint:");
    vault.run(&["index", "--include", "a[.md"]).expect(2).says("a[.md").says("hint:");
}

#[test]
fn an_interrupt_leaves_the_old_index() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    for number in 0..300_u32 {
        let words: String =
            (0..150_u32).map(|word| format!("w{:x} ", number * 7919 + word * 104_729)).collect();
        vault.write(format!("more/{number}.md"), words);
    }
    let child = vault.command().arg("index").spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let run = crate::support::Run::from(child.wait_with_output().unwrap());
    // A fast machine may have finished; an interrupted run says so and changes nothing.
    if run.status != 0 {
        let run = run.says("interrupted");
        assert!(run.status == 2 || run.status == 130, "{run:?}");
        assert_eq!(vault.totals().0, 1);
    }
    assert_eq!(vault.first_path("what is the GIL"), "a.md");
    vault.run(&["index"]).expect(0);
    assert_eq!(vault.totals().0, 301);
}
