//! U2F-HID frames of 64 bytes, from the device's side (docs/device.md 2).

/// Bytes of a report.
pub(crate) const REPORT: usize = 64;
/// The command of firmware messages.
pub(crate) const COMMAND: u8 = 0xC1;
/// The command of an error frame.
const ERROR: u8 = 0xBF;
/// The command that clears a half-sent message.
const CLEAR: u8 = 0x86;
/// Longest message.
pub(crate) const LONGEST: usize = 57 + 128 * 59;

/// A report as it goes over the cable.
pub(crate) type Report = [u8; REPORT];

/// A half-sent message.
struct Half {
    cid: u32,
    command: u8,
    length: usize,
    data: Vec<u8>,
    sequence: u8,
}

/// What one report amounts to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// More has to come, or it is ignored.
    Nothing,
    /// A whole message.
    Message(u32, u8, Vec<u8>),
    /// An error frame with this code is to be sent to this channel.
    Error(u32, u8),
}

/// Puts messages together.
#[derive(Default)]
pub(crate) struct Assembler(Option<Half>);

impl Assembler {
    pub(crate) fn take(&mut self, report: &Report) -> Received {
        let [a, b, c, d, kind, ..] = *report;
        let cid = u32::from_be_bytes([a, b, c, d]);
        let received = if kind & 0x80 != 0 {
            self.begin(cid, kind, report)
        } else {
            self.go_on(cid, kind, report)
        };
        if let Received::Error(_, 3 | 4) = received {
            self.0 = None; // the host made a mistake: forget what it sent
        }
        received
    }

    fn begin(&mut self, cid: u32, command: u8, report: &Report) -> Received {
        if let Some(half) = &self.0
            && command != CLEAR
        {
            return Received::Error(cid, if half.cid == cid { 4 } else { 6 });
        }
        let length = usize::from(u16::from_be_bytes([report[5], report[6]]));
        if length > LONGEST {
            return Received::Error(cid, 3);
        }
        let data = report[7..7 + length.min(57)].to_vec();
        self.0 = Some(Half {
            cid,
            command,
            length,
            data,
            sequence: 0,
        });
        self.finish()
    }

    fn go_on(&mut self, cid: u32, sequence: u8, report: &Report) -> Received {
        let Some(half) = &mut self.0 else {
            return Received::Nothing;
        };
        if half.cid != cid {
            return Received::Error(cid, 6);
        }
        if half.sequence != sequence {
            return Received::Error(cid, 4);
        }
        let left = half.length - half.data.len();
        half.data.extend_from_slice(&report[5..5 + left.min(59)]);
        half.sequence = half.sequence.wrapping_add(1);
        self.finish()
    }

    fn finish(&mut self) -> Received {
        match self.0.take_if(|half| half.data.len() == half.length) {
            Some(half) => Received::Message(half.cid, half.command, half.data),
            None => Received::Nothing,
        }
    }
}

/// The reports of a message.
pub(crate) fn reports(cid: u32, command: u8, message: &[u8]) -> Vec<Report> {
    let (first, rest) = message.split_at(message.len().min(57));
    let mut report = [0; REPORT];
    report[..4].copy_from_slice(&cid.to_be_bytes());
    report[4] = command;
    report[5..7].copy_from_slice(&(message.len() as u16).to_be_bytes());
    report[7..7 + first.len()].copy_from_slice(first);
    let mut reports = vec![report];
    for (sequence, part) in rest.chunks(59).enumerate() {
        let mut report = [0; REPORT];
        report[..4].copy_from_slice(&cid.to_be_bytes());
        report[4] = sequence as u8;
        report[5..5 + part.len()].copy_from_slice(part);
        reports.push(report);
    }
    reports
}

/// The report of an error.
pub(crate) fn error(cid: u32, code: u8) -> Report {
    reports(cid, ERROR, &[code])[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    const CID: u32 = 0xFF00_0000;

    fn whole(assembler: &mut Assembler, reports: &[Report]) -> Received {
        let (last, first) = reports.split_last().expect("there is one");
        for report in first {
            assert_eq!(assembler.take(report), Received::Nothing);
        }
        assembler.take(last)
    }

    #[test]
    fn messages_of_every_length_come_through() {
        for length in [0, 1, 56, 57, 58, 116, 117, 1000, LONGEST] {
            let message: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let received = whole(&mut Assembler::default(), &reports(CID, COMMAND, &message));
            assert_eq!(received, Received::Message(CID, COMMAND, message));
        }
    }

    #[test]
    fn a_half_sent_message_keeps_the_channel_busy() {
        let mut assembler = Assembler::default();
        let long = reports(CID, COMMAND, &[7; 100]);
        assert_eq!(assembler.take(&long[0]), Received::Nothing);
        // Another channel for ever.
        let other = reports(1, COMMAND, b"i");
        for _ in 0..3 {
            assert_eq!(assembler.take(&other[0]), Received::Error(1, 6));
        }
        // Its own once.
        let own = reports(CID, COMMAND, b"i");
        assert_eq!(assembler.take(&own[0]), Received::Error(CID, 4));
        let message = Received::Message(CID, COMMAND, b"i".to_vec());
        assert_eq!(assembler.take(&own[0]), message);
    }

    #[test]
    fn a_frame_0x86_clears_it_on_any_channel() {
        let mut assembler = Assembler::default();
        assembler.take(&reports(CID, COMMAND, &[7; 100])[0]);
        let clear = reports(1, CLEAR, &[0; 8]);
        let message = Received::Message(1, CLEAR, vec![0; 8]);
        assert_eq!(assembler.take(&clear[0]), message);
        let other = reports(2, COMMAND, b"i");
        let message = Received::Message(2, COMMAND, b"i".to_vec());
        assert_eq!(assembler.take(&other[0]), message);
    }

    #[test]
    fn a_wrong_sequence_and_a_length_too_long_are_errors() {
        let mut assembler = Assembler::default();
        let mut long = reports(CID, COMMAND, &[7; 200]);
        long[1][4] = 1;
        assembler.take(&long[0]);
        assert_eq!(assembler.take(&long[1]), Received::Error(CID, 4));
        let mut long = reports(CID, COMMAND, &[7; 200]);
        long[0][5..7].copy_from_slice(&(LONGEST as u16 + 1).to_be_bytes());
        assert_eq!(assembler.take(&long[0]), Received::Error(CID, 3));
        assert_eq!(assembler.take(&long[1]), Received::Nothing);
    }
}
