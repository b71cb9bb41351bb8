//! Findings: what is wrong with a card or a backup, by stable rule names.
//!
//! The table here is the source of docs/findings.md; a test holds the two together.

use serde::{Deserialize, Serialize};

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
    /// What to do about this very thing; `None` for the rule's own advice.
    pub advice: Option<String>,
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
            advice: None,
        }
    }

    /// The same with advice for this case.
    #[must_use]
    pub fn advising(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// The same with another severity.
    #[must_use]
    pub fn at(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// What to do.
    pub fn advice(&self) -> &str {
        self.advice.as_deref().unwrap_or(self.rule.advice())
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
        "A sector the device needs to find or mount the volume cannot be read.",
        "The app shows \"Error fetching backups\".",
        "Try another reader, and copy the card with `bitbox-backup image`, which goes on with an earlier copy that has gaps; then examine the copy."
    }
    NoFatVolume "no-fat-volume" Error {
        "Where the device looks, in sector 0 and at the start of the four primary partitions, there is no FAT boot sector.",
        "The app shows \"Error fetching backups\".",
        "If backups were on this card, do not format it: keep it as it is and have deleted and lost files looked for. Else format it as FAT32 with an MBR."
    }
    BlankCard "blank-card" Error {
        "The card holds no partition table and no file system: its first sectors are empty.",
        "The app shows \"Error fetching backups\".",
        "If it should hold a backup, do not write to it; the surface may still hold copies. Else format it as FAT32."
    }
    ExFatVolume "exfat-volume" Error {
        "The card is formatted as exFAT, which the device cannot read. Cards of 64 GB and more come like this.",
        "The app shows \"Error fetching backups\".",
        "Format the card as FAT32 if nothing on it is needed, or use another card."
    }
    NtfsVolume "ntfs-volume" Error {
        "The card is formatted as NTFS, which the device cannot read.",
        "The app shows \"Error fetching backups\".",
        "Format the card as FAT32 if nothing on it is needed, or use another card."
    }
    ExtVolume "ext-volume" Error {
        "The card is formatted as ext2, ext3 or ext4, which the device cannot read.",
        "The app shows \"Error fetching backups\".",
        "Format the card as FAT32 if nothing on it is needed, or use another card."
    }
    AppleVolume "apple-volume" Error {
        "The card is formatted as HFS+ or APFS, which the device cannot read.",
        "The app shows \"Error fetching backups\".",
        "Format the card as FAT32 with an MBR if nothing on it is needed, or use another card."
    }
    GptOnly "gpt-only" Error {
        "The card is divided by a GUID partition table, which the device does not read.",
        "The app shows \"Error fetching backups\".",
        "Copy the folder bitbox02 to a card with an MBR and one FAT32 partition, then make a new backup on it with the device."
    }
    LogicalOnly "logical-partition-only" Error {
        "The FAT volume lies in a logical partition; the device looks only at the four primary ones.",
        "The app shows \"Error fetching backups\".",
        "Copy the folder bitbox02 to a card with one primary FAT32 partition, then make a new backup on it with the device."
    }
    VolumeNotUsed "volume-not-used" Warning {
        "The card holds a FAT volume that the device does not mount, because it mounts another or none.",
        "Nothing of this volume.",
        "Copy what is needed from this volume to a card with one FAT32 volume."
    }
    BytesPerSector "geometry-bytes-per-sector" Error {
        "The boot sector says sectors are not 512 bytes long.",
        "The app shows \"Error fetching backups\".",
        "Copy the folder bitbox02 to a freshly formatted FAT32 card."
    }
    NumFats "geometry-num-fats" Error {
        "The boot sector says there are neither one nor two FATs.",
        "The app shows \"Error fetching backups\".",
        "Copy the folder bitbox02 to a freshly formatted FAT32 card."
    }
    SectorsPerCluster "geometry-sectors-per-cluster" Error {
        "The boot sector's sectors per cluster are not a power of two.",
        "The app shows \"Error fetching backups\".",
        "Copy the folder bitbox02 to a freshly formatted FAT32 card."
    }
    RootEntries "geometry-root-entries" Error {
        "The size of the root directory in the boot sector does not fit: it fills no whole sectors, is missing on FAT12 or FAT16, or present on FAT32.",
        "The app shows \"Error fetching backups\".",
        "Copy the folder bitbox02 to a freshly formatted FAT32 card."
    }
    ReservedSectors "geometry-reserved-sectors" Error {
        "The boot sector says there are no reserved sectors.",
        "The app shows \"Error fetching backups\".",
        "Copy the folder bitbox02 to a freshly formatted FAT32 card."
    }
    ClusterCount "geometry-cluster-count" Error {
        "The volume has too few or too many clusters, or is smaller than its own tables.",
        "The app shows \"Error fetching backups\".",
        "Copy the folder bitbox02 to a freshly formatted FAT32 card."
    }
    FsVersion "geometry-fs-version" Error {
        "The boot sector says FAT32, but of a revision other than 0.0.",
        "The app shows \"Error fetching backups\".",
        "Copy the folder bitbox02 to a freshly formatted FAT32 card."
    }
    FatSize "geometry-fat-size" Error {
        "The FAT is too small for the clusters, or the tables do not lie where they can.",
        "The app shows \"Error fetching backups\".",
        "Copy the folder bitbox02 to a freshly formatted FAT32 card."
    }
    BackupBootSector "backup-boot-sector-used" Warning {
        "The boot sector is unusable; its spare copy was used to read the card. The device never uses it.",
        "The app shows \"Error fetching backups\".",
        "Copy the folder bitbox02 to a freshly formatted FAT32 card; do not let a computer repair this one before an image of it is made."
    }
    BootSectorsDiffer "boot-sectors-differ" Info {
        "The boot sector and its spare copy are not the same.",
        "Nothing; the device reads only the first.",
        "Nothing to do if the card works; it often comes from a label or a mark set by a computer."
    }
    FatsDiffer "fat-copies-differ" Warning {
        "The two FATs disagree about a file or folder; the device reads only the first.",
        "Nothing by itself.",
        "Do not let a computer repair the card; copy the folder bitbox02 to a fresh card."
    }
    SecondFat "second-fat-used" Warning {
        "The first FAT breaks a chain off that the second has whole; the second was used to look for what is lost. The device never uses it.",
        "What lies behind the break is missing.",
        "Do not let a computer repair the card; copy the folder bitbox02 to a fresh card."
    }
    VolumePastEnd "volume-past-end" Warning {
        "The volume claims to be larger than the card or image: the image is cut short, or the card lies about its size.",
        "Nothing, as long as the files lie in the part that exists.",
        "If this is an image, make it again from the card. If it is a card, replace it."
    }
    PartialSector "partial-sector" Warning {
        "The image does not end at a sector's end: it was cut.",
        "Nothing by itself.",
        "Make the image again from the card."
    }
    CardChanged "card-changed" Error {
        "The card was taken out of its reader, or exchanged, while it was read: what is said may be of a part of it, or of two cards.",
        "Nothing: the device was not asked.",
        "Put the card in, leave it there until the program ends, and run this again."
    }
    Unreadable "unreadable-sectors" Warning {
        "A part of the card that was looked at cannot be read.",
        "What lies there is missing.",
        "Try another reader, and copy the card with `bitbox-backup image`, which goes on with an earlier copy that has gaps; then examine the copy."
    }
    NotHashed "source-not-hashed" Warning {
        "The hash of the whole source was asked for and could not be computed.",
        "Nothing by itself.",
        "Make an image of the card with `bitbox-backup image`, keep its hash, and examine the image."
    }
    BrokenChain "broken-chain" Warning {
        "The chain of clusters of a file or folder does not end as it should: it loops, or runs into a free, bad or impossible cluster.",
        "A looping folder is listed again and again; a cut one loses entries.",
        "Do not let a computer repair the card; copy the folder bitbox02 to a fresh card."
    }
    CrossLinked "cross-linked" Warning {
        "Two files or folders claim the same cluster.",
        "One of them shows the other's contents.",
        "Do not let a computer repair the card; copy the folder bitbox02 to a fresh card."
    }
    NothingFree "nothing-free" Warning {
        "The card's free-space record says nothing is free; the device believes it and creates no backup.",
        "\"Backup not created\" when a backup is made.",
        "Use another card for new backups, or let a computer check this one after an image of it is made."
    }
    TooMuch "not-all-examined" Warning {
        "There are more files, folders or levels than are looked at; the rest was not examined.",
        "Nothing by itself.",
        "A card for backups should hold nothing else; copy the folder bitbox02 to a fresh card."
    }
    // The folder bitbox02 and the list.
    NoBackups "no-backups" Info {
        "The card is acceptable to the device and holds no backup.",
        "\"There are no backups on this microSD card.\"",
        "A new backup can be made on it with the device. If a backup should be here, look for deleted files with --deleted."
    }
    FolderUnopenable "bitbox02-unopenable" Error {
        "The folder bitbox02 cannot be opened: its start or the root directory's chain is broken, or a directory cannot be read.",
        "The app shows \"Error fetching backups\".",
        "Keep the card as it is and copy what was found to a fresh one; do not let a computer repair it before an image of it is made."
    }
    FolderNotAscii "bitbox02-name-not-utf8" Error {
        "A name directly in bitbox02 holds an accented letter, which makes the whole list fail.",
        "The app shows \"Error fetching backups\".",
        "Rename or remove that file or folder, or make a new backup on a fresh card."
    }
    TooMany "too-many-backups" Error {
        "There are more backups than this firmware can list, so it lists none.",
        "The app shows \"Error fetching backups\".",
        "Update the firmware, or spread the backups over several cards."
    }
    MissingMetadata "missing-metadata" Error {
        "A copy decodes but lacks its metadata; the device panics when it comes to it, so no backup on the card can be reached.",
        "The device restarts whenever backups are listed, checked, restored or created.",
        "Take the damaged copy out of the card with a computer, or copy the good backups to a fresh card."
    }
    LongSeed "seed-length-crash" Error {
        "A copy claims a seed of over 32 bytes; this firmware panics when it comes to it.",
        "The device restarts whenever backups are listed.",
        "Update the firmware, or copy the good backups to a fresh card."
    }
    AnswerSize "answer-too-long" Error {
        "The list of backups is longer than the device can send; it panics.",
        "The device restarts whenever backups are listed.",
        "Spread the backups over several cards."
    }
    ListCutShort "listing-cut-short" Error {
        "A directory ends in an error the device does not notice: entries at or behind it are missing from the list.",
        "A backup is silently missing.",
        "Copy the backups found to a fresh card; do not let a computer repair this one before an image of it is made."
    }
    ListLimit "beyond-list-limit" Error {
        "The folder bitbox02 holds more than 200 names; the device looks at the first 200 only.",
        "This backup is silently missing.",
        "Copy this backup to a fresh card, or remove what does not belong in bitbox02."
    }
    NotReached "not-reached" Error {
        "The device fails or panics before it comes to this backup.",
        "The app shows an error, or the device restarts.",
        "Mend the cause named for the card; this backup itself may be fine."
    }
    // One backup.
    EntryCount "directory-entry-count" Error {
        "The backup's folder does not hold exactly three entries. Hidden files count, and so do folders and foreign files.",
        "This backup is silently missing. Check says \"No backups on the microSD card matched the wallet on the BitBox\".",
        "Remove what does not belong there, or make a new backup on a fresh card."
    }
    NameNotUtf8 "name-not-utf8" Error {
        "A file in the backup's folder has an accented letter in its name, which hides the whole backup.",
        "This backup is silently missing.",
        "Rename or remove that file, or make a new backup on a fresh card."
    }
    FileUnopenable "file-unopenable" Error {
        "One of the three entries cannot be opened by its own name, so none of the three is looked at.",
        "This backup is silently missing.",
        "Make a new backup on a fresh card; the good copies can be recovered."
    }
    SubFolder "folder-among-copies" Error {
        "One of the three entries is a folder, so none of the three is looked at.",
        "This backup is silently missing.",
        "Remove the folder, or make a new backup on a fresh card."
    }
    FileTooLarge "file-too-large" Error {
        "One of the three files is over 1024 bytes, so none of the three is looked at.",
        "This backup is silently missing.",
        "Remove that file if it is no backup; else make a new backup on a fresh card."
    }
    FileUnreadable "file-unreadable" Error {
        "One of the three files cannot be read, so none of the three is looked at.",
        "This backup is silently missing. Check takes the card for the wrong one.",
        "The other copies can be recovered; make a new backup on a fresh card."
    }
    LengthsDiffer "lengths-differ" Error {
        "No copy is whole, and as their lengths differ the device does not vote.",
        "This backup is silently missing. Check takes the card for the wrong one.",
        "It may still be recovered; keep the card as it is."
    }
    NothingPasses "no-copy-passes" Error {
        "No copy is whole for this folder, nor is the majority of the three.",
        "This backup is silently missing. Check takes the card for the wrong one.",
        "It may still be recovered; keep the card as it is."
    }
    FolderUnopenableWallet "backup-folder-unopenable" Error {
        "The backup's folder cannot be opened by its own name, or its start is broken.",
        "This backup is silently missing.",
        "The copies found can be recovered; make a new backup on a fresh card."
    }
    Unrewritable "copy-not-rewritable" Error {
        "This firmware rewrites broken copies before it lists a backup, and one of them cannot be rewritten.",
        "This backup is silently missing.",
        "Update the firmware, or make a new backup on a fresh card."
    }
    FolderRenamed "folder-name-not-id" Error {
        "The backup's folder has another name than the wallet's id.",
        "This backup is silently missing.",
        "Name the folder by the id, in lower case, or make a new backup on a fresh card."
    }
    FolderUpperCase "folder-upper-case" Error {
        "The backup's folder is named by the id in upper case: it is not listed, yet check and restore find it.",
        "This backup is silently missing from the list.",
        "Name the folder in lower case, or make a new backup on a fresh card."
    }
    OutsideFolder "outside-bitbox02" Error {
        "The backup lies where the device does not look: its folder is not in bitbox02 in the root of the volume the device mounts.",
        "This backup is silently missing.",
        "Move the folder of the backup into a folder bitbox02 in the root of the card."
    }
    SameFolderTwice "second-folder-of-a-name" Error {
        "Two folders bear one name; the device opens the first twice and never this one.",
        "The first folder's contents, twice.",
        "Copy the backups found to a fresh card."
    }
    OlderShown "other-generation-shown" Warning {
        "The device shows another generation of this wallet: the first whole copy in directory order wins.",
        "Another date or name than this generation's.",
        "The wallet is the same; make a new backup on a fresh card to have one generation only."
    }
    InterruptedRecreate "interrupted-recreate" Warning {
        "The folder holds copies of two generations: a re-creation of the backup was interrupted.",
        "No backup at all, until it is created anew.",
        "Create the backup again with the device, on this card or a fresh one; the wallet is safe as long as a copy is valid."
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
        "Have it recovered to a fresh card; keep this one as it is."
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
        "Remove the file if it is not needed, or make a new backup on a fresh card."
    }
    OtherWallet "copy-of-another-wallet" Warning {
        "A whole copy lies in the folder of another wallet.",
        "Nothing of that copy.",
        "Keep it: it is a backup of another wallet. Copy it to a folder of its own id."
    }
    TestVariant "test-variant" Error {
        "The checksum is of a variant used in the firmware's own tests before mid-2022; no device accepts it.",
        "This backup is silently missing.",
        "It was not written by a device; its seed may be read, but treat it as of unknown origin."
    }
    LengthField "length-unlike-generator" Info {
        "The obsolete length field is not what the firmware named in the file writes: another program made or changed it.",
        "Nothing.",
        "Nothing to do; it tells where the file comes from."
    }
    UnusualSeed "seed-length-unusual" Warning {
        "The seed's length is not 16, 24 or 32 bytes: the device lists the backup but cannot restore it.",
        "Restoring fails.",
        "Make a new backup with the device while it still holds the wallet."
    }
    SameIdTwoLengths "same-id-two-lengths" Warning {
        "Two backups with one id have seeds of different length: the id is the same, the wallets are not.",
        "The two look alike but for date and name.",
        "Restore the one whose number of words you know; the other opens another, probably empty wallet."
    }
    WrittenByComputer "written-by-computer" Info {
        "These files were copied by a computer, not written by the device.",
        "Nothing.",
        "A copy is as good as the original, but the seed was on that computer: know where else it may be."
    }
    Damaged "backup-damaged" Error {
        "Copies remain, and none nor their combination is proved to be the backup.",
        "This backup is silently missing. Check takes the card for the wrong one.",
        "Keep the card as it is; it may still be recovered with more effort."
    }
    Lost "backup-lost" Error {
        "Nothing of the seed remains in the files found.",
        "This backup is silently missing.",
        "Look for deleted copies, and for other cards of this wallet."
    }
    // Traces.
    DeletedBackup "deleted-backup" Info {
        "A deleted backup whose contents are still there.",
        "Nothing of it.",
        "Keep the card as it is if this backup is needed; else the seed is still on it for anyone who looks."
    }
    ErasedBackup "erased-backup" Info {
        "The trace of a backup the device erased: its entry is there, its contents are overwritten.",
        "Nothing of it.",
        "Nothing to do: the device erases the old backup whenever it makes a new one."
    }
    BitBox01 "bitbox01-backup" Info {
        "Files of the BitBox01, an older device: PDF files, encrypted, another format.",
        "Nothing of them.",
        "They are restored with the BitBox01's own software and password."
    }
    EmptyFolder "empty-backup-folder" Warning {
        "A folder named by a wallet's id holds no copy of its backup: a creation was interrupted, or the files were deleted.",
        "Nothing of it.",
        "Look for deleted files with --deleted; if the device still holds this wallet, create the backup again."
    }
    StrayFile "stray-file" Info {
        "A file or folder that is no backup lies among the backups.",
        "Nothing by itself, unless it makes a folder of other than three entries.",
        "Remove it; switch automounting and indexing off before a card is put into a computer."
    }
    // Across cards, by `audit`.
    NoCardRestores "no-card-restores" Error {
        "A wallet was found, and the device would show it from none of the cards as they are.",
        "Nothing of this wallet, whichever of the cards is in it.",
        "See what hides or damages it on each card, and make a new backup on a fresh card while the device still holds this wallet."
    }
    FewCards "wallet-on-few-cards" Warning {
        "A wallet is backed up on fewer cards than asked for; cards that are copies of each other count once.",
        "Nothing by itself.",
        "Make another backup of this wallet on a fresh card with the device, and keep it in another place."
    }
    ExpectedMissing "expected-wallet-missing" Error {
        "The register expects this wallet, and it is on none of the cards.",
        "Nothing of this wallet.",
        "Look for its cards; if the device still holds the wallet, make a new backup now."
    }
    ExpectedCardsMissing "expected-cards-missing" Error {
        "The wallet is on fewer cards than the register expects, or not on a card the register names.",
        "Nothing by itself.",
        "Find the missing card. If it is lost, whoever finds it has the wallet: consider moving the coins."
    }
    ExpectedCardNotRestoring "expected-card-not-restoring" Error {
        "A card that should restore this wallet is there, and the device would not restore it from this card as it is.",
        "Nothing of this wallet with this card in it.",
        "See what hides or damages the backup on that card, and recover it; or make a new backup on a fresh card while the device still holds this wallet."
    }
    UnknownWallet "unknown-wallet" Warning {
        "A wallet was found that the register does not know.",
        "Nothing by itself.",
        "Find out whose it is; if it belongs here, add it to the register."
    }
    RegisterAmbiguous "register-prefix-ambiguous" Error {
        "An id in the register fits several of the wallets found, so it expects none of them for sure.",
        "Nothing by itself.",
        "Write more digits of the id into the register."
    }
    ClonedCards "cloned-cards" Warning {
        "Several sources are one card: images of it, some of them damaged, or readings at different times.",
        "Nothing by itself.",
        "Count them once, unless you know that both cards exist. A new backup made by the device is proof that a second card works."
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
        "The backups of one wallet bear different names.",
        "Another name on one card than on another.",
        "All of them restore the same wallet; label the cards by its id."
    }
    AssumedVolume "assumed-volume" Info {
        "This is a folder, not a card: the device's view is that of these files on a fresh FAT32 card, in byte order of their names.",
        "What the device would show if they lay on a card like that.",
        "Examine the card itself to know what the device shows."
    }
    MountedWritable "mounted-writable" Warning {
        "The card is mounted in this computer such that programs may write to it, and many do as soon as it is put in.",
        "A folder or a file that a program leaves on the card can hide every backup.",
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
