//! The whole way over a card: its volumes, their directories, its surface.

use super::copy::Looked;
use super::found::Catalogue;
use super::problem::Problem;
use super::{find_volumes, lost_clusters, surface, walk};
use crate::image::{Extent, Fault, ReadAt, Sectors, join};
use crate::partition;

/// Finds everything on a card.
pub fn locate(sectors: &Sectors<'_>, looked: Looked) -> Catalogue {
    let table = partition::read(sectors);
    let mut catalogue = Catalogue::default();
    let size = sectors.image().size();
    if !size.is_multiple_of(512) {
        let offset = size.saturating_sub(size % 512);
        catalogue.note(Problem::PartialSector { offset });
    }
    for partition in &table.partitions {
        find_volumes::open(sectors, *partition, &mut catalogue);
    }
    if looked >= Looked::Deleted {
        find_volumes::look_elsewhere(sectors, &mut catalogue);
    }
    find_volumes::note_cut(sectors, &table, &mut catalogue);
    catalogue.table = Some(table);
    for index in 0..catalogue.volumes.len() {
        walk::volume(sectors, index, looked, &mut catalogue);
    }
    let surface = match looked {
        Looked::Folders => None,
        Looked::Deleted => {
            let mut surface = lost_clusters::surface(sectors, &mut catalogue);
            surface.unreadable.extend(not_copied(sectors.image()));
            surface.unreadable.sort_unstable();
            surface.unreadable = join(surface.unreadable);
            Some(surface)
        }
        Looked::Surface => Some(surface::surface(sectors.image())),
    };
    if let Some(surface) = surface {
        surface::add(sectors, looked, &surface, &mut catalogue);
    }
    let cut = |problem: &Problem| {
        matches!(
            problem,
            Problem::TooMuch { .. }
                | Problem::Unreadable { .. }
                | Problem::InFolder { .. }
                | Problem::Unopened { .. }
                | Problem::UnopenedAt { .. }
                | Problem::VolumePastEnd { .. }
                | Problem::PartitionCut { .. }
        )
    };
    catalogue.looked = looked;
    catalogue.by_content = looked >= Looked::Deleted;
    catalogue.complete = looked == Looked::Surface
        && sectors.image().gaps().is_empty()
        && sectors.failed().is_empty()
        && !catalogue.is_opaque()
        && !catalogue.problems.iter().any(cut);
    catalogue
}

/// What of a card is not in its copy yet: without a search of all of it, nothing else asks for that.
fn not_copied(image: &dyn ReadAt) -> impl Iterator<Item = Extent> {
    let gaps = image.gaps().into_iter();
    gaps.filter(|gap| {
        let read = image.read_at(gap.offset, &mut [0]);
        read.is_err_and(|error| error.fault() == Fault::NotCopied)
    })
}
