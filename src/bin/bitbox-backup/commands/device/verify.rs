//! `device create --verify`: the card in a card reader, compared with what the device said of it.

use std::path::Path;

use anyhow::{anyhow, bail, ensure};
use bitbox_backup::assess::State;
use bitbox_backup::examine::{self, Options};
use bitbox_backup::image::{self, Limits, OpenError};
use bitbox_backup::progress::Progress;
use bitbox_backup::report::{Source, Status};
use bitbox_backup::text::path_text;

use crate::answers::device::Created;
use crate::commands::{confirmed, no_terminal};
use crate::terminal::Terminal;

/// Refuses what would end in a question nobody can be asked, or in a source that cannot be opened.
pub(super) fn check(source: &Path, limits: Limits, yes: bool) -> anyhow::Result<()> {
    if !yes && Terminal::open().is_none() {
        return Err(no_terminal(
            "Now move the card from the BitBox to the reader",
            "run the program on a terminal, or say --yes if SOURCE has the card by then",
        ));
    }
    let opened = image::open(source, &limits, |_| false, &Progress::default());
    match opened.map_or_else(Some, |opened| opened.otherwise) {
        // The card is still in the BitBox.
        None | Some(OpenError::NoMedium) => Ok(()),
        Some(OpenError::NotFound) if appears_with_its_card(source) => Ok(()),
        Some(error) => Err(anyhow!(
            "--verify {}: {error}\n{}; the BitBox was not asked for anything",
            path_text(source),
            error.hint_for(source)
        )),
    }
}

/// Whether this names a built-in card reader, which the system shows only while a card is in it.
fn appears_with_its_card(source: &Path) -> bool {
    let Some(name) = source.to_str().and_then(|path| path.strip_prefix("/dev/")) else {
        return false;
    };
    let number = if cfg!(target_vendor = "apple") {
        let name = name.strip_prefix('r').unwrap_or(name);
        name.strip_prefix("disk")
    } else {
        name.strip_prefix("mmcblk")
    };
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Waits until the card is in the reader, examines it, and says in what it contradicts the device.
///
/// # Errors
/// If the card could not be read, which says nothing about the backup.
pub(super) fn verify(
    source: &Path,
    limits: Limits,
    created: &Created,
    yes: bool,
) -> anyhow::Result<Vec<String>> {
    let name = path_text(source);
    let mut question =
        format!("Now move the card from the BitBox to the reader ({name}). Is it there?");
    let options = Options {
        max_unpacked: limits.max_unpacked,
        ..Options::default()
    };
    loop {
        ensure!(
            confirmed(yes, "", &question)?,
            "nobody confirmed that the card is in the reader"
        );
        let report = examine::report_on(source, &options);
        if report.status == Status::Examined {
            return Ok(compare(&report, created));
        }
        let error = report.error.unwrap_or_default();
        if yes {
            bail!("{name}: {error}");
        }
        question = format!("{name}: {error}. Try again?");
    }
}

fn compare(report: &Source, created: &Created) -> Vec<String> {
    let backups = report.backups.iter();
    let of_wallet = backups.filter(|one| created.id.is_none() || one.id == created.id);
    let mut of_wallet = of_wallet.peekable();
    let is_there = created.id.is_some() && of_wallet.peek().is_some();
    let Some(found) = of_wallet.find(|one| one.timestamp == Some(created.timestamp)) else {
        let what = match is_there {
            true => "it holds a backup of this wallet, but from another time",
            false => "it holds no backup of this wallet: is it the same card?",
        };
        return vec![what.to_owned()];
    };
    let mut differences = Vec::new();
    if found.state != State::Healthy {
        differences.push(format!("the backup on it is {}", found.state));
    }
    let name = created.name.as_deref().unwrap_or_default();
    if found.name.as_deref() != Some(name) {
        let other = found.name.as_deref().unwrap_or_default();
        differences.push(format!("the name in it is \"{other}\", not \"{name}\""));
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_built_in_reader_is_there_only_with_a_card() {
        for (path, expected) in [
            ("/dev/mmcblk0", true),
            ("/dev/mmcblk12", true),
            ("/dev/mmcblk", false),
            ("/dev/mmcblk0p1", false),
            ("/dev/mmcblkO", false),
            ("/dev/sdb", false),
            ("mmcblk0", false),
            ("/media/card", false),
        ] {
            assert_eq!(appears_with_its_card(Path::new(path)), expected, "{path}");
        }
    }
}
