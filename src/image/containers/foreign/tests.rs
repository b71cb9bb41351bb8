use super::*;
use crate::image::Memory;

fn name_of(bytes: &[u8]) -> Option<&'static str> {
    foreign(&Memory::new(bytes.to_vec())).map(|found| found.name())
}

/// A file that begins so and goes on with bytes that say nothing.
fn begins(head: &[u8]) -> Vec<u8> {
    let mut bytes = head.to_vec();
    bytes.resize(10_001, 0x91);
    bytes
}

#[test]
fn files_are_named_by_their_first_bytes() {
    for (head, name) in [
        (
            &b"QFI\xfb\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10"[..],
            "a QCOW2 disk image",
        ),
        (b"KDMV\x01\0\0\0", "a VMDK disk image"),
        (b"vhdxfile", "a VHDX disk image"),
        (b"conectix", "a dynamic VHD disk image"),
        (
            b"7z\xbc\xaf\x27\x1c\0\x04\0\0\0\0\0\0\0\0\0\0\0\0",
            "a 7z archive",
        ),
        (b"Rar!\x1a\x07\x01\0", "a RAR archive"),
        (b"BZh91AY&SY", "a bzip2 file"),
        (
            b"\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0",
            "an LZMA file",
        ),
        (b"\x04\x22\x4d\x18", "an LZ4 file"),
        (b"7kSt\xa0\x31\x83\xd3", "a ZPAQ archive"),
        (b"Salted__", "a file encrypted with openssl"),
        (b"\x8c\x0d\x04\x09\x03\x02", "a file encrypted with OpenPGP"),
        (b"partclone-image0002", "a partclone image"),
        (b"encrcdsa", "an encrypted Apple disk image"),
        (b"AFF10\r\n\0", "an AFF forensic image"),
        (b"EVF2\r\n\x81\0", "an Ex01 forensic image"),
        (
            b"<?xml version=\"1.0\" ?>\n<!-- map -->\n<bmap version",
            "a block map (bmap)",
        ),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\xff\xd8\xff\xe0", "a JPEG picture"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"GIF89a", "a picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document"),
    ] {
        assert_eq!(name_of(&begins(head)), Some(name), "{head:02x?}");
        assert_eq!(
            of_small(&begins(head)).map(|found| found.name()),
            Some(name)
        );
    }
    let mut vdi = begins(b"<<< Oracle VM VirtualBox Disk Image >>>\n");
    vdi[0x40..0x44].copy_from_slice(b"\x7f\x10\xda\xbe");
    assert_eq!(name_of(&vdi), Some("a VDI disk image"));
    let mut dmg = begins(&[0x92; 4]);
    dmg[10_001 - 512..][..8].copy_from_slice(b"koly\0\0\0\x04");
    assert_eq!(name_of(&dmg), Some("an Apple disk image (dmg)"));
    let mut parts = begins(&[0x92; 4]);
    parts.extend(b"PK\x05\x06\x02\0\x02\0\x01\0\x01\0\x30\0\0\0\0\x10\0\0\0\0");
    assert_eq!(
        name_of(&parts),
        Some("the last part of a split ZIP archive")
    );
}

#[test]
fn text_is_named() {
    for text in ["hello\n", "Grüße, 你好\r\n\tx", "{\"a\": 1}"] {
        assert_eq!(name_of(text.as_bytes()), Some("a text file"), "{text}");
    }
    // A character cut at the end of what is looked at.
    let long = format!("{}ü{}", "a".repeat(HEAD as usize - 1), "b".repeat(500));
    assert_eq!(name_of(long.as_bytes()), Some("a text file"));
    for other in [&b"hel\0lo"[..], b"\xc3\x28", b"a\xc3", b"\x01\x02"] {
        assert_eq!(name_of(other), None, "{other:?}");
    }
}

#[test]
fn what_can_be_a_card_is_never_refused() {
    // Whatever it is: a boot sector, or a partition table, makes it one.
    for head in [
        &b"QFI\xfb\0\0\0\x03"[..],
        b"%PDF-1.7\n",
        b"7z\xbc\xaf\x27\x1c",
        b"a text",
    ] {
        let mut card = begins(head);
        card[510..512].copy_from_slice(&[0x55, 0xaa]);
        assert_eq!(name_of(&card), None);
        let mut gpt = begins(head);
        gpt[512..520].copy_from_slice(b"EFI PART");
        assert_eq!(name_of(&gpt), None);
    }
    // What a picture or a text was written over has the size of a card.
    for head in [&b"GIF89a"[..], b"BM", b"MZ", b"OggS"] {
        let mut card = head.to_vec();
        card.resize(1 << 20, 0x91);
        assert_eq!(name_of(&card), None, "{head:?}");
        card.push(0);
        assert!(name_of(&card).is_some() || head.len() < 3, "{head:?}");
    }
    // Other file systems, discs, encryption, nothing.
    for (at, magic) in [
        (32_769, &b"CD001"[..]),
        (1080, b"\x53\xef"),
        (1024, b"H+\0\x04"),
        (0, b"LUKS\xba\xbe"),
        (0, b"XFSB"),
        (0, b"hsqs"),
        (0, b"DOS\x01"),
        (4086, b"SWAPSPACE2"),
        (3, b"NTFS    "),
        (3, b"EXFAT   "),
        (32, b"NXSB"),
        (0, b""),
    ] {
        let mut card = vec![0; 70_000];
        card[at..at + magic.len()].copy_from_slice(magic);
        assert_eq!(name_of(&card), None, "{magic:?}");
    }
    assert_eq!(name_of(&[0; 511]), None);
    assert_eq!(name_of(&[]), None);
}

#[test]
fn a_card_that_begins_with_any_bytes_is_hardly_ever_refused() {
    // Random bytes, of the size of a card and of that of a file: what marks a form is no accident.
    let mut state = 7_u64;
    let mut refused = [0, 0];
    let mut bytes = vec![0_u8; 4096];
    for _ in 0..20_000 {
        for byte in &mut bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *byte = (state >> 56) as u8;
        }
        refused[0] += usize::from(forms::by_head(&bytes).is_some());
        refused[1] += usize::from(by_weak(&bytes, 4096).is_some());
    }
    assert_eq!(refused[0], 0);
    assert!(refused[1] < 40, "{refused:?}");
}

#[test]
fn every_form_has_a_way() {
    let vmdk = foreign(&Memory::new(begins(b"KDMV\x01"))).unwrap();
    let command = "qemu-img convert -O raw FILE NEW";
    assert_eq!(vmdk.command(), Some(command));
    assert!(vmdk.hint().contains(command));
    let text = foreign(&Memory::new(b"hello".to_vec())).unwrap();
    assert_eq!(text.command(), None);
    assert!(text.hint().contains("`xxd -r`"));
}
