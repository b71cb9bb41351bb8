//! The implementations there are, and which of them this machine can run.

#[cfg(target_arch = "x86_64")]
use super::avx512;

/// How candidates are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// One at a time, on every machine.
    Portable,
    /// Sixteen at a time, with AVX-512.
    Avx512,
}

impl Kernel {
    /// The fastest kernel this machine can run.
    pub fn best() -> Self {
        Self::Avx512.or_present()
    }

    /// This kernel if the machine can run it, otherwise the portable one.
    pub fn or_present(self) -> Self {
        #[cfg(target_arch = "x86_64")]
        if self == Self::Avx512 && avx512::is_present() {
            return self;
        }
        Self::Portable
    }
}
