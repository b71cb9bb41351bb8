//! Which of the recovered backups are wanted: one generation of each wallet.

use serde::{Deserialize, Serialize};

use super::recovery::{Missing, Recovered, Recovery};
use crate::backup::{FileName, Id};

/// What a person asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wanted {
    /// The wallet's id, or as many of its first digits as no other shares; lower-case hex.
    pub id: Option<String>,
    /// Which generation: seconds since 1970 UTC.
    pub timestamp: Option<u32>,
    /// Bytes of the seed, where one id has seeds of several lengths.
    pub length: Option<u32>,
}

/// Why a backup that is proved is not chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PassedOver {
    /// A newer generation of the same wallet is.
    Older,
    /// A generation of the same wallet is whole, and of this one only the seed is proved.
    SeedOnly,
    /// It was made at another time than the one asked for.
    OtherTime,
    /// Its seed has another length than the one asked for.
    OtherLength,
}

/// A wallet of which nothing is chosen, since its id stands for several.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// The id.
    pub id: Id,
    /// The lengths its seeds have, the shortest first.
    pub lengths: Vec<u32>,
    /// Its generations: indices in [`Recovery::recovered`].
    pub generations: Vec<usize>,
}

/// What is chosen, and what becomes of the rest. Of other wallets than the one asked for there is
/// nothing in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choice {
    /// One generation of each wallet: indices in [`Recovery::recovered`].
    pub chosen: Vec<usize>,
    /// Other generations that are proved, and why they are not chosen.
    pub passed_over: Vec<(usize, PassedOver)>,
    /// Ids that stand for wallets of several lengths, until one length is named.
    pub refused: Vec<Refused>,
    /// What is not proved: indices in [`Recovery::not_recovered`].
    pub not_recovered: Vec<usize>,
}

/// Why nothing can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChoiceError {
    /// No backup's id begins so.
    #[error("no backup here has an id that begins with {prefix}")]
    NoSuchId {
        /// What was asked for.
        prefix: String,
        /// The ids there are.
        known: Vec<Id>,
    },
    /// Several ids begin so.
    #[error("{} IDs here begin with {prefix}", .ids.len())]
    Ambiguous {
        /// What was asked for.
        prefix: String,
        /// The ids.
        ids: Vec<Id>,
    },
    /// No generation was made at that time.
    #[error("no backup here was made at {timestamp}")]
    NoSuchTime {
        /// What was asked for.
        timestamp: u32,
        /// The times there are.
        known: Vec<u32>,
    },
    /// The seed has another length, and that is proved.
    #[error("the seed of {id} has {proved} bytes, not {length}")]
    NoSuchLength {
        /// The wallet.
        id: Id,
        /// What was asked for.
        length: u32,
        /// What is proved.
        proved: u32,
    },
    /// Several wallets fit where one is wanted.
    #[error("{} wallets fit, and one is wanted", .ids.len())]
    Several {
        /// Their ids.
        ids: Vec<Id>,
    },
    /// One id, several wallets.
    #[error(
        "the ID {id} stands for several wallets, which only the length of the seed distinguishes"
    )]
    Lengths {
        /// The id.
        id: Id,
        /// The lengths.
        lengths: Vec<u32>,
    },
}

/// Chooses of each wallet the newest generation that is fully proved; one of which only the seed is
/// proved, by its id, only where there is no other.
///
/// # Errors
/// If what is wanted is not there, or is not said clearly enough.
pub fn choose(recovery: &Recovery, wanted: &Wanted) -> Result<Choice, ChoiceError> {
    only_one_id(recovery, wanted)?;
    let mut choice = Choice {
        not_recovered: not_recovered(recovery, wanted),
        ..Choice::default()
    };
    let fits = |recovered: &&Recovered| has_prefix(recovered.id, wanted);
    let mut ids: Vec<Id> = Vec::new();
    for recovered in recovery.recovered.iter().filter(fits) {
        if !ids.contains(&recovered.id) {
            ids.push(recovered.id);
        }
    }
    for id in ids {
        choice.wallet(recovery, wanted, id)?;
    }
    choice.chosen.sort_unstable();
    choice.passed_over.sort_unstable_by_key(|(index, _)| *index);
    if let Some(timestamp) = wanted.timestamp
        && choice.is_empty()
    {
        let known = recovery.recovered.iter().filter(fits);
        let known = known.filter_map(|recovered| recovered.timestamp).collect();
        return Err(ChoiceError::NoSuchTime { timestamp, known });
    }
    match choice.without_length(recovery, wanted) {
        Some(error) => Err(error),
        None => Ok(choice),
    }
}

impl Choice {
    /// The one backup chosen, or `None` if there is none.
    ///
    /// # Errors
    /// If there are several, or its id stands for several wallets, proved or not.
    pub fn only(&self, recovery: &Recovery) -> Result<Option<usize>, ChoiceError> {
        let id = |index: &usize| Some(recovery.recovered.get(*index)?.id);
        match (self.chosen.as_slice(), self.refused.as_slice()) {
            ([], []) => match self.open_length(recovery) {
                Some((id, lengths)) => Err(ChoiceError::Lengths { id, lengths }),
                None => Ok(None),
            },
            ([only], []) => Ok(Some(*only)),
            ([], [refused]) => Err(ChoiceError::Lengths {
                id: refused.id,
                lengths: refused.lengths.clone(),
            }),
            (chosen, refused) => {
                let refused = refused.iter().map(|refused| refused.id);
                let ids = chosen.iter().filter_map(id).chain(refused).collect();
                Err(ChoiceError::Several { ids })
            }
        }
    }

    /// The seed that is there, if only its length is not proved.
    fn open_length(&self, recovery: &Recovery) -> Option<(Id, Vec<u32>)> {
        self.not_recovered.iter().find_map(|index| {
            let one = recovery.not_recovered.get(*index)?;
            match &one.missing {
                Missing::Length(lengths) => Some((one.id?, lengths.clone())),
                _ => None,
            }
        })
    }

    /// The error if nothing here has the length that is asked for, and nothing that is not proved may have it.
    fn without_length(&self, recovery: &Recovery, wanted: &Wanted) -> Option<ChoiceError> {
        let length = wanted.length?;
        let chosen = self.chosen.iter();
        let mut chosen = chosen.filter_map(|index| recovery.recovered.get(*index));
        let is_lost = |index: &usize| {
            let one = recovery.not_recovered.get(*index);
            one.is_some_and(|one| one.missing != Missing::Nothing)
        };
        let is_open = !self.refused.is_empty() || self.not_recovered.iter().any(is_lost);
        let first = chosen.next()?;
        let is_other = |one: &Recovered| one.seed.length() != length;
        (is_other(first) && chosen.all(is_other) && !is_open).then(|| ChoiceError::NoSuchLength {
            id: first.id,
            length,
            proved: first.seed.length(),
        })
    }

    fn is_empty(&self) -> bool {
        self.chosen.is_empty() && self.refused.is_empty() && self.not_recovered.is_empty()
    }

    /// Chooses among the generations of one id.
    fn wallet(&mut self, recovery: &Recovery, wanted: &Wanted, id: Id) -> Result<(), ChoiceError> {
        let all = recovery.recovered.iter().enumerate();
        let mut pool: Vec<_> = all.filter(|(_, recovered)| recovered.id == id).collect();
        if let Some(timestamp) = wanted.timestamp {
            self.keep(&mut pool, PassedOver::OtherTime, |recovered| {
                recovered.timestamp == Some(timestamp)
            });
        }
        if pool.iter().any(|(_, recovered)| is_whole(recovered)) {
            self.keep(&mut pool, PassedOver::SeedOnly, is_whole);
        }
        let mut lengths: Vec<_> = pool.iter().map(|(_, one)| one.seed.length()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        match (lengths.as_slice(), wanted.length) {
            ([], _) => return Ok(()),
            ([proved], Some(length)) if *proved != length && wanted.id.is_some() => {
                let proved = *proved;
                return Err(ChoiceError::NoSuchLength { id, length, proved });
            }
            ([_], _) => {}
            (_, Some(length)) if lengths.contains(&length) => {
                self.keep(&mut pool, PassedOver::OtherLength, |recovered| {
                    recovered.seed.length() == length
                });
            }
            _ => {
                let generations = pool.iter().map(|(index, _)| *index).collect();
                self.refused.push(Refused {
                    id,
                    lengths,
                    generations,
                });
                return Ok(());
            }
        }
        let newest = pool.iter().map(|(_, recovered)| recovered.timestamp).max();
        let newest = pool
            .iter()
            .find(|(_, recovered)| Some(recovered.timestamp) == newest)
            .map(|(index, _)| *index);
        self.chosen.extend(newest);
        let older = pool.iter().map(|(index, _)| *index);
        let older = older.filter(|index| Some(*index) != newest);
        self.passed_over
            .extend(older.map(|index| (index, PassedOver::Older)));
        Ok(())
    }

    /// Keeps those that fit, and notes why the others are passed over.
    fn keep(
        &mut self,
        pool: &mut Vec<(usize, &Recovered)>,
        why: PassedOver,
        fits: impl Fn(&Recovered) -> bool,
    ) {
        pool.retain(|(index, recovered)| {
            let fits = fits(recovered);
            if !fits {
                self.passed_over.push((*index, why));
            }
            fits
        });
    }
}

impl Recovered {
    /// The paths of its three files, as a device names them.
    pub fn paths(&self) -> [String; 3] {
        let timestamp = self.timestamp.unwrap_or(0);
        [0, 1, 2].map(|number| {
            let name = FileName { timestamp, number };
            format!("bitbox02/{}/{name}", self.id)
        })
    }
}

/// Whether the checksum over all fields proves it.
fn is_whole(recovered: &Recovered) -> bool {
    recovered.proof.seed.is_whole()
}

fn has_prefix(id: Id, wanted: &Wanted) -> bool {
    let prefix = wanted.id.as_deref();
    prefix.is_none_or(|prefix| id.to_string().starts_with(prefix))
}

/// What is not proved and may be what is wanted: of an unknown id or time nobody knows. Of a wallet that is named and
/// proved nothing else is looked for.
fn not_recovered(recovery: &Recovery, wanted: &Wanted) -> Vec<usize> {
    let is_named = wanted.id.is_some() && wanted.timestamp.is_none();
    let mut proved = recovery.recovered.iter();
    let is_proved = is_named && proved.any(|one| has_prefix(one.id, wanted));
    let all = recovery.not_recovered.iter().enumerate();
    let fits = all.filter(|(_, one)| {
        let time = wanted.timestamp.zip(one.timestamp);
        one.id.map_or(!is_proved, |id| has_prefix(id, wanted))
            && time.is_none_or(|(wanted, found)| wanted == found)
    });
    fits.map(|(index, _)| index).collect()
}

/// Refuses a prefix that none or several of the ids here have.
fn only_one_id(recovery: &Recovery, wanted: &Wanted) -> Result<(), ChoiceError> {
    let Some(prefix) = &wanted.id else {
        return Ok(());
    };
    let proved = recovery.recovered.iter().map(|one| Some(one.id));
    let others = recovery.not_recovered.iter().map(|one| one.id);
    let all: Vec<_> = proved.chain(others).collect();
    let mut known: Vec<_> = all.iter().copied().flatten().collect();
    known.sort_unstable();
    known.dedup();
    let fits = |id: &&Id| has_prefix(**id, wanted);
    let ids: Vec<_> = known.iter().filter(fits).copied().collect();
    let prefix = prefix.clone();
    match ids.as_slice() {
        [] if !all.contains(&None) => Err(ChoiceError::NoSuchId { prefix, known }),
        [] | [_] => Ok(()),
        _ => Err(ChoiceError::Ambiguous { prefix, ids }),
    }
}

#[cfg(test)]
mod tests;
