//! `device create --verify`: the card in a reader, held against what the device said of it.

use std::path::Path;

use bitbox_backup::assess::State;
use bitbox_backup::device::Backup;
use bitbox_backup::examine::{self, Options};
use bitbox_backup::report::{Source, Status, path_text};

use crate::commands::no_terminal;
use crate::terminal::Terminal;

use super::confirmed;

/// What the second witness says.
#[derive(Debug)]
pub(crate) struct Verified {
    /// In what it contradicts the device.
    pub(crate) differences: Vec<String>,
}

impl Verified {
    /// Whether both agree.
    pub(crate) fn holds(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Refuses what would end in a question nobody can be asked.
pub(super) fn can_ask(yes: bool) -> anyhow::Result<()> {
    if yes || Terminal::open().is_some() {
        return Ok(());
    }
    Err(no_terminal(
        "\"Now move the card from the BitBox to the reader\"",
        "run the program on a terminal, or say --yes if SOURCE has the card by then",
    ))
}

/// Waits until the card is in the reader, examines it, and compares.
pub(super) fn verify(source: &Path, expected: &Backup, yes: bool) -> anyhow::Result<Verified> {
    let name = path_text(source);
    let mut question =
        format!("Now move the card from the BitBox to the reader ({name}). Is it there?");
    loop {
        let moved = confirmed(yes, &question)?;
        if !moved {
            let differences = vec!["it was not looked at".to_owned()];
            return Ok(Verified { differences });
        }
        let report = examine::examine(source, &Options::default());
        if report.status == Status::Examined || yes {
            return Ok(compare(&report, expected));
        }
        let error = report.error.unwrap_or_default();
        question = format!("{name}: {error}. Try again?");
    }
}

fn compare(report: &Source, expected: &Backup) -> Verified {
    let mut differences = Vec::new();
    if let Some(error) = &report.error {
        differences.push(format!("{}: {error}", report.source));
        return Verified { differences };
    }
    let of_wallet = |id: &Option<String>| id.as_deref() == Some(expected.id.as_str());
    let found = report
        .backups
        .iter()
        .find(|backup| of_wallet(&backup.id) && backup.timestamp == Some(expected.timestamp));
    match found {
        None if report.backups.iter().any(|backup| of_wallet(&backup.id)) => {
            differences.push("it holds a backup of this wallet, but of another time".to_owned());
        }
        None => {
            differences.push("it holds no backup of this wallet: is it the same card?".to_owned())
        }
        Some(found) => {
            if found.state != State::Healthy {
                differences.push(format!("the backup on it is {}", found.state));
            }
            let name = bitbox_backup::report::escape(&expected.name);
            if found.name.as_deref() != Some(name.as_str()) {
                let other = found.name.as_deref().unwrap_or_default();
                differences.push(format!("the name in it is \"{other}\", not \"{name}\""));
            }
        }
    }
    Verified { differences }
}
