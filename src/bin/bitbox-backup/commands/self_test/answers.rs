//! Known answers: what they are was computed elsewhere, as docs/format.md says.

use anyhow::{Context, ensure};
use bitbox_backup::assess::{Seen, assess};
use bitbox_backup::backup::{Id, Seed, Words, root_fingerprint};
use bitbox_backup::catalogue::{self, CopyState, Scope};
use bitbox_backup::firmware::{self, List, Version};
use bitbox_backup::image::{Memory, Packing, Sectors, unpack};
use bitbox_backup::recover::{Alone, Effort, recover};
use bitbox_backup::repair::kernel::Kernel;
use bitbox_backup::repair::search::{ID_MESSAGE, Level, Space, Target, search_with};
use zeroize::Zeroizing;

/// The words of a public test wallet.
const WORDS: &str = "memory raven era cave phone system dice come mechanic split moon repeat";
/// Its id.
const ID: &str = "577782fdfffbe314b23acaeefc39ad5e8641fba7e7dbe418a35956a879a67dd2";
/// The fingerprint of its root key, without a passphrase.
const FINGERPRINT: &str = "5862f623";
/// Cards that hold this wallet: a good one, one with a copy of three damaged, and one on which every
/// copy is.
const HEALTHY: &[u8] = include_bytes!("../../../../../testdata/healthy.img.zst");
const VOTE: &[u8] = include_bytes!("../../../../../testdata/all-damaged-vote.img.zst");
const DELETED: &[u8] = include_bytes!("../../../../../testdata/deleted-by-computer.img.zst");
/// Most bytes one of them unpacks to.
const MOST: u64 = 64 << 20;

/// What is tried: its name, and what does it.
pub(super) type Trial = (&'static str, fn() -> anyhow::Result<String>);

/// All of it, in order.
pub(super) const ALL: [Trial; 6] = [
    ("words and id", words),
    ("root fingerprint", fingerprint),
    ("reading a card", reading),
    ("voting on three copies", || recovered(VOTE)),
    ("a deleted backup", || recovered(DELETED)),
    ("fast and plain search", kernels),
];

fn known() -> anyhow::Result<(Words, Seed, Id)> {
    let words = Words::read(WORDS).context("the words are none")?;
    let seed = words.seed().context("the words have no seed")?;
    let id = Id::from_directory(ID).context("the id is none")?;
    Ok((words, seed, id))
}

fn words() -> anyhow::Result<String> {
    let (_, seed, id) = known()?;
    ensure!(seed.id() == id, "the id is {}", seed.id());
    let again = Words::of(&seed).context("the seed has no words")?;
    ensure!(again.expose().eq(WORDS.split(' ')), "other words come back");
    Ok("12 words make the known id, and come back".to_owned())
}

fn fingerprint() -> anyhow::Result<String> {
    let (words, ..) = known()?;
    let print = root_fingerprint(&words, "").context("there is none")?;
    let print = print.to_string();
    ensure!(print == FINGERPRINT, "it is {print}");
    Ok(print)
}

fn reading() -> anyhow::Result<String> {
    let image = unpacked(HEALTHY)?;
    let sectors = Sectors::new(&*image);
    let answer = firmware::list_backups(&sectors, Version::default());
    let List::Ok(listed) = &answer.list else {
        anyhow::bail!("the device would fail on it");
    };
    ensure!(listed.len() == 1, "{} backups are listed", listed.len());
    let found = catalogue::locate(&sectors, Scope::default());
    let valid = found.copies.iter();
    let valid = valid.filter(|copy| copy.state == CopyState::Valid).count();
    ensure!(valid == 3, "{valid} copies are whole");
    Ok("one backup, three whole copies".to_owned())
}

/// Brings the wallet back from a card.
fn recovered(card: &[u8]) -> anyhow::Result<String> {
    let (_, seed, id) = known()?;
    let image = unpacked(card)?;
    let sectors = Sectors::new(&*image);
    let version = Version::default();
    let answer = firmware::list_backups(&sectors, version);
    let scope = Scope {
        deleted: true,
        carve: true,
        whole_tree: false,
    };
    let found = catalogue::locate(&sectors, scope);
    let assessment = assess(&found, Some(answer), Seen::Card, Some(&sectors), version);
    let effort = Effort {
        candidates: 1000,
        ids: Vec::new(),
        length: None,
    };
    let recovery = recover(&found, &assessment, &effort, &Alone);
    let back = recovery.recovered.iter().find(|one| one.id == id);
    let back = back.context("the wallet did not come back")?;
    ensure!(
        back.seed.expose() == seed.expose(),
        "another seed came back"
    );
    Ok("the wallet came back, byte for byte".to_owned())
}

/// A search for a seed with three flipped bits by every way this machine has.
fn kernels() -> anyhow::Result<String> {
    let (_, seed, id) = known()?;
    let mut base = Zeroizing::new(vec![0; ID_MESSAGE]);
    for (to, from) in base.iter_mut().zip(seed.expose()) {
        *to = *from;
    }
    for (byte, bit) in [(1, 3), (7, 0), (15, 6)] {
        if let Some(byte) = base.get_mut(byte) {
            *byte ^= 1 << bit;
        }
    }
    let space = Space {
        base,
        cost: 0.0,
        levels: vec![Level {
            cost: 1.0,
            bits: (0..128).collect(),
        }],
        unknown: Vec::new(),
    };
    let target = Target::Id(vec![id]);
    let find = |kernel| {
        let outcome = search_with(
            kernel,
            std::slice::from_ref(&space),
            &target,
            1 << 20,
            0,
            &(),
        );
        outcome.hit.context("a seed was not found")
    };
    let (plain, fast) = (find(Kernel::Portable)?, find(Kernel::best())?);
    let whole = |bytes: &[u8]| bytes.starts_with(seed.expose());
    ensure!(
        whole(&plain.bytes) && whole(&fast.bytes),
        "another seed was found"
    );
    ensure!(
        plain.rank == fast.rank && plain.changed == fast.changed,
        "found as number {} and as number {}",
        plain.rank,
        fast.rank
    );
    let kernel = match Kernel::best() {
        Kernel::Portable => "no faster way on this machine",
        Kernel::Avx512 => "AVX-512 and plain agree",
    };
    Ok(format!("{kernel}: candidate {}", plain.rank))
}

fn unpacked(card: &[u8]) -> anyhow::Result<Box<bitbox_backup::image::Pages>> {
    let packed = Memory::new(card.to_vec());
    Ok(Box::new(unpack(&packed, Packing::Zstd, MOST)?))
}
