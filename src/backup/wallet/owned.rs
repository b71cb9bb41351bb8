//! What the owner of a wallet knows of it, as a proof of a seed that was found.

use std::collections::BTreeMap;
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

impl OwnerProof {
    /// What it proves a seed by.
    pub fn of(target: &Target) -> Self {
        match target {
            Target::Extended(_) => Self::Xpub,
            Target::Address(_) => Self::Address,
            Target::Fingerprint(_) => Self::Fingerprint,
        }
    }
}

/// What the owner knows of wallets that are proved in one way. With their passphrase, which is in no backup.
#[derive(Clone, PartialEq, Eq)]
pub struct Owned {
    kind: OwnerProof,
    /// Of each wallet what is known of it, the strongest first: all of it has to be right.
    wallets: Vec<Vec<Target>>,
    passphrase: Zeroizing<String>,
}

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Owned").field(&self.wallets).finish()
    }
}

impl Owned {
    /// Most candidates among which a fingerprint proves anything: by chance one of them has it once in 2^22 times.
    pub const MOST_BY_FINGERPRINT: u64 = 1 << 10;

    /// What is known of each of these wallets, by the strongest of it: one for each way of proof, the strongest
    /// first. With the passphrase of all of them, or an empty one.
    pub fn new(
        wallets: impl IntoIterator<Item = Vec<Target>>,
        passphrase: &Zeroizing<String>,
    ) -> Vec<Self> {
        let mut kinds: BTreeMap<OwnerProof, Vec<Vec<Target>>> = BTreeMap::new();
        for mut targets in wallets {
            targets.sort_by_key(OwnerProof::of);
            if let Some(strongest) = targets.first() {
                let alike = kinds.entry(OwnerProof::of(strongest)).or_default();
                if !alike.contains(&targets) {
                    alike.push(targets);
                }
            }
        }
        let owned = kinds.into_iter().map(|(kind, wallets)| Self {
            kind,
            wallets,
            passphrase: passphrase.clone(),
        });
        owned.collect()
    }

    /// What it proves a seed by.
    pub fn kind(&self) -> OwnerProof {
        self.kind
    }

    /// What is known of each wallet, without the passphrase.
    pub fn wallets(&self) -> &[Vec<Target>] {
        &self.wallets
    }

    /// Whether the wallets have a passphrase.
    pub fn has_passphrase(&self) -> bool {
        !self.passphrase.is_empty()
    }

    pub(crate) fn passphrase(&self) -> &str {
        &self.passphrase
    }

    /// Whether a seed of this length is that of one of the wallets: everything that is known of it fits.
    pub fn proves(&self, seed: &Seed) -> bool {
        let words = Words::of(seed);
        words.is_some_and(|words| self.fits(&words.stretched(&self.passphrase)))
    }

    /// The same of what words and the passphrase were stretched into.
    pub(crate) fn fits(&self, stretched: &[u8; 64]) -> bool {
        let may_be = |targets: &&Vec<Target>| {
            targets.iter().all(|target| match target {
                // Hashes only: almost every candidate ends here.
                Target::Extended(key) if key.depth == 3 => {
                    chain_code::has_account(stretched, &key.chain_code)
                }
                _ => true,
            })
        };
        let mut left = self.wallets.iter().filter(may_be).peekable();
        left.peek().is_some()
            && Root::new(stretched).is_some_and(|root| {
                left.any(|targets| targets.iter().all(|target| find(&root, target).is_some()))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::wallet::{Coin, account_path};

    fn seed(last: u8) -> Seed {
        let mut bytes = [0; 32];
        bytes[..16].fill(7);
        bytes[15] = last;
        Seed::new(&bytes, 16).unwrap()
    }

    fn one(wallets: Vec<Vec<Target>>, passphrase: &str) -> Owned {
        let mut owned = Owned::new(wallets, &Zeroizing::new(passphrase.to_owned()));
        assert_eq!(owned.len(), 1);
        owned.remove(0)
    }

    fn owned(of: &Seed, passphrase: &str) -> [Owned; 3] {
        let root = Root::of(&Words::of(of).unwrap(), passphrase).unwrap();
        let account = root.account(account_path(84, Coin::Bitcoin, 3)).unwrap();
        let address = account.chain(0).unwrap();
        let address = address
            .address(crate::backup::wallet::Script::P2wpkh, Coin::Bitcoin, 5)
            .unwrap();
        [account.xpub(), address, root.fingerprint().to_string()].map(|text| {
            let target = Target::read(&text).unwrap();
            one(vec![vec![target]], passphrase)
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
        let without = one(xpub.wallets.clone(), "");
        assert!(!without.proves(&seed(1)));
        let mut longer = [0; 32];
        longer[..16].copy_from_slice(seed(1).expose());
        assert!(!xpub.proves(&Seed::new(&longer, 32).unwrap()));
        let [other, ..] = owned(&seed(2), "one");
        let both = [other.wallets.concat(), print.wallets.concat()].concat();
        let both = one(vec![both], "one");
        assert!(!both.proves(&seed(1)) && !both.proves(&seed(2)));
        assert!(!format!("{both:?}").contains("one"));
    }

    #[test]
    fn each_of_several_wallets_is_proved_by_the_strongest_that_is_known_of_it() {
        let [xpub, address, print] = owned(&seed(1), "");
        let [other, _, other_print] = owned(&seed(2), "");
        let [_, _, third] = owned(&seed(3), "");
        let wallets = [
            [print.wallets.concat(), xpub.wallets.concat()].concat(),
            other.wallets.concat(),
            other_print.wallets.concat(),
            address.wallets.concat(),
            third.wallets.concat(),
            vec![],
            third.wallets.concat(),
        ];
        let owned = Owned::new(wallets, &Zeroizing::default());
        let proved = |last: u8| {
            let by = owned.iter().filter(|owned| owned.proves(&seed(last)));
            by.map(Owned::kind).collect::<Vec<_>>()
        };
        use OwnerProof::{Address, Fingerprint, Xpub};
        assert_eq!(proved(1), [Xpub, Address]);
        assert_eq!(proved(2), [Xpub, Fingerprint]);
        assert_eq!(proved(3), [Fingerprint]);
        assert!(proved(4).is_empty());
        let counts: Vec<_> = owned.iter().map(|owned| owned.wallets().len()).collect();
        assert_eq!(counts, [2, 1, 2]);
    }
}
