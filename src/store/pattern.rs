//! Patterns of tags and of values of properties: what a filter names, and what of a note fits it.

use crate::words::fold;

/// A tag and those below it: `project` is the tag of `project/atlas` as well.
///
/// `project/*` means those below it alone, and `proj*` all that begin so.
#[derive(Debug)]
pub(super) struct TagPattern {
    /// The tag itself.
    whole: Option<String>,
    /// What others begin with.
    begin: String,
}

impl TagPattern {
    /// Reads a tag as it is typed, with `#` or without it, in any case.
    pub(super) fn new(typed: &str) -> Self {
        let name = typed.trim().trim_start_matches('#').to_lowercase();
        if let Some(begin) = name.strip_suffix('*') {
            return Self { whole: None, begin: begin.trim_end_matches('*').to_owned() };
        }
        let name = name.trim_end_matches('/');
        Self { whole: Some(name.to_owned()), begin: format!("{name}/") }
    }

    /// The tag itself, if that fits.
    pub(super) fn whole(&self) -> Option<&str> {
        self.whole.as_deref()
    }

    /// What all others begin with that fit.
    pub(super) fn begin(&self) -> &str {
        &self.begin
    }

    /// Whether a tag in lower case fits.
    #[cfg(any(test, feature = "postgres"))]
    pub(super) fn fits(&self, tag: &str) -> bool {
        self.whole() == Some(tag) || tag.starts_with(self.begin())
    }
}

/// Words in a row of a value of a property, without regard to case and accents, or the whole value if it has no words. The
/// last word may be a beginning, with `*` behind it.
#[derive(Debug)]
pub(super) struct ValuePattern {
    typed: String,
    words: Vec<String>,
    /// Whether the last word is a beginning.
    open: bool,
}

impl ValuePattern {
    /// Reads a value as it is typed.
    pub(super) fn new(typed: &str) -> Self {
        let typed = typed.trim();
        Self { words: words(typed), open: typed.ends_with('*'), typed: typed.to_lowercase() }
    }

    /// Whether a value fits.
    pub(super) fn fits(&self, value: &str) -> bool {
        let Some((last, rest)) = self.words.split_last() else {
            return value.trim().to_lowercase() == self.typed;
        };
        let ends = |word: &String| if self.open { word.starts_with(last) } else { word == last };
        words(value)
            .windows(self.words.len())
            .any(|window| window.starts_with(rest) && window.last().is_some_and(ends))
    }
}

/// The words of a text, folded.
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_finds_its_children() {
        for (typed, fitting, other) in [
            (
                "project",
                &["project", "project/atlas", "project/atlas/x"][..],
                &["projects", "my/project"][..],
            ),
            ("#Project/", &["project", "project/atlas"], &["projects"]),
            ("project/*", &["project/atlas"], &["project", "projects"]),
            ("project/**", &["project/atlas"], &["project"]),
            ("proj*", &["project", "project/atlas", "projects"], &["pro"]),
            ("ml/ops", &["ml/ops", "ml/ops/k8s"], &["ml", "ml/opsec"]),
            ("two words", &["two words"], &["two", "two-words"]),
            ("AÑO", &["año"], &["ano"]),
            ("🔥", &["🔥", "🔥/x"], &["🔥🔥"]),
        ] {
            let pattern = TagPattern::new(typed);
            assert!(fitting.iter().all(|tag| pattern.fits(tag)), "{typed}");
            assert!(!other.iter().any(|tag| pattern.fits(tag)), "{typed}");
        }
    }

    #[test]
    fn words_of_a_value_are_enough() {
        for (typed, fitting, other) in [
            ("blocked", &["blocked", "Blocked by legal"][..], &["unblocked", ""][..]),
            ("Le Guin", &["ursula k. le guin", "[[Le Guin]]"], &["guin le", "le x guin"]),
            ("kim", &["kim", "@kim", "kim larsen"], &["kimberly"]),
            ("in-progress", &["in progress", "in-progress"], &["in", "progress in"]),
            ("in prog*", &["in progress", "in-progress"], &["in", "prog"]),
            ("4.5", &["4.5", "4.5 of 5"], &["45", "4,x,5"]),
            ("2024-05", &["2024-05-01"], &["2024"]),
            ("true", &["true"], &["false"]),
            ("jose", &["josé"], &["joseph"]),
            ("🔥", &["🔥"], &["🔥🔥", "x"]),
            ("*", &["*"], &["x"]),
        ] {
            let pattern = ValuePattern::new(typed);
            assert!(fitting.iter().all(|value| pattern.fits(value)), "{typed}");
            assert!(!other.iter().any(|value| pattern.fits(value)), "{typed}");
        }
    }
}
