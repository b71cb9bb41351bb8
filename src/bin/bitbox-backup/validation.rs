//! `self-test --validation`: known cards, what the program should find on them, and what it finds.
//!
//! The tests follow what NIST's Computer Forensics Tool Testing program and SWGDE's recommendations for the
//! validation of tools ask of a program that reads media: that it reads without changing anything, that its
//! hashes are right, that it recovers what was deleted and nothing that is not there, and that it reports what
//! it could not read. Each card is built in memory from one that is built into the program, and nothing is
//! taken from an earlier run.

mod cards;
mod text;
mod tried;

use serde::Serialize;

pub(crate) use text::write;
pub(crate) use tried::run;

/// What is asked of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Requirement {
    /// Reading changes nothing.
    ReadOnly,
    /// Hashes are right.
    Hashes,
    /// What was deleted is recovered, and nothing else.
    DeletedFiles,
    /// What cannot be read is reported.
    UnreadableSectors,
}

impl Requirement {
    /// All of them, in the order of the report.
    pub(crate) const ALL: [Self; 4] = [
        Self::ReadOnly,
        Self::Hashes,
        Self::DeletedFiles,
        Self::UnreadableSectors,
    ];

    /// In a sentence.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::ReadOnly => "Reading changes nothing on the medium.",
            Self::Hashes => "Hashes are those of the medium, and show every change of it.",
            Self::DeletedFiles => {
                "Deleted backups are recovered with proof, and nothing is reported as recovered that is not there."
            }
            Self::UnreadableSectors => {
                "Unreadable sectors are reported with their places, and all others are used."
            }
        }
    }
}

/// One test: a card, what is expected of it, and what was found.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Test {
    /// A short name, lower-case and hyphenated; it never changes.
    pub(crate) name: &'static str,
    pub(crate) requirement: Requirement,
    /// How the card comes about.
    pub(crate) recipe: &'static str,
    /// SHA-256 of the card.
    pub(crate) sha256: Option<String>,
    pub(crate) results: Vec<Compared>,
}

/// What should be found, and what was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Compared {
    pub(crate) what: &'static str,
    pub(crate) expected: String,
    pub(crate) found: String,
}

impl Test {
    /// Whether all that was expected was found, and something was expected.
    pub(crate) fn passed(&self) -> bool {
        !self.results.is_empty() && self.results.iter().all(|one| one.expected == one.found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_is_tested_and_met() {
        let all = run();
        for test in &all {
            assert!(test.passed(), "{test:#?}");
        }
        for requirement in Requirement::ALL {
            let count = all.iter().filter(|one| one.requirement == requirement);
            assert!(count.count() > 0, "{requirement:?}");
        }
    }

    #[test]
    fn a_difference_and_nothing_expected_are_no_success() {
        let mut test = run().swap_remove(0);
        test.results[0].found.push('x');
        assert!(!test.passed());
        test.results.clear();
        assert!(!test.passed());
    }
}
