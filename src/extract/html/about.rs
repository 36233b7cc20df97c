//! What a page says of itself: title, authors, date, keywords.
//!
//! Read from `title` and `meta` (names of HTML, Open Graph, Dublin Core, Highwire), from JSON-LD and from `time`.

use serde_json::Value;

use super::super::draft::one_line;
use super::tag::Tag;
use super::tree::{NodeId, Tree};
use crate::calendar::{DateOrder, Day};
use crate::document::About;

/// No more authors and no more keywords are kept.
const MAX_AUTHORS: usize = 50;
const MAX_TAGS: usize = 30;

/// No script with data about the page is longer, in bytes, that is read; nor does it nest things deeper that are.
const MAX_JSON: usize = 1 << 20;
const MAX_JSON_DEPTH: usize = 6;

/// Names of what is a date, the best first.
const DATES: &[&str] = &[
    "article:published_time",
    "datepublished",
    "citation_publication_date",
    "citation_date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date.created",
    "dcterms.created",
    "dc.date",
    "dcterms.date",
    "date",
    "pubdate",
    "publishdate",
    "publish-date",
    "parsely-pub-date",
    "sailthru.date",
    "created",
    "dcterms.modified",
    "article:modified_time",
];

/// Reads what a page says of itself.
pub(super) fn read(tree: &Tree, left_out: &[bool]) -> About {
    let mut found = Found::default();
    for (node, &is_left_out) in left_out.iter().enumerate().skip(1) {
        match tree.tag(node) {
            Tag::Title if found.title.is_empty() && !within_drawing(tree, node) => {
                found.title = text(tree, node);
            }
            Tag::Meta => found.meta(tree, node),
            Tag::Script if tree.get(node, "type").is_some_and(|kind| kind.contains("ld+json")) => {
                let json = text_as_is(tree, node);
                if json.len() <= MAX_JSON
                    && let Ok(value) = serde_json::from_str::<Value>(&json)
                {
                    found.linked(&value, 0);
                }
            }
            Tag::Time if found.time.is_none() && !is_left_out => {
                let shown = text(tree, node);
                found.time = tree.get(node, "datetime").map_or_else(|| date(&shown), date);
            }
            _ => {}
        }
    }
    found.about()
}

/// What was found so far.
#[derive(Default)]
struct Found {
    title: String,
    /// The title for those who share the page.
    shared_title: String,
    authors: Vec<String>,
    /// Authors that JSON-LD names.
    linked_authors: Vec<String>,
    /// The date, and how far behind its name stands among [`DATES`].
    date: Option<(usize, String)>,
    /// The first time in the text.
    time: Option<String>,
    tags: Vec<String>,
}

impl Found {
    /// Reads what a `meta` says.
    fn meta(&mut self, tree: &Tree, node: NodeId) {
        let get = |name| tree.get(node, name);
        let Some(name) = get("name").or_else(|| get("property")).or_else(|| get("itemprop")) else { return };
        let Some(content) = get("content").map(str::trim).filter(|content| !content.is_empty()) else {
            return;
        };
        let name = name.to_ascii_lowercase();
        if let Some(rank) = DATES.iter().position(|date| **date == name) {
            self.dated(rank, content);
        }
        match &*name {
            "og:title" | "twitter:title" | "dc.title" | "citation_title" if self.shared_title.is_empty() => {
                content.clone_into(&mut self.shared_title);
            }
            "author" | "article:author" | "dc.creator" | "dcterms.creator" | "citation_author"
            | "parsely-author" | "sailthru.author" => {
                for author in content.split(';').flat_map(|part| part.split(" and ")) {
                    add(&mut self.authors, author, MAX_AUTHORS);
                }
            }
            "keywords" | "news_keywords" | "article:tag" | "parsely-tags" | "dc.subject"
            | "citation_keywords" => {
                for tag in content.split([',', ';', '、', '，']) {
                    add(&mut self.tags, tag.trim_start_matches('#'), MAX_TAGS);
                }
            }
            _ => {}
        }
    }

    /// Keeps a date, if its name goes before that of the one that is kept.
    fn dated(&mut self, rank: usize, text: &str) {
        if self.date.as_ref().is_none_or(|(other, _)| rank < *other)
            && let Some(date) = date(text)
        {
            self.date = Some((rank, date));
        }
    }

    /// What JSON-LD says of the page: `datePublished`, `author`, `headline`.
    fn linked(&mut self, value: &Value, depth: usize) {
        if depth > MAX_JSON_DEPTH {
            return;
        }
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.linked(value, depth + 1)),
            Value::Object(map) => {
                if let Some(Value::String(text)) = map.get("datePublished") {
                    self.dated(1, text);
                }
                if let Some(Value::String(text)) = map.get("headline")
                    && self.shared_title.is_empty()
                {
                    text.clone_into(&mut self.shared_title);
                }
                if map.contains_key("datePublished") || map.contains_key("headline") {
                    self.linked_author(map.get("author"));
                }
                for key in ["@graph", "mainEntity", "mainEntityOfPage"] {
                    if let Some(value) = map.get(key) {
                        self.linked(value, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }

    /// Reads authors of JSON-LD: names, or people with names, or lists of both.
    fn linked_author(&mut self, author: Option<&Value>) {
        match author {
            Some(Value::String(name)) => add(&mut self.linked_authors, name, MAX_AUTHORS),
            Some(Value::Array(authors)) => {
                authors
                    .iter()
                    .filter(|author| !author.is_array())
                    .for_each(|author| self.linked_author(Some(author)));
            }
            Some(Value::Object(map)) => {
                if let Some(Value::String(name)) = map.get("name") {
                    add(&mut self.linked_authors, name, MAX_AUTHORS);
                }
            }
            _ => {}
        }
    }

    /// What was found, the best of it where there are several.
    fn about(self) -> About {
        let title = if self.title.is_empty() { self.shared_title } else { self.title };
        let authors = if self.authors.is_empty() { self.linked_authors } else { self.authors };
        let date = self.date.map(|(_, date)| date).or(self.time);
        About { title: Some(title).filter(|title| !title.is_empty()), authors, date, tags: self.tags }
    }
}

/// Adds a name that isn't there yet and is no address.
fn add(names: &mut Vec<String>, name: &str, most: usize) {
    let name = one_line(name);
    let fits = !name.is_empty() && name.len() <= 200 && !name.starts_with("http");
    if fits && names.len() < most && !names.contains(&name) {
        names.push(name);
    }
}

/// The day that a text begins with, and the time behind it: `2024-05-01T14:30`.
pub(in super::super) fn date(text: &str) -> Option<String> {
    let text = text.trim();
    let (day, length) = Day::read(text, DateOrder::Unknown)?;
    let rest = text.get(length..).unwrap_or_default();
    let time = rest.strip_prefix(['T', 't', ' ']).and_then(|rest| rest.get(..5));
    let is_time = |time: &&str| {
        time.bytes().enumerate().all(|(at, byte)| if at == 2 { byte == b':' } else { byte.is_ascii_digit() })
    };
    // Who says midnight has no time to say.
    Some(match time.filter(is_time).filter(|time| *time != "00:00") {
        Some(time) => format!("{day}T{time}"),
        None => day.to_string(),
    })
}

/// Whether a title is that of a part of a drawing.
fn within_drawing(tree: &Tree, node: NodeId) -> bool {
    tree.tag(tree.parent(node)) == Tag::Unseen
}

/// The text of a node, in one line.
fn text(tree: &Tree, node: NodeId) -> String {
    one_line(&text_as_is(tree, node))
}

/// The text of a node, as it stands.
fn text_as_is(tree: &Tree, node: NodeId) -> String {
    (node..tree.end(node)).map(|node| tree.text(node)).collect()
}
