//! Puts the page together from its parts: `assemble FOLDER PROGRAM.wasm GLUE.js VERSION` writes it to standard
//! output. The same parts give the same bytes.
//!
//! Its policy lets a browser load nothing, run no script but the one in it, and use no style but the one in it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, ensure};
use data_encoding::BASE64;
use sha2::{Digest, Sha256};
use zopfli::Format;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, program, glue, version] = arguments.as_slice() else {
        anyhow::bail!("usage: assemble FOLDER PROGRAM.wasm GLUE.js VERSION");
    };
    let read = |name: &str| {
        let path = Path::new(folder).join(name);
        std::fs::read_to_string(&path).with_context(|| path.display().to_string())
    };
    let program = std::fs::read(program).with_context(|| program.clone())?;
    let glue = std::fs::read_to_string(glue).with_context(|| glue.clone())?;
    let style = format!("{}{}", report_style(), read("page.css")?);
    let script = read("page.js")?;
    let parts = BTreeMap::from([
        ("version", version.clone()),
        ("policy", policy(&script, &style)),
        ("style", style),
        ("script", script),
        ("worker", format!("{glue}\n{}", read("worker.js")?)),
        ("program", packed(&program)?),
    ]);
    let page = filled(&read("page.html")?, &parts)?;
    io::stdout().write_all(page.as_bytes())?;
    Ok(())
}

/// The style of the report, which the page shows within itself.
fn report_style() -> &'static str {
    include_str!("../../../src/bin/bitbox-backup/render/html/page.css")
}

/// What a browser may do with the page.
fn policy(script: &str, style: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)));
    [
        "default-src 'none'".to_owned(),
        format!("script-src {} 'wasm-unsafe-eval'", hash(script)),
        format!("style-src {}", hash(style)),
        "worker-src blob:".to_owned(),
        "connect-src 'none'".to_owned(),
        "base-uri 'none'".to_owned(),
        "form-action 'none'".to_owned(),
    ]
    .join("; ")
}

/// The program, compressed as browsers can unpack it, as text.
fn packed(program: &[u8]) -> anyhow::Result<String> {
    let mut packed = Vec::new();
    zopfli::compress(Default::default(), Format::Deflate, program, &mut packed)?;
    Ok(base91(&packed))
}

/// Bytes as text, 13 bits in two characters, a twelfth shorter than Base64 makes it: the page unpacks it. The characters
/// are those from `!` to `{`, with `}` for `<`, which would mean something in a page. What is left at the end are six bits
/// in one character, or 13 in two: never a byte more than there was.
fn base91(bytes: &[u8]) -> String {
    let digit = |value: u32| match u8::try_from(value).map(|value| b'!' + value) {
        Ok(b'<') | Err(_) => '}',
        Ok(other) => char::from(other),
    };
    let pair = |value: u32| [value / 91, value % 91].map(digit);
    let mut text = String::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        if bits >= 13 {
            bits -= 13;
            text.extend(pair(held >> bits));
            held &= (1 << bits) - 1;
        }
    }
    match bits {
        0 => {}
        1..=6 => text.push(digit(held << (6 - bits))),
        _ => text.extend(pair(held << (13 - bits))),
    }
    text
}

/// The page with each `{{part}}` in its place, once.
fn filled(page: &str, parts: &BTreeMap<&str, String>) -> anyhow::Result<String> {
    let mut filled = String::new();
    let mut rest = page;
    let mut left: Vec<_> = parts.keys().copied().collect();
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, after) = behind.split_once("}}").context("a part has no end")?;
        let part = parts.get(name).with_context(|| format!("no part {name}"))?;
        // What ends its element would end it early.
        for early in ["</script", "</style", "<!--"] {
            ensure!(!part.contains(early), "{name} has {early} in it");
        }
        filled.push_str(before);
        filled.push_str(part);
        left.retain(|one| *one != name);
        rest = after;
    }
    ensure!(left.is_empty(), "not used: {left:?}");
    filled.push_str(rest);
    Ok(filled)
}
