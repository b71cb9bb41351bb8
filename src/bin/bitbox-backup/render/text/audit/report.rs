//! What a person reads on a terminal: a line a card, a line a wallet, and what needs attention.

use std::io::Write;

use bitbox_backup::audit::Across;
use bitbox_backup::report::Source;

use super::CardRow;
use super::trouble::{Trouble, troubles};
use crate::args::Global;
use crate::render::{Head, Report};

/// The answer as text. The rows wait for the last card, since columns are as wide as the widest.
pub(crate) struct Table<'a, W> {
    out: W,
    global: &'a Global,
    head: Head,
    rows: Vec<CardRow>,
    troubles: Vec<Trouble>,
}

impl<'a, W: Write> Table<'a, W> {
    pub(crate) fn new(out: W, global: &'a Global, head: Head) -> Self {
        Self {
            out,
            global,
            head,
            rows: Vec::new(),
            troubles: Vec::new(),
        }
    }
}

impl<W: Write> Report for Table<'_, W> {
    fn source(&mut self, source: &Source) -> anyhow::Result<()> {
        self.rows.push(CardRow::of(source));
        if source.attention().is_some() {
            self.troubles.extend(Trouble::of(source));
        }
        Ok(())
    }

    fn end(mut self: Box<Self>, across: &Across) -> anyhow::Result<()> {
        let out = &mut self.out;
        let all = self.global.verbose;
        super::cards(out, &self.rows, all)?;
        super::wallets(out, across, all)?;
        if !self.global.quiet {
            troubles(out, &self.troubles, across, self.global.verbose)?;
            super::end(out, across, self.head.firmware)?;
        }
        self.out.flush()?;
        Ok(())
    }
}
