//! Who wrote a copy: the device leaves dates, name forms and slack no computer leaves
//! (docs/format.md 6).

use super::backup::{Backup, Writer};
use crate::catalogue::{BackupCopy, Catalogue, Node, Origin};
use crate::fat::entry::{RawEntry, attr};
use crate::fat::geometry::{FatKind, Geometry};
use crate::finding::{Finding, Rule};
use crate::image::Sectors;

/// 2019-01-01, the date of everything a device writes since v3.0.0.
const DEVICE_DATE: u16 = 0x4E21;
/// 2017-01-01, the date before.
const OLD_DEVICE_DATE: u16 = 0x4A21;

/// Tells who wrote a backup's live copies, with the reasons. Of a folder there are only names.
pub(super) fn tell(backup: &mut Backup, catalogue: &Catalogue, sectors: Option<&Sectors<'_>>) {
    if let Some(why) = by_other_maker(backup, catalogue) {
        backup.written_by = Some(Writer::Specter);
        backup.reasons = vec![why];
        return;
    }
    let Some(sectors) = sectors else { return };
    let mut writers = Vec::new();
    let mut reasons = Vec::new();
    // What gives a computer away, where some of the copies are a device's.
    let mut telling = None;
    let is_trace = backup.state.is_trace();
    for (_, copy) in backup.copies_in(catalogue) {
        let counts = match copy.origin {
            Origin::Live => true,
            Origin::Deleted => is_trace,
            Origin::Carved => false,
        };
        let node = catalogue.nodes.get(copy.node).filter(|_| counts);
        let Some((node, entry)) = node.and_then(|node| Some((node, node.entry.as_ref()?))) else {
            continue;
        };
        let (writer, why) = by_entry(&entry.raw);
        writers.push(writer);
        if writer == Some(Writer::Computer) {
            telling.get_or_insert_with(|| why.clone());
        }
        if !reasons.contains(&why) {
            reasons.push(why);
        }
        reasons.extend(by_slack(copy, node, catalogue, sectors));
    }
    reasons.extend(by_order(backup, catalogue));
    backup.written_by = match writers.as_slice() {
        all if all.contains(&Some(Writer::Computer)) => Some(Writer::Computer),
        [] => None,
        all if all.contains(&None) => None,
        _ => Some(Writer::Device),
    };
    backup.reasons = reasons;
    if let Some(telling) = telling.filter(|_| !is_trace) {
        let finding = Finding::new(Rule::WrittenByComputer, telling, None);
        backup.findings.push(finding);
    }
}

fn by_entry(entry: &RawEntry) -> (Option<Writer>, String) {
    if entry.access_date() != 0 {
        let date = date(entry.access_date());
        let why = format!("its entry has an access date ({date}), which a device never sets");
        return (Some(Writer::Computer), why);
    }
    if entry.create_time() != 0 || entry.create_hundredths() != 0 || entry.write_time() != 0 {
        let why = "its entry has a time of day, which a device never sets";
        return (Some(Writer::Computer), why.to_owned());
    }
    let dated = matches!(entry.write_date(), DEVICE_DATE | OLD_DEVICE_DATE)
        && entry.create_date() == entry.write_date();
    if dated && entry.attr() == attr::ARCHIVE {
        let date = date(entry.write_date());
        let why = format!("its entry has only the date {date}, as a device writes it");
        return (Some(Writer::Device), why);
    }
    let why = "its entry's dates are neither a device's nor a computer's";
    (None, why.to_owned())
}

/// Specter-DIY has no clock and names its files by their numbers alone; a BitBox02 does neither.
fn by_other_maker(backup: &Backup, catalogue: &Catalogue) -> Option<String> {
    let mut names = backup.copies_in(catalogue).filter_map(|(_, copy)| {
        let node = catalogue.nodes.get(copy.node)?;
        (copy.origin != Origin::Carved).then_some(node.name.as_str())
    });
    let is_numbered = |name: &str| {
        let mut own = ["0.bin", "1.bin", "2.bin"].iter();
        own.any(|own| name.eq_ignore_ascii_case(own))
    };
    let first = names.next()?;
    (backup.timestamp == Some(0) && is_numbered(first) && names.all(is_numbered)).then(|| {
        format!("there is no time in it, and its files are named as \"{first}\": Specter-DIY writes backups so")
    })
}

fn date(date: u16) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        u32::from(date >> 9).saturating_add(1980),
        (date >> 5) & 15,
        date & 31
    )
}

/// The device's copies follow each other in number, place and directory order.
fn by_order(backup: &Backup, catalogue: &Catalogue) -> Option<String> {
    let copies = backup.copies_in(catalogue).map(|(_, copy)| copy);
    let live: Vec<_> = copies.filter(|copy| copy.origin == Origin::Live).collect();
    let numbers = live.iter().filter_map(|copy| copy.file_name);
    let numbers: Vec<_> = numbers.map(|name| name.number).collect();
    let places = live.iter().filter_map(|copy| copy.extents.first());
    let places: Vec<_> = places.map(|extent| extent.offset).collect();
    if live.len() != 3 || numbers.len() != 3 || places.len() != 3 {
        return None;
    }
    Some(if numbers.is_sorted() && places.is_sorted() {
        "the copies are in the order 0, 1, 2, as a device writes them".to_owned()
    } else {
        format!("the copies are in the order {numbers:?}, not 0, 1, 2 as a device writes them")
    })
}

/// The rest of a copy's sector holds the FAT sector the device had in its window when it wrote.
///
/// The last copy's slack equals that FAT sector as it is now, each earlier one differs in one entry
/// more. All-zero slack proves nothing.
fn by_slack(
    copy: &BackupCopy,
    node: &Node,
    catalogue: &Catalogue,
    sectors: &Sectors<'_>,
) -> Option<String> {
    let geometry: Geometry = catalogue.volumes.get(node.volume?)?.geometry?;
    let start = copy.extents.first()?.offset;
    let size = usize::try_from(copy.size).ok();
    let size = size.filter(|size| *size > 0 && *size < 500)?;
    let sector = sectors.sector(start / 512).ok()?;
    let slack = sector.get(size..)?;
    if slack.iter().all(|byte| *byte == 0) {
        return None;
    }
    let cluster = node.entry.as_ref()?.cluster;
    let (link, _) = geometry.link_offset(0, cluster);
    let fat = sectors.sector(link / 512).ok()?;
    let width = match geometry.kind {
        FatKind::Fat32 => 4,
        FatKind::Fat12 | FatKind::Fat16 => 2,
    };
    let first = size.next_multiple_of(width);
    let entries = |bytes: &[u8]| bytes.chunks(width).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (theirs, ours) = (entries(sector.get(first..)?), entries(fat.get(first..)?));
    let different = theirs.iter().zip(&ours).filter(|(a, b)| a != b).count();
    (different <= 8 && different.saturating_mul(8) < theirs.len()).then(|| {
        let how = match different {
            0 => "equals".to_owned(),
            1 => "differs in one entry from".to_owned(),
            n => format!("differs in {n} entries from"),
        };
        let (name, sector) = (&node.name, link / 512);
        format!("the slack of {name} {how} FAT sector {sector}: a device wrote it")
    })
}
