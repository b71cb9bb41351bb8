//! Why no backup could be chosen, and what to say instead.

use anyhow::anyhow;
use bitbox_backup::backup::{Id, words_of};
use bitbox_backup::recover::{ChoiceError, Recovery};
use bitbox_backup::text::{escape, made, unique_digits};

use crate::exit::Refused;

/// Whether saying more on the command line would do, with everything else as it is.
pub(super) fn is_open(error: &ChoiceError) -> bool {
    matches!(
        error,
        ChoiceError::Ambiguous { .. } | ChoiceError::Several { .. } | ChoiceError::Lengths { .. }
    )
}

/// The error with advice on a second line.
pub(super) fn advised(error: &ChoiceError, recovery: &Recovery) -> anyhow::Error {
    let hint = match error {
        ChoiceError::NoSuchId { known, .. } if known.is_empty() => {
            "leave --id out: no ID is known here".to_owned()
        }
        ChoiceError::NoSuchId { known: ids, .. } => format!("there are: {}", list(ids, recovery)),
        ChoiceError::Ambiguous { ids, .. } | ChoiceError::Several { ids } => {
            format!(
                "choose one with --id and enough of its digits: {}",
                list(ids, recovery)
            )
        }
        ChoiceError::NoSuchTime { known, .. } => {
            let times = known.iter().map(|time| {
                format!(
                    "{time} ({})",
                    made(*time).unwrap_or_else(|| "unknown".to_owned())
                )
            });
            match times.collect::<Vec<_>>() {
                none if none.is_empty() => "leave --timestamp out".to_owned(),
                times => format!("there are: {}", times.join(", ")),
            }
        }
        ChoiceError::NoSuchLength { proved, .. } => match words_of(*proved) {
            Some(words) => format!("leave --length out: that it has {words} words is proved"),
            None => "leave --length out: its length is proved".to_owned(),
        },
        ChoiceError::Lengths { lengths, .. } => {
            let words = lengths.iter().filter_map(|length| words_of(*length));
            format!(
                "say --length {} for {} words, if you know how many you wrote down",
                either(lengths.iter()),
                either(words)
            )
        }
        _ => "see what is there with `bitbox-backup list`".to_owned(),
    };
    match error {
        // An answer, and not the one wanted.
        ChoiceError::NoSuchId { .. } => Refused::error(&error.to_string(), &hint),
        _ => anyhow!("{error}\n{hint}"),
    }
}

/// `16, 24 or 32`.
fn either(all: impl Iterator<Item = impl ToString>) -> String {
    let all: Vec<_> = all.map(|one| one.to_string()).collect();
    match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => all.concat(),
    }
}

/// Ids with as many digits as tell them apart, each with the name of its newest backup.
fn list(ids: &[Id], recovery: &Recovery) -> String {
    let all: Vec<_> = ids.iter().map(|id| (id, id.to_string())).collect();
    let digits = unique_digits(all.iter().map(|(_, text)| text.as_str()));
    let told = all.iter().map(|(id, text)| {
        let short: String = text.chars().take(digits).chain(['…']).collect();
        let mut same = recovery.recovered.iter().filter(|one| one.id == **id);
        let name = same.find_map(|one| one.name.as_deref().filter(|name| !name.is_empty()));
        match name {
            Some(name) => format!("{short} \"{}\"", escape(name)),
            None => short,
        }
    });
    told.collect::<Vec<_>>().join(", ")
}
