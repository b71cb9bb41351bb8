//! Why the device does not show a backup whose folder it never met in `bitbox02`.

use super::backup::{Backup, State};
use super::both_views::Views;
use super::folder_contents;
use super::hidden_cause::Why;
use super::verdict::is_partial;
use crate::catalogue::{BackupCopy, Catalogue, Node, Origin, Role, Volume};
use crate::finding::{Advice, Finding, Rule};
use crate::firmware::{Answer, LIST_MAX, List};

/// A backup the device never meets in `bitbox02`; `folders` are those in which live copies of it lie.
pub(super) fn of_place(backup: &Backup, views: &Views<'_>, folders: &[usize]) -> Why {
    let (catalogue, answer) = (views.catalogue, views.answer);
    let node = |index: usize| catalogue.nodes.get(index);
    let folder = folders.first().and_then(|folder| node(*folder));
    let first = backup.copies_in(catalogue).next();
    let first = first.and_then(|(_, copy)| node(copy.node));
    let place = folder.or(first);
    let offset = place.and_then(Node::offset);
    if !matches!(answer.list, List::Ok(_)) && answer.directories.is_empty() {
        return not_reached(answer, offset);
    }
    if !is_mounted(place, views) {
        let path = place.map_or("/", |node| &node.path);
        let message = format!(
            "it is in {path} of another volume: the BitBox reads only the first FAT volume"
        );
        let cause = "the BitBox reads only the first FAT volume, and it is on another";
        return Why::new(Rule::OutsideFolder, message, offset, cause);
    }
    let above = folder.and_then(|folder| node(folder.parent?));
    if above.is_some_and(is_bitbox02) {
        return not_listed(answer, offset);
    }
    if let Some(archive) = place.and_then(|node| archive_of(node, catalogue)) {
        let path = &archive.path;
        let message =
            format!("it is in the archive {path}; the BitBox looks only in /bitbox02/<id>");
        let cause = "it is in an archive, which the BitBox does not open";
        return Why::new(Rule::OutsideFolder, message, archive.offset(), cause);
    }
    let is_wallet = |folder: &Node| matches!(folder.role, Role::Wallet(Some(_)));
    let wallet = folders.first().filter(|_| folder.is_some_and(is_wallet));
    let path = match (wallet, backup.copies.len(), first) {
        // A name by itself: others may lie around it.
        (None, 1, Some(file)) => &file.path,
        _ => place.map_or("/", |node| &node.path),
    };
    let message = format!("it is in {path}; the BitBox looks only in /bitbox02/<id>");
    let fix = wallet.and_then(|wallet| to_bitbox02(catalogue, *wallet));
    let cause = match (place.and_then(|node| node.volume), wallet) {
        (None, None) => "its copies are loose files, not in the folder bitbox02/<id>",
        _ => "it is not in the folder bitbox02 in the root of the card",
    };
    Why::new(Rule::OutsideFolder, message, offset, cause).fixed_by(fix)
}

/// Says of a whole copy in a file by itself that no device reads it there.
pub(super) fn single_file(backup: &mut Backup) {
    if backup.state == State::Hidden {
        let message = "it is in a single file; the BitBox looks only in /bitbox02/<id>";
        let finding = Finding::new(Rule::OutsideFolder, message, None);
        backup.findings.insert(0, finding);
    }
}

/// How a wallet's folder comes into `bitbox02`: the folder above it gets that name where there is none.
fn to_bitbox02(catalogue: &Catalogue, wallet: usize) -> Option<Advice> {
    let mut live = catalogue.nodes.iter().filter(|node| !node.is_deleted());
    if live.any(is_bitbox02) {
        return folder_contents::place(catalogue, wallet, Some("/bitbox02")).map(Advice::Move);
    }
    let above = catalogue.nodes.get(wallet)?.parent?;
    let is_top = catalogue.nodes.get(above)?.parent.is_none();
    let renamed = is_top.then(|| folder_contents::place(catalogue, above, Some("bitbox02")));
    renamed?.map(Advice::Rename)
}

/// Whether a folder is the one that the device opens. What undelete tools name `_itbox02` is not.
fn is_bitbox02(node: &Node) -> bool {
    let short = node.entry.as_ref().map(|entry| entry.short_name.as_str());
    let mut names = [Some(node.name.as_str()), short].into_iter().flatten();
    node.role == Role::Bitbox02 && names.any(|name| name.eq_ignore_ascii_case("bitbox02"))
}

/// The archive that a node lies in: a file above it.
fn archive_of<'a>(node: &Node, catalogue: &'a Catalogue) -> Option<&'a Node> {
    let above = |node: &Node| node.parent.and_then(|parent| catalogue.nodes.get(parent));
    let mut folders = std::iter::successors(above(node), |node| above(node));
    folders.find(|node| !node.is_directory)
}

/// Whether a node lies on the volume that the device mounts, as far as both are known.
fn is_mounted(node: Option<&Node>, views: &Views<'_>) -> bool {
    let volume = node.and_then(|node| node.volume);
    let both = views.answer.volume.zip(volume);
    both.is_none_or(|(mounted, volume)| {
        let volume = views.catalogue.volumes.get(volume);
        volume.is_some_and(|volume| volume.partition.extent.offset == mounted)
    })
}

/// Says of a backup that only its bytes led to that it lies on a file system that is not read: whether its files are
/// deleted there is not known.
pub(super) fn on_unread(catalogue: &Catalogue, backup: &mut Backup) {
    let place = |copy: &BackupCopy| {
        let node = catalogue.nodes.get(copy.node)?;
        let named = copy.origin != Origin::Carved || node.entry.is_some() || node.parent.is_some();
        let offset = copy.extents.first()?.offset;
        let mut volumes = catalogue.volumes.iter();
        let holds = |volume: &&Volume| {
            let extent = volume.partition.extent;
            volume.geometry.is_none() && (extent.offset..extent.end()).contains(&offset)
        };
        volumes.find(holds).filter(|_| !named)?.file_system.unread()
    };
    if let Some(name) = common(catalogue, backup, place) {
        let cause = format!("it is on {name}, a file system that is not read");
        let found = format!("on {name}; whether it is deleted there is not known");
        lies_elsewhere(backup, cause, &found);
        backup.unread_on = Some(name);
    }
}

/// Says of a backup that only its bytes led to that it lies in a live file, such as the image of a card.
pub(super) fn in_file(catalogue: &Catalogue, backup: &mut Backup) {
    let owner = |copy: &BackupCopy| catalogue.owner(copy.extents.first()?.offset);
    let file = common(catalogue, backup, owner).and_then(|file| catalogue.nodes.get(file));
    if let Some(node) = file.filter(|node| !node.is_directory) {
        let cause = format!("it is in the file {}", node.path);
        lies_elsewhere(backup, cause, &format!("in the file {}", node.path));
        backup.in_file = Some(node.path.clone());
    }
}

/// The one place where all copies of a backup lie of which nothing is live, if there is one.
fn common<T: PartialEq>(
    catalogue: &Catalogue,
    backup: &Backup,
    place: impl Fn(&BackupCopy) -> Option<T>,
) -> Option<T> {
    let mut places = backup.copies_in(catalogue).map(|(_, copy)| place(copy));
    let first = places.next().flatten()?;
    let is_first = |other: Option<T>| other.is_some_and(|other| other == first);
    (backup.state == State::Deleted && places.all(is_first)).then_some(first)
}

/// Says where a backup was found, of which nobody knows that it was deleted.
fn lies_elsewhere(backup: &mut Backup, cause: String, found: &str) {
    backup.cause = Some(cause);
    let findings = backup.findings.iter_mut();
    for finding in findings.filter(|one| one.rule == Rule::DeletedBackup) {
        finding.message = format!("found by its contents {found}");
    }
}

/// Why the device does not show a backup that only its bytes led to, where what leads to it is missing.
pub(crate) const PERHAPS_LIVE: &str =
    "it was found by its contents; whether it was deleted is not known";

/// Says of a backup that only its bytes led to that it may be live, where what leads to it is missing.
pub(super) fn on_partial(catalogue: &Catalogue, backup: &mut Backup) {
    let is_carved = |(_, copy): (usize, &BackupCopy)| copy.origin == Origin::Carved;
    if backup.cause.is_none()
        && backup.state == State::Deleted
        && is_partial(catalogue)
        && backup.copies_in(catalogue).all(is_carved)
    {
        backup.cause = Some(PERHAPS_LIVE.to_owned());
    }
}

/// A backup whose folder is in `bitbox02`, where the device did not come to it.
fn not_listed(answer: &Answer, offset: Option<u64>) -> Why {
    if answer.directories.len() >= LIST_MAX {
        return Why::new(
            Rule::ListLimit,
            format!("its folder comes after the first {LIST_MAX} names in bitbox02"),
            offset,
            "it comes after the first 200 names in bitbox02",
        );
    }
    let cause = match answer.cut_short {
        Some(error) => format!("the listing of bitbox02 ends early: {error}"),
        None => "the BitBox does not see its folder in bitbox02".to_owned(),
    };
    Why::new(Rule::ListCutShort, cause.clone(), offset, cause)
}

pub(super) fn not_reached(answer: &Answer, offset: Option<u64>) -> Why {
    let cause = match answer.list {
        List::Crash(_) => "the BitBox crashes before it shows any backup",
        _ => "the BitBox cannot list this card",
    };
    Why::new(Rule::NotReached, cause, offset, cause)
}
