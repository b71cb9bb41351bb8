//! How far a search came, in a file for the next run. It holds no secret.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bitbox_backup::examine::Examination;
use bitbox_backup::recover::{Effort, Missing, Recovery};
use bitbox_backup::text::{exact, path_text};
use serde::{Deserialize, Serialize};

use crate::reports::file::NewFile;

/// How such a file begins.
const BEGINNING: &str = "{\n  \"resume\": \"bitbox-backup/1\"";

/// What such a file holds.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Noted {
    /// The form of the file.
    resume: String,
    /// The version of this program: the order of candidates may change with it.
    tool: String,
    /// Which source it was.
    source: Identity,
    /// The ids tried against.
    ids: Vec<String>,
    /// The length of the seed, where a person said it.
    length: Option<u32>,
    /// How many candidates were tried in vain for each backup.
    tried: BTreeMap<String, u64>,
}

/// Which source, by what was read of it or by its files.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Identity {
    /// Bytes of the card.
    size: Option<u64>,
    /// SHA-256 of what was read of the card.
    read: Option<String>,
    /// Path, size and time of each copy in a folder.
    files: Vec<(String, u64, Option<String>)>,
}

impl Identity {
    fn of(source: &Path, examined: &Examination) -> Self {
        let card = examined.report.card.as_ref();
        let read = card.and_then(|card| card.read.as_ref());
        let catalogue = &examined.catalogue;
        let files = catalogue.copies.iter().filter(|_| read.is_none());
        let file = |path: &str, size| {
            let path = path.trim_start_matches('/');
            let here = if source.is_dir() {
                source.join(path)
            } else {
                source.to_owned()
            };
            let modified = std::fs::metadata(here).and_then(|file| file.modified());
            (path.to_owned(), size, modified.ok().map(exact))
        };
        Self {
            size: card.and_then(|card| card.size),
            read: read.map(|read| read.sha256.clone()),
            files: files
                .filter_map(|copy| Some(file(&catalogue.nodes.get(copy.node)?.path, copy.size)))
                .collect(),
        }
    }
}

/// How far the search came.
#[derive(Debug)]
pub(crate) struct Resume {
    place: PathBuf,
    noted: Noted,
    /// The key of each backup.
    keys: Vec<String>,
}

impl Resume {
    /// Reads what an earlier run noted, if it is of the same source and options.
    pub(crate) fn read(
        place: &Path,
        source: &Path,
        examined: &Examination,
        effort: &Effort,
    ) -> anyhow::Result<Self> {
        let mut ids: Vec<_> = effort.ids.iter().map(ToString::to_string).collect();
        ids.sort();
        let mut noted = Noted {
            resume: "bitbox-backup/1".to_owned(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            source: Identity::of(source, examined),
            ids,
            length: effort.length,
            tried: BTreeMap::new(),
        };
        let name = path_text(place);
        match std::fs::read(place) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(error).with_context(|| format!("{name}: cannot be read"));
            }
            Ok(bytes) => match serde_json::from_slice::<Noted>(&bytes) {
                Ok(mut earlier) => {
                    let tried = std::mem::take(&mut earlier.tried);
                    if earlier == noted {
                        noted.tried = tried;
                    } else {
                        let note = "it is of another source, other options or another version, and \
                                    is not used; a search that does not end replaces it";
                        let _ = writeln!(anstream::stderr(), "note: {name}: {note}");
                    }
                }
                Err(_) => bail!(
                    "{name}: is no file that --resume wrote\ngive such a file, or the name of a new one"
                ),
            },
        }
        let backups = examined.assessment.backups.iter().enumerate();
        let keys = backups.map(|(index, backup)| {
            let id = backup
                .id
                .map_or_else(|| "-".to_owned(), |id| id.to_string());
            let time = backup
                .timestamp
                .map_or_else(|| "-".to_owned(), |time| time.to_string());
            format!("{index} {id} {time}")
        });
        Ok(Self {
            place: place.to_owned(),
            keys: keys.collect(),
            noted,
        })
    }

    /// How many candidates earlier runs tried for a backup.
    pub(crate) fn tried(&self, backup: usize) -> u64 {
        let key = self.keys.get(backup);
        key.and_then(|key| self.noted.tried.get(key))
            .copied()
            .unwrap_or(0)
    }

    /// Writes down how far the search came, where there is still something to try.
    pub(crate) fn write(&mut self, recovery: &Recovery) -> anyhow::Result<()> {
        let mut open = false;
        for missing in &recovery.not_recovered {
            let (Missing::Proof { tried, .. } | Missing::Stopped { tried }) = missing.missing
            else {
                continue;
            };
            if let Some(key) = self.keys.get(missing.backup) {
                let known = self.noted.tried.entry(key.clone()).or_default();
                *known = tried.max(*known);
                open |= *known > 0;
            }
        }
        if !open {
            return Ok(());
        }
        let mut file = NewFile::create(&self.place, BEGINNING.as_bytes())?;
        serde_json::to_writer_pretty(&mut file, &self.noted)?;
        writeln!(file)?;
        file.finish()
    }
}

#[cfg(test)]
mod tests {
    use bitbox_backup::examine::{Options, examine_watched};
    use bitbox_backup::progress::Progress;
    use bitbox_backup::recover::NotRecovered;

    use super::*;

    #[test]
    fn goes_on_only_with_the_same_source_and_options() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("resume.json");
        let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let [source, other] =
            ["healthy.img.zst", "several-wallets.img.zst"].map(|name| testdata.join(name));
        let examined = examine_watched(&source, &Options::default(), &Progress::default()).unwrap();
        let effort = Effort {
            candidates: 100,
            ids: Vec::new(),
            length: None,
        };
        let read = |source: &Path, examined: &Examination, effort: &Effort| {
            Resume::read(&place, source, examined, effort).unwrap()
        };
        let stopped = |tried| Recovery {
            recovered: Vec::new(),
            not_recovered: vec![NotRecovered {
                id: None,
                timestamp: None,
                missing: Missing::Stopped { tried },
                backup: 0,
            }],
        };
        let mut resume = read(&source, &examined, &effort);
        assert_eq!(resume.tried(0), 0);
        resume.write(&Recovery::default()).unwrap();
        assert!(!place.exists(), "nothing to go on with");
        for (tried, then) in [(77, 77), (50, 77), (200, 200)] {
            read(&source, &examined, &effort)
                .write(&stopped(tried))
                .unwrap();
            assert_eq!(read(&source, &examined, &effort).tried(0), then);
        }
        // More effort is the reason to go on; another id is another question.
        let mut more = effort.clone();
        more.candidates = 1000;
        assert_eq!(read(&source, &examined, &more).tried(0), 200);
        more.ids.push(examined.assessment.backups[0].id.unwrap());
        assert_eq!(read(&source, &examined, &more).tried(0), 0);
        let several = examine_watched(&other, &Options::default(), &Progress::default()).unwrap();
        assert_eq!(read(&other, &several, &effort).tried(0), 0);
        std::fs::write(&place, "{}").unwrap();
        assert!(Resume::read(&place, &source, &examined, &effort).is_err());
    }
}
