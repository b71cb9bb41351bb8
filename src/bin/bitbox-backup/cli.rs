//! The command line as a whole.

mod access;
mod shorthand;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};

use crate::args::{Global, Record, help};
use crate::commands::{
    audit, device, diff, image, inspect, letter, list, log, man, matching, recover, rescue,
    self_test, sources, wallet, words,
};

pub(crate) use shorthand::{expand, guide};

/// Shows what is really on the microSD backups of a BitBox02 and recovers what can be proved; never writes to a card
///
/// Independent of the maker of the BitBox. A backup holds the wallet in plain text, and the maker
/// advises against putting its card into a computer: work offline, with automounting switched off.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    propagate_version = true,
    after_help = help::MORE,
    after_long_help = help::PROGRAM
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten, next_help_heading = "Global options")]
    pub(crate) global: Global,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Be guided from one card to a recovered backup, step by step
    ///
    /// For whoever has one card and no experience, on a terminal: which card, what to be careful about, a copy of the card
    /// first, what is on it, what can be recovered, and what to do with that. Every step is a command that is shown before
    /// it is run. What was done is not done again: stop at any time, and continue later.
    #[command(after_help = help::MORE, after_long_help = help::RESCUE)]
    Rescue(rescue::Args),
    /// List the backups on each card, shown or hidden by the BitBox
    ///
    /// For each card one plain sentence, what to do, a table of the backups that the BitBox shows and of those
    /// it hides, and the findings.
    #[command(after_help = help::MORE, after_long_help = help::LIST)]
    List(list::Args),
    /// Show everything about one card, each fact with its place
    ///
    /// Partitions, volumes, every file, deleted ones included, every copy with its fields (never the seed), the
    /// findings, and a map.
    #[command(after_help = help::MORE, after_long_help = help::INSPECT)]
    Inspect(inspect::Args),
    /// Recover backups to a new folder or card image
    ///
    /// Every backup that can be proved, from files that are hidden, deleted, or damaged: three identical files
    /// each, as a BitBox02 accepts them. They hold wallets in plain text. Nothing is written to the source or to a device.
    #[command(after_help = help::MORE, after_long_help = help::RECOVER)]
    Recover(Box<recover::Args>),
    /// Say which recovery words could be shown; with --reveal, show them
    ///
    /// Words are shown on the terminal only, never in a pipe. Before it shows any, the program says what that
    /// means and what this machine might do with them, and asks. `--to` writes them to a new file that only its
    /// owner can read.
    #[command(after_help = help::MORE, after_long_help = help::WORDS)]
    Words(Box<words::Args>),
    /// Show the public side of wallets, or whose an address is
    ///
    /// Root fingerprint, extended public keys, descriptors, and first addresses, derived in memory from each
    /// backup; no private key and no word leaves it. Still private: whoever sees
    /// an xpub sees every address of that account.
    #[command(after_help = help::MORE, after_long_help = help::WALLET)]
    Wallet(Box<wallet::Args>),
    /// Write a letter for the envelope beside a card, without anything secret
    ///
    /// For heirs, and for yourself: what the card is, whose wallet it holds, how to restore it, whom never to
    /// show it, and how to check it once a year. One sheet of paper for each wallet on the cards.
    #[command(after_help = help::MORE, after_long_help = help::LETTER)]
    Letter(letter::Args),
    /// Copy a card sector by sector, with a map of bad sectors
    ///
    /// Prints the SHA-256 of the image. The image holds wallets in plain text. Run again, the command continues where it stopped,
    /// unless the image is compressed.
    #[command(after_help = help::MORE, after_long_help = help::IMAGE)]
    Image(image::Args),
    /// Check many cards, and the wallets across all of them
    ///
    /// One line per card, then the wallets: on how many cards, and what needs attention. A folder of images stands for each image in it.
    #[command(after_help = help::MORE, after_long_help = help::AUDIT)]
    Audit(Box<audit::Args>),
    /// Show what changed between two audits
    #[command(after_help = help::MORE, after_long_help = help::DIFF)]
    Diff(diff::Args),
    /// Find the cards that belong to the connected BitBox02
    ///
    /// Or, with --id, to the wallet with an ID shown on another screen. Compared by the ID, which the device gives while a card with its backup is inserted, and by the root
    /// fingerprint, which it always gives.
    #[command(after_help = help::MORE, after_long_help = help::MATCH)]
    Match(Box<matching::Args>),
    /// List, check, and make backups through a connected BitBox02
    ///
    /// What "Manage backups" in the app of the BitBox does, with the card in the BitBox.
    #[command(subcommand, after_help = help::MORE, after_long_help = help::DEVICE)]
    Device(device::Device),
    /// List the connected card readers and BitBoxes
    #[command(after_help = help::MORE, after_long_help = help::SOURCES)]
    Sources(sources::Args),
    /// Verify an evidence log
    #[command(subcommand, after_help = help::MORE, after_long_help = help::LOG)]
    Log(log::Log),
    /// Run known-answer tests on this machine, and test the sandbox
    ///
    /// Known IDs, words, fingerprints, cards, a recovery, and a search; and whether the sandbox keeps the program
    /// from other files, the network, and other programs.
    #[command(after_help = help::MORE, after_long_help = help::SELF_TEST)]
    SelfTest(self_test::Args),
    /// Print the manual page, or write one for each command
    #[command(after_help = help::MORE, after_long_help = help::MAN)]
    Man(man::Args),
    /// Print the completions for a shell
    #[command(after_help = help::MORE, after_long_help = help::COMPLETIONS)]
    Completions(man::Completions),
}

impl Command {
    /// Its name, with `--json`.
    pub(crate) fn answers_in_json(&self) -> Option<&'static str> {
        let (name, json) = match self {
            Self::List(list) => ("list", list.examine.reading.json),
            Self::Audit(audit) => match &audit.command {
                Some(audit::Command::Merge(merge)) => ("audit", merge.json),
                None => ("audit", audit.list.reading.json),
            },
            Self::Device(device) => device.answers_in_json(),
            Self::Diff(diff) => ("diff", diff.json),
            Self::Inspect(inspect) => ("inspect", inspect.reading.json),
            Self::Recover(recover) => ("recover", recover.reading.json),
            Self::Words(words) => ("words", words.reading.json),
            Self::Image(image) => ("image", image.json),
            Self::Letter(letter) => ("letter", letter.reading.json),
            Self::Sources(sources) => ("sources", sources.json),
            Self::Wallet(wallet) => ("wallet", wallet.reading.json),
            Self::Match(matching) => ("match", matching.reading.json),
            Self::Log(log::Log::Verify(verify)) => ("log verify", verify.json),
            Self::SelfTest(test) => ("self-test", test.json),
            Self::Rescue(_) | Self::Man(_) | Self::Completions(_) => return None,
        };
        json.then_some(name)
    }

    /// The error with what to do about it, as far as this command knows better.
    pub(crate) fn advised(&self, error: anyhow::Error) -> anyhow::Error {
        match self {
            Self::Rescue(rescue) => rescue.advised(error),
            _ => error,
        }
    }

    /// What is kept of the run, and whether answers are redacted.
    pub(crate) fn record(&self) -> Option<&Record> {
        Some(match self {
            Self::List(list) => &list.record,
            Self::Inspect(inspect) => &inspect.record,
            Self::Recover(recover) => &recover.record,
            Self::Words(words) => &words.record,
            Self::Wallet(wallet) => &wallet.record,
            Self::Match(matching) => &matching.record,
            Self::Image(image) => &image.record,
            Self::Rescue(rescue) => &rescue.record,
            Self::Letter(letter) => &letter.record,
            Self::Sources(sources) => &sources.record,
            Self::Audit(audit) => &audit.reports().record,
            Self::Device(device) => return device.record(),
            _ => return None,
        })
    }

    /// The sources that are hashed for a log: an audit is asked for hashes with an option of its own.
    pub(crate) fn hashed(&self) -> Vec<PathBuf> {
        match self {
            Self::Audit(audit) => match &audit.command {
                Some(audit::Command::Merge(merge)) => merge.files.clone(),
                None => Vec::new(),
            },
            _ => self.sources(),
        }
    }

    /// Files that are written and hold recovery words.
    pub(crate) fn words(&self) -> Vec<PathBuf> {
        match self {
            Self::Words(words) => words.to.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// The sources that are named.
    pub(crate) fn sources(&self) -> Vec<PathBuf> {
        match self {
            Self::List(list) => list.examine.cards.sources.clone(),
            Self::Audit(audit) => audit.list.cards.sources.clone(),
            Self::Wallet(wallet) => wallet.cards.sources.clone(),
            Self::Letter(letter) => letter.cards.sources.clone(),
            Self::Match(matching) => matching.cards.sources.clone(),
            Self::Inspect(inspect) => vec![inspect.source.clone()],
            Self::Recover(recover) => recover.cards.sources.clone(),
            Self::Words(words) => words.cards.sources.clone(),
            Self::Image(image) => vec![image.source.clone()],
            Self::Rescue(rescue) => rescue.source.iter().cloned().collect(),
            Self::Device(device::Device::Create(create)) => create.verify.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }
}

/// The command that arguments name, as far as they name one.
pub(crate) fn named(arguments: &[OsString]) -> Option<String> {
    let mut command = Cli::command();
    let mut names = Vec::new();
    for argument in arguments.iter().skip(1) {
        if let Some(next) = command.find_subcommand(argument).cloned() {
            names.push(next.get_name().to_owned());
            command = next;
        }
    }
    (!names.is_empty()).then(|| names.join(" "))
}

#[cfg(test)]
mod tests;
