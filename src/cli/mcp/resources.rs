//! Notes as resources: `qsearch://root/path` names one.

use qsearch::error::Error;
use rmcp::model::{ResourceContents, ResourceTemplate};

use super::super::Failure;
use super::super::desk::Desk;
use super::super::lines::lines;
use super::address::{SCHEME, name_in};
use super::reading::{Form, body};

/// How the address of a note is made.
pub(super) fn template() -> ResourceTemplate {
    ResourceTemplate::new(format!("{SCHEME}{{root}}/{{+path}}"), "note")
        .with_title("A note")
        .with_description(
            "A note of the user, as the index has it: the name of its root, and its path in the root.",
        )
        .with_mime_type("text/markdown")
}

/// Reads the note with this address; `None` if there is none.
pub(super) fn read(desk: &Desk, address: &str) -> Result<Option<ResourceContents>, Failure> {
    let Some(name) = name_in(address) else { return Ok(None) };
    let note = match desk.library()?.get(&name) {
        Ok(note) => note,
        Err(Error::NotFound(_) | Error::Usage(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // An address is a whole name, where a person may type the end of one.
    if !note.whole || name != format!("{}/{}", note.root, note.path) {
        return Ok(None);
    }
    let text = body(&note, &lines(&note), Form::PLAIN);
    Ok(Some(ResourceContents::text(text, address).with_mime_type("text/markdown")))
}
