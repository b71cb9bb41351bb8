//! The layout of a volume from its directories, where no boot sector says it.
//!
//! A directory's `.` entry names its own first cluster. So two directories of a volume give the length
//! of a cluster and where cluster 2 lies; of one directory, whatever else is known to begin a cluster
//! tells which length is right.

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::Cluster;

/// Lengths of clusters: 512 bytes to 64 KiB as FatFs and computers make them, and twice that.
const LENGTHS: [u64; 9] = [512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131_072];

/// A cluster and the place where it begins, as something on the card says: the `.` of a directory. On FAT12 and FAT16
/// the upper half of its cluster means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fix {
    /// Bytes from the start of the card.
    pub offset: u64,
    /// The cluster.
    pub cluster: Cluster,
}

/// Where the clusters of a volume lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grid {
    /// The first byte of cluster 2, from the start of the card.
    pub data: u64,
    /// Bytes of a cluster.
    pub cluster_length: u64,
}

impl Grid {
    /// The grid of this cluster length that has a cluster where it is said to be.
    fn from_fix(fix: Fix, cluster_length: u64) -> Option<Self> {
        let before = u64::from(fix.cluster.index()?).checked_mul(cluster_length)?;
        let data = fix.offset.checked_sub(before)?;
        (data % 512 == 0).then_some(Self {
            data,
            cluster_length,
        })
    }

    /// Where a cluster begins.
    pub fn offset(&self, cluster: Cluster) -> Option<u64> {
        let before = u64::from(cluster.index()?).checked_mul(self.cluster_length)?;
        self.data.checked_add(before)
    }
}

/// The grids at least two directories agree on, or one directory and one of its links: those with
/// most support first, each directory counted for one grid only.
///
/// `links` are clusters that entries in the directory of that index name; `begins` says whether
/// something known begins at an offset.
pub fn grids(
    directories: &[Fix],
    links: &[(usize, Cluster)],
    begins: impl Fn(u64) -> bool,
) -> Vec<Grid> {
    let mut supporters: BTreeMap<Grid, (usize, Vec<usize>)> = BTreeMap::new();
    for (index, fix) in directories.iter().enumerate() {
        for grid in LENGTHS
            .iter()
            .filter_map(|length| Grid::from_fix(*fix, *length))
        {
            let (count, all) = supporters.entry(grid).or_default();
            *count = count.saturating_add(1);
            all.push(index);
        }
    }
    for (index, cluster) in links {
        let fix = directories
            .get(*index)
            .filter(|fix| fix.cluster != *cluster);
        for grid in LENGTHS
            .iter()
            .filter_map(|length| Grid::from_fix(*fix?, *length))
        {
            if grid.offset(*cluster).is_some_and(&begins)
                && let Some((count, _)) = supporters.get_mut(&grid)
            {
                *count = count.saturating_add(1);
            }
        }
    }
    let mut ranked: Vec<_> = supporters.into_iter().collect();
    ranked.retain(|(_, (count, _))| *count >= 2);
    // Among equals the smallest clusters: they ask for the least.
    ranked.sort_by_key(|(grid, (count, _))| {
        (std::cmp::Reverse(*count), grid.cluster_length, grid.data)
    });
    let mut taken = BTreeSet::new();
    ranked.retain(|(_, (_, all))| {
        let before = taken.len();
        taken.extend(all.iter().copied());
        taken.len() > before
    });
    ranked.into_iter().map(|(grid, _)| grid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(offset: u64, cluster: u32) -> Fix {
        let cluster = Cluster(cluster);
        Fix { offset, cluster }
    }

    #[test]
    fn two_directories_give_the_layout() {
        let fixes = [fix(10_240, 3), fix(10_240 + 4096, 4)];
        let found = grids(&fixes, &[], |_| false);
        let grid = Grid {
            data: 6144,
            cluster_length: 4096,
        };
        assert_eq!(found, [grid]);
        assert_eq!(grid.offset(Cluster(4)), Some(14_336));
        assert_eq!(grid.offset(Cluster(1)), None);
    }

    #[test]
    fn one_directory_and_what_its_entries_lead_to() {
        let fixes = [fix(100 * 512, 4)];
        assert_eq!(grids(&fixes, &[(0, Cluster(5))], |_| false), []);
        let found = grids(&fixes, &[(0, Cluster(5)), (0, Cluster(6))], |at| {
            [102 * 512, 104 * 512].contains(&at)
        });
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].cluster_length, 1024);
    }

    #[test]
    fn two_volumes_with_clusters_of_two_sizes() {
        let fixes = [
            fix(51_200, 10),
            fix(51_712, 11),
            fix(1 << 20, 20),
            fix((1 << 20) + 8192, 21),
        ];
        let found = grids(&fixes, &[], |_| false);
        let lengths: Vec<_> = found.iter().map(|grid| grid.cluster_length).collect();
        assert_eq!(lengths, [512, 8192]);
    }
}
