//! The command line.

mod device;
mod shorthand;

use std::path::PathBuf;

use bitbox_backup::device::Address;
use bitbox_backup::examine::{Depth, Options};
use bitbox_backup::firmware::Version;
use bitbox_backup::journal::Hash;
use bitbox_backup::recover::Effort;
use clap::{Parser, Subcommand, ValueEnum};

pub(crate) use device::{Ask, Connection, Create, Device, Unpair};
pub(crate) use shorthand::expand;

/// Tells the truth about the microSD backups of a BitBox02, offline and without writing.
///
/// Independent of the maker of the BitBox. A backup holds the wallet in plain text, and the maker
/// advises against putting its card into a computer: work offline, with automounting switched off.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    propagate_version = true,
    after_help = "`bitbox-backup CARD` is short for `bitbox-backup list CARD`."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

/// What holds for every command.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// When to use colour; NO_COLOR is honoured
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", global = true)]
    pub(crate) color: Color,
    /// Print only what was asked for: no hints, no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print more: every finding with what the device shows and what to do
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Do without the sandbox and keep root's rights, should that stand in the way; please tell us
    #[arg(long, global = true)]
    pub(crate) no_sandbox: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal that wants it.
    Auto,
    /// Always.
    Always,
    /// Never.
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
    /// The backups on each card, as the device would list them and those it would hide
    List(List),
    /// Many cards at once: one line a card, then the wallets across all cards
    ///
    /// A folder of images stands for each image in it.
    Audit(Box<Audit>),
    /// What "Manage backups" does, through a connected BitBox02: list, check and make backups
    #[command(subcommand)]
    Device(Device),
    /// What changed between two audits
    Diff(Diff),
    /// Everything about one card, deleted files included, each fact with its place
    Inspect(Inspect),
    /// Bring backups back: three copies each, as a BitBox02 accepts them, in a new folder or card image
    ///
    /// What is written holds wallets in plain text. Nothing is written to the source or to a device.
    Recover(Box<Recover>),
    /// Which recovery words could be shown; with --reveal the words themselves, on a terminal
    ///
    /// Never to a pipe. Before it shows any, it says what that means and what this machine might do with
    /// them, and asks. `--to` writes them to a new file that only its owner can read.
    Words(Box<Words>),
    /// A sector-exact copy of a card, with its SHA-256 and a map of what cannot be read
    ///
    /// What is written holds wallets in plain text. Run again, it goes on where it stopped.
    Image(Image),
    /// Card readers and BitBoxes that are connected
    Sources(SourcesList),
    /// The public side of wallets: fingerprint, xpubs, descriptors, first addresses; with --find whose an address is
    ///
    /// Derived from each backup in memory; no private key and no word ever leaves it. Still private:
    /// whoever sees an xpub sees every address behind it.
    Wallet(Box<Wallet>),
    /// Which of these cards belong to the connected BitBox02, or to the wallet with this id
    ///
    /// By the id, which the device gives while a card with its backup is inserted, and by the root
    /// fingerprint, which it always gives.
    Match(Box<Match>),
    /// What to do with an evidence log
    #[command(subcommand)]
    Log(Log),
    /// Whether this program computes on this machine what it should: known answers, computed anew
    SelfTest(SelfTest),
    /// Print the manual page, or write one for each command
    Man(Man),
    /// Print the completions of a shell
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
    /// Whose rules to apply, such as 9.26.5; the newest known by default
    #[arg(long, value_name = "VERSION", default_value_t)]
    pub(crate) firmware: Version,
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Most MiB of non-empty data a compressed image may unpack to
    #[arg(long, value_name = "MIB", default_value_t = 512)]
    pub(crate) max_unpacked: u64,
}

impl Reading {
    /// How a card is read that is only looked at.
    pub(crate) fn options(&self) -> Options {
        Options {
            firmware: self.firmware,
            max_unpacked: self.max_unpacked.saturating_mul(1 << 20),
            ..Options::default()
        }
    }

    /// How a card is read of which everything is to be brought back.
    pub(crate) fn everything(&self) -> Options {
        let options = self.options();
        Options::everything(options.firmware, options.max_unpacked)
    }
}

/// Which of the backups on the cards are meant.
#[derive(Debug, clap::Args)]
pub(crate) struct Only {
    /// Only the backups whose id begins so
    #[arg(long, value_name = "UNIQUE-PREFIX", value_parser = id_prefix)]
    pub(crate) id: Option<String>,
}

/// Which cards are read, and how many at once.
#[derive(Debug, clap::Args)]
pub(crate) struct Cards {
    /// Card images (raw, gzip, zstd), card readers, folders, or single .bin files
    #[arg(value_name = "SOURCE", required_unless_present = "files_from")]
    pub(crate) sources: Vec<PathBuf>,
    /// Take more sources from a file, one a line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// How many cards to read at once; as many as processors by default
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
    /// SHA-256 of every whole source
    #[arg(long)]
    pub(crate) hash: bool,
    /// Wait for one card after the other in these readers, or for images in these folders
    #[arg(long, conflicts_with_all = ["files_from", "resume", "write_register"])]
    pub(crate) watch: bool,
    /// Do not read again what this earlier answer of --ndjson holds and has not changed since
    #[arg(long, value_name = "FILE.ndjson")]
    pub(crate) resume: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// One answer from the lines of several runs of audit --ndjson
    Merge(Merge),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Merge {
    /// What audit --ndjson wrote, in the order wanted
    #[arg(value_name = "FILE.ndjson", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) answer: Answer,
}

/// What is made of many cards.
#[derive(Debug, clap::Args)]
pub(crate) struct Answer {
    /// Answer with one line of JSON a card, as each is done; with =FILE into a new file
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    pub(crate) ndjson: Option<PathBuf>,
    /// Write a page to show and to print, complete in itself: no script, no network
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Also write a table for spreadsheets: a row a backup, and a row a card without any
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Also write Digital Forensics XML: where each copy lies, with its hash
    #[arg(long, value_name = "FILE")]
    pub(crate) dfxml: Option<PathBuf>,
    /// On how many cards each wallet should be
    #[arg(long, value_name = "N", default_value = "2")]
    pub(crate) min_cards: std::num::NonZeroUsize,
    /// Compare with a register of the wallets that should be there, in CSV or TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,
    /// Make a new register of the wallets found: FILE.csv or FILE.toml
    #[arg(long, value_name = "FILE", conflicts_with = "redact")]
    pub(crate) write_register: Option<PathBuf>,
    /// Note what was examined and found in this evidence log, and print its head
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Shorten ids and leave out names
    #[arg(long)]
    pub(crate) redact: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// What audit --ndjson wrote before
    #[arg(value_name = "OLD.ndjson")]
    pub(crate) old: PathBuf,
    /// What it wrote later
    #[arg(value_name = "NEW.ndjson")]
    pub(crate) new: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// On how many cards each wallet should be
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
    /// Show only whether a BitBox02 would make a new backup on this card, why not, and what would help
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

/// How hard it is tried to bring a backup back, and what is known of it.
#[derive(Debug, clap::Args)]
pub(crate) struct Searching {
    /// How many candidates to try for a damaged backup: quick (2^23), normal (2^30), deep (2^40), or a number
    #[arg(long, value_name = "EFFORT", default_value = "normal", value_parser = effort)]
    pub(crate) effort: u64,
    /// The backup made at that time: seconds since 1970, or such as 2020-09-28T08:30:09Z
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    pub(crate) timestamp: Option<u32>,
    /// Bytes of the seed where nothing else tells: 16, 24 or 32, for 12, 18 or 24 words
    #[arg(long, value_name = "BYTES", value_parser = length)]
    pub(crate) length: Option<u32>,
    /// Try the ids of this register of wallets too, in CSV or TOML
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,
    /// Note in this file how far the search came, and begin there if it is there already
    #[arg(long, value_name = "FILE")]
    pub(crate) resume: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("place").required(true).multiple(true).args(["to", "card"]))]
pub(crate) struct Recover {
    /// A card image (raw, gzip, zstd), a card reader, a folder, or a single .bin file
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,
    /// Write the folder bitbox02 and a report into this folder, which is new or empty
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    /// Write the new image of a card a BitBox02 accepts
    #[arg(long, value_name = "NEW.img")]
    pub(crate) card: Option<PathBuf>,
    /// Also write every copy found, whole or not, as it lies on the card, into this new folder
    #[arg(long, value_name = "DIR")]
    pub(crate) raw: Option<PathBuf>,
    /// Answer the warning with yes
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
    /// Show the words: on the terminal, on a screen of their own that is cleared
    #[arg(long, conflicts_with = "json")]
    pub(crate) reveal: bool,
    /// Write the words to this new file instead; best in memory, such as in /dev/shm
    #[arg(long, value_name = "NEWFILE", requires = "reveal")]
    pub(crate) to: Option<PathBuf>,
    /// Ask for the wallet's passphrase and show the root fingerprint it makes
    #[arg(long)]
    pub(crate) passphrase: bool,
    /// Do not ask whether to go on
    #[arg(long, requires = "reveal")]
    pub(crate) yes: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Wallet {
    #[command(flatten)]
    pub(crate) cards: Cards,
    /// Which wallet on which card this address, extended public key or root fingerprint belongs to
    #[arg(long, value_name = "ADDRESS|XPUB|FINGERPRINT", conflicts_with_all = ["account", "addresses"])]
    pub(crate) find: Option<String>,
    /// Which account, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..100))]
    pub(crate) account: u32,
    /// How many addresses to receive at
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(..=1000))]
    pub(crate) addresses: u32,
    /// Ask for the wallet's passphrase: it makes another wallet of the same words
    #[arg(long)]
    pub(crate) passphrase: bool,
    /// How many candidates to try for a damaged backup: quick (2^23), normal (2^30), deep (2^40), or a number
    #[arg(long, value_name = "EFFORT", default_value = "quick", value_parser = effort)]
    pub(crate) effort: u64,
    /// Bytes of the seed where nothing else tells: 16, 24 or 32, for 12, 18 or 24 words
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
    /// Ask no device, but compare with this id (at least its first 8 digits) shown on another screen
    #[arg(long, value_name = "ID", value_parser = long_prefix, conflicts_with_all = ["device", "require_genuine", "yes", "remote"])]
    pub(crate) id: Option<String>,
    /// Which device; may be given several times [default: every one on USB]
    #[arg(long, value_name = "hid[:PATH]|tcp://HOST:PORT")]
    pub(crate) device: Vec<Address>,
    /// Do nothing with a device that does not prove that it is genuine
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
    /// Whether a log is unbroken, and as it was when its head was written down
    Verify(LogVerify),
}

#[derive(Debug, clap::Args)]
pub(crate) struct LogVerify {
    /// The log
    pub(crate) file: PathBuf,
    /// The head written down earlier: 64 hex digits
    #[arg(long, value_name = "HASH")]
    pub(crate) head: Option<Hash>,
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Image {
    /// A card reader such as /dev/sdb, or an image
    #[arg(value_name = "SOURCE")]
    pub(crate) source: PathBuf,
    /// Write the image here, packed if the name ends in .zst; a map goes beside it, FILE.map
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
    /// How often to try bad sectors again, from both ends in turn
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) retries: u32,
    /// Read the image back from the disk and compare
    #[arg(long)]
    pub(crate) verify: bool,
    /// Read the card a second time and compare: a worn one may give other bytes
    #[arg(long)]
    pub(crate) twice: bool,
    /// Answer the warning with yes
    #[arg(long)]
    pub(crate) yes: bool,
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SourcesList {
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SelfTest {
    /// Answer in JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// Write a page for the program and one for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// Which shell
    pub(crate) shell: clap_complete::Shell,
}

/// Reads the beginning of an id: 1 to 64 hex digits, lower-cased.
fn id_prefix(text: &str) -> Result<String, String> {
    let hex = !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if hex {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("an id is up to 64 hex digits".to_owned())
    }
}

/// Reads as much of an id as tells a wallet from others: 8 to 64 hex digits, lower-cased.
fn long_prefix(text: &str) -> Result<String, String> {
    let prefix = id_prefix(text)?;
    if prefix.len() < 8 {
        return Err("at least 8 digits of the id are needed".to_owned());
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
    seconds
        .ok_or_else(|| "a time is seconds since 1970, or such as 2020-09-28T08:30:09Z".to_owned())
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
        _ => Err("a seed has 16, 24 or 32 bytes: 12, 18 or 24 words".to_owned()),
    }
}
