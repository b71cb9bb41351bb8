//! Every way of losing backups, on every kind of volume: what can be proved comes back, whole where
//! it can be whole, and nothing else does.

use crate::support::{Image, examine};
use bitbox_backup::catalogue::Looked;
use bitbox_backup::recover::{Effort, Recovery, recover};
use fixtures::losses::{self, Loss, Provable, Wallet};

/// Candidates tried here for one backup; four lost bytes of a seed need 2^32.
const EFFORT: u64 = 1 << 16;

fn brought_back(loss: &Loss) -> Recovery {
    let (catalogue, assessment) = examine(&Image::new(loss.card.clone()), Looked::Surface);
    let effort = Effort::new(EFFORT);
    recover(&catalogue, &assessment, &effort)
}

/// What is wrong with what came back of a wallet.
fn trouble(recovery: &Recovery, wallet: &Wallet) -> Option<String> {
    let id = wallet.backup.id();
    let found = recovery
        .recovered
        .iter()
        .filter(|one| one.id.to_string() == id);
    let best = found.max_by_key(|one| one.file.as_slice() == wallet.backup.encode());
    match (wallet.provable, best) {
        (Provable::Whole, None) => Some("it did not come back".to_owned()),
        (Provable::Whole, Some(one)) if one.file.as_slice() != wallet.backup.encode() => {
            Some(format!("it came back as another file, by {:?}", one.method))
        }
        (Provable::Nothing, Some(one)) => {
            Some(format!("it came back from nothing, by {:?}", one.method))
        }
        (_, Some(one))
            if one.seed.expose() != &wallet.backup.seed[..wallet.backup.seed_length as usize] =>
        {
            Some("another seed came back".to_owned())
        }
        _ => None,
    }
}

/// Each loss on one of the layouts in turn; on all of them with `LAWS_ALL`.
#[test]
fn what_can_be_proved_comes_back_and_nothing_else() {
    let mut troubles = Vec::new();
    let all = std::env::var_os("LAWS_ALL").is_some();
    let layouts = losses::layouts();
    let count = layouts.len();
    for (turn, (name, layout)) in layouts.into_iter().enumerate() {
        let in_turn = |(index, loss)| (all || index % count == turn).then_some(loss);
        for loss in losses::all(layout)
            .into_iter()
            .enumerate()
            .filter_map(in_turn)
        {
            let recovery = brought_back(&loss);
            for wallet in &loss.wallets {
                if let Some(what) = trouble(&recovery, wallet) {
                    troubles.push(format!(
                        "{name}: {}: {}: {what}",
                        loss.name, wallet.backup.name
                    ));
                }
            }
            for one in &recovery.recovered {
                let known = loss
                    .wallets
                    .iter()
                    .any(|wallet| wallet.backup.id() == one.id.to_string());
                if !known {
                    troubles.push(format!("{name}: {}: {one:?} is nobody's", loss.name));
                }
            }
        }
    }
    assert!(troubles.is_empty(), "{}", troubles.join("\n"));
}
