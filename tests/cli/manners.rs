//! Streams, help, and the commands around the main two.

use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{BREAD, LOCK, Vault, finish, finish_with_input};

#[test]
fn data_goes_to_stdout_and_the_rest_to_stderr() {
    let vault = Vault::new();
    vault.write("a.md", LOCK);
    let run = vault.run(&["index", "notes"]).expect(0).says("1 file");
    assert_eq!(run.stdout, "");
    // Nothing is a terminal here, so nothing is coloured or drawn.
    assert!(!run.stderr.contains('\u{1b}') && !run.stderr.contains('\r'), "{:?}", run.stderr);
    let run = vault.run(&["ask", "what is the GIL"]).expect(0);
    assert!(!run.stdout.contains('\u{1b}'), "{:?}", run.stdout);
    assert_eq!(vault.run(&["index", "--quiet"]).expect(0).stderr, "");
    let run = vault.run(&["ask", "--color", "always", "what is the GIL"]).expect(0);
    assert!(run.stdout.contains('\u{1b}'), "{:?}", run.stdout);
}

#[test]
fn every_command_explains_itself() {
    let vault = Vault::new();
    let help = vault.run(&["--help"]).expect(0).stdout;
    for command in
        ["index", "ask", "search", "get", "status", "forget", "embed", "eval", "completions", "man"]
    {
        assert!(help.contains(command), "{command}");
        assert!(vault.run(&[command, "--help"]).expect(0).stdout.len() > 200, "{command}");
    }
    assert!(vault.run(&["--version"]).expect(0).stdout.starts_with("qsearch "));
    vault.run(&["sing"]).expect(2);
    vault.run(&[]).expect(2);
}

#[test]
fn completions_for_the_usual_shells() {
    let vault = Vault::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(vault.run(&["completions", shell]).expect(0).stdout.contains("qsearch"), "{shell}");
    }
}

#[test]
fn a_manual_for_the_program_and_each_command() {
    let vault = Vault::new();
    let page = |args: &[&str]| vault.run(args).expect(0).stdout;
    assert!(page(&["man"]).contains("qsearch\\-ask(1)"));
    assert!(page(&["man", "model", "import"]).contains("pooling"));
    vault.run(&["man", "asks"]).expect(2).says("no command `asks`").says("hint:");
}

#[test]
fn a_reader_that_stops_is_no_error() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    let mut child = vault.command().args(["ask", "--json", "what is the GIL"]).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let status = child.wait().unwrap();
    assert_eq!((status.code(), said.as_str()), (Some(0), ""));
}

#[test]
fn embed_writes_a_line_for_each_line() {
    let vault = Vault::new();
    let run = vault.run_with_input(&["embed"], b"what is the GIL\n\nbread\n").expect(0);
    let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["text"], "what is the GIL");
    for line in &lines {
        let vector: Vec<f64> =
            line["embedding"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
        assert_eq!(vector.len(), 384);
        let norm: f64 = vector.iter().map(|value| value * value).sum();
        assert!((norm - 1.0).abs() < 1e-3, "{norm}");
    }
    let json = vault.run_with_input(&["embed", "--json"], b"\"two\\nlines\"\n").expect(0);
    let line: Value = serde_json::from_str(json.stdout.trim()).unwrap();
    assert_eq!(line["text"], "two\nlines");
    vault
        .run_with_input(&["embed", "--json"], b"\"fine\"\nnot json\n")
        .expect(2)
        .says("line 2")
        .says("\"hint\":");
}

#[test]
fn every_kernel_gives_the_same_bytes() {
    let vault = Vault::new();
    let texts = b"what is the GIL\nbread\nA longer text, of words and signs: 1 + 1 = 2.\n";
    let usual = vault.run_with_input(&["embed"], texts).expect(0).stdout;
    let with = |cpu: &str| finish_with_input(vault.command().env("QSEARCH_CPU", cpu).arg("embed"), texts);
    assert_eq!(with("portable").expect(0).stdout, usual);
    let refused = with("abacus").expect(2).says("QSEARCH_CPU is abacus").says("hint:");
    let known = refused.stderr.split("one of: ").nth(1).unwrap().trim().to_owned();
    for cpu in known.split(", ") {
        assert_eq!(with(cpu).expect(0).stdout, usual, "{cpu}");
    }
}

#[test]
fn status_tells_what_is_there() {
    let vault = Vault::indexed(&[("a.md", LOCK), ("b.md", BREAD)]);
    let run = vault.run(&["status"]).expect(0);
    for word in ["notes", "2 ", "MiniLM"] {
        assert!(run.stdout.contains(word), "{word}: {}", run.stdout);
    }
    let status: Value = serde_json::from_str(&vault.run(&["status", "--json"]).expect(0).stdout).unwrap();
    assert_eq!(status["files"], 2);
    assert_eq!(status["passages"], 2);
    assert!(status["bytes"].as_u64().unwrap() > 0, "{status}");
    assert_eq!(status["stale"], false, "{status}");
}

#[test]
fn the_index_is_found_from_a_folder_below() {
    let vault = Vault::indexed(&[("sub/a.md", LOCK)]);
    let run = vault
        .command()
        .current_dir(vault.path("notes/sub"))
        .args(["ask", "what is the GIL"])
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(0));
    let shown = String::from_utf8(run.stdout).unwrap();
    assert!(shown.contains("[1] a.md:3"), "{shown}");
}

#[test]
fn the_index_goes_where_it_is_told() {
    let vault = Vault::new();
    vault.write("a.md", LOCK);
    vault.run(&["index", "notes", "--index", "by-flag"]).expect(0);
    assert!(vault.path("by-flag/qsearch.json").exists());
    let by_env = |args: &[&str]| vault.command().env("QSEARCH_INDEX", "by-env").args(args).output().unwrap();
    assert_eq!(by_env(&["index", "notes"]).status.code(), Some(0));
    assert!(vault.path("by-env/qsearch.json").exists());
    std::fs::write(vault.path("qsearch.toml"), "index = \"by-file\"\n").unwrap();
    vault.run(&["index", "notes"]).expect(0);
    assert!(vault.path("by-file/qsearch.json").exists());
    assert_eq!(vault.first_path("what is the GIL"), "a.md");
    std::fs::write(vault.path("qsearch.toml"), "indx = \"x\"\n").unwrap();
    vault.run(&["ask", "x"]).expect(2).says("qsearch.toml").says("indx");
}

#[test]
fn walking_honours_ignore_files_and_globs() {
    let vault = Vault::new();
    for path in ["a.md", "draft/b.md", "old/c.md", ".hidden/d.md", "e.txt", "skip.md"] {
        vault.write(path, format!("# {path}\n\nSome text about {path}.\n"));
    }
    vault.write(".gitignore", "draft/\n");
    vault.write(".qsearchignore", "skip.md\n");
    vault.run(&["index", "notes", "--exclude", "old/**"]).expect(0);
    assert_eq!(vault.totals().0, 2);
    vault.run(&["index", "notes", "--include", "*.txt"]).expect(0);
    assert_eq!(vault.totals().0, 1);
}

#[test]
fn a_refresh_does_not_depend_on_the_folder_one_stands_in() {
    let vault = Vault::new();
    for path in ["a.md", "b.md", "old/c.md"] {
        vault.write(path, format!("# {path}\n\nSome text about {path}.\n"));
    }
    vault.run(&["index", "notes", "--exclude", "old/**"]).expect(0);
    assert_eq!(vault.totals().0, 2);
    std::fs::create_dir(vault.path("other")).unwrap();
    std::fs::write(vault.path("other/qsearch.toml"), "exclude = ['b.md']\n").unwrap();
    let index = vault.path("index");
    let elsewhere = ["--index", index.to_str().unwrap(), "index"];
    for folder in ["other", "notes"] {
        finish(vault.command().current_dir(vault.path(folder)).args(elsewhere)).expect(0);
        assert_eq!(vault.totals().0, 2, "{folder}");
    }
    std::fs::write(vault.path("qsearch.toml"), "exclude = ['a.md']\n").unwrap();
    vault.run(&["index"]).expect(0).says("notes keeps the rules it was indexed with; `qsearch index ");
    let status: Value = serde_json::from_str(&vault.run(&["status", "--json"]).expect(0).stdout).unwrap();
    assert_eq!((&status["files"], &status["stale"]), (&2.into(), &false.into()));
    vault.run(&["index", "notes"]).expect(0).says("1 new, 1 removed");
    vault.run(&["index", "--exclude", "b.md"]).expect(0).says("1 new, 1 removed");
}

#[test]
fn an_index_inside_the_notes_is_not_indexed() {
    let vault = Vault::new();
    vault.write("a.md", LOCK);
    vault.run(&["index", "notes", "--index", "notes/index"]).expect(0);
    vault.run(&["index", "notes", "--index", "notes/index"]).expect(0);
    let run = vault.run(&["status", "--json", "--index", "notes/index"]).expect(0);
    assert_eq!(serde_json::from_str::<Value>(&run.stdout).unwrap()["files"], 1);
}

#[test]
fn the_log_can_be_turned_on() {
    let vault = Vault::indexed(&[("a.md", LOCK)]);
    let output =
        vault.command().env("QSEARCH_LOG", "debug").args(["ask", "GIL"]).stderr(Stdio::piped()).output();
    assert_eq!(output.unwrap().status.code(), Some(0));
}
