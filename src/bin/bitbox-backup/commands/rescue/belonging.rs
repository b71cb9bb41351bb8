//! Whose a folder is: what was rescued from one card is never shown as that of another.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use bitbox_backup::acquire::{self, ImageTarget, ImageTargetError};
use bitbox_backup::files::{OwnFile, Sources};
use bitbox_backup::image::{self, Folder, FolderKind, Limits, Medium, ReadAt};
use bitbox_backup::progress::Progress;
use bitbox_backup::text::path_text;
use sha2::{Digest, Sha256};

use super::plan::{Plan, card_image, note_in};
use crate::args::Global;
use crate::output_paths::{not_written, protect};
use crate::{evidence, interrupt};

/// Most bytes of the note: a hash and a path.
const MAX_NOTE: u64 = 8192;
/// Most bytes of a file of a folder that tell it from another: no file of a backup is longer.
const MAX_FILE: u64 = 64 << 10;
/// How deep folders in a folder are looked into.
const DEEPEST: usize = 8;

/// Refuses a folder of another card, and says with which folder this one goes on.
pub(super) fn check(plan: &Plan, global: &Global) -> anyhow::Result<()> {
    let Some(why) = other(plan, global)? else {
        return Ok(());
    };
    let folder = path_text(&plan.folder);
    let command = plan.again(&free(plan, global));
    Err(anyhow!(
        "{folder}: is of another card: {why}\ngive this card a folder of its own: {command}"
    ))
}

/// Why the folder is that of another card, if it is. One that is of none yet is this card's from now on.
fn other(plan: &Plan, global: &Global) -> anyhow::Result<Option<String>> {
    let sources = protect([&plan.source]);
    let (source, made) = (path_text(&plan.source), card_image(&plan.folder));
    let is_used = made.exists() || !plan.earlier.is_empty();
    let unknown = || Some(format!("what is in it was not made of {source}"));
    if plan.is_reader && made.exists() {
        let card = opened(&plan.source)?;
        let target = ImageTarget::open(&made, &sources, card.size(), 0);
        let made = path_text(&made);
        let differs = |offset: u64| format!("{made} differs from {source} at byte {offset}");
        return match target.and_then(|target| acquire::check(&*card, &target)) {
            Ok(_) => Ok(None),
            Err(ImageTargetError::OtherCard { offset, .. }) => Ok(Some(differs(offset))),
            Err(ImageTargetError::OtherSize { map, card, .. }) => Ok(Some(format!(
                "{made} is of a card of {map} bytes, and {source} has {card}"
            ))),
            Err(error) => Err(crate::commands::image::not_written(&error)),
        };
    }
    let (mut file, noted) = note(&plan.folder, &sources)?;
    if plan.is_reader {
        return Ok((is_used || noted.is_some()).then(unknown).flatten());
    }
    if is_same_file(&plan.source, &made) {
        return Ok(None);
    }
    let Some(contents) = contents(&plan.source, global) else {
        // Whoever wants the program to end needs no answer.
        let is_other = is_used && !interrupt::stopped();
        return Ok(is_other.then(unknown).flatten());
    };
    match noted {
        Some(noted) if noted == contents => Ok(None),
        Some(_) => Ok(Some(format!(
            "it was made of other contents than those of {source}"
        ))),
        None if is_used => Ok(unknown()),
        None => {
            let text = format!("{contents}  {source}\n");
            let written = file.write(text.as_bytes());
            written.map_err(|error| not_written(&error))?;
            Ok(None)
        }
    }
}

/// The place of the note in a folder, and the hash in it.
fn note(folder: &Path, sources: &Sources) -> anyhow::Result<(OwnFile, Option<String>)> {
    let opened = OwnFile::open(&note_in(folder), sources, MAX_NOTE);
    let (file, found) = opened.map_err(|error| not_written(&error))?;
    let hash = |note: &[u8]| {
        let text = String::from_utf8_lossy(note);
        text.split_whitespace().next().unwrap_or("").to_owned()
    };
    Ok((file, found.map(|bytes| hash(&bytes))))
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    real(one).is_some_and(|one| real(other) == Some(one))
}

/// The SHA-256 of a file, or of the names and the small files in a folder.
fn contents(source: &Path, global: &Global) -> Option<String> {
    if source.is_file() {
        return evidence::hash_before(source, global);
    }
    let mut hash = Sha256::new();
    add_folder(&mut hash, &Folder::open(source).ok()?, DEEPEST);
    (!interrupt::stopped()).then(|| hex::encode(hash.finalize()))
}

fn add_folder(hash: &mut Sha256, folder: &Folder, deepest: usize) {
    for entry in folder.contents().entries {
        if interrupt::stopped() {
            return;
        }
        let names: Vec<_> = entry.components.iter().collect();
        hash.update(format!("{names:?} {} {:?}\n", entry.size, entry.kind));
        match (entry.kind, deepest.checked_sub(1)) {
            (FolderKind::Folder, Some(deepest)) => {
                add_folder(hash, &folder.folder(&entry), deepest);
            }
            (FolderKind::File, _) if entry.size <= MAX_FILE => {
                if let Ok(bytes) = entry.read(MAX_FILE) {
                    hash.update(&*bytes);
                }
            }
            _ => {}
        }
    }
}

fn opened(source: &Path) -> anyhow::Result<Box<dyn ReadAt>> {
    let progress = Progress::stopped_by(interrupt::flag());
    let opened = image::open(source, &Limits::default(), |_| false, &progress);
    match opened.map(|opened| opened.source) {
        Ok(Medium::Image(image)) => Ok(image),
        Ok(_) => Err(anyhow!("{}: is not a card", path_text(source))),
        Err(error) => Err(anyhow!(
            "{}: {error}\n{}",
            path_text(source),
            error.hint_for(source)
        )),
    }
}

/// Folders beside this one that a rescue may have made for another card.
pub(super) fn beside(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let stem = match name.rsplit_once('-') {
        Some((stem, number)) if number.parse::<u32>().is_ok() => stem.to_owned(),
        _ => name.into_owned(),
    };
    let folder = folder.to_owned();
    (2..100).map(move |number| folder.with_file_name(format!("{stem}-{number}")))
}

/// The folder beside this one that is this card's already, or is not there yet.
fn free(plan: &Plan, global: &Global) -> PathBuf {
    let mut beside = beside(&plan.folder);
    let found = beside.find(|folder| !folder.exists() || is_of(folder, plan, global));
    found.unwrap_or_else(|| plan.folder.join("another"))
}

fn is_of(folder: &Path, plan: &Plan, global: &Global) -> bool {
    if !plan.is_reader {
        let noted = note(folder, &protect([&plan.source]));
        let noted = noted.ok().and_then(|(_, noted)| noted);
        return noted.is_some() && noted == contents(&plan.source, global);
    }
    let copy = opened(&card_image(folder));
    matches!((copy, opened(&plan.source)), (Ok(copy), Ok(card)) if acquire::is_of(&*copy, &*card))
}
