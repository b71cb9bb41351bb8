//! Where a run takes place.

use bitbox_backup::journal::RunPlace;
use bitbox_backup::text::{escape, path_text};
use jiff::tz::TimeZone;

/// Who runs the program, and where.
pub(crate) struct Place(pub(super) RunPlace);

impl Place {
    /// Looks before the fence stands.
    pub(crate) fn look() -> Self {
        let (host, system, user) = system();
        let folder = std::env::current_dir().ok();
        let zone = TimeZone::system();
        let name = zone.iana_name().map(str::to_owned);
        Self(RunPlace {
            program_sha256: std::env::current_exe()
                .ok()
                .and_then(|path| super::hash(&path)),
            host,
            system,
            user,
            time_zone: name.unwrap_or_else(|| zone.to_offset(jiff::Timestamp::now()).to_string()),
            folder: folder.as_deref().map(path_text),
        })
    }
}

#[cfg(unix)]
fn system() -> (Option<String>, String, Option<u32>) {
    let name = rustix::system::uname();
    let text = |part: &std::ffi::CStr| escape(&part.to_string_lossy());
    let system = format!(
        "{} {} {}",
        text(name.sysname()),
        text(name.release()),
        text(name.machine())
    );
    let user = rustix::process::getuid().as_raw();
    (Some(text(name.nodename())), system, Some(user))
}

#[cfg(not(unix))]
fn system() -> (Option<String>, String, Option<u32>) {
    let host = std::env::var("COMPUTERNAME").ok().map(|name| escape(&name));
    let system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    (host, system, None)
}
