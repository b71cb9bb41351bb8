//! `device info`: which device it is.

use std::io::Write;

use crate::answers::Answer;
use crate::answers::device::Info;
use crate::args::{Ask, Global};
use crate::evidence;
use crate::exit::Exit;
use crate::render::json;
use crate::render::text::device as render;

use super::connect;

pub(super) fn run(args: &Ask, global: &Global) -> anyhow::Result<Exit> {
    let connected = connect(&args.connection, global)?;
    let info = Info {
        device: &connected.report,
    };
    evidence::result(serde_json::to_value(&info)?);
    if args.json {
        json::print(&Answer::done("device info", info))?;
    } else {
        let mut out = crate::output::stdout();
        render::info(&mut out, &connected.report)?;
        out.flush()?;
    }
    Ok(Exit::Done)
}
