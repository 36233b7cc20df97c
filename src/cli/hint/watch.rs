//! Advice about watching notes.

/// What to do where the system watches no more folders for this user.
pub(crate) const MORE_FOLDERS: &str = "`sudo sysctl fs.inotify.max_user_watches=1048576` lets more folders be watched; a line \
     with that in /etc/sysctl.d/ keeps it so";
/// What to do where the system has no more watchers for this user, or no more open files.
pub(crate) const MORE_WATCHERS: &str = "`sudo sysctl fs.inotify.max_user_instances=512` lets more programs watch, `ulimit -n` \
     more files be open";
/// What to do where a unit can't be written because of a path in it.
pub(crate) const ODD_PATH: &str = "give the folder another name, or write the unit by hand";
