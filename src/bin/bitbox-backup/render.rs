//! How answers are written: as text for people, as JSON, and as the files of an audit.

pub(crate) mod csv;
pub(crate) mod dfxml;
pub(crate) mod html;
pub(crate) mod html_file;
pub(crate) mod json;
pub(crate) mod letter;
mod mark;
pub(crate) mod phrase;
pub(crate) mod register;
mod report;
pub(crate) mod text;

pub(crate) use report::Report;
