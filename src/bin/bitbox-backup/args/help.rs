//! What every `--help` ends with: examples, exit status, files. The manual pages have the same
//! texts as sections; see `commands/man.rs`.
//!
//! A section begins with a line that ends in a colon and is not indented.

/// The end of every `-h`.
pub(crate) const MORE: &str = "--help adds details, examples, and the exit status.";

pub(crate) const PROGRAM: &str = "\
`bitbox-backup CARD` is short for `bitbox-backup list CARD`.

Examples:
  Find out why the BitBox does not show a backup:
    bitbox-backup list /dev/sdb
  Copy a dying card before anything else:
    bitbox-backup image /dev/sdb --to card.img
  Recover what was deleted or damaged:
    bitbox-backup recover card.img --to recovered
  Check a drawer of cards:
    bitbox-backup audit cards --html report.html

Exit status:
  0    done, and no finding of severity error
  1    done, and something needs attention
  2    the work could not be done
  129  ended by SIGHUP
  130  interrupted (Ctrl-C)
  143  ended by SIGTERM";

pub(crate) const LIST: &str = "\
Examples:
  The card in a reader:
    bitbox-backup list /dev/sdb
  As a BitBox with an older firmware would list it:
    bitbox-backup list --firmware 9.24.0 card.img.gz
  A deleted or formatted card, every byte searched:
    bitbox-backup list --carve card.img
  One JSON object for a script:
    bitbox-backup list --json card.img other.img

Exit status:
  0    no finding of severity error
  1    an error finding, some sources could not be read, or nothing
       matches --id
  2    no source could be read, or the command line is wrong
  130  interrupted";

pub(crate) const INSPECT: &str = "\
Examples:
  Partitions, volumes, every file, every copy with its offsets, and a map:
    bitbox-backup inspect card.img
  Would a BitBox02 make a new backup on this card?
    bitbox-backup inspect --preflight /dev/sdb

Exit status:
  0    no finding of severity error; with --preflight: the card is
       accepted, and nothing on it can be lost by a new backup
  1    an error finding; with --preflight: the card is not accepted, or
       not all of it was searched, or what is on it has to be kept
  2    the source could not be read, or the command line is wrong
  130  interrupted";

pub(crate) const RECOVER: &str = "\
Examples:
  Into a new folder:
    bitbox-backup recover card.img --to recovered
  Onto the image of a card, to be written to a card:
    bitbox-backup recover card.img --card new-card.img
  One wallet only, searched for longer:
    bitbox-backup recover card.img --to new --id 577782fd --effort deep
  An older backup of the same wallet:
    bitbox-backup recover card.img --to old --timestamp 1601281809
  The folder and the checksum are lost, and the owner has the xpub:
    bitbox-backup recover card.img --to new --xpub account.txt
  Two readings of one damaged card, and another card of the wallet:
    bitbox-backup recover first.img second.img other.img --to new

Exit status:
  0    every backup that the BitBox did not erase was written
  1    something could not be recovered, some sources could not be read,
       or the prompt was not confirmed
  2    the source could not be read, nothing could be written, or the
       command line is wrong
  130  interrupted; what was proved by then is written

Files:
  DIR/bitbox02/ID/backup_*_{0,1,2}.bin
    Three identical files per backup. They hold the wallet in plain text.
  DIR/recovery-report.json, DIR/recovery-report.txt
    What proves each field, and what was not recovered; no secret.
  With --raw DIR: DIR/copies.json, DIR/copies.txt and the copies
    Every copy as it is on the card, in plain text; the lists hold no
    secret.";

pub(crate) const WORDS: &str = "\
Examples:
  Which wallets could be shown, and their fingerprints; no word is shown:
    bitbox-backup words card.img
  The words themselves, on the terminal:
    bitbox-backup words card.img --id 577782fd --reveal
  Into a new file in memory:
    bitbox-backup words card.img --id 577782fd --reveal --to /dev/shm/new
  Check a passphrase by its fingerprint:
    bitbox-backup words card.img --id 577782fd --passphrase

Exit status:
  0    words can be shown, or were shown
  1    no words could be shown, or the prompt was not confirmed
  2    the source could not be read, there is no terminal, or the command
       line is wrong
  130  interrupted; the screen was cleared";

pub(crate) const WALLET: &str = "\
Examples:
  Fingerprint, xpubs, descriptors, and addresses of each wallet:
    bitbox-backup wallet card.img
  Whose address, xpub, or fingerprint is it?
    bitbox-backup wallet --find 5862f623 cards/*.img
  The second account, as JSON:
    bitbox-backup wallet --account 1 --json card.img

Exit status:
  0    a wallet was found; with --find: the searched item belongs to one
  1    there is no wallet, nothing was found, or some sources could not be
       read
  2    no source could be read, or the command line is wrong
  130  interrupted";

pub(crate) const RESCUE: &str = "\
Examples:
  Choose the card from those in readers:
    bitbox-backup rescue
  A card that was named, with another folder for its copy:
    bitbox-backup rescue /dev/sdb --to /mnt/offline/rescue

Files:
  DIR/card.img, DIR/card.img.map
    The copy of the card, in plain text, and its map.
  DIR/recovered
    The backups as files, in plain text.
  DIR/saved.img
    The image of a card that a BitBox02 accepts, in plain text.
  DIR/rescue.log
    What was done.
  DIR/search.json
    How far a stopped search came.
  DIR/card.sha256
    Identifies the card this folder belongs to. Another card needs
    another folder.

Exit status:
  0    every step is done, and what was found is saved
  1    something was skipped, stopped, or not recovered
  2    a step could not be done, or there is no terminal
  130  interrupted";

pub(crate) const LETTER: &str = "\
Examples:
  Print the letter for a card:
    bitbox-backup letter card.img
  Sheets to print for every wallet in a drawer of cards:
    bitbox-backup letter first.img second.img --to letters

Files:
  letter-ID-WORDS.html prints on one sheet; letter-ID-WORDS.txt says the
  same. They hold the ID, the name, the root fingerprint, and the date,
  and nothing that opens the wallet. A letter that was changed since, such
  as by a note in it, is not replaced.

Exit status:
  0    there is a letter for every wallet
  1    no wallet was found, a BitBox does not list a backup, or some
       sources could not be read
  2    no source could be read, or the letters could not be written
  130  interrupted";

pub(crate) const IMAGE: &str = "\
Examples:
  Copy a card, read the image back, and read the card a second time:
    bitbox-backup image /dev/sdb --to card.img --verify --twice
  Read a worn card five times; recover uses all readings together:
    bitbox-backup image /dev/sdb --to card.img --reads 5
  Run the same command again to continue where it stopped:
    bitbox-backup image /dev/sdb --to card.img --retries 20
  Compressed, in one pass, which cannot be resumed:
    bitbox-backup image /dev/sdb --to card.img.zst

Exit status:
  0    every byte of the card is in the image
  1    parts are missing or differ, the card was swapped, or the prompt
       was not confirmed
  2    the card could not be read, the image could not be written, or the
       command line is wrong
  130  interrupted; run the same command again to continue, unless the
       image is compressed

Files:
  FILE
    The image, for its owner only. It holds wallets in plain text.
  FILE.map
    What could not be read, in the format of GNU ddrescue.
  FILE.readings
    With --reads: sectors that gave other bytes, in plain text as well.";

pub(crate) const AUDIT: &str = "\
Examples:
  Every image in a folder, with a page to show:
    bitbox-backup audit cards --html report.html
  Compare with a register of the wallets that should exist:
    bitbox-backup audit cards --expect register.csv
  One line of JSON per card; the next run reads only what has changed:
    bitbox-backup audit cards --ndjson=new.ndjson --resume old.ndjson
  A card station: insert one card after the other:
    bitbox-backup audit --watch /dev/sdb --ndjson=cards.ndjson

Exit status:
  0    no finding of severity error
  1    an error finding, a missing wallet, or some sources could not be
       read
  2    no source could be read, a report could not be written, or the
       command line is wrong
  130  interrupted; the answer covers the cards that were done";

pub(crate) const MERGE: &str = "\
Examples:
  One answer from the lines of two machines:
    bitbox-backup audit merge one.ndjson two.ndjson --html report.html

Exit status:
  0    no finding of severity error
  1    an error finding, a missing wallet, or some sources could not be
       read
  2    the lines could not be read or merged, or the command line is
       wrong";

pub(crate) const DIFF: &str = "\
Examples:
  What changed since yesterday, the worst first:
    bitbox-backup diff yesterday.ndjson today.ndjson

Exit status:
  0    nothing got worse
  1    something got worse
  2    a file could not be read, or the command line is wrong";

pub(crate) const MATCH: &str = "\
Examples:
  Which of these cards belong to the connected BitBox02:
    bitbox-backup match cards/*.img
  To the wallet with this ID, as shown on another screen:
    bitbox-backup match --id 577782fd cards/*.img

Exit status:
  0    every source has a backup that belongs to a device (or to the ID)
       and that a BitBox shows
  1    one has none, could not be read, or there is another problem
  2    no source could be read, no device could be asked, or the command
       line is wrong
  130  interrupted";

pub(crate) const DEVICE: &str = "\
Examples:
  The backups on the card in the BitBox:
    bitbox-backup device list
  Make a backup, and compare it in a card reader afterwards:
    bitbox-backup device create --verify /dev/sdb

Exit status:
  0    done
  1    no, or refused by you or the device; a backup that is not listed
  2    no device could be asked, or the command line is wrong
  130  interrupted

Files:
  ~/.config/bitbox-backup/pairing.json
    The keys of this computer and of the devices it was paired with; no
    secret of a wallet.
  /etc/udev/rules.d/53-bitbox02.rules
    Lets users talk to a BitBox on Linux.";

pub(crate) const DEVICE_INFO: &str = "\
Examples:
  Is this device genuine, and which wallet does it hold?
    bitbox-backup device info

Exit status:
  0    done
  1    refused by you or the device
  2    no device could be asked, or the command line is wrong
  130  interrupted";

pub(crate) const DEVICE_LIST: &str = "\
Examples:
  The backups on the card in the BitBox, as JSON:
    bitbox-backup device list --json

Exit status:
  0    done
  1    refused by you or the device
  2    no device could be asked, no card is in it, or the command line is
       wrong
  130  interrupted";

pub(crate) const DEVICE_CHECK: &str = "\
Examples:
  Does the card in the BitBox hold a valid backup of its wallet?
    bitbox-backup device check

Exit status:
  0    yes, and the BitBox lists it
  1    no, not listed, unreadable, or refused by you or the device
  2    no device could be asked, or the command line is wrong
  130  interrupted";

pub(crate) const DEVICE_CREATE: &str = "\
Examples:
  Make a backup on the card in the BitBox:
    bitbox-backup device create
  Then compare it in a card reader:
    bitbox-backup device create --verify /dev/sdb

Exit status:
  0    the backup was made and is listed; with --verify: the card agrees
  1    it was not made, is not listed, or could not be checked afterwards,
       or the device contradicts itself
  2    no device could be asked, no card is in it, or the command line is
       wrong
  130  interrupted; the answer says what is on the card";

pub(crate) const DEVICE_UNPAIR: &str = "\
Examples:
  Forget every BitBox this computer was paired with:
    bitbox-backup device unpair

Exit status:
  0    done
  1    the prompt was not confirmed
  2    the file could not be removed, or the command line is wrong";

pub(crate) const SOURCES: &str = "\
Examples:
  What can be given as SOURCE here?
    bitbox-backup sources

Exit status:
  0    done
  2    the command line is wrong";

pub(crate) const LOG: &str = "\
Examples:
  Is the log unchanged since its head was written down?
    bitbox-backup log verify audit.log";

pub(crate) const LOG_VERIFY: &str = "\
Examples:
  Is the chain of hashes unbroken?
    bitbox-backup log verify audit.log

Exit status:
  0    unbroken; with --head also unchanged since it was written down
  1    broken, or no line has that hash
  2    the log could not be read, or the command line is wrong";

pub(crate) const SELF_TEST: &str = "\
Examples:
  Before a machine is trusted with real cards:
    bitbox-backup self-test
  A report for the file of a case, of what was tested on this machine:
    bitbox-backup self-test --validation validation.txt

Exit status:
  0    every answer is the known one
  1    an answer is wrong: do not use the program on this machine";

pub(crate) const MAN: &str = "\
Examples:
  Read the manual page:
    bitbox-backup man | man -l -
  Install one page for each command:
    bitbox-backup man --to /usr/local/share/man/man1

Exit status:
  0    done
  2    the pages could not be written";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  For bash:
    bitbox-backup completions bash

Exit status:
  0    done
  2    the command line is wrong";
