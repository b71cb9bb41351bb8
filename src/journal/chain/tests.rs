use super::*;
use crate::journal::entry::line_of;
use crate::journal::{Event, LogEntry};
use std::time::{Duration, UNIX_EPOCH};

/// The line with this number behind that hash.
fn line(number: u64, previous: Hash, after_torn: bool) -> Vec<u8> {
    let entry = LogEntry {
        time: UNIX_EPOCH + Duration::from_secs(number),
        event: Event::started([format!("run-{number}")]),
    };
    line_of(&entry, number, previous, after_torn).unwrap()
}

/// A log of so many lines, and the head behind each.
fn log(lines: u64) -> (Vec<u8>, Vec<Hash>) {
    let (mut log, mut heads) = (Vec::new(), vec![Hash::NONE]);
    for number in 1..=lines {
        let line = line(number, heads[heads.len() - 1], false);
        heads.push(Hash::of(&line));
        log.extend([&line[..], b"\n"].concat());
    }
    (log, heads)
}

fn flaw(log: &[u8]) -> (u64, LineFlaw) {
    match verify(log, None) {
        Err(VerifyError::Broken {
            line,
            flaw,
            proved: None,
        }) => (line, flaw),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_unbroken_log_up_to_each_head() {
    let (log, heads) = log(5);
    let found = verify(&log[..], None).unwrap();
    assert_eq!((found.lines, found.behind), (5, None));
    assert_eq!((found.head, &found.torn[..]), (heads[5], &[][..]));
    assert_eq!(found.first.as_deref(), Some("1970-01-01T00:00:01Z"));
    assert_eq!(found.last.as_deref(), Some("1970-01-01T00:00:05Z"));
    for (index, head) in heads.iter().enumerate() {
        let found = verify(&log[..], Some(*head)).unwrap();
        assert_eq!(found.behind, Some(5 - index as u64));
    }
    let other = verify(&log[..], Some(Hash::of(b"other"))).unwrap_err();
    let VerifyError::OtherHead { found } = other else {
        panic!("{other:?}")
    };
    assert_eq!((found.lines, found.behind), (5, None));
    let empty = verify(&b""[..], Some(Hash::NONE)).unwrap();
    assert_eq!(
        (empty.lines, empty.head, empty.behind),
        (0, Hash::NONE, Some(0))
    );
}

#[test]
fn every_flipped_bit_is_found() {
    let (log, heads) = log(3);
    for at in 0..log.len() {
        for bit in 0..8 {
            let mut log = log.clone();
            log[at] ^= 1 << bit;
            assert!(
                verify(&log[..], Some(heads[3])).is_err(),
                "byte {at} bit {bit}"
            );
        }
    }
}

#[test]
fn every_missing_tail_is_found_or_is_a_torn_line() {
    let (log, heads) = log(3);
    let ends: Vec<_> = (0..log.len())
        .filter(|at| *at == 0 || log[at - 1] == b'\n')
        .collect();
    for at in 0..log.len() {
        let found = verify(&log[..at], None).unwrap();
        let torn = if ends.contains(&at) {
            vec![]
        } else {
            vec![found.lines]
        };
        assert_eq!(found.torn, torn, "cut at {at}");
        // Only the line feed may be missing: the line itself is whole.
        let proved = verify(&log[..at], Some(heads[3])).is_ok();
        assert_eq!(proved, at == log.len() - 1);
    }
}

#[test]
fn lines_taken_out_swapped_or_put_in() {
    let (log, heads) = log(4);
    let lines: Vec<_> = log.split_inclusive(|byte| *byte == b'\n').collect();
    let of = |order: &[usize]| {
        order
            .iter()
            .flat_map(|index| lines[*index])
            .copied()
            .collect::<Vec<_>>()
    };
    assert_eq!(flaw(&of(&[1, 2, 3])), (1, LineFlaw::Number { found: 2 }));
    assert_eq!(flaw(&of(&[0, 2, 3])), (2, LineFlaw::Number { found: 3 }));
    assert_eq!(flaw(&of(&[0, 2, 1, 3])), (2, LineFlaw::Number { found: 3 }));
    assert_eq!(flaw(&of(&[0, 1, 1, 2])), (3, LineFlaw::Number { found: 2 }));
    let forged = [lines[0], &line(2, Hash::of(b"x"), false), b"\n"].concat();
    assert_eq!(flaw(&forged), (2, LineFlaw::Previous));
    let changed = String::from_utf8(log.clone())
        .unwrap()
        .replace("run-2", "run-7");
    assert_eq!(flaw(changed.as_bytes()), (3, LineFlaw::Previous));
    // What stands behind the head is told from what is proved.
    match verify(changed.as_bytes(), Some(heads[1])).unwrap_err() {
        VerifyError::Broken {
            line: 3,
            proved: Some(1),
            ..
        } => {}
        other => panic!("{other:?}"),
    }
    // The last lines cut off: the log is consistent, and the head tells.
    assert!(verify(&of(&[0, 1])[..], None).is_ok());
    assert!(matches!(
        verify(&of(&[0, 1])[..], Some(heads[4])),
        Err(VerifyError::OtherHead { .. })
    ));
}

#[test]
fn a_torn_line_is_one_only_if_the_next_says_so() {
    let (log, heads) = log(1);
    for left in [1, 5, 50, 90, 100, 130] {
        let torn = &line(2, heads[1], false)[..left];
        let head = Hash::of(torn);
        let with = |rest: &[u8]| [&log[..], torn, b"\n", rest, b"\n"].concat();
        let said = with(&line(3, head, true));
        let found = verify(&said[..], Some(head)).unwrap();
        assert_eq!(
            (found.lines, &found.torn[..], found.behind),
            (3, &[2][..], Some(1))
        );
        let unsaid = with(&line(3, head, false));
        assert_eq!(flaw(&unsaid), (2, LineFlaw::Cut));
        assert_eq!(flaw(&with(b"junk")), (2, LineFlaw::Cut));
        // Torn again in the very write that ended it.
        let again = with(&line(3, head, true)[..9]);
        assert_eq!(verify(&again[..], None).unwrap().torn, [2, 3]);
        let zeros = [torn, &[0; 40]].concat();
        let filled = [
            &log[..],
            &zeros,
            b"\n",
            &line(3, Hash::of(&zeros), true),
            b"\n",
        ]
        .concat();
        assert_eq!(verify(&filled[..], None).unwrap().torn, [2]);
    }
    // A whole line of which only the line feed was missing.
    let second = line(2, heads[1], false);
    let ended = [&log[..], &second, b"\n", &line(3, Hash::of(&second), true)].concat();
    assert_eq!(verify(&ended[..], None).unwrap().torn, [2, 3]);
    assert_eq!(
        flaw(&[&line(1, Hash::NONE, true)[..], b"\n"].concat()),
        (1, LineFlaw::Form)
    );
}

#[test]
fn what_is_no_log() {
    for junk in [
        &b"\n"[..],
        b"notes of mine",
        b"{}\n",
        b"[1]\n",
        b"{\"line\":1}\n{\"line\":2}\n",
        b"\0\0\0\0",
        b"\xff\xfe\x00",
        b"{\"line\":1,\"line\":1,\"previous\":\"\",\"time\":\"\"}",
    ] {
        assert_eq!(flaw(junk), (1, LineFlaw::Form), "{junk:?}");
    }
    let deep = [b"{\"line\":1,\"x\":".to_vec(), vec![b'['; 1 << 20]].concat();
    assert_eq!(flaw(&deep), (1, LineFlaw::Form));
    let other_time = String::from_utf8(log(1).0)
        .unwrap()
        .replace("1970-01-01T", "yesterday ");
    assert_eq!(
        flaw(&[other_time.as_bytes(), &line(2, Hash::NONE, false)].concat()),
        (1, LineFlaw::Cut)
    );
}

#[test]
fn a_line_has_a_longest_length() {
    let start = start_of(1, Hash::NONE);
    let of = |length: usize| [start.as_bytes(), &vec![b' '; length - start.len()]].concat();
    assert_eq!(verify(&of(MAX_LINE)[..], None).unwrap().torn, [1]);
    assert_eq!(flaw(&of(MAX_LINE + 1)), (1, LineFlaw::TooLong));
    assert_eq!(
        flaw(&[&of(MAX_LINE + 1)[..], b"\n"].concat()),
        (1, LineFlaw::TooLong)
    );
}

#[test]
fn torn_lines_have_a_greatest_number() {
    let mut chain = HashChain::default();
    for number in 1..=MAX_TORN as u64 {
        assert!(chain.is_torn_at(number).is_ok());
    }
    let last = MAX_TORN as u64 + 1;
    assert!(matches!(
        chain.is_torn_at(last),
        Err(VerifyError::Broken { line, flaw: LineFlaw::TooManyTorn, .. }) if line == last
    ));
}

#[test]
fn an_unreadable_log_is_not_a_broken_one() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(5))
        }
    }
    let (log, _) = log(2);
    let reader = io::BufReader::new(log.chain(Failing));
    let error = verify(reader, None).unwrap_err();
    assert!(
        matches!(error, VerifyError::Unreadable { line: 3, .. }),
        "{error}"
    );
}
