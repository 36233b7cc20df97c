//! Page labels: what is printed on a page as its number (ISO 32000-2, 12.4.2).

use hayro_interpret::hayro_syntax::object::{Dict, Name, Number, String as Bytes};
use hayro_interpret::hayro_syntax::xref::XRef;

use super::super::{draft::one_line, roman};
use super::{text_string, tree};

/// No label is longer than this; a Roman number of a million has a thousand letters.
const MOST_LETTERS: usize = 40;

/// A stretch of pages that are labelled in one way.
struct Style {
    /// The first page, counted from 0.
    from: usize,
    /// What stands before each number.
    prefix: String,
    /// How numbers are written: `D`, `R`, `r`, `A`, `a`; they aren't, if that is another.
    digits: u8,
    /// The first page's number.
    first: usize,
}

/// The labels of so many pages; none where the label is the number.
pub(super) fn labels<'a>(xref: &'a XRef, catalog: &Dict<'a>, pages: usize) -> Vec<Option<String>> {
    let mut labels = vec![None; pages];
    let Some(root) = catalog.get::<Dict<'a>>(b"PageLabels") else { return labels };
    let mut styles = Vec::new();
    tree::numbers(xref, &root, &mut |from, label| {
        let (Ok(from), Some(label)) = (usize::try_from(from), label.into_dict()) else { return };
        styles.push(Style {
            from,
            prefix: label.get::<Bytes<'_>>(b"P").map(|text| text_string::decode(&text)).unwrap_or_default(),
            digits: label.get::<Name<'_>>(b"S").and_then(|name| name.first().copied()).unwrap_or(0),
            first: label.get::<Number>(b"St").map_or(1, |first| first.as_i64().clamp(0, 1 << 32) as usize),
        });
    });
    styles.sort_by_key(|style| style.from);
    for (place, style) in styles.iter().enumerate() {
        let end = styles.get(place + 1).map_or(pages, |next| next.from.min(pages));
        for (page, label) in labels.iter_mut().enumerate().take(end).skip(style.from) {
            let text = style.label(style.first + (page - style.from));
            let is_number = text == (page + 1).to_string() || text.is_empty();
            *label = (!is_number && text.chars().count() <= MOST_LETTERS).then_some(text);
        }
    }
    labels
}

impl Style {
    fn label(&self, number: usize) -> String {
        let digits = match self.digits {
            b'D' => number.to_string(),
            b'R' => in_roman(number),
            b'r' => in_roman(number).to_lowercase(),
            b'A' => letters(number),
            b'a' => letters(number).to_lowercase(),
            _ => String::new(),
        };
        let label = format!("{}{digits}", self.prefix);
        one_line(&label)
    }
}

/// A number in Roman letters; none that nobody would write.
fn in_roman(number: usize) -> String {
    if number < 10_000 { roman::roman(number as u32) } else { String::new() }
}

/// A number as A to Z, then AA to ZZ, and so on.
fn letters(number: usize) -> String {
    let Some(number) = number.checked_sub(1) else { return String::new() };
    let letter = char::from(b'A' + (number % 26) as u8);
    letter.to_string().repeat((number / 26 + 1).min(MOST_LETTERS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_books_do() {
        for (number, as_roman, as_letters) in [(1, "I", "A"), (14, "XIV", "N"), (28, "XXVIII", "BB")] {
            assert_eq!((in_roman(number).as_str(), letters(number).as_str()), (as_roman, as_letters));
        }
        assert_eq!(
            (in_roman(0), letters(0), in_roman(1 << 40)),
            (String::new(), String::new(), String::new())
        );
    }
}
