//! How a backup was recovered, and what proves it, in few words.

use bitbox_backup::backup::Method;
use bitbox_backup::recover::{Proof, SeedProof};
use bitbox_backup::text::short_id;

pub(crate) fn method(method: Method) -> &'static str {
    match method {
        Method::Copy => "intact copy",
        Method::Vote => "vote of the copies",
        Method::Splice => "parts of the copies",
        Method::Align => "aligned copies",
        Method::Likeliest => "all copies together",
        Method::SeedById => "seed alone",
        Method::Search => "search",
        _ => "repair",
    }
}

/// What is said of a backup whose folder is named for another wallet.
pub(crate) fn folder_note(proof: &Proof) -> Option<String> {
    let named = short_id(&proof.folder_id?.to_string());
    Some(format!(
        "The folder of its copies is named for another wallet, {named}; this backup is not of that one. The checksum \
         proves only that the fields of the copies fit together."
    ))
}

/// What proves its seed, and that nothing proves how long it is.
pub(crate) fn seed_and_length(proof: &Proof) -> String {
    let by = seed(proof);
    match proof.proves_length() {
        true => by.to_owned(),
        false => format!("{by}; its length is not proved"),
    }
}

pub(crate) fn seed(proof: &Proof) -> &'static str {
    match proof.seed {
        SeedProof::Checksum => "checksum",
        SeedProof::Id if proof.damaged_id.is_some() => "damaged ID",
        SeedProof::Id => "ID",
        SeedProof::Both => "checksum and ID",
        SeedProof::Xpub => "xpub",
        SeedProof::Address => "address",
        SeedProof::Fingerprint => "fingerprint",
    }
}
