//! What an E01 image says of itself beside the card: its case, its hashes, its segments.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::image::{FileImage, ReadAt};

/// What an E01 image says of itself beside the card, and what holds of it. Every text is escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceReport {
    /// The files it lies in, in order.
    pub segments: Vec<SegmentReport>,
    /// What its maker noted; `None` if it holds no such note that can be read.
    pub case: Option<CaseReport>,
    /// Bytes of the medium.
    pub medium_size: u64,
    /// SHA-256 of the medium as it is stored, where it was asked for.
    pub medium_sha256: Option<String>,
    /// The hashes stored in it and those computed, MD5 before SHA-1.
    pub hashes: Vec<HashReport>,
    /// What of this is damaged: its own checksum is wrong, or it cannot be unpacked.
    pub damaged: Vec<EvidencePart>,
}

/// A file of an E01 image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentReport {
    /// Its path.
    pub file: String,
    /// Bytes of it.
    pub size: u64,
    /// SHA-256 of the file, where it was asked for.
    pub sha256: Option<String>,
}

/// A hash of the medium.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashReport {
    /// Which.
    pub algorithm: Algorithm,
    /// What is stored in the image, in hex; `None` if it holds none.
    pub stored: Option<String>,
    /// What its contents have, in hex; `None` if that was not computed.
    pub computed: Option<String>,
    /// Whether the two are equal; `None` where one is missing.
    pub matches: Option<bool>,
}

/// A hash function that such images use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// MD5, RFC 1321.
    Md5,
    /// SHA-1, FIPS 180.
    Sha1,
}

impl Algorithm {
    /// Its name for a person.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
        }
    }
}

/// A part of an E01 image beside the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EvidencePart {
    /// What its maker noted.
    Case,
    /// A hash of the medium.
    Hash,
}

/// What the maker of an E01 image noted. A field that is empty there is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseReport {
    /// The number of the case.
    pub case_number: Option<String>,
    /// The number of the evidence.
    pub evidence_number: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Who made the image.
    pub examiner: Option<String>,
    /// Remarks.
    pub notes: Option<String>,
    /// When the image was made: with `Z` in UTC, without it as written, in no known zone.
    pub acquired: Option<String>,
    /// What the clock of the system said that the medium was taken from, as [`CaseReport::acquired`].
    pub system_date: Option<String>,
    /// The program that made the image, or its version.
    pub program: Option<String>,
    /// The system that it ran on.
    pub system: Option<String>,
    /// The model of the medium.
    pub model: Option<String>,
    /// The serial number of the medium.
    pub serial: Option<String>,
}

impl CaseReport {
    /// Each field with its name for a person, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("case number", &self.case_number),
            ("evidence number", &self.evidence_number),
            ("description", &self.description),
            ("examiner", &self.examiner),
            ("notes", &self.notes),
            ("acquired", &self.acquired),
            ("system date", &self.system_date),
            ("program", &self.program),
            ("system", &self.system),
            ("model", &self.model),
            ("serial number", &self.serial),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }

    /// Whether nothing was noted.
    pub fn is_empty(&self) -> bool {
        self.fields().next().is_none()
    }
}

impl EvidenceReport {
    /// The hashes that are not those of the contents.
    pub fn mismatches(&self) -> impl Iterator<Item = &HashReport> {
        let all = self.hashes.iter();
        all.filter(|hash| hash.matches == Some(false))
    }

    /// Whether every hash stored in it is that of its contents, and nothing in it is damaged.
    pub fn is_verified(&self) -> bool {
        let mut stored = self.hashes.iter().filter(|hash| hash.stored.is_some());
        self.damaged.is_empty() && stored.all(|hash| hash.matches == Some(true))
    }

    /// Whether nothing in it is known to disagree or to be damaged.
    pub fn is_sound(&self) -> bool {
        self.mismatches().next().is_none() && self.damaged.is_empty()
    }
}

/// An open E01 image, as evidence: its report, and what is needed to compute what is missing in it.
pub struct Evidence {
    /// What is known so far.
    pub report: EvidenceReport,
    /// The medium as it is stored, what its maker could not read included.
    pub(crate) medium: Arc<dyn ReadAt>,
    pub(crate) segments: Vec<(PathBuf, Arc<FileImage>)>,
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)
    }
}

#[cfg(not(feature = "e01"))]
impl Evidence {
    /// Computes the hashes of the medium and of the segments, which a program without E01 has none of.
    ///
    /// # Errors
    /// None.
    pub fn hash(
        &mut self,
        _: &crate::progress::Progress<'_>,
    ) -> Result<(), crate::image::DigestError> {
        let _ = (&self.medium, &self.segments);
        Ok(())
    }
}
