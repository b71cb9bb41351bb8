//! Which sources are one card, by what each shows of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::print::{Print, PrintHash, PrintedGeneration};

/// The sources with live backups.
pub(super) fn known(prints: &[Option<Print>]) -> impl Iterator<Item = (usize, &Print)> {
    let prints = prints.iter().enumerate();
    prints.filter_map(|(index, print)| Some((index, print.as_ref()?)))
}

/// Folders and files with a generation that another source holds too: the device makes none twice, so
/// one is a copy of the other, and nothing shows that there is a card behind it.
pub(super) fn beside(prints: &[Option<Print>]) -> HashMap<usize, usize> {
    let mut holders: HashMap<&PrintedGeneration, usize> = HashMap::new();
    let mut beside = HashMap::new();
    let (cards, others): (Vec<_>, Vec<_>) = known(prints).partition(|(_, print)| print.has_volume);
    for (index, print) in cards.into_iter().chain(others) {
        let held = print.live.iter().find_map(|one| holders.get(one).copied());
        let holder = match held {
            Some(holder) if !print.has_volume => {
                beside.insert(index, holder);
                holder
            }
            _ => index,
        };
        for generation in &print.live {
            holders.entry(generation).or_insert(holder);
        }
    }
    beside
}

/// Puts together the sources that are one card.
pub(super) fn groups(prints: &[Option<Print>]) -> Vec<Vec<usize>> {
    let mut sets = Sets((0..prints.len()).collect());
    let mut cids: HashMap<&str, usize> = HashMap::new();
    let mut bytes: HashMap<&PrintHash, usize> = HashMap::new();
    let mut paths: HashMap<&PrintHash, usize> = HashMap::new();
    let mut unnumbered: BTreeMap<&PrintHash, Vec<(usize, &Print)>> = BTreeMap::new();
    let mut traces: HashMap<(&PrintHash, &PrintedGeneration), usize> = HashMap::new();
    for (index, print) in known(prints) {
        if let Some(cid) = &print.cid {
            sets.join(index, *cids.entry(cid).or_insert(index));
        }
        for place in &print.places {
            if let Some(key) = &place.bytes {
                sets.join(index, *bytes.entry(key).or_insert(index));
                paths.entry(&place.path).or_insert(index);
            }
        }
        if let Some(key) = &print.all_places {
            unnumbered.entry(key).or_default().push((index, print));
        }
        for trace in on_volume(print, &print.traces) {
            sets.join(index, *traces.entry(trace).or_insert(index));
        }
    }
    for (index, print) in known(prints) {
        // A damaged copy is taken for what lies at its place elsewhere.
        for place in print.places.iter().filter(|place| place.bytes.is_none()) {
            sets.join(index, *paths.entry(&place.path).or_insert(index));
        }
        for live in on_volume(print, &print.live) {
            if let Some(later) = traces.get(&live) {
                sets.join(index, *later);
            }
        }
    }
    for cards in unnumbered.values() {
        without_serial(cards, &mut sets);
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, _) in known(prints) {
        groups.entry(sets.root(index)).or_default().push(index);
    }
    let groups = groups.into_values();
    groups.flat_map(|group| by_number(group, prints)).collect()
}

/// These generations of a source with its volume, where that is numbered.
fn on_volume<'a>(
    print: &'a Print,
    all: &'a [PrintedGeneration],
) -> impl Iterator<Item = (&'a PrintHash, &'a PrintedGeneration)> {
    let volumes = print.volume.iter();
    volumes.flat_map(move |volume| all.iter().map(move |one| (volume, one)))
}

/// Cards without a serial number, with the same layout and FAT and backups at the same places: one if
/// all that was read is the same, or if damage explains the difference.
fn without_serial(cards: &[(usize, &Print)], sets: &mut Sets) {
    let mut read: HashMap<&str, usize> = HashMap::new();
    for (index, print) in cards {
        if let Some(hash) = &print.read {
            sets.join(*index, *read.entry(hash).or_insert(*index));
        }
        if !print.is_whole
            && let Some((other, _)) = cards.iter().find(|(other, _)| other != index)
        {
            sets.join(*index, *other);
        }
    }
}

/// Takes cards apart whose own numbers differ, whatever is on them.
fn by_number(group: Vec<usize>, prints: &[Option<Print>]) -> Vec<Vec<usize>> {
    let cid = |card: &usize| prints.get(*card)?.as_ref()?.cid.as_deref();
    let cids: HashSet<&str> = group.iter().filter_map(cid).collect();
    if cids.len() < 2 {
        return vec![group];
    }
    // What has no number goes with the first.
    let first = group.iter().find_map(cid);
    let mut parts: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for card in &group {
        parts.entry(cid(card).or(first)).or_default().push(*card);
    }
    parts.into_values().collect()
}

/// Sets that are joined; each is known by its least member.
struct Sets(Vec<usize>);

impl Sets {
    fn root(&mut self, one: usize) -> usize {
        let mut root = one;
        while let Some(above) = self.0.get(root).copied().filter(|above| *above != root) {
            root = above;
        }
        if let Some(above) = self.0.get_mut(one) {
            *above = root;
        }
        root
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if let Some(above) = self.0.get_mut(one.max(other)) {
            *above = one.min(other);
        }
    }
}
