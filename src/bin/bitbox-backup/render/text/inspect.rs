//! `inspect` as text: the card from the outside in.

use std::io::{self, Write};

use bitbox_backup::catalogue::Origin;
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{
    BackupReport, Card, CopyReport, FieldReport, ListStatus, NodeReport, Source, VolumeReport,
};
use bitbox_backup::text::{bytes, made, plural, rfc3339};

use super::{BOLD, DIM, finding, of_backups, paragraph, source, table};
use crate::args::Global;
use crate::render::mark::{Placed, Thing, marks};
use crate::render::phrase::{basis, exact_size};

/// Most lines of the tree that are printed; JSON has them all.
const MOST_NODES: usize = 200;
/// Cells of the strip that shows where things lie.
const CELLS: usize = 64;

pub(crate) fn inspect(
    mut out: impl Write,
    one: &Source,
    global: &Global,
    firmware: Version,
) -> anyhow::Result<()> {
    let quiet = Global {
        quiet: true,
        ..*global
    };
    source(&mut out, one, &quiet)?;
    if let Some(card) = &one.card {
        outside(&mut out, card)?;
        if let Some(evidence) = &one.e01 {
            super::evidence::evidence(&mut out, evidence)?;
        }
        view(&mut out, one)?;
        for volume in card.volumes.iter().enumerate() {
            self::volume(&mut out, volume)?;
        }
        tree(&mut out, card)?;
        for backup in &one.backups {
            self::backup(&mut out, backup)?;
        }
        map(&mut out, one, card)?;
        findings(&mut out, one)?;
        writeln!(out, "\n{DIM}{}{DIM:#}", basis(firmware))?;
    }
    out.flush()?;
    Ok(())
}

fn outside(out: &mut impl Write, card: &Card) -> io::Result<()> {
    writeln!(out, "\n{BOLD}Source{BOLD:#}")?;
    match card.size {
        Some(size) => writeln!(out, "  {}, {}", card.kind, exact_size(size))?,
        None => writeln!(out, "  {}", card.kind)?,
    }
    if let Some(read) = &card.read {
        let sectors = usize::try_from(read.sectors).unwrap_or(usize::MAX);
        let sectors = plural(sectors, "sector", "sectors");
        let text = "SHA-256 of these in ascending order:";
        writeln!(
            out,
            "  read {sectors}, {} bytes; {text}\n  {}",
            read.bytes, read.sha256
        )?;
    }
    if card.gpt {
        let text = "a GUID partition table is there; the BitBox does not read it";
        writeln!(out, "  {text}")?;
    }
    Ok(())
}

fn view(out: &mut impl Write, one: &Source) -> io::Result<()> {
    let Some(view) = &one.device_view else {
        return Ok(());
    };
    writeln!(out, "\n{BOLD}What the BitBox lists{BOLD:#}")?;
    match (view.list, view.reason.as_deref()) {
        (ListStatus::Ok, _) if view.backups.is_empty() => writeln!(out, "  nothing")?,
        (ListStatus::Ok, _) => {}
        (list, reason) => writeln!(out, "  {list}: {}", reason.unwrap_or_default())?,
    }
    for (number, listed) in (1..).zip(&view.backups) {
        let made = made(listed.timestamp).unwrap_or_else(|| "unknown".to_owned());
        writeln!(
            out,
            "  {number}. \"{}\"  {made}  {}",
            listed.name, listed.id
        )?;
    }
    Ok(())
}

fn volume(out: &mut impl Write, (index, volume): (usize, &VolumeReport)) -> io::Result<()> {
    let VolumeReport {
        file_system,
        found,
        offset,
        label,
        ..
    } = volume;
    writeln!(
        out,
        "\n{BOLD}Volume {index}{BOLD:#}  {file_system} ({found})"
    )?;
    writeln!(out, "  at byte {offset}, {}", exact_size(volume.length))?;
    if let (Some(serial), Some(cluster), Some(clusters)) =
        (&volume.serial, volume.cluster_length, volume.clusters)
    {
        let clusters = format!("{clusters} clusters of {cluster} bytes");
        writeln!(out, "  serial {serial}, label \"{label}\", {clusters}")?;
    }
    if let (Some(fat), Some(fats), Some(data)) =
        (volume.fat_offset, volume.fats, volume.data_offset)
    {
        let fats = plural(usize::from(fats), "FAT", "FATs");
        writeln!(out, "  {fats} from byte {fat}, data from byte {data}")?;
    }
    if volume.from_backup_boot_sector {
        writeln!(out, "  read through its backup boot sector")?;
    }
    Ok(())
}

fn tree(out: &mut impl Write, card: &Card) -> io::Result<()> {
    let columns = "entry at byte, cluster, size, written, created, accessed";
    writeln!(
        out,
        "\n{BOLD}Files and folders{BOLD:#}  {DIM}{columns}{DIM:#}"
    )?;
    let nodes = card.tree.as_deref().unwrap_or_default();
    if nodes.is_empty() {
        writeln!(out, "  none")?;
    }
    for node in nodes.iter().take(MOST_NODES) {
        writeln!(out, "  {}", line(node))?;
    }
    if nodes.len() > MOST_NODES {
        let more = nodes.len() - MOST_NODES;
        writeln!(out, "  and {more} more; --json has them all")?;
    }
    Ok(())
}

fn line(node: &NodeReport) -> String {
    let mark = match (node.origin, &*node.kind) {
        (Origin::Deleted, _) => "deleted ",
        (Origin::Carved, _) => "carved  ",
        (_, "folder") => "folder  ",
        _ => "file    ",
    };
    let facts = match (node.offset, node.cluster, &node.dates) {
        (Some(offset), Some(cluster), Some(dates)) => {
            format!("  {offset}, {cluster}, {}, {}", node.size, dates.join(", "))
        }
        _ => format!("  {}", bytes(node.size)),
    };
    format!("{mark}{}{DIM}{facts}{DIM:#}", node.path)
}

fn backup(out: &mut impl Write, backup: &BackupReport) -> io::Result<()> {
    let name = backup.name.as_deref().unwrap_or("?");
    writeln!(out, "\n{BOLD}Backup \"{name}\"{BOLD:#}  {}", backup.state)?;
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "unknown".to_owned());
    let created = or_unknown(backup.created.clone());
    writeln!(out, "  ID         {}", or_unknown(backup.id.clone()))?;
    writeln!(
        out,
        "  made       {} local, {created}",
        table::made_local(backup.timestamp)
    )?;
    let words = backup.words.map(|words| words.to_string());
    writeln!(out, "  words      {} (not shown)", or_unknown(words))?;
    writeln!(
        out,
        "  birthdate  {}",
        or_unknown(backup.birthdate.map(rfc3339))
    )?;
    writeln!(out, "  generator  {}", or_unknown(backup.generator.clone()))?;
    writeln!(out, "  written by {}", table::written_by(backup))?;
    for reason in &backup.written_by_reasons {
        paragraph(out, reason, "             ")?;
    }
    for copy in &backup.copies {
        let CopyReport {
            origin,
            state,
            path,
            ..
        } = copy;
        let offset = copy.offset.map(|offset| format!(" at byte {offset}"));
        let (offset, size) = (offset.unwrap_or_default(), bytes(copy.size));
        writeln!(out, "  {origin} {state} copy{offset}, {size}\n    {path}")?;
        for FieldReport {
            field,
            value,
            offset,
            length,
            ..
        } in &copy.fields
        {
            let place = offset.map(|offset| format!("byte {offset}, "));
            let place = place.unwrap_or_default() + &bytes(*length);
            let value = match (value, &**field) {
                (_, "seed") => "(secret, not shown)",
                (Some(value), _) => value,
                (None, _) => "(not shown: the copy is not intact)",
            };
            writeln!(out, "      {field:12} {DIM}{place}{DIM:#}  {value}")?;
        }
    }
    Ok(())
}

fn findings(out: &mut impl Write, one: &Source) -> io::Result<()> {
    writeln!(out, "\n{BOLD}Findings{BOLD:#}")?;
    if one.all_findings().next().is_none() {
        return writeln!(out, "  none");
    }
    let of_backups = of_backups(one).map(|(_, each)| each);
    for each in one.findings.iter().chain(of_backups) {
        finding(out, each, "", true)?;
    }
    Ok(())
}

/// Prints the strip from the first byte to the last thing found, and what its letters mean.
fn map(out: &mut impl Write, source: &Source, card: &Card) -> io::Result<()> {
    let marks = marks(source, card);
    let Some(end) = marks.iter().map(Placed::end).max() else {
        return Ok(());
    };
    let mut drawn = strip(out, "Map", &marks, 0, end)?;
    let of_backups = marks.iter().filter(|mark| mark.thing.is_of_backup());
    if let Some(start) = of_backups.map(|mark| mark.offset / 512 * 512).min()
        && end - start < end / 4
    {
        drawn += &strip(out, "Closer", &marks, start, end)?;
    }
    let legend = [
        Thing::BootSector,
        Thing::Fat,
        Thing::Folder,
        Thing::WholeCopy,
        Thing::DamagedCopy,
        Thing::DeletedCopy,
        Thing::ErasedCopy,
    ];
    let looks = legend.map(Thing::look).into_iter();
    let used = looks.filter(|(letter, ..)| drawn.contains(*letter));
    let used = used.map(|(letter, _, meaning)| format!("{letter} {meaning}"));
    let used: Vec<_> = used.collect();
    writeln!(out, "  {DIM}{}, · the rest{DIM:#}", used.join(", "))
}

/// Prints one strip and returns it.
fn strip(
    out: &mut impl Write,
    title: &str,
    marks: &[Placed],
    start: u64,
    end: u64,
) -> io::Result<String> {
    let cell = (end - start).div_ceil(CELLS as u64).next_multiple_of(512);
    let mut strip = ['·'; CELLS];
    for wanted in Thing::ALL {
        let is_here = |mark: &&Placed| mark.thing == wanted && mark.offset >= start;
        for mark in marks.iter().filter(is_here) {
            let place = |at: u64| usize::try_from((at - start) / cell).unwrap_or(CELLS);
            let last = place(mark.offset.saturating_add(mark.length.saturating_sub(1)));
            let (first, after) = (place(mark.offset), last.saturating_add(1));
            let cells = strip.iter_mut().take(after).skip(first);
            cells.for_each(|cell| *cell = wanted.look().0);
        }
    }
    let strip: String = strip.iter().collect();
    let scale = format!("bytes {start} to {end}, {cell} per cell");
    writeln!(out, "\n{BOLD}{title}{BOLD:#}  {scale}")?;
    writeln!(out, "  {strip}")?;
    Ok(strip)
}
