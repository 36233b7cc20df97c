//! The words of a paragraph, and what hangs on them: notes, comments, text boxes, pictures.
//!
//! ECMA-376 part 1 §17.3.2 and §17.3.3 (runs), §17.16 (fields), §17.13.5 (revisions), part 3 §9 (alternate content).

use std::collections::BTreeMap;

use super::super::blocks::Block;
use super::super::graphics::chosen;
use super::super::numerals::Numeral;
use super::super::tree::Node;
use super::super::{graphics, math, symbols};
use super::styles::{Styles, is_on};

/// Parts of a document that paragraphs refer to.
#[derive(Debug)]
pub(super) struct Sources<'t> {
    /// The styles.
    pub(super) styles: Styles,
    /// Footnotes by their ids.
    pub(super) footnotes: BTreeMap<String, Node<'t>>,
    /// Endnotes by their ids.
    pub(super) endnotes: BTreeMap<String, Node<'t>>,
    /// Comments by their ids.
    pub(super) comments: BTreeMap<String, Comment<'t>>,
    /// Charts and diagrams by the ids of their relationships.
    pub(super) graphics: BTreeMap<String, Vec<Block>>,
}

/// A comment.
#[derive(Debug)]
pub(super) struct Comment<'t> {
    /// Who has written it; may be empty.
    pub(super) author: String,
    /// What contains its paragraphs.
    pub(super) node: Node<'t>,
}

/// What stands behind a paragraph because of something in it.
#[derive(Debug)]
pub(super) enum Behind<'t> {
    /// The text box with this content.
    Box(Node<'t>),
    /// The footnote with this id, and its mark.
    Footnote(&'t str, String),
    /// The endnote with this id, and its mark.
    Endnote(&'t str, String),
    /// The comment with this id.
    Comment(&'t str),
    /// The chart or diagram with this id.
    Graphic(&'t str),
}

/// A paragraph's text.
#[derive(Debug, Default)]
pub(super) struct Line<'t> {
    /// The text, in which `\n` breaks a line.
    pub(super) text: String,
    /// What stands behind it, in order; a note's mark is in the text already.
    pub(super) behind: Vec<Behind<'t>>,
}

/// What goes on from one paragraph to the next.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The open fields, and whether each has come to its result: before that stand instructions.
    fields: Vec<bool>,
    /// How many footnotes and endnotes were referred to.
    footnotes: u32,
    endnotes: u32,
}

impl State {
    /// A paragraph ends. Instructions don't go on behind it: a field that isn't closed would hide all that follows.
    pub(super) fn end_paragraph(&mut self) {
        self.fields.iter_mut().for_each(|result| *result = true);
        self.fields.truncate(32);
    }
}

/// A walk over a paragraph.
pub(super) struct Walk<'a, 't> {
    /// What the paragraph refers to.
    pub(super) sources: &'a Sources<'t>,
    /// What goes on from the one before.
    pub(super) state: &'a mut State,
    /// What has come of it.
    pub(super) line: Line<'t>,
    /// Whether the text is hidden, by the paragraph's style.
    pub(super) hidden: bool,
    /// The font of the run, if it says one.
    pub(super) font: &'t str,
    /// Where the run stands beside the line: `superscript`, `subscript`.
    pub(super) align: &'t str,
}

impl<'t> Walk<'_, 't> {
    /// Takes all that an element contains.
    pub(super) fn all(&mut self, node: Node<'t>) {
        for child in node.children() {
            self.one(child);
        }
    }

    fn one(&mut self, node: Node<'t>) {
        match node.name() {
            // Text has an element of its own.
            "" | "del" | "moveFrom" | "delText" | "instrText" | "delInstrText" => {}
            "r" => self.run(node),
            "t" => {
                let text = node.content();
                let raised = match self.align {
                    "superscript" | "subscript" => symbols::raised(&text, self.align == "subscript"),
                    _ => None,
                };
                self.push(&raised.unwrap_or(text));
            }
            "tab" | "ptab" => self.push("\t"),
            "br" | "cr" => self.push("\n"),
            "noBreakHyphen" => self.push("-"),
            "sym" => {
                let number = node.attribute("char").and_then(|hex| u32::from_str_radix(hex, 16).ok());
                let sign = symbols::sign(node.attribute("font").unwrap_or_default(), number.unwrap_or(0));
                self.push(&sign.map(String::from).unwrap_or_default());
            }
            "oMathPara" | "oMath" => {
                let text = math::linear(node);
                self.push(&text);
            }
            "fldChar" => self.field(node),
            "ruby" => self.ruby(node),
            "footnoteReference" | "endnoteReference" => self.note(node),
            "commentReference" => self.line.behind.extend(node.attribute("id").map(Behind::Comment)),
            "AlternateContent" => {
                if let Some(chosen) = chosen(node) {
                    self.all(chosen);
                }
            }
            "txbxContent" => self.line.behind.push(Behind::Box(node)),
            "docPr" => self.picture(node.attribute("descr").or_else(|| node.attribute("title"))),
            "shape" | "rect" | "oval" => {
                self.picture(node.attribute("alt"));
                self.all(node);
            }
            "textpath" => self.apart(node.attribute("string").unwrap_or_default()),
            "chart" => self.line.behind.extend(node.prefixed("id").map(Behind::Graphic)),
            "relIds" => self.line.behind.extend(node.prefixed("dm").map(Behind::Graphic)),
            "checkBox" if node.child("size").is_some() || node.child("sizeAuto").is_some() => {
                let checked = node.child("checked").or_else(|| node.child("default")).is_some_and(is_on);
                self.push(if checked { "☒" } else { "☐" });
            }
            // Properties, and those of pictures, whose description stands above them.
            name if name.ends_with("Pr") && name != "smartTagPr" => {}
            _ => self.all(node),
        }
    }

    fn run(&mut self, run: Node<'t>) {
        let properties = run.child("rPr");
        let property = |name: &str| properties.and_then(|properties| properties.child(name));
        let style = property("rStyle").and_then(|style| style.attribute("val"));
        let by_style = || style.and_then(|style| self.sources.styles.hides(style));
        let outside = (self.hidden, self.font, self.align);
        self.hidden = property("vanish").map(is_on).or_else(by_style).unwrap_or(self.hidden);
        self.font = property("rFonts").and_then(|fonts| fonts.attribute("ascii")).unwrap_or_default();
        self.align = property("vertAlign").and_then(|align| align.attribute("val")).unwrap_or_default();
        self.all(run);
        (self.hidden, self.font, self.align) = outside;
    }

    /// Adds text, unless it isn't seen.
    fn push(&mut self, text: &str) {
        if !self.hidden && self.state.fields.iter().all(|result| *result) {
            symbols::push(&mut self.line.text, self.font, text);
        }
    }

    /// Adds text with a blank on either side.
    fn apart(&mut self, text: &str) {
        if !text.is_empty() {
            self.push(&format!(" {text} "));
        }
    }

    fn field(&mut self, node: Node<'t>) {
        match node.attribute("fldCharType") {
            Some("begin") => {
                // A form's field has its value here.
                if let Some(data) = node.child("ffData") {
                    self.all(data);
                    let list = data.child("ddList");
                    let at = list.and_then(|list| list.child("result")?.attribute("val")?.parse().ok());
                    let entries = list.map(|list| list.children().filter(|node| node.name() == "listEntry"));
                    let entry = entries.and_then(|mut entries| entries.nth(at.unwrap_or(0)));
                    self.push(entry.and_then(|entry| entry.attribute("val")).unwrap_or_default());
                }
                self.state.fields.push(false);
            }
            Some("separate") => {
                if let Some(last) = self.state.fields.last_mut() {
                    *last = true;
                }
            }
            Some("end") => _ = self.state.fields.pop(),
            _ => {}
        }
    }

    /// A word with how it is spoken, in brackets (§17.3.3.25).
    fn ruby(&mut self, node: Node<'t>) {
        for (name, before, behind) in [("rubyBase", "", ""), ("rt", "(", ")")] {
            if let Some(part) = node.child(name) {
                self.push(before);
                self.all(part);
                self.push(behind);
            }
        }
    }

    fn note(&mut self, node: Node<'t>) {
        if self.hidden {
            return;
        }
        let Some(id) = node.attribute("id") else { return };
        let own_mark =
            node.attribute("customMarkFollows").is_some_and(|value| value != "0" && value != "false");
        let is_footnote = node.name() == "footnoteReference";
        let count = if is_footnote { &mut self.state.footnotes } else { &mut self.state.endnotes };
        let mut mark = "[*]".to_owned();
        if !own_mark {
            *count = count.saturating_add(1);
            // As printed, unless a section says otherwise (§17.11.17).
            let numeral = if is_footnote { Numeral::Decimal } else { Numeral::LowerRoman };
            mark = format!("[{}]", numeral.print(*count));
            self.push(&mark);
        }
        self.line.behind.push(if is_footnote {
            Behind::Footnote(id, mark)
        } else {
            Behind::Endnote(id, mark)
        });
    }

    fn picture(&mut self, description: Option<&'t str>) {
        if let Some(description) = graphics::description(description.unwrap_or_default()) {
            self.apart(&format!("[{description}]"));
        }
    }
}
