//! Registers in TOML: a `[[wallet]]` for each.

use bitbox_backup::audit::Expectation;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{COLUMNS, Mistake, Rows, cards, line_of, unknown, words};

const HEAD: &str = "a register has a [[wallet]] for each wallet, with id, and where wanted label, cards, card and words";

/// Reads every wallet.
pub(super) fn rows(text: &str) -> Rows {
    let line = |at: usize| line_of(text.as_bytes().get(..at).unwrap_or_default());
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

fn row(
    at: usize,
    wallet: &DeTable<'_>,
    line: &dyn Fn(usize) -> usize,
) -> Result<Expectation, Mistake> {
    let mut row = Expectation::default();
    let mut has_id = false;
    for (key, value) in wallet {
        let at = line(key.span().start);
        match key.get_ref().as_ref() {
            "id" => {
                row.id = text(at, key.get_ref(), value)?;
                has_id = true;
            }
            "label" => row.label = Some(text(at, key.get_ref(), value)?),
            "card" => row.card = Some(text(at, key.get_ref(), value)?),
            "cards" => row.cards = Some(number(at, value, cards)?),
            "words" => row.words = Some(number(at, value, words)?),
            name => {
                return Err(unknown(
                    at,
                    name,
                    &format!("known are {}", COLUMNS.join(", ")),
                ));
            }
        }
    }
    if has_id {
        Ok(row)
    } else {
        let what = "this wallet has no id";
        Err(Mistake::new(at, what, "write id = \"…\" below [[wallet]]"))
    }
}

fn text(at: usize, key: &str, value: &Spanned<DeValue<'_>>) -> Result<String, Mistake> {
    let text = value.get_ref().as_str().map(str::to_owned);
    text.ok_or_else(|| {
        let advice = format!("write {key} = \"…\" with quotes");
        Mistake::new(at, format!("{key} is no text"), advice)
    })
}

fn number<N>(
    at: usize,
    value: &Spanned<DeValue<'_>>,
    read: fn(usize, &str) -> Result<N, Mistake>,
) -> Result<N, Mistake> {
    match value.get_ref() {
        DeValue::Integer(number) if number.radix() == 10 => read(at, number.as_str()),
        DeValue::String(text) => read(at, text),
        other => read(at, other.type_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        match rows(text) {
            Ok(rows) => {
                let rows = rows.into_iter().map(|(line, row)| {
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
            assert_eq!(rows[0].1.words, Some(24));
        }
    }

    #[test]
    fn mistakes_are_said_with_their_line() {
        for (text, what) in [
            ("[[wallet]]\nid = 57", "2: id is no text"),
            ("[[wallet]]\nlabel = \"x\"", "1: this wallet has no id"),
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
