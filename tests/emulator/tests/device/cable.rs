//! Frames, polling, time-outs, and what goes wrong on purpose (docs/device.md 2, 3).

use std::thread::sleep;
use std::time::{Duration, Instant};

use emulator::{Answer, Device, Emulator, Event, Fault, Person, Reply, What, When, wire};

use crate::host::{CID, Failed, Host, reports};

const HALF_A_SECOND: Duration = Duration::from_millis(500);

/// A device on which the password takes its time.
fn waiting() -> Emulator {
    Emulator::start(Device {
        person: Person::obliging().at_after("Enter password", Reply::Confirm, 3),
        ..Device::default()
    })
}

#[test]
fn polling_gets_the_answer() {
    let emulator = waiting();
    let mut host = Host::connect(&emulator);
    assert_eq!(host.ask(&[0, b'u']), Ok(vec![1]));
    assert_eq!(host.ask(&[1]), Ok(vec![1]));
    assert_eq!(host.ask(&[1]), Ok(vec![1]));
    assert_eq!(host.ask(&[1]), Ok(vec![0, 0]));
    // Fetched: nothing is pending any more.
    assert_eq!(host.ask(&[1]), Ok(vec![3]));
    assert_eq!(emulator.screens()[0].answer, Answer::Confirmed);
}

#[test]
fn everything_else_meanwhile_is_busy() {
    let emulator = waiting();
    let mut host = Host::connect(&emulator);
    assert_eq!(host.ask(&[0, b'u']), Ok(vec![1]));
    assert_eq!(host.ask(b"i"), Ok(vec![2]));
    assert_eq!(host.ask(&[0, b'h']), Ok(vec![2]));
    assert_eq!(host.ask(&[2]), Ok(vec![3])); // CANCEL cancels nothing
    assert_eq!(host.ask(&[1, 0]), Ok(vec![2])); // RETRY is exactly one byte
    assert_eq!(host.ask(&[1]), Ok(vec![1]));
}

#[test]
fn nothing_pending_and_unknown_codes_are_nack() {
    let emulator = Emulator::start(Device::default());
    let mut host = Host::connect(&emulator);
    for message in [&[1][..], &[2], &[3], &[9, 9], b"I", b""] {
        assert_eq!(host.ask(message), Ok(vec![3]), "{message:02x?}");
    }
}

#[test]
fn an_operation_is_dropped_after_half_a_second_of_silence() {
    let emulator = waiting();
    let mut host = Host::connect(&emulator);
    assert_eq!(host.ask(&[0, b'u']), Ok(vec![1]));
    // Other packets do not keep it alive.
    let begun = Instant::now();
    while begun.elapsed() < HALF_A_SECOND - Duration::from_millis(50) {
        assert_eq!(host.ask(b"i"), Ok(vec![2]));
        sleep(Duration::from_millis(20));
    }
    sleep(Duration::from_millis(200));
    assert!(emulator.events().contains(&Event::Dropped));
    assert_eq!(emulator.screens()[0].answer, Answer::Dropped);
    assert_eq!(host.ask(&[1]), Ok(vec![3]));
    assert_eq!(host.operate(b"u"), Ok(vec![0])); // and the next one is asked for anew
    assert_eq!(emulator.screens().len(), 2);
}

#[test]
fn a_simulator_stays_busy_until_it_is_polled_to_the_end() {
    let emulator = Emulator::start(Device {
        patience: None,
        person: Person::obliging().at_after("Enter password", Reply::Confirm, 1),
        ..Device::default()
    });
    let mut host = Host::connect(&emulator);
    assert_eq!(host.ask(&[0, b'u']), Ok(vec![1]));
    drop(host);
    sleep(HALF_A_SECOND + Duration::from_millis(200));
    let mut host = Host::connect(&emulator);
    assert_eq!(host.ask(b"i"), Ok(vec![2]));
    assert_eq!(host.ask(&[1]), Ok(vec![0, 0]));
}

#[test]
fn a_half_sent_message_survives_its_client() {
    let emulator = Emulator::start(Device::default());
    let mut host = Host::connect(&emulator);
    host.report(&reports(CID, 0xC1, &[7; 100])[0]);
    drop(host);
    let mut host = Host::connect(&emulator);
    host.send(1, 0xC1, b"i");
    assert_eq!(
        host.next().map(|report| (report[3], report[4], report[7])),
        Ok((1, 0xBF, 6))
    );
    assert_eq!(host.ask(b"i"), Err(Failed::Error(4)));
    assert_eq!(host.ask(b"i").map(|info| info.len()), Ok(12));
}

#[test]
fn a_frame_0x86_clears_a_half_sent_message() {
    let emulator = Emulator::start(Device::default());
    let mut host = Host::connect(&emulator);
    host.report(&reports(7, 0xC1, &[7; 100])[0]);
    assert_eq!(host.ask(b"i"), Err(Failed::Error(6)));
    assert_eq!(host.ask(b"i"), Err(Failed::Error(6)));
    host.send(CID, 0x86, &[0; 8]);
    assert_eq!(host.receive(), Err(Failed::Error(1)));
    assert_eq!(host.ask(b"i").map(|info| info.len()), Ok(12));
    assert!(emulator.events().contains(&Event::Cleared));
}

#[test]
fn another_command_is_error_1() {
    let emulator = Emulator::start(Device::default());
    let mut host = Host::connect(&emulator);
    host.send(CID, 0xC3, b"v");
    assert_eq!(host.receive(), Err(Failed::Error(1)));
}

/// The answer to INFO with one thing wrong, and the one after it.
fn info_with(what: What) -> (Result<Vec<u8>, Failed>, Host, Emulator) {
    let emulator = Emulator::start(Device {
        faults: vec![Fault::once(When::Info, what)],
        ..Device::default()
    });
    let mut host = Host::connect(&emulator);
    (host.ask(b"i"), host, emulator)
}

#[test]
fn each_fault_happens_once_and_then_all_is_well() {
    let info = b"\x07v9.27.0\x00\x00\x00\x01";
    let long = [&info[..], &[0; 8]].concat();
    let frame = |report: [u8; 7]| Err(Failed::Frame(report));
    let cid = CID.to_be_bytes();
    for (what, expected) in [
        (What::ErrorFrame(0x7F), Err(Failed::Error(0x7F))),
        (What::ErrorFrame(5), Err(Failed::Error(5))),
        (What::Garble, Ok(b"\x07v9.27.0\x00\x00\x00\x00".to_vec())),
        (
            What::WrongChannel,
            frame([cid[0] ^ 1, 0, 0, 0, 0xC1, 0, 12]),
        ),
        (What::WrongCommand, frame([cid[0], 0, 0, 0, 0xC2, 0, 12])),
        (What::WrongSequence, frame([cid[0], 0, 0, 0, 0x44, 0, 12])),
        (What::Short(1), Ok(vec![7])),
        (What::Long(20), Ok(long)),
        (What::Replace(vec![2]), Ok(vec![2])),
        (What::Nack, Ok(vec![3])),
        (What::Stall(0), Err(Failed::Silence)),
        (What::Length(58), Err(Failed::Silence)),
        (What::Delay(Duration::from_millis(50)), Ok(info.to_vec())),
    ] {
        let name = format!("{what:?}");
        let (found, mut host, _emulator) = info_with(what);
        assert_eq!(found, expected, "{name}");
        assert_eq!(host.ask(b"i"), Ok(info.to_vec()), "{name}");
    }
}

#[test]
fn a_flood_comes_before_the_answer_or_never_ends() {
    let (found, mut host, _emulator) = info_with(What::Flood(5));
    assert!(matches!(
        found,
        Err(Failed::Frame([0, 0xFF, 0xFF, 0xFF, ..]))
    ));
    for _ in 1..5 {
        assert!(host.next().is_ok());
    }
    assert_eq!(host.receive().map(|info| info.len()), Ok(12));
    let (_, mut host, _emulator) = info_with(What::Flood(usize::MAX));
    for _ in 0..10_000 {
        assert!(host.next().is_ok());
    }
}

#[test]
fn a_device_that_is_dropped_is_unplugged() {
    let emulator = Emulator::start(Device::default());
    let mut host = Host::connect(&emulator);
    assert!(host.ask(b"i").is_ok());
    let address = emulator.address();
    drop(emulator);
    assert_eq!(host.next(), Err(Failed::Gone));
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn the_cable_is_pulled_in_the_middle_of_a_report() {
    let what = What::Disconnect {
        frames: 0,
        bytes: 9,
    };
    let (found, _, emulator) = info_with(what);
    assert_eq!(found, Err(Failed::Gone));
    assert!(!emulator.is_off());
    // The client can connect again.
    assert_eq!(
        Host::connect(&emulator).ask(b"i").map(|info| info.len()),
        Ok(12)
    );
}

#[test]
fn busy_means_the_same_ciphertext_again() {
    let busy = Fault::times(When::Operation(b'n'), What::Busy, 2);
    let emulator = Emulator::start(Device {
        faults: vec![busy],
        ..Device::default()
    });
    let mut host = Host::paired(&emulator);
    let sealed = host.encrypt(&wire::bytes(13, &[]));
    let message = [&[0, b'n'], &*sealed].concat();
    assert_eq!(host.ask(&message), Ok(vec![2]));
    assert_eq!(host.ask(&message), Ok(vec![2]));
    let answer = host.ask(&message).expect("an answer");
    assert_eq!(host.decrypt(&answer[2..]), Some(wire::check_sdcard(false)));
}

#[test]
fn a_request_is_met_by_its_name() {
    let lie = wire::list_backups([("../../etc", 1, "\u{1b}[2J"), ("", 0, "")]);
    let emulator = Emulator::start(Device {
        faults: vec![
            Fault::once(When::Request("list_backups"), What::Respond(lie.clone())),
            Fault::once(When::Request("fingerprint"), What::Garble),
        ],
        ..Device::default()
    });
    let mut host = Host::paired(&emulator);
    assert_eq!(host.request(13, &[]), wire::check_sdcard(false));
    assert_eq!(host.list(), lie);
    let answer = host.try_request(24, &[]).expect("an answer");
    assert_eq!(host.decrypt(&answer[1..]), None);
    assert_eq!(
        emulator.requests(),
        ["check_sdcard", "list_backups", "fingerprint"]
    );
}

#[test]
fn moments_are_told_apart() {
    let emulator = Emulator::start(Device {
        faults: vec![
            Fault::once(When::Message(2), What::Replace(vec![9])),
            Fault::once(When::Handshake(32), What::Short(40)),
            Fault::once(When::Retry, What::Nack),
        ],
        person: Person::obliging().at_after("Enter password", Reply::Confirm, 5),
        ..Device::default()
    });
    let mut host = Host::connect(&emulator);
    assert_eq!(host.ask(&[0, b'h']), Ok(vec![0, 0]));
    assert_eq!(
        host.ask(&[&[0, b'H'][..], &[5; 32]].concat())
            .map(|m| m.len()),
        Ok(40)
    );
    assert_eq!(host.ask(b"i"), Ok(vec![9]));
    assert_eq!(host.ask(&[0, b'u']), Ok(vec![1]));
    assert_eq!(host.ask(&[1]), Ok(vec![3]));
    assert_eq!(host.ask(&[1]), Ok(vec![1]));
}

#[test]
fn any_bytes_leave_it_standing() {
    let emulator = Emulator::start(Device::default());
    let mut host = Host::connect(&emulator);
    let mut random = 0x9E37_79B9_7F4A_7C15_u64; // xorshift
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    for _ in 0..20_000 {
        let mut report = [0; 64];
        for part in report.chunks_mut(8) {
            part.copy_from_slice(&next().to_le_bytes());
        }
        // Mostly one channel, our command, a length that ends, and an operation.
        let shape = next();
        if shape & 7 != 0 {
            report[..4].copy_from_slice(&CID.to_be_bytes());
        }
        if shape & 0x18 != 0 {
            report[4] = 0xC1;
            report[5..7].copy_from_slice(&((shape >> 32) as u16 % 80).to_be_bytes());
            report[7] = (shape >> 8) as u8 & 1;
            report[8] = b"auhHvni"[(shape >> 16) as usize % 7];
        }
        host.report(&report);
        while host.is_waiting() {
            host.next().expect("a whole report");
        }
    }
    drop(host);
    let mut host = Host::connect(&emulator);
    host.send(1, 0x86, &[0; 8]);
    while host.next().is_ok() {}
    assert_eq!(host.ask(b"i").map(|info| info.len()), Ok(12));
}

/// A character device, for which the end of a terminal does here as `/dev/hidg0` does in a gadget.
#[cfg(unix)]
#[test]
fn it_is_reached_at_a_character_device() {
    use std::io::{Read, Write};

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    let terminal = openpt(flags).expect("there are terminals");
    grantpt(&terminal)
        .and_then(|()| unlockpt(&terminal))
        .expect("it is ours");
    let mut raw = tcgetattr(&terminal).expect("it is a terminal");
    raw.make_raw();
    tcsetattr(&terminal, OptionalActions::Now, &raw).expect("it is a terminal");
    let path = ptsname(&terminal, Vec::new()).expect("it has a name");
    let path = path.into_string().expect("in ASCII");

    let emulator = Emulator::attach(Device::default(), path).expect("it is there");
    let mut cable = std::fs::File::from(terminal);
    let mut report = [0; 64];
    for _ in 0..3 {
        cable
            .write_all(&reports(CID, 0xC1, b"i")[0])
            .expect("it reads");
        cable.read_exact(&mut report).expect("it answers");
        assert_eq!(report[7..19], *b"\x07v9.27.0\x00\x00\x00\x01");
    }
    assert!(emulator.events().contains(&Event::Info));
}
