//! An image in memory.

use zeroize::Zeroizing;

use super::{ReadAt, ReadError, within};

/// Bytes in memory, wiped on drop.
pub struct Memory(Zeroizing<Vec<u8>>);

impl Memory {
    /// Takes the bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl ReadAt for Memory {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        within(offset, buf.len(), self.size())?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        if let Some(bytes) = self.0.get(start..start.saturating_add(buf.len())) {
            buf.copy_from_slice(bytes);
        }
        Ok(())
    }
}
