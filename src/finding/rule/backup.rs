//! The rules about one backup, and about traces of backups.

/// Hands its rules, behind those before, to the first macro named.
macro_rules! backup {
    ([$next:ident $($then:ident)*] $($before:tt)*) => { $next! { [$($then)*] $($before)*
        // One backup.
        EntryCount "directory-entry-count" Error
            "The backup's folder does not hold exactly three entries. Hidden files count, and so do folders and foreign files."
            "This backup is silently missing. Check says \"No backups on the microSD card matched the wallet on the BitBox\"."
            "Recover the backup. If something does not belong there, move it out of the folder, and keep it: a backup may be in it. If a copy is missing, make a new backup on a fresh card."
        NameNotUtf8 "name-not-utf8" Error
            "A file in the backup's folder has an accented letter in its name, which hides the whole backup."
            "This backup is silently missing."
            "Recover the backup first; then give that file a plain name."
        FileUnopenable "file-unopenable" Error
            "One of the three entries cannot be opened by its own name, so none of the three is read."
            "This backup is silently missing."
            "Recover the backup, or make a new one on a fresh card."
        SubFolder "folder-among-copies" Error
            "One of the three entries is a folder, so none of the three is read."
            "This backup is silently missing."
            "Recover the backup, then move the folder elsewhere; check its contents before you remove it."
        FileTooLarge "file-too-large" Error
            "One of the three files is over 1024 bytes, so none of the three is read."
            "This backup is silently missing."
            "Recover the backup, then move that file elsewhere; check its contents before you remove it."
        FileUnreadable "file-unreadable" Error
            "One of the three files cannot be read, so none of the three is read."
            "This backup is silently missing. Check reports it as the wrong card."
            "Recover the backup from the other copies, or make a new one on a fresh card."
        LengthsDiffer "lengths-differ" Error
            "No copy is intact, and as their lengths differ the device does not vote."
            "This backup is silently missing. Check reports it as the wrong card."
            "Keep the card as it is and recover the backup."
        NothingPasses "no-copy-passes" Error
            "No copy is intact for this folder, nor is the majority of the three."
            "This backup is silently missing. Check reports it as the wrong card."
            "Keep the card as it is and recover the backup."
        CopySizeDiffers "copy-size-differs" Error
            "The file contains an intact copy, but is shorter or longer than it. The device takes the file as its directory entry has it and refuses it."
            "This backup is silently missing. Check reports it as the wrong card."
            "Recover the backup. Do not let a computer repair the card before."
        CopyInText "copy-in-text" Warning
            "The file holds a copy as a text, such as hexadecimal digits or Base64, not the copy itself."
            "Nothing: the device does not read texts."
            "Recover the backup. Whoever can read the text has the wallet."
        FolderUnopenableWallet "backup-folder-unopenable" Error
            "The backup's folder cannot be opened by its own name, or its start is damaged."
            "This backup is silently missing."
            "Recover the backup, or make a new one on a fresh card."
        Unrewritable "copy-not-rewritable" Error
            "This firmware rewrites damaged copies before it lists a backup, and one of them cannot be rewritten."
            "This backup is silently missing."
            "Update the firmware, or recover the backup to another place, then put it on a fresh card."
        FolderRenamed "folder-name-not-id" Error
            "The backup's folder has another name than the wallet's ID."
            "This backup is silently missing."
            "Recover the backup first; then give the folder the ID as its name, in lower case."
        FolderUpperCase "folder-upper-case" Error
            "The backup's folder is named by the ID in upper case: the device does not list it, but check and restore find it."
            "This backup is silently missing from the list."
            "Recover the backup first; then give the folder its name in lower case."
        OutsideFolder "outside-bitbox02" Error
            "The backup is where the device does not look: its folder is not in bitbox02 in the root of the volume that the device mounts."
            "This backup is silently missing."
            "Recover the backup to another place, then put it on a fresh card."
        SameFolderTwice "second-folder-of-a-name" Error
            "Two folders have the same name; the device opens the first twice and never this one."
            "The contents of the first folder, twice."
            "Recover the backups to another place, then put them on a fresh card."
        OlderShown "other-generation-shown" Warning
            "The device shows another generation of this wallet: the first intact copy in directory order wins."
            "Another date or name than this generation's."
            "The wallet is the same. A new backup on a fresh card holds one generation only."
        InterruptedRecreate "interrupted-recreate" Warning
            "Making a new backup was interrupted: the folder holds files of the old and of the new one."
            "No backup at all, until a new one is made."
            "The wallet is safe as long as one copy is intact. Make a new backup with the device on a fresh card, or recover this one first and make it here."
        FewerCopies "fewer-than-three-copies" Warning
            "The device lists the backup, but not all three copies are intact."
            "Nothing: the backup is listed."
            "Make a new backup on a fresh card while the device still reads this one."
        ListedByVote "listed-by-vote" Warning
            "No copy is intact; the device lists the backup by the majority of the three."
            "Nothing: the backup is listed."
            "Make a new backup on a fresh card at once; any further damage may make it unreadable."
        Repairable "repairable" Info
            "No copy is intact, but together they prove the backup."
            "Nothing of it, unless the device's own vote succeeds."
            "Recover it to another place, then put it on a fresh card; keep this one as it is."
        CopyDamaged "copy-damaged" Warning
            "A copy is damaged."
            "Nothing, as long as another copy is intact."
            "Make a new backup on a fresh card."
        CopyUnreadable "copy-unreadable" Warning
            "A copy's bytes cannot be read."
            "The whole backup is silently missing from firmware v9.13.0 on."
            "If this is an image that lacks a part of the card, copy the card again. If the card cannot be read there, make a new backup on a fresh card."
        CopyForeign "copy-foreign" Warning
            "A file is named like a copy but contains something else."
            "The device may refuse the whole backup."
            "Make a new backup on a fresh card."
        OtherWallet "copy-of-another-wallet" Warning
            "An intact copy is in the folder of another wallet."
            "Nothing of that copy."
            "Keep it: it is a backup of another wallet. Recover it to another place, then put it on a fresh card."
        TestVariant "test-variant" Error
            "The checksum is of a variant used in the firmware's own tests before mid-2022; no device accepts it."
            "This backup is silently missing."
            "It was not written by a device; its seed may be read, but its origin is unknown."
        LengthField "length-unlike-generator" Info
            "The obsolete length field is not what the firmware named in the file writes: another program made or changed it."
            "Nothing."
            "Nothing to do; it shows where the file comes from."
        UnusualSeed "seed-length-unusual" Error
            "The seed's length is not 16, 24 or 32 bytes: the device lists the backup but cannot restore it."
            "Restoring fails."
            "Make a new backup with the device while it still holds the wallet."
        SameIdTwoLengths "same-id-two-lengths" Warning
            "Two backups with one ID have seeds of different length: the ID is the same, the wallets are not."
            "The two look the same except for date and name."
            "Restore the one whose number of words you know; the other opens another, probably empty wallet."
        WrittenByComputer "written-by-computer" Info
            "These files were copied by a computer, not written by the device."
            "Nothing."
            "A copy is as good as the original, but the seed was on that computer: find out where else it may be."
        Damaged "backup-damaged" Error
            "Copies remain, and neither one of them nor their combination is proved to be the backup."
            "This backup is silently missing. Check reports it as the wrong card."
            "Keep the card as it is and recover the backup: a search may find what is damaged."
        Lost "backup-lost" Error
            "Nothing of the seed remains in the files found."
            "This backup is silently missing."
            "Look for other cards of this wallet."
        // Traces.
        OnlyDeleted "only-deleted" Error
            "A wallet can be read from deleted or lost copies only: a chance for its owner, a key for a finder."
            "Nothing of it."
            "If the wallet is yours, recover it before anything is written to the card. Keep the card as safe as a wallet: whoever finds it can read the seed. Destroy it only if nothing else on it is needed."
        DeletedRemains "deleted-remains" Error
            "Damaged copies of a backup were deleted or lost, and nothing proves them yet. Nothing else of this wallet is on the card."
            "Nothing of it."
            "Recover it before anything is written to the card: a search may find what is damaged."
        DeletedBackup "deleted-backup" Info
            "A deleted backup whose contents are still on the card."
            "Nothing of it."
            "Keep the card as it is if this backup is needed. Otherwise the seed is still on it for anyone who looks."
        ErasedBackup "erased-backup" Info
            "The trace of a backup that the device erased: its entry is there, its contents are overwritten."
            "Nothing of it."
            "Nothing to do: the device erases the old backup whenever it makes a new one."
        BitBox01 "bitbox01-backup" Info
            "Files of the BitBox01, an older device, live or deleted: PDF files, encrypted, another format."
            "Nothing of them."
            "Keep the card. They are restored with the BitBox01's own software and password."
        EmptyFolder "empty-backup-folder" Warning
            "A folder named by a wallet's ID holds no copy of its backup: a creation was interrupted, or the files were deleted."
            "Nothing of it."
            "Search the whole card before anything is written to it. If the device still holds this wallet, make a new backup."
        StrayFile "stray-file" Info
            "A file or folder that is not a backup is among the backups."
            "Nothing by itself, unless it gives a backup's folder more than three entries."
            "Switch automounting and indexing off before a card is put into a computer."
    } };
}
