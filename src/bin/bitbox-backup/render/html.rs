//! A page to show and to print, complete in itself: no script, no network, one file.
//!
//! Of each card little is kept: a row, and what needs attention. Its section is made at once and put
//! by in a file without a name, so that ten thousand cards need no more memory than ten.

mod attention;
mod map;
mod matrix;
mod rows;
mod sections;
pub(crate) mod template;
mod words;

use std::path::Path;

use bitbox_backup::audit::{Across, Wallet};
use bitbox_backup::files::{Mark, Sources};
use bitbox_backup::report::{Source, basis};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};

use self::attention::Attention;
use self::matrix::Matrix;
use self::rows::{Row, Rows};
use self::sections::Sections;
use super::report::{Head, Report};
use crate::output::file::ReportFile;
use crate::render;

/// By what an earlier page is known again.
const MARK: Mark = Mark {
    kind: "an HTML report",
    beginning: b"<!doctype html>",
    within: b"<meta name=\"generator\" content=\"bitbox-backup audit report\">",
};

/// `--html`.
pub(crate) struct Html {
    file: ReportFile,
    templates: Environment<'static>,
    head: Head,
    rows: Vec<Row>,
    attention: Attention,
    sections: Sections,
}

impl Html {
    pub(crate) fn create(place: &Path, sources: &Sources, head: Head) -> anyhow::Result<Self> {
        let file = ReportFile::create(place, sources, &MARK)?;
        let sections = Sections::new(file.scratch()?);
        Ok(Self {
            file,
            templates: template::environment()?,
            head,
            rows: Vec::new(),
            attention: Attention::default(),
            sections,
        })
    }
}

impl Report for Html {
    fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        let row = Row::of(source, self.rows.len() + 1);
        self.attention.add_card(source, &row);
        self.sections.add(&self.templates, source, &row)?;
        self.rows.push(row);
        Ok(())
    }

    fn end(mut self: Box<Self>, across: &Across) -> anyhow::Result<()> {
        let mut wallets: Vec<&Wallet> = across.wallets.iter().collect();
        wallets.sort_by_key(|wallet| wallet.state);
        for (index, wallet) in wallets.iter().enumerate() {
            self.attention.add_wallet(wallet, index + 1);
        }
        let troubled = self.rows.iter().filter(|row| row.trouble.is_some()).count();
        let (sections, without) = (self.sections.shown(), self.sections.left_out());
        let attention = self.attention.told(&sections);
        let matrix = Matrix::new(&self.rows, &wallets, across, &sections);
        let rows = Rows::new(self.rows, &wallets, across, sections);
        let (style, hash) = template::style();
        let page = context! {
            style => Value::from_safe_string(style.to_owned()),
            style_hash => hash,
            version => env!("CARGO_PKG_VERSION"),
            firmware => self.head.firmware.to_string(),
            basis => basis(self.head.firmware),
            basis_sentence => render::text::basis(self.head.firmware),
            headline => words::headline(across, troubled),
            tone => words::tone(across, troubled),
            shared => crate::privacy::first_line(),
            counted => render::text::counts(&across.summary),
            summary => Serde(across.summary),
            troubled,
            trouble => words::trouble(across),
            wallet_counts => Serde(across.wallet_counts),
            attention => Serde(attention),
            any_wallet => !wallets.is_empty(),
            wallets => rows::wallets(&wallets),
            clones => matrix::clones(across),
            matrix => matrix.into_value(),
            rows => rows.into_value(),
            sections => self.sections.into_value(),
            without,
        };
        let template = self.templates.get_template("page.html")?;
        template.render_captured_to(page, &mut self.file)?;
        self.file.finish()
    }
}
