//! One copy of a backup: where it lies and what its bytes say, without the secret in them.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::runs::part;
use crate::backup::recognize::{self, Trace, TraceKind};
use crate::backup::text::{TextForm, copies_in_text};
use crate::backup::{self, CheckError, Contents, DecodeError, FileName, Id, MAX_FILE_SIZE, wire};
use crate::image::Extent;

/// How a copy was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Origin {
    /// Through a live directory entry.
    Live,
    /// Through a deleted directory entry.
    Deleted,
    /// By its bytes.
    Carved,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What a copy is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CopyState {
    /// It decodes and its checksum is right.
    Valid,
    /// It does not, but is or was a backup.
    Damaged,
    /// Its bytes cannot be read.
    Unreadable,
    /// A device overwrote it with 0xAC.
    Erased,
    /// It has the name of a copy, and something else in it.
    Foreign,
}

impl fmt::Display for CopyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Why a copy is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Health {
    /// It is.
    Whole,
    /// It does not decode.
    Undecodable(DecodeError),
    /// It decodes and is refused.
    Refused(CheckError),
    /// All its bytes are 0xAC.
    Erased,
    /// It is empty.
    Empty,
    /// It is something else.
    Foreign,
    /// Not all of it can be read.
    Unreadable,
}

impl Health {
    fn state(self) -> CopyState {
        match self {
            Self::Whole => CopyState::Valid,
            Self::Undecodable(_) | Self::Refused(_) | Self::Empty => CopyState::Damaged,
            Self::Erased => CopyState::Erased,
            Self::Foreign => CopyState::Foreign,
            Self::Unreadable => CopyState::Unreadable,
        }
    }
}

/// What the fields of a whole copy say, the seed apart.
///
/// There are none of a damaged copy: in it any field may hold bytes of the seed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// The id of the seed in it, where there is one.
    pub id: Option<Id>,
    /// Bytes of the seed.
    pub seed_length: u32,
    /// When it was made: seconds since 1970 UTC.
    pub timestamp: Option<u32>,
    /// The device's name.
    pub name: Option<String>,
    /// How the data is kept: 0.
    pub mode: Option<i32>,
    /// When the wallet was made: seconds since 1970 UTC.
    pub birthdate: Option<u32>,
    /// The firmware that wrote it.
    pub generator: String,
    /// The obsolete length field.
    pub length: u32,
    /// Whether that field is what this generator writes.
    pub length_fits_generator: Option<bool>,
}

impl Facts {
    /// What contents say, the seed apart.
    pub fn of(contents: &Contents) -> Self {
        let metadata = contents.metadata();
        Self {
            id: contents.id(),
            seed_length: contents.seed_length(),
            timestamp: metadata.map(|metadata| metadata.timestamp),
            name: metadata.map(|metadata| metadata.name.clone()),
            mode: metadata.map(|metadata| metadata.mode),
            birthdate: contents.birthdate(),
            generator: contents.generator().to_owned(),
            length: contents.length(),
            length_fits_generator: contents.length_fits_generator(),
        }
    }
}

/// One copy.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BackupCopy {
    /// Its file: an index in [`super::Catalogue::nodes`].
    pub node: usize,
    /// How it was found.
    pub origin: Origin,
    /// Where its bytes lie; none for a file of the computer.
    pub extents: Vec<Extent>,
    /// Bytes, as its entry says.
    pub size: u64,
    /// What it is worth.
    pub state: CopyState,
    /// Why.
    pub health: Health,
    /// What its fields say, if it is whole.
    pub facts: Option<Facts>,
    /// What its file name says.
    pub file_name: Option<FileName>,
    /// The text that its file holds instead of the copy itself.
    pub form: Option<TextForm>,
}

/// How far a source is looked at; each depth includes the ones before it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Looked {
    /// Live folders, and the files in them that are named as copies or lie where copies do.
    Folders,
    /// Every small file by its contents, deleted entries, and what lies below deleted folders.
    #[default]
    Deleted,
    /// Every byte, for copies, directories and volumes that nothing leads to.
    Surface,
}

/// Most bytes read of a file that is named as a copy or lies where copies do; longer ones are no
/// backup a device wrote.
pub(super) const LOOK: u64 = 4096;
/// Most bytes of a file of any name that is searched for copies.
pub(super) const SMALL: u64 = 64 << 10;
/// Most bytes of a file of the computer that is searched for whole copies.
pub(crate) const LARGE: u64 = 64 << 20;

/// A copy and its bytes, a secret.
pub(super) type CopyWithBytes = (BackupCopy, Zeroizing<Vec<u8>>);

/// A file that may be a copy or hold copies.
pub(super) struct CandidateFile<'a> {
    /// An index in [`super::Catalogue::nodes`].
    pub(super) node: usize,
    /// Its name, as stored.
    pub(super) name: &'a str,
    /// Bytes, as its entry says.
    pub(super) size: u64,
    /// How it was found.
    pub(super) origin: Origin,
    /// Where its bytes lie; none for a file of the computer.
    pub(super) extents: &'a [Extent],
    /// Its bytes; what lies behind its size in its last cluster may follow them.
    pub(super) bytes: &'a [u8],
}

impl CandidateFile<'_> {
    /// A copy in a part of the file.
    fn copy(&self, size: u64, range: Range<usize>, health: Health) -> BackupCopy {
        BackupCopy {
            node: self.node,
            origin: self.origin,
            extents: part(self.extents, range),
            size,
            state: health.state(),
            health,
            facts: None,
            file_name: FileName::parse(self.name),
            form: None,
        }
    }

    /// The bytes that its size covers.
    fn own(&self) -> &[u8] {
        let length = usize::try_from(self.size).unwrap_or(usize::MAX);
        self.bytes.get(..length).unwrap_or(self.bytes)
    }

    /// The file itself as a copy, by the bytes that its size covers; `None` if it is not one and is not named as one.
    pub(super) fn itself(&self) -> Option<CopyWithBytes> {
        let own = self.own();
        let (health, facts) = judge(own, self.size);
        let copy = self.copy(self.size, 0..own.len(), health);
        let is_copy = matches!(health, Health::Whole | Health::Refused(_))
            || wire::looks_like_backup(own)
            || copy.file_name.is_some();
        is_copy.then(|| (BackupCopy { facts, ..copy }, own.to_vec().into()))
    }

    /// The file itself, of which nothing can be read; `None` if it is not named as a copy.
    pub(super) fn unread(&self) -> Option<CopyWithBytes> {
        let copy = BackupCopy {
            extents: self.extents.to_vec(),
            ..self.copy(self.size, 0..0, Health::Unreadable)
        };
        copy.file_name.map(|_| (copy, Zeroizing::default()))
    }

    /// The file itself as a copy, which it is by its inner fields even if the strict reader knows nothing of them.
    pub(super) fn carved(&self) -> CopyWithBytes {
        self.itself().unwrap_or_else(|| {
            let health = match self.bytes.iter().all(|byte| *byte == 0xAC) {
                true => Health::Erased,
                false => Health::Undecodable(DecodeError::File),
            };
            let copy = self.copy(self.size, 0..self.bytes.len(), health);
            (copy, self.bytes.to_vec().into())
        })
    }

    /// The copies in the file, whatever its name, through the recognizer that searches the surface:
    /// the whole ones, or if there are none the file itself or what is left of copies in it.
    pub(super) fn copies(&self) -> Vec<CopyWithBytes> {
        let itself = self.itself();
        let is_whole = |copy: &CopyWithBytes| copy.0.state == CopyState::Valid;
        if itself.as_ref().is_some_and(is_whole) {
            return itself.into_iter().collect();
        }
        let traces = recognize::traces_in_file(self.bytes);
        let of = |wanted: fn(&TraceKind) -> bool| {
            let traces = traces.iter().filter(move |trace| wanted(&trace.kind));
            traces.filter_map(|trace| self.part(trace))
        };
        let mut whole: Vec<_> = of(|kind| *kind == TraceKind::Whole).collect();
        let (texts, damaged) = self.texts().into_iter().partition::<Vec<_>, _>(is_whole);
        for text in texts {
            if !whole.iter().any(|(_, known)| *known == text.1) {
                whole.push(text);
            }
        }
        if !whole.is_empty() {
            return whole;
        }
        // A text may be named as a copy.
        let is_bytes = damaged.is_empty() || wire::looks_like_backup(self.bytes);
        if let Some(itself) = itself.filter(|_| is_bytes) {
            return vec![itself];
        }
        let parts = of(|kind| matches!(kind, TraceKind::Header | TraceKind::Part(_)));
        let parts: Vec<_> = parts.collect();
        match parts.is_empty() {
            true => damaged,
            false => parts,
        }
    }

    /// The copies in a large file: whole, or with a whole header, or as a text.
    pub(super) fn parts(&self) -> Vec<CopyWithBytes> {
        let traces = recognize::traces_in_file(self.bytes).into_iter();
        let sure = traces.filter(|one| matches!(one.kind, TraceKind::Whole | TraceKind::Header));
        let parts = sure.filter_map(|trace| self.part(&trace));
        parts.chain(self.texts()).collect()
    }

    /// The copies that the file holds as a text: whole ones, or what is left of them.
    pub(super) fn texts(&self) -> Vec<CopyWithBytes> {
        let own = self.own();
        let texts = copies_in_text(own).into_iter().map(|(bytes, form)| {
            let (health, facts) = judge(&bytes, bytes.len() as u64);
            let copy = BackupCopy {
                facts,
                form: Some(form),
                ..self.copy(self.size, 0..own.len(), health)
            };
            (copy, bytes)
        });
        texts.collect()
    }

    /// What a trace in the file is.
    fn part(&self, trace: &Trace) -> Option<CopyWithBytes> {
        let range = trace.range.start..trace.range.end.min(self.bytes.len());
        let bytes = self.bytes.get(range.clone())?;
        let size = bytes.len() as u64;
        let (health, facts) = judge(bytes, size);
        let copy = self.copy(size, range, health);
        Some((BackupCopy { facts, ..copy }, bytes.to_vec().into()))
    }
}

fn judge(bytes: &[u8], size: u64) -> (Health, Option<Facts>) {
    if size == 0 || bytes.is_empty() {
        return (Health::Empty, None);
    }
    if bytes.iter().all(|byte| *byte == 0xAC) {
        return (Health::Erased, None);
    }
    let contents = match backup::decode(bytes) {
        Ok(contents) => contents,
        Err(_) if size > MAX_FILE_SIZE && !wire::looks_like_backup(bytes) => {
            return (Health::Foreign, None);
        }
        Err(error) => return (Health::Undecodable(error), None),
    };
    match contents.check() {
        Ok(()) => (Health::Whole, Some(Facts::of(&contents))),
        Err(error) => (Health::Refused(error), None),
    }
}
