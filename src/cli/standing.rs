//! What a run is doing to the index, or has left undone.

use qsearch::store::IndexInfo;

use super::human::{count, thousands};
use super::sanitize;

/// A sentence about the notes that are still to be read; `None` if all are read. `writer` is the process that is writing the
/// index.
pub(crate) fn waiting(info: &IndexInfo, writer: Option<&str>) -> Option<String> {
    let what = unread(info)?;
    Some(match writer {
        Some(writer) => format!("{what}; {} is reading on", sanitize::line(writer)),
        None => format!("{what}; the run was broken off, and `qsearch index` goes on"),
    })
}

/// A phrase about the notes that are still to be read, be it all of them or what they mean; `None` if all are read.
pub(crate) fn unread(info: &IndexInfo) -> Option<String> {
    let (absent, pending) = (info.absent(), info.pending);
    let is = if absent == 1 { "note isn't" } else { "notes aren't" };
    let missing = format!("{} {is} in the index yet", thousands(absent));
    if pending == 0 {
        return (absent > 0).then_some(missing);
    }
    let (read, all) = (info.files.saturating_sub(pending), count(info.files + absent, "note", "notes"));
    let mut what = format!(
        "the meaning of {} of {all} is read so far, {} found by words alone",
        thousands(read),
        count(pending, "is", "are"),
    );
    if absent > 0 {
        what.extend([", ", &missing]);
    }
    Some(what)
}

/// A sentence about the run that is writing the index or was broken off; `None` if there is none.
pub(crate) fn run(info: &IndexInfo, writer: Option<&str>) -> Option<String> {
    let writing = || {
        let files = count(info.files, "file is", "files are");
        Some(format!("{} is writing the index; {files} in it so far", sanitize::line(writer?)))
    };
    waiting(info, writer).or_else(writing)
}

#[cfg(test)]
mod tests {
    use qsearch::store::Fingerprint;

    use super::*;

    #[test]
    fn what_is_missing_and_why_is_one_sentence() {
        let of = |files, waiting, pending| IndexInfo { files, waiting, pending, ..empty() };
        assert_eq!(waiting(&of(3, 0, 0), None), None);
        for (info, writer, said) in [
            (
                of(1259, 2310, 0),
                Some("process 7 (since 2026)"),
                "2,310 notes aren't in the index yet; process 7 (since 2026) is reading on",
            ),
            (
                of(5, 1, 0),
                None,
                "1 note isn't in the index yet; the run was broken off, and `qsearch index` goes on",
            ),
            (
                of(3569, 2310, 2310),
                Some("process 7"),
                "the meaning of 1,259 of 3,569 notes is read so far, 2,310 are found by words alone; process 7 is \
                 reading on",
            ),
            (
                of(9, 3, 1),
                None,
                "the meaning of 8 of 11 notes is read so far, 1 is found by words alone, 2 notes aren't in the \
                 index yet; the run was broken off, and `qsearch index` goes on",
            ),
        ] {
            assert_eq!(waiting(&info, writer).as_deref(), Some(said));
        }
    }

    fn empty() -> IndexInfo {
        IndexInfo {
            format: 0,
            fingerprint: Fingerprint::new("", "", 1),
            model_source: String::new(),
            roots: Vec::new(),
            files: 0,
            passages: 0,
            indexed_at: 0,
            waiting: 0,
            pending: 0,
            commit: 0,
        }
    }
}
