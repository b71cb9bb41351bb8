use super::*;
use std::io::Write;

#[test]
fn reads_a_file_and_knows_it() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&[7; 1000]).unwrap();
    let image = FileImage::open(file.path()).unwrap();
    assert_eq!(image.size(), 1000);
    assert!(!image.is_device() && image.modified().is_some());
    assert_eq!(image.node().is_some(), cfg!(unix));
    let mut buf = [0; 500];
    image.read_at(500, &mut buf).unwrap();
    assert_eq!(buf, [7; 500]);
    assert_eq!(
        image.read_at(501, &mut buf),
        Err(ReadError::PastEnd {
            offset: 501,
            length: 500,
            size: 1000
        })
    );
}

#[test]
fn bytes_cut_off_meanwhile_are_unreadable() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&[7; 1000]).unwrap();
    let image = FileImage::open(file.path()).unwrap();
    file.as_file().set_len(600).unwrap();
    assert!(image.read_at(0, &mut [0; 600]).is_ok());
    assert_eq!(
        image.read_at(512, &mut [0; 100]),
        Err(ReadError::Unreadable {
            offset: 512,
            length: 100,
            cause: SystemError {
                kind: io::ErrorKind::UnexpectedEof,
                os_error: None,
            },
        })
    );
}

#[test]
fn names_of_raw_devices() {
    for name in [r"\\.\PhysicalDrive1", r"\\.\physicaldrive12", r"\\.\E:"] {
        assert!(is_raw_name(name), "{name}");
    }
    for name in [
        r"\\.\PhysicalDrive",
        r"\\.\PhysicalDrive1\x",
        r"\\.\E:\card.img",
        r"\\.\COM1",
        r"\\.\ä",
        r"E:",
        "PhysicalDrive1",
    ] {
        assert!(!is_raw_name(name), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn both_ends_of_a_sparse_32_gib_file() {
    use std::os::unix::fs::FileExt;
    let file = tempfile::NamedTempFile::new().unwrap();
    let size = 32_u64 << 30;
    file.as_file().set_len(size).unwrap();
    file.as_file().write_all_at(b"end", size - 3).unwrap();
    let image = FileImage::open(file.path()).unwrap();
    let mut buf = [1; 3];
    image.read_at(0, &mut buf).unwrap();
    assert_eq!(buf, [0; 3]);
    image.read_at(size - 3, &mut buf).unwrap();
    assert_eq!(&buf, b"end");
}

#[cfg(target_os = "linux")]
#[test]
fn holes_are_passed_over() {
    use std::os::unix::fs::FileExt;
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(64 << 20).unwrap();
    file.as_file().write_all_at(&[7; 4096], 32 << 20).unwrap();
    let image = FileImage::open(file.path()).unwrap();
    let data = image.next_data(0).unwrap();
    assert!(data.offset <= 32 << 20 && data.end() >= (32 << 20) + 4096);
    assert_eq!(image.next_data(64 << 20), None);
    let mut at = 0;
    let mut bytes = 0;
    while let Some(data) = image.next_data(at) {
        bytes += data.length;
        at = data.end();
    }
    assert!((4096..=64 << 20).contains(&bytes));
}

#[test]
fn nothing_and_nothing_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no.img");
    assert_eq!(FileImage::open(&path).unwrap_err(), OpenError::NotFound);
    File::create(&path).unwrap();
    assert_eq!(FileImage::open(&path).unwrap_err(), OpenError::Empty);
    let found = FileType::Directory;
    let error = FileImage::open(folder.path()).unwrap_err();
    assert_eq!(error, OpenError::NotASource { found });
}

#[cfg(unix)]
#[test]
fn special_files_are_refused_without_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path| match FileImage::open(path) {
        Err(OpenError::NotASource { found }) => found,
        other => panic!("{other:?}"),
    };
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, Mode};
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(CWD, &pipe, Mode::RUSR).unwrap();
        assert_eq!(refused(&pipe), FileType::Pipe);
        // Also if it only becomes a pipe after we looked.
        assert!(open_read_only(&pipe).is_ok());
        assert_eq!(refused(Path::new("/dev/null")), FileType::CharacterDevice);
    }
    let socket = folder.path().join("socket");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    assert_eq!(refused(&socket), FileType::Socket);
}

#[cfg(target_os = "linux")]
#[test]
fn only_the_owner_reads_without_a_trace() {
    use rustix::fs::OFlags;
    use rustix::io::Errno;
    let open = |flags: OFlags| {
        if flags.contains(OFlags::NOATIME) {
            Err(Errno::PERM)
        } else {
            Ok(flags)
        }
    };
    assert_eq!(
        without_access_time(OFlags::CLOEXEC, open).unwrap(),
        OFlags::CLOEXEC
    );
    let error = without_access_time(OFlags::CLOEXEC, |_| Err::<(), _>(Errno::ACCESS));
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
}

#[test]
fn a_size_is_found_by_halving() {
    for sectors in [0, 1, 2, 3, 4, 5, 1023, 1024, 1025, 62_333_952] {
        assert_eq!(probe_size(|n| n < sectors), sectors * 512, "{sectors}");
    }
}
