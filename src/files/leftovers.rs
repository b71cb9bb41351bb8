//! What earlier runs could not remove: files and folders that are not in their place yet.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use super::file_identity::KnownKind;
use super::handle::{FolderHandle, is_locked};

/// How the name of everything begins that is not in its place yet.
const PREFIX: &str = ".bitbox-backup-";
const SUFFIX: &str = ".part";
const DIGITS: usize = 16;

pub(super) fn new_name() -> io::Result<OsString> {
    let mut random = [0; DIGITS / 2];
    getrandom::fill(&mut random).map_err(|_| io::ErrorKind::Unsupported)?;
    Ok(format!("{PREFIX}{}{SUFFIX}", hex::encode(random)).into())
}

/// Whether a name is one that this program gives to what is not in its place yet: a dot,
/// `bitbox-backup-`, sixteen hexadecimal digits, `.part`.
pub fn is_unfinished_name(name: &OsStr) -> bool {
    let digits = name
        .to_str()
        .and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
    digits.is_some_and(|digits| {
        let is_digit = |digit: u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit);
        digits.len() == DIGITS && digits.bytes().all(is_digit)
    })
}

/// What an earlier run left: it was killed, or the power failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    path: PathBuf,
    is_folder: bool,
}

impl Leftover {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its name alone.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The command that removes it, for the shell of this system.
    pub fn removal(&self) -> String {
        let path = self.path.to_string_lossy();
        if cfg!(windows) {
            let command = if self.is_folder { "rmdir /s" } else { "del /a" };
            return format!("{command} \"{path}\"");
        }
        let command = if self.is_folder { "rm -r" } else { "rm" };
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
        if path.chars().all(plain) {
            format!("{command} -- {path}")
        } else {
            format!("{command} -- '{}'", path.replace('\'', r"'\''"))
        }
    }
}

/// What earlier runs left in a folder; nothing if it cannot be listed. What another run is just
/// building is not among it.
pub fn leftovers(folder: &Path) -> Vec<Leftover> {
    let folder = FolderHandle::open(folder);
    folder.map_or_else(|_| Vec::new(), |folder| left_in(&folder))
}

pub(super) fn left_in(folder: &FolderHandle) -> Vec<Leftover> {
    let names = folder.names().unwrap_or_default().into_iter();
    let left = names.filter(|name| is_unfinished_name(name));
    left.filter_map(|name| {
        let kind = folder.look(&name).ok()??.kind;
        let in_use = match kind {
            KnownKind::Folder => folder.open_folder(&name).is_ok_and(|it| it.is_locked()),
            KnownKind::File => folder
                .open_file(&name, false)
                .is_ok_and(|it| is_locked(&it)),
            KnownKind::Link | KnownKind::Other => false,
        };
        (!in_use).then(|| Leftover {
            path: folder.shown(&name),
            is_folder: kind == KnownKind::Folder,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        let name = new_name().unwrap();
        assert!(is_unfinished_name(&name), "{name:?}");
        assert_ne!(name, new_name().unwrap());
        for other in [
            ".bitbox-backup-.part",
            ".bitbox-backup-0123456789abcde.part",
            ".bitbox-backup-0123456789abcdeG.part",
            ".bitbox-backup-0123456789ABCDEF.part",
            "bitbox-backup-0123456789abcdef.part",
            ".bitbox-backup-0123456789abcdef.part2",
            ".X.map.part",
        ] {
            assert!(!is_unfinished_name(other.as_ref()), "{other}");
        }
    }

    #[test]
    fn only_what_nobody_builds_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let at = |digit: char| {
            let digits: String = std::iter::repeat_n(digit, DIGITS).collect();
            folder.path().join(format!("{PREFIX}{digits}{SUFFIX}"))
        };
        std::fs::write(at('a'), "x").unwrap();
        std::fs::create_dir(at('b')).unwrap();
        std::fs::write(at('c'), "x").unwrap();
        std::fs::write(folder.path().join("other.part"), "x").unwrap();
        let busy = std::fs::File::open(at('c')).unwrap();
        busy.lock().unwrap();
        let found = leftovers(folder.path());
        let paths: Vec<_> = found.iter().map(Leftover::path).collect();
        assert_eq!(paths, [at('a'), at('b')]);
        assert!(found[0].removal().starts_with("rm -- /"));
        assert!(found[1].removal().starts_with("rm -r -- /"));
        drop(busy);
        assert_eq!(leftovers(folder.path()).len(), 3);
    }

    #[test]
    fn commands_are_quoted() {
        let left = |path: &str| Leftover {
            path: path.into(),
            is_folder: false,
        };
        assert_eq!(left("/a/.b").removal(), "rm -- /a/.b");
        assert_eq!(left("/a b/.c").removal(), "rm -- '/a b/.c'");
        assert_eq!(left("/it's/.c").removal(), r"rm -- '/it'\''s/.c'");
    }
}
