//! A simulator: the same reports as a stream over TCP.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::address::Address;
use super::key_store::Keys;
use super::lock::{self, Claim};
use super::open_error::OpenError;
use super::transport::{REPORT, Report, Transport, TransportError};

/// How long a machine may take to accept.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the other side may take to accept bytes.
const WRITE: Duration = Duration::from_secs(20);

/// A stream of reports.
struct Tcp {
    stream: TcpStream,
    /// The beginning of a report of which more has to come.
    part: [u8; REPORT],
    have: usize,
    /// As long as it lives, no other run uses this address.
    _claim: Claim,
}

/// Opens a stream to a simulator. Only the addresses that were judged are used.
pub(super) fn open(
    named: &Address,
    host: &str,
    keys: &Keys,
    remote: bool,
) -> Result<Box<dyn Transport>, OpenError> {
    let no_host = || OpenError::NoHost(host.to_owned());
    let mut named = named.clone();
    if named.places().is_empty() {
        named.resolve().map_err(|_| no_host())?;
    }
    let address = named.to_string();
    let resolved = named.places();
    let is_here = |one: &SocketAddr| one.ip().to_canonical().is_loopback();
    if !remote && !resolved.iter().all(is_here) {
        return Err(OpenError::Remote(address));
    }
    let place = resolved.first().ok_or_else(no_host)?;
    let name = format!("tcp-{}-{}", place.ip(), place.port());
    let claim = lock::name(keys, &name, &address)?;
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for one in resolved {
        match TcpStream::connect_timeout(one, CONNECT).and_then(prepared) {
            Ok(stream) => {
                return Ok(Box::new(Tcp {
                    stream,
                    part: [0; REPORT],
                    have: 0,
                    _claim: claim,
                }));
            }
            Err(error) => last = error,
        }
    }
    Err(OpenError::System {
        address,
        error: last,
    })
}

fn prepared(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?; // or each report waits for the acknowledgement of the one before
    stream.set_write_timeout(Some(WRITE))?;
    Ok(stream)
}

impl Transport for Tcp {
    fn write(&mut self, report: &Report) -> Result<(), TransportError> {
        Ok(self.stream.write_all(report)?)
    }

    fn read(&mut self, within: Duration) -> Result<Option<Report>, TransportError> {
        let until = Instant::now().checked_add(within);
        loop {
            let left = until.map_or(within, |until| until.duration_since(Instant::now()));
            // A time-out of zero would mean none.
            let left = left.max(Duration::from_millis(1));
            self.stream.set_read_timeout(Some(left))?;
            let rest = self.part.get_mut(self.have..).unwrap_or_default();
            match self.stream.read(rest) {
                Ok(0) => return Err(TransportError::Gone),
                Ok(count) => self.have = self.have.saturating_add(count),
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => return Ok(None),
                    io::ErrorKind::Interrupted => {}
                    _ => return Err(error.into()),
                },
            }
            if self.have >= REPORT {
                self.have = 0;
                return Ok(Some(self.part));
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return Ok(None);
            }
        }
    }
}
