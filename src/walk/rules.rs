//! What do the ignore files of a root leave out?
//!
//! A folder's rules come from its `.qsearchignore`, `.ignore`, `.gitignore` and `.git/info/exclude`. Whatever is in a
//! stronger kind of file wins over a weaker one, within a kind the deeper folder over the one above, and in a file the
//! later line over the earlier.
//!
//! What rules leave out may be private. So a folder isn't entered if one of its ignore files can't be used as a whole:
//! it can't be read, isn't UTF-8, is a link (which git doesn't follow either), a pipe or a device, is too large, or has
//! a line that is no rule. An exception is a line that ends in `\`, which by git's own rules matches nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::error::plain;
use crate::files::{self, Links, Refusal};
use crate::sys::naming;
use crate::words::composed;

use super::Reason;

/// The names of ignore files in their folder, the strongest first.
pub(super) const FILES: [&str; 4] = [".qsearchignore", ".ignore", ".gitignore", EXCLUDE];

/// What git keeps beside a repository. Its `.git` may be a link, or a file that leads to where it is.
pub(super) const EXCLUDE: &str = ".git/info/exclude";

/// The ignore files of a folder and of those above it may have so many bytes together. Compiled, rules take up to a
/// thousand times as much.
const MOST_BYTES: u64 = 256 << 10;

/// How many `{` a rule may have; the library that compiles rules calls itself once for each.
const MOST_BRACES: usize = 64;

/// An error shows no more characters of a rule, and of what is wrong with it.
const MOST_CHARS: usize = 160;

/// The rules of the folders on the way to where a walk stands.
#[derive(Default)]
pub(super) struct Rules {
    folders: Vec<Folder>,
}

/// The rules of one folder, if it has any.
struct Folder {
    /// How many folders are above it.
    depth: usize,
    /// Its path relative to the root.
    path: PathBuf,
    /// How many bytes its ignore files have.
    bytes: u64,
    /// By the kind of file.
    rules: [Option<Gitignore>; FILES.len()],
}

/// What is wrong with a folder's ignore files: each file's name, and the reason.
pub(super) type Wrong = Vec<(&'static str, Reason)>;

impl Rules {
    /// Forgets the rules of the folders that an entry at this depth isn't in.
    pub(super) fn leave(&mut self, depth: usize) {
        self.folders.truncate(self.folders.partition_point(|folder| folder.depth < depth));
    }

    /// Takes up the rules of a folder; says what is wrong with them. If anything is that closes the folder, it must not
    /// be entered.
    pub(super) fn enter(&mut self, root: &Path, path: &Path, depth: usize) -> Wrong {
        let mut folder = Folder { depth, path: path.to_path_buf(), bytes: 0, rules: Default::default() };
        let above: u64 = self.folders.iter().map(|folder| folder.bytes).sum();
        let mut wrong = Vec::new();
        for (kind, name) in FILES.into_iter().enumerate() {
            let rules = match read(root, path, name, MOST_BYTES.saturating_sub(above + folder.bytes)) {
                Ok(None) => continue,
                Ok(Some(content)) => {
                    folder.bytes += content.len() as u64;
                    build(&content)
                }
                Err(error) => Err(Refusal::of(&error).map_or_else(|| plain(&error), |it| it.to_string())),
            };
            match rules {
                Ok((rules, idle)) => {
                    folder.rules[kind] = Some(rules);
                    wrong.extend(idle.into_iter().map(|what| (name, Reason::InvalidRule(what))));
                }
                Err(why) => wrong.push((name, Reason::Closed { rules: name, why })),
            }
        }
        if folder.rules.iter().flatten().any(|rules| !rules.is_empty()) {
            self.folders.push(folder);
        }
        wrong
    }

    /// Whether a file or folder is left out or taken by a rule, and which ignore file has that.
    pub(super) fn decide(&self, path: &Path, is_dir: bool) -> Match<PathBuf> {
        for (kind, name) in FILES.into_iter().enumerate() {
            for folder in self.folders.iter().rev() {
                let Some(rules) = &folder.rules[kind] else { continue };
                let inside = path.strip_prefix(&folder.path).unwrap_or(path);
                match rules.matched(inside, is_dir) {
                    Match::None => {}
                    found => return found.map(|_| folder.path.join(name)),
                }
            }
        }
        Match::None
    }
}

/// The content of an ignore file, if there is such a file; no more than `most` bytes.
fn read(root: &Path, folder: &Path, name: &str, most: u64) -> io::Result<Option<Vec<u8>>> {
    let at = root.join(folder);
    let bytes = if name == EXCLUDE {
        match exclude(&at) {
            Ok(None) => return Ok(None),
            Ok(Some(file)) => files::read_at(&file, Links::Follow, most),
            Err(error) => Err(error),
        }
    } else {
        match fs::symlink_metadata(at.join(name)) {
            Ok(metadata) if metadata.is_dir() => return Ok(None),
            // Opened as notes are, whatever has become of the folders on the way.
            Ok(_) => files::open_below(root, &folder.join(name)).and_then(|file| files::read(&file, most)),
            Err(error) => Err(error),
        }
    };
    match bytes {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if is_absence(&error) => Ok(None),
        // Nothing in the folder can be reached, so there is nothing to leave out.
        Err(_) if at.join(".").metadata().is_err() => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Where the repository of a folder has its own ignore file, if the folder is one: in `.git`, or in what that leads to
/// in a worktree or submodule, as gitrepository-layout(5) says.
fn exclude(folder: &Path) -> io::Result<Option<PathBuf>> {
    let mut git = folder.join(".git");
    fs::symlink_metadata(&git)?;
    if git.is_file() {
        match first_line(&git)?.as_deref().and_then(|line| line.strip_prefix("gitdir: ")) {
            Some(elsewhere) => git = folder.join(elsewhere),
            None => return Ok(None),
        }
    }
    if let Some(common) = first_line(&git.join("commondir"))? {
        git.push(common);
    }
    let file = git.join("info/exclude");
    Ok(Some(file).filter(|file| !file.is_dir()))
}

/// The first line of a file, if there is such a file.
fn first_line(path: &Path) -> io::Result<Option<String>> {
    let bytes = match files::read_at(path, Links::Follow, MOST_BYTES) {
        Err(error) if is_absence(&error) => return Ok(None),
        bytes => bytes?,
    };
    let text = String::from_utf8(bytes).map_err(|_| io::Error::other("what it names isn't UTF-8"))?;
    Ok(text.lines().next().map(str::to_owned))
}

/// Makes the rules of an ignore file ready to be asked. Besides, the lines that match nothing; or why it can't be used.
fn build(content: &[u8]) -> Result<(Gitignore, Vec<String>), String> {
    let text = std::str::from_utf8(content).map_err(|error| {
        let before = &content[..error.valid_up_to()];
        format!("line {} isn't UTF-8", before.split(|&byte| byte == b'\n').count())
    })?;
    let mut builder = builder();
    let mut idle = Vec::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let unusable = |why: &str| format!("line {}: {}", at + 1, shortened(why));
        match without_end(line) {
            Some(line) => add(&mut builder, line).map_err(|why| unusable(&why))?,
            None => idle.push(unusable("a rule that ends in \\ matches nothing")),
        }
    }
    let rules = builder
        .build()
        .map_err(|error| format!("its rules can't be used together: {}", shortened(&error.to_string())))?;
    Ok((rules, idle))
}

/// What makes rules for names as the system takes them. Of letters in either case it knows those of ASCII.
pub(super) fn builder() -> GitignoreBuilder {
    let mut builder = GitignoreBuilder::new("");
    // It never fails.
    drop(builder.case_insensitive(naming().any_case));
    builder
}

/// Adds a line of an ignore file; says what is wrong with it.
pub(super) fn add(builder: &mut GitignoreBuilder, line: &str) -> Result<(), String> {
    if line.starts_with('#') {
        return Ok(());
    }
    if line.matches('{').count() > MOST_BRACES {
        return Err(format!("it has more than {MOST_BRACES} braces"));
    }
    // To git these are classes of characters, to the library the characters themselves.
    if line.contains("[:") && line.contains(":]") {
        return Err("classes like [:space:] aren't known".to_owned());
    }
    let line = if naming().any_form { composed(line) } else { line.into() };
    builder.add_line(None, &line).map(drop).map_err(|error| error.to_string())
}

/// A line without the blanks at its end that aren't escaped; nothing if it ends in a backslash that escapes nothing.
fn without_end(line: &str) -> Option<&str> {
    let rule = line.trim_end();
    let backslashes = rule.len() - rule.trim_end_matches('\\').len();
    if rule.starts_with('#') || backslashes.is_multiple_of(2) {
        return Some(rule);
    }
    line[rule.len()..].starts_with(' ').then(|| &line[..=rule.len()])
}

/// The beginning of a text, on one line.
pub(super) fn shortened(text: &str) -> String {
    let mut chars = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let mut short: String = chars.by_ref().take(MOST_CHARS).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}
