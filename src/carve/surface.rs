//! What a surface holds, put together from its pieces in order.

use std::ops::Range;

use crate::fat::infer::Fix;
use crate::image::Extent;

/// Most artifacts, whole ones and others counted apart.
const MOST_ARTIFACTS: usize = 6000;
/// Most sectors of directories with names.
const MOST_DIRECTORIES: usize = 6000;
/// Most directories known by their `.` entry only.
const MOST_DOTS: usize = 20_000;
/// Most boot sectors, and most beginnings of FATs.
const MOST_BOOT_SECTORS: usize = 64;
/// Most IDs: every candidate for a seed is held against each.
const MOST_IDS: usize = 64;

/// Most archives.
const MOST_ARCHIVES: usize = 64;
/// Most beginnings of what holds others in a form that is not read.
const MOST_CONTAINERS: usize = 4096;
/// Most texts of digits, and most bytes of one.
const MOST_TEXTS: usize = 256;
const MOST_TEXT: u64 = 1 << 20;

/// What is looked for beside file systems.
#[derive(Clone, Copy)]
pub struct Recognizer {
    /// Finds artifacts with an anchor in a range of bytes, which begins where a sector does, and
    /// says whether there was more than it looked at. They come in ascending order, and no two
    /// overlap; the number says where on the card the bytes begin.
    pub contents: fn(&[u8], Range<usize>, u64, &mut Vec<Carved>) -> bool,
    /// Whether a slot of a long name is worth a line.
    pub name: fn(&[u16; 13]) -> bool,
    /// Whether IDs that stand as a text are looked for, too.
    pub ids: bool,
}

/// Something recognized, with its place on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Carved {
    /// Where it lies.
    pub extent: Extent,
    /// How sure it is; of two that overlap, each from another piece, the surer counts.
    pub weight: u32,
    /// Whether it is whole.
    pub whole: bool,
}

/// What a surface holds, everything in ascending order.
#[derive(Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Surface {
    /// What the recognizer knew; no two overlap.
    pub artifacts: Vec<Carved>,
    /// Sectors with slots of names worth a line: bytes from the start of the card.
    pub directories: Vec<u64>,
    /// Directories known by their `.` entry.
    pub dots: Vec<Fix>,
    /// Sectors that can be the boot sector of a FAT volume: bytes from the start of the card.
    pub boot_sectors: Vec<u64>,
    /// Sectors that begin as a FAT does.
    pub tables: Vec<u64>,
    /// IDs as a text, each with where it begins.
    pub ids: Vec<(u64, String)>,
    /// Texts of digits, from the sector they begin in to the last that is one; more of each may follow.
    pub texts: Vec<Extent>,
    /// Sectors that begin as an archive does.
    pub archives: Vec<u64>,
    /// Sectors that begin as something does that holds others compressed, encrypted, or as a disk image.
    pub containers: Vec<u64>,
    /// What cannot be read.
    pub unreadable: Vec<Extent>,
    /// Whether there was more than is kept.
    pub cut: bool,
    /// How many artifacts are whole, and how many are not.
    counts: [usize; 2],
}

impl Surface {
    /// Whether anything of a card or of a backup is there, beside what may begin a FAT: any few bytes may.
    pub fn has_signs(&self) -> bool {
        let sectors = [&self.directories, &self.boot_sectors, &self.archives];
        sectors.iter().any(|sectors| !sectors.is_empty())
            || !(self.artifacts.is_empty() && self.dots.is_empty())
            || !(self.ids.is_empty() && self.texts.is_empty())
    }

    /// Adds what the next piece holds.
    pub(super) fn add(&mut self, next: Surface) {
        for artifact in next.artifacts {
            self.add_artifact(artifact);
        }
        next.ids.into_iter().for_each(|id| self.add_id(id));
        next.texts.into_iter().for_each(|text| self.add_text(text));
        // More of the others than are kept only make guesses at a layout less sure.
        fill(&mut self.dots, next.dots, MOST_DOTS);
        fill(&mut self.boot_sectors, next.boot_sectors, MOST_BOOT_SECTORS);
        fill(&mut self.tables, next.tables, MOST_BOOT_SECTORS);
        fill(&mut self.archives, next.archives, MOST_ARCHIVES);
        self.cut |= next.cut
            | fill(&mut self.directories, next.directories, MOST_DIRECTORIES)
            | fill(&mut self.containers, next.containers, MOST_CONTAINERS);
    }

    /// Adds an ID, unless it is known.
    fn add_id(&mut self, id: (u64, String)) {
        if self.ids.iter().any(|(_, known)| *known == id.1) {
            return;
        }
        match self.ids.len() < MOST_IDS {
            true => self.ids.push(id),
            false => self.cut = true,
        }
    }

    /// Adds sectors of a text, to the one before if they follow it.
    pub(super) fn add_text(&mut self, text: Extent) {
        if let Some(last) = self.texts.last_mut()
            && last.end() == text.offset
            && last.length.saturating_add(text.length) <= MOST_TEXT
        {
            last.length = last.length.saturating_add(text.length);
        } else if self.texts.len() < MOST_TEXTS {
            self.texts.push(text);
        } else {
            self.cut = true;
        }
    }

    fn add_artifact(&mut self, artifact: Carved) {
        let kind = |artifact: &Carved| usize::from(!artifact.whole);
        if let Some(last) = self.artifacts.last()
            && artifact.extent.offset < last.extent.end()
        {
            if artifact.weight <= last.weight {
                return;
            }
            if let Some(count) = self.counts.get_mut(kind(last)) {
                *count = count.saturating_sub(1);
            }
            self.artifacts.pop();
        }
        match self.counts.get_mut(kind(&artifact)) {
            Some(count) if *count < MOST_ARTIFACTS => {
                *count = count.saturating_add(1);
                self.artifacts.push(artifact);
            }
            _ => self.cut = true,
        }
    }
}

/// Appends as many as there is room for, and says whether some were left out.
fn fill<T>(all: &mut Vec<T>, more: Vec<T>, most: usize) -> bool {
    let room = most.saturating_sub(all.len());
    let left_out = more.len() > room;
    all.extend(more.into_iter().take(room));
    left_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_counts_once_and_more_than_are_kept_are_said() {
        let id = |number: usize| (number as u64 * 100, format!("{number:064x}"));
        let piece = |ids: Vec<(u64, String)>| Surface {
            ids,
            ..Surface::default()
        };
        let mut surface = Surface::default();
        surface.add(piece(vec![id(0); 1000]));
        surface.add(piece((0..MOST_IDS).chain(0..MOST_IDS).map(id).collect()));
        assert_eq!((surface.ids.len(), surface.cut), (MOST_IDS, false));
        surface.add(piece(vec![id(MOST_IDS)]));
        assert_eq!((surface.ids.len(), surface.cut), (MOST_IDS, true));
    }
}
