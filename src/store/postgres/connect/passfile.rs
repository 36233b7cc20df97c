//! Passwords in a file of lines `host:port:database:user:password`, as libpq reads it.

use std::path::Path;

use super::secret::Secret;
use crate::sys;

/// What a file of passwords holds, and what is to be said of it.
#[derive(Debug, Default)]
pub(super) struct Passfile {
    text: Secrets,
    /// Why it isn't used, if it isn't and that should be known.
    pub(super) warning: Option<String>,
}

/// The lines of a file of passwords, which nothing prints.
#[derive(Default)]
struct Secrets(String);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Passfile {
    /// Reads a file. One that others may read isn't used, nor is what isn't a file; one that isn't there holds nothing.
    pub(super) fn read(path: &Path) -> Self {
        let Ok(metadata) = std::fs::metadata(path) else { return Self::default() };
        if !metadata.is_file() {
            return Self::refused(path, "it isn't a regular file");
        }
        if sys::is_open_to_others(&metadata) {
            return Self::refused(path, "others than its owner may read it; `chmod 600` keeps it to you");
        }
        match std::fs::read_to_string(path) {
            Ok(text) => Self { text: Secrets(text), warning: None },
            Err(error) => Self::refused(path, &crate::error::plain(&error)),
        }
    }

    /// A file that isn't used.
    fn refused(path: &Path, why: &str) -> Self {
        let warning = Some(format!("the passwords of {} aren't used: {why}", path.display()));
        Self { warning, ..Self::default() }
    }

    /// The password of the first line that is about such a server, database and user.
    pub(super) fn password(&self, host: &str, port: u16, database: &str, user: &str) -> Option<Secret> {
        let port = port.to_string();
        let lines = self.text.0.lines().filter(|line| !line.starts_with('#'));
        let mut found = lines.filter_map(|line| {
            let mut rest = line;
            for wanted in [host, &port, database, user] {
                let (value, after) = field(rest)?;
                if value.as_deref().is_some_and(|value| value != wanted) {
                    return None;
                }
                rest = after;
            }
            // A star is a password like another one.
            let star = || "*".to_owned();
            Some(field(rest).map_or_else(String::new, |(password, _)| password.unwrap_or_else(star)))
        });
        found.next().and_then(Secret::new)
    }
}

/// The first field of a line, `None` for a star, and what follows its colon; nothing if the line is empty.
fn field(line: &str) -> Option<(Option<String>, &str)> {
    if line.is_empty() {
        return None;
    }
    if let Some(after) = line.strip_prefix("*:") {
        return Some((None, after));
    }
    let mut value = String::new();
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            ':' => return Some((Some(value), &line[at + 1..])),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => value.push(c),
        }
    }
    Some((if line == "*" { None } else { Some(value) }, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, host: &str, port: u16, database: &str, user: &str) -> Option<String> {
        let file = Passfile { text: Secrets(text.to_owned()), warning: None };
        file.password(host, port, database, user).map(|secret| secret.reveal().to_owned())
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let text = "# h:5432:d:u:comment\n\nh:5432:d:u:one\nh:*:*:u:two\n*:*:*:*:th\\:r\\\\ee:rest\n";
        assert_eq!(found(text, "h", 5432, "d", "u").as_deref(), Some("one"));
        assert_eq!(found(text, "h", 5433, "d", "u").as_deref(), Some("two"));
        assert_eq!(found(text, "x", 5432, "d", "u").as_deref(), Some("th:r\\ee"));
        assert_eq!(found("h:5432:d:u", "h", 5432, "d", "u"), None);
        assert_eq!(found("h:5432:d:u:", "h", 5432, "d", "u"), None);
        assert_eq!(found("h:5432:d:u:*", "h", 5432, "d", "u").as_deref(), Some("*"));
        assert_eq!(found("*:5432:d:u:x", "\\", 5432, "d", "u").as_deref(), Some("x"));
        assert_eq!(found("\\:\\:1:5432:d:u:x\r\n", "::1", 5432, "d", "u").as_deref(), Some("x"));
        assert_eq!(found("", "h", 5432, "d", "u"), None);
        assert_eq!(found("\\", "h", 5432, "d", "u"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let path = std::env::temp_dir().join(format!("passfile-{}", std::process::id()));
        std::fs::write(&path, "*:*:*:*:hush").unwrap();
        let with_mode = |mode| {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            Passfile::read(&path)
        };
        for mode in [0o640, 0o604, 0o644] {
            let file = with_mode(mode);
            assert!(file.warning.as_ref().unwrap().contains("chmod 600"));
            assert_eq!(file.password("h", 1, "d", "u"), None);
            assert!(!format!("{file:?}").contains("hush"));
        }
        let file = with_mode(0o600);
        assert_eq!(file.warning, None);
        assert_eq!(file.password("h", 1, "d", "u"), Secret::new("hush"));
        assert!(!format!("{file:?}").contains("hush"));
        std::fs::remove_file(&path).unwrap();
        assert!(Passfile::read(&path).warning.is_none());
        assert!(Passfile::read(&std::env::temp_dir()).warning.is_some());
    }
}
