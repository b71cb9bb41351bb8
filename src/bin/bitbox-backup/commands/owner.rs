//! What the owner of a wallet knows of it: read from the command line, from files, and from the terminal.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{anyhow, bail};
use bitbox_backup::backup::wallet::{Owned, OwnerProof, Target, TargetError};
use bitbox_backup::backup::{Id, KnownWords};
use bitbox_backup::text::path_text;
use zeroize::Zeroizing;

use super::{asked_passphrase, no_terminal};
use crate::args::Searching;
use crate::input;
use crate::terminal::Terminal;

/// Most bytes of a file with a key.
const MAX_FILE: u64 = 4096;
const WORDS: &str =
    "Recovery words in their order, ? for each that is not known (nothing of it is shown): ";

/// What the owner of a wallet knows of it.
#[derive(Default)]
pub(crate) struct Knowledge {
    /// What proves it.
    pub(crate) owned: Vec<Owned>,
    /// The part of that on the command line: of one wallet.
    pub(crate) given: Vec<Owned>,
    /// The IDs that it may have.
    pub(crate) ids: Vec<Id>,
    /// Some of its words.
    pub(crate) words: Option<KnownWords>,
}

/// Reads what is known, and asks for what is secret.
pub(super) fn known(args: &Searching, with_passphrase: bool) -> anyhow::Result<Knowledge> {
    let register = args.expect.as_deref().map(input::register::read_known);
    let (ids, rows) = register.transpose()?.unwrap_or_default();
    let (owned, given) = owned(args, rows, with_passphrase)?;
    Ok(Knowledge {
        owned,
        given,
        ids,
        words: words(args)?,
    })
}

/// Asks for the words that are remembered, or reads them; `None` if that is not wanted.
fn words(args: &Searching) -> anyhow::Result<Option<KnownWords>> {
    const ADVICE: &str = "give 12, 18, or 24 in their order, with ? for each that is not known";
    let Some(file) = &args.known_words else {
        return Ok(None);
    };
    if let Some(file) = file {
        let words = KnownWords::read(&contents(file)?);
        let name = path_text(file);
        return Ok(Some(
            words.map_err(|error| anyhow!("{name}: {error}\n{ADVICE}"))?,
        ));
    }
    let terminal =
        Terminal::open().ok_or_else(|| no_terminal(WORDS, "run the program on a terminal"))?;
    let read = |line: &str| KnownWords::read(line).map_err(|error| format!("{error}\n{ADVICE}"));
    Ok(Some(terminal.ask_secret(WORDS, read)?))
}

/// Reads what proves a wallet, beside what the rows of a register say of theirs, and asks for the passphrase if that
/// is wanted; and what of it is on the command line.
fn owned(
    args: &Searching,
    mut wallets: Vec<Vec<Target>>,
    with_passphrase: bool,
) -> anyhow::Result<(Vec<Owned>, Vec<Owned>)> {
    let options = [
        ("--xpub", &args.xpub, OwnerProof::Xpub),
        ("--address", &args.address, OwnerProof::Address),
        ("--fingerprint", &args.fingerprint, OwnerProof::Fingerprint),
    ];
    let targets = options.into_iter().filter_map(|(option, text, kind)| {
        let text = text.as_deref()?;
        Some(read(option, text, kind))
    });
    let given = targets.collect::<anyhow::Result<Vec<_>>>()?;
    wallets.push(given.clone());
    if wallets.iter().all(Vec::is_empty) {
        return Ok((Vec::new(), Vec::new()));
    }
    let passphrase = match with_passphrase {
        true => asked_passphrase("run the program on a terminal")?,
        false => Zeroizing::new(String::new()),
    };
    Ok((
        Owned::new(wallets, &passphrase),
        Owned::new([given], &passphrase),
    ))
}

/// The file that is named where a value may be; `None` for a value.
pub(crate) fn file(text: &str) -> Option<&Path> {
    let path = Path::new(text);
    (Target::read(text).is_err() && path.is_file()).then_some(path)
}

/// Reads one value. An error never holds the text, which may be a secret by mistake.
fn read(option: &str, text: &str, kind: OwnerProof) -> anyhow::Result<Target> {
    let text = match file(text) {
        Some(path) => contents(path)?,
        None => Zeroizing::new(text.to_owned()),
    };
    match Target::read(&text) {
        Ok(target) if OwnerProof::of(&target) == kind => Ok(target),
        Ok(_) => bail!("{option}: this is of another kind\ngive it with the option of its kind"),
        Err(TargetError::Secret) => bail!(
            "{option}: this is a secret: a private key or recovery words\n\
             nobody needs it here; clear it from the history of your shell"
        ),
        Err(error) => bail!("{option}: {error}\ncopy it again, or name a file that holds it"),
    }
}

fn contents(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let name = path_text(path);
    // No room is asked for twice, so that no bytes of it stay behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_FILE as usize + 2));
    let file = File::open(path).map_err(|error| anyhow!("{name}: cannot be read: {error}"))?;
    let read = file.take(MAX_FILE + 1).read_to_end(&mut bytes);
    let read =
        read.map_err(|error| anyhow!("{name}: cannot be read: {error}\ngive a text file"))?;
    if read as u64 > MAX_FILE {
        bail!("{name}: is larger than {MAX_FILE} bytes\ngive a file that holds nothing else");
    }
    match str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => bail!("{name}: holds something other than text\ngive a text file"),
    }
}
