//! What `log verify` answers; what cannot be known of a broken log is `None`.

use bitbox_backup::journal::{Hash, Verified, VerifyError};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct LogVerified<'a> {
    lines: Option<u64>,
    head: Option<Hash>,
    torn: Option<&'a [u64]>,
    behind: Option<u64>,
    intact: bool,
    broken: Option<BrokenLine>,
}

#[derive(Debug, Serialize)]
struct BrokenLine {
    /// `None` if only the head does not.
    line: Option<u64>,
    what: String,
}

impl<'a> LogVerified<'a> {
    pub(crate) fn of(verified: &'a Result<Verified, VerifyError>) -> Self {
        let (found, line) = match verified {
            Ok(found) => (Some(found), None),
            Err(VerifyError::OtherHead { found }) => (Some(&**found), None),
            Err(VerifyError::Broken { line, .. } | VerifyError::Unreadable { line, .. }) => {
                (None, Some(*line))
            }
            Err(_) => (None, None),
        };
        let broken = verified.as_ref().err().map(|error| BrokenLine {
            line,
            what: error.to_string(),
        });
        Self {
            lines: found.map(|found| found.lines),
            head: found.map(|found| found.head),
            torn: found.map(|found| &*found.torn),
            behind: found.and_then(|found| found.behind),
            intact: broken.is_none(),
            broken,
        }
    }
}
