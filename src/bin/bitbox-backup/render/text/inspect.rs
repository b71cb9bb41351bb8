//! `inspect` as text: the card from the outside in.

use std::io::Write;

use bitbox_backup::catalogue::Origin;
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{BackupReport, Card, ListStatus, NodeReport, Source, VolumeReport};
use bitbox_backup::text::{bytes, plural};

use super::{BOLD, DIM, finding, map, of_backups, paragraph, source, table};
use crate::args::Global;
use crate::render::phrase::{basis, exact_size};

/// Most lines of the tree that are printed; JSON has them all.
const MOST_NODES: usize = 200;

/// Prints everything about one card.
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
        map::map(&mut out, one, card)?;
        findings(&mut out, one)?;
        writeln!(out, "\n{DIM}{}{DIM:#}", basis(firmware))?;
    }
    out.flush()?;
    Ok(())
}

fn outside(out: &mut impl Write, card: &Card) -> std::io::Result<()> {
    writeln!(out, "\n{BOLD}Source{BOLD:#}")?;
    match card.size {
        Some(size) => writeln!(out, "  {}, {}", card.kind, exact_size(size))?,
        None => writeln!(out, "  {}", card.kind)?,
    }
    if let Some(read) = &card.read {
        writeln!(
            out,
            "  read {}, {} bytes; SHA-256 of these in ascending order:",
            plural(
                usize::try_from(read.sectors).unwrap_or(usize::MAX),
                "sector",
                "sectors"
            ),
            read.bytes
        )?;
        writeln!(out, "  {}", read.sha256)?;
    }
    if card.gpt {
        writeln!(
            out,
            "  a GUID partition table is there; the BitBox does not read it"
        )?;
    }
    Ok(())
}

fn view(out: &mut impl Write, one: &Source) -> std::io::Result<()> {
    let Some(view) = &one.device_view else {
        return Ok(());
    };
    writeln!(out, "\n{BOLD}What the BitBox lists{BOLD:#}")?;
    match (view.list, view.reason.as_deref()) {
        (ListStatus::Ok, _) if view.backups.is_empty() => writeln!(out, "  nothing")?,
        (ListStatus::Ok, _) => {}
        (list, reason) => writeln!(out, "  {list}: {}", reason.unwrap_or_default())?,
    }
    for (index, listed) in view.backups.iter().enumerate() {
        writeln!(
            out,
            "  {}. \"{}\"  {}  {}",
            index + 1,
            listed.name,
            bitbox_backup::text::made(listed.timestamp).unwrap_or_else(|| "unknown".to_owned()),
            listed.id
        )?;
    }
    Ok(())
}

fn volume(out: &mut impl Write, (index, volume): (usize, &VolumeReport)) -> std::io::Result<()> {
    writeln!(
        out,
        "\n{BOLD}Volume {index}{BOLD:#}  {} ({})",
        volume.file_system, volume.found
    )?;
    writeln!(
        out,
        "  at byte {}, {}",
        volume.offset,
        exact_size(volume.length)
    )?;
    if let (Some(serial), Some(cluster), Some(clusters)) =
        (&volume.serial, volume.cluster_length, volume.clusters)
    {
        writeln!(
            out,
            "  serial {serial}, label \"{}\", {clusters} clusters of {cluster} bytes",
            volume.label
        )?;
    }
    if let (Some(fat), Some(fats), Some(data)) =
        (volume.fat_offset, volume.fats, volume.data_offset)
    {
        writeln!(
            out,
            "  {} from byte {fat}, data from byte {data}",
            plural(usize::from(fats), "FAT", "FATs")
        )?;
    }
    if volume.from_backup_boot_sector {
        writeln!(out, "  read through its backup boot sector")?;
    }
    Ok(())
}

fn tree(out: &mut impl Write, card: &Card) -> std::io::Result<()> {
    writeln!(
        out,
        "\n{BOLD}Files and folders{BOLD:#}  {DIM}entry at byte, cluster, size, written, created, accessed{DIM:#}"
    )?;
    let nodes = card.tree.as_deref().unwrap_or_default();
    if nodes.is_empty() {
        writeln!(out, "  none")?;
    }
    for node in nodes.iter().take(MOST_NODES) {
        writeln!(out, "  {}", line(node))?;
    }
    if nodes.len() > MOST_NODES {
        writeln!(
            out,
            "  and {} more; --json has them all",
            nodes.len() - MOST_NODES
        )?;
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
        (Some(offset), Some(cluster), Some([written, created, accessed])) => {
            format!(
                "  {offset}, {cluster}, {}, {written}, {created}, {accessed}",
                node.size
            )
        }
        _ => format!("  {}", bytes(node.size)),
    };
    format!("{mark}{}{DIM}{facts}{DIM:#}", node.path)
}

fn backup(out: &mut impl Write, backup: &BackupReport) -> std::io::Result<()> {
    let name = backup.name.as_deref().unwrap_or("?");
    writeln!(out, "\n{BOLD}Backup \"{name}\"{BOLD:#}  {}", backup.state)?;
    let id = backup.id.as_deref().unwrap_or("unknown");
    writeln!(out, "  ID         {id}")?;
    writeln!(
        out,
        "  made       {} local, {}",
        table::local(backup),
        backup.created.as_deref().unwrap_or("unknown")
    )?;
    let words = backup
        .words
        .map_or_else(|| "unknown".to_owned(), |words| words.to_string());
    writeln!(out, "  words      {words} (not shown)")?;
    let birthdate = backup
        .birthdate
        .map_or_else(|| "unknown".to_owned(), bitbox_backup::text::rfc3339);
    writeln!(out, "  birthdate  {birthdate}")?;
    writeln!(
        out,
        "  generator  {}",
        backup.generator.as_deref().unwrap_or("unknown")
    )?;
    writeln!(out, "  written by {}", table::written_by(backup))?;
    for reason in &backup.written_by_reasons {
        paragraph(out, reason, "             ")?;
    }
    for copy in &backup.copies {
        let offset = copy
            .offset
            .map_or_else(String::new, |offset| format!(" at byte {offset}"));
        writeln!(
            out,
            "  {} {} copy{offset}, {}",
            copy.origin,
            copy.state,
            bytes(copy.size)
        )?;
        writeln!(out, "    {}", copy.path)?;
        for field in &copy.fields {
            let place = field
                .offset
                .map_or_else(String::new, |offset| format!("byte {offset}, "));
            let value = match (&field.value, &*field.field) {
                (_, "seed") => "(secret, not shown)".to_owned(),
                (Some(value), _) => value.clone(),
                (None, _) => "(not shown: the copy is not intact)".to_owned(),
            };
            writeln!(
                out,
                "      {:12} {DIM}{place}{}{DIM:#}  {value}",
                field.field,
                bytes(field.length)
            )?;
        }
    }
    Ok(())
}

fn findings(out: &mut impl Write, one: &Source) -> std::io::Result<()> {
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
