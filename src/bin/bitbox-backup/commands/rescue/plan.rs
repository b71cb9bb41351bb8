//! The steps of a rescue: each is a command of this program, and is done once what it makes is there.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use bitbox_backup::text::{path_text, quoted};
use clap::{Args, FromArgMatches};

use crate::args::Global;
use crate::commands::{image, list, recover};
use crate::exit::Exit;

/// What somebody answers to a step.
pub(super) enum Answered {
    Yes,
    Skip,
    Stop,
}

/// Where everything is.
pub(super) struct Plan {
    source: PathBuf,
    /// The copy of the card; the source itself if that is an image.
    copy: PathBuf,
    recovered: PathBuf,
    /// The image of a card with what was recovered.
    saved: PathBuf,
    log: PathBuf,
    is_image: bool,
}

/// One step.
pub(super) struct Step {
    pub(super) what: &'static str,
    /// What is there once it is done.
    pub(super) makes: PathBuf,
    words: Vec<OsString>,
    run: fn(&[OsString], &Global) -> anyhow::Result<Exit>,
}

impl Plan {
    pub(super) fn new(source: &Path, folder: &Path) -> Self {
        let is_image = source.is_file();
        Self {
            source: source.to_owned(),
            copy: if is_image {
                source.to_owned()
            } else {
                folder.join("card.img")
            },
            recovered: folder.join("recovered"),
            saved: folder.join("saved.img"),
            log: folder.join("rescue.log"),
            is_image,
        }
    }

    pub(super) fn places(&self) -> Vec<PathBuf> {
        let mut places = vec![self.recovered.clone(), self.saved.clone(), self.log.clone()];
        if !self.is_image {
            places.push(self.copy.clone());
        }
        places
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if !self.is_image {
            steps.push(Step {
                what: "copy the card, before anything else is done with it.",
                // An image that is not complete is continued.
                makes: PathBuf::new(),
                words: words(
                    "image",
                    &[&self.source],
                    &[("--to", &self.copy)],
                    &["--yes"],
                ),
                run: |words, global| image::run(&parsed("image", words)?, global),
            });
        }
        steps.push(Step {
            what: "see what is on it.",
            makes: PathBuf::new(),
            words: words("list", &[&self.copy], &[], &["--carve"]),
            run: |words, global| list::run(&parsed("list", words)?, global),
        });
        steps.push(Step {
            what: "recover every backup that can be proved.",
            makes: self.saved.clone(),
            words: words(
                "recover",
                &[&self.copy],
                &[("--to", &self.recovered), ("--card", &self.saved)],
                &["--yes"],
            ),
            run: |words, global| recover::run(&parsed("recover", words)?, global),
        });
        steps
    }

    /// What has to be done by hand afterwards.
    pub(super) fn left(&self) -> Vec<String> {
        let saved = path_text(&self.saved);
        let mut left = vec![
            format!(
                "Write {saved} over a new card, with an imaging program or, where sdX is the new card, with: \
                 dd if={saved} of=/dev/sdX bs=4M conv=fsync"
            ),
            "Put the new card into a BitBox02, restore the wallet from it, and check that your accounts are there."
                .to_owned(),
            "Have the BitBox make a fresh backup on another card, and check it: bitbox-backup device check".to_owned(),
        ];
        let mut copies = vec![path_text(&self.recovered), saved];
        if !self.is_image {
            copies.insert(0, path_text(&self.copy));
        }
        left.push(format!(
            "Then destroy every copy: {}, and both cards that are not kept. Deleting files is not enough on a disk \
             that others may get: erase the disk.",
            copies.join(", ")
        ));
        left
    }
}

impl Step {
    /// Whether an earlier run has done it.
    pub(super) fn is_done(&self) -> bool {
        self.makes.exists()
    }

    /// The command as it is typed.
    pub(super) fn line(&self) -> String {
        Self::quoted(&self.words)
    }

    /// A command with these words as it is typed.
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
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        (self.run)(&self.words, global)
    }
}

fn words(
    command: &str,
    sources: &[&Path],
    places: &[(&str, &Path)],
    flags: &[&str],
) -> Vec<OsString> {
    let mut words = vec![OsString::from(command)];
    // What begins like an option is none.
    let plain = |place: &Path| match place.as_os_str().as_encoded_bytes() {
        [b'-', ..] => Path::new(".").join(place).into_os_string(),
        _ => place.into(),
    };
    words.extend(sources.iter().map(|source| plain(source)));
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
