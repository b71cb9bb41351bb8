//! Bytes to decode from, of which no copy is left behind.
//!
//! `prost` copies each field of bytes into a block of its own before it copies it into the message
//! (`prost::encoding::bytes::merge`), and frees that block as it is: a seed would stay in memory. Here
//! that block is wiped.

use prost::bytes::{Buf, Bytes};
use zeroize::Zeroizing;

/// The bytes of a message that holds a secret.
pub(super) struct Wiped<'a>(pub(super) &'a [u8]);

impl Buf for Wiped<'_> {
    fn remaining(&self) -> usize {
        self.0.len()
    }

    fn chunk(&self) -> &[u8] {
        self.0
    }

    fn advance(&mut self, count: usize) {
        self.0 = self.0.get(count..).unwrap_or_default();
    }

    fn copy_to_bytes(&mut self, count: usize) -> Bytes {
        let part = self.0.get(..count).unwrap_or_default();
        self.advance(count);
        Bytes::from_owner(Zeroizing::new(part.to_vec()))
    }
}
