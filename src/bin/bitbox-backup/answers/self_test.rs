//! What `self-test` answers.

use serde::Serialize;

use crate::self_test::Check;

/// Every check, and whether all passed.
#[derive(Debug, Serialize)]
pub(crate) struct Checked<'a> {
    version: &'static str,
    passed: bool,
    checks: Vec<CheckAnswer<'a>>,
}

#[derive(Debug, Serialize)]
struct CheckAnswer<'a> {
    name: &'static str,
    what: &'static str,
    passed: bool,
    seen: Option<&'a str>,
    error: Option<String>,
}

impl<'a> Checked<'a> {
    pub(crate) fn of(checks: &'a [Check], passed: bool) -> Self {
        let checks = checks.iter().map(|check| CheckAnswer {
            name: check.name,
            what: check.what,
            passed: check.outcome.is_ok(),
            seen: check.outcome.as_deref().ok(),
            error: check.outcome.as_ref().err().map(ToString::to_string),
        });
        Self {
            version: env!("CARGO_PKG_VERSION"),
            passed,
            checks: checks.collect(),
        }
    }
}
