//! What is known of cards beside their wallets; what they go by: their paths, their file names, the labels of their
//! volumes.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::clones::Alike;
use crate::image::{EXTENSIONS, Packing};
use crate::report::Source;

/// What formatting writes where nobody gave a label.
const NO_LABEL: &str = "NO NAME";

/// What is known of the cards beside their wallets.
pub(super) struct Cards<'a> {
    /// Their names, as in `sources`.
    pub(super) names: &'a [String],
    /// What they go by; only where a register may name them.
    pub(super) called: &'a Names,
    /// Which could not be examined.
    pub(super) failed: &'a BTreeSet<usize>,
    /// Which may be destroyed, by their verdicts.
    pub(super) destroyable: &'a BTreeSet<usize>,
    /// Ids of which the trace of a backup that a device erased is on a card.
    pub(super) erased: &'a BTreeSet<(String, usize)>,
    /// Which are copies of each other.
    pub(super) alike: &'a Alike<'a>,
    /// On how many cards a wallet should be.
    pub(super) wanted: usize,
}

impl Cards<'_> {
    pub(super) fn name(&self, source: usize) -> &str {
        self.names.get(source).map_or("?", String::as_str)
    }

    /// The first of each of these that are one card.
    pub(super) fn separate(&self, sources: &[usize]) -> Vec<usize> {
        let mut seen = HashSet::new();
        let mut sources = sources.to_vec();
        sources.retain(|source| seen.insert(self.alike.counted_as(*source)));
        sources
    }

    pub(super) fn list(&self, sources: &[usize]) -> String {
        let names: Vec<_> = sources.iter().map(|source| self.name(*source)).collect();
        few(&names)
    }

    /// Whether the trace of an erased backup of this id, or of an ID with this prefix, is on a card.
    pub(super) fn has_erased(&self, id: &str, card: usize) -> bool {
        let from = self.erased.range((id.to_owned(), 0)..);
        let mut fit = from.take_while(|(erased, _)| erased.starts_with(id));
        fit.any(|(_, on)| *on == card)
    }
}

pub(super) fn few<T: AsRef<str>>(names: &[T]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<_> = names.iter().take(SHOWN).map(T::as_ref).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Every name of every source.
#[derive(Debug, Default)]
pub(super) struct Names {
    sources: HashMap<String, Vec<usize>>,
    labels: HashMap<String, Vec<usize>>,
}

impl Names {
    /// Takes in the names of a source at its place in `sources`.
    pub(super) fn add(&mut self, place: usize, source: &Source) {
        for path in source.also.iter().chain([&source.source]) {
            for name in names(path) {
                push(&mut self.sources, name.to_owned(), place);
            }
        }
        for volume in source.card.iter().flat_map(|card| &card.volumes) {
            for label in [&volume.label, &volume.boot_label] {
                let label = label.trim();
                if !label.is_empty() && label != NO_LABEL {
                    push(&mut self.labels, label.to_uppercase(), place);
                }
            }
        }
    }

    /// The sources that go by a name, ascending. Labels are compared without regard to case: FAT has
    /// them in capital letters.
    pub(super) fn called(&self, name: &str) -> Vec<usize> {
        let by_name = self.sources.get(name);
        let by_label = self.labels.get(&name.trim().to_uppercase());
        let places: BTreeSet<_> = by_name.into_iter().chain(by_label).flatten().collect();
        places.into_iter().copied().collect()
    }
}

fn push(names: &mut HashMap<String, Vec<usize>>, name: String, place: usize) {
    let places = names.entry(name).or_default();
    if places.last() != Some(&place) {
        places.push(place);
    }
}

/// A path, its last part, and that without the extension of a compressed file and of an image.
fn names(path: &str) -> Vec<&str> {
    // The same slot of a station holds one card after the other; each has a number.
    let numbered = path.rsplit_once('#');
    let numbered = numbered.filter(|(_, number)| number.parse::<usize>().is_ok());
    let mut all = vec![path];
    for path in std::iter::once(path).chain(numbered.map(|(path, _)| path)) {
        let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let image = without(file, &Packing::EXTENSIONS);
        let bare = without(image, &EXTENSIONS);
        all.extend([path, file, image, bare]);
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn without<'a>(file: &'a str, extensions: &[&str]) -> &'a str {
    let mut extensions = extensions.iter();
    let mut is_one = |extension: &str| extensions.any(|one| one.eq_ignore_ascii_case(extension));
    match file.rsplit_once('.') {
        Some((bare, extension)) if !bare.is_empty() && is_one(extension) => bare,
        _ => file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_goes_by_its_whole_name_with_or_without_extensions() {
        for (path, called, not) in [
            (
                "a/vault.img",
                &["a/vault.img", "vault.img", "vault"][..],
                &["a", "img", "a/vault"][..],
            ),
            (
                "vault.2024.img",
                &["vault.2024", "vault.2024.img"],
                &["vault"],
            ),
            (
                "vault.2025.IMG.ZST",
                &["vault.2025", "vault.2025.IMG"],
                &["vault", "vault.2025.img"],
            ),
            (
                "x\\vault.dd.gz",
                &["vault.dd.gz", "vault.dd", "vault"],
                &["vault.gz"],
            ),
            ("vault.001", &["vault"], &[]),
            ("vault.2024", &["vault.2024"], &["vault"]),
            (".img", &[".img"], &[""]),
            ("/dev/sdb#12", &["/dev/sdb#12", "/dev/sdb", "sdb"], &["12"]),
            ("x/vault.img#3", &["vault", "vault.img"], &[]),
        ] {
            let mut names = Names::default();
            names.add(7, &Source::failed(path, "", ""));
            for name in called {
                assert_eq!(
                    names.called(&crate::text::escape(name)),
                    [7],
                    "{path}: {name}"
                );
            }
            for name in not {
                assert!(names.called(name).is_empty(), "{path}: {name}");
            }
        }
    }
}
