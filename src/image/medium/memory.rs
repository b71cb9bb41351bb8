//! An image that lies in memory.

use std::fmt;

use zeroize::Zeroizing;

use crate::image::{ReadAt, ReadError, check_inside};

/// An image in memory, wiped on drop.
pub struct Memory(Zeroizing<Vec<u8>>);

impl Memory {
    /// Takes the bytes; they are wiped when it is dropped.
    pub fn new(bytes: impl Into<Zeroizing<Vec<u8>>>) -> Self {
        Self(bytes.into())
    }
}

impl From<Vec<u8>> for Memory {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl ReadAt for Memory {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        check_inside(offset, buf.len(), self.size())?;
        let start = usize::try_from(offset).ok();
        if let Some(bytes) = start.and_then(|start| self.0.get(start..)?.get(..buf.len())) {
            buf.copy_from_slice(bytes);
        }
        Ok(())
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_inside_and_nowhere_else() {
        let memory = Memory::from(b"abcdef".to_vec());
        let mut buf = [0; 3];
        memory.read_at(3, &mut buf).unwrap();
        assert_eq!(&buf, b"def");
        memory.read_at(6, &mut []).unwrap();
        assert_eq!(
            memory.read_at(4, &mut buf),
            Err(ReadError::PastEnd {
                offset: 4,
                length: 3,
                size: 6
            })
        );
        assert_eq!(format!("{memory:?}"), "Memory(6 bytes)");
        assert_eq!(memory.gaps(), []);
    }
}
