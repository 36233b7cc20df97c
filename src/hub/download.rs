//! One file of a repository, from the hub to the disk.
//!
//! What has come stands in `NAME.part`, and in `NAME.version` what its server calls it, so that a later run has the rest
//! sent. A file gets its name when it is whole and has the checksum that the hub says.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::http::Http;
use super::transfer::{Fault, Head, Part, Request, Transfer};
use super::watcher::{HubEvent, HubWatcher};
use crate::error::{Error, HubError, Result};

/// How often in a row a connection may be lost without a new byte.
const MOST_VAIN: u32 = 2;
/// How long to wait before the next one, the first time; twice as long each time.
const PAUSE: Duration = Duration::from_millis(500);

/// A file that is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubFile {
    /// Its path in the repository.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits. Of large files, it is what the hub says.
    pub sha256: String,
}

/// What downloads files of one repository.
pub(super) struct Downloader<'a> {
    pub(super) http: Http,
    /// The address of the hub.
    pub(super) server: &'a str,
    /// The repository's name.
    pub(super) repository: String,
    /// Where its files go.
    pub(super) folder: PathBuf,
    /// The commit that all files are of, once it is known.
    pub(super) commit: Option<String>,
    pub(super) watcher: &'a dyn HubWatcher,
}

/// The rest of a file, as it comes.
struct Rest {
    head: Head,
    transfer: Transfer,
}

/// Why a file didn't come at once.
enum Setback {
    /// Another connection may do.
    Lost(String),
    /// None will.
    Fatal(Error),
}

impl From<Error> for Setback {
    fn from(error: Error) -> Self {
        Self::Fatal(error)
    }
}

impl Downloader<'_> {
    /// Downloads a file, if the repository has it and it has no more than `most` bytes.
    pub(super) fn file(&mut self, name: &str, most: u64) -> Result<Option<HubFile>> {
        let path = self.folder.join(name);
        if path.is_file() {
            let (bytes, sha256) = self.checksum(name, &path)?;
            return Ok(Some(HubFile { name: name.to_owned(), bytes, sha256 }));
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        }
        let part = beside(&path, ".part");
        let mut vain = 0;
        loop {
            let before = length(&part);
            let why = match self.once(name, &path, most) {
                Ok(file) => return Ok(file),
                Err(Setback::Fatal(error)) => return Err(error),
                Err(Setback::Lost(why)) => why,
            };
            let got = length(&part);
            vain = if got > before { 0 } else { vain + 1 };
            if vain > MOST_VAIN {
                return Err(HubError::Cut { file: name.to_owned(), got, why }.into());
            }
            self.watcher.on(HubEvent::Again { why: &why });
            self.pause(PAUSE * 2_u32.pow(vain), name, got)?;
        }
    }

    /// Tries it with one connection.
    fn once(&mut self, name: &str, path: &Path, most: u64) -> Result<Option<HubFile>, Setback> {
        let (part, version) = (beside(path, ".part"), beside(path, ".version"));
        let known = fs::read_to_string(&version).ok().filter(|known| !known.is_empty());
        let from = if known.is_some() { length(&part) } else { 0 };
        let Some(rest) = self.begin(name, from, known)? else { return Ok(None) };
        let Some(begun) = begun(name, from, &rest.head, most)? else {
            // What is here is not a part of what would come.
            for file in [&part, &version] {
                remove(file)?;
            }
            return Err(Setback::Lost("what was here was of another version".to_owned()));
        };
        // It is noted what the part is of before there is one.
        fs::write(&version, rest.head.version.as_deref().unwrap_or_default())
            .map_err(Error::io("write", &version))?;
        let whole = rest.head.whole();
        self.watcher.on(HubEvent::File { name, got: begun, all: whole });
        let mut options = OpenOptions::new();
        options.create(true).append(begun > 0).write(true).truncate(begun == 0);
        let file = options.open(&part).map_err(Error::io("write", &part))?;
        let got =
            self.receive(name, &rest.transfer, (file, &part), begun, whole.unwrap_or(most).min(most))?;
        if let Some(all) = whole.filter(|all| got < *all) {
            return Err(Setback::Lost(format!("{} bytes are missing", all - got)));
        }
        let (bytes, sha256) = self.checksum(name, &part)?;
        let expected = rest.head.tag.filter(|tag| is_sha256(tag));
        if let Some(expected) = expected.filter(|expected| *expected != sha256) {
            for file in [&part, &version] {
                remove(file)?;
            }
            let file = name.to_owned();
            return Err(Setback::Fatal(HubError::Checksum { file, expected, found: sha256 }.into()));
        }
        fs::rename(&part, path).map_err(Error::io("write", path))?;
        remove(&version)?;
        Ok(Some(HubFile { name: name.to_owned(), bytes, sha256 }))
    }

    /// Asks for a file from a byte on, and looks at what stands before it. `None` if the repository doesn't have it.
    fn begin(&mut self, name: &str, from: u64, version: Option<String>) -> Result<Option<Rest>, Setback> {
        let revision = self.commit.as_deref().unwrap_or("main");
        let url = format!("{}/{}/resolve/{revision}/{name}", self.server, self.repository);
        let transfer = self.http.send(Request { url, from, version })?;
        let Part::Head(head) = self.next(name, from, &transfer)? else {
            return Err(Setback::Lost("it says nothing".to_owned()));
        };
        let no_model =
            || HubError::NoModel { server: self.server.to_owned(), repository: self.repository.clone() };
        let refused =
            |status| HubError::Status { server: self.server.to_owned(), file: name.to_owned(), status };
        let changed = || HubError::Changed { repository: self.repository.clone() };
        match (head.status, head.code.as_deref()) {
            (200 | 206, _) => {}
            (404, None | Some("EntryNotFound")) => return Ok(None),
            (404, Some("RevisionNotFound")) if self.commit.is_some() => {
                return Err(Setback::Fatal(changed().into()));
            }
            (401 | 403 | 404, _) => return Err(Setback::Fatal(no_model().into())),
            (408 | 429 | 500..=599, _) => {
                return Err(Setback::Lost(format!("its server answers with {}", head.status)));
            }
            // The part is longer than the file.
            (416, _) => return Ok(Some(Rest { head, transfer })),
            (status, _) => return Err(Setback::Fatal(refused(status).into())),
        }
        let commit = head.commit.as_ref().filter(|commit| is_commit(commit));
        match (&self.commit, commit) {
            (Some(known), Some(commit)) if known != commit => {
                return Err(Setback::Fatal(changed().into()));
            }
            (None, Some(commit)) => self.commit = Some(commit.clone()),
            _ => {}
        }
        Ok(Some(Rest { head, transfer }))
    }

    /// Writes what comes; how many bytes the file has then.
    fn receive(
        &self,
        name: &str,
        transfer: &Transfer,
        (mut file, part): (File, &Path),
        begun: u64,
        most: u64,
    ) -> Result<u64, Setback> {
        let mut got = begun;
        loop {
            let Part::Bytes(bytes) = self.next(name, got, transfer)? else { return Ok(got) };
            if got + bytes.len() as u64 > most {
                return Err(Setback::Fatal(HubError::TooLarge { file: name.to_owned(), most }.into()));
            }
            file.write_all(&bytes).map_err(Error::io("write", part))?;
            got += bytes.len() as u64;
            self.watcher.on(HubEvent::Got { bytes: bytes.len() as u64 });
        }
    }

    /// The next part of what comes.
    fn next(&self, name: &str, got: u64, transfer: &Transfer) -> Result<Part, Setback> {
        let file = || name.to_owned();
        transfer.next(&|| self.watcher.cancelled()).map_err(|fault| match fault {
            Fault::Lost(why) => Setback::Lost(why),
            Fault::Absent(why) => {
                Setback::Fatal(HubError::Absent { server: self.server.to_owned(), why }.into())
            }
            Fault::Bad(what) => Setback::Fatal(HubError::BadReply { file: file(), what }.into()),
            Fault::Stopped => Setback::Fatal(HubError::Interrupted { file: file(), got }.into()),
        })
    }

    /// Waits before the next try, unless the user stops it.
    fn pause(&self, pause: Duration, name: &str, got: u64) -> Result<()> {
        const BEAT: Duration = Duration::from_millis(50);
        let mut left = pause;
        while !left.is_zero() {
            if self.watcher.cancelled() {
                return Err(HubError::Interrupted { file: name.to_owned(), got }.into());
            }
            thread::sleep(left.min(BEAT));
            left = left.saturating_sub(BEAT);
        }
        Ok(())
    }

    /// How many bytes a file has, and its checksum.
    fn checksum(&self, name: &str, path: &Path) -> Result<(u64, String)> {
        self.watcher.on(HubEvent::Checking { name });
        let mut file = File::open(path).map_err(Error::io("read", path))?;
        let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 20]);
        loop {
            let read = match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::io("read", path)(error)),
            };
            if self.watcher.cancelled() {
                return Err(HubError::Interrupted { file: name.to_owned(), got: length(path) }.into());
            }
            hash.update(&buffer[..read]);
            bytes += read as u64;
        }
        let hex = hash.finalize().iter().fold(String::new(), |mut hex, byte| {
            // Writing to a text can't fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Ok((bytes, hex))
    }
}

/// With which byte what comes begins: 0, or `from`. `None` if what is here has to go.
fn begun(name: &str, from: u64, head: &Head, most: u64) -> Result<Option<u64>> {
    let file = name.to_owned();
    let begun = match (head.status, head.from) {
        (200, _) => 0,
        (206, Some(begun)) if begun == from => from,
        _ => return Ok(None),
    };
    if head.whole().is_some_and(|whole| whole > most) {
        return Err(HubError::TooLarge { file, most }.into());
    }
    let sent = head.length.map(|length| begun + length);
    if sent.is_some_and(|sent| head.size.is_some_and(|size| size != sent)) {
        let what = "its server has another size than the hub says".to_owned();
        return Err(HubError::BadReply { file, what }.into());
    }
    Ok(Some(begun))
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// How many bytes a file has; 0 if it isn't there.
fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

/// A path with something behind its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Whether a tag is a SHA-256; those of small files are checksums of another kind.
fn is_sha256(tag: &str) -> bool {
    tag.len() == 64 && tag.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Whether a text is the name of a commit, which goes into addresses and a file.
pub(super) fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
