//! Which sources are one card: images of it, some of them damaged, or readings at different times.
//!
//! Equal files alone prove nothing: a computer may have copied them to another card. What proves it
//! is the card itself: its number, where a reader shows it; else the serial number that its volume
//! got when it was formatted, the same layout, and a backup at the same place. Many cards leave the
//! factory with one serial number, so that alone proves nothing either.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::catalogue::{CopyState, Origin};
use crate::report::{BackupReport, CopyReport, Source, VolumeReport};

/// The serial number of a volume that has none.
const NO_SERIAL: &str = "0000-0000";

/// Sources that are one card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloneGroup {
    /// Their places in `sources`, from 0, ascending; at least two.
    sources: Vec<usize>,
    /// Whether what was read of their FATs is the same.
    same_fat: bool,
    /// Whether their volumes have the same serial number.
    same_serial: bool,
    /// Whether their valid backup files are the same.
    #[serde(default)]
    same_files: bool,
}

impl CloneGroup {
    fn new(sources: Vec<usize>, prints: &[Option<Print>]) -> Self {
        fn all_equal<'a, T: PartialEq + 'a>(
            mut values: impl Iterator<Item = Option<&'a T>>,
        ) -> bool {
            let first = values.next().flatten();
            first.is_some() && values.all(|value| value == first)
        }
        let prints = || {
            let prints = sources.iter().map(|index| prints.get(*index));
            prints.map(|print| print.and_then(Option::as_ref))
        };
        Self {
            same_fat: all_equal(prints().map(|print| print?.fat.as_ref())),
            same_serial: all_equal(prints().map(|print| print?.serial.as_ref())),
            same_files: all_equal(prints().map(|print| print?.files.as_ref())),
            sources,
        }
    }

    /// Their places in `sources`.
    pub fn members(&self) -> &[usize] {
        &self.sources
    }

    pub(super) fn first(&self) -> usize {
        self.sources.first().copied().unwrap_or_default()
    }

    /// What they have in common, as the end of a sentence about them.
    pub(super) fn why(&self) -> &'static str {
        match (self.same_files, self.same_fat, self.same_serial) {
            (true, true, true) => {
                "hold the same files and the same FAT and volume serial number: they count as one card"
            }
            (true, true, false) => "hold the same files and the same FAT: they count as one card",
            (true, false, true) => {
                "hold the same files and the same volume serial number: they count as one card"
            }
            (false, _, true) => {
                "have the same volume serial number and a backup at the same place: they are one card \
                 at different times, or a damaged image of it, and count as one card"
            }
            (_, false, false) | (false, true, false) => {
                "were read from one card, and count as one card"
            }
        }
    }
}

/// What makes a source the same card as another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Print {
    /// The number of the card itself.
    cid: Option<String>,
    /// Whether it is a card at all; a folder or a file shows nothing of one.
    has_volume: bool,
    /// One hash over the hashes of its valid live copies, in ascending order.
    files: Option<[u8; 32]>,
    /// Whether all of its live copies are valid.
    is_whole: bool,
    fat: Option<String>,
    /// `None` where the volume has none.
    serial: Option<String>,
    /// The hash of what was read of it.
    read: Option<String>,
    /// Where its live copies lie; only with a serial number.
    places: Vec<Place>,
    /// All of these places, the layout and the FAT in one; only without a serial number.
    all_places: Option<Key>,
    /// Its live generations, and those of which only traces are left.
    live: Vec<Generation>,
    traces: Vec<Generation>,
    /// Serial number and layout of its volume; only with a serial number.
    volume: Option<Key>,
}

type Key = [u8; 32];

/// Where a copy lies, on a volume like its own.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// Under which path.
    path: Key,
    /// With which bytes, where these are valid.
    bytes: Option<Key>,
}

/// An id and a time: the device never makes two generations at one time.
type Generation = (String, u32);

impl Print {
    /// That of a source; `None` where it holds no live backup.
    pub(super) fn of(source: &Source) -> Option<Self> {
        let volumes = source.card.as_ref().map(|card| card.volumes.as_slice());
        let volume = |copy: &CopyReport| volumes?.get(copy.volume?);
        let live = || {
            source
                .backups
                .iter()
                .filter(|backup| !backup.state.is_trace())
        };
        let copies = || {
            let copies = live().flat_map(|backup| &backup.copies);
            copies.filter(|copy| copy.origin == Origin::Live)
        };
        live().next()?;
        let mut valid: Vec<&str> = copies()
            .filter(|copy| copy.state == CopyState::Valid)
            .filter_map(|copy| copy.sha256.as_deref())
            .collect();
        valid.sort_unstable();
        let main = copies().find_map(volume);
        let serial = main.and_then(serial).map(str::to_owned);
        let with_place = || copies().filter_map(|copy| Some((copy, volume(copy)?)));
        let places = with_place().filter(|(_, volume)| self::serial(volume).is_some());
        let places = places.map(|(copy, volume)| Place {
            path: place(copy, volume, &copy.path),
            bytes: copy.sha256.as_ref().map(|hash| place(copy, volume, hash)),
        });
        let all_places = main.filter(|_| serial.is_none()).map(|main| {
            let mut all: Vec<_> = with_place()
                .map(|(copy, volume)| place(copy, volume, &copy.path))
                .collect();
            all.sort_unstable();
            let fat = main.fat_sha256.as_deref().unwrap_or_default();
            let mut hash = Sha256::new();
            hash.update(fat);
            all.iter().for_each(|place| hash.update(place));
            hash.finalize().into()
        });
        let generations: Vec<_> = live().filter_map(generation).collect();
        let traces = source
            .backups
            .iter()
            .filter(|backup| backup.state.is_trace());
        let traces = traces
            .filter_map(generation)
            .filter(|trace| !generations.contains(trace));
        let card = source.card.as_ref();
        Some(Self {
            cid: card.and_then(|card| card.identity.as_ref()?.cid.clone()),
            has_volume: main.is_some(),
            files: (!valid.is_empty()).then(|| Sha256::digest(valid.concat()).into()),
            is_whole: copies().all(|copy| copy.state == CopyState::Valid),
            fat: main.and_then(|volume| volume.fat_sha256.clone()),
            read: card.and_then(|card| Some(card.read.as_ref()?.sha256.clone())),
            places: places.collect(),
            all_places,
            traces: traces.collect(),
            volume: serial.as_ref().and(main).map(|volume| {
                let mut hash = Sha256::new();
                hash.update(layout(volume));
                hash.finalize().into()
            }),
            live: generations,
            serial,
        })
    }
}

/// The serial number of a volume, where it has one.
pub(super) fn serial(volume: &VolumeReport) -> Option<&str> {
    let serial = volume.serial.as_deref();
    serial.filter(|serial| *serial != NO_SERIAL)
}

fn generation(backup: &BackupReport) -> Option<Generation> {
    Some((backup.id.clone()?, backup.timestamp?))
}

/// What formatting decided. Counted from the volume's start, so that an image of a partition and one
/// of the whole card are alike.
fn layout(volume: &VolumeReport) -> String {
    let from = |offset: Option<u64>| offset.map(|offset| offset.wrapping_sub(volume.offset));
    format!(
        "{:?} {:?} {:?} {:?} {:?}",
        volume.serial,
        volume.cluster_length,
        volume.clusters,
        from(volume.fat_offset),
        from(volume.data_offset),
    )
}

/// Where a copy lies on a volume like this one, and what it is there.
fn place(copy: &CopyReport, volume: &VolumeReport, what: &str) -> Key {
    let offset = copy.offset.map(|offset| offset.wrapping_sub(volume.offset));
    let text = format!("{} {offset:?} {what}", layout(volume));
    Sha256::digest(text).into()
}

/// Which sources are one card, and which only hold the same files.
#[derive(Debug, Default)]
pub(super) struct Alike<'a> {
    prints: &'a [Option<Print>],
    /// Sources that are one card.
    pub(super) clones: Vec<CloneGroup>,
    /// Cards that are not one and hold the same files, ascending; of clones the first.
    same_files: Vec<Vec<usize>>,
    clone_of: HashMap<usize, usize>,
    same_files_of: HashMap<usize, usize>,
    /// The source with which a folder or a file counts as one.
    beside: HashMap<usize, usize>,
}

impl<'a> Alike<'a> {
    /// Compares the sources, each at its place in `sources`.
    pub(super) fn new(prints: &'a [Option<Print>]) -> Self {
        let groups = groups(prints);
        let mut alike = Self {
            prints,
            beside: beside(prints),
            ..Self::default()
        };
        let clones = groups.into_iter().filter(|group| group.len() > 1);
        alike.clones = clones.map(|group| CloneGroup::new(group, prints)).collect();
        alike.clones.sort_unstable_by_key(CloneGroup::first);
        let clones = alike.clones.iter().enumerate();
        alike.clone_of = clones
            .flat_map(|(group, cards)| cards.sources.iter().map(move |card| (*card, group)))
            .collect();
        let mut by_files: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for (index, print) in known(prints) {
            if let Some(files) = print.files {
                let cards = by_files.entry(files).or_default();
                let group = alike.clone_of.get(&index);
                // Of one card the first stands for all.
                if group.is_none() || !cards.iter().any(|card| alike.clone_of.get(card) == group) {
                    cards.push(index);
                }
            }
        }
        let same_files = by_files.into_values().filter(|cards| cards.len() > 1);
        alike.same_files = same_files.collect();
        alike.same_files.sort_unstable();
        let same_files = alike.same_files.iter().enumerate();
        alike.same_files_of = same_files
            .flat_map(|(group, cards)| cards.iter().map(move |card| (*card, group)))
            .collect();
        alike
    }

    /// The group of one card that a source belongs to.
    pub(super) fn clone_of(&self, card: usize) -> Option<&CloneGroup> {
        self.clones.get(*self.clone_of.get(&card)?)
    }

    /// The groups of one card among these sources.
    pub(super) fn clones_among(&self, cards: &[usize]) -> Vec<CloneGroup> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for card in cards {
            if let Some(group) = self.clone_of.get(card) {
                groups.entry(*group).or_default().push(*card);
            }
        }
        let groups = groups.into_values().filter(|group| group.len() > 1);
        groups
            .map(|group| CloneGroup::new(group, self.prints))
            .collect()
    }

    /// The cards with the same files as this one.
    pub(super) fn same_files_as(&self, card: usize) -> Option<&[usize]> {
        let group = self.same_files_of.get(&card)?;
        self.same_files.get(*group).map(Vec::as_slice)
    }

    /// The source beside which a folder or a file is no card of its own.
    pub(super) fn beside(&self, card: usize) -> Option<usize> {
        self.beside.get(&card).copied()
    }

    /// What a source counts as: the same for all that are one card.
    pub(super) fn counted_as(&self, card: usize) -> usize {
        let card = self.beside(card).unwrap_or(card);
        self.clone_of(card).map_or(card, CloneGroup::first)
    }
}

/// The sources with live backups.
fn known(prints: &[Option<Print>]) -> impl Iterator<Item = (usize, &Print)> {
    let prints = prints.iter().enumerate();
    prints.filter_map(|(index, print)| Some((index, print.as_ref()?)))
}

/// Folders and files with a generation that another source holds too: the device makes none twice, so
/// one is a copy of the other, and nothing shows that there is a card behind it.
fn beside(prints: &[Option<Print>]) -> HashMap<usize, usize> {
    let mut holders: HashMap<&Generation, usize> = HashMap::new();
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
fn groups(prints: &[Option<Print>]) -> Vec<Vec<usize>> {
    let mut sets = Sets((0..prints.len()).collect());
    let mut cids: HashMap<&str, usize> = HashMap::new();
    let mut bytes: HashMap<&Key, usize> = HashMap::new();
    let mut paths: HashMap<&Key, usize> = HashMap::new();
    let mut unnumbered: BTreeMap<&Key, Vec<(usize, &Print)>> = BTreeMap::new();
    let mut traces: HashMap<(&Key, &Generation), usize> = HashMap::new();
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
        for trace in print
            .volume
            .iter()
            .flat_map(|volume| with(volume, &print.traces))
        {
            sets.join(index, *traces.entry(trace).or_insert(index));
        }
    }
    for (index, print) in known(prints) {
        // A damaged copy is taken for what lies at its place elsewhere.
        for place in print.places.iter().filter(|place| place.bytes.is_none()) {
            sets.join(index, *paths.entry(&place.path).or_insert(index));
        }
        for live in print
            .volume
            .iter()
            .flat_map(|volume| with(volume, &print.live))
        {
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

fn with<'a>(
    volume: &'a Key,
    all: &'a [Generation],
) -> impl Iterator<Item = (&'a Key, &'a Generation)> {
    all.iter().map(move |one| (volume, one))
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// What a card is, as far as it matters here.
    #[derive(Clone, Copy)]
    struct Card<'a> {
        serial: &'a str,
        /// Where the volume begins: an image of the partition alone begins at 0.
        start: u64,
        fat: &'a str,
        read: &'a str,
        cid: Option<&'a str>,
        /// The three copies of one generation: their hashes, empty where damaged.
        copies: [&'a str; 3],
        /// Where the first lies.
        place: u64,
        state: &'a str,
        time: u32,
    }

    const CARD: Card<'_> = Card {
        serial: "1234-ABCD",
        start: 0,
        fat: "f",
        read: "r",
        cid: None,
        copies: ["x"; 3],
        place: 512,
        state: "healthy",
        time: 1,
    };

    fn backup(card: &Card<'_>) -> Value {
        let copies = card.copies.iter().enumerate().map(|(index, hash)| {
            let state = if hash.is_empty() { "damaged" } else { "valid" };
            let origin = if card.state == "deleted" {
                "deleted"
            } else {
                "live"
            };
            json!({
                "path": format!("/bitbox02/57/{}_{index}.bin", card.time), "origin": origin,
                "volume": 0, "offset": card.start + card.place + 512 * index as u64, "extents": [],
                "size": 110, "state": state, "entry_offset": null,
                "sha256": (!hash.is_empty()).then_some(hash)
            })
        });
        json!({
            "id": "57", "words": 12, "state": card.state, "name": null, "timestamp": card.time,
            "created": null, "birthdate": null, "generator": null, "written_by": null,
            "copies": copies.collect::<Vec<_>>(), "findings": []
        })
    }

    fn source(card: &Card<'_>, backups: &[Value]) -> Source {
        let volume = json!({
            "found": "x", "offset": card.start, "length": 1, "file_system": "FAT12", "label": "",
            "serial": card.serial, "cluster_length": 512, "clusters": 9, "fat_offset": card.start + 9,
            "fats": 2, "fat_sha256": card.fat, "data_offset": card.start + 99,
            "from_backup_boot_sector": false
        });
        let identity = card.cid.map(|cid| json!({
            "kind": "mmc", "cid": cid, "serial": null, "model": null, "vendor": null, "oem": null,
            "made": null, "card_type": null, "reader": null, "diskseq": null, "size": null,
            "read_only": null, "removable": null
        }));
        serde_json::from_value(json!({
            "source": "x", "status": "examined", "size": null, "modified": null, "inode": null,
            "device_view": null, "backups": backups, "findings": [],
            "card": {
                "kind": "image", "size": 1, "gpt": false, "volumes": [volume], "identity": identity,
                "read": { "sectors": 1, "bytes": 512, "sha256": card.read }
            }
        }))
        .unwrap()
    }

    fn prints(sources: &[Source]) -> Vec<Option<Print>> {
        sources.iter().map(Print::of).collect()
    }

    fn groups(cards: &[Card<'_>]) -> Vec<Vec<usize>> {
        let sources: Vec<_> = cards
            .iter()
            .map(|card| source(card, &[backup(card)]))
            .collect();
        let prints = prints(&sources);
        let groups = Alike::new(&prints).clones.into_iter();
        groups.map(|group| group.sources).collect()
    }

    fn are_one(cards: &[Card<'_>]) -> bool {
        groups(cards) == [(0..cards.len()).collect::<Vec<_>>()]
    }

    #[test]
    fn an_image_is_the_card_whatever_is_damaged_in_it() {
        let damaged = Card {
            copies: ["x", "", "x"],
            read: "s",
            state: "degraded",
            ..CARD
        };
        let all = Card {
            copies: [""; 3],
            read: "t",
            state: "damaged",
            ..CARD
        };
        let of_partition = Card {
            start: 0x8000,
            read: "u",
            ..CARD
        };
        let fat = Card {
            fat: "other",
            read: "v",
            ..CARD
        };
        for other in [CARD, damaged, all, of_partition, fat] {
            assert!(are_one(&[CARD, other]) && are_one(&[other, CARD]));
        }
        assert!(are_one(&[CARD, damaged, all, of_partition, fat]));
        let both = [
            damaged,
            Card {
                copies: ["", "x", "x"],
                ..damaged
            },
        ];
        assert!(are_one(&both));
    }

    #[test]
    fn equal_files_on_volumes_of_their_own_are_two_cards() {
        let other = Card {
            serial: "1234-ABCE",
            ..CARD
        };
        assert!(
            groups(&[CARD, other]).is_empty(),
            "same FAT, files and places"
        );
        let damaged = Card {
            copies: ["", "x", "x"],
            ..other
        };
        assert!(groups(&[CARD, damaged]).is_empty());
        // Cards of one maker share a serial number; on such ones the files lie elsewhere, or the
        // device made other files.
        let elsewhere = Card {
            place: 4096,
            ..CARD
        };
        assert!(groups(&[CARD, elsewhere]).is_empty());
        let of_its_own = Card {
            time: 2,
            copies: ["y"; 3],
            ..CARD
        };
        assert!(groups(&[CARD, of_its_own]).is_empty());
        let sources = [
            source(&CARD, &[backup(&CARD)]),
            source(&other, &[backup(&other)]),
        ];
        assert_eq!(Alike::new(&prints(&sources)).same_files, [[0, 1]]);
    }

    #[test]
    fn one_card_before_and_after_a_new_backup() {
        let new = Card {
            time: 2,
            copies: ["y"; 3],
            fat: "g",
            read: "s",
            ..CARD
        };
        let before = source(&CARD, &[backup(&CARD)]);
        let added = source(&new, &[backup(&Card { place: 4096, ..new }), backup(&CARD)]);
        let erased = Card {
            state: "erased",
            copies: [""; 3],
            ..CARD
        };
        let renewed = source(&new, &[backup(&new), backup(&erased)]);
        let deleted = Card {
            state: "deleted",
            ..CARD
        };
        let later = source(&new, &[backup(&new), backup(&deleted)]);
        for after in [added, renewed, later] {
            for pair in [
                [before.clone(), after.clone()],
                [after.clone(), before.clone()],
            ] {
                let prints = prints(&pair);
                let alike = Alike::new(&prints);
                assert_eq!(alike.clones.len(), 1, "{pair:?}");
                assert!(!alike.clones[0].same_files && alike.clones[0].same_serial);
            }
        }
    }

    #[test]
    fn without_a_serial_number_all_that_was_read_counts() {
        let none = Card {
            serial: NO_SERIAL,
            ..CARD
        };
        assert!(are_one(&[none, none]));
        let copied = Card { read: "s", ..none };
        assert!(
            groups(&[none, copied]).is_empty(),
            "a computer copied the files"
        );
        let damaged = Card {
            copies: ["", "x", "x"],
            ..copied
        };
        assert!(are_one(&[none, damaged]) && are_one(&[damaged, none]));
        assert_eq!(
            groups(&[copied, none, damaged]),
            [[0, 2]],
            "never a third card"
        );
        let other = Card {
            fat: "g",
            ..damaged
        };
        assert!(groups(&[none, other]).is_empty());
    }

    #[test]
    fn the_number_of_the_card_itself_counts_most() {
        let cid = |cid| Card {
            cid: Some(cid),
            ..CARD
        };
        assert!(
            groups(&[cid("a"), cid("b")]).is_empty(),
            "an image on a second card"
        );
        assert!(are_one(&[cid("a"), CARD]));
        assert_eq!(groups(&[cid("a"), cid("b"), CARD]), [[0, 2]]);
        let reformatted = Card {
            serial: "0000-0001",
            time: 2,
            copies: ["y"; 3],
            ..cid("a")
        };
        assert!(are_one(&[cid("a"), reformatted]));
    }

    #[test]
    fn a_folder_shows_no_card() {
        let card = source(&CARD, &[backup(&CARD)]);
        let mut folder = card.clone();
        folder.card.as_mut().unwrap().volumes.clear();
        let mut other = folder.clone();
        other.backups = vec![backup(&Card { time: 2, ..CARD })]
            .into_iter()
            .map(|backup| serde_json::from_value(backup).unwrap())
            .collect();
        let prints = prints(&[folder.clone(), card, folder, other]);
        let alike = Alike::new(&prints);
        assert!(alike.clones.is_empty());
        let counted: Vec<_> = (0..4).map(|source| alike.counted_as(source)).collect();
        assert_eq!(counted, [1, 1, 1, 3]);
    }
}
