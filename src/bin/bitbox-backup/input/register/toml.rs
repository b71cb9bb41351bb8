//! Registers in TOML: a `[[wallet]]` for each.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{COLUMNS, Mistake, Row, Rows, line_of, unknown};

const HEAD: &str = "a register has a [[wallet]] for each wallet, with id, and where wanted label, cards, card, words, \
                    xpub, address and fingerprint";

pub(super) fn rows(text: &str) -> Result<Rows, Mistake> {
    let line = |at: usize| line_of(text.as_bytes(), at);
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| line(span.start));
        Mistake::new(at, error.message().replace('\n', "; "), HEAD)
    })?;
    let mut rows = Vec::new();
    for (key, value) in table.get_ref() {
        if key.get_ref() != "wallet" {
            return Err(unknown(line(key.span().start), key.get_ref(), HEAD));
        }
        let DeValue::Array(wallets) = value.get_ref() else {
            let what = "\"wallet\" is no list";
            return Err(Mistake::new(line(key.span().start), what, HEAD));
        };
        for wallet in wallets {
            let at = line(wallet.span().start);
            let DeValue::Table(wallet) = wallet.get_ref() else {
                return Err(Mistake::new(at, "this is no wallet", HEAD));
            };
            rows.push((at, row(at, wallet, &line)?));
        }
    }
    Ok(rows)
}

fn row(at: usize, wallet: &DeTable<'_>, line: &dyn Fn(usize) -> usize) -> Result<Row, Mistake> {
    let mut row = Row::default();
    let mut is_named = false;
    for (key, value) in wallet {
        let at = line(key.span().start);
        let name = key.get_ref().as_ref();
        match name {
            "cards" | "words" => row.set(at, name, number(value))?,
            _ if !COLUMNS.contains(&name) => {
                let known = format!("known are {}", COLUMNS.join(", "));
                return Err(unknown(at, name, &known));
            }
            _ => {
                row.set(at, name, text(at, name, value)?)?;
                is_named |= !["label", "card"].contains(&name);
            }
        }
    }
    if is_named {
        Ok(row)
    } else {
        let what = "this wallet has no ID";
        Err(Mistake::new(at, what, "write id = \"…\" below [[wallet]]"))
    }
}

fn text<'v>(at: usize, key: &str, value: &'v Spanned<DeValue<'_>>) -> Result<&'v str, Mistake> {
    value.get_ref().as_str().ok_or_else(|| {
        let advice = format!("write {key} = \"…\" with quotes");
        Mistake::new(at, format!("{key} is no text"), advice)
    })
}

/// A number as it is written, or of what type it is instead.
fn number<'v>(value: &'v Spanned<DeValue<'_>>) -> &'v str {
    match value.get_ref() {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        DeValue::String(text) => text,
        other => other.type_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match rows(text) {
            Ok(rows) => {
                let rows = rows.into_iter().map(|(line, Row { expected: row, .. })| {
                    let [label, card] = [row.label, row.card].map(Option::unwrap_or_default);
                    format!("{line}:{}:{label}:{:?}:{card}", row.id, row.cards)
                });
                rows.collect::<Vec<_>>().join(" ")
            }
            Err(mistake) => format!("{}: {}", mistake.line, mistake.what),
        }
    }

    #[test]
    fn wallets_with_their_lines() {
        let text = "# ours\n[[wallet]]\nid = \"57\"\nlabel = \"A \\\"B\\\"\"\ncards = 1_0\ncard = 'safe'\n\n[[wallet]]\nid = \"58\"\n";
        assert_eq!(said(text), "2:57:A \"B\":Some(10):safe 8:58::None:");
        assert_eq!(
            said("wallet = [{ id = \"57\", cards = \"2\" }]"),
            "1:57::Some(2):"
        );
        assert_eq!(said(""), "");
        for words in ["24", "\"24\""] {
            let rows = rows(&format!("[[wallet]]\nid = \"57\"\nwords = {words}")).unwrap();
            assert_eq!(rows[0].1.expected.words, Some(24));
        }
    }

    #[test]
    fn mistakes_are_said_with_their_line() {
        for (text, what) in [
            ("[[wallet]]\nid = 57", "2: id is no text"),
            ("[[wallet]]\nlabel = \"x\"", "1: this wallet has no ID"),
            (
                "[[wallet]]\nid = \"57\"\nname = 1",
                "3: a register has no column \"name\"",
            ),
            ("[wallet]\nid = \"57\"", "1: \"wallet\" is no list"),
            (
                "\n[[wallets]]\nid = \"57\"",
                "2: a register has no column \"wallets\"",
            ),
            ("wallet = [1]", "1: this is no wallet"),
            (
                "[[wallet]]\nid = \"57\"\nwords = true",
                "3: \"boolean\" is no number of words",
            ),
            (
                "[[wallet]]\nid = \"57\"\ncards = 2.5",
                "3: \"float\" is no number of cards",
            ),
            ("[[wallet]]\nid = \"57\"\nid = \"58\"", "3: duplicate key"),
            (
                "[[wallet]]\nid = \"57",
                "2: invalid basic string, expected `\"`",
            ),
        ] {
            assert_eq!(said(text), what, "{text:?}");
        }
    }
}
