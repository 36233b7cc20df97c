//! How a watch ends, and what it survives.

use std::fs;

use rustix::process::Signal;

use super::vault::{Vault, Watch};

#[test]
fn a_signal_ends_it_at_once_and_that_is_no_failure() {
    for signal in [Signal::TERM, Signal::INT] {
        let vault = Vault::new();
        let watch = vault.watch(&[]);
        watch.signal(signal);
        let (status, events, log) = watch.end();
        assert_eq!(status.code(), Some(0), "{log}");
        assert_eq!(events.last().unwrap()["event"], "stopped");
        vault.run(&["check"]);
    }
}

#[test]
fn what_was_committed_before_a_signal_stays() {
    let vault = Vault::new();
    let watch = vault.watch(&[]);
    for number in 0..3000 {
        vault.write(
            &format!("notes/many/{number}.md"),
            &format!("# Note {number}\n\nIts number is {number}.\n"),
        );
    }
    std::thread::sleep(std::time::Duration::from_millis(1500));
    watch.signal(Signal::TERM);
    let (status, _, log) = watch.end();
    assert_eq!(status.code(), Some(0), "{log}");
    vault.run(&["check"]);
    assert!(vault.notes().len() >= 2);
}

#[test]
fn without_an_index_it_says_what_to_type() {
    let vault = Vault::empty();
    let output = vault.command().args(["watch"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("qsearch index FOLDER"), "{said}");
    let output = vault.command().args(["watch", "--index", "none", "--json"]).output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!((output.status.code(), said["kind"].as_str()), (Some(2), Some("not_found")));
}

#[test]
fn folders_that_are_named_are_indexed_first() {
    let vault = Vault::empty();
    vault.write("notes/a.md", "# A\n\nAn auk dives.\n");
    let watch = Watch::start(vault.command().args(["watch", "--json", "notes"]));
    assert_eq!(watch.hear("refreshed")["added"], 1);
    assert_eq!(watch.hear("watching")["roots"][0]["how"], "events");
    vault.write("notes/b.md", "# B\n\nA bittern booms.\n");
    assert_eq!(watch.hear("refreshed")["added"], 1);
    vault.becomes(&["notes/a.md", "notes/b.md"]);
}

#[test]
fn it_tells_people_what_it_does_in_lines() {
    let vault = Vault::new();
    let watch = Watch::start(vault.command().args(["watch"]));
    let said = |words: &str| super::vault::holds(|| watch.log().contains(words));
    assert!(said("watching notes; Ctrl-C stops"), "{}", watch.log());
    vault.write("notes/bread.md", "# Bread\n\nBake it in an iron pot.\n");
    vault.write("notes/new.md", "# New\n\nA dunlin probes.\n");
    assert!(said("1 note changed, 1 added: 2 passages in "), "{}", watch.log());
    watch.signal(Signal::INT);
    let (_, events, log) = watch.end();
    assert!(events.is_empty() && log.contains("stopped") && !log.contains("press Ctrl-C again"), "{log}");
}

#[test]
fn quiet_is_quiet() {
    let vault = Vault::new();
    let mut command = vault.command();
    let watch = Watch::start(command.args(["watch", "--quiet"]));
    vault.write("notes/new.md", "# New\n\nA dunlin probes.\n");
    vault.becomes(&["notes/bread.md", "notes/deep/er/owls.md", "notes/new.md"]);
    watch.signal(Signal::TERM);
    let (_, _, log) = watch.end();
    assert!(log.lines().all(|line| line.contains(" qsearch::")), "{log}");
}

#[test]
fn a_mistake_in_settings_is_told_and_mended() {
    let vault = Vault::new();
    let watch = vault.watch(&[]);
    watch.settles(std::time::Duration::from_secs(1));
    vault.write("qsearch.toml", "sources = \"many\"\n");
    let failed = watch.hear("failed");
    assert_eq!(failed["kind"], "usage", "{failed}");
    vault.write("notes/new.md", "# New\n\nA dunlin probes.\n");
    fs::write(vault.path("qsearch.toml"), "sources = 3\n").unwrap();
    watch.hear("refreshed");
    vault.becomes(&["notes/bread.md", "notes/deep/er/owls.md", "notes/new.md"]);
}

#[test]
fn an_index_that_vanishes_is_a_failure_and_one_that_comes_back_is_followed() {
    let vault = Vault::new();
    let watch = vault.watch(&[]);
    watch.settles(std::time::Duration::from_secs(1));
    vault.rename("index", "aside");
    vault.write("notes/new.md", "# New\n\nA dunlin probes.\n");
    watch.hear("failed");
    vault.rename("aside", "index");
    vault.becomes(&["notes/bread.md", "notes/deep/er/owls.md", "notes/new.md"]);
}
