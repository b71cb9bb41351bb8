//! Root's rights, given up.

use rustix::io::Errno;
use rustix::process::{Gid, Uid};
use rustix::process::{Resource, Rlimit, getegid, geteuid, getgid, getuid, setrlimit};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set, set_capabilities,
    set_keep_capabilities, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

/// Who asked root for this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The user's number.
    pub(crate) user: u32,
    /// The number of the user's group.
    pub(crate) group: u32,
}

/// What of root's rights is still needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keep {
    /// Opening for reading whatever the sandbox lets in: devices that go and come back.
    pub(crate) reading: bool,
    /// Writing where root may: for root itself, whose folders may be anywhere.
    pub(crate) writing: bool,
}

/// What became of root's rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Privilege {
    /// There were none.
    Never,
    /// The program runs as its caller, with these kept.
    Caller(Caller, Keep),
    /// Root called the program itself: it stays the owner of its files, and keeps only these rights.
    Owner(Keep),
}

/// Why they were not given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PrivilegeError {
    /// The system refused.
    #[error("root privileges cannot be dropped: {0}")]
    Refused(Errno),
    /// They could be had again.
    #[error("root privileges were dropped and can be regained")]
    Regained,
}

/// Gives up root's rights for good. Before any thread starts, since each has its own.
///
/// Whoever is not root has nothing to give up. With a caller the program becomes that user, without
/// any further group. Root on its own stays user 0, so that it can write to its own folders, and
/// loses what makes root more than a user: its capabilities.
///
/// # Errors
/// If the system refuses, or the rights could be had again: then nothing should be read.
pub(crate) fn give_up(caller: Option<Caller>, keep: Keep) -> Result<Privilege, PrivilegeError> {
    if !geteuid().is_root() {
        return Ok(Privilege::Never);
    }
    // What may be locked in memory is decided while somebody may decide it.
    let unlimited = Rlimit {
        current: None,
        maximum: None,
    };
    let _ = setrlimit(Resource::Memlock, unlimited);
    let mut kept = CapabilitySet::empty();
    kept.set(CapabilitySet::DAC_READ_SEARCH, keep.reading);
    let Some(caller) = caller.filter(|caller| caller.user != 0) else {
        kept.set(CapabilitySet::DAC_OVERRIDE, keep.writing);
        only(kept)?;
        return Ok(Privilege::Owner(keep));
    };
    become_user(caller, kept).map_err(PrivilegeError::Refused)?;
    only(kept)?;
    if is_root_again(caller) {
        return Err(PrivilegeError::Regained);
    }
    Ok(Privilege::Caller(caller, keep))
}

fn become_user(caller: Caller, kept: CapabilitySet) -> Result<(), Errno> {
    set_keep_capabilities(!kept.is_empty())?;
    set_thread_groups(&[])?;
    let group = Some(Gid::from_raw(caller.group));
    set_thread_res_gid(group, group, group)?;
    let user = Some(Uid::from_raw(caller.user));
    set_thread_res_uid(user, user, user)?;
    set_keep_capabilities(false)
}

/// Keeps these capabilities and no other.
fn only(kept: CapabilitySet) -> Result<(), PrivilegeError> {
    let set = || {
        let _ = clear_ambient_capability_set();
        // What was not there cannot be kept.
        let had = capabilities(None)?.permitted;
        let sets = CapabilitySets {
            effective: kept & had,
            permitted: kept & had,
            inheritable: CapabilitySet::empty(),
        };
        set_capabilities(None, sets)?;
        Ok(capabilities(None)? == sets)
    };
    match set() {
        Ok(true) => Ok(()),
        Ok(false) => Err(PrivilegeError::Regained),
        Err(error) => Err(PrivilegeError::Refused(error)),
    }
}

/// Whether anything of root is left or can be had again.
fn is_root_again(caller: Caller) -> bool {
    let root = Some(Uid::ROOT);
    let again =
        set_thread_res_uid(root, root, root).is_ok() || set_thread_groups(&[Gid::ROOT]).is_ok();
    let ids = [getuid(), geteuid()].map(Uid::as_raw);
    let groups = [getgid(), getegid()].map(Gid::as_raw);
    again || ids != [caller.user; 2] || groups != [caller.group; 2]
}
