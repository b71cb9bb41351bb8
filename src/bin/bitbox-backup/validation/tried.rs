//! The tests: each builds its card, runs the program on it, and puts expected and found side by side.

use bitbox_backup::catalogue::CopyState;
use bitbox_backup::firmware::List;
use bitbox_backup::image::{Memory, ReadAt, SECTOR};
use bitbox_backup::recover::SeedProof;
use sha2::{Digest, Sha256};

use super::cards::{Examined, copies, delete_all, examine, fill, known, quick_format, worn};
use super::{Compared, Requirement, Test};

/// The wallet on each of the cards, a public test wallet (docs/format.md 8).
const ID: &str = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";
/// When its backup was made.
const MADE: u32 = 1_601_281_809;

const HEALTHY: &[u8] = include_bytes!("../../../../testdata/healthy.img.zst");
const DELETED: &[u8] = include_bytes!("../../../../testdata/deleted-by-computer.img.zst");
const DAMAGED: &[u8] = include_bytes!("../../../../testdata/two-copies-damaged.img.zst");

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
        DELETED,
        "75801c778177d5aaebe7e4e5a277c324d98027a43e66a02aa6158ea41cd419d9",
    ),
    (
        "two-copies-damaged",
        "the same card, two of its copies damaged",
        DAMAGED,
        "6d8955a61124470f073dc8106df95aebf624b6d4158ed264c54a048d624f1762",
    ),
];

/// Runs every test.
pub(super) fn all() -> Vec<Test> {
    let mut all: Vec<_> = KNOWN.into_iter().map(read_only).collect();
    all.extend(KNOWN.into_iter().map(hash));
    all.extend([
        changed(),
        deleted(
            "deleted-files",
            "the healthy card, every file and folder deleted: each directory entry is marked",
            delete_all,
        ),
        deleted(
            "quick-format",
            "the healthy card after a quick format: its FATs and its root directory are zeros",
            quick_format,
        ),
        overwritten(),
        one_bad_sector(),
        all_bad_sectors(),
    ]);
    all
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

/// A test of the healthy card, which something happens to first.
fn of_healthy(
    (name, requirement, recipe): (&'static str, Requirement, &'static str),
    happens: impl FnOnce(Vec<u8>) -> (String, Vec<Compared>),
) -> Test {
    let made = known(HEALTHY).map(happens);
    let (sha256, results) = made.unzip();
    Test {
        name,
        requirement,
        recipe,
        sha256,
        results: results.unwrap_or_default(),
    }
}

/// Reads all of a card, and looks whether it is what it was.
fn read_only(
    (name, recipe, packed, _): (&'static str, &'static str, &'static [u8], &'static str),
) -> Test {
    let card = known(packed);
    let before = card.as_deref().map(sha256);
    let after = card.map(|card| {
        let image = Memory::new(card);
        let examined = examine(&image);
        let mut bytes = vec![0; usize::try_from(image.size()).unwrap_or_default()];
        let read = image.read_at(0, &mut bytes).is_ok();
        (
            read && !examined.assessment.backups.is_empty(),
            sha256(&bytes),
        )
    });
    let results = before
        .iter()
        .zip(after)
        .flat_map(|(before, (looked, after))| {
            [
                compared("whether the card was read and a backup found", true, looked),
                compared(
                    "SHA-256 after listing, searching all of it, and recovering",
                    before,
                    after,
                ),
            ]
        });
    Test {
        name,
        requirement: Requirement::ReadOnly,
        recipe,
        results: results.collect(),
        sha256: before,
    }
}

/// Hashes a card, whose hash is known from another program.
fn hash(
    (name, recipe, packed, expected): (&'static str, &'static str, &'static [u8], &'static str),
) -> Test {
    let found = known(packed).and_then(|card| bitbox_backup::acquire::hash(&Memory::new(card)));
    let what = "SHA-256, as GNU sha256sum computes it";
    let results = found.iter().map(|found| compared(what, expected, found));
    Test {
        name,
        requirement: Requirement::Hashes,
        recipe,
        results: results.collect(),
        sha256: found.clone(),
    }
}

/// One bit of a card is changed.
fn changed() -> Test {
    let recipe = "the healthy card with one bit changed, in its last byte";
    of_healthy(
        ("one-bit-changed", Requirement::Hashes, recipe),
        |mut card| {
            let before = sha256(&card);
            if let Some(last) = card.last_mut() {
                *last ^= 1;
            }
            let after = bitbox_backup::acquire::hash(&Memory::new(card)).unwrap_or_default();
            let differs = compared("whether the hash is another", true, before != after);
            (after, vec![differs])
        },
    )
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
    let all: Vec<_> = all.collect();
    if all.is_empty() {
        "nothing".to_owned()
    } else {
        all.join("; ")
    }
}

/// What the device would list: IDs and times.
fn listed(examined: &Examined) -> String {
    match examined
        .assessment
        .answer
        .as_ref()
        .map(|answer| &answer.list)
    {
        Some(List::Ok(listed)) if !listed.is_empty() => {
            let each = listed
                .iter()
                .map(|one| format!("{} {}", one.id, one.timestamp));
            each.collect::<Vec<_>>().join("; ")
        }
        _ => "nothing".to_owned(),
    }
}

/// A backup that is not there any more for the device.
fn deleted(name: &'static str, recipe: &'static str, happens: fn(&mut [u8])) -> Test {
    of_healthy((name, Requirement::DeletedFiles, recipe), |mut card| {
        happens(&mut card);
        let hash = sha256(&card);
        let examined = examine(&Memory::new(card));
        let expected = format!("{ID} of {MADE}, proved by checksum and ID");
        let results = vec![
            compared("what a BitBox02 would list", "nothing", listed(&examined)),
            compared("what is recovered", expected, recovered(&examined)),
        ];
        (hash, results)
    })
}

/// A backup of which nothing is left.
fn overwritten() -> Test {
    let recipe = "the healthy card, every file deleted and the clusters of all copies overwritten with zeros";
    let about = ("overwritten-files", Requirement::DeletedFiles, recipe);
    of_healthy(about, |mut card| {
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
    })
}

/// The sectors that are reported as unreadable, by where they begin.
fn bad(image: &dyn ReadAt) -> String {
    let gaps = image.gaps().into_iter();
    let sectors = gaps.flat_map(|gap| (gap.offset..gap.end()).step_by(SECTOR));
    places(sectors)
}

fn places(sectors: impl Iterator<Item = u64>) -> String {
    let all: Vec<_> = sectors.map(|at| at.to_string()).collect();
    format!("the sectors at {}", all.join(", "))
}

/// How many copies cannot be read.
fn unreadable(examined: &Examined) -> usize {
    let copies = examined.catalogue.copies.iter();
    copies
        .filter(|copy| copy.state == CopyState::Unreadable)
        .count()
}

/// Sectors that hold these copies cannot be read.
fn bad_sectors(card: Vec<u8>, most: usize, recovers: String) -> (String, Vec<Compared>) {
    let hash = sha256(&card);
    let sector = |offset: u64| offset - offset % SECTOR as u64;
    let sectors: Vec<_> = copies(&card)
        .iter()
        .take(most)
        .map(|copy| sector(copy.offset))
        .collect();
    let image = worn(card, &sectors);
    let examined = examine(&image);
    let mut expected = sectors.clone();
    expected.sort_unstable();
    let results = vec![
        compared("how many sectors were made unreadable", most, sectors.len()),
        compared(
            "what is reported as unreadable",
            places(expected.into_iter()),
            bad(&image),
        ),
        compared(
            "how many copies are reported as unreadable",
            most,
            unreadable(&examined),
        ),
        compared("what is recovered", recovers, recovered(&examined)),
    ];
    (hash, results)
}

fn one_bad_sector() -> Test {
    let recipe = "the healthy card, the sector of one copy unreadable";
    let about = (
        "one-unreadable-sector",
        Requirement::UnreadableSectors,
        recipe,
    );
    let expected = format!("{ID} of {MADE}, proved by checksum and ID");
    of_healthy(about, |card| bad_sectors(card, 1, expected))
}

fn all_bad_sectors() -> Test {
    let recipe = "the healthy card, the sectors of all three copies unreadable";
    let about = (
        "all-copies-unreadable",
        Requirement::UnreadableSectors,
        recipe,
    );
    of_healthy(about, |card| bad_sectors(card, 3, "nothing".to_owned()))
}
