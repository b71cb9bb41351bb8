//! A place where cards come and go: a reader, or a folder into which images are put.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use bitbox_backup::image::{Limits, Presence, images_in};
use bitbox_backup::progress::Progress;
use bitbox_backup::reader;
use bitbox_backup::text::path_text;

use crate::interrupt;

/// A place to wait at: a reader, or a file that comes and goes like a card; or a folder of images.
pub(super) struct Slot {
    path: PathBuf,
    limits: Limits,
    /// Whether a card must be taken out before the next can come.
    pub(super) is_reader: bool,
    seen: HashMap<PathBuf, Seen>,
}

/// What was seen at a path the last time.
struct Seen {
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

    /// What was seen now, and whether it is ready only now: what stays the same from one look to the next is no
    /// longer being written or spinning up.
    fn settle(before: Option<Self>, mut now: Self) -> (Self, bool) {
        let is_same =
            |before: &Self| (before.presence, before.medium) == (now.presence, now.medium);
        let Some(before) = before.filter(is_same) else {
            return (now, false);
        };
        now.done = true;
        (now, !before.done)
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    Ready(PathBuf),
    Gone,
}

impl Slot {
    pub(super) fn new(path: &Path, limits: Limits) -> Self {
        Self {
            path: path.to_owned(),
            limits,
            is_reader: !path.is_dir(),
            seen: HashMap::new(),
        }
    }

    pub(super) fn name(&self) -> String {
        path_text(&self.path)
    }

    /// Looks once, and says what happened since the last time.
    pub(super) fn look(&mut self) -> Vec<Event> {
        let stopped = Progress::stopped_by(interrupt::flag());
        let images = || images_in(&self.path, &self.limits, |_| false, &stopped);
        let cards = match self.is_reader {
            true => vec![self.path.clone()],
            false => images().ok().flatten().unwrap_or_default().images,
        };
        let mut events = Vec::new();
        for card in cards {
            let before = self.seen.remove(&card);
            let Some(now) = Seen::at(&card) else {
                let was_there = before.is_some_and(|before| before.done);
                events.extend((was_there && self.is_reader).then_some(Event::Gone));
                continue;
            };
            let (seen, is_new) = Seen::settle(before, now);
            events.extend(is_new.then(|| Event::Ready(card.clone())));
            self.seen.insert(card, seen);
        }
        events
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
        assert!(slot.is_reader);
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
        assert!(!slot.is_reader);
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
