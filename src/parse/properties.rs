//! Keys with values, in whatever syntax a note has them → title, tags, date, aliases, and properties.
//!
//! | keys | become |
//! |---|---|
//! | `title` | the title |
//! | `tags`, `tag`, `keywords`, `categories`, `category`, and those of Zola's `[taxonomies]` | tags |
//! | `date`, `day`, `created`, `published`, `updated`, … | the date: that of the first key that has one |
//! | `aliases`, `alias`, `aka`, `permalink`, `slug`, … | aliases; of an address its last part |
//! | any other | properties |
//!
//! Keys that say the same in another language count as these: `titel`, `etiquetas`, `дата`. Case doesn't matter in keys, nor do blanks, dashes and underscores in those of dates: `createdAt` is `date_created`.

use std::collections::HashMap;

use super::languages::KEYS;
use super::plain;
use super::tags;
use crate::calendar::{DateOrder, Day};
use crate::document::{Property, shortened};
use crate::words::composed;

/// So many properties and so many aliases are kept; further ones are dropped.
const MAX_PROPERTIES: usize = 256;

/// So many values of all properties together are kept.
const MAX_VALUES: usize = 1024;

/// The longest key, in bytes.
pub(super) const MAX_KEY: usize = 100;

/// The longest value of a property, in bytes; what is longer is cut.
const MAX_VALUE: usize = 1000;

/// Keys whose values are tags.
const TAG_KEYS: [&str; 7] =
    ["tags", "tag", "keywords", "categories", "category", "taxonomies.tags", "taxonomies.categories"];

/// Keys whose values are other names of the note.
const ALIAS_KEYS: [&str; 7] =
    ["aliases", "alias", "aka", "also known as", "also-known-as", "linter-yaml-title-alias", "other names"];

/// Keys whose values are addresses that end in a name of the note.
const ADDRESS_KEYS: [&str; 2] = ["permalink", "slug"];

/// Keys that date a note, letters only, the one that is believed first at the front.
const DATE_KEYS: [&str; 33] = [
    "date",
    "day",
    "datetime",
    "timestamp",
    "created",
    "datecreated",
    "createdat",
    "createddate",
    "createdon",
    "createdtime",
    "creationdate",
    "datecreation",
    "ctime",
    "published",
    "publishdate",
    "publisheddate",
    "publishedat",
    "datepublished",
    "pubdate",
    "posted",
    "updated",
    "updatedat",
    "dateupdated",
    "lastupdated",
    "modified",
    "modifiedat",
    "datemodified",
    "lastmod",
    "lastmodified",
    "lastmodifiedat",
    "lastedited",
    "lasteditedtime",
    "mtime",
];

/// A key with its values: one for a scalar, any number for a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// In lower case.
    pub(super) key: String,
    /// As they are written, whatever type they have.
    pub(super) values: Vec<String>,
    /// Whether it was written as a list, so that its values aren't split further.
    pub(super) is_list: bool,
}

impl Field {
    /// A key with one value.
    pub(super) fn scalar(key: &str, value: impl Into<String>) -> Self {
        Self { key: lower(key), values: vec![value.into()], is_list: false }
    }

    /// A key with any number of values.
    pub(super) fn list(key: &str, values: Vec<String>) -> Self {
        Self { key: lower(key), values, is_list: true }
    }
}

/// A key as it is compared.
fn lower(key: &str) -> String {
    composed(&shortened(key.trim(), MAX_KEY).to_lowercase()).into_owned()
}

/// The English key that says what a key in another language does, or the key itself. Both are in lower case.
fn english(key: &str) -> &str {
    let found = KEYS
        .iter()
        .find(|(english, keys)| ["title", "tags", "aliases"].contains(english) && keys.contains(&key));
    found.map_or(key, |(english, _)| english)
}

/// How much a key is believed that dates a note, given its letters; less is more. None if it dates none.
fn rank(letters: &str) -> Option<usize> {
    let place = |key: &str| DATE_KEYS.iter().position(|known| *known == key);
    let other = || KEYS.iter().find(|(_, keys)| keys.contains(&letters)).map(|(english, _)| *english);
    place(letters).or_else(|| place(other()?))
}

/// Whether the values of a key are names or tags, so that a colon in one is a part of it.
pub(super) fn has_names(key: &str) -> bool {
    let key = lower(key);
    let key = english(&key);
    key == "title" || TAG_KEYS.contains(&key) || ALIAS_KEYS.contains(&key)
}

/// What the keys of a note say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Without markup; `None` rather than empty.
    pub(super) title: Option<String>,
    /// In the order they stand, in normal form.
    pub(super) tags: Vec<String>,
    /// The day.
    pub(super) date: Option<Day>,
    /// Other names, as the reader sees them.
    pub(super) aliases: Vec<String>,
    /// All else, each key once.
    pub(super) properties: Vec<Property>,
}

impl Said {
    /// Adds what is said further down. The first title and date count.
    pub(super) fn add(&mut self, mut more: Self) {
        self.title = self.title.take().or(more.title.take());
        self.date = self.date.or(more.date);
        self.add_inner(more);
    }

    /// Adds what is said of a part of the note: title and date are that part's.
    pub(super) fn add_inner(&mut self, more: Self) {
        self.tags.extend(more.tags);
        for alias in more.aliases {
            if self.aliases.len() < MAX_PROPERTIES && !self.aliases.contains(&alias) {
                self.aliases.push(alias);
            }
        }
        for property in more.properties {
            match self.properties.iter().position(|known| known.key == property.key) {
                Some(at) if self.properties[at].values.len() < MAX_VALUES => {
                    self.properties[at].values.extend(property.values);
                }
                None if self.properties.len() < MAX_PROPERTIES => self.properties.push(property),
                _ => {}
            }
        }
    }
}

/// Tells what all fields of a note say.
pub(super) fn sort(fields: &[Field], order: DateOrder) -> Said {
    let dated = dated(fields, order);
    let mut said = Said { date: dated.map(|(_, day)| day), ..Said::default() };
    let mut rest = Rest::default();
    for (at, field) in fields.iter().enumerate() {
        let key = english(&field.key);
        if key == "title" {
            let mut names = names(field.values.iter().map(String::as_str));
            if said.title.is_none() {
                said.title = names.next();
            }
            said.aliases.extend(names);
        } else if TAG_KEYS.contains(&key) {
            said.tags.extend(field.values.iter().flat_map(|text| tags_of(text, field.is_list)));
        } else if ALIAS_KEYS.contains(&key) {
            let values = field.values.iter().flat_map(|value| split(value, field.is_list));
            said.aliases.extend(names(values));
        } else if ADDRESS_KEYS.contains(&key) {
            said.aliases.extend(names(field.values.iter().filter_map(|value| last_part(value))));
        } else if dated.is_none_or(|(dated, _)| dated != at) {
            rest.add(field);
        }
    }
    said.tags.truncate(tags::MAX_TAGS);
    let mut known: Vec<String> = said.title.iter().map(|title| title.to_lowercase()).collect();
    said.aliases.truncate(MAX_PROPERTIES);
    said.aliases.retain(|alias| {
        let alias = alias.to_lowercase();
        let is_new = !known.contains(&alias);
        known.extend(is_new.then_some(alias));
        is_new
    });
    said.properties = rest.properties;
    said
}

/// The field that dates the note, by its place, and its day.
fn dated(fields: &[Field], order: DateOrder) -> Option<(usize, Day)> {
    let ranks = fields.iter().enumerate().filter_map(|(at, field)| {
        let letters: String = field.key.chars().filter(|c| c.is_alphanumeric()).collect();
        let is_calendar = letters.is_empty() && field.key.contains(['📅', '🗓', '📆']);
        let letters = if is_calendar { "date" } else { &letters };
        Some((rank(letters)?, at))
    });
    let mut ranks: Vec<(usize, usize)> = ranks.collect();
    ranks.sort_unstable();
    let day = |at: usize| fields[at].values.iter().find_map(|value| Day::of_value(value, order));
    ranks.into_iter().find_map(|(_, at)| Some((at, day(at)?)))
}

/// The tags that a value names.
fn tags_of(text: &str, is_item: bool) -> Vec<String> {
    // What are several although they stand in one item of a list.
    let is_several = text.split_whitespace().all(|word| word.starts_with('#'));
    let text = text.trim_matches(['[', ']']);
    let separator = |c: char| c == ',' || (c.is_whitespace() && !text.contains(','));
    let parts: Vec<&str> = if is_item && !is_several { vec![text] } else { text.split(separator).collect() };
    parts
        .into_iter()
        .map(|part| part.trim().trim_matches(['[', ']', '"', '\'']))
        .filter_map(tags::normal)
        .collect()
}

/// The parts of a value that may be a list, although it wasn't written as one.
fn split(value: &str, is_item: bool) -> impl Iterator<Item = &str> {
    let separator = move |c: char| !is_item && c == ',';
    value.split(separator)
}

/// The name that an address ends in: `owls-at-night` of `/blog/2024/owls-at-night/`.
fn last_part(address: &str) -> Option<&str> {
    let address = address.split(['?', '#']).next()?.trim().trim_end_matches('/');
    let part = address.rsplit('/').next()?;
    let part = part.strip_suffix(".html").unwrap_or(part);
    let is_name = part.contains(char::is_alphabetic) && !part.starts_with(':') && part != "index";
    is_name.then_some(part)
}

/// Values as names: without markup, none of them empty.
fn names<'a>(values: impl Iterator<Item = &'a str>) -> impl Iterator<Item = String> {
    values.map(|value| plain::title(&plain::plain(&shown(value)))).filter(|name| !name.is_empty())
}

/// A value without the brackets of its links, as a reader sees it: `Le Guin` of `[[people/ursula|Le Guin]]`.
fn shown(value: &str) -> String {
    let (mut out, mut rest) = (String::new(), value);
    while let Some((before, link)) = rest.split_once("[[")
        && let Some((inside, behind)) = link.split_once("]]")
    {
        out.push_str(before);
        out.push_str(inside.rsplit_once('|').map_or(inside, |(_, alias)| alias));
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// The properties, as they are gathered.
#[derive(Default)]
struct Rest {
    properties: Vec<Property>,
    /// Where each key stands in them.
    places: HashMap<String, usize>,
    /// How many values they have.
    values: usize,
}

impl Rest {
    /// Adds the values of a field to those of its key.
    fn add(&mut self, field: &Field) {
        let values = field.values.iter().map(|value| shown(value));
        let values =
            values.map(|value| shortened(&value.split_whitespace().collect::<Vec<_>>().join(" "), MAX_VALUE));
        let left = MAX_VALUES - self.values;
        let values: Vec<String> = values.filter(|value| !value.is_empty()).take(left).collect();
        if values.is_empty() || field.key.is_empty() {
            return;
        }
        let place = self.places.get(&field.key).copied();
        if place.is_none() && self.properties.len() == MAX_PROPERTIES {
            return;
        }
        self.values += values.len();
        let place = place.unwrap_or_else(|| {
            self.places.insert(field.key.clone(), self.properties.len());
            self.properties.push(Property { key: field.key.clone(), values: Vec::new() });
            self.properties.len() - 1
        });
        self.properties[place].values.extend(values);
    }
}

#[cfg(test)]
#[path = "properties_tests.rs"]
mod tests;
