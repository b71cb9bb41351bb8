//! Where and when a run was: what `execution_environment` holds.
//!
//! It is written only where a log is asked for too, which has a clock of its own: without one, the same cards
//! give the same bytes on every machine. Who ran it, and the name of the machine, are not in it.

use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use bitbox_backup::text::{exact, path_text};
use quick_xml::Writer;

use super::element::leaf;
use crate::uname::{System, system};

/// The machine, the command, and when it began.
pub(crate) struct Environment {
    system: System,
    command_line: String,
    start_time: String,
}

impl Environment {
    /// That of this run, now.
    pub(crate) fn now() -> Self {
        let arguments = std::env::args_os();
        let arguments = arguments.map(|one| quoted(&path_text(Path::new(&one))));
        Self {
            system: system(),
            command_line: arguments.collect::<Vec<_>>().join(" "),
            start_time: exact(SystemTime::now()),
        }
    }

    pub(super) fn write(&self, out: &mut Writer<impl Write>) -> io::Result<()> {
        let element = out.create_element("execution_environment");
        element.write_inner_content(|out| {
            leaf(out, "os_sysname", &self.system.name)?;
            if let Some(release) = &self.system.release {
                leaf(out, "os_release", release)?;
            }
            if let Some(version) = &self.system.version {
                leaf(out, "os_version", version)?;
            }
            leaf(out, "arch", &self.system.arch)?;
            leaf(out, "command_line", &self.command_line)?;
            leaf(out, "start_time", &self.start_time)
        })?;
        Ok(())
    }
}

/// An argument with spaces in quotes, so that it shows where it ends.
fn quoted(argument: &str) -> String {
    if argument.contains([' ', '\'', '"']) || argument.is_empty() {
        format!("'{}'", argument.replace('\'', "'\\''"))
    } else {
        argument.to_owned()
    }
}
