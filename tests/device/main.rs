//! `device`, against an emulated BitBox02: every flow, and everything that may go wrong on the way, each
//! with what a person gets to read.
#![cfg(unix)]

#[allow(dead_code)] // each test uses its part
#[path = "../support/person.rs"]
mod person;
#[path = "../support/mod.rs"]
mod support;

mod asking;
mod bench;
mod connection;
mod creating;
mod faults;
mod pairing;
mod unasked;
