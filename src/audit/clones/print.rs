//! What makes a source the same card as another.

use sha2::{Digest, Sha256};

use crate::catalogue::{CopyState, Origin};
use crate::report::{BackupReport, CopyReport, Source, VolumeReport};

/// The serial number of a volume that has none.
pub(super) const NO_SERIAL: &str = "0000-0000";

/// What makes a source the same card as another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::audit) struct Print {
    /// The number of the card itself.
    pub(super) cid: Option<String>,
    /// Whether it is a card at all; a folder or a file shows nothing of one.
    pub(super) has_volume: bool,
    /// One hash over the hashes of its valid live copies, in ascending order.
    pub(super) files: Option<[u8; 32]>,
    /// Whether all of its live copies are valid.
    pub(super) is_whole: bool,
    pub(super) fat: Option<String>,
    /// `None` where the volume has none.
    pub(super) serial: Option<String>,
    /// The hash of what was read of it.
    pub(super) read: Option<String>,
    /// Where its live copies lie; only with a serial number.
    pub(super) places: Vec<PrintedPlace>,
    /// All of these places, the layout and the FAT in one; only without a serial number.
    pub(super) all_places: Option<PrintHash>,
    /// Its live generations, and those of which only traces are left.
    pub(super) live: Vec<PrintedGeneration>,
    pub(super) traces: Vec<PrintedGeneration>,
    /// Serial number and layout of its volume; only with a serial number.
    pub(super) volume: Option<PrintHash>,
}

pub(super) type PrintHash = [u8; 32];

/// Where a copy lies, on a volume like its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PrintedPlace {
    /// Under which path.
    pub(super) path: PrintHash,
    /// With which bytes, where these are valid.
    pub(super) bytes: Option<PrintHash>,
}

/// An id and a time: the device never makes two generations at one time.
pub(super) type PrintedGeneration = (String, u32);

impl Print {
    /// That of a source; `None` where it holds no live backup.
    pub(in crate::audit) fn of(source: &Source) -> Option<Self> {
        let live = Live::of(source)?;
        let main = live.copies().find_map(|copy| live.volume(copy));
        let serial = main.and_then(serial).map(str::to_owned);
        let numbered = main.filter(|_| serial.is_some());
        let unnumbered = main.filter(|_| serial.is_none());
        let generations = live.generations();
        let traces = source.backups.iter().filter(|one| one.state.is_trace());
        let traces = traces.filter_map(generation);
        let traces = traces.filter(|trace| !generations.contains(trace));
        let card = source.card.as_ref();
        Some(Self {
            cid: card.and_then(|card| card.identity.as_ref()?.cid.clone()),
            has_volume: main.is_some(),
            files: live.files(),
            is_whole: live.copies().all(|copy| copy.state == CopyState::Valid),
            fat: main.and_then(|volume| volume.fat_sha256.clone()),
            read: card.and_then(|card| Some(card.read.as_ref()?.sha256.clone())),
            places: live.places(),
            all_places: unnumbered.map(|main| live.all_places(main)),
            traces: traces.collect(),
            volume: numbered.map(layout),
            live: generations,
            serial,
        })
    }
}

/// What is live on a source, and the volumes it lies on.
struct Live<'a> {
    backups: Vec<&'a BackupReport>,
    volumes: &'a [VolumeReport],
    /// The layout of each volume.
    layouts: Vec<PrintHash>,
}

impl<'a> Live<'a> {
    /// `None` where nothing is.
    fn of(source: &'a Source) -> Option<Self> {
        let backups = source.backups.iter();
        let backups: Vec<_> = backups.filter(|backup| !backup.state.is_trace()).collect();
        let volumes = source.card.as_ref().map(|card| card.volumes.as_slice());
        let volumes = volumes.unwrap_or_default();
        (!backups.is_empty()).then(|| Self {
            backups,
            volumes,
            layouts: volumes.iter().map(layout).collect(),
        })
    }

    /// The copies of live backups that a directory entry leads to.
    fn copies(&self) -> impl Iterator<Item = &'a CopyReport> {
        let copies = self.backups.iter().flat_map(|backup| &backup.copies);
        copies.filter(|copy| copy.origin == Origin::Live)
    }

    fn volume(&self, copy: &CopyReport) -> Option<&'a VolumeReport> {
        self.volumes.get(copy.volume?)
    }

    fn with_volume(&self) -> impl Iterator<Item = (&'a CopyReport, &'a VolumeReport)> {
        self.copies()
            .filter_map(|copy| Some((copy, self.volume(copy)?)))
    }

    fn files(&self) -> Option<PrintHash> {
        let valid = self.copies().filter(|copy| copy.state == CopyState::Valid);
        let mut valid: Vec<&str> = valid.filter_map(|copy| copy.sha256.as_deref()).collect();
        valid.sort_unstable();
        (!valid.is_empty()).then(|| Sha256::digest(valid.concat()).into())
    }

    /// Where the copies lie on volumes with a serial number.
    fn places(&self) -> Vec<PrintedPlace> {
        let all = self.with_volume();
        let numbered = all.filter(|(_, volume)| serial(volume).is_some());
        let places = numbered.map(|(copy, volume)| {
            let place = |what: &String| self.place(copy, volume, what);
            PrintedPlace {
                path: place(&copy.path),
                bytes: copy.sha256.as_ref().map(place),
            }
        });
        places.collect()
    }

    /// Where all copies lie, with the FAT of their volume: what counts where it has no serial number.
    fn all_places(&self, main: &VolumeReport) -> PrintHash {
        let all = self.with_volume();
        let all = all.map(|(copy, volume)| self.place(copy, volume, &copy.path));
        let mut all: Vec<_> = all.collect();
        all.sort_unstable();
        let mut hash = Sha256::new();
        hash.update(main.fat_sha256.as_deref().unwrap_or_default());
        all.iter().for_each(|place| hash.update(place));
        hash.finalize().into()
    }

    /// Where a copy lies on a volume like this one, and what it is there.
    fn place(&self, copy: &CopyReport, volume: &VolumeReport, what: &str) -> PrintHash {
        let layout = copy.volume.and_then(|index| self.layouts.get(index));
        let mut hash = Sha256::new();
        hash.update(layout.map_or(&[][..], PrintHash::as_slice));
        number(&mut hash, within(volume, copy.offset));
        hash.update(what);
        hash.finalize().into()
    }

    fn generations(&self) -> Vec<PrintedGeneration> {
        let backups = self.backups.iter().copied();
        backups.filter_map(generation).collect()
    }
}

pub(in crate::audit) fn serial(volume: &VolumeReport) -> Option<&str> {
    let serial = volume.serial.as_deref();
    serial.filter(|serial| *serial != NO_SERIAL)
}

fn generation(backup: &BackupReport) -> Option<PrintedGeneration> {
    Some((backup.id.clone()?, backup.timestamp?))
}

/// What formatting decided. Counted from the volume's start, so that an image of a partition and one
/// of the whole card are alike.
fn layout(volume: &VolumeReport) -> PrintHash {
    let mut hash = Sha256::new();
    let numbers = [
        volume.cluster_length,
        volume.clusters.map(u64::from),
        within(volume, volume.fat_offset),
        within(volume, volume.data_offset),
    ];
    for one in numbers {
        number(&mut hash, one);
    }
    if let Some(serial) = &volume.serial {
        hash.update(serial);
    }
    hash.finalize().into()
}

/// A place on a card, counted from where a volume starts.
fn within(volume: &VolumeReport, offset: Option<u64>) -> Option<u64> {
    offset.map(|offset| offset.wrapping_sub(volume.offset))
}

fn number(hash: &mut Sha256, number: Option<u64>) {
    hash.update([u8::from(number.is_some())]);
    hash.update(number.unwrap_or_default().to_le_bytes());
}
