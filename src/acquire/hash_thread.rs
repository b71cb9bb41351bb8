//! SHA-256 beside the copying, on a thread of its own, so that it takes no time of its own.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Blocks that may wait for the hash.
const WAITING: usize = 2;
const ZEROS: usize = 64 << 10;

/// A block with its length, in a buffer that comes back.
pub(super) type Block = (Zeroizing<Vec<u8>>, usize);

enum Next {
    Bytes(Block),
    Zeros(u64),
}

pub(super) struct Beside<'scope> {
    next: SyncSender<Next>,
    used: Receiver<Zeroizing<Vec<u8>>>,
    thread: ScopedJoinHandle<'scope, String>,
    buffers: usize,
}

impl<'scope> Beside<'scope> {
    pub(super) fn new<'env>(scope: &'scope Scope<'scope, 'env>) -> Self {
        let (next, coming) = sync_channel::<Next>(WAITING);
        let (back, used) = sync_channel(WAITING.saturating_add(2));
        let thread = scope.spawn(move || {
            let mut hash = Sha256::new();
            let zeros = vec![0; ZEROS];
            for next in coming {
                match next {
                    Next::Bytes((bytes, length)) => {
                        hash.update(bytes.get(..length).unwrap_or_default());
                        // Nobody waits for it at the end.
                        let _ = back.try_send(bytes);
                    }
                    Next::Zeros(mut left) => {
                        while left > 0 {
                            let length = usize::try_from(left).unwrap_or(ZEROS).min(ZEROS);
                            hash.update(zeros.get(..length).unwrap_or_default());
                            left = left.saturating_sub(length as u64);
                        }
                    }
                }
            }
            hex::encode(hash.finalize())
        });
        Self {
            next,
            used,
            thread,
            buffers: 0,
        }
    }

    /// A buffer of this size to read into.
    pub(super) fn buffer(&mut self, size: usize) -> Zeroizing<Vec<u8>> {
        // Enough for one being read, those that wait, and one being hashed.
        if self.buffers < WAITING.saturating_add(2) {
            self.buffers = self.buffers.saturating_add(1);
            return Zeroizing::new(vec![0; size]);
        }
        let used = self.used.recv();
        used.unwrap_or_else(|_| Zeroizing::new(vec![0; size]))
    }

    pub(super) fn bytes(&self, block: Block) {
        // The other side ends only after this one.
        let _ = self.next.send(Next::Bytes(block));
    }

    pub(super) fn zeros(&self, count: u64) {
        let _ = self.next.send(Next::Zeros(count));
    }

    pub(super) fn end(self) -> Option<String> {
        drop(self.next);
        self.thread.join().ok()
    }
}
