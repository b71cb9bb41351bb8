//! A register made from what was found.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use bitbox_backup::audit::{Across, Expectation, Register, Wallet};
use bitbox_backup::files::Sources;
use bitbox_backup::report::{OptionsReport, Source};
use bitbox_backup::text::{path_text, plural, short_id};

use super::report::Report;
use crate::input::register::Form;
use crate::interrupt;
use crate::output::file::ReportFile;
use crate::spreadsheet::guard;

/// Most wallets that are named.
const SHOWN: usize = 16;

/// `--write-register`: a new file, since people work on registers.
pub(crate) struct NewRegister {
    file: ReportFile,
    name: String,
    form: Form,
}

impl NewRegister {
    /// Begins a register. What was found must have whole ids.
    pub(crate) fn create(
        place: &Path,
        sources: &Sources,
        options: &OptionsReport,
    ) -> anyhow::Result<Self> {
        let name = path_text(place);
        let Some(form) = Form::of(place) else {
            anyhow::bail!(
                "{name}: a register is a .csv or a .toml file\ngive it a name that ends so"
            );
        };
        anyhow::ensure!(
            !options.redact,
            "{name}: a register needs whole IDs, and these lines are redacted\nrun the audit without --redact"
        );
        Ok(Self {
            file: ReportFile::create_new(place, sources)?,
            name,
            form,
        })
    }
}

impl Report for NewRegister {
    fn source(&mut self, _: &Source) -> anyhow::Result<()> {
        Ok(())
    }

    fn end(mut self: Box<Self>, across: &Across) -> anyhow::Result<()> {
        let name = &self.name;
        if interrupt::stopped() {
            let _ = writeln!(
                crate::output::stderr(),
                "note: {name}: not written, since the work was interrupted; run the audit to its end"
            );
            return Ok(());
        }
        let rows = Register::of(&across.wallets);
        let left_out = left_out(&across.wallets);
        anyhow::ensure!(
            !rows.is_empty(),
            "{name}: not written, since {}\n\
             a register lists at least one wallet that a BitBox can restore",
            left_out.as_deref().unwrap_or("no wallet was found")
        );
        if let Some(left_out) = left_out {
            let _ = writeln!(crate::output::stderr(), "note: {name}: {left_out}");
        }
        // Lines from elsewhere may hold ids that are none.
        Register::new((1..).zip(rows.iter().cloned()))
            .with_context(|| format!("{name}: what was found makes no register"))?;
        let text = match self.form {
            Form::Csv => csv(&rows)?,
            Form::Toml => toml(&rows)?,
        };
        self.file.write_all(&text)?;
        self.file.finish()
    }
}

/// Which wallets a register does not list, and why.
fn left_out(wallets: &[Wallet]) -> Option<String> {
    let ids: Vec<_> = Register::left_out(wallets)
        .map(|wallet| match wallet.names.first() {
            Some(name) => format!("{} \"{name}\"", short_id(&wallet.id)),
            None => short_id(&wallet.id),
        })
        .collect();
    let they = match ids.len() {
        0 => return None,
        1 => "it",
        _ => "them",
    };
    let shown = ids.get(..SHOWN).unwrap_or(&ids).join(", ");
    let more = match ids.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let wallets_are = plural(ids.len(), "wallet is", "wallets are");
    Some(format!(
        "{wallets_are} not listed, because only deleted or lost copies of {they} were found: {shown}{more}"
    ))
}

/// As CSV. Spreadsheets read it as UTF-8 only behind a mark, which is left out where it is not needed.
fn csv(rows: &[Expectation]) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    let label = |row: &Expectation| guard(row.label.as_deref().unwrap_or_default());
    if !rows.iter().all(|row| label(row).is_ascii()) {
        text.extend("\u{FEFF}".bytes());
    }
    let mut writer = csv::Writer::from_writer(text);
    // Only where two wallets share an id.
    let with_words = rows.iter().any(|row| row.words.is_some());
    let columns = if with_words { 4 } else { 3 };
    writer.write_record(["id", "label", "cards", "words"].iter().take(columns))?;
    for row in rows {
        let cards = row.cards.unwrap_or(1).to_string();
        let words = row.words.map(|words| words.to_string()).unwrap_or_default();
        let fields = [&row.id, &label(row), &cards, &words];
        writer.write_record(fields.into_iter().take(columns))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

fn toml(rows: &[Expectation]) -> anyhow::Result<Vec<u8>> {
    #[derive(serde::Serialize)]
    struct Wallets<'a> {
        wallet: &'a [Expectation],
    }
    Ok(toml::to_string(&Wallets { wallet: rows })?.into_bytes())
}
