//! The letter for the envelope beside a card: one sheet of paper, and the same as a text.

use std::fmt::Write;

use bitbox_backup::finding::Rest;
use minijinja::{Value, context};

use super::html::template;
use super::text::device::grouped;
use super::text::fill;
use crate::answers::letter::Letter;

/// How every letter begins.
pub(crate) const BEGINNING: &str = "THE CARD BESIDE THIS LETTER IS AS GOOD AS MONEY\n";

const STYLE: &str = include_str!("letter.css");
/// Where this program is.
const ADDRESS: &str = env!("CARGO_PKG_REPOSITORY");
const WIDTH: usize = 76;

/// What the letter says, whatever it is printed on: what it is about, and its paragraphs or steps. `{id}` is the
/// beginning of the ID, `{address}` where the program is, `{end}` what to do with the card.
const PARTS: [(&str, &[&str]); 5] = [
    (
        "What this is",
        &[
            "The microSD card beside this letter is a backup of a BitBox02, a device that keeps bitcoin and other \
             coins. Whoever has the card can take all the money: it holds the wallet without a password. Keep it \
             like cash, dry and cool, and keep this letter with it.",
        ],
    ),
    (
        "How to get to the money",
        &[
            "Buy a new BitBox02 or BitBox02 Nova from its maker, at bitbox.swiss, and from nobody else. Never use a \
             device that somebody offers you.",
            "Install the BitBoxApp from bitbox.swiss on a computer, and connect the device. Follow the app until it \
             offers to restore a wallet, and choose the microSD card.",
            "Put the card into the device, never into a computer that is online. Choose the backup by the name, the \
             date, and the time in this letter, and set a new password for the device.",
            "Compare the root fingerprint that the app shows with the one in this letter. If it matches and the wallet is \
             empty, the money may be behind a passphrase, which is on no card: look for it in the owner's papers, and ask \
             the family. Entered in the app, it opens another wallet, with another fingerprint.",
            "If the device does not show the backup, or the card is damaged, do not format the card and do not write to \
             it. The free program bitbox-backup says what is on it and recovers it, offline. Its place is \
             {address}: do not search the web for help.",
            "{end}",
        ],
    ),
    (
        "Whom never to show it",
        &[
            "Nobody who helps you needs the card, its contents, or the recovery words: not the maker, not support, not a \
             bank, not an authority. Whoever asks for them by telephone, by mail, or on a website is a thief, however \
             much they know about you.",
            "Do not photograph the card or the words, do not type words into a computer or a telephone, and do not let the \
             card out of your sight. Take your time: nothing is lost by waiting.",
        ],
    ),
    (
        "Once a year",
        &[
            "Put the card into the BitBox, and choose \"Check backup\" in the app. Or on a computer that never goes \
             online: `bitbox-backup list CARD` says whether the card is healthy, and `bitbox-backup match CARD --id \
             {id}` whether it is the card of this wallet. Note the date below.",
        ],
    ),
    ("Checked on", &[]),
];

/// What is known of the wallet: a name and a value.
fn facts(letter: &Letter) -> Vec<(&'static str, String)> {
    let unknown = || "unknown".to_owned();
    let made = letter.created.as_deref().and_then(|time| time.get(..16));
    let made = made.map(|time| format!("{} (UTC)", time.replace('T', " ")));
    let fingerprint = letter.fingerprint.clone();
    let passphrase = "not on the card; used: yes / no / not known";
    let cards = match letter.cards {
        1 => "1, when this letter was made".to_owned(),
        more => format!("{more}, when this letter was made"),
    };
    vec![
        ("Name", letter.name.clone().unwrap_or_else(unknown)),
        ("Newest backup", made.unwrap_or_else(unknown)),
        ("ID", grouped(&letter.id)),
        ("Root fingerprint", fingerprint.unwrap_or_else(unknown)),
        ("Recovery words", letter.words.to_string()),
        ("Cards", cards),
        ("Passphrase", passphrase.to_owned()),
    ]
}

/// Everything that depends on the wallet put in.
fn filled(paragraph: &str, letter: &Letter) -> String {
    let paragraph = paragraph.replace("{id}", &letter.prefix);
    let paragraph = paragraph.replace("{address}", ADDRESS);
    match paragraph.as_str() {
        "{end}" => end(letter),
        _ => paragraph,
    }
}

/// What to do with the card when this wallet is restored: others may be on it.
fn end(letter: &Letter) -> String {
    const SHOWN: usize = 5;
    let card = match letter.cards {
        1 => "This card",
        _ => "A card of this wallet",
    };
    let rest = Rest::list(&letter.rest);
    let more = format!(
        "{card} also holds {rest}: do not destroy it as long as any of that may be needed."
    );
    if letter.others.is_empty() {
        return match letter.rest.is_empty() {
            true => "When the money is safe in a wallet of yours, destroy the card.".to_owned(),
            false => {
                format!("Keep the card, even when the money is safe in a wallet of yours. {more}")
            }
        };
    }
    let named = letter.others.iter().take(SHOWN).cloned();
    let left = letter.others.len().saturating_sub(SHOWN);
    let left = (left > 0).then(|| format!("and {left} more"));
    let named: Vec<_> = named.chain(left).collect();
    let others = format!("{card} also holds other wallets: {}.", named.join(", "));
    match letter.rest.is_empty() {
        true => format!(
            "{others} Only when the money of all of them is safe in wallets of yours, destroy the card."
        ),
        false => format!(
            "{others} Keep it safe until the money of all of them is in wallets of yours. {more}"
        ),
    }
}

pub(crate) fn text(letter: &Letter) -> String {
    let mut out = format!("{BEGINNING}\n");
    for (name, value) in facts(letter) {
        let line = format!("{:<18}{value}", format!("{name}:"));
        let _ = writeln!(out, "{}", fill(&line, WIDTH, "", "                  "));
    }
    for (title, paragraphs) in PARTS {
        let _ = writeln!(out, "\n{}", title.to_uppercase());
        let is_steps = paragraphs.len() > 2;
        for (number, paragraph) in (1..).zip(paragraphs) {
            let paragraph = filled(paragraph, letter);
            let lines = match is_steps {
                true => fill(&paragraph, WIDTH, &format!("{number}. "), "   "),
                false => fill(&paragraph, WIDTH, "", ""),
            };
            let _ = writeln!(out, "{lines}");
        }
        if paragraphs.is_empty() {
            let row = "____________   ".repeat(5);
            let row = row.trim_end();
            let _ = writeln!(out, "{row}\n\n{row}");
        }
    }
    out
}

/// The letter as a page that is printed on one sheet.
pub(crate) fn page(letter: &Letter) -> anyhow::Result<String> {
    let mut templates = template::escaping()?;
    templates.add_template("letter.html", include_str!("letter.html"))?;
    let facts = facts(letter).into_iter();
    let facts = facts.map(|(name, value)| context! { name, value });
    let parts = PARTS.map(|(title, paragraphs)| {
        let words = paragraphs.iter().map(|paragraph| filled(paragraph, letter));
        context! { title, paragraphs => words.collect::<Vec<_>>(), steps => paragraphs.len() > 2 }
    });
    let page = context! {
        style => Value::from_safe_string(STYLE.to_owned()),
        style_hash => template::policy(STYLE),
        heading => "The card beside this letter is as good as money",
        facts => facts.collect::<Vec<_>>(),
        parts => parts.to_vec(),
        version => env!("CARGO_PKG_VERSION"),
    };
    Ok(templates.get_template("letter.html")?.render(page)?)
}

#[cfg(test)]
mod tests;
