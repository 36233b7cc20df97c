//! Where the system tells no events, and where another process writes.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use super::vault::{Vault, Watch};

#[test]
fn looking_again_and_again_finds_the_same() {
    let vault = Vault::new();
    let watch = Watch::start(vault.command().args(["watch", "--json", "--poll=1"]));
    let watching = watch.hear("watching");
    assert_eq!(
        (&watching["roots"][0]["how"], &watching["roots"][0]["every_milliseconds"]),
        (&"polling".into(), &1000.into())
    );
    vault.write("notes/new/a.md", "# A\n\nAn auk dives.\n");
    vault.becomes(&["notes/bread.md", "notes/deep/er/owls.md", "notes/new/a.md"]);
    vault.rename("notes/new", "notes/old");
    vault.becomes(&["notes/bread.md", "notes/deep/er/owls.md", "notes/old/a.md"]);
    let before = watch.settles(Duration::from_secs(4));
    assert_eq!(watch.settles(Duration::from_secs(4)), before, "it looks without writing");
}

/// Whether this machine lets a test have limits of its own.
fn has_own_limits() -> bool {
    let tried = Command::new("unshare")
        .args(["-Ur", "sh", "-c", "echo 9 > /proc/sys/user/max_inotify_watches"])
        .output();
    tried.is_ok_and(|output| output.status.success())
}

#[test]
fn where_no_more_folders_can_be_watched_they_are_looked_at_and_that_is_said() {
    if !has_own_limits() {
        eprintln!("skipped: there are no user namespaces here");
        return;
    }
    let vault = Vault::new();
    for number in 0..30 {
        vault.write(&format!("notes/f{number}/x.md"), &format!("# F{number}\n\nNumber {number}.\n"));
    }
    for (limit, words, named) in [
        ("watches", "the system watches no more folders", "fs.inotify.max_user_watches"),
        ("instances", "the system has no more watchers", "fs.inotify.max_user_instances"),
    ] {
        let most = if limit == "watches" { 9 } else { 0 };
        let script = format!("echo {most} > /proc/sys/user/max_inotify_{limit} && exec \"$@\"");
        let mut command = vault.wrapped(&["unshare", "-Ur", "sh", "-c", &script, "sh"]);
        let watch = Watch::start(command.arg("watch"));
        let said = super::vault::holds(|| watch.log().contains(words) && watch.log().contains(named));
        assert!(said, "{}", watch.log());
        assert!(
            watch.log().contains("looked at every 10.0 s") && watch.log().contains("hint: "),
            "{}",
            watch.log()
        );
        let note = format!("notes/f7/{limit}.md");
        vault.write(&note, "# New\n\nA dunlin probes.\n");
        vault.says(&note, "dunlin");
    }
}

#[test]
fn another_writer_is_waited_for() {
    let vault = Vault::new();
    let watch = vault.watch(&[]);
    watch.settles(Duration::from_secs(1));
    let lock = File::options().read(true).write(true).open(vault.path("index/writer.lock")).unwrap();
    lock.lock().unwrap();
    vault.write("notes/new.md", "# New\n\nA dunlin probes.\n");
    let waiting = watch.hear("waiting");
    assert!(waiting["writer"].as_str().unwrap().contains("process"), "{waiting}");
    assert_eq!(vault.notes().len(), 2);
    lock.unlock().unwrap();
    assert_eq!(watch.hear("refreshed")["added"], 1);
    // It holds the lock no longer than it writes.
    vault.run(&["index"]);
}

#[test]
fn it_begins_while_another_process_writes() {
    let vault = Vault::new();
    let lock = File::options().read(true).write(true).open(vault.path("index/writer.lock")).unwrap();
    lock.lock().unwrap();
    let watch = Watch::start(vault.command().args(["watch", "--json", "notes"]));
    watch.hear("waiting");
    lock.unlock().unwrap();
    watch.hear("watching");
}
