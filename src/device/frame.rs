//! Messages cut into reports and put together again (docs/device.md 2). Pure.

#![deny(clippy::arithmetic_side_effects)]

use super::error::{ErrorFrame, FrameError};
use super::transport::{LONGEST, REPORT, Report};

/// The channel of the vendor's clients; there is no negotiation on this interface.
pub(super) const CHANNEL: u32 = 0xFF00_0000;
/// The command of messages to the firmware.
pub(super) const COMMAND: u8 = 0xC1;
/// The command of an error.
const ERROR: u8 = 0xBF;
/// The command that clears a half-sent message.
const CLEAR: u8 = 0x86;
/// Bytes of a message in its first report, and in each next one.
const FIRST: usize = 57;
const NEXT: usize = 59;
/// What requests are filled up with.
const FILL: u8 = 0xEE;

/// The reports of a message of at most [`LONGEST`] bytes; a longer one has none.
pub(super) fn reports(message: &[u8]) -> Vec<Report> {
    cut(COMMAND, message)
}

/// The report that clears what another program has half sent (docs/device.md 2-b).
pub(super) fn clearing() -> Vec<Report> {
    cut(CLEAR, &[0; 8])
}

fn cut(command: u8, message: &[u8]) -> Vec<Report> {
    let Ok(length) = u16::try_from(message.len()) else {
        return Vec::new();
    };
    if message.len() > LONGEST {
        return Vec::new();
    }
    let (first, rest) = message
        .split_at_checked(FIRST)
        .unwrap_or((message, Default::default()));
    let channel = CHANNEL.to_be_bytes();
    let head = [&channel[..], &[command], &length.to_be_bytes()].concat();
    let mut reports = vec![filled(&head, first)];
    for (sequence, part) in (0..=u8::MAX).zip(rest.chunks(NEXT)) {
        reports.push(filled(&[&channel[..], &[sequence]].concat(), part));
    }
    reports
}

fn filled(head: &[u8], part: &[u8]) -> Report {
    let mut report = [FILL; REPORT];
    let bytes = head.iter().chain(part);
    for (to, from) in report.iter_mut().zip(bytes) {
        *to = *from;
    }
    report
}

/// A message of the device, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    message: Vec<u8>,
    /// Its length, once its first report is there.
    length: Option<usize>,
    sequence: u8,
}

/// What a report did.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It belongs to another channel.
    Foreign,
    /// More has to come.
    More,
    /// The message is whole.
    Whole(Vec<u8>),
}

impl Assembler {
    /// How many bytes came, and of how many; `None` before the first report.
    pub(super) fn progress(&self) -> Option<(usize, usize)> {
        self.length.map(|length| (self.message.len(), length))
    }

    /// Takes the next report.
    pub(super) fn take(&mut self, report: &Report) -> Result<Taken, FrameError> {
        let [a, b, c, d, kind, high, low, first @ ..] = report;
        if u32::from_be_bytes([*a, *b, *c, *d]) != CHANNEL {
            return Ok(Taken::Foreign);
        }
        if *kind == ERROR {
            return Err(FrameError::Reported(ErrorFrame(first[0])));
        }
        let (part, length) = match self.length {
            None => {
                if *kind != COMMAND {
                    return Err(FrameError::Command(*kind));
                }
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                if length > LONGEST {
                    return Err(FrameError::TooLong(length));
                }
                self.length = Some(length);
                (&first[..], length)
            }
            Some(length) => {
                if *kind != self.sequence {
                    return Err(FrameError::Sequence {
                        expected: self.sequence,
                        found: *kind,
                    });
                }
                self.sequence = self.sequence.wrapping_add(1);
                (report.get(5..).unwrap_or_default(), length)
            }
        };
        let left = length.saturating_sub(self.message.len());
        self.message.extend(part.iter().take(left));
        Ok(match self.message.len() >= length {
            true => Taken::Whole(std::mem::take(&mut self.message)),
            false => Taken::More,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The device's answer to be: the same frames.
    fn back(message: &[u8]) -> Vec<u8> {
        let mut assembler = Assembler::default();
        for report in reports(message) {
            if let Taken::Whole(whole) = assembler.take(&report).unwrap() {
                return whole;
            }
        }
        panic!("never whole");
    }

    #[test]
    fn what_is_cut_is_put_together() {
        for length in [0, 1, 56, 57, 58, 116, 117, LONGEST] {
            let message: Vec<_> = (0..length).map(|n| n as u8).collect();
            assert_eq!(back(&message), message, "{length}");
        }
        assert!(reports(&vec![0; LONGEST + 1]).is_empty());
        assert_eq!(reports(&vec![0; LONGEST]).len(), 129);
    }

    #[test]
    fn a_request_looks_as_the_device_expects_it() {
        let report = reports(b"i").remove(0);
        assert_eq!(report[..8], [0xFF, 0, 0, 0, 0xC1, 0, 1, b'i']);
        assert!(report[8..].iter().all(|byte| *byte == 0xEE));
        let clearing = clearing();
        assert_eq!(clearing.len(), 1);
        assert_eq!(clearing[0][4..7], [0x86, 0, 8]);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let take = |change: &dyn Fn(&mut Report)| {
            let mut report = reports(b"answer").remove(0);
            change(&mut report);
            Assembler::default().take(&report)
        };
        assert_eq!(take(&|report| report[0] = 0), Ok(Taken::Foreign));
        assert_eq!(
            take(&|report| report[4] = 0x81),
            Err(FrameError::Command(0x81))
        );
        assert_eq!(
            take(&|report| report[5..7].copy_from_slice(&7610_u16.to_be_bytes())),
            Err(FrameError::TooLong(7610))
        );
        assert_eq!(
            take(&|report| report[4..8].copy_from_slice(&[0xBF, 0, 1, 6])),
            Err(FrameError::Reported(ErrorFrame::BUSY))
        );
        let long = reports(&[7; 200]);
        let mut assembler = Assembler::default();
        assert_eq!(assembler.take(&long[0]), Ok(Taken::More));
        assert_eq!(assembler.progress(), Some((57, 200)));
        assert_eq!(
            assembler.take(&long[2]),
            Err(FrameError::Sequence {
                expected: 0,
                found: 1
            })
        );
    }

    /// Whatever comes, it ends: with a message no longer than announced, or an error.
    #[test]
    fn random_reports_end_in_bounds() {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        };
        for _ in 0..20_000 {
            let mut assembler = Assembler::default();
            for next in 0..140_u8 {
                let mut report = [0; REPORT];
                report.fill_with(&mut random);
                report[..4].copy_from_slice(&CHANNEL.to_be_bytes());
                report[4] = match (random() % 16, next) {
                    (0, _) => random(),
                    (_, 0) => COMMAND,
                    _ => next - 1,
                };
                report[5] %= 32;
                match assembler.take(&report) {
                    Ok(Taken::Whole(message)) => {
                        assert!(message.len() <= LONGEST);
                        break;
                    }
                    Ok(_) => assert!(next < 139, "it never ends"),
                    Err(_) => break,
                }
            }
        }
    }
}
