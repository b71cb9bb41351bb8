//! A folder of cards, and the program run in it.

use std::path::PathBuf;
use std::process::Output;

use fixtures::backup::Backup;
use fixtures::fat::{Fat, Layout};

use super::program::program;

/// The folder.
pub struct Cards(pub tempfile::TempDir);

impl Cards {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn put(&self, name: &str, fat: &Fat) {
        fat.card.write_to(self.path(name)).unwrap();
    }

    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        program(self.0.path()).args(arguments).output().unwrap()
    }
}

/// A card with these backups; the serial number tells it from others.
pub fn card(serial: u32, backups: &[Backup]) -> Fat {
    let mut fat = Layout {
        serial,
        ..Layout::FAT12.with_clusters(400)
    }
    .format();
    for backup in backups {
        fat.save(backup);
    }
    fat
}

/// Status, standard output, standard error.
pub fn text(output: &Output) -> String {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    format!("status {}\n{out}{err}", output.status.code().unwrap())
}

pub fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(output)))
}
