//! The steps of a rescue: each is a command of this program.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use bitbox_backup::recover::RecoveryReport;
use bitbox_backup::report::Source;
use bitbox_backup::text::{path_text, quoted};
use clap::{Args, FromArgMatches};

use crate::args::Global;
use crate::commands::{image, list, recover};
use crate::exit::Exit;

const NOT_ALL_COPIED: &str = "Not all of the card is in the copy. If the card was pulled out, put it back in, type stop, and run \
     the same command again. If parts of it cannot be read, go on with what was copied.";

pub(super) struct Plan {
    pub(super) source: PathBuf,
    pub(super) folder: PathBuf,
    /// The copy of the card; the source itself if that is an image or a folder.
    pub(super) copy: PathBuf,
    /// Where this run writes what is recovered: a new folder, and the image of a card with the same.
    pub(super) recovered: PathBuf,
    pub(super) saved: PathBuf,
    /// What earlier runs wrote, folders and images.
    pub(super) earlier: Vec<(PathBuf, PathBuf)>,
    /// Whether it is a card in a reader, which is copied before anything else.
    pub(super) is_reader: bool,
}

pub(super) struct Done {
    pub(super) exit: Exit,
    /// What it saw of the cards, if it looked.
    pub(super) seen: Vec<Source>,
    pub(super) report: Option<RecoveryReport>,
}

pub(super) struct Step {
    pub(super) what: &'static str,
    pub(super) before: Option<String>,
    /// What is to be known if not all of it was done.
    pub(super) incomplete: Option<&'static str>,
    pub(super) can_be_skipped: bool,
    words: Vec<OsString>,
    run: fn(&[OsString], &Global) -> anyhow::Result<Done>,
}

impl Plan {
    pub(super) fn new(source: &Path, folder: &Path) -> Self {
        let is_reader = !source.is_file() && !source.is_dir();
        let mut earlier = Vec::new();
        let (mut recovered, mut saved) = (folder.join("recovered"), folder.join("saved.img"));
        while recovered.exists() || saved.exists() {
            earlier.push((recovered, saved));
            let number = earlier.len().saturating_add(1);
            recovered = folder.join(format!("recovered-{number}"));
            saved = folder.join(format!("saved-{number}.img"));
        }
        Self {
            source: source.to_owned(),
            folder: folder.to_owned(),
            copy: match is_reader {
                true => card_image(folder),
                false => source.to_owned(),
            },
            recovered,
            saved,
            earlier,
            is_reader,
        }
    }

    /// The command for this card and a folder.
    pub(super) fn again(&self, folder: &Path) -> String {
        Step::quoted(&words("rescue", &self.source, &[("--to", folder)], &[]))
    }

    /// How far a search came that was stopped.
    pub(super) fn search(&self) -> PathBuf {
        self.folder.join("search.json")
    }

    pub(super) fn places(&self) -> Vec<PathBuf> {
        let made_of = match self.is_reader {
            true => self.copy.clone(),
            false => note_in(&self.folder),
        };
        let log = self.folder.join("rescue.log");
        let (recovered, saved) = (self.recovered.clone(), self.saved.clone());
        vec![recovered, saved, log, self.search(), made_of]
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.is_reader {
            steps.push(Step {
                what: "copy the card, before anything else is done with it.",
                before: None,
                incomplete: Some(NOT_ALL_COPIED),
                can_be_skipped: self.copy.exists(),
                words: words("image", &self.source, &[("--to", &self.copy)], &["--yes"]),
                run: |words, global| {
                    Ok(Done {
                        exit: image::run(&parsed("image", words)?, global)?,
                        seen: Vec::new(),
                        report: None,
                    })
                },
            });
        }
        steps.push(Step {
            what: "see what is on it.",
            before: None,
            incomplete: None,
            can_be_skipped: true,
            words: words("list", &self.copy, &[], &["--carve"]),
            run: |words, global| {
                let mut seen = Vec::new();
                let mut see = |source: &Source| seen.push(source.clone());
                let exit = list::examined(&parsed("list", words)?, global, &mut see)?;
                Ok(Done {
                    // To see what needs attention is all that this step is for.
                    exit: match exit {
                        Exit::Attention => Exit::Done,
                        exit => exit,
                    },
                    seen,
                    report: None,
                })
            },
        });
        steps.push(self.recovering());
        steps
    }

    pub(super) fn recovering(&self) -> Step {
        Step {
            what: "recover every backup that can be proved.",
            before: match self.earlier.last() {
                Some((_, saved)) => Some(format!(
                    "An earlier run made {}. Skip this step if you need nothing else.",
                    path_text(saved)
                )),
                None if self.search().exists() => Some(
                    "An earlier run searched, and proved nothing until it ended or was stopped. This goes on from there."
                        .to_owned(),
                ),
                None => None,
            },
            incomplete: None,
            can_be_skipped: true,
            words: words(
                "recover",
                &self.copy,
                &[
                    ("--to", &self.recovered),
                    ("--card", &self.saved),
                    ("--resume", &self.search()),
                ],
                &["--yes"],
            ),
            run: |words, global| {
                let words = parsed("recover", words)?;
                let (exit, report, seen) = recover::recovered(&words, global)?;
                Ok(Done {
                    exit,
                    seen: vec![seen],
                    report: Some(report),
                })
            },
        }
    }
}

impl Step {
    pub(super) fn line(&self) -> String {
        Self::quoted(&self.words)
    }

    pub(super) fn line_with(&self, more: &[&str]) -> String {
        let more = more.iter().map(OsString::from);
        Self::quoted(&self.words.iter().cloned().chain(more).collect::<Vec<_>>())
    }

    pub(super) fn quoted(words: &[OsString]) -> String {
        let words = words.iter().map(|word| {
            let word = path_text(Path::new(word));
            match word.starts_with("--") {
                true => word,
                false => quoted(&word).unwrap_or(word),
            }
        });
        let words: Vec<_> = words.collect();
        format!("bitbox-backup {}", words.join(" "))
    }

    /// Runs it: exactly what is shown.
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Done> {
        (self.run)(&self.words, global)
    }
}

/// The file that says of which contents a folder is, where these are no card in a reader.
pub(super) fn note_in(folder: &Path) -> PathBuf {
    folder.join("card.sha256")
}

/// The copy of a card in a reader, whether it is there or not.
pub(super) fn card_image(folder: &Path) -> PathBuf {
    folder.join("card.img")
}

pub(super) fn words(
    command: &str,
    source: &Path,
    places: &[(&str, &Path)],
    flags: &[&str],
) -> Vec<OsString> {
    // What begins like an option is none.
    let plain = |place: &Path| match place.as_os_str().as_encoded_bytes() {
        [b'-', ..] => Path::new(".").join(place).into_os_string(),
        _ => place.into(),
    };
    let mut words = vec![OsString::from(command), plain(source)];
    for (flag, place) in places {
        words.extend([OsString::from(flag), plain(place)]);
    }
    words.extend(flags.iter().map(OsString::from));
    words
}

/// The arguments of a command, read from the words that are shown.
fn parsed<T: Args + FromArgMatches>(name: &'static str, words: &[OsString]) -> anyhow::Result<T> {
    let command = T::augment_args(clap::Command::new(name));
    let matches = command.try_get_matches_from(words)?;
    Ok(T::from_arg_matches(&matches)?)
}
