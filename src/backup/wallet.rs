//! The wallet that grows from recovery words and an optional passphrase (docs/format.md 9).

mod account;
mod address;
mod chain_code;
mod owned;
mod path;
mod root;
mod search;
mod target;

pub use account::{Account, AddressChain, Fingerprint, Multisig};
pub use address::Script;
pub use owned::{Owned, OwnerProof};
pub use path::{Coin, account_path};
pub use root::{Root, root_fingerprint};
pub use search::{ACCOUNTS, FoundInWallet, GAP, find};
pub use target::{Extended, Target, TargetError, WantedAddress};

#[cfg(test)]
mod tests;
