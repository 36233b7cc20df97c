//! Equations of Office as a line of text: `x=(-b±√(b^2-4ac))/(2a)`.
//!
//! Office MathML, ECMA-376 part 1 §22.1, in the manner of Unicode's linear format (UTN #28).

use std::fmt::{self, Write as _};

use super::tree::Node;

/// An equation in one line.
pub(super) fn linear(node: Node) -> String {
    let mut text = String::new();
    push_all(node, &mut text);
    text
}

fn push_all(node: Node, text: &mut String) {
    for child in node.children() {
        push(child, text);
    }
}

/// A part of an equation, as text.
fn part(node: Node, name: &str) -> String {
    node.child(name).map(linear).unwrap_or_default()
}

/// A part that stands beside a sign: in brackets, unless it is one word or number.
fn operand(node: Node, name: &str) -> String {
    let text = part(node, name);
    let is_simple =
        text.chars().all(char::is_alphanumeric) || text.chars().count() == 1 || is_bracketed(&text);
    if is_simple { text } else { format!("({text})") }
}

/// Whether the first bracket of a text is closed by its last.
fn is_bracketed(text: &str) -> bool {
    let mut depth = 0_i32;
    text.starts_with('(')
        && text.ends_with(')')
        && text.char_indices().all(|(at, c)| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth > 0 || at + 1 == text.len()
        })
}

/// The value of a property of an element, such as the sign of a sum.
fn property<'t>(node: Node<'t>, name: &str) -> Option<&'t str> {
    let properties = node.children().find(|child| child.name().ends_with("Pr"))?;
    properties.child(name).map(|node| node.attribute("val").unwrap_or_default())
}

fn push(node: Node, text: &mut String) {
    match node.name() {
        "f" => {
            let (above, below) = (operand(node, "num"), operand(node, "den"));
            match property(node, "type") {
                Some("noBar") => put(text, format_args!("({above} ¦ {below})")),
                _ => put(text, format_args!("{above}/{below}")),
            }
        }
        "sSup" => put(text, format_args!("{}^{}", operand(node, "e"), operand(node, "sup"))),
        "sSub" => put(text, format_args!("{}_{}", operand(node, "e"), operand(node, "sub"))),
        "sSubSup" => {
            let (sub, sup) = (operand(node, "sub"), operand(node, "sup"));
            put(text, format_args!("{}_{sub}^{sup}", operand(node, "e")));
        }
        "sPre" => {
            let (sub, sup) = (operand(node, "sub"), operand(node, "sup"));
            put(text, format_args!("_{sub}^{sup} {}", part(node, "e")));
        }
        "rad" => {
            let degree = part(node, "deg");
            let root = match &*degree {
                "" | "2" => "√".to_owned(),
                "3" => "∛".to_owned(),
                "4" => "∜".to_owned(),
                _ => format!("{degree}√"),
            };
            put(text, format_args!("{root}{}", operand(node, "e")));
        }
        "nary" => {
            text.push_str(property(node, "chr").unwrap_or("∫"));
            push_limits(node, text);
            text.push(' ');
            text.push_str(&part(node, "e"));
        }
        "limLow" => put(text, format_args!("{}_{} ", part(node, "e"), operand(node, "lim"))),
        "limUpp" => put(text, format_args!("{}^{} ", part(node, "e"), operand(node, "lim"))),
        "func" => put(text, format_args!("{} {}", part(node, "fName").trim_end(), operand(node, "e"))),
        "d" => push_bracketed(node, text),
        "m" => {
            let rows = node.children().filter(|child| child.name() == "mr").map(|row| joined(row, " "));
            put(text, format_args!("[{}]", rows.collect::<Vec<_>>().join("; ")));
        }
        "eqArr" => text.push_str(&joined(node, "; ")),
        "acc" => {
            text.push_str(&operand(node, "e"));
            text.push_str(property(node, "chr").unwrap_or("\u{302}"));
        }
        "bar" => put(text, format_args!("{}\u{305}", operand(node, "e"))),
        "t" => text.push_str(&node.content()),
        // Breaks, and what is shown in none of two versions.
        "br" => text.push(' '),
        "del" | "moveFrom" | "Fallback" => {}
        name if name.ends_with("Pr") => {}
        _ => push_all(node, text),
    }
}

/// Adds what is formatted; a text takes all.
fn put(text: &mut String, formatted: fmt::Arguments) {
    _ = text.write_fmt(formatted);
}

fn push_limits(node: Node, text: &mut String) {
    for (sign, name) in [('_', "sub"), ('^', "sup")] {
        let limit = operand(node, name);
        if !limit.is_empty() {
            text.push(sign);
            text.push_str(&limit);
        }
    }
}

/// The entries of an element, each as text.
fn joined(node: Node, separator: &str) -> String {
    let entries = node.children().filter(|child| child.name() == "e").map(linear);
    entries.collect::<Vec<_>>().join(separator)
}

fn push_bracketed(node: Node, text: &mut String) {
    let (begin, end) = (property(node, "begChr").unwrap_or("("), property(node, "endChr").unwrap_or(")"));
    let separator = property(node, "sepChr").unwrap_or("|");
    let inner = joined(node, separator);
    let has_brackets = begin == "[" && inner.starts_with('[') && inner.ends_with(']');
    if has_brackets || (begin == "(" && is_bracketed(&inner)) {
        text.push_str(&inner);
    } else {
        put(text, format_args!("{begin}{inner}{end}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tree::Tree;

    fn shown(xml: &str) -> String {
        linear(Tree::new(&format!("<m:oMath>{xml}</m:oMath>")).top())
    }

    #[test]
    fn equations_are_a_line() {
        let run = |text: &str| format!("<m:r><m:t>{text}</m:t></m:r>");
        let (a, b) = (run("a"), run("b+1"));
        for (xml, text) in [
            (format!("<m:f><m:num>{a}</m:num><m:den>{b}</m:den></m:f>"), "a/(b+1)"),
            (format!("<m:sSup><m:e>{a}</m:e><m:sup>{b}</m:sup></m:sSup>"), "a^(b+1)"),
            (format!("<m:sSub><m:e>{a}</m:e><m:sub>{a}</m:sub></m:sSub>"), "a_a"),
            (format!("<m:rad><m:radPr/><m:deg/><m:e>{b}</m:e></m:rad>"), "√(b+1)"),
            (
                format!(
                    "<m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr><m:sub>{b}</m:sub><m:sup>{a}</m:sup><m:e>{a}</m:e></m:nary>"
                ),
                "∑_(b+1)^a a",
            ),
            (format!("<m:d><m:e>{a}</m:e><m:e>{b}</m:e></m:d>"), "(a|b+1)"),
            (
                format!("<m:d><m:dPr><m:begChr m:val='['/><m:endChr m:val=''/></m:dPr><m:e>{a}</m:e></m:d>"),
                "[a",
            ),
            (
                format!("<m:m><m:mr><m:e>{a}</m:e><m:e>{a}</m:e></m:mr><m:mr><m:e>{b}</m:e></m:mr></m:m>"),
                "[a a; b+1]",
            ),
            (format!("<m:func><m:fName>{a}</m:fName><m:e>{b}</m:e></m:func>"), "a (b+1)"),
        ] {
            assert_eq!(shown(&xml), text);
        }
    }
}
