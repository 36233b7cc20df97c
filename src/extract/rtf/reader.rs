//! Rich Text's groups and control words → paragraphs.

use super::super::draft;
use super::charset::{self, Charset};
use super::page::{Block, Page, Paragraph};
use super::state::{Destination, Note, Said, State};
use super::tables::{self, Fonts, Styles};
use super::text::{Line, Row};
use super::token::{Token, Tokens};
use crate::document::About;

/// Groups aren't nested deeper; what is deeper belongs to the deepest.
const MAX_DEPTH: usize = 500;

/// No more is kept of what a file says of itself, in bytes.
const MAX_ABOUT: usize = 4000;

/// Reads a file: what it shows, what it says of itself, and whether it ends where it should.
pub(super) fn read(file: &[u8]) -> (Page, About, bool) {
    let mut reader = Reader::new();
    if !file.starts_with(b"{\\rtf") {
        reader.around.push(reader.state);
    }
    for token in Tokens::new(file) {
        reader.token(token);
        if reader.is_over {
            break;
        }
    }
    reader.flush_bytes();
    let is_whole = reader.is_over || (reader.around.len() == 1 && !file.starts_with(b"{\\rtf"));
    while reader.notes.last().is_some() {
        reader.end_note();
    }
    reader.end_paragraph();
    reader.end_table();
    (reader.page, reader.about.into(), is_whole)
}

/// A file that is being read.
struct Reader {
    page: Page,
    about: Said,
    fonts: Fonts,
    styles: Styles,
    /// The encoding of what no font says anything about.
    usual: Charset,
    state: State,
    /// The states of the groups around.
    around: Vec<State>,
    /// How many groups are open that are too deep.
    deeper: usize,
    /// Bytes of text that aren't decoded yet.
    bytes: Vec<u8>,
    /// How many characters are still to be left out behind `\u`.
    leave_out: usize,
    /// The first half of a character outside of the basic plane.
    surrogate: Option<u32>,
    line: Line,
    row: Row,
    rows: Vec<Vec<String>>,
    /// The lines that go on behind the notes that are open.
    notes: Vec<(Line, Row, Note)>,
    /// Notes of the paragraph that is being read.
    waiting: Vec<String>,
    note_count: usize,
    is_over: bool,
}

impl Reader {
    /// At the start of a file.
    fn new() -> Self {
        let usual = Charset::Text(tables::usual());
        let state = State::new(usual);
        Self {
            page: Page::default(),
            about: Said::default(),
            fonts: Fonts::default(),
            styles: Styles::default(),
            usual,
            state,
            around: Vec::new(),
            deeper: 0,
            bytes: Vec::new(),
            leave_out: 0,
            surrogate: None,
            line: Line::default(),
            row: Row::default(),
            rows: Vec::new(),
            notes: Vec::new(),
            waiting: Vec::new(),
            note_count: 0,
            is_over: false,
        }
    }

    /// Reads a token.
    ///
    /// Bytes of a character may come one by one, and in several ways; they are decoded when something else comes.
    fn token(&mut self, token: Token<'_>) {
        match token {
            Token::Text(_) | Token::Hex(_) => {}
            _ => self.flush_bytes(),
        }
        match token {
            Token::Open => self.open(),
            Token::Close => self.close(),
            Token::Text(text) => {
                let left_out = self.leave_out.min(text.len());
                self.leave_out -= left_out;
                self.bytes.extend_from_slice(&text[left_out..]);
            }
            Token::Hex(byte) => {
                if self.leave_out > 0 {
                    self.leave_out -= 1;
                } else {
                    self.bytes.push(byte);
                }
            }
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Word("u", number) => self.unicode(number.unwrap_or(0)),
            Token::Word(word, number) => {
                if self.leave_out > 0 {
                    self.leave_out -= 1;
                    return;
                }
                self.word(word, number);
                self.state.is_optional = false;
            }
        }
    }

    /// A group begins: what holds outside holds in it too.
    fn open(&mut self) {
        self.leave_out = 0;
        if self.around.len() >= MAX_DEPTH {
            self.deeper += 1;
            return;
        }
        self.around.push(self.state);
        self.state.ends_note = false;
        self.state.is_optional = false;
        if self.state.is_both {
            self.state.destination = Destination::Nowhere;
            self.state.is_both = false;
        }
    }

    /// A group ends, and with it what holds in it.
    fn close(&mut self) {
        self.leave_out = 0;
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        if self.state.ends_note {
            self.end_note();
        }
        if let Some(state) = self.around.pop() {
            self.state = state;
        }
        self.is_over = self.around.is_empty();
    }

    /// A backslash and a sign.
    fn symbol(&mut self, symbol: u8) {
        if self.leave_out > 0 {
            self.leave_out -= 1;
            return;
        }
        match symbol {
            b'*' => self.state.is_optional = true,
            b'~' => self.push("\u{a0}"),
            b'_' => self.push("-"),
            b'\\' | b'{' | b'}' => self.bytes.push(symbol),
            b'\n' | b'\r' => self.paragraph_ends(),
            b'\t' => self.push(" "),
            _ => {}
        }
    }

    /// `\u`: a unit of UTF-16 as a number with a sign.
    fn unicode(&mut self, number: i32) {
        self.leave_out = self.state.substitutes;
        let unit = number as u32 & 0xFFFF;
        let code = match unit {
            0xD800..0xDC00 => {
                self.surrogate = Some(unit);
                return;
            }
            0xDC00..0xE000 => {
                let Some(high) = self.surrogate.take() else { return };
                0x1_0000 + ((high - 0xD800) << 10) + (unit - 0xDC00)
            }
            // Fonts of signs have theirs in the private area.
            0xF020..0xF100 => match (self.state.charset, charset::symbol((unit & 0xFF) as u8)) {
                (Charset::Symbol, Some(symbol)) => u32::from(symbol),
                _ => u32::from('•'),
            },
            unit => unit,
        };
        if let Some(c) = char::from_u32(code) {
            self.push(c.encode_utf8(&mut [0; 4]));
        }
    }

    /// Decodes the bytes that have come so far.
    fn flush_bytes(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        let mut text = String::new();
        self.state.charset.decode(&bytes, &mut text);
        self.push(&text);
        self.bytes = bytes;
        self.bytes.clear();
    }

    /// Adds text where it belongs.
    fn push(&mut self, text: &str) {
        let kept = |said: &mut String| {
            if said.len() < MAX_ABOUT {
                said.push_str(text);
            }
        };
        match self.state.destination {
            Destination::Body => {
                if !self.state.is_hidden && !self.state.is_deleted {
                    let State { is_raised, is_bold, size, .. } = self.state;
                    self.line.push(text, is_raised, is_bold, size);
                }
            }
            Destination::Mark => self.line.push_mark(text),
            Destination::Fonts => self.fonts.name(text),
            Destination::Styles => self.styles.text(text),
            Destination::Title => kept(&mut self.about.title),
            Destination::Author => kept(&mut self.about.author),
            Destination::Keywords => kept(&mut self.about.keywords),
            Destination::Made | Destination::Nowhere => {}
        }
    }

    /// A control word: where it counts depends on where text of the group belongs.
    fn word(&mut self, word: &str, number: Option<i32>) {
        let value = number.unwrap_or(0);
        match self.state.destination {
            Destination::Fonts => {
                self.fonts.word(word, value);
                return;
            }
            Destination::Styles => {
                self.styles.word(word, value);
                return;
            }
            Destination::Made => {
                self.about.made(word, value);
                return;
            }
            _ => {}
        }
        if self.begins_destination(word) || self.encoding(word, value) {
            return;
        }
        if self.state.is_optional {
            // Who doesn't know what is optional leaves it out.
            self.state.destination = Destination::Nowhere;
            return;
        }
        if self.state.destination == Destination::Body {
            self.layout(word, number);
        }
        self.letters(word, number);
    }

    /// Whether a word says where the text of its group belongs.
    fn begins_destination(&mut self, word: &str) -> bool {
        let is_shown = self.state.destination != Destination::Nowhere;
        let destination = match word {
            "upr" => {
                self.state.is_both = is_shown;
                return true;
            }
            "ud" => self.around.last().map_or(Destination::Body, |around| around.destination),
            // Shapes contain text, among what they look like.
            "shpinst" | "do" | "result" | "fldrslt" => {
                self.state.is_optional = false;
                return true;
            }
            "shptxt" | "dptxbxtext" if is_shown => {
                self.begin_note(Note::Box);
                return true;
            }
            "fonttbl" => Destination::Fonts,
            "stylesheet" => Destination::Styles,
            "title" if self.in_info() => Destination::Title,
            "author" if self.in_info() => Destination::Author,
            "keywords" if self.in_info() => Destination::Keywords,
            "creatim" if self.in_info() => Destination::Made,
            "listtext" | "pntext" if is_shown => {
                self.line.begin_mark();
                Destination::Mark
            }
            "footnote" | "annotation" if is_shown => {
                self.begin_note(if word == "footnote" { Note::Footnote } else { Note::Comment });
                return true;
            }
            "info" | "colortbl" | "header" | "headerl" | "headerr" | "headerf" | "footer" | "footerl"
            | "footerr" | "footerf" | "pict" | "objdata" | "fldinst" | "ftnsep" | "ftnsepc" | "aftnsep"
            | "aftnsepc" | "ftncn" | "aftncn" | "xe" | "tc" | "tcn" | "rxe" | "private1" | "template"
            | "filetbl" | "bkmkstart" | "bkmkend" | "nonshppict" | "shprslt" | "nonesttables" | "atnid"
            | "atnauthor" | "sp" | "pn" | "txe" | "panose" | "falt" | "listtable" | "listoverridetable"
            | "revtbl" | "rsidtbl" | "generator" | "objclass" | "themedata" | "datastore"
            | "latentstyles" | "mmathPr" | "htmltag" | "xmlnstbl" | "nesttableprops" | "background" => {
                Destination::Nowhere
            }
            _ => return false,
        };
        self.state.destination = destination;
        true
    }

    /// Whether the group is part of what the file says of itself.
    fn in_info(&self) -> bool {
        self.state.destination == Destination::Nowhere
    }

    /// Whether a word says how bytes are read.
    fn encoding(&mut self, word: &str, value: i32) -> bool {
        let encoding = match word {
            "ansicpg" => charset::of_page(value),
            "mac" => charset::of_page(10000),
            "pc" | "pca" => charset::of_page(if word == "pc" { 866 } else { 1252 }).filter(|_| word == "pca"),
            "f" => {
                self.state.charset = self.fonts.charset(value).unwrap_or(self.usual);
                return true;
            }
            "uc" => {
                self.state.substitutes = usize::try_from(value).unwrap_or(0).min(16);
                return true;
            }
            _ => return false,
        };
        if let Some(encoding) = encoding {
            self.usual = Charset::Text(encoding);
            self.state.charset = self.usual;
        }
        true
    }

    /// A word about how letters look, or one that stands for a letter.
    fn letters(&mut self, word: &str, number: Option<i32>) {
        let on = number != Some(0);
        match word {
            "v" => self.state.is_hidden = on,
            "deleted" => self.state.is_deleted = on,
            "b" => self.state.is_bold = on,
            "fs" => self.state.size = number.unwrap_or(24),
            "super" | "up" => self.state.is_raised = on,
            "nosupersub" | "sub" | "dn" => self.state.is_raised = false,
            "plain" => {
                self.state = self.state.plain(self.usual);
            }
            "line" | "lbr" => self.push("\n"),
            "tab" | "emspace" | "enspace" | "qmspace" => self.push(" "),
            "emdash" => self.push("—"),
            "endash" => self.push("–"),
            "bullet" => self.push("•"),
            "lquote" => self.push("‘"),
            "rquote" => self.push("’"),
            "ldblquote" => self.push("“"),
            "rdblquote" => self.push("”"),
            _ => {}
        }
    }

    /// A word about paragraphs and tables.
    fn layout(&mut self, word: &str, number: Option<i32>) {
        let value = number.unwrap_or(0);
        match word {
            "par" | "sect" | "page" | "column" => self.paragraph_ends(),
            "pard" => self.line.forget(),
            "s" => self.line.heading = self.styles.level(value),
            "outlinelevel" => {
                let level = usize::try_from(value).ok().filter(|level| *level < 9);
                self.line.heading = level.map(|level| level + 1);
            }
            "ilvl" => self.line.depth = usize::try_from(value).unwrap_or(0).min(8),
            "ls" if value > 0 => self.line.in_list = true,
            "intbl" => self.line.in_table = true,
            "itap" => self.line.in_table = value > 0,
            "cell" => {
                let text = self.line.take_text();
                self.row.end_cell(&text);
            }
            "nestcell" | "nestrow" => {
                let text = self.line.take_text();
                self.row.add(&text, if word == "nestcell" { " | " } else { "; " });
            }
            "row" => {
                let text = self.line.take_text();
                self.row.add(&text, " ");
                if let Some(row) = self.row.end() {
                    self.rows.push(row);
                }
            }
            _ => {}
        }
    }

    /// A paragraph ends; in a table it is part of a cell.
    fn paragraph_ends(&mut self) {
        if self.state.destination != Destination::Body || self.state.is_deleted {
            return;
        }
        if self.line.in_table && self.notes.is_empty() {
            let text = self.line.take_text();
            self.row.add(&text, " ");
        } else {
            self.end_paragraph();
        }
    }

    /// Writes the line down as a paragraph.
    fn end_paragraph(&mut self) {
        if let Some((note, _, _)) = self.notes.last_mut() {
            // A note is one paragraph.
            let text = self.line.take_text();
            note.add_to_note(&text);
            return;
        }
        let paragraph: Option<Paragraph> = self.line.end();
        if let Some(paragraph) = paragraph {
            self.end_table();
            self.page.blocks.push(Block::Paragraph(paragraph));
        }
        self.page.blocks.extend(self.waiting.drain(..).map(Block::Note));
    }

    /// Writes the rows so far down as a table.
    fn end_table(&mut self) {
        if let Some(row) = self.row.end() {
            self.rows.push(row);
        }
        if !self.rows.is_empty() {
            self.page.blocks.push(Block::Table(std::mem::take(&mut self.rows)));
            self.page.blocks.extend(self.waiting.drain(..).map(Block::Note));
        }
    }

    /// What stands apart from the line begins.
    fn begin_note(&mut self, kind: Note) {
        let line = std::mem::take(&mut self.line);
        let row = std::mem::take(&mut self.row);
        self.notes.push((line, row, kind));
        self.state.ends_note = true;
        self.state.is_raised = false;
        self.state.destination = Destination::Body;
    }

    /// The line goes on behind a note.
    fn end_note(&mut self) {
        self.end_paragraph();
        let Some((mut line, row, kind)) = self.notes.pop() else { return };
        let text = draft::one_line(&line.take_note());
        if !text.is_empty() {
            match kind {
                Note::Box => self.waiting.push(text),
                Note::Comment => self.waiting.push(format!("Comment: {text}")),
                Note::Footnote => {
                    self.note_count += 1;
                    line.refer(self.note_count);
                    self.waiting.push(format!("[^{}]: {text}", self.note_count));
                }
            }
        }
        (self.line, self.row) = (line, row);
    }
}
