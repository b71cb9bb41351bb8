//! Stretches recovery words into that from which a wallet's keys are made (BIP-39): PBKDF2 with 2048 rounds of
//! HMAC-SHA-512, of several candidates at a time where the processor can.

use zeroize::Zeroizing;

#[cfg(target_arch = "x86_64")]
use super::{avx2_stretch, avx512, avx512_stretch, stretch_lanes::stretch_in_lanes};
use crate::backup::Words;

/// Words and a passphrase, stretched.
pub(super) type Stretched = Zeroizing<[u8; 64]>;

/// How many are stretched at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// With AVX-512.
    Eight,
    /// With AVX2.
    Four,
    /// On every machine.
    One,
}

impl Width {
    /// The widest of this machine.
    pub(super) fn best() -> Self {
        let mut all = [Self::Eight, Self::Four].into_iter();
        all.find(|width| width.is_present()).unwrap_or(Self::One)
    }

    /// Whether the processor and the operating system support it.
    pub(super) fn is_present(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Eight => avx512::is_present(),
            #[cfg(target_arch = "x86_64")]
            Self::Four => avx2_stretch::is_present(),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Eight | Self::Four => false,
            Self::One => true,
        }
    }
}

/// Stretches the words of candidates with one passphrase.
pub(super) fn stretch(width: Width, words: &[Words], passphrase: &str) -> Vec<Stretched> {
    #[cfg(target_arch = "x86_64")]
    match width {
        Width::Eight => return stretch_in_lanes(words, passphrase, avx512_stretch::repeat),
        Width::Four => return stretch_in_lanes(words, passphrase, avx2_stretch::repeat),
        Width::One => {}
    }
    let _ = width;
    words.iter().map(|one| one.stretched(passphrase)).collect()
}
