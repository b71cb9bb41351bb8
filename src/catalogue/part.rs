//! Where the sources of a joined catalogue begin.

/// Where one of several sources begins in a joined catalogue.
#[derive(Clone, Copy, Debug)]
pub(super) struct JoinedSource {
    /// Its first copy.
    pub(super) copy: usize,
    /// The first source that is a reading of the same card; its own number if there is none before.
    pub(super) card: usize,
}
