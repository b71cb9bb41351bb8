//! Dumps, tables, escapes, and other alphabets.

use super::*;

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
