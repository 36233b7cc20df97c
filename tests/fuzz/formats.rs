//! Files of an index that hold anything, with checksums that match, so that what is behind them is reached.

// Each fuzzer uses one of them.
#![allow(dead_code, clippy::allow_attributes, reason = "a fuzzer uses one target of this file")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use qsearch::calendar::Day;
use qsearch::document::{EmbeddedHash, NotePath};
use qsearch::error::Result;
use qsearch::hit::Row;
use qsearch::query::{Filter, Query};
use qsearch::store::{Maintenance, Salvage, Snapshot, Strategy, check};

#[path = "../processes/history.rs"]
#[allow(dead_code, clippy::allow_attributes, reason = "only its indexes are used here")]
mod history;

use self::history::{DIM, History, writer};

/// How many bytes a checksum covers, and how many stand behind all of them.
const BLOCK: usize = 1024;
const TRAILER: usize = 16;
/// An edit of a file takes so many bytes: how, where (u32), what (u32).
const EDIT: usize = 9;

/// A file of an index that may hold anything.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A file of a segment, by its extension.
    Segment(&'static str),
    /// The end of such a file, by which all else is found.
    End(&'static str),
    Table,
    Meta,
}

/// What [`files`] makes of its first byte.
const KINDS: [Kind; 5] =
    [Kind::Segment("vec"), Kind::Segment("win"), Kind::End("vec"), Kind::Table, Kind::Meta];

/// An index of which one of our own files holds anything is refused or read, and written on or not. The first byte of
/// the data chooses the file, the second one of several; the rest are edits.
pub(crate) fn files(data: &[u8]) {
    let [kind, which, edits @ ..] = data else { return };
    let (folder, sound) = (history::folder(), small_index());
    copy(sound, folder.path());
    let kind = KINDS[usize::from(*kind) % KINDS.len()];
    change(folder.path(), kind, usize::from(*which), edits);
    if let Err(error) = ask(folder.path()) {
        let place = folder.path().to_str().expect("a path in Unicode");
        assert!(error.to_string().contains(place), "an error says where: {error}");
    }
    let Ok(mut writer) = writer(folder.path()) else { return };
    let history = History::new(false);
    let written = history.state(4).write(&history.state(3), &mut writer);
    if written.is_ok() && writer.commit(&Maintenance::new(true, &|_| true)).is_ok() {
        let _ = ask(folder.path());
    }
}

/// An index whose manifest has other bytes is refused or read, and so is what remains of it. The first byte of the data
/// says whether the rest are edits of the manifest or all of it.
pub(crate) fn manifest(data: &[u8]) {
    let [whole, edits @ ..] = data else { return };
    let folder = history::folder();
    copy(small_index(), folder.path());
    let meta = folder.path().join("segments/meta.json");
    let sealed = fs::read(&meta).expect("a list of segments");
    let list = &sealed[..sealed.len() - seal_meta(b"").len()];
    let mut list: serde_json::Value = serde_json::from_slice(list).expect("a list of segments");
    let sound = list["payload"].as_str().expect("a manifest").as_bytes();
    let other = if whole.is_multiple_of(4) { edits.to_vec() } else { edited(sound, edits) };
    list["payload"] = String::from_utf8_lossy(&other).into();
    fs::write(&meta, seal_meta(list.to_string().as_bytes())).expect("a changed list");
    if let Some(remains) = Salvage::of(folder.path()) {
        let _ = remains.files(folder.path());
    }
    if let Err(error) = ask(folder.path()) {
        let place = folder.path().to_str().expect("a path in Unicode");
        assert!(error.to_string().contains(place), "an error says where: {error}");
    }
    check(folder.path()).map_or_else(|error| assert!(!error.to_string().is_empty()), drop);
    let Ok(mut writer) = writer(folder.path()) else { return };
    let history = History::new(false);
    if history.state(4).write(&history.state(3), &mut writer).is_ok() {
        let _ = writer.commit(&Maintenance::new(true, &|_| true));
    }
}

/// What [`segments`] makes of its first byte: the files that tantivy writes of a segment.
const SEGMENTS: [&str; 7] = ["store", "term", "idx", "pos", "fieldnorm", "fast", "del"];

/// An index of which one of tantivy's files holds anything is refused or read, and written on or not. The first byte of
/// the data chooses the file, the second one of several; the rest are edits.
pub(crate) fn segments(data: &[u8]) {
    let [kind, which, edits @ ..] = data else { return };
    let (folder, sound) = (history::folder(), worn_index());
    copy(sound, folder.path());
    let path = one_of(
        &folder.path().join("segments"),
        SEGMENTS[usize::from(*kind) % SEGMENTS.len()],
        (*which).into(),
    );
    let whole = fs::read(&path).expect("a file of the index");
    fs::write(&path, seal(damaged(content(&whole), edits))).expect("a changed file");
    let place = folder.path().to_str().expect("a path in Unicode");
    let checked = check(folder.path()).expect("a look at all of the index");
    let asked = ask(folder.path()).and_then(|()| search(folder.path()));
    match asked {
        Err(error) => assert!(error.to_string().contains(place), "an error says where: {error}"),
        Ok(found) if checked.findings.is_empty() => {
            let right = search(sound).expect("what a sound index holds");
            assert_eq!(found, right, "the passages of an index that seems sound");
        }
        Ok(_) => {}
    }
    let Ok(mut writer) = writer(folder.path()) else { return };
    let history = History::new(false);
    let written = history.state(4).write(&history.state(3), &mut writer);
    if written.is_ok() && writer.commit(&Maintenance::new(true, &|_| true)).is_ok() {
        let _ = ask(folder.path()).and_then(|()| search(folder.path()));
    }
}

/// Asks all there is to ask of words; gives all passages.
fn search(dir: &Path) -> Result<Vec<String>> {
    let snapshot = Snapshot::open(dir)?;
    let filters = [
        Filter { paths: vec!["folder[12]".into()], since: Day::new(2000, 1, 1), ..Filter::default() },
        Filter { tags: vec!["tag".into()], before: Day::new(2999, 1, 1), ..Filter::default() },
        Filter::default(),
    ];
    let questions = [
        "granite walrus",
        "\"granite thunder\" -cobweb",
        "granit walruz lantrn",
        "title:note -\"saffron lantern\"",
    ];
    for text in questions {
        let query = Query::parse(text, Day::of(0));
        for filter in &filters {
            let question = snapshot.question(&query, Some(&[1.0; DIM]), filter)?;
            let rows: Vec<Row> = question.search_words(10)?.iter().map(|found| found.row).collect();
            question.look(&rows)?;
            let ids: Vec<_> = snapshot.passages(&rows)?.iter().map(|stored| stored.id).collect();
            snapshot.short_ids(&ids)?;
        }
    }
    let all = snapshot.with_prefix("", 1000)?;
    Ok(all.iter().map(|stored| format!("{stored:?}")).collect())
}

/// The same for the graph and the vectors of an index that is large enough to have one.
pub(crate) fn graph(data: &[u8]) {
    let [kind, edits @ ..] = data else { return };
    let kind = Kind::Segment(if kind % 4 == 0 { "vec" } else { "graph" });
    let dir = large_index();
    let (path, whole) = change(dir, kind, 0, edits);
    // What is wrong with a graph is no fault of the index.
    let asked = ask(dir);
    assert!(asked.is_ok() || matches!(kind, Kind::Segment("vec")), "{asked:?}");
    fs::write(path, whole).expect("the file as it was");
}

/// Asks all there is to ask of vectors and notes. Whatever a file holds, what is found exists.
fn ask(dir: &Path) -> Result<()> {
    let snapshot = Snapshot::open(dir)?;
    snapshot.files()?;
    let since = Filter { since: Day::new(2024, 1, 1), ..Filter::default() };
    let folder = Filter { paths: vec!["folder1".into()], ..Filter::default() };
    let words = Query::words("granite walrus");
    let mut rows: Vec<Row> = Vec::new();
    for seed in 0..3u8 {
        let vector: Vec<f32> = (0..DIM as u8).map(|at| f32::from(at ^ seed) - 3.0).collect();
        for strategy in [Strategy::Fastest, Strategy::Exact, Strategy::Graph { ef_search: 5 }] {
            for filter in [&Filter::default(), &since, &folder] {
                let k = [1, 10, 200][usize::from(seed)];
                let question = snapshot.question(&words, Some(&vector), filter)?.by(strategy);
                let found = question.search_vectors(k)?;
                assert!(found.len() <= k, "no more than was asked for");
                let mut places: Vec<Row> = found.iter().map(|found| found.row).collect();
                places.sort_unstable();
                places.dedup();
                // A graph may lead to a row in two ways, and only its checksum says that it doesn't.
                let is_right = strategy != Strategy::Exact || places.len() == found.len();
                assert!(is_right, "nothing is found twice");
                rows.extend(places.iter().take(5));
            }
        }
    }
    let question = snapshot.question(&words, Some(&[1.0; DIM]), &Filter::default())?;
    rows.extend(question.search_words(10)?.iter().map(|found| found.row));
    question.look(&rows)?;
    snapshot.vectors(&rows)?;
    for stored in snapshot.passages(&rows)? {
        snapshot.vector_of(&EmbeddedHash::of(stored.passage.embedded_text().as_bytes()))?;
    }
    snapshot.passages_of("a", &NotePath::from_encoded("number.md"))?;
    Ok(())
}

/// Changes a file of an index, and makes all checksums match. Gives the file and what it held.
fn change(dir: &Path, kind: Kind, which: usize, edits: &[u8]) -> (PathBuf, Vec<u8>) {
    let segments = dir.join("segments");
    let path = match kind {
        Kind::Segment(extension) | Kind::End(extension) => one_of(&segments, extension, which),
        Kind::Table => one_of(dir, "bin", which),
        Kind::Meta => segments.join("meta.json"),
    };
    let whole = fs::read(&path).expect("a file of the index");
    let changed = match kind {
        Kind::Segment(_) => seal(edited(content(&whole), edits)),
        Kind::End(_) => {
            // The last checksum is that of the end itself.
            let end = whole.len() - TRAILER;
            let mut changed = whole[..end].to_vec();
            let trailer = edited(&whole[end..whole.len() - 4], edits);
            changed.extend_from_slice(&trailer);
            changed.extend_from_slice(&sum_of_end(&trailer));
            changed
        }
        Kind::Table => {
            // Version and checksum stand before the records.
            let records = edited(&whole[5..], edits);
            let sum = crc32fast::hash(&records).to_le_bytes();
            let changed = [&whole[..1], &sum, &records].concat();
            name_table(&segments.join("meta.json"), &whole, &changed);
            changed
        }
        Kind::Meta => seal_meta(&edited(&whole[..whole.len() - 9], edits)),
    };
    fs::write(&path, changed).expect("a changed file");
    (path, whole)
}

/// Some bytes after edits, each of which replaces four bytes or one, cuts the rest off, or adds something.
fn edited(bytes: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for edit in edits.chunks_exact(EDIT).take(50) {
        let number = |at: usize| u32::from_le_bytes([edit[at], edit[at + 1], edit[at + 2], edit[at + 3]]);
        let (how, place, mut value) = (edit[0], number(1) as usize, number(5));
        // Most of what decides stands at the beginning, and most numbers are small.
        let place = place % if how & 1 == 0 { bytes.len().max(1) } else { bytes.len().clamp(1, 160) };
        if how & 2 == 0 {
            value %= 10_000;
        }
        match how >> 2 {
            0..=23 => {
                let at = place & !3;
                bytes.iter_mut().skip(at).zip(value.to_le_bytes()).for_each(|(byte, new)| *byte = new);
            }
            24..=55 => bytes.iter_mut().skip(place).take(1).for_each(|byte| *byte = value as u8),
            56..=59 => bytes.truncate(place),
            _ => bytes.extend(std::iter::repeat_n(value as u8, place % 1000)),
        }
    }
    bytes
}

/// The content of a file of blocks.
fn content(file: &[u8]) -> &[u8] {
    let mut length = [0; 8];
    length.copy_from_slice(&file[file.len() - TRAILER..][..8]);
    &file[..u64::from_le_bytes(length) as usize]
}

/// Some bytes after edits of what tantivy's files are made of: numbers of four and eight bytes and of as many as it takes,
/// most of which stand at the end.
fn damaged(bytes: &[u8], edits: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for edit in edits.chunks_exact(EDIT).take(50) {
        let number = |at: usize| u32::from_le_bytes([edit[at], edit[at + 1], edit[at + 2], edit[at + 3]]);
        let (how, place, value, length) = (edit[0], number(1) as usize, number(5), bytes.len());
        if length == 0 {
            break;
        }
        // What tantivy writes behind each file takes about a hundred bytes.
        let at = match how % 4 {
            0 => place % length,
            1 => place % length.min(100),
            2 => length - 1 - place % length.min(110),
            _ => length - 1 - (100 + place % 200).min(length - 1),
        };
        let number = match value % 10 {
            0 => 0,
            1 => u64::MAX,
            2 => u64::MAX >> 1,
            3 => 1 << 33,
            4 => 1 << 28,
            5 => length as u64,
            6 => length as u64 + 1,
            7 => u64::from(u32::MAX),
            8 => u64::from(value >> 8),
            _ => u64::from(value >> 24),
        };
        let mut put = |new: &[u8]| bytes.iter_mut().skip(at).zip(new).for_each(|(byte, new)| *byte = *new);
        let end = (at + value as usize % 40).min(length);
        match how >> 2 {
            0..=9 => put(&[low(value)]),
            10..=15 => put(&[[0, 1, 127, 128, 255][value as usize % 5]]),
            16..=27 => put(&(number as u32).to_le_bytes()),
            28..=37 => put(&number.to_le_bytes()),
            38..=47 => put(&varint(number)),
            48..=52 => drop(bytes.drain(at..end)),
            53..=57 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            58..=61 => {
                let from = value as usize % length;
                let other = bytes[from..(from + 30).min(length)].to_vec();
                bytes.splice(at..end, other);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

/// The lowest byte of a number.
fn low(value: u32) -> u8 {
    value.to_le_bytes()[0]
}

/// A number in seven bits a byte, the last of which has its highest bit set.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push((number & 127) as u8);
        number >>= 7;
    }
    bytes.push(number as u8 | 128);
    bytes
}

/// Content as a file of blocks: behind it the checksum of each block, and what tells where it ends.
fn seal(content: Vec<u8>) -> Vec<u8> {
    let mut file = content;
    let length = file.len();
    for (number, start) in (0..).zip((0..length).step_by(BLOCK)) {
        let mut hasher = crc32fast::Hasher::new_with_initial(number);
        hasher.update(&file[start..length.min(start + BLOCK)]);
        file.extend_from_slice(&hasher.finalize().to_le_bytes());
    }
    let mut trailer = (length as u64).to_le_bytes().to_vec();
    trailer.extend_from_slice(&1u32.to_le_bytes());
    file.extend_from_slice(&trailer);
    file.extend_from_slice(&sum_of_end(&trailer));
    file
}

fn sum_of_end(trailer: &[u8]) -> [u8; 4] {
    crc32fast::hash(&[b"qsblocks", trailer].concat()).to_le_bytes()
}

/// A list of segments with its last line.
fn seal_meta(list: &[u8]) -> Vec<u8> {
    [list, format!("{:08x}\n", crc32fast::hash(list)).as_bytes()].concat()
}

/// Makes a list of segments name another table of notes.
fn name_table(meta: &Path, old: &[u8], new: &[u8]) {
    let whole = fs::read(meta).expect("a list of segments");
    let list = String::from_utf8_lossy(&whole[..whole.len() - 9]).into_owned();
    let name =
        |table: &[u8]| format!("\\\"bytes\\\":{},\\\"crc32\\\":{}", table.len(), crc32fast::hash(table));
    assert!(list.contains(&name(old)), "{list}");
    fs::write(meta, seal_meta(list.replace(&name(old), &name(new)).as_bytes())).expect("a list of segments");
}

/// One of the files of a folder that have an extension.
fn one_of(folder: &Path, extension: &str, which: usize) -> PathBuf {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == extension)).collect();
    // Names are random, lengths aren't.
    paths.sort_by_key(|path| fs::metadata(path).expect("a file").len());
    paths.swap_remove(which % paths.len())
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).expect("a folder");
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a copy");
        }
    }
}

/// An index with a history, made once: of a few segments, in which something is deleted.
fn small_index() -> &'static Path {
    static INDEX: OnceLock<tempfile::TempDir> = OnceLock::new();
    INDEX.get_or_init(|| made(false, 3, true)).path()
}

/// An index with a graph, made once.
fn large_index() -> &'static Path {
    static INDEX: OnceLock<tempfile::TempDir> = OnceLock::new();
    INDEX.get_or_init(|| made(true, 1, true)).path()
}

/// An index whose segments were never merged, so that each has a list of what is deleted; made once.
fn worn_index() -> &'static Path {
    static INDEX: OnceLock<tempfile::TempDir> = OnceLock::new();
    INDEX.get_or_init(|| made(false, 3, false)).path()
}

fn made(large: bool, commits: u32, merges: bool) -> tempfile::TempDir {
    let (folder, history) = (history::folder(), History::new(large));
    for number in 1..=commits {
        let mut writer = writer(folder.path()).expect("a writer");
        history.state(number).write(&history.state(number - 1), &mut writer).expect("changes");
        writer.commit(&Maintenance::new(false, &|_| merges)).expect("a commit");
    }
    folder
}
