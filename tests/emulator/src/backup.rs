//! The firmware's `create` of `backup.rs`, in our own words (docs/format.md 1, 2, 4).

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use witness::Sectors;

use crate::wire::{bytes, number, text};

/// What goes into a backup.
pub(crate) struct Contents<'a> {
    pub(crate) seed: &'a [u8],
    pub(crate) name: &'a str,
    pub(crate) timestamp: u32,
    pub(crate) birthdate: u32,
    pub(crate) generator: &'a str,
}

/// Why the device says "Backup not created": the name it puts on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotCreated {
    Generic,
    SdList,
    SdWrite,
    SdRead,
    Check,
    Stale,
}

/// The id of the backups of a seed: the name of their directory.
///
/// # Panics
///
/// If the seed is longer than 32 bytes.
pub fn backup_id(seed: &[u8]) -> String {
    let mut padded = [0; 32];
    padded[..seed.len()].copy_from_slice(seed);
    let mut mac = Hmac::<Sha256>::new_from_slice(b"backup").expect("a key of any length will do");
    mac.update(&padded);
    hex::encode(mac.finalize().into_bytes())
}

/// The names of the three files of a backup made at this time.
pub fn file_names(timestamp: u32) -> [String; 3] {
    let time = Timestamp::from_second(i64::from(timestamp)).expect("32 bits of seconds fit");
    let time = time.strftime("%a_%Y-%m-%dT%H-%M-%SZ").to_string();
    [0, 1, 2].map(|n| format!("backup_{time}_{n}.bin"))
}

/// Writes three copies, reads each back, and only then erases what was there before.
pub(crate) fn create(card: &dyn Sectors, contents: &Contents<'_>) -> Result<(), NotCreated> {
    if contents.generator.len() > 19 || contents.name.len() > 63 {
        return Err(NotCreated::Generic);
    }
    let file = encode(contents);
    let id = backup_id(contents.seed);
    let old = witness::list_subdir(card, Some(id.as_bytes())).map_err(|_| NotCreated::SdList)?;
    let old: Vec<String> = old
        .into_iter()
        .map(|name| String::from_utf8(name).map_err(|_| NotCreated::SdList))
        .collect::<Result<_, _>>()?;
    for name in file_names(contents.timestamp) {
        if old.contains(&name) {
            return Err(NotCreated::Generic);
        }
        witness::write_bin(card, &name, &id, &file).map_err(|_| NotCreated::SdWrite)?;
        let read = witness::load_bin(card, name.as_bytes(), id.as_bytes());
        if read.map_err(|_| NotCreated::SdRead)? != file {
            return Err(NotCreated::Check);
        }
    }
    let mut stale = false;
    for name in old {
        stale |= witness::erase_file(card, &name, &id).is_err();
    }
    if stale {
        Err(NotCreated::Stale)
    } else {
        Ok(())
    }
}

fn encode(contents: &Contents<'_>) -> Vec<u8> {
    let mut seed = contents.seed.to_vec();
    seed.resize(32, 0);
    let length = contents.seed.len() as u64;
    let data = [
        number(1, length),
        bytes(2, &seed),
        number(3, u64::from(contents.birthdate)),
        text(4, contents.generator),
    ];
    let metadata = [
        number(1, u64::from(contents.timestamp)),
        text(2, contents.name),
    ];
    let content = [
        bytes(1, &checksum(contents, &seed)),
        bytes(2, &metadata.concat()),
        bytes(4, &data.concat()),
    ];
    bytes(1, &bytes(1, &content.concat()))
}

fn checksum(contents: &Contents<'_>, seed: &[u8]) -> [u8; 32] {
    let padded = |text: &str, size| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(size, 0);
        bytes
    };
    let mut hash = Sha256::new();
    hash.update(contents.timestamp.to_le_bytes());
    hash.update([0]); // mode
    hash.update(padded(contents.name, 64));
    hash.update((contents.seed.len() as u32).to_le_bytes());
    hash.update(seed);
    hash.update(contents.birthdate.to_le_bytes());
    hash.update(padded(contents.generator, 20));
    hash.update([0; 4]); // length
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file of docs/format.md 8-c.
    const FILE: &str = "0a6c0a6a0a2017834e53e17370800c0bc49b49ef3f1309df104d7239db5bbd093c90ee\
        fc995112110891bec6fb0512094d7920426974426f782233081012208af64d31126a39b98f59708a3a463e5b0000\
        00000000000000000000000000001891bec6fb05220776392e31332e30";

    #[test]
    fn the_file_of_a_real_device() {
        let seed = hex::decode("8af64d31126a39b98f59708a3a463e5b").expect("it is hex");
        let contents = Contents {
            seed: &seed,
            name: "My BitBox",
            timestamp: 1_601_281_809,
            birthdate: 1_601_281_809,
            generator: "v9.13.0",
        };
        assert_eq!(hex::encode(encode(&contents)), FILE);
        assert_eq!(
            backup_id(&seed),
            "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2"
        );
        assert_eq!(
            file_names(1_601_281_809)[2],
            "backup_Mon_2020-09-28T08-30-09Z_2.bin"
        );
    }
}
