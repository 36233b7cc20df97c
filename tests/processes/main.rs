//! What an index promises while processes that write it are killed and others read it.
//!
//! `QSEARCH_KILLS` says how many are killed, 50 by default; `QSEARCH_READING_SECONDS` for how long they read, 3 by
//! default.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "what a test can't do fails it")]
#![expect(clippy::print_stdout, reason = "processes tell each other how far they are")]

mod history;
mod kills;
mod readers;

use std::process::{Child, Command, Stdio};

/// Tells a process that a test has started what it is to do.
const ORDERS: &str = "QSEARCH_TEST_ORDERS";

/// Not a test by itself: what a process does that a test has started.
#[test]
fn process() {
    let Ok(orders) = std::env::var(ORDERS) else { return };
    let (role, orders) = orders.split_once('\n').unwrap();
    match role {
        "victim" => kills::victim(orders),
        "writer" => readers::write(orders),
        "reader" => readers::read(orders),
        other => panic!("nobody knows what {other} is"),
    }
}

/// How another process of this program is started, that takes orders: words without line breaks.
fn command(program: &std::path::Path, role: &str, orders: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(["--exact", "process", "--nocapture"]).env(ORDERS, format!("{role}\n{}", orders.join("\n")));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Starts this program once more, to take orders.
fn start(role: &str, orders: &[&str]) -> Child {
    command(&std::env::current_exe().unwrap(), role, orders).spawn().unwrap()
}

/// Tells the process that gave the orders something; the test harness prints things of its own.
fn tell(what: &str, number: u32) {
    println!("\n@{what} {number}");
}

/// What a line tells, if it does.
fn told(line: &str) -> Option<(&str, u32)> {
    let (what, number) = line.strip_prefix('@')?.split_once(' ')?;
    Some((what, number.parse().ok()?))
}

/// A number from the environment, or the usual one.
fn variable(name: &str, usual: u32) -> u32 {
    std::env::var(name).map_or(usual, |value| value.parse().unwrap())
}
