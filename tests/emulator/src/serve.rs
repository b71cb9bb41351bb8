//! The cable: TCP, or a character device of 64-byte reports.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::card::Card;
use crate::core::{Core, Event, Out, Shared, lock};
use crate::device::Device;
use crate::frame::{REPORT, Report};
use crate::screen::{Answer, Screen};

/// How often it looks whether it should stop, or drop an operation.
const TICK: Duration = Duration::from_millis(10);

/// A device that is plugged in; dropping it pulls the cable.
pub struct Emulator {
    address: Option<SocketAddr>,
    shared: Shared,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Plugs a device in at a free port of the loopback interface. One client at a time; the next
    /// one waits.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub fn start(device: Device) -> Self {
        Self::listen(device, "127.0.0.1:0").expect("a free port")
    }

    /// The same at an address of one's choice, such as `127.0.0.1:15423`.
    pub fn listen(device: Device, address: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self::spawn(device, Some(address), move |core, stop| {
            serve_tcp(core, &listener, stop);
        }))
    }

    /// Plugs it in at a character device of 64-byte reports, such as `/dev/hidg0`.
    pub fn attach(device: Device, path: impl AsRef<Path>) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let reader = file.try_clone()?;
        Ok(Self::spawn(device, None, move |core, stop| {
            let mut cable = Gadget::new(reader, file);
            while !stop.load(Ordering::Relaxed) && !core.is_off() {
                talk(core, &mut cable, stop);
            }
        }))
    }

    fn spawn(
        device: Device,
        address: Option<SocketAddr>,
        serve: impl FnOnce(&mut Core, &AtomicBool) + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let (sender, receiver) = sync_channel(1);
        let thread = thread::spawn(move || {
            let mut core = Core::new(device);
            let _ = sender.send(core.shared.clone());
            serve(&mut core, &stopped);
        });
        Self {
            address,
            shared: receiver.recv().expect("the thread sends it first"),
            stop,
            thread: Some(thread),
        }
    }

    /// Where it listens.
    ///
    /// # Panics
    ///
    /// If it is at a character device.
    pub fn address(&self) -> SocketAddr {
        self.address.expect("it is reached by TCP")
    }

    /// What `--device` wants: `tcp://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("tcp://{}", self.address())
    }

    /// What was shown so far, in its order.
    pub fn screens(&self) -> Vec<Screen> {
        lock(&self.shared.1).clone()
    }

    /// What came over the cable so far, in its order.
    pub fn events(&self) -> Vec<Event> {
        lock(&self.shared.0).events.clone()
    }

    /// The names of the requests that came, in their order.
    pub fn requests(&self) -> Vec<&'static str> {
        let name = |event| match event {
            Event::Request(name) => Some(name),
            _ => None,
        };
        self.events().into_iter().filter_map(name).collect()
    }

    /// The card as it is now, with what was written to it.
    pub fn card(&self) -> Option<Card> {
        lock(&self.shared.0).device.slot.card().cloned()
    }

    /// The device as it is now: paired hosts, attempts left, wallet, faults not yet used up.
    pub fn device(&self) -> Device {
        lock(&self.shared.0).device.clone()
    }

    /// Changes the device while it is plugged in: another card, another person, new faults.
    pub fn change(&self, change: impl FnOnce(&mut Device)) {
        change(&mut lock(&self.shared.0).device);
    }

    /// Whether it panicked, lost its power or wiped itself; then nobody is there any more.
    pub fn is_off(&self) -> bool {
        lock(&self.shared.0).off
    }

    /// Pulls the cable and plugs the device in again, at the same address: locked again, no operation
    /// pending, its card sound from now on. What was shown and what came is forgotten.
    ///
    /// # Panics
    ///
    /// If it is at a character device, or somebody took its port meanwhile.
    #[must_use]
    pub fn replug(self) -> Self {
        let address = self.address().to_string();
        let mut device = self.device();
        drop(self);
        device.locked = device.wallet.is_initialized();
        if let Some(card) = device.slot.inserted() {
            card.mend();
        }
        Self::listen(device, &address).expect("its own port")
    }

    /// Waits until it is off, as a program that only serves does; `see` is given each screen as it is
    /// answered.
    pub fn wait(self, mut see: impl FnMut(&Screen)) {
        let mut seen = 0;
        let ended = || self.thread.as_ref().is_none_or(JoinHandle::is_finished);
        loop {
            let last = ended();
            let screens = self.screens();
            let answered = screens.iter().skip(seen);
            for screen in answered.take_while(|screen| screen.answer != Answer::Open) {
                see(screen);
                seen += 1;
            }
            if last {
                return;
            }
            thread::sleep(TICK);
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !thread::panicking()
        {
            panic!("the emulator panicked: see above");
        }
    }
}

/// A cable that carries reports.
trait Cable {
    /// The next report, `None` after one tick without; an error is the end.
    fn receive(&mut self) -> io::Result<Option<Report>>;
    fn send(&mut self, bytes: &[u8]) -> io::Result<()>;
}

fn serve_tcp(core: &mut Core, listener: &TcpListener, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) && !core.is_off() {
        match listener.accept() {
            Ok((stream, _)) => {
                if let Ok(mut wire) = Wire::new(stream) {
                    talk(core, &mut wire, stop);
                }
            }
            Err(_) => {
                core.tick();
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// Serves one client until it goes away.
fn talk(core: &mut Core, cable: &mut dyn Cable, stop: &AtomicBool) {
    core.record(Event::Connected);
    while !stop.load(Ordering::Relaxed) {
        let out = match cable.receive() {
            Ok(Some(report)) => core.take(&report),
            Ok(None) => {
                core.tick();
                continue;
            }
            Err(_) => break,
        };
        if !out.into_iter().all(|one| carry(cable, one, stop)) {
            break;
        }
    }
    core.record(Event::Disconnected);
}

/// Does one thing on the cable; `false` if that was the last.
fn carry(cable: &mut dyn Cable, out: Out, stop: &AtomicBool) -> bool {
    match out {
        Out::Send(report) => cable.send(&report).is_ok(),
        Out::SendPart(part) => cable.send(&part).is_ok(),
        Out::Hang => false,
        Out::Flood(report) => {
            while !stop.load(Ordering::Relaxed) && cable.send(&report).is_ok() {}
            false
        }
        Out::Wait(delay) => {
            let begun = Instant::now();
            while begun.elapsed() < delay && !stop.load(Ordering::Relaxed) {
                thread::sleep(TICK.min(delay.saturating_sub(begun.elapsed())));
            }
            true
        }
    }
}

/// A TCP stream.
struct Wire {
    stream: TcpStream,
    report: Report,
    filled: usize,
}

impl Wire {
    fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TICK))?;
        stream.set_write_timeout(Some(Duration::from_millis(500)))?;
        Ok(Self {
            stream,
            report: [0; REPORT],
            filled: 0,
        })
    }
}

impl Cable for Wire {
    fn receive(&mut self) -> io::Result<Option<Report>> {
        match self.stream.read(&mut self.report[self.filled..]) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(read) => self.filled += read,
            Err(error) if is_a_tick(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
        if self.filled < REPORT {
            return Ok(None);
        }
        self.filled = 0;
        Ok(Some(self.report))
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }
}

fn is_a_tick(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

/// A gadget's character device. A thread of its own waits for reports, for a read of it cannot be
/// given a time-out; it ends with the process.
struct Gadget {
    received: Receiver<Report>,
    file: File,
}

impl Gadget {
    fn new(mut reader: File, file: File) -> Self {
        let (sender, received) = sync_channel(64);
        thread::spawn(move || {
            loop {
                let mut report = [0; REPORT];
                match reader.read(&mut report) {
                    Ok(REPORT) => {
                        if sender.send(report).is_err() {
                            break;
                        }
                    }
                    // Unplugged from the bus for a while, or a report of another size.
                    Ok(_) | Err(_) => thread::sleep(TICK),
                }
            }
        });
        Self { received, file }
    }
}

impl Cable for Gadget {
    fn receive(&mut self) -> io::Result<Option<Report>> {
        match self.received.recv_timeout(TICK) {
            Ok(report) => Ok(Some(report)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(ErrorKind::UnexpectedEof.into()),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }
}
