//! What is examined of each kind of source: a card, a folder, a single file.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::options::{AT_ONCE, Depth, Options};
use super::several::{has_signs, of_several};
use crate::assess::{self, Assessment, Seen};
use crate::catalogue::{self, BackupCopy, Catalogue, CopyState, Looked, Volume};
use crate::finding::Advice;
use crate::firmware::{self, Answer, List, Obstacle};
use crate::image::{
    self, Folder, Memory, ReadAt, Sectors, SourceKind, SplitReads, Transform, Transformed,
};
use crate::partition::FileSystem;
use crate::report::{self, Card, Source};

/// A source with all that was found in it, the bytes of copies included.
#[derive(Debug)]
#[non_exhaustive]
pub struct Examination {
    /// What may be said of it.
    pub report: Source,
    /// The evidence view.
    pub catalogue: Catalogue,
    /// What the judge says.
    pub assessment: Assessment,
}

impl Examination {
    /// Makes one examination of several, in which copies of one wallet are evidence together whatever source they
    /// are in. Its report is that of the first; the others are returned beside it. `None` if there is none.
    pub fn join(all: Vec<Self>) -> Option<(Self, Vec<Source>)> {
        let each = all.into_iter();
        let each = each.map(|one| (one.report, (one.catalogue, one.assessment)));
        let (reports, (catalogues, assessments)): (Vec<_>, (Vec<_>, Vec<_>)) = each.unzip();
        let catalogue = Catalogue::join(catalogues);
        let assessment = assess::assess_joined(&catalogue, assessments)?;
        let mut reports = reports.into_iter();
        let report = reports.next()?;
        let joined = Self {
            report,
            catalogue,
            assessment,
        };
        Some((joined, reports.collect()))
    }
}

/// Examines the image of a card that is open already; `name` is what reports call it.
pub fn examine_image(name: &str, image: &dyn ReadAt, options: &Options) -> Examination {
    card(name, image, SourceKind::Raw, options).0
}

/// How far a card is looked at on which the device sees what it answers.
fn depth(options: &Options, image: &dyn ReadAt, answer: &Answer) -> Looked {
    let lists = matches!(&answer.list, List::Ok(backups) if !backups.is_empty());
    match options.depth {
        Depth::Quick => Looked::Folders,
        // A new backup may be written over what no folder leads to.
        Depth::Usual if (!lists || options.preflight) && holds_at_most(image, AT_ONCE) => {
            Looked::Surface
        }
        Depth::Usual => Looked::Deleted,
        Depth::Whole => Looked::Surface,
    }
}

/// Whether at most so many bytes of an image may hold anything but zeros.
fn holds_at_most(image: &dyn ReadAt, most: u64) -> bool {
    let (mut at, mut sum) = (0, 0_u64);
    while let Some(data) = image.next_data(at) {
        sum = sum.saturating_add(data.length);
        if sum > most || data.end() <= at {
            return false;
        }
        at = data.end();
    }
    true
}

/// A card, and what stands against a new backup on it, where that was asked for.
pub(super) fn card(
    name: &str,
    image: &dyn ReadAt,
    kind: SourceKind,
    options: &Options,
) -> (Examination, Option<Vec<Obstacle>>) {
    let sectors = Sectors::new(image);
    let answer = firmware::list_backups(&sectors, options.firmware);
    let obstacles = options
        .preflight
        .then(|| firmware::preflight(&sectors, &answer, options.firmware));
    let mut looked = depth(options, image, &answer);
    if obstacles.as_ref().is_some_and(|all| !all.is_empty()) {
        // What is advised may erase the card: that it holds no backup is looked for everywhere.
        looked = Looked::Surface;
    }
    let mut catalogue = catalogue::locate(&sectors, looked);
    if may_be_reordered(&catalogue, options) {
        catalogue = in_other_order(image, &catalogue).unwrap_or(catalogue);
    }
    if options.part.is_some() {
        (catalogue.is_part, catalogue.complete) = (true, false);
    }
    let assessment = assess::assess(
        &catalogue,
        Some(answer),
        Seen::Card,
        Some(&sectors),
        options.firmware,
    );
    let card = Card::new(kind.name().into(), &catalogue, Some(&sectors));
    let examination = report_card(name, catalogue, assessment, card, options);
    (examination, obstacles)
}

/// Whether a card of which everything was searched may be a dump in another order: nothing was found on it. Unless
/// everything is asked for, a file system says that it is none.
fn may_be_reordered(catalogue: &Catalogue, options: &Options) -> bool {
    use FileSystem::{Apple, ExFat, Ext, Fat, Ntfs};
    // Other marks are too short for what a scrambled dump may begin with.
    let is_known = |volume: &Volume| matches!(volume.file_system, Fat | ExFat | Ntfs | Ext | Apple);
    let is_asked = options.depth == Depth::Whole;
    catalogue.looked == Looked::Surface
        && catalogue.is_bare()
        && (is_asked || !catalogue.volumes.iter().any(is_known))
}

/// What is in a dump that a tool wrote inverted or in another order: the first with an intact copy of a backup in it;
/// otherwise, if nothing at all was found in it as it is, the one with the most damaged copies.
fn in_other_order(image: &dyn ReadAt, as_it_is: &Catalogue) -> Option<Catalogue> {
    let mut damaged: Option<(usize, Catalogue)> = None;
    for transform in with_signs(image) {
        let dump = Transformed::new(image, &transform);
        let found = catalogue::locate(&Sectors::new(&dump), Looked::Surface);
        let copies = found.count(CopyState::Damaged);
        if found.count(CopyState::Valid) > 0 {
            return Some(found.of_transformed(&transform.to_string()));
        }
        let most = damaged.as_ref().map_or(0, |(most, _)| *most);
        if copies > most && as_it_is.copies.is_empty() {
            damaged = Some((copies, found.of_transformed(&transform.to_string())));
        }
    }
    damaged.map(|(_, found)| found)
}

/// The transforms without which a dump shows signs of a card. It is read once for all of them.
fn with_signs(image: &dyn ReadAt) -> Vec<Transform> {
    /// Bytes looked at in every order before the next are read, and bytes around them that are looked at with them.
    const PIECE: u64 = 8 << 20;
    const AROUND: u64 = 4 << 10;
    let transforms = Transform::list(image).into_iter();
    let is_short =
        |transform: &Transform| holds_at_most(&Transformed::new(image, transform), AT_ONCE);
    let all = transforms.filter(is_short);
    let mut all: Vec<_> = all.map(|transform| (transform, false)).collect();
    let image = SplitReads::new(image);
    let mut at = 0;
    while let Some(data) = image.next_data(at)
        && all.iter().any(|(_, has_signs)| !has_signs)
    {
        let start = data.offset.saturating_sub(AROUND) & !(AROUND - 1);
        let before = std::mem::replace(&mut at, data.end().min(start.saturating_add(PIECE)));
        if at <= before {
            break;
        }
        let end = at.saturating_add(AROUND).min(image.size());
        let length = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
        let mut bytes = Zeroizing::new(vec![0; length]);
        // What cannot be read is zero here, and known from the dump as it is.
        if image.read_around(start, &mut bytes).is_err() {
            continue;
        }
        let piece = Memory::new(bytes);
        for (transform, has_signs) in &mut all {
            let has = || catalogue::surface(&Transformed::new(&piece, transform)).has_signs();
            *has_signs = *has_signs || has();
        }
    }
    let found = all.into_iter().filter(|(_, has_signs)| *has_signs);
    found.map(|(transform, _)| transform).collect()
}

/// A folder, with the files a card with its contents would have. What of it are cards of their own is left out.
pub(super) fn of_folder(
    name: &str,
    folder: &Folder,
    kind: SourceKind,
    cards: &[PathBuf],
    options: &Options,
) -> Examination {
    let looked = match options.depth {
        Depth::Quick => Looked::Folders,
        Depth::Usual | Depth::Whole => Looked::Deleted,
    };
    let (catalogue, files) = catalogue::folder(folder, looked, cards);
    let files = files.iter().map(|file| {
        let bytes = file.bytes.as_ref();
        (file.path.as_str(), bytes.map(|bytes| bytes.as_slice()))
    });
    let assumed = Memory::new(firmware::assumed_card(files));
    let sectors = Sectors::new(&assumed);
    let answer = firmware::list_backups(&sectors, options.firmware);
    let assessment = assess::assess(
        &catalogue,
        Some(answer),
        Seen::AssumedCard,
        Some(&sectors),
        options.firmware,
    );
    let card = Card::new(kind.name().into(), &catalogue, None);
    let mut examination = report_card(name, catalogue, assessment, card, options);
    if !cards.is_empty() {
        of_several(cards.len(), &mut examination.report);
    }
    examination
}

/// A single file; `None` if nothing in it is or was a copy of a backup.
pub(super) fn single_file(name: &str, bytes: &[u8], options: &Options) -> Option<Examination> {
    let catalogue = catalogue::single_file(name, bytes);
    // A name alone makes no copy of what is surely something else.
    let is_whole = |copy: &BackupCopy| copy.state == CopyState::Valid;
    let has_whole = catalogue.copies.iter().any(is_whole);
    let is_foreign = || !has_whole && !has_signs(bytes) && image::foreign_in(bytes).is_some();
    if catalogue.copies.is_empty() || is_foreign() {
        return None;
    }
    let assessment = assess::assess(&catalogue, None, Seen::SingleFile, None, options.firmware);
    let card = Card::new(SourceKind::BackupFile.name().into(), &catalogue, None);
    Some(report_card(name, catalogue, assessment, card, options))
}

fn report_card(
    name: &str,
    catalogue: Catalogue,
    mut assessment: Assessment,
    card: Card,
    options: &Options,
) -> Examination {
    let only = options
        .only
        .filter(|only| assess::narrow(&mut assessment, &catalogue, |id| only.fits(id)));
    let mut report = Source::examined(name, &assessment, &catalogue, card);
    report.only = only.map(|only| only.as_str().to_owned());
    if report.card.as_ref().map(|card| &*card.kind) != Some(SourceKind::BlockDevice.name()) {
        // It is an image, or files: nothing of it wears out.
        report.advice.retain(|one| *one != Advice::Image);
    }
    if options.inspect {
        report::inspect(&mut report, &assessment, &catalogue);
    }
    Examination {
        report,
        catalogue,
        assessment,
    }
}
