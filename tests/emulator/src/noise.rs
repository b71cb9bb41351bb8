//! The encrypted channel, from the device's side (docs/device.md 4.3, 4.4).

use data_encoding::BASE32_NOPAD;
use snow::{Builder, HandshakeState, TransportState};

/// Also the prologue.
const PROTOCOL: &str = "Noise_XX_25519_ChaChaPoly_SHA256";

/// How far the channel is.
#[derive(Default)]
pub(crate) enum Noise {
    /// `h` is needed.
    #[default]
    Nothing,
    /// `H` is expected.
    Handshake(Box<HandshakeState>),
    /// Keys are agreed.
    Channel(Box<Channel>),
}

/// An agreed channel.
pub(crate) struct Channel {
    transport: TransportState,
    /// The host's static key.
    pub(crate) host: [u8; 32],
    hash: Vec<u8>,
    /// The person compared the code, now or earlier.
    pub(crate) verified: bool,
}

impl Noise {
    /// `h`: a fresh handshake.
    pub(crate) fn begin(key: &[u8; 32]) -> Self {
        let responder = Builder::new(PROTOCOL.parse().expect("snow knows it"))
            .prologue(PROTOCOL.as_bytes())
            .and_then(|builder| builder.local_private_key(key))
            .and_then(Builder::build_responder)
            .expect("all that is needed is given");
        Self::Handshake(Box::new(responder))
    }

    /// `H`: the device's message in answer to the host's, empty when the handshake is done.
    ///
    /// When it fails, only a new `h` helps.
    pub(crate) fn step(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let Self::Handshake(mut state) = std::mem::take(self) else {
            return None;
        };
        let mut buffer = vec![0; 256];
        let read = state.read_message(message, &mut buffer).ok()?;
        if read != 0 {
            return None; // payloads are empty
        }
        if !state.is_handshake_finished() {
            let length = state.write_message(&[], &mut buffer).ok()?;
            buffer.truncate(length);
            *self = Self::Handshake(state);
            return Some(buffer);
        }
        let host = state.get_remote_static()?.try_into().ok()?;
        let hash = state.get_handshake_hash().to_vec();
        *self = Self::Channel(Box::new(Channel {
            transport: state.into_transport_mode().ok()?,
            host,
            hash,
            verified: false,
        }));
        Some(Vec::new())
    }

    /// The channel, if keys are agreed.
    pub(crate) fn channel(&mut self) -> Option<&mut Channel> {
        match self {
            Self::Channel(channel) => Some(channel),
            _ => None,
        }
    }
}

impl Channel {
    /// The code to compare, in two lines.
    pub(crate) fn code(&self) -> String {
        let code = BASE32_NOPAD.encode(&self.hash);
        format!(
            "{} {}\n{} {}",
            &code[..5],
            &code[5..10],
            &code[10..15],
            &code[15..20]
        )
    }

    pub(crate) fn decrypt(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let mut buffer = vec![0; message.len()];
        let length = self.transport.read_message(message, &mut buffer).ok()?;
        buffer.truncate(length);
        Some(buffer)
    }

    pub(crate) fn encrypt(&mut self, message: &[u8]) -> Vec<u8> {
        let mut buffer = vec![0; message.len() + 16];
        let length = self.transport.write_message(message, &mut buffer);
        buffer.truncate(length.expect("it is shorter than 64 KiB"));
        buffer
    }
}
