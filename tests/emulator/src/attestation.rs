//! Attestation (docs/device.md 4.2).
//!
//! A genuine answer cannot be made here: the maker's root keys are the maker's.

use k256::ecdsa::signature::Signer;
use sha2::{Digest, Sha256};

/// What the device answers to the challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attestation {
    /// 0x01, as the simulator.
    Refused,
    /// Signatures by a root key of our own.
    Signed {
        /// The root id it names; `None` is that of our own key, which no client knows. With that of
        /// a key of the maker's it is a forgery.
        root_id: Option<[u8; 32]>,
        /// What is wrong besides.
        spoilt: Spoilt,
    },
}

/// What is wrong with a signed answer besides its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoilt {
    /// Nothing.
    Nothing,
    /// The signature of the root key.
    Certificate,
    /// The signature of the device's key.
    Challenge,
    /// It is one byte too short.
    Length,
}

impl Attestation {
    /// The answer to a challenge, operation status included.
    pub(crate) fn answer(&self, challenge: &[u8]) -> Vec<u8> {
        let Self::Signed { root_id, spoilt } = self else {
            return vec![1];
        };
        if challenge.len() != 32 {
            return vec![1];
        }
        let root = k256::ecdsa::SigningKey::from_slice(&[0x52; 32]).expect("a number in range");
        let device = p256::ecdsa::SigningKey::from_slice(&[0x44; 32]).expect("a number in range");
        let bootloader = Sha256::digest(b"the emulator has no bootloader");
        let point = device.verifying_key().to_sec1_point(false);
        let device_key = &point.as_bytes()[1..];
        let certificate: k256::ecdsa::Signature =
            root.sign(&[bootloader.as_slice(), device_key].concat());
        let signature: p256::ecdsa::Signature = device.sign(challenge);
        let (mut certificate, mut signature) = (certificate.to_bytes(), signature.to_bytes());
        match spoilt {
            Spoilt::Nothing | Spoilt::Length => {}
            Spoilt::Certificate => certificate[40] ^= 1,
            Spoilt::Challenge => signature[40] ^= 1,
        }
        let own_id = || Sha256::digest(root.verifying_key().to_sec1_point(false).as_bytes()).into();
        let mut answer = [
            &[0],
            bootloader.as_slice(),
            device_key,
            &certificate,
            &root_id.unwrap_or_else(own_id),
            &signature,
        ]
        .concat();
        if *spoilt == Spoilt::Length {
            answer.pop();
        }
        answer
    }
}
