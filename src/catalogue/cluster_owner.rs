//! Which live file or folder owns which cluster of a volume.

use std::collections::HashMap;

use crate::fat::cluster::Cluster;

/// Most clusters of one volume whose owner is kept.
const MOST: usize = 4 << 20;

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
                if self.by_cluster.len() < MOST {
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
