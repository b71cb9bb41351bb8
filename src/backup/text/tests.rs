use super::{OVERLAP, STRETCH, TextForm, copies_in_text};
use crate::backup::{Contents, Parts};

fn known() -> Vec<u8> {
    hex::decode(crate::backup::tests::KNOWN).unwrap()
}

/// A text gives the known copy, by this form.
fn gives(text: &[u8], form: TextForm) {
    let found = copies_in_text(text);
    assert_eq!(
        found.len(),
        1,
        "{form:?}: {}",
        String::from_utf8_lossy(text)
    );
    assert_eq!(found[0].0.as_slice(), known(), "{form:?}");
    assert_eq!(found[0].1, form);
}

fn spaced(bytes: &[u8], each: usize) -> String {
    let groups: Vec<String> = bytes.chunks(each).map(hex::encode).collect();
    groups.join(" ")
}

fn letters(bytes: &[u8]) -> String {
    let letter = |byte: &u8| {
        if byte.is_ascii_graphic() {
            char::from(*byte)
        } else {
            '.'
        }
    };
    bytes.iter().map(letter).collect()
}

#[test]
fn hexadecimal_as_tools_print_it() {
    let bytes = known();
    let lines = |line: &dyn Fn(usize, &[u8]) -> String| {
        let lines: Vec<String> = bytes
            .chunks(16)
            .enumerate()
            .map(|(at, part)| line(at * 16, part))
            .collect();
        lines.join("\n")
    };
    let plain = hex::encode(&bytes);
    let wrapped: Vec<String> = plain
        .as_bytes()
        .chunks(60)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let xxd = lines(&|at, part| format!("{at:08x}: {:39}  {}", spaced(part, 2), letters(part)));
    let canonical = lines(&|at, part| {
        let (left, right) = part.split_at(part.len().min(8));
        format!(
            "{at:08x}  {:23}  {:23}  |{}|",
            spaced(left, 1),
            spaced(right, 1),
            letters(part)
        )
    });
    let od = lines(&|at, part| format!("{at:07o} {}", spaced(part, 1)));
    let array: Vec<String> = bytes.iter().map(|byte| format!("0x{byte:02x}")).collect();
    let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    for text in [
        plain.clone(),
        plain.to_uppercase(),
        format!("My backup:\n{}\nGood luck!\n", wrapped.join("\r\n")),
        spaced(&bytes, 1),
        spaced(&bytes, 1).replace(' ', ":"),
        xxd,
        format!("{canonical}\n00000070\n"),
        od,
        format!("unsigned char backup[] = {{\n  {}\n}};\n", array.join(", ")),
        format!("b\"{escaped}\""),
    ] {
        gives(text.as_bytes(), TextForm::Hexadecimal);
    }
    let list: Vec<String> = bytes.iter().map(u8::to_string).collect();
    gives(
        format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", list.join(",")).as_bytes(),
        TextForm::Decimal,
    );
    let signed: Vec<String> = bytes
        .iter()
        .map(|byte| byte.cast_signed().to_string())
        .collect();
    gives(
        format!("[{}]", signed.join(", ")).as_bytes(),
        TextForm::Decimal,
    );
}

/// Base64 in lines of a length.
fn base64(bytes: &[u8], length: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let bits = part
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - part.len()));
        for place in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > part.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(length)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    lines.join("\r\n")
}

#[test]
fn base64_as_mail_carries_it() {
    let bytes = known();
    let mail = format!(
        "Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--end\r\n",
        base64(&bytes, 76)
    );
    let answer = format!(
        "On Monday you wrote:\n> {}\n",
        base64(&bytes, 60).replace("\r\n", "\n> ")
    );
    let inline = format!(
        "<img src=\"data:application/octet-stream;base64,{}\">",
        base64(&bytes, 1000)
    );
    let below = format!("Hello\n{}\n", base64(&bytes, 76));
    let safe = base64(&bytes, 1000)
        .replace('+', "-")
        .replace('/', "_")
        .replace('=', "");
    for text in [base64(&bytes, 1000), mail, answer, inline, below, safe] {
        gives(text.as_bytes(), TextForm::Base64);
    }
    // Hexadecimal in Base64.
    gives(
        base64(hex::encode(&bytes).as_bytes(), 76).as_bytes(),
        TextForm::Base64,
    );
}

#[test]
fn quoted_printable() {
    let mut text = String::new();
    for (at, byte) in known().iter().enumerate() {
        if at % 20 == 19 {
            text.push_str("=\r\n");
        }
        match byte {
            b'=' => text.push_str("=3D"),
            byte if byte.is_ascii_graphic() => text.push(char::from(*byte)),
            byte => text.push_str(&format!("={byte:02X}")),
        }
    }
    gives(text.as_bytes(), TextForm::QuotedPrintable);
}

#[test]
fn bytes_that_were_taken_for_letters() {
    let bytes = known();
    let latin: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    gives(latin.as_bytes(), TextForm::CharacterSet);
    gives(
        format!("\u{FEFF}{latin}").as_bytes(),
        TextForm::CharacterSet,
    );
    for table in [
        super::charset::CP437,
        super::charset::CP850,
        super::charset::MAC_ROMAN,
    ] {
        let table: Vec<char> = table.chars().collect();
        assert_eq!(table.len(), 128);
        let letter = |byte: &u8| match byte {
            0..0x80 => char::from(*byte),
            _ => table[usize::from(*byte) - 0x80],
        };
        let text: String = bytes.iter().map(letter).collect();
        gives(text.as_bytes(), TextForm::CharacterSet);
    }
    let units: Vec<u16> = latin.encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    gives(&little, TextForm::Utf16);
    gives(&big, TextForm::Utf16);
    gives(
        &[&[0xFF, 0xFE], little.as_slice()].concat(),
        TextForm::Utf16,
    );
    let note: Vec<u8> = hex::encode(&bytes)
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    gives(&note, TextForm::Utf16);
}

#[test]
fn line_ends_both_ways() {
    let bytes = known();
    let mut longer = Vec::new();
    for byte in &bytes {
        if *byte == b'\n' {
            longer.push(b'\r');
        }
        longer.push(*byte);
    }
    assert!(longer.len() > bytes.len());
    gives(&longer, TextForm::LineEnds);
}

#[test]
fn what_is_not_proved_is_not_taken() {
    let mut bytes = known();
    bytes[70] ^= 1;
    for text in [hex::encode(&bytes), base64(&bytes, 76)] {
        assert!(copies_in_text(text.as_bytes()).is_empty());
    }
    let random: Vec<u8> = (0..4000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    for text in [
        random.clone(),
        hex::encode(&random).into_bytes(),
        base64(&random, 76).into_bytes(),
        vec![b'='; 4000],
        vec![b'\n'; 2000],
    ] {
        assert!(copies_in_text(&text).is_empty());
    }
}

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

/// The rows of a dump, each made of its offset and its bytes.
fn rows(bytes: &[u8], width: usize, row: impl Fn(usize, &[u8]) -> String) -> String {
    let rows = bytes.chunks(width).enumerate();
    let rows: Vec<String> = rows.map(|(at, part)| row(at * width, part)).collect();
    rows.join("\n")
}

fn each(bytes: &[u8], one: impl Fn(u8) -> String) -> String {
    let all: Vec<String> = bytes.iter().map(|byte| one(*byte)).collect();
    all.join(" ")
}

/// Numbers of several bytes, the lower first.
fn numbers(bytes: &[u8], width: usize, one: impl Fn(u64) -> String) -> String {
    let number = |part: &[u8]| {
        let value = part
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u64::from(*byte));
        one(value)
    };
    let all: Vec<String> = bytes.chunks(width).map(number).collect();
    all.join(" ")
}

#[test]
fn dumps_and_tables_as_other_tools_print_them() {
    let bytes = known();
    let plain = hex::encode(&bytes);
    let wrapped = |width: usize| {
        rows(plain.as_bytes(), width, |_, row| {
            String::from_utf8(row.to_vec()).unwrap()
        })
    };
    let hex = |row: &[u8]| spaced(row, 1);
    let cell = |byte: u8| match byte {
        b'\n' => "  \\n".to_owned(),
        0 => "  \\0".to_owned(),
        b' '..=b'~' => format!("{:>4}", char::from(byte)),
        byte => format!(" {byte:03o}"),
    };
    let cells = |row: &[u8]| row.iter().map(|byte| cell(*byte)).collect::<String>();
    let xxd = rows(&bytes, 16, |at, row| {
        format!("{at:08x}: {:39}  {}", spaced(row, 2), letters(row))
    });
    for text in [
        rows(&bytes, 16, |at, row| {
            format!(
                "{at:07x}    {}",
                numbers(row, 2, |it| format!("{it:04x}    "))
            )
        }),
        rows(&bytes, 16, |_, row| {
            format!(" {}", numbers(row, 2, |it| format!("{it:04x}")))
        }),
        rows(&bytes, 16, |_, row| {
            format!(" {}", numbers(row, 2, |it| format!("{it:06o}")))
        }),
        rows(&bytes, 16, |at, row| {
            format!("{at:07o} {:48} >{}<", hex(row), letters(row))
        }),
        rows(&bytes, 1, |at, row| format!("{at:07o} {}", hex(row))),
        rows(&bytes, 16, |at, row| {
            format!("{at:07o} {}", each(row, |it| format!("{it:03o}")))
        }),
        rows(&bytes, 16, |at, row| {
            format!("{at:07o} {}", each(row, |it| format!("{it:3}")))
        }),
        rows(&bytes, 16, |at, row| {
            format!(
                "{at:07o} {}",
                each(row, |it| format!("{:4}", it.cast_signed()))
            )
        }),
        rows(&bytes, 16, |at, row| {
            format!("{at:07o} {}", numbers(row, 4, |it| format!("{it:08x}")))
        }),
        rows(&bytes, 16, |at, row| {
            format!("{at:07o} {}", numbers(row, 8, |it| format!("{it:016x}")))
        }),
        rows(&bytes, 6, |at, row| {
            format!(
                "{at:08x}: {}  {}",
                each(row, |it| format!("{it:08b}")),
                letters(row)
            )
        }),
        rows(&bytes, 16, |at, row| format!("{at:07o}{}", cells(row))),
        each(&bytes, |it| it.to_string()).replace(' ', "\r\n"),
        format!("[{}]", each(&bytes, |it| it.to_string())),
        wrapped(33),
        wrapped(75),
        rows(&bytes, 16, |at, row| {
            format!("Row {}: {}", at / 16 + 1, hex(row))
        }),
        rows(&bytes, 16, |at, row| format!("| {at:04x} | {} |", hex(row))),
        rows(&bytes, 16, |_, row| format!("+{}", hex::encode(row))),
        rows(&bytes, 16, |_, row| format!("{}<br>", hex(row))),
        format!("<pre>{}</pre>", rows(&bytes, 16, |_, row| hex(row))),
        format!(
            "{{\\rtf1\\ansi\n{}}}",
            rows(&bytes, 16, |_, row| format!("{}\\par", hex(row)))
        ),
        rows(&bytes, 16, |_, row| format!("0x{}", hex::encode(row))),
        xxd.replace(": ", ":\t").replace("  ", "\t"),
        xxd.replace(' ', "\u{A0}"),
        rows(&bytes, 16, |at, row| {
            format!("{at:016X} {:47} {}", hex(row).to_uppercase(), letters(row))
        }),
        rows(&bytes, 16, |at, row| {
            format!(" {at:04x} {:35}  {}", spaced(row, 4), letters(row))
        }),
        rows(&bytes, 16, |at, row| {
            format!("\t0x{at:04x}:  {:39}  {}", spaced(row, 2), letters(row))
        }),
        rows(&bytes, 16, |at, row| {
            format!("{at:04x}\t{:49}   {}", hex(row), letters(row))
        }),
        format!("<Buffer {}>", hex(&bytes)),
        rows(&bytes, 16, |at, row| {
            format!(":{:02X}{at:04X}00{}7F", row.len(), hex::encode_upper(row))
        }),
        rows(&bytes, 16, |at, row| {
            format!(
                "S1{:02X}{at:04X}{}7F",
                row.len() + 3,
                hex::encode_upper(row)
            )
        }),
    ] {
        let found = copies_in_text(text.as_bytes());
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].0.as_slice(), bytes, "{text}");
    }
}

#[test]
fn escapes_and_other_alphabets() {
    let bytes = known();
    let escaped = |other: &dyn Fn(u8) -> String| {
        let one = |byte: &u8| match byte {
            b'a'..=b'z' | b'0'..=b'9' => char::from(*byte).to_string(),
            byte => other(*byte),
        };
        bytes.iter().map(one).collect::<String>()
    };
    let python = escaped(&|byte| match byte {
        b'\n' => "\\n".to_owned(),
        b' ' => " ".to_owned(),
        byte => format!("\\x{byte:02x}"),
    });
    for text in [
        format!("b'{python}'"),
        format!("let backup = b\"{python}\";"),
        escaped(&|byte| format!("%{byte:02X}")),
        format!(
            "{{\"backup\": \"{}\"}}",
            escaped(&|byte| format!("\\u{byte:04x}"))
        ),
        format!("\"{}\"", base64(&bytes, 1000).replace('/', "\\/")),
        format!("\"{}\"", base64(&bytes, 64).replace("\r\n", "\\n")),
        base64(&bytes, 48)
            .split("\r\n")
            .map(|line| format!("  \"{line}\" +\n"))
            .collect(),
    ] {
        let found = copies_in_text(text.as_bytes());
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].0.as_slice(), bytes, "{text}");
    }
    let groups = |width: usize| {
        let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
        let groups = bits.as_bytes().chunks(width);
        let group = |bits: &[u8]| {
            let value = u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap();
            value << (width - bits.len())
        };
        groups.map(group).collect::<Vec<u8>>()
    };
    let five = groups(5);
    let base32: String = five
        .iter()
        .map(|value| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(*value)]))
        .collect();
    gives(format!("{base32}======").as_bytes(), TextForm::Base32);
    let six = groups(6);
    let line = |at: usize, part: &[u8]| {
        let length = (bytes.len() - at * 45).min(45);
        let letter = |value: u8| char::from(if value == 0 { b'`' } else { value + b' ' });
        let letters: String = part.iter().map(|value| letter(*value)).collect();
        format!("{}{letters}\n", letter(length as u8))
    };
    let lines = six.chunks(60).enumerate();
    let lines: String = lines.map(|(at, part)| line(at, part)).collect();
    gives(
        format!("begin 644 backup.bin\n{lines}`\nend\n").as_bytes(),
        TextForm::Uuencode,
    );
}
