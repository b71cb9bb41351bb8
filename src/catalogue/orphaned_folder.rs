//! Directories no folder leads to any more, found on the surface and read like the others.

use std::collections::{BTreeMap, BTreeSet};

use super::copy::{self, CopyState, LOOK, Origin};
use super::found::Catalogue;
use super::node::{Node, Role};
use super::runs::limited;
use crate::backup::{FileName, Id, wire};
use crate::carve::Surface;
use crate::fat::cluster::Cluster;
use crate::fat::directory::{self, Directory, Entry};
use crate::fat::infer::{self, Fix, Grid};
use crate::image::{Extent, Sectors};

/// Longest stretch read as one directory.
const LONGEST: u64 = 256 << 10;
/// Deepest path put together.
const MAX_DEPTH: usize = 24;

/// A stretch of sectors that are part of one directory.
struct Piece {
    extent: Extent,
    /// Its own cluster, where its `.` says it.
    cluster: Option<Cluster>,
    found: Directory,
    /// Where its clusters lie: an index in [`Orphans::grids`].
    grid: Option<usize>,
    node: Option<usize>,
}

/// A volume's clusters, as far as they are known.
struct Clusters {
    grid: Grid,
    /// The volume, where there is one in the catalogue.
    volume: Option<usize>,
}

struct Orphans<'a> {
    sectors: &'a Sectors<'a>,
    catalogue: &'a mut Catalogue,
    /// Where something recognized begins, a directory or a copy.
    begins: BTreeSet<u64>,
    /// Where a copy recognized begins: a file never lies where a directory does.
    copies: BTreeSet<u64>,
    grids: Vec<Clusters>,
    pieces: Vec<Piece>,
}

/// Adds every directory of the surface that was not read yet, with the copies its entries lead to.
pub(super) fn add(sectors: &Sectors<'_>, surface: &Surface, catalogue: &mut Catalogue) {
    let pieces = pieces(sectors, surface, catalogue);
    let begins = surface
        .artifacts
        .iter()
        .map(|artifact| artifact.extent.offset)
        .chain(surface.dots.iter().map(|dots| dots.offset));
    let mut orphans = Orphans {
        sectors,
        begins: begins.collect(),
        copies: surface
            .artifacts
            .iter()
            .map(|artifact| artifact.extent.offset)
            .collect(),
        catalogue,
        grids: Vec::new(),
        pieces,
    };
    orphans.find_grids(surface);
    for index in 0..orphans.pieces.len() {
        orphans.folder(index, 0);
    }
    for index in 0..orphans.pieces.len() {
        orphans.entries(index);
    }
}

/// The stretches of directories not read yet. Each begins at a `.` or at a slot worth a line.
fn pieces(sectors: &Sectors<'_>, surface: &Surface, catalogue: &Catalogue) -> Vec<Piece> {
    let mut known = catalogue.directories.clone();
    known.sort_unstable();
    let is_known = |offset: u64| {
        let before = known.partition_point(|extent| extent.offset <= offset);
        // Extents of crossing chains may overlap: a few before are looked at too.
        let near = known.get(before.saturating_sub(8)..before);
        near.unwrap_or_default()
            .iter()
            .any(|extent| extent.end() > offset)
    };
    let dots: BTreeMap<u64, Cluster> = surface
        .dots
        .iter()
        .map(|dots| (dots.offset, dots.cluster))
        .collect();
    let mut stretches: Vec<Extent> = Vec::new();
    for offset in surface.directories.iter().copied() {
        if is_known(offset) {
            continue;
        }
        match stretches.last_mut() {
            Some(last)
                if last.end() == offset && !dots.contains_key(&offset) && last.length < LONGEST =>
            {
                last.length = last.length.saturating_add(512);
            }
            _ => stretches.push(Extent {
                offset,
                length: 512,
            }),
        }
    }
    let read = |extent: Extent| Piece {
        extent,
        cluster: dots.get(&extent.offset).copied(),
        found: directory::read_stretch(sectors, extent, true, wire::looks_like_backup),
        grid: None,
        node: None,
    };
    stretches.into_iter().map(read).collect()
}

impl Orphans<'_> {
    /// The clusters of the volumes, and of those that are gone, by what their directories say.
    fn find_grids(&mut self, surface: &Surface) {
        for (index, volume) in self.catalogue.volumes.iter().enumerate() {
            if let Some(geometry) = volume.geometry {
                self.grids.push(Clusters {
                    grid: Grid {
                        data: geometry.data,
                        cluster_length: geometry.cluster_length,
                    },
                    volume: Some(index),
                });
            }
        }
        let lies_in = |grids: &[Clusters], fix: Fix| {
            grids
                .iter()
                .position(|one| one.grid.offset(fix.cluster) == Some(fix.offset))
        };
        let fixes: Vec<Fix> = surface
            .dots
            .iter()
            .map(|dots| Fix {
                offset: dots.offset,
                cluster: dots.cluster,
            })
            .filter(|fix| lies_in(&self.grids, *fix).is_none())
            .collect();
        let places: BTreeMap<u64, usize> = fixes
            .iter()
            .enumerate()
            .map(|(index, fix)| (fix.offset, index))
            .collect();
        let links: Vec<(usize, Cluster)> = self
            .pieces
            .iter()
            .filter_map(|piece| Some((*places.get(&piece.extent.offset)?, piece)))
            .flat_map(|(index, piece)| {
                let entries = piece.found.entries.iter();
                entries.map(move |entry| (index, entry.cluster))
            })
            .collect();
        for (grid, _) in infer::grids(&fixes, &links, |offset| self.begins.contains(&offset)) {
            self.grids.push(Clusters { grid, volume: None });
        }
        for piece in &mut self.pieces {
            piece.grid = piece.cluster.and_then(|cluster| {
                let fix = Fix {
                    offset: piece.extent.offset,
                    cluster,
                };
                lies_in(&self.grids, fix)
            });
        }
    }

    /// The folder a piece is, under the folder that names it where that is known.
    fn folder(&mut self, index: usize, depth: usize) -> Option<usize> {
        let piece = self.pieces.get(index)?;
        if piece.node.is_some() || depth >= MAX_DEPTH || self.catalogue.is_full() {
            return piece.node;
        }
        let (extent, grid) = (piece.extent, piece.grid);
        let named = piece
            .cluster
            .and_then(|cluster| self.named(index, grid, cluster));
        let ids = |piece: &Piece| {
            let names = piece.found.entries.iter();
            names
                .filter(|entry| entry.is_directory() && entry.name.parse::<Id>().is_ok())
                .count()
        };
        let holds_wallets = ids(piece) > 0;
        let holds_copies = piece
            .found
            .entries
            .iter()
            .any(|entry| FileName::parse(&entry.name).is_some());
        let unnamed = format!("(folder at byte {})", extent.offset);
        let parent = named
            .as_ref()
            .and_then(|(from, _)| self.folder(*from, depth.saturating_add(1)));
        let name = named.map_or_else(|| unnamed.clone(), |(_, entry)| entry.name);
        let role = match name.parse::<Id>() {
            Ok(id) => Role::Wallet(Some(id)),
            Err(_) if holds_copies => Role::Wallet(None),
            Err(_) if holds_wallets => Role::Bitbox02,
            Err(_) => Role::Other,
        };
        let above = parent.and_then(|parent| self.catalogue.nodes.get(parent));
        let path = above.map_or_else(
            || format!("/{name}"),
            |above| format!("{}/{name}", above.path),
        );
        let volume = grid.and_then(|grid| self.grids.get(grid)?.volume);
        let node = self.catalogue.push(Node {
            is_text: false,
            path,
            name,
            parent,
            volume,
            is_directory: true,
            size: 0,
            entry: None,
            role,
            extents: vec![extent],
            origin: Origin::Carved,
        });
        if let Some(piece) = self.pieces.get_mut(index) {
            piece.node = Some(node);
        }
        Some(node)
    }

    /// The entry that names the folder of a cluster, and the piece it stands in.
    fn named(&self, index: usize, grid: Option<usize>, cluster: Cluster) -> Option<(usize, Entry)> {
        let grid = grid?;
        self.pieces.iter().enumerate().find_map(|(from, piece)| {
            let other = from != index && (piece.grid == Some(grid) || piece.cluster.is_none());
            let entry = piece.found.entries.iter().find(|entry| {
                entry.is_directory() && !entry.is_dot() && entry.cluster == cluster
            })?;
            other.then(|| (from, entry.clone()))
        })
    }

    /// The files of a piece, and the names of which nothing else is left.
    fn entries(&mut self, index: usize) {
        let Some(piece) = self.pieces.get_mut(index) else {
            return;
        };
        let (folder, grid) = (piece.node, piece.grid);
        let entries = std::mem::take(&mut piece.found.entries);
        let orphans = std::mem::take(&mut piece.found.orphans);
        self.catalogue.see_parts(&orphans, &entries);
        for orphan in orphans {
            let offset = orphan.slots.first().copied();
            self.catalogue.see(&orphan.name, offset, Origin::Carved);
        }
        for entry in entries {
            if self.catalogue.is_full() {
                return;
            }
            if entry.is_label() || entry.is_dot() {
                continue;
            }
            if entry.is_directory() {
                self.catalogue
                    .see(&entry.name, Some(entry.offset), Origin::Carved);
            } else {
                self.file(entry, folder, grid);
            }
        }
    }

    fn file(&mut self, entry: Entry, folder: Option<usize>, grid: Option<usize>) {
        let above = folder.and_then(|folder| self.catalogue.nodes.get(folder));
        let parent_role = above.map(|above| above.role);
        let base = above.map_or(String::new(), |above| above.path.clone());
        let in_wallet = matches!(parent_role, Some(Role::Bitbox02 | Role::Wallet(_)));
        let size = u64::from(entry.raw.size());
        let (name, cluster) = (entry.name.clone(), entry.cluster);
        let wanted = copy::is_expected(&name, size, in_wallet);
        let place = if wanted && size > 0 {
            self.place(cluster, grid)
        } else {
            None
        };
        let volume = place.and_then(|(_, grid)| self.grids.get(grid)?.volume);
        let runs = place.map_or(Vec::new(), |(offset, _)| {
            let run = Extent {
                offset,
                length: size,
            };
            limited(vec![run], size.min(LOOK))
        });
        let node = self.catalogue.push(Node {
            is_text: false,
            path: format!("{base}/{name}"),
            name: name.clone(),
            parent: folder,
            volume,
            is_directory: false,
            size,
            entry: Some(entry),
            role: Role::of(parent_role, &[&name], false),
            extents: runs.clone(),
            origin: Origin::Carved,
        });
        let Some(run) = runs.first().copied() else {
            return;
        };
        if self.catalogue.places.contains_key(&run.offset) {
            return;
        }
        let mut bytes = zeroize::Zeroizing::new(vec![0; usize::try_from(run.length).unwrap_or(0)]);
        let read = self.sectors.read(run.offset, &mut bytes).is_ok();
        let bytes_read = read.then(|| bytes.as_slice());
        let found = copy::examine(node, &name, size, Origin::Carved, runs, bytes_read);
        // Of a file whose place was used again since only the name is left.
        let gone = |copy: &copy::BackupCopy| {
            copy.state == CopyState::Foreign
                || copy.state == CopyState::Damaged
                    && !self.copies.contains(&run.offset)
                    && !wire::looks_like_backup(&bytes)
        };
        if let Some(copy) = found.filter(|copy| !gone(copy)) {
            self.catalogue.add_copy(copy, bytes);
        }
    }

    /// Where a cluster lies: by the folder's own clusters, else wherever something recognized begins.
    fn place(&self, cluster: Cluster, grid: Option<usize>) -> Option<(u64, usize)> {
        let offset = |grid: usize, cluster: Cluster| {
            let offset = self.grids.get(grid)?.grid.offset(cluster)?;
            (offset < self.sectors.image().size()).then_some((offset, grid))
        };
        // A computer may have cleared the upper half of a deleted entry's cluster.
        let highs = (0..64_u32).map(|half| cluster.with_upper_half(half));
        let begins = |place: &(u64, usize)| self.copies.contains(&place.0);
        // Two volumes, one formatted over the other, may both have a cluster of this number where the
        // folder lies: then only what begins at the place tells them apart.
        let elsewhere = || {
            let places = (0..self.grids.len()).filter_map(|grid| offset(grid, cluster));
            places.into_iter().find(|place| begins(place))
        };
        let Some(grid) = grid else {
            return elsewhere();
        };
        offset(grid, cluster)
            .filter(begins)
            .or_else(|| {
                let found = highs.clone().filter_map(|cluster| offset(grid, cluster));
                found.filter(begins).min_by_key(|(offset, _)| *offset)
            })
            .or_else(elsewhere)
            .or_else(|| offset(grid, cluster))
    }
}
