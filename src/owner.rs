//! Who owns a file that the user hasn't named?

use std::path::Path;

use crate::sys;

pub use crate::sys::foreign_owner as foreign;

/// Whether a path in a folder leads out of the folder through links.
pub(crate) fn leads_out(folder: &Path, path: &Path) -> bool {
    let (folder, target) = (sys::resolved(folder), sys::resolved(path));
    match (folder, target) {
        (Ok(folder), Ok(target)) => !target.starts_with(folder),
        // A link to nothing may lead anywhere later.
        _ => path.is_symlink(),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{lchown, symlink};

    use super::*;

    #[test]
    fn own_files_and_those_of_root_are_taken() {
        let at = tempfile::tempdir().unwrap();
        assert_eq!(foreign(at.path(), None), None);
        assert_eq!(foreign(Path::new("/"), None), None);
        assert_eq!(foreign(&at.path().join("none"), None), None);
    }

    #[test]
    fn files_and_links_of_others_are_told() {
        if !rustix::process::geteuid().is_root() {
            // Only root can give files away.
            return;
        }
        let at = tempfile::tempdir().unwrap();
        let (file, link) = (at.path().join("file"), at.path().join("link"));
        std::fs::write(&file, "").unwrap();
        symlink("file", &link).unwrap();
        lchown(&link, Some(1234), None).unwrap();
        let sudo_user = Some(4321);
        assert_eq!((foreign(&file, sudo_user), foreign(&link, sudo_user)), (None, Some(1234)));
        lchown(&link, Some(4321), None).unwrap();
        assert_eq!(foreign(&link, sudo_user), None);
        assert_eq!(foreign(&link, None), Some(4321));
        lchown(&file, Some(1234), None).unwrap();
        assert_eq!(foreign(&link, sudo_user), Some(1234), "what a link leads to counts too");
    }

    #[test]
    fn links_out_of_a_folder_are_told() {
        let at = tempfile::tempdir().unwrap();
        let folder = at.path().join("folder");
        std::fs::create_dir_all(folder.join("in")).unwrap();
        std::fs::create_dir_all(at.path().join("out")).unwrap();
        for (name, target, out) in
            [("a", "in", false), ("b", "../out", true), ("c", "../none", true), ("d", "../folder/in", false)]
        {
            symlink(target, folder.join(name)).unwrap();
            assert_eq!(leads_out(&folder, &folder.join(name)), out, "{name}");
        }
        assert!(!leads_out(&folder, &folder.join("in")) && !leads_out(&folder, &folder.join("none")));
    }
}
