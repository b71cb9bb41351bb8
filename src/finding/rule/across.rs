//! The rules about wallets across cards, and about how a source was seen.

/// Hands its rules, behind those before, to the first macro named.
macro_rules! across {
    ([$next:ident $($then:ident)*] $($before:tt)*) => { $next! { [$($then)*] $($before)*
        // Across cards, by `audit`.
        NoCardRestores "no-card-restores" Error
            "A wallet was found, and the device would show it from none of the cards as they are."
            "Nothing of this wallet, whichever of the cards is in it."
            "See what hides or damages it on each card, and make a new backup on a fresh card while the device still holds this wallet."
        FewCards "wallet-on-few-cards" Warning
            "A wallet is backed up on fewer cards than wanted; cards that are copies of each other count once."
            "Nothing by itself."
            "Make another backup of this wallet on a fresh card with the device, and keep it in another place."
        ExpectedMissing "expected-wallet-missing" Error
            "The register expects this wallet, and it is on none of the cards."
            "Nothing of this wallet."
            "Look for its cards; if the device still holds the wallet, make a new backup now."
        ExpectedCardsMissing "expected-cards-missing" Error
            "The wallet is on fewer cards than the register expects, or not on a card that the register names."
            "Nothing by itself."
            "Find the missing card. If it is lost, whoever finds it has the wallet: consider moving the coins."
        ExpectedCardNotRestoring "expected-card-not-restoring" Error
            "A card that should restore this wallet is there, and the device would not restore it from this card as it is."
            "Nothing of this wallet with this card in it."
            "See what hides or damages the backup on that card, and recover it; or make a new backup on a fresh card while the device still holds this wallet."
        UnknownWallet "unknown-wallet" Warning
            "A wallet was found that the register does not list."
            "Nothing by itself."
            "Find out whose it is; if it belongs here, add it to the register."
        RegisterAmbiguous "register-prefix-ambiguous" Error
            "An ID prefix in the register fits several of the wallets found."
            "Nothing by itself."
            "Write more digits of the ID into the register."
        ClonedCards "cloned-cards" Warning
            "Several sources are one card: images of it, some of them damaged, or readings at different times."
            "Nothing by itself."
            "Count them once, unless you know that both cards exist. A new backup made by the device proves that a second card works."
        SameFiles "same-files-on-several-cards" Info
            "The same backup files are on several cards that are not images of each other: a computer copied them."
            "Nothing by itself."
            "A copy is as good as the original, but the seed was on that computer: find out where else it may be."
        GenerationsDiffer "generations-differ" Info
            "The cards hold backups of different dates of one wallet."
            "Another date on one card than on another."
            "All of them restore the same wallet; the name and the date may differ."
        NamesDiffer "names-differ" Info
            "The backups of one wallet have different names."
            "Another name on one card than on another."
            "All of them restore the same wallet; label the cards by its ID."
        AssumedVolume "assumed-volume" Info
            "This is a folder, not a card: the device's view is that of these files on a fresh FAT32 card, in byte order of their names."
            "What the device would show if they were on such a card."
            "Examine the card itself to know what the device shows."
        MountedWritable "mounted-writable" Warning
            "The card is mounted writable on this computer, and many programs write to a card as soon as it is inserted."
            "A file or folder that a program leaves on the card can hide every backup."
            "Eject the card in the file manager, switch automounting off, and put it in again; or slide the switch of an SD adapter to LOCK."
    } };
}
