//! The addresses of notes: `qsearch://root/path`.

/// What they begin with.
pub(super) const SCHEME: &str = "qsearch://";

/// The name of a note, `root/path`, in its address.
pub(super) fn name_in(address: &str) -> Option<String> {
    decoded(address.strip_prefix(SCHEME)?)
}

/// A text without percent-encoding; `None` if what comes out isn't one.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let [high, low] = [rest.next()?, rest.next()?].map(|digit| char::from(digit).to_digit(16));
        bytes.push((high? * 16 + low?) as u8);
    }
    String::from_utf8(bytes).ok()
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
