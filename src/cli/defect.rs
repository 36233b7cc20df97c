//! What a person sees of a panic: one sentence, or nothing where the library turned it into an error.
//!
//! tantivy panics on some damaged files; the store catches that and says which index is damaged. The
//! panic's own message goes to the log (`-vv`).

use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use super::{diagnostic, environment, printer, sanitize};

/// What the last panic said, and where.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// Runs the program; a panic that nothing else caught ends it with a sentence and exit status 2.
pub(crate) fn catch(run: impl FnOnce() -> ExitCode) -> ExitCode {
    let before = panic::take_hook();
    panic::set_hook(Box::new(remember));
    let end = panic::catch_unwind(AssertUnwindSafe(run));
    panic::set_hook(before);
    end.unwrap_or_else(|_| {
        let last = LAST.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
        let (what, hint) =
            (format!("this is a defect of qsearch: {last}"), "please report it, with the command you typed");
        printer::complain(&if environment::wants_json() {
            diagnostic::line(&what, "defect", Some(hint))
        } else {
            format!("error: {}\nhint: {hint}", sanitize::line(&what))
        });
        ExitCode::from(2)
    })
}

fn remember(info: &PanicHookInfo<'_>) {
    let what = message(info.payload()).unwrap_or("no message");
    let told = info.location().map_or_else(|| what.to_owned(), |place| format!("{what} ({place})"));
    tracing::debug!("panic: {told}");
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(told);
}

/// What a panic said, if it said a text.
pub(crate) fn message(payload: &(dyn std::any::Any + Send)) -> Option<&str> {
    payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_the_program_with_status_2() {
        let end = catch(|| std::panic::resume_unwind(Box::new("x")));
        assert_eq!(end, ExitCode::from(2));
        assert_eq!(catch(|| ExitCode::SUCCESS), ExitCode::SUCCESS);
    }
}
