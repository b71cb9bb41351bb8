//! The files of the browser, read at any place.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bitbox_backup::image::{ReadAt, ReadError, SystemError};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Fills `buf` with the bytes of a file from `offset` on; false if they cannot be read.
    #[wasm_bindgen(js_name = readAt)]
    fn read_at(file: u32, offset: f64, buf: &mut [u8]) -> bool;

    /// Says how far the reading of an image, or a search, has come.
    #[wasm_bindgen(js_name = tellProgress)]
    pub(crate) fn tell_progress(done: f64, total: f64);

    /// Hands bytes to the page, under this name. What is returned instead would be freed unwiped.
    #[wasm_bindgen(js_name = tellBytes)]
    pub(crate) fn tell_bytes(told: &str, bytes: &[u8]);
}

/// A file of the browser, by its number in the worker.
struct BrowserFile {
    number: u32,
    size: u64,
}

impl ReadAt for BrowserFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        let length = buf.len() as u64;
        if offset.checked_add(length).is_none_or(|end| end > self.size) {
            return Err(ReadError::PastEnd {
                offset,
                length,
                size: self.size,
            });
        }
        // A browser counts bytes in floating point, exact up to 2^53.
        if buf.is_empty() || read_at(self.number, offset as f64, buf) {
            return Ok(());
        }
        Err(ReadError::Unreadable {
            offset,
            length,
            cause: SystemError::from(&std::io::ErrorKind::Other.into()),
        })
    }
}

/// The bytes of a file of the browser.
pub(crate) fn bytes(number: u32, size: f64) -> Arc<dyn ReadAt> {
    let size = size.max(0.0) as u64;
    Arc::new(BrowserFile { number, size })
}

/// A time of the browser, in milliseconds since 1970.
pub(crate) fn time(milliseconds: f64) -> Option<SystemTime> {
    let since = Duration::from_millis(milliseconds.max(0.0) as u64);
    SystemTime::UNIX_EPOCH.checked_add(since)
}
