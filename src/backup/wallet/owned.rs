//! What the owner of a wallet knows of it, as a proof of a seed that was found.

use std::fmt;

use zeroize::Zeroizing;

use super::chain_code;
use super::root::Root;
use super::search::find;
use super::target::Target;
use crate::backup::{Seed, Words};

/// What proves a seed by what its owner knows; the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwnerProof {
    /// An extended public key of the wallet: 256 bits of a key and as many of its chain code.
    Xpub,
    /// An address of the wallet: at least 160 bits.
    Address,
    /// The root fingerprint: 32 bits, a proof only among few candidates.
    Fingerprint,
}

/// What the owner knows of one wallet: all of it has to be right. With the passphrase, which is in no backup.
#[derive(Clone, PartialEq, Eq)]
pub struct Owned {
    /// The strongest first.
    targets: Vec<Target>,
    passphrase: Zeroizing<String>,
}

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Owned").field(&self.targets).finish()
    }
}

fn kind(target: &Target) -> OwnerProof {
    match target {
        Target::Extended(_) => OwnerProof::Xpub,
        Target::Address(_) => OwnerProof::Address,
        Target::Fingerprint(_) => OwnerProof::Fingerprint,
    }
}

impl Owned {
    /// Most candidates among which a fingerprint proves anything: by chance one of them has it once in 2^22 times.
    pub const MOST_BY_FINGERPRINT: u64 = 1 << 10;

    /// What is known of a wallet, with its passphrase, or an empty one; `None` if nothing is.
    pub fn new(mut targets: Vec<Target>, passphrase: Zeroizing<String>) -> Option<Self> {
        targets.sort_by_key(kind);
        (!targets.is_empty()).then_some(Self {
            targets,
            passphrase,
        })
    }

    /// The strongest of what is known: what it proves.
    pub fn kind(&self) -> OwnerProof {
        self.targets.first().map_or(OwnerProof::Fingerprint, kind)
    }

    /// What is known, without the passphrase.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Whether a seed of this length is the wallet's: everything that is known fits it.
    pub fn proves(&self, seed: &Seed) -> bool {
        let Some(words) = Words::of(seed) else {
            return false;
        };
        let stretched = words.stretched(&self.passphrase);
        let may_be = self.targets.iter().all(|target| match target {
            // Hashes only: almost every candidate ends here.
            Target::Extended(key) if key.depth == 3 => {
                chain_code::has_account(&stretched, &key.chain_code)
            }
            _ => true,
        });
        may_be
            && Root::of(&words, &self.passphrase).is_some_and(|root| {
                self.targets
                    .iter()
                    .all(|target| find(&root, target).is_some())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::wallet::{Coin, DerivationPath};

    fn seed(last: u8) -> Seed {
        let mut bytes = [0; 32];
        bytes[..16].fill(7);
        bytes[15] = last;
        Seed::new(&bytes, 16).unwrap()
    }

    fn owned(of: &Seed, passphrase: &str) -> [Owned; 3] {
        let root = Root::of(&Words::of(of).unwrap(), passphrase).unwrap();
        let account = root
            .account(DerivationPath::account(84, Coin::Bitcoin, 3))
            .unwrap();
        let address = account.chain(0).unwrap();
        let address = address
            .address(crate::backup::wallet::Script::P2wpkh, Coin::Bitcoin, 5)
            .unwrap();
        [account.xpub(), address, root.fingerprint().to_string()].map(|text| {
            let target = Target::read(&text).unwrap();
            Owned::new(vec![target], Zeroizing::new(passphrase.to_owned())).unwrap()
        })
    }

    #[test]
    fn each_kind_proves_its_own_seed_and_no_other() {
        for passphrase in ["", "correct horse"] {
            let kinds = [
                OwnerProof::Xpub,
                OwnerProof::Address,
                OwnerProof::Fingerprint,
            ];
            for (owned, kind) in owned(&seed(1), passphrase).into_iter().zip(kinds) {
                assert_eq!(owned.kind(), kind);
                assert!(owned.proves(&seed(1)), "{kind:?}");
                assert!(!owned.proves(&seed(2)), "{kind:?}");
            }
        }
    }

    #[test]
    fn the_passphrase_and_the_length_count_and_all_has_to_fit() {
        let [xpub, _, print] = owned(&seed(1), "one");
        let none = Zeroizing::new(String::new());
        let without = Owned::new(xpub.targets.clone(), none).unwrap();
        assert!(!without.proves(&seed(1)));
        let mut longer = [0; 32];
        longer[..16].copy_from_slice(seed(1).expose());
        assert!(!xpub.proves(&Seed::new(&longer, 32).unwrap()));
        let [other, ..] = owned(&seed(2), "one");
        let both = [other.targets.clone(), print.targets.clone()].concat();
        let both = Owned::new(both, xpub.passphrase.clone()).unwrap();
        assert!(!both.proves(&seed(1)) && !both.proves(&seed(2)));
        assert!(!format!("{both:?}").contains("one"));
    }
}
