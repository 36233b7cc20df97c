//! A long run that is broken off keeps what it has committed, says so, and the next one goes on.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Run, Vault, finish};

const QUESTIONS: [&str; 4] = [
    "what is in box 17",
    "which owl sleeps in the tower",
    "boxes of the cellar",
    "how old is the lighthouse",
];

/// A vault with more notes than are read in a moment.
fn vault() -> Vault {
    let vault = Vault::new();
    for at in 0..120 {
        let owl = ["barn owl", "tawny owl", "eagle owl"][at % 3];
        let text = format!(
            "# Box {at}\n\nBox {at} stands in the cellar of house {}.\n\n## Owl\n\nThe {owl} number {at} sleeps \
             in the tower until it is dark, and the lighthouse is {} years old.\n",
            at / 7,
            at * 3
        );
        vault.write(format!("{at:03}.md"), text);
    }
    vault
}

/// Starts a run that commits after each note.
fn start(vault: &Vault) -> Child {
    let mut command = vault.command();
    command.args(["index", "notes", "--checkpoint", "0"]).stderr(Stdio::piped()).spawn().unwrap()
}

/// How much of a vault is read.
#[derive(Clone, Copy, Default)]
struct Standing {
    /// How many notes are in the index.
    files: u64,
    /// How many of them are found by their words alone.
    pending: u64,
    /// How many are still to be read.
    waiting: u64,
}

impl Standing {
    fn of(vault: &Vault) -> Self {
        let run = vault.run(&["status", "--json"]);
        let status: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_default();
        let [files, pending, waiting] =
            ["files", "pending", "waiting"].map(|name| status[name].as_u64().unwrap_or(0));
        Self { files, pending, waiting }
    }

    /// How many notes have all of their vectors.
    fn read(self) -> u64 {
        self.files - self.pending
    }

    /// Waits until the vault is as is wanted.
    fn wait(vault: &Vault, is_wanted: impl Fn(Self) -> bool) -> Self {
        let began = Instant::now();
        while began.elapsed() < Duration::from_mins(2) {
            let standing = Self::of(vault);
            if is_wanted(standing) {
                return standing;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the run commits nothing");
    }
}

fn answers(vault: &Vault) -> Vec<String> {
    let ask = |question: &&str| vault.ask(question).to_string();
    QUESTIONS.iter().map(ask).collect()
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_like_one_that_was_not() {
    let (vault, whole) = (vault(), vault());
    whole.run(&["index", "notes"]).expect(0);
    let mut before = Standing::default();
    for _ in 0..5 {
        let mut run = start(&vault);
        let seen = Standing::wait(&vault, |now| (now.files, now.read()) > (before.files, before.read()));
        run.kill().unwrap();
        run.wait().unwrap();
        let kept = Standing::of(&vault);
        assert!(kept.files >= seen.files && kept.read() >= seen.read());
        before = kept;
        if kept.waiting == 0 {
            break;
        }
        vault.run(&["check"]).expect(0);
        assert_eq!(kept.read() + kept.waiting, 120);
        let read = format!("the meaning of {} of 120 notes is read so far", kept.read());
        vault.run(&["ask", QUESTIONS[0]]).says(&read).says("`qsearch index` goes on");
        assert!(vault.run(&["status"]).expect(0).stdout.contains(&read));
        let reply = vault.ask(QUESTIONS[0]);
        assert_eq!((&reply["waiting"], &reply["pending"]), (&kept.waiting.into(), &kept.pending.into()));
    }
    let last = vault.run(&["index"]).expect(0);
    if before.waiting > 0 {
        last.says(&format!("({} new", before.waiting));
    }
    let asked = vault.run(&["ask", QUESTIONS[0]]);
    assert!(!asked.stderr.contains("meaning") && !asked.stderr.contains("yet"), "{asked:?}");
    assert_eq!(answers(&vault), answers(&whole));
}

#[test]
fn all_notes_answer_by_their_words_before_their_meaning_is_read() {
    let vault = vault();
    let mut run = start(&vault);
    let words = Standing::wait(&vault, |now| now.files == 120);
    let asked = vault.run(&["ask", "where does box 117 stand"]);
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(asked.stdout.contains("house 16"), "{asked:?}");
    let now = Standing::of(&vault);
    assert!(now.files == 120 && now.pending <= words.pending, "nothing is lost");
    if now.pending == 0 {
        return;
    }
    let reply = vault.ask("where does box 117 stand");
    assert_eq!(reply["results"][0]["path"], "117.md");
    for args in [
        &["search", "box 117"][..],
        &["get", "notes/117.md"],
        &["notes", "path:117*"],
        &["tags"],
        &["check", "--deep"],
        &["ask", "\"number 117 sleeps\""],
    ] {
        let run = vault.run(args);
        assert!(run.status <= 1, "{args:?} {run:?}");
    }
    let copied = vault.run(&["copy", "copied", "--json"]).expect(0);
    let copied: serde_json::Value = serde_json::from_str(&copied.stdout).unwrap();
    assert_eq!((&copied["files"], &copied["left_out"]), (&now.read().into(), &now.pending.into()));
    vault.run(&["index", "--optimize"]).expect(0).says(&format!("({} new", now.waiting));
    vault.run(&["--index", "copied", "index"]).expect(0);
    let whole = self::vault();
    whole.run(&["index", "notes", "--optimize"]).expect(0);
    assert_eq!(answers(&vault), answers(&whole));
    let of_copy = QUESTIONS.map(|asked| vault.run(&["--index", "copied", "search", "--json", asked]).stdout);
    assert_eq!(of_copy, QUESTIONS.map(|asked| vault.run(&["search", "--json", asked]).stdout));
}

#[test]
fn an_index_that_is_being_made_is_told_from_one_that_is_not_there() {
    let vault = Vault::new();
    vault.run(&["ask", "owls"]).expect(2).says("there is no index here");
    std::fs::create_dir(vault.path("index")).unwrap();
    let lock = std::fs::File::create(vault.path("index/writer.lock")).unwrap();
    lock.lock().unwrap();
    let deep = vault.path("notes/deep");
    std::fs::create_dir(&deep).unwrap();
    for args in [&["ask", "owls"][..], &["status"], &["--index", "../../index", "search", "owls"]] {
        let run = finish(vault.command().current_dir(&deep).args(args));
        run.expect(2).says("is just being made, by another process").says("hint: ask again in a minute");
    }
    lock.unlock().unwrap();
    vault.run(&["ask", "owls"]).expect(2).says("there is no index here");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_says_what_is_kept() {
    let vault = vault();
    let run = start(&vault);
    Standing::wait(&vault, |now| now.files > 0);
    let pid = run.id().to_string();
    let told = finish(std::process::Command::new("kill").args(["-INT", &pid]));
    assert_eq!(told.status, 0, "{told:?}");
    let run = Run::from(run.wait_with_output().unwrap());
    if run.status == 130 {
        let run = run.says("found by").says("type the same command again to go on");
        assert!(!run.stderr.contains("as it was"), "{run:?}");
    }
    vault.run(&["index"]).expect(0);
    assert_eq!(vault.totals().0, 120);
}

#[cfg(unix)]
#[test]
fn a_run_without_its_lock_gives_up_and_the_index_stays_whole() {
    let vault = vault();
    vault.run(&["index", "notes/000.md"]).expect(0);
    let run = start(&vault);
    Standing::wait(&vault, |now| now.files > 1);
    std::fs::remove_file(vault.path("index/writer.lock")).unwrap();
    let run = Run::from(run.wait_with_output().unwrap());
    if run.status != 0 {
        run.expect(2).says("writer.lock was removed or replaced").says("hint: the index is whole");
    }
    vault.run(&["check"]).expect(0);
    vault.run(&["index"]).expect(0);
    assert_eq!(vault.totals().0, 120);
}

#[test]
fn a_vault_that_moves_with_its_index_goes_on() {
    let vault = Vault::new();
    vault.write("vault/a.md", "# Owls\n\nOwls sleep by day.\n");
    vault.write("vault/corpus/b.md", "# Bread\n\nBake it in a pot.\n");
    let run = |at: &str, args: &[&str]| finish(vault.command().current_dir(vault.path(at)).args(args));
    run("notes/vault", &["index", "."]).expect(0);
    std::fs::rename(vault.path("notes/vault"), vault.path("moved vault")).unwrap();
    run("moved vault", &["index"]).expect(0).says("nothing changed");
    let asked = run("moved vault", &["ask", "--json", "when do owls sleep"]).expect(0);
    let reply: serde_json::Value = serde_json::from_str(&asked.stdout).unwrap();
    assert_eq!(
        (&reply["results"][0]["stale"], &reply["results"][0]["path"]),
        (&false.into(), &"a.md".into())
    );
    // A root elsewhere that is gone is named so that nothing else can be meant.
    vault.write("corpus/c.md", "# Larks\n");
    let elsewhere = vault.path("notes/corpus");
    run("moved vault", &["index", elsewhere.to_str().unwrap()]).expect(0);
    std::fs::rename(&elsewhere, vault.path("notes/gone")).unwrap();
    let hint = format!("`qsearch forget {}`", elsewhere.canonicalize().unwrap_or(elsewhere).display());
    assert!(run("moved vault", &["status"]).expect(0).stdout.contains(&hint), "{hint}");
}
