//! Holds what `bitbox-backup wallet --json` says, on standard input, against the crates `bip39`,
//! `bitcoin` and `miniscript`, which start from the words of public test wallets.

use std::error::Error;
use std::io::Read;
use std::str::FromStr;

use bitcoin::bip32::{DerivationPath, Xpriv, Xpub};
use bitcoin::key::Secp256k1;
use bitcoin::secp256k1::All;
use bitcoin::{Address, CompressedPublicKey, Network, base58};
use miniscript::Descriptor;
use miniscript::descriptor::DescriptorPublicKey;
use serde_json::Value;
use sha3::{Digest, Keccak256};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// The wallets of docs/format.md 8-b, by the beginning of their ids.
const WALLETS: [(&str, &str); 5] = [
    (
        "577782fd",
        "memory raven era cave phone system dice come mechanic split moon repeat",
    ),
    (
        "63eb0d69",
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
    ),
    (
        "accf31cb",
        "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth \
         useful legal will",
    ),
    (
        "41233dfb",
        "purity concert above invest pigeon category peace tuition hazard vivid latin since legal \
         speak nation session onion library travel spell region blast estate stay",
    ),
    (
        "4c700584",
        "goddess item rack improve shaft occur actress rib emerge salad rich blame model glare lounge \
         stable electric height scrub scrub oyster now dinner oven",
    ),
];

/// One wallet as other people's crates see it.
struct Wallet {
    root: Xpriv,
    secp: Secp256k1<All>,
    compared: usize,
}

impl Wallet {
    fn new(words: &str, passphrase: &str) -> Fallible<Self> {
        let seed = bip39::Mnemonic::parse_normalized(words)?.to_seed_normalized(passphrase);
        Ok(Self {
            root: Xpriv::new_master(Network::Bitcoin, &seed)?,
            secp: Secp256k1::new(),
            compared: 0,
        })
    }

    fn fingerprint(&self) -> String {
        self.root.fingerprint(&self.secp).to_string()
    }

    fn xpub(&self, path: &str) -> Fallible<Xpub> {
        let path = DerivationPath::from_str(path)?;
        let private = self.root.derive_priv(&self.secp, &path)?;
        Ok(Xpub::from_priv(&self.secp, &private))
    }

    fn check(&mut self, what: &str, found: &Value, expected: &str) -> Fallible<()> {
        if found.as_str() != Some(expected) {
            return Err(format!("FAILED: {what}: {found} instead of {expected:?}").into());
        }
        self.compared += 1;
        Ok(())
    }

    /// An account of Bitcoin: key, addresses by `bitcoin`, descriptor and its addresses by
    /// `miniscript`.
    fn check_account(&mut self, account: &Value) -> Fallible<()> {
        let path = account["path"].as_str().ok_or("an account has a path")?;
        let script = account["script"]
            .as_str()
            .ok_or("an account has a script")?;
        let xpub = self.xpub(path)?;
        self.check("xpub", &account["xpub"], &xpub.to_string())?;
        match script {
            "p2wpkh" => self.check("zpub", &account["slip132"], &slip132(&xpub, 0x04B2_4746))?,
            "p2sh-p2wpkh" => {
                self.check("ypub", &account["slip132"], &slip132(&xpub, 0x049D_7CB2))?
            }
            _ => {}
        }
        let descriptor = account["descriptor"].as_str().ok_or("a descriptor")?;
        let parsed = Descriptor::<DescriptorPublicKey>::from_str(descriptor)?; // with its checksum
        let chains = parsed.into_single_descriptors()?;
        let [receive, change] = &chains[..] else {
            return Err(format!("FAILED: {descriptor} is not of two chains").into());
        };
        let origin = format!("[{}/{}]", self.fingerprint(), &path[2..]);
        if !descriptor
            .replace('h', "'")
            .contains(&origin.replace('h', "'"))
        {
            return Err(format!("FAILED: {descriptor} does not come from {origin}").into());
        }
        let addresses = account["addresses"].as_array().ok_or("addresses")?;
        for (index, address) in (0_u32..).zip(addresses) {
            let own = self.address(script, &format!("{path}/0/{index}"))?;
            self.check("address", &address["address"], &own)?;
            self.check("path", &address["path"], &format!("{path}/0/{index}"))?;
            for (chain, descriptor) in [(0, receive), (1, change)] {
                let derived = descriptor.at_derivation_index(index)?;
                let derived = derived.address(Network::Bitcoin)?.to_string();
                let own = self.address(script, &format!("{path}/{chain}/{index}"))?;
                self.check("address of the descriptor", &Value::from(derived), &own)?;
            }
        }
        if addresses.is_empty() {
            return Err("FAILED: there are no addresses".into());
        }
        Ok(())
    }

    fn address(&self, script: &str, path: &str) -> Fallible<String> {
        let xpub = self.xpub(path)?;
        let key = CompressedPublicKey(xpub.public_key);
        let address = match script {
            "p2wpkh" => Address::p2wpkh(&key, Network::Bitcoin),
            "p2sh-p2wpkh" => Address::p2shwpkh(&key, Network::Bitcoin),
            "p2tr" => {
                let key = xpub.public_key.x_only_public_key().0;
                Address::p2tr(&self.secp, key, None, Network::Bitcoin)
            }
            other => return Err(format!("FAILED: {other} is no script of ours").into()),
        };
        Ok(address.to_string())
    }

    fn check_cosigner(&mut self, cosigner: &Value) -> Fallible<()> {
        let path = cosigner["path"].as_str().ok_or("a path")?;
        let xpub = self.xpub(path)?;
        let key = format!(
            "[{}/{}]{xpub}",
            self.fingerprint(),
            &path[2..].replace('\'', "h")
        );
        self.check("cosigner", &cosigner["key"], &key)?;
        let version = match cosigner["script"].as_str() {
            Some("p2wsh") => 0x02AA_7ED3,
            _ => 0x0295_B43F,
        };
        self.check("SLIP-132", &cosigner["slip132"], &slip132(&xpub, version))
    }

    fn check_ethereum(&mut self, account: &Value) -> Fallible<()> {
        let path = account["path"].as_str().ok_or("a path")?;
        let key = self.xpub(path)?.public_key.serialize_uncompressed();
        let hash = Keccak256::digest(&key[1..]);
        let plain = hex::encode(&hash[12..]);
        let sum = hex::encode(Keccak256::digest(&plain));
        let digit = |(letter, sum): (char, char)| match sum {
            '8'..='9' | 'a'..='f' => letter.to_ascii_uppercase(),
            _ => letter,
        };
        let address: String = plain.chars().zip(sum.chars()).map(digit).collect();
        self.check("Ethereum", &account["address"], &format!("0x{address}"))
    }
}

/// The key with other version bytes.
fn slip132(xpub: &Xpub, version: u32) -> String {
    let mut bytes = xpub.encode();
    bytes[..4].copy_from_slice(&version.to_be_bytes());
    base58::encode_check(&bytes)
}

fn check_wallet(answer: &Value, passphrase: &str) -> Fallible<usize> {
    let id = answer["id"].as_str().ok_or("a wallet has an id")?;
    let known = WALLETS
        .iter()
        .find(|(beginning, _)| id.starts_with(beginning));
    let (_, words) = known.ok_or(format!("FAILED: {id} is no wallet of ours"))?;
    let mut wallet = Wallet::new(words, "")?;
    let fingerprint = wallet.fingerprint();
    wallet.check("fingerprint", &answer["fingerprint"], &fingerprint)?;
    if !passphrase.is_empty() {
        wallet = Wallet::new(words, passphrase)?;
        let fingerprint = wallet.fingerprint();
        wallet.check(
            "fingerprint",
            &answer["fingerprint_with_passphrase"],
            &fingerprint,
        )?;
    }
    let list = |name: &str| answer[name].as_array().cloned().ok_or(format!("no {name}"));
    let (accounts, cosigners) = (list("accounts")?, list("multisig")?);
    if accounts.len() != 3 || cosigners.is_empty() {
        return Err(format!("FAILED: {id} has too few accounts").into());
    }
    for account in &accounts {
        wallet.check_account(account)?;
    }
    for cosigner in &cosigners {
        wallet.check_cosigner(cosigner)?;
    }
    wallet.check_ethereum(&answer["ethereum"])?;
    Ok(wallet.compared)
}

fn main() -> Fallible<()> {
    let passphrase = std::env::args().nth(1).unwrap_or_default();
    let mut answer = String::new();
    std::io::stdin().read_to_string(&mut answer)?;
    let answer: Value = serde_json::from_str(&answer)?;
    let mut wallets = 0;
    for source in answer["sources"].as_array().ok_or("no sources")? {
        for wallet in source["wallets"].as_array().ok_or("no wallets")? {
            let compared = check_wallet(wallet, &passphrase)?;
            println!(
                "  {}: {compared} values agree",
                &wallet["id"].as_str().unwrap_or("?")[..8]
            );
            wallets += 1;
        }
    }
    if wallets != WALLETS.len() {
        return Err(format!("FAILED: {wallets} wallets instead of {}", WALLETS.len()).into());
    }
    Ok(())
}
