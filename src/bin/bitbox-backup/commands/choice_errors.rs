//! Why no backup could be chosen, and what to say instead.

use anyhow::anyhow;
use bitbox_backup::backup::words_of;
use bitbox_backup::recover::{ChoiceError, Recovery};
use bitbox_backup::text::made;

use super::wallet_selection::Meant;

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
        ChoiceError::NoSuchId { prefix, .. } | ChoiceError::Ambiguous { prefix, .. } => {
            let meant = Meant::among(Some(prefix), recovery);
            let said = meant.check().err().or_else(|| meant.nothing());
            return said.unwrap_or_else(|| anyhow!("{error}"));
        }
        ChoiceError::Several { ids } => {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            format!(
                "choose one with --id and enough of its digits: {}",
                Meant::among(None, recovery).list(&ids)
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
    anyhow!("{error}\n{hint}")
}

/// `16, 24 or 32`.
fn either(all: impl Iterator<Item = impl ToString>) -> String {
    let all: Vec<_> = all.map(|one| one.to_string()).collect();
    match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => all.concat(),
    }
}
