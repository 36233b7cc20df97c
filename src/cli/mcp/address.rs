//! The addresses of notes: `qsearch://root/path`.

use super::super::percent;

/// What they begin with.
pub(super) const SCHEME: &str = "qsearch://";

/// The name of a note, `root/path`, in its address.
pub(super) fn name_in(address: &str) -> Option<String> {
    percent::decoded(address.strip_prefix(SCHEME)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_names() {
        assert_eq!(name_in("qsearch://notes/a/b.md").as_deref(), Some("notes/a/b.md"));
        assert_eq!(name_in("qsearch://my%20notes/%C3%A4%2Fb.md").as_deref(), Some("my notes/ä/b.md"));
        for other in ["notes/a.md", "file:///etc/passwd", "qsearch://a%2", "qsearch://a%zz", "qsearch://a%ff"]
        {
            assert_eq!(name_in(other), None, "{other}");
        }
    }
}
