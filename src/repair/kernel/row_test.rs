//! Finds the first row that passes a test, with either kernel.

#[cfg(target_arch = "x86_64")]
use zeroize::Zeroizing;

#[cfg(target_arch = "x86_64")]
use super::avx512;
use super::checksum_test::ChecksumTest;
use super::id_test::IdTest;
use super::kernel::Kernel;
use super::near_id_test::NearIdTest;

/// Tests rows of `W` words.
pub(in crate::repair) trait RowTest<const W: usize>: Sync {
    /// The first row that passes, and which of the targets it has.
    fn find_first(&self, kernel: Kernel, rows: &[[u32; W]]) -> Option<(usize, usize)>;
}

impl RowTest<8> for IdTest {
    fn find_first(&self, kernel: Kernel, rows: &[[u32; 8]]) -> Option<(usize, usize)> {
        #[cfg(target_arch = "x86_64")]
        if kernel.or_present() == Kernel::Avx512 {
            return find_by_groups(
                rows,
                |groups| avx512::find_id_group(&self.last_words, groups),
                |row| self.check_row(row),
            );
        }
        let _ = kernel;
        find_by_rows(rows, |row| self.check_row(row))
    }
}

impl RowTest<8> for NearIdTest {
    fn find_first(&self, kernel: Kernel, rows: &[[u32; 8]]) -> Option<(usize, usize)> {
        #[cfg(target_arch = "x86_64")]
        if kernel.or_present() == Kernel::Avx512 {
            return find_by_groups(
                rows,
                |groups| avx512::find_near_id_group(&self.ids, groups),
                |row| self.check_row(row),
            );
        }
        let _ = kernel;
        find_by_rows(rows, |row| self.check_row(row))
    }
}

impl<const W: usize> RowTest<W> for ChecksumTest {
    fn find_first(&self, kernel: Kernel, rows: &[[u32; W]]) -> Option<(usize, usize)> {
        #[cfg(target_arch = "x86_64")]
        if kernel.or_present() == Kernel::Avx512 {
            let find_group = |groups: &[_]| avx512::find_checksum_group(self, groups);
            return find_by_groups(rows, find_group, self.row_check());
        }
        let _ = kernel;
        find_by_rows(rows, self.row_check())
    }
}

/// Fewer rows than this are tested one by one: sixteen at a time take as long as about five.
#[cfg(target_arch = "x86_64")]
const WORTH_LANES: usize = 6;

/// Finds the first row that passes; `find_group` gives the first group that may have such a row, if
/// any.
#[cfg(target_arch = "x86_64")]
fn find_by_groups<const W: usize>(
    rows: &[[u32; W]],
    find_group: impl Fn(&[avx512::Group<W>]) -> Option<usize>,
    mut check_row: impl FnMut(&[u32; W]) -> Option<usize>,
) -> Option<(usize, usize)> {
    let (groups, rest) = rows.as_chunks::<16>();
    let mut from = 0;
    while let Some(found) = find_group(&groups[from..]) {
        let group = from + found;
        if let Some((row, target)) = find_by_rows(&groups[group], &mut check_row) {
            return Some((16 * group + row, target));
        }
        from = group + 1;
    }
    if rest.len() >= WORTH_LANES {
        let mut group = Zeroizing::new([[0; W]; 16]);
        group[..rest.len()].copy_from_slice(rest);
        find_group(std::slice::from_ref(&*group))?;
    }
    let (row, target) = find_by_rows(rest, check_row)?;
    Some((16 * groups.len() + row, target))
}

/// Finds the first row that passes, testing one after another.
fn find_by_rows<const W: usize>(
    rows: &[[u32; W]],
    mut check_row: impl FnMut(&[u32; W]) -> Option<usize>,
) -> Option<(usize, usize)> {
    let mut each = rows.iter().enumerate();
    each.find_map(|(at, row)| Some((at, check_row(row)?)))
}
