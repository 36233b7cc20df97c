//! Notebooks that Evernote has exported: ENEX, with each note's text as ENML, a kind of XHTML.
//!
//! Both are described in <https://dev.evernote.com/doc/articles/enml.php> and
//! <https://xml.evernote.com/pub/evernote-export4.dtd>.

use super::{Found, names};
use crate::encoding::decoded;
use crate::extract::draft::{escaped, one_line};
use crate::extract::html::{Options, body};
use crate::extract::xml::{Event, Events};
use crate::extract::{Damaged, Draft};

/// No notebook has more notes.
const MOST_NOTES: usize = 100_000;

/// No note's text is larger, in bytes.
const MOST_OF_NOTE: usize = 16 << 20;

/// Signs for private use that stand for boxes until the text is Markdown: open, and ticked.
const OPEN: char = '\u{E0F0}';
const TICKED: char = '\u{E0F1}';

/// A note that is being read.
#[derive(Default)]
struct Note {
    title: String,
    content: String,
    created: String,
    updated: String,
    tags: Vec<String>,
    author: String,
    source: String,
    files: Vec<String>,
}

/// Reads the notes of a notebook, each with a path in the folder.
pub(super) fn read(file: &[u8], folder: &str, found: &mut Found) -> Result<(), Damaged> {
    let text = decoded(file);
    let mut events = Events::new(&text);
    let (mut note, mut value, mut count, mut is_notebook) = (None, String::new(), 0, false);
    for event in events.by_ref() {
        match event {
            Event::Start(element) => {
                value.clear();
                match element.name() {
                    "en-export" => is_notebook = true,
                    "note" => note = Some(Note::default()),
                    _ => {}
                }
            }
            Event::Text(text) if note.is_some() && value.len() + text.len() <= MOST_OF_NOTE => {
                value.push_str(&text);
            }
            Event::Text(_) => {}
            Event::End(name) if name == "note" => {
                if let Some(note) = note.take() {
                    write(note, folder, found);
                    count += 1;
                }
            }
            Event::End(name) => {
                if let Some(note) = &mut note {
                    note.take(&name, std::mem::take(&mut value));
                }
            }
        }
        if found.full || count >= MOST_NOTES {
            break;
        }
    }
    if let Some(trouble) = events.trouble() {
        found.warn(format!("it {trouble}"));
    }
    if is_notebook { Ok(()) } else { Err(Damaged("it isn't an export of Evernote".into())) }
}

impl Note {
    /// Keeps what an element of the note says.
    fn take(&mut self, element: &str, value: String) {
        let line = || one_line(&value);
        match element {
            "title" => self.title = line(),
            "content" => self.content = value,
            "created" => self.created = line(),
            "updated" => self.updated = line(),
            "tag" if !value.trim().is_empty() => self.tags.push(line()),
            "author" => self.author = line(),
            "source-url" => self.source = line(),
            "file-name" if !value.trim().is_empty() => self.files.push(line()),
            _ => {}
        }
    }
}

/// Writes a note down.
fn write(note: Note, folder: &str, found: &mut Found) {
    let mut draft = Draft::default();
    let content = with_boxes(&note.content);
    body(&mut draft, &content, &Options { is_xml: true, ..Options::default() });
    draft.text = boxes_as_markdown(&draft.text);
    if !note.source.is_empty() {
        draft.plain(&format!("Source: {}", note.source));
    }
    for file in &note.files {
        draft.plain(&format!("Attached: {file}"));
    }
    if draft.text.trim().is_empty() {
        draft.heading(1, &escaped(&note.title));
    }
    let date = moment(&note.created).or_else(|| moment(&note.updated));
    draft.about.date = date;
    draft.about.authors = Some(note.author).filter(|author| !author.is_empty()).into_iter().collect();
    draft.about.tags = note.tags;
    let path = format!("{folder}{}.md", names::titled(&note.title));
    draft.about.title = Some(note.title).filter(|title| !title.is_empty());
    if draft.text.trim().is_empty() {
        return;
    }
    found.add(&path, draft, note.content.as_bytes());
}

/// ENML in which boxes to tick are signs.
fn with_boxes(enml: &str) -> String {
    let mut parts = enml.split("<en-todo");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (tag, rest) = part.split_once('>').unwrap_or((part, ""));
        let ticked = tag.contains("checked=\"true\"") || tag.contains("checked='true'");
        out.push(if ticked { TICKED } else { OPEN });
        // An empty element may be written with an end of its own.
        out.push_str(rest.strip_prefix("</en-todo>").unwrap_or(rest));
    }
    out
}

/// Markdown in which boxes are those of a list.
fn boxes_as_markdown(text: &str) -> String {
    if !text.contains([OPEN, TICKED]) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive('\n') {
        if line.starts_with([OPEN, TICKED]) {
            out.push_str("- ");
        }
        for c in line.chars() {
            match c {
                OPEN => out.push_str("[ ] "),
                TICKED => out.push_str("[x] "),
                ' ' if out.ends_with("] ") => {}
                c => out.push(c),
            }
        }
    }
    out
}

/// A moment such as `20240501T143000Z` as `2024-05-01T14:30:00Z`.
fn moment(text: &str) -> Option<String> {
    let (day, time) = text.trim_end_matches('Z').split_once('T')?;
    let digits =
        |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let known = digits(day, 8) && digits(time, 6);
    known.then(|| {
        let (year, month, of_month) = (&day[..4], &day[4..6], &day[6..]);
        format!("{year}-{month}-{of_month}T{}:{}:{}Z", &time[..2], &time[2..4], &time[4..])
    })
}
