//! Cards examined one by one, each as the program's `list` examines it.

use bitbox_backup::examine::{self, Examination, Options};
use bitbox_backup::image::GivenFolder;
use bitbox_backup::progress::Progress;
use bitbox_backup::report::Source;
use bitbox_backup::text::path_text;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::advice;
use crate::browser::{Given, bytes, tell_progress};

/// Most bytes of data a compressed image may unpack to: the memory of a tab is small.
const MOST_UNPACKED: u64 = 128 << 20;

/// A folder that a person has given to the page.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Folder {
    name: String,
    files: GivenFolder,
}

#[wasm_bindgen]
impl Folder {
    /// An empty folder of this name.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            files: GivenFolder::new(name),
        }
    }

    /// Adds a file by its names below the folder.
    pub fn add(&mut self, name: &str, number: u32, size: f64) {
        self.files.add(name, bytes(number, size));
    }

    /// The names of the images in it; none if it is a card or a copy of one.
    pub fn images(&self) -> Vec<String> {
        self.files.images()
    }

    /// What it is called.
    pub fn name(&self) -> String {
        self.name.clone()
    }
}

/// How the page looks at cards: the usual way, or at all there is.
pub(crate) fn options(everything: bool) -> Options {
    let options = Options {
        max_unpacked: MOST_UNPACKED,
        ..Options::default()
    };
    match everything {
        true => Options {
            inspect: true,
            ..Options::everything(options.firmware, options.max_unpacked)
        },
        false => options,
    }
}

/// Examines a file; its progress is told to the browser, which stops it by ending the worker.
pub(crate) fn examine_file(file: &Given, everything: bool) -> Result<Examination, Box<Source>> {
    let tell = |progress: &Progress<'_>| {
        tell_progress(progress.done() as f64, progress.total() as f64);
    };
    let progress = Progress::default().heard_by(&tell);
    examine::examine_given(&file.0, &options(everything), &progress)
        .map_err(|error| Box::new(Source::not_opened(&file.0.name(), &error)))
}

/// Examines a folder.
pub(crate) fn examine_folder(folder: Folder, everything: bool) -> Examination {
    examine::examine_given_folder(folder.files, &options(everything))
}

/// The report of a file, as JSON.
#[wasm_bindgen]
pub fn examine(file: &Given) -> String {
    let report = match examine_file(file, false) {
        Ok(examination) => examination.report,
        Err(failed) => *failed,
    };
    told(report)
}

/// The report of a folder, as JSON.
#[wasm_bindgen(js_name = examineFolder)]
pub fn examine_whole_folder(folder: Folder) -> String {
    told(examine_folder(folder, false).report)
}

/// The report of a source whose examination ended by a defect, as JSON.
#[wasm_bindgen]
pub fn failed(name: &str) -> String {
    told(Source::failed(
        &path_text(name.as_ref()),
        "a defect of this page, or a lack of memory, ended its examination",
        "examine it with the program bitbox-backup; the card may be fine",
    ))
}

fn told(mut report: Source) -> String {
    advice::word(&mut report);
    serde_json::to_string(&report).unwrap_or_default()
}
