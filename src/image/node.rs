//! Which file or device a path leads to.

use std::fs::Metadata;

/// The numbers a Unix system knows a file by: equal for two paths to one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileNumber {
    /// The number of the file system it lies in.
    pub device: u64,
    /// Its number in that file system.
    pub inode: u64,
}

impl FileNumber {
    /// Those in the metadata; `None` where the system has no such numbers.
    pub fn of(metadata: &Metadata) -> Option<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Some(Self {
                device: metadata.dev(),
                inode: metadata.ino(),
            })
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            None
        }
    }
}
