//! All of a document: its pages, and what it says besides.

use std::collections::HashMap;

use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{Array, Dict, ObjectIdentifier};
use hayro_interpret::hayro_syntax::xref::XRef;

use super::super::{Damaged, Draft};
use super::block::{Block, blocks};
use super::budget::Budget;
use super::flow::{Writer, join};
use super::leaf::{Leaf, Usual};
use super::page::{PageReader, PageText};
use super::{about, form, heading, labels, notes, outline, running, tags};
use crate::document::Place;

/// No more pages are read.
const MOST_PAGES: usize = 20_000;

/// No more letters of a document are kept while it is read.
const MOST_LETTERS: usize = 64 << 20;

/// A document is drawn with so many operations, and with some for each of its bytes: small files may have any number of
/// pages that share what they draw.
const MOST_OPERATIONS: usize = 6_000_000;
const OPERATIONS_A_BYTE: usize = 2;

/// No more pages are named in one warning.
const MOST_NAMED: usize = 5;

/// Pages about which something is odd, counted from 0.
#[derive(Default)]
struct Odd {
    /// They are images without text.
    scanned: Vec<usize>,
    /// Most of their signs have no meaning.
    unknown: Vec<usize>,
    /// The library has failed on them.
    broken: Vec<usize>,
    /// They draw more than is read; what came first is there.
    large: Vec<usize>,
    /// They unpack to more than is read.
    packed: Vec<usize>,
    /// They aren't read, since those before took all that a document may take.
    left: usize,
}

/// Reads a document.
///
/// # Errors
///
/// [`Damaged`] if none of its pages can be read.
pub(super) fn read(pdf: &Pdf) -> Result<Draft, Damaged> {
    let size = pdf.data().as_ref().len();
    read_within(pdf, MOST_OPERATIONS.saturating_add(size.saturating_mul(OPERATIONS_A_BYTE)))
}

/// Reads a document, as far as so many operations draw it.
///
/// # Errors
///
/// As [`read`].
pub(super) fn read_within(pdf: &Pdf, operations: usize) -> Result<Draft, Damaged> {
    let mut draft = Draft::default();
    let xref = pdf.xref();
    let catalog = xref.get::<Dict<'_>>(xref.root_id()).unwrap_or_default();
    draft.about = about::about(pdf, &catalog);
    let count = pdf.pages().len().min(MOST_PAGES);
    if pdf.pages().len() > count {
        draft.warn(format!("only its first {count} pages are read"));
    }
    let mut odd = Odd::default();
    let mut leaves = leaves(pdf, count, operations, &mut odd);
    let ids = ids(pdf, count);
    for bookmark in outline::bookmarks(xref, &catalog, &ids) {
        if let Some(leaf) = leaves.get_mut(bookmark.page) {
            leaf.marks.push((bookmark.title, bookmark.depth));
        }
    }
    for (page, tagged) in tags::headings(xref, &catalog, &ids) {
        if let Some(leaf) = leaves.get_mut(page) {
            leaf.tagged = tagged;
        }
    }
    let mut blocks = text(&mut leaves);
    besides(pdf, &catalog, &ids, &leaves, &mut blocks);
    let labels = labels::labels(xref, &catalog, count);
    let place = |page: usize| Place::Page {
        number: u32::try_from(page + 1).unwrap_or(u32::MAX),
        label: labels.get(page).cloned().flatten(),
    };
    let mut writer = Writer::new(&mut draft);
    for block in blocks {
        writer.write(block, &place);
    }
    attached(xref, &catalog, &mut draft);
    let is_lost = odd.broken.len() + odd.large.len() + odd.packed.len() + odd.left == count;
    odd.tell(count, &mut draft);
    if is_lost && draft.text.trim().is_empty() {
        return Err(Damaged(draft.warnings.swap_remove(0)));
    }
    Ok(draft)
}

/// Reads the lines of all pages.
fn leaves(pdf: &Pdf, count: usize, mut operations: usize, odd: &mut Odd) -> Vec<Leaf> {
    let mut reader = PageReader::new(pdf);
    let mut budget = Budget::default();
    let mut letters = 0;
    let mut leaves = Vec::with_capacity(count);
    for (number, page) in pdf.pages().iter().take(count).enumerate() {
        if letters > MOST_LETTERS || operations == 0 {
            odd.left = count - number;
            break;
        }
        if !budget.allows(pdf.xref(), page) {
            odd.packed.push(number);
            leaves.push(Leaf::default());
            continue;
        }
        let mut text = reader.lines(page);
        operations = operations.saturating_sub(text.operations);
        for line in &mut text.lines {
            line.style.mono = line.is_typewritten();
        }
        odd.look(number, &text);
        letters += text.lines.iter().map(|line| line.text.len()).sum::<usize>();
        leaves.push(Leaf { lines: text.lines, height: text.size.1, ..Leaf::default() });
    }
    leaves
}

/// Which page each page's object is, and each annotation's on it.
fn ids(pdf: &Pdf, count: usize) -> HashMap<ObjectIdentifier, usize> {
    let mut ids = HashMap::new();
    for (number, page) in pdf.pages().iter().take(count).enumerate() {
        ids.extend(page.raw().obj_id().map(|id| (id, number)));
        if let Some(annotations) = page.raw().get::<Array<'_>>(b"Annots") {
            for id in annotations.raw_iter().filter_map(|entry| entry.as_obj_ref()) {
                ids.entry(id.into()).or_insert(number);
            }
        }
    }
    ids
}

/// What the pages say, as blocks in the order of reading.
fn text(leaves: &mut [Leaf]) -> Vec<Block> {
    let usual = Usual::of(leaves);
    running::strip(leaves, usual.size);
    let mut all = Vec::new();
    for (page, leaf) in leaves.iter_mut().enumerate() {
        let levels = heading::levels(leaf);
        all.extend(blocks(page, leaf, &levels, &usual));
        // Only what is said is looked at from here on.
        leaf.marks.clear();
    }
    heading::mark(&mut all, &usual);
    join(all, &usual)
}

/// Adds what was filled into forms and said in comments, at the end of the page where it stands.
fn besides<'a>(
    pdf: &'a Pdf,
    catalog: &Dict<'a>,
    ids: &HashMap<ObjectIdentifier, usize>,
    leaves: &[Leaf],
    blocks: &mut Vec<Block>,
) {
    let mut added: Vec<Block> = Vec::new();
    for field in form::fields(pdf.xref(), catalog, ids) {
        let page = field.page.unwrap_or(0).min(leaves.len().saturating_sub(1));
        let text =
            if field.name.is_empty() { field.value } else { format!("{}: {}", field.name, field.value) };
        added.push(aside(page, text));
    }
    for (page, leaf) in leaves.iter().enumerate() {
        let Some(raw) = pdf.pages().get(page) else { continue };
        for comment in notes::comments(pdf.xref(), raw.raw()) {
            let shown = leaf.lines.iter().any(|line| line.text.contains(&comment.text));
            if !shown {
                let by =
                    if comment.author.is_empty() { String::new() } else { format!(" by {}", comment.author) };
                added.push(aside(page, format!("Comment{by}: {}", comment.text)));
            }
        }
    }
    // Each goes behind the last block of its page; the order of pages is that of their first blocks.
    blocks.extend(added);
    blocks.sort_by_key(|block| block.page);
}

/// A paragraph that stands on a page, but not among its lines.
fn aside(page: usize, text: String) -> Block {
    Block { text, page, ..Block::default() }
}

/// Names the files that are attached.
fn attached<'a>(xref: &'a XRef, catalog: &Dict<'a>, draft: &mut Draft) {
    for name in notes::attachments(xref, catalog) {
        draft.begin(Place::Attachment { name: name.clone() });
        draft.plain(&format!("Attachment: {name}"));
    }
}

impl Odd {
    /// Looks at a page.
    fn look(&mut self, number: usize, text: &PageText) {
        let known = text.glyphs - text.unknown.min(text.glyphs);
        if text.broken {
            self.broken.push(number);
        } else if text.out_of_budget {
            self.large.push(number);
        } else if text.unknown > known {
            self.unknown.push(number);
        } else if known == 0 && text.images > 0.05 {
            self.scanned.push(number);
        }
    }

    /// Tells of the pages, of so many.
    fn tell(self, count: usize, draft: &mut Draft) {
        let pages = |number: usize, one: &str, many: &str| {
            let all = if number == count && count > 1 { "all of its " } else { "" };
            if number == 1 { format!("1 page {one}") } else { format!("{all}{number} pages {many}") }
        };
        let reasons = [
            (self.broken, "can't be read"),
            (self.large, "draws more than is read of a page"),
            (self.packed, "unpacks to more than is read of a page"),
        ];
        for (numbers, reason) in reasons {
            for number in numbers.iter().take(MOST_NAMED) {
                draft.warn(format!("page {} {reason}", number + 1));
            }
            if numbers.len() > MOST_NAMED {
                draft.warn(format!("so it is with {} more pages", numbers.len() - MOST_NAMED));
            }
        }
        if self.left > 0 {
            draft.warn(format!(
                "its last {} pages aren't read: it draws more than is read of a document",
                self.left
            ));
        }
        if !self.scanned.is_empty() {
            draft.warn(pages(self.scanned.len(), "has no text: scanned?", "have no text: scanned?"));
        }
        if !self.unknown.is_empty() {
            let [one, many] =
                ["has signs", "have signs"].map(|has| format!("{has} whose letters the file doesn't tell"));
            draft.warn(pages(self.unknown.len(), &one, &many));
        }
    }
}
