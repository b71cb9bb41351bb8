//! A damaged copy, and which of its bytes look erased.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "not a parser: its indices come from layouts of a few hundred bytes made here"
)]

use std::borrow::Cow;

use zeroize::Zeroize;

use super::cost::{replaced_cost, role_cost};
use super::erased_run::is_blank;
use super::role::ByteRole;
use crate::backup::MAX_FILE_SIZE;

/// The cost of a byte that looks erased, in nats.
const BLANK: f64 = 1.5;
/// The fewest equal bytes that look erased.
const SHORTEST_RUN: usize = 3;
/// Most copies of one backup compared with each other, each place counted once.
const MOST_COPIES: usize = 9;
/// Most readings of copies compared with each other.
const MOST_READINGS: usize = 27;
/// What a text editor writes for a byte that is no UTF-8, one from 0x80 on: the replacement character.
const REPLACED: &[u8] = "\u{FFFD}".as_bytes();

/// A copy to be aligned to layouts.
pub(super) struct Sample<'a> {
    /// One for each replacement character.
    pub(super) bytes: Cow<'a, [u8]>,
    /// Which bytes are in a run of a value that erasing leaves, or were replaced.
    pub(super) blank: Vec<bool>,
    /// Which bytes a text editor replaced.
    replaced: Vec<bool>,
    /// The number of its place: samples with one number are readings of one copy.
    pub(super) place: usize,
}

impl<'a> Sample<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut blank = vec![false; bytes.len()];
        let mut start = 0;
        for run in bytes.chunk_by(|a, b| a == b) {
            let end = start + run.len();
            if run.len() >= SHORTEST_RUN && run.first().copied().is_some_and(is_blank) {
                blank[start..end].fill(true);
            }
            start = end;
        }
        let replaced = vec![false; bytes.len()];
        let sample = Self {
            bytes: Cow::Borrowed(bytes),
            blank,
            replaced,
            place: 0,
        };
        match bytes.windows(REPLACED.len()).any(|part| part == REPLACED) {
            true => sample.undone(),
            false => sample,
        }
    }

    /// One unknown byte instead of each replacement character.
    fn undone(&self) -> Self {
        let (mut bytes, mut blank, mut replaced) = (Vec::new(), Vec::new(), Vec::new());
        bytes.reserve_exact(self.bytes.len());
        let mut at = 0;
        while let Some(byte) = self.bytes.get(at) {
            let is_replaced = self.bytes[at..].starts_with(REPLACED);
            bytes.push(*byte);
            blank.push(is_replaced || self.blank[at]);
            replaced.push(is_replaced);
            at += if is_replaced { REPLACED.len() } else { 1 };
        }
        Self {
            bytes: Cow::Owned(bytes),
            blank,
            replaced,
            place: self.place,
        }
    }

    /// A byte of the copy, unless it was replaced.
    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        let byte = self.bytes.get(at).copied();
        byte.filter(|_| !self.replaced[at])
    }

    /// The bits that are right in every byte that is there: a text editor replaced all bytes from 0x80 on.
    pub(super) fn spared_bits(&self) -> u8 {
        match self.replaced.contains(&true) {
            true => 0x80,
            false => 0,
        }
    }

    /// Whether a text editor replaced a byte: it was one from 0x80 on.
    pub(super) fn is_replaced(&self, at: usize) -> bool {
        self.replaced.get(at) == Some(&true)
    }

    /// The sample of a copy at this place.
    pub(super) fn at_place(bytes: &'a [u8], place: usize) -> Self {
        let mut sample = Self::new(bytes);
        sample.place = place;
        sample
    }

    /// The same copy, beside others.
    pub(super) fn again(&self) -> Sample<'_> {
        Sample {
            bytes: Cow::Borrowed(&self.bytes),
            blank: self.blank.clone(),
            replaced: self.replaced.clone(),
            place: self.place,
        }
    }

    /// How many bytes at the end have one value that the rest of a sector has: no file ends in one of these.
    pub(super) fn filled(&self) -> usize {
        let Some(last @ (0 | 0xFF)) = self.bytes.last() else {
            return 0;
        };
        let bytes = self.bytes.iter().rev();
        bytes.take_while(|byte| *byte == last).count()
    }

    /// The cost of the first bytes if they are not of a backup, in nats: a text has bits that are nearly always the same.
    pub(super) fn foreign_cost(&self, length: usize) -> f64 {
        let bytes = self.bytes.iter().zip(&self.blank).take(length);
        let bytes: Vec<u8> = bytes
            .filter(|(_, is_blank)| !**is_blank)
            .map(|(byte, _)| *byte)
            .collect();
        let all = bytes.len() as f64;
        let cost_of_bit = |bit: u8| {
            let ones = bytes.iter().filter(|byte| **byte >> bit & 1 == 1).count() as f64;
            let cost = |count: f64| {
                if count > 0.0 {
                    -count * (count / all).ln()
                } else {
                    0.0
                }
            };
            cost(ones) + cost(all - ones)
        };
        (0..8).map(cost_of_bit).sum()
    }

    /// The cost of a byte of the copy in a role, in nats.
    pub(super) fn cost(&self, role: ByteRole, at: usize) -> f64 {
        let Some(byte) = self.bytes.get(at) else {
            return 0.0;
        };
        let cost = role_cost(role, *byte);
        if self.replaced[at] {
            replaced_cost(role)
        } else if self.blank[at] {
            cost.min(BLANK)
        } else {
            cost
        }
    }
}

/// The samples of copies, with the numbers of their places.
pub(super) fn sample_copies<'a>(copies: &[&'a [u8]], places: &[usize]) -> Vec<Sample<'a>> {
    let mut samples: Vec<Sample<'a>> = Vec::new();
    let mut seen: Vec<usize> = Vec::new();
    // A copy without a place has one of its own, beyond all that are given.
    let free = places.iter().max().map_or(0, |most| most + 1);
    for (index, copy) in copies
        .iter()
        .enumerate()
        .filter(|(_, copy)| !copy.is_empty())
    {
        let place = places.get(index).copied().unwrap_or(free + index);
        if !seen.contains(&place) {
            if seen.len() >= MOST_COPIES {
                continue;
            }
            seen.push(place);
        }
        if samples.len() < MOST_READINGS {
            let bytes = &copy[..copy.len().min(MAX_FILE_SIZE as usize)];
            samples.push(Sample::at_place(bytes, place));
        }
    }
    samples
}

impl Drop for Sample<'_> {
    fn drop(&mut self) {
        if let Cow::Owned(bytes) = &mut self.bytes {
            bytes.zeroize();
        }
    }
}
