//! Whether a backup is of the wallet a device holds, or an id names.

use bitbox_backup::backup::Id;

use crate::answers::matching::{By, Verdict};

/// What is known of the wallet that cards are held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// As much of its id as is known.
    id: Option<String>,
    /// Its root fingerprint, with the passphrase in use, if any.
    fingerprint: Option<String>,
    /// Whether a passphrase may be in use.
    passphrase: bool,
}

impl Known {
    /// An id, or its first digits, in lower case.
    pub(crate) fn of_id(prefix: &str) -> Self {
        Self {
            id: Some(prefix.to_owned()),
            fingerprint: None,
            passphrase: false,
        }
    }

    /// What a device says; `passphrase` is whether it has them enabled.
    pub(crate) fn of_device(id: Option<Id>, fingerprint: Option<&str>, passphrase: bool) -> Self {
        Self {
            id: id.map(|id| id.to_string()),
            fingerprint: fingerprint.map(str::to_owned),
            passphrase,
        }
    }

    /// As much of its id as is known.
    pub(crate) fn id(&self) -> Option<String> {
        self.id.clone()
    }

    /// Whether the ID says that a backup is this device's, and the fingerprint that it is not, though no
    /// passphrase is in use as far as the device says. Of an ambiguous ID that is no contradiction: the backup
    /// is of another length.
    pub(crate) fn contradicts(&self, found: &Found<'_>) -> bool {
        let prints = self.fingerprint.as_deref().zip(found.fingerprint);
        let ids = self.id.as_deref().zip(found.id);
        let same_id = ids.is_some_and(|(own, found)| found.starts_with(own));
        let differs = prints.is_some_and(|(own, found)| own != found);
        same_id && differs && !self.passphrase && !found.ambiguous
    }

    /// Whose a backup is.
    ///
    /// An id says nothing of a passphrase, and is that of wallets of several lengths; a fingerprint is of
    /// one wallet with its passphrase. So another fingerprint tells another wallet only where no
    /// passphrase may be in use.
    pub(crate) fn compare(&self, found: &Found<'_>) -> (Verdict, Option<By>) {
        let prints = self.fingerprint.as_deref().zip(found.fingerprint);
        let same_print = prints.map(|(own, found)| own == found);
        let ids = self.id.as_deref().zip(found.id);
        let same_id = ids.map(|(own, found)| found.starts_with(own));
        match (same_id, same_print) {
            _ if self.contradicts(found) => (Verdict::Unknown, None),
            (Some(false), _) => (Verdict::Other, Some(By::Id)),
            (Some(true), Some(true)) => (Verdict::Same, Some(By::Id)),
            // A wallet of the same id and another length, for no passphrase is in use.
            (_, Some(false)) if !self.passphrase => (Verdict::Other, Some(By::Fingerprint)),
            (Some(true), _) if found.ambiguous => (Verdict::Unknown, None),
            (Some(true), Some(false)) => (Verdict::SameWithPassphrase, Some(By::Id)),
            (Some(true), None) => (Verdict::Same, Some(By::Id)),
            (None, Some(true)) => (Verdict::Same, Some(By::Fingerprint)),
            (None, Some(false) | None) => (Verdict::Unknown, None),
        }
    }
}

/// What is known of a backup.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) id: Option<&'a str>,
    /// The root fingerprint it makes without a passphrase.
    pub(crate) fingerprint: Option<&'a str>,
    /// Whether its id, or the part of it that was given, is that of several wallets here.
    pub(crate) ambiguous: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";
    const OTHER: &str = "63eb0d691ae7d4e8fe7bb3f1ac0b8c40b98e03a0fc9c31f6837987fc52ee5ab2";

    #[test]
    fn what_each_knowledge_tells() {
        let id = |text: &str| text.parse::<Id>().ok();
        let (by_id, by_print) = (Some(By::Id), Some(By::Fingerprint));
        let with_card = Known::of_device(id(ID), Some("5862f623"), true);
        let no_card = Known::of_device(None, Some("5862f623"), false);
        let may_be = Known::of_device(None, Some("5862f623"), true);
        let nothing = Known::of_device(None, None, false);
        let prefix = Known::of_id("577782fd");
        for (known, found, print, expected) in [
            (
                &with_card,
                Some(ID),
                Some("5862f623"),
                (Verdict::Same, by_id),
            ),
            (
                &with_card,
                Some(ID),
                Some("7412dfe8"),
                (Verdict::SameWithPassphrase, by_id),
            ),
            (&with_card, Some(ID), None, (Verdict::Same, by_id)),
            (
                &with_card,
                Some(OTHER),
                Some("73c5da0a"),
                (Verdict::Other, by_id),
            ),
            (&with_card, None, None, (Verdict::Unknown, None)),
            (
                &no_card,
                Some(ID),
                Some("5862f623"),
                (Verdict::Same, by_print),
            ),
            (
                &no_card,
                Some(ID),
                Some("73c5da0a"),
                (Verdict::Other, by_print),
            ),
            (&no_card, Some(ID), None, (Verdict::Unknown, None)),
            (
                &may_be,
                Some(ID),
                Some("5862f623"),
                (Verdict::Same, by_print),
            ),
            (
                &may_be,
                Some(OTHER),
                Some("73c5da0a"),
                (Verdict::Unknown, None),
            ),
            (
                &nothing,
                Some(ID),
                Some("5862f623"),
                (Verdict::Unknown, None),
            ),
            (&prefix, Some(ID), Some("5862f623"), (Verdict::Same, by_id)),
            (
                &prefix,
                Some(OTHER),
                Some("73c5da0a"),
                (Verdict::Other, by_id),
            ),
            (&prefix, None, None, (Verdict::Unknown, None)),
        ] {
            let found = Found {
                id: found,
                fingerprint: print,
                ambiguous: false,
            };
            assert_eq!(known.compare(&found), expected, "{known:?} {found:?}");
        }
    }

    #[test]
    fn one_id_of_two_lengths_is_two_wallets() {
        let compare = |known: &Known, fingerprint| {
            known.compare(&Found {
                id: Some(ID),
                fingerprint,
                ambiguous: true,
            })
        };
        let id = ID.parse::<Id>().ok();
        let (own, other) = (Some("5862f623"), Some("7412dfe8"));
        let unknown = (Verdict::Unknown, None);
        for passphrase in [false, true] {
            let device = Known::of_device(id, own, passphrase);
            assert_eq!(compare(&device, own), (Verdict::Same, Some(By::Id)));
            assert_eq!(compare(&device, None), unknown);
        }
        let device = Known::of_device(id, own, false);
        let by_print = (Verdict::Other, Some(By::Fingerprint));
        assert_eq!(compare(&device, other), by_print);
        let device = Known::of_device(id, own, true);
        assert_eq!(compare(&device, other), unknown);
        assert_eq!(compare(&Known::of_id("577782fd"), own), unknown);
    }

    #[test]
    fn an_id_and_a_fingerprint_that_contradict_each_other_tell_nothing() {
        let device = Known::of_device(ID.parse::<Id>().ok(), Some("5862f623"), false);
        let found = |fingerprint, ambiguous| Found {
            id: Some(ID),
            fingerprint: Some(fingerprint),
            ambiguous,
        };
        let contradicting = found("7412dfe8", false);
        assert!(device.contradicts(&contradicting));
        assert_eq!(device.compare(&contradicting), (Verdict::Unknown, None));
        assert!(!device.contradicts(&found("7412dfe8", true)));
        assert!(!device.contradicts(&found("5862f623", false)));
    }
}
