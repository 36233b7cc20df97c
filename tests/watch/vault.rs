//! A folder of notes with an index, and a watch over it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Whatever is waited for comes much sooner; a machine may be busy.
const PATIENCE: Duration = Duration::from_mins(2);

/// A temporary home with `notes/` in it; the index is `index/`.
pub(crate) struct Vault {
    folder: tempfile::TempDir,
}

impl Vault {
    /// A vault with two notes, indexed.
    pub(crate) fn new() -> Self {
        let vault = Self::empty();
        vault.write("notes/bread.md", "# Bread\n\nFeed the starter twice a day.\n");
        vault.write("notes/deep/er/owls.md", "# Owls\n\nOwls hunt at night, by ear.\n");
        vault.run(&["index", "notes"]);
        vault
    }

    pub(crate) fn empty() -> Self {
        let vault = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(vault.path("notes")).unwrap();
        vault
    }

    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(relative)
    }

    /// Writes a file, and the folders above it.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        std::fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// The program, standing in the vault, knowing nothing of the machine it runs on.
    pub(crate) fn command(&self) -> Command {
        self.wrapped(&[])
    }

    /// The same, started by another program with these arguments.
    pub(crate) fn wrapped(&self, by: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_qsearch");
        let mut command = match by {
            [] => Command::new(program),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        command.current_dir(self.folder.path()).env_clear().env("HOME", self.path("home"));
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command that succeeds, and gives back what it prints.
    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> String {
        let output = self.command().args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The paths of all notes in the index, sorted.
    pub(crate) fn notes(&self) -> Vec<String> {
        let listed: Value = serde_json::from_str(&self.run(&["notes", "--json"])).unwrap();
        let mut paths: Vec<String> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|note| format!("{}/{}", note["root"].as_str().unwrap(), note["path"].as_str().unwrap()))
            .collect();
        paths.sort();
        paths
    }

    /// Waits until the index has these notes, and no others.
    #[track_caller]
    pub(crate) fn becomes(&self, expected: &[&str]) {
        let mut found = Vec::new();
        let all_there = || {
            found = self.notes();
            found == expected
        };
        assert!(holds(all_there), "{found:?} instead of {expected:?}");
    }

    /// Waits until a note says something.
    #[track_caller]
    pub(crate) fn says(&self, note: &str, words: &str) {
        let says = || {
            let output = self.command().args(["get", note]).output().unwrap();
            String::from_utf8_lossy(&output.stdout).contains(words)
        };
        assert!(holds(says), "{note} doesn't say {words}");
    }

    /// Begins to watch, and waits until it does.
    pub(crate) fn watch(&self, args: &[&str]) -> Watch {
        let watch = Watch::start(self.command().args(["watch", "--json"]).args(args));
        watch.hear("watching");
        watch
    }
}

/// Waits until something is so.
pub(crate) fn holds(mut it: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if it() {
            return true;
        }
        thread::sleep(Duration::from_millis(100));
    }
    false
}

/// A watch that runs.
pub(crate) struct Watch {
    child: Child,
    events: Receiver<Value>,
    log: Arc<Mutex<String>>,
}

impl Watch {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.env("QSEARCH_LOG", "qsearch=debug").spawn().unwrap();
        let (tell, events) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                if tell.send(event).is_err() {
                    break;
                }
            }
        });
        let log = Arc::new(Mutex::new(String::new()));
        let (shared, mut stderr) = (Arc::clone(&log), child.stderr.take().unwrap());
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = stderr.read(&mut buffer) {
                shared.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
        });
        Self { child, events, log }
    }

    /// Waits for the next event of this name; passes over others.
    #[track_caller]
    pub(crate) fn hear(&self, name: &str) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let event =
                self.events.recv_timeout(left).unwrap_or_else(|_| panic!("no {name}\n{}", self.log()));
            if event["event"] == name {
                return event;
            }
        }
    }

    /// Waits for refreshes until they have changed so many notes in all.
    #[track_caller]
    pub(crate) fn changes(&self, wanted: u64) {
        let mut heard = 0;
        while heard < wanted {
            let event = self.hear("refreshed");
            heard += ["added", "changed", "removed"]
                .iter()
                .map(|kind| event[*kind].as_u64().unwrap())
                .sum::<u64>();
        }
        assert_eq!(heard, wanted);
    }

    /// What it said on stderr.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// How many refreshes there were so far, whatever came of them.
    pub(crate) fn refreshes(&self) -> usize {
        self.log().matches("refreshed ended=").count()
    }

    /// Waits until nothing has been refreshed for some time, and says how many refreshes there were.
    pub(crate) fn settles(&self, time: Duration) -> usize {
        let (mut before, mut since) = (self.refreshes(), Instant::now());
        let settled = holds(|| {
            let now = self.refreshes();
            if now != before {
                (before, since) = (now, Instant::now());
            }
            since.elapsed() >= time && now > 0
        });
        assert!(settled, "it never stops\n{}", self.log());
        before
    }

    /// How much time the processor has spent on it.
    #[cfg(target_os = "linux")]
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: u64 = fields[11..13].iter().map(|field| field.parse::<u64>().unwrap()).sum();
        // A tick is a hundredth of a second on every machine that Linux tells ticks on.
        Duration::from_millis(ticks * 10)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<Value>, String) {
        let mut status = None;
        let ended = holds(|| {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        assert!(ended, "it goes on\n{}", self.log());
        (status.unwrap(), self.events.iter().collect(), self.log())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
