//! The maker's Rust client, `bitbox-api`, talks to the emulator: `vendor EMULATOR`.
//!
//! It has no calls for backups; pairing, INFO, device_info and the fingerprint are compared.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bitbox_api::runtime::DefaultRuntime;
use bitbox_api::{
    BitBox, CommunicationError, ConfigError, NoiseConfig, NoiseConfigData, NoiseConfigNoCache,
    Product, ReadWrite, Threading,
};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Reports over TCP.
struct Tcp(Mutex<TcpStream>);

impl Threading for Tcp {}

#[async_trait(?Send)]
impl ReadWrite for Tcp {
    fn write(&self, message: &[u8]) -> Result<usize, CommunicationError> {
        let mut stream = self.0.lock().expect("one thread");
        let written = stream.write_all(message);
        written.map_err(|_| CommunicationError::Write)?;
        Ok(message.len())
    }

    async fn read(&self) -> Result<Vec<u8>, CommunicationError> {
        let mut report = vec![0; 64];
        let mut stream = self.0.lock().expect("one thread");
        let read = stream.read_exact(&mut report);
        read.map_err(|_| CommunicationError::Read)?;
        Ok(report)
    }
}

/// Pairing keys that last as long as the program.
#[derive(Clone, Default)]
struct Keys(Arc<Mutex<NoiseConfigData>>);

impl Threading for Keys {}

impl NoiseConfig for Keys {
    fn read_config(&self) -> Result<NoiseConfigData, ConfigError> {
        Ok(self.0.lock().expect("one thread").clone())
    }

    fn store_config(&self, keys: &NoiseConfigData) -> Result<(), ConfigError> {
        *self.0.lock().expect("one thread") = keys.clone();
        Ok(())
    }
}

/// An emulator in a process of its own.
struct Emulator {
    process: Child,
    /// Kept, for it goes on to print its screens.
    _output: BufReader<ChildStdout>,
    address: String,
}

impl Emulator {
    fn start(program: &str, options: &[&str]) -> Fallible<Self> {
        let mut process = Command::new(program)
            .args(options)
            .arg("tcp://127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = process.stdout.take().ok_or("no output")?;
        let mut output = BufReader::new(output);
        output.read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on tcp://");
        let address = address.ok_or("it does not listen")?.to_owned();
        Ok(Self {
            process,
            _output: output,
            address,
        })
    }

    async fn connect(&self, keys: Box<dyn NoiseConfig>) -> Fallible<BitBox<DefaultRuntime>> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let transport = Box::new(Tcp(Mutex::new(stream)));
        Ok(BitBox::from_transport(transport, keys).await?)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn check<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Fallible<()> {
    if found != expected {
        return Err(format!("FAILED: {what}: {found:?} instead of {expected:?}").into());
    }
    println!("  {what}: {found:?}");
    Ok(())
}

async fn pair(program: &str) -> Fallible<()> {
    let keys = Keys::default();
    let emulator = Emulator::start(program, &["--polls", "2"])?;
    for first in [true, false] {
        let bitbox = emulator.connect(Box::new(keys.clone())).await?;
        let pairing = bitbox.unlock_and_pair().await?;
        check(
            "a code to compare",
            pairing.get_pairing_code().is_some(),
            first,
        )?;
        let paired = pairing.wait_confirm().await?;
        check("name", &*paired.device_info().await?.name, "My BitBox")?;
    }
    // A device that says 0x00 to everyone: an unknown one is compared all the same.
    let emulator = Emulator::start(program, &["--bluetooth"])?;
    let bitbox = emulator.connect(Box::new(Keys::default())).await?;
    let pairing = bitbox.unlock_and_pair().await?;
    check(
        "a code over Bluetooth",
        pairing.get_pairing_code().is_some(),
        true,
    )?;
    pairing.wait_confirm().await?;

    let emulator = Emulator::start(program, &["--refuse", "Pairing code"])?;
    let bitbox = emulator.connect(Box::new(NoiseConfigNoCache)).await?;
    let pairing = bitbox.unlock_and_pair().await?;
    check("rejected", pairing.wait_confirm().await.is_err(), true)
}

async fn ask(program: &str) -> Fallible<()> {
    let options = [
        "--nova",
        "--btc-only",
        "--firmware",
        "v9.24.0",
        "--name",
        "Kasten",
    ];
    let emulator = Emulator::start(program, &options)?;
    let bitbox = emulator.connect(Box::new(NoiseConfigNoCache)).await?;
    let paired = bitbox.unlock_and_pair().await?.wait_confirm().await?;
    check("product", paired.product(), Product::BitBox02NovaBtcOnly)?;
    check("version", paired.version().to_string(), "9.24.0".into())?;
    let info = paired.device_info().await?;
    check("name", &*info.name, "Kasten")?;
    check("version", &*info.version, "v9.24.0")?;
    check("initialized", info.initialized, true)?;
    check("passphrase", info.mnemonic_passphrase_enabled, false)?;
    for (passphrase, expected) in [(None, "73c5da0a"), (Some("TREZOR"), "b4e3f5ed")] {
        let seed = "00".repeat(16);
        let mut options = vec!["--seed", &seed];
        options.extend(passphrase.iter().flat_map(|text| ["--passphrase", text]));
        let emulator = Emulator::start(program, &options)?;
        let bitbox = emulator.connect(Box::new(NoiseConfigNoCache)).await?;
        let paired = bitbox.unlock_and_pair().await?.wait_confirm().await?;
        check("fingerprint", &*paired.root_fingerprint().await?, expected)?;
    }
    Ok(())
}

fn main() -> Fallible<()> {
    let program = std::env::args().nth(1).ok_or("vendor EMULATOR")?;
    pollster::block_on(pair(&program))?;
    pollster::block_on(ask(&program))
}
