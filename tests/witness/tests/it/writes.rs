//! The count of refused writes.

use std::io::Cursor;

use fatfs::{FatType, FormatVolumeOptions};
use witness::{SdError, Sectors};

struct Card(Vec<u8>);

impl Sectors for Card {
    fn count(&self) -> u64 {
        self.0.len() as u64 / 512
    }

    fn read(&self, lba: u32, buf: &mut [u8; 512]) -> bool {
        buf.copy_from_slice(&self.0[lba as usize * 512..][..512]);
        true
    }
}

#[test]
fn loading_from_a_missing_directory_wants_to_create_it() {
    let mut card = vec![0; 512 * 512];
    let options = FormatVolumeOptions::new().fat_type(FatType::Fat12);
    fatfs::format_volume(Cursor::new(&mut card), options).expect("the size suits the kind");
    let card = Card(card);

    assert_eq!(
        witness::list_backups(&card),
        witness::Answer::Ok(Vec::new())
    );
    assert_eq!(witness::refused_writes(), 0);
    // Refused, the new directory stays in FatFs's window, which then cannot be moved.
    let loaded = witness::load_bin(&card, b"file", b"id");
    assert!(matches!(loaded, Err(SdError::Open(_))), "{loaded:?}");
    assert_ne!(witness::refused_writes(), 0);
}
