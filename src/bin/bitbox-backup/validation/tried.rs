//! The tests: each builds its card, runs the program on it, and puts expected and found side by side.

use bitbox_backup::acquire::hash;
use bitbox_backup::catalogue::CopyState;
use bitbox_backup::firmware::List;
use bitbox_backup::image::{Memory, ReadAt, SECTOR};
use bitbox_backup::recover::SeedProof;
use sha2::{Digest, Sha256};

use super::cards::{Examined, copies, delete_all, examine, fill, known, quick_format, worn};
use super::{Compared, Requirement, Test};

/// What is recovered of the wallet on each of the cards, a public test wallet (docs/format.md 8).
const RECOVERED: &str = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2 of 1601281809, \
    proved by checksum and ID";

const HEALTHY: &[u8] = include_bytes!("../../../../testdata/healthy.img.zst");

/// The cards of the program's own: name, recipe, the card, and its hash by GNU sha256sum.
const KNOWN: [(&str, &str, &[u8], &str); 3] = [
    (
        "healthy",
        "a card with one backup of three intact copies",
        HEALTHY,
        "26f957df497bb12ec09d17c69b36417c3d0b9fa34aa5c0dcc7dcc93884da2804",
    ),
    (
        "deleted-by-computer",
        "the same card, its backup deleted by a computer",
        include_bytes!("../../../../testdata/deleted-by-computer.img.zst"),
        "75801c778177d5aaebe7e4e5a277c324d98027a43e66a02aa6158ea41cd419d9",
    ),
    (
        "two-copies-damaged",
        "the same card, two of its copies damaged",
        include_bytes!("../../../../testdata/two-copies-damaged.img.zst"),
        "6d8955a61124470f073dc8106df95aebf624b6d4158ed264c54a048d624f1762",
    ),
];

pub(crate) fn run() -> Vec<Test> {
    let reads = KNOWN
        .map(|(name, recipe, card, _)| test(name, Requirement::ReadOnly, recipe, card, read_only));
    let hashes = KNOWN.map(|(name, recipe, card, expected)| {
        test(name, Requirement::Hashes, recipe, card, |card| {
            let found = hash(&Memory::new(card)).unwrap_or_default();
            let what = "SHA-256, as GNU sha256sum computes it";
            let results = vec![compared(what, expected, &found)];
            (found, results)
        })
    });
    let others = [
        test(
            "one-bit-changed",
            Requirement::Hashes,
            "the healthy card with one bit changed, in its last byte",
            HEALTHY,
            changed,
        ),
        test(
            "deleted-files",
            Requirement::DeletedFiles,
            "the healthy card, every file and folder deleted: each directory entry is marked",
            HEALTHY,
            |card| gone(card, delete_all),
        ),
        test(
            "quick-format",
            Requirement::DeletedFiles,
            "the healthy card after a quick format: its FATs and its root directory are zeros",
            HEALTHY,
            |card| gone(card, quick_format),
        ),
        test(
            "overwritten-files",
            Requirement::DeletedFiles,
            "the healthy card, every file deleted and the clusters of all copies overwritten with zeros",
            HEALTHY,
            overwritten,
        ),
        test(
            "one-unreadable-sector",
            Requirement::UnreadableSectors,
            "the healthy card, the sector of one copy unreadable",
            HEALTHY,
            |card| bad_sectors(card, 1, RECOVERED),
        ),
        test(
            "all-copies-unreadable",
            Requirement::UnreadableSectors,
            "the healthy card, the sectors of all three copies unreadable",
            HEALTHY,
            |card| bad_sectors(card, 3, "nothing"),
        ),
    ];
    reads.into_iter().chain(hashes).chain(others).collect()
}

/// A test of a card of the program's own; `tried` gives the hash of what becomes of the card, and what is found.
fn test(
    name: &'static str,
    requirement: Requirement,
    recipe: &'static str,
    card: &[u8],
    tried: impl FnOnce(Vec<u8>) -> (String, Vec<Compared>),
) -> Test {
    let (sha256, results) = known(card).map(tried).unzip();
    Test {
        name,
        requirement,
        recipe,
        sha256,
        results: results.unwrap_or_default(),
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn compared(what: &'static str, expected: impl ToString, found: impl ToString) -> Compared {
    Compared {
        what,
        expected: expected.to_string(),
        found: found.to_string(),
    }
}

/// Reads all of a card, and looks whether it is what it was.
fn read_only(card: Vec<u8>) -> (String, Vec<Compared>) {
    let before = sha256(&card);
    let image = Memory::new(card);
    let examined = examine(&image);
    let mut bytes = vec![0; usize::try_from(image.size()).unwrap_or_default()];
    let read = image.read_at(0, &mut bytes).is_ok();
    let looked = read && !examined.assessment.backups.is_empty();
    let what = "SHA-256 after listing, searching all of it, and recovering";
    let results = vec![
        compared("whether the card was read and a backup found", true, looked),
        compared(what, &before, sha256(&bytes)),
    ];
    (before, results)
}

/// One bit of a card is changed.
fn changed(mut card: Vec<u8>) -> (String, Vec<Compared>) {
    let before = sha256(&card);
    if let Some(last) = card.last_mut() {
        *last ^= 1;
    }
    let after = hash(&Memory::new(card)).unwrap_or_default();
    let differs = compared("whether the hash is another", true, before != after);
    (after, vec![differs])
}

/// What is recovered: IDs, times and proofs.
fn recovered(examined: &Examined) -> String {
    let all = examined.recovery.recovered.iter().map(|one| {
        let proof = match one.proof.seed {
            SeedProof::Both => "checksum and ID",
            SeedProof::Checksum => "checksum",
            SeedProof::Id => "ID",
            SeedProof::Xpub => "extended public key",
            SeedProof::Address => "address",
            SeedProof::Fingerprint => "root fingerprint",
        };
        let time = one.timestamp.unwrap_or_default();
        format!("{} of {time}, proved by {proof}", one.id)
    });
    or_nothing(all)
}

/// What the device would list: IDs and times.
fn listed(examined: &Examined) -> String {
    let listed = match examined
        .assessment
        .answer
        .as_ref()
        .map(|answer| &answer.list)
    {
        Some(List::Ok(listed)) => listed.as_slice(),
        _ => &[],
    };
    or_nothing(
        listed
            .iter()
            .map(|one| format!("{} {}", one.id, one.timestamp)),
    )
}

fn or_nothing(all: impl Iterator<Item = String>) -> String {
    let all: Vec<_> = all.collect();
    match all.as_slice() {
        [] => "nothing".to_owned(),
        all => all.join("; "),
    }
}

/// A backup that is not there any more for the device.
fn gone(mut card: Vec<u8>, happens: fn(&mut [u8])) -> (String, Vec<Compared>) {
    happens(&mut card);
    let hash = sha256(&card);
    let examined = examine(&Memory::new(card));
    let results = vec![
        compared("what a BitBox02 would list", "nothing", listed(&examined)),
        compared("what is recovered", RECOVERED, recovered(&examined)),
    ];
    (hash, results)
}

/// A backup of which nothing is left.
fn overwritten(mut card: Vec<u8>) -> (String, Vec<Compared>) {
    let copies = copies(&card);
    delete_all(&mut card);
    for copy in &copies {
        fill(&mut card, copy.offset, copy.length);
    }
    let hash = sha256(&card);
    let examined = examine(&Memory::new(card));
    let results = vec![
        compared("how many copies were overwritten", 3, copies.len()),
        compared("what is recovered", "nothing", recovered(&examined)),
    ];
    (hash, results)
}

/// Sectors that hold these copies cannot be read.
fn bad_sectors(card: Vec<u8>, most: usize, recovers: &str) -> (String, Vec<Compared>) {
    let hash = sha256(&card);
    let copies = copies(&card).into_iter().take(most);
    let mut sectors: Vec<_> = copies
        .map(|copy| copy.offset - copy.offset % SECTOR as u64)
        .collect();
    let image = worn(card, &sectors);
    let examined = examine(&image);
    sectors.sort_unstable();
    let made = sectors.len();
    let gaps = image.gaps().into_iter();
    let reported = gaps.flat_map(|gap| (gap.offset..gap.end()).step_by(SECTOR));
    let copies = examined.catalogue.copies.iter();
    let unreadable = copies.filter(|copy| copy.state == CopyState::Unreadable);
    let results = vec![
        compared("how many sectors were made unreadable", most, made),
        compared(
            "what is reported as unreadable",
            places(sectors.into_iter()),
            places(reported),
        ),
        compared(
            "how many copies are reported as unreadable",
            most,
            unreadable.count(),
        ),
        compared("what is recovered", recovers, recovered(&examined)),
    ];
    (hash, results)
}

fn places(sectors: impl Iterator<Item = u64>) -> String {
    let all: Vec<_> = sectors.map(|at| at.to_string()).collect();
    format!("the sectors at {}", all.join(", "))
}
