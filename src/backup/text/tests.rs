use super::{OVERLAP, STRETCH, TextForm, copies_in_text};

mod dumps;
mod several;

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

/// What is left of a copy, as the one reading of a text gives it, with its form.
fn leaves(text: &str, form: TextForm) -> Vec<u8> {
    let found = copies_in_text(text.as_bytes());
    assert_eq!(found.len(), 1, "{text}");
    assert_eq!(found[0].1, form, "{text}");
    found[0].0.to_vec()
}

#[test]
fn what_is_damaged_is_taken_as_what_is_left_of_it() {
    let mut bytes = known();
    bytes[70] ^= 1;
    let hexadecimal = hex::encode(&bytes);
    assert_eq!(leaves(&hexadecimal, TextForm::Hexadecimal), bytes);
    let in_lines = spaced(&bytes, 16).replace(' ', "\n");
    assert_eq!(leaves(&in_lines, TextForm::Hexadecimal), bytes);
    assert_eq!(leaves(&base64(&bytes, 76), TextForm::Base64), bytes);
    // A whole one in the same text is what counts.
    let both = format!("{hexadecimal}\n\nand again\n\n{}", hex::encode(known()));
    gives(both.as_bytes(), TextForm::Hexadecimal);
}

#[test]
fn what_somebody_typed_may_have_a_digit_too_few_or_too_many() {
    let lines: Vec<String> = known().chunks(16).map(hex::encode).collect();
    let typed = |line: usize, change: &dyn Fn(&str) -> String| {
        let mut lines = lines.clone();
        lines[line] = change(&lines[line]);
        lines.join("\n")
    };
    for (line, text) in lines.iter().enumerate() {
        for at in [0, 1, 5, text.len() - 1] {
            let less = typed(line, &|line| format!("{}{}", &line[..at], &line[at + 1..]));
            let more = typed(line, &|line| format!("{}7{}", &line[..at], &line[at..]));
            for text in [&less, &more] {
                gives(text.as_bytes(), TextForm::Hexadecimal);
            }
        }
    }
    // Of two such lines nothing says how much of each is wrong.
    let two = typed(2, &|line| line[1..].to_owned());
    let two = two.replacen(&lines[3], &lines[3][1..], 1);
    assert!(
        copies_in_text(two.as_bytes())
            .iter()
            .all(|(copy, _)| **copy != known())
    );
    for (digit, letter) in [
        ('0', 'O'),
        ('1', 'l'),
        ('5', 'S'),
        ('9', 'g'),
        ('2', 'Z'),
        ('6', 'G'),
    ] {
        let swapped = typed(3, &|line| line.replacen(digit, &letter.to_string(), 1));
        gives(swapped.as_bytes(), TextForm::Hexadecimal);
    }
}

#[test]
fn base64_may_have_a_letter_too_few_or_too_many() {
    let plain = base64(&known(), usize::MAX);
    for at in [0, 1, 2, 40, 100, plain.len() - 2] {
        let less = format!("{}{}", &plain[..at], &plain[at + 1..]);
        let more = format!("{}7{}", &plain[..at], &plain[at..]);
        let in_lines = format!("{}\r\n{}\r\n", &more[..76], &more[76..]);
        for text in [less, more, in_lines] {
            // As Base64, or as that in quoted-printable.
            let found = copies_in_text(text.as_bytes());
            assert_eq!(found.len(), 1, "{at}: {text}");
            assert_eq!(found[0].0.as_slice(), known(), "{at}: {text}");
        }
    }
}

#[test]
fn what_is_no_copy_gives_none() {
    let random: Vec<u8> = (0..4000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    for text in [
        random.clone(),
        hex::encode(&random).into_bytes(),
        base64(&random, 76).into_bytes(),
        vec![b'='; 4000],
        vec![b'\n'; 2000],
        b"a deaf bee added a faced cafe; a dead babe faded, a decade ago\n".repeat(9),
    ] {
        assert!(copies_in_text(&text).is_empty());
    }
}

#[test]
fn digits_that_nobody_can_read_are_found() {
    let plain = hex::encode(known());
    let without = |places: &[usize], mark: &str| {
        let mut text = plain.clone();
        for place in places {
            text.replace_range(*place..*place + 1, mark);
        }
        text
    };
    for text in [
        without(&[110], "?"),
        without(&[60], "x"),
        without(&[150, 151], "?"),
        without(&[30, 99, 141, 200], "_"),
        format!("my backup\n{}\n", without(&[110], "?")),
    ] {
        gives(text.as_bytes(), TextForm::Hexadecimal);
    }
    // More of them leave a damaged copy, in which each of them is a zero.
    let many = without(&[30, 60, 99, 141, 180, 200], "?");
    let found = copies_in_text(many.as_bytes());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0.len(), known().len());
    assert!(copies_in_text("?".repeat(220).as_bytes()).is_empty());
}

#[test]
fn pages_hold_copies_between_their_marks() {
    let bytes = known();
    let lines: Vec<String> = bytes.chunks(16).map(hex::encode).collect();
    let dump: Vec<String> = bytes.chunks(16).map(|part| spaced(part, 1)).collect();
    for text in [
        format!("<div>{}</div>", lines.join("</div><div>")),
        format!("<p>here:<br>{}<br/></p>", lines.join("<BR>\n")),
        format!(
            "<tr><td>{}</td></tr>",
            lines.join("</td></tr><tr><td class=\"a\">")
        ),
        format!("<span>{}</span>", lines.join("<b></b>")),
        format!(
            "<div>{}</div>",
            dump.join("</div><div>").replace(' ', "&nbsp;")
        ),
        dump.join("\n").replace(' ', "\u{a0}"),
    ] {
        gives(text.as_bytes(), TextForm::Html);
    }
    // Without an end no tag is looked for to the end of the text again and again.
    assert!(copies_in_text("<a".repeat(30_000).as_bytes()).is_empty());
}
