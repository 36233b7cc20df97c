//! Which note does a sync tool's placeholder stand for?
//!
//! Tools that keep files elsewhere until they are needed leave a small file of another name in their place.

/// The name of the note that a placeholder with this name stands for: iCloud Drive's `.a.md.icloud`, and `a.md.nextcloud`
/// and `a.md.owncloud` of virtual files with a suffix.
pub(super) fn stands_for(name: &str) -> Option<&str> {
    let note = match name.strip_suffix(".icloud") {
        Some(hidden) => hidden.strip_prefix('.')?,
        None => name.strip_suffix(".nextcloud").or_else(|| name.strip_suffix(".owncloud"))?,
    };
    (!note.is_empty() && note != "." && note != "..").then_some(note)
}

#[cfg(test)]
mod tests {
    use super::stands_for;

    #[test]
    fn placeholders_are_told_from_other_files() {
        assert_eq!(stands_for(".a.md.icloud"), Some("a.md"));
        assert_eq!(stands_for("..hidden.md.icloud"), Some(".hidden.md"));
        assert_eq!(stands_for("a.md.nextcloud"), Some("a.md"));
        assert_eq!(stands_for("a.md.owncloud"), Some("a.md"));
        for other in
            ["a.md", "a.md.icloud", ".icloud", "..icloud", "...icloud", ".nextcloud", "icloud", ".a.md"]
        {
            assert_eq!(stands_for(other), None, "{other}");
        }
    }
}
