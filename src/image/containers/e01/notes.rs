//! The sections of an E01 image that say nothing of the card's bytes: the case and the stored hashes.
//!
//! What is damaged here leaves the card as it is: it is noted, and no reason to refuse the image.

use super::case;
use super::evidence::{Algorithm, CaseReport, EvidencePart, HashReport};
use super::section::{Section, bytes, checked, field};
use crate::image::{Extent, FileImage};

/// Most sections of each kind that are read; a maker writes two.
const MOST: usize = 8;
/// Bytes of the section `digest` before its checksum: MD5, SHA-1, and zeros.
const DIGEST: u64 = 76;
/// Bytes of the section `hash` before its checksum: MD5 and something unknown.
const HASH: u64 = 32;

#[derive(Debug, Default)]
pub(super) struct Notes {
    /// From `header2`, and from `header` what is missing there.
    case: Option<CaseReport>,
    /// From `header`, as long as no `header2` was read.
    older: Option<CaseReport>,
    hashes: Vec<(Algorithm, String)>,
    damaged: Vec<EvidencePart>,
    headers: usize,
    digests: usize,
}

impl Notes {
    /// Reads the section, if it is one of these.
    pub(super) fn take(&mut self, file: &FileImage, section: &Section) {
        match section.kind() {
            "header2" | "header" if self.headers < MOST => {
                self.headers = self.headers.saturating_add(1);
                self.case(file, section);
            }
            "digest" | "hash" if self.digests < MOST => {
                self.digests = self.digests.saturating_add(1);
                self.digest(file, section);
            }
            _ => {}
        }
    }

    pub(super) fn noted(&self) -> Option<CaseReport> {
        let older = self.older.clone();
        let mut case = self.case.clone().or_else(|| older.clone())?;
        case::fill(&mut case, older.unwrap_or_default());
        (!case.is_empty()).then_some(case)
    }

    /// The hashes stored, each once, MD5 before SHA-1.
    pub(super) fn stored(&self) -> Vec<HashReport> {
        let mut hashes = self.hashes.clone();
        hashes.sort();
        hashes.dedup();
        let report = |(algorithm, stored)| HashReport {
            algorithm,
            stored: Some(stored),
            computed: None,
            matches: None,
        };
        hashes.into_iter().map(report).collect()
    }

    pub(super) fn damaged(&self) -> Vec<EvidencePart> {
        let mut damaged = self.damaged.clone();
        damaged.sort_unstable();
        damaged.dedup();
        damaged
    }

    fn case(&mut self, file: &FileImage, section: &Section) {
        let part = Extent {
            length: section.body.length.min(case::MOST),
            ..section.body
        };
        let packed = bytes(file, part).ok();
        match packed.and_then(|packed| case::read(&packed)) {
            Some(case) if section.is("header2") => drop(self.case.get_or_insert(case)),
            Some(case) => drop(self.older.get_or_insert(case)),
            None => self.damaged.push(EvidencePart::Case),
        }
    }

    fn digest(&mut self, file: &FileImage, section: &Section) {
        let length = if section.is("digest") { DIGEST } else { HASH };
        let fits = length.saturating_add(4) <= section.body.length;
        let read = checked(file, section.body.offset, length);
        let Some(body) = read.ok().filter(|_| fits) else {
            self.damaged.push(EvidencePart::Hash);
            return;
        };
        self.add(Algorithm::Md5, &field::<16>(&body, 0));
        if section.is("digest") {
            self.add(Algorithm::Sha1, &field::<20>(&body, 16));
        }
    }

    /// What is all zeros was not computed.
    fn add(&mut self, algorithm: Algorithm, hash: &[u8]) {
        if hash.iter().any(|byte| *byte != 0) {
            self.hashes.push((algorithm, hex::encode(hash)));
        }
    }
}
