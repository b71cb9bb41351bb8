//! A BitBox02 for tests, at the other end of the cable.
//!
//! It plays the device's side of docs/device.md over TCP (as the vendor's simulator does) or over a
//! character device such as `/dev/hidg0`, with a person in front of its screen and a microSD card in
//! its slot. The card is written by ChaN's FatFs (`witness`), so power cuts come out as on a device;
//! what is listed and checked follows the device's own rules, hidden backups included. Nothing here
//! comes from the crate under test: frames, messages and backup files are built a second time by
//! hand.
//!
//! | to say | use |
//! |---|---|
//! | what the device is and holds | [`Device`] |
//! | what the person does at each screen | [`Person`] |
//! | what goes wrong on the cable | [`Fault`] |
//! | what is in the slot, and when writing it fails | [`Slot`], [`Card`] |
//! | what came over the cable, what was shown, what was written | [`Emulator`] |
//!
//! ```
//! use emulator::{Card, Device, Emulator, Person, Reply, Slot};
//! use fixtures::power_cut;
//!
//! let emulator = Emulator::start(Device {
//!     slot: Slot::Inserted(Card::new(power_cut::LAYOUT.format().card)),
//!     person: Person::obliging().at("Create backup?", Reply::Reject),
//!     ..Device::default()
//! });
//! let url = emulator.url(); // "tcp://127.0.0.1:…", for --device
//! assert!(url.starts_with("tcp://127.0.0.1:"));
//! assert!(emulator.screens().is_empty()); // nobody asked for anything yet
//! ```
//!
//! By default the device is a BitBox02 Multi, v9.27.0, initialized and locked, with an empty slot;
//! no host is paired; whoever stands before it confirms everything at once; attestation is refused,
//! as by the simulator; and an operation is dropped after 500 ms without a packet.

mod attestation;
mod backup;
mod card;
mod core;
mod device;
mod fault;
mod frame;
mod noise;
mod operation;
mod person;
mod request;
mod screen;
mod serve;
pub mod wire;

pub use attestation::{Attestation, Spoilt};
pub use backup::{backup_id, file_names};
pub use card::{Card, Slot, Write};
pub use core::Event;
pub use device::{Device, Edition, Platform, Wallet};
pub use fault::{Fault, What, When};
pub use person::{Person, Reply};
pub use screen::{Answer, Kind, Screen};
pub use serve::Emulator;
