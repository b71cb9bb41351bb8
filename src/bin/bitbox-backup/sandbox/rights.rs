//! Root's rights, which card readers often need to be opened and nothing else does.

use std::path::Path;

use anyhow::bail;
use bitbox_backup::image;
use rustix::io::Errno;
use rustix::process::{Gid, Resource, Rlimit, Uid, getegid, geteuid, getgid, getuid, setrlimit};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, clear_ambient_capability_set, set_capabilities,
    set_keep_capabilities, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

use super::policy::Access;

/// Who asked root for this program, by number.
#[derive(Clone, Copy)]
struct Caller {
    user: u32,
    group: u32,
}

/// Opens the devices among the sources and gives up what root may do more than its caller, for good; says what
/// became of it. Before any thread starts, since each has its own rights. With `returns` a reader is opened more
/// than once.
///
/// Whoever is not root has nothing to give up. With a caller the program becomes that user, without any further
/// group. Root on its own stays user 0, so that it can write to its own folders, which may be anywhere, and loses
/// what makes root more than a user: its capabilities.
///
/// # Errors
/// If the system refuses, or the rights could be had again: then nothing should be read.
pub(super) fn give_up(access: &Access, returns: bool) -> anyhow::Result<String> {
    if !geteuid().is_root() {
        return Ok(String::new());
    }
    // The node of a reader goes with its card, and the next one must be opened too.
    if !returns {
        // Files are opened as the caller. What cannot be opened is said where it is to be read.
        for path in access.reads() {
            let _ = image::hold(path);
        }
    }
    // What may be locked in memory is decided while somebody may decide it.
    let unlimited = Rlimit {
        current: None,
        maximum: None,
    };
    let _ = setrlimit(Resource::Memlock, unlimited);
    let caller = caller();
    let mut kept = CapabilitySet::empty();
    kept.set(CapabilitySet::DAC_READ_SEARCH, caller.is_none() || returns);
    kept.set(
        CapabilitySet::DAC_OVERRIDE,
        caller.is_none() && access.writes(),
    );
    let gone = match caller {
        Some(caller) => become_user(caller, kept),
        None => only(kept),
    };
    const INSTEAD: &str = "run the program as yourself, or say --no-sandbox";
    match gone {
        Ok(true) => {}
        Ok(false) => bail!("root privileges were dropped and can be regained\n{INSTEAD}"),
        Err(error) => bail!("root privileges cannot be dropped: {error}\n{INSTEAD}"),
    }
    Ok(match caller {
        Some(caller) if returns => format!("user {}, may open any reader", caller.user),
        Some(caller) => format!("user {}", caller.user),
        None if access.writes() => "root, with no privilege but to read and write files".to_owned(),
        None => "root, with no privilege but to read files".to_owned(),
    })
}

/// Becomes a user, with these capabilities kept; whether nothing of root is left, nor can be had again.
fn become_user(caller: Caller, kept: CapabilitySet) -> Result<bool, Errno> {
    set_keep_capabilities(!kept.is_empty())?;
    set_thread_groups(&[])?;
    let group = Some(Gid::from_raw(caller.group));
    set_thread_res_gid(group, group, group)?;
    let user = Some(Uid::from_raw(caller.user));
    set_thread_res_uid(user, user, user)?;
    set_keep_capabilities(false)?;
    if !only(kept)? {
        return Ok(false);
    }
    let root = Some(Uid::ROOT);
    let again =
        set_thread_res_uid(root, root, root).is_ok() || set_thread_groups(&[Gid::ROOT]).is_ok();
    let users = [getuid(), geteuid()].map(Uid::as_raw);
    let groups = [getgid(), getegid()].map(Gid::as_raw);
    Ok(!again && users == [caller.user; 2] && groups == [caller.group; 2])
}

/// Keeps these capabilities and no other; whether that is so.
fn only(kept: CapabilitySet) -> Result<bool, Errno> {
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
}

/// Who asked sudo or pkexec for this program, unless that is root.
fn caller() -> Option<Caller> {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
    if let (Some(user), Some(group)) = (number("SUDO_UID"), number("SUDO_GID")) {
        return Some(Caller { user, group }).filter(|caller| caller.user != 0);
    }
    let user = number("PKEXEC_UID").filter(|user| *user != 0)?;
    // pkexec says no group: the user's own, or none that is known.
    const NOGROUP: u32 = 65_534;
    let group = group_of(user, Path::new("/etc/passwd")).unwrap_or(NOGROUP);
    Some(Caller { user, group })
}

/// The group of a user: `name:password:user:group:…` a line.
fn group_of(user: u32, passwd: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(passwd).ok()?;
    text.lines().find_map(|line| {
        let mut fields = line.split(':').skip(2);
        let found = fields.next()?.parse::<u32>().ok()?;
        let group = fields.next()?.parse().ok()?;
        (found == user).then_some(group)
    })
}
