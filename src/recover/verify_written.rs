//! Whether what was written is what was meant: it is read again, as any source is.

use super::recovery::Recovered;
use crate::assess::{Assessment, State};
use crate::backup::Id;
use crate::catalogue::{Catalogue, CopyState};
use crate::firmware::List;

/// Why what was written is not what was meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// There are more or fewer copies.
    #[error("there are not three copies of each backup")]
    CopyCount,
    /// A copy came out otherwise.
    #[error("a copy has other bytes")]
    Bytes,
    /// A device has no view of it.
    #[error("it is no card")]
    NoCard,
    /// A device lists none of it.
    #[error("a BitBox02 cannot list these backups on one card")]
    NoList,
    /// A device does not list one of them.
    #[error("a BitBox02 would not list {0} from these files")]
    NotListed(Id),
    /// A device lists others, too.
    #[error("the BitBox lists others too")]
    Others,
    /// One of them is not whole.
    #[error("not every backup in it is healthy")]
    NotHealthy,
}

/// Compares what was read again with what was to be written: three copies of each backup, every byte as it should
/// be, and a device lists exactly these.
///
/// # Errors
/// [`Mismatch`], the bytes first.
pub fn verify_written(
    catalogue: &Catalogue,
    assessment: &Assessment,
    chosen: &[&Recovered],
) -> Result<(), Mismatch> {
    if catalogue.copies.len() != chosen.len().saturating_mul(3) {
        return Err(Mismatch::CopyCount);
    }
    for (index, copy) in catalogue.copies.iter().enumerate() {
        let id = copy.facts.as_ref().and_then(|facts| facts.id);
        let meant = chosen.iter().find(|one| Some(one.id) == id);
        let same = meant.is_some_and(|one| one.file.as_slice() == catalogue.bytes(index));
        if copy.state != CopyState::Valid || !same {
            return Err(Mismatch::Bytes);
        }
    }
    let answer = assessment.answer.as_ref().ok_or(Mismatch::NoCard)?;
    let List::Ok(listed) = &answer.list else {
        return Err(Mismatch::NoList);
    };
    let is_listed = |one: &Recovered| {
        let (id, timestamp) = (one.id.to_string(), one.timestamp.unwrap_or(0));
        let mut listed = listed.iter();
        listed.any(|seen| seen.id == id && seen.timestamp == timestamp)
    };
    if let Some(one) = chosen.iter().find(|one| !is_listed(one)) {
        return Err(Mismatch::NotListed(one.id));
    }
    if listed.len() != chosen.len() {
        return Err(Mismatch::Others);
    }
    let mut backups = assessment.backups.iter();
    match backups.all(|backup| backup.state == State::Healthy) {
        true => Ok(()),
        false => Err(Mismatch::NotHealthy),
    }
}
