//! Which notes aren't in the index yet, because a run goes on or was broken off?

use qsearch::store::IndexInfo;

use super::human::{count, thousands};
use super::sanitize;

/// A sentence that says how many notes are still to be read, and whether anybody is reading them; `None` if all are read.
pub(crate) fn waiting(info: &IndexInfo, writer: Option<&str>) -> Option<String> {
    (info.waiting > 0).then(|| sentence(info.waiting, writer))
}

/// A sentence about notes that are still to be read, by the process that is writing the index if there is one.
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

/// What is being done to an index at the moment, for its state; `None` if all is read and nobody is writing.
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
