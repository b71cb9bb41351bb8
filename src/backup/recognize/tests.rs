//! Traces of copies, whole, damaged, and made to deceive.

use super::candidate::{LEAST, MOST, MOST_METADATA};
use super::search::ERASED;
use super::*;

fn known() -> Vec<u8> {
    hex::decode(crate::backup::tests::KNOWN).unwrap()
}

/// The traces in 4 KiB of noise with these bytes at that place.
fn found(bytes: &[u8], at: usize) -> Vec<Trace> {
    let noise = |i: usize| (i as u32).wrapping_mul(2_654_435_761).rotate_left(9) as u8 | 0x80;
    let mut surface: Vec<u8> = (0..4096).map(noise).collect();
    surface[at..at + bytes.len()].copy_from_slice(bytes);
    let mut found = Vec::new();
    assert!(!traces(&surface, 512..3584, &mut found));
    found
}

#[test]
fn a_whole_copy_at_any_place() {
    let known = known();
    for at in 1024..1024 + 520 {
        let trace = Trace {
            range: at..at + known.len(),
            kind: TraceKind::Whole,
        };
        assert_eq!(found(&known, at), [trace]);
    }
}

#[test]
fn any_forty_bytes_may_be_lost() {
    let known = known();
    for from in 0..known.len() - 40 {
        for byte in [0, 0xFF, 0x5A] {
            let mut copy = known.clone();
            copy[from..from + 40].fill(byte);
            for at in [1024, 1333] {
                let found = found(&copy, at);
                let same = found.iter().any(|trace| trace.range.start == at);
                assert!(same, "{from} {byte} at {at}: {found:?}");
            }
        }
    }
}

#[test]
fn a_file_gives_its_traces_whatever_is_around_them() {
    let known = known();
    let whole = |at: usize| Trace {
        range: at..at + known.len(),
        kind: TraceKind::Whole,
    };
    assert_eq!(traces_in_file(&known), [whole(0)]);
    assert_eq!(traces_in_file(&[]), []);
    for padding in [1, 402, 4096 - 110, 65_536 - 110] {
        let padded = [known.clone(), vec![0; padding]].concat();
        assert_eq!(traces_in_file(&padded), [whole(0)], "{padding}");
    }
    let two = [b"text".as_slice(), &known, &known, &[0; 700]].concat();
    assert_eq!(traces_in_file(&two), [whole(4), whole(4 + known.len())]);
    let cut = traces_in_file(&known[..80]);
    assert_eq!(cut.len(), 1);
    assert_eq!(cut[0].range, 0..80);
    assert!(cut[0].kind < TraceKind::Whole);
}

#[test]
fn the_trace_of_an_erased_file() {
    assert_eq!(found(&[0xAC; 110], 1024)[0].kind, TraceKind::Erased);
    assert_eq!(found(&[0xAC; 90], 1024), []);
    assert_eq!(found(&[0xAC; 512], 1024), []);
    assert_eq!(found(&[0xAC; 110], 1030), []);
}

/// The chance that random bytes at one place are taken for a copy by their header and its tags:
/// the sum over every header, every length of the metadata, with and without a length field.
#[test]
fn a_header_and_its_tags_are_evidence_enough() {
    let power = |bits: f64| 0.5_f64.powf(bits);
    // A length is written in one byte or in two.
    let length = power(8.0) + power(16.0);
    let headers = (LEAST..=MOST).count() as f64 * power(4.0 * 8.0) * length.powi(2);
    let metadata = (0..=MOST_METADATA).count() as f64 * power(2.0 * 8.0);
    let field = 1.0 + power(8.0);
    let seed = power(5.0 * 8.0) * 3.0 / 256.0;
    let chance = headers * metadata * field * seed;
    assert!(chance < power(66.0 + 16.0), "2^{}", chance.log2());
    // The other ways: the least of an erased file, and a checksum behind a header.
    let erased = power(8.0 * *ERASED.start() as f64);
    assert!(erased < power(66.0 + 16.0));
    assert!(headers * power(256.0) < power(66.0 + 16.0));
}

#[test]
fn a_header_without_its_tags_is_nothing() {
    let known = known();
    let mut header = vec![0x5A; known.len()];
    header[..6].copy_from_slice(&known[..6]);
    assert_eq!(found(&header, 1024), []);
    let mut damaged = known.clone();
    damaged[70] ^= 1;
    assert_eq!(found(&damaged, 1024)[0].kind, TraceKind::Header);
    // A tag on the way is lost: the layout still fits.
    damaged[38] = 0x5A;
    let found = found(&damaged, 1024);
    assert_eq!(found[0].range, 1024..1024 + known.len());
    assert!(matches!(found[0].kind, TraceKind::Part(_)), "{found:?}");
}

#[test]
fn bytes_made_to_deceive_are_not_looked_at_for_ever() {
    let fakes = b"\x22\x08\x10\x12\x20\x22".repeat(100_000);
    assert!(traces(&fakes, 0..fakes.len(), &mut Vec::new()));
}

#[test]
fn of_traces_that_overlap_the_surest_counts_and_of_equals_the_first() {
    let trace = |range: Range<usize>, kind| Trace { range, kind };
    let part = |range, fits| trace(range, TraceKind::Part(fits));
    let found = vec![
        part(300..400, 9),
        trace(90..200, TraceKind::Whole),
        part(0..100, 30),
        part(350..450, 9),
        trace(199..310, TraceKind::Header),
        trace(450..560, TraceKind::Erased),
    ];
    let kept = [
        trace(90..200, TraceKind::Whole),
        part(300..400, 9),
        trace(450..560, TraceKind::Erased),
    ];
    assert_eq!(surest(found), kept);
}

#[test]
fn eight_bytes_at_once_overlook_no_mark() {
    use super::search::{has_mark, may_have_mark};
    let marks: [&[u8]; 4] = [b"\x0A\x20", b"\x12\x20", b"\x22\x07v", b"\x22\x0Av"];
    let mut seen = 0;
    for length in 3..60 {
        let noise = |i: usize| (i as u32).wrapping_mul(2_654_435_761).rotate_left(9) as u8 | 0x80;
        let clean: Vec<u8> = (0..length).map(noise).collect();
        assert!(!has_mark(&clean) && !may_have_mark(&clean));
        for mark in marks {
            // A mark counts where a third byte follows.
            for at in 0..=length - 3 {
                let mut bytes = clean.clone();
                bytes[at..at + mark.len()].copy_from_slice(mark);
                assert!(
                    has_mark(&bytes) && may_have_mark(&bytes),
                    "{mark:?} at {at}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 1000);
}
