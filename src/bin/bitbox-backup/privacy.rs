//! `--redact`: what identifies a person, a card, or a wallet leaves the program under other names, or not at
//! all. There is one redaction a run, so that equal things have equal names in all that it prints and writes.

mod order;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bitbox_backup::device::Address;
use bitbox_backup::report::{Redaction, Source};
use bitbox_backup::text::{escape, path_text};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use order::InOrder;

/// `None` if nothing is redacted.
static REDACTION: Mutex<Option<Redaction>> = Mutex::new(None);

/// The first line of a redacted answer.
const MAY_BE_SHARED: &str = "Redacted: this may be shared. IDs, names, paths, serial numbers, exact times, and places are left out.";
/// The first line of a file that is not redacted.
const IS_PRIVATE: &str = "Private: this names wallets, cards, and files. Do not send it to anybody; --redact makes one to share.";

/// From now on everything is redacted. The sources have other names from the beginning, in errors too.
pub(crate) fn begin<P: AsRef<Path>>(sources: impl IntoIterator<Item = P>) -> anyhow::Result<()> {
    let mut key = [0; 32];
    getrandom::fill(&mut key)
        .map_err(|_| anyhow::anyhow!("the system gives no random bytes\nrestart the computer"))?;
    let redaction = Redaction::new(key);
    *lock() = Some(redaction);
    learn_sources(sources);
    Ok(())
}

/// Makes other files and folders known that are named, such as those that are written.
pub(crate) fn learn_places<P: AsRef<Path>>(places: impl IntoIterator<Item = P>) {
    if let Some(redaction) = lock().as_mut() {
        for place in places {
            redaction.learn_place(&path_text(place.as_ref()));
        }
    }
}

/// Makes known where a device is reached.
pub(crate) fn learn_device(address: &Address) {
    if let Some(redaction) = lock().as_mut() {
        let text = escape(&address.to_string());
        match address {
            Address::Usb => {}
            Address::UsbAt(path) => redaction.learn_device(&[&text, &escape(path)]),
            Address::Tcp { host, .. } => redaction.learn_device(&[&text, &escape(host)]),
        }
    }
}

/// Makes the names of sources known, also of those that a folder or an archive stands for.
pub(crate) fn learn_sources<P: AsRef<Path>>(sources: impl IntoIterator<Item = P>) {
    for source in sources {
        learn(&json!({ "source": path_text(source.as_ref()) }));
    }
}

fn lock() -> MutexGuard<'static, Option<Redaction>> {
    REDACTION.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether answers are redacted.
pub(crate) fn is_on() -> bool {
    lock().is_some()
}

/// A source as it may be shown.
pub(crate) fn source(source: Source) -> Source {
    match lock().as_mut() {
        Some(redaction) => redaction.source(&source),
        None => source,
    }
}

/// Anything else that an answer consists of, as it may be shown; `None` if it is to be shown as it is.
pub(crate) fn of<T: Serialize + DeserializeOwned>(answer: &T) -> Option<T> {
    lock().as_mut().and_then(|redaction| redaction.of(answer))
}

/// An answer as it may be shown, its fields in their order; `None` if it is to be shown as it is.
pub(crate) fn value(answer: &impl Serialize) -> Option<InOrder> {
    let mut redaction = lock();
    let value = redaction.as_mut()?.value(answer).unwrap_or(Value::Null);
    Some(InOrder::of(answer, value))
}

/// Makes the names in an answer known, before its text is printed.
pub(crate) fn learn(answer: &impl Serialize) {
    if let Some(redaction) = lock().as_mut() {
        drop(redaction.value(answer));
    }
}

/// Makes what lies on a card known, which an answer about it may name only in a sentence.
pub(crate) fn learn_inside(source: &Source) {
    if let Some(redaction) = lock().as_mut() {
        redaction.learn_inside(source);
    }
}

/// What a text begins with, that is kept or sent.
pub(crate) fn first_line() -> &'static str {
    if is_on() { MAY_BE_SHARED } else { IS_PRIVATE }
}

/// A text as it may be kept or sent.
pub(crate) fn bytes(bytes: Vec<u8>) -> Vec<u8> {
    if is_on() {
        text(&String::from_utf8_lossy(&bytes)).into_bytes()
    } else {
        bytes
    }
}

/// A line of text as it may be shown.
pub(crate) fn text(text: &str) -> String {
    match lock().as_ref() {
        Some(redaction) => redaction.text(text),
        None => text.to_owned(),
    }
}
