//! Cards written by the firmware's own code answer as the firmware answered.
//!
//! They are not part of the project: `REFERENCE_CARDS` is the folder of them.

use std::path::{Path, PathBuf};

use bitbox_backup::assess::{State, Writer};
use bitbox_backup::catalogue::CopyState;
use bitbox_backup::examine::{Depth, Options, report_on};
use bitbox_backup::report::{ListStatus, Source};

const TWELVE: &str = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";
const OTHER: &str = "fb4dcd48ef868bdb1ac836f25466e905cf0c3928e51e25c0fce65ce0efc486fe";

fn folder() -> PathBuf {
    let folder = std::env::var_os("REFERENCE_CARDS").expect("REFERENCE_CARDS is not set");
    PathBuf::from(folder)
}

fn look(folder: &Path, card: &str) -> Source {
    let options = Options {
        firmware: "9.27.0".parse().unwrap(),
        depth: Depth::Usual,
        max_unpacked: 512 << 20,
        part: None,
        inspect: true,
        hash: false,
        preflight: false,
        only: None,
    };
    report_on(&folder.join(format!("{card}.img.zst")), &options)
}

fn listed(source: &Source) -> Vec<(String, u32, String)> {
    let view = source.device_view.as_ref().unwrap();
    assert_eq!(view.list, ListStatus::Ok);
    view.backups
        .iter()
        .map(|backup| (backup.id.clone(), backup.timestamp, backup.name.clone()))
        .collect()
}

#[test]
#[ignore = "needs the folder REFERENCE_CARDS; .ci/full runs it"]
fn each_card_is_listed_as_the_device_listed_it() {
    let folder = folder();
    let one = |id: &str, timestamp, name: &str| vec![(id.to_owned(), timestamp, name.to_owned())];
    for (card, expected) in [
        (
            "one-wallet-fat32-mbr",
            one(OTHER, 1_601_281_809, "My BitBox"),
        ),
        ("recreated-twice-fat32", one(TWELVE, 1_635_841_809, "Third")),
        (
            "one-wallet-fat16-mbr",
            one(TWELVE, 1_601_281_809, "fat16mbr"),
        ),
        ("copied-by-computer", one(OTHER, 1_601_281_809, "My BitBox")),
        ("used-card-fat32", one(TWELVE, 1_601_281_886, "again")),
        ("recreate-cut-after-15-writes", vec![]),
    ] {
        assert_eq!(listed(&look(&folder, card)), expected, "{card}");
    }
    let view = look(&folder, "exfat-mbr").device_view.unwrap();
    assert_eq!(
        (view.list, view.reason.as_deref()),
        (ListStatus::Error, Some("exfat-volume"))
    );
}

#[test]
#[ignore = "needs the folder REFERENCE_CARDS; .ci/full runs it"]
fn seven_wallets_in_the_devices_order() {
    let folder = folder();
    let shown: Vec<_> = listed(&look(&folder, "seven-wallets-fat32"))
        .into_iter()
        .map(|(id, timestamp, name)| format!("{} {timestamp} {name}", &id[..8]))
        .collect();
    assert_eq!(
        shown,
        [
            "577782fd 1601281809 Twelve",
            "63eb0d69 1601282809 Abandon",
            "accf31cb 1601283809 Eighteen words",
            "41233dfb 1601284809 test device name",
            "4c700584 1601285809 another test device name",
            "db20a0ea 1601371809 New 12",
            "0e7a92f0 1601371809 New 24",
        ]
    );
}

#[test]
#[ignore = "needs the folder REFERENCE_CARDS; .ci/full runs it"]
fn who_wrote_them_is_told() {
    let folder = folder();
    for (card, writer) in [
        ("one-wallet-fat32-mbr", Writer::Device),
        ("one-wallet-fat16-mbr", Writer::Device),
        ("seven-wallets-fat32", Writer::Device),
        ("used-card-fat32", Writer::Device),
        ("copied-by-computer", Writer::Computer),
    ] {
        let source = look(&folder, card);
        for backup in &source.backups {
            assert_eq!(backup.written_by, Some(writer), "{card}");
        }
    }
    let used = look(&folder, "used-card-fat32");
    let reasons = used.backups[0].written_by_reasons.join("\n");
    assert!(reasons.contains("FAT sector"), "{reasons}");
}

#[test]
#[ignore = "needs the folder REFERENCE_CARDS; .ci/full runs it"]
fn what_is_hidden_is_named() {
    let folder = folder();
    let source = look(&folder, "recreate-cut-after-15-writes");
    let states: Vec<_> = source.backups.iter().map(|backup| backup.state).collect();
    assert_eq!(states, [State::Hidden, State::Hidden]);
    for backup in &source.backups {
        assert_eq!(backup.findings[0].rule, "directory-entry-count");
        assert!(backup.findings[0].offset.is_some());
        assert_eq!(
            backup
                .copies
                .iter()
                .filter(|copy| copy.state == CopyState::Valid)
                .count(),
            3
        );
    }
    let erased = look(&folder, "recreated-twice-fat32");
    let states: Vec<_> = erased.backups.iter().map(|backup| backup.state).collect();
    assert_eq!(states, [State::Healthy, State::Erased]);
}
