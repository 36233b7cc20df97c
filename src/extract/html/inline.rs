//! Text within a line of Markdown.

use super::super::draft::one_line;

/// Adds text as HTML shows it: blanks are one blank, and what is no letter to see isn't there. What would be taken for
/// a tag isn't.
pub(super) fn push_text(line: &mut String, text: &str) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // Soft hyphens, places to break at, marks of order of bytes.
            '\u{ad}' | '\u{200b}' | '\u{feff}' | '\0' => {}
            c if c.is_whitespace() || c.is_control() => {
                if !line.is_empty() && !line.ends_with(char::is_whitespace) {
                    line.push(' ');
                }
            }
            '<' if chars.peek().is_some_and(|next| next.is_ascii_alphabetic() || "/!?".contains(*next)) => {
                line.push_str("\\<");
            }
            c => line.push(c),
        }
    }
}

/// Adds code within a line.
pub(super) fn push_code(line: &mut String, code: &str) {
    let code = one_line(code);
    if code.is_empty() {
        return;
    }
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let marks = "`".repeat(if longest == 0 { 1 } else { longest + 1 });
    let blank = if longest > 0 { " " } else { "" };
    // Code that follows code is part of it.
    if longest == 0 && line.ends_with('`') && !line.ends_with("``") {
        line.pop();
        line.push_str(&code);
        line.push('`');
        return;
    }
    for part in [&marks, blank, &code, blank, &marks] {
        line.push_str(part);
    }
}

/// Marks what stands above the line from a byte on, if it is a power: `10^6`; `1st` needs no mark.
pub(super) fn raise(line: &mut String, start: usize) {
    let raised = line.get(start..).unwrap_or_default().trim().trim_start_matches(['-', '−', '+']);
    let is_number = !raised.is_empty() && raised.chars().all(|c| c.is_ascii_digit());
    if is_number && line[..start].ends_with(char::is_alphanumeric) {
        line.insert(start, '^');
    }
}

/// Whether the text for an image says what is to be seen.
pub(super) fn says_something(alt: &str) -> bool {
    let alt = alt.trim();
    let lower = alt.to_ascii_lowercase();
    let is_file = [".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp"].iter().any(|end| lower.ends_with(end))
        && !alt.contains(' ');
    let is_generic =
        matches!(&*lower, "image" | "photo" | "picture" | "icon" | "logo" | "img" | "spacer" | "cover");
    !alt.is_empty() && !is_file && !is_generic && !lower.starts_with("http")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(texts: &[&str]) -> String {
        let mut line = String::new();
        for text in texts {
            push_text(&mut line, text);
        }
        line
    }

    #[test]
    fn blanks_are_one_and_no_tag_arises() {
        assert_eq!(pushed(&["  a\u{a0} \n", " b", "co\u{ad}op"]), "a bcoop");
        assert_eq!(pushed(&["Vec<u8> a < b <3"]), "Vec\\<u8> a < b <3");
    }

    #[test]
    fn code_and_powers() {
        let mut line = String::from("x ");
        push_code(&mut line, "a\n b");
        push_code(&mut line, "c");
        push_code(&mut line, "`");
        assert_eq!(line, "x `a bc``` ` ``");
        let mut line = String::from("106");
        raise(&mut line, 2);
        assert_eq!(line, "10^6");
        let mut line = String::from("1st");
        raise(&mut line, 1);
        assert_eq!(line, "1st");
    }

    #[test]
    fn names_of_files_say_nothing() {
        assert!(says_something("A heron at dawn") && !says_something("IMG_1.JPG") && !says_something(" "));
    }
}
