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
    match geometry.kind {
        FatKind::Fat32 => sectors.read(offset, &mut bytes)?,
        FatKind::Fat12 | FatKind::Fat16 => sectors.read(offset, &mut bytes[..2])?,
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

/// The link of a cluster; where the first FAT breaks its chain off, that of the second if it does not. Whether it is
/// that of the second.
pub(super) fn link_by_both(
    sectors: &Sectors<'_>,
    geometry: &Geometry,
    cluster: Cluster,
) -> (Result<Link, ReadError>, bool) {
    let first = link(sectors, geometry, 0, cluster);
    let goes_on = |link: &Link| matches!(link, Link::Next(_) | Link::End);
    if first.as_ref().is_ok_and(goes_on) || geometry.num_fats < 2 {
        return (first, false);
    }
    match link(sectors, geometry, 1, cluster) {
        Ok(second) if goes_on(&second) => (Ok(second), true),
        _ => (first, false),
    }
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
        let (link, is_second) = link_by_both(sectors, geometry, at);
        used |= is_second;
        Some(link)
    });
    (chain, used)
}

/// Follows a chain through the first FAT for at most `most` clusters.
pub fn chain(sectors: &Sectors<'_>, geometry: &Geometry, start: Cluster, most: usize) -> Chain {
    follow(geometry, start, most, |at| {
        Some(link(sectors, geometry, 0, at))
    })
}

/// Follows a chain for at most `most` clusters, as long as there is a `link`.
pub(super) fn follow(
    geometry: &Geometry,
    start: Cluster,
    most: usize,
    mut link: impl FnMut(Cluster) -> Option<Result<Link, ReadError>>,
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
            Some(Ok(Link::Next(next))) => at = next,
            Some(Ok(Link::End)) => break ChainEnd::End,
            Some(Ok(Link::Free)) => break ChainEnd::Free,
            Some(Ok(Link::Bad)) => break ChainEnd::Bad,
            Some(Ok(Link::Invalid(_))) => break ChainEnd::Invalid,
            Some(Err(_)) => break ChainEnd::Unreadable,
            None => break ChainEnd::Enough,
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
    let difference = |cluster: &Cluster| {
        let first = link(sectors, geometry, 0, *cluster).ok()?;
        let second = link(sectors, geometry, 1, *cluster).ok();
        (second != Some(first)).then(|| FatDifference {
            cluster: *cluster,
            first,
            second,
            offset: geometry.link_offset(1, *cluster).0,
        })
    };
    let clusters = clusters.iter().filter(|_| geometry.num_fats > 1);
    clusters.filter_map(difference).collect()
}
