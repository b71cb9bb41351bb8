//! `sources` as text: a table of card readers, and one of BitBoxes.

use std::io::Write;

use bitbox_backup::reader::{CardKind, MountReport, SlotReport};
use comfy_table::Cell;
use indicatif::BinaryBytes;

use crate::answers::sources::Connected;

use super::{BOLD, DIM, paragraph, table};
use crate::args::Global;

pub(crate) fn sources(
    out: &mut impl Write,
    connected: &Connected,
    global: &Global,
) -> std::io::Result<()> {
    writeln!(out, "{BOLD}Card readers{BOLD:#}")?;
    match connected.readers.as_deref() {
        None => paragraph(
            out,
            "not known on this system: name the device yourself",
            "  ",
        )?,
        Some([]) => paragraph(out, "none", "  ")?,
        Some(slots) => {
            let head = [
                "DEVICE",
                "SIZE",
                "CARD",
                "SERIAL",
                "READER",
                "FILE SYSTEM",
                "MOUNTED",
            ];
            table::long(out, &head, slots, row)?;
        }
    }
    writeln!(out, "\n{BOLD}BitBoxes{BOLD:#}")?;
    match connected.devices.as_deref() {
        None => paragraph(
            out,
            "not known on this system: try `bitbox-backup device info`",
            "  ",
        )?,
        Some([]) => paragraph(out, "none", "  ")?,
        Some(devices) => {
            let head = ["DEVICE", "PRODUCT", "VERSION", ""];
            table::long(out, &head, devices, |device| {
                vec![
                    Cell::new(&device.path),
                    Cell::new(device.product.as_deref().unwrap_or("unknown")),
                    Cell::new(device.version.as_deref().unwrap_or("")),
                    Cell::new(if device.bootloader {
                        "in bootloader mode"
                    } else {
                        ""
                    }),
                ]
            })?;
        }
    }
    if global.quiet {
        return Ok(());
    }
    let mut slots = connected.readers.iter().flatten();
    if slots.any(SlotReport::is_written) {
        let text = format!(
            "\n{DIM}what to do:{DIM:#} a card is mounted so that programs may write to it: eject it in the \
             file manager, switch automounting off, and put it in again"
        );
        paragraph(out, &text, "")?;
    }
    Ok(())
}

fn row(slot: &SlotReport) -> Vec<Cell> {
    let card = &slot.card;
    let size = match card.size {
        Some(size) if slot.has_card => BinaryBytes(size).to_string(),
        _ => "no card".to_owned(),
    };
    let reader = match (&card.reader, card.kind) {
        (Some(usb), _) => usb.product.clone().unwrap_or_else(|| "USB".to_owned()),
        (None, CardKind::Mmc) => "slot".to_owned(),
        (None, _) => String::new(),
    };
    let model = [&card.vendor, &card.model].into_iter().flatten();
    let model: Vec<_> = model
        .filter(|_| slot.has_card)
        .map(String::as_str)
        .collect();
    let mut systems: Vec<_> = slot
        .partitions
        .iter()
        .map(|part| &part.file_system)
        .collect();
    systems.push(&slot.file_system);
    let systems: Vec<_> = systems
        .into_iter()
        .flatten()
        .map(|system| known(system))
        .collect();
    let systems = systems.join(", ");
    let table = slot.partition_table.as_deref();
    let inside = match table {
        Some(table) if systems.is_empty() => table.to_owned(),
        Some(table) => format!("{table}: {systems}"),
        None => systems,
    };
    let mounts = slot.partitions.iter().flat_map(|part| &part.mounts);
    let mounts: Vec<_> = slot.mounts.iter().chain(mounts).map(mount).collect();
    let locked = if card.read_only == Some(true) {
        ", read-only"
    } else {
        ""
    };
    vec![
        Cell::new(&slot.path),
        Cell::new(format!("{size}{locked}")),
        Cell::new(model.join(" ")),
        Cell::new(card.serial.as_deref().unwrap_or("")),
        Cell::new(reader),
        Cell::new(inside),
        Cell::new(mounts.join(", ")),
    ]
}

/// A file system or a container as people call it.
fn known(system: &str) -> &str {
    match system {
        "vfat" => "FAT",
        "exfat" => "exFAT",
        "ntfs" => "NTFS",
        "iso9660" => "ISO 9660",
        "crypto_LUKS" => "LUKS encryption",
        "LVM2_member" => "LVM",
        "linux_raid_member" => "Linux RAID",
        "swap" => "Linux swap",
        other => other,
    }
}

fn mount(mount: &MountReport) -> String {
    let how = if mount.read_only {
        "read-only"
    } else {
        "writable"
    };
    format!("{} ({how})", mount.place)
}
