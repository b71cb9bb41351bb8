//! How far a source is looked at.

use serde::{Deserialize, Serialize};

/// How far a source is looked at; each depth includes the ones before it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Looked {
    /// Live folders, and the files in them that are named as copies or lie where copies do.
    Folders,
    /// Every small file by its contents, deleted entries, and what lies below deleted folders.
    #[default]
    Deleted,
    /// Every byte, for copies, directories and volumes that nothing leads to.
    Surface,
}
