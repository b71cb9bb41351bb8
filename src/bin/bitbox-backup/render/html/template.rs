//! The templates, and the policy that lets a browser use nothing but the page's own style.

use data_encoding::BASE64;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, escape_formatter};
use sha2::{Digest, Sha256};

use crate::render::phrase::human;

const STYLE: &str = include_str!("page.css");

pub(super) fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut templates = escaping()?;
    templates.add_filter("human", human);
    templates.add_filter("when", |time: String| {
        time.replace('T', " ").replace('Z', " UTC")
    });
    templates.add_template("parts.html", include_str!("parts.html"))?;
    templates.add_template("card.html", include_str!("card.html"))?;
    templates.add_template("page.html", include_str!("page.html"))?;
    Ok(templates)
}

/// An environment in which everything is escaped.
pub(crate) fn escaping() -> Result<Environment<'static>, minijinja::Error> {
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
    Ok(templates)
}

/// The style and its hash as a policy names it.
pub(super) fn style() -> (&'static str, String) {
    (STYLE, policy(STYLE))
}

/// A style's hash as a policy names it.
pub(crate) fn policy(style: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(style)))
}
