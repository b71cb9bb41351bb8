//! The hashes of an E01 image: of its segments, and of the medium in it, beside those that are stored.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::evidence::{Algorithm, Evidence, HashReport};
use crate::image::hashing::{PART, each_part, sha256_of};
use crate::image::{DigestError, FileImage, ReadAt};
use crate::progress::Progress;

impl Evidence {
    /// Computes the hashes of the medium as it is stored and of each segment, and compares those of the medium
    /// with the ones stored in the image. What the maker of the image could not read counts as it is stored.
    ///
    /// # Errors
    /// [`DigestError`]: part of it cannot be read, it was changed meanwhile, or `progress` stopped it. What was
    /// computed before is kept.
    pub fn hash(&mut self, progress: &Progress<'_>) -> Result<(), DigestError> {
        self.hash_medium(progress)?;
        for ((path, file), segment) in self.segments.iter().zip(&mut self.report.segments) {
            segment.sha256 = Some(sha256_of(file.as_ref(), progress)?);
            if !FileImage::open(path).is_ok_and(|now| now.state() == file.state()) {
                return Err(DigestError::Changed);
            }
        }
        Ok(())
    }

    fn hash_medium(&mut self, progress: &Progress<'_>) -> Result<(), DigestError> {
        let (mut md5, mut sha1, mut sha256) = (Md5::new(), Sha1::new(), Sha256::new());
        let read = |at, part: &mut [u8]| self.medium.read_at(at, part);
        let is_read = each_part(self.medium.size(), PART, progress, read, |part| {
            md5.update(part);
            sha1.update(part);
            sha256.update(part);
        })?;
        if !is_read {
            return Err(DigestError::Stopped);
        }
        self.report.medium_sha256 = Some(hex::encode(sha256.finalize()));
        self.compare(Algorithm::Md5, &hex::encode(md5.finalize()));
        self.compare(Algorithm::Sha1, &hex::encode(sha1.finalize()));
        Ok(())
    }

    /// Puts what was computed beside what is stored; beside nothing, if nothing is.
    fn compare(&mut self, algorithm: Algorithm, computed: &str) {
        let hashes = &mut self.report.hashes;
        let mut is_stored = false;
        for hash in hashes.iter_mut().filter(|hash| hash.algorithm == algorithm) {
            is_stored = true;
            hash.computed = Some(computed.to_owned());
            hash.matches = hash.stored.as_ref().map(|stored| stored == computed);
        }
        if !is_stored {
            hashes.push(HashReport {
                algorithm,
                stored: None,
                computed: Some(computed.to_owned()),
                matches: None,
            });
            hashes.sort_by_key(|hash| hash.algorithm);
        }
    }
}

#[cfg(test)]
mod tests;
