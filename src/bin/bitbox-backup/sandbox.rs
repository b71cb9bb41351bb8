//! What each command may touch, and the fence around it.

#[cfg(target_os = "linux")]
mod landlock;
mod policy;
#[cfg(target_os = "linux")]
mod rights;
/// Nothing is given up on other systems.
#[cfg(not(target_os = "linux"))]
mod rights {
    pub(super) fn give_up(_: &super::Access, _: bool) -> anyhow::Result<String> {
        Ok(String::new())
    }
}
#[cfg_attr(
    not(all(
        target_os = "linux",
        any(
            target_arch = "x86_64",
            target_arch = "aarch64",
            target_arch = "riscv64"
        )
    )),
    path = "sandbox/seccomp_none.rs"
)]
mod seccomp;
mod self_check;
#[cfg(all(test, target_os = "linux"))]
mod tests;

use std::io::Write;
use std::sync::{Mutex, OnceLock, PoisonError};

use bitbox_backup::device::Keys;

use policy::Level;

pub(crate) use policy::Access;
pub(crate) use self_check::{Proof, prove};

use crate::args::Global;

/// How far the fence goes, and what it lets in; `None` where none was wanted.
static FENCE: Mutex<Option<(Level, Access)>> = Mutex::new(None);

/// What became of root's rights, in words; empty where there were none.
static RIGHTS: OnceLock<String> = OnceLock::new();

/// What a command wants to do inside.
pub(crate) struct Wants<'a> {
    /// What it touches; asked again once its folders are there.
    pub(crate) access: &'a dyn Fn() -> Access,
    /// Whether it talks to a device, for which it needs keys.
    pub(crate) talks: bool,
    /// Whether it opens a card reader more than once.
    pub(crate) reopens: bool,
}

/// Opens what only root may open, gives up root's rights and puts up the fence, unless `--no-sandbox`.
/// Before any thread starts, and before anything is read.
pub(crate) fn enter(wants: &Wants<'_>, global: &Global) -> anyhow::Result<()> {
    if !global.no_sandbox {
        let access = (wants.access)();
        let _ = RIGHTS.set(rights::give_up(&access, wants.reopens)?);
        // Another user's process is one that may be looked into again; inside nothing changes that.
        crate::no_core_dumps();
        let access = if wants.talks {
            // Inside, no folder is taken from others' eyes. If it cannot be made, whoever needs it says so.
            let _ = Keys::make_folder();
            (wants.access)()
        } else {
            access
        };
        *fence() = Some((policy::enter(&access), access));
    }
    say(global);
    Ok(())
}

/// The devices are connected: from now on none can be opened, and nothing else connected. Before the
/// threads that read cards start, since not every kernel narrows what other threads may open.
pub(crate) fn connected(global: &Global) {
    narrow(Access::connected, global);
}

/// The devices are not talked to any more, and cards are read: from now on nothing is written either.
pub(crate) fn reading(global: &Global) {
    narrow(Access::reading, global);
}

fn narrow(less: fn(&Access) -> Access, global: &Global) {
    let mut fence = fence();
    let Some((level, access)) = fence.as_mut() else {
        return;
    };
    let less = less(access);
    if less == *access {
        return;
    }
    let before = *level;
    *level = policy::narrow(before, &less);
    *access = less;
    let changed = *level != before;
    drop(fence);
    if changed {
        say(global);
    }
}

fn say(global: &Global) {
    if global.verbose {
        let _ = writeln!(anstream::stderr(), "sandbox: {}", said());
    }
}

fn fence() -> std::sync::MutexGuard<'static, Option<(Level, Access)>> {
    FENCE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far the fence goes, in words.
pub(crate) fn said() -> String {
    let level = level().map_or_else(|| "off".to_owned(), |level| level.to_string());
    match RIGHTS.get().map(String::as_str) {
        None | Some("") => level,
        Some(rights) => format!("{level}; {rights}"),
    }
}

/// How far it goes.
pub(crate) fn level() -> Option<Level> {
    fence().as_ref().map(|(level, _)| *level)
}
