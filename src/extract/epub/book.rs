//! What the package of a book says: its chapters in their order, what it is called, what is encrypted.

use std::collections::{BTreeMap, BTreeSet};

use super::escapes::decoded;
use crate::document::About;
use crate::extract::html;
use crate::extract::package::{Package, joined};
use crate::extract::xml::{Event, Events};
use crate::extract::{Damaged, draft};

/// Fonts are made unreadable so, for their owners' sake; texts aren't (EPUB 3.3, section 4.4).
const OF_FONTS: &[&str] = &[FONT, "http://ns.adobe.com/pdf/enc#RC"];

/// The way of EPUB itself.
pub(super) const FONT: &str = "http://www.idpf.org/2008/embedding";

/// A book.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// The paths of its chapters, in the order of reading.
    pub(super) chapters: Vec<String>,
    /// The path of its table of contents, of EPUB 3.
    pub(super) nav: Option<String>,
    /// The path of its table of contents, of EPUB 2.
    pub(super) ncx: Option<String>,
    /// What it says of itself.
    pub(super) about: About,
    /// The paths of what is encrypted.
    pub(super) encrypted: BTreeSet<String>,
}

impl Book {
    /// Reads what the package says.
    pub(super) fn read(package: &mut Package<'_>) -> Result<Self, Damaged> {
        let path = root(package)?;
        let text = package.text(&path)?;
        let mut parts = Parts::default();
        parts.read(&text);
        let mut book = parts.book(&path);
        // Each file once: its chapters would be the same again.
        let mut seen = BTreeSet::new();
        book.chapters.retain(|chapter| seen.insert(chapter.clone()));
        if book.chapters.is_empty() {
            // Without an order, that of the archive is better than nothing.
            let is_page = |name: &&String| {
                let name = name.to_lowercase();
                [".xhtml", ".html", ".htm"].iter().any(|end| name.ends_with(end))
            };
            book.chapters = package.names().iter().filter(is_page).cloned().collect();
        }
        book.encrypted = encrypted(package);
        Ok(book)
    }
}

/// The path of the package's document.
fn root(package: &mut Package<'_>) -> Result<String, Damaged> {
    let container = package.text("META-INF/container.xml");
    if let Ok(text) = &container {
        for event in Events::new(text) {
            if let Event::Start(element) = event
                && element.name() == "rootfile"
                && let Some(path) = element.attribute("full-path").filter(|path| package.has(path))
            {
                return Ok(path);
            }
        }
    }
    let found = package.names().iter().find(|name| name.to_lowercase().ends_with(".opf")).cloned();
    match (found, container) {
        (Some(path), _) => Ok(path),
        (None, Err(damaged)) => Err(damaged),
        (None, Ok(_)) => Err(Damaged("its list of chapters is missing".into())),
    }
}

/// What the document of a package says, as it stands there.
#[derive(Default)]
struct Parts {
    /// The files by their ids: the path and what they are.
    files: BTreeMap<String, (String, String)>,
    /// The ids of chapters, and whether they are read in a row.
    order: Vec<(String, bool)>,
    nav: Option<String>,
    ncx: Option<String>,
    titles: Vec<String>,
    authors: Vec<String>,
    dates: Vec<String>,
    tags: Vec<String>,
}

impl Parts {
    /// Reads the document of a package (section 5).
    /// What is damaged ends it, and what came before stays.
    fn read(&mut self, text: &str) {
        let mut open: Option<(String, String)> = None;
        let mut in_metadata = false;
        for event in Events::new(text) {
            match event {
                Event::Start(element) => match element.name() {
                    "metadata" => in_metadata = true,
                    "item" => {
                        let id = element.attribute("id").unwrap_or_default();
                        let href = element.attribute("href").unwrap_or_default();
                        let kind = element.attribute("media-type").unwrap_or_default();
                        let properties = element.attribute("properties").unwrap_or_default();
                        if properties.split_ascii_whitespace().any(|property| property == "nav") {
                            self.nav = Some(href.clone());
                        }
                        if kind == "application/x-dtbncx+xml" {
                            self.ncx = Some(href.clone());
                        }
                        self.files.insert(id, (href, kind));
                    }
                    "itemref" => {
                        let is_linear = element.attribute("linear").as_deref() != Some("no");
                        self.order.push((element.attribute("idref").unwrap_or_default(), is_linear));
                    }
                    name @ ("title" | "creator" | "date" | "subject") if in_metadata => {
                        open = Some((name.to_owned(), String::new()));
                    }
                    _ => {}
                },
                Event::Text(text) => {
                    if let Some((_, said)) = open.as_mut().filter(|(_, said)| said.len() < 2000) {
                        said.push_str(&text);
                    }
                }
                Event::End(name) => {
                    in_metadata &= &*name != "metadata";
                    if let Some((kind, said)) = open.take_if(|(kind, _)| *kind == *name) {
                        self.says(&kind, &draft::one_line(&said));
                    }
                }
            }
        }
    }

    /// Keeps what the metadata say, each thing once.
    fn says(&mut self, kind: &str, text: &str) {
        let (all, most) = match kind {
            "title" => (&mut self.titles, 1),
            "creator" => (&mut self.authors, 50),
            "date" => (&mut self.dates, 5),
            _ => (&mut self.tags, 30),
        };
        if !text.is_empty() && all.len() < most && !all.iter().any(|other| other == text) {
            all.push(text.to_owned());
        }
    }

    /// The book, whose paths start from the top of the archive.
    /// The table of contents is no chapter: it says the names of all of them again.
    fn book(self, path: &str) -> Book {
        let path_of = |href: &String| joined(path, &decoded(href));
        let chapter = |id: &String| {
            let (href, kind) = self.files.get(id)?;
            let is_page = kind.is_empty() || kind.contains("html") || kind.contains("dtbook");
            let is_contents = self.nav.as_ref() == Some(href);
            (is_page && !is_contents).then(|| path_of(href))
        };
        let of = |linear: bool| {
            self.order.iter().filter(move |(_, is)| *is == linear).filter_map(|(id, _)| chapter(id))
        };
        Book {
            chapters: of(true).chain(of(false)).collect(),
            nav: self.nav.as_ref().map(path_of),
            ncx: self.ncx.as_ref().map(path_of),
            about: About {
                title: self.titles.first().cloned(),
                authors: self.authors.clone(),
                date: self.dates.iter().find_map(|date| html::date(date)),
                tags: self.tags.clone(),
            },
            encrypted: BTreeSet::new(),
        }
    }
}

/// What is encrypted other than fonts.
fn encrypted(package: &mut Package<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let Ok(text) = package.text("META-INF/encryption.xml") else { return found };
    let mut of_font = false;
    for event in Events::new(&text) {
        let Event::Start(element) = event else { continue };
        match element.name() {
            "EncryptedData" => of_font = false,
            "EncryptionMethod" => {
                of_font = element.attribute("Algorithm").is_some_and(|name| OF_FONTS.contains(&&*name));
            }
            "CipherReference" if !of_font => {
                if let Some(path) = element.attribute("URI") {
                    found.insert(joined("", &decoded(&path)));
                }
            }
            _ => {}
        }
    }
    found
}
