//! The rules, by stable names, each with what it means and what to do about it.

#[macro_use]
mod across;
#[macro_use]
mod backup;
#[macro_use]
mod card;

use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A backup is hidden, damaged or lost, or the device would fail or crash.
    Error,
    /// It works, and something needs attention.
    Warning,
    /// Good to know.
    Info,
}

macro_rules! rules {
    ([] $($rule:ident $name:literal $severity:ident $meaning:literal $shows:literal $advice:literal)+) => {
        /// A rule; its name is a promise.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = $meaning] $rule,)+
        }

        impl Rule {
            /// Every rule, in the order of docs/findings.md.
            pub const ALL: &[Self] = &[$(Self::$rule),+];

            /// Its stable name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)+ }
            }

            /// How much it usually matters.
            pub fn severity(self) -> Severity {
                match self { $(Self::$rule => Severity::$severity,)+ }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$rule => $meaning,)+ }
            }

            /// What a person sees on the device or in the app.
            pub fn shows(self) -> &'static str {
                match self { $(Self::$rule => $shows,)+ }
            }

            /// What to do about it.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$rule => $advice,)+ }
            }
        }
    };
}

card! { [backup across rules] }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_hyphenated() {
        let mut names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert!(names.iter().all(|name| {
            name.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        }));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Rule::ALL.len());
    }

    /// `recover` writes to no card, and nothing on a card gets another name before it ran.
    #[test]
    fn advice_recovers_to_another_place_and_first() {
        for advice in Rule::ALL.iter().map(|rule| rule.advice()) {
            assert!(!advice.contains(" onto "), "{advice}");
            let renames = advice.contains("give that") || advice.contains("give the folder");
            assert!(!advice.starts_with("Give "), "{advice}");
            assert!(!renames || advice.starts_with("Recover "), "{advice}");
        }
    }
}
