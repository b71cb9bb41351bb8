//! An independent witness for what a BitBox02 answers to `list_backups`, and for what it writes.
//!
//! The card is read by ChaN's own FatFs (R0.15 in C, with the device's options; see `build.rs`).
//! Above it stands the firmware's `sd.c` in our own words (`c/sd.c`), and above that its
//! `backup.rs`. It models firmware v9.27.0 and shares no code with bitbox-backup, so that the two
//! cannot be wrong together.
//!
//! The device has FatFs R0.16 with ChaN's first patch. What R0.15 does otherwise is in README.md:
//! two limits of mounting very small volumes.

mod backup;
#[allow(unsafe_code, reason = "FatFs is C; the only module that calls it")]
mod ffi;
mod message;
mod old;

use prost::Message;

/// A card of 512-byte sectors.
pub trait Sectors {
    /// How many sectors the card has; those behind are errors, and the card is not asked for them.
    fn count(&self) -> u64;
    /// Reads one sector; `false` is a read error, whatever the buffer then holds.
    ///
    /// It must answer the same every time, and must not call this crate again.
    fn read(&self, lba: u32, buf: &mut [u8; 512]) -> bool;
    /// Writes one sector; `false` is a write error.
    ///
    /// Unless a card says otherwise every write is refused, and counted by [`refused_writes`].
    fn write_sector(&self, _lba: u32, _sector: &[u8; 512]) -> bool {
        false
    }
    /// Whether the firmware looks at the mounted volume, as it does since v9.26.5.
    fn checks_geometry(&self) -> bool {
        true
    }
}

/// What the device answers to `list_backups`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// These, in this order.
    Ok(Vec<Listed>),
    /// Error 103.
    Error,
    /// None: it panics.
    Crash,
}

/// One backup in the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name of its directory.
    pub id: String,
    /// When it was made: seconds since 1970 UTC.
    pub timestamp: u32,
    /// Its name.
    pub name: String,
}

/// Why `sd.c` failed. Numbers are FatFs's `FRESULT`, such as 1 for a disk error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SdError {
    /// FatFs does not mount the card.
    Mount(u8),
    /// FatFs mounts it, the firmware does not like where its parts lie.
    Geometry,
    /// The path is too long, the file name empty, or there is a NUL in one of them.
    Path,
    /// The directory or the file cannot be opened.
    Open(u8),
    /// The file is larger than 1024 bytes, or what is to be written is, or is empty.
    Size,
    /// The file cannot be read.
    Read(u8),
    /// The file cannot be written.
    Write(u8),
    /// The file was written, its directory entry could not be.
    Close(u8),
    /// The file was overwritten and cannot be unlinked.
    Unlink(u8),
}

/// What `load` of the firmware's `backup.rs` finds in a directory.
#[derive(Clone, PartialEq, Eq)]
pub struct Loaded {
    /// When it was made: seconds since 1970 UTC.
    pub timestamp: u32,
    /// Its name.
    pub name: String,
    /// The seed, without what pads it.
    pub seed: Vec<u8>,
    /// When the seed was made; 0 = not known.
    pub birthdate: u32,
    /// The firmware that wrote it.
    pub generator: String,
}

/// Why nothing is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The device goes on; a list leaves the directory out.
    Refused,
    /// The device panics.
    Panic,
}

/// Where the firmware stops decoding a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecodable {
    /// The outer messages do not decode.
    File,
    /// There is no `backup_v1` or no `content` in it.
    NoContent,
    /// The `data` field does not decode.
    Data,
}

/// Decodes a file with the firmware's release of prost, and encodes what it says again.
pub fn recode(bytes: &[u8]) -> Result<Vec<u8>, Undecodable> {
    backup::recode(bytes)
}

/// Most bytes of an encoded answer; a longer one panics the device.
const MAX_ANSWER: usize = 7591;

/// What the device answers to `list_backups` for this card.
///
/// Calls from several threads wait for each other: FatFs has one volume. A panic of `card` is
/// passed on, and the next call works.
pub fn list_backups(card: &dyn Sectors) -> Answer {
    let Ok(directories) = backup::list_subdir(card, None) else {
        return Answer::Error;
    };
    let mut list = Vec::new();
    for id in directories {
        match backup::load(card, &id) {
            Ok(Loaded {
                timestamp, name, ..
            }) => list.push(Listed {
                id,
                timestamp,
                name,
            }),
            Err(Failure::Refused) => {}
            Err(Failure::Panic) => return Answer::Crash,
        }
    }
    if message::Response::list_backups(&list).encoded_len() > MAX_ANSWER {
        return Answer::Crash;
    }
    Answer::Ok(list)
}

/// What firmware v9.9.0 to v9.12.0 answers, which writes to the card while it lists.
///
/// It decodes with nanopb there; here with prost, and what nanopb limits is limited. FatFs is R0.14b
/// there, which mounts what R0.15 mounts.
pub fn list_backups_old(card: &dyn Sectors) -> Answer {
    old::list_backups(card)
}

/// The names in `/bitbox02`, or in a directory of it, in code-page 850 bytes: at most 200.
///
/// A directory that is not there has none. The firmware goes on only if each is UTF-8.
pub fn list_subdir(card: &dyn Sectors, dir: Option<&[u8]>) -> Result<Vec<Vec<u8>>, SdError> {
    ffi::list_subdir(card, dir)
}

/// The bytes of a file of a directory in `/bitbox02`, at most 1024.
///
/// Like the firmware it first creates the directories if they are missing, which is refused here
/// and counted by [`refused_writes`].
pub fn load_bin(card: &dyn Sectors, file: &[u8], dir: &[u8]) -> Result<Vec<u8>, SdError> {
    ffi::load_bin(card, file, dir)
}

/// The backup in `/bitbox02/<dir>`, found as *list*, *check*, *restore* and *create* find it.
pub fn load(card: &dyn Sectors, dir: &str) -> Result<Loaded, Failure> {
    backup::load(card, dir)
}

/// Writes a file of 1 to 1024 bytes into a directory of `/bitbox02`; both directories are made if
/// they are missing, a file of that name is replaced.
pub fn write_bin(card: &dyn Sectors, file: &str, dir: &str, data: &[u8]) -> Result<(), SdError> {
    ffi::write_bin(card, file.as_bytes(), dir.as_bytes(), data)
}

/// Erases a file of a directory in `/bitbox02`: overwrites it with 0xAC in place, then unlinks it.
pub fn erase_file(card: &dyn Sectors, file: &str, dir: &str) -> Result<(), SdError> {
    ffi::erase_file(card, file.as_bytes(), dir.as_bytes())
}

/// How many sectors FatFs wanted to write on this thread and was refused.
pub fn refused_writes() -> u64 {
    ffi::refused_writes()
}
