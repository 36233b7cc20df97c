//! Documents as text, for models that are shown nothing else.

use super::super::source::elsewhere;
use super::documents::{Found, Reply, Said, Search};

/// What was found, as text. `weak` says that none of it fits well.
pub(super) fn search(found: &Search, weak: bool, filtered: bool) -> String {
    if found.results.is_empty() {
        return nothing(filtered);
    }
    let before = if weak { "Nothing fits well. The nearest passages:\n\n" } else { "" };
    format!("{before}{}", results(&found.results))
}

/// A reply, as text.
pub(super) fn reply(reply: &Reply, filtered: bool) -> String {
    let mut out = match &reply.answer {
        Some(answer) if reply.confidence == "low" => format!("Perhaps: {}", said(answer)),
        Some(answer) => said(answer),
        None if reply.results.is_empty() => nothing(filtered),
        None => "The notes don't seem to answer this.".to_owned(),
    };
    if !reply.not_found.is_empty() {
        out.extend(["\n\nNo note has: ", &reply.not_found.join(", ")]);
    }
    if !reply.results.is_empty() {
        let what = if reply.answer.is_some() { "Sources" } else { "The nearest passages" };
        out.extend(["\n\n", what, ":\n\n", &results(&reply.results)]);
    }
    out
}

/// That there is nothing.
fn nothing(filtered: bool) -> String {
    let why = if filtered { " with these filters" } else { "" };
    format!("Nothing was found{why}.")
}

/// An answer, with where its pieces stand.
fn said(answer: &Said) -> String {
    let mut places: Vec<String> =
        answer.parts.iter().map(|part| format!("[{}] {}", part.citation, part.at.location)).collect();
    places.dedup();
    let more = if answer.partial { "\n(The note says more about it.)" } else { "" };
    format!("{}\n{}{more}", answer.text, places.join("\n"))
}

/// Passages, each with where it stands above it.
fn results(found: &[Found]) -> String {
    found.iter().map(result).collect::<Vec<_>>().join("\n\n")
}

/// A passage.
fn result(found: &Found) -> String {
    let stale = match &found.machine {
        Some(machine) => format!("  ({})", elsewhere(machine)),
        None if found.stale => "  (the file has changed since it was indexed)".to_owned(),
        None => String::new(),
    };
    let mut out = format!("[{}] {} ({:.2}) {}{stale}", found.rank, found.at.location, found.score, found.id);
    let mut names: Vec<&str> = found
        .title
        .iter()
        .chain(&found.heading)
        .chain(&found.question)
        .map(String::as_str)
        .filter(|name| !name.is_empty())
        .collect();
    names.dedup();
    if !names.is_empty() {
        out.extend(["\n", &names.join(" › ")]);
    }
    let more = if found.truncated { " …" } else { "" };
    out.extend(["\n", &found.text, more]);
    out
}
