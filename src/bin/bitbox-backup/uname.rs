//! What machine this is, for reports that are asked to say so.

/// The system as `uname` has it, escaped.
pub(crate) struct System {
    pub(crate) name: String,
    pub(crate) release: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) arch: String,
}

#[cfg(unix)]
pub(crate) fn system() -> System {
    let name = rustix::system::uname();
    let text = |text: &std::ffi::CStr| bitbox_backup::text::escape(&text.to_string_lossy());
    System {
        name: text(name.sysname()),
        release: Some(text(name.release())),
        version: Some(text(name.version())),
        arch: text(name.machine()),
    }
}

#[cfg(not(unix))]
pub(crate) fn system() -> System {
    System {
        name: std::env::consts::OS.to_owned(),
        release: None,
        version: None,
        arch: std::env::consts::ARCH.to_owned(),
    }
}
