use super::*;

#[test]
fn a_refusal_says_how_to_get_in() {
    let denied = OpenError::Denied { device: true };
    assert_eq!(
        denied.to_string(),
        "permission to read this device is denied"
    );
    let way = if cfg!(windows) {
        "administrator"
    } else {
        "sudo"
    };
    assert!(denied.hint().contains(way));
}

#[cfg(target_os = "linux")]
#[test]
fn the_systems_numbers_are_understood() {
    let no_medium = io::Error::from_raw_os_error(123);
    assert_eq!(OpenError::from_io(&no_medium, true), OpenError::NoMedium);
    let access = io::Error::from_raw_os_error(13);
    let denied = OpenError::Denied { device: true };
    assert_eq!(OpenError::from_io(&access, true), denied);
}
