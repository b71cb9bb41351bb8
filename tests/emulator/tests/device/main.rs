//! The emulator against docs/device.md, asked by a host of its own.

mod cable;
mod card;
mod host;
mod states;
