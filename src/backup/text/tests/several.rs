//! Several copies in one text, long texts, and texts that are none.

use super::*;
use crate::backup::{Contents, Parts};

/// Whole copies of several lengths.
fn several() -> Vec<Vec<u8>> {
    let copy = |name: &str, byte: u8, seed_length: u32| {
        let mut seed = [0; 32];
        seed[..seed_length as usize].fill(byte);
        let parts = Parts {
            timestamp: 1_601_281_809,
            name,
            seed_length,
            seed: &seed,
            birthdate: 1_601_281_809,
            generator: "v9.13.0",
            with_length: false,
        };
        Contents::new(&parts).unwrap().encode().to_vec()
    };
    let names = ["a", "bc", "def", "longer", "and longest"];
    let each = names.iter().zip(1..).zip([16, 24, 32, 32, 16]);
    each.map(|((name, byte), length)| copy(name, byte, length))
        .collect()
}

/// Each copy as `write` writes it.
fn written(write: impl Fn(&[u8]) -> String) -> Vec<String> {
    several().iter().map(|copy| write(copy)).collect()
}

/// A text gives all of the copies, once each, and by this form.
#[track_caller]
fn gives_all(text: &[u8], form: TextForm) {
    let found = copies_in_text(text);
    let shown = String::from_utf8_lossy(&text[..text.len().min(1000)]);
    assert!(found.iter().all(|(_, by)| *by == form), "{form:?}: {shown}");
    let mut copies: Vec<_> = found.into_iter().map(|(copy, _)| copy.to_vec()).collect();
    let mut all = several();
    copies.sort();
    all.sort();
    assert_eq!(copies.len(), all.len(), "{form:?}: {shown}");
    assert_eq!(copies, all, "{form:?}: {shown}");
}

/// A dump as `xxd` prints it.
fn dump(bytes: &[u8]) -> String {
    let lines = bytes.chunks(16).enumerate().map(|(at, part)| {
        let at = at * 16;
        format!("{at:08x}: {:39}  {}\n", spaced(part, 2), letters(part))
    });
    lines.collect()
}

#[test]
fn all_copies_of_a_text_are_found() {
    let plain = |copy: &[u8]| base64(copy, 76) + "\n";
    let safe = |copy: &[u8]| plain(copy).replace('=', "");
    for texts in [written(plain), written(safe)] {
        gives_all(texts.concat().as_bytes(), TextForm::Base64);
        for heading in [
            "backup_Mon_2020-09-28T08-30-09Z_0.bin\n",
            "copy 1\n",
            "copy\n",
            "copy1\n",
        ] {
            let text: String = texts
                .iter()
                .map(|text| format!("{heading}{text}"))
                .collect();
            gives_all(text.as_bytes(), TextForm::Base64);
        }
    }
    let parts = written(plain).into_iter().map(|text| {
        format!("--===============5561==\r\nContent-Transfer-Encoding: base64\r\n\r\n{text}\r\n")
    });
    gives_all(
        (parts.collect::<String>() + "--===============5561==--\r\n").as_bytes(),
        TextForm::Base64,
    );
    let hex = written(|copy| hex::encode(copy) + "\n");
    for texts in [hex.clone(), written(dump)] {
        gives_all(texts.concat().as_bytes(), TextForm::Hexadecimal);
        gives_all(texts.join("copy 1\n").as_bytes(), TextForm::Hexadecimal);
        let quoted = texts.concat().replace('\n', "\n> ");
        gives_all(format!("> {quoted}").as_bytes(), TextForm::Hexadecimal);
    }
    for (before, behind) in [
        ("My backup: ", ""),
        ("{\"data\": \"", "\"}"),
        ("(0x", "),"),
        ("X'", "'"),
    ] {
        let text = hex
            .iter()
            .map(|text| format!("{before}{}{behind}\n", text.trim_end()));
        gives_all(text.collect::<String>().as_bytes(), TextForm::Hexadecimal);
    }
    for (word, offset) in [
        (
            |word: u16| format!(" {word:04x}"),
            |at: usize| format!("{at:07x}"),
        ),
        (
            |word: u16| format!(" {word:06o}"),
            |at: usize| format!("{at:07o}"),
        ),
    ] as [(fn(u16) -> String, fn(usize) -> String); 2]
    {
        let words = written(|copy| {
            let lines = copy.chunks(16).enumerate().map(|(at, line)| {
                let words = line.chunks(2);
                let words =
                    words.map(|two| word(u16::from_le_bytes([two[0], *two.get(1).unwrap_or(&0)])));
                format!("{}{}\n", offset(at * 16), words.collect::<String>())
            });
            format!("{}{}\n", lines.collect::<String>(), offset(copy.len()))
        });
        gives_all(words.concat().as_bytes(), TextForm::Hexadecimal);
    }
    let array = written(|copy| {
        let bytes: Vec<String> = copy.iter().map(|byte| format!("0x{byte:02x}")).collect();
        format!(
            "unsigned char a[] = {{\n  {}\n}};\nunsigned int a_len = 9;\n",
            bytes.join(", ")
        )
    });
    gives_all(array.concat().as_bytes(), TextForm::Hexadecimal);
    let lists = written(|copy| {
        let numbers: Vec<String> = copy.iter().map(u8::to_string).collect();
        format!("[{}]\n", numbers.join(", "))
    });
    gives_all(lists.concat().as_bytes(), TextForm::Decimal);
}

#[test]
fn a_mark_and_other_languages_are_passed_over() {
    let base64 = |copy: &[u8]| base64(copy, 76) + "\n";
    let hex = |copy: &[u8]| hex::encode(copy) + "\n";
    for (texts, form) in [
        (written(base64), TextForm::Base64),
        (written(hex), TextForm::Hexadecimal),
        (written(dump), TextForm::Hexadecimal),
    ] {
        let marked: String = texts.iter().map(|text| format!("\u{FEFF}{text}")).collect();
        gives_all(marked.as_bytes(), form);
        let others = ["\nGrüße aus Zürich\n", "\nпривет\n", "\n你好\n"];
        for other in others {
            gives_all(texts.join(other).as_bytes(), form);
        }
    }
}

#[test]
fn long_texts_are_looked_into_to_their_end() {
    let photo: Vec<u8> = (0..200_000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let lines = base64(&photo, 76);
    let one_line = base64(&photo, usize::MAX);
    let chat = "12:01 Alice: how are you? Здравствуйте\n".repeat(4000);
    for between in [&lines, &one_line, &chat] {
        let each = |copy: &[u8]| format!("\r\n\r\n{}\r\n\r\n{between}\r\n", base64(copy, 76));
        gives_all(written(each).concat().as_bytes(), TextForm::Base64);
        let wide = [vec!["\u{FEFF}".to_owned()], written(each)]
            .concat()
            .concat()
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>();
        gives_all(&wide, TextForm::Utf16);
    }
    // Wherever a stretch ends, and in one word.
    for before in (0..200).step_by(7).map(|less| STRETCH - OVERLAP - less) {
        let before = "x ".repeat(before / 2) + &" ".repeat(before % 2);
        let text = format!(
            "{before}{}{}",
            written(|copy| base64(copy, 1000) + " ").concat(),
            &one_line[..30_000]
        );
        gives_all(text.as_bytes(), TextForm::Base64);
    }
    for before in (STRETCH - 600..STRETCH).step_by(17) {
        let bytes = [
            &photo[..before],
            several().concat().as_slice(),
            &photo[..90_000],
        ]
        .concat();
        gives_all(base64(&bytes, usize::MAX).as_bytes(), TextForm::Base64);
    }
}

/// A text that decodes again and again takes no longer than a few times that of one that does not.
#[test]
fn no_text_takes_long() {
    let mut nested = vec![b'='; 20_000];
    for _ in 0..4 {
        nested = format!("A\n{}\nA", base64(&nested, 77)).into_bytes();
    }
    nested.truncate(STRETCH);
    let escapes = "=3D".repeat(STRETCH / 3);
    let wide = "é".repeat(STRETCH / 2);
    let long = nested.repeat(64);
    let start = std::time::Instant::now();
    for text in [&nested, escapes.as_bytes(), wide.as_bytes(), &long] {
        let before = start.elapsed();
        assert!(copies_in_text(text).is_empty());
        eprintln!("{:?}", start.elapsed() - before);
    }
    assert!(start.elapsed().as_secs() < 120);
}
