//! Why an image in the Expert Witness Format cannot be read.

/// The command that makes the raw image `NEW` of it: it adds `.raw` to `STEM`, and asks nothing.
pub(crate) const EWF_EXPORT: &str = "ewfexport -u -f raw -t STEM FILE";

/// Why such an image cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum E01Error {
    /// This program was built without the feature `e01`.
    #[error("this is an E01 image, and this program was built without E01; unpack it first")]
    NotBuilt,
    /// It is damaged, or a segment of it is missing.
    #[error("the E01 image cannot be read: {0}")]
    Broken(String),
    /// Somebody stopped it.
    #[error("it was stopped before all was read")]
    Stopped,
}

impl E01Error {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotBuilt => {
                "unpack it with `ewfexport -u -f raw -t STEM FILE` and examine NEW, or build with the feature `e01`"
            }
            Self::Stopped => "run it again",
            Self::Broken(_) => {
                "put all its segments (.E01, .E02 and on) into one folder, and check them with `ewfverify FILE`"
            }
        }
    }
}
