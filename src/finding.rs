//! Findings: what is wrong with a card or a backup, by stable rule names.
//!
//! The table here is the source of docs/findings.md; a test holds the two together.

mod advice;

use serde::{Deserialize, Serialize};

pub use advice::{Advice, Place};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A backup is hidden, damaged or lost, or the device would fail or crash.
    Error,
    /// It works, and something needs attention.
    Warning,
    /// Good to know.
    Info,
}

/// Something found, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// How much it matters here; mostly the rule's own severity.
    pub severity: Severity,
    /// What was found, in a sentence; names in it are as stored.
    pub message: String,
    /// Where: bytes from the start of the card; `None` if it is computed or has no place.
    pub offset: Option<u64>,
}

impl Finding {
    /// A finding with its rule's own severity.
    pub fn new(rule: Rule, message: impl Into<String>, offset: impl Into<Option<u64>>) -> Self {
        let severity = rule.severity();
        Self {
            rule,
            severity,
            message: message.into(),
            offset: offset.into(),
        }
    }

    /// The same with another severity.
    #[must_use]
    pub fn at(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

macro_rules! rules {
    ($($rule:ident $name:literal $severity:ident { $meaning:literal, $shows:literal, $advice:literal })+) => {
        /// A rule; its name is a promise.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = $meaning] $rule,)+
        }

        impl Rule {
            /// Every rule, in the order of docs/findings.md.
            pub const ALL: &[Self] = &[$(Self::$rule),+];

            /// Its stable name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)+ }
            }

            /// How much it usually matters.
            pub fn severity(self) -> Severity {
                match self { $(Self::$rule => Severity::$severity,)+ }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$rule => $meaning,)+ }
            }

            /// What a person sees on the device or in the app.
            pub fn shows(self) -> &'static str {
                match self { $(Self::$rule => $shows,)+ }
            }

            /// What to do about it.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$rule => $advice,)+ }
            }
        }
    };
}

rules! {
    // The card and its volume.
    CardUnreadable "card-unreadable" Error {
        "A sector that the device needs to find or mount the volume cannot be read.",
        "The app shows \"Error fetching backups\".",
        "Read the card in another reader, and make an image of it: the image keeps what could be read, and later attempts fill its gaps."
    }
    NoFatVolume "no-fat-volume" Error {
        "There is no FAT boot sector where the device looks: in sector 0 and at the start of the four primary partitions.",
        "The app shows \"Error fetching backups\".",
        "If a backup was on this card, do not format it and do not write to it: search the whole card and recover what is found first."
    }
    BlankCard "blank-card" Error {
        "The card holds no partition table and no file system: its first sectors are empty.",
        "The app shows \"Error fetching backups\".",
        "If a backup was on this card, do not write to it: search the whole card first."
    }
    ExFatVolume "exfat-volume" Error {
        "The card is formatted as exFAT, which the device cannot read. Cards of 64 GB and more are sold like this.",
        "The app shows \"Error fetching backups\".",
        "Recover what is found on it to another place first. For new backups use a card with FAT32."
    }
    NtfsVolume "ntfs-volume" Error {
        "The card is formatted as NTFS, which the device cannot read.",
        "The app shows \"Error fetching backups\".",
        "Recover what is found on it to another place first. For new backups use a card with FAT32."
    }
    ExtVolume "ext-volume" Error {
        "The card is formatted as ext2, ext3 or ext4, which the device cannot read.",
        "The app shows \"Error fetching backups\".",
        "Recover what is found on it to another place first. For new backups use a card with FAT32."
    }
    AppleVolume "apple-volume" Error {
        "The card is formatted as HFS+ or APFS, which the device cannot read.",
        "The app shows \"Error fetching backups\".",
        "Recover what is found on it to another place first. For new backups use a card with FAT32."
    }
    GptOnly "gpt-only" Error {
        "The card is divided by a GUID partition table, which the device does not read.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups onto a card with one FAT32 partition in an MBR."
    }
    LogicalOnly "logical-partition-only" Error {
        "The FAT volume lies in a logical partition; the device looks only at the four primary ones.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups onto a card with one primary FAT32 partition."
    }
    VolumeNotUsed "volume-not-used" Warning {
        "The card holds a FAT volume that the device does not mount: it uses only the first one that it finds, or none.",
        "Nothing of this volume.",
        "Recover what is needed from this volume onto a card with one FAT32 volume."
    }
    BytesPerSector "geometry-bytes-per-sector" Error {
        "The boot sector says that sectors are not 512 bytes long.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups onto another card."
    }
    NumFats "geometry-num-fats" Error {
        "The boot sector says that there are neither one nor two FATs.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups onto another card."
    }
    SectorsPerCluster "geometry-sectors-per-cluster" Error {
        "The boot sector's sectors per cluster are not a power of two.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups onto another card."
    }
    RootEntries "geometry-root-entries" Error {
        "The size of the root directory in the boot sector does not fit: it fills no whole sectors, is missing on FAT12 or FAT16, or present on FAT32.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups onto another card."
    }
    ReservedSectors "geometry-reserved-sectors" Error {
        "The boot sector says that there are no reserved sectors.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups onto another card."
    }
    ClusterCount "geometry-cluster-count" Error {
        "The volume has too few or too many clusters, or is smaller than its own tables.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups onto another card."
    }
    FsVersion "geometry-fs-version" Error {
        "The boot sector says FAT32, but of a revision other than 0.0.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups onto another card."
    }
    FatSize "geometry-fat-size" Error {
        "The FAT is too small for the clusters, or the tables do not lie where they can.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups onto another card."
    }
    BackupBootSector "backup-boot-sector-used" Warning {
        "The boot sector is unusable; the backup boot sector was used to read the card. The device never uses it.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups onto another card. Do not let a computer repair this one before an image of it is made."
    }
    BootSectorsDiffer "boot-sectors-differ" Info {
        "The boot sector and the backup boot sector differ.",
        "Nothing; the device reads only the first.",
        "Nothing to do if the card works; a label or a mark that a computer set often causes it."
    }
    FatsDiffer "fat-copies-differ" Warning {
        "The two FATs disagree about a file or folder; the device reads only the first.",
        "Nothing by itself.",
        "Do not let a computer repair the card. Make a new backup on a fresh card."
    }
    SecondFat "second-fat-used" Warning {
        "The first FAT breaks a chain off that the second has whole; the second was used to look for what is lost. The device never uses it.",
        "What lies behind the break is missing.",
        "Do not let a computer repair the card. Recover the backups onto another one."
    }
    FreeCluster "live-in-free-cluster" Warning {
        "The FAT marks the cluster of a live copy as free. The device still reads the copy, but a computer that checks the card cuts the file to nothing, and the next file written may take its place.",
        "Nothing by itself.",
        "Do not let a computer repair the card and do not write to it. Recover the backup onto another card, or make a new one on a fresh card."
    }
    VolumePastEnd "volume-past-end" Warning {
        "The volume claims to be larger than the card or image: the image is cut short, or the card reports a false size.",
        "Nothing, as long as the files lie in the part that exists.",
        "If this is an image, make it again from the card. If it is a card, make a new backup on another one."
    }
    PartialSector "partial-sector" Warning {
        "The image does not end at the end of a sector: it was cut.",
        "Nothing by itself.",
        "Make the image again from the card."
    }
    CardChanged "card-changed" Error {
        "The card was taken out of its reader, or swapped, while it was read: the answer may cover a part of it, or two cards.",
        "Nothing: the device was not asked.",
        "Put the card in, leave it there until the program ends, and run this again."
    }
    Unreadable "unreadable-sectors" Warning {
        "A part of the card that was looked at cannot be read.",
        "What lies there is missing.",
        "Read the card in another reader, and make an image of it: the image keeps what could be read, and later attempts fill its gaps."
    }
    NotHashed "source-not-hashed" Warning {
        "The hash of the whole source was asked for and could not be computed.",
        "Nothing by itself.",
        "Make an image of the card, keep its hash, and examine the image."
    }
    BrokenChain "broken-chain" Warning {
        "The chain of clusters of a file or folder does not end as it should: it loops, or runs into a free, bad or impossible cluster.",
        "A looping folder is listed again and again; a cut one loses entries.",
        "Do not let a computer repair the card. Recover the backups onto another one."
    }
    CrossLinked "cross-linked" Warning {
        "Two live files or folders claim the same cluster.",
        "One of them shows the contents of the other.",
        "Do not let a computer repair the card. Recover the backups onto another one."
    }
    NothingFree "nothing-free" Warning {
        "The card's free-space record says that nothing is free; the device believes it and creates no backup.",
        "\"Backup not created\" when a backup is made.",
        "Use another card for new backups."
    }
    TooMuch "not-all-examined" Warning {
        "There are more files, folders or levels than are looked at; the rest was not examined.",
        "Nothing by itself.",
        "A card for backups should hold nothing else. Examine an image of it in parts, or make a new backup on a fresh card."
    }
    // The folder bitbox02 and the list.
    NoBackups "no-backups" Info {
        "The device reads the card and shows no backup.",
        "\"There are no backups on this microSD card.\"",
        "If a backup should be here, search the whole card before anything is written to it."
    }
    FolderUnopenable "bitbox02-unopenable" Error {
        "The folder bitbox02 cannot be opened: its start or the chain of the root directory is broken, or a directory cannot be read.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups onto another card. Do not let a computer repair this one before an image of it is made."
    }
    FolderNotAscii "bitbox02-name-not-utf8" Error {
        "A name directly in bitbox02 holds an accented letter, which makes the whole list fail.",
        "The app shows \"Error fetching backups\".",
        "Recover the backups first. Then give that file or folder a plain name; do not remove it before you know what it holds."
    }
    TooMany "too-many-backups" Error {
        "There are more backups than this firmware can list, so it lists none.",
        "The app shows \"Error fetching backups\".",
        "Update the firmware, or recover the backups onto several cards."
    }
    MissingMetadata "missing-metadata" Error {
        "A copy decodes but lacks its metadata. The device crashes when it reads it, so no backup on the card can be reached.",
        "The device restarts whenever backups are listed, checked, restored or created.",
        "Recover the backups onto another card."
    }
    LongSeed "seed-length-crash" Error {
        "A copy claims a seed of over 32 bytes; this firmware crashes when it reads it.",
        "The device restarts whenever backups are listed.",
        "Update the firmware, or recover the backups onto another card."
    }
    AnswerSize "answer-too-long" Error {
        "The list of backups is longer than the device can send, so it crashes.",
        "The device restarts whenever backups are listed.",
        "Recover the backups onto several cards."
    }
    ListCutShort "listing-cut-short" Error {
        "A directory ends in an error that the device does not notice: entries at or behind it are missing from the list.",
        "A backup is silently missing.",
        "Recover the backups onto another card. Do not let a computer repair this one before an image of it is made."
    }
    ListLimit "beyond-list-limit" Error {
        "The folder bitbox02 holds more than 200 names; the device looks at the first 200 only.",
        "This backup is silently missing.",
        "Recover this backup onto another card."
    }
    NotReached "not-reached" Error {
        "The device fails or crashes before it comes to this backup.",
        "The app shows an error, or the device restarts.",
        "See the finding that names the cause; this backup itself may be whole. Recover it onto another card."
    }
    // One backup.
    EntryCount "directory-entry-count" Error {
        "The backup's folder does not hold exactly three entries. Hidden files count, and so do folders and foreign files.",
        "This backup is silently missing. Check says \"No backups on the microSD card matched the wallet on the BitBox\".",
        "Take what does not belong there off the card, or make a new backup on a fresh card."
    }
    NameNotUtf8 "name-not-utf8" Error {
        "A file in the backup's folder has an accented letter in its name, which hides the whole backup.",
        "This backup is silently missing.",
        "Give that file a plain name, or make a new backup on a fresh card."
    }
    FileUnopenable "file-unopenable" Error {
        "One of the three entries cannot be opened by its own name, so none of the three is looked at.",
        "This backup is silently missing.",
        "Recover the backup, or make a new one on a fresh card."
    }
    SubFolder "folder-among-copies" Error {
        "One of the three entries is a folder, so none of the three is looked at.",
        "This backup is silently missing.",
        "Recover the backup, then move the folder elsewhere; look into it before it is removed."
    }
    FileTooLarge "file-too-large" Error {
        "One of the three files is over 1024 bytes, so none of the three is looked at.",
        "This backup is silently missing.",
        "Recover the backup, then move that file elsewhere; look into it before it is removed."
    }
    FileUnreadable "file-unreadable" Error {
        "One of the three files cannot be read, so none of the three is looked at.",
        "This backup is silently missing. Check takes the card for the wrong one.",
        "Recover the backup from the other copies, or make a new one on a fresh card."
    }
    LengthsDiffer "lengths-differ" Error {
        "No copy is whole, and as their lengths differ the device does not vote.",
        "This backup is silently missing. Check takes the card for the wrong one.",
        "Keep the card as it is and recover the backup."
    }
    NothingPasses "no-copy-passes" Error {
        "No copy is whole for this folder, nor is the majority of the three.",
        "This backup is silently missing. Check takes the card for the wrong one.",
        "Keep the card as it is and recover the backup."
    }
    CopySizeDiffers "copy-size-differs" Error {
        "A whole copy is in the file, but the file is shorter or longer than it. The device takes the file as its directory entry has it and refuses it.",
        "This backup is silently missing. Check takes the card for the wrong one.",
        "Recover the backup. Do not let a computer repair the card before."
    }
    FolderUnopenableWallet "backup-folder-unopenable" Error {
        "The backup's folder cannot be opened by its own name, or its start is broken.",
        "This backup is silently missing.",
        "Recover the backup, or make a new one on a fresh card."
    }
    Unrewritable "copy-not-rewritable" Error {
        "This firmware rewrites damaged copies before it lists a backup, and one of them cannot be rewritten.",
        "This backup is silently missing.",
        "Update the firmware, or recover the backup onto another card."
    }
    FolderRenamed "folder-name-not-id" Error {
        "The backup's folder has another name than the wallet's ID.",
        "This backup is silently missing.",
        "Recover the backup, or give the folder the ID as its name, in lower case."
    }
    FolderUpperCase "folder-upper-case" Error {
        "The backup's folder is named by the ID in upper case: the device does not list it, but check and restore find it.",
        "This backup is silently missing from the list.",
        "Recover the backup, or give the folder its name in lower case."
    }
    OutsideFolder "outside-bitbox02" Error {
        "The backup lies where the device does not look: its folder is not in bitbox02 in the root of the volume that the device mounts.",
        "This backup is silently missing.",
        "Recover the backup onto another card."
    }
    SameFolderTwice "second-folder-of-a-name" Error {
        "Two folders have one name; the device opens the first twice and never this one.",
        "The contents of the first folder, twice.",
        "Recover the backups onto another card."
    }
    OlderShown "other-generation-shown" Warning {
        "The device shows another generation of this wallet: the first whole copy in directory order wins.",
        "Another date or name than this generation's.",
        "The wallet is the same. A new backup on a fresh card holds one generation only."
    }
    InterruptedRecreate "interrupted-recreate" Warning {
        "Making a new backup was interrupted: the folder holds files of the old and of the new one.",
        "No backup at all, until a new one is made.",
        "The wallet is safe as long as a copy is whole. Make a new backup with the device on a fresh card, or recover this one first and make it here."
    }
    FewerCopies "fewer-than-three-copies" Warning {
        "The device lists the backup, but not all three copies are whole.",
        "Nothing: the backup is listed.",
        "Make a new backup on a fresh card while the device still reads this one."
    }
    ListedByVote "listed-by-vote" Warning {
        "No copy is whole; the device lists the backup by the majority of the three.",
        "Nothing: the backup is listed.",
        "Make a new backup on a fresh card at once; the next damage may end it."
    }
    Repairable "repairable" Info {
        "No copy is whole, but together they prove the backup.",
        "Nothing of it, unless the device's own vote succeeds.",
        "Recover it to a fresh card; keep this one as it is."
    }
    CopyDamaged "copy-damaged" Warning {
        "A copy is damaged.",
        "Nothing, as long as another copy is whole.",
        "Make a new backup on a fresh card."
    }
    CopyUnreadable "copy-unreadable" Warning {
        "A copy's bytes cannot be read.",
        "The whole backup is silently missing from firmware v9.13.0 on.",
        "Make a new backup on a fresh card."
    }
    CopyForeign "copy-foreign" Warning {
        "A file has the name of a copy and something else in it.",
        "The device may refuse the whole backup.",
        "Make a new backup on a fresh card."
    }
    OtherWallet "copy-of-another-wallet" Warning {
        "A whole copy lies in the folder of another wallet.",
        "Nothing of that copy.",
        "Keep it: it is a backup of another wallet. Recover it onto another card."
    }
    TestVariant "test-variant" Error {
        "The checksum is of a variant used in the firmware's own tests before mid-2022; no device accepts it.",
        "This backup is silently missing.",
        "It was not written by a device; its seed may be read, but its origin is unknown."
    }
    LengthField "length-unlike-generator" Info {
        "The obsolete length field is not what the firmware named in the file writes: another program made or changed it.",
        "Nothing.",
        "Nothing to do; it shows where the file comes from."
    }
    UnusualSeed "seed-length-unusual" Warning {
        "The seed's length is not 16, 24 or 32 bytes: the device lists the backup but cannot restore it.",
        "Restoring fails.",
        "Make a new backup with the device while it still holds the wallet."
    }
    SameIdTwoLengths "same-id-two-lengths" Warning {
        "Two backups with one ID have seeds of different length: the ID is the same, the wallets are not.",
        "The two look alike but for date and name.",
        "Restore the one whose number of words you know; the other opens another, probably empty wallet."
    }
    WrittenByComputer "written-by-computer" Info {
        "These files were copied by a computer, not written by the device.",
        "Nothing.",
        "A copy is as good as the original, but the seed was on that computer: know where else it may be."
    }
    Damaged "backup-damaged" Error {
        "Copies remain, and neither one of them nor their combination is proved to be the backup.",
        "This backup is silently missing. Check takes the card for the wrong one.",
        "Keep the card as it is and recover the backup: a search may find what is damaged."
    }
    Lost "backup-lost" Error {
        "Nothing of the seed remains in the files found.",
        "This backup is silently missing.",
        "Look for other cards of this wallet."
    }
    // Traces.
    OnlyDeleted "only-deleted" Error {
        "A wallet can be read from deleted or lost copies only: a chance for its owner, a key for a finder.",
        "Nothing of it.",
        "If the wallet is yours, recover it before anything is written to the card. If the card is not wanted, destroy it: whoever finds it can read the seed."
    }
    DeletedBackup "deleted-backup" Info {
        "A deleted backup whose contents are still on the card.",
        "Nothing of it.",
        "Keep the card as it is if this backup is needed. Otherwise the seed is still on it for anyone who looks."
    }
    ErasedBackup "erased-backup" Info {
        "The trace of a backup that the device erased: its entry is there, its contents are overwritten.",
        "Nothing of it.",
        "Nothing to do: the device erases the old backup whenever it makes a new one."
    }
    BitBox01 "bitbox01-backup" Info {
        "Files of the BitBox01, an older device: PDF files, encrypted, another format.",
        "Nothing of them.",
        "They are restored with the BitBox01's own software and password."
    }
    EmptyFolder "empty-backup-folder" Warning {
        "A folder named by a wallet's ID holds no copy of its backup: a creation was interrupted, or the files were deleted.",
        "Nothing of it.",
        "Search the whole card before anything is written to it. If the device still holds this wallet, make a new backup."
    }
    StrayFile "stray-file" Info {
        "A file or folder that is no backup lies among the backups.",
        "Nothing by itself, unless a folder then has other than three entries.",
        "Switch automounting and indexing off before a card is put into a computer."
    }
    // Across cards, by `audit`.
    NoCardRestores "no-card-restores" Error {
        "A wallet was found, and the device would show it from none of the cards as they are.",
        "Nothing of this wallet, whichever of the cards is in it.",
        "See what hides or damages it on each card, and make a new backup on a fresh card while the device still holds this wallet."
    }
    FewCards "wallet-on-few-cards" Warning {
        "A wallet is backed up on fewer cards than wanted; cards that are copies of each other count once.",
        "Nothing by itself.",
        "Make another backup of this wallet on a fresh card with the device, and keep it in another place."
    }
    ExpectedMissing "expected-wallet-missing" Error {
        "The register expects this wallet, and it is on none of the cards.",
        "Nothing of this wallet.",
        "Look for its cards; if the device still holds the wallet, make a new backup now."
    }
    ExpectedCardsMissing "expected-cards-missing" Error {
        "The wallet is on fewer cards than the register expects, or not on a card that the register names.",
        "Nothing by itself.",
        "Find the missing card. If it is lost, whoever finds it has the wallet: consider moving the coins."
    }
    ExpectedCardNotRestoring "expected-card-not-restoring" Error {
        "A card that should restore this wallet is there, and the device would not restore it from this card as it is.",
        "Nothing of this wallet with this card in it.",
        "See what hides or damages the backup on that card, and recover it; or make a new backup on a fresh card while the device still holds this wallet."
    }
    UnknownWallet "unknown-wallet" Warning {
        "A wallet was found that the register does not list.",
        "Nothing by itself.",
        "Find out whose it is; if it belongs here, add it to the register."
    }
    RegisterAmbiguous "register-prefix-ambiguous" Error {
        "An ID prefix in the register fits several of the wallets found.",
        "Nothing by itself.",
        "Write more digits of the ID into the register."
    }
    ClonedCards "cloned-cards" Warning {
        "Several sources are one card: images of it, some of them damaged, or readings at different times.",
        "Nothing by itself.",
        "Count them once, unless you know that both cards exist. A new backup made by the device proves that a second card works."
    }
    SameFiles "same-files-on-several-cards" Info {
        "The same backup files lie on several cards that are no images of each other: a computer copied them.",
        "Nothing by itself.",
        "A copy is as good as the original, but the seed was on that computer: know where else it may be."
    }
    GenerationsDiffer "generations-differ" Info {
        "The cards hold backups of different dates of one wallet.",
        "Another date on one card than on another.",
        "All of them restore the same wallet; the name and the date may differ."
    }
    NamesDiffer "names-differ" Info {
        "The backups of one wallet have different names.",
        "Another name on one card than on another.",
        "All of them restore the same wallet; label the cards by its ID."
    }
    AssumedVolume "assumed-volume" Info {
        "This is a folder, not a card: the device's view is that of these files on a fresh FAT32 card, in byte order of their names.",
        "What the device would show if they lay on a card like that.",
        "Examine the card itself to know what the device shows."
    }
    MountedWritable "mounted-writable" Warning {
        "The card is mounted in this computer such that programs may write to it, and many do as soon as it is put in.",
        "A file or folder that a program leaves on the card can hide every backup.",
        "Eject the card in the file manager, switch automounting off, and put it in again; or slide the switch of an SD adapter to LOCK."
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_hyphenated() {
        let mut names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert!(names.iter().all(|name| {
            name.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        }));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Rule::ALL.len());
    }
}
