//! What firmware before v9.13.0 writes when it lists: `sd_write_bin` over a damaged copy, and FatFs
//! beneath it (`f_open` with `FA_CREATE_ALWAYS`, `f_write`, `f_close`; docs/format.md 7).
//!
//! It is written to [`MountedVolume`] in memory only, so that what is read afterwards is what the device
//! would read.

use super::fatfs_directory::{At, Dir, follow_path};
use super::fatfs_volume::{FatError, MountedVolume};
use super::lba32::Lba32;
use super::sd::path_of;
use crate::fat::cluster::Cluster;
use crate::fat::entry::{DELETED, END, SIZE, attr};
use crate::fat::geometry::FatKind;
use crate::image::{Extent, SECTOR};

/// Most clusters that are freed: a copy has at most two, and a chain may be as long as the card.
const MOST_FREED: usize = 65_536;
/// The link behind a chain's last cluster.
const END_OF_CHAIN: u32 = 0x0FFF_FFFF;

/// Replaces the contents of a file, and says which places of the card it freed or wrote to, or why that fails. One that is not found by its name is made again,
/// as are the folders above it; of that only the contents are followed.
pub(super) fn replace(
    volume: &mut MountedVolume<'_>,
    directory: &[u8],
    file: &[u8],
    bytes: &[u8],
) -> Result<Vec<Extent>, FatError> {
    volume.forget_window();
    let at = match follow_path(volume, &path_of(Some(directory), Some(file))) {
        Ok(at) if at.entry.attr() & (attr::READ_ONLY | attr::DIRECTORY) != 0 => {
            return Err(FatError::NoPath);
        }
        Ok(at) => Some(at),
        Err(FatError::NoFile) => None,
        // The folder above is made, too, if it is that one which is gone.
        Err(FatError::NoPath) if is_gone(volume, directory, file) => None,
        Err(error) => return Err(error),
    };
    let (count, last) = volume.fs_info().unwrap_or((u32::MAX, Cluster(u32::MAX)));
    let mut writer = Writer {
        volume,
        count,
        last,
        touched: Vec::new(),
        lost: false,
    };
    if at.is_none()
        && let Err(error) = writer.room(directory, file)
    {
        volume.forget_window();
        return Err(error);
    }
    let opened = at.as_ref().map_or(Ok(()), |at| writer.open(at));
    if opened.is_ok() {
        let (result, start) = writer.write(bytes);
        if writer.lost {
            let touched = writer.touched;
            volume.forget_window();
            return Ok(touched);
        }
        let written = if result.is_ok() && start != Cluster::NONE {
            bytes.len()
        } else {
            0
        };
        if let Some(at) = &at {
            writer.set_entry(at, start, written)?;
        }
        writer.sync()?;
        result?;
    }
    let touched = writer.touched;
    volume.forget_window();
    opened.map(|()| touched)
}

/// Whether the folder of a file is gone, and would be made again.
fn is_gone(volume: &mut MountedVolume<'_>, directory: &[u8], file: &[u8]) -> bool {
    let separates = |byte: &u8| matches!(byte, b'/' | b'\\');
    !file.iter().any(separates) && follow_path(volume, &path_of(Some(directory), None)).is_err()
}

struct Writer<'v, 'a> {
    volume: &'v mut MountedVolume<'a>,
    /// `free_clst`: how many clusters are free; more than there are where FSInfo says nothing.
    count: u32,
    /// `last_clst`: behind which cluster a free one is looked for.
    last: Cluster,
    /// What was freed or written to, where it lies on the card.
    touched: Vec<Extent>,
    /// Whether the contents stayed in the window, as the card ends before them. `f_write` is content with
    /// that; `f_close` fails and leaves the entry empty, and nobody looks.
    lost: bool,
}

impl Writer<'_, '_> {
    /// `dir_alloc`: goes through a folder up to room for another file. One that is full is made longer.
    fn room(&mut self, directory: &[u8], file: &[u8]) -> Result<(), FatError> {
        let Ok(at) = follow_path(self.volume, &path_of(Some(directory), None)) else {
            return Ok(());
        };
        let start = Dir::start_of(self.volume, &at.entry);
        let mut place = Dir::open(self.volume, start)?;
        let length = file.iter().take_while(|byte| **byte >= b' ').count();
        let needed = length.div_ceil(13).saturating_add(1);
        let mut free = 0_usize;
        loop {
            free = match place.entry(self.volume)?.first() {
                DELETED | END => free.saturating_add(1),
                _ => 0,
            };
            if free >= needed {
                return Ok(());
            }
            match place.next(self.volume) {
                Err(FatError::NoFile) => {
                    return self.lengthen(place.cluster(), needed.saturating_sub(free));
                }
                stepped => stepped?,
            }
        }
    }

    /// `dir_next` with leave to stretch: clusters of zeros behind a folder's last, for so many entries.
    fn lengthen(&mut self, last: Cluster, mut entries: usize) -> Result<(), FatError> {
        let mut after = last;
        while entries > 0 {
            // One of fixed size, or a loop that was followed up to the greatest size.
            if after == Cluster::NONE || self.volume.link(after)?.0 < self.volume.fat_entries {
                return Err(FatError::NoFile);
            }
            after = self.create_chain(after)?.ok_or(FatError::NoFile)?;
            self.touch(after);
            let first = self.volume.first_sector(after).ok_or(FatError::Internal)?;
            for sector in 0..self.volume.cluster_size {
                let lba = first.wrapping_add(sector);
                self.volume.write_over(lba, &[0; SECTOR])?;
                entries = entries.saturating_sub(SECTOR / SIZE);
            }
        }
        Ok(())
    }

    /// `f_open`: the entry is emptied, and its chain freed.
    fn open(&mut self, at: &At) -> Result<(), FatError> {
        let start = Dir::start_of(self.volume, &at.entry);
        self.set_entry(at, Cluster::NONE, 0)?;
        if start == Cluster::NONE {
            return Ok(());
        }
        self.remove_chain(start)?;
        self.last = Cluster(start.0.wrapping_sub(1));
        Ok(())
    }

    /// `remove_chain`: frees clusters up to the first that is free already, or is none.
    fn remove_chain(&mut self, start: Cluster) -> Result<(), FatError> {
        let mut cluster = start;
        for _ in 0..MOST_FREED {
            let next = self.volume.link(cluster)?;
            match next.0 {
                0 => return Ok(()),
                1 => return Err(FatError::Internal),
                _ => {}
            }
            self.volume.put_link(cluster, 0)?;
            self.touch(cluster);
            if self.count < self.clusters() {
                self.count = self.count.saturating_add(1);
            }
            if next.0 >= self.volume.fat_entries {
                return Ok(());
            }
            cluster = next;
        }
        Ok(())
    }

    /// `f_write` of the whole contents, and where they begin.
    fn write(&mut self, bytes: &[u8]) -> (Result<(), FatError>, Cluster) {
        let (mut first, mut cluster) = (Cluster::NONE, Cluster::NONE);
        for (index, part) in bytes.chunks(SECTOR).enumerate() {
            let sector = u32::try_from(index).unwrap_or(u32::MAX) % self.volume.cluster_size.max(1);
            if sector == 0 {
                match self.create_chain(cluster) {
                    Ok(Some(next)) => cluster = next,
                    // A full card: what is written so far stays, and nobody looks.
                    Ok(None) => return (Ok(()), first),
                    Err(error) => return (Err(error), first),
                }
                if first == Cluster::NONE {
                    first = cluster;
                }
                self.touch(cluster);
            }
            let written = match self.volume.first_sector(cluster) {
                Some(lba)
                    if part.len() < SECTOR && self.volume.ends_before(lba.wrapping_add(sector)) =>
                {
                    self.volume.flush();
                    self.lost = true;
                    Ok(())
                }
                Some(lba) => self.volume.write_over(lba.wrapping_add(sector), part),
                None => Err(FatError::Internal),
            };
            if written.is_err() {
                return (written, first);
            }
        }
        (Ok(()), first)
    }

    /// `create_chain`: a free cluster, behind `after` unless that is none. `None` if there is none.
    fn create_chain(&mut self, after: Cluster) -> Result<Option<Cluster>, FatError> {
        let count = self.volume.fat_entries;
        let valid = |cluster: Cluster| cluster.0 > 0 && cluster.0 < count;
        let mut start = match self.last {
            last if valid(last) => last.0,
            _ => 1,
        };
        if after != Cluster::NONE {
            let next = self.volume.link(after)?;
            match next.0 {
                0 | 1 => return Err(FatError::Internal),
                _ if next.0 < count => return Ok(Some(next)),
                _ => start = after.0,
            }
        }
        if self.count == 0 {
            return Ok(None);
        }
        if after != Cluster::NONE {
            let next = match after.0.saturating_add(1) {
                behind if behind < count => behind,
                _ => 2,
            };
            if self.volume.link(Cluster(next))?.0 > 1 && self.last.0 > 1 && valid(self.last) {
                start = self.last.0;
            }
        }
        let behind = start.saturating_add(1)..count;
        let before = 2..start.saturating_add(1).min(count);
        for cluster in behind.chain(before).map(Cluster) {
            match self.volume.link(cluster)?.0 {
                0 => {
                    self.volume.put_link(cluster, END_OF_CHAIN)?;
                    if after != Cluster::NONE {
                        self.volume.put_link(after, cluster.0)?;
                    }
                    self.last = cluster;
                    if self.count <= self.clusters() {
                        self.count = self.count.saturating_sub(1);
                    }
                    return Ok(Some(cluster));
                }
                1 => return Err(FatError::Internal),
                _ => {}
            }
        }
        Ok(None)
    }

    /// The rest of `f_close`: what is still in the window, and FSInfo.
    fn sync(&mut self) -> Result<(), FatError> {
        self.volume.flush();
        if self.volume.kind == FatKind::Fat32 && self.volume.fs_info().is_some() {
            let lba = self.volume.base().wrapping_add(1);
            self.volume.change(lba, 488, &self.count.to_le_bytes())?;
            self.volume.change(lba, 492, &self.last.0.to_le_bytes())?;
            self.volume.flush();
        }
        Ok(())
    }

    /// Attribute, start and size of an entry. Its times do not matter to a listing.
    fn set_entry(&mut self, at: &At, start: Cluster, size: usize) -> Result<(), FatError> {
        let sector = u64::from(u32::MAX).min(at.offset / SECTOR as u64);
        let lba = Lba32(u32::try_from(sector).unwrap_or(u32::MAX));
        let within = usize::try_from(at.offset % SECTOR as u64).unwrap_or(0);
        let mut entry = at.entry.0;
        entry[11] = attr::ARCHIVE;
        let [low, next, high, top] = start.0.to_le_bytes();
        (entry[26], entry[27]) = (low, next);
        if self.volume.kind == FatKind::Fat32 {
            (entry[20], entry[21]) = (high, top);
        }
        let size = u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes();
        for (to, from) in entry.iter_mut().skip(28).zip(size) {
            *to = from;
        }
        self.volume.change(lba, within, &entry)
    }

    fn clusters(&self) -> u32 {
        self.volume.fat_entries.wrapping_sub(2)
    }

    fn touch(&mut self, cluster: Cluster) {
        self.touched.extend(self.volume.extent(cluster));
    }
}
