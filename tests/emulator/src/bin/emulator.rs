//! A BitBox02 for tests as a program of its own; see `--help`.

use std::io::{Write, stdout};
use std::process::ExitCode;

use fixtures::backup::Backup;
use fixtures::power_cut::LAYOUT;

use emulator::{Card, Device, Edition, Emulator, Platform, Reply, Slot, Wallet};

const USAGE: &str = "\
emulator [OPTIONS] tcp://ADDRESS:PORT | /dev/hidg0 | none

  --card IMAGE        the card in the slot; what the device writes goes into the file
  --new-card IMAGE    the same, and the file is first made or replaced by an empty card
  --five-wallets IMAGE  the same with the backups of five public test wallets on it
  --seed HEX          16, 24 or 32 bytes; the default is a public test wallet
  --passphrase TEXT   the optional passphrase is switched on, and this is entered
  --uninitialized     there is no wallet
  --unlocked          the password was entered before
  --name NAME         the name of the device
  --firmware VERSION  such as v9.26.5
  --nova              it is a BitBox02 Nova
  --btc-only          it is the Bitcoin-only edition
  --bluetooth         the last handshake byte is 0x00 for every host
  --bootloader        it is in the bootloader
  --patient           a pending operation is never dropped, as in the vendor's simulator
  --host HEX          the static key of a host that is paired; may be given more than once
  --polls N           the person takes so many polls at every screen
  --refuse TITLE      the person refuses this screen once; may be given more than once

It confirms everything, prints `listening on …`, and then each screen as it is answered. With `none`
it only makes the card.";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("emulator: {why}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let mut device = Device::default();
    let mut seed = None;
    let mut passphrase = None;
    let mut place = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match &*argument {
            "--card" => {
                let path = value()?;
                let card = Card::open(&path).map_err(|why| format!("{path}: {why}"))?;
                device.slot = Slot::Inserted(card);
            }
            "--new-card" => device.slot = fresh(&value()?, &[])?,
            "--five-wallets" => device.slot = fresh(&value()?, &fixtures::wallet::five())?,
            "--seed" => seed = Some(bytes(&value()?)?),
            "--passphrase" => passphrase = Some(value()?),
            "--uninitialized" => device.wallet = Wallet::Uninitialized,
            "--unlocked" => device.locked = false,
            "--name" => device.name = value()?,
            "--firmware" => device.version = value()?,
            "--nova" => device.platform = Platform::Nova,
            "--btc-only" => device.edition = Edition::BtcOnly,
            "--bluetooth" => device.bluetooth = true,
            "--bootloader" => device.bootloader = true,
            "--patient" => device.patience = None,
            "--host" => device.hosts.push(key(&value()?)?),
            "--polls" => {
                let polls = value()?.parse().map_err(|_| "--polls needs a number")?;
                device.person = device.person.slow(polls);
            }
            "--refuse" => device.person = device.person.at(&value()?, Reply::Reject),
            option if option.starts_with('-') => return Err(format!("there is no {option}")),
            _ => place = Some(argument),
        }
    }
    if let Wallet::Initialized {
        seed: own,
        passphrase: none,
    } = &mut device.wallet
    {
        if let Some(seed) = seed {
            *own = seed;
        }
        *none = passphrase;
    }
    match place.as_deref() {
        None => Err("where?".into()),
        Some("none") => Ok(()),
        Some(place) => serve(device, place),
    }
}

fn serve(device: Device, place: &str) -> Result<(), String> {
    let emulator = match place.strip_prefix("tcp://") {
        Some(address) => Emulator::listen(device, address),
        None => Emulator::attach(device, place),
    };
    let emulator = emulator.map_err(|why| format!("{place}: {why}"))?;
    match place.strip_prefix("tcp://") {
        Some(_) => println!("listening on {}", emulator.url()),
        None => println!("listening on {place}"),
    }
    emulator.wait(|screen| {
        let lines = screen.body.join(" / ");
        // Whoever started it may no longer read.
        let _ = writeln!(
            stdout(),
            "{:?}: {}: {lines}: {:?}",
            screen.kind,
            screen.title,
            screen.answer
        );
    });
    Ok(())
}

/// A card in a new file with these backups.
fn fresh(path: &str, backups: &[Backup]) -> Result<Slot, String> {
    let mut fat = LAYOUT.format();
    for backup in backups {
        fat.save(backup);
    }
    let made = fat.card.write_to(path).and_then(|()| Card::open(path));
    made.map(Slot::Inserted)
        .map_err(|why| format!("{path}: {why}"))
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let bytes = hex::decode(text).map_err(|why| format!("{text}: {why}"))?;
    match bytes.len() {
        16 | 24 | 32 => Ok(bytes),
        length => Err(format!("{length} bytes are no seed and no key")),
    }
}

fn key(text: &str) -> Result<[u8; 32], String> {
    let key = bytes(text)?;
    key.try_into().map_err(|_| "a key has 32 bytes".to_owned())
}
