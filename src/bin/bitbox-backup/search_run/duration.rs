//! How long a search takes on this machine, said before it begins and while it lasts.

use std::time::Duration;

use bitbox_backup::recover::{Effort, what_is_missing};
use bitbox_backup::repair::{SearchEstimate, TargetKind};
use bitbox_backup::text::plural;

/// Searches that are shorter and cover everything need no announcement.
const SHORT: f64 = 1.0;

/// So many candidates are tried before this machine is measured.
const FEW: u64 = 1 << 20;

const LONG: f64 = 1000.0 * 31_557_600.0;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) most: u64,
    /// How many of them an earlier run tried.
    pub(crate) before: u64,
    /// How many are tried against what the owner knows, if anything.
    pub(crate) by_owner: Option<u64>,
}

/// What a search is up against and how long it takes; `None` if it is over at once.
pub(super) fn announcement(
    estimate: &SearchEstimate,
    asked: Asked,
    rate: &dyn Fn() -> f64,
) -> Option<String> {
    let what = what_is_missing(estimate);
    let Some(covered) = estimate.covered_ppm.filter(|_| estimate.is_feasible) else {
        return match asked.by_owner {
            Some(_) => Some(format!(
                "{what}; the most likely seeds are tried against what you know of the wallet."
            )),
            None if estimate.is_feasible => None,
            None => Some(format!(
                "no search is started, as it has no chance: {what}."
            )),
        };
    };
    if estimate.is_covered() {
        let needed = estimate.needed_budget.unwrap_or(asked.most).min(asked.most);
        let seconds = seconds_of(needed.saturating_sub(asked.before), rate);
        return (seconds >= SHORT).then(|| {
            let time = duration(seconds);
            format!("{what}; this effort covers nearly all of them, in at most {time}.")
        });
    }
    let rate = rate();
    let now = duration(asked.most.saturating_sub(asked.before) as f64 / rate);
    let chance = chance(estimate, covered, asked);
    let now = format!("{what}; {chance}, in {now}");
    let parts = "Parts of the copies are put together too: that may find it among few.";
    Some(match estimate.needed_budget {
        Some(effort) => {
            let time = duration(effort.saturating_sub(asked.before) as f64 / rate);
            let option = match estimate.reachable_budget() {
                Some(effort) => format!(": `--effort {effort}`"),
                None => ".".to_owned(),
            };
            format!("{now}; nearly all of them take {time}{option}")
        }
        None if asked.most < Effort::DEEP && estimate.is_worth_deep() => {
            let time = duration(Effort::DEEP as f64 / rate);
            let deep = percent(estimate.deep_ppm);
            format!(
                "{now}; `--effort deep` finds it in {deep} of such cases, in at most {time}. {parts}"
            )
        }
        None if estimate.is_worth_more() => {
            format!("{now}; the rest is more than any computer can try. {parts}")
        }
        None => format!("{now}; nearly all of them are more than any computer can try. {parts}"),
    })
}

/// How long so many candidates take; of few this machine is not measured.
fn seconds_of(candidates: u64, rate: impl FnOnce() -> f64) -> f64 {
    match candidates {
        ..=FEW => 0.0,
        many => many as f64 / rate(),
    }
}

/// What chance the effort has: the likeliest come first, so it is no share of the possibilities where they differ.
fn chance(estimate: &SearchEstimate, covered: u32, asked: Asked) -> String {
    let chance = percent(covered);
    match (estimate.target, asked.by_owner) {
        (TargetKind::Owner, Some(tried)) => {
            let tried = usize::try_from(tried).unwrap_or(usize::MAX);
            format!(
                "the likeliest {} tried against what you know of the wallet: in {chance} of such cases the right one is \
                 among them",
                plural(tried, "seed is", "seeds are")
            )
        }
        _ if estimate.uncertain_bits > 0 => {
            format!("in {chance} of such cases the right one is among those that this effort tries")
        }
        _ => format!("this effort covers {chance} of them"),
    }
}

/// How long all searches of a card take that share an effort.
pub(super) fn total(searches: usize, total: u64, rate: impl FnOnce() -> f64) -> String {
    let time = match seconds_of(total, rate) {
        ..1.0 => "less than a second".to_owned(),
        seconds => format!("at most {}", duration(seconds)),
    };
    format!("{searches} damaged backups share this effort of {total} candidates, {time} in all.")
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) tried: u64,
    /// How many of them an earlier run tried.
    pub(super) before: u64,
    pub(super) most: u64,
    pub(super) elapsed: Duration,
}

impl Now {
    /// `12.3 % of 2^40, 12.3 M/s, 23 hours left`: at most 47 characters.
    pub(super) fn line(&self) -> String {
        let share = self.tried as f64 * 100.0 / self.most.max(1) as f64;
        let most = match self.most.checked_ilog2() {
            Some(power) if self.most.is_power_of_two() => format!("2^{power}"),
            _ => short(self.most as f64),
        };
        let seconds = self.elapsed.as_secs_f64();
        let rate = self.tried.saturating_sub(self.before) as f64 / seconds.max(1e-6);
        let line = format!("{share:.1} % of {most}");
        if seconds < 0.5 || rate < 1.0 {
            return line;
        }
        let left = self.most.saturating_sub(self.tried) as f64 / rate;
        let left = if left > LONG {
            "1000+ years".to_owned()
        } else {
            duration(left.max(1.0)).replacen("about ", "", 1)
        };
        format!("{line}, {}/s, {left} left", short(rate))
    }
}

/// A number of three significant digits: `12.3 M`.
fn short(number: f64) -> String {
    let units = ["", " k", " M", " G", " T", " P", " E"];
    let (mut number, mut unit) = (number, 0);
    while number >= 999.5 && unit + 1 < units.len() {
        number /= 1000.0;
        unit += 1;
    }
    let digits = match number {
        _ if unit == 0 => 0,
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    let unit = units.get(unit).copied().unwrap_or_default();
    format!("{number:.digits$}{unit}")
}

/// A time as a person says it: `about 6 minutes`.
fn duration(seconds: f64) -> String {
    const UNITS: [(f64, &str); 5] = [
        (1.0, "second"),
        (60.0, "minute"),
        (3600.0, "hour"),
        (86_400.0, "day"),
        (31_557_600.0, "year"),
    ];
    if seconds < 1.0 {
        return "less than a second".to_owned();
    }
    if seconds > LONG {
        return "more than 1000 years".to_owned();
    }
    // Two of a unit before it is used, so that no "about 1 hour" stands for two.
    let mut units = UNITS.iter().rev();
    let unit = units.find(|(length, _)| seconds >= 2.0 * length);
    let (length, name) = unit.unwrap_or(&UNITS[0]);
    let count = (seconds / length).round();
    let plural = if count == 1.0 { "" } else { "s" };
    format!("about {count} {name}{plural}")
}

fn percent(millionths: u32) -> String {
    match f64::from(millionths) / 10_000.0 {
        ..0.01 => "less than 0.01 %".to_owned(),
        share @ ..1.0 => format!("{share:.2} %"),
        share @ ..10.0 => format!("{share:.1} %"),
        share => format!("{share:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOST: SearchEstimate = SearchEstimate {
        target: TargetKind::Id,
        missing_bytes: 4,
        uncertain_bits: 0,
        possibilities_log2: 32,
        with_reading_log2: 0,
        with_card_log2: 0,
        covered_ppm: Some(1953),
        needed_budget: Some(4_311_744_512),
        is_feasible: true,
        deep_ppm: 0,
        looks_whole: false,
    };

    fn said(estimate: SearchEstimate, most: u64, before: u64) -> Option<String> {
        let asked = Asked {
            most,
            before,
            by_owner: None,
        };
        announcement(&estimate, asked, &|| 12e6)
    }

    #[test]
    fn a_search_says_what_it_is_up_against() {
        assert_eq!(
            said(LOST, 1 << 23, 0).unwrap(),
            "4 bytes of its seed are missing: 2^32 possibilities; this effort covers 0.20 % of \
             them, in less than a second; nearly all of them take about 6 minutes: \
             `--effort 4311744512`"
        );
        let covered = SearchEstimate {
            covered_ppm: Some(990_000),
            ..LOST
        };
        assert!(
            said(covered, 1 << 40, 0)
                .unwrap()
                .ends_with("in at most about 6 minutes.")
        );
        // What an earlier run tried takes no time.
        let resumed = said(covered, 1 << 40, 4_000_000_000).unwrap();
        assert!(
            resumed.ends_with("in at most about 26 seconds."),
            "{resumed}"
        );
        assert_eq!(said(covered, 1 << 20, 0), None, "over at once");
        let hopeless = SearchEstimate {
            is_feasible: false,
            ..LOST
        };
        assert!(
            said(hopeless, 1 << 23, 0)
                .unwrap()
                .contains("no search is started")
        );
        let owned = Asked {
            most: 1 << 23,
            before: 0,
            by_owner: Some(512),
        };
        assert_eq!(
            announcement(&hopeless, owned, &|| 12e6).unwrap(),
            "4 bytes of its seed are missing: 2^32 possibilities; the most likely seeds are tried against what you \
             know of the wallet."
        );
        let likely = SearchEstimate {
            uncertain_bits: 20,
            covered_ppm: Some(870_000),
            ..LOST
        };
        let text = said(likely, 1 << 23, 0).unwrap();
        assert!(
            text.contains(
                "in 87 % of such cases the right one is among those that this effort tries"
            ),
            "{text}"
        );
        let likely = SearchEstimate {
            target: TargetKind::Owner,
            ..likely
        };
        let text = announcement(&likely, owned, &|| 12e6).unwrap();
        assert!(
            text.contains("the likeliest 512 seeds are tried against what you know of the wallet: in 87 % of such cases"),
            "{text}"
        );
        let endless = SearchEstimate {
            needed_budget: None,
            ..LOST
        };
        assert!(said(endless, 1 << 23, 0).unwrap().contains("any computer"));
    }

    #[test]
    fn several_searches_say_how_long_they_take_in_all() {
        assert_eq!(
            total(64, 1 << 30, || 12e6),
            "64 damaged backups share this effort of 1073741824 candidates, at most about 89 seconds \
             in all."
        );
        assert!(total(2, 4096, || panic!()).ends_with("candidates, less than a second in all."));
    }

    #[test]
    fn the_rate_is_that_of_this_run() {
        let now = Now {
            tried: 1_030_000_000,
            before: 1_000_000_000,
            most: 1 << 40,
            elapsed: Duration::from_secs(3),
        };
        assert_eq!(now.line(), "0.1 % of 2^40, 10.0 M/s, 31 hours left");
        let begun = Now {
            elapsed: Duration::from_millis(100),
            ..now
        };
        assert_eq!(begun.line(), "0.1 % of 2^40");
    }

    #[test]
    fn every_line_leaves_room_for_a_name_and_a_bar() {
        for most in [1, 8_388_608, 4_311_744_512, 1 << 40, u64::MAX] {
            for before in [0, most / 3] {
                for seconds in [1, 59, 5000, 400_000, 90_000_000] {
                    for tried in [before, before + (most - before) / 3, most] {
                        let elapsed = Duration::from_secs(seconds);
                        let now = Now {
                            tried,
                            before,
                            most,
                            elapsed,
                        };
                        // "577782fd… of 2020-09-28", a blank, a bar of 8, a blank.
                        assert!(now.line().chars().count() <= 80 - 23 - 10, "{}", now.line());
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_have_three_digits() {
        let numbers = [
            7.0,
            999.0,
            12_345.0,
            999_499.0,
            12_300_000.0,
            4_311_744_512.0,
        ];
        let short: Vec<_> = numbers.iter().map(|number| super::short(*number)).collect();
        assert_eq!(short, ["7", "999", "12.3 k", "999 k", "12.3 M", "4.31 G"]);
        let times = [0.4, 1.2, 119.0, 130.0, 90_000.0, 5e8, 1e20].map(duration);
        assert_eq!(times[0], "less than a second");
        assert_eq!(times[1], "about 1 second");
        assert_eq!(times[2], "about 119 seconds");
        assert_eq!(times[3], "about 2 minutes");
        assert_eq!(times[4], "about 25 hours");
        assert_eq!(times[5], "about 16 years");
        assert_eq!(times[6], "more than 1000 years");
    }
}
