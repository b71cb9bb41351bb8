//! Elements of XML, each on a line of its own, indented by how deep it stands.

use std::fmt::{self, Display};
use std::io::{self, Write};

/// Where they are written, and those that are open.
pub(super) struct Xml<W> {
    pub(super) out: W,
    open: Vec<&'static str>,
}

/// Attributes, of which some may be missing.
type Attributes<'a> = &'a [(&'static str, Option<String>)];

impl<W: Write> Xml<W> {
    pub(super) fn new(out: W) -> Self {
        let open = Vec::new();
        Self { out, open }
    }

    fn begin(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        write!(self.out, "{:1$}<{name}", "", 2 * self.open.len())?;
        for (key, value) in attributes {
            if let Some(value) = value {
                write!(self.out, " {key}=\"{}\"", Escaped(value))?;
            }
        }
        Ok(())
    }

    /// An element with others in it, until it is closed.
    pub(super) fn open(
        &mut self,
        name: &'static str,
        attributes: Attributes<'_>,
    ) -> io::Result<()> {
        self.begin(name, attributes)?;
        self.open.push(name);
        writeln!(self.out, ">")
    }

    /// Closes what was opened last.
    pub(super) fn close(&mut self) -> io::Result<()> {
        let name = self.open.pop().unwrap_or_default();
        writeln!(self.out, "{:1$}</{name}>", "", 2 * self.open.len())
    }

    pub(super) fn empty(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        self.begin(name, attributes)?;
        writeln!(self.out, "/>")
    }

    /// An element with nothing but text in it; none where that is missing.
    pub(super) fn leaf(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
        text: Option<&str>,
    ) -> io::Result<()> {
        let Some(text) = text else { return Ok(()) };
        self.begin(name, attributes)?;
        writeln!(self.out, ">{}</{name}>", Escaped(text))
    }

    /// The same for a number or a word, without attributes.
    pub(super) fn fact(&mut self, name: &str, fact: Option<impl ToString>) -> io::Result<()> {
        self.leaf(name, &[], known(fact).as_deref())
    }
}

/// The value of an attribute.
pub(super) fn some(value: impl ToString) -> Option<String> {
    Some(value.to_string())
}

/// The same where it may be missing.
pub(super) fn known(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// A text that is nothing but text.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self
            .0
            .split_inclusive(['<', '>', '&', '"', '\'', '\t', '\n', '\r'])
        {
            let mut rest = part.chars();
            match rest.next_back() {
                Some('<') => write!(out, "{}&lt;", rest.as_str())?,
                Some('>') => write!(out, "{}&gt;", rest.as_str())?,
                Some('&') => write!(out, "{}&amp;", rest.as_str())?,
                Some('"') => write!(out, "{}&quot;", rest.as_str())?,
                Some('\'') => write!(out, "{}&apos;", rest.as_str())?,
                // As they are, an attribute would be read without them.
                Some(c @ ('\t' | '\n' | '\r')) => {
                    write!(out, "{}&#{};", rest.as_str(), u32::from(c))?;
                }
                _ => out.write_str(part)?,
            }
        }
        Ok(())
    }
}
