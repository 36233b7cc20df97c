//! How the parts of an Office package belong together, and what the package says of itself.
//!
//! The Open Packaging Conventions, ECMA-376 part 2: relationships (§6.5) and core properties (§8).

use std::collections::BTreeMap;

use super::package::{Package, joined};
use super::tree::Tree;
use super::{Damaged, Draft};
use crate::document::About;

/// What a part refers to.
#[derive(Debug, Default)]
pub(super) struct Relations {
    /// The kind and the part of each, by its id.
    by_id: BTreeMap<String, (String, String)>,
    /// The ids in the order of the file.
    order: Vec<String>,
}

impl Relations {
    /// Those of a part; of the package, if it is called nothing.
    pub(super) fn of(package: &mut Package, part: &str) -> Self {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let mut relations = Self::default();
        let Ok(text) = package.text(&format!("{folder}/_rels/{name}.rels")) else { return relations };
        let tree = Tree::new(&text);
        for node in tree.top().all().filter(|node| node.name() == "Relationship") {
            let value = |name| node.attribute(name).unwrap_or_default();
            if value("TargetMode") == "External" {
                continue;
            }
            // The last word of the kind's address is the same in both editions of the standard.
            let kind = value("Type").rsplit('/').next().unwrap_or_default().to_owned();
            let target = value("Target").split('#').next().unwrap_or_default();
            let id = value("Id").to_owned();
            relations.order.push(id.clone());
            relations.by_id.insert(id, (kind, joined(part, target)));
        }
        relations
    }

    /// The part with an id.
    pub(super) fn part(&self, id: &str) -> Option<&str> {
        self.by_id.get(id).map(|(_, part)| &**part)
    }

    /// The first part of a kind.
    pub(super) fn first(&self, kind: &str) -> Option<&str> {
        let of_kind = |id: &String| self.by_id.get(id).filter(|(found, _)| found == kind);
        self.order.iter().find_map(of_kind).map(|(_, part)| &**part)
    }

    /// The ids and parts of a kind, in the order of the file.
    pub(super) fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.order.iter().filter_map(move |id| {
            let (found, part) = self.by_id.get(id)?;
            (found == kind).then_some((&**id, &**part))
        })
    }
}

/// The main part of a package, and its name.
pub(super) fn main(package: &mut Package, usual: &str) -> Result<(String, String), Damaged> {
    let relations = Relations::of(package, "");
    let part = relations.first("officeDocument").filter(|part| package.has(part)).unwrap_or(usual).to_owned();
    let text = package.text(&part)?;
    Ok((part, text))
}

/// The tree of a part that may be missing; what is odd about it is told in the draft.
pub(super) fn tree(package: &mut Package, part: Option<&str>, draft: &mut Draft) -> Tree {
    let Some(part) = part.filter(|part| package.has(part)) else { return Tree::new("") };
    match package.text(part) {
        Ok(text) => {
            let tree = Tree::new(&text);
            if let Some(trouble) = tree.trouble() {
                draft.warn(format!("its part {part} {trouble}"));
            }
            tree
        }
        Err(damaged) => {
            draft.warn(damaged.0);
            Tree::new("")
        }
    }
}

/// What a package says of itself. What programs write there when nobody has told them anything is left out.
pub(super) fn about(package: &mut Package) -> About {
    let relations = Relations::of(package, "");
    let part = relations.first("core-properties").unwrap_or("docProps/core.xml").to_owned();
    let Ok(text) = package.text(&part) else { return About::default() };
    let tree = Tree::new(&text);
    let value = |name: &str| {
        let node = tree.top().all().find(|node| node.name() == name);
        node.map(|node| node.content().trim().to_owned()).filter(|text| !text.is_empty())
    };
    let date = value("modified").or_else(|| value("created"));
    About {
        title: value("title").and_then(|title| sensible_title(&title)),
        authors: value("creator").map(|names| authors(&names)).unwrap_or_default(),
        date: date.as_deref().and_then(day),
        tags: value("keywords").map(|words| tags(&words)).unwrap_or_default(),
    }
}

/// A title, unless it is what a program calls any document.
pub(super) fn sensible_title(title: &str) -> Option<String> {
    let lower = title.to_lowercase();
    let usual = ["untitled", "powerpoint presentation", "word document", "document", "title", "presentation"];
    let is_usual = usual.iter().any(|usual| {
        let rest = lower.strip_prefix(usual);
        rest.is_some_and(|rest| rest.trim().chars().all(|c| c.is_ascii_digit()))
    });
    let is_file = lower.starts_with("microsoft word - ") || lower.starts_with("microsoft powerpoint - ");
    (!is_usual && !is_file && !title.is_empty()).then(|| title.to_owned())
}

/// The people of a list, without those that are a program.
pub(super) fn authors(names: &str) -> Vec<String> {
    const NOBODY: &[&str] = &[
        "administrator",
        "admin",
        "author",
        "microsoft",
        "microsoft office user",
        "owner",
        "python-docx",
        "unknown",
        "user",
        "windows user",
    ];
    let names = names.split(';').map(str::trim);
    names
        .filter(|name| !name.is_empty() && !NOBODY.contains(&&*name.to_lowercase()))
        .map(str::to_owned)
        .collect()
}

/// The words of a list of keywords.
pub(super) fn tags(words: &str) -> Vec<String> {
    let separator = if words.contains(';') { ';' } else { ',' };
    words
        .split(separator)
        .map(|word| word.trim().trim_start_matches('#').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

/// The day of a moment, `2024-05-01T10:00:00Z`.
pub(super) fn day(moment: &str) -> Option<String> {
    let day = moment.get(..10)?;
    let digits = |range: std::ops::Range<usize>| day.as_bytes()[range].iter().all(u8::is_ascii_digit);
    let is_day = digits(0..4) && digits(5..7) && digits(8..10) && &day[4..5] == "-" && &day[7..8] == "-";
    (is_day && day > "1902").then(|| day.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_say_by_themselves_is_left_out() {
        for title in ["", "Untitled 1", "PowerPoint Presentation", "Microsoft Word - a.doc", "Document2"] {
            assert_eq!(sensible_title(title), None, "{title}");
        }
        assert_eq!(sensible_title("Titles of nobility").unwrap(), "Titles of nobility");
        assert_eq!(authors("Ann Lee; python-docx;"), ["Ann Lee"]);
        assert_eq!(tags("owls, night birds"), ["owls", "night birds"]);
        assert_eq!(day("2024-05-01T10:00:00Z").unwrap(), "2024-05-01");
        for no in ["", "yesterday", "2024-5-1", "0000-00-00", "äääääääääääää"] {
            assert_eq!(day(no), None, "{no}");
        }
    }
}
