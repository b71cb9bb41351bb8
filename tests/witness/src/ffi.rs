//! Calls of `c/sd.c`, which calls FatFs. The only module with `unsafe`.

use std::any::Any;
use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{SdError, Sectors};

/// `LIST_MAX` of `c/sd.c`.
const LIST_MAX: usize = 200;
/// `NAME_SIZE` of `c/sd.c`.
const NAME_SIZE: usize = 256;
/// `SD_MAX_FILE_SIZE` of `c/sd.c`.
const MAX_FILE_SIZE: usize = 1024;

/// `struct witness_card` of `c/sd.c`.
#[repr(C)]
struct WitnessCard {
    context: *const c_void,
    count: u64,
    read: extern "C" fn(*const c_void, u32, *mut [u8; 512]) -> u8,
    write: extern "C" fn(*const c_void, u32, *const [u8; 512]) -> u8,
    checks_geometry: u8,
}

unsafe extern "C" {
    fn witness_list_subdir(
        card: *const WitnessCard,
        dir: *const c_char,
        names: *mut [u8; NAME_SIZE],
    ) -> i32;
    fn witness_load_bin(
        card: *const WitnessCard,
        dir: *const c_char,
        file: *const c_char,
        buffer: *mut u8,
    ) -> i32;
    fn witness_write_bin(
        card: *const WitnessCard,
        dir: *const c_char,
        file: *const c_char,
        data: *const u8,
        length: u32,
    ) -> i32;
    fn witness_erase_file(card: *const WitnessCard, dir: *const c_char, file: *const c_char)
    -> i32;
    fn witness_refused() -> u64;
}

thread_local! {
    /// Writes that were refused in calls of this thread.
    static REFUSED: Cell<u64> = const { Cell::new(0) };
}

/// FatFs and `c/sd.c` keep the volume in statics: whoever calls them holds this.
static FATFS: Mutex<()> = Mutex::new(());

/// Poison is ignored: every call mounts afresh, so nothing of a panicked one is left.
fn fatfs() -> MutexGuard<'static, ()> {
    FATFS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A card and the panic that reading it raised, kept until C has returned.
struct Context<'a> {
    card: &'a dyn Sectors,
    panic: Cell<Option<Box<dyn Any + Send>>>,
    panicked: Cell<bool>,
}

impl Context<'_> {
    /// Runs `call` unless an earlier one panicked; `false` if it panics.
    fn guard(&self, call: impl FnOnce() -> bool) -> bool {
        if self.panicked.get() {
            return false;
        }
        catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
            self.panicked.set(true);
            self.panic.set(Some(panic));
            false
        })
    }
}

extern "C" fn read(context: *const c_void, lba: u32, buffer: *mut [u8; 512]) -> u8 {
    // SAFETY: `with_card` passes the address of a Context that outlives the call into C.
    let context = unsafe { &*context.cast::<Context<'_>>() };
    let mut sector = [0; 512];
    let read = context.guard(|| context.card.read(lba, &mut sector));
    if read {
        // SAFETY: `disk_read` passes room for one sector, which nothing else refers to meanwhile.
        unsafe { buffer.write(sector) };
    }
    u8::from(read)
}

extern "C" fn write(context: *const c_void, lba: u32, buffer: *const [u8; 512]) -> u8 {
    // SAFETY: as in `read`.
    let context = unsafe { &*context.cast::<Context<'_>>() };
    // SAFETY: `disk_write` passes one sector, which nobody changes meanwhile.
    let sector = unsafe { &*buffer };
    u8::from(context.guard(|| context.card.write_sector(lba, sector)))
}

/// Gives C the card for one call; what it returns is a number from 0 up, or `failed()`.
fn with_card(
    card: &dyn Sectors,
    call: impl FnOnce(*const WitnessCard) -> i32,
) -> Result<usize, SdError> {
    let context = Context {
        card,
        panic: Cell::new(None),
        panicked: Cell::new(false),
    };
    let witness_card = WitnessCard {
        context: (&raw const context).cast(),
        count: card.count(),
        read,
        write,
        checks_geometry: u8::from(card.checks_geometry()),
    };
    let result = {
        let _one_at_a_time = fatfs();
        // SAFETY: the lock is held, so nobody counts meanwhile.
        let count = || unsafe { witness_refused() };
        let before = count();
        let result = call(&raw const witness_card);
        REFUSED.set(REFUSED.get() + count() - before);
        result
    };
    if let Some(panic) = context.panic.take() {
        resume_unwind(panic);
    }
    usize::try_from(result).map_err(|_| error(result.unsigned_abs()))
}

/// `failed()` of `c/sd.c`, read back.
fn error(code: u32) -> SdError {
    let [result, step, ..] = code.to_le_bytes();
    match step {
        1 => SdError::Mount(result),
        2 => SdError::Geometry,
        3 => SdError::Path,
        4 => SdError::Open(result),
        5 => SdError::Size,
        6 => SdError::Read(result),
        7 => SdError::Write(result),
        8 => SdError::Close(result),
        9 => SdError::Unlink(result),
        _ => unreachable!("c/sd.c has no step {step}"),
    }
}

fn c_string(bytes: &[u8]) -> Result<CString, SdError> {
    CString::new(bytes).map_err(|_| SdError::Path)
}

pub(crate) fn list_subdir(card: &dyn Sectors, dir: Option<&[u8]>) -> Result<Vec<Vec<u8>>, SdError> {
    let dir = dir.map(c_string).transpose()?;
    let dir = dir.as_ref().map_or(ptr::null(), |dir| dir.as_ptr());
    let mut names = vec![[0; NAME_SIZE]; LIST_MAX];
    let count = with_card(card, |card| {
        // SAFETY: the lock is held; `dir` is null or ends in NUL; there is room for LIST_MAX names.
        unsafe { witness_list_subdir(card, dir, names.as_mut_ptr()) }
    })?;
    let name = |name: &[u8; NAME_SIZE]| {
        CStr::from_bytes_until_nul(name)
            .expect("c/sd.c ends every name")
            .to_bytes()
            .to_vec()
    };
    Ok(names[..count].iter().map(name).collect())
}

pub(crate) fn load_bin(card: &dyn Sectors, file: &[u8], dir: &[u8]) -> Result<Vec<u8>, SdError> {
    let (file, dir) = (c_string(file)?, c_string(dir)?);
    let mut bytes = vec![0; MAX_FILE_SIZE];
    let length = with_card(card, |card| {
        // SAFETY: the lock is held; both names end in NUL; C writes at most MAX_FILE_SIZE bytes.
        unsafe { witness_load_bin(card, dir.as_ptr(), file.as_ptr(), bytes.as_mut_ptr()) }
    })?;
    bytes.truncate(length);
    Ok(bytes)
}

pub(crate) fn write_bin(
    card: &dyn Sectors,
    file: &[u8],
    dir: &[u8],
    data: &[u8],
) -> Result<(), SdError> {
    let (file, dir) = (c_string(file)?, c_string(dir)?);
    let length = u32::try_from(data.len()).map_err(|_| SdError::Size)?;
    with_card(card, |card| {
        // SAFETY: the lock is held; both names end in NUL; C reads `length` bytes of `data`.
        unsafe { witness_write_bin(card, dir.as_ptr(), file.as_ptr(), data.as_ptr(), length) }
    })?;
    Ok(())
}

pub(crate) fn erase_file(card: &dyn Sectors, file: &[u8], dir: &[u8]) -> Result<(), SdError> {
    let (file, dir) = (c_string(file)?, c_string(dir)?);
    with_card(card, |card| {
        // SAFETY: the lock is held; both names end in NUL.
        unsafe { witness_erase_file(card, dir.as_ptr(), file.as_ptr()) }
    })?;
    Ok(())
}

pub(crate) fn refused_writes() -> u64 {
    REFUSED.get()
}
