//! Where a run takes place.

use bitbox_backup::journal::RunPlace;
use bitbox_backup::text::{escape, path_text};
use jiff::tz::TimeZone;

use crate::uname::{System, system};

/// Who runs the program, and where.
pub(crate) struct Place(pub(super) RunPlace);

impl Place {
    /// Looks before the fence stands.
    pub(crate) fn look() -> Self {
        let (host, user) = who();
        let System {
            name,
            release,
            arch,
            ..
        } = system();
        let system: Vec<_> = [Some(name), release, Some(arch)]
            .into_iter()
            .flatten()
            .collect();
        let folder = std::env::current_dir().ok();
        let zone = TimeZone::system();
        let name = zone.iana_name().map(str::to_owned);
        Self(RunPlace {
            program_sha256: std::env::current_exe()
                .ok()
                .and_then(|path| super::hash(&path, true)),
            host,
            system: system.join(" "),
            user,
            time_zone: name.unwrap_or_else(|| zone.to_offset(jiff::Timestamp::now()).to_string()),
            folder: folder.as_deref().map(path_text),
        })
    }
}

#[cfg(unix)]
fn who() -> (Option<String>, Option<u32>) {
    let name = rustix::system::uname();
    let host = escape(&name.nodename().to_string_lossy());
    let user = rustix::process::getuid().as_raw();
    (Some(host), Some(user))
}

#[cfg(not(unix))]
fn who() -> (Option<String>, Option<u32>) {
    let host = std::env::var("COMPUTERNAME").ok().map(|name| escape(&name));
    (host, None)
}
