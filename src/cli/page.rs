//! How things look: colours, links, widths, and the paths that a reader can open.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use anstyle::{AnsiColor, Style};
use qsearch::answer::{Terms, matches};
use qsearch::document::{LineSpan, NotePath, Place, PlaceSpan, Root};
use qsearch::format;
use qsearch::words::Language;

use super::{percent, sanitize};

/// The path of a note.
pub(crate) const PATH: Style = AnsiColor::Magenta.on_default();
/// A heading trail.
pub(crate) const HEADING: Style = AnsiColor::Cyan.on_default();
/// A question from a note.
pub(crate) const QUESTION: Style = Style::new().bold();
/// A word of the question, where the notes have it.
pub(crate) const MATCH: Style = Style::new().bold();
/// What is less important than the rest.
pub(crate) const DIM: Style = Style::new().dimmed();
/// A warning.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
/// The word `error`.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// The word `hint`, and the marks of citations.
pub(crate) const HINT: Style = AnsiColor::Green.on_default().bold();

/// How output is laid out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    /// Whether to use colours.
    pub(crate) color: bool,
    /// Whether to make paths links that a terminal can open, and on which machine they are.
    pub(crate) host: Option<String>,
    /// The columns of the terminal, if it is one.
    pub(crate) width: Option<usize>,
    /// The folder that paths are shown relative to.
    pub(crate) cwd: PathBuf,
    /// The roots whose notes may be shown.
    pub(crate) roots: Vec<Root>,
    /// The words to be highlighted where notes have them.
    pub(crate) terms: Terms,
    /// Whether the dates of notes are asked for.
    pub(crate) dates: bool,
}

impl Page {
    /// A page for the passages that a question found.
    pub(crate) fn about(self, question: &str) -> Self {
        let mut words = question.split(|c: char| !c.is_alphanumeric());
        let dates =
            words.any(|word| ["when", "date", "day"].iter().any(|asks| word.eq_ignore_ascii_case(asks)));
        // Nothing is marked elsewhere.
        let marks = self.color || self.width.is_some();
        let language = if marks { Language::of(question) } else { Language::English };
        let terms = Terms::in_language(language, question);
        Self { terms, dates, ..self }
    }

    /// Styles a text of one line.
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Styles each line of a text, so that a pager may show any part of it.
    pub(crate) fn paint_lines(&self, style: Style, text: &str) -> String {
        text.split('\n').map(|line| self.paint(style, line)).collect::<Vec<_>>().join("\n")
    }

    /// Styles each line of a text from notes, and the question's words in it in their own way. Words aren't broken over
    /// lines, so a text is wrapped before.
    pub(crate) fn paint_matches(&self, style: Style, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let line = |line: &str| {
            let mut out = String::with_capacity(line.len());
            let mut end = 0;
            for word in matches(line, &self.terms) {
                out.push_str(&self.paint(style, &line[end..word.start]));
                out.push_str(&self.paint(MATCH, &line[word.clone()]));
                end = word.end;
            }
            out + &self.paint(style, &line[end..])
        };
        text.split('\n').map(line).collect::<Vec<_>>().join("\n")
    }

    /// `path:first-last` of a passage; a link where links work.
    pub(crate) fn location(
        &self,
        root: &str,
        path: &NotePath,
        lines: LineSpan,
        place: Option<&PlaceSpan>,
    ) -> String {
        let at = at(lines, place);
        // An anchor is written as in a link.
        let behind = if at.starts_with('#') { at } else { format!(":{at}") };
        self.linked(
            root,
            path,
            &self.paint(DIM, &behind),
            place.map(|place| fragment(&place.first)).as_deref(),
        )
    }

    /// A note.
    pub(crate) fn note(&self, root: &str, path: &NotePath) -> String {
        self.linked(root, path, "", None)
    }

    /// A note with what stands behind its path, as a link where the page has links; to a part of it, if there is one that
    /// what opens it may know.
    fn linked(&self, root: &str, path: &NotePath, behind: &str, part: Option<&str>) -> String {
        let file = self.file(root, path);
        let shown = self
            .located(root, path)
            .map_or_else(|| sanitize::name(&format!("{root}/{path}")).into_owned(), |file| self.path(&file));
        let painted = format!("{}{behind}", self.paint(PATH, &shown));
        match (file, &self.host) {
            (Some(file), Some(host)) => link(host, &file, part.unwrap_or_default(), &painted),
            _ => painted,
        }
    }

    /// The file in which a note is, itself or an archive, if its root is known and on this machine.
    pub(crate) fn file(&self, root: &str, path: &NotePath) -> Option<PathBuf> {
        let root = self.roots.iter().find(|known| known.name == root && known.is_here())?;
        let file = root.locate(path);
        if file.exists() {
            return Some(file);
        }
        let mut archives = format::archives_of(path).map(|archive| root.locate(&archive));
        Some(archives.find(|archive| archive.is_file()).unwrap_or(file))
    }

    /// Where a note lies, as if an archive were a folder, if its root is known and on this machine.
    fn located(&self, root: &str, path: &NotePath) -> Option<PathBuf> {
        Some(self.roots.iter().find(|known| known.name == root && known.is_here())?.locate(path))
    }

    /// A path as it can be typed in a command, from any folder.
    pub(crate) fn typed(&self, path: &Path) -> String {
        let path = NotePath::from_relative(&self.cwd.join(path));
        quoted(&sanitize::name(path.as_str()))
    }

    /// A path as it can be opened from here, with `/` on every system: relative to the current folder if it lies in it, else
    /// absolute.
    ///
    /// Bytes that aren't UTF-8 are shown as in [`NotePath`], which `qsearch get` takes back.
    pub(crate) fn path(&self, path: &Path) -> String {
        let near = path.strip_prefix(&self.cwd).ok().filter(|near| !near.as_os_str().is_empty());
        let path = near.unwrap_or(path);
        match path.to_str() {
            Some(text) => sanitize::name(&text.replace(MAIN_SEPARATOR, "/")).into_owned(),
            None => sanitize::name(NotePath::from_relative(path).as_str()).into_owned(),
        }
    }
}

/// The part of a file that a place is, as browsers and readers know it: `#page=14` (RFC 8118), `#install`; nothing for others.
fn fragment(place: &Place) -> String {
    match place {
        Place::Page { number, .. } => format!("#page={number}"),
        Place::Anchor { id } => format!("#{}", percent::encoded(id)),
        _ => String::new(),
    }
}

/// A word of a command as a shell takes it: in quotation marks if it has characters that may be special to a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,@%:".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Where in a file something is, as it is typed behind the path: its places, or its lines where it has none.
pub(crate) fn at(lines: LineSpan, place: Option<&PlaceSpan>) -> String {
    place.map_or_else(|| lines.to_string(), |place| sanitize::line(&place.to_string()))
}

/// Makes a text a link to a file: the terminal sequence OSC 8.
fn link(host: &str, file: &Path, part: &str, text: &str) -> String {
    let mut path = file.as_os_str().as_encoded_bytes().to_vec();
    path.iter_mut().filter(|byte| **byte == MAIN_SEPARATOR as u8).for_each(|byte| *byte = b'/');
    // Where a path begins with a drive, the address has a slash before it.
    let root = if path.starts_with(b"/") { "" } else { "/" };
    let url = format!("file://{host}{root}{}{part}", percent::encoded(path));
    format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let roots = vec![Root::new("notes", "/home/u/notes")];
        Page { cwd: "/home/u".into(), roots, ..Page::default() }
    }

    fn location(page: &Page, root: &str, path: &str) -> String {
        page.location(root, &NotePath::from_encoded(path), LineSpan { first: 7, last: 8 }, None)
    }

    #[test]
    fn paths_in_commands_are_one_word_and_unambiguous() {
        let typed = |path: &str| page().typed(Path::new(path));
        assert_eq!(typed("/mnt/usb"), "/mnt/usb");
        assert_eq!(typed("/mnt/my usb"), "'/mnt/my usb'");
        assert_eq!(typed("/it's;$(x)"), r"'/it'\''s;$(x)'");
        assert!(typed("corpus").starts_with('/'));
    }

    #[test]
    fn paths_can_be_opened_from_here() {
        let mut page = page();
        assert_eq!(location(&page, "notes", "a/b c.md"), "notes/a/b c.md:7-8");
        assert_eq!(location(&page, "gone", "x\ny.md"), "gone/x␊y.md:7-8");
        page.cwd = "/home/u/notes/a".into();
        assert_eq!(location(&page, "notes", "a/b.md"), "b.md:7-8");
        assert_eq!(location(&page, "notes", "b.md"), "/home/u/notes/b.md:7-8");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_percent_encoded() {
        let page = Page { host: Some("pc".to_owned()), ..page() };
        assert_eq!(
            location(&page, "notes", "ä%\\xFF\u{1b}.md"),
            "\u{1b}]8;;file://pc/home/u/notes/%C3%A4%25%FF%1B.md\u{1b}\\notes/ä%\\xFF␛.md:7-8\u{1b}]8;;\u{1b}\\"
        );
    }

    #[test]
    fn colours_end_on_each_line() {
        let page = Page { color: true, ..Page::default() };
        assert_eq!(page.paint_lines(DIM, "a\n\nb"), "\u{1b}[2ma\u{1b}[0m\n\n\u{1b}[2mb\u{1b}[0m");
        assert_eq!(Page::default().paint(ERROR, "a"), "a");
    }

    #[test]
    fn the_words_of_the_question_stand_out() {
        let page = Page { color: true, ..Page::default() }.about("which locks");
        assert_eq!(
            page.paint_matches(Style::new(), "A lock.\nLocked"),
            "A \u{1b}[1mlock\u{1b}[0m.\n\u{1b}[1mLocked\u{1b}[0m"
        );
        assert_eq!(page.paint_matches(DIM, "a lock"), "\u{1b}[2ma \u{1b}[0m\u{1b}[1mlock\u{1b}[0m");
        assert_eq!(Page { color: false, ..page }.paint_matches(DIM, "a lock"), "a lock");
    }
}
