//! Volumes that are not FAT, by the signatures of other file systems, discs and encryption.

use crate::image::ReadAt;

/// Where in a volume a signature lies, what it is, and whose.
const SIGNATURES: &[(u64, &[u8], &str)] = &[
    (0, b"LUKS\xba\xbe", "LUKS encryption"),
    (0, b"XFSB", "XFS"),
    (0, b"hsqs", "SquashFS"),
    (0, b"sqsh", "SquashFS"),
    (0, b"shsq", "SquashFS"),
    (0, b"qshs", "SquashFS"),
    (16, b"Compressed ROMFS", "cramfs"),
    (512 + 16, b"Compressed ROMFS", "cramfs"),
    (0, b"-rom1fs-", "romfs"),
    (0, b"UBI#\x01", "UBI"),
    (0, b"\x31\x18\x10\x06", "UBIFS"),
    (0, b"\x85\x19\x01\xe0", "JFFS2"),
    (0, b"\x85\x19\x02\xe0", "JFFS2"),
    (0, b"\x85\x19\x03\x20", "JFFS2"),
    (0, b"\x19\x85\xe0\x01", "JFFS2"),
    (0, b"\x19\x85\xe0\x02", "JFFS2"),
    (0, b"\x19\x85\x20\x03", "JFFS2"),
    (3, b"ReFS\0\0\0\0", "ReFS"),
    (512, b"LABELONE", "LVM"),
    (1024, b"BD", HFS),
    (1024, b"\x10\x20\xf5\xf2", "F2FS"),
    (1024, b"\xe2\xe1\xf5\xe0", "EROFS"),
    (1024 + 6, b"\x34\x34", NILFS2),
    (4096 - 10, b"SWAPSPACE2", "Linux swap"),
    (4096 - 10, b"SWAP-SPACE", "Linux swap"),
    (4096, b"\xfc\x4e\x2b\xa9", "Linux RAID"),
    (4096 + 24, b"\xc6\x85\x73\xf6\x4e\x1a\x45\xca", "bcachefs"),
    (32_768, b"JFS1", "JFS"),
    (65_536, b"ReIsEr4", "Reiser4"),
    (65_536 + 52, b"ReIsEr", "ReiserFS"),
    (65_536 + 64, b"_BHRfS_M", "Btrfs"),
    (131_072, b"\x0c\xb1\xba\0\0\0\0\0", "ZFS"),
    (131_072, b"\0\0\0\0\0\xba\xb1\x0c", "ZFS"),
];
/// Those of two bytes, which other files have by chance.
const HFS: &str = "HFS";
const NILFS2: &str = "NILFS2";
/// Where the descriptors of a disc begin, one every 2 KiB.
const DISC: u64 = 32_768;

/// What a volume holds, where it begins neither like FAT nor like what its first sectors show; `is_there` says whether
/// these bytes stand at a place in it.
pub(crate) fn signed_volume(is_there: impl Fn(u64, &[u8]) -> bool) -> Option<&'static str> {
    if let Some(disc) = disc(&is_there) {
        return Some(disc);
    }
    let mut all = SIGNATURES.iter();
    let found = all.find(|(at, magic, _)| is_there(*at, magic));
    found.map(|(.., name)| *name)
}

/// A disc: by descriptors of UDF among the first ones, or of ISO 9660.
fn disc(is_there: &impl Fn(u64, &[u8]) -> bool) -> Option<&'static str> {
    let step = |number: u64| number.saturating_mul(2048).saturating_add(DISC + 1);
    let is_iso = is_there(step(0), b"CD001");
    if !is_iso && !is_there(step(0), b"BEA01") {
        return None;
    }
    let is_udf = (0..8).any(|number| is_there(step(number), b"NSR0"));
    Some(match (is_iso, is_udf) {
        (true, true) => "ISO 9660 and UDF",
        (true, false) => "ISO 9660",
        (false, _) => "UDF",
    })
}

/// Whether a file is a volume of another file system than those that begin with a boot sector, by its beginning.
pub(crate) fn begins_as_volume(image: &dyn ReadAt) -> bool {
    let is_there = |at: u64, magic: &[u8]| {
        let mut bytes = [0; 32];
        let own = bytes.get_mut(..magic.len());
        own.is_some_and(|own| image.read_at(at, own).is_ok() && own == magic)
    };
    is_there(32, b"NXSB")
        || is_there(1024, b"H+\0\x04")
        || is_there(1024, b"HX\0\x05")
        || is_ext(image)
        || signed_volume(is_there).is_some_and(|name| !matches!(name, HFS | NILFS2))
}

/// Whether it holds the superblock of ext2, ext3 or ext4: its mark, blocks of 1 KiB to 64 KiB, a state, and a revision
/// that there is.
fn is_ext(image: &dyn ReadAt) -> bool {
    let mut block = [0; 80];
    let is_read = image.read_at(1024, &mut block).is_ok();
    is_read
        && block.get(56..58) == Some(&[0x53, 0xEF])
        && matches!(block.get(24..28), Some([0..=6, 0, 0, 0]))
        && matches!(block.get(58..60), Some([0..=7, 0]))
        && matches!(block.get(76..80), Some([0 | 1, 0, 0, 0]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::Memory;

    #[test]
    fn a_volume_is_told_by_its_beginning_and_chance_makes_none() {
        for (at, magic) in [
            (0, &b"hsqs"[..]),
            (16, b"Compressed ROMFS"),
            (528, b"Compressed ROMFS"),
            (1024, b"\xe2\xe1\xf5\xe0"),
            (1080, b"\x53\xef\x01\0"),
            (1024, b"H+\0\x04"),
            (32, b"NXSB"),
            (32_769, b"CD001"),
        ] {
            let mut bytes = vec![0; 70_000];
            bytes[at..at + magic.len()].copy_from_slice(magic);
            assert!(begins_as_volume(&Memory::new(bytes)), "{magic:?}");
        }
        for (at, magic) in [(1024, &b"BD"[..]), (1030, b"44"), (1080, b"\x53\xef\x09\0")] {
            let mut bytes = vec![0; 70_000];
            bytes[at..at + magic.len()].copy_from_slice(magic);
            assert!(!begins_as_volume(&Memory::new(bytes)), "{magic:?}");
        }
        assert!(!begins_as_volume(&Memory::new(vec![b'a'; 5000])));
        assert!(!begins_as_volume(&Memory::new(Vec::new())));
    }
}
