//! The token of a server that others reach: made once, kept in a file of the user's alone, compared in constant time.

use std::fmt::{self, Write as _};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use qsearch::error::Error;
use qsearch::files::{self, Links};
use qsearch::owner;
use qsearch::sys;
use subtle::ConstantTimeEq;
use tokio_rustls::rustls::crypto::ring;

use super::super::environment::Environment;
use super::super::trust::make_private;
use super::super::{Failure, hint};

/// How many random bytes a token has.
const BYTES: usize = 32;
/// No token is shorter.
const LEAST: usize = 32;
/// No file of a token is larger.
const MOST_BYTES: u64 = 4096;

/// What whoever asks must know.
pub(super) struct Token(String);

/// It is never printed by mistake.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// Whether this is the token. Takes as long whatever of it is right.
    pub(super) fn is(&self, given: &str) -> bool {
        // Its length is no secret.
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// The token itself, to be shown when it is made.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

/// Where the token is kept, unless somebody says otherwise.
pub(super) fn place(environment: &Environment) -> Result<PathBuf, Failure> {
    let state = environment.state_home.as_ref();
    let none = || Failure::refused("there is no place for the token: HOME isn't set", hint::serve::NO_STATE);
    state.map(|state| state.join("qsearch/serve-token")).ok_or_else(none)
}

/// Reads the token in a file, or makes both, and says whether it did.
pub(super) fn open(file: &Path, environment: &Environment) -> Result<(Token, bool), Failure> {
    match files::read_at(file, Links::Follow, MOST_BYTES) {
        Ok(bytes) => read(file, &bytes, environment).map(|token| (token, false)),
        Err(error) if error.kind() == ErrorKind::NotFound => make(file).map(|token| (token, true)),
        Err(error) => Err(Error::io("read", file)(error).into()),
    }
}

/// The token in a file, if nobody else can have read or written it.
fn read(file: &Path, bytes: &[u8], environment: &Environment) -> Result<Token, Failure> {
    let refused = |why: &str, hint| Failure::refused(format!("{} {why}", file.display()), hint);
    if owner::foreign(file, environment.around.sudo_user).is_some() {
        return Err(refused("belongs to another user", hint::serve::TOKEN_FILE));
    }
    if sys::is_open_to_others(&file.metadata().map_err(Error::io("read", file))?) {
        return Err(refused("can be read or written by others", hint::serve::TOKEN_MODE));
    }
    let text = std::str::from_utf8(bytes).unwrap_or_default().trim();
    if text.len() < LEAST || !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(refused("holds no token", hint::serve::TOKEN_FILE));
    }
    Ok(Token(text.to_owned()))
}

/// Makes a token and the file that keeps it.
fn make(file: &Path) -> Result<Token, Failure> {
    let mut bytes = [0; BYTES];
    let random = ring::default_provider().secure_random;
    let failed = |_| Failure::refused("the system has no random numbers for a token", hint::serve::NO_STATE);
    random.fill(&mut bytes).map_err(failed)?;
    let text = bytes.iter().fold(String::new(), |mut text, byte| {
        // A text takes all that is written.
        write!(text, "{byte:02x}").unwrap_or_default();
        text
    });
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_private(folder).map_err(Error::io("make", folder))?;
    }
    let mut options = OpenOptions::new();
    let mut new = sys::private_file(options.write(true).create_new(true))
        .open(file)
        .map_err(Error::io("write", file))?;
    new.write_all(format!("{text}\n").as_bytes()).map_err(Error::io("write", file))?;
    Ok(Token(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_made_once_and_is_the_users_alone() {
        let at = tempfile::tempdir().unwrap();
        let file = at.path().join("state/token");
        let (made, new) = open(&file, &Environment::default()).unwrap();
        assert!(new && made.reveal().len() == 2 * BYTES);
        let (read, new) = open(&file, &Environment::default()).unwrap();
        assert!(!new && read.is(made.reveal()));
        assert!(
            !read.is("")
                && !read.is(&made.reveal()[1..])
                && !read.is(&made.reveal().to_uppercase().replace('A', "b"))
        );
        assert_eq!(format!("{read:?}"), "Token(…)");
    }

    #[cfg(unix)]
    #[test]
    fn what_others_can_read_or_nobody_can_use_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let at = tempfile::tempdir().unwrap();
        let file = at.path().join("token");
        for (text, mode) in
            [(&"x".repeat(40)[..], 0o644), ("short", 0o600), ("", 0o600), (&"ä".repeat(40), 0o600)]
        {
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(open(&file, &Environment::default()).is_err(), "{text} {mode:o}");
        }
    }
}
