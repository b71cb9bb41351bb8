//! The steps of a rescue: each is a command of this program.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use bitbox_backup::image::free_name;
use bitbox_backup::text::{path_text, quoted, stem};
use clap::{Args, FromArgMatches};

use crate::args::Global;
use crate::commands::list::Seen;
use crate::commands::{image, list, recover};
use crate::exit::Exit;
use crate::render::phrase::to_new_card;

const NOT_ALL_COPIED: &str = "Not all of the card is in the copy. If the card was pulled out, put it back in, type stop, and run \
     the same command again. If parts of it cannot be read, go on with what was copied.";

const OTHERS: &str = "Look for other cards of this wallet, and for its recovery words on paper: each of them restores it alone.";

const ERASE: &str = "Deleting files is not enough on a disk that others may get: erase the disk.";

/// What somebody answers to a step.
pub(super) enum Answered {
    Yes,
    Skip,
    Stop,
}

/// Where everything is.
pub(super) struct Plan {
    pub(super) source: PathBuf,
    pub(super) folder: PathBuf,
    /// The copy of the card; the source itself if that is an image or a folder.
    copy: PathBuf,
    /// Where this run writes what is recovered: a new folder, and the image of a card with the same.
    recovered: PathBuf,
    saved: PathBuf,
    /// What earlier runs wrote, folders and images.
    earlier: Vec<(PathBuf, PathBuf)>,
    log: PathBuf,
    /// Whether it is a card in a reader, which is copied before anything else.
    pub(super) is_reader: bool,
}

/// What a step came to, and what it saw of the cards, if it looked.
type Done = (Exit, Vec<Seen>);

/// One step.
pub(super) struct Step {
    pub(super) what: &'static str,
    /// What is to be known before, if anything.
    pub(super) before: Option<String>,
    /// What is to be known if not all of it was done.
    pub(super) incomplete: Option<&'static str>,
    /// Whether the others can be done without it.
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
            copy: if is_reader {
                card_image(folder)
            } else {
                source.to_owned()
            },
            recovered,
            saved,
            earlier,
            log: folder.join("rescue.log"),
            is_reader,
        }
    }

    /// The same card with another folder.
    pub(super) fn of(&self, folder: &Path) -> Self {
        Self::new(&self.source, folder)
    }

    /// The copy of a card in a reader, whether it is there or not.
    pub(super) fn card_image(&self) -> PathBuf {
        card_image(&self.folder)
    }

    /// Whether an earlier run recovered something to this folder.
    pub(super) fn has_earlier(&self) -> bool {
        !self.earlier.is_empty()
    }

    /// The command for this card and a folder.
    pub(super) fn again(&self, folder: &Path) -> String {
        Step::quoted(&words("rescue", &[&self.source], &[("--to", folder)], &[]))
    }

    /// How far a search came that was stopped.
    fn search(&self) -> PathBuf {
        self.folder.join("search.json")
    }

    pub(super) fn places(&self) -> Vec<PathBuf> {
        let mut places = vec![self.recovered.clone(), self.saved.clone(), self.log.clone()];
        places.push(self.search());
        places.push(match self.is_reader {
            true => self.copy.clone(),
            false => note_in(&self.folder),
        });
        places
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.is_reader {
            steps.push(Step {
                what: "copy the card, before anything else is done with it.",
                before: None,
                incomplete: Some(NOT_ALL_COPIED),
                can_be_skipped: self.copy.exists(),
                words: words(
                    "image",
                    &[&self.source],
                    &[("--to", &self.copy)],
                    &["--yes"],
                ),
                run: |words, global| {
                    Ok((image::run(&parsed("image", words)?, global)?, Vec::new()))
                },
            });
        }
        steps.push(Step {
            what: "see what is on it.",
            before: None,
            incomplete: None,
            can_be_skipped: true,
            words: words("list", &[&self.copy], &[], &["--carve"]),
            run: |words, global| {
                let (exit, seen) = list::examined(&parsed("list", words)?, global)?;
                // To see what needs attention is all that this step is for.
                let exit = match exit {
                    Exit::Attention => Exit::Done,
                    exit => exit,
                };
                Ok((exit, seen))
            },
        });
        steps.push(self.recovering());
        steps
    }

    fn recovering(&self) -> Step {
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
                &[&self.copy],
                &[
                    ("--to", &self.recovered),
                    ("--card", &self.saved),
                    ("--resume", &self.search()),
                ],
                &["--yes"],
            ),
            run: |words, global| {
                Ok((
                    recover::run(&parsed("recover", words)?, global)?,
                    Vec::new(),
                ))
            },
        }
    }

    /// What has to be done by hand afterwards.
    pub(super) fn left(&self, skipped: bool, has_none: bool, is_on_card: bool) -> Vec<String> {
        let made = self.made();
        if let Some((_, saved)) = made.iter().rfind(|(_, saved)| saved.exists()) {
            self.to_restore(saved, &made, is_on_card)
        } else if has_none {
            vec!["No backup is on this card.".to_owned(), OTHERS.to_owned()]
        } else if skipped && self.search().exists() {
            let searched = "Nothing is recovered: a search of an earlier run proved nothing. Only if that was stopped, run the \
                            same command again, and do its last step: it continues where it stopped.";
            let mut left = self.not_recovered();
            left.insert(0, searched.to_owned());
            left
        } else if skipped {
            vec![
                "Nothing is recovered yet. Run the same command again, and do the steps that were skipped.".to_owned(),
                self.to_keep(),
            ]
        } else {
            self.not_recovered()
        }
    }

    /// What to do if every backup on the card is fine.
    pub(super) fn left_of_healthy(&self) -> Vec<String> {
        let recover = self.recovering();
        let mut left = vec![
            "Nothing needs to be recovered: every backup on this card is complete, and a BitBox lists it.".to_owned(),
            "Put the card into a BitBox02, and check the backup there; or restore the wallet from the card.\n\
             bitbox-backup device check"
                .to_owned(),
            format!(
                "Keep the card as safe as the money. Only if it is lost, or no BitBox reads it, make another one, with \
                 this command. What it writes is the wallet in plain text.\n{}",
                recover.line()
            ),
        ];
        let copies = self.copies(&self.made());
        if !copies.is_empty() {
            left.push(format!(
                "Destroy these copies, unless you need them. {ERASE}\n{}",
                copies.join("\n")
            ));
        }
        left
    }

    /// What this run and earlier ones recovered.
    fn made(&self) -> Vec<(PathBuf, PathBuf)> {
        let newest = (self.recovered.clone(), self.saved.clone());
        let mut made = self.earlier.clone();
        made.push(newest);
        made.retain(|(recovered, saved)| recovered.exists() || saved.exists());
        made
    }

    /// All that holds the wallet in plain text.
    fn copies(&self, made: &[(PathBuf, PathBuf)]) -> Vec<String> {
        let copy = [self.card_image()];
        let made = made
            .iter()
            .flat_map(|(recovered, saved)| [recovered, saved]);
        let copies = copy.iter().chain(made).filter(|place| place.exists());
        copies.map(|place| path_text(place)).collect()
    }

    fn to_restore(
        &self,
        saved: &Path,
        made: &[(PathBuf, PathBuf)],
        is_on_card: bool,
    ) -> Vec<String> {
        let mut copies = self.copies(made);
        let mut old = "the old card".to_owned();
        if !is_on_card {
            old = path_text(&self.source);
            copies.push(old.clone());
        }
        vec![
            to_new_card(saved),
            "Put the new card into a BitBox02, restore the wallet from it, and check that your accounts are there."
                .to_owned(),
            "Insert another new card, have the BitBox make a fresh backup on it, and check that.\n\
             bitbox-backup device check"
                .to_owned(),
            format!(
                "Keep {old} until all of this has worked. Then destroy the card that the image was written to, \
                 and every copy. {ERASE}\n{}",
                copies.join("\n")
            ),
        ]
    }

    /// What to do about a copy that is not finished.
    pub(super) fn to_finish_copy(&self) -> String {
        let how = if self.is_reader {
            "Run the same command again, and do its first step"
        } else {
            "Finish the copy of the card first, as it is said above"
        };
        let copy = path_text(&self.copy);
        format!("{how}: parts of the card were never read into {copy}.")
    }

    /// What to do about a copy that ends before the card.
    pub(super) fn to_copy_again(&self) -> String {
        let copy = path_text(&self.copy);
        let ends = format!("{copy} ends before the card does.");
        if self.is_reader {
            return format!("Read the card in another card reader: {ends}");
        }
        let to = free_name(&stem(&copy), |stem| format!("{stem}.img"), |_| false);
        format!(
            "Copy the card again, and rescue the new copy: {ends} Name the card reader in place of /dev/sdX.\n\
             bitbox-backup image /dev/sdX --to {to}"
        )
    }

    /// What to do if there is nothing to write to a card.
    fn not_recovered(&self) -> Vec<String> {
        vec![
            self.to_keep(),
            OTHERS.to_owned(),
            format!(
                "If somebody helps you, send the answer of this command, and never the card or a copy of it.\n{}",
                Step::quoted(&words("list", &[&self.copy], &[], &["--carve", "--redact"]))
            ),
        ]
    }

    fn to_keep(&self) -> String {
        let card = if self.is_reader {
            format!("the card and {}", path_text(&self.copy))
        } else {
            path_text(&self.source)
        };
        format!(
            "Keep {card}, and write nothing to the card: it may hold more than could be proved. Whoever reads it \
             can take all the money."
        )
    }
}

impl Step {
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
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Done> {
        (self.run)(&self.words, global)
    }
}

/// The file that says of which contents a folder is, where these are no card in a reader.
pub(super) fn note_in(folder: &Path) -> PathBuf {
    folder.join("card.sha256")
}

fn card_image(folder: &Path) -> PathBuf {
    folder.join("card.img")
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
