//! Operations, pairing and states (docs/device.md 3, 4, 5).

use emulator::{
    Answer, Attestation, Card, Device, Edition, Emulator, Event, Kind, Person, Platform, Reply,
    Slot, Spoilt, Wallet, wire,
};
use fixtures::wallet;

use crate::host::{CID, Failed, Host, KEY, error_code};

/// The public half of the host's key.
fn host_key(emulator: &Emulator) -> [u8; 32] {
    Host::paired(emulator);
    let [key] = *emulator.device().hosts else {
        panic!("one host is paired");
    };
    key
}

fn device_with_card() -> Device {
    let mut fat = fixtures::power_cut::LAYOUT.format();
    fat.save(&wallet::twelve());
    fat.save(&wallet::eighteen());
    Device {
        slot: Slot::Inserted(Card::new(fat.card)),
        ..Device::default()
    }
}

#[test]
fn info_says_what_it_is() {
    let emulator = Emulator::start(Device {
        platform: Platform::Nova,
        ..Device::default()
    });
    let mut host = Host::connect(&emulator);
    // The example of docs/device.md 3-e, locked and then open.
    assert_eq!(host.ask(b"i"), Ok(b"\x07v9.27.0\x02\x00\x00\x01".to_vec()));
    assert_eq!(host.operate(b"u"), Ok(vec![0]));
    assert_eq!(host.ask(b"i"), Ok(b"\x07v9.27.0\x02\x00\x01\x01".to_vec()));

    let emulator = Emulator::start(Device {
        version: "v9.19.0".into(),
        edition: Edition::BtcOnly,
        ..Device::default()
    });
    let info = Host::connect(&emulator).ask(b"i");
    assert_eq!(info, Ok(b"\x07v9.19.0\x00\x01\x00".to_vec())); // not yet "initialized"
}

#[test]
fn a_bootloader_knows_no_operation() {
    let emulator = Emulator::start(Device {
        bootloader: true,
        ..Device::default()
    });
    let mut host = Host::connect(&emulator);
    assert_eq!(host.ask(b"i"), Err(Failed::Error(1)));
    assert_eq!(host.ask(&[0, b'u']), Err(Failed::Error(1)));
}

#[test]
fn a_new_host_compares_the_code_once() {
    let emulator = Emulator::start(Device::default());
    let mut host = Host::connect(&emulator);
    host.operate(b"u").expect("it unlocks");
    host.shake();
    assert_eq!(host.verify, 1);
    // Outstanding: requests are refused, and nothing is shown for them.
    assert_eq!(host.try_request(4, &[]), Ok(vec![1]));
    host.shake();
    assert_eq!(host.operate(b"v"), Ok(vec![0]));
    assert_eq!(error_code(&host.request(4, &[])), None);
    let shown = emulator.screens().pop().expect("the code");
    assert_eq!((&*shown.title, shown.kind), ("Pairing code", Kind::Confirm));
    assert_eq!(shown.body.join("\n"), host.code);
    drop(host);

    let mut again = Host::connect(&emulator);
    again.shake();
    assert_eq!(again.verify, 0);
    assert_eq!(error_code(&again.request(4, &[])), None);
    let verified = |event: &&Event| **event == Event::Operation(b'v');
    assert_eq!(emulator.events().iter().filter(verified).count(), 1);
}

#[test]
fn a_rejected_code_ends_the_channel() {
    let emulator = Emulator::start(Device {
        locked: false,
        person: Person::obliging().at_after("Pairing code", Reply::Reject, 2),
        ..Device::default()
    });
    let mut host = Host::connect(&emulator);
    host.shake();
    assert_eq!(host.operate(b"v"), Ok(vec![1]));
    assert_eq!(host.try_request(4, &[]), Ok(vec![1]));
    assert_eq!(host.operate(b"v"), Ok(vec![1]));
    assert!(emulator.device().hosts.is_empty());
    assert_eq!(emulator.screens()[0].answer, Answer::Rejected);
    let retries = emulator.events().into_iter().filter(|e| *e == Event::Retry);
    assert_eq!(retries.count(), 2);
}

#[test]
fn bluetooth_and_a_known_host_need_no_code() {
    let known = host_key(&Emulator::start(Device::default()));
    for device in [
        Device {
            bluetooth: true,
            ..Device::default()
        },
        Device {
            hosts: vec![known],
            ..Device::default()
        },
    ] {
        let emulator = Emulator::start(device);
        let mut host = Host::paired(&emulator);
        assert_eq!(host.verify, 0);
        assert_eq!(error_code(&host.request(4, &[])), None);
    }
    assert_ne!(known, KEY);
}

#[test]
fn operations_out_of_order_fail() {
    let emulator = Emulator::start(Device::default());
    let mut host = Host::connect(&emulator);
    for payload in [&b""[..], b"H", b"v", b"nabc", b"x", b"u ", b"h "] {
        assert_eq!(host.operate(payload), Ok(vec![1]), "{payload:?}");
    }
    // A failed step needs a new beginning.
    assert_eq!(host.operate(b"h"), Ok(vec![0]));
    assert_eq!(host.operate(b"Habc"), Ok(vec![1]));
    assert_eq!(host.operate(&[b'H'; 33]), Ok(vec![1]));
    host.shake();
}

#[test]
fn a_garbled_request_changes_nothing() {
    let emulator = Emulator::start(device_with_card());
    let mut host = Host::paired(&emulator);
    let sealed = host.encrypt(&wire::bytes(13, &[]));
    let mut garbled = sealed.clone();
    garbled[3] ^= 0x40;
    assert_eq!(host.operate(&[b"n", &*garbled].concat()), Ok(vec![1]));
    let answer = host.operate(&[b"n", &*sealed].concat()).expect("an answer");
    assert_eq!(host.decrypt(&answer[1..]), Some(wire::check_sdcard(true)));
}

#[test]
fn without_unlocking_every_request_is_a_wrong_state() {
    let emulator = Emulator::start(device_with_card());
    let mut host = Host::connect(&emulator);
    host.shake();
    assert_eq!(host.operate(b"v"), Ok(vec![0]));
    for request in [4, 6, 13, 15, 16, 19, 24] {
        assert_eq!(
            error_code(&host.request(request, &[])),
            Some(105),
            "{request}"
        );
    }
    assert_eq!(host.operate(b"u"), Ok(vec![0]));
    assert_eq!(error_code(&host.request(4, &[])), None);
}

#[test]
fn each_state_allows_its_requests() {
    let seed = wallet::twelve().seed[..16].to_vec();
    for (wallet, allowed) in [
        (Wallet::Uninitialized, [4, 13, 15].as_slice()),
        (Wallet::Seeded { seed: seed.clone() }, &[4, 6, 13, 15]),
        (Wallet::initialized(&seed), &[4, 6, 13, 15, 19, 24]),
    ] {
        let emulator = Emulator::start(Device {
            wallet,
            locked: false,
            ..device_with_card()
        });
        let mut host = Host::connect(&emulator);
        host.shake();
        host.operate(b"v").expect("an answer");
        for request in [4, 6, 13, 15, 19, 24] {
            // An offset that does not exist, so that nothing is created.
            let fields = wire::number(2, 60_000);
            let refused = error_code(&host.request(request, &fields)) == Some(105);
            assert_eq!(refused, !allowed.contains(&request), "{request}");
        }
    }
}

#[test]
fn unlocking_asks_until_the_password_is_right() {
    let wrong = Reply::WrongPassword;
    let person = Person::obliging()
        .at("Enter password", wrong)
        .at("Enter password", wrong);
    let emulator = Emulator::start(Device {
        wallet: Wallet::Initialized {
            seed: vec![0; 16],
            passphrase: Some("TREZOR".into()),
        },
        person,
        ..Device::default()
    });
    let mut host = Host::connect(&emulator);
    assert_eq!(host.operate(b"u"), Ok(vec![0]));
    let titles: Vec<String> = emulator
        .screens()
        .into_iter()
        .map(|one| one.title)
        .collect();
    assert_eq!(
        titles,
        [
            "Enter password",
            "Wrong password",
            "Enter password",
            "Wrong password",
            "Enter password",
            "Optional passphrase",
            "",
            "Confirm",
        ]
    );
    assert_eq!(emulator.screens()[3].body, ["8 tries remain"]);
    assert_eq!(emulator.device().attempts, 10);
    assert!(!emulator.device().locked);
}

#[test]
fn the_last_wrong_password_wipes_it() {
    let emulator = Emulator::start(Device {
        attempts: 1,
        person: Person::obliging().at("Enter password", Reply::WrongPassword),
        ..Device::default()
    });
    let mut host = Host::connect(&emulator);
    assert_eq!(host.operate(b"u"), Err(Failed::Gone));
    assert!(emulator.is_off());
    assert_eq!(emulator.device().wallet, Wallet::Uninitialized);
}

#[test]
fn an_uninitialized_device_says_so() {
    let emulator = Emulator::start(Device {
        wallet: Wallet::Uninitialized,
        ..device_with_card()
    });
    let mut host = Host::paired(&emulator);
    assert_eq!(host.operate(b"u"), Ok(vec![2]));
    assert_eq!(error_code(&host.list()), None);
}

#[test]
fn attestation_is_refused_or_signed() {
    let challenge = [&b"a"[..], &[7; 32]].concat();
    let emulator = Emulator::start(Device::default());
    assert_eq!(Host::connect(&emulator).operate(&challenge), Ok(vec![1]));

    let signed = |spoilt, root_id| {
        let emulator = Emulator::start(Device {
            attestation: Attestation::Signed { root_id, spoilt },
            ..Device::default()
        });
        let mut host = Host::connect(&emulator);
        assert_eq!(host.operate(b"a"), Ok(vec![1]));
        host.operate(&challenge).expect("an answer")
    };
    let honest = signed(Spoilt::Nothing, None);
    assert_eq!((honest.len(), honest[0]), (257, 0));
    check_signatures(&honest, [true, true]);
    check_signatures(&signed(Spoilt::Certificate, None), [false, true]);
    check_signatures(&signed(Spoilt::Challenge, None), [true, false]);
    assert_eq!(signed(Spoilt::Length, None).len(), 256);
    assert_eq!(signed(Spoilt::Nothing, Some([9; 32]))[161..193], [9; 32]);
}

/// Whether certificate and challenge are signed, by the keys the answer itself names.
fn check_signatures(answer: &[u8], expected: [bool; 2]) {
    use k256::ecdsa::signature::Verifier;
    // The emulator's own root key; its id stands in the answer.
    let root = k256::ecdsa::SigningKey::from_slice(&[0x52; 32]).expect("in range");
    let root = root.verifying_key();
    let certificate = k256::ecdsa::Signature::from_slice(&answer[97..161]).expect("a signature");
    let device = [&[4], &answer[33..97]].concat();
    let device = p256::ecdsa::VerifyingKey::from_sec1_bytes(&device).expect("a point");
    let signature = p256::ecdsa::Signature::from_slice(&answer[193..]).expect("a signature");
    let found = [
        root.verify(&answer[1..97], &certificate).is_ok(),
        device.verify(&[7; 32], &signature).is_ok(),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_fingerprint_is_that_of_the_open_wallet() {
    // BIP-39's and BIP-84's own vectors: "abandon … about", without and with "TREZOR".
    for (passphrase, fingerprint) in [(None, "73c5da0a"), (Some("TREZOR"), "b4e3f5ed")] {
        let emulator = Emulator::start(Device {
            wallet: Wallet::Initialized {
                seed: vec![0; 16],
                passphrase: passphrase.map(String::from),
            },
            ..Device::default()
        });
        let response = Host::paired(&emulator).request(24, &[]);
        let expected = hex::decode(fingerprint).expect("it is hex");
        assert_eq!(response, wire::fingerprint(&expected));
    }
}

#[test]
fn device_info_names_its_fields() {
    let emulator = Emulator::start(Device::default());
    let response = Host::paired(&emulator).request(4, &[]);
    let fields = wire::fields(&response).expect("a message");
    let info = wire::fields(wire::bytes_of(&fields, 4).expect("device_info")).expect("a message");
    assert_eq!(wire::bytes_of(&info, 1), Some(&b"My BitBox"[..]));
    assert_eq!(wire::number_of(&info, 2), 1);
    assert_eq!(wire::bytes_of(&info, 3), Some(&b"v9.27.0"[..]));
    assert_eq!(wire::number_of(&info, 4), 0);
}

#[test]
fn another_channel_works_too() {
    let emulator = Emulator::start(Device::default());
    let mut host = Host::connect(&emulator);
    host.send(CID + 5, 0xC1, b"i");
    let report = host.next().expect("an answer");
    assert_eq!(report[..5], [0xFF, 0, 0, 5, 0xC1]);
}
