//! A folder of notes, an index, and the program with a clean environment.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

pub(crate) use crate::vault::Vault;

/// What a run of the program gave back.
#[derive(Debug)]
pub(crate) struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Vault {
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        finish(self.command().args(args))
    }

    pub(crate) fn run_with_input(&self, args: &[&str], input: &[u8]) -> Run {
        finish_with_input(self.command().args(args), input)
    }

    /// Asks with `--json` and gives the document back, as it is in any folder and however busy the machine is.
    pub(crate) fn ask(&self, question: &str) -> Value {
        self.ask_with(&[question])
    }

    /// Asks with options as well.
    pub(crate) fn ask_with(&self, args: &[&str]) -> Value {
        let reply = self.json(&[&["ask", "--explain"], args].concat()).to_string();
        let mut reply: Value =
            serde_json::from_str(&reply.replace(self.folder().to_str().unwrap(), "")).unwrap();
        reply.as_object_mut().unwrap().remove("stale_notes");
        reply
    }

    /// Runs a command with `--json` that doesn't fail, and gives the document back.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let run = self.run(&[&args[..1], &["--json"], &args[1..]].concat());
        assert!(run.status <= 1, "{run:?}");
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
    }

    /// The path of the first source of a question.
    pub(crate) fn first_path(&self, question: &str) -> String {
        let reply = self.ask(question);
        reply["results"][0]["path"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned()
    }

    /// The total number of files and passages, from `status --json`.
    pub(crate) fn totals(&self) -> (u64, u64) {
        let status: Value = serde_json::from_str(&self.run(&["status", "--json"]).expect(0).stdout).unwrap();
        (status["files"].as_u64().unwrap(), status["passages"].as_u64().unwrap())
    }
}

/// Runs a command to its end.
pub(crate) fn finish(command: &mut Command) -> Run {
    Run::from(command.output().unwrap())
}

/// Runs a command that reads `input` from stdin.
pub(crate) fn finish_with_input(command: &mut Command, input: &[u8]) -> Run {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Run::from(output)
}

impl From<std::process::Output> for Run {
    fn from(output: std::process::Output) -> Self {
        let run = Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        // Whatever happens, it isn't a panic.
        assert!(!run.stderr.contains("panicked"), "{run:?}");
        run
    }
}

impl Run {
    /// Checks the exit status.
    #[track_caller]
    pub(crate) fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Checks that stdout has this.
    #[track_caller]
    pub(crate) fn shows(self, words: &str) -> Self {
        assert!(self.stdout.contains(words), "not shown: {words}\n{}", self.stdout);
        self
    }

    /// Checks that stderr says this.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "not said: {words}\n{}", self.stderr);
        self
    }
}

/// Makes an index say something else: a key of what its last commit remembers. Its checksum is made to match.
pub(crate) fn forge(index: &Path, key: &str, value: &Value) {
    let path = index.join("segments/meta.json");
    let bytes = std::fs::read(&path).unwrap();
    // Behind the list stands its checksum, on a line of its own.
    let mut list: Value = serde_json::from_slice(&bytes[..bytes.len() - 9]).unwrap();
    let mut payload: Value = serde_json::from_str(list["payload"].as_str().unwrap()).unwrap();
    payload[key] = value.clone();
    list["payload"] = payload.to_string().into();
    let text = list.to_string();
    std::fs::write(&path, format!("{text}{:08x}\n", crc32fast::hash(text.as_bytes()))).unwrap();
}

/// A note on one topic that nothing else is about, to be found by a question.
pub(crate) const LOCK: &str =
    "## What is the GIL?\n**Answer:**\nA mutex in CPython: one thread at a time runs bytecode.\n";
/// Another one.
pub(crate) const BREAD: &str =
    "# Bread\n\nFeed the sourdough starter twice a day, and bake the loaf in a hot iron pot.\n";
