//! The command line.

mod device;
mod help;
mod shorthand;

use std::path::PathBuf;

use bitbox_backup::device::Address;
use bitbox_backup::examine::{Depth, Options, Part};
use bitbox_backup::firmware::Version;
use bitbox_backup::journal::Hash;
use bitbox_backup::recover::Effort;
use clap::{Parser, Subcommand, ValueEnum};

pub(crate) use device::{Ask, Connection, Create, Device, Unpair};
pub(crate) use shorthand::expand;

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
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten, next_help_heading = "Global options")]
    pub(crate) global: Global,
}

/// What holds for every command.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// When to use color; the variable NO_COLOR is respected
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", global = true)]
    pub(crate) color: Color,
    /// Print only the answer: no hints, no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print more: every finding with what the BitBox shows and what to do
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Run without the sandbox and keep root privileges, if they cause a problem
    #[arg(long, global = true)]
    pub(crate) no_sandbox: bool,
}

/// When to use color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal that supports it
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Color {
    /// Makes this choice the program's.
    pub(crate) fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the backups on each card, shown or hidden by the BitBox
    ///
    /// For each card one plain sentence, what to do, a table of the backups that the BitBox shows and of those
    /// it hides, and the findings.
    #[command(after_help = help::MORE, after_long_help = help::LIST)]
    List(List),
    /// Show everything about one card, each fact with its place
    ///
    /// Partitions, volumes, every file, deleted ones included, every copy with its fields (never the seed), the
    /// findings, and a map.
    #[command(after_help = help::MORE, after_long_help = help::INSPECT)]
    Inspect(Inspect),
    /// Recover backups to a new folder or card image
    ///
    /// Every backup that can be proved, from files that are hidden, deleted, or damaged: three identical files
    /// each, as a BitBox02 accepts them. They hold wallets in plain text. Nothing is written to the source or to a device.
    #[command(after_help = help::MORE, after_long_help = help::RECOVER)]
    Recover(Box<Recover>),
    /// Say which recovery words could be shown; with --reveal, show them
    ///
    /// Words are shown on the terminal only, never in a pipe. Before it shows any, the program says what that
    /// means and what this machine might do with them, and asks. `--to` writes them to a new file that only its
    /// owner can read.
    #[command(after_help = help::MORE, after_long_help = help::WORDS)]
    Words(Box<Words>),
    /// Show the public side of wallets, or whose an address is
    ///
    /// Root fingerprint, extended public keys, descriptors, and first addresses, derived in memory from each
    /// backup; no private key and no word leaves it. Still private: whoever sees
    /// an xpub sees every address of that account.
    #[command(after_help = help::MORE, after_long_help = help::WALLET)]
    Wallet(Box<Wallet>),
    /// Copy a card sector by sector, with a map of bad sectors
    ///
    /// Prints the SHA-256 of the image. The image holds wallets in plain text. Run again, the command continues where it stopped.
    #[command(after_help = help::MORE, after_long_help = help::IMAGE)]
    Image(Image),
    /// Check many cards, and the wallets across all of them
    ///
    /// One line per card, then the wallets: on how many cards, and what needs attention. A folder of images stands for each image in it.
    #[command(after_help = help::MORE, after_long_help = help::AUDIT)]
    Audit(Box<Audit>),
    /// Show what changed between two audits
    #[command(after_help = help::MORE, after_long_help = help::DIFF)]
    Diff(Diff),
    /// Find the cards that belong to the connected BitBox02
    ///
    /// Or, with --id, to the wallet with an ID shown on another screen. Compared by the ID, which the device gives while a card with its backup is inserted, and by the root
    /// fingerprint, which it always gives.
    #[command(after_help = help::MORE, after_long_help = help::MATCH)]
    Match(Box<Match>),
    /// List, check, and make backups through a connected BitBox02
    ///
    /// What "Manage backups" in the app of the BitBox does, with the card in the BitBox.
    #[command(subcommand, after_help = help::MORE, after_long_help = help::DEVICE)]
    Device(Device),
    /// List the connected card readers and BitBoxes
    #[command(after_help = help::MORE, after_long_help = help::SOURCES)]
    Sources(SourcesList),
    /// Verify an evidence log
    #[command(subcommand, after_help = help::MORE, after_long_help = help::LOG)]
    Log(Log),
    /// Run known-answer tests on this machine, and test the sandbox
    ///
    /// Known IDs, words, fingerprints, cards, a recovery, and a search; and whether the sandbox keeps the program
    /// from other files, the network, and other programs.
    #[command(after_help = help::MORE, after_long_help = help::SELF_TEST)]
    SelfTest(SelfTest),
    /// Print the manual page, or write one for each command
    #[command(after_help = help::MORE, after_long_help = help::MAN)]
    Man(Man),
    /// Print the completions for a shell
    #[command(after_help = help::MORE, after_long_help = help::COMPLETIONS)]
    Completions(Completions),
}

impl Command {
    /// Its name, with `--json`.
    pub(crate) fn answers_in_json(&self) -> Option<&'static str> {
        let (name, json) = match self {
            Self::List(list) => ("list", list.reading.json),
            Self::Audit(audit) => match &audit.command {
                Some(AuditCommand::Merge(merge)) => ("audit", merge.json),
                None => ("audit", audit.list.reading.json),
            },
            Self::Device(device) => device.answers_in_json(),
            Self::Diff(diff) => ("diff", diff.json),
            Self::Inspect(inspect) => ("inspect", inspect.reading.json),
            Self::Recover(recover) => ("recover", recover.reading.json),
            Self::Words(words) => ("words", words.reading.json),
            Self::Image(image) => ("image", image.json),
            Self::Sources(sources) => ("sources", sources.json),
            Self::Wallet(wallet) => ("wallet", wallet.reading.json),
            Self::Match(matching) => ("match", matching.reading.json),
            Self::Log(Log::Verify(verify)) => ("log verify", verify.json),
            Self::SelfTest(test) => ("self-test", test.json),
            Self::Man(_) | Self::Completions(_) => return None,
        };
        json.then_some(name)
    }
}

/// How sources are read.
#[derive(Debug, clap::Args)]
pub(crate) struct Reading {
    /// Firmware version to emulate, such as 9.26.5; by default the newest known, which may be unreleased
    #[arg(long, value_name = "VERSION", default_value_t)]
    pub(crate) firmware: Version,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Maximum uncompressed size of an image, in MiB of non-empty data
    #[arg(long, value_name = "MIB", default_value_t = 512)]
    pub(crate) max_unpacked: u64,
    #[command(flatten)]
    part: WhichPart,
}

/// The part of an image that is read as a card.
#[derive(Debug, clap::Args)]
struct WhichPart {
    /// Read the image from this byte on, as a raw image whatever its file begins like
    #[arg(long, value_name = "BYTES", conflicts_with = "partition")]
    offset: Option<u64>,
    /// Read only this partition of the image, numbered as by fdisk
    #[arg(long, value_name = "NUMBER")]
    partition: Option<u32>,
}

impl Reading {
    /// How a card is read that is only looked at.
    pub(crate) fn options(&self) -> Options {
        Options {
            firmware: self.firmware,
            max_unpacked: self.max_unpacked.saturating_mul(1 << 20),
            part: match (self.part.offset, self.part.partition) {
                (Some(offset), _) => Some(Part::Offset(offset)),
                (None, Some(number)) => Some(Part::Partition(number)),
                (None, None) => None,
            },
            ..Options::default()
        }
    }

    /// How a card is read from which everything is recovered.
    pub(crate) fn everything(&self) -> Options {
        let options = self.options();
        Options {
            part: options.part,
            ..Options::everything(options.firmware, options.max_unpacked)
        }
    }
}

/// Which of the backups on the cards are meant.
#[derive(Debug, clap::Args)]
pub(crate) struct Only {
    /// Only the backups whose ID begins with these digits
    #[arg(long, value_name = "UNIQUE-PREFIX", value_parser = id_prefix)]
    pub(crate) id: Option<String>,
}

/// Which cards are read, and how many at once.
#[derive(Debug, clap::Args)]
pub(crate) struct Cards {
    /// Card images (raw, gzip, zstd), card readers, folders, or single .bin files
    #[arg(value_name = "SOURCE", required_unless_present = "files_from")]
    pub(crate) sources: Vec<PathBuf>,
    /// Read more sources from a file, one per line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// How many cards to read at once; by default as many as there are processors
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
}

/// How far cards are searched.
#[derive(Debug, clap::Args)]
pub(crate) struct HowFar {
    /// Search the whole card, including unallocated space
    ///
    /// By default all files and deleted entries are searched, and the whole card only if the BitBox lists
    /// no backup on it and at most 4 GiB have to be read.
    #[arg(long)]
    pub(crate) carve: bool,
    /// Search live folders only
    #[arg(long, conflicts_with_all = ["carve", "deleted"])]
    pub(crate) quick: bool,
    /// Search deleted entries, as is done by default
    #[arg(long, hide = true)]
    pub(crate) deleted: bool,
}

impl HowFar {
    fn depth(&self) -> Depth {
        match (self.quick, self.carve) {
            (true, _) => Depth::Quick,
            (false, true) => Depth::Whole,
            (false, false) => Depth::Usual,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) cards: Cards,
    #[command(flatten)]
    pub(crate) depth: HowFar,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) only: Only,
}

impl List {
    /// How the cards are read.
    pub(crate) fn options(&self) -> Options {
        Options {
            depth: self.depth.depth(),
            ..self.reading.options()
        }
    }
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Audit {
    #[command(subcommand)]
    pub(crate) command: Option<AuditCommand>,
    #[command(flatten)]
    pub(crate) list: List,
    /// Compute the SHA-256 of every whole source
    #[arg(long)]
    pub(crate) hash: bool,
    /// Wait for cards in these readers, or for images in these folders, and read one after the other
    #[arg(long, conflicts_with_all = ["files_from", "resume", "write_register"])]
    pub(crate) watch: bool,
    /// Skip files already covered by this answer of an earlier --ndjson that have not changed since
    #[arg(long, value_name = "FILE.ndjson")]
    pub(crate) resume: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Make one answer from the lines of several runs of audit --ndjson
    #[command(after_help = help::MORE, after_long_help = help::MERGE)]
    Merge(Merge),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Merge {
    /// Files that audit --ndjson wrote, in the order wanted
    #[arg(value_name = "FILE.ndjson", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

/// What is made of many cards.
#[derive(Debug, clap::Args)]
pub(crate) struct Answer {
    /// Print one line of JSON per card as each is done; with =FILE write them to a new file
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    pub(crate) ndjson: Option<PathBuf>,
    /// Also write an HTML page to show and to print: no scripts, nothing loaded from elsewhere
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Also write a table for spreadsheets: one row per backup, and one per card without any
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Also write Digital Forensics XML: where each copy is, with its hash
    #[arg(long, value_name = "FILE")]
    pub(crate) dfxml: Option<PathBuf>,
    /// Warn of a wallet on fewer cards than this
    #[arg(long, value_name = "N", default_value = "2")]
    pub(crate) min_cards: std::num::NonZeroUsize,
    /// Compare with a register of the wallets that should exist (CSV or TOML)
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,
    /// Write a new register of the wallets found: FILE.csv or FILE.toml
    #[arg(long, value_name = "FILE", conflicts_with = "redact")]
    pub(crate) write_register: Option<PathBuf>,
    /// Append what was examined and found to this evidence log, and print its head
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Shorten IDs and omit names, for reports you share
    #[arg(long)]
    pub(crate) redact: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// The lines of the earlier audit --ndjson
    #[arg(value_name = "OLD.ndjson")]
    pub(crate) old: PathBuf,
    /// The lines of the later one
    #[arg(value_name = "NEW.ndjson")]
    pub(crate) new: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Warn of a wallet on fewer cards than this
    #[arg(long, value_name = "N", default_value = "2")]
    pub(crate) min_cards: std::num::NonZeroUsize,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    /// A card image (raw, gzip, zstd), a card reader, a folder, or a single .bin file
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,
    #[command(flatten)]
    pub(crate) depth: HowFar,
    /// Show only whether a BitBox02 would make a new backup on this card, why not, and how to fix it
    #[arg(long)]
    pub(crate) preflight: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) only: Only,
}

impl Inspect {
    /// How the card is read.
    pub(crate) fn options(&self) -> Options {
        Options {
            depth: self.depth.depth(),
            inspect: true,
            ..self.reading.options()
        }
    }
}

/// How long a damaged backup is searched for, and what is known of it.
#[derive(Debug, clap::Args)]
pub(crate) struct Searching {
    /// How many candidates to try for a damaged backup: quick (2^23), normal (2^30), deep (2^40), or a number
    #[arg(long, value_name = "EFFORT", default_value = "normal", value_parser = effort)]
    pub(crate) effort: u64,
    /// Only the backup made at this time: seconds since 1970, or 2020-09-28T08:30:09Z
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    pub(crate) timestamp: Option<u32>,
    /// Length of the seed in bytes, if nothing else proves it: 16, 24, or 32, for 12, 18, or 24 words
    #[arg(long, value_name = "BYTES", value_parser = length)]
    pub(crate) length: Option<u32>,
    /// Also try the IDs in this register of wallets (CSV or TOML)
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,
    /// Record in this file how far the search came, and continue from it if it exists
    #[arg(long, value_name = "FILE")]
    pub(crate) resume: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("place").required(true).multiple(true).args(["to", "card"]))]
pub(crate) struct Recover {
    /// A card image (raw, gzip, zstd), a card reader, a folder, or a single .bin file
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,
    /// Write the folder bitbox02 and a report to this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    /// Write the image of a card that a BitBox02 accepts; the file must be new
    #[arg(long, value_name = "NEW.img")]
    pub(crate) card: Option<PathBuf>,
    /// Also write every copy found, intact or not, as it is on the card, to this new folder
    #[arg(long, value_name = "DIR")]
    pub(crate) raw: Option<PathBuf>,
    /// Skip the confirmation prompt
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) searching: Searching,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) only: Only,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Words {
    /// A card image (raw, gzip, zstd), a card reader, a folder, or a single .bin file
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) only: Only,
    #[command(flatten)]
    pub(crate) searching: Searching,
    /// Show the words on the terminal, on a separate screen that is cleared afterwards
    #[arg(long, conflicts_with = "json")]
    pub(crate) reveal: bool,
    /// Write the words to this new file instead; best in memory, such as /dev/shm
    #[arg(long, value_name = "NEWFILE", requires = "reveal")]
    pub(crate) to: Option<PathBuf>,
    /// Ask for the wallet's passphrase and show the root fingerprint it gives
    #[arg(long)]
    pub(crate) passphrase: bool,
    /// Skip the confirmation prompt
    #[arg(long, requires = "reveal")]
    pub(crate) yes: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Wallet {
    #[command(flatten)]
    pub(crate) cards: Cards,
    /// Say which wallet on which card this address, extended public key, or root fingerprint belongs to
    #[arg(long, value_name = "ADDRESS|XPUB|FINGERPRINT", conflicts_with_all = ["account", "addresses"])]
    pub(crate) find: Option<String>,
    /// The account, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..100))]
    pub(crate) account: u32,
    /// How many receive addresses to show
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(..=1000))]
    pub(crate) addresses: u32,
    /// Ask for the wallet's passphrase, which makes another wallet of the same words
    #[arg(long)]
    pub(crate) passphrase: bool,
    /// How many candidates to try for a damaged backup: quick (2^23), normal (2^30), deep (2^40), or a number
    #[arg(long, value_name = "EFFORT", default_value = "quick", value_parser = effort)]
    pub(crate) effort: u64,
    /// Length of the seed in bytes, if nothing else proves it: 16, 24, or 32, for 12, 18, or 24 words
    #[arg(long, value_name = "BYTES", value_parser = length)]
    pub(crate) length: Option<u32>,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) only: Only,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Match {
    #[command(flatten)]
    pub(crate) cards: Cards,
    /// Ask no device: compare with this ID shown on another screen (at least its first 8 digits)
    #[arg(long, value_name = "ID", value_parser = long_prefix, conflicts_with_all = ["device", "require_genuine", "yes", "remote"])]
    pub(crate) id: Option<String>,
    /// The device to ask; may be given several times [default: every one on USB]
    #[arg(long, value_name = "hid[:PATH]|tcp://HOST:PORT")]
    pub(crate) device: Vec<Address>,
    /// Stop if a device does not prove that it is genuine
    #[arg(long)]
    pub(crate) require_genuine: bool,
    /// Skip every confirmation prompt, except the comparison of the pairing code
    #[arg(long)]
    pub(crate) yes: bool,
    /// Allow tcp to another machine
    #[arg(long)]
    pub(crate) remote: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// Verify that a log is unbroken, and unchanged since its head was written down
    #[command(after_help = help::MORE, after_long_help = help::LOG_VERIFY)]
    Verify(LogVerify),
}

#[derive(Debug, clap::Args)]
pub(crate) struct LogVerify {
    /// The log
    pub(crate) file: PathBuf,
    /// The head written down earlier: 64 hex digits
    #[arg(long, value_name = "HASH")]
    pub(crate) head: Option<Hash>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Image {
    /// A card reader such as /dev/sdb, or an image
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,
    /// Write the image to this file, compressed if the name ends in .zst, and its map to FILE.map
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// How often to retry bad sectors, from both ends in turn
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) retries: u32,
    /// Read the image back from the disk and compare
    #[arg(long)]
    pub(crate) verify: bool,
    /// Read the card a second time and compare: a worn card may give other bytes
    #[arg(long)]
    pub(crate) twice: bool,
    /// Skip the confirmation prompt
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SourcesList {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SelfTest {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// Write a page for the program and one for each command to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// Reads the beginning of an ID: 1 to 64 hex digits, lower-cased.
fn id_prefix(text: &str) -> Result<String, String> {
    let hex = !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if hex {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("an ID is up to 64 hex digits".to_owned())
    }
}

/// Reads as much of an ID as identifies a wallet: 8 to 64 hex digits, lower-cased.
fn long_prefix(text: &str) -> Result<String, String> {
    let prefix = id_prefix(text)?;
    if prefix.len() < 8 {
        return Err("at least 8 digits of the ID are needed".to_owned());
    }
    Ok(prefix)
}

/// Reads how many candidates are tried.
fn effort(text: &str) -> Result<u64, String> {
    match text {
        "quick" => Ok(Effort::QUICK),
        "normal" => Ok(Effort::NORMAL),
        "deep" => Ok(Effort::DEEP),
        count => count
            .parse()
            .map_err(|_| "an effort is quick, normal, deep, or a number of candidates".to_owned()),
    }
}

/// Reads a time in seconds or in RFC 3339.
fn timestamp(text: &str) -> Result<u32, String> {
    let seconds = match text.parse::<u32>() {
        Ok(seconds) => Some(seconds),
        Err(_) => text
            .parse::<jiff::Timestamp>()
            .ok()
            .and_then(|time| u32::try_from(time.as_second()).ok()),
    };
    seconds.ok_or_else(|| "a time is seconds since 1970, or 2020-09-28T08:30:09Z".to_owned())
}

/// Reads the length of a seed.
fn length(text: &str) -> Result<u32, String> {
    match text {
        "16" => Ok(16),
        "24" => Ok(24),
        "32" => Ok(32),
        "12" | "18" => Err(format!(
            "a seed of {text} words has {} bytes",
            if text == "12" { 16 } else { 24 }
        )),
        _ => Err("a seed has 16, 24, or 32 bytes: 12, 18, or 24 words".to_owned()),
    }
}
