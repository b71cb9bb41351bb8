//! What proves each field of a file that is written.

use serde::{Deserialize, Serialize};

use crate::backup::wallet::OwnerProof;
use crate::backup::{Id, IdDistance};

/// What proves a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeedProof {
    /// The checksum over all fields.
    Checksum,
    /// The id, up to trailing zeros.
    Id,
    /// Both.
    Both,
    /// An extended public key that the owner gave.
    Xpub,
    /// An address that the owner gave.
    Address,
    /// A root fingerprint that the owner gave, among few candidates.
    Fingerprint,
}

impl SeedProof {
    /// Whether the checksum proves every field too.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Checksum | Self::Both)
    }
}

impl From<OwnerProof> for SeedProof {
    fn from(proof: OwnerProof) -> Self {
        match proof {
            OwnerProof::Xpub => Self::Xpub,
            OwnerProof::Address => Self::Address,
            OwnerProof::Fingerprint => Self::Fingerprint,
        }
    }
}

/// What vouches for any other field of a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldProof {
    /// The checksum over all fields.
    Checksum,
    /// Of a seed's length: the id, as the shortest length that the seed's trailing zeros allow.
    Id,
    /// Of a seed's length: what the owner knows of the wallet.
    Owner,
    /// A copy in which the field is intact; nothing proves it.
    Copy,
    /// The name of a file on the card.
    FileName,
    /// Nothing: the field is left out.
    Absent,
}

/// What proves each field of a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Proof {
    /// The seed.
    pub seed: SeedProof,
    /// How many of its bytes count.
    pub seed_length: FieldProof,
    /// When the backup was made.
    pub timestamp: FieldProof,
    /// The device's name.
    pub name: FieldProof,
    /// When the wallet was made.
    pub birthdate: FieldProof,
    /// The firmware that wrote it.
    pub generator: FieldProof,
    /// If the seed is proved by an ID of which digits are lost or wrong: how far its own is from that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damaged_id: Option<IdDistance>,
    /// If the checksum proves the seed and the folder of its copies is named for another wallet: the ID in that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder_id: Option<Id>,
}

impl Proof {
    /// Whether anything but somebody's word says how many bytes of the seed count.
    pub fn proves_length(&self) -> bool {
        matches!(
            self.seed_length,
            FieldProof::Checksum | FieldProof::Id | FieldProof::Owner
        )
    }

    /// Of a file whose checksum is right, `id` telling whether it also gives a known id.
    pub(super) fn whole(id: bool) -> Self {
        let field = FieldProof::Checksum;
        Self {
            seed: if id {
                SeedProof::Both
            } else {
                SeedProof::Checksum
            },
            seed_length: field,
            timestamp: field,
            name: field,
            birthdate: field,
            generator: field,
            damaged_id: None,
            folder_id: None,
        }
    }
}
