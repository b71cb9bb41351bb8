//! Elements with a text, and attributes that may be missing.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::BytesText;

/// An element with nothing but text in it.
pub(super) fn leaf(out: &mut Writer<impl Write>, name: &str, text: &str) -> io::Result<()> {
    out.create_element(name)
        .write_text_content(BytesText::new(text))?;
    Ok(())
}

/// The same for a number that may be missing.
pub(super) fn number(
    out: &mut Writer<impl Write>,
    name: &str,
    number: Option<impl ToString>,
) -> io::Result<()> {
    number.map_or(Ok(()), |number| leaf(out, name, &number.to_string()))
}

/// Attributes, of which some may be missing.
pub(super) fn known<const N: usize>(
    attributes: [(&'static str, Option<String>); N],
) -> impl Iterator<Item = (&'static str, std::borrow::Cow<'static, str>)> {
    attributes
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?.into())))
}

/// A time as written, with its precision in seconds.
pub(super) fn time(
    out: &mut Writer<impl Write>,
    name: &str,
    precision: u32,
    time: Option<&str>,
) -> io::Result<()> {
    if let Some(time) = time {
        out.create_element(name)
            .with_attribute(("prec", precision.to_string().as_str()))
            .write_text_content(BytesText::new(time))?;
    }
    Ok(())
}

pub(super) fn digest(
    out: &mut Writer<impl Write>,
    kind: &str,
    hash: Option<&str>,
) -> io::Result<()> {
    if let Some(hash) = hash {
        out.create_element("hashdigest")
            .with_attribute(("type", kind))
            .write_text_content(BytesText::new(hash))?;
    }
    Ok(())
}
