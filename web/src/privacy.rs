//! What the program's files ask of `--redact`, which the page does not have.

use serde::Serialize;
use serde_json::Value;

/// Whether answers are redacted.
pub(crate) fn is_on() -> bool {
    false
}

/// The first line of what is kept.
pub(crate) fn first_line() -> &'static str {
    "Private: this names wallets, cards, and files. Do not send it to anybody."
}

/// An answer under other names.
pub(crate) fn value(_answer: &impl Serialize) -> Option<Value> {
    None
}
