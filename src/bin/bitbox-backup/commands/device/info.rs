//! `device info`: which device it is.

use std::io::Write;

use serde_json::json;

use crate::args::{Ask, Global};
use crate::exit::Exit;
use crate::render::device as render;

use super::{answer, connect};

pub(super) fn run(args: &Ask, global: &Global) -> anyhow::Result<Exit> {
    let connected = connect(&args.connection, global)?;
    if args.json {
        answer("info", json!({ "device": connected.report }))?;
    } else {
        let mut out = crate::output::stdout();
        render::info(&mut out, &connected.report)?;
        out.flush()?;
    }
    Ok(Exit::Done)
}
