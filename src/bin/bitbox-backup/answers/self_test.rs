//! What `self-test` answers.

use serde::Serialize;

use crate::self_test::Check;
use crate::validation::Test;

/// Every check, and whether all passed.
#[derive(Debug, Serialize)]
pub(crate) struct Checked<'a> {
    version: &'static str,
    passed: bool,
    checks: Vec<CheckAnswer<'a>>,
    /// The file of the validation report.
    #[serde(skip_serializing_if = "Option::is_none")]
    validation: Option<&'a str>,
    /// The tests on known cards.
    #[serde(skip_serializing_if = "Option::is_none")]
    tests: Option<&'a [Test]>,
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
    /// With a validation report, its file and its tests.
    pub(crate) fn of(
        checks: &'a [Check],
        validated: Option<(&'a str, &'a [Test])>,
        passed: bool,
    ) -> Self {
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
            validation: validated.map(|(file, _)| file),
            tests: validated.map(|(_, tests)| tests),
        }
    }
}
