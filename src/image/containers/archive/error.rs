//! What can be wrong with an archive.

use crate::image::{Foreign, PagesError};

/// Why nothing in an archive can be examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArchiveError {
    /// It is encrypted, damaged beyond use, or packed in a way that is not read here.
    Foreign(Foreign),
    /// The member is too large.
    Pages(PagesError),
    /// There is no such member.
    NoMember,
    /// Somebody stopped it.
    Stopped,
}

impl From<PagesError> for ArchiveError {
    fn from(error: PagesError) -> Self {
        Self::Pages(error)
    }
}

/// What is wrong with a member, or with the list of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveDamage {
    /// It breaks off.
    #[error("it breaks off at byte {at}: what lies behind is missing")]
    Cut {
        /// How many bytes of it are there.
        at: u64,
    },
    /// All of it is there, and not what was packed.
    #[error("its CRC-32 is wrong: some of its bytes are not what was packed")]
    Checksum,
    /// The list of members at the end of a ZIP archive is missing.
    #[error("the list of its members is missing or damaged: they were looked for in what is there")]
    NoList,
}
