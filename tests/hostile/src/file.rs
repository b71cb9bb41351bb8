//! Files: copies of backups and compressed images.

use bitbox_backup::backup::layout::layout;
use bitbox_backup::backup::recognize::traces;
use bitbox_backup::backup::{self, wire};
use bitbox_backup::catalogue::{self, CopyState};
use bitbox_backup::firmware::{self, List, Version};
use bitbox_backup::image::{Memory, Packing, ReadAt, Sectors, unpack};
use bitbox_backup::progress::Progress;
use fixtures::card::Card;
use fixtures::fat::Layout;
use fixtures::wallet;

/// Most memory an unpacked image may take here.
const BUDGET: u64 = 1 << 20;

/// A backup file: fields inside it, one verdict whoever asks, the device's the same as the witness's.
pub fn decode(data: &[u8]) {
    let whole = match backup::decode(data) {
        Ok(contents) if contents.check().is_ok() => {
            let again = contents.encode();
            let read = backup::decode(&again).expect("what we encode decodes");
            assert_eq!(read.check(), Ok(()), "what we encode is whole");
            assert_eq!(read.id(), contents.id());
            assert_eq!(read.metadata(), contents.metadata());
            true
        }
        _ => false,
    };
    for found in wire::fields(data) {
        assert!(
            found.range.start <= found.range.end && found.range.end <= data.len(),
            "{found:?}"
        );
    }
    layout(data);
    wire::looks_like_backup(data);
    let mut found = Vec::new();
    traces(data, 0..data.len(), &mut found);
    for trace in &found {
        // Where its end is lost, it is an estimate and may lie behind.
        assert!(trace.range.start < trace.range.end, "{trace:?}");
        assert!(trace.range.start < data.len(), "{trace:?}");
    }
    let catalogue = catalogue::single_file("copy.bin", data);
    // A file that is no backup may hold some, one behind the other or with something behind.
    for (index, copy) in catalogue.copies.iter().enumerate() {
        let bytes = catalogue.bytes(index);
        let valid = backup::decode(bytes).is_ok_and(|contents| contents.check().is_ok());
        assert_eq!(valid, copy.state == CopyState::Valid, "{copy:?}");
        assert!(whole == (valid && bytes == data), "{copy:?}");
    }
    assert!(!whole || catalogue.copies.len() == 1, "a whole copy is one");
    if data.len() <= 1024 {
        on_a_card(data);
    }
}

/// The three copies of a wallet's folder, for both devices.
fn on_a_card(data: &[u8]) {
    let mut fat = Layout::FAT12.format();
    let backup = wallet::twelve();
    let id = backup::decode(data).ok().and_then(|contents| contents.id());
    let id = id.map_or_else(|| backup.id(), |id| id.to_string());
    fat.save_in(&id, &backup, [data, data, data]);
    let image = Image(fat.card);
    let list = firmware::list_backups(&Sectors::new(&image), Version::default()).list;
    let theirs = witness::list_backups(&image);
    let same = match (&list, &theirs) {
        (List::Ok(ours), witness::Answer::Ok(theirs)) => {
            ours.len() == theirs.len()
                && ours
                    .iter()
                    .zip(theirs)
                    .all(|(a, b)| a.id == b.id && a.timestamp == b.timestamp && a.name == b.name)
        }
        (List::Error(_), witness::Answer::Error) | (List::Crash(_), witness::Answer::Crash) => true,
        _ => false,
    };
    assert!(same, "ours {list:?}\nwitness {theirs:?}");
}

struct Image(Card);

impl ReadAt for Image {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), bitbox_backup::image::ReadError> {
        if self.0.read_at(offset, buf) < buf.len() {
            return Err(bitbox_backup::image::ReadError::PastEnd {
                offset,
                length: buf.len() as u64,
                size: self.0.size(),
            });
        }
        Ok(())
    }
}

impl witness::Sectors for Image {
    fn count(&self) -> u64 {
        self.0.size() / 512
    }

    fn read(&self, lba: u32, buf: &mut [u8; 512]) -> bool {
        self.0.read_at(u64::from(lba) * 512, buf) == 512
    }
}

/// A compressed image: never more memory than allowed, the same twice.
pub fn image(data: &[u8]) {
    let packed = Memory::new(data.to_vec());
    let told = Packing::of(&packed).expect("memory can be read");
    let all = [Packing::Gzip, Packing::Zstd, Packing::Xz];
    let forced = data.first().map(|byte| all[usize::from(*byte) % 3]);
    for packing in told.into_iter().chain(forced) {
        let once = unpack(&packed, packing, BUDGET, &Progress::default());
        if let Ok(pages) = &once {
            assert!(pages.kept() <= BUDGET, "{} bytes kept", pages.kept());
        }
        let head = |pages: &dyn ReadAt| {
            let mut bytes = vec![0; pages.size().min(BUDGET) as usize];
            pages.read_at(0, &mut bytes).expect("it can be read");
            bytes
        };
        let again = unpack(&packed, packing, BUDGET, &Progress::default());
        match (once, again) {
            (Ok(once), Ok(again)) => {
                assert_eq!(once.size(), again.size());
                assert!(head(&once) == head(&again), "twice");
            }
            (Err(once), Err(again)) => assert_eq!(once, again),
            _ => panic!("once it unpacks and once it does not"),
        }
    }
}
