use super::*;

use std::os::unix::fs::{PermissionsExt, symlink};

const DEVICE: [u8; 32] = [7; 32];

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn made_once_and_kept_for_the_owner_alone() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("new/bitbox-backup");
    let keys = Keys::at(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join(FILE)), 0o600);
    assert!(!keys.knows(&DEVICE));
    keys.remember(&DEVICE).unwrap();
    let again = Keys::at(&folder).unwrap();
    assert!(again.knows(&DEVICE));
    assert_eq!(again.private, keys.private);
    assert_eq!(mode(&folder.join(FILE)), 0o600);
    let names = fs::read_dir(&folder).unwrap();
    let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [FILE, LOCK]);
}

#[test]
fn forgotten_is_forgotten() {
    let base = tempfile::tempdir().unwrap();
    let nowhere = base.path().join("nowhere");
    assert_eq!(Keys::forget_all_at(&nowhere).unwrap(), 0);
    assert!(!nowhere.exists());
    let keys = Keys::at(base.path()).unwrap();
    keys.remember(&DEVICE).unwrap();
    assert_eq!(Keys::forget_all_at(base.path()).unwrap(), 1);
    let anew = Keys::at(base.path()).unwrap();
    assert!(!anew.knows(&DEVICE));
    assert_ne!(anew.private, keys.private);
    // A run that began before does not bring a device back under a key it does not know.
    keys.remember(&DEVICE).unwrap();
    assert!(!Keys::at(base.path()).unwrap().knows(&DEVICE));
}

#[test]
fn two_runs_lose_nothing() {
    let base = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for number in 0..16 {
            let folder = base.path();
            scope.spawn(move || Keys::at(folder).unwrap().remember(&[number; 32]).unwrap());
        }
    });
    let keys = Keys::at(base.path()).unwrap();
    assert!((0..16).all(|number| keys.knows(&[number; 32])));
}

#[test]
fn what_others_may_have_read_or_put_there_is_refused() {
    let base = tempfile::tempdir().unwrap();
    Keys::at(base.path()).unwrap();
    let file = base.path().join(FILE);
    let refused = || Keys::at(base.path()).unwrap_err();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(refused(), PairingError::Open(_)));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    for text in ["", "{}", "[]", "{\"schema\":\"bitbox-backup-pairing/1\"}"] {
        fs::write(&file, text).unwrap();
        assert!(matches!(refused(), PairingError::Foreign(_)), "{text}");
    }
    fs::write(&file, vec![b' '; 1 << 20]).unwrap();
    assert!(matches!(refused(), PairingError::Foreign(_)));
    let elsewhere = base.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert!(matches!(refused(), PairingError::Foreign(_)));
    fs::remove_file(&file).unwrap();
    fs::remove_file(base.path().join(LOCK)).unwrap();
    symlink(&elsewhere, base.path().join(LOCK)).unwrap();
    assert!(matches!(refused(), PairingError::System { .. }));
    fs::remove_file(base.path().join(LOCK)).unwrap();
    fs::set_permissions(base.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(refused(), PairingError::Open(_)));
}

#[test]
fn a_private_key_is_in_no_debug_text() {
    let base = tempfile::tempdir().unwrap();
    let keys = Keys::at(base.path()).unwrap();
    let private = BASE64.encode(&*keys.private);
    let text = format!("{keys:?}");
    assert!(!text.contains(&private) && !text.contains(&hex::encode(*keys.private)));
}

#[test]
fn the_place_follows_the_system() {
    let set = |name: &str| match name {
        "XDG_CONFIG_HOME" => Some("/xdg".into()),
        "HOME" => Some("/home/me".into()),
        _ => None,
    };
    let home = |name: &str| (name == "HOME").then(|| "/home/me".into());
    let relative = |name: &str| match name {
        "XDG_CONFIG_HOME" => Some("xdg".into()),
        other => home(other),
    };
    if cfg!(target_os = "linux") {
        assert_eq!(place(&set).unwrap(), Path::new("/xdg/bitbox-backup"));
        let fallback = Path::new("/home/me/.config/bitbox-backup");
        assert_eq!(place(&home).unwrap(), fallback);
        assert_eq!(place(&relative).unwrap(), fallback);
    }
    assert_eq!(place(&|_| None), None);
}
