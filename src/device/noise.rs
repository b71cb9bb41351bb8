//! The encrypted channel (docs/device.md 4.3), by `snow`.

use data_encoding::BASE32_NOPAD;
use snow::{Builder, HandshakeState, TransportState};
use zeroize::Zeroizing;

/// Also the prologue.
const PROTOCOL: &str = "Noise_XX_25519_ChaChaPoly_SHA256";
/// What encryption adds.
const TAG: usize = 16;
/// Longest handshake message with room to spare; the longest has 96 bytes.
const ROOM: usize = 256;

/// Something in the protocol did not work out. What exactly is of no use to anybody.
#[derive(Debug)]
pub(super) struct Failed;

impl From<snow::Error> for Failed {
    fn from(_: snow::Error) -> Self {
        Self
    }
}

/// A new private key.
pub(super) fn new_key() -> Result<Zeroizing<[u8; 32]>, Failed> {
    let pair = Builder::new(PROTOCOL.parse()?).generate_keypair()?;
    let private = Zeroizing::new(pair.private);
    let key = private.as_slice().try_into().map_err(|_| Failed)?;
    Ok(Zeroizing::new(key))
}

/// Keys are being agreed on.
pub(super) struct Handshake(HandshakeState);

/// Keys are agreed on.
pub(super) struct Channel {
    state: TransportState,
    /// The device's static key, by which it is known again.
    pub(super) device: [u8; 32],
    /// What a person compares.
    pub(super) code: String,
}

impl Handshake {
    /// Begins with this host's private key.
    pub(super) fn begin(key: &[u8; 32]) -> Result<Self, Failed> {
        let builder = Builder::new(PROTOCOL.parse()?)
            .prologue(PROTOCOL.as_bytes())?
            .local_private_key(key)?;
        Ok(Self(builder.build_initiator()?))
    }

    /// The next message to the device.
    pub(super) fn write(&mut self) -> Result<Vec<u8>, Failed> {
        let mut message = vec![0; ROOM];
        let length = self.0.write_message(&[], &mut message)?;
        message.truncate(length);
        Ok(message)
    }

    /// Takes the device's message. Its payload has to be empty.
    pub(super) fn read(&mut self, message: &[u8]) -> Result<(), Failed> {
        let mut payload = [0; ROOM];
        match self.0.read_message(message, &mut payload)? {
            0 => Ok(()),
            _ => Err(Failed),
        }
    }

    /// The channel, when all messages are over.
    pub(super) fn end(self) -> Result<Channel, Failed> {
        let device = self.0.get_remote_static().ok_or(Failed)?;
        let device = device.try_into().map_err(|_| Failed)?;
        let code = code(self.0.get_handshake_hash());
        let state = self.0.into_transport_mode()?;
        Ok(Channel {
            state,
            device,
            code,
        })
    }
}

/// The code as the device shows it (docs/device.md 4.4), its two lines apart by a slash.
fn code(hash: &[u8]) -> String {
    let text = BASE32_NOPAD.encode(hash);
    let groups = text.as_bytes().chunks(5).take(4);
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    match groups.as_slice() {
        [a, b, c, d] => format!("{a} {b} / {c} {d}"),
        _ => text,
    }
}

impl Channel {
    /// Encrypts a request. The same request is never encrypted twice: each time uses up a number.
    pub(super) fn encrypt(&mut self, request: &[u8]) -> Result<Vec<u8>, Failed> {
        let mut message = vec![0; request.len().saturating_add(TAG)];
        let length = self.state.write_message(request, &mut message)?;
        message.truncate(length);
        Ok(message)
    }

    /// Decrypts an answer.
    pub(super) fn decrypt(&mut self, answer: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failed> {
        let mut message = Zeroizing::new(vec![0; answer.len()]);
        let length = self.state.read_message(answer, &mut message)?;
        message.truncate(length);
        Ok(message)
    }
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_has_the_devices_layout() {
        let hash: Vec<u8> = (0..32).collect();
        assert_eq!(code(&hash), "AAAQE AYEAU / DAOCA JBIFQ");
    }

    #[test]
    fn both_sides_see_the_same_code_and_understand_each_other() {
        let (host, device) = (new_key().unwrap(), new_key().unwrap());
        let mut here = Handshake::begin(&host).unwrap();
        let mut there = Builder::new(PROTOCOL.parse().unwrap())
            .prologue(PROTOCOL.as_bytes())
            .and_then(|builder| builder.local_private_key(&*device))
            .and_then(Builder::build_responder)
            .unwrap();
        let mut buffer = [0; ROOM];
        let one = here.write().unwrap();
        assert_eq!(one.len(), 32);
        there.read_message(&one, &mut buffer).unwrap();
        let length = there.write_message(&[], &mut buffer).unwrap();
        assert_eq!(length, 96);
        here.read(&buffer[..length]).unwrap();
        let three = here.write().unwrap();
        assert_eq!(three.len(), 64);
        there.read_message(&three, &mut [0; ROOM]).unwrap();
        let mut channel = here.end().unwrap();
        assert_eq!(channel.code, code(there.get_handshake_hash()));
        let mut there = there.into_transport_mode().unwrap();
        let secret = channel.encrypt(b"list").unwrap();
        let length = there.read_message(&secret, &mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"list");
        assert!(channel.decrypt(&[0; 40]).is_err());
        assert!(channel.decrypt(&[]).is_err());
    }

    #[test]
    fn a_device_that_says_nonsense_is_an_error() {
        let mut here = Handshake::begin(&[1; 32]).unwrap();
        here.write().unwrap();
        assert!(here.read(&[0; 96]).is_err());
        let mut here = Handshake::begin(&[1; 32]).unwrap();
        here.write().unwrap();
        assert!(here.read(&[0; 10_000]).is_err());
    }
}
