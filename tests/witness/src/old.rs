//! The firmware's `restore.c` of v9.9.0 to v9.12.0, in our own words: the first whole copy of a
//! directory ends the search, and the damaged ones before it are written over.

use prost::Message;

use crate::message::{Backup, BackupData, BackupVersion};
use crate::{Answer, Listed, Sectors, backup, ffi};

/// What one copy says.
struct Good {
    timestamp: u32,
    name: String,
    seed_length: u32,
    bytes: Vec<u8>,
}

pub(crate) fn list_backups(card: &dyn Sectors) -> Answer {
    let Ok(directories) = ffi::list_subdir(card, None) else {
        return Answer::Error;
    };
    let mut names = Vec::new();
    for directory in directories {
        match String::from_utf8(directory) {
            Ok(name) => names.push(name),
            Err(_) => return Answer::Error,
        }
    }
    let mut list = Vec::new();
    for id in names {
        let Some(good) = restore_from_directory(card, id.as_bytes()) else {
            continue;
        };
        if good.seed_length > 32 {
            return Answer::Crash;
        }
        list.push(Listed {
            id,
            timestamp: good.timestamp,
            name: good.name,
        });
    }
    if crate::message::Response::list_backups(&list).encoded_len() > crate::MAX_ANSWER {
        return Answer::Crash;
    }
    Answer::Ok(list)
}

fn restore_from_directory(card: &dyn Sectors, directory: &[u8]) -> Option<Good> {
    let files = ffi::list_subdir(card, Some(directory)).ok()?;
    if files.len() != 3 {
        return None;
    }
    let mut damaged = Vec::new();
    let mut good = None;
    for file in &files {
        let bytes = ffi::load_bin(card, file, directory).ok();
        good = bytes.as_deref().and_then(load_from_buffer);
        if good.is_some() {
            break;
        }
        damaged.push(bytes);
    }
    if good.is_none() {
        let all: Option<Vec<Vec<u8>>> = damaged.iter().cloned().collect();
        let all = all?;
        let voted = backup::bitwise_recovery(&all[0], &all[1], &all[2]).ok()?;
        good = load_from_buffer(&voted);
    }
    let good = good?;
    for file in files.iter().take(damaged.len()) {
        ffi::write_bin(card, file, directory, &good.bytes).ok()?;
    }
    Some(good)
}

fn load_from_buffer(bytes: &[u8]) -> Option<Good> {
    let Some(BackupVersion::BackupV1(v1)) = Backup::decode(bytes).ok()?.backup_version else {
        return None;
    };
    let content = v1.content?;
    let data = BackupData::decode(content.data.as_slice()).ok()?;
    let metadata = content.metadata.unwrap_or_default();
    if metadata.mode != 0 || metadata.name.len() > 63 || data.generator.len() > 19 {
        return None;
    }
    let checksum = backup::checksum(&metadata, &data, content.length).ok()?;
    let shown = metadata.name.split('\0').next().unwrap_or_default();
    (checksum == *content.checksum).then(|| Good {
        timestamp: metadata.timestamp,
        name: shown.to_owned(),
        seed_length: data.seed_length,
        bytes: bytes.to_vec(),
    })
}
