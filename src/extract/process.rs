//! Readers in a process of their own, so that no file harms more than that process.
//!
//! What takes too much memory or time, or makes a reader crash, ends the process; its caller learns why, and the next file
//! gets a new one. A process reads many files, one after the other: each is sent as two frames, the reader's name and the
//! file, and answered with one, in JSON. The process limits itself ([`serve`]); whoever starts it bounds the time on the
//! wall and the length of what comes back.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{Content, Damaged, limits, read_file};
use crate::format::Extractor;
use crate::sys::{self, Ending};

/// No file takes longer, by the clock on the wall; a busy machine has time to give it its CPU time.
const MOST_TIME: Duration = Duration::from_mins(2);

/// How often a caller is asked whether to go on.
const PATIENCE: Duration = Duration::from_millis(50);

/// No answer has more bytes: twice the most text that there is, escaped.
const MOST_ANSWER: u64 = 256 << 20;

/// No more is kept of what a process complains of, in bytes.
const MOST_COMPLAINT: u64 = 4096;

/// What Rust's standard library says before it gives up for want of memory.
const NO_MEMORY: &str = "memory allocation of";

/// How a process is started that calls [`serve`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// Why there is nothing of a file.
#[derive(Debug)]
pub enum Failure {
    /// The file can't be read, for this reason.
    Damaged(Damaged),
    /// Reading it failed for a reason that isn't the file's: another time it may be read.
    Failed(String),
    /// No process can be started.
    NoProcess(io::Error),
    /// The caller doesn't want it any more.
    Cancelled,
}

/// Reads files in a process of its own, which is started when it is first needed; without a [`Launch`], in this one.
#[derive(Debug)]
pub struct Readers {
    launch: Option<Launch>,
    running: Option<Running>,
}

impl Readers {
    /// Readers in processes that are started like this.
    pub fn new(launch: Option<Launch>) -> Self {
        Self { launch, running: None }
    }

    /// Makes Markdown of a file's bytes, as [`extract`](super::extract()) does. `cancelled` is asked all the while.
    ///
    /// # Errors
    ///
    /// [`Failure`] if nothing comes of it.
    pub fn read(
        &mut self,
        extractor: Extractor,
        file: Vec<u8>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Content, Failure> {
        if self.launch.is_none() || !extractor.needs_process() {
            return read_file(extractor, &file).map_err(Failure::Damaged);
        }
        let file = Arc::new(file);
        loop {
            let is_fresh = self.running.is_none();
            let answer = self.ask(extractor, &file, cancelled);
            // What was left behind by the files before may be to blame.
            if is_fresh
                || !matches!(answer, Err(Failure::Damaged(_) | Failure::Failed(_)))
                || self.running.is_some()
            {
                return answer;
            }
        }
    }

    /// Has a file read in the process that is there, or in a new one.
    fn ask(
        &mut self,
        extractor: Extractor,
        file: &Arc<Vec<u8>>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Content, Failure> {
        let Some(launch) = &self.launch else { return Err(Failure::Cancelled) };
        let running = match &mut self.running {
            Some(running) => running,
            free => free.insert(Running::start(launch).map_err(Failure::NoProcess)?),
        };
        let answer = running.ask(extractor, file, cancelled);
        let end = match answer.map(|answer| serde_json::from_slice::<Result<Content, String>>(&answer)) {
            Ok(Ok(answer)) => return answer.map_err(|why| Failure::Damaged(Damaged(why))),
            // What it says next may be about another file.
            Ok(Err(_)) => End::Nonsense,
            // Who stops the program stops its processes too.
            Err(End::Gone) if cancelled() => End::Cancelled,
            Err(end) => end,
        };
        Err(self.running.take().map_or(Failure::Cancelled, |running| running.end(&end)))
    }
}

/// Why a process gives no answer.
#[derive(Debug)]
enum End {
    /// It is gone.
    Gone,
    /// It takes too long.
    TooLong,
    /// Its answer is too long.
    TooMuch,
    /// Its answer makes no sense.
    Nonsense,
    /// Nobody wants the answer.
    Cancelled,
}

/// A process that reads files, and the thread that talks to it.
#[derive(Debug)]
struct Running {
    child: Child,
    complaints: Option<ChildStderr>,
    files: Option<Sender<(Extractor, Arc<Vec<u8>>)>>,
    answers: Receiver<Result<Vec<u8>, End>>,
}

impl Running {
    fn start(launch: &Launch) -> io::Result<Self> {
        let mut command = Command::new(&launch.program);
        sys::set_apart(&mut command);
        let mut child = command
            .args(&launch.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let complaints = child.stderr.take();
        let (to_process, files) = channel::<(Extractor, Arc<Vec<u8>>)>();
        let (to_caller, answers) = channel();
        let mut running = Self { child, complaints, files: Some(to_process), answers };
        let talk = move || {
            let (Some(mut stdin), Some(mut stdout)) = (stdin, stdout) else { return };
            for (extractor, file) in files {
                let sent = hand_over(&mut stdin, extractor, &file);
                drop(file);
                let answer = sent.and_then(|()| answer(&mut stdout));
                if to_caller.send(answer).is_err() {
                    return;
                }
            }
        };
        if let Err(error) = thread::Builder::new().name("reader".into()).spawn(talk) {
            running.kill();
            return Err(error);
        }
        Ok(running)
    }

    /// Has one file read.
    fn ask(
        &mut self,
        extractor: Extractor,
        file: &Arc<Vec<u8>>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Vec<u8>, End> {
        let began = Instant::now();
        let sent = self.files.as_ref().map(|files| files.send((extractor, Arc::clone(file))));
        if !matches!(sent, Some(Ok(()))) {
            return Err(End::Gone);
        }
        loop {
            match self.answers.recv_timeout(PATIENCE) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => return Err(End::Gone),
                Err(RecvTimeoutError::Timeout) if cancelled() => return Err(End::Cancelled),
                Err(RecvTimeoutError::Timeout) if began.elapsed() > MOST_TIME => return Err(End::TooLong),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Ends the process, and says why there is nothing of the file.
    fn end(mut self, end: &End) -> Failure {
        let damaged = |why: &str| Failure::Damaged(Damaged(why.to_owned()));
        match end {
            End::Cancelled => Failure::Cancelled,
            End::TooLong => {
                Failure::Failed(format!("reading it takes more than {} seconds", MOST_TIME.as_secs()))
            }
            End::TooMuch => damaged("it unpacks to too much text"),
            End::Nonsense => damaged("its reader gave no answer that makes sense"),
            End::Gone => {
                let Some(status) = self.last_words() else { return damaged("its reader crashed") };
                let mut complaint = Vec::new();
                if let Some(complaints) = self.complaints.take() {
                    // What it said last is of use only if it can be read.
                    drop(complaints.take(MOST_COMPLAINT).read_to_end(&mut complaint));
                }
                death(status, &String::from_utf8_lossy(&complaint))
            }
        }
    }

    /// How the process ended, if it has ended by itself; it closes what it writes to a moment earlier.
    fn last_words(&mut self) -> Option<ExitStatus> {
        for _ in 0..100 {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            thread::sleep(Duration::from_millis(10));
        }
        None
    }

    /// Ends the process, whatever it is doing.
    fn kill(&mut self) {
        // It may have gone by itself; and then there is nothing to wait for either.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.files = None;
        self.kill();
    }
}

/// What it means for a file that the process died which read it.
fn death(status: ExitStatus, complaint: &str) -> Failure {
    let damaged = |why: String| Failure::Damaged(Damaged(why));
    if complaint.contains(NO_MEMORY) {
        let most = crate::error::size(limits::MOST_MEMORY);
        return damaged(format!("reading it takes more than {most} of memory"));
    }
    match sys::ending(status) {
        Ending::OutOfTime => {
            damaged(format!("reading it takes more than {} seconds", limits::MOST_CPU_SECONDS))
        }
        Ending::Ended => Failure::Failed(format!("the process that read it was ended ({status})")),
        Ending::Itself => damaged(format!("its reader crashed ({status})")),
    }
}

/// Sends a file.
fn hand_over(stdin: &mut impl Write, extractor: Extractor, file: &[u8]) -> Result<(), End> {
    let name = serde_json::to_vec(&extractor).map_err(|_| End::Gone)?;
    let sent = send(stdin, &name).and_then(|()| send(stdin, file)).and_then(|()| stdin.flush());
    sent.map_err(|_| End::Gone)
}

/// Waits for the answer.
fn answer(stdout: &mut impl Read) -> Result<Vec<u8>, End> {
    match receive(stdout, MOST_ANSWER) {
        Ok(Some(answer)) => Ok(answer),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(End::TooMuch),
        Ok(None) | Err(_) => Err(End::Gone),
    }
}

/// Reads files from `input` and answers on `output` until there are no more, in a process that has nothing else to do.
///
/// The process gives itself limits for the time and the memory that a file may take, where the system knows such limits;
/// what exceeds them ends the process.
///
/// # Errors
///
/// When the input ends in the middle of a file, or nobody listens any more.
pub fn serve(mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    sys::limit_memory(limits::MOST_MEMORY);
    // What a panic says is in the answer.
    std::panic::set_hook(Box::new(|_| {}));
    while let Some(name) = receive(&mut input, 256)? {
        let extractor: Extractor = serde_json::from_slice(&name)?;
        let file = receive(&mut input, u64::MAX)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        sys::limit_time(limits::MOST_CPU_SECONDS);
        let content = read_apart(extractor, file)?;
        send(&mut output, &serde_json::to_vec(&content.map_err(|Damaged(why)| why))?)?;
        output.flush()?;
    }
    Ok(())
}

/// Reads a file on a thread with much room for its stack.
fn read_apart(extractor: Extractor, file: Vec<u8>) -> io::Result<Result<Content, Damaged>> {
    let reader = thread::Builder::new().stack_size(limits::STACK);
    let reading = reader.spawn(move || read_file(extractor, &file))?;
    Ok(reading.join().unwrap_or_else(|_| Err(Damaged("its reader failed".into()))))
}

/// Writes a frame: the number of bytes, and the bytes.
fn send(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(&(bytes.len() as u64).to_le_bytes())?;
    to.write_all(bytes)
}

/// Reads a frame of at most `most` bytes; nothing, if there are no more.
fn receive(from: &mut impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    match from.read(&mut length[..1])? {
        0 => return Ok(None),
        _ => from.read_exact(&mut length[1..])?,
    }
    let length = u64::from_le_bytes(length);
    if length > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    // A length that isn't true costs no more than the bytes that come.
    let _reserved = bytes.try_reserve_exact(length.min(MOST_ANSWER) as usize);
    if from.take(length).read_to_end(&mut bytes)? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_answered_one_after_the_other() {
        let mut input = Vec::new();
        for file in
            [&br##"{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "# Owls"}]}"##[..], b"x"]
        {
            send(&mut input, &serde_json::to_vec(&Extractor::Notebook).unwrap()).unwrap();
            send(&mut input, file).unwrap();
        }
        let mut requests = &input[..];
        let mut answers = Vec::new();
        while let Some(name) = receive(&mut requests, 256).unwrap() {
            let extractor: Extractor = serde_json::from_slice(&name).unwrap();
            let file = receive(&mut requests, u64::MAX).unwrap().unwrap();
            answers.push(read_apart(extractor, file).unwrap());
        }
        assert!(matches!(&answers[0], Ok(Content::Note(note)) if note.text == "# Owls\n"));
        assert_eq!(answers[1], Err(Damaged("it is no JSON object".into())));
    }

    #[test]
    fn frames_are_read_whole_or_not_at_all() {
        let mut frame = Vec::new();
        send(&mut frame, b"owls").unwrap();
        assert_eq!(receive(&mut &frame[..], 4).unwrap().as_deref(), Some(&b"owls"[..]));
        assert_eq!(receive(&mut &frame[..], 3).unwrap_err().kind(), io::ErrorKind::InvalidData);
        for cut in 1..frame.len() {
            assert_eq!(receive(&mut &frame[..cut], 4).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        }
        assert!(receive(&mut &b""[..], 4).unwrap().is_none());
    }

    #[test]
    #[cfg(unix)]
    fn a_process_that_dies_or_says_nonsense_costs_one_file() {
        let of = |script: &str| Launch { program: "sh".into(), arguments: vec!["-c".into(), script.into()] };
        let why = |script: &str| {
            let mut readers = Readers::new(Some(of(script)));
            match readers.read(Extractor::Pdf, b"%PDF-".to_vec(), &|| false) {
                Err(Failure::Damaged(Damaged(why))) => why,
                other => panic!("{other:?}"),
            }
        };
        assert!(why("exit 3").starts_with("its reader crashed (exit status: 3)"), "{}", why("exit 3"));
        assert_eq!(why("kill -XCPU $$"), "reading it takes more than 20 seconds");
        let memory = why("echo 'memory allocation of 5 bytes failed' >&2; kill -ABRT $$");
        assert_eq!(memory, "reading it takes more than 1.0 GiB of memory");
        assert_eq!(
            why("printf '\\377\\377\\377\\377\\377\\377\\377\\377'; exec cat"),
            "it unpacks to too much text"
        );
        let mut readers = Readers::new(Some(of("exec sleep 60")));
        let stopped = readers.read(Extractor::Pdf, Vec::new(), &|| true);
        assert!(matches!(stopped, Err(Failure::Cancelled)));
        let mut readers = Readers::new(Some(of("kill -TERM $$")));
        let ended = readers.read(Extractor::Pdf, Vec::new(), &|| false);
        assert!(matches!(ended, Err(Failure::Failed(_))), "{ended:?}");
        let none = Launch { program: "/nonexistent".into(), arguments: Vec::new() };
        let failed = Readers::new(Some(none)).read(Extractor::Pdf, Vec::new(), &|| false);
        assert!(matches!(failed, Err(Failure::NoProcess(_))));
    }
}
