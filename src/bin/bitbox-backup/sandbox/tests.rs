//! What the fence keeps out, tried from inside.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use super::policy::{Access, Level, enter, narrow};
use super::prove;
use super::seccomp::attempts::{self, Attempt};
use crate::test_process;

/// Runs this in a thread of its own: the fence stands around that thread alone.
fn alone<T: Send>(inside: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(inside).join().unwrap())
}

/// Whether nothing of what is tried is let in.
#[track_caller]
fn holds(level: Level) {
    for proof in prove(Some(level), "/etc/passwd".as_ref(), "/bin/true".as_ref()) {
        assert_eq!(proof.forbidden, Some(true), "{proof:?}");
    }
}

#[test]
fn nothing_else_can_be_opened_connected_or_started() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["in", "other"] {
        std::fs::write(path(name), name).unwrap();
    }
    std::fs::create_dir(path("out")).unwrap();
    alone(|| {
        let access = Access::none().read(&path("in")).write(&path("out/new"));
        let level = enter(&access);
        assert!(level.is_whole(), "this kernel has no sandbox: {level}");
        holds(level);
        assert_eq!(std::fs::read(path("in")).unwrap(), b"in");
        for (name, what) in [("in", "written"), ("beside", "made")] {
            let refused = std::fs::write(path(name), "x").unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::PermissionDenied, "{what}");
        }
        assert!(std::fs::read(path("other")).is_err());
        assert!(std::fs::remove_file(path("other")).is_err());
        std::fs::write(path("out/part"), "x").unwrap();
        std::fs::rename(path("out/part"), path("out/new")).unwrap();
        // What runs in the same process later is inside too.
        let later = alone(|| std::fs::read(path("other")).is_err());
        assert!(later);
    });
    // Outside nothing has changed.
    assert_eq!(std::fs::read(path("other")).unwrap(), b"other");
}

/// Each by itself, so that the name of what is let in is in the failure.
#[test]
fn every_attempt_is_forbidden_inside() {
    for attempt in attempts::ALL {
        alone(|| {
            assert!(enter(&Access::none()).seccomp);
            for (call, error) in attempt.errors() {
                let forbidden = [libc::EPERM, libc::ENOSYS].map(Some).contains(&error);
                assert!(forbidden, "{}: call {call}: {error:?}", attempt.name);
            }
        });
    }
}

/// An attempt that fails for another reason outside proves nothing inside.
#[test]
fn attempts_are_let_in_where_there_is_no_fence() {
    // Some kernels lack these, or keep them for root.
    let rare = |attempt: &&Attempt| !["sandbox-kernel", "sandbox-mounts"].contains(&attempt.name);
    for attempt in attempts::ALL.iter().filter(rare) {
        let errors: Vec<_> = attempt.errors().collect();
        let mut forbidden = errors
            .iter()
            .filter(|(_, error)| [libc::EPERM, libc::ENOSYS].map(Some).contains(error));
        // The numbers of x32, and calls of one kind that a container forbids.
        let most = forbidden.by_ref().count() * 2 <= errors.len();
        assert!(most, "{}: {errors:?}", attempt.name);
    }
}

#[test]
fn what_files_are_is_not_changed() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.img");
    std::fs::write(&path, "x").unwrap();
    let before = std::fs::metadata(&path).unwrap();
    for access in [
        Access::none().read(&path),
        Access::none().read(&path).dates(),
        Access::none().write(&path),
    ] {
        alone(|| {
            enter(&access);
            let file = std::fs::File::open(&path).unwrap();
            let open = std::fs::Permissions::from_mode(0o666);
            assert!(std::fs::set_permissions(&path, open.clone()).is_err());
            assert!(file.set_permissions(open).is_err());
            assert!(std::os::unix::fs::chown(&path, Some(1), None).is_err());
            let attribute = rustix::fs::XattrFlags::empty();
            assert!(rustix::fs::setxattr(&path, "user.x", b"x", attribute).is_err());
            // By its name; where dates are needed they are set on an open file.
            let times = rustix::fs::Timestamps {
                last_access: rustix::fs::Timespec {
                    tv_sec: 1,
                    tv_nsec: 0,
                },
                last_modification: rustix::fs::Timespec {
                    tv_sec: 1,
                    tv_nsec: 0,
                },
            };
            let flags = rustix::fs::AtFlags::empty();
            assert!(rustix::fs::utimensat(rustix::fs::CWD, &path, &times, flags).is_err());
            let dated = file.set_modified(std::time::SystemTime::now());
            assert_eq!(dated.is_ok(), access.dates);
        });
    }
    let after = std::fs::metadata(&path).unwrap();
    assert_eq!(before.permissions(), after.permissions());
}

/// They are files of /proc, too. As the program does, without root's rights: since Linux 6.16 CAP_PERFMON
/// reads maps and environments past Landlock.
#[test]
fn other_processes_are_not_read() {
    use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};
    let none = CapabilitySet::empty();
    let none = CapabilitySets {
        effective: none,
        permitted: none,
        inheritable: none,
    };
    let (send, receive) = std::sync::mpsc::channel();
    let tried = std::thread::spawn(move || {
        set_capabilities(None, none).unwrap();
        // Nor does the other process get them back.
        set_no_new_privs(true).unwrap();
        let other = std::process::Command::new("sleep").arg("60").spawn();
        let other = other.unwrap();
        let files = ["environ", "mem", "maps"];
        let files = files.map(|name| format!("/proc/{}/{name}", other.id()));
        send.send(other).unwrap();
        let outside = files
            .each_ref()
            .map(|file| std::fs::File::open(file).is_ok());
        enter(&Access::none());
        let inside = files
            .each_ref()
            .map(|file| std::fs::File::open(file).is_ok());
        let memory = format!("/proc/{}/mem", std::process::id());
        let own = std::fs::OpenOptions::new().write(true).open(memory);
        (outside, inside, own.is_ok())
    });
    let mut other = receive.recv().unwrap();
    let tried = tried.join();
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(tried.unwrap(), ([true; 3], [false; 3], false));
}

#[test]
fn threads_start_and_stop_inside() {
    alone(|| {
        enter(&Access::none());
        let sum: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|number| scope.spawn(move || vec![number; 1 << 20].len()))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(sum, 8 << 20);
        // A panic unwinds, and says where.
        let thread = std::thread::spawn(|| panic!("meant to be"));
        assert!(thread.join().is_err());
    });
}

/// A filter for every thread would keep the other tests out too: these run in a process of their own.
#[test]
fn in_processes_of_their_own() {
    test_process::run("sandbox::tests::only_the_device_is_connected");
    test_process::run("sandbox::tests::what_is_open_stays_open");
}

/// As signal-hook does it; without, no signal would end the program.
#[test]
fn a_pair_made_before_wakes_a_thread_inside() {
    let (mut here, there) = std::os::unix::net::UnixStream::pair().unwrap();
    alone(|| {
        enter(&Access::none());
        let flags = rustix::net::SendFlags::DONTWAIT;
        rustix::net::send(&there, b"x", flags).unwrap();
        let mut byte = [0];
        here.read_exact(&mut byte).unwrap();
        assert_eq!(&byte, b"x");
    });
}

/// Something that sends back what it gets.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (here, there) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        here.send(rustix::thread::gettid()).unwrap();
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = [0; 4];
        stream.read_exact(&mut bytes).unwrap();
        stream.write_all(&bytes).unwrap();
        // As long as this lives, the port is not another's.
        std::thread::park();
    });
    // Nobody begins to wait for a connection inside: it has to be asleep in `accept` before.
    let stat = format!("/proc/self/task/{}/stat", there.recv().unwrap());
    while !std::fs::read_to_string(&stat).unwrap().contains(") S ") {
        std::thread::yield_now();
    }
    address
}

#[track_caller]
fn refused<T>(tried: std::io::Result<T>) {
    let kind = tried.map(drop).unwrap_err().kind();
    assert_eq!(kind, ErrorKind::PermissionDenied);
}

#[test]
#[ignore = "run by in_processes_of_their_own"]
fn only_the_device_is_connected() {
    let (device, other) = (echo(), echo());
    let access = Access::none().connect(&[device]);
    let (go, wait) = std::sync::mpsc::channel();
    let level = enter(&access);
    let earlier = std::thread::spawn(move || {
        wait.recv().unwrap();
        refused(TcpStream::connect(device));
    });
    assert!(level.connects && level.seccomp, "{level}");
    assert!(level.landlock >= Some(4), "this kernel knows no ports");
    refused(TcpStream::connect(other));
    refused(TcpListener::bind("127.0.0.1:0"));
    refused(TcpStream::connect("[::1]:1"));
    refused(UdpSocket::bind("127.0.0.1:0"));
    refused(std::os::unix::net::UnixDatagram::unbound());
    let multipath = rustix::net::ipproto::MPTCP;
    let (inet, stream) = (
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::STREAM,
    );
    refused(rustix::net::socket(inet, stream, Some(multipath)).map_err(Into::into));
    let within = Duration::from_secs(5);
    let mut stream = TcpStream::connect_timeout(&device, within).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_write_timeout(Some(within)).unwrap();
    stream.set_read_timeout(Some(within)).unwrap();
    // The kernel connects by sending too, where Landlock did not look.
    let fast = rustix::net::SendFlags::from_bits_retain(0x2000_0000);
    refused(rustix::net::send(&stream, b"x", fast).map_err(Into::into));
    refused(
        rustix::net::sendto(&stream, b"x", rustix::net::SendFlags::empty(), &other)
            .map_err(Into::into),
    );
    let level = narrow(level, &access.connected());
    assert!(!level.connects);
    holds(level);
    refused(TcpStream::connect(device));
    // Also for those who were there before.
    go.send(()).unwrap();
    earlier.join().unwrap();
    stream.write_all(b"ping").unwrap();
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"ping");
}

#[test]
#[ignore = "run by in_processes_of_their_own"]
fn what_is_open_stays_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["device", "card"] {
        std::fs::write(path(name), name).unwrap();
    }
    std::fs::create_dir(path("keys")).unwrap();
    let access = Access::none()
        .read(&path("card"))
        .device(&path("device"))
        .write(&path("keys/new"));
    let level = enter(&access);
    let mut device = std::fs::File::options();
    let device = device.read(true).write(true);
    let mut open = device.open(path("device")).unwrap();
    let level = narrow(level, &access.connected());
    refused(device.open(path("device")));
    open.write_all(b"x").unwrap();
    std::fs::write(path("keys/new"), "x").unwrap();
    let level = narrow(level, &access.reading());
    refused(std::fs::write(path("keys/new"), "y"));
    refused(std::fs::read(path("keys/new")));
    assert_eq!(std::fs::read(path("card")).unwrap(), b"card");
    holds(level);
}

#[test]
fn without_a_device_nothing_is_connected() {
    let device = echo();
    alone(|| {
        assert!(!enter(&Access::none()).connects);
        refused(TcpStream::connect(device));
    });
}
