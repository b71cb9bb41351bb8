//! The commands of each system that prepare a card for the device.

use bitbox_backup::report::Remedy;

/// Below so many bytes a volume has too few clusters for FAT32, and the formatter chooses.
const FAT32_FROM: u64 = 64 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    Linux,
    MacOs,
    Windows,
}

impl System {
    /// The one this program was built for; Linux's commands for any other Unix.
    pub(super) const fn here() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::MacOs
        } else {
            Self::Linux
        }
    }
}

/// The command of a system that prepares the card in a device.
pub(super) fn preparing(remedy: Remedy, device: &str, size: u64, system: System) -> String {
    let fat32 = if size >= FAT32_FROM { " -F 32" } else { "" };
    match (system, remedy) {
        (System::Linux, Remedy::Repair) => format!("sudo fsck.vfat -a {device}"),
        (System::Linux, Remedy::Format) => format!("sudo mkfs.vfat -I{fat32} -n BITBOX {device}"),
        (System::MacOs, Remedy::Repair) => format!("sudo fsck_msdos -y {device}"),
        (System::MacOs, Remedy::Format) => {
            format!("diskutil eraseDisk FAT32 BITBOX MBRFormat {device}")
        }
        (System::Windows, Remedy::Repair) => "chkdsk X: /f".to_owned(),
        (System::Windows, Remedy::Format) => "format X: /FS:FAT32 /V:BITBOX".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prepares_a_card_is_each_systems_own() {
        let of = |remedy, system| preparing(remedy, "/dev/sdb", 1 << 30, system);
        assert_eq!(
            of(Remedy::Format, System::Linux),
            "sudo mkfs.vfat -I -F 32 -n BITBOX /dev/sdb"
        );
        assert_eq!(
            of(Remedy::Repair, System::MacOs),
            "sudo fsck_msdos -y /dev/sdb"
        );
        assert_eq!(of(Remedy::Repair, System::Windows), "chkdsk X: /f");
        let small = preparing(Remedy::Format, "/dev/sdb", 32 << 20, System::Linux);
        assert_eq!(small, "sudo mkfs.vfat -I -n BITBOX /dev/sdb");
    }
}
