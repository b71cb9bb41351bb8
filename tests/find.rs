//! What is lost is found: copies, ids and times, whatever led to them is gone.

mod support;

use std::collections::BTreeSet;

use bitbox_backup::assess::State;
use bitbox_backup::catalogue::{self, Catalogue, CopyState, Origin, Scope};
use bitbox_backup::image::{Memory, Sectors};
use fixtures::card::Card;
use fixtures::damage::{Base, Random, damage};
use fixtures::fat::Layout;
use fixtures::losses::{self, Loss, State as Left};
use fixtures::wallet;
use support::{Image, examine, report_of};

const CARVE: Scope = Scope {
    deleted: true,
    carve: true,
    whole_tree: false,
};
const DELETED: Scope = Scope {
    carve: false,
    ..CARVE
};

fn copy_at(catalogue: &Catalogue, offset: u64, whole: bool) -> Option<Origin> {
    let found = catalogue.copies.iter().find(|copy| {
        copy.extents.first().map(|extent| extent.offset) == Some(offset)
            && (copy.state == CopyState::Valid || !whole)
    });
    found.map(|copy| copy.origin)
}

/// What of a loss is not found.
fn missing(loss: &Loss, catalogue: &Catalogue) -> Vec<String> {
    let mut missing = Vec::new();
    for wallet in &loss.wallets {
        for (index, copy) in wallet.copies.iter().enumerate() {
            let whole = copy.state == Left::Whole;
            if copy.state != Left::Gone && copy_at(catalogue, copy.offset, whole).is_none() {
                missing.push(format!("copy {index} at {}: {:?}", copy.offset, copy.state));
            }
        }
        let id = wallet.backup.id();
        let seen = catalogue.ids.iter().any(|seen| seen.id.to_string() == id);
        if wallet.id_named && !seen {
            missing.push(format!("the id {id}"));
        }
        let time = wallet.backup.timestamp;
        if wallet.time_named && !catalogue.times.iter().any(|seen| seen.timestamp == time) {
            missing.push(format!("the time {time}"));
        }
    }
    missing
}

#[test]
fn every_copy_id_and_time_that_is_left_is_found() {
    let mut wrong = Vec::new();
    for (layout_name, layout) in losses::layouts() {
        for loss in losses::all(layout) {
            let (catalogue, assessment) = examine(&Image::new(loss.card.clone()), CARVE);
            for what in missing(&loss, &catalogue) {
                wrong.push(format!("{layout_name} {}: {what}", loss.name));
            }
            for wallet in &loss.wallets {
                let whole = wallet.copies.iter().filter(|copy| copy.state == Left::Whole);
                let expected = whole.count();
                let backup = assessment
                    .backups
                    .iter()
                    .find(|backup| backup.id.is_some_and(|id| id.to_string() == wallet.backup.id()));
                let valid = backup.map_or(0, |backup| {
                    let copies = backup.copies.iter().filter(|copy| {
                        catalogue.copies[**copy].state == CopyState::Valid
                    });
                    copies.count()
                });
                if valid != expected {
                    wrong.push(format!(
                        "{layout_name} {}: {valid} of {expected} whole copies in its generation",
                        loss.name
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
