//! Advice about watching notes.

use super::super::watch::Why;

/// What to do about a root that has to be looked at again and again, where something can be done.
pub(crate) fn polled(why: &Why) -> Option<&'static str> {
    match why {
        Why::Watches => Some(
            "`sudo sysctl fs.inotify.max_user_watches=1048576` lets more folders be watched; a line with that in \
             /etc/sysctl.d/ keeps it so",
        ),
        Why::Instances => Some(
            "`sudo sysctl fs.inotify.max_user_instances=512` lets more programs watch, `ulimit -n` more files be open",
        ),
        Why::Asked | Why::Shared(_) | Why::Refused(_) => None,
    }
}

/// Where a unit can't be written because of a path in it.
pub(crate) const ODD_PATH: &str = "give the folder another name, or write the unit by hand";
