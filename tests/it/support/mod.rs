//! What several tests share: fixture cards as images, and the device's answer in one word.

pub mod blessed;
pub mod cards;
#[cfg(unix)]
pub mod person;
pub mod program;
pub mod published;
pub mod truth;

use std::collections::BTreeSet;
use std::sync::Mutex;

use bitbox_backup::assess::{Assessment, Seen, assess};
use bitbox_backup::catalogue::{self, Catalogue, Looked};
use bitbox_backup::firmware::{self, List, Version};
use bitbox_backup::image::{Extent, ReadAt, ReadError, Sectors};
use bitbox_backup::report::{Card, Source};
use fixtures::card;
use fixtures::recipe::{Expected, Listed};

/// A fixture's card as an image that notes which sectors are read.
pub struct Image {
    card: card::Card,
    bad: Option<u64>,
    read: Mutex<BTreeSet<u64>>,
}

impl Image {
    pub fn new(card: card::Card) -> Self {
        Self {
            card,
            bad: None,
            read: Mutex::default(),
        }
    }

    /// The same with one sector that cannot be read.
    pub fn with_bad_sector(card: card::Card, lba: u64) -> Self {
        Self {
            bad: Some(lba),
            ..Self::new(card)
        }
    }

    /// How many different sectors were read.
    pub fn sectors_read(&self) -> usize {
        self.read.lock().unwrap().len()
    }

    /// Their numbers.
    pub fn sectors(&self) -> Vec<u64> {
        self.read.lock().unwrap().iter().copied().collect()
    }
}

impl ReadAt for Image {
    fn size(&self) -> u64 {
        self.card.size()
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        let (offset, length) = self.card.next_data(offset)?;
        Some(Extent { offset, length })
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        let length = buf.len() as u64;
        self.read
            .lock()
            .unwrap()
            .extend(offset / 512..(offset + length).div_ceil(512));
        let sectors = offset / 512..(offset + length).div_ceil(512);
        if self.bad.is_some_and(|bad| sectors.contains(&bad)) {
            let kind = std::io::ErrorKind::Other;
            return Err(ReadError::Unreadable {
                offset,
                length,
                cause: bitbox_backup::image::SystemError {
                    kind,
                    os_error: Some(5),
                },
            });
        }
        if self.card.read_at(offset, buf) < buf.len() {
            return Err(ReadError::PastEnd {
                offset,
                length,
                size: self.card.size(),
            });
        }
        Ok(())
    }
}

/// What the device answers, in the fixtures' words.
pub fn device_view(image: &dyn ReadAt) -> Expected {
    let sectors = Sectors::new(image);
    view_of(&firmware::list_backups(&sectors, Version::default()).list)
}

pub fn view_of(list: &List) -> Expected {
    match list {
        List::Ok(backups) => {
            let listed = backups.iter().map(|backup| Listed {
                id: backup.id.clone(),
                timestamp: backup.timestamp,
                name: backup.name.clone(),
            });
            Expected::Ok(listed.collect())
        }
        List::Error(_) => Expected::Error,
        List::Crash(_) => Expected::Crash,
    }
}

/// Both eyes and the judge, for the newest firmware.
pub fn examine(image: &dyn ReadAt, looked: Looked) -> (Catalogue, Assessment) {
    examine_as(image, looked, Version::default())
}

/// The same for any firmware.
pub fn examine_as(
    image: &dyn ReadAt,
    looked: Looked,
    firmware: Version,
) -> (Catalogue, Assessment) {
    let sectors = Sectors::new(image);
    let answer = firmware::list_backups(&sectors, firmware);
    let catalogue = catalogue::locate(&sectors, looked);
    let assessment = assess(
        &catalogue,
        Some(answer),
        Seen::Card,
        Some(&sectors),
        firmware,
    );
    (catalogue, assessment)
}

/// The report of a card.
pub fn report(image: &dyn ReadAt, looked: Looked) -> Source {
    let (catalogue, assessment) = examine(image, looked);
    report_of(&catalogue, &assessment)
}

/// The report of a card that was looked at.
pub fn report_of(catalogue: &Catalogue, assessment: &Assessment) -> Source {
    let card = Card::new("raw image".into(), catalogue, None);
    Source::examined("card.img", assessment, catalogue, card)
}
