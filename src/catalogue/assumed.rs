//! What of a folder the device would be shown on a card of its own.

use zeroize::Zeroizing;

use crate::backup::MAX_FILE_SIZE;

/// A file or folder of an assumed card.
pub struct AssumedFile {
    path: String,
    /// `None` for a folder.
    bytes: Option<Zeroizing<Vec<u8>>>,
}

impl AssumedFile {
    /// A folder, by its path from the root.
    pub fn folder(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            bytes: None,
        }
    }

    /// A file of this size. A device reads none over 1024 bytes, so of a longer one only that it is
    /// longer is kept; one that cannot be read is taken for such.
    pub fn file(path: &str, size: u64, bytes: Option<&[u8]>) -> Self {
        let most = usize::try_from(size.min(MAX_FILE_SIZE.saturating_add(1))).unwrap_or(0);
        let mut kept = Zeroizing::new(vec![0; most]);
        match bytes {
            Some(bytes) => kept
                .iter_mut()
                .zip(bytes)
                .for_each(|(to, from)| *to = *from),
            None if size > 0 && size <= MAX_FILE_SIZE => {
                kept.resize((MAX_FILE_SIZE as usize).saturating_add(1), 0)
            }
            None => {}
        }
        Self {
            path: path.to_owned(),
            bytes: Some(kept),
        }
    }

    /// Its path from the root.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its bytes; `None` for a folder.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.bytes.as_ref().map(|bytes| bytes.as_slice())
    }
}
