//! What `wallet` answers: the public side of each wallet, or with `--find` whose something is.

use bitbox_backup::backup::wallet::Script;
use bitbox_backup::recover::NotRecoveredReport;
use serde::Serialize;

use super::glance::SourceAnswer;
use super::head::Rules;
use super::words::Offer;

/// The wallets of each source: each a [`Sheet`], or with `--find` only an [`Offer`].
#[derive(Debug, Serialize)]
pub(crate) struct Wallets<'a, W> {
    #[serde(flatten)]
    pub(crate) rules: Rules,
    /// Whether one was asked for.
    pub(crate) passphrase: bool,
    #[serde(flatten)]
    pub(crate) sought: Option<&'a Sought<'a>>,
    pub(crate) sources: Vec<CardAnswer<'a, W>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct CardAnswer<'a, W> {
    #[serde(flatten)]
    pub(crate) source: SourceAnswer<'a>,
    pub(crate) wallets: Vec<&'a W>,
    pub(crate) not_recovered: &'a [NotRecoveredReport],
}

/// What watch-only software needs, and what a person recognizes a wallet by.
#[derive(Debug, Serialize)]
pub(crate) struct Sheet<'a> {
    #[serde(flatten)]
    pub(crate) offer: &'a Offer,
    pub(crate) account: u32,
    pub(crate) accounts: Vec<Account>,
    pub(crate) multisig: Vec<Cosigner>,
    pub(crate) ethereum: Option<Address>,
}

/// One kind of addresses of an account.
#[derive(Debug, Serialize)]
pub(crate) struct Account {
    #[serde(serialize_with = "script")]
    pub(crate) script: Script,
    pub(crate) path: String,
    pub(crate) xpub: String,
    /// The same key in the form of SLIP-132.
    pub(crate) slip132: Option<String>,
    pub(crate) descriptor: String,
    pub(crate) addresses: Vec<Address>,
}

/// The wallet's part in guarding coins together with others.
#[derive(Debug, Serialize)]
pub(crate) struct Cosigner {
    pub(crate) script: &'static str,
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) slip132: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Address {
    pub(crate) path: String,
    pub(crate) address: String,
}

fn script<S: serde::Serializer>(script: &Script, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(script.name())
}

#[derive(Debug, Serialize)]
pub(crate) struct Sought<'a> {
    #[serde(rename = "find")]
    pub(crate) wanted: Wanted,
    /// In the order of the sources.
    pub(crate) found: Vec<Place<'a>>,
}

/// What was looked for, and how far.
#[derive(Debug, Serialize)]
pub(crate) struct Wanted {
    pub(crate) wanted: String,
    pub(crate) kind: &'static str,
    pub(crate) coin: Option<&'static str>,
    pub(crate) script: Option<&'static str>,
    pub(crate) accounts: u32,
    pub(crate) gap: u32,
}

/// A backup on a card it belongs to.
#[derive(Debug, Serialize)]
pub(crate) struct Place<'a> {
    pub(crate) source: &'a str,
    #[serde(flatten)]
    pub(crate) offer: &'a Offer,
    pub(crate) coin: Option<&'static str>,
    pub(crate) path: String,
}

impl Wanted {
    pub(crate) fn what(&self) -> String {
        match (self.kind, self.coin, self.script) {
            ("fingerprint", ..) => "a root fingerprint".to_owned(),
            ("xpub", ..) => "an extended public key".to_owned(),
            (_, Some("ethereum"), _) => "an address of Ethereum".to_owned(),
            (_, Some("litecoin"), _) => "an address of Litecoin".to_owned(),
            (_, Some("testnet"), _) => {
                "an address of Bitcoin's test network, whose coins are worth nothing".to_owned()
            }
            _ => "an address of Bitcoin".to_owned(),
        }
    }
}
