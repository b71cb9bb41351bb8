//! Counts combinations.

/// The number of ways to choose `k` of `n`, at most `u64::MAX`.
pub(super) fn count_combinations(n: u32, k: u32) -> u64 {
    let Some(rest) = n.checked_sub(k) else {
        return 0;
    };
    let mut ways = 1u64;
    for at in 0..u64::from(k.min(rest)) {
        // Exact: a product of at + 1 successive numbers is divisible by (at + 1)!.
        let factor = u64::from(n) - at;
        ways = match ways.checked_mul(factor) {
            Some(product) => product / (at + 1),
            None => {
                let exact = u128::from(ways) * u128::from(factor) / u128::from(at + 1);
                match u64::try_from(exact) {
                    Ok(exact) => exact,
                    Err(_) => return u64::MAX,
                }
            }
        };
    }
    ways
}
