//! A search whose end is known.

use zeroize::Zeroizing;

use super::{Mismatch, kernel, same};
use bitbox_backup::backup::Id;
use bitbox_backup::progress::Progress;
use bitbox_backup::repair::kernel::Kernel;
use bitbox_backup::repair::search::{Level, SearchTarget, Space, search_with_kernel};

/// The id of 16 bytes 0x01 (docs/format.md 8-a).
const ID: &str = "2ca3c18f988437806217db3bbee04913cbfaaa7152d4a9c00c80cf3802d0ef6f";

/// The seed with three bits wrong, among sixteen that are unsure and cost about the same.
fn space() -> Space {
    let mut base = vec![0; 32];
    for (index, byte) in base.iter_mut().take(16).enumerate() {
        *byte = if matches!(index, 3 | 7 | 11) { 0 } else { 1 };
    }
    let level = |cost: f64, step: u16| Level {
        cost,
        bits: (0..16)
            .filter(|byte| byte % 2 == step)
            .map(|byte| byte * 8)
            .collect(),
    };
    Space {
        base: Zeroizing::new(base),
        cost: 0.0,
        levels: vec![level(1.0, 0), level(1.1, 1)],
        unknown: Vec::new(),
    }
}

pub(super) fn found() -> Result<String, Mismatch> {
    let ids: Vec<Id> = ID.parse().into_iter().collect();
    let target = SearchTarget::Id(ids);
    let mut ranks = Vec::new();
    for one in [Kernel::Portable, Kernel::best()] {
        let outcome =
            search_with_kernel(one, &[space()], &target, 1 << 16, 0, &Progress::default());
        let changed = outcome.hit.as_ref().map(|hit| format!("{:?}", hit.changed));
        same(
            "the bits changed",
            changed.unwrap_or_default(),
            "[24, 56, 88]",
        )?;
        ranks.push(outcome.tried);
    }
    same(
        "its rank by the fastest kernel",
        ranks.last().copied().unwrap_or_default(),
        ranks.first().copied().unwrap_or_default(),
    )?;
    Ok(format!(
        "found as candidate {}; this machine searches with the {} kernel",
        ranks.first().copied().unwrap_or_default(),
        kernel()
    ))
}
