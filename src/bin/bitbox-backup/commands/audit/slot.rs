//! A place where cards come and go: a reader, or a folder into which images are put.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bitbox_backup::image::{Limits, Presence, images_in};
use bitbox_backup::progress::Progress;
use bitbox_backup::reader;
use bitbox_backup::text::path_text;

use crate::interrupt;

/// A place to wait at.
pub(super) enum Slot {
    /// A reader, or a file that comes and goes like a card.
    Reader(Reader),
    /// A folder of images.
    Folder {
        path: PathBuf,
        limits: Limits,
        images: HashMap<PathBuf, Seen>,
    },
}

pub(super) struct Reader {
    path: PathBuf,
    seen: Option<Seen>,
}

/// What was seen at a path the last time.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Seen {
    presence: Presence,
    /// The system's count of media: another number is another card.
    medium: Option<u64>,
    done: bool,
}

impl Seen {
    fn at(path: &Path) -> Option<Self> {
        Some(Self {
            presence: Presence::at(path)?,
            medium: reader::of(path).and_then(|card| card.diskseq),
            done: false,
        })
    }

    fn is_same(&self, now: &Self) -> bool {
        (self.presence, self.medium) == (now.presence, now.medium)
    }
}

/// What happened at a slot.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A card is there and ready to be read.
    Ready(PathBuf),
    /// The card was taken out.
    Gone,
}

impl Slot {
    pub(super) fn new(path: &Path, limits: Limits) -> Self {
        let path = path.to_owned();
        if path.is_dir() {
            let images = HashMap::new();
            Self::Folder {
                path,
                limits,
                images,
            }
        } else {
            Self::Reader(Reader { path, seen: None })
        }
    }

    /// Where it is, escaped.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Reader(Reader { path, .. }) | Self::Folder { path, .. } => path_text(path),
        }
    }

    /// Whether a card must be taken out before the next can come.
    pub(super) fn is_reader(&self) -> bool {
        matches!(self, Self::Reader(_))
    }

    /// Looks once, and says what happened since the last time.
    pub(super) fn look(&mut self) -> Vec<Event> {
        match self {
            Self::Reader(reader) => reader.look().into_iter().collect(),
            Self::Folder {
                path,
                limits,
                images,
            } => {
                let stopped = Progress::stopped_by(interrupt::flag());
                let found = images_in(path, limits, |_| false, &stopped)
                    .ok()
                    .flatten()
                    .unwrap_or_default();
                let mut ready = Vec::new();
                for image in found.images {
                    let now = Seen::at(&image);
                    let settled = settle(images.remove(&image), now);
                    if let Some((seen, is_new)) = settled {
                        images.insert(image.clone(), seen);
                        ready.extend(is_new.then_some(Event::Ready(image)));
                    }
                }
                ready
            }
        }
    }
}

impl Reader {
    fn look(&mut self) -> Option<Event> {
        let now = Seen::at(&self.path);
        let was_there = self.seen.as_ref().is_some_and(|seen| seen.done);
        let settled = settle(self.seen.take(), now);
        let Some((seen, is_new)) = settled else {
            return was_there.then_some(Event::Gone);
        };
        self.seen = Some(seen);
        is_new.then(|| Event::Ready(self.path.clone()))
    }
}

/// What was seen, and whether it is ready now: what stays the same from one look to the next is no
/// longer being written or spinning up.
fn settle(before: Option<Seen>, now: Option<Seen>) -> Option<(Seen, bool)> {
    let now = now?;
    match before {
        Some(before) if before.is_same(&now) => {
            let is_new = !before.done;
            Some((Seen { done: true, ..now }, is_new))
        }
        _ => Some((now, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_card_is_ready_once_it_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("slot");
        let mut slot = Slot::new(&path, Limits::default());
        assert!(slot.is_reader());
        assert_eq!(slot.look(), []);
        fs::write(&path, vec![0; 600]).unwrap();
        assert_eq!(slot.look(), []);
        fs::write(&path, vec![0; 1200]).unwrap();
        assert_eq!(slot.look(), [], "it grew");
        assert_eq!(slot.look(), [Event::Ready(path.clone())]);
        assert_eq!(slot.look(), []);
        fs::remove_file(&path).unwrap();
        assert_eq!(slot.look(), [Event::Gone]);
        assert_eq!(slot.look(), []);
        fs::write(&path, vec![0; 600]).unwrap();
        assert_eq!((slot.look(), slot.look().len()), (vec![], 1));
        // Another one in its place without a look in between.
        fs::write(&path, vec![0; 700]).unwrap();
        assert_eq!((slot.look(), slot.look().len()), (vec![], 1));
    }

    #[test]
    fn images_put_into_a_folder_come_one_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut slot = Slot::new(folder.path(), Limits::default());
        assert!(!slot.is_reader());
        assert_eq!(slot.look(), []);
        let image = |name: &str| folder.path().join(name);
        fs::write(image("b.img"), vec![0; 600]).unwrap();
        fs::write(image("notes.txt"), "x").unwrap();
        assert_eq!(slot.look(), []);
        fs::write(image("a.img"), vec![0; 600]).unwrap();
        assert_eq!(slot.look(), [Event::Ready(image("b.img"))]);
        assert_eq!(slot.look(), [Event::Ready(image("a.img"))]);
        assert_eq!(slot.look(), []);
        fs::write(image("a.img"), vec![0; 700]).unwrap();
        assert_eq!(slot.look(), []);
        assert_eq!(slot.look(), [Event::Ready(image("a.img"))]);
    }
}
