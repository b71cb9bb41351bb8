//! What several commands take on the command line.

pub(crate) mod help;
pub(crate) mod values;

use std::path::PathBuf;

use bitbox_backup::device::Address;
use bitbox_backup::examine::{Depth, IdPrefix, Options, Part};
use bitbox_backup::firmware::Version;
use bitbox_backup::image::Limits;
use bitbox_backup::recover::Effort;
use clap::ValueEnum;

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

/// How sources are read.
#[derive(Debug, clap::Args)]
pub(crate) struct Reading {
    /// Firmware version to emulate, such as 9.24.0; by default the newest release known
    #[arg(long, value_name = "VERSION", default_value_t)]
    pub(crate) firmware: Version,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    unpacking: Unpacking,
    /// Read the image from this byte on, as a raw image whatever its file begins like
    #[arg(long, value_name = "BYTES", conflicts_with = "partition")]
    offset: Option<u64>,
    /// Read only this partition of the image, numbered as by fdisk: of the GPT where there is one (the BitBox reads the MBR)
    #[arg(long, value_name = "NUMBER")]
    partition: Option<u32>,
}

/// How much of a compressed image is kept.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Unpacking {
    /// Maximum uncompressed size of an image, in MiB of non-empty data
    #[arg(long, value_name = "MIB", default_value_t = 512)]
    max_unpacked: u64,
}

impl Unpacking {
    pub(crate) fn limits(self) -> Limits {
        Limits::unpacked(self.max_unpacked.saturating_mul(1 << 20))
    }
}

impl Reading {
    /// How a card is read that is only looked at.
    pub(crate) fn options(&self) -> Options {
        Options {
            firmware: self.firmware,
            max_unpacked: self.unpacking.limits().max_unpacked,
            part: self
                .offset
                .map(Part::Offset)
                .or(self.partition.map(Part::Partition)),
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
    /// Only the backups of the wallet whose ID begins with these digits, enough of them to be unique; a root
    /// fingerprint is no ID
    #[arg(long, value_name = "UNIQUE-PREFIX", value_parser = values::id_prefix)]
    pub(crate) id: Option<String>,
}

impl Only {
    /// How the ID begins.
    pub(crate) fn prefix(&self) -> Option<IdPrefix> {
        IdPrefix::new(self.id.as_ref()?)
    }
}

/// Which cards are read, and how many at once.
#[derive(Debug, clap::Args)]
pub(crate) struct Cards {
    /// Card images (raw, compressed, split, VHD, in a ZIP or tar), card readers, folders, or single .bin files
    #[arg(value_name = "SOURCE", required_unless_present = "files_from")]
    pub(crate) sources: Vec<PathBuf>,
    /// Read more sources from a file, one per line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// How many cards to read at once; by default as many as there are processors
    #[arg(long, value_name = "N", value_parser = values::threads)]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
}

/// The help of the sources of a command that reads them together.
pub(crate) fn as_evidence_together(arg: clap::Arg) -> clap::Arg {
    match arg.get_id().as_str() {
        "sources" => arg.help(
            "A card image (raw, compressed, split, VHD, in a ZIP or tar), a card reader, a folder, or a single .bin \
             file; several readings of one card, or cards with backups of one wallet, are used together",
        ),
        "threads" => {
            arg.help("How many threads to use; by default as many as there are processors")
        }
        _ => arg,
    }
}

/// What a command that looks at everything takes and does not need.
#[derive(Debug, clap::Args)]
pub(crate) struct Everything {
    /// Search deleted entries, as is done anyway
    #[arg(long, hide = true)]
    pub(crate) deleted: bool,
    /// Search the whole card, as is done anyway
    #[arg(long, hide = true)]
    pub(crate) carve: bool,
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
    pub(crate) fn depth(&self) -> Depth {
        match (self.quick, self.carve) {
            (true, _) => Depth::Quick,
            (false, true) => Depth::Whole,
            (false, false) => Depth::Usual,
        }
    }
}

/// Which cards are examined, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Examine {
    #[command(flatten)]
    pub(crate) cards: Cards,
    #[command(flatten)]
    pub(crate) depth: HowFar,
    #[command(flatten)]
    pub(crate) reading: Reading,
    #[command(flatten)]
    pub(crate) only: Only,
}

impl Examine {
    /// How the cards are read.
    pub(crate) fn options(&self) -> Options {
        Options {
            depth: self.depth.depth(),
            only: self.only.prefix(),
            ..self.reading.options()
        }
    }
}

/// How long a damaged backup is searched for, and what is known of it.
#[derive(Debug, clap::Args)]
pub(crate) struct Searching {
    /// How many candidates to try for the damaged backups of a card: quick (2^23), normal (2^30), deep (2^40), or a number such as 2^35
    ///
    /// Without it normal, but quick where normal covers less than 0.01 % of the possibilities.
    #[arg(long, value_name = "EFFORT", value_parser = values::effort)]
    pub(crate) effort: Option<u64>,
    /// Only the backup made at this time: seconds since 1970, or 2020-09-28T08:30:09Z
    #[arg(long, value_name = "TIME", value_parser = values::timestamp)]
    pub(crate) timestamp: Option<u32>,
    /// Length of the seed in bytes, if nothing else proves it: 16, 24, or 32, for 12, 18, or 24 words
    #[arg(long, value_name = "BYTES", value_parser = values::length)]
    pub(crate) length: Option<u32>,
    /// Also try the IDs, xpubs, addresses, and fingerprints in this register of wallets (CSV or TOML)
    #[arg(long, value_name = "FILE")]
    pub(crate) expect: Option<PathBuf>,
    /// A seed is right if it is the wallet with this extended public key: the key, or a file that holds it
    #[arg(long, value_name = "XPUB")]
    pub(crate) xpub: Option<String>,
    /// A seed is right if the wallet has this address: the address, or a file that holds it
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Option<String>,
    /// A seed is right if the wallet has this root fingerprint, among at most 2^10 candidates
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) fingerprint: Option<String>,
    /// Ask for remembered recovery words at their places, or read them from a file: --known-words=FILE
    ///
    /// Type 12, 18, or 24 words in their order, with ? for each that is not known. They limit the search and prove
    /// nothing.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, conflicts_with = "resume")]
    pub(crate) known_words: Option<Option<PathBuf>>,
    /// Record in this file how far the search came, and continue from it if it exists
    #[arg(long, value_name = "FILE")]
    pub(crate) resume: Option<PathBuf>,
}

impl Searching {
    /// Most candidates to try.
    pub(crate) fn most(&self) -> u64 {
        self.effort.unwrap_or(Effort::NORMAL)
    }
}

/// How a device is reached.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Connection {
    /// The device to use: on USB, at a path if there are several, or a simulator
    #[arg(
        long,
        value_name = "hid[:PATH]|tcp://HOST:PORT",
        default_value = "hid",
        hide_default_value = true
    )]
    pub(crate) device: Address,
    /// Stop if the device does not prove that it is genuine
    #[arg(long)]
    pub(crate) require_genuine: bool,
    /// Skip every confirmation prompt, except the comparison of the pairing code
    #[arg(long)]
    pub(crate) yes: bool,
    /// Allow tcp to another machine
    #[arg(long)]
    pub(crate) remote: bool,
}

/// What every question to a device takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    pub(crate) connection: Connection,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) record: Record,
}

/// What is kept of a run, and what an answer leaves out.
#[derive(Debug, clap::Args)]
pub(crate) struct Record {
    /// Append what was read, found, and written to this evidence log, and print its head; it is never redacted
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Whether nobody asked for the log, who would know what its head is for.
    #[arg(skip)]
    pub(crate) is_silent: bool,
    /// Leave out all that identifies a person, a card, or a wallet, for answers you share
    #[arg(long)]
    pub(crate) redact: bool,
}
