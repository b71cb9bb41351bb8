//! Who knows whom, and what a person has to compare.

use emulator::{Device, Person as Owner, Platform, Reply};

use super::bench::{Bench, bytes, says, with_card};
use crate::support::program::{program, ran, without_terminal};

const SAME: &str = "Is the pairing code the same here and on the BitBox";

/// The code on the device, as the terminal has to show it.
fn code(bench: &Bench) -> Option<String> {
    let screens = bench.emulator.screens();
    let screen = screens
        .iter()
        .find(|screen| screen.title == "Pairing code")?;
    Some(screen.body.join(" / "))
}

#[test]
fn at_first_the_code_is_compared_and_never_again() {
    for platform in [Platform::BitBox02, Platform::Nova] {
        let bench = Bench::strangers(Device {
            platform,
            ..with_card(&[fixtures::wallet::twelve()])
        });
        // --yes does not answer this question, and no pipe does.
        let ran = bench.run(&["list", "--yes"]);
        says(&ran, 2, &[SAME, "there is no terminal to ask this on"]);
        assert_eq!(code(&bench), None);
        let mut person = bench.person(&["list", "--yes"]);
        person.reads(SAME);
        let shown = code(&bench).unwrap();
        person.reads(&shown);
        person.types("yes\n");
        assert_eq!(person.waits(), 0);
        assert!(person.screen().contains("My BitBox"));
        let screens = bench.emulator.screens().len();
        let ran = bench.run(&["list"]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        assert_eq!(
            bench.emulator.screens().len(),
            screens,
            "nothing to compare"
        );
    }
}

#[test]
fn over_bluetooth_the_device_waives_the_code_and_this_program_does_not() {
    let mut device = with_card(&[]);
    (device.platform, device.bluetooth) = (Platform::Nova, true);
    let bench = Bench::strangers(device);
    says(&bench.run(&["list", "--yes"]), 2, &[SAME]);
    let mut person = bench.person(&["list"]);
    person.reads(SAME);
    person.reads(&code(&bench).unwrap());
    person.types("yes\n");
    assert_eq!(person.waits(), 0);
    // Now this computer knows the device: 0x00 waives it.
    let screens = bench.emulator.screens().len();
    assert_eq!(bench.run(&["list"]).status, Some(0));
    assert_eq!(bench.emulator.screens().len(), screens);
}

#[test]
fn another_device_that_says_0x00_is_not_believed() {
    let bench = Bench::paired(with_card(&[]));
    assert_eq!(bench.run(&["list"]).status, Some(0));
    bench.emulator.change(|device| {
        device.key = [9; 32];
        device.bluetooth = true;
    });
    says(&bench.run(&["list"]), 2, &[SAME]);
}

#[test]
fn a_device_that_forgot_this_computer_wants_the_code_again() {
    let bench = Bench::paired(with_card(&[]));
    bench.emulator.change(|device| device.hosts.clear());
    says(&bench.run(&["list"]), 2, &[SAME]);
    let mut person = bench.person(&["list"]);
    person.reads(SAME);
    person.types("yes\n");
    assert_eq!(person.waits(), 0);
    assert_eq!(bench.run(&["list"]).status, Some(0));
}

#[test]
fn rejected_here_or_there_nothing_is_kept() {
    let bench = Bench::strangers(with_card(&[]));
    let file = bench.home.path().join("bitbox-backup/pairing.json");
    let mut person = bench.person(&["list"]);
    person.reads(SAME);
    person.types("no\n");
    assert_eq!(person.waits(), 1);
    let screen = person.screen();
    assert!(
        screen.contains("error: the pairing code was not confirmed here"),
        "{screen}"
    );
    assert!(screen.contains("nothing was stored"), "{screen}");
    let kept = bytes(&file);
    bench.emulator.change(|device| {
        device.hosts.clear();
        device.person = Owner::obliging().at("Pairing code", Reply::Reject);
    });
    let mut person = bench.person(&["list"]);
    assert_eq!(person.waits(), 1);
    let screen = person.screen();
    assert!(
        screen.contains("comparing the pairing code: the device refused"),
        "{screen}"
    );
    assert!(
        screen.contains("the code was rejected on the BitBox"),
        "{screen}"
    );
    assert_eq!(bytes(&file), kept);
    assert_eq!(bench.emulator.requests(), [""; 0]);
}

#[test]
fn unpaired_it_is_compared_anew() {
    let bench = Bench::paired(with_card(&[]));
    let run = |arguments: &[&str]| {
        let mut program = program(bench.home.path());
        program.env("XDG_CONFIG_HOME", bench.home.path());
        ran(without_terminal(program.args(arguments)))
    };
    let ran = run(&["device", "unpair"]);
    says(
        &ran,
        2,
        &["This computer forgets every BitBox", "there is no terminal"],
    );
    assert_eq!(bench.run(&["list"]).status, Some(0));
    let ran = run(&["device", "unpair", "--yes", "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["command"], "device unpair");
    assert_eq!(answer["forgotten"], 1);
    says(&bench.run(&["list"]), 2, &[SAME]);
    let ran = run(&["device", "unpair", "--yes"]);
    assert!(ran.out.contains("0 devices"), "{ran:?}");
}

#[test]
fn files_of_other_programs_are_never_touched() {
    let bench = Bench::paired(with_card(&[]));
    let theirs = bench.home.path().join("bitbox/bitbox02");
    std::fs::create_dir_all(&theirs).unwrap();
    std::fs::write(theirs.join("bitbox02.json"), "theirs").unwrap();
    let tried = std::fs::metadata(theirs.join("bitbox02.json")).unwrap();
    assert_eq!(bench.run(&["list"]).status, Some(0));
    let after = std::fs::metadata(theirs.join("bitbox02.json")).unwrap();
    assert_eq!(after.accessed().unwrap(), tried.accessed().unwrap());
    assert_eq!(bytes(&theirs.join("bitbox02.json")), b"theirs");
    let names = std::fs::read_dir(bench.home.path().join("bitbox-backup")).unwrap();
    let mut names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(names[0], "pairing.json");
    assert_eq!(names[1], "pairing.lock");
    assert!(names[2].starts_with("tcp-127-0-0-1-"), "{names:?}");
}
