//! What may hold backups and was not looked into, and the steps that look into it.

use crate::catalogue::{Absent, Catalogue, Problem};
use crate::finding::Advice;
use crate::image::Foreign;
use crate::partition::FoundBy;

/// Most files that are named each in a step of its own.
const MOST_UNPACKED: usize = 8;

/// The live files that may hold backups and were not looked into.
pub(super) fn unopened(catalogue: &Catalogue) -> impl Iterator<Item = (&str, Foreign)> {
    let problems = catalogue.problems.iter();
    problems.filter_map(|problem| match problem {
        Problem::Unopened { path, what } => Some((path.as_str(), *what)),
        _ => None,
    })
}

/// Why files that a folder shows are not in it.
pub(super) fn absent(catalogue: &Catalogue) -> impl Iterator<Item = Absent> {
    let problems = catalogue.problems.iter();
    problems.filter_map(|problem| match problem {
        Problem::Absent { why, .. } => Some(*why),
        _ => None,
    })
}

/// Where on the card what may hold backups begins, to which no entry leads, and was not looked into.
pub(super) fn unopened_places(catalogue: &Catalogue) -> impl Iterator<Item = (u64, Foreign)> {
    let problems = catalogue.problems.iter();
    problems.filter_map(|problem| match problem {
        Problem::UnopenedAt { offset, what } => Some((*offset, *what)),
        _ => None,
    })
}

/// Adds the steps that look into it.
pub(super) fn look_into(next: &mut Vec<Advice>, catalogue: &Catalogue) {
    let files = unopened(catalogue).take(MOST_UNPACKED);
    next.extend((1_usize..).zip(files).map(unpack));
    let mut places = unopened_places(catalogue);
    if let Some((offset, what)) = places.next() {
        next.push(Advice::UnpackAt {
            offset,
            others: places.count(),
            what: what.name().to_owned(),
            // It has no name before somebody gives it one.
            how: clause(what, "FILE", next.len().saturating_add(1)),
        });
    }
    let opaque = catalogue.opaque();
    next.extend(opaque.map(|volume| Advice::Unlock {
        what: volume.file_system.name().to_owned(),
        is_whole: volume.partition.origin == FoundBy::Superfloppy,
    }));
    next.extend(absent(catalogue).map(|why| match why {
        Absent::Link => Advice::FollowLinks,
        Absent::Cloud => Advice::Download,
    }));
}

fn unpack((number, (path, what)): (usize, (&str, Foreign))) -> Advice {
    let name = path.rsplit('/').next().unwrap_or(path);
    // In quotes a name is found again where names are left out.
    let is_plain = !name.contains(['"', '\\', '$', '`', '!', '%']) && !name.starts_with('-');
    let file = match is_plain {
        true => format!("\"{name}\""),
        false => "FILE".to_owned(),
    };
    Advice::Unpack {
        path: path.to_owned(),
        what: what.name().to_owned(),
        how: clause(what, &file, number),
    }
}

/// How to look into what is called so. What the step of this number makes has another name than what others make.
fn clause(what: Foreign, file: &str, number: usize) -> String {
    let stem = match number {
        0 | 1 => "unpacked".to_owned(),
        _ => format!("unpacked-{number}"),
    };
    let hint = what.hint().replace("NEW", &what.new_name(&stem));
    hint.replace("FILE", file)
}
