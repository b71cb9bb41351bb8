//! Protobuf by hand: the few fields that cross the cable, and answers to put into a test's mouth.

/// A varint.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7F {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A number field; left out when 0, as proto3 does.
pub fn number(field: u32, value: u64) -> Vec<u8> {
    if value == 0 {
        return Vec::new();
    }
    [varint(u64::from(field << 3)), varint(value)].concat()
}

/// A field of bytes, a string or a message, also when it is empty.
pub fn bytes(field: u32, content: &[u8]) -> Vec<u8> {
    let key = varint(u64::from(field << 3 | 2));
    [&key, &varint(content.len() as u64), content].concat()
}

/// A string field; left out when empty, as proto3 does.
pub fn text(field: u32, content: &str) -> Vec<u8> {
    if content.is_empty() {
        return Vec::new();
    }
    bytes(field, content.as_bytes())
}

/// The response `success`.
pub fn success() -> Vec<u8> {
    bytes(1, &[])
}

/// The response `error`.
pub fn error(code: u32, message: &str) -> Vec<u8> {
    bytes(2, &[number(1, u64::from(code)), text(2, message)].concat())
}

/// The response `list_backups` with these ids, timestamps and names.
pub fn list_backups<'a>(backups: impl IntoIterator<Item = (&'a str, u32, &'a str)>) -> Vec<u8> {
    let info = |(id, timestamp, name)| {
        let fields = [text(1, id), number(2, u64::from(timestamp)), text(4, name)];
        bytes(1, &fields.concat())
    };
    let list: Vec<Vec<u8>> = backups.into_iter().map(info).collect();
    bytes(7, &list.concat())
}

/// The response `check_backup`.
pub fn check_backup(id: &str) -> Vec<u8> {
    bytes(8, &text(1, id))
}

/// The response `check_sdcard`.
pub fn check_sdcard(inserted: bool) -> Vec<u8> {
    bytes(10, &number(1, u64::from(inserted)))
}

/// The response `fingerprint`.
pub fn fingerprint(fingerprint: &[u8]) -> Vec<u8> {
    bytes(12, &bytes(1, fingerprint))
}

/// One field as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// A number.
    Number(u32, u64),
    /// Bytes, a string or a message.
    Bytes(u32, &'a [u8]),
}

/// The fields of a message, or `None` if it is not one.
pub fn fields(mut message: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let key = read_varint(&mut message)?;
        let number = u32::try_from(key >> 3).ok().filter(|number| *number != 0)?;
        match key & 7 {
            0 => fields.push(Field::Number(number, read_varint(&mut message)?)),
            2 => {
                let length = usize::try_from(read_varint(&mut message)?).ok()?;
                let (content, rest) = message.split_at_checked(length)?;
                fields.push(Field::Bytes(number, content));
                message = rest;
            }
            _ => return None,
        }
    }
    Some(fields)
}

/// The last number with this field, 0 if there is none.
pub fn number_of(fields: &[Field<'_>], field: u32) -> u64 {
    let numbers = fields.iter().rev().find_map(|one| match one {
        Field::Number(number, value) if *number == field => Some(*value),
        _ => None,
    });
    numbers.unwrap_or(0)
}

/// The last bytes with this field.
pub fn bytes_of<'a>(fields: &[Field<'a>], field: u32) -> Option<&'a [u8]> {
    fields.iter().rev().find_map(|one| match one {
        Field::Bytes(number, content) if *number == field => Some(*content),
        _ => None,
    })
}

fn read_varint(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let (byte, rest) = message.split_first()?;
        *message = rest;
        value |= u64::from(byte & 0x7F).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
