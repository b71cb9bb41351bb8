//! No memory is given back with a secret in it: an allocator looks for the seed and the words of a known
//! wallet in every block that is freed while the library examines, recovers and shows.
#![cfg(unix)]
#![allow(unsafe_code)] // an allocator

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use bitbox_backup::backup::{Words, root_fingerprint};
use bitbox_backup::examine::{Depth, Options, examine_watched};
use bitbox_backup::image::{FileImage, Packing, ReadAt, unpack};
use bitbox_backup::progress::Progress;
use bitbox_backup::recover::{Effort, Wanted, choose, recover};

/// Looks at what is freed.
struct Looking;

#[global_allocator]
static ALLOCATOR: Looking = Looking;

static ARMED: AtomicBool = AtomicBool::new(false);
static LOOKED_AT: AtomicUsize = AtomicUsize::new(0);
static SECRETS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
/// Which secret was in a block of how many bytes, and who freed it.
static FOUND: Mutex<Vec<(usize, usize, String)>> = Mutex::new(Vec::new());

thread_local! {
    static BUSY: Cell<bool> = const { Cell::new(false) };
}

// SAFETY: everything is done by the system's allocator; a block is only read, while it is still whole.
// `realloc` stays the trait's own: a new block, a copy, and the old one freed here.
unsafe impl GlobalAlloc for Looking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeroed, so that what is read at the end was written by the program.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if ARMED.load(Ordering::Relaxed) {
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            look(bytes);
        }
        unsafe { System.dealloc(block, layout) }
    }
}

fn look(bytes: &[u8]) {
    let busy = BUSY.try_with(|busy| busy.replace(true)).unwrap_or(true);
    if busy {
        return;
    }
    LOOKED_AT.fetch_add(1, Ordering::Relaxed);
    let secrets = SECRETS.get().into_iter().flatten().enumerate();
    for (index, secret) in secrets {
        if contains(bytes, secret) {
            let mut found = FOUND.lock().unwrap();
            if found.len() < 20 {
                let trace = std::backtrace::Backtrace::force_capture().to_string();
                let ours = trace.lines().filter(|line| {
                    line.contains("bitbox_backup")
                        || line.contains("./src/")
                        || line.contains("wiped")
                });
                let ours: Vec<_> = ours.take(24).collect();
                found.push((index, bytes.len(), ours.join("\n")));
            }
        }
    }
    let _ = BUSY.try_with(|busy| busy.set(false));
}

fn contains(bytes: &[u8], secret: &[u8]) -> bool {
    let Some(first) = secret.first() else {
        return false;
    };
    let mut rest = bytes;
    while rest.len() >= secret.len() {
        let Some(at) = rest.iter().position(|byte| byte == first) else {
            return false;
        };
        rest = &rest[at..];
        if rest.starts_with(secret) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

const WORDS: &str = "memory raven era cave phone system dice come mechanic split moon repeat";

/// The forms of a secret: eight bytes of the seed from each end, as they are and in hex, two words in a
/// row with a space, and the indices of words as numbers of 16 bits.
fn secrets(words: &str) -> Vec<Vec<u8>> {
    let read = Words::read(words).unwrap();
    let seed = read.seed().unwrap();
    let seed = seed.expose();
    let (first, last) = (&seed[..8], &seed[seed.len() - 8..]);
    let mut secrets = vec![first.to_vec(), last.to_vec()];
    secrets.extend([first, last].map(|part| hex::encode(part).into_bytes()));
    let words: Vec<_> = words.split(' ').collect();
    let pairs = words.windows(2).map(|pair| pair.join(" ").into_bytes());
    secrets.extend(pairs);
    secrets
}

/// Everything the program does with a source, with the library alone.
fn everything(source: &Path) -> usize {
    let options = Options {
        depth: Depth::Whole,
        inspect: true,
        ..Options::default()
    };
    let examined = examine_watched(source, &options, &Progress::default()).unwrap();
    serde_json::to_string(&examined.report).unwrap();
    let effort = Effort::new(Effort::QUICK);
    let recovery = recover(&examined.catalogue, &examined.assessment, &effort);
    let _ = choose(&recovery, &Wanted::default());
    for one in &recovery.recovered {
        if let Some(words) = Words::of(&one.seed) {
            let _ = words.expose().count();
            let _ = root_fingerprint(&words, "");
            let again = words.seed().unwrap();
            assert_eq!(again.expose(), one.seed.expose());
        }
    }
    recovery.recovered.len()
}

/// Writes a packed card as it is unpacked.
fn unpack_to(packed: &Path, to: &Path) {
    let file = FileImage::open(packed).unwrap();
    let pages = unpack(&file, Packing::Zstd, 512 << 20, &Progress::default()).unwrap();
    let out = std::fs::File::create(to).unwrap();
    out.set_len(pages.size()).unwrap();
    let mut block = vec![0; 1 << 16];
    for at in (0..pages.size()).step_by(block.len()) {
        let length = (pages.size() - at).min(block.len() as u64) as usize;
        let part = &mut block[..length];
        pages.read_at(at, part).unwrap();
        if part.iter().any(|byte| *byte != 0) {
            out.write_all_at(part, at).unwrap();
        }
    }
}

#[test]
fn no_block_is_freed_with_a_secret_in_it() {
    SECRETS.set(secrets(WORDS)).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    // The allocator sees what it is there to see.
    let leak = Words::read(WORDS)
        .unwrap()
        .seed()
        .unwrap()
        .expose()
        .to_vec();
    ARMED.store(true, Ordering::SeqCst);
    drop(leak);
    ARMED.store(false, Ordering::SeqCst);
    assert!(!FOUND.lock().unwrap().is_empty(), "the allocator is blind");
    FOUND.lock().unwrap().clear();

    let cards = tempfile::tempdir().unwrap();
    let mut recovered = 0;
    for name in [
        "healthy",
        "one-copy-damaged",
        "two-copies-damaged",
        "all-damaged-vote",
        "deleted-by-computer",
        "copied-by-computer",
        "several-wallets",
    ] {
        // The window of the decoder is its own, and SECURITY.md says so: cards are not packed.
        let card = cards.path().join(format!("{name}.img"));
        unpack_to(&folder.join(format!("{name}.img.zst")), &card);
        ARMED.store(true, Ordering::SeqCst);
        recovered += everything(&card);
        ARMED.store(false, Ordering::SeqCst);
    }
    assert!(recovered >= 6, "{recovered}");
    // Images in other forms, with the same wallet: tests/outside/e01.
    let more = std::env::var_os("WIPED_CARDS");
    for card in more.iter().flat_map(std::env::split_paths) {
        ARMED.store(true, Ordering::SeqCst);
        let found = everything(&card);
        ARMED.store(false, Ordering::SeqCst);
        assert_eq!(found, 1, "{}", card.display());
    }
    let found = FOUND.lock().unwrap();
    let shown: Vec<_> = found
        .iter()
        .map(|(secret, length, by)| format!("secret {secret} in {length} bytes freed by\n{by}"))
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n\n"));
    let looked_at = LOOKED_AT.load(Ordering::Relaxed);
    assert!(looked_at > 1000, "{looked_at}");
}
