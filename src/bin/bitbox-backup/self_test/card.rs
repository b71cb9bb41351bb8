//! Cards built into the program.

use super::{Mismatch, same};
use bitbox_backup::assess::{self, Assessment, Seen};
use bitbox_backup::catalogue::{self, Catalogue, CopyState, Looked};
use bitbox_backup::firmware::{self, List, Version};
use bitbox_backup::image::{self, Memory, Packing, Sectors};
use bitbox_backup::progress::Progress;
use bitbox_backup::recover::{self, Effort, SeedProof};

/// The wallet on each of these cards.
const ID: &str = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";

/// Both views of a card.
fn seen(packed: &[u8]) -> Result<(Catalogue, Assessment), Mismatch> {
    let packed = Memory::new(packed.to_vec());
    let image =
        image::unpack(&packed, Packing::Zstd, 1 << 20, &Progress::default()).map_err(|error| {
            Mismatch {
                what: "the card built in",
                expected: "an image".to_owned(),
                found: error.to_string(),
            }
        })?;
    let sectors = Sectors::new(&image);
    let version = Version::default();
    let answer = firmware::list_backups(&sectors, version);
    let catalogue = catalogue::locate(&sectors, Looked::Deleted);
    let assessment = assess::assess(
        &catalogue,
        Some(answer),
        Seen::Card,
        Some(&sectors),
        version,
    );
    Ok((catalogue, assessment))
}

/// What the device would list: ids and times.
fn listed(assessment: &Assessment) -> String {
    match assessment.answer.as_ref().map(|answer| &answer.list) {
        Some(List::Ok(listed)) => {
            let each = listed
                .iter()
                .map(|one| format!("{} {}", one.id, one.timestamp));
            each.collect::<Vec<_>>().join(", ")
        }
        other => format!("{other:?}"),
    }
}

/// The state of each backup.
fn states(assessment: &Assessment) -> String {
    let states = assessment.backups.iter();
    let states = states.map(|backup| backup.state.to_string());
    states.collect::<Vec<_>>().join(", ")
}

pub(super) fn healthy() -> Result<String, Mismatch> {
    let (_, assessment) = seen(include_bytes!("../../../../testdata/healthy.img.zst"))?;
    same(
        "the device's list",
        listed(&assessment),
        format!("{ID} 1601281809"),
    )?;
    same("the backup", states(&assessment), "healthy")?;
    Ok("listed, three intact copies".to_owned())
}

pub(super) fn hidden() -> Result<String, Mismatch> {
    let (_, assessment) = seen(include_bytes!(
        "../../../../testdata/stray-ds-store.img.zst"
    ))?;
    same("the device's list", listed(&assessment), "")?;
    same("the backup", states(&assessment), "hidden")?;
    Ok("hidden by it, and intact".to_owned())
}

pub(super) fn damaged() -> Result<String, Mismatch> {
    let (catalogue, assessment) = seen(include_bytes!(
        "../../../../testdata/two-copies-damaged.img.zst"
    ))?;
    let damaged = catalogue.copies.iter();
    let damaged = damaged
        .filter(|copy| copy.state != CopyState::Valid)
        .count();
    same("how many copies are damaged", damaged, 2)?;
    brought_back(&catalogue, &assessment, "checksum and ID")
}

pub(super) fn deleted() -> Result<String, Mismatch> {
    let (catalogue, assessment) = seen(include_bytes!(
        "../../../../testdata/deleted-by-computer.img.zst"
    ))?;
    same("the device's list", listed(&assessment), "")?;
    brought_back(&catalogue, &assessment, "checksum and ID")
}

/// Recovers without trying, and sees that it is the wallet known.
fn brought_back(
    catalogue: &Catalogue,
    assessment: &Assessment,
    proof: &str,
) -> Result<String, Mismatch> {
    let effort = Effort::new(0);
    let recovery = recover::recover(catalogue, assessment, &effort);
    let found = recovery.recovered.iter().map(|one| one.id.to_string());
    same(
        "what is recovered",
        found.collect::<Vec<_>>().join(", "),
        ID,
    )?;
    let found = recovery.recovered.first().map(|one| match one.proof.seed {
        SeedProof::Both => "checksum and ID",
        SeedProof::Checksum => "checksum",
        SeedProof::Id => "id",
        SeedProof::Xpub | SeedProof::Address | SeedProof::Fingerprint => "owner",
    });
    same("its proof", found.unwrap_or("none"), proof)?;
    Ok(format!("recovered, proved by {proof}"))
}
