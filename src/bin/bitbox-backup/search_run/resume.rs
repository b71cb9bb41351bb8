//! How far a search came, in a file for the next run. It holds no secret.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::ensure;
use bitbox_backup::catalogue::Catalogue;
use bitbox_backup::examine::Examination;
use bitbox_backup::files::{OwnFile, Sources};
use bitbox_backup::recover::{Effort, Missing, Recovery};
use bitbox_backup::text::path_text;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::output_paths::not_written;

const FORM: &str = "bitbox-backup/2";
/// How such a file of any form begins.
const BEGINNING: &[u8] = b"{\n  \"resume\": \"bitbox-backup/";
/// Most bytes of it: a line for each backup.
const MAX_FILE: u64 = 16 << 20;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Noted {
    resume: String,
    /// The version of this program: the order of candidates may change with it.
    tool: String,
    /// SHA-256 of the copies that are searched, in hex: another reading of the same card may have
    /// read other bytes.
    copies: String,
    ids: Vec<String>,
    /// The length of the seed, where a person said it.
    length: Option<u32>,
    /// SHA-256 of what the owner knows of the wallet, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owned: Option<String>,
    /// How many candidates were tried in vain for each backup.
    tried: BTreeMap<String, u64>,
}

impl Noted {
    /// How far an earlier run came, if it tried the same.
    fn of_same(mut self, now: &Self) -> Option<BTreeMap<String, u64>> {
        let tried = std::mem::take(&mut self.tried);
        (self == *now).then_some(tried)
    }
}

/// Which copies are searched: all that decides where one lies, whose it is and what is in it.
fn identity(catalogue: &Catalogue) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    for (index, copy) in catalogue.copies.iter().enumerate() {
        let node = catalogue.nodes.get(copy.node);
        add(node.map_or("", |node| &node.path).as_bytes());
        add(format!("{:?} {:?} {}", copy.origin, copy.state, copy.size).as_bytes());
        add(catalogue.bytes(index));
    }
    hex::encode(hash.finalize())
}

#[derive(Debug)]
pub(crate) struct Resume {
    file: OwnFile,
    noted: Noted,
    keys: Vec<String>,
    copies: Vec<Vec<usize>>,
}

impl Resume {
    /// Reads what an earlier run noted, if it is of the same source and options.
    pub(crate) fn read(
        place: &Path,
        sources: &Sources,
        examined: &Examination,
        effort: &Effort,
    ) -> anyhow::Result<Self> {
        let mut ids: Vec<_> = effort.ids.iter().map(ToString::to_string).collect();
        ids.sort();
        let mut noted = Noted {
            resume: FORM.to_owned(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            copies: identity(&examined.catalogue),
            ids,
            length: effort.length,
            owned: (!effort.owned.is_empty())
                .then(|| hex::encode(Sha256::digest(format!("{:?}", effort.owned)))),
            tried: BTreeMap::new(),
        };
        let name = path_text(place);
        let opened = OwnFile::open(place, sources, MAX_FILE);
        let (file, earlier) = opened.map_err(|error| not_written(&error))?;
        if let Some(bytes) = earlier {
            ensure!(
                bytes.starts_with(BEGINNING),
                "{name}: was not written by --resume\ngive such a file, or the name of a new one"
            );
            let earlier = serde_json::from_slice::<Noted>(&bytes).ok();
            match earlier.and_then(|earlier| earlier.of_same(&noted)) {
                Some(tried) => noted.tried = tried,
                None => {
                    crate::output::say(&format!(
                        "note: {name}: it is of another reading, other options or another version, and \
                         is not used; a search that does not end replaces it"
                    ));
                }
            }
        }
        let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let backups = examined.assessment.backups.iter();
        let keys = backups.clone().enumerate().map(|(index, backup)| {
            let id = or_none(backup.id.map(|id| id.to_string()));
            let time = or_none(backup.timestamp.map(|time| time.to_string()));
            format!("{index} {id} {time}")
        });
        Ok(Self {
            file,
            copies: backups.map(|backup| backup.copies.clone()).collect(),
            keys: keys.collect(),
            noted,
        })
    }

    /// How many candidates earlier runs tried for each backup.
    pub(crate) fn tried_before(&self) -> Vec<u64> {
        let backups = 0..self.keys.len();
        backups.map(|backup| self.tried(backup)).collect()
    }

    fn tried(&self, backup: usize) -> u64 {
        let key = self.keys.get(backup);
        let tried = key.and_then(|key| self.noted.tried.get(key));
        tried.copied().unwrap_or(0)
    }

    /// Writes down how far the search came, where there is still something to try.
    pub(crate) fn write(&mut self, recovery: &Recovery) -> anyhow::Result<()> {
        let mut open = false;
        for missing in &recovery.not_recovered {
            let (Missing::Proof { tried, .. } | Missing::Stopped { tried }) = missing.missing
            else {
                continue;
            };
            // A search in some copies of a backup is not one for it.
            let has_all = self.copies.get(missing.backup) == Some(&missing.copies);
            if let Some(key) = self.keys.get(missing.backup).filter(|_| has_all) {
                let known = self.noted.tried.entry(key.clone()).or_default();
                *known = tried.max(*known);
                open |= *known > 0;
            }
        }
        if !open {
            return Ok(());
        }
        let mut text = serde_json::to_vec_pretty(&self.noted)?;
        text.push(b'\n');
        self.file.write(&text).map_err(|error| not_written(&error))
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
        let effort = Effort::new(100);
        let none = Sources::none();
        let read = |examined: &Examination, effort: &Effort| {
            Resume::read(&place, &none, examined, effort).unwrap()
        };
        let stopped = |tried| Recovery {
            recovered: Vec::new(),
            not_recovered: vec![NotRecovered {
                id: None,
                timestamp: None,
                missing: Missing::Stopped { tried },
                backup: 0,
                copies: examined.assessment.backups[0].copies.clone(),
            }],
        };
        let mut resume = read(&examined, &effort);
        assert_eq!(resume.tried(0), 0);
        resume.write(&Recovery::default()).unwrap();
        assert!(!place.exists(), "nothing to go on with");
        for (tried, then) in [(77, 77), (50, 77), (200, 200)] {
            read(&examined, &effort).write(&stopped(tried)).unwrap();
            assert_eq!(read(&examined, &effort).tried(0), then);
        }
        // More effort is the reason to go on; another id is another question.
        let mut more = effort.clone();
        more.candidates = 1000;
        assert_eq!(read(&examined, &more).tried(0), 200);
        more.ids.push(examined.assessment.backups[0].id.unwrap());
        assert_eq!(read(&examined, &more).tried(0), 0);
        let several = examine_watched(&other, &Options::default(), &Progress::default()).unwrap();
        assert_eq!(read(&several, &effort).tried(0), 0);
        std::fs::write(&place, "{}").unwrap();
        assert!(Resume::read(&place, &none, &examined, &effort).is_err());
    }
}
