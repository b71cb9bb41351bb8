//! Backup files, encoded by hand.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use witness::Listed;

/// "memory raven era cave phone system dice come mechanic split moon repeat".
pub(crate) const ID: &str = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";
pub(crate) const SEED: &str = "8af64d31126a39b98f59708a3a463e5b";
/// Its backup as a device wrote it: "My BitBox", 2020-09-28T08:30:09Z, v9.13.0.
const FILE: &str = "0a6c0a6a0a2017834e53e17370800c0bc49b49ef3f1309df104d7239db5bbd093c90ee\
    fc995112110891bec6fb0512094d7920426974426f782233081012208af64d31126a39b98f59708a3a463e5b00000000\
    0000000000000000000000001891bec6fb05220776392e31332e30";

/// That backup.
pub(crate) fn known() -> Vec<u8> {
    hex::decode(FILE).expect("it is hex")
}

/// As it is listed.
pub(crate) fn listed() -> Listed {
    Listed {
        id: ID.into(),
        timestamp: 1_601_281_809,
        name: "My BitBox".into(),
    }
}

/// A backup without metadata.
pub(crate) const NO_METADATA: &[u8] = &[0x0A, 2, 0x0A, 0];

fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7F {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2][..], &varint(content.len()), content].concat()
}

fn number(number: u8, value: u32) -> Vec<u8> {
    [vec![number << 3], varint(value as usize)].concat()
}

fn padded(bytes: &[u8], size: usize) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(size, 0);
    padded
}

/// The backup of a seed, without birthdate, and its id.
pub(crate) fn back_up(seed: &[u8], timestamp: u32, name: &str) -> (String, Vec<u8>) {
    const GENERATOR: &str = "v9.26.5";
    let length = u32::try_from(seed.len()).expect("a seed is short");
    let seed = padded(seed, 32);
    let hashed = [
        &timestamp.to_le_bytes()[..],
        &[0],
        &padded(name.as_bytes(), 64),
        &length.to_le_bytes(),
        &seed,
        &[0; 4],
        &padded(GENERATOR.as_bytes(), 20),
        &[0; 4],
    ];
    let data = [
        number(1, length),
        field(2, &seed),
        field(4, GENERATOR.as_bytes()),
    ]
    .concat();
    let metadata = [number(1, timestamp), field(2, name.as_bytes())].concat();
    let content = [
        field(1, &Sha256::digest(hashed.concat())),
        field(2, &metadata),
        field(4, &data),
    ];
    let mut mac = Hmac::<Sha256>::new_from_slice(b"backup").expect("a key of any length will do");
    mac.update(&seed);
    let id = hex::encode(mac.finalize().into_bytes());
    (id, field(1, &field(1, &content.concat())))
}
