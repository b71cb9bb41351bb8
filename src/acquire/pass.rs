//! The passes: what reads easily, what lies around bad sectors, and those again.

use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::hash_thread::Beside;
use super::{
    BLOCK, Copied, CopyObserver, Ended, ImageTarget, ImageTargetError, SECTOR, counts, pieces,
    was_there,
};
use crate::image::{Extent, ReadAt, Tried};
use crate::progress::Progress;

/// How often the map is brought to the disk.
const SAVED_EVERY: Duration = Duration::from_secs(15);

/// Most of a hole that is passed over at once, so that the copy can be stopped in it.
const MOST_ZEROS: u64 = 64 << 20;

struct Copying<'a> {
    source: &'a dyn ReadAt,
    target: &'a mut ImageTarget,
    progress: &'a Progress<'a>,
    observer: &'a dyn CopyObserver,
    pass: u32,
    /// What is known of the parts that this pass reads.
    trying: Tried,
    saved: Instant,
    read: u64,
    done: u64,
    bad: u64,
}

/// Copies what the target's map says is missing, and tries bad sectors `retries` times more. The unit of
/// `progress` is bytes that are in the image.
///
/// # Errors
/// [`ImageTargetError`] if the image or its map cannot be written, and if what is in the image is of another
/// card. The map then says what is in the image.
pub fn copy(
    source: &dyn ReadAt,
    target: &mut ImageTarget,
    retries: u32,
    progress: &Progress<'_>,
    observer: &dyn CopyObserver,
) -> Result<Copied, ImageTargetError> {
    progress.set_total(source.size());
    let differing = match target.resumed() {
        true => super::reread::check(source, target)?,
        false => Vec::new(),
    };
    // What is known to be missing from an image is not looked for: often it is a hole there, which reads
    // as zeros.
    let missing = target.map().missing();
    for gap in source.gaps() {
        // Both are in ascending order.
        let first = missing.partition_point(|part| part.end() <= gap.offset);
        let later = missing.get(first..).unwrap_or_default().iter();
        for part in later.take_while(|part| part.offset < gap.end()) {
            let both = Extent::between(gap.offset.max(part.offset), gap.end().min(part.end()));
            target.note(both, Tried::Bad);
        }
    }
    if target.cut_at().is_some() {
        // Until then the map on the disk says of what is written from now on that it was read before.
        target.save(1)?;
    }
    let (done, bad) = counts(target.map());
    let mut copying = Copying {
        source,
        target,
        progress,
        observer,
        pass: 1,
        trying: Tried::No,
        saved: Instant::now(),
        read: 0,
        done,
        bad,
    };
    let (ended, sha256) = copying.easy()?;
    let ended = match ended {
        Ended::Through => copying.patient(retries)?,
        other => other,
    };
    // A hash computed on the way is that of the image only if nothing was written behind it.
    let sha256 = sha256.filter(|_| copying.target.map().missing().is_empty());
    copying.target.save(copying.pass)?;
    Ok(Copied {
        ended,
        sha256,
        read: copying.read,
        differing,
    })
}

impl Copying<'_> {
    /// Reads all that was not tried in large blocks, and passes over those that fail.
    fn easy(&mut self) -> Result<(Ended, Option<String>), ImageTargetError> {
        let parts = self.target.map().all(Tried::No);
        let size = self.source.size();
        let fresh = matches!(parts.as_slice(), [Extent { offset: 0, length }] if *length == size);
        std::thread::scope(|scope| {
            let mut hash = Beside::new(scope);
            let mut whole = fresh;
            for part in parts {
                let ended = self.easy_part(part, &mut hash, &mut whole)?;
                if ended != Ended::Through {
                    return Ok((ended, None));
                }
            }
            Ok((Ended::Through, hash.end().filter(|_| whole)))
        })
    }

    fn easy_part(
        &mut self,
        part: Extent,
        hash: &mut Beside<'_>,
        whole: &mut bool,
    ) -> Result<Ended, ImageTargetError> {
        let mut at = part.offset;
        // Where the hole and the data known of end; some file systems take long to tell.
        let (mut hole, mut known) = (at, at);
        while at < part.end() {
            if self.progress.is_stopped() {
                return Ok(Ended::Stopped);
            }
            // In an image that is resumed something else may be where the source has a hole.
            if self.target.resumed() {
                known = part.end();
            } else if at >= known.max(hole) {
                let data = self.source.next_data(at);
                known = data.map_or(part.end(), |data| data.end());
                hole = data.map_or(part.end(), |data| data.offset.clamp(at, part.end()));
            }
            if at < hole {
                // A hole of the source stays one. A large one takes long to hash.
                let zeros = Extent::between(at, hole.min(at.saturating_add(MOST_ZEROS)));
                hash.zeros(zeros.length);
                self.finished(zeros)?;
                at = zeros.end();
                continue;
            }
            let boundary = (at / BLOCK).saturating_add(1).saturating_mul(BLOCK);
            let block = Extent::between(at, part.end().min(known).min(boundary));
            let length = usize::try_from(block.length).unwrap_or(0);
            let mut buffer = hash.buffer(BLOCK as usize);
            let Some(bytes) = buffer.get_mut(..length) else {
                return Ok(Ended::Stopped);
            };
            let read = self.source.read_at(at, bytes);
            if !was_there(&read, self.observer) {
                return Ok(Ended::Gone);
            }
            match read {
                Ok(()) => {
                    self.target.write(at, bytes)?;
                    hash.bytes((buffer, length));
                    self.finished(block)?;
                }
                Err(_) => {
                    *whole = false;
                    hash.bytes((buffer, 0));
                    self.note(block, Tried::NotTrimmed)?;
                }
            }
            at = block.end();
        }
        Ok(Ended::Through)
    }

    /// Reads around bad sectors, and then those again from both ends in turn.
    fn patient(&mut self, retries: u32) -> Result<Ended, ImageTargetError> {
        self.pass = 2;
        for tried in [Tried::NotTrimmed, Tried::NotScraped] {
            self.trying = tried;
            for part in self.target.map().all(tried) {
                let ended = self.split(part)?;
                if ended != Ended::Through {
                    return Ok(ended);
                }
            }
        }
        self.trying = Tried::Bad;
        for retry in 0..retries {
            self.pass = 3_u32.saturating_add(retry);
            let mut sectors = self.bad_sectors();
            if retry % 2 == 0 {
                sectors.reverse();
            }
            for sector in sectors {
                let ended = self.one(sector)?;
                if ended != Ended::Through {
                    return Ok(ended);
                }
            }
        }
        Ok(Ended::Through)
    }

    /// Reads a part, and if that fails its halves, down to single sectors.
    fn split(&mut self, part: Extent) -> Result<Ended, ImageTargetError> {
        let mut left = vec![part];
        while let Some(part) = left.pop() {
            let sectors = part.length.div_ceil(SECTOR);
            if sectors <= 1 {
                match self.one(part)? {
                    Ended::Through => continue,
                    ended => return Ok(ended),
                }
            }
            // The map joins neighbors, so a part can be longer than what is read at once.
            let tried = match part.length > BLOCK {
                true => Err(Ended::Through),
                false => self.try_one(part)?,
            };
            match tried {
                Ok(()) => {}
                Err(Ended::Through) => {
                    let length = (sectors / 2).saturating_mul(SECTOR);
                    let first = Extent { length, ..part };
                    let second = Extent::between(first.end(), part.end());
                    left.extend([second, first]);
                }
                Err(ended) => return Ok(ended),
            }
        }
        Ok(Ended::Through)
    }

    /// Reads one sector, and notes that it is bad if that fails.
    fn one(&mut self, sector: Extent) -> Result<Ended, ImageTargetError> {
        let tried = self.try_one(sector)?;
        if tried == Err(Ended::Through) {
            self.note(sector, Tried::Bad)?;
        }
        Ok(tried.err().unwrap_or(Ended::Through))
    }

    /// Reads a part of at most [`BLOCK`] bytes into the image; an error says whether to go on.
    fn try_one(&mut self, part: Extent) -> Result<Result<(), Ended>, ImageTargetError> {
        if self.progress.is_stopped() {
            return Ok(Err(Ended::Stopped));
        }
        debug_assert!(part.length <= BLOCK);
        let mut bytes = Zeroizing::new(vec![0; usize::try_from(part.length).unwrap_or(0)]);
        let read = self.source.read_at(part.offset, &mut bytes);
        if !was_there(&read, self.observer) {
            return Ok(Err(Ended::Gone));
        }
        if read.is_err() {
            return Ok(Err(Ended::Through));
        }
        self.target.write(part.offset, &bytes)?;
        self.finished(part)?;
        Ok(Ok(()))
    }

    fn bad_sectors(&self) -> Vec<Extent> {
        let bad = self.target.map().all(Tried::Bad).into_iter();
        bad.flat_map(|part| pieces(part, SECTOR)).collect()
    }

    fn finished(&mut self, part: Extent) -> Result<(), ImageTargetError> {
        self.read = self.read.saturating_add(part.length);
        self.note(part, Tried::Done)
    }

    /// Notes what came of a part, and from time to time saves the map.
    fn note(&mut self, part: Extent, tried: Tried) -> Result<(), ImageTargetError> {
        self.target.note(part, tried);
        let counted = |is: bool| if is { part.length } else { 0 };
        self.done = self.done.saturating_add(counted(tried == Tried::Done));
        self.bad = self.bad.saturating_add(counted(tried == Tried::Bad));
        self.bad = self.bad.saturating_sub(counted(self.trying == Tried::Bad));
        self.progress.set_done(self.done);
        self.observer.report_bad(self.bad, self.pass);
        if self.saved.elapsed() >= SAVED_EVERY {
            self.target.save(self.pass)?;
            self.saved = Instant::now();
        }
        Ok(())
    }
}
