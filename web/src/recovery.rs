//! What can be recovered from the cards: as files to save, and as words to write down. It holds seeds until it is
//! freed, and the worker with it.

use std::io::{Cursor, Write};

use anyhow::{Context, bail, ensure};
use bitbox_backup::backup::{Words, wipe_stack};
use bitbox_backup::examine::{self, Examination};
use bitbox_backup::image::{GivenFolder, Memory};
use bitbox_backup::progress::Progress;
use bitbox_backup::recover::{
    self, Choice, Effort, Mismatch, Recovered, RecoveryReport, RecoveryRun, SourceRun, Wanted,
};
use bitbox_backup::report::Source;
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;
use zip::write::{SimpleFileOptions, ZipWriter};
use zip::{CompressionMethod, DateTime};

use crate::answers::{Answer, Outcome};
use crate::browser::{tell_bytes, tell_progress};
use crate::cards::{Card, options};
use crate::render::json;
use crate::render::text::proof;
use crate::report::text;

/// Most bytes that the archive has for a file beside its contents: its path twice, and what is said of it.
const MOST_BESIDE: usize = 512;
/// Most bytes of the words of a wallet: 24 of 8 letters, with a line feed behind each.
const MOST_WORDS: usize = 24 * 9;

/// Cards that are read as one: readings of one card, and cards of one wallet, are evidence together.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Recovery {
    examined: Vec<Examination>,
    failed: Vec<Source>,
    done: Option<Done>,
}

/// What came of it.
#[derive(Debug)]
struct Done {
    recovery: recover::Recovery,
    choice: Choice,
    report: RecoveryReport,
}

/// A wallet that is proved, as the page offers it.
#[derive(Debug, Serialize)]
struct Offered {
    id: String,
    name: Option<String>,
    created: Option<String>,
    words: Option<u8>,
    /// How it was recovered.
    method: &'static str,
    /// What proves it.
    proof: &'static str,
}

/// One that is not.
#[derive(Debug, Serialize)]
struct Unproved {
    id: Option<String>,
    message: String,
    advice: String,
}

/// What the page shows of it all.
#[derive(Debug, Serialize)]
struct Told {
    recovered: Vec<Offered>,
    not_recovered: Vec<Unproved>,
    not_chosen: usize,
    failed: Vec<String>,
}

#[wasm_bindgen]
impl Recovery {
    /// Nothing yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a card, all of it.
    pub fn add(&mut self, card: Card) {
        match card.look(true) {
            Ok(examination) => self.examined.push(examination),
            Err(failed) => self.failed.push(*failed),
        }
    }

    /// Searches for what can be proved, and says it as JSON.
    pub fn run(&mut self) -> Result<String, String> {
        let made = self.search().and_then(|done| {
            let told = serde_json::to_string(&told(&done, &self.failed))?;
            self.done = Some(done);
            Ok(told)
        });
        text(made)
    }

    /// Hands over the files as a ZIP archive, in the places where a BitBox looks for them on a card, with a report.
    pub fn zip(&self) -> Result<(), String> {
        self.hand_over("zip", Done::zip)
    }

    /// Hands over the words of a wallet, by its place among those recovered, with a line feed behind each.
    pub fn words(&self, wallet: usize) -> Result<(), String> {
        self.hand_over("words", |done| done.words(wallet))
    }

    fn hand_over(
        &self,
        told: &str,
        made: impl FnOnce(&Done) -> anyhow::Result<Zeroizing<Vec<u8>>>,
    ) -> Result<(), String> {
        let done = self.done.as_ref().context("nothing is recovered yet");
        let handed = done.and_then(made).map(|bytes| tell_bytes(told, &bytes));
        wipe_stack();
        text(handed)
    }

    fn search(&mut self) -> anyhow::Result<Done> {
        let read = std::mem::take(&mut self.examined);
        let joined = Examination::join(read);
        let (examined, others) = joined.context("none of the cards can be read")?;
        let reports: Vec<_> = [&examined.report].into_iter().chain(&others).collect();
        let sources = SourceRun::all(&reports, &self.failed, &examined.catalogue);
        let tell = |progress: &Progress<'_>| {
            tell_progress(progress.done() as f64, progress.total() as f64);
        };
        let progress = Progress::default().heard_by(&tell);
        let (catalogue, assessment) = (&examined.catalogue, &examined.assessment);
        let effort = Effort::new(Effort::QUICK);
        let recovery = recover::recover_watched(catalogue, assessment, &effort, &progress, &|_| ());
        let choice = recover::choose(&recovery, &Wanted::default())?;
        let run = RecoveryRun {
            source: &examined.report.source,
            sources: &sources,
            firmware: options(true).firmware,
            effort: Effort::QUICK,
            interrupted: false,
            length: None,
            fits_owner: None,
            passphrase: false,
        };
        let report = RecoveryReport::of(&run, &recovery, &choice, assessment, catalogue);
        Ok(Done {
            recovery,
            choice,
            report,
        })
    }
}

/// What may be said of it.
fn told(done: &Done, failed: &[Source]) -> Told {
    let recovered = done.report.recovered.iter().map(|one| Offered {
        id: one.id.clone(),
        name: one.name.clone(),
        created: one.timestamp.and_then(bitbox_backup::text::made),
        words: one.words,
        method: proof::method(one.method),
        proof: proof::seed(&one.proof),
    });
    let not_recovered = done.report.not_recovered.iter().map(|one| Unproved {
        id: one.id.clone(),
        message: one.message.to_string(),
        advice: one.advice.to_string(),
    });
    let failed = failed.iter().map(|one| {
        let error = one.error.as_deref().unwrap_or_default();
        format!("{}: {error}", one.source)
    });
    Told {
        recovered: recovered.collect(),
        not_recovered: not_recovered.collect(),
        not_chosen: done.report.not_chosen.len(),
        failed: failed.collect(),
    }
}

impl Done {
    fn chosen(&self) -> impl Iterator<Item = &Recovered> {
        let chosen = self.choice.chosen.iter();
        chosen.filter_map(|index| self.recovery.recovered.get(*index))
    }

    fn zip(&self) -> anyhow::Result<Zeroizing<Vec<u8>>> {
        self.check()?;
        let answer = Answer::of("recover", Outcome::DONE, &self.report);
        let report = json::bytes(&answer)?;
        let files = self.chosen().map(|one| 3 * (one.file.len() + MOST_BESIDE));
        // A vector that grows would leave what it held before.
        let most = files.sum::<usize>() + report.len() + 2 * MOST_BESIDE;
        let mut bytes = Zeroizing::new(vec![0; most]);
        // As it lies: what is compressed leaves traces in a compressor. 2019, as all files of a device say.
        let date = DateTime::from_date_and_time(2019, 1, 1, 0, 0, 0)?;
        let plain = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(date)
            .unix_permissions(0o600);
        let mut zip = ZipWriter::new(Cursor::new(bytes.as_mut_slice()));
        for one in self.chosen() {
            for path in one.paths() {
                zip.start_file(path, plain)?;
                zip.write_all(&one.file)?;
            }
        }
        zip.start_file("recovery-report.json", plain)?;
        zip.write_all(&report)?;
        let length = zip.finish()?.position();
        bytes.truncate(usize::try_from(length)?);
        Ok(bytes)
    }

    /// What is about to be saved is read again, as any card is.
    fn check(&self) -> anyhow::Result<()> {
        let mut folder = GivenFolder::new("recovered");
        let chosen: Vec<_> = self.chosen().collect();
        for one in &chosen {
            for path in one.paths() {
                let bytes = Zeroizing::new(one.file.to_vec());
                folder.add(&path, std::sync::Arc::new(Memory::new(bytes)), None);
            }
        }
        ensure!(!chosen.is_empty(), "no backup is proved");
        let seen = examine::examine_given_folder(folder, &options(false), &Progress::default());
        match recover::verify_written(&seen.catalogue, &seen.assessment, &chosen) {
            Err(mismatch @ (Mismatch::NoList | Mismatch::NotListed(_))) => {
                bail!("{mismatch}; recover the cards one at a time")
            }
            other => other.context("what would be saved is not what it should be"),
        }
    }

    fn words(&self, wallet: usize) -> anyhow::Result<Zeroizing<Vec<u8>>> {
        let one = self
            .chosen()
            .nth(wallet)
            .context("there is no such wallet")?;
        let words = Words::of(&one.seed).context("a seed of this length has no words")?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(MOST_WORDS));
        for word in words.expose() {
            bytes.extend_from_slice(word.as_bytes());
            bytes.push(b'\n');
        }
        Ok(bytes)
    }
}

impl Drop for Recovery {
    fn drop(&mut self) {
        // What the search left on the stack.
        self.done = None;
        wipe_stack();
    }
}
