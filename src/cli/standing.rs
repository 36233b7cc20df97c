//! What a run is doing to the index, or has left undone.

use qsearch::store::IndexInfo;

use super::human::{count, thousands};
use super::sanitize;

/// A sentence about the notes that are still to be read; `None` if all are read. `writer` is the process that is writing the
/// index.
pub(crate) fn waiting(info: &IndexInfo, writer: Option<&str>) -> Option<String> {
    (info.waiting > 0).then(|| sentence(info.waiting, writer))
}

/// A sentence about `waiting` notes that are still to be read.
fn sentence(waiting: u64, writer: Option<&str>) -> String {
    let is = if waiting == 1 { "note isn't" } else { "notes aren't" };
    let waiting = thousands(waiting);
    match writer {
        Some(writer) => format!("{waiting} {is} in the index yet; {} is reading on", sanitize::line(writer)),
        None => {
            format!("{waiting} {is} in the index yet; the run was broken off, and `qsearch index` goes on")
        }
    }
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
    use super::*;

    #[test]
    fn what_is_missing_and_why_is_one_sentence() {
        assert_eq!(
            sentence(2310, Some("process 7 (since 2026)")),
            "2,310 notes aren't in the index yet; process 7 (since 2026) is reading on"
        );
        assert_eq!(
            sentence(1, None),
            "1 note isn't in the index yet; the run was broken off, and `qsearch index` goes on"
        );
    }
}
