//! What the surface of a card gives beyond its directories.

use std::ops::Range;

use super::copy::{BackupCopy, CandidateFile, CopyState, Looked, Origin};
use super::found::Catalogue;
use super::runs::there;
use super::{container, find_volumes, orphaned_folder, walk};
use crate::backup::recognize::{self, TraceKind};
use crate::carve::{self, Carved, Recognizer, Surface};
use crate::image::{Extent, ReadAt, SECTOR, Sectors};

/// What is named where there is no path.
const SURFACE: &str = "the surface";

/// Adds what the surface, or a part of it, holds beside what is known already: volumes no record leads
/// to, directories no folder leads to, and copies no entry leads to.
pub(super) fn add(
    sectors: &Sectors<'_>,
    looked: Looked,
    surface: &Surface,
    catalogue: &mut Catalogue,
) {
    for extent in &surface.unreadable {
        catalogue.unreadable(SURFACE, *extent, sectors.image());
    }
    if surface.cut {
        catalogue.too_much_once(SURFACE);
    }
    let before = catalogue.volumes.len();
    for offset in &surface.boot_sectors {
        find_volumes::add_found(sectors, *offset, &surface.tables, catalogue);
    }
    for index in before..catalogue.volumes.len() {
        walk::volume(sectors, index, looked, catalogue);
    }
    orphaned_folder::add(sectors, surface, catalogue);
    // Whole ones first, so that no crowd of fragments takes their room.
    let (whole, parts): (Vec<_>, Vec<_>) = surface
        .artifacts
        .iter()
        .partition(|artifact| artifact.whole);
    for artifact in whole.into_iter().chain(parts) {
        add_carved(sectors, artifact, catalogue);
    }
    for text in &surface.texts {
        add_text(sectors, *text, catalogue);
    }
    for offset in &surface.archives {
        container::add_archive(sectors, *offset, catalogue);
    }
    for offset in &surface.containers {
        container::note(sectors, *offset, catalogue);
    }
    let is_damaged = |copy: &BackupCopy| copy.state == CopyState::Damaged;
    if looked == Looked::Surface && catalogue.copies.iter().any(is_damaged) {
        add_ids(sectors, catalogue);
    }
}

/// Adds the IDs that stand as a text somewhere: only damaged copies are tried against them, and to look for them takes as
/// long as half a search.
fn add_ids(sectors: &Sectors<'_>, catalogue: &mut Catalogue) {
    let recognizer = Recognizer {
        contents: |_, _, _, _| false,
        name: |_| false,
        ids: true,
    };
    let found = carve::scan(sectors.image(), &recognizer);
    if found.cut {
        catalogue.too_much_once(SURFACE);
    }
    for (offset, id) in found.ids {
        catalogue.see_text(&id, Some(offset), Origin::Carved);
    }
}

/// Adds a copy nothing led to but its own bytes.
fn add_carved(sectors: &Sectors<'_>, artifact: &Carved, catalogue: &mut Catalogue) {
    let extent = there(artifact.extent, sectors.image());
    let length = extent.length;
    if length == 0 || catalogue.covers(extent, artifact.whole) || catalogue.is_full() {
        return;
    }
    let Ok(bytes) = carve::read_restored(sectors.image(), extent) else {
        return;
    };
    let owner = catalogue.owner(extent.offset);
    if owner.is_some_and(|owner| catalogue.holds_equal(owner, &bytes)) {
        // A member of an archive that lies there as it is.
        return;
    }
    let node = owner.unwrap_or_else(|| catalogue.push_nameless(extent));
    let extents = [extent];
    let file = CandidateFile {
        size: length,
        ..catalogue.candidate(node, &extents, &bytes)
    };
    let copy = file.carved();
    catalogue.add_copy(copy);
}

/// Adds the copies that a text holds which no entry leads to.
fn add_text(sectors: &Sectors<'_>, text: Extent, catalogue: &mut Catalogue) {
    let is_known = catalogue.owner(text.offset).is_some() || catalogue.covers(text, true);
    if is_known || catalogue.is_full() {
        return;
    }
    // The last sector may hold too little of a text to be recognized by itself.
    let left = sectors.image().size().saturating_sub(text.offset);
    let length = text.length.saturating_add(SECTOR as u64).min(left);
    let whole = Extent { length, ..text };
    let Ok(bytes) = carve::read_restored(sectors.image(), whole) else {
        return;
    };
    let bytes = bytes.get(..carve::text_length(&bytes)).unwrap_or_default();
    let size = bytes.len() as u64;
    let extent = Extent {
        length: size,
        ..text
    };
    let file = CandidateFile {
        node: 0,
        name: "",
        size,
        origin: Origin::Carved,
        extents: &[extent],
        bytes,
    };
    let found = file.texts();
    if found.is_empty() {
        return;
    }
    let node = catalogue.push_nameless(extent);
    for (copy, bytes) in found {
        catalogue.add_copy((BackupCopy { node, ..copy }, bytes));
    }
}

/// Looks at the whole surface for traces of backups.
pub fn surface(image: &dyn ReadAt) -> Surface {
    let recognizer = Recognizer {
        contents: traces,
        name: may_be_a_name,
        ids: false,
    };
    carve::scan(image, &recognizer)
}

fn traces(bytes: &[u8], range: Range<usize>, start: u64, found: &mut Vec<Carved>) -> bool {
    let mut traces = Vec::new();
    let more = recognize::traces(bytes, range, &mut traces);
    found.extend(traces.into_iter().map(|trace| Carved {
        weight: match trace.kind {
            TraceKind::Erased => 1,
            TraceKind::Part(fits) => fits,
            TraceKind::Header => 100,
            TraceKind::Whole => 101,
        },
        whole: trace.kind == TraceKind::Whole,
        extent: Extent {
            offset: start.saturating_add(trace.range.start as u64),
            length: trace.range.len() as u64,
        },
    }));
    more
}

/// Whether a slot of a long name can be part of an id or of the name of a copy.
fn may_be_a_name(units: &[u16; 13]) -> bool {
    let letter = |unit: &u16| {
        let byte = u8::try_from(*unit).ok()?;
        let is_one = byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        is_one.then_some(char::from(byte))
    };
    let units = units.iter().take_while(|unit| **unit != 0);
    let Some(text) = units.map(letter).collect::<Option<String>>() else {
        return false;
    };
    let parts = ["backup_", "-", "_0.bin", "_1.bin", "_2.bin", "bitbox02"];
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.len() >= 8 && (is_hex || parts.iter().any(|part| text.contains(part)))
}
