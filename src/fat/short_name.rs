//! Short names as text.

use super::codepage;
use super::entry::{DELETED, KANJI_E5, LOWER_BODY, LOWER_EXTENSION};

/// A short name as text; `_` stands for a first byte that is gone.
pub(super) fn short_name(name: &[u8; 11], nt_res: u8, first_lost: bool) -> String {
    let (body, extension) = name.split_at(8);
    let text = |bytes: &[u8], lower: u8| {
        let end = bytes
            .iter()
            .rposition(|byte| *byte != b' ')
            .map_or(0, |at| at.saturating_add(1));
        let text = codepage::decode(bytes.get(..end).unwrap_or_default());
        if nt_res & lower != 0 {
            text.to_lowercase()
        } else {
            text
        }
    };
    let mut body = body.to_vec();
    if let Some(first) = body.first_mut() {
        match *first {
            _ if first_lost => *first = b'_',
            KANJI_E5 => *first = DELETED,
            _ => {}
        }
    }
    let (body, extension) = (text(&body, LOWER_BODY), text(extension, LOWER_EXTENSION));
    if extension.is_empty() {
        body
    } else {
        format!("{body}.{extension}")
    }
}
