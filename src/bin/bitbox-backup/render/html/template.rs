//! The templates, and the policy that lets a browser use nothing but the page's own style.

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, escape_formatter};
use sha2::{Digest, Sha256};

use crate::render::text::human;

const STYLE: &str = include_str!("page.css");

pub(super) fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut templates = Environment::new();
    // Whatever a template is called, everything in it comes from hostile cards.
    templates.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    templates.set_syntax(syntax);
    templates.set_formatter(|out, state, value| {
        if value.is_none() {
            return Ok(());
        }
        escape_formatter(out, state, value)
    });
    templates.add_filter("human", human);
    templates.add_filter("when", |time: String| {
        time.replace('T', " ").replace('Z', " UTC")
    });
    templates.add_template("parts.html", include_str!("parts.html"))?;
    templates.add_template("card.html", include_str!("card.html"))?;
    templates.add_template("page.html", include_str!("page.html"))?;
    Ok(templates)
}

/// The style and its hash as a policy names it.
pub(super) fn style() -> (&'static str, String) {
    let hash = base64(&Sha256::digest(STYLE));
    (STYLE, format!("sha256-{hash}"))
}

/// Base64 as RFC 4648, section 4, has it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk
            .iter()
            .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let number = number << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = (number >> (18 - 6 * place) & 63) as usize;
            let written = place <= chunk.len();
            text.push(if written {
                char::from(*DIGITS.get(digit).unwrap_or(&b'='))
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_as_in_rfc_4648() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ];
        for (text, encoded) in vectors {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }
}
