//! Blocks of Markdown within each other: what stands in lists and quotes, with the marks before its lines.

use crate::document::Place;

use super::super::draft::{self, Draft};

/// Lists and quotes aren't nested deeper; what is stands where the deepest one stands.
const MAX_DEPTH: usize = 10;

/// A list, an item of one, or a quote.
#[derive(Debug)]
struct Container {
    /// What stands before its first line, if that isn't written yet.
    mark: Option<String>,
    /// What stands before its other lines.
    indent: String,
    /// Whether its first line follows what is before without an empty line.
    is_tight: bool,
    /// How many blocks have been written in it.
    blocks: usize,
    is_quote: bool,
}

/// Where the blocks of a page go.
#[derive(Debug)]
pub(in super::super) struct Blocks<'d> {
    draft: &'d mut Draft,
    containers: Vec<Container>,
    /// How many containers are open that are too deep to be written.
    deeper: usize,
    notes: usize,
}

impl<'d> Blocks<'d> {
    /// Writes into a draft, whose notes have been counted up to a number.
    pub(super) fn new(draft: &'d mut Draft, notes: usize) -> Self {
        Self { draft, containers: Vec::new(), deeper: 0, notes }
    }

    /// The number of the next note.
    pub(super) fn next_note(&mut self) -> usize {
        self.notes += 1;
        self.notes
    }

    /// How many notes there have been.
    pub(super) fn notes(&self) -> usize {
        self.notes
    }

    /// Whether no more text is taken.
    pub(super) fn is_full(&self) -> bool {
        self.draft.is_full()
    }

    /// Whether no list or quote is open.
    pub(super) fn is_outside(&self) -> bool {
        self.containers.is_empty()
    }

    /// What follows stands at this place.
    pub(super) fn begin(&mut self, place: Place) {
        self.draft.begin(place);
    }

    /// Opens a list, which contains items.
    pub(super) fn open_list(&mut self) {
        self.open(None, String::new(), false);
    }

    /// Opens an item of the list that was opened last, with its mark: `-`, `3.`.
    pub(super) fn open_item(&mut self, mark: &str) {
        let list = self.containers.last().map_or(0, |list| list.blocks);
        let outer = self.containers.len().checked_sub(2).map(|at| &self.containers[at]);
        let below = outer.is_some_and(|outer| !outer.is_quote && outer.mark.is_none() && outer.blocks > 0);
        let indent = " ".repeat(mark.chars().count() + 1);
        self.open(Some(format!("{mark} ")), indent, list > 0 || below);
    }

    /// Opens a quote.
    pub(super) fn open_quote(&mut self) {
        self.open(None, "> ".to_owned(), false);
        if let Some(quote) = self.containers.last_mut().filter(|_| self.deeper == 0) {
            quote.is_quote = true;
        }
    }

    /// Opens a container, or counts it if it is too deep.
    fn open(&mut self, mark: Option<String>, indent: String, is_tight: bool) {
        if self.containers.len() >= MAX_DEPTH {
            self.deeper += 1;
        } else {
            self.containers.push(Container { mark, indent, is_tight, blocks: 0, is_quote: false });
        }
    }

    /// Closes what was opened last.
    pub(super) fn close(&mut self) {
        if self.deeper > 0 {
            self.deeper -= 1;
        } else {
            self.containers.pop();
        }
    }

    /// Adds a heading.
    pub(super) fn heading(&mut self, level: usize, text: &str) {
        if self.is_outside() {
            self.draft.heading(level, text);
        } else {
            self.write(&format!("{} {text}", "#".repeat(level.clamp(1, 6))));
        }
    }

    /// Adds a paragraph, in which no line begins what it didn't mean.
    pub(super) fn paragraph(&mut self, text: &str) {
        self.write(&draft::escaped(text));
    }

    /// Adds code.
    pub(super) fn code(&mut self, language: &str, code: &str) {
        self.write(&draft::fenced(language, code));
    }

    /// Adds a table.
    pub(super) fn table(&mut self, rows: &[Vec<String>]) {
        if self.is_outside() {
            self.draft.table(rows);
        } else {
            let mut table = Draft::default();
            table.table(rows);
            self.write(&table.text);
        }
    }

    /// Writes lines, each behind the marks of what it stands in.
    fn write(&mut self, text: &str) {
        let text = text.trim_matches('\n');
        if text.is_empty() {
            return;
        }
        if self.containers.is_empty() {
            self.draft.paragraph(text);
            return;
        }
        // A quote goes on over the empty line between two of its blocks.
        let last_quote =
            self.containers.iter().rposition(|container| container.is_quote && container.blocks > 0);
        let between: String = self.containers[..last_quote.map_or(0, |at| at + 1)]
            .iter()
            .map(|container| &*container.indent)
            .collect();
        let first_new = self.containers.iter().find(|container| container.mark.is_some());
        let is_tight = first_new.is_some_and(|container| container.is_tight);
        let (mut first, mut rest) = (String::new(), String::new());
        for container in &mut self.containers {
            first.push_str(container.mark.as_deref().unwrap_or(&container.indent));
            rest.push_str(&container.indent);
            container.mark = None;
            container.blocks += 1;
        }
        let mut lines = String::with_capacity(text.len() + rest.len());
        for (number, line) in text.lines().enumerate() {
            let before = if number == 0 { &first } else { &rest };
            if number > 0 {
                lines.push('\n');
            }
            lines.push_str(if line.is_empty() { before.trim_end() } else { before });
            lines.push_str(line);
        }
        if is_tight {
            self.draft.below(&lines);
        } else if between.is_empty() {
            self.draft.paragraph(&lines);
        } else {
            self.draft.below(between.trim_end());
            self.draft.below(&lines);
        }
    }
}
