//! What can be typed in a talk: a question, or a command that begins with `/`.

use super::super::hint;

/// The commands, each with what it does.
const COMMANDS: [(&str, &str); 5] = [
    ("/sources", "the passages of the last answer"),
    ("/open", "the note of a source of it, in your editor: /open 2"),
    ("/new", "forget what was said: the next question stands by itself"),
    ("/help", "this"),
    ("/quit", "end the talk, as Ctrl-D does"),
];

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed<'a> {
    /// Nothing.
    Nothing,
    /// A question.
    Question(&'a str),
    /// Show the passages of the last answer.
    Sources,
    /// Open the note of its source with this number.
    Open(usize),
    /// Forget what was said.
    New,
    /// Tell what can be typed.
    Help,
    /// End the talk.
    Quit,
    /// No command that there is: what is wrong with it, and what to type instead.
    Wrong(String, String),
}

/// Reads a line. What begins with `//`, or as a path does, is a question.
pub(super) fn read(line: &str) -> Typed<'_> {
    let line = line.trim();
    if line.is_empty() {
        return Typed::Nothing;
    }
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    if !name.starts_with('/') || name[1..].contains('/') {
        return Typed::Question(line);
    }
    let wrong = |what: String| Typed::Wrong(what, hint::talk_commands());
    let lower = name.to_lowercase();
    let rest = rest.trim();
    match meant(&lower) {
        Some("/open") => {
            let number = rest.trim_matches(['[', ']']).parse().ok().filter(|number| *number > 0);
            number.map_or_else(|| wrong("`/open` wants the number of a source".to_owned()), Typed::Open)
        }
        Some(command) if !rest.is_empty() => wrong(format!("`{command}` stands alone")),
        Some("/sources") => Typed::Sources,
        Some("/new") => Typed::New,
        Some("/help") => Typed::Help,
        Some("/quit") => Typed::Quit,
        _ => wrong(format!("there is no command `{name}`")),
    }
}

/// The command that a name means, which may be cut off as long as no other begins so.
fn meant(name: &str) -> Option<&'static str> {
    if name == "/exit" {
        return Some("/quit");
    }
    let mut found = COMMANDS.iter().map(|(command, _)| *command).filter(|command| command.starts_with(name));
    let first = found.next().filter(|_| name.len() > 1)?;
    found.next().is_none().then_some(first)
}

/// The commands that a line may become that begins with `/`.
pub(super) fn completions(line: &str) -> Vec<String> {
    let begins = |command: &&str| line.starts_with('/') && command.starts_with(line);
    COMMANDS.iter().map(|(command, _)| *command).filter(begins).map(str::to_owned).collect()
}

/// What can be typed, a line for each command.
pub(super) fn help() -> String {
    let lines = COMMANDS.iter().map(|(command, does)| format!("  {command:10}{does}"));
    let head = "A line is a question; one that begins with `//` is, too. Besides:".to_owned();
    [head].into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_questions_unless_they_name_a_command() {
        for question in ["what is the GIL", "// in python", "//", "/etc/hosts", "a /new thing", "-x", "- x"] {
            assert_eq!(read(&format!(" {question}\r\n")), Typed::Question(question));
        }
        assert_eq!([read(""), read(" \t\n")], [Typed::Nothing, Typed::Nothing]);
        assert_eq!(read("/sources"), Typed::Sources);
        assert_eq!([read("/open 2"), read("/o [2]"), read("/OPEN\t2")], [(); 3].map(|()| Typed::Open(2)));
        assert_eq!([read("/new "), read("/n")], [Typed::New, Typed::New]);
        assert_eq!([read("/quit"), read("/q"), read("/exit")], [(); 3].map(|()| Typed::Quit));
        assert_eq!(read("/help"), Typed::Help);
    }

    #[test]
    fn what_is_no_command_is_told_with_what_there_is() {
        for line in ["/", "/x", "/sourcesx", "/open", "/open two", "/open 0", "/open -1", "/new york", "/é"]
        {
            let Typed::Wrong(_, hint) = read(line) else { panic!("{line}") };
            assert!(hint.contains("/help"), "{hint}");
        }
    }

    #[test]
    fn every_command_is_completed_and_told() {
        assert_eq!(completions("/s"), ["/sources"]);
        assert_eq!(completions("/").len(), COMMANDS.len());
        assert!(completions("s").is_empty() && completions("").is_empty() && completions("/x").is_empty());
        assert!(COMMANDS.iter().all(|(command, _)| help().contains(command)));
    }
}
