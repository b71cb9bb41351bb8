//! Cards examined one by one, each as the program's `list` examines it.

use bitbox_backup::examine::{self, Examination, Options};
use bitbox_backup::image::{GivenFile, GivenFolder, GivenSource};
use bitbox_backup::progress::Progress;
use bitbox_backup::report::Source;
use bitbox_backup::text::path_text;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::advice;
use crate::browser::{bytes, tell_progress, time};

/// Most bytes of data a compressed image may unpack to: the memory of a tab is small.
const MOST_UNPACKED: u64 = 96 << 20;

/// A file that a person has given to the page.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Given(GivenFile);

#[wasm_bindgen]
impl Given {
    /// The file of this number in the worker, by its name and its bytes; `modified` in milliseconds since 1970.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str, number: u32, size: f64, modified: f64) -> Self {
        let mut file = GivenFile::new(name, bytes(number, size));
        file.modified = time(modified);
        Self(file)
    }

    /// Adds a file that may be its map.
    #[wasm_bindgen(js_name = addMap)]
    pub fn add_map(&mut self, number: u32, size: f64) {
        self.0.maps.push(bytes(number, size));
    }

    /// What is to be examined: the file, or each of several cards in it.
    pub fn cards(self) -> Vec<Card> {
        let sources = examine::sources_of_given(&self.0, &options(false), &Progress::default());
        sources.into_iter().map(Card).collect()
    }
}

/// A folder that a person has given to the page.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Folder(GivenFolder);

#[wasm_bindgen]
impl Folder {
    /// An empty folder of this name.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str) -> Self {
        Self(GivenFolder::new(name))
    }

    /// Adds a file by its names below the folder.
    pub fn add(&mut self, name: &str, number: u32, size: f64, modified: f64) {
        self.0.add(name, bytes(number, size), time(modified));
    }

    /// Says that the browser does not list all of a folder below it, or of itself where there is no name.
    #[wasm_bindgen(js_name = addUnlisted)]
    pub fn add_unlisted(&mut self, name: &str) {
        self.0.add_unlisted(name);
    }

    /// What is to be examined: the folder, or each of several cards in it.
    pub fn cards(self) -> Vec<Card> {
        let sources = examine::sources_in_given(self.0, &options(false), &Progress::default());
        sources.into_iter().map(Card).collect()
    }
}

/// A card, or what may be one.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Card(GivenSource);

#[wasm_bindgen]
impl Card {
    /// What it is called.
    pub fn name(&self) -> String {
        match &self.0 {
            GivenSource::File(file) => path_text(&file.name()),
            GivenSource::Folder(folder) => path_text(folder.path()),
        }
    }

    /// Examines it; its report, as JSON.
    pub fn examine(self) -> String {
        told(match self.look(false) {
            Ok(examination) => examination.report,
            Err(failed) => *failed,
        })
    }
}

impl Card {
    /// Examines it; its progress is told to the browser, which stops it by ending the worker.
    pub(crate) fn look(self, everything: bool) -> Result<Examination, Box<Source>> {
        let tell = |progress: &Progress<'_>| {
            tell_progress(progress.done() as f64, progress.total() as f64);
        };
        let progress = Progress::default().heard_by(&tell);
        let options = options(everything);
        match self.0 {
            GivenSource::File(file) => examine::examine_given(&file, &options, &progress)
                .map_err(|error| Box::new(Source::not_opened(&file.name(), &error))),
            GivenSource::Folder(folder) => {
                Ok(examine::examine_given_folder(folder, &options, &progress))
            }
        }
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
    advice::word(&mut report, &advice::NewNames::default());
    serde_json::to_string(&report).unwrap_or_default()
}
