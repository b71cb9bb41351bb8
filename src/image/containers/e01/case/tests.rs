use std::io::Write;

use super::*;

fn packed(text: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text).unwrap();
    packer.finish().unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

const NAMES: &str = "a\tc\tn\te\tt\tmd\tsn\tav\tov\tm\tu\tp\tdc";

#[test]
fn both_forms_are_read() {
    let values = "card\t17\tA-1\tJ. Müller\tseen\tSD\t99\t7.4\tLinux\t1601281809\t0\t0\t";
    let new = read(&packed(&utf16(&format!("3\nmain\n{NAMES}\n{values}\n\n")))).unwrap();
    let all: Vec<_> = new.fields().collect();
    assert_eq!(
        all,
        [
            ("case number", "17"),
            ("evidence number", "A-1"),
            ("description", "card"),
            ("examiner", "J. Müller"),
            ("notes", "seen"),
            ("acquired", "2020-09-28T08:30:09Z"),
            ("program", "7.4"),
            ("system", "Linux"),
            ("model", "SD"),
            ("serial number", "99"),
        ]
    );
    let old = "1\r\nmain\r\nc\tn\ta\te\tt\tav\tov\tm\tu\tp\r\n17\tA-1\tcard\tJ. M\u{fc}ller\t\t3\t\
               Windows\t2002 3 4 10 19 59\t2002 13 4 10 19 59\t0\r\n";
    let latin: Vec<u8> = old.chars().map(|one| one as u8).collect();
    let old = read(&packed(&latin)).unwrap();
    assert_eq!(old.examiner.as_deref(), Some("J. Müller"));
    assert_eq!(
        old.acquired.as_deref(),
        Some("2002-03-04T10:19:59"),
        "no zone"
    );
    assert_eq!(
        old.system_date.as_deref(),
        Some("2002 13 4 10 19 59"),
        "no date"
    );
    assert_eq!(old.notes, None);
    let mut both = new.clone();
    both.examiner = None;
    fill(
        &mut both,
        CaseReport {
            case_number: Some("other".to_owned()),
            ..new.clone()
        },
    );
    assert_eq!(both, new, "only what is missing is filled in");
}

#[test]
fn what_is_hostile_is_harmless() {
    let long = "x".repeat(100_000);
    let values = format!("a\x1b[31m\u{202e}\t{long}");
    let case = read(&packed(&utf16(&format!("1\nmain\na\tc\n{values}\n")))).unwrap();
    assert_eq!(case.description.as_deref(), Some("a\\x1b[31m\\u{202e}"));
    let number = case.case_number.unwrap();
    assert_eq!(
        (number.chars().count(), number.ends_with('…')),
        (4097, true)
    );
    // A bomb, something cut short, something else, and nothing.
    assert_eq!(read(&packed(&vec![0; 4 << 20])), None);
    let whole = packed(b"1\nmain\nc\n7\n");
    assert_eq!(read(&whole[..whole.len() - 5]), None);
    for other in [&packed(b"1\nmain\nc"), &packed(b"nothing"), &packed(b"")] {
        assert_eq!(read(other), None);
    }
    assert_eq!(read(&[]), None);
    let empty = read(&packed(b"1\nmain\nc\n\n")).unwrap();
    assert!(empty.is_empty());
}
