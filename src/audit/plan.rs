//! From the paths a person gave to the cards there are: each once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::examine::{self, Options};
use crate::image::{FileNumber, Lies, PathStatus, archive_around};
use crate::progress::Progress;
use crate::text::path_text;

/// One source to examine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Where it lies.
    pub path: PathBuf,
    /// What the system says of it, where it does.
    pub status: Option<PathStatus>,
    /// Other paths given that lead to the same file or device, escaped.
    pub also: Vec<String>,
}

impl Job {
    /// Whether reading it may take for ever: it is no regular file.
    pub fn may_hang(&self) -> bool {
        let lies = self.status.map(|status| status.lies);
        lies == Some(Lies::Device)
    }
}

/// Something about the sources that a person should know before the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// Two paths lead to one source, which is examined once.
    Same {
        /// The path that counts, escaped.
        path: String,
        /// The other one, escaped.
        other: String,
    },
    /// A folder of images holds other things too, which are not looked at.
    NotImages(Skipped),
}

/// What lies in a folder of cards and is not examined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Skipped {
    /// The folder, escaped.
    pub source: String,
    /// What lies there, escaped.
    pub files: Vec<String>,
}

/// The sources of a run, each once, in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What to examine.
    pub jobs: Vec<Job>,
    /// What to say beforehand.
    pub notes: Vec<Note>,
}

/// What two paths to one source have in common.
#[derive(PartialEq, Eq, Hash)]
enum Which {
    Node(FileNumber),
    /// The true path, where a file has no numbers.
    Path(PathBuf),
    /// What is in an archive, and the archive.
    In(Box<Which>, PathBuf),
}

impl Which {
    /// `None` if nothing is there.
    fn of(path: &Path, status: Option<PathStatus>) -> Option<Self> {
        if let Some(archive) = archive_around(path) {
            let member = path.strip_prefix(archive).ok()?.to_owned();
            return Some(Self::In(Box::new(Self::of(archive, status)?), member));
        }
        match status?.node {
            Some(node) => Some(Self::Node(node)),
            None => path.canonicalize().ok().map(Self::Path),
        }
    }
}

impl Plan {
    /// The sources behind these paths. A folder or archive of several cards stands for each card in it.
    pub fn new(paths: Vec<PathBuf>, options: &Options, progress: &Progress<'_>) -> Self {
        let mut plan = Self::default();
        let mut known = HashMap::new();
        for path in paths {
            let found = examine::sources_at(&path, options, progress);
            plan.note_others(&path, &found.left_out);
            for source in found.sources {
                let status = PathStatus::of(archive_around(&source).unwrap_or(&source));
                plan.add(source, status, &mut known);
            }
        }
        plan
    }

    fn add(
        &mut self,
        path: PathBuf,
        status: Option<PathStatus>,
        known: &mut HashMap<Which, usize>,
    ) {
        if let Some(which) = Which::of(&path, status) {
            let job = known.get(&which).and_then(|job| self.jobs.get_mut(*job));
            if let Some(job) = job {
                let other = path_text(&path);
                self.notes.push(Note::Same {
                    path: path_text(&job.path),
                    other: other.clone(),
                });
                job.also.push(other);
                return;
            }
            known.insert(which, self.jobs.len());
        }
        self.jobs.push(Job {
            path,
            status,
            also: Vec::new(),
        });
    }

    fn note_others(&mut self, folder: &Path, others: &[PathBuf]) {
        if !others.is_empty() {
            let name = |path: &PathBuf| path_text(path.strip_prefix(folder).unwrap_or(path));
            self.notes.push(Note::NotImages(Skipped {
                source: path_text(folder),
                files: others.iter().map(name).collect(),
            }));
        }
    }

    /// What is not examined.
    pub fn skipped(&self) -> impl Iterator<Item = &Skipped> {
        self.notes.iter().filter_map(|note| match note {
            Note::NotImages(skipped) => Some(skipped),
            Note::Same { .. } => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_images_stands_for_each_and_each_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["a.img", "b.img", "notes.txt"] {
            std::fs::write(at(name), vec![0; 600]).unwrap();
        }
        let paths = vec![
            at("b.img"),
            folder.path().to_owned(),
            at("missing.img"),
            at("missing.img"),
            at("a.img"),
        ];
        let plan = Plan::new(paths, &Options::default(), &Progress::default());
        let paths: Vec<_> = plan.jobs.iter().map(|job| job.path.clone()).collect();
        let missing = at("missing.img");
        assert_eq!(
            paths,
            [at("b.img"), at("a.img"), missing.clone(), missing],
            "what is not there is said each time"
        );
        let also: Vec<_> = plan.jobs.iter().map(|job| job.also.len()).collect();
        assert_eq!(also, [1, 1, 0, 0]);
        let skipped: Vec<_> = plan.skipped().map(|one| one.files.clone()).collect();
        assert_eq!(skipped, [["notes.txt"]]);
        assert_eq!(plan.notes.len(), 3);
    }
}
