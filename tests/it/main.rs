//! The tests of the program and of the library from outside: one program, because each would link all of
//! both again.
//!
//! `cargo test --test it` runs all of them, `cargo test --test it pins::` the tests of one file, and
//! `cargo test --test it audit::` those of one folder. What needs a process of its own is beside this
//! folder: `tests/wiped.rs`.
#![allow(unreachable_pub)] // a program has no outside
#![cfg_attr(not(unix), allow(dead_code))] // of what is shared, tests of terminals and devices use the most

mod support;

/// Many cards together: the command `audit`, its reports, its register and its log.
mod audit {
    mod across_cards;
    mod diff;
    mod html;
    mod log;
    mod register;
    mod reports;
    mod run;
}

/// One card: what the device does with it, what is found on it and what is said of it.
mod card {
    mod decoding;
    mod elsewhere;
    mod find;
    mod folder_names;
    mod given;
    mod kept;
    mod laws;
    mod makers;
    mod not_read;
    mod older;
    mod oracle;
    mod phantoms;
    mod pins;
    mod preflight;
    mod promises;
    mod recipes;
    mod reference;
    mod robustness;
    mod steps;
    mod unread;
}

/// A BitBox02 on the cable: the commands `device` and `match`, against an emulated one.
#[cfg(unix)]
mod device {
    mod asking;
    mod bench;
    mod connection;
    mod creating;
    mod faults;
    mod matching;
    mod pairing;
    mod redacted;
    mod unasked;
}

mod containers;
#[cfg(feature = "e01")]
mod e01;
#[cfg(target_os = "linux")]
mod files;
mod folders;
mod image;
mod letter;

/// What holds for every command: arguments, messages, JSON, the sandbox, secrets.
mod program {
    mod advice;
    mod cli;
    mod evidence;
    mod failures;
    mod meant;
    mod privacy;
    mod sandbox;
    mod schema;
    mod secrecy;
    mod snapshots;
}

/// The project itself: which module may use which, and pages made from the program.
mod project {
    mod circles;
    mod docs;
    mod errors;
    mod glossary;
    mod layers;
    mod lengths;
    mod links;
    mod names;
}

/// What is lost or damaged: searched, recovered and written elsewhere.
mod recover {
    mod cards;
    mod damaged_ids;
    mod effort;
    mod gaps;
    mod losses;
    mod named_folders;
    mod never_wrong;
    mod never_wrong_owner;
    mod owner;
    mod owner_length;
    #[cfg(unix)]
    mod remembered;
    mod repair;
    mod strangers;
    mod together;
    mod transformed;
    mod unread;
    mod whole_copies;
    mod write;
}

#[cfg(unix)]
mod rescue;
#[cfg(unix)]
mod rescue_end;
mod wallet;
#[cfg(unix)]
mod words;
