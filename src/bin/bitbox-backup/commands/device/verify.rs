//! `device create --verify`: the card in a card reader, compared with what the device said of it.

use std::path::Path;

use anyhow::anyhow;
use bitbox_backup::assess::State;
use bitbox_backup::examine::{self, Options};
use bitbox_backup::image::{self, Limits, OpenError};
use bitbox_backup::progress::Progress;
use bitbox_backup::report::{Source, Status};
use bitbox_backup::text::path_text;

use crate::commands::no_terminal;
use crate::terminal::Terminal;

use super::confirmed;

/// What comparing the card with the device's answer came to.
#[derive(Debug)]
pub(crate) enum Verified {
    /// The id, the time and the name are the same, and there are three valid copies.
    Agrees,
    /// In what the card contradicts the device.
    Differs(Vec<String>),
    /// The card could not be read, which says nothing about the backup.
    Unread(String),
}

/// The backup that was made, as far as it is known.
pub(super) struct Expected<'a> {
    /// Its id; `None` if the device could not be asked for it.
    pub(super) id: Option<&'a str>,
    pub(super) timestamp: u32,
    pub(super) name: &'a str,
}

impl Verified {
    /// Whether both agree; `None` if the card was not read.
    pub(crate) fn agrees(&self) -> Option<bool> {
        match self {
            Self::Agrees => Some(true),
            Self::Differs(_) => Some(false),
            Self::Unread(_) => None,
        }
    }
}

/// Refuses what would end in a question nobody can be asked, or in a source that cannot be opened.
pub(super) fn check(source: &Path, limits: Limits, yes: bool) -> anyhow::Result<()> {
    if !yes && Terminal::open().is_none() {
        return Err(no_terminal(
            "Now move the card from the BitBox to the reader",
            "run the program on a terminal, or say --yes if SOURCE has the card by then",
        ));
    }
    let refused = match image::open(source, &limits, |_| false, &Progress::default()) {
        Ok(opened) => opened.otherwise,
        Err(error) => Some(error),
    };
    let Some(error) = refused else {
        return Ok(());
    };
    match error {
        // The card is still in the BitBox.
        OpenError::NoMedium => Ok(()),
        OpenError::NotFound if appears_with_its_card(source) => Ok(()),
        error => Err(anyhow!(
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

/// Waits until the card is in the reader, examines it, and compares.
pub(super) fn verify(
    source: &Path,
    limits: Limits,
    expected: &Expected<'_>,
    yes: bool,
) -> anyhow::Result<Verified> {
    let name = path_text(source);
    let mut question =
        format!("Now move the card from the BitBox to the reader ({name}). Is it there?");
    loop {
        if !confirmed(yes, "", &question)? {
            let why = "nobody confirmed that the card is in the reader".to_owned();
            return Ok(Verified::Unread(why));
        }
        let options = Options {
            max_unpacked: limits.max_unpacked,
            ..Options::default()
        };
        let report = examine::report_on(source, &options);
        if report.status == Status::Examined {
            return Ok(compare(&report, expected));
        }
        let error = report.error.unwrap_or_default();
        if yes {
            return Ok(Verified::Unread(format!("{name}: {error}")));
        }
        question = format!("{name}: {error}. Try again?");
    }
}

fn compare(report: &Source, expected: &Expected<'_>) -> Verified {
    let of_wallet = |id: &Option<String>| expected.id.is_none() || id.as_deref() == expected.id;
    let mut backups = report.backups.iter();
    let found = backups
        .find(|backup| of_wallet(&backup.id) && backup.timestamp == Some(expected.timestamp));
    let mut differences = Vec::new();
    match found {
        None if expected.id.is_some()
            && report.backups.iter().any(|backup| of_wallet(&backup.id)) =>
        {
            differences.push("it holds a backup of this wallet, but from another time".to_owned());
        }
        None => {
            differences.push("it holds no backup of this wallet: is it the same card?".to_owned());
        }
        Some(found) => {
            if found.state != State::Healthy {
                differences.push(format!("the backup on it is {}", found.state));
            }
            let name = bitbox_backup::text::escape(expected.name);
            if found.name.as_deref() != Some(name.as_str()) {
                let other = found.name.as_deref().unwrap_or_default();
                differences.push(format!("the name in it is \"{other}\", not \"{name}\""));
            }
        }
    }
    if differences.is_empty() {
        Verified::Agrees
    } else {
        Verified::Differs(differences)
    }
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
