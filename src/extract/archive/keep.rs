//! Notes of Google Keep: one JSON file each, as Google Takeout writes them.

use serde::Deserialize;

use crate::calendar::Day;
use crate::extract::Draft;
use crate::extract::draft::{escaped, one_line};

/// A note; other files of an export have none of its texts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    #[serde(default)]
    title: String,
    #[serde(default)]
    text_content: Option<String>,
    #[serde(default)]
    list_content: Option<Vec<Item>>,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default)]
    annotations: Vec<Link>,
    #[serde(default)]
    created_timestamp_usec: Option<u64>,
    #[serde(default)]
    user_edited_timestamp_usec: Option<u64>,
    is_trashed: bool,
    #[serde(default)]
    is_archived: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    #[serde(default)]
    text: String,
    #[serde(default)]
    is_checked: bool,
}

#[derive(Deserialize)]
struct Label {
    #[serde(default)]
    name: String,
}

/// A page that the note links to.
#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    title: String,
    #[serde(default)]
    url: String,
}

/// Reads a note; `None` if it isn't one, was thrown away, or says nothing.
pub(super) fn read(file: &[u8]) -> Option<Draft> {
    let note: Note = serde_json::from_slice(file).ok()?;
    if note.is_trashed {
        return None;
    }
    let mut draft = Draft::default();
    draft.heading(1, &escaped(&one_line(&note.title)));
    if let Some(text) = &note.text_content {
        draft.plain(text);
    }
    for item in note.list_content.iter().flatten() {
        let mark = if item.is_checked { "[x]" } else { "[ ]" };
        if !item.text.trim().is_empty() {
            draft.item(0, "-", &format!("{mark} {}", escaped(&item.text)));
        }
    }
    for link in note.annotations.iter().filter(|link| !link.url.is_empty()) {
        draft.plain(one_line(&format!("{} {}", link.title, link.url)).trim());
    }
    if draft.text.is_empty() {
        return None;
    }
    let title = one_line(&note.title);
    draft.about.title = (!title.is_empty()).then_some(title);
    let microseconds = note.created_timestamp_usec.or(note.user_edited_timestamp_usec);
    draft.about.date = microseconds.map(|time| Day::of(time / 1_000_000).to_string());
    draft.about.tags =
        note.labels.into_iter().map(|label| label.name).filter(|name| !name.is_empty()).collect();
    if note.is_archived {
        draft.about.tags.push("archived".to_owned());
    }
    Some(draft)
}
