//! The names of new files.

use std::collections::{HashMap, HashSet};

use bitbox_backup::image::free_name;
use bitbox_backup::text::stem;

/// What new files are named after, so that no two sources of a run give one the same name.
#[derive(Default)]
pub(crate) struct NewNames {
    /// By the source, as it is reported.
    stems: HashMap<String, String>,
    given: HashSet<String>,
}

impl NewNames {
    /// For these sources, as they are reported, in their order.
    pub(crate) fn of<S: Into<String>>(sources: impl IntoIterator<Item = S>) -> Self {
        let sources: Vec<String> = sources.into_iter().map(Into::into).collect();
        let own: HashSet<_> = sources.iter().map(|source| stem(source)).collect();
        let mut names = Self::default();
        let mut next: HashMap<String, u32> = HashMap::new();
        for source in sources {
            let first = stem(&source);
            let number = next.entry(first.clone()).or_insert(1);
            let mut unique = first.clone();
            while names.given.contains(&unique) || own.contains(&unique) && unique != first {
                *number = number.saturating_add(1);
                unique = format!("{first}-{number}");
            }
            names.given.insert(unique.clone());
            names.stems.insert(source, unique);
        }
        names
    }

    /// The name of a new file for a source, which `name` makes of a stem: none that is there.
    pub(crate) fn name(&self, source: &str, name: impl Fn(&str) -> String) -> String {
        let own = self.stems.get(source).cloned();
        let own = own.unwrap_or_else(|| stem(source));
        free_name(&own, name, |stem| self.given.contains(stem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_sources_give_a_new_file_the_same_name() {
        let names = NewNames::of(["a/h.img", "b/h.img", "c/h-2.img", "d/h.zst"]);
        let name = |source: &str| names.name(source, |stem| format!("no-such-folder/{stem}"));
        assert_eq!(name("a/h.img"), "no-such-folder/h");
        assert_eq!(name("b/h.img"), "no-such-folder/h-3");
        assert_eq!(name("c/h-2.img"), "no-such-folder/h-2");
        assert_eq!(name("d/h.zst"), "no-such-folder/h-4");
        assert_eq!(name("e/other.img"), "no-such-folder/other");
        // Nor that of a file that is there.
        let there = |stem: &str| match stem {
            "h" => "Cargo.toml".to_owned(),
            stem => format!("no-such-folder/{stem}"),
        };
        assert_eq!(names.name("a/h.img", there), "no-such-folder/h-5");
    }
}
