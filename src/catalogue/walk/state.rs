//! What is known while a volume is gone through: whose its clusters are, and what still waits.

use crate::catalogue::copy::Looked;
use crate::catalogue::found::{Catalogue, MAX_NODES};
use crate::catalogue::problem::{Problem, shown};
use crate::catalogue::volume::{Owner, Owners};
use crate::fat::cluster::Cluster;
use crate::fat::directory::Entry;
use crate::fat::geometry::Geometry;
use crate::fat::table;
use crate::image::Sectors;

/// Most bytes of their paths together.
const MAX_PATHS: usize = 4 << 20;

/// Most archives of a volume that are looked into.
const MOST_ARCHIVES: usize = 32;
/// Most bytes of them.
const MOST_ARCHIVED: u64 = 64 << 20;
/// Most bytes of long texts of a volume that are looked into.
const MOST_TEXT: u64 = 64 << 20;

/// A deleted entry of a live folder. It waits until it is known what every live one owns.
pub(super) struct Pending {
    pub(super) entry: Entry,
    pub(super) folder: Option<usize>,
    pub(super) path: String,
}

/// A volume that is gone through.
pub(super) struct Walk<'a> {
    pub(super) sectors: &'a Sectors<'a>,
    pub(super) geometry: Geometry,
    pub(super) volume: usize,
    pub(super) looked: Looked,
    pub(super) catalogue: &'a mut Catalogue,
    pub(super) owners: Owners,
    /// The start clusters of the folders we are in: a folder in itself is not entered again.
    pub(super) path: Vec<Cluster>,
    pub(super) pending: Vec<Pending>,
    pub(super) work: usize,
    pub(super) paths: usize,
    /// How many archives, and how many bytes of them, are still looked into.
    pub(super) archives: (usize, u64),
    /// How many bytes of long texts are still looked into.
    pub(super) texts: u64,
}

impl<'a> Walk<'a> {
    /// A volume of which nothing was looked at yet.
    pub(super) fn new(
        sectors: &'a Sectors<'a>,
        geometry: Geometry,
        volume: usize,
        looked: Looked,
        catalogue: &'a mut Catalogue,
    ) -> Self {
        Self {
            sectors,
            geometry,
            volume,
            looked,
            catalogue,
            owners: Owners::default(),
            path: Vec::new(),
            pending: Vec::new(),
            work: 0,
            paths: 0,
            archives: (MOST_ARCHIVES, MOST_ARCHIVED),
            texts: MOST_TEXT,
        }
    }

    /// Whether no more files and folders are taken; then it is noted.
    pub(super) fn is_full(&mut self, path: &str) -> bool {
        let full =
            self.catalogue.is_full() || self.paths >= MAX_PATHS || self.pending.len() >= MAX_NODES;
        if full {
            self.catalogue.too_much(path);
        }
        full
    }

    /// Notes that the second FAT was used for a chain.
    pub(super) fn second_fat(&mut self, path: &str) {
        self.catalogue.note(Problem::SecondFat {
            volume: self.volume,
            path: shown(path),
            offset: self.geometry.fat.saturating_add(self.geometry.fat_length),
        });
    }

    /// Notes whose clusters these are.
    pub(super) fn claim(&mut self, owner: Owner, path: &str, clusters: &[Cluster]) {
        for cluster in clusters {
            if let Some(other) = self.owners.claim(*cluster, owner) {
                let other = other.and_then(|node| self.catalogue.nodes.get(node));
                self.catalogue.note(Problem::CrossLink {
                    path: shown(path),
                    other: shown(other.map_or("", |node| &node.path)),
                    offset: self.geometry.cluster_offset(*cluster).unwrap_or(0),
                });
            }
        }
    }

    /// Notes where the FATs disagree about clusters.
    pub(super) fn compare_tables(&mut self, path: &str, clusters: &[Cluster]) {
        let few = clusters.get(..clusters.len().min(1024)).unwrap_or_default();
        let size = self.sectors.image().size();
        let differences = table::differences(self.sectors, &self.geometry, few).into_iter();
        // The image may end before the second FAT does.
        for difference in differences.filter(|difference| difference.offset < size) {
            self.catalogue.note(Problem::FatsDiffer {
                volume: self.volume,
                path: shown(path),
                difference,
            });
        }
    }
}
