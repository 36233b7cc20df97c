//! On which kind of file system does a folder lie?
//!
//! The system doesn't tell what others change on a network drive. Linux lists what is mounted where; elsewhere it isn't known,
//! and `--poll` is for the user to type.

use qsearch::sys;
use std::fs;
use std::path::{Path, PathBuf};

/// File systems whose files others may change, by their names in Linux.
const SHARED: [&str; 28] = [
    "9p",
    "acfs",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "fhgfs",
    "gfs",
    "gfs2",
    "glusterfs",
    "gpfs",
    "lustre",
    "mfs",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "orangefs",
    "pvfs2",
    "prl_fs",
    "smb3",
    "smbfs",
    "vboxsf",
    "virtiofs",
    "vmhgfs",
    "drvfs",
];

/// File systems of other programs that show local files, after `fuse.`; any other may be a network drive.
const LOCAL: [&str; 10] = [
    "cryfs",
    "encfs",
    "exfat",
    "fuse-overlayfs",
    "gocryptfs",
    "ntfs",
    "ntfs-3g",
    "securefs",
    "veracrypt",
    "lklfuse",
];

/// What is mounted, as Linux tells it to this process; nothing, elsewhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Mounts(Vec<(PathBuf, String)>);

impl Mounts {
    /// Looks at what is mounted now.
    pub(super) fn read() -> Self {
        fs::read("/proc/self/mountinfo").map_or_else(|_| Self::default(), |text| Self::parse(&text))
    }

    /// Reads a list as proc(5) describes it, in the order of mounting: the later of two in one place hides the other.
    fn parse(text: &[u8]) -> Self {
        let mount = |line: &[u8]| {
            let mut fields = line.split(|&byte| byte == b' ');
            let place = fields.nth(4).map(unescaped)?;
            // Optional fields end with a dash.
            fields.by_ref().find(|&field| field == b"-")?;
            Some((place, String::from_utf8_lossy(fields.next()?).into_owned()))
        };
        Self(text.split(|&byte| byte == b'\n').filter_map(mount).collect())
    }

    /// The kind of file system that a folder lies on, if others may change its files, too.
    pub(super) fn shared(&self, folder: &Path) -> Option<&str> {
        let around = self.0.iter().filter(|(place, _)| folder.starts_with(place));
        let (_, kind) = around.max_by_key(|(place, _)| place.components().count())?;
        let is_shared = match kind.strip_prefix("fuse.") {
            Some(program) => !LOCAL.contains(&program),
            None => kind == "fuse" || SHARED.contains(&kind.as_str()),
        };
        is_shared.then_some(kind)
    }
}

/// A path in which some bytes are written as a backslash and three octal digits.
fn unescaped(field: &[u8]) -> PathBuf {
    let (mut out, mut rest) = (Vec::new(), field);
    while let [first, behind @ ..] = rest {
        let digits = behind
            .get(..3)
            .filter(|digits| *first == b'\\' && digits.iter().all(|digit| (b'0'..=b'7').contains(digit)));
        let Some(digits) = digits else {
            out.push(*first);
            rest = behind;
            continue;
        };
        out.push(digits.iter().fold(0_u8, |byte, digit| byte.wrapping_mul(8).wrapping_add(digit - b'0')));
        rest = &behind[3..];
    }
    PathBuf::from(sys::os_string(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[u8] = b"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
36 22 0:41 / /home/ada/My\\040Drive rw,nosuid master:2 propagate_from:3 - fuse.rclone drive: rw
37 22 0:42 / /mnt/nas rw - nfs4 nas:/export rw
38 37 8:3 / /mnt/nas/local rw - xfs /dev/sda3 rw
39 22 0:43 / /secret rw - fuse.gocryptfs /home/ada/.secret rw
40 22 0:44 / /win rw - fuseblk /dev/sda4 rw
broken line
";

    #[test]
    fn drives_that_others_write_are_told_from_local_ones() {
        let mounts = Mounts::parse(LIST);
        for (folder, kind) in [
            ("/home/ada/notes", None),
            ("/home/ada/My Drive/notes", Some("fuse.rclone")),
            ("/home/ada/My Drive2", None),
            ("/mnt/nas", Some("nfs4")),
            ("/mnt/nas/local/notes", None),
            ("/secret/notes", None),
            ("/win", None),
        ] {
            assert_eq!(mounts.shared(Path::new(folder)), kind, "{folder}");
        }
        assert_eq!(Mounts::parse(b"").shared(Path::new("/")), None);
    }

    #[test]
    fn any_list_can_be_read() {
        assert_eq!(
            unescaped(b"a\\040b\\134\\9\\777\\0"),
            Path::new(&sys::os_string(b"a b\\\\9\xff\\0".to_vec()))
        );
        assert_eq!(Mounts::parse(b"1 2 3 4\n- - - - /x - nfs\n\n    -").0.len(), 1);
    }
}
