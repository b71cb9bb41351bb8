//! What the surface of a card gives beyond its directories.

use crate::backup::recognise::{self, TraceKind};
use crate::carve::{self, Artifact, Recogniser, Surface};
use crate::image::ReadAt;

/// Looks at the whole surface for traces of backups.
pub fn surface(image: &dyn ReadAt) -> Surface {
    let contents = |bytes: &[u8], range, found: &mut Vec<Artifact>| {
        let mut traces = Vec::new();
        let more = recognise::traces(bytes, range, &mut traces);
        found.extend(traces.into_iter().map(|trace| Artifact {
            weight: match trace.kind {
                TraceKind::Erased => 1,
                TraceKind::Part(fits) => fits,
                TraceKind::Header => 100,
                TraceKind::Whole => 101,
            },
            whole: trace.kind == TraceKind::Whole,
            range: trace.range,
        }));
        more
    };
    carve::scan(
        image,
        &Recogniser {
            contents: &contents,
            name: &may_be_a_name,
        },
    )
}

/// Whether a slot of a long name can be part of an id or of the name of a copy.
fn may_be_a_name(units: &[u16; 13]) -> bool {
    let mut length = 0_usize;
    for unit in units {
        match u8::try_from(*unit) {
            Ok(0) => break,
            Ok(byte) if byte.is_ascii_alphanumeric() || b"_-.".contains(&byte) => {
                length = length.saturating_add(1);
            }
            _ => return false,
        }
    }
    let text: String = units
        .iter()
        .take(length)
        .filter_map(|unit| char::from_u32(u32::from(*unit)))
        .collect();
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c.to_ascii_lowercase());
    let parts = ["backup_", "-", "_0.bin", "_1.bin", "_2.bin", "bitbox02"];
    length >= 8 && (text.chars().all(hex) || parts.iter().any(|part| text.contains(part)))
}
