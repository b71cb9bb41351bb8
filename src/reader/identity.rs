//! Which physical card it is.

use serde::{Deserialize, Serialize};

/// How a card is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CardKind {
    /// In a slot that speaks to the card itself.
    Mmc,
    /// Behind a USB device: a card reader or a stick.
    Usb,
    /// Anything else with a block device.
    Other,
}

/// What is known of the card, or of the disk, behind a block device. Every text is trimmed, of
/// bounded length and escaped: a USB device may call itself anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardIdentity {
    /// How it is connected.
    pub kind: CardKind,
    /// The card identification register, 32 hex digits, which no two cards share.
    pub cid: Option<String>,
    /// The card's own serial number; never that of a USB reader.
    pub serial: Option<String>,
    /// The product's name.
    pub model: Option<String>,
    /// Who sells it; for a card in a slot the number of its maker.
    pub vendor: Option<String>,
    /// The maker's two letters for the brand, as a number.
    pub oem: Option<String>,
    /// When the card was made: month and year.
    pub made: Option<String>,
    /// What kind of card: `SD` or `MMC`.
    pub card_type: Option<String>,
    /// The USB device it is in.
    pub reader: Option<UsbReader>,
    /// The system's count of media: another number, another card was put in.
    pub diskseq: Option<u64>,
    /// Bytes of the whole card.
    pub size: Option<u64>,
    /// Whether the system cannot write to it.
    pub read_only: Option<bool>,
    /// Whether the system thinks it can be taken out; cards in a slot say no.
    pub removable: Option<bool>,
}

/// What became of a card since it was first looked at, as far as the system knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardFate {
    /// It is there.
    There,
    /// It was taken out, or its reader was unplugged.
    Gone,
    /// Another one is there, or this one was put in again.
    Another,
}

impl CardIdentity {
    /// What became of this card if `now` is what is behind its device at present.
    pub fn fate(&self, now: Option<&Self>) -> CardFate {
        match now {
            None => CardFate::Gone,
            Some(now) if now.size.unwrap_or_default() == 0 => CardFate::Gone,
            Some(now)
                if self.cid != now.cid
                    || self.serial != now.serial
                    || self.diskseq != now.diskseq
                    || self.size != now.size =>
            {
                CardFate::Another
            }
            Some(_) => CardFate::There,
        }
    }
}

/// A USB device with a block device in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsbReader {
    /// The vendor's number, four hex digits.
    pub vendor_id: Option<String>,
    /// The product's number, four hex digits.
    pub product_id: Option<String>,
    /// Who made it, by its own word.
    pub manufacturer: Option<String>,
    /// What it is, by its own word.
    pub product: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
}
