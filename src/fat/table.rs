//! The file allocation tables: links, chains, and where two copies disagree.

use super::cluster::Cluster;
use super::geometry::{FatKind, Geometry};
use crate::image::{ReadError, Sectors};

/// What a FAT says of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Nothing lies there.
    Free,
    /// The chain goes on in this cluster.
    Next(Cluster),
    /// Marked bad.
    Bad,
    /// The chain ends here.
    End,
    /// 1, or a number the volume has no cluster for.
    Invalid(u32),
}

/// How a chain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainEnd {
    /// At an end mark.
    End,
    /// As many clusters as were asked for were found; the rest was not looked at.
    Enough,
    /// In a free cluster.
    Free,
    /// In a cluster marked bad.
    Bad,
    /// In a number that is no cluster.
    Invalid,
    /// In a cluster already in the chain.
    Loop,
    /// Where the FAT cannot be read.
    Unreadable,
}

/// The clusters of a file or directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// In order, each once.
    pub clusters: Vec<Cluster>,
    /// Why there are no more.
    pub end: ChainEnd,
}

/// A cluster for which two FATs say different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FatDifference {
    /// The cluster.
    pub cluster: Cluster,
    /// What the first FAT says.
    pub first: Link,
    /// What the second FAT says, `None` if it cannot be read.
    pub second: Option<Link>,
    /// Where the second FAT's entry lies: bytes from the start of the card.
    pub offset: u64,
}

/// Reads the link of a cluster in one of the FATs, 0 the first.
pub fn link(
    sectors: &Sectors<'_>,
    geometry: &Geometry,
    copy: u8,
    cluster: Cluster,
) -> Result<Link, ReadError> {
    let (offset, bit) = geometry.link_offset(copy, cluster);
    let mut bytes = [0; 4];
    let width = if geometry.kind == FatKind::Fat32 {
        4
    } else {
        2
    };
    if let Some(bytes) = bytes.get_mut(..width) {
        sectors.read(offset, bytes)?;
    }
    let (value, end) = match geometry.kind {
        FatKind::Fat12 => ((u32::from_le_bytes(bytes) >> bit) & 0xFFF, 0xFF8),
        FatKind::Fat16 => (u32::from_le_bytes(bytes), 0xFFF8),
        FatKind::Fat32 => (u32::from_le_bytes(bytes) & 0x0FFF_FFFF, 0x0FFF_FFF8),
    };
    Ok(match value {
        0 => Link::Free,
        value if value >= end => Link::End,
        value if value.checked_add(1) == Some(end) => Link::Bad,
        value if geometry.cluster_offset(Cluster(value)).is_some() => Link::Next(Cluster(value)),
        value => Link::Invalid(value),
    })
}

/// What the second FAT says of a cluster, if there is one and its chain goes on or ends there.
pub fn link_of_second(
    sectors: &Sectors<'_>,
    geometry: &Geometry,
    cluster: Cluster,
) -> Option<Link> {
    if geometry.num_fats < 2 {
        return None;
    }
    let second = link(sectors, geometry, 1, cluster).ok();
    second.filter(|link| matches!(link, Link::Next(_) | Link::End))
}

/// Follows a chain for at most `most` clusters; where the first FAT breaks it off, through the second
/// one, if that goes on. Returns whether it did.
pub fn chain_by_both(
    sectors: &Sectors<'_>,
    geometry: &Geometry,
    start: Cluster,
    most: usize,
) -> (Chain, bool) {
    let mut used = false;
    let chain = follow(geometry, start, most, |at| {
        let first = link(sectors, geometry, 0, at);
        if matches!(first, Ok(Link::Next(_) | Link::End)) {
            return first;
        }
        let second = link_of_second(sectors, geometry, at);
        used |= second.is_some();
        second.map_or(first, Ok)
    });
    (chain, used)
}

/// Follows a chain through the first FAT for at most `most` clusters.
pub fn chain(sectors: &Sectors<'_>, geometry: &Geometry, start: Cluster, most: usize) -> Chain {
    follow(geometry, start, most, |at| link(sectors, geometry, 0, at))
}

fn follow(
    geometry: &Geometry,
    start: Cluster,
    most: usize,
    mut link: impl FnMut(Cluster) -> Result<Link, ReadError>,
) -> Chain {
    let mut clusters = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut at = start;
    let end = loop {
        if geometry.cluster_offset(at).is_none() {
            break ChainEnd::Invalid;
        }
        if !seen.insert(at) {
            break ChainEnd::Loop;
        }
        clusters.push(at);
        if clusters.len() >= most {
            break ChainEnd::Enough;
        }
        match link(at) {
            Ok(Link::Next(next)) => at = next,
            Ok(Link::End) => break ChainEnd::End,
            Ok(Link::Free) => break ChainEnd::Free,
            Ok(Link::Bad) => break ChainEnd::Bad,
            Ok(Link::Invalid(_)) => break ChainEnd::Invalid,
            Err(_) => break ChainEnd::Unreadable,
        }
    };
    Chain { clusters, end }
}

/// Where the second FAT disagrees with the first about these clusters.
pub fn differences(
    sectors: &Sectors<'_>,
    geometry: &Geometry,
    clusters: &[Cluster],
) -> Vec<FatDifference> {
    if geometry.num_fats < 2 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for cluster in clusters {
        let Ok(first) = link(sectors, geometry, 0, *cluster) else {
            continue;
        };
        let second = link(sectors, geometry, 1, *cluster).ok();
        if second != Some(first) {
            let (offset, _) = geometry.link_offset(1, *cluster);
            found.push(FatDifference {
                cluster: *cluster,
                first,
                second,
                offset,
            });
        }
    }
    found
}
