//! Images of new cards, made by `fatfs`: FAT32 in the first partition, as cards are sold.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::files::{NewFile, Sources, WriteError};

/// Bytes of the image: room for more backups than a device lists, and small enough to be copied to
/// any card in a moment.
const SIZE: u64 = 64 << 20;
/// Where the volume begins: at 1 MiB, where partitioning tools put it, since cards erase in such blocks.
const START: u64 = 1 << 20;
const SECTOR: u64 = 512;
/// FAT32 addressed by sectors, the type of every card sold with FAT32.
const FAT32_LBA: u8 = 0x0C;
/// Stands for cylinders, heads and sectors where the address does not fit or does not matter.
const NO_CHS: [u8; 3] = [0xFE, 0xFF, 0xFF];

/// When a device's files were written, as all of them say: 2019-01-01 00:00:00, here in UTC
/// (docs/format.md 6).
pub fn device_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_546_300_800)
}

/// Makes the image of a card with these files, each by its path with `/` between names, beside its place.
///
/// # Errors
/// If something is in its place, it is on a source, or it cannot be written.
pub fn new_card(
    place: &Path,
    sources: &Sources,
    files: &[(String, &[u8])],
) -> Result<NewFile, WriteError> {
    let new = NewFile::create(place, sources)?;
    let path = place.to_owned();
    write(new.file(), files).map_err(|error| WriteError::System { path, error })?;
    Ok(new)
}

fn write(file: &File, files: &[(String, &[u8])]) -> io::Result<()> {
    file.set_len(SIZE)?;
    let serial = serial(files);
    Part::new(file, 0).write_all(&master_boot_record(serial))?;
    let mut volume = Part::new(file, START);
    let options = fatfs::FormatVolumeOptions::new()
        .fat_type(fatfs::FatType::Fat32)
        .bytes_per_cluster(512)
        .volume_id(serial)
        .volume_label(*b"BITBOX     ");
    fatfs::format_volume(&mut volume, options)?;
    volume.seek(SeekFrom::Start(0))?;
    let options = fatfs::FsOptions::new().time_provider(&DEVICE_TIME);
    let volume = fatfs::FileSystem::new(&mut volume, options)?;
    for (path, bytes) in files {
        let mut folder = volume.root_dir();
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        for part in folders.split('/').filter(|part| !part.is_empty()) {
            // One that is there is opened.
            folder = folder.create_dir(part)?;
        }
        let mut file = folder.create_file(name)?;
        file.write_all(bytes)?;
        file.flush()?;
    }
    // Counts what is free, which a device asks before it makes another backup.
    volume.stats()?;
    volume.unmount()?;
    plain_dots(&mut Part::new(file, START))
}

/// Puts `.` and `..` where they belong. `fatfs` gives both a long name, which no other system does
/// and `fsck.fat` takes for damage: what it wrote as long name, `.`, long name, `..` becomes `.`,
/// `..` and two deleted slots.
fn plain_dots(volume: &mut Part<'_>) -> io::Result<()> {
    const SLOT: usize = 32;
    /// Where a slot says what it is, and that it is part of a long name.
    const ATTRIBUTES: (usize, u8) = (11, 0x0F);
    const DELETED: u8 = 0xE5;
    let mut boot = [0; SECTOR as usize];
    volume.exact_at(0, &mut boot)?;
    // BPB_RsvdSecCnt; BPB_FATSz32, here far below 65,536; BPB_NumFATs
    let fat = u64::from(at_u16(&boot, 14)).saturating_mul(SECTOR);
    let num_fats = at_u16(&boot, 16) & 0xFF;
    let fats = u64::from(at_u16(&boot, 36)).saturating_mul(num_fats.into());
    let data = fat.saturating_add(fats.saturating_mul(SECTOR));
    // A fresh volume is filled from its beginning on.
    for index in 0_u64.. {
        let mut link = [0; 4];
        let cluster = index.saturating_add(2);
        volume.exact_at(fat.saturating_add(cluster.saturating_mul(4)), &mut link)?;
        if link == [0; 4] {
            break;
        }
        let at = data.saturating_add(index.saturating_mul(SECTOR));
        let mut slots = [[0; SLOT]; 4];
        volume.exact_at(at, slots.as_flattened_mut())?;
        let [long, dot, long_too, dots] = &mut slots;
        let is_long = |slot: &[u8; SLOT]| slot.get(ATTRIBUTES.0) == Some(&ATTRIBUTES.1);
        if is_long(long) && is_long(long_too) && dot.starts_with(b".  ") && dots.starts_with(b".. ")
        {
            for slot in [&mut *long, &mut *long_too] {
                if let Some(first) = slot.first_mut() {
                    *first = DELETED;
                }
            }
            // Of a folder in the root it is 0 by the specification, and fatfs writes its cluster.
            if at_u16(dots, 26) == 2 && at_u16(dots, 20) == 0 {
                dots.get_mut(26..28)
                    .into_iter()
                    .for_each(|first| first.fill(0));
            }
            let slots = [*dot, *dots, *long, *long_too];
            volume.seek(SeekFrom::Start(at))?;
            volume.write_all(slots.as_flattened())?;
        }
    }
    Ok(())
}

fn at_u16(bytes: &[u8], at: usize) -> u16 {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    u16::from_le_bytes([byte(at), byte(at.saturating_add(1))])
}

/// The same number for the same backups, another for others: of what everybody may know of them.
fn serial(files: &[(String, &[u8])]) -> u32 {
    let mut hash = Sha256::new();
    for (path, _) in files {
        hash.update(path.as_bytes());
        hash.update([0]);
    }
    let hash: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, ..] = hash;
    u32::from_le_bytes([a, b, c, d])
}

fn master_boot_record(serial: u32) -> Vec<u8> {
    let sectors = |bytes: u64| u32::try_from(bytes / SECTOR).unwrap_or(u32::MAX);
    let mut sector = vec![0; 440];
    sector.extend(serial.to_le_bytes());
    sector.extend([0, 0]);
    sector.push(0); // not to start a computer from
    sector.extend(NO_CHS);
    sector.push(FAT32_LBA);
    sector.extend(NO_CHS);
    sector.extend(sectors(START).to_le_bytes());
    sector.extend(sectors(SIZE.saturating_sub(START)).to_le_bytes());
    sector.resize(510, 0);
    sector.extend([0x55, 0xAA]);
    sector
}

/// The date of everything a device writes (docs/format.md 6). `fatfs` sets a date of access too,
/// which no device does: so the card does not pretend that a device wrote it.
#[derive(Debug)]
struct DeviceTime;

static DEVICE_TIME: DeviceTime = DeviceTime;

impl fatfs::TimeProvider for DeviceTime {
    fn get_current_date(&self) -> fatfs::Date {
        let (year, month, day) = (2019, 1, 1);
        fatfs::Date { year, month, day }
    }

    fn get_current_date_time(&self) -> fatfs::DateTime {
        fatfs::DateTime {
            date: self.get_current_date(),
            time: fatfs::Time {
                hour: 0,
                min: 0,
                sec: 0,
                millis: 0,
            },
        }
    }
}

/// The image from a byte on, to whoever reads or writes it a whole one.
struct Part<'a> {
    file: &'a File,
    start: u64,
    at: u64,
}

impl<'a> Part<'a> {
    fn new(file: &'a File, start: u64) -> Self {
        Self { file, start, at: 0 }
    }

    fn length(&self) -> u64 {
        SIZE.saturating_sub(self.start)
    }

    fn exact_at(&mut self, at: u64, buf: &mut [u8]) -> io::Result<()> {
        self.at = at;
        self.read_exact(buf)
    }

    /// Goes to where the next bytes are; how many of this many there are.
    fn go(&mut self, wanted: usize) -> io::Result<usize> {
        let mut file = self.file;
        file.seek(SeekFrom::Start(self.start.saturating_add(self.at)))?;
        let left = usize::try_from(self.length().saturating_sub(self.at)).unwrap_or(usize::MAX);
        Ok(wanted.min(left))
    }
}

impl Read for Part<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.go(buf.len())?;
        let mut file = self.file;
        let read = file.read(buf.get_mut(..count).unwrap_or_default())?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

impl Write for Part<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let count = self.go(buf.len())?;
        let mut file = self.file;
        let written = file.write(buf.get(..count).unwrap_or_default())?;
        self.at = self.at.saturating_add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut file = self.file;
        file.flush()
    }
}

impl Seek for Part<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
