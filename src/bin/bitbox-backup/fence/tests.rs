//! What the fence keeps out.

use std::path::Path;

use super::prove;
use super::wall::{Access, enter};

/// Runs this in a thread of its own: the fence stands around that thread alone.
fn alone<T: Send>(inside: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(inside).join().unwrap())
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
        let proof = prove(Path::new("/etc/passwd"), Path::new("/bin/true"));
        assert!(proof.files && proof.network && proof.programs, "{proof:?}");
        assert_eq!(std::fs::read(path("in")).unwrap(), b"in");
        for (name, what) in [("in", "written"), ("beside", "made")] {
            let refused = std::fs::write(path(name), "x").unwrap_err();
            assert_eq!(
                refused.kind(),
                std::io::ErrorKind::PermissionDenied,
                "{what}"
            );
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

#[test]
fn the_network_is_open_only_where_it_is_needed() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    alone(|| {
        enter(&Access::none().network());
        std::net::TcpStream::connect(address).unwrap();
        let proof = prove(Path::new("/etc/passwd"), Path::new("/bin/true"));
        assert!(proof.files && proof.programs, "{proof:?}");
    });
    alone(|| {
        enter(&Access::none());
        assert!(std::net::TcpStream::connect(address).is_err());
    });
}
