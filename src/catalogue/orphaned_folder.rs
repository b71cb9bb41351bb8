//! Directories no folder leads to any more, found on the surface and read like the others.

use std::collections::BTreeSet;

use super::copy::{CopyState, CopyWithBytes, LOOK, Origin};
use super::found::Catalogue;
use super::node::{Node, Role, is_expected};
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
    own: Option<Fix>,
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
    let copies = surface.artifacts.iter().map(|copy| copy.extent.offset);
    let copies: BTreeSet<u64> = copies.collect();
    let dots = surface.dots.iter().map(|dots| dots.offset);
    let mut orphans = Orphans {
        sectors,
        begins: dots.chain(copies.iter().copied()).collect(),
        copies,
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
        let mut near = near.unwrap_or_default().iter();
        near.any(|extent| extent.end() > offset)
    };
    let dots = |offset: u64| place_of(&surface.dots, offset).and_then(|at| surface.dots.get(at));
    let mut stretches: Vec<Extent> = Vec::new();
    let sectors_left = surface.directories.iter().copied();
    for offset in sectors_left.filter(|offset| !is_known(*offset)) {
        let goes_on = |last: &Extent| last.end() == offset && last.length < LONGEST;
        match stretches.last_mut() {
            Some(last) if goes_on(last) && dots(offset).is_none() => {
                last.length = last.length.saturating_add(512);
            }
            _ => stretches.push(Extent::from((offset, 512))),
        }
    }
    let read = |extent: Extent| Piece {
        extent,
        own: dots(extent.offset).copied(),
        found: directory::read_stretch(sectors, extent, wire::looks_like_backup),
        grid: None,
        node: None,
    };
    stretches.into_iter().map(read).collect()
}

/// Which of these, in ascending order, lies there.
fn place_of(fixes: &[Fix], offset: u64) -> Option<usize> {
    fixes.binary_search_by_key(&offset, |fix| fix.offset).ok()
}

impl Orphans<'_> {
    /// The clusters of the volumes, and of those that are gone, by what their directories say.
    fn find_grids(&mut self, surface: &Surface) {
        let volumes = self.catalogue.volumes.iter().enumerate();
        let known = volumes.filter_map(|(index, volume)| {
            let geometry = volume.geometry?;
            let grid = Grid {
                data: geometry.data,
                cluster_length: geometry.cluster_length,
            };
            let volume = Some(index);
            Some(Clusters { grid, volume })
        });
        self.grids.extend(known);
        let lies_in = |grids: &[Clusters], fix: &Fix| {
            let mut grids = grids.iter();
            grids.position(|one| one.grid.offset(fix.cluster) == Some(fix.offset))
        };
        let fixes = surface.dots.iter().copied();
        let fixes: Vec<Fix> = fixes
            .filter(|fix| lies_in(&self.grids, fix).is_none())
            .collect();
        let links = self.pieces.iter().filter_map(|piece| {
            let index = place_of(&fixes, piece.extent.offset)?;
            let entries = piece.found.entries.iter();
            Some(entries.map(move |entry| (index, entry.cluster)))
        });
        let links: Vec<(usize, Cluster)> = links.flatten().collect();
        let grids = infer::grids(&fixes, &links, |offset| self.begins.contains(&offset));
        let grids = grids
            .into_iter()
            .map(|grid| Clusters { grid, volume: None });
        self.grids.extend(grids);
        for piece in &mut self.pieces {
            piece.grid = piece.own.and_then(|fix| lies_in(&self.grids, &fix));
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
            .own
            .and_then(|own| self.named(index, grid, own.cluster));
        let is_wallet = |entry: &Entry| entry.is_directory() && entry.name.parse::<Id>().is_ok();
        let holds_wallets = piece.found.entries.iter().any(is_wallet);
        let is_copy = |entry: &Entry| FileName::parse(&entry.name).is_some();
        let holds_copies = piece.found.entries.iter().any(is_copy);
        let (parent, name) = match named {
            Some((from, entry)) => (self.folder(from, depth.saturating_add(1)), entry.name),
            None => (None, format!("(folder at byte {})", extent.offset)),
        };
        let role = match name.parse::<Id>() {
            Ok(id) => Role::Wallet(Some(id)),
            Err(_) if holds_copies => Role::Wallet(None),
            Err(_) if holds_wallets => Role::Bitbox02,
            Err(_) => Role::Other,
        };
        let above = parent.and_then(|parent| self.catalogue.nodes.get(parent));
        let base = above.map_or("", |above| above.path.as_str());
        let volume = grid.and_then(|grid| self.grids.get(grid)?.volume);
        let node = self.catalogue.push(Node {
            parent,
            volume,
            is_directory: true,
            role,
            extents: vec![extent],
            ..Node::new(format!("{base}/{name}"), name, Origin::Carved)
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
            let other = from != index && (piece.grid == Some(grid) || piece.own.is_none());
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
        let base = above.map_or("", |above| above.path.as_str());
        let path = format!("{base}/{}", entry.name);
        let size = u64::from(entry.raw.size());
        let (name, cluster) = (entry.name.clone(), entry.cluster);
        let wanted = is_expected(&name, size, parent_role);
        let place = match wanted && size > 0 {
            true => self.place(cluster, grid),
            false => None,
        };
        let volume = place.and_then(|(_, grid)| self.grids.get(grid)?.volume);
        let run = place.map(|(offset, _)| Extent::from((offset, size.min(LOOK))));
        let node = self.catalogue.push(Node {
            parent: folder,
            volume,
            size,
            entry: Some(entry),
            role: Role::of(parent_role, &[&name], false),
            extents: run.into_iter().collect(),
            ..Node::new(path, name.clone(), Origin::Carved)
        });
        let is_new = |run: &Extent| !self.catalogue.places.contains_key(&run.offset);
        let Some(run) = run.filter(is_new) else {
            return;
        };
        let mut bytes = zeroize::Zeroizing::new(vec![0; usize::try_from(run.length).unwrap_or(0)]);
        let read = self.sectors.read(run.offset, &mut bytes);
        let runs = [run];
        let file = self.catalogue.candidate(node, &runs, &bytes);
        let found = match read {
            Ok(()) => file.itself(),
            Err(_) => file.unread(),
        };
        // Of a file whose place was used again since only the name is left.
        let gone = |(copy, _): &CopyWithBytes| {
            copy.state == CopyState::Foreign
                || copy.state == CopyState::Damaged
                    && !self.copies.contains(&run.offset)
                    && !wire::looks_like_backup(&bytes)
        };
        if let Some(copy) = found.filter(|copy| !gone(copy)) {
            self.catalogue.add_copy(copy);
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
