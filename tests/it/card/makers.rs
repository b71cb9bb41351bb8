//! Copies that no BitBox02 wrote as they are: of other makers, and turned into texts.

use crate::support::{Image, device_view, examine};
use bitbox_backup::assess::{State, Writer};
use bitbox_backup::catalogue::{CopyState, Looked};
use bitbox_backup::report::Source;
use fixtures::backup::Backup;
use fixtures::fat::Layout;
use fixtures::recipe::Expected;
use fixtures::wallet;

#[test]
fn specter_diy_is_known_by_its_names_and_its_missing_clock() {
    for (timestamp, specter) in [(0, true), (1_601_281_809, false)] {
        let backup = Backup {
            timestamp,
            ..wallet::twelve()
        };
        let mut fat = Layout::FAT16.format();
        let folder = fat.folder(&backup.id());
        for name in ["0.bin", "1.bin", "2.bin"] {
            fat.make_file(folder.as_dir(), name, &backup.encode());
        }
        let image = Image::new(fat.card);
        assert_eq!(device_view(&image), Expected::listed(&[&backup]));
        let (_, assessment) = examine(&image, Looked::Deleted);
        let one = &assessment.backups[0];
        assert_eq!(one.state, State::Healthy);
        assert_eq!(one.written_by == Some(Writer::Specter), specter);
        assert_eq!(one.reasons[0].contains("Specter-DIY"), specter);
        assert_eq!(one.timestamp, Some(timestamp));
    }
}

#[test]
fn a_copy_without_a_time_was_not_made_in_1970() {
    let backup = Backup {
        timestamp: 0,
        ..wallet::twelve()
    };
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("0.bin");
    std::fs::write(&path, backup.encode()).unwrap();
    let options = bitbox_backup::examine::Options::default();
    let report: Source = bitbox_backup::examine::report_on(&path, &options);
    let json = serde_json::to_string(&report).unwrap();
    assert!(json.contains("\"timestamp\":0,\"created\":null"), "{json}");
    assert!(!json.contains("1970"), "{json}");
}

#[test]
fn copies_that_went_through_a_text_are_found_on_a_card() {
    let backup = wallet::twelve();
    let text = hex::encode(backup.encode());
    let mut fat = Layout::FAT16.format();
    fat.save_bytes(&backup, [text.as_bytes(), text.as_bytes(), text.as_bytes()]);
    let image = Image::new(fat.card);
    assert_eq!(device_view(&image), Expected::none());
    let (catalogue, assessment) = examine(&image, Looked::Deleted);
    assert_eq!(catalogue.copies.len(), 3);
    for copy in &catalogue.copies {
        assert_eq!(copy.state, CopyState::Valid);
        assert!(copy.form.is_some());
    }
    assert_eq!(catalogue.bytes(0), backup.encode());
    let one = &assessment.backups[0];
    assert_eq!(one.state, State::Hidden);
    assert_eq!(one.cause.as_deref(), Some("its files hold it as a text"));
    assert!(
        one.findings
            .iter()
            .any(|finding| finding.rule.name() == "copy-in-text")
    );
}
