//! Which card of one audit is which of the other.
//!
//! Names are what people change: a fleet is copied to another folder, an image gets another date in
//! its name. The card's own number, its volume's serial number and what is on it stay.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;

use super::card;
use super::pair::Pairs;
use crate::audit::clones;
use crate::report::Source;

/// The cards of two audits, put together.
pub(super) struct Followed<'a> {
    /// What is in both, in the order of now.
    pub(super) both: Vec<Same<'a>>,
    /// What is there no more.
    pub(super) old: Vec<&'a Source>,
    /// What was not there before.
    pub(super) new: Vec<&'a Source>,
}

/// A card then and now.
pub(super) struct Same<'a> {
    pub(super) old: &'a Source,
    pub(super) new: &'a Source,
    /// Whether it has another name; another folder for all is none.
    pub(super) moved: bool,
}

/// A card and what it is known by.
struct Card<'a> {
    source: &'a Source,
    /// Its path below the folder that all of its audit are in.
    path: &'a str,
    contents: Option<card::CardHashes>,
    cid: Option<&'a str>,
    serial: Option<Vec<&'a str>>,
    labels: Vec<&'a str>,
    ids: Vec<&'a str>,
}

impl<'a> Card<'a> {
    fn new(source: &'a Source, root: usize) -> Self {
        let volumes = || source.card.iter().flat_map(|card| &card.volumes);
        let serials: Vec<_> = volumes().filter_map(clones::serial).collect();
        let labels = volumes().map(|volume| volume.label.as_str());
        let live = source.backups.iter().filter(|one| !one.state.is_trace());
        let mut ids: Vec<_> = live.filter_map(|backup| backup.id.as_deref()).collect();
        ids.sort_unstable();
        ids.dedup();
        let identity = source.card.as_ref().and_then(|card| card.identity.as_ref());
        Self {
            source,
            path: source.source.get(root..).unwrap_or(&source.source),
            contents: card::contents(source),
            cid: identity.and_then(|identity| identity.cid.as_deref()),
            serial: (!serials.is_empty()).then_some(serials),
            labels: labels.collect(),
            ids,
        }
    }
}

/// Puts together the cards of two audits: what is known best first, then by less and less.
pub(super) fn follow<'a>(old: &'a [Source], new: &'a [Source]) -> Followed<'a> {
    let [old, new] = [old, new].map(|sources| {
        let root = root(sources);
        let cards = sources.iter().map(|source| Card::new(source, root));
        cards.collect::<Vec<_>>()
    });
    let mut pairs = Pairs::new(&old, &new);
    let other = |a: &Card<'_>, b: &Card<'_>| match (a.cid, b.cid) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    pairs.by(|one| one.cid, other);
    // By its whole name, then by that below the folder of all.
    let names: [fn(&Card<'a>) -> &'a str; 2] = [|one| &one.source.source, |one| one.path];
    for name in names {
        pairs.by(|one| Some((name(one), one.contents.clone())), other);
    }
    for name in names {
        pairs.by(|one| Some((name(one), one.serial.clone()?)), other);
    }
    let with_contents = |one: &Card<'a>| Some((one.serial.clone()?, one.contents.clone()?));
    pairs.by(with_contents, other);
    let with_wallets = |one: &Card<'a>| {
        let ids = Some(one.ids.clone()).filter(|ids| !ids.is_empty());
        Some((one.serial.clone()?, one.labels.clone(), ids?))
    };
    pairs.by(with_wallets, other);
    let labeled = |one: &Card<'a>| Some((one.serial.clone()?, one.labels.clone()));
    let once = only_once(&old, &new, labeled);
    pairs.by(|one| labeled(one).filter(|key| once.contains(key)), other);
    let serial = |one: &Card<'a>| one.serial.clone();
    let once = only_once(&old, &new, serial);
    pairs.by(|one| serial(one).filter(|key| once.contains(key)), other);
    for name in names {
        pairs.by(|one| Some(name(one)), other);
    }
    pairs.by(|one| one.contents.clone(), other);
    let pairs = pairs.in_order();
    let folders = folders(&pairs.both);
    let both = pairs.both.iter().map(|(old, new)| Same {
        old: old.source,
        new: new.source,
        moved: old.path != new.path && !is_of_folders(old, new, &folders),
    });
    Followed {
        both: both.collect(),
        old: pairs.old.iter().map(|card| card.source).collect(),
        new: pairs.new.iter().map(|card| card.source).collect(),
    }
}

/// Keys that no two cards of one audit share: makers give many cards one serial number.
fn only_once<'a, K: Eq + Hash>(
    old: &[Card<'a>],
    new: &[Card<'a>],
    key: impl Fn(&Card<'a>) -> Option<K>,
) -> HashSet<K> {
    let [old, new] = [old, new].map(|cards| {
        let mut counts: HashMap<K, usize> = HashMap::new();
        for key in cards.iter().filter_map(&key) {
            *counts.entry(key).or_default() += 1;
        }
        counts
    });
    let once = old.into_iter().filter(|(_, count)| *count == 1);
    let keys = once.map(|(key, _)| key);
    keys.filter(|key| new.get(key) == Some(&1)).collect()
}

fn split(path: &str) -> (&str, &str) {
    let end = path.rfind(['/', '\\']).map_or(0, |last| last + 1);
    path.split_at(end)
}

/// How many bytes the folder has that all of these are in.
fn root(sources: &[Source]) -> usize {
    let mut folders = sources.iter().map(|source| split(&source.source).0);
    let Some(first) = folders.next() else {
        return 0;
    };
    let mut common = first.len();
    for folder in folders {
        let same = first.bytes().zip(folder.bytes());
        let same = same.take_while(|(a, b)| a == b).count();
        common = common.min(same);
    }
    // Whole folders only.
    let shared = first.as_bytes().get(..common).unwrap_or_default();
    let end = shared.iter().rposition(|byte| matches!(byte, b'/' | b'\\'));
    end.map_or(0, |last| last + 1)
}

/// Folders of before that are no more, and where most of what was in them is.
fn folders<'a>(both: &[(&Card<'a>, &Card<'a>)]) -> HashMap<&'a str, &'a str> {
    let mut went: HashMap<&str, BTreeMap<&str, usize>> = HashMap::new();
    let mut used: HashSet<&str> = HashSet::new();
    for (old, new) in both {
        let (before, now) = (split(&old.source.source), split(&new.source.source));
        used.insert(now.0);
        *went.entry(before.0).or_default().entry(now.0).or_default() += 1;
    }
    went.retain(|before, _| !used.contains(before));
    let most = |now: BTreeMap<&'a str, usize>| Some(now.into_iter().max_by_key(|one| one.1)?.0);
    let went = went.into_iter();
    went.filter_map(|(before, now)| Some((before, most(now)?)))
        .collect()
}

/// Whether only the folder is another, and that for most in it.
fn is_of_folders(old: &Card<'_>, new: &Card<'_>, folders: &HashMap<&str, &str>) -> bool {
    let (before, now) = (split(&old.source.source), split(&new.source.source));
    before.1 == now.1 && folders.get(before.0) == Some(&now.0)
}
