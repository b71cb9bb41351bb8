//! Damaged copies of a backup, put together again.

use bitbox_backup::backup::Repaired;
use bitbox_backup::backup::{self, Id};
use bitbox_backup::progress::Progress;
use bitbox_backup::repair::{self, Case, ProvedBackup, ProvedFields};
use fixtures::wallet;

/// Candidates tried: enough to reach every kind of search.
const EFFORT: u64 = 1 << 10;
/// Longest copy.
const LONGEST: usize = 1024;

/// The first byte says how many copies, which wallet's id they are said to have, whether the folder
/// says so and whether all is done twice; then come the copies, each with its length before it.
pub fn repair(data: &[u8]) {
    let Some((flags, mut rest)) = data.split_first() else {
        return;
    };
    let mut copies = Vec::new();
    for _ in 0..=flags & 3 {
        let [low, high, bytes @ ..] = rest else { break };
        let length = usize::from(u16::from_le_bytes([*low, *high])) % (LONGEST + 1);
        let (copy, later) = bytes.split_at(length.min(bytes.len()));
        copies.push(copy);
        rest = later;
    }
    let ids: Vec<Id> = wallet::five()
        .iter()
        .skip(usize::from(flags >> 3 & 7))
        .take(2)
        .map(|backup| backup.id().parse().expect("a fixture's id is one"))
        .collect();
    vote(&copies, &ids);
    let case = Case {
        copies: copies.clone(),
        others: Vec::new(),
        own_id: flags & 4 != 0 && !ids.is_empty(),
        ids,
        times: vec![wallet::twelve().timestamp],
        seed: None,
        ..Case::default()
    };
    let once = repair::prove(&case, EFFORT, 0, &Progress::default());
    assert!(once.tried <= EFFORT, "{} tried", once.tried);
    if let Some(proved) = &once.proved {
        is_proved(proved, &case.ids);
    }
    if flags & 0x40 == 0 {
        return; // twice only where it is asked for: bringing copies into line takes its time
    }
    let again = repair::prove(&case, EFFORT, 0, &Progress::default());
    assert_eq!(
        once.proved.map(|proved| (proved.method, proved.rank)),
        again.proved.map(|proved| (proved.method, proved.rank)),
        "twice"
    );
    assert_eq!(once.tried, again.tried, "twice");
}

fn vote(copies: &[&[u8]], ids: &[Id]) {
    match backup::vote_or_splice(copies, ids.first().copied()) {
        Some(Repaired::Whole(_, contents)) => assert_eq!(contents.check(), Ok(())),
        Some(Repaired::Seed { id, seed, .. }) => {
            assert_eq!(Some(&id), ids.first());
            assert!(has_id(&seed, id), "a seed of another id");
        }
        None => {}
    }
}

/// Whether a seed has this id, at any of the lengths a wallet has.
fn has_id(seed: &backup::Seed, id: Id) -> bool {
    let Ok(bytes) = seed.expose().try_into() else {
        return false;
    };
    [16, 24, 32]
        .iter()
        .filter_map(|length| backup::Seed::new(bytes, *length))
        .any(|seed| seed.id() == id)
}

fn is_proved(proved: &ProvedBackup, ids: &[Id]) {
    match &proved.fields {
        ProvedFields::Whole(contents) => {
            assert_eq!(contents.check(), Ok(()), "proved, and not whole");
            let again = backup::decode(&contents.encode()).expect("what we encode decodes");
            assert_eq!(again.check(), Ok(()), "proved, and not whole in a file");
        }
        ProvedFields::Seed { seed, .. } => {
            let id = proved.id.expect("a seed alone is proved by an id");
            assert!(ids.contains(&id), "proved by an id nobody named");
            assert!(has_id(seed, id), "a seed of another id");
        }
    }
}
