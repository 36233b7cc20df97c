//! `qsearch chat`: questions one after the other, from a pipe and at a terminal.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::json;

use crate::scripted::{End, Reply, Server, openai_stream};
use crate::support::{BREAD, LOCK, Run, Vault, finish_with_input};

const BOILER: &str =
    "# House\n\nThe boiler was serviced in March by Meyer and Sons.\n\nThe car was serviced in June.\n";

fn vault() -> Vault {
    Vault::indexed(&[("gil.md", LOCK), ("bread.md", BREAD), ("house.md", BOILER)])
}

fn talk(vault: &Vault, args: &[&str], lines: &str) -> Run {
    vault.run_with_input(&[&["chat"], args].concat(), lines.as_bytes())
}

#[test]
fn each_line_of_a_pipe_is_a_question() {
    let vault = vault();
    let run = talk(&vault, &[], "what is the GIL\n\nwhen was the boiler serviced?").expect(0);
    let (first, second) = run.stdout.split_once("\n\n").unwrap();
    assert!(first.starts_with("A mutex in CPython"), "{}", run.stdout);
    assert!(first.contains("[1] notes/gil.md:"), "{}", run.stdout);
    assert!(second.starts_with("The boiler was serviced in March"), "{}", run.stdout);
    assert_eq!(run.stderr, "");
    // The same page as that of `ask`.
    let asked = vault.run(&["ask", "what is the GIL"]).expect(0);
    assert_eq!(asked.stdout.trim_end(), first.trim_end());
    assert_eq!(talk(&vault, &[], "").expect(0).stdout, "");
    assert!(!vault.path("home/.local/state/qsearch/chat_history").exists());
}

#[test]
fn what_goes_on_from_what_was_said_is_asked_as_it_is_meant() {
    let vault = vault();
    let run = talk(&vault, &[], "when was the boiler serviced\nand the car?\n").expect(0);
    assert_eq!(run.stderr, "asked: when was the car serviced\n");
    assert!(run.stdout.contains("The car was serviced in June."), "{}", run.stdout);
    // What stands by itself isn't touched, and `/new` forgets.
    let run = talk(&vault, &[], "when was the boiler serviced\nwhat is the GIL?\n/new\nand the car?\n");
    assert!(!run.stderr.contains("asked:"), "{}", run.stderr);
    run.says("what was said is forgotten");
    let quiet = talk(&vault, &["--quiet"], "when was the boiler serviced\nand the car?\n").expect(0);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn the_exit_status_is_that_of_the_last_question() {
    let vault = vault();
    let unknown = "how do submarines resurface in the arctic";
    talk(&vault, &[], &format!("what is the GIL\n{unknown}\n")).expect(1).shows("don't seem to answer");
    talk(&vault, &[], &format!("{unknown}\nwhat is the GIL\n")).expect(0);
    let run = talk(&vault, &[], "-draft\n").expect(2);
    run.says("error: `-draft` says what to leave out").says("hint: ");
    // What can't be asked doesn't end the talk.
    talk(&vault, &[], "tag:work\nwhat is the GIL\n").expect(0).says("hint: ").shows("A mutex");
    talk(&Vault::new(), &[], "what is the GIL\n")
        .expect(2)
        .says("hint: make one with `qsearch index FOLDER`");
}

#[test]
fn commands_act_on_the_last_answer() {
    let vault = vault();
    let run = talk(&vault, &["-n", "2"], "what is the GIL\n/sources\n").expect(0);
    assert!(
        run.stdout.contains("    A mutex in CPython: one thread at a time runs bytecode."),
        "{}",
        run.stdout
    );
    let mut command = vault.command();
    command.args(["chat", "-n", "2"]).env("EDITOR", "echo opened");
    let run = finish_with_input(&mut command, b"what is the GIL\n/open 1\n/open 9\n").expect(2);
    run.shows("opened").shows("gil.md").says("error: there is no source 9 to open");
    let run = talk(&vault, &[], "/sources\n/open 1\n/x\n/help\n").expect(2);
    let run = run.says("error: nothing has been asked yet\nhint: type a question first");
    let run =
        run.says("error: there is no command `/x`\nhint: there are /sources, /open 2, /new, /help and /quit");
    assert_eq!(run.says("forget what was said").stdout, "");
    // What stands behind `/quit` isn't asked, and what begins with `//` is.
    assert_eq!(talk(&vault, &[], "/quit\nwhat is the GIL\n").expect(0).stdout, "");
    talk(&vault, &[], "//GIL mutex\n").expect(0).shows("A mutex");
}

#[test]
fn flags_are_those_of_ask() {
    let vault = vault();
    let run = talk(&vault, &["--path", "bread.md"], "what is the GIL\n").expect(1);
    assert!(!run.stdout.contains("gil.md"), "{}", run.stdout);
    let run = talk(&vault, &["--full", "-n", "3"], "what is the GIL\n").expect(0);
    assert!(run.stdout.contains("\n    "), "{}", run.stdout);
    let run = vault.run(&["chat", "what", "is"]).expect(2);
    run.says("unexpected argument");
}

#[test]
fn nothing_of_a_note_acts_on_the_terminal() {
    let vault =
        Vault::indexed(&[("evil.md", "# Owls\n\nOwls \u{1b}]0;x\u{7} hunt \u{202e}at night\u{1b}[2J.\n")]);
    let run = talk(&vault, &[], "when do owls hunt\nwhy \u{1b}[31m do they?\n/sources\n");
    let is_active = |c: char| c == '\u{1b}' || c == '\u{7}' || c == '\u{202e}';
    assert!(!run.stdout.contains(is_active) && !run.stderr.contains(is_active), "{run:?}");
    assert!(run.stdout.contains("Owls ␛]0;x␇ hunt"), "{}", run.stdout);
}

#[test]
fn a_talk_sees_what_is_indexed_meanwhile() {
    let vault = vault();
    let mut child = vault.command().arg("chat").stdin(Stdio::piped()).spawn().unwrap();
    let mut typed = child.stdin.take().unwrap();
    let mut shown = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut ask = |question: &str| {
        typed.write_all(format!("{question}\n").as_bytes()).unwrap();
        shown.by_ref().map(Result::unwrap).find(|line| !line.is_empty()).unwrap()
    };
    assert!(ask("what is the GIL").starts_with("A mutex"));
    vault.write("gil.md", LOCK.replace("A mutex", "The big lock"));
    vault.run(&["index"]).expect(0);
    let mut again = ask("what is the GIL?");
    while again.starts_with('[') {
        again = shown.next().unwrap().unwrap();
    }
    assert!(again.starts_with("The big lock") || again.is_empty(), "{again}");
    drop(typed);
    assert!(child.wait().unwrap().success());
}

/// A talk at a terminal.
fn at_terminal(vault: &Vault, steps: &serde_json::Value) -> Run {
    at_terminal_with(vault, &[], steps)
}

/// The same with options.
fn at_terminal_with(vault: &Vault, args: &[&str], steps: &serde_json::Value) -> Run {
    let program = vault.command();
    let mut command = std::process::Command::new("python3");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/terminal.py")).arg(program.get_program());
    command.args(["chat", "--color", "never"]).args(args).current_dir(vault.path("")).env_clear();
    command.env("HOME", vault.path("home")).env("TERM", "xterm").env("PATH", "/usr/bin:/bin:/usr/local/bin");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    finish_with_input(&mut command, steps.to_string().as_bytes())
}

#[cfg(unix)]
#[test]
fn lines_are_edited_and_remembered_at_a_terminal() {
    use std::os::unix::fs::PermissionsExt;
    let vault = vault();
    let run = at_terminal(
        &vault,
        &json!([
            ["wait", "> "],
            ["type", "what is the GILX\u{7f}\r"],
            ["wait", "A mutex in CPython"],
            ["wait", "> "],
            ["type", "/s\t\r"],
            ["wait", "[1]"],
            ["wait", "> "],
            // Ctrl-C gives up what is typed, and at an empty prompt it ends the talk.
            ["type", "nonsense\u{3}"],
            ["wait", "> "],
            ["type", "and the car\u{3}"],
            ["wait", "> "],
            ["type", "\u{3}"],
        ]),
    )
    .expect(0);
    assert!(run.stdout.contains("/help tells what else can be typed"), "{}", run.stdout);
    let file = vault.path("home/.local/state/qsearch/chat_history");
    let lines = std::fs::read_to_string(&file).unwrap();
    assert_eq!(lines, "#V2\nwhat is the GIL\n/sources\n");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(file.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    // The next talk has it, and what begins with a blank isn't kept.
    at_terminal(
        &vault,
        &json!([
            ["wait", "> "],
            ["type", " when was the boiler serviced\r"],
            ["wait", "March"],
            ["wait", "> "],
            ["type", "\u{1b}[A\u{1b}[A\r"],
            ["wait", "A mutex in CPython"],
            ["wait", "> "],
            ["type", "\u{4}"],
        ]),
    )
    .expect(0);
    assert!(!std::fs::read_to_string(&file).unwrap().contains("boiler"));
}

#[cfg(unix)]
#[test]
fn what_cannot_be_a_history_is_left_alone() {
    let vault = vault();
    let folder = vault.path("home/.local/state/qsearch");
    std::fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.join("chat_history")).unwrap();
    let steps = json!([
        ["wait", "> "],
        ["type", "what is the GIL\r"],
        ["wait", "A mutex"],
        ["wait", "> "],
        ["type", "/quit\r"]
    ]);
    at_terminal(&vault, &steps).expect(0);
    assert!(folder.join("chat_history").is_symlink());
    let many: String = (0..1500).map(|line| format!("question {line}\n")).collect();
    std::fs::remove_file(folder.join("chat_history")).unwrap();
    std::fs::write(folder.join("chat_history"), format!("#V2\n{many}")).unwrap();
    at_terminal(&vault, &steps).expect(0);
    let kept = std::fs::read_to_string(folder.join("chat_history")).unwrap();
    assert_eq!(kept.lines().count(), 1001, "{kept}");
    assert!(kept.ends_with("what is the GIL\n/quit\n"), "{kept}");
}

#[test]
fn a_model_writes_and_rewrites_what_goes_on() {
    let vault = vault();
    // The first answer, what the second question means, and the second answer.
    let server = Server::start(vec![
        openai_stream(&["The boiler was serviced", " in March by Meyer and Sons. It cost 90."]),
        openai_stream(&["When was the car serviced?"]),
        openai_stream(&["The car was serviced in June."]),
    ]);
    let write = format!("--write={}", server.model());
    let run = talk(&vault, &[&write], "when was the boiler serviced\nand the car?\n").expect(0);
    run.shows("The boiler was serviced in March by Meyer and Sons. [1]\n")
        .shows("(1 sentence without a source was left out)")
        .shows("The car was serviced in June. [1]\n")
        .says("asked: When was the car serviced?\n");
    let chats = server.chats();
    assert_eq!(chats.len(), 3);
    let rewriting = chats[1].said();
    assert!(
        rewriting.contains("when was the boiler serviced") && rewriting.contains("and the car?"),
        "{rewriting}"
    );
}

#[test]
fn a_model_that_fails_does_not_end_the_talk() {
    let vault = vault();
    let server = Server::start(vec![Reply::refusal(500, "out of memory")]);
    let write = format!("--write={}", server.model());
    let run = talk(&vault, &[&write], "when was the boiler serviced\nand the car?\n").expect(0);
    let run =
        run.shows("serviced in March").shows("serviced in June").says("asked: when was the car serviced");
    run.says("no language model writes, these are the notes' own words: ");
    // One that isn't there is told before anything is asked, unless the notes' own words will do.
    let absent = "http://127.0.0.1:9/v1#none";
    let run = talk(&vault, &[&format!("--write={absent}")], "what is the GIL\n").expect(2);
    assert_eq!(run.says("error: ").says("hint: ").stdout, "");
    talk(&vault, &[&format!("--write=try,{absent}")], "what is the GIL\n").expect(0).shows("A mutex");
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_an_answer_and_not_the_talk() {
    let vault = vault();
    let hangs = openai_stream(&["The boiler was serviced in March by Meyer and Sons. And"])
        .without_last(3)
        .then(End::Hang);
    let server = Server::start(vec![hangs, openai_stream(&["The car was serviced in June."])]);
    let steps = json!([
        ["wait", "> "],
        ["type", "when was the boiler serviced\r"],
        ["wait", "Meyer and Sons. [1]"],
        ["type", "\u{3}"],
        ["wait", "> "],
        ["type", "when was the car serviced\r"],
        ["wait", "June. [1]"],
        ["wait", "> "],
        ["type", "\u{4}"],
    ]);
    at_terminal_with(&vault, &[&format!("--write={}", server.model())], &steps).expect(0);
}
