//! Machines made of a few files.

use std::os::unix::fs::symlink;

use super::*;

/// A machine whose files are these.
struct Fake(tempfile::TempDir);

impl Fake {
    fn new(files: &[(&str, &str)]) -> Self {
        let fake = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            let path = fake.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("{text}\n")).unwrap();
        }
        fake
    }

    fn look(&self) -> Machine {
        self.look_with(&[])
    }

    fn look_with(&self, variables: &[(&str, &str)]) -> Machine {
        look(self.0.path(), &|name| {
            let set = variables.iter().find(|(known, _)| *known == name)?;
            Some(set.1.into())
        })
    }
}

#[test]
fn nothing_can_be_told_of_another_system() {
    let machine = Fake::new(&[]).look();
    assert_eq!(
        machine,
        Machine {
            network: None,
            swap: None,
            core_dumps: None,
            watchers: Vec::new(),
        }
    );
}

#[test]
fn interfaces_that_are_up() {
    let machine = Fake::new(&[
        ("sys/class/net/lo/type", "772"),
        ("sys/class/net/lo/operstate", "unknown"),
        ("sys/class/net/lo/flags", "0x9"),
        ("sys/class/net/wlan0/type", "1"),
        ("sys/class/net/wlan0/operstate", "up"),
        ("sys/class/net/eth0/operstate", "down"),
        ("sys/class/net/eth1/operstate", "dormant"),
        ("sys/class/net/tun0/operstate", "unknown"),
        ("sys/class/net/tun0/flags", "0x1091"),
        ("sys/class/net/usb0/operstate", "unknown"),
        ("sys/class/net/usb0/flags", "0x1002"),
        ("sys/class/net/usb1/operstate", "unknown"),
        ("sys/class/net/usb1/flags", "0x1003"),
        ("sys/class/net/usb1/carrier", "0"),
        ("sys/class/net/bonding_masters", ""),
    ])
    .look();
    assert_eq!(machine.network.unwrap(), ["tun0", "wlan0"]);
    let offline = Fake::new(&[("sys/class/net/lo/type", "772")]).look();
    assert_eq!(offline.network.unwrap(), [""; 0]);
}

#[test]
fn swap_and_what_becomes_of_it() {
    let fake = Fake::new(&[
        (
            "proc/swaps",
            "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n\
             /dev/zram0                              partition\t8388604\t\t0\t\t100\n\
             /dev/zram1                              partition\t8388604\t\t0\t\t100\n\
             /dev/dm-1                               partition\t8388604\t\t0\t\t-2\n\
             /dev/mapper/swap                        partition\t8388604\t\t0\t\t-2\n\
             /dev/sda2                               partition\t8388604\t\t0\t\t-2\n\
             /swapfile                               file\t\t2097148\t\t0\t\t-3",
        ),
        ("sys/block/zram0/backing_dev", "none"),
        ("sys/block/zram1/backing_dev", "/dev/sda3"),
        ("sys/block/dm-1/dm/uuid", "CRYPT-PLAIN-swap"),
        ("sys/block/dm-2/dm/uuid", "LVM-abc"),
        ("dev/dm-2", ""),
    ]);
    fs::create_dir(fake.0.path().join("dev/mapper")).unwrap();
    symlink("../dm-2", fake.0.path().join("dev/mapper/swap")).unwrap();
    let kinds: Vec<_> = fake.look().swap.unwrap();
    let kinds: Vec<_> = kinds
        .iter()
        .map(|one| (one.place.as_str(), one.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            ("/dev/zram0", SwapKind::Memory),
            ("/dev/zram1", SwapKind::Plain),
            ("/dev/dm-1", SwapKind::Encrypted),
            ("/dev/mapper/swap", SwapKind::Plain),
            ("/dev/sda2", SwapKind::Plain),
            ("/swapfile", SwapKind::Plain),
        ]
    );
    let none = Fake::new(&[("proc/swaps", "Filename\tType\tSize\tUsed\tPriority")]).look();
    assert_eq!(none.swap, Some(Vec::new()));
}

#[test]
fn core_dumps() {
    let limits = |soft: &str| {
        format!(
            "Limit                     Soft Limit           Hard Limit           Units\n\
             Max stack size            8388608              unlimited            bytes\n\
             Max core file size        {soft}                    unlimited            bytes"
        )
    };
    for (soft, own) in [("0", false), ("unlimited", true), ("1024", true)] {
        let machine = Fake::new(&[
            ("proc/self/limits", &limits(soft)),
            (
                "proc/sys/kernel/core_pattern",
                "|/usr/lib/systemd-coredump %P",
            ),
        ])
        .look();
        let expected = CoreDumps {
            own,
            pattern: "|/usr/lib/systemd-coredump %P".to_owned(),
        };
        assert_eq!(machine.core_dumps, Some(expected), "{soft}");
    }
}

#[test]
fn what_sees_the_terminal() {
    let fake = Fake::new(&[]);
    let seen = |variables: &[(&str, &str)]| fake.look_with(variables).watchers;
    assert_eq!(seen(&[("TERM", "xterm-256color"), ("TMUX", "")]), []);
    assert_eq!(
        seen(&[
            ("SSH_TTY", "/dev/pts/3"),
            ("SSH_CONNECTION", "::1 1 ::1 22")
        ]),
        [Watcher::Remote]
    );
    for (variables, name) in [
        (
            &[("TERM", "screen-256color"), ("TMUX", "/tmp/a,1,0")][..],
            "tmux",
        ),
        (&[("TERM", "screen.xterm"), ("STY", "1.pts")], "screen"),
        (&[("TERM", "tmux-256color")], "tmux"),
        (&[("ZELLIJ", "0")], "zellij"),
    ] {
        assert_eq!(seen(variables), [Watcher::Multiplexer(name)]);
    }
    assert_eq!(
        seen(&[("ASCIINEMA_REC", "1")]),
        [Watcher::Recorder("asciinema")]
    );
}

#[test]
fn processes_this_one_runs_inside() {
    let machine = Fake::new(&[
        ("proc/self/stat", "90 (bitbox-backup) R 80 90 80 0 -1"),
        ("proc/80/stat", "80 (bash) S 70 80 80 0 -1"),
        ("proc/70/stat", "70 (a) b) R (script)) S 60 80 80 0 -1"),
        ("proc/60/stat", "60 (script) S 50 60 60 0 -1"),
        ("proc/50/stat", "50 (tmux: server) S 40 50 50 0 -1"),
        ("proc/40/stat", "40 (sshd-session) S 1 40 40 0 -1"),
        ("proc/1/stat", "1 (systemd) S 0 1 1 0 -1"),
    ])
    .look();
    assert_eq!(
        machine.watchers,
        [
            Watcher::Remote,
            Watcher::Multiplexer("tmux"),
            Watcher::Recorder("script")
        ]
    );
    // A process that is its own parent is looked at no longer than others.
    let circle = Fake::new(&[
        ("proc/self/stat", "9 (x) R 8 0"),
        ("proc/8/stat", "8 (y) R 8 0"),
    ]);
    assert_eq!(circle.look().watchers, []);
}

#[test]
fn where_files_are_kept() {
    #[cfg(target_os = "linux")]
    {
        assert_eq!(storage(Path::new("/dev/shm")), Some(Storage::Memory));
        assert_eq!(storage(Path::new("/sys")), Some(Storage::Disk));
        assert_eq!(storage(Path::new("/nowhere")), None);
    }
}
