//! The firmware's `backup.rs`: from the files of a directory to one backup, or none.

use hmac::{Hmac, KeyInit, Mac};
use prost::Message;
use sha2::{Digest, Sha256};

use crate::message::{Backup, BackupData, BackupMetaData, BackupV1, BackupVersion};
use crate::{Failure, Loaded, Sectors, Undecodable, ffi};

/// `list_subdir`: the names, each of which must be UTF-8.
pub(crate) fn list_subdir(card: &dyn Sectors, dir: Option<&str>) -> Result<Vec<String>, Failure> {
    let names = ffi::list_subdir(card, dir.map(str::as_bytes)).map_err(|_| Failure::Refused)?;
    names
        .into_iter()
        .map(|name| String::from_utf8(name).map_err(|_| Failure::Refused))
        .collect()
}

/// `load`: all three files are read, then the first good one wins, else their vote.
pub(crate) fn load(card: &dyn Sectors, dir: &str) -> Result<Loaded, Failure> {
    let files: [String; 3] = list_subdir(card, Some(dir))?
        .try_into()
        .map_err(|_| Failure::Refused)?;
    let mut contents = Vec::new();
    for file in &files {
        let bytes = ffi::load_bin(card, file.as_bytes(), dir.as_bytes());
        contents.push(bytes.map_err(|_| Failure::Refused)?);
    }
    for bytes in &contents {
        match load_from_buffer(bytes, dir) {
            Err(Failure::Refused) => {}
            decided => return decided,
        }
    }
    load_from_buffer(
        &bitwise_recovery(&contents[0], &contents[1], &contents[2])?,
        dir,
    )
}

/// `load_from_buffer`: decodes one copy and checks it, in the firmware's order.
fn load_from_buffer(bytes: &[u8], dir: &str) -> Result<Loaded, Failure> {
    let backup = Backup::decode(bytes).map_err(|_| Failure::Refused)?;
    let Some(BackupVersion::BackupV1(BackupV1 {
        content: Some(content),
    })) = backup.backup_version
    else {
        return Err(Failure::Refused);
    };
    let data = BackupData::decode(content.data.as_slice()).map_err(|_| Failure::Refused)?;
    if data.seed_length > 32 {
        return Err(Failure::Refused);
    }
    let metadata = content.metadata.ok_or(Failure::Panic)?; // it unwraps
    if checksum(&metadata, &data, content.length)? != *content.checksum {
        return Err(Failure::Refused);
    }
    if id(&data)? != dir {
        return Err(Failure::Refused);
    }
    Ok(Loaded {
        timestamp: metadata.timestamp,
        name: metadata.name,
        seed: data.seed[..data.seed_length as usize].to_vec(),
        birthdate: data.birthdate,
        generator: data.generator,
    })
}

/// `compute_checksum`: over every field at its full width.
pub(crate) fn checksum(
    metadata: &BackupMetaData,
    data: &BackupData,
    length: u32,
) -> Result<[u8; 32], Failure> {
    let [mode, ..] = metadata.mode.to_le_bytes();
    let mut hasher = Sha256::new();
    hasher.update(metadata.timestamp.to_le_bytes());
    hasher.update([mode]);
    hasher.update(padded::<64>(metadata.name.as_bytes())?);
    hasher.update(data.seed_length.to_le_bytes());
    hasher.update(<[u8; 32]>::try_from(&*data.seed).map_err(|_| Failure::Refused)?);
    hasher.update(data.birthdate.to_le_bytes());
    hasher.update(padded::<20>(data.generator.as_bytes())?);
    hasher.update(length.to_le_bytes());
    Ok(hasher.finalize().into())
}

/// `id`: of the seed without what follows it, padded anew. The checksum has passed by then, so there
/// are 32 bytes.
fn id(data: &BackupData) -> Result<String, Failure> {
    let seed = padded::<32>(&data.seed[..data.seed_length as usize])?;
    let mut mac = Hmac::<Sha256>::new_from_slice(b"backup").expect("a key of any length will do");
    mac.update(&seed);
    Ok(hex::encode(mac.finalize().into_bytes()))
}

/// Bytes with zeros behind them; too many are refused.
fn padded<const SIZE: usize>(bytes: &[u8]) -> Result<[u8; SIZE], Failure> {
    let mut padded = [0; SIZE];
    padded
        .get_mut(..bytes.len())
        .ok_or(Failure::Refused)?
        .copy_from_slice(bytes);
    Ok(padded)
}

/// `bitwise_recovery`: of every bit the value that two of three buffers of one length have.
pub(crate) fn bitwise_recovery(one: &[u8], two: &[u8], three: &[u8]) -> Result<Vec<u8>, Failure> {
    if one.len() != two.len() || one.len() != three.len() {
        return Err(Failure::Refused);
    }
    let bytes = one.iter().zip(two).zip(three);
    Ok(bytes
        .map(|((one, two), three)| one & two | one & three | two & three)
        .collect())
}

/// Decodes a file as the firmware does, without looking at what it says, and encodes it again.
pub(crate) fn recode(bytes: &[u8]) -> Result<Vec<u8>, Undecodable> {
    let mut backup = Backup::decode(bytes).map_err(|_| Undecodable::File)?;
    let Some(BackupVersion::BackupV1(v1)) = &mut backup.backup_version else {
        return Err(Undecodable::NoContent);
    };
    let content = v1.content.as_mut().ok_or(Undecodable::NoContent)?;
    let data = BackupData::decode(content.data.as_slice()).map_err(|_| Undecodable::Data)?;
    content.data = data.encode_to_vec();
    Ok(backup.encode_to_vec())
}
