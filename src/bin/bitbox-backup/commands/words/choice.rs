//! Which of the wallets brought back is meant.

use bitbox_backup::recover::{FieldProof, Missing, Recovered, Recovery, SeedProof};

/// What the person said about it.
pub(super) struct Wanted<'a> {
    /// The beginning of its id.
    pub(super) id: Option<&'a str>,
    /// When the backup was made.
    pub(super) timestamp: Option<u32>,
    /// Bytes of its seed.
    pub(super) length: Option<u32>,
}

/// Why no single one can be chosen.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ChoiceError {
    /// There is none at all.
    #[error("there are no words that could be shown\n{0}")]
    Nothing(&'static str),
    /// None is as the person said.
    #[error("no wallet that could be recovered fits: {wanted}\nthere are {there}")]
    NoSuch { wanted: String, there: String },
    /// Several wallets are.
    #[error("{} wallets fit: {there}\nchoose one with --id and enough of its digits", .count)]
    Several { count: usize, there: String },
    /// The id stands for several lengths of the seed, which are different wallets.
    #[error(
        "{id} is the id of {words} words: the card does not tell which, and these are different wallets\nsay --length {lengths}, if you know how many words you wrote down"
    )]
    Length {
        id: String,
        words: String,
        lengths: String,
    },
}

impl ChoiceError {
    /// Whether another command line would help.
    pub(super) fn is_usage(&self) -> bool {
        matches!(self, Self::Several { .. } | Self::Length { .. })
    }
}

/// What there is to choose from: for each wallet its generations, the best one first.
///
/// All generations of one wallet have the same words. The best is the newest of those of which
/// everything is proved.
pub(super) fn wallets(recovery: &Recovery) -> Vec<Vec<usize>> {
    let mut wallets: Vec<(&Recovered, Vec<usize>)> = Vec::new();
    for (index, one) in recovery.recovered.iter().enumerate() {
        let same =
            |other: &Recovered| (other.id, other.seed.length()) == (one.id, one.seed.length());
        match wallets.iter_mut().find(|(first, _)| same(first)) {
            Some((_, all)) => all.push(index),
            None => wallets.push((one, vec![index])),
        }
    }
    let rank = |index: &usize| {
        let one = recovery.recovered.get(*index);
        let proved = one.is_some_and(is_proved);
        std::cmp::Reverse((proved, one.and_then(|one| one.timestamp)))
    };
    let sorted = wallets.into_iter().map(|(_, mut all)| {
        all.sort_by_key(rank);
        all
    });
    sorted.collect()
}

/// Whether everything in it is proved.
fn is_proved(one: &Recovered) -> bool {
    one.proof.seed != SeedProof::Id && one.proof.timestamp == FieldProof::Checksum
}

/// Chooses one: an index in [`Recovery::recovered`].
pub(super) fn choose(recovery: &Recovery, wanted: &Wanted<'_>) -> Result<usize, ChoiceError> {
    let begins = |id: String| wanted.id.is_none_or(|prefix| id.starts_with(prefix));
    let fits = |one: &Recovered| {
        begins(one.id.to_string())
            && wanted
                .timestamp
                .is_none_or(|time| one.timestamp == Some(time))
            && wanted
                .length
                .is_none_or(|length| one.seed.length() == length)
            && one.seed.words().is_some()
    };
    let get = |index: &usize| recovery.recovered.get(*index);
    let mut fitting: Vec<_> = wallets(recovery)
        .into_iter()
        .filter_map(|wallet| {
            wallet
                .into_iter()
                .find(|index| get(index).is_some_and(fits))
        })
        .collect();
    // One whose length nothing tells is no less meant.
    let open = recovery.not_recovered.iter().find_map(|one| {
        let id = one
            .id
            .map(|id| id.to_string())
            .filter(|id| begins(id.clone()))?;
        let on_time = wanted
            .timestamp
            .is_none_or(|time| one.timestamp == Some(time));
        match &one.missing {
            Missing::Length(lengths) if on_time => Some((id, lengths.clone())),
            _ => None,
        }
    });
    let ids: Vec<_> = fitting.iter().filter_map(get).map(|one| one.id).collect();
    match (fitting.pop(), open) {
        (None, Some((id, lengths))) => Err(length(&id, &lengths)),
        (None, None) if recovery.recovered.is_empty() => Err(nothing(recovery)),
        (None, None)
            if recovery
                .recovered
                .iter()
                .all(|one| one.seed.words().is_none()) =>
        {
            Err(ChoiceError::Nothing(
                "the seeds on it have lengths no words stand for",
            ))
        }
        (None, None) => Err(ChoiceError::NoSuch {
            wanted: said(wanted),
            there: list(recovery.recovered.iter()),
        }),
        (Some(chosen), _) if ids.len() == 1 => Ok(chosen),
        (Some(chosen), _) => {
            fitting.push(chosen);
            let all = fitting.iter().filter_map(get);
            if let Some(first) = ids
                .first()
                .filter(|first| ids.iter().all(|id| id == *first))
            {
                let lengths: Vec<_> = all.map(|one| one.seed.length()).collect();
                return Err(length(&first.to_string(), &lengths));
            }
            Err(ChoiceError::Several {
                count: ids.len(),
                there: list(all),
            })
        }
    }
}

fn nothing(recovery: &Recovery) -> ChoiceError {
    let unproved = |missing: &Missing| matches!(missing, Missing::Proof { .. });
    let some = recovery.not_recovered.iter();
    ChoiceError::Nothing(if some.map(|one| &one.missing).any(unproved) {
        "something remains: try with --effort deep, or say its id with --id or --expect"
    } else {
        "look with `inspect` what is on the card"
    })
}

fn length(id: &str, lengths: &[u32]) -> ChoiceError {
    let mut lengths = lengths.to_vec();
    lengths.sort_unstable();
    lengths.dedup();
    let or = |all: Vec<String>| match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => all.concat(),
    };
    let words = lengths
        .iter()
        .filter_map(|length| bitbox_backup::backup::words_of(*length));
    ChoiceError::Length {
        id: short(id),
        words: or(words.map(|words| words.to_string()).collect()),
        lengths: or(lengths.iter().map(u32::to_string).collect()),
    }
}

fn said(wanted: &Wanted<'_>) -> String {
    let parts = [
        wanted.id.map(|id| format!("--id {id}")),
        wanted.timestamp.map(|time| format!("--timestamp {time}")),
        wanted.length.map(|length| format!("--length {length}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Each of these by its id, name and time.
fn list<'a>(all: impl Iterator<Item = &'a Recovered>) -> String {
    let mut found: Vec<_> = all
        .map(|one| match &one.name {
            Some(name) if !name.is_empty() => {
                let name = bitbox_backup::report::escape(name);
                format!("{} \"{name}\"", short(&one.id.to_string()))
            }
            _ => short(&one.id.to_string()),
        })
        .collect();
    found.dedup();
    found.join(", ")
}

/// The first digits of an id.
pub(super) fn short(id: &str) -> String {
    format!("{}…", id.get(..8).unwrap_or(id))
}
