//! Whether the maker made this device (docs/device.md 4.2).
//!
//! Each device has a key of its own, certified in the factory by one of the maker's root keys. It signs
//! a number nobody could know beforehand.

use k256::ecdsa::signature::hazmat::PrehashVerifier;
use sha2::{Digest, Sha256};

/// The maker's root keys: uncompressed points of secp256k1 in hex, one a line.
const ROOTS: &str = include_str!("attestation-roots.txt");
/// Bytes of an answer.
pub(super) const LENGTH: usize = 32 + 64 + 64 + 32 + 64;

/// Whether a device proved that the maker made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Genuine {
    /// It did.
    Yes,
    /// It did not.
    No(Doubt),
    /// The proof never came, so nothing is known.
    Unchecked,
}

/// What is wrong with a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Doubt {
    /// There is none: the device refuses, as a simulator does.
    #[error("the device has no proof; a simulator has none either")]
    Refused,
    /// It has another length.
    #[error("its proof has {0} bytes instead of {LENGTH}")]
    Length(usize),
    /// It names a root key that is not the maker's.
    #[error("its proof does not lead to a key of the maker known to this program")]
    Root,
    /// The certificate is not by that key.
    #[error("its certificate is not signed by the maker")]
    Certificate,
    /// The number was not signed by the key of the certificate.
    #[error("it did not sign with the certified key")]
    Signature,
}

/// Checks an answer, without its status byte.
pub(super) fn check(challenge: &[u8; 32], answer: &[u8]) -> Result<(), Doubt> {
    check_against(&roots(), challenge, answer)
}

/// The maker's keys.
fn roots() -> Vec<Vec<u8>> {
    let lines = ROOTS.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.filter_map(|line| hex::decode(line).ok()).collect()
}

fn check_against(roots: &[Vec<u8>], challenge: &[u8; 32], answer: &[u8]) -> Result<(), Doubt> {
    let length = || Doubt::Length(answer.len());
    if answer.len() != LENGTH {
        return Err(length());
    }
    let mut rest = answer;
    let mut next = |bytes: usize| {
        let (part, more) = rest.split_at_checked(bytes).ok_or_else(length)?;
        rest = more;
        Ok(part)
    };
    let (bootloader, device, certificate) = (next(32)?, next(64)?, next(64)?);
    let (root_id, signature) = (next(32)?, next(64)?);
    let root = roots
        .iter()
        .find(|root| Sha256::digest(root).as_slice() == root_id)
        .ok_or(Doubt::Root)?;
    by_maker(root, &[bootloader, device].concat(), certificate).ok_or(Doubt::Certificate)?;
    by_device(device, challenge, signature).ok_or(Doubt::Signature)
}

fn by_maker(root: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = k256::ecdsa::VerifyingKey::from_sec1_bytes(root).ok()?;
    // Both halves of the curve are as good; this library takes the lower one only.
    let signature = k256::ecdsa::Signature::from_slice(signature).ok()?;
    key.verify_prehash(&Sha256::digest(message), &signature.normalize_s())
        .ok()
}

fn by_device(point: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let point = [&[4], point].concat();
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?;
    let signature = p256::ecdsa::Signature::from_slice(signature).ok()?;
    key.verify_prehash(&Sha256::digest(message), &signature)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use k256::ecdsa::signature::Signer;

    const CHALLENGE: [u8; 32] = [9; 32];

    /// A maker of our own, and the proof of one of his devices.
    fn made() -> (Vec<Vec<u8>>, Vec<u8>) {
        let root = k256::ecdsa::SigningKey::from_slice(&[1; 32]).unwrap();
        let device = p256::ecdsa::SigningKey::from_slice(&[2; 32]).unwrap();
        let root_key = root
            .verifying_key()
            .to_sec1_point(false)
            .as_bytes()
            .to_vec();
        let point = device.verifying_key().to_sec1_point(false);
        let body = [&[3; 32][..], &point.as_bytes()[1..]].concat();
        let certificate: k256::ecdsa::Signature = root.sign(&body);
        let signature: p256::ecdsa::Signature = device.sign(&CHALLENGE);
        let answer = [
            &body[..],
            &certificate.to_bytes(),
            &Sha256::digest(&root_key),
            &signature.to_bytes(),
        ]
        .concat();
        (vec![root_key], answer)
    }

    #[test]
    fn all_the_makers_keys_are_keys() {
        let roots = roots();
        assert_eq!(roots.len(), 110);
        for root in &roots {
            assert_eq!(root.len(), 65);
            assert!(k256::ecdsa::VerifyingKey::from_sec1_bytes(root).is_ok());
        }
    }

    #[test]
    fn a_proof_proves_and_each_changed_bit_of_it_does_not() {
        let (roots, answer) = made();
        assert_eq!(check_against(&roots, &CHALLENGE, &answer), Ok(()));
        for byte in 0..answer.len() {
            let mut changed = answer.clone();
            changed[byte] ^= 1;
            assert!(
                check_against(&roots, &CHALLENGE, &changed).is_err(),
                "{byte}"
            );
        }
        let other = check_against(&roots, &[8; 32], &answer);
        assert_eq!(other, Err(Doubt::Signature));
        let short = check_against(&roots, &CHALLENGE, &answer[1..]);
        assert_eq!(short, Err(Doubt::Length(255)));
        assert_eq!(check(&CHALLENGE, &answer), Err(Doubt::Root));
    }

    #[test]
    fn the_upper_half_of_a_certificate_is_as_good() {
        let (roots, mut answer) = made();
        let signature = k256::ecdsa::Signature::from_slice(&answer[96..160]).unwrap();
        let (r, s) = (signature.r(), -*signature.s());
        let other = k256::ecdsa::Signature::from_scalars(r.to_bytes(), s.to_bytes()).unwrap();
        answer[96..160].copy_from_slice(&other.to_bytes());
        assert_eq!(check_against(&roots, &CHALLENGE, &answer), Ok(()));
    }
}
