//! Answers about all cards that were examined: the report and JSON, as the program makes them.

use std::io::Cursor;

use anyhow::Context;
use bitbox_backup::audit::Audit;
use bitbox_backup::firmware::Version;
use bitbox_backup::report::{Source, Summary};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::privacy;
use crate::render::Report;
use crate::render::html::HtmlPage;
use crate::render::json::Sources;

/// On how many cards each wallet should be, as for the program.
const WANTED: usize = 2;

/// The report of the cards, of which each is JSON of [`crate::cards::examine`]: complete in itself and to be
/// saved, or to be shown in the page.
#[wasm_bindgen]
pub fn report(cards: Vec<String>, shown: bool) -> Result<String, String> {
    let made = || {
        let mut page = HtmlPage::new(Version::default(), Cursor::new(Vec::new()))?;
        let mut audit = Audit::new(WANTED, None);
        for source in read(&cards)? {
            audit.add(&source);
            page.add(&source)?;
        }
        let mut out = Vec::new();
        page.end(&audit.across(), privacy::first_line(), !shown, &mut out)?;
        Ok(String::from_utf8(out)?)
    };
    text(made())
}

/// What `list --json` of the program answers for these cards.
#[wasm_bindgen(js_name = listAnswer)]
pub fn list_answer(cards: Vec<String>) -> Result<String, String> {
    let made = || {
        let mut out = Vec::new();
        let mut answer = Sources::new(&mut out, "list", Version::default())?;
        let mut summary = Summary::default();
        for source in read(&cards)? {
            summary.add(&source);
            answer.source(&source)?;
        }
        answer.end(&summary, &[])?;
        Ok(String::from_utf8(out)?)
    };
    text(made())
}

/// What `audit --json` of the program answers for these cards.
#[wasm_bindgen(js_name = auditAnswer)]
pub fn audit_answer(cards: Vec<String>) -> Result<String, String> {
    let made = || {
        let mut out = Vec::new();
        let mut answer = Sources::new(&mut out, "audit", Version::default())?;
        let mut audit = Audit::new(WANTED, None);
        for source in read(&cards)? {
            audit.add(&source);
            answer.source(&source)?;
        }
        Report::end(Box::new(answer), &audit.across())?;
        Ok(String::from_utf8(out)?)
    };
    text(made())
}

fn read(cards: &[String]) -> anyhow::Result<Vec<Source>> {
    let read = |card: &String| serde_json::from_str(card).context("a report cannot be read again");
    cards.iter().map(read).collect()
}

/// An error as the browser gets it.
pub(crate) fn text<T>(made: anyhow::Result<T>) -> Result<T, String> {
    made.map_err(|error| format!("{error:#}"))
}
