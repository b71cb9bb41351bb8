//! Why the device crashes.

/// Why the device crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Crash {
    /// A copy without metadata.
    MissingMetadata,
    /// A copy whose seed length is over 32 (v9.26.3 and v9.26.4).
    SeedLength,
    /// The answer is longer than [`MAX_ANSWER`](super::MAX_ANSWER).
    AnswerSize {
        /// Bytes it would have.
        size: usize,
    },
}
