use std::sync::atomic::AtomicBool;

use fixtures::e01::{Writer, card, digest, write, zlib};

use super::super::evidence::{EvidencePart, EvidenceReport};
use super::super::open;
use super::*;

/// The hashes of the card of the fixtures, by md5sum, sha1sum and sha256sum.
const MD5: &str = "ec0d04930abe011bc2e9c74367436b9a";
const SHA1: &str = "1a00318d8e9f657416525efb42f0547fb6ac3952";
const SHA256: &str = "1ecd7c1c490a3d5460b780cc0016dc87c0e223181df06784a3e3cbdf89178e46";

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    let mut bytes = [0; N];
    hex::decode_to_slice(hex, &mut bytes).unwrap();
    bytes
}

/// The report of an image, before and after its hashes are computed.
fn reports(writer: &Writer) -> (EvidenceReport, EvidenceReport) {
    let folder = tempfile::tempdir().unwrap();
    let first = write(folder.path(), &writer.segments());
    let (_, mut evidence) = open(&first, &Progress::default()).unwrap();
    let before = evidence.report.clone();
    evidence.hash(&Progress::default()).unwrap();
    (before, evidence.report)
}

fn with(ending: Vec<(&'static str, Vec<u8>)>) -> EvidenceReport {
    reports(&Writer {
        ending,
        ..Writer::default()
    })
    .1
}

/// Algorithm, and whether it matches.
fn told(report: &EvidenceReport) -> Vec<(Algorithm, Option<bool>)> {
    let hashes = report.hashes.iter();
    hashes.map(|hash| (hash.algorithm, hash.matches)).collect()
}

#[test]
fn what_is_stored_is_compared_with_the_contents() {
    let right = digest(&bytes(MD5), &bytes(SHA1));
    let (before, after) = reports(&Writer {
        ending: vec![
            ("digest", right.clone()),
            ("hash", {
                let mut body = bytes::<16>(MD5).to_vec();
                body.extend([0; 16]);
                fixtures::e01::summed(body)
            }),
        ],
        per_segment: 2,
        ..Writer::default()
    });
    assert_eq!(before.hashes.len(), 2, "the MD5 of both sections is one");
    assert_eq!(before.hashes[0].stored.as_deref(), Some(MD5));
    assert_eq!(before.hashes[0].computed, None);
    assert_eq!(before.medium_sha256, None);
    let both = [(Algorithm::Md5, Some(true)), (Algorithm::Sha1, Some(true))];
    assert_eq!(told(&after), both);
    assert_eq!(after.medium_sha256.as_deref(), Some(SHA256));
    assert!(after.is_sound());
    // The container: each of its files.
    assert_eq!(after.segments.len(), 2);
    for segment in &after.segments {
        assert_eq!(segment.sha256.as_ref().unwrap().len(), 64);
    }
    assert_eq!(after.case.unwrap().examiner.as_deref(), Some("J. Doe"));
}

#[test]
fn a_hash_that_is_not_that_of_the_contents_is_said() {
    let mut md5 = bytes::<16>(MD5);
    md5[3] ^= 1;
    let report = with(vec![("digest", digest(&md5, &bytes(SHA1)))]);
    let differs = [(Algorithm::Md5, Some(false)), (Algorithm::Sha1, Some(true))];
    assert_eq!(told(&report), differs);
    assert!(!report.is_sound());
    // A second section with the right one does not hide the wrong one.
    let report = with(vec![
        ("digest", digest(&md5, &bytes(SHA1))),
        ("digest", digest(&bytes(MD5), &bytes(SHA1))),
    ]);
    assert_eq!(report.hashes.len(), 3);
    assert_eq!(report.mismatches().count(), 1);
}

#[test]
fn none_damaged_and_not_computed_are_three_things() {
    let none = [(Algorithm::Md5, None), (Algorithm::Sha1, None)];
    for ending in [Vec::new(), vec![("digest", digest(&[0; 16], &[0; 20]))]] {
        let report = with(ending);
        assert_eq!(told(&report), none);
        assert!(report.is_sound());
        assert!(report.hashes.iter().all(|hash| hash.stored.is_none()));
    }
    let mut broken = digest(&bytes(MD5), &bytes(SHA1));
    broken[0] ^= 1;
    for body in [broken, vec![1, 2, 3]] {
        let report = with(vec![("digest", body)]);
        assert_eq!(told(&report), none);
        assert_eq!(report.damaged, [EvidencePart::Hash]);
    }
    let writer = Writer {
        noted: vec![("header2", vec![7; 30]), ("header", zlib(b"nothing"))],
        ..Writer::default()
    };
    let report = reports(&writer).0;
    assert_eq!(report.damaged, [EvidencePart::Case]);
    assert_eq!(report.case, None);
}

#[test]
fn what_was_not_read_counts_as_it_is_stored() {
    let (_, report) = reports(&Writer {
        errors: vec![[3, 2]],
        ending: vec![("digest", digest(&bytes(MD5), &bytes(SHA1)))],
        ..Writer::default()
    });
    assert!(report.hashes.iter().all(|hash| hash.matches == Some(true)));
}

#[test]
fn it_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let first = write(folder.path(), &Writer::default().segments());
    let (_, mut evidence) = open(&first, &Progress::default()).unwrap();
    let stop = AtomicBool::new(true);
    let stopped = evidence.hash(&Progress::stopped_by(&stop));
    assert_eq!(stopped, Err(DigestError::Stopped));
    assert_eq!(evidence.report.medium_sha256, None);
    assert!(open(&first, &Progress::stopped_by(&stop)).is_err());
}

#[test]
fn the_card_of_the_fixtures_is_the_one_whose_hashes_are_known() {
    assert_eq!(hex::encode(Sha256::digest(card())), SHA256);
}
