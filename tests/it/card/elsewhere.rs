//! Copies beside the three files that a BitBox reads are none of them.

use bitbox_backup::assess::{CardState, State};
use bitbox_backup::catalogue::Looked;
use bitbox_backup::finding::Rule;
use fixtures::fat::Layout;
use fixtures::wallet;

use crate::support::{Image, examine, examine_as};

#[test]
fn copies_elsewhere_make_no_backup_complete() {
    let backup = wallet::twelve();
    let whole = backup.encode();
    let damaged = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    let (first, second, third) = (damaged(45), damaged(60), damaged(70));
    for (copies, intact, sentence, rule) in [
        (
            [&whole, &first, &second],
            1,
            "only 1 of its 3 copies is intact",
            Rule::FewerCopies,
        ),
        (
            [&first, &whole, &whole],
            2,
            "only 2 of its 3 copies are intact",
            Rule::FewerCopies,
        ),
        (
            [&first, &second, &third],
            0,
            "by a majority of three damaged copies",
            Rule::ListedByVote,
        ),
    ] {
        let mut fat = Layout::FAT16.format();
        fat.save_bytes(&backup, copies.map(Vec::as_slice));
        let root = fat.root();
        let old = fat.make_dir(root, "old").as_dir();
        for copy in 0..3 {
            fat.make_file(old, &backup.file_name(copy), &whole);
        }
        let (_, assessment) = examine(&Image::new(fat.card), Looked::Deleted);
        let [one] = assessment.backups.as_slice() else {
            panic!("{:?}", assessment.backups)
        };
        assert_eq!((one.state, one.intact), (State::Degraded, intact));
        assert_eq!(one.copies.len(), 6);
        assert!(one.findings.iter().any(|finding| finding.rule == rule));
        assert_eq!(assessment.verdict.state, CardState::Attention);
        let said = &assessment.verdict.sentence;
        assert!(said.contains(sentence), "{said}");
        assert!(!assessment.verdict.next.is_empty());
    }
}

/// Nor are they the reason why the files in its folder are not shown.
#[test]
fn the_reason_is_that_of_the_folder() {
    let backup = wallet::twelve();
    let whole = backup.encode();
    let damaged = [20, 21, 22].map(|at| {
        let mut bytes = whole.clone();
        bytes[at..at + 8].fill(0x55);
        bytes
    });
    let text = hex::encode(&whole).into_bytes();
    for elsewhere in [&whole, &text] {
        let mut fat = Layout::FAT16.format();
        fat.save_bytes(&backup, damaged.each_ref().map(Vec::as_slice));
        let root = fat.root();
        fat.make_file(root, "notes.txt", elsewhere);
        let (_, assessment) = examine(&Image::new(fat.card), Looked::Deleted);
        let [one] = assessment.backups.as_slice() else {
            panic!("{:?}", assessment.backups)
        };
        assert_eq!(one.state, State::Hidden);
        assert_eq!(
            one.cause.as_deref(),
            Some("all copies in its folder are damaged")
        );
        let rules: Vec<_> = one.findings.iter().map(|finding| finding.rule).collect();
        assert!(rules.contains(&Rule::NothingPasses), "{rules:?}");
    }
}

/// A damaged copy beside deleted wallets does not come before them.
#[test]
fn what_can_be_recovered_is_said_first() {
    let mut fat = Layout::FAT16.format();
    let mut name = String::new();
    for backup in [wallet::twelve(), wallet::twenty_four()] {
        let set = fat.save(&backup);
        set.files.iter().for_each(|file| fat.delete(file));
        name = backup.file_name(0);
    }
    let root = fat.root();
    fat.make_file(root, &name, &[0x99; 104]);
    let (_, assessment) = examine(&Image::new(fat.card), Looked::Deleted);
    assert_eq!(assessment.verdict.state, CardState::Damaged);
    assert_eq!(
        assessment.verdict.sentence,
        "2 wallets can be recovered: their backups were deleted or lost. Another one is damaged in all its copies; it \
         may still be recovered. The BitBox shows no backup."
    );
}

/// Older firmware opens no more files than it needs.
#[test]
fn a_whole_backup_is_complete_for_each_firmware() {
    let mut fat = Layout::FAT16.format();
    fat.save(&wallet::twelve());
    let image = Image::new(fat.card);
    for firmware in ["9.0.0", "9.7.0", "9.8.0", "9.12.0", "9.13.0", "9.27.0"] {
        let (_, assessment) = examine_as(&image, Looked::Deleted, firmware.parse().unwrap());
        let one = &assessment.backups[0];
        assert_eq!((one.state, one.intact), (State::Healthy, 3), "{firmware}");
    }
}

/// A device reads a file as long as its entry says: what else lies at its place is no copy to it.
#[test]
fn a_file_of_another_size_is_no_copy() {
    let backup = wallet::twelve();
    let whole = backup.encode();
    let length = whole.len() as u32;
    for layout in [Layout::FAT12, Layout::FAT16, Layout::FAT32] {
        for size in [1, 60, length - 1, length + 1, 512] {
            for wrong in [&[0][..], &[1], &[2], &[0, 1], &[1, 2]] {
                let mut fat = layout.format();
                let set = fat.save(&backup);
                for index in wrong {
                    let file = &set.files[*index];
                    fat.point(file, file.cluster, size);
                }
                let image = Image::new(fat.card);
                let about = format!("{layout:?} {wrong:?} of {size} bytes");
                for looked in [Looked::Folders, Looked::Deleted, Looked::Surface] {
                    let (_, assessment) = examine(&image, looked);
                    let one = assessment.backups.iter().find(|one| one.id.is_some());
                    let one = one.unwrap();
                    assert_eq!(
                        (one.state, one.intact),
                        (State::Degraded, 3 - wrong.len()),
                        "{about}"
                    );
                    assert_eq!(assessment.verdict.state, CardState::Attention, "{about}");
                    let of = |rule| one.findings.iter().filter(move |one| one.rule == rule);
                    assert_eq!(of(Rule::FewerCopies).count(), 1, "{about}");
                    if looked > Looked::Folders {
                        assert_eq!(of(Rule::CopySizeDiffers).count(), wrong.len(), "{about}");
                    }
                }
            }
        }
    }
}
