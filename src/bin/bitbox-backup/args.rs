//! The command line.

use std::path::PathBuf;

use bitbox_backup::firmware::Version;
use bitbox_backup::journal::Hash;
use clap::{Parser, Subcommand, ValueEnum};

/// Tells the truth about the microSD backups of a BitBox02, offline and without writing.
///
/// Independent of the maker of the BitBox. A backup holds the wallet in plain text, and the maker
/// advises against putting its card into a computer: work offline, with automounting switched off.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    propagate_version = true,
    disable_help_subcommand = true
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
    List(Sources),
    /// Many cards at once: one line a card, then the wallets across all cards
    ///
    /// A folder of images stands for each image in it.
    Audit(Box<Audit>),
    /// What changed between two audits
    Diff(Diff),
    /// Everything about one card, deleted files included, each fact with its place
    Inspect(Inspect),
    /// What to do with an evidence log
    #[command(subcommand)]
    Log(Log),
    /// Print the completions of a shell
    Completions(Completions),
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
    /// Only the backups whose id begins so
    #[arg(long, value_name = "UNIQUE-PREFIX", value_parser = id_prefix)]
    pub(crate) id: Option<String>,
}

/// Which cards are read, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Sources {
    /// Card images (raw, gzip, zstd), card readers, folders, or single .bin files
    #[arg(value_name = "SOURCE", required_unless_present = "files_from")]
    pub(crate) sources: Vec<PathBuf>,
    /// Take more sources from a file, one a line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// Deleted and erased backups too
    #[arg(long)]
    pub(crate) deleted: bool,
    /// Look at the whole surface of each card, for backups at any place; implies --deleted
    #[arg(long)]
    pub(crate) carve: bool,
    /// How many cards to read at once; as many as processors by default
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Audit {
    #[command(subcommand)]
    pub(crate) command: Option<AuditCommand>,
    #[command(flatten)]
    pub(crate) cards: Sources,
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
    /// Look at the whole surface too, for backups at any place
    #[arg(long)]
    pub(crate) carve: bool,
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
