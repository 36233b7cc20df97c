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

/// Waits until the index has more notes than before, and gives how many it has.
fn wait_for_more(vault: &Vault, before: u64) -> u64 {
    let began = Instant::now();
    while began.elapsed() < Duration::from_mins(1) {
        let run = vault.run(&["status", "--json"]);
        let status: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_default();
        let files = status["files"].as_u64().unwrap_or(0);
        if files > before {
            return files;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("the run commits nothing");
}

fn answers(vault: &Vault) -> Vec<String> {
    let ask = |question: &&str| vault.ask(question).to_string();
    QUESTIONS.iter().map(ask).collect()
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_like_one_that_was_not() {
    let (vault, whole) = (vault(), vault());
    whole.run(&["index", "notes"]).expect(0);
    let mut files = 0;
    for _ in 0..5 {
        let mut run = start(&vault);
        files = wait_for_more(&vault, files);
        run.kill().unwrap();
        run.wait().unwrap();
        let kept = vault.totals().0;
        assert!(kept >= files);
        files = kept;
        if files == 120 {
            break;
        }
        vault.run(&["check"]).expect(0);
        let waiting = format!("{} note", 120 - files);
        vault.run(&["ask", QUESTIONS[0]]).says(&waiting).says("`qsearch index` goes on");
        assert!(vault.run(&["status"]).expect(0).stdout.contains(&waiting));
        assert_eq!(vault.ask(QUESTIONS[0])["waiting"], 120 - files);
    }
    let last = vault.run(&["index"]).expect(0);
    if files < 120 {
        last.says(&format!("({} new", 120 - files));
    }
    let asked = vault.run(&["ask", QUESTIONS[0]]);
    assert!(!asked.stderr.contains("waiting") && !asked.stderr.contains("yet"), "{asked:?}");
    assert_eq!(answers(&vault), answers(&whole));
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
    wait_for_more(&vault, 0);
    let pid = run.id().to_string();
    let told = finish(std::process::Command::new("kill").args(["-INT", &pid]));
    assert_eq!(told.status, 0, "{told:?}");
    let run = Run::from(run.wait_with_output().unwrap());
    if run.status == 130 {
        let run =
            run.says("aren't in the index yet, all others are").says("type the same command again to go on");
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
    wait_for_more(&vault, 1);
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
