//! What `match` answers.

use bitbox_backup::assess::State;
use bitbox_backup::device::Address;
use bitbox_backup::recover::Reason;
use bitbox_backup::text::escape;
use serde::Serialize;

use super::device::DeviceReport;
use super::glance::SourceAnswer;
use super::head::Rules;
use super::outcome::Outcome;

/// Every backup compared with every device, or with an ID.
#[derive(Debug, Serialize)]
pub(crate) struct Matches<'a> {
    #[serde(flatten)]
    pub(crate) rules: Rules,
    /// The only one; `None` with `--id` and of several.
    pub(crate) device: Option<&'a DeviceReport>,
    pub(crate) devices: Vec<&'a DeviceReport>,
    pub(crate) sources: Vec<SourceAnswer<'a>>,
    pub(crate) matches: &'a [Matched<'a>],
    pub(crate) problems: &'a [Problem],
}

/// One backup held against one device or id.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Matched<'a> {
    pub(crate) source: &'a str,
    pub(crate) id: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    pub(crate) timestamp: Option<u32>,
    pub(crate) created: Option<String>,
    pub(crate) words: Option<u8>,
    pub(crate) fingerprint: Option<&'a str>,
    /// What it is worth on this card, as `list` has it.
    pub(crate) state: Option<State>,
    /// Whether the backup can be recovered; of one that cannot only its folder's name is known.
    pub(crate) proved: bool,
    pub(crate) reason: Option<Reason>,
    /// Which of the devices, from 0; `None` of an id.
    pub(crate) device: Option<usize>,
    pub(crate) device_id: Option<String>,
    pub(crate) by: Option<By>,
    pub(crate) result: Verdict,
}

/// What was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum By {
    Id,
    Fingerprint,
}

/// Whose backup it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// This device's, or the id's.
    Same,
    /// This device's, on which another wallet of the same words is open: by a passphrase.
    SameWithPassphrase,
    Other,
    #[default]
    Unknown,
}

impl Matched<'_> {
    /// Whether it belongs to the device or the id, and a BitBox restores it from this card as it is.
    pub(crate) fn is_there(&self) -> bool {
        let is_listed = matches!(self.state, Some(State::Healthy | State::Degraded));
        let belongs = matches!(self.result, Verdict::Same | Verdict::SameWithPassphrase);
        belongs && is_listed
    }
}

/// What keeps a match from being certain, and what to do about it.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    /// Which of the devices, from 0; `None` of one that was not reached, and of an id.
    device: Option<usize>,
    address: Option<String>,
    error: String,
    pub(crate) hint: String,
}

impl Problem {
    /// What a device could not be asked.
    pub(crate) fn of_device(
        device: Option<usize>,
        address: &Address,
        error: &anyhow::Error,
    ) -> Self {
        let (error, hint) = Outcome::lines(error);
        Self {
            device,
            address: Some(escape(&address.to_string())),
            error,
            hint: hint.unwrap_or_default(),
        }
    }

    /// A device whose ID says something else than its fingerprint.
    pub(crate) fn of_contradiction(device: usize, address: &str) -> Self {
        let error = "the BitBox gives the ID of a backup on these cards, and a root fingerprint that this backup makes \
                     only with a passphrase, which the BitBox says is not in use: the two contradict each other";
        let hint = "unplug the BitBox, plug it in again, unlock it, and run this again: a passphrase may still be in use \
                    although passphrases are switched off";
        Self {
            device: Some(device),
            address: Some(address.to_owned()),
            error: error.to_owned(),
            hint: hint.to_owned(),
        }
    }

    pub(crate) fn of_id(error: String, hint: String) -> Self {
        Self {
            device: None,
            address: None,
            error,
            hint,
        }
    }

    pub(crate) fn line(&self) -> String {
        match &self.address {
            Some(address) if !self.error.starts_with(address) => {
                format!("{address}: {}", self.error)
            }
            _ => self.error.clone(),
        }
    }
}
