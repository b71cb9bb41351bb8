//! Our strict decoding against the firmware's own release of prost (tests/witness), over files that are
//! whole, damaged, and put together of hostile parts.

use bitbox_backup::backup::{DecodeError, decode};
use fixtures::backup::wire::Message;
use fixtures::damage::{Random, together};

/// How many files, and the first seed; `.ci/full` asks for a million.
fn trials() -> (u64, u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    (
        number("DECODED_FILES").unwrap_or(60_000),
        number("DECODED_FIRST_SEED").unwrap_or(0),
    )
}

/// A message of fields that no encoder writes: repeated, too long, of other types, nested, unknown.
fn odd(random: &mut Random, depth: u64) -> Vec<u8> {
    let mut message = Message::new();
    for _ in 0..random.below(6) {
        let field = random.skewed(17);
        let value = random.next_u64() >> random.below(64);
        message = match random.below(8) {
            0 => message.varint(field, value),
            1 => message.overlong(field, value, 1 + random.below(11) as usize),
            2 => message.key(field, random.below(8)),
            3 => message.group(field, &[]),
            4 => message.groups(random.below(120) as usize, random.one_in(2)),
            5 => message.raw(&[random.byte()]),
            _ if depth > 0 => message.bytes(1 + field % 4, &odd(random, depth - 1)),
            _ => {
                let bytes: Vec<_> = (0..random.below(40)).map(|_| random.byte()).collect();
                message.bytes(field, &bytes)
            }
        };
    }
    message.into_bytes()
}

fn file(random: &mut Random) -> Vec<u8> {
    if random.one_in(3) {
        let inside = odd(random, 3);
        return if random.one_in(2) {
            fixtures::backup::wrap(&inside)
        } else {
            inside
        };
    }
    let mut bytes = together::wallet(random).encode();
    for _ in 0..random.below(3) {
        let at = random.below(bytes.len() as u64) as usize;
        match random.below(4) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.byte(),
            2 => bytes.insert(at, random.byte()),
            _ if bytes.len() > 1 => drop(bytes.remove(at)),
            _ => {}
        }
    }
    bytes
}

#[test]
fn thousands_of_files_decode_as_the_firmware_decodes_them() {
    let (trials, first) = trials();
    let (mut decoded, mut refused) = (0_u64, [0_u64; 3]);
    for seed in first..first + trials {
        let bytes = file(&mut Random::new(seed));
        let ours = decode(&bytes).map(|contents| contents.encode().to_vec());
        let theirs = witness::recode(&bytes);
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) if ours == theirs => decoded += 1,
            (Err(DecodeError::File), Err(witness::Undecodable::File)) => refused[0] += 1,
            (Err(DecodeError::NoContent), Err(witness::Undecodable::NoContent)) => refused[1] += 1,
            (Err(DecodeError::Data), Err(witness::Undecodable::Data)) => refused[2] += 1,
            _ => panic!("seed {seed}: {:?} is {:?} and not {theirs:?}", bytes, ours),
        }
    }
    println!("{decoded} decoded alike, {refused:?} refused alike");
    // Each way out was taken often.
    assert!(decoded > trials / 20, "{decoded}");
    assert!(
        refused.iter().all(|count| *count > trials / 200),
        "{refused:?}"
    );
}
