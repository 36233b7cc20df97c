//! Advice for agents, and for people who let them in.

/// What is said to a person who types the command that agents start.
pub(crate) const BY_HAND: &str = "this speaks the Model Context Protocol on stdin and stdout, and waits for an agent; Ctrl-C ends it\n\
     hint: `qsearch mcp --print-config claude` prints what to tell one, `qsearch mcp --help` names the others";
/// What to do where an agent doesn't keep to the protocol.
pub(crate) const CLIENT: &str = "install newer versions of the client and of qsearch";
/// What is said of settings for an agent that name no index.
pub(crate) const CONFIG_WITHOUT_INDEX: &str = "there is no index here yet, so none is named below; make one with `qsearch index FOLDER` first, or name one \
     with `--index DIR`";
/// What a model is to give a tool that got no words.
pub(crate) const NO_WORDS: &str =
    "say what to look for; search without words lists notes if there are filters";
/// What a model is to do where a question says only which notes are wanted.
pub(crate) const ONLY_FILTERS: &str =
    "add what is looked for; the tool search lists the notes that such filters let through";
/// How days are written.
pub(crate) const DAY: &str = "write it like 2024-06-30, 2024-06, 2024, today, yesterday, 7d, 2w, 6m or 1y";
/// What can be read.
pub(crate) const TARGET: &str =
    "name a note as root/path, lines of it as root/path:10-40, or a passage as #id, as search gives them";

/// What a tool takes.
pub(crate) fn takes(tool: &str, names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match &quoted[..] {
        [] => format!("`{tool}` takes nothing"),
        [only] => format!("`{tool}` takes {only}"),
        [others @ .., last] => format!("`{tool}` takes {} and {last}", others.join(", ")),
    }
}

/// What a tool wants where it got something else.
pub(crate) fn wanted(what: &str) -> String {
    format!("give {what}")
}

/// What to do where a text is too long for a tool.
pub(crate) fn shorter(most: usize) -> String {
    format!("give at most {most} characters")
}

/// How all of a note is read.
pub(crate) fn whole_note(name: &str) -> String {
    format!("get {name:?} gives all of it")
}
