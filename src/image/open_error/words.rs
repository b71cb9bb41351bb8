//! What errors say of what is there.

use crate::image::containers::foreign::Foreign;
use crate::text::plural;

pub(super) fn partitions(there: &[u32]) -> String {
    match there {
        [] => "it has none".to_owned(),
        [only] => format!("it has {only}"),
        all => {
            let all: Vec<_> = all.iter().map(u32::to_string).collect();
            format!("it has {}", all.join(", "))
        }
    }
}

pub(super) fn several(images: usize, backups: bool) -> String {
    let images = plural(images, "card image", "card images");
    match backups {
        true => format!("{images} and of backups beside"),
        false => images,
    }
}

pub(super) fn what(found: Option<Foreign>) -> String {
    found.map_or_else(String::new, |found| format!("{found} and "))
}

/// How many parts a file is in.
pub(super) fn parts(behind: usize, lacks: bool) -> String {
    match lacks {
        true => "it is split, and a part of it is missing or too short".to_owned(),
        false => format!("it is in {} parts", behind.saturating_add(1)),
    }
}
