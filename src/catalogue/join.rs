//! Several sources as one: readings of one card, and cards of one wallet, are evidence together.

use super::found::{Catalogue, JoinedSource};
use super::node::{Node, Role};

impl Catalogue {
    /// Makes one catalogue of several, in their order. The paths of nodes stay as they are; of which source a
    /// copy is, is what [`Self::source_of`] says. Volumes, problems, and the division of the card are those of no
    /// source and are left out; so are places, which mean another card each.
    pub fn join(mut all: Vec<Self>) -> Self {
        if all.len() < 2 {
            return all.pop().unwrap_or_default();
        }
        let cards: Vec<usize> = (0..all.len())
            .map(|own| {
                let before = all.get(..own).unwrap_or_default();
                let same = |other: &Self| all.get(own).is_some_and(|own| is_same_card(own, other));
                before.iter().position(same).unwrap_or(own)
            })
            .collect();
        let mut joined = Self {
            complete: true,
            looked: all.iter().map(|one| one.looked).min().unwrap_or_default(),
            by_content: all.iter().all(|one| one.by_content),
            ..Self::default()
        };
        for (one, card) in all.into_iter().zip(cards) {
            joined.append(one, card);
        }
        joined
    }

    fn append(&mut self, one: Self, card: usize) {
        let (first_node, first_copy) = (self.nodes.len(), self.copies.len());
        let earlier = self.parts.len();
        self.parts.push(JoinedSource {
            copy: first_copy,
            card,
        });
        for mut node in one.nodes {
            node.parent = node.parent.map(|parent| parent.saturating_add(first_node));
            if let Role::Copy(copy) = node.role {
                node.role = Role::Copy(copy.saturating_add(first_copy));
            }
            let same = self.same_folder(&node, card, earlier);
            self.nodes.push(node);
            let own = self.nodes.len().saturating_sub(1);
            self.folders.push((same.unwrap_or(own), card));
        }
        for mut copy in one.copies {
            copy.node = copy.node.saturating_add(first_node);
            self.copies.push(copy);
        }
        self.contents.extend(one.contents);
        self.ids.extend(one.ids);
        self.damaged_ids.extend(one.damaged_ids);
        self.times.extend(one.times);
        self.complete &= one.complete;
    }

    /// The folder of an earlier source that is the same wallet's: the one with its ID, or on the same card the
    /// one at its path.
    fn same_folder(&self, node: &Node, card: usize, earlier: usize) -> Option<usize> {
        let Role::Wallet(id) = node.role else {
            return None;
        };
        (earlier > 0).then_some(())?;
        let known = self.nodes.iter().zip(&self.folders);
        let mut known = known.filter(|(other, (_, of))| match (other.role, id) {
            (Role::Wallet(Some(other)), Some(id)) => other == id,
            (Role::Wallet(None), None) => *of == card && other.path == node.path,
            _ => false,
        });
        known.next().map(|(_, (folder, _))| *folder)
    }

    /// The folder that stands for this one in every source; the folder itself in a catalogue of one source.
    pub(crate) fn folder_in_all(&self, node: usize) -> usize {
        self.folders.get(node).map_or(node, |(folder, _)| *folder)
    }

    /// Of which source a copy is: its number among those that were joined, 0 if there is one.
    pub fn source_of(&self, copy: usize) -> usize {
        let after = self.parts.partition_point(|part| part.copy <= copy);
        after.saturating_sub(1)
    }

    /// The number of a copy in its own source.
    pub(crate) fn index_in_source(&self, copy: usize) -> usize {
        let part = self.parts.get(self.source_of(copy));
        copy.saturating_sub(part.map_or(0, |part| part.copy))
    }

    /// How many sources there are.
    pub fn sources(&self) -> usize {
        self.parts.len().max(1)
    }

    /// The first source that is a reading of the same card as this one.
    pub fn card_of(&self, source: usize) -> usize {
        self.parts.get(source).map_or(source, |part| part.card)
    }

    /// The place of a copy: its card, and the offset at which it begins. Copies at one place are readings of one
    /// copy. `None` for a copy whose place says nothing.
    pub fn place_of(&self, copy: usize) -> Option<(usize, u64)> {
        let offset = self.copies.get(copy)?.extents.first()?.offset;
        Some((self.card_of(self.source_of(copy)), offset))
    }
}

/// Whether two sources are readings of one card: a volume with the same layout and serial number, and most of
/// the directory entries at the same places equal. Of two cards that only have the same serial number, the
/// entries differ.
fn is_same_card(one: &Catalogue, other: &Catalogue) -> bool {
    let volumes = |of: &Catalogue| -> Vec<_> {
        let volumes = of.volumes.iter();
        volumes.filter_map(|volume| volume.geometry).collect()
    };
    let others = volumes(other);
    let has_volume = volumes(one).iter().any(|volume| others.contains(volume));
    let entries = |of: &Catalogue| -> std::collections::BTreeMap<u64, [u8; 32]> {
        let nodes = of.nodes.iter().filter_map(|node| node.entry.as_ref());
        nodes.map(|entry| (entry.offset, entry.raw.0)).collect()
    };
    let (own, other) = (entries(one), entries(other));
    let is_equal = |(offset, raw): &(&u64, &[u8; 32])| other.get(offset) == Some(raw);
    let equal = own.iter().filter(is_equal).count();
    let most = own.len().max(other.len());
    has_volume && equal.saturating_mul(2) > most
}
