//! What does a file's name say about the note?

use super::plain;
use crate::document::NotePath;

/// The title that a file's name gives: `Brown-butter_tart.md` is about a brown butter tart.
///
/// Numbers, dates, hashes and a lone letter say nothing; a name that consists of nothing else gives no title.
pub(super) fn title(path: &NotePath) -> Option<String> {
    let file = path.as_str().rsplit('/').next()?;
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let says =
        |part: &&str| part.chars().any(char::is_alphabetic) && !part.contains(|c: char| c.is_ascii_digit());
    let parts: Vec<&str> = stem.split(['-', '_', '.', ' ']).filter(|part| !part.is_empty()).collect();
    let first = parts.iter().position(&says)?;
    let last = parts.iter().rposition(says)?;
    Some(plain::title(&parts[first..=last].join(" "))).filter(|title| title.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_a_title_and_numbers_are_none() {
        let title = |path: &str| title(&NotePath::from_encoded(path));
        assert_eq!(title("food/Brown-butter_tart.md").as_deref(), Some("Brown butter tart"));
        assert_eq!(title("2024-05-01 Trip to Kyoto.md").as_deref(), Some("Trip to Kyoto"));
        assert_eq!(title("05-in-depth.md").as_deref(), Some("in depth"));
        assert_eq!(title("README").as_deref(), Some("README"));
        assert_eq!(title("日記.md").as_deref(), Some("日記"));
        for path in ["2024-05-01.md", "000_4299fa5aa3200c4a.txt", "v2.md", "n.md", "-.md", ""] {
            assert_eq!(title(path), None, "{path}");
        }
    }
}
