//! The known file, and what a decoder makes of damage to it.

use super::*;

/// The file of docs/format.md 8.
pub(crate) const KNOWN: &str = "0a6c0a6a0a2017834e53e17370800c0bc49b49ef3f1309df104d7239db5bbd093c90eefc995112110891bec6fb0512094d7920426974426f782233081012208af64d31126a39b98f59708a3a463e5b000000000000000000000000000000001891bec6fb05220776392e31332e30";

#[test]
fn the_known_file_is_whole() {
    let contents = decode(&hex::decode(KNOWN).unwrap()).unwrap();
    assert_eq!(contents.check(), Ok(()));
    assert_eq!(contents.metadata().unwrap().name, "My BitBox");
    assert_eq!(contents.metadata().unwrap().timestamp, 1_601_281_809);
    assert_eq!(contents.seed_length(), 16);
    assert_eq!(contents.birthdate(), Some(1_601_281_809));
    assert_eq!(contents.generator(), "v9.13.0");
    assert_eq!(contents.length_fits_generator(), Some(true));
    assert_eq!(
        contents.id().unwrap().to_string(),
        "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2"
    );
}

#[test]
fn every_flipped_bit_is_noticed_or_means_nothing() {
    let known = hex::decode(KNOWN).unwrap();
    let fields = |bytes: &[u8]| {
        let contents = decode(bytes)
            .ok()
            .filter(|contents| contents.check().is_ok())?;
        let metadata = contents.metadata().cloned();
        Some((
            metadata,
            contents.id(),
            contents.birthdate(),
            contents.generator().to_owned(),
        ))
    };
    let whole = fields(&known);
    let mut harmless = 0;
    for bit in 0..known.len() * 8 {
        let mut bytes = known.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let flipped = fields(&bytes);
        harmless += usize::from(flipped.is_some());
        assert!(
            flipped.is_none() || flipped == whole,
            "bit {bit} flipped unnoticed"
        );
    }
    // The three bits above the 32nd in the last byte of the two five-byte times.
    assert_eq!(harmless, 6);
}

#[test]
fn no_metadata_is_its_own_error() {
    let contents = decode(&[0x0a, 2, 0x0a, 0]).unwrap();
    assert_eq!(contents.check(), Err(CheckError::NoMetadata));
    assert_eq!(decode(&[]).unwrap_err(), DecodeError::NoContent);
    assert_eq!(decode(&[0xff]).unwrap_err(), DecodeError::File);
}

#[test]
fn debug_tells_no_secret() {
    let contents = decode(&hex::decode(KNOWN).unwrap()).unwrap();
    let text = format!("{contents:?}");
    assert_eq!(
        text,
        "Contents { content: BackupContent(..), data: BackupData(..) }"
    );
}
