//! A volume of a card, and which live file or folder owns which of its clusters.

use std::collections::HashMap;

use crate::fat::cluster::Cluster;
use crate::fat::geometry::Geometry;
use crate::partition::{FileSystem, Partition};

/// Most clusters of one volume whose owner is kept.
const MOST_OWNED: usize = 4 << 20;

/// A volume.
#[derive(Clone, Debug)]
pub struct Volume {
    /// The partition it lies in.
    pub partition: Partition,
    /// What it begins like.
    pub file_system: FileSystem,
    /// Its layout, if it is FAT and makes sense.
    pub geometry: Option<Geometry>,
    /// Whether the layout is from the spare boot sector, which no device uses.
    pub by_spare: bool,
    /// The label in its boot sector, as stored, trimmed.
    pub label: String,
    /// The label in its root directory, which systems show: set at format, or changed later.
    pub root_label: Option<String>,
}

/// A file or folder that owns clusters: an index in [`super::Catalogue::nodes`]; `None` for the root.
pub(super) type Owner = Option<usize>;

/// The owners of a volume's clusters, each by the first that claimed it.
#[derive(Debug, Default)]
pub(super) struct Owners {
    by_cluster: HashMap<Cluster, Owner>,
}

impl Owners {
    /// Notes an owner; answers with the one that claimed the cluster before, if another did.
    pub(super) fn claim(&mut self, cluster: Cluster, owner: Owner) -> Option<Owner> {
        match self.by_cluster.get(&cluster) {
            Some(known) => (*known != owner).then_some(*known),
            None => {
                if self.by_cluster.len() < MOST_OWNED {
                    self.by_cluster.insert(cluster, owner);
                }
                None
            }
        }
    }

    /// Whether any live file or folder owns the cluster.
    pub(super) fn has(&self, cluster: Cluster) -> bool {
        self.by_cluster.contains_key(&cluster)
    }

    /// How many clusters are owned.
    pub(super) fn count(&self) -> u64 {
        self.by_cluster.len() as u64
    }

    /// The file or folder that owns the cluster, the root apart.
    pub(super) fn of(&self, cluster: Cluster) -> Option<usize> {
        self.by_cluster.get(&cluster).copied().flatten()
    }
}
