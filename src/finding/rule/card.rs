//! The rules about a card, its volume, and what the device lists of it.

/// Hands its rules, behind those before, to the first macro named.
macro_rules! card {
    ([$next:ident $($then:ident)*] $($before:tt)*) => { $next! { [$($then)*] $($before)*
        // The card and its volume.
        CardUnreadable "card-unreadable" Error
            "A sector that the device needs to find or mount the volume cannot be read."
            "The app shows \"Error fetching backups\"."
            "If this is an image that ends before the card does, copy the card again. Otherwise read the card in another reader, and make an image of it: the image keeps what could be read, and later attempts fill its gaps."
        NoFatVolume "no-fat-volume" Error
            "There is no FAT boot sector where the device looks: in sector 0 and at the start of the four primary partitions."
            "The app shows \"Error fetching backups\"."
            "If a backup was on this card, do not format it and do not write to it: search the whole card and recover what is found first."
        BlankCard "blank-card" Error
            "The card holds no partition table and no file system: its first sectors are empty."
            "The app shows \"Error fetching backups\"."
            "If a backup was on this card, do not write to it: search the whole card first."
        ExFatVolume "exfat-volume" Error
            "The card is formatted as exFAT, which the device cannot read. Cards of 64 GB and more are sold like this."
            "The app shows \"Error fetching backups\"."
            "Recover what is found on it to another place first. For new backups use a card with FAT32."
        NtfsVolume "ntfs-volume" Error
            "The card is formatted as NTFS, which the device cannot read."
            "The app shows \"Error fetching backups\"."
            "Recover what is found on it to another place first. For new backups use a card with FAT32."
        ExtVolume "ext-volume" Error
            "The card is formatted as ext2, ext3 or ext4, which the device cannot read."
            "The app shows \"Error fetching backups\"."
            "Recover what is found on it to another place first. For new backups use a card with FAT32."
        AppleVolume "apple-volume" Error
            "The card is formatted as HFS+ or APFS, which the device cannot read."
            "The app shows \"Error fetching backups\"."
            "Recover what is found on it to another place first. For new backups use a card with FAT32."
        OtherVolume "other-volume" Error
            "The card holds another file system, a disc or encrypted data instead of a FAT volume; the device cannot read it."
            "The app shows \"Error fetching backups\"."
            "Recover what is found on it to another place first. For new backups use a card with FAT32."
        GptOnly "gpt-only" Error
            "The card is divided by a GUID partition table, which the device does not read."
            "The app shows \"Error fetching backups\"."
            "Recover the backups to another place, then put them on a card with one FAT32 partition in an MBR."
        LogicalOnly "logical-partition-only" Error
            "The FAT volume is in a logical partition; the device looks only at the four primary ones."
            "The app shows \"Error fetching backups\"."
            "Recover the backups to another place, then put them on a card with one primary FAT32 partition."
        VolumeNotUsed "volume-not-used" Warning
            "The card holds a FAT volume that the device does not mount: it uses only the first one that it finds, or none."
            "Nothing of this volume."
            "Recover what is needed from this volume to another place, then put it on a card with one FAT32 volume."
        BytesPerSector "geometry-bytes-per-sector" Error
            "The boot sector says that sectors are not 512 bytes long."
            "The app shows \"Error fetching backups\"."
            "Recover the backups to another place, then put them on a fresh card."
        NumFats "geometry-num-fats" Error
            "The boot sector says that there are neither one nor two FATs."
            "The app shows \"Error fetching backups\"."
            "Recover the backups to another place, then put them on a fresh card."
        SectorsPerCluster "geometry-sectors-per-cluster" Error
            "The boot sector's sectors per cluster are not a power of two."
            "The app shows \"Error fetching backups\"."
            "Recover the backups to another place, then put them on a fresh card."
        RootEntries "geometry-root-entries" Error
            "The size of the root directory in the boot sector does not fit: it fills no whole sectors, is missing on FAT12 or FAT16, or present on FAT32."
            "The app shows \"Error fetching backups\"."
            "Recover the backups to another place, then put them on a fresh card."
        ReservedSectors "geometry-reserved-sectors" Error
            "The boot sector says that there are no reserved sectors."
            "The app shows \"Error fetching backups\"."
            "Recover the backups to another place, then put them on a fresh card."
        ClusterCount "geometry-cluster-count" Error
            "The volume has too few or too many clusters, or is smaller than its own tables."
            "The app shows \"Error fetching backups\"."
            "Recover the backups to another place, then put them on a fresh card."
        FsVersion "geometry-fs-version" Error
            "The boot sector says FAT32, but of a revision other than 0.0."
            "The app shows \"Error fetching backups\"."
            "Recover the backups to another place, then put them on a fresh card."
        FatSize "geometry-fat-size" Error
            "The FAT is too small for the clusters, or its tables are at impossible positions."
            "The app shows \"Error fetching backups\"."
            "Recover the backups to another place, then put them on a fresh card."
        BackupBootSector "backup-boot-sector-used" Warning
            "The boot sector is unusable; the backup boot sector was used to read the card. The device never uses it."
            "The app shows \"Error fetching backups\"."
            "Recover the backups to another place, then put them on a fresh card. Do not let a computer repair this one before an image of it is made."
        BootSectorsDiffer "boot-sectors-differ" Info
            "The boot sector and the backup boot sector differ."
            "Nothing; the device reads only the first."
            "Nothing to do if the card works; a label or a mark that a computer set often causes it."
        FatsDiffer "fat-copies-differ" Warning
            "The two FATs disagree about a file or folder; the device reads only the first."
            "Nothing by itself."
            "Do not let a computer repair the card. Make a new backup on a fresh card."
        SecondFat "second-fat-used" Warning
            "A chain breaks off in the first FAT and is complete in the second; the second was used to look for what is lost. The device never uses it."
            "Everything after the break is missing."
            "Do not let a computer repair the card. Recover the backups to another place, then put them on a fresh card."
        FreeCluster "live-in-free-cluster" Warning
            "The FAT marks the cluster of a live copy as free. The device still reads the copy, but a computer that checks the card cuts the file to nothing, and the next file written may take its place."
            "Nothing by itself."
            "Do not let a computer repair the card and do not write to it. Recover the backup to another place, or make a new one on a fresh card."
        VolumePastEnd "volume-past-end" Warning
            "The volume claims to be larger than the card or image: the image is cut short, or the card reports a false size."
            "Nothing, as long as the files are in the part that exists."
            "If this is an image, make it again from the card. If it is a card, make a new backup on another one."
        ImageDamaged "image-damaged" Warning
            "The compressed image or archive is cut short or damaged. What unpacks of it was examined; the rest is missing."
            "Nothing by itself."
            "Copy the file again from where it came, or make the image again from the card."
        PartialSector "partial-sector" Warning
            "The image does not end at the end of a sector: it was cut."
            "Nothing by itself."
            "Make the image again from the card."
        CardChanged "card-changed" Error
            "The card was taken out of its reader, or swapped, while it was read: the answer may cover a part of it, or two cards."
            "Nothing: the device was not asked."
            "Put the card in, leave it there until the program ends, and run this again."
        Unreadable "unreadable-sectors" Warning
            "A part of the card that was searched cannot be read."
            "What is stored there is missing."
            "If this is an image that ends before the card does, copy the card again. Otherwise read the card in another reader, and make an image of it: the image keeps what could be read, and later attempts fill its gaps."
        NotHashed "source-not-hashed" Warning
            "The hash of the whole source was asked for and could not be computed."
            "Nothing by itself."
            "Make an image of the card, keep its hash, and examine the image."
        StoredHashDiffers "stored-hash-differs" Warning
            "An E01 image holds another hash than its contents have: one of the two was changed after the image was made."
            "Nothing by itself."
            "Compare the image with another copy of it, and verify both with `ewfverify`. Do not rely on this copy."
        EvidenceDamaged "e01-notes-damaged" Warning
            "A part of an E01 image beside the card's bytes is damaged: what its maker noted, or a stored hash."
            "Nothing by itself."
            "Compare the image with another copy of it. The card's bytes have checksums of their own, and are read as far as these are right."
        BrokenChain "broken-chain" Warning
            "The chain of clusters of a file or folder does not end as it should: it loops, or runs into a free, bad or impossible cluster."
            "A looping folder is listed again and again; a cut one loses entries."
            "Do not let a computer repair the card. Recover the backups to another place, then put them on a fresh card."
        CrossLinked "cross-linked" Warning
            "Two live files or folders claim the same cluster."
            "One of them shows the contents of the other."
            "Do not let a computer repair the card. Recover the backups to another place, then put them on a fresh card."
        NothingFree "nothing-free" Warning
            "The card's free-space record says that nothing is free; the device believes it and creates no backup."
            "\"Backup not created\" when a backup is made."
            "Use another card for new backups."
        FileNotSearched "file-not-searched" Info
            "A file or a volume on the card is compressed, encrypted, a document, or an archive or disk image of a kind that is not looked into; or a folder shows a file that is not in it: a link, or what is in a cloud only. A backup may be in it."
            "Nothing."
            "Copy the file off the card, unpack it there, and examine what was in it. Open a volume with what it was made with. Name what a link leads to, and download what is in a cloud."
        TooMuch "not-all-examined" Warning
            "There are more files, folders or levels than the program examines; the rest was not examined."
            "Nothing by itself."
            "A card for backups should hold nothing else. Examine an image of it in parts, or make a new backup on a fresh card."
        // The folder bitbox02 and the list.
        NoBackups "no-backups" Info
            "The device reads the card and shows no backup."
            "\"There are no backups on this microSD card.\""
            "If a backup should be here, search the whole card before anything is written to it."
        FolderUnopenable "bitbox02-unopenable" Error
            "The folder bitbox02 cannot be opened: its start or the chain of the root directory is damaged, or a directory cannot be read."
            "The app shows \"Error fetching backups\"."
            "Recover the backups to another place, then put them on a fresh card. Do not let a computer repair this one before an image of it is made."
        FolderNotAscii "bitbox02-name-not-utf8" Error
            "A name directly in bitbox02 holds an accented letter, which makes the whole list fail."
            "The app shows \"Error fetching backups\"."
            "Recover the backups first. Then give that file or folder a plain name; do not remove it before you know what it holds."
        TooMany "too-many-backups" Error
            "There are more backups than this firmware can list, so it lists none."
            "The app shows \"Error fetching backups\"."
            "Update the firmware, or recover the backups to another place, then put them on several cards."
        FolderNameTooLong "folder-name-too-long" Error
            "A folder in bitbox02 with a backup in it has a name of more than 64 bytes; this firmware then lists nothing."
            "The app shows \"Error fetching backups\"."
            "Update the firmware, or recover the backups to another place, then put them on a fresh card."
        CopyRewritten "copy-rewritten" Warning
            "Firmware before v9.13.0 writes to the card when it lists: it replaces damaged copies by a good one. What it frees may belong to another file."
            "Nothing: it happens silently."
            "Do not insert the card into a BitBox with this firmware. Recover the backups first, or update the firmware."
        MissingMetadata "missing-metadata" Error
            "A copy decodes but lacks its metadata. The device crashes when it reads it, so no backup on the card can be reached."
            "The device restarts whenever backups are listed, checked, restored or created."
            "Recover the backups to another place, then put them on a fresh card."
        LongSeed "seed-length-crash" Error
            "A copy claims a seed of over 32 bytes; this firmware crashes when it reads it."
            "The device restarts whenever backups are listed."
            "Update the firmware, or recover the backups to another place, then put them on a fresh card."
        AnswerSize "answer-too-long" Error
            "The list of backups is longer than the device can send, so it crashes."
            "The device restarts whenever backups are listed."
            "Recover the backups to another place, then put them on several cards."
        ListCutShort "listing-cut-short" Error
            "A directory ends in an error that the device does not notice: entries at or after it are missing from the list."
            "A backup is silently missing."
            "Recover the backups to another place, then put them on a fresh card. Do not let a computer repair this one before an image of it is made."
        ListLimit "beyond-list-limit" Error
            "The folder bitbox02 holds more than 200 names; the device looks at the first 200 only."
            "This backup is silently missing."
            "Recover this backup to another place, then put it on a fresh card."
        NotReached "not-reached" Error
            "The device fails or crashes before it comes to this backup."
            "The app shows an error, or the device restarts."
            "See the finding that names the cause; this backup itself may be intact. Recover it to another place, then put it on a fresh card."
    } };
}
