//! What the system says of a name: enough to see that it is still the same file.

/// The numbers a system knows a file by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct KnownNode {
    pub(super) device: u64,
    pub(super) inode: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KnownKind {
    File,
    Folder,
    Link,
    /// A device, a pipe or a socket.
    Other,
}

/// What the system says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) kind: KnownKind,
    /// Which file it is; `None` where the system has no such numbers.
    pub(super) node: Option<KnownNode>,
    pub(super) size: u64,
    /// When its content was changed, in seconds and nanoseconds.
    pub(super) modified: (i64, i64),
    /// When anything about it was changed, which nobody can set; equal to `modified` where the
    /// system does not keep it.
    pub(super) changed: (i64, i64),
}

impl Known {
    /// Whether this is the same file with the same content, as far as the system says. A move may
    /// change `changed`, so it counts only where `moved` is false.
    pub(super) fn is_untouched(&self, before: &Self, moved: bool) -> bool {
        let same = |known: &Self| (known.kind, known.node, known.size, known.modified);
        same(self) == same(before) && (moved || self.changed == before.changed)
    }

    /// Whether this is the same file, whatever is in it. Without numbers nothing says that it is another.
    pub(super) fn is_same_file(&self, other: &Self) -> bool {
        self.node.is_none() || self.node == other.node
    }
}
