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

use std::io::{Read, Seek, Write};

use bitbox_backup::audit::{Across, Wallet};
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{Source, TOOL, basis};
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};

use self::attention::Attention;
use self::matrix::matrix;
use self::rows::{Row, Rows};
use self::sections::Sections;
use super::phrase;

/// The page, source by source. What has to wait for its end is put by in `S`.
pub(crate) struct HtmlPage<S> {
    templates: Environment<'static>,
    firmware: Version,
    rows: Vec<Row>,
    attention: Attention,
    sections: Sections<S>,
}

impl<S: Read + Write + Seek + Send + 'static> HtmlPage<S> {
    pub(crate) fn new(firmware: Version, scratch: S) -> anyhow::Result<Self> {
        Ok(Self {
            templates: template::environment()?,
            firmware,
            rows: Vec::new(),
            attention: Attention::default(),
            sections: Sections::new(scratch),
        })
    }

    pub(crate) fn add(&mut self, source: &Source) -> anyhow::Result<()> {
        let row = Row::of(source, self.rows.len() + 1);
        self.attention.add_card(source, &row);
        self.sections.add(&self.templates, source, &row)?;
        self.rows.push(row);
        Ok(())
    }

    /// Writes the page; `shared` says whether it may be, `in_file` whether it stands alone or in the page of a browser
    /// that made it, and that has more to it.
    pub(crate) fn end(
        mut self,
        across: &Across,
        shared: &str,
        in_file: bool,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        let mut wallets: Vec<&Wallet> = across.wallets.iter().collect();
        wallets.sort_by_key(|wallet| wallet.state);
        for (index, wallet) in wallets.iter().enumerate() {
            self.attention.add_wallet(wallet, index + 1);
        }
        let troubled = self.rows.iter().filter(|row| row.trouble.is_some()).count();
        let (sections, without) = (self.sections.shown(), self.sections.left_out());
        let attention = self.attention.arrange(&sections);
        let matrix = matrix(&self.rows, &wallets, across, &sections);
        let rows = Rows::new(self.rows, &wallets, across, sections);
        let (style, hash) = template::style();
        let page = context! {
            style => Value::from_safe_string(style.to_owned()),
            style_hash => hash,
            version => TOOL,
            firmware => self.firmware.to_string(),
            basis => basis(self.firmware),
            basis_sentence => phrase::basis(self.firmware),
            headline => words::headline(across, troubled),
            tone => words::tone(across, troubled),
            shared,
            in_file,
            counted => phrase::counts(&across.summary),
            skipped => across.skipped.iter().map(phrase::skipped).collect::<Vec<_>>(),
            summary => Serde(across.summary),
            troubled,
            trouble => words::trouble(across),
            wallet_counts => Serde(across.wallet_counts),
            attention,
            any_wallet => !wallets.is_empty(),
            wallets => rows::wallets(&wallets),
            clones => matrix::clones(across),
            matrix,
            rows => rows.into_value(),
            sections => self.sections.into_value(),
            without,
        };
        let template = self.templates.get_template("page.html")?;
        template.render_captured_to(page, out)?;
        Ok(())
    }
}
