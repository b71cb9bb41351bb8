//! What an audit is written to.

use std::path::{Path, PathBuf};

use bitbox_backup::text::path_text;

use crate::args::Record;

/// What is made of many cards.
#[derive(Debug, clap::Args)]
pub(crate) struct Reports {
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
    #[command(flatten)]
    pub(crate) record: Record,
}

impl Reports {
    /// Refuses to write where an earlier answer is read; `what` these are.
    pub(super) fn spare(&self, read: &[PathBuf], what: &str) -> anyhow::Result<()> {
        let real = |path: &Path| path.canonicalize().ok();
        let read: Vec<_> = read.iter().filter_map(|path| real(path)).collect();
        for place in self.places() {
            anyhow::ensure!(
                !real(place).is_some_and(|place| read.contains(&place)),
                "{}: is {what}, and nothing is written to it\ngive the new report another name",
                path_text(place)
            );
        }
        Ok(())
    }

    /// The file that grows by lines, if one was asked for rather than standard output.
    pub(super) fn lines_file(&self) -> Option<&Path> {
        let file = self.ndjson.as_deref();
        file.filter(|file| file.as_os_str() != "-")
    }

    pub(crate) fn places(&self) -> Vec<&Path> {
        let files = [
            &self.html,
            &self.csv,
            &self.dfxml,
            &self.write_register,
            &self.record.log,
        ];
        let files = files.into_iter().flatten().map(PathBuf::as_path);
        files.chain(self.lines_file()).collect()
    }
}
