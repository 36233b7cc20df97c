//! Texts as a database takes them.

/// A text without the one character that a column of text can't have.
pub(super) fn plain(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// Texts without it.
pub(super) fn plain_all(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    texts.into_iter().map(|text| plain(&text)).collect()
}
