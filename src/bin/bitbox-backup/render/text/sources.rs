//! `sources` as text: a table of card readers, and one of BitBoxes.

use std::io::{self, Write};

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
) -> io::Result<()> {
    writeln!(out, "{BOLD}Card readers{BOLD:#}")?;
    match connected.readers.as_deref() {
        None => {
            let text = "not known on this system: name the device yourself";
            paragraph(out, text, "  ")?;
        }
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
        None => {
            let text = "not known on this system: try `bitbox-backup device info`";
            paragraph(out, text, "  ")?;
        }
        Some([]) => paragraph(out, "none", "  ")?,
        Some(devices) => {
            let head = ["DEVICE", "PRODUCT", "VERSION", ""];
            table::long(out, &head, devices, |device| {
                let mode = match device.bootloader {
                    true => "in bootloader mode",
                    false => "",
                };
                vec![
                    Cell::new(&device.path),
                    Cell::new(device.product.as_deref().unwrap_or("unknown")),
                    Cell::new(device.version.as_deref().unwrap_or("")),
                    Cell::new(mode),
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
    let model = model.filter(|_| slot.has_card).map(String::as_str);
    let systems = slot.partitions.iter().map(|part| &part.file_system);
    let systems = systems.chain([&slot.file_system]).flatten();
    let systems: Vec<_> = systems.map(|system| known(system)).collect();
    let systems = systems.join(", ");
    let inside = match slot.partition_table.as_deref() {
        Some(table) if systems.is_empty() => table.to_owned(),
        Some(table) => format!("{table}: {systems}"),
        None => systems,
    };
    let mounts = slot.partitions.iter().flat_map(|part| &part.mounts);
    let mounts: Vec<_> = slot.mounts.iter().chain(mounts).map(mount).collect();
    let locked = match card.read_only {
        Some(true) => ", read-only",
        _ => "",
    };
    vec![
        Cell::new(&slot.path),
        Cell::new(format!("{size}{locked}")),
        Cell::new(model.collect::<Vec<_>>().join(" ")),
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
    let how = match mount.read_only {
        true => "read-only",
        false => "writable",
    };
    format!("{} ({how})", mount.place)
}
