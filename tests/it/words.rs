//! `words`, as a person at a terminal has it: the words on a screen of their own and nowhere else.
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use fixtures::backup::Backup;
use fixtures::wallet;
use rustix::process::Signal;

use crate::support::person::{Person, piped};
use crate::support::program::{Ran, program, ran, testdata, without_terminal};

const TWELVE: &str = "memory raven era cave phone system dice come mechanic split moon repeat";
const EIGHTEEN: &str = "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal will";
const TWENTY_FOUR: &str = "purity concert above invest pigeon category peace tuition hazard vivid latin since legal speak nation session onion library travel spell region blast estate stay";
/// Words of these wallets that stand in no sentence of the program.
const TELLING: [&str; 8] = [
    "raven", "dice", "mechanic", "sausage", "worth", "concert", "vivid", "pigeon",
];
const HEALTHY: [&str; 3] = ["words", "healthy.img.zst", "--reveal"];

/// Runs the program where there is no terminal at all.
fn run(arguments: &[&str]) -> Ran {
    ran(without_terminal(program(&testdata()).args(arguments)))
}

/// The words as they stand on the screen, in the order of their numbers.
fn words_on(screen: &str) -> String {
    let mut numbered: Vec<(u32, &str)> = Vec::new();
    for line in screen.lines() {
        let parts: Vec<_> = line.split_whitespace().collect();
        let pairs = parts.chunks(2).map(|pair| match pair {
            [number, word] if word.chars().all(char::is_alphabetic) => {
                Some((number.parse().ok()?, *word))
            }
            _ => None,
        });
        // Any other line has something else in it too.
        numbered.extend(pairs.collect::<Option<Vec<_>>>().unwrap_or_default());
    }
    numbered.sort_unstable();
    let numbers: Vec<_> = numbered.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=numbers.len() as u32).collect::<Vec<_>>());
    let words: Vec<_> = numbered.iter().map(|(_, word)| *word).collect();
    words.join(" ")
}

/// Opens the words of a card: agrees, and sees them.
fn opened(arguments: &[&str]) -> Person {
    let mut person = Person::starts(&testdata(), arguments);
    agrees(&mut person);
    person
}

fn agrees(person: &mut Person) {
    person.reads("Type yes:");
    assert!(!person.is_alternate());
    person.types("yes\n");
    person.reads("Press q or Enter");
    assert!(person.is_alternate());
}

/// Nothing of the words outside the alternate screen, and that was blank when it was left.
fn left_nothing(person: &Person) {
    assert!(!person.is_alternate());
    let got = String::from_utf8_lossy(&person.got);
    let mut outside = String::new();
    for (index, part) in got.split("\x1b[?1049h").enumerate() {
        if index == 0 {
            outside.push_str(part);
            continue;
        }
        let (inside, after) = part.split_once("\x1b[?1049l").expect("it was left");
        outside.push_str(after);
        assert!(inside.contains("\x1b[3J"), "what scrolled off is cleared");
        let size = std::num::NonZeroU16::new(200).unwrap();
        let mut screen = vt100::Parser::new(size, size, 100);
        screen.process(inside.as_bytes());
        assert_eq!(screen.screen().contents().trim(), "");
        // What was cleared had been overwritten before.
        let (written, _) = inside.rsplit_once("\x1b[2J").unwrap();
        let (_, last) = written.rsplit_once("\x1b[1;1H").unwrap();
        assert!(last.contains(&" ".repeat(30)), "{last:?}");
    }
    for word in TELLING {
        assert!(!outside.contains(word), "{word} in {outside:?}");
    }
    assert!(got.ends_with("\n") || !got.contains("\x1b[?25l") || got.contains("\x1b[?25h"));
}

#[test]
fn words_of_each_length() {
    for (id, words) in [("5777", TWELVE), ("ac", EIGHTEEN), ("41", TWENTY_FOUR)] {
        let arguments = ["words", "several-wallets.img.zst", "--reveal", "--id", id];
        let mut person = opened(&arguments);
        assert_eq!(words_on(&person.screen()), words);
        assert!(
            person
                .screen()
                .contains(&format!("Recovery words of wallet {id}"))
        );
        assert!(person.screen().contains("Backup made 2020-09-28"));
        person.types("q");
        assert_eq!(person.waits(), 0);
        left_nothing(&person);
        assert!(person.screen().contains("the screen was cleared"));
    }
}

#[test]
fn before_it_shows_any_it_says_what_that_means() {
    let mut person = Person::starts(&testdata(), &HEALTHY);
    person.reads("Show the 12 words of 577782fd… \"My BitBox\" on this terminal?");
    for text in [
        "Whoever sees these words",
        "never goes online",
        "etwork",
        "emory",
    ] {
        assert!(
            person.screen().contains(text),
            "{text}: {}",
            person.screen()
        );
    }
    person.types("y\n");
    assert_eq!(person.waits(), 1, "only yes is yes");
    assert!(person.screen().contains("nothing was shown"));
    assert!(!String::from_utf8_lossy(&person.got).contains("1049"));
}

/// While a person reads them, neither the words nor the seed can be found in the program's memory. (Those
/// of the wallets in testdata can: `self-test` knows them.)
#[test]
#[cfg(target_os = "linux")]
#[ignore = "only root may read the memory of the program; .ci/run and .ci/full try it"]
fn as_root_memory_holds_nothing_of_what_is_on_the_screen() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let backup = wallet::numbered(7);
    let mut fat = fixtures::fat::Layout::FAT12.with_clusters(400).format();
    fat.save(&backup);
    fat.card.write_to(folder.path().join("card.img")).unwrap();
    let packed = std::fs::File::create(folder.path().join("card.gz")).unwrap();
    let mut packer = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    packer.write_all(&fat.card.to_vec()).unwrap();
    packer.finish().unwrap();
    for card in ["card.img", "card.gz"] {
        let mut person = Person::starts(folder.path(), &["words", card, "--reveal"]);
        person.reads("Type yes:");
        look(&person, &backup, &format!("{card}, at the question"));
        agrees(&mut person);
        look(&person, &backup, &format!("{card}, at the page"));
        person.resizes(30, 100);
        let words = words_of(&backup);
        person.sees("all", |person| words_on(&person.screen()) == words);
        look(&person, &backup, &format!("{card}, at the page drawn anew"));
        person.types("q");
        assert_eq!(person.waits(), 0);
    }
}

fn words_of(backup: &Backup) -> String {
    let words = bip39::Mnemonic::from_entropy_in(bip39::Language::English, &backup.seed).unwrap();
    words.words().collect::<Vec<_>>().join(" ")
}

/// Looks through the program's memory for anything that tells the seed.
#[cfg(target_os = "linux")]
fn look(person: &Person, backup: &Backup, when: &str) {
    let regions = person
        .memory()
        .expect("root may read the memory of this program");
    let has = |bytes: &[u8]| {
        let finder = memchr::memmem::Finder::new(bytes);
        regions.iter().any(|region| finder.find(region).is_some())
    };
    assert!(
        has(backup.id().as_bytes()),
        "{when}: not even the id is found"
    );
    let (seed, words) = (&backup.seed, words_of(backup));
    let words: Vec<_> = words.split(' ').take(6).collect();
    let list = bip39::Language::English.word_list();
    let number = |word: &str| list.iter().position(|other| *other == word).unwrap() as u16;
    let numbers = words.iter().flat_map(|word| number(word).to_le_bytes());
    let secrets: [(&str, Vec<u8>); 6] = [
        ("seed", seed.clone()),
        ("part of the seed", seed[4..12].to_vec()),
        ("seed in hex", hex::encode(&seed[..16]).into_bytes()),
        ("words in a row", words[..2].join(" ").into_bytes()),
        ("words as numbers", numbers.collect()),
        (
            "a line of the page",
            format!("\x1b[22;1m{}", words[1]).into_bytes(),
        ),
    ];
    let found: Vec<_> = secrets.iter().filter(|(_, bytes)| has(bytes)).collect();
    let names: Vec<_> = found.iter().map(|(name, _)| *name).collect();
    assert!(names.is_empty(), "{when}: {names:?}");
}

#[test]
fn whatever_ends_it_the_screen_is_cleared() {
    for (key, status) in [("q", 0), ("\r", 0), ("Q", 0), ("\x03", 130), ("\x1c", 130)] {
        let mut person = opened(&HEALTHY);
        person.types("x\x1b[A"); // mean nothing
        std::thread::sleep(std::time::Duration::from_millis(200));
        person.types(key);
        assert_eq!(person.waits(), status, "{key:?}");
        left_nothing(&person);
    }
    for (signal, status) in [
        (Signal::INT, 130),
        (Signal::TERM, 143),
        (Signal::HUP, 129),
        (Signal::QUIT, 130),
    ] {
        let mut person = opened(&HEALTHY);
        person.signals(signal);
        assert_eq!(person.waits(), status, "{signal:?}");
        left_nothing(&person);
    }
}

#[test]
fn while_it_is_stopped_nothing_is_shown() {
    let mut person = opened(&HEALTHY);
    for stop in [true, false] {
        if stop {
            person.signals(Signal::TSTP);
        } else {
            person.types("\x1a");
        }
        person.sees("the screen before", |person| !person.is_alternate());
        left_nothing(&person);
        std::thread::sleep(std::time::Duration::from_millis(200));
        person.signals(Signal::CONT);
        person.reads("Press q or Enter");
        assert_eq!(words_on(&person.screen()), TWELVE);
    }
    person.types("q");
    assert_eq!(person.waits(), 0);
    left_nothing(&person);
}

#[test]
fn a_question_can_be_interrupted() {
    let mut person = Person::starts(&testdata(), &HEALTHY);
    person.reads("Type yes:");
    person.types("\x03");
    assert_eq!(person.waits(), 130);
    left_nothing(&person);
}

#[test]
fn words_fit_the_window_or_are_not_shown() {
    let arguments = [
        "words",
        "healthy-24-words-birthdate.img.zst",
        "--reveal",
        "--yes",
        "-q",
    ];
    for size in [(24, 80), (24, 40), (40, 24), (16, 60)] {
        let mut person = Person::starts_on(&testdata(), &arguments, size, |command| command);
        person.reads("Press q or Enter");
        assert_eq!(words_on(&person.screen()), TWENTY_FOUR, "{size:?}");
        person.resizes(10, 40);
        person.reads("too small");
        assert_eq!(words_on(&person.screen()), "");
        assert!(!person.screen().contains("concert"));
        person.resizes(30, 50);
        person.reads("Press q or Enter");
        assert_eq!(words_on(&person.screen()), TWENTY_FOUR);
        person.types("q");
        assert_eq!(person.waits(), 0);
        left_nothing(&person);
    }
}

#[test]
fn a_pipe_gets_nothing_of_them() {
    let folder = testdata();
    let mut person = Person::starts_on(&folder, &HEALTHY, (24, 80), piped);
    agrees(&mut person);
    assert_eq!(words_on(&person.screen()), TWELVE);
    person.types("q");
    assert_eq!(person.waits(), 0);
    assert_eq!(String::from_utf8(person.pipe()).unwrap(), "");
    for more in [&[][..], &["--yes"], &["--yes", "--passphrase"]] {
        let output = run(&[&HEALTHY, more].concat());
        let text = output.text();
        assert!(
            text.starts_with("status 2\nerror: there is no terminal to ask this on: "),
            "{text}"
        );
        assert!(!text.contains("raven"), "{text}");
    }
}

#[test]
fn a_terminal_that_cannot_clear_shows_none() {
    let dumb = |command: pty_process::blocking::Command| command.env("TERM", "dumb");
    let arguments = [&HEALTHY[..], &["--yes"]].concat();
    let mut person = Person::starts_on(&testdata(), &arguments, (24, 80), dumb);
    assert_eq!(person.waits(), 2);
    assert!(
        person.screen().contains("TERM is dumb"),
        "{}",
        person.screen()
    );
    left_nothing(&person);
}

#[test]
fn a_seed_no_words_stand_for_is_told() {
    let odd = Backup {
        seed_length: 20,
        ..wallet::twelve()
    };
    let source = folder(&odd.id(), &[28, 28, 28].map(|day| (day, odd.encode())));
    let source = source.path().to_str().unwrap();
    let answer = run(&["words", source]).text();
    assert!(answer.starts_with("status 1\n"), "{answer}");
    assert!(answer.contains("a seed of 20 bytes"), "{answer}");
    let answer = run(&["words", source, "--reveal", "--yes", "--to=/dev/shm/never"]).text();
    assert!(answer.contains("a seed of 20 bytes has none"), "{answer}");
}

#[test]
fn the_passphrase_makes_another_fingerprint() {
    let abandon = [
        "words",
        "several-wallets.img.zst",
        "--id=63eb",
        "--passphrase",
    ];
    let mut person = Person::starts(&testdata(), &abandon);
    person.reads("Passphrase of this wallet");
    person.types("TREZOR\n");
    assert_eq!(person.waits(), 0);
    let screen = person.screen();
    for print in ["73c5da0a", "b4e3f5ed"] {
        assert!(screen.contains(print), "{screen}");
    }
    assert!(!String::from_utf8_lossy(&person.got).contains("TREZOR"));
    let mut person = Person::starts(&testdata(), &[&abandon[..], &["--reveal"]].concat());
    person.reads("Passphrase of this wallet");
    person.types("TREZOR\n");
    agrees(&mut person);
    assert!(person.screen().contains("Root fingerprint b4e3f5ed"));
    person.signals(Signal::TERM);
    assert_eq!(person.waits(), 143);
    // A source that could not be read is one here, too.
    let missing = [&abandon[..], &["nowhere.img"]].concat();
    let mut person = Person::starts(&testdata(), &missing);
    person.reads("Passphrase of this wallet");
    person.types("TREZOR\n");
    assert_eq!(person.waits(), 1);
    // Whoever gives up while typing it has an echo again.
    let mut person = Person::starts(&testdata(), &abandon);
    person.reads("Passphrase of this wallet");
    person.types("secret\x03");
    assert_eq!(person.waits(), 130);
    assert!(!String::from_utf8_lossy(&person.got).contains("secret"));
}

#[test]
fn a_new_file_that_only_its_owner_can_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("words.txt");
    let to = format!("--to={}", file.display());
    let arguments = ["words", "healthy.img.zst", "--reveal", "--yes", &to];
    let output = run(&arguments);
    assert!(
        output.text().starts_with("status 0\nThe 12 words are in "),
        "{}",
        output.text()
    );
    assert!(!output.text().contains("raven"));
    let written = std::fs::read_to_string(&file).unwrap();
    let mut lines = written.lines();
    assert_eq!(lines.next(), Some(TWELVE));
    assert_eq!(
        words_on(&lines.clone().take(13).collect::<Vec<_>>().join("\n")),
        TWELVE
    );
    assert!(
        written.ends_with("root fingerprint 5862f623 without passphrase\n"),
        "{written}"
    );
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    // It is never overwritten, and neither is anything else.
    let there = "is there already";
    for (place, why) in [
        (file.as_path(), there),
        (&testdata().join("blank.img.zst"), there),
        (Path::new("/dev/null"), "among the devices"),
    ] {
        let to = format!("--to={}", place.display());
        let output = run(&["words", "healthy.img.zst", "--reveal", "--yes", &to]);
        let text = output.text();
        assert!(text.starts_with("status 2\nerror: "), "{text}");
        assert!(text.contains(why), "{text}");
    }
    let output = run(&[
        "words",
        "healthy.img.zst",
        "--reveal",
        "--yes",
        "--to=nowhere/words",
    ]);
    assert_eq!(output.status, Some(2));
    // A question about it is answered on the terminal only.
    let other = format!("--to={}", folder.path().join("other").display());
    let output = run(&["words", "healthy.img.zst", "--reveal", &other]);
    assert!(
        output
            .text()
            .contains("to ask this on: Write the words to a file?"),
        "{}",
        output.text()
    );
    let mut person = Person::starts(
        &testdata(),
        &["words", "healthy.img.zst", "--reveal", &other],
    );
    person.reads("Type yes:");
    person.types("no\n");
    assert_eq!(person.waits(), 1);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_on_a_disk_is_warned_of() {
    let memory = tempfile::tempdir_in("/dev/shm").unwrap();
    let is_memory = |folder: &Path| {
        let kind = rustix::fs::statfs(folder).unwrap().f_type;
        [0x0102_1994, 0x8584_58f6].contains(&kind) // tmpfs, ramfs
    };
    assert!(is_memory(memory.path()), "/dev/shm is on a disk");
    let places = [
        env!("CARGO_TARGET_TMPDIR"),
        env!("CARGO_MANIFEST_DIR"),
        "/var/tmp",
    ];
    let place = places
        .into_iter()
        .find(|place| !is_memory(Path::new(place)));
    let disk = tempfile::tempdir_in(place.expect("a folder on a disk")).unwrap();
    for (folder, warned) in [(memory.path(), false), (disk.path(), true)] {
        let to = format!("--to={}", folder.join("words").display());
        let output = run(&["words", "healthy.img.zst", "--reveal", "--yes", &to]);
        assert_eq!(output.status, Some(0));
        let said = output.text().contains("risk: The file would be on a disk");
        assert_eq!(said, warned);
    }
}

#[test]
fn which_wallet_is_meant_must_be_clear() {
    let reveal = |arguments: &[&str]| {
        let to = [
            "--reveal",
            "--yes",
            "--to=/dev/shm/never-written-by-this-test",
        ];
        run(&[&["words"], arguments, &to].concat()).text()
    };
    let several = "several-wallets.img.zst";
    let answer = reveal(&[several]);
    assert!(answer.starts_with("status 2\n"), "{answer}");
    for id in [
        "577782fdfffb… \"My BitBox\"",
        "63eb0d691ae7… \"Abandon\"",
        "accf31cb",
    ] {
        assert!(answer.contains(id), "{answer}");
    }
    let answer = reveal(&[several, "--id", "4"]);
    assert!(
        answer.starts_with("status 2\n") && answer.contains("2 IDs begin with it"),
        "{answer}"
    );
    let answer = reveal(&[several, "--id", "00"]);
    assert!(
        answer.starts_with("status 1\n") && answer.contains("--id 00: no backup"),
        "{answer}"
    );
    let answer = reveal(&["blank.img.zst"]);
    assert!(
        answer.starts_with("status 1\n") && answer.contains("no words that could be shown"),
        "{answer}"
    );
    let answer = reveal(&["nowhere.img"]);
    assert!(
        answer.starts_with("status 2\n") && answer.contains("no such file"),
        "{answer}"
    );
}

/// A folder with these files as the copies of one wallet.
fn folder(id: &str, files: &[(u32, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let wallet = folder.path().join("bitbox02").join(id);
    std::fs::create_dir_all(&wallet).unwrap();
    for (number, (day, bytes)) in files.iter().enumerate() {
        let name = format!("backup_Mon_2020-09-{day}T08-30-09Z_{}.bin", number % 3);
        std::fs::write(wallet.join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn one_id_of_two_lengths_needs_the_length() {
    let short = wallet::twelve();
    let long = Backup {
        seed_length: 32,
        ..wallet::twelve()
    };
    assert_eq!(short.id(), long.id());
    let without_checksum = |backup: &Backup| {
        let mut bytes = backup.encode();
        bytes[6..38].fill(0);
        bytes
    };
    let both = [28, 28, 28].map(|day| (day, short.encode()));
    let both: Vec<_> = both
        .into_iter()
        .chain([29, 29, 29].map(|day| (day, long.encode())))
        .collect();
    let open = [
        (28, without_checksum(&short)),
        (28, without_checksum(&long)),
    ];
    for (files, lengths, words) in [
        (&both[..], "16 or 32", "12 or 24"),
        (&open, "16, 24 or 32", "12, 18 or 24"),
    ] {
        let source = folder(&short.id(), files);
        let source = source.path().to_str().unwrap();
        let place = tempfile::tempdir().unwrap();
        let to = format!("--to={}/words", place.path().display());
        let answer = run(&["words", source, "--reveal", "--yes", &to]).text();
        assert!(answer.starts_with("status 2\n"), "{answer}");
        assert!(
            answer.contains(&format!("say --length {lengths} for {words} words")),
            "{answer}"
        );
        let answer = run(&["words", source, "--reveal", "--yes", &to, "--length=16"]).text();
        assert!(answer.starts_with("status 0\n"), "{answer}");
        let written = std::fs::read_to_string(place.path().join("words")).unwrap();
        assert_eq!(written.lines().next(), Some(TWELVE));
        // Never onto the source itself.
        let to = format!("--to={source}/bitbox02/words");
        let answer = run(&["words", source, "--reveal", "--yes", &to, "--length=16"]).text();
        assert!(answer.contains("is on the source"), "{answer}");
    }
}
