//! A host with its own frames and messages: enough of one to ask the device anything.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use emulator::{Emulator, wire};
use snow::TransportState;

pub(crate) const CID: u32 = 0xFF00_0000;
const PROTOCOL: &str = "Noise_XX_25519_ChaChaPoly_SHA256";
/// The host's own static key.
pub(crate) const KEY: [u8; 32] = [0x11; 32];

pub(crate) struct Host {
    stream: TcpStream,
    noise: Option<TransportState>,
    /// The code as the host computes it.
    pub(crate) code: String,
    /// The last handshake byte.
    pub(crate) verify: u8,
}

/// An answer, or why there is none.
pub(crate) type Answer = Result<Vec<u8>, Failed>;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// An error frame.
    Error(u8),
    /// Nothing came.
    Silence,
    /// The cable is gone.
    Gone,
    /// A frame that should not come here, as it came.
    Frame([u8; 7]),
}

impl Host {
    pub(crate) fn connect(emulator: &Emulator) -> Self {
        let stream = TcpStream::connect(emulator.address()).expect("it listens");
        let patience = Some(Duration::from_millis(300));
        stream.set_read_timeout(patience).expect("not zero");
        stream.set_nodelay(true).expect("it is TCP");
        Self {
            stream,
            noise: None,
            code: String::new(),
            verify: 0xFF,
        }
    }

    /// Connects, unlocks and shakes hands; verifies if that is asked for.
    pub(crate) fn paired(emulator: &Emulator) -> Self {
        let mut host = Self::connect(emulator);
        assert!(matches!(host.operate(b"u"), Ok(answer) if answer != [1]));
        host.shake();
        if host.verify == 1 {
            assert_eq!(host.operate(b"v"), Ok(vec![0]));
        }
        host
    }

    /// Sends a report as it is.
    pub(crate) fn report(&mut self, report: &[u8; 64]) {
        self.stream.write_all(report).expect("it reads");
    }

    /// The next report.
    pub(crate) fn next(&mut self) -> Result<[u8; 64], Failed> {
        let mut report = [0; 64];
        match self.stream.read_exact(&mut report) {
            Ok(()) => Ok(report),
            Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Err(Failed::Silence)
            }
            Err(_) => Err(Failed::Gone),
        }
    }

    /// Whether something has come already.
    pub(crate) fn is_waiting(&self) -> bool {
        self.stream.set_nonblocking(true).expect("it is TCP");
        let waiting = self.stream.peek(&mut [0]).is_ok();
        self.stream.set_nonblocking(false).expect("it is TCP");
        waiting
    }

    pub(crate) fn send(&mut self, cid: u32, command: u8, message: &[u8]) {
        for report in reports(cid, command, message) {
            self.report(&report);
        }
    }

    /// Sends a message and reads what comes back.
    pub(crate) fn ask(&mut self, message: &[u8]) -> Answer {
        self.send(CID, 0xC1, message);
        self.receive()
    }

    pub(crate) fn receive(&mut self) -> Answer {
        let first = self.next()?;
        let [a, b, c, d, command, high, low, ..] = first;
        if command == 0xBF {
            assert_eq!([high, low], [0, 1]);
            return Err(Failed::Error(first[7]));
        }
        if [a, b, c, d] != CID.to_be_bytes() || command != 0xC1 {
            return Err(Failed::Frame([a, b, c, d, command, high, low]));
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        let mut message = first[7..].to_vec();
        let mut sequence = 0;
        while message.len() < length {
            let next = self.next()?;
            if next[..4] != CID.to_be_bytes() || next[4] != sequence {
                return Err(Failed::Frame(next[..7].try_into().expect("7 bytes")));
            }
            message.extend_from_slice(&next[5..]);
            sequence += 1;
        }
        assert!(message[length..].iter().all(|byte| *byte == 0), "padding");
        message.truncate(length);
        Ok(message)
    }

    /// NEW and RETRY until the answer is there; without the HWW status.
    pub(crate) fn operate(&mut self, payload: &[u8]) -> Answer {
        let mut answer = self.ask(&[&[0], payload].concat())?;
        while answer == [1] {
            answer = self.ask(&[1])?;
        }
        assert_eq!(answer.first(), Some(&0), "{answer:02x?}");
        answer.remove(0);
        Ok(answer)
    }

    /// `h` and `H` twice.
    pub(crate) fn shake(&mut self) {
        let mut noise = snow::Builder::new(PROTOCOL.parse().expect("snow knows it"))
            .prologue(PROTOCOL.as_bytes())
            .and_then(|builder| builder.local_private_key(&KEY))
            .and_then(|builder| builder.build_initiator())
            .expect("all is given");
        assert_eq!(self.operate(b"h"), Ok(vec![0]));
        let mut buffer = [0; 256];
        let length = noise.write_message(&[], &mut buffer).expect("room");
        assert_eq!(length, 32);
        let answer = self.operate(&[b"H", &buffer[..length]].concat());
        let answer = answer.expect("an answer");
        assert_eq!((answer.len(), answer[0]), (97, 0));
        assert_eq!(noise.read_message(&answer[1..], &mut buffer), Ok(0));
        let length = noise.write_message(&[], &mut buffer).expect("room");
        assert_eq!(length, 64);
        let answer = self.operate(&[b"H", &buffer[..length]].concat());
        let answer = answer.expect("an answer");
        assert_eq!((answer.len(), answer[0]), (2, 0));
        self.verify = answer[1];
        self.code = base32(noise.get_handshake_hash());
        self.noise = noise.into_transport_mode().ok();
    }

    pub(crate) fn encrypt(&mut self, request: &[u8]) -> Vec<u8> {
        let mut buffer = vec![0; request.len() + 16];
        let noise = self.noise.as_mut().expect("the handshake is done");
        noise.write_message(request, &mut buffer).expect("room");
        buffer
    }

    pub(crate) fn decrypt(&mut self, answer: &[u8]) -> Option<Vec<u8>> {
        let mut buffer = vec![0; answer.len()];
        let noise = self.noise.as_mut().expect("the handshake is done");
        let length = noise.read_message(answer, &mut buffer).ok()?;
        buffer.truncate(length);
        Some(buffer)
    }

    /// A request with this number and these fields.
    pub(crate) fn request(&mut self, number: u32, fields: &[u8]) -> Vec<u8> {
        let answer = self.try_request(number, fields).expect("an answer");
        assert_eq!(answer.first(), Some(&0), "the operation fails");
        self.decrypt(&answer[1..]).expect("it decrypts")
    }

    /// The same, as it comes out of the operation.
    pub(crate) fn try_request(&mut self, number: u32, fields: &[u8]) -> Answer {
        let sealed = self.encrypt(&wire::bytes(number, fields));
        self.operate(&[b"n", &*sealed].concat())
    }

    pub(crate) fn list(&mut self) -> Vec<u8> {
        self.request(15, &[])
    }

    pub(crate) fn check(&mut self, silent: bool) -> Vec<u8> {
        self.request(19, &wire::number(1, u64::from(silent)))
    }

    pub(crate) fn create(&mut self, timestamp: u32) -> Vec<u8> {
        self.request(6, &creation(timestamp))
    }
}

/// The fields of create_backup, in a zone one hour east.
pub(crate) fn creation(timestamp: u32) -> Vec<u8> {
    [wire::number(1, u64::from(timestamp)), wire::number(2, 3600)].concat()
}

/// The code of an error response.
pub(crate) fn error_code(response: &[u8]) -> Option<u64> {
    let fields = wire::fields(response)?;
    let error = wire::fields(wire::bytes_of(&fields, 2)?)?;
    Some(wire::number_of(&error, 1))
}

pub(crate) fn reports(cid: u32, command: u8, message: &[u8]) -> Vec<[u8; 64]> {
    let mut head = cid.to_be_bytes().to_vec();
    head.push(command);
    head.extend((message.len() as u16).to_be_bytes());
    let mut parts = vec![[&*head, &message[..message.len().min(57)]].concat()];
    let rest = message.get(57..).unwrap_or_default().chunks(59);
    parts.extend(rest.zip(0_u8..).map(|(part, sequence)| {
        let mut report = cid.to_be_bytes().to_vec();
        report.push(sequence);
        report.extend_from_slice(part);
        report
    }));
    let pad = |mut part: Vec<u8>| {
        part.resize(64, 0xEE);
        part.try_into().expect("64 bytes")
    };
    parts.into_iter().map(pad).collect()
}

/// The first 20 characters in the device's layout.
fn base32(hash: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut code = String::new();
    for place in 0..20 {
        let number = (0..5).fold(0, |number, bit| {
            let at = place * 5 + bit;
            number << 1 | usize::from(hash[at / 8] >> (7 - at % 8) & 1)
        });
        code.push(LETTERS[number] as char);
    }
    format!(
        "{} {}\n{} {}",
        &code[..5],
        &code[5..10],
        &code[10..15],
        &code[15..]
    )
}
