//! Where a device is, as a person says it.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::str::FromStr;

/// Where the official simulator listens.
pub const DEFAULT_PORT: u16 = 15423;

/// Where a device is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// On USB, the only one there is.
    Usb,
    /// On USB, at this path of the system, such as `/dev/hidraw3`.
    UsbAt(String),
    /// At a TCP port: a simulator, or an emulator.
    Tcp {
        /// A name or an IP address.
        host: String,
        /// The port.
        port: u16,
        /// What the name stands for; empty until [`Address::resolve`].
        places: Vec<SocketAddr>,
    },
}

impl Address {
    /// Looks up the name of the host now. Otherwise [`super::open`] does it, which a sandbox may forbid by
    /// then.
    ///
    /// # Errors
    /// If there is no such host.
    pub fn resolve(&mut self) -> io::Result<()> {
        if let Self::Tcp { host, port, places } = self {
            *places = (host.as_str(), *port).to_socket_addrs()?.collect();
        }
        Ok(())
    }

    /// Where a host is, once it was looked up; none of USB.
    pub fn places(&self) -> &[SocketAddr] {
        match self {
            Self::Tcp { places, .. } => places,
            Self::Usb | Self::UsbAt(_) => &[],
        }
    }
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// It begins like none.
    #[error("a device is hid, hid:PATH or tcp://HOST:PORT")]
    Kind,
    /// There is no path.
    #[error("hid: needs a path behind it, such as hid:/dev/hidraw3")]
    Path,
    /// There is no host.
    #[error("tcp:// needs a host behind it, such as tcp://127.0.0.1:15423")]
    Host,
    /// The port is no number a port may have.
    #[error("a port is a number from 1 to 65535")]
    Port,
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text == "hid" {
            return Ok(Self::Usb);
        }
        if let Some(path) = text.strip_prefix("hid:") {
            let fits = !path.is_empty() && !path.contains('\0');
            return fits
                .then(|| Self::UsbAt(path.to_owned()))
                .ok_or(AddressError::Path);
        }
        let place = text.strip_prefix("tcp://").ok_or(AddressError::Kind)?;
        let place = place.strip_suffix('/').unwrap_or(place);
        // An IPv6 address stands in brackets, as in a URL.
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']').ok_or(AddressError::Host)?;
                match rest {
                    "" => (host, None),
                    _ => (
                        host,
                        Some(rest.strip_prefix(':').ok_or(AddressError::Port)?),
                    ),
                }
            }
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        if host.is_empty() {
            return Err(AddressError::Host);
        }
        let port = port.map_or(Some(DEFAULT_PORT), |port| port.parse().ok());
        let port = port.filter(|port| *port != 0).ok_or(AddressError::Port)?;
        let host = host.to_owned();
        let places = Vec::new();
        Ok(Self::Tcp { host, port, places })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usb => f.write_str("hid"),
            Self::UsbAt(path) => write!(f, "hid:{path}"),
            Self::Tcp { host, port, .. } if host.contains(':') => {
                write!(f, "tcp://[{host}]:{port}")
            }
            Self::Tcp { host, port, .. } => write!(f, "tcp://{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for text in [
            "hid",
            "hid:/dev/hidraw3",
            "tcp://127.0.0.1:15423",
            "tcp://[::1]:1",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        let short = "tcp://localhost".parse::<Address>().unwrap();
        assert_eq!(short.to_string(), "tcp://localhost:15423");
    }

    #[test]
    fn a_host_is_looked_up_once() {
        let mut address: Address = "tcp://[::1]:7".parse().unwrap();
        assert!(address.places().is_empty());
        address.resolve().unwrap();
        assert_eq!(address.places(), ["[::1]:7".parse().unwrap()]);
        assert_eq!(address.to_string(), "tcp://[::1]:7");
        Address::Usb.resolve().unwrap();
    }

    #[test]
    fn what_is_no_address_says_why() {
        for (text, error) in [
            ("usb", AddressError::Kind),
            ("hid:", AddressError::Path),
            ("tcp://", AddressError::Host),
            ("tcp://:15423", AddressError::Host),
            ("tcp://[::1", AddressError::Host),
            ("tcp://localhost:0", AddressError::Port),
            ("tcp://localhost:70000", AddressError::Port),
            ("tcp://[::1]15423", AddressError::Port),
        ] {
            assert_eq!(text.parse::<Address>(), Err(error), "{text}");
        }
    }
}
