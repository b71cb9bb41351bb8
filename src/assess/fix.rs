//! Whether a step on the card does what it is advised for: tried on the card as it would be, in memory. And the names that
//! the steps give: none that something has, and none that an earlier step gives.

use std::collections::{BTreeMap, BTreeSet};

use super::backup::{Backup, State};
use super::both_views::Views;
use super::hidden;
use super::refusal;
use crate::backup::Id;
use crate::catalogue::{Catalogue, Health, Node, Role};
use crate::finding::{Advice, Place, Rule};
use crate::firmware::{self, Answer, List, Listed};
use crate::image::{Extent, ReadAt, ReadError, Sectors};

/// The first byte of a deleted directory entry.
const DELETED: u8 = 0xE5;
/// Bytes of the name in a directory entry.
const NAME: usize = 11;

/// The steps that make the device list a card it refuses, if there are any and they do.
pub(super) fn of_card(views: &Views<'_>, sectors: Option<&Sectors<'_>>) -> Vec<Advice> {
    let fixes = refusal::fixes(views);
    let Some(sectors) = sectors.filter(|_| !fixes.is_empty()) else {
        return Vec::new();
    };
    let each = fixes.iter().map(|fix| match fix {
        // What else the name says is not tried: any plain one is listed.
        Advice::Rename(place) => renamed(entry(&place.path, views)?, sectors),
        fix => edits(fix, views, sectors),
    });
    let Some(edits) = each.collect::<Option<Vec<_>>>() else {
        return Vec::new();
    };
    let after = after(views, sectors, &edits.into_iter().flatten().collect());
    let is_named = |fix: &Advice| matches!(fix, Advice::Rename(Place { to: Some(_), .. }));
    let shows = |fix: &Advice| is_named(fix) && is_loadable(fix, views);
    match shown(&after) {
        Some(shown) if !shown.is_empty() || fixes.iter().any(shows) => fixes,
        _ => Vec::new(),
    }
}

/// Takes away the steps after which the device still does not show the backup, or shows less than before; what else
/// hides it is added to its cause.
pub(super) fn keep_what_helps(backups: &mut [Backup], views: &Views<'_>, sectors: &Sectors<'_>) {
    let Some(mut before) = shown(views.answer) else {
        return;
    };
    let mut done = BTreeMap::new();
    let hidden = backups.iter_mut();
    for backup in hidden.filter(|backup| backup.state == State::Hidden) {
        let is_own = |(id, _): &(Id, u32)| Some(*id) == backup.id;
        if before.iter().any(is_own) {
            // Of a wallet that is shown, nothing more has to be.
            backup.fix = None;
        }
        let Some(fix) = backup.fix.clone() else {
            continue;
        };
        let Some(edits) = edits(&fix, views, sectors) else {
            // It cannot be tried.
            backup.fix = Some(fix).filter(|fix| is_loadable(fix, views));
            continue;
        };
        let edits: BTreeMap<_, _> = done.clone().into_iter().chain(edits).collect();
        let answer = after(views, sectors, &edits);
        let own = backup.id.zip(backup.timestamp);
        let shown = shown(&answer);
        let helps = |shown: &BTreeSet<_>| {
            shown.is_superset(&before) && own.is_some_and(|own| shown.contains(&own))
        };
        match shown.filter(helps) {
            Some(shown) => (before, done) = (shown, edits),
            // What follows from a copy that was moved away hides nothing now.
            None if matches!(&fix, Advice::MoveOut(places) if places.iter().any(|one| one.holds_copies)) =>
            {
                backup.fix = None;
            }
            None => add_cause(backup, views, &answer),
        }
    }
}

/// The step does not help: what hides the backup then is a cause, too.
fn add_cause(backup: &mut Backup, views: &Views<'_>, after: &Answer) {
    backup.fix = None;
    let first = backup.cause.take().unwrap_or_default();
    if matches!(after.list, List::Crash(_)) {
        let crashes = "without that, the card would make the BitBox crash";
        backup.cause = Some(format!("{first}; {crashes}"));
        return;
    }
    let mut then = backup.clone();
    then.findings.clear();
    let after = Views {
        answer: after,
        ..*views
    };
    hidden::explain(&mut then, &after);
    let hides = then.findings.first().map(|one| one.rule);
    if hides == Some(Rule::EntryCount) {
        // What was taken off was one of three entries.
        backup.cause = Some(first);
        return;
    }
    let more = then.cause.filter(|more| *more != first);
    backup.cause = Some(more.map_or(first.clone(), |more| format!("{first}, and {more}")));
    for finding in then.findings {
        if !backup.findings.contains(&finding) {
            backup.findings.push(finding);
        }
    }
}

/// What the device lists; `None` if it lists nothing at all.
fn shown(answer: &Answer) -> Option<BTreeSet<(Id, u32)>> {
    let List::Ok(list) = &answer.list else {
        return None;
    };
    let id = |one: &Listed| Some((Id::from_directory(&one.id)?, one.timestamp));
    Some(list.iter().filter_map(id).collect())
}

fn after(views: &Views<'_>, sectors: &Sectors<'_>, edits: &BTreeMap<u64, u8>) -> Answer {
    let card = Edited {
        card: sectors.image(),
        edits,
    };
    firmware::list_backups(&Sectors::new(&card), views.version)
}

/// The bytes of directory entries that a step changes; `None` if it does more than that.
fn edits(fix: &Advice, views: &Views<'_>, sectors: &Sectors<'_>) -> Option<BTreeMap<u64, u8>> {
    let deleted = |path: &String| Some((entry(path, views)?, DELETED));
    match fix {
        Advice::Remove(paths) => paths.iter().map(deleted).collect(),
        Advice::MoveOut(places) => places.iter().map(|place| deleted(&place.path)).collect(),
        Advice::Rename(Place { path, to: None, .. }) => renamed(entry(path, views)?, sectors),
        _ => None,
    }
}

/// An entry without letters beyond ASCII, and without its long name, which belongs to another short one.
fn renamed(entry: u64, sectors: &Sectors<'_>) -> Option<BTreeMap<u64, u8>> {
    let mut name = [0; NAME];
    sectors.image().read_at(entry, &mut name).ok()?;
    let last = name.last_mut()?;
    *last = if *last == b'X' { b'Y' } else { b'X' };
    let plain = name.map(|byte| if byte.is_ascii() { byte } else { b'_' });
    Some((entry..).zip(plain).collect())
}

/// The entry that the device met under this path.
fn entry(path: &str, views: &Views<'_>) -> Option<u64> {
    let is_here = |node: Option<usize>| {
        let node = node.and_then(|node| views.catalogue.nodes.get(node));
        node.is_some_and(|node| node.path == path)
    };
    views.folders().find_map(|folder| {
        let own = is_here(folder.listed()).then_some(folder.trace.entry);
        let mut entries = folder.entries();
        own.or_else(|| Some(entries.find(|entry| is_here(entry.node()))?.offset()))
    })
}

/// Whether the device would load what is in a wallet's folder, as far as its files tell.
fn is_loadable(fix: &Advice, views: &Views<'_>) -> bool {
    let (Advice::Rename(place) | Advice::Move(place)) = fix else {
        return true;
    };
    let catalogue = views.catalogue;
    let is_refused = |node: &Node| match node.role {
        Role::Copy(copy) => {
            let copy = catalogue.copies.get(copy);
            copy.is_some_and(|copy| matches!(copy.health, Health::Refused(_)))
        }
        _ => false,
    };
    let mut nodes = catalogue.nodes.iter();
    let Some(folder) = nodes.position(|node| node.path == place.path) else {
        return false;
    };
    let inside = |folder: usize| {
        let nodes = catalogue.nodes.iter().enumerate();
        nodes.filter(move |(_, node)| node.parent == Some(folder))
    };
    let is_whole = |wallet: usize| {
        let live = inside(wallet).filter(|(_, node)| !node.is_deleted());
        let here: Vec<_> = live.map(|(_, node)| is_refused(node)).collect();
        here == [false; 3]
    };
    // The wallet's folder itself, or the one that its folder lies in.
    match catalogue.nodes.get(folder).map(|node| node.role) {
        Some(Role::Wallet(_)) => is_whole(folder),
        _ => inside(folder).all(|(wallet, node)| !node.is_directory || is_whole(wallet)),
    }
}

/// A card of which some bytes are others.
struct Edited<'a> {
    card: &'a dyn ReadAt,
    edits: &'a BTreeMap<u64, u8>,
}

impl ReadAt for Edited<'_> {
    fn size(&self) -> u64 {
        self.card.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        self.card.read_at(offset, buf)?;
        let end = offset.saturating_add(buf.len() as u64);
        for (at, byte) in self.edits.range(offset..end) {
            let place = usize::try_from(at.saturating_sub(offset)).ok();
            if let Some(old) = place.and_then(|place| buf.get_mut(place)) {
                *old = *byte;
            }
        }
        Ok(())
    }

    fn gaps(&self) -> Vec<Extent> {
        self.card.gaps()
    }

    fn next_data(&self, offset: u64) -> Option<Extent> {
        self.card.next_data(offset)
    }
}

/// The paths that are taken, in lower case: FAT takes names that differ in case only for one.
pub(super) struct NamesInUse(BTreeSet<String>);

impl NamesInUse {
    pub(super) fn on(catalogue: &Catalogue) -> Self {
        let live = catalogue.nodes.iter().filter(|node| !node.is_deleted());
        let paths = live.flat_map(|node| [Some(node.path.clone()), short_path(node)]);
        Self(paths.flatten().map(|path| path.to_lowercase()).collect())
    }

    /// The step, where it gives only names that are free, which it takes. What is moved out of a folder comes into a
    /// new one instead of the root.
    pub(super) fn give(&mut self, step: Advice) -> Option<Advice> {
        let mut places = step.places().iter();
        let mut is_free = |place| target(&step, place).is_none_or(|path| self.0.insert(path));
        if places.all(&mut is_free) {
            return Some(step);
        }
        match step {
            Advice::MoveOut(mut places) => {
                places.iter_mut().for_each(|place| place.to = None);
                Some(Advice::MoveOut(places))
            }
            _ => None,
        }
    }

    /// The step; where a thing can only be renamed to a name that is taken, to any other.
    pub(super) fn give_any(&mut self, step: Advice) -> Option<Advice> {
        let mut any = step.clone();
        if let Advice::Rename(place) = &mut any {
            place.to = None;
            return self.give(step).or(Some(any));
        }
        self.give(step)
    }
}

fn short_path(node: &Node) -> Option<String> {
    let (above, _) = node.path.rsplit_once('/')?;
    Some(format!("{above}/{}", node.entry.as_ref()?.short_name))
}

/// The path that a step gives a thing, in lower case; `None` if that is its own, or not fixed.
fn target(step: &Advice, place: &Place) -> Option<String> {
    let to = place.to.as_ref()?;
    let (above, name) = place.path.rsplit_once('/')?;
    let path = match step {
        Advice::Rename(_) => format!("{above}/{to}"),
        _ => format!("{}/{name}", to.trim_end_matches('/')),
    };
    let path = path.to_lowercase();
    (path != place.path.to_lowercase()).then_some(path)
}
