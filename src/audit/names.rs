//! What cards go by: their paths, their file names, the labels of their volumes.

use std::collections::HashMap;

use crate::image::{EXTENSIONS, Packing};
use crate::report::Source;

/// What formatting writes where nobody gave a label.
const NO_LABEL: &str = "NO NAME";

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
        let mut places: Vec<_> = by_name
            .into_iter()
            .chain(by_label)
            .flatten()
            .copied()
            .collect();
        places.sort_unstable();
        places.dedup();
        places
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
    for path in [Some(path), numbered.map(|(path, _)| path)]
        .into_iter()
        .flatten()
    {
        let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let image = without(file, &Packing::EXTENSIONS);
        let bare = without(image, &EXTENSIONS);
        all.extend([path, file, image, bare]);
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// A file name without its extension, if that is one of these.
fn without<'a>(file: &'a str, extensions: &[&str]) -> &'a str {
    match file.rsplit_once('.') {
        Some((bare, extension))
            if !bare.is_empty()
                && extensions
                    .iter()
                    .any(|one| one.eq_ignore_ascii_case(extension)) =>
        {
            bare
        }
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
