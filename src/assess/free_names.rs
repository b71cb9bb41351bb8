//! The names that the steps on a card give: none that something has, and none that an earlier step gives.

use std::collections::BTreeSet;

use crate::catalogue::{Catalogue, Node};
use crate::finding::{Advice, Place};

/// The paths that are taken, in lower case: FAT takes names that differ in case only for one.
pub(super) struct NamesInUse(BTreeSet<String>);

impl NamesInUse {
    /// Those of everything live on a card.
    pub(super) fn on(catalogue: &Catalogue) -> Self {
        let live = catalogue.nodes.iter().filter(|node| !node.is_deleted());
        let paths = live.flat_map(|node| [Some(node.path.clone()), short_path(node)]);
        Self(paths.flatten().map(|path| path.to_lowercase()).collect())
    }

    /// The step, where it gives only names that are free, which it takes. What is moved out of a folder comes into a
    /// new one instead of the root.
    pub(super) fn give(&mut self, step: Advice) -> Option<Advice> {
        let targets = step.places().iter().map(|place| target(&step, place));
        let targets: Vec<_> = targets.collect();
        let mut all = targets.into_iter().flatten();
        if all.all(|target| self.0.insert(target)) {
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
        let any = match &step {
            Advice::Rename(place) => Some(Advice::Rename(Place {
                to: None,
                ..place.clone()
            })),
            _ => None,
        };
        self.give(step).or(any)
    }
}

/// The path by the short name.
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
