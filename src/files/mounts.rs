//! Which file system a folder is in, and where in it, from the list of mounts that Linux keeps.

use std::ffi::OsString;
use std::fs;
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, StatxFlags};

use super::handle::open_path;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    id: u64,
    pub(super) device: u64,
    /// Which folder of the file system is mounted.
    pub(super) root: PathBuf,
    pub(super) point: PathBuf,
    pub(super) kind: String,
    /// What is mounted: often a node in `/dev`.
    pub(super) source: PathBuf,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Mounts(Vec<Mount>);

/// Where something lies: independent of the mounts that lead there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InFileSystem {
    pub(super) mount: Mount,
    /// Its path from the root of the file system.
    pub(super) path: PathBuf,
}

impl Mounts {
    /// Those of now; none if the system does not say.
    pub(super) fn read() -> Self {
        let text = fs::read("/proc/self/mountinfo").unwrap_or_default();
        let lines = text.split(|byte| *byte == b'\n');
        Self(lines.filter_map(mount).collect())
    }

    /// Where an open file or folder lies; `None` if the system does not say.
    pub(super) fn place(&self, open: impl AsFd) -> Option<InFileSystem> {
        let path = fs::read_link(open_path(&open)?).ok()?;
        let mount = self.mount_of(&open, &path)?;
        let below = path.strip_prefix(&mount.point).ok()?;
        Some(InFileSystem {
            path: mount.root.join(below),
            mount: mount.clone(),
        })
    }

    fn mount_of(&self, open: impl AsFd, path: &Path) -> Option<&Mount> {
        let flags = AtFlags::EMPTY_PATH;
        let known = rustix::fs::statx(open, "", flags, StatxFlags::MNT_ID).ok();
        let known = known.filter(|known| known.stx_mask & StatxFlags::MNT_ID.bits() != 0);
        if let Some(known) = known {
            return self.0.iter().find(|mount| mount.id == known.stx_mnt_id);
        }
        // Before Linux 5.8: the last one mounted at the longest path above it.
        let above = self.0.iter().filter(|mount| path.starts_with(&mount.point));
        above.max_by_key(|mount| mount.point.components().count())
    }

    pub(super) fn root_device(&self) -> Option<u64> {
        let at_root = |mount: &&Mount| mount.point == Path::new("/");
        self.0.iter().rfind(at_root).map(|mount| mount.device)
    }
}

/// Reads `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`, of
/// proc_pid_mountinfo(5).
fn mount(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ');
    let id = text(fields.next()?)?.parse().ok()?;
    let (major, minor) = text(fields.nth(1)?)?.split_once(':')?;
    let root = path(fields.next()?);
    let point = path(fields.next()?);
    let mut behind = fields.skip_while(|field| *field != b"-").skip(1);
    Some(Mount {
        id,
        device: rustix::fs::makedev(major.parse().ok()?, minor.parse().ok()?),
        root,
        point,
        kind: text(behind.next()?)?.to_owned(),
        source: path(behind.next()?),
    })
}

fn text(field: &[u8]) -> Option<&str> {
    std::str::from_utf8(field).ok()
}

/// A path in which space, tab, line feed and backslash stand as `\040` and the like.
fn path(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, behind)) = rest.split_first() {
        let octal = behind.get(..3).filter(|_| *first == b'\\').and_then(text);
        let byte = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = behind.get(byte.map_or(0, |_| 3)..).unwrap_or_default();
    }
    OsString::from_vec(bytes).into()
}

impl InFileSystem {
    /// Whether this lies in, or is, that folder, in whatever way both are mounted.
    pub(super) fn is_within(&self, folder: &Self) -> bool {
        self.mount.device == folder.mount.device && self.path.starts_with(&folder.path)
    }

    pub(super) fn is_whole(&self) -> bool {
        self.path.as_os_str().as_bytes() == b"/"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_mountinfo() {
        let line =
            br"36 35 98:3 /a\040b /mnt\134\011x rw,noatime master:1 shared:2 - ext3 /dev/root rw";
        let found = mount(line).unwrap();
        let wanted = Mount {
            id: 36,
            device: rustix::fs::makedev(98, 3),
            root: "/a b".into(),
            point: "/mnt\\\tx".into(),
            kind: "ext3".to_owned(),
            source: "/dev/root".into(),
        };
        assert_eq!(found, wanted);
        let short = mount(b"1 2 0:5 / /proc rw - proc proc rw").unwrap();
        assert_eq!((short.kind.as_str(), short.id), ("proc", 1));
        for wrong in [&b""[..], b"1 2 05 / / rw - a b c", b"1 2 0:5 / / rw a b c"] {
            assert_eq!(mount(wrong), None);
        }
    }

    #[test]
    fn a_folder_knows_its_file_system() {
        let mounts = Mounts::read();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("in")).unwrap();
        let place = |path: &Path| mounts.place(std::fs::File::open(path).unwrap()).unwrap();
        let (around, inside) = (place(folder.path()), place(&folder.path().join("in")));
        assert!(inside.is_within(&around) && !around.is_within(&inside));
        let root = place(Path::new("/"));
        assert!(!around.is_whole() && mounts.root_device() == Some(root.mount.device));
    }
}
